"""``oreline verify``: the numbered checks on proof files. Opens no ledger and no connection."""

import re
from pathlib import Path

import click

from cli import files, options, output
from cli.trustfile import trust_of
from ledger import note, prooffile
from ledger.check.report import FAIL, Report
from ledger.check.text import as_text

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_ANCHOR = range(1, 5)  # the checks that tell whether a checkpoint can be remembered


def duration(context: click.Context, parameter: click.Parameter, given: str | None) -> int | None:
    """Seconds: ``90s``, ``15m``, ``12h``, ``30d``, ``4w``."""
    if given is None:
        return None
    match = re.fullmatch(r"([0-9]{1,9})([smhdw])", given)
    if not match:
        raise click.BadParameter("a duration is written 90s, 15m, 12h, 30d or 4w", context, parameter)
    return int(match.group(1)) * _UNITS[match.group(2)]


def interval(context: click.Context, parameter: click.Parameter, given: str | None) -> int | None:
    """Seconds between two looks at another machine: never none, for that would be all the time."""
    found = duration(context, parameter, given)
    if found == 0:
        raise click.BadParameter("between two looks lies at least 1s", context, parameter)
    return found


@click.command("verify")
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--trust", "trust_file", metavar="FILE", required=True,
    help="What you trust: the trust file, from the registrar and not from whoever gave you the proof.",
)  # fmt: skip
@click.option(
    "--seen", metavar="FILE", multiple=True, help="A checkpoint that you got earlier, to be compared."
)
@click.option(
    "--remember",
    metavar="FILE",
    help="Compare with the checkpoint kept there, if there is one, and keep the newest.",
)
@click.option("--max-age", metavar="DURATION", callback=duration, help="Refuse older proofs: 12h, 30d, 4w.")
@click.option(
    "--accept-root",
    is_flag=True,
    help="Take the register's root for what a proof with a horizon does not replay.",
)
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    trust_file: str,
    seen: tuple[str, ...],
    remember: str | None,
    max_age: int | None,
    accept_root: bool,
    as_json: bool,
) -> None:
    """Check proof files, offline: no ledger and no network is asked.

    Prints the report of the nine numbered checks. Several files are checked each alone and then side by
    side: two proofs that draw on the same metal betray each other.

    Exit code 0: it holds; 1: it does not hold; 2: evidence is missing, or it could not be checked.
    """
    from ledger.verify import check

    trust = trust_of(trust_file)
    proofs = [files.read_proof(name) for name in names]
    earlier = [files.read_checkpoint(name) for name in seen]
    kept = files.read_checkpoint(remember) if remember and Path(remember).exists() else None
    if kept is not None:
        earlier.append(kept)
    now = options.now() // 1000 if max_age is not None else None
    report = check(proofs, trust, seen=earlier, now=now, max_age=max_age, accept_root=accept_root)
    if as_json:
        found = report.as_json()
        named = zip(names, found["proofs"], strict=True)
        output.print_json(found | {"proofs": [{"file": name, **proof} for name, proof in named]})
    else:
        output.say(as_text(report, output.width(), [files.shown(name) for name in names]).rstrip("\n"))
    if remember:
        _remember(Path(remember), kept, proofs, report)
    context.exit(report.exit_code)


def _remember(path: Path, kept: str | None, proofs: list[bytes], report: Report) -> None:
    """Keep the newest checkpoint whose proof is anchored in the log, if it is newer than the one kept."""
    newest = note.checkpoint_of(kept).size if kept else -1
    text = None
    for data, checked in zip(proofs, report.proofs, strict=True):
        anchored = all(checked.verdict(check) == "pass" for check in _ANCHOR)
        if anchored and checked.checkpoint is not None and checked.checkpoint.size > newest:
            newest, text = checked.checkpoint.size, prooffile.decode(data).checkpoint
    if text is not None and not any(found.verdict == FAIL for found in report.together):
        files.write(path, text.encode())
