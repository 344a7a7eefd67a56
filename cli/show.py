"""``oreline show``: one thing of the ledger, as it was recorded and as it is now."""

from collections.abc import Callable
from typing import Any

import click

from cli import options, output, views
from ledger.errors import Malformed
from ledger.quantity import parse_whole
from ledger.store import Store

FORMS = """\b
  lot ID                   or the number stamped on it
  party ID                 with its keys and sites
  site ID                  with its stock and mass-balance accounts
  event PARTY ID
  entry N                  the event in entry N, as reports cite it
  catalogue                materials, processes, marks
  attestations [SUBJECT]
  ID                       whichever of these has the id
  TEXT                     a search: serial number, name, beginning of an id
"""


@click.command("show")
@click.argument("what", nargs=-1, required=True)
@options.ledger
@options.as_json
@click.pass_context
def command(context: click.Context, what: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    with options.reading(options.ledger_folder(folder)) as store:
        value, text = _answer(store, what, context)
        if as_json:
            output.print_json(value)
        else:
            output.say(text())


command.help = f"Show one thing of the ledger. WHAT is one of:\n\n{FORMS}"

Answer = tuple[Any, Callable[[], str]]


def _answer(store: Store, what: tuple[str, ...], context: click.Context) -> Answer:
    """The JSON value, and the text, of what is asked for."""
    match what:
        case ["lot", id]:
            return _there(views.lot(store, options.lot_of(store, id)), f"lot {id}")
        case ["party", id]:
            return _there(views.party(store, id), f"party {id}")
        case ["site", id]:
            return _there(views.site(store, id), f"site {id}")
        case ["event", party, id]:
            return _there(views.event(store, party, id), f"event {id} of {party}")
        case ["entry", number]:
            try:
                index = parse_whole(number)
            except ValueError as wrong:
                raise click.UsageError(f"{wrong}.", context) from None
            return _there(views.entry(store, index), f"entry {number}")
        case ["catalogue"]:
            return views.catalogue(store)
        case ["attestations"]:
            return views.attestations(store, None)
        case ["attestations", *subject] if len(subject) <= 2:
            return views.attestations(store, " ".join(subject))
        case [party, id] if ":" in party and ":" in id:
            return _there(views.event(store, party, id), f"event {id} of {party}")
        case ["event", _]:
            raise click.UsageError("Name the event's party before its id: event PARTY ID", context)
        case [text] if text not in ("lot", "party", "site", "event", "entry"):
            return _whichever(store, text)
        case _:
            raise click.UsageError("Say what to show, and its id.", context)


def _whichever(store: Store, text: str) -> Answer:
    """What has this id; else what a search finds, shown at once if it is one thing."""
    for find in (views.lot, views.party, views.site):
        found = find(store, text)
        if found is not None:
            return found
    hits = views.search(store, text)
    things = {(hit.kind, hit.id) for hit in hits}
    if len(things) == 1:
        ((kind, id),) = things
        parts = id.split(" ") if kind == "event" else [id]
        found = views.event(store, *parts) if kind == "event" else getattr(views, kind)(store, id)
        assert found is not None
        return found
    if not hits:
        raise Malformed("request.absent", detail=f"no id, mark or name in the ledger begins with {text}")
    return views.hits(hits)


def _there(found: Answer | None, what: str) -> Answer:
    if found is None:
        raise Malformed("request.absent", detail=f"the ledger has no {what}")
    return found
