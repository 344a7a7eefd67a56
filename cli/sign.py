"""``oreline sign``: events in, statements out."""

from pathlib import Path
from typing import Any

import click

from cli import files, inputs, options, output
from cli.errors import Refused
from cli.inputs import Input
from cli.slips import slips
from ledger import events, statement, strictjson
from ledger.errors import Malformed, OrelineError, Problem, problem
from ledger.keys import PrivateKey
from ledger.quantity import format_time

MOST = 20  # events of which is told what was filled in


@click.command("sign")
@click.argument("names", metavar="[FILE]...", nargs=-1)
@options.key
@click.option(
    "--fill", is_flag=True, help="Fill in ledger, party and time where they are absent, and say so."
)
@click.option("--ledger-name", metavar="NAME", help="The ledger's name, for --fill away from the ledger.")
@options.ledger
@click.option("-o", "--output", "out", metavar="FILE", help="Write there instead of to standard output.")
@options.as_json
def command(
    names: tuple[str, ...],
    key_file: str | None,
    fill: bool,
    ledger_name: str | None,
    folder: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Sign events with a private key.

    FILE holds one event as a JSON object, one on each line, or a JSON array of them; without FILE, or
    with -, they come from standard input. Each becomes a statement, printed on a line of its own (with
    --json: a JSON array). Nothing is added to an event unless --fill is given, and none is signed if the
    form of any is wrong.

    Choose the id of an event so that the same happening always gets the same one (a ticket's or order's
    number): then to post it twice records it once.
    """
    key = options.private_key(key_file)
    found = inputs.events(names or (files.STDIN,))
    if fill:
        given = _given(key, ledger_name, folder)
        filled = [_filled(event, given) for event in found]
        for _, told in filled[:MOST]:
            if told:
                output.note(told)
        if more := sum(bool(told) for _, told in filled[MOST:]):
            output.note(f"and so in {more:,} more")
        found = [event for event, _ in filled]
    wrong = [(event.place, problem) for event in found for problem in events.errors(event.data)]
    if wrong:
        raise Refused(wrong)
    for told in slips(found, folder):
        output.note(told)
    signed, wrong = _sign(found, key)
    if wrong:
        raise Refused(wrong)
    lines = [strictjson.dumps(signed)] if as_json else [one.encode() for one in signed]
    text = b"".join(line + b"\n" for line in lines)
    if out:
        files.write(Path(out), text)
    else:
        click.echo(text, nl=False)


def _sign(found: list[Input], key: PrivateKey) -> tuple[list[str], list[tuple[str, Problem]]]:
    signed, wrong = [], []
    for event in found:
        try:
            signed.append(statement.sign(event.data, key))
        except Malformed as error:
            wrong.append((event.place, problem(error.code, error.path, error.detail)))
    return signed, wrong


def _given(key: PrivateKey, name: str | None, folder: str | None) -> dict[str, str]:
    """What can be filled in: the ledger's name, the party that the key is registered to, the time."""
    given = {"time": format_time(options.now() // 1000)}
    if name:
        given["ledger"] = name
    elif folder:
        from ledger.register import Key

        with options.reading(options.ledger_folder(folder)) as store:
            charter, mine = Key("charter", "0"), Key("key", key.public.kid)
            known = store.read((charter, mine))
        given["ledger"] = known[charter].value.name
        if mine in known:
            given["party"] = known[mine].value.party
        else:
            output.note("the key is not registered in that ledger, so no party can be filled in")
    else:
        raise OrelineError("command.ledger", detail="--fill needs --ledger or --ledger-name")
    return given


def _filled(found: Input, given: dict[str, str]) -> tuple[Input, str]:
    """The event with what was absent, and what that was; unchanged, octet for octet, where nothing was."""
    try:
        event: Any = strictjson.loads(found.data)
    except Malformed:  # what is wrong with it is said later
        return found, ""
    if not isinstance(event, dict):
        return found, ""
    added = {name: value for name, value in given.items() if name not in event}
    if not added:
        return found, ""
    told = ", ".join(f"{name} {value}" for name, value in added.items())
    return Input(found.place, strictjson.dumps({**added, **event})), f"{found.place}: filled in {told}"
