"""``oreline evidence``: what an evidence file shows, offline; and who named a document."""

import mimetypes
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import click

from cli import files, options, output
from cli.errors import DOES_NOT_HOLD, Refused
from cli.trustfile import trust_of
from ledger import evidencefile
from ledger.check import stretch
from ledger.check.stretch import Stretch
from ledger.errors import Malformed, OrelineError, problem

if TYPE_CHECKING:
    from ledger.claiming.papers import Named

HEADINGS = {evidencefile.FORK: "A FORK", stretch.KIND: "AN ENTRY THAT CANNOT STAND"}

REPLAYED = 6  # the check by which an entry of a proof is known to be one of the ledger, and admitted


class WithDefault(click.Group):
    """A group in which ``show`` is what is meant where no command of it is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, the default command put in."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("evidence", cls=WithDefault)
def command() -> None:
    """Check a file of evidence against a ledger's operator, or find out who named a document.

    `oreline evidence FILE --trust TRUST_FILE` means `oreline evidence show`.
    """


@command.command("show")
@click.argument("name", metavar="FILE")
@options.trust
@options.as_json
def show(name: str, trust_file: str, as_json: bool) -> None:
    """Check a file of evidence against a ledger's operator, offline.

    `oreline monitor` writes such a file when a log contradicts itself, a witness that replays also when an
    entry cannot stand. Whoever has the trust file can check it: it rests on the log's own signatures, and
    on nobody's word.

    Exit code 0: it shows what it claims; 1: it does not; 2: it could not be read.
    """
    trust = trust_of(trust_file)
    data = files.read(name, stretch.MAX_BYTES + 1)
    if not data.startswith(b"{"):
        said = "this is no evidence file; `oreline evidence check` tells who named a document"
        raise OrelineError("command.content", name, said)
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


@command.command("check", short_help="Find out who named a document, and when.")
@click.argument("name", metavar="FILE")
@options.ledger
@click.option("--proof", "proofs", metavar="FILE", multiple=True, help="Instead of a ledger: a proof file.")
@click.option("--trust", "trust_file", metavar="FILE", help="With --proof: what you trust, the trust file.")
@options.as_json
@click.pass_context
def check(
    context: click.Context,
    name: str,
    folder: str | None,
    proofs: tuple[str, ...],
    trust_file: str | None,
    as_json: bool,
) -> None:
    """Find out who named the document in FILE, such as a certificate, and when.

    Its SHA-256, its size and its kind are compared with the evidence of all attestations and sources, or of
    those in proof files.

    Exit code 0: it is named as it is; 1: nobody named it, or they named it with another size or kind;
    2: it could not be checked.
    """
    data = files.read(name)
    digest = sha256(data).hexdigest()
    if proofs:
        found = _in_proofs(proofs, trust_file, digest)
    else:
        from ledger.claiming import papers

        with options.reading(options.ledger_folder(folder)) as store:
            found = papers.named(store, digest)
    kind = mimetypes.guess_type(name)[0] or ""
    rows = [(one, differs(one, len(data), kind)) for one in found]
    if as_json:
        named = [one.as_json() | {"differs": list(why)} for one, why in rows]
        output.print_json({"file": name, "sha256": digest, "size": len(data), "named": named})
    else:
        output.say(f"{name}: {len(data):,} bytes\nSHA-256 {digest}")
        for one, why in rows:
            output.say()
            output.say(output.fields(_shown(one, why)))
        if not rows:
            where = "no proof given here" if proofs else "no attestation and no source of the ledger"
            output.say(f"{where} names it".capitalize() + ".")
    if not any(not why for _, why in rows):
        context.exit(DOES_NOT_HOLD)


def _shown(one: "Named", why: Sequence[str]) -> dict[str, object]:
    document = one.document
    size = f"{document.size:,} bytes" if document.size is not None else ""
    members: dict[str, object] = {
        "named by": one.party,
        "in": f"{one.type} {one.id}, entry {one.index}",
        "about": one.about,
        "time": one.time,
        "received": one.received,
        "as": ", ".join(filter(None, (document.name, document.media_type, size))),
        "differs": list(why),
    }
    return {name: value for name, value in members.items() if value}


def differs(one: "Named", size: int, kind: str) -> tuple[str, ...]:
    """In what a document of this size (octets) and kind is not as it was named."""
    stated = one.document
    found = []
    if stated.size is not None and stated.size != size:
        found.append(f"its size is stated as {stated.size:,} bytes")
    if stated.media_type and kind and stated.media_type.partition(";")[0].strip() != kind:
        found.append(f"its kind is stated as {stated.media_type}; by its name it is {kind}")
    return tuple(found)


def _in_proofs(names: Sequence[str], trust_file: str | None, digest: str) -> "list[Named]":
    """As the judged entries of proofs name it, which must not be found wrong."""
    from ledger import prooffile, verify
    from ledger.check import evidence as pieces
    from ledger.check.report import FAIL
    from ledger.claiming.papers import naming

    if not trust_file:
        raise click.UsageError("--proof goes with --trust.")
    trust = trust_of(trust_file)
    found: dict[int, list[Named]] = {}
    for name in names:
        data = files.read_proof(name)
        report = verify.check([data], trust)
        (checked,) = report.proofs
        wrong = [one for one in checked.findings if one.verdict == FAIL and one.check <= REPLAYED]
        if wrong or checked.checkpoint is None:
            raise Refused([(name, problem(one.code, "$", one.sentence)) for one in wrong])
        proof = prooffile.decode(data)
        read = [pieces.read(one) for one in prooffile.entries_of(proof, checked.checkpoint.size)]
        judged = pieces.judged(read, [proof.subject])
        for piece in read:
            if piece.event is not None and piece.index in judged:
                named = naming(piece.index, piece.entry.received, piece.event, digest)
                found.setdefault(piece.index, list(named))
    return [one for index in sorted(found) for one in found[index]]
