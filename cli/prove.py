"""``oreline prove``: the proof file of a lot."""

import sys
from pathlib import Path
from typing import Any

import click

from cli import files, options, output
from ledger.errors import OrelineError
from ledger.quantity import MILLION, counted, parse_ratio


def share(context: click.Context, parameter: click.Parameter, given: str | None) -> int:
    """A share in millionths: ``0.01``, or ``1%`` for the same."""
    if given is None:
        return 0
    text = given.strip()
    try:
        millionths = parse_ratio(text.removesuffix("%").rstrip())
    except OrelineError as error:
        raise click.BadParameter(
            f"a share is written 0.01 or 1%: {error.detail}", context, parameter
        ) from None
    if text.endswith("%"):
        millionths //= 100
    if millionths > MILLION:
        raise click.BadParameter("a share is at most 1", context, parameter)
    return millionths


min_share = click.option(
    "--min-share",
    metavar="SHARE",
    callback=share,
    help="Leave out what lies behind smaller shares of the mass: 0.01, or 1%.",
)


def beyond(context: click.Context, parameter: click.Parameter, given: str | None) -> Any:
    """Where the replay shall stop."""
    from ledger.proof import Horizon

    try:
        return None if given is None else Horizon.parse(given.strip())
    except OrelineError:
        problem = "a horizon is a share (5% or 0.05), a number of births back (4) or a date (2026-03-01)"
        raise click.BadParameter(problem, context, parameter) from None


@click.command("prove")
@click.argument("lot")
@options.ledger
@click.option("-o", "--output", "out", metavar="FILE", help="Write the proof there: NAME.proof.json, say.")
@min_share
@click.option(
    "--horizon",
    metavar="SHARE|DEPTH|DATE",
    callback=beyond,
    help="Rest on the register's root behind smaller shares (0.05, or 5%), that many births (4), or before a "
    "day.",
)
@click.option(
    "--short", is_flag=True, help="Replay nothing: the lot's own records and the root, some kilobytes."
)
@click.option(
    "--seen",
    metavar="FILE",
    multiple=True,
    help="An earlier checkpoint that the proof shall be comparable with.",
)
@options.as_json
def command(
    lot: str,
    folder: str | None,
    out: str | None,
    min_share: int,
    horizon: Any,
    short: bool,
    seen: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make the proof file of LOT from the ledger's last checkpoint.

    LOT is a lot's id, or the number stamped on it. Whoever holds the proof and the ledger's trust file
    checks it offline with `oreline verify`. It goes to standard output unless -o is given (with --json and
    -o: a summary).
    """
    from ledger import proof

    if bool(min_share) + bool(horizon) + short > 1:
        raise click.UsageError("Choose one of --min-share, --horizon and --short.")
    if not out and sys.stdout.isatty():
        raise click.UsageError("A proof is a long file: give -o FILE, or send it on with a pipe.")
    earlier = [files.read_checkpoint(name) for name in seen]
    with options.reading(options.ledger_folder(folder)) as store:
        lot = options.lot_of(store, lot)
        horizon = proof.SHORT if short else horizon
        data = proof.build(store, lot, min_share=min_share, horizon=horizon, seen=earlier)
    if not out:
        click.echo(data, nl=False)
        return
    files.write(Path(out), data)
    from ledger.prooffile import decode

    entries = len(decode(data).entries)
    if as_json:
        output.print_json({"subject": lot, "file": out, "octets": len(data), "entries": entries})
    else:
        output.say(f"{out}: {len(data):,} bytes, {counted(entries, 'entry', 'entries')}")
        output.say(f"check it: oreline verify {out} --trust TRUST_FILE")
