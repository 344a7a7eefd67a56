"""``oreline history``: all entries about a lot, or of a party's month, and the proof of it."""

import re
from pathlib import Path

import click

from cli import files, options, output
from ledger.quantity import counted, format_instant


def calendar_month(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """As the register names months: ``2026-03``."""
    if given is not None and not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", given, re.ASCII):
        raise click.BadParameter("a month is written 2026-03", context, parameter)
    return given


@click.command("history")
@click.argument("lot", required=False)
@options.ledger
@click.option("--party", metavar="ID", help="Instead of a lot: what this party posted…")
@click.option(
    "--month",
    metavar="YYYY-MM",
    callback=calendar_month,
    help="…for this month, by the events' own time.",
)
@click.option("--proof", "out", metavar="FILE", help="Write the proof that nothing is left out there.")
@options.as_json
def command(
    lot: str | None, folder: str | None, party: str | None, month: str | None, out: str | None, as_json: bool
) -> None:
    """Show all entries about LOT from its birth on, as of the last checkpoint. LOT is a lot's id, or the
    number stamped on it.

    The register chains them, so the file that --proof writes shows offline that none is left out:
    `oreline verify FILE --trust TRUST_FILE` checks it.
    """
    from ledger import history

    if bool(lot) == bool(party) or bool(party) != bool(month):
        raise click.UsageError("Name a lot, or --party and --month.")
    with options.reading(options.ledger_folder(folder)) as store:
        about = options.lot_of(store, lot) if lot else ""
        subject = history.Subject(lot=about) if lot else history.Subject(party=party or "", month=month or "")
        pieces = history.entries_of(store, subject, store.map().size)
        data = history.build(store, subject) if out else b""
    if out:
        files.write(Path(out), data)
    rows = [
        {
            "entry": piece.index,
            "received": format_instant(piece.entry.received),
            "type": piece.event.type,
            "party": piece.event.party,
            "id": piece.event.id,
        }
        for piece in pieces
        if piece.event is not None
    ]
    if as_json:
        output.print_json({"subject": subject.text, "entries": rows} | ({"file": out} if out else {}))
        return
    heads = ("entry", "received", "type", "party", "id")
    output.say(output.table(heads, [[row[head] for head in heads] for row in rows], right=(0,)))
    output.say(
        output.paragraph(f"{counted(len(rows), 'entry', 'entries')} about {subject.text}, and no others.")
    )
    if out:
        output.say(f"{out}: {len(data):,} bytes\ncheck it: oreline verify {out} --trust TRUST_FILE")
