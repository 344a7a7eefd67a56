"""``oreline restore``: what a ledger lacks, brought back from a copy of its log."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import files, options, output
from cli.collector import settle
from cli.errors import Refused
from cli.trustfile import trust_of
from ledger.errors import EnvironmentFault, GuardError, Malformed, OrelineError, WitnessError, problem
from ledger.evidencefile import file_name
from ledger.quantity import counted

if TYPE_CHECKING:
    from ledger.keys import PrivateKey
    from ledger.restoring import Contradiction, Restoring
    from ledger.tiles import Source
    from ledger.trust import Trust


@click.command("restore")
@click.argument("place", metavar="[LEDGER]", required=False)
@options.ledger
@click.option(
    "--from", "origin", metavar="URL|FOLDER", required=True,
    help="The copy: a served ledger; a folder of `oreline export tiles`, of a ledger, of a witness's mirror.",
)  # fmt: skip
@click.option(
    "--evidence", metavar="DIRECTORY", default=".", help="Write evidence against the operator there."
)
@options.as_json
def command(place: str | None, folder: str | None, origin: str, evidence: str, as_json: bool) -> None:
    """Bring back the entries that LEDGER lacks, from a copy of its log, up to the last checkpoint that was
    signed.

    For a ledger that was restored from a backup older than its guard, or whose folder is lost but for its
    keys. Stop the service first. The copy is not believed: its entries must hash into exactly the
    tree that the guard's checkpoint signs, and each is judged by the rules before it is committed. Cut
    short, it goes on where it was when it is run again. Nothing new is signed.

    Exit code 1 if the copy shows that the log signed what no honest log signs. A file of evidence is written,
    which `oreline evidence` checks for whoever has the trust file.
    """
    path = options.ledger_folder(place or folder)
    settle()
    with _copy(origin) as source:
        restoring = _restoring(path, source)
        try:
            restoring.check()
            restored, size = _restore(path, restoring)
        except OrelineError as wrong:
            from ledger.restoring import Contradiction

            if isinstance(wrong, Contradiction):
                raise _refused(Path(evidence), wrong) from None
            raise
    published = _publish(path) if size == restoring.size else True
    if as_json:
        output.print_json(
            {"ledger": str(path), "entries": size, "restored": restored, "checkpoint": restoring.size}
        )
        return
    back = f"{counted(restored, 'entry', 'entries')} brought back" if restored else "nothing was missing"
    output.say(
        f"{back}: the ledger has {counted(size, 'entry', 'entries')}, and {restoring.size:,} were signed."
    )
    if published:
        output.say(f"To compare everything: oreline audit {path}")


@contextmanager
def _copy(origin: str) -> Iterator["Source"]:
    """The copy that is named."""
    from ledger.exchange import is_url
    from ledger.monitoring.copies import CHECKPOINT, StoreCopy, TileFolder
    from ledger.monitoring.source import HttpSource
    from ledger.store.sqlite import FILE

    if is_url(origin):
        yield HttpSource(origin)
        return
    place = options.ledger_folder(origin)
    if (place / CHECKPOINT).is_file():
        yield TileFolder(place)
        return
    if not (place / FILE).is_file():
        raise EnvironmentFault("restore.missing", origin, "There is neither a ledger nor a static log.")
    with options.reading(place) as store:
        yield StoreCopy(store, origin)


def _restoring(path: Path, source: "Source") -> "Restoring":
    """What is to be restored: by the guard of the ledger that the folder holds or held."""
    from ledger import b64
    from ledger.merkle import leaf_hash
    from ledger.restoring import Restoring, charter_of
    from ledger.store.guard import FileGuard, default_directory
    from ledger.store.sqlite import FILE, SqliteStore

    trust = _trust_file(path)
    charter = trust.charter if trust is not None else None
    if (path / FILE).is_file():
        store = SqliteStore(path)
        try:
            if store.head().size:
                charter = leaf_hash(store.entries_at((0,))[0])
        finally:
            store.close()
    if charter is None:
        charter = charter_of(source)
    directory = default_directory(path)
    kept = FileGuard(directory, b64.encode(charter)).read()
    if kept is None:
        detail = f"{directory} holds no guard of the ledger whose charter is {b64.encode_std(charter)}"
        raise GuardError("guard.missing", detail=detail)
    if trust is None or not _vouches(trust, charter, kept):
        trust = _trust_of_keys(path, charter, kept)
    policy = _policy(path, trust)
    witnesses = (*trust.witnesses, *(policy.witnesses if policy is not None else ()))
    return Restoring(source, kept, trust, tuple(witness.key for witness in witnesses))


def _trust_file(path: Path) -> "Trust | None":
    from ledger.folder import TRUST

    return trust_of(str(path / TRUST)) if (path / TRUST).is_file() else None


def _vouches(trust: "Trust", charter: bytes, kept: str) -> bool:
    from ledger.trust import NONE

    try:
        trust._replace(quorum=NONE).check(kept)
    except Malformed:
        return False
    return trust.charter == charter


def _trust_of_keys(path: Path, charter: bytes, kept: str) -> "Trust":
    """A trust file's content, of the keys in the folder."""
    from ledger import note
    from ledger.folder import KEYS, OPERATOR, SECOND, trust_in
    from ledger.keyfile import load_private

    def keys(passphrase: str | None) -> "list[PrivateKey]":
        places = [path / KEYS / OPERATOR, path / KEYS / SECOND]
        return [load_private(place, passphrase) for place in places if place == places[0] or place.exists()]

    name = note.checkpoint_of(kept).origin
    return trust_in(name, options.with_passphrase(path / KEYS / OPERATOR, keys), charter)


def _policy(path: Path, trust: "Trust") -> "Trust | None":
    """Whom the ledger asks for cosignatures; None where it asks nobody."""
    from ledger import note
    from ledger.folder import WITNESSES
    from ledger.witness.collect import parse_policy

    place = path / WITNESSES
    if not place.is_file():
        return None
    key = next(log.key for log in trust.logs if log.key.type == note.ED25519)
    with files.named(str(place)):
        return parse_policy(files.read_text(str(place)), key)


def _restore(path: Path, restoring: "Restoring") -> tuple[int, int]:
    """How many entries were brought back, and how many there are."""
    from ledger.folder import TRUST
    from ledger.store.sqlite import SqliteStore
    from ledger.witness.collect import Collector

    store = SqliteStore(path, create=True)
    try:
        policy = _policy(path, restoring.trust)
        if (
            policy is not None and store.checkpoint() is None
        ):  # what it gets is published from the first moment
            restoring.note = Collector(policy, options.now).collect(restoring.note, restoring.prove)
        with output.Progress("bringing back entries") as progress:
            restored = restoring.into(store, progress)
        size = store.head().size
    finally:
        store.close()
    if not (path / TRUST).exists():
        files.write(path / TRUST, restoring.trust.format().encode())
    return restored, size


def _publish(path: Path) -> bool:
    """Publish the checkpoint that the guard keeps as the ledger does, with its quorum; whether it is."""
    with options.writing(path) as ledger:
        try:
            ledger.publish()
        except WitnessError as fault:
            output.note(f"brought back, and not published yet: {fault}")
            return False
    return True


def _refused(place: Path, found: "Contradiction") -> Refused:
    """The answer to what no honest log signs; its evidence is kept."""
    detail = found.detail
    if found.data is not None:
        path = place / file_name(found.kind, found.data)
        files.write(path, found.data)
        detail += f" Evidence: {path}"
    return Refused([("", problem(found.code, "$", detail))])
