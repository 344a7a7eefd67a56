"""Everything derived from the entries, made anew.

``rebuild`` fills a fresh store from another's entries; ``rebuild_folder`` puts the fresh one in the
place of a folder's ``ledger.db``. The entries must be sound: what does not replay is not rebuilt.
"""

import shutil
from contextlib import closing
from pathlib import Path

from ledger import b64, note
from ledger.audit import Progress
from ledger.audit.derivation import Derivation, uncollected
from ledger.audit.difference import Difference
from ledger.durable import sync_folder
from ledger.errors import Malformed, StorageError
from ledger.rooting import Rooting, stated
from ledger.store import Group, Store
from ledger.store.sqlite import FILE, SqliteStore

NEW = "ledger.audit.rebuild"  # the fresh store's folder, inside the ledger's
LOG = "-wal"  # SQLite's write-ahead log: there while anyone has the file open


def rebuild(
    store: Store, fresh: Store, progress: Progress = lambda done, size: None, entries: int | None = None
) -> Difference | None:
    """Replay ``store``'s entries into ``fresh``, which must be empty, and keep the checkpoint there too.
    ``entries``: how many there are, where the head does not tell.
    Returns why the replay ended, if it did; ``fresh`` is then of no use."""
    assert fresh.head().size == 0, "the fresh store holds something"
    kept = store.checkpoint()
    size = _size(kept)
    with uncollected(), closing(Derivation(store, (size - 1, size), entries)) as derivation:
        for group in derivation.groups():
            _commit(fresh, group)
            if kept is not None and group.head.size == size:
                _publish(fresh, kept, size)
            progress(group.head.size, derivation.size)
    return derivation.stopped


def _counted(store: SqliteStore) -> tuple[int, int]:
    """How many entries the head tells of, and how many there may be: the head is derived, as all else, so
    what lies behind its end may have been admitted all the same."""
    there = store.count()
    try:
        told = store.head().size
    except StorageError as fault:
        if fault.code != "store.corrupt":
            raise
        told = there
    return told, max(told, there)


def _commit(fresh: Store, group: Group) -> None:
    with fresh.writing() as writing:
        writing.commit(group)


def _size(checkpoint: str | None) -> int:
    """The size of the old store's checkpoint; 0 for one that cannot be read."""
    try:
        return note.checkpoint_of(checkpoint).size if checkpoint is not None else 0
    except Malformed:
        return 0


def _publish(fresh: Store, text: str, size: int) -> None:
    """Keep the old store's checkpoint, now that all entries are there that it covers, with the map that its
    last one states, if it states one, and rightly."""
    event = stated(fresh, fresh.head())
    maker = Rooting(fresh)
    maker.fold()
    root = maker.root(size - 1) if event is not None else None
    if (
        event is not None
        and root is not None
        and (event.depth, event.root) == (root.depth, b64.encode_std(root.root))
    ):
        maker.keep(text, size)
    else:
        fresh.publish(text, size)


def rebuild_folder(folder: Path, progress: Progress = lambda done, size: None) -> Difference | None:
    """Rebuild the ledger in this folder. Stop the service first: ``StorageError("store.busy")`` if
    another process has the ledger open. Cut short at any moment, it leaves the ledger as it was or
    rebuilt, never between. Returns why it could not be done."""
    new = folder / NEW
    store = SqliteStore(folder)
    try:
        with store.writing():
            told, there = _counted(store)
            stopped = _into(new, store, progress, there)
            if stopped is not None and stopped.index is not None and stopped.index >= told:
                # Behind the head's end, and it does not follow from what is before it: nobody admitted it.
                stopped = _into(new, store, progress, stopped.index)
    finally:
        store.close()
    if stopped is None:
        # The last to close a file takes its write-ahead log away, so there is nothing left to lose.
        for path in (folder, new):
            if (path / f"{FILE}{LOG}").exists():
                raise StorageError("store.busy", detail=f"{path / FILE} is open in another process")
        (new / FILE).replace(folder / FILE)
        sync_folder(folder)
    shutil.rmtree(new, ignore_errors=True)
    return stopped


def _into(new: Path, store: SqliteStore, progress: Progress, entries: int) -> Difference | None:
    """Rebuild so many of a store's entries in a new folder, whatever was there before."""
    shutil.rmtree(new, ignore_errors=True)
    fresh = SqliteStore(new, create=True)
    try:
        return rebuild(store, fresh, progress, entries)
    finally:
        fresh.close()
