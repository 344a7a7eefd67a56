"""``oreline post``: statements in, receipts or every refusal out."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from cli import files, inputs, options, output
from cli.answers import Answer, refusals
from cli.collector import settle
from cli.errors import Terminated, tell
from cli.inputs import Input, text_of
from cli.target import submit, target
from ledger import b64
from ledger.errors import Malformed
from ledger.quantity import MAX_ID, counted

INTERRUPTED = "what was acknowledged is recorded, and more may be; posting the same again is safe"
MOST = 20  # receipts, and refused statements, told one by one


@click.command("post")
@click.argument("names", metavar="[FILE]...", nargs=-1)
@options.ledger
@options.url
@click.option(
    "--proceed",
    is_flag=True,
    help="Record what can be recorded; try the rest again until nothing changes. Otherwise: all or nothing.",
)
@click.option("--dry-run", is_flag=True, help="Judge everything, record nothing.")
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    folder: str | None,
    url: str | None,
    proceed: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Record statements in a ledger.

    FILE holds one statement on each line, or a JSON array of them; without FILE, or with -, they come from
    standard input. A receipt means that the statement is in the ledger, durably. To post the same again
    is always safe: it gets its first receipt again.

    Exit code 1 if any statement is refused.
    """
    if not names and sys.stdin.isatty():
        raise click.UsageError("Give a FILE, or statements on standard input.", context)
    found = inputs.statements(names or (files.STDIN,))
    settle()
    texts = [text_of(one) for one in found]
    try:
        with target(folder, url) as ledger, output.Progress("posting") as progress:
            answer = submit(ledger, texts, proceed=proceed, dry_run=dry_run, progress=progress)
    except (KeyboardInterrupt, Terminated):
        if not dry_run:
            with suppress(OSError):
                output.note(INTERRUPTED)
        raise
    if as_json:
        output.print_json(answer)
    else:
        _report(found, answer, dry_run)
    if answer["refused"]:
        context.exit(1)


def _report(found: Sequence[Input], answer: Answer, dry_run: bool) -> None:
    """What became of each statement: problems to standard error, receipts to standard output."""
    outcomes = answer["outcomes"]
    refused = [n for n, outcome in enumerate(outcomes) if "problems" in (outcome or {})]
    told = refused[:MOST]
    problems = list(refusals({"outcomes": [outcomes[n] for n in told]}, [_place(found[n]) for n in told]))
    tell(problems, as_json=False)
    if refused[MOST:]:
        output.note(f"and {len(refused) - MOST:,} more refused (--json lists all)")
    if problems:
        click.echo(err=True)
    output.say(_summary(answer, dry_run))
    rows = []
    for one, outcome in zip(found, answer["outcomes"], strict=True):
        if outcome is not None and "index" in outcome:
            what = "already there" if outcome["duplicate"] else "recorded"
            event = _event(one)
            rows.append((outcome["index"], what, event["type"], event["id"]))
    if rows:
        output.say(output.table(("entry", "", "type", "id"), rows[:MOST], right=(0,)))
    if len(rows) > MOST:
        output.say(f"and {len(rows) - MOST:,} more (--json lists all)")


def _summary(answer: Answer, dry_run: bool) -> str:
    total = counted(len(answer["outcomes"]), "statement")
    refused, recorded = answer["refused"], answer["recorded"]
    if dry_run:
        verdict = f"{refused:,} would be refused" if refused else "all would be taken"
        return f"dry run of {total}: {verdict}; nothing was recorded"
    if refused and not recorded:
        there = f", {answer['duplicates']:,} already there" if answer["duplicates"] else ""
        return f"{refused:,} of {total} refused{there}; nothing was recorded"
    parts = [f"{recorded:,} recorded"]
    if answer["duplicates"]:
        parts.append(f"{answer['duplicates']:,} already there")
    if refused:
        parts.append(f"{refused:,} refused")
    return f"{total}: {', '.join(parts)}"


def _place(one: Input) -> str:
    """Where a statement stands, and which event it is, as far as it can be read."""
    id = _event(one).get("id")
    return f"{one.place}, {id}" if isinstance(id, str) and len(id) <= MAX_ID else one.place


def _event(one: Input) -> dict[str, Any]:
    """The event in a statement; nothing where it cannot be read, as in many a refused one."""
    import orjson

    try:
        payload = orjson.loads(b64.decode(one.data.split(b".")[1].decode()))
    except (Malformed, ValueError, IndexError):
        return {}
    return payload if isinstance(payload, dict) else {}
