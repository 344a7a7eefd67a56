"""``oreline evidence``: what an evidence file shows, offline."""

import click

from cli import files, options, output
from cli.errors import Refused
from cli.trustfile import trust_of
from ledger import evidencefile
from ledger.check import stretch
from ledger.check.stretch import Stretch
from ledger.errors import Malformed, OrelineError, problem

HEADINGS = {evidencefile.FORK: "A FORK", stretch.KIND: "AN ENTRY THAT CANNOT STAND"}


@click.command("evidence")
@click.argument("name", metavar="FILE")
@click.option("--trust", "trust_file", metavar="FILE", required=True, help="What you trust: the trust file.")
@options.as_json
def command(name: str, trust_file: str, as_json: bool) -> None:
    """Check a file of evidence against a ledger's operator, offline.

    `oreline monitor` writes such a file when a log contradicts itself, a witness that replays also when an
    entry cannot stand. Whoever has the trust file can check it: it rests on the log's own signatures, and
    on nobody's word.

    Exit code 0: it shows what it claims; 1: it does not; 2: it could not be read.
    """
    trust = trust_of(trust_file)
    data = files.read(name, stretch.MAX_BYTES + 1)
    try:
        evidence = stretch.decode(data) if stretch.is_one(data) else evidencefile.decode(data)
    except Malformed as wrong:
        raise OrelineError(wrong.code, name, wrong.detail) from None
    try:
        if isinstance(evidence, Stretch):
            shown = stretch.check(evidence, trust)
        else:
            shown = evidencefile.check(evidence, trust)
    except Malformed as wrong:
        raise Refused([(name, problem(wrong.code, wrong.path, wrong.detail))]) from None
    if as_json:
        output.print_json(shown.as_json())
        return
    output.say(output.paragraph(f"EVIDENCE OF {HEADINGS[shown.kind]}: {shown.sentence}"))
    output.say()
    signed = shown.as_json()["checkpoints"]
    rows = [(row["size"], row["root"], ", ".join(row["witnesses"])) for row in signed]
    output.say(output.table(("entries", "root", "cosigned by"), rows, right=(0,)))
