"""``oreline demo``: the story, told in a folder of one's own."""

import sys
from pathlib import Path

import click

from cli import options, output


@click.command("demo")
@click.argument("directory", default="oreline-demo")
@options.as_json
def command(directory: str, as_json: bool) -> None:
    """Make a ledger in DIRECTORY (oreline-demo unless given), post an invented quarter of aluminium
    trade from bauxite mines to hoods, trace one hood, prove it, and show tampered proofs being caught.

    The folder stays, to be explored with every other command.
    """
    from cli.demo.run import run_demo
    from ledger.store.guard import default_directory

    path = Path(directory)
    run_demo(path, output.say_raw, json=as_json, colour=sys.stdout.isatty(), guard=default_directory(path))
