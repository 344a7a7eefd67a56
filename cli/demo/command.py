"""``oreline demo``: the story, told in a folder of one's own."""

import os
import sys
from pathlib import Path

import click

from cli import options, output


@click.command("demo")
@click.option(
    "--dir", "directory", default="oreline-demo", metavar="DIR", show_default=True, help="The folder to make."
)
@click.option("--frauds", is_flag=True, help="Instead, try every known fraud, in memory.")
@options.as_json
@click.pass_context
def command(context: click.Context, directory: str, frauds: bool, as_json: bool) -> None:
    """Make a ledger in a new folder, post an invented quarter of aluminium trade from bauxite mines to
    hoods, trace one hood, prove it, ask a buyer's policy of three, and show tampered proofs being caught.

    The folder stays, to be explored with every other command. With --frauds no folder is made: each fraud
    is tried with and without its fraudulent step; the exit code is 1 if one is not caught.
    """
    if frauds:
        context.exit(_frauds(as_json))
    from cli.demo.run import run_demo
    from ledger.store.guard import default_directory

    path = Path(directory)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"  # no-color.org
    colour = sys.stdout.isatty() and not plain
    run_demo(path, output.say_raw, json=as_json, colour=colour, guard=default_directory(path))


def _frauds(as_json: bool) -> int:
    """Try all frauds and tell of them; the exit code."""
    from cli.demo.frauds import run_frauds
    from cli.demo.frauds.table import lines

    with output.Progress("Frauds tried") as progress:
        outcomes = run_frauds(progress)
    if as_json:
        output.print_json([outcome.as_json() for outcome in outcomes])
    else:
        for line in lines(outcomes):
            output.say(line)
    return 0 if all(outcome.ok for outcome in outcomes) else 1
