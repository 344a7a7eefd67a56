"""``oreline sample``: which events of a complete list an auditor looks into, so that nobody chooses them.

Each event has a rank, and the least ranks are drawn:

    SHA-256("oreline-sample/1" LF root LF seed LF entry)

``root``: of the history's checkpoint, as its note spells it (base64); ``entry``: the event's index, decimal.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import click

from cli import files, options, output
from cli.trustfile import trust_of
from ledger import b64
from ledger.errors import OrelineError
from ledger.quantity import counted

RULE = "oreline-sample/1"
LONGEST = 200  # characters of a seed


def one_line(context: click.Context, parameter: click.Parameter, given: str) -> str:
    """Text that can be announced and copied."""
    if not given.strip() or len(given) > LONGEST or not given.isprintable():
        raise click.BadParameter(f"a seed has 1 to {LONGEST} characters on one line", context, parameter)
    return given


@click.command("sample")
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--trust", "trust_file", required=True, metavar="FILE", help="What you trust.")
@click.option("--count", type=options.Whole(1), required=True, metavar="N", help="How many to draw.")
@click.option("--seed", required=True, metavar="TEXT", callback=one_line, help="Announced as a hash before.")
@click.option("--site", metavar="ID", help="Only events that happened at this site.")
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    trust_file: str,
    count: int,
    seed: str,
    site: str | None,
    as_json: bool,
) -> None:
    """Draw a sample of the events in history files (`oreline history --proof`), for an audit.

    The files are checked first: nothing is left out of them. Which events are drawn follows from the root
    of their checkpoint and from the seed, so two who draw get the same. Events come in the order in which
    they were drawn: with a greater N the same come first.

    Exit code 0: drawn; 1: a file does not hold; 2: evidence is missing, or it could not be checked.
    """
    from ledger import prooffile
    from ledger.verify import check

    several = [files.read_proof(name) for name in names]
    report = check(several, trust_of(trust_file))
    if report.exit_code:
        output.note(f"the history is not shown to be complete: oreline verify {' '.join(names)}")
        if as_json:
            output.print_json(report.as_json())
        context.exit(report.exit_code)
    proofs = [prooffile.decode(data) for data in several]
    for name, proof in zip(names, proofs, strict=True):
        if proof.format != prooffile.HISTORY:
            raise OrelineError("command.content", name, "this is the proof of a lot, and no complete list")
    rows = sorted(
        (row for proof in proofs for row in _events(proof, seed, site)), key=lambda row: row["rank"]
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:  # once each, where lists overlap
        found.setdefault((row["party"], row["id"]), row)
    drawn = [*found.values()][:count]
    lists = [
        {"subject": proof.subject, "size": one.checkpoint.size, "root": b64.encode_std(one.checkpoint.root)}
        for proof, one in zip(proofs, report.proofs, strict=True)
        if one.checkpoint is not None
    ]
    if as_json:
        output.print_json({"rule": RULE, "seed": seed, "of": len(found), "lists": lists, "events": drawn})
        return
    for one in lists:
        output.say(f"{one['subject']}\n  checkpoint of {one['size']} entries, root {one['root']}")
    output.say(f"\n{len(drawn)} of {counted(len(found), 'event')}, by the seed {seed}\n")
    heads = ("entry", "time", "type", "party", "id")
    output.say(output.table(heads, [[row[head] for head in heads] for row in drawn], right=(0,)))


def _events(proof: Any, seed: str, site: str | None) -> Iterator[dict[str, Any]]:
    """The events of a history with their ranks; the register's own event at its end is none of them."""
    from ledger import events, note, prooffile, statement

    checkpoint = note.checkpoint_of(proof.checkpoint)
    for entry in prooffile.entries_of(proof, checkpoint.size):
        event = events.parse(statement.parse(entry.statement).payload)
        if event.type == "register" or (site and vars(event).get("site") != site):
            continue
        text = "\n".join((RULE, b64.encode_std(checkpoint.root), seed, str(entry.index)))
        yield {
            "entry": entry.index,
            "time": event.time,
            "type": event.type,
            "party": event.party,
            "id": event.id,
            "rank": sha256(text.encode()).hexdigest(),
        }
