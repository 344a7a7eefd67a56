"""``oreline audit``: is a ledger what its entries say, and the one that was signed?"""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import files, options, output
from cli.collector import settle
from cli.errors import tell
from ledger.errors import EnvironmentFault, GuardError, Malformed, Problem, StorageError
from ledger.quantity import counted

if TYPE_CHECKING:
    from ledger.audit import AuditReport
    from ledger.audit.difference import Difference
    from ledger.store import Store
    from ledger.store.guard import FileGuard

SHOWN = 200  # characters of each side of a difference


@click.command("audit")
@click.argument("place", metavar="[LEDGER]", required=False)
@options.ledger
@click.option("--checkpoint", metavar="FILE", help="Compare with this checkpoint, not with the guard's.")
@click.option("--rebuild", is_flag=True, help="First make everything derived anew from the entries.")
@click.option(
    "--adopt-guard",
    is_flag=True,
    help="Where the guard was lost: if all is well, let it begin with the published checkpoint.",
)
@click.option(
    "--evidence", metavar="DIRECTORY", default=".", help="Write evidence against the operator there."
)
@options.as_json
@click.pass_context
def command(
    context: click.Context,
    place: str | None,
    folder: str | None,
    checkpoint: str | None,
    rebuild: bool,
    adopt_guard: bool,
    evidence: str,
    as_json: bool,
) -> None:
    """Replay every entry of a ledger by the rules, and compare everything that the ledger holds.

    Posting waits meanwhile; with --rebuild the service must be stopped. The entries are compared with
    the last signed checkpoint, which this machine's guard remembers; an auditor brings another one
    with --checkpoint.

    A register event that states another root than the entries make is evidence against the operator, who
    signed it. It is written into a file, which `oreline evidence` checks for whoever has the trust file.

    Exit code 1 if anything differs.
    """
    path = options.ledger_folder(place or folder)
    settle()
    if rebuild:
        stopped = _rebuild(path)
        if stopped is not None:
            _tell({"rebuilt": False, "ok": False, "differences": [stopped.as_json()]}, as_json, [stopped])
            context.exit(1)
    with options.opened(path) as store:
        guard = _guard(store, path)
        trusted = files.read_checkpoint(checkpoint) if checkpoint else guard.read()
        report = _audit(store, trusted)
        adopted = adopt_guard and report.ok and _adopt(store, guard)
        accused = any(one.code == "audit.register" for one in report.differences)
        written, unwritten = None, None
        try:
            written = _accuse(store, Path(evidence)) if accused else None
        except EnvironmentFault as fault:
            unwritten = fault  # what was found is told first
    found = {**report.as_json(), "rebuilt": rebuild, "compared": trusted is not None, "adopted": adopted}
    found["evidence"] = str(written) if written else None
    if not as_json and report.ok:
        output.say(
            f"{counted(report.entries, 'entry', 'entries')} replayed, {counted(report.records, 'record')} "
            "compared: nothing differs."
        )
        if trusted is None and not adopted:
            output.note("No checkpoint from outside was at hand, so nothing shows that no end was cut off.")
        if adopted:
            output.say("The guard begins with the published checkpoint.")
    elif not as_json and accused and unwritten is None:
        no = "No file shows it: no checkpoint covers the event, or the file would be too large."
        output.note(f"evidence against the operator: {written}" if written else no)
    _tell(found, as_json, report.differences)
    if unwritten is not None:
        raise unwritten
    context.exit(0 if report.ok else 1)


def _tell(found: object, as_json: bool, differences: Iterable["Difference"]) -> None:
    if as_json:
        output.print_json(found)
    else:
        for one in differences:
            tell([("", Problem(one.code, one.path, one.detail, one.remedy))], as_json=False)
            if one.stored or one.derived:
                output.note(output.fields({"stored": one.stored[:SHOWN], "derived": one.derived[:SHOWN]}))


def _rebuild(path: Path) -> "Difference | None":
    from ledger.audit.rebuild import rebuild_folder

    with output.Progress("rebuilding") as progress:
        return rebuild_folder(path, progress)


def _guard(store: "Store", path: Path) -> "FileGuard":
    """The guard of a ledger on this machine: see ``ledger.folder``."""
    from ledger import b64
    from ledger.merkle import leaf_hash
    from ledger.store.guard import FileGuard, default_directory

    return FileGuard(default_directory(path), b64.encode(leaf_hash(store.entries_at((0,))[0])))


def _audit(store: "Store", trusted: str | None) -> "AuditReport":
    from ledger.audit import audit

    with ExitStack() as held, output.Progress("auditing") as progress:
        try:
            held.enter_context(store.writing())  # nobody adds to what is being compared
        except StorageError as error:
            if error.code != "store.read_only":  # a copy that nobody can write to needs no lock
                raise
        return audit(store, trusted_checkpoint=trusted, progress=progress)


def _accuse(store: "Store", folder: Path) -> Path | None:
    """The evidence file of the first entry that states a wrong root; None where there can be none."""
    import tempfile

    from ledger import note
    from ledger.evidencefile import file_name
    from ledger.store.sqlite import SqliteStore
    from ledger.witness.accusing import accuse

    published = store.checkpoint()
    if published is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        mirror = SqliteStore(place, create=True)
        data = None
        try:
            checkpoint = note.checkpoint_of(published)
            if checkpoint.size <= store.head().size:
                data = accuse(store, mirror, checkpoint, published)
        except Malformed:
            pass  # of a checkpoint that is none the audit tells
        finally:
            mirror.close()
    if data is None:
        return None
    path = folder / file_name("register", data)
    files.write(path, data)
    return path


def _adopt(store: "Store", guard: "FileGuard") -> bool:
    """Let a guard that remembers nothing begin with the published checkpoint."""
    published = store.checkpoint()
    if published is None or guard.read() is not None:
        raise GuardError("guard.moved", detail="the guard remembers a checkpoint already: nothing to adopt")
    guard.compare_and_swap(None, published)
    return True
