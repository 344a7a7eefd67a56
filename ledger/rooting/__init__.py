"""The maker of roots: the register's map, kept up with the ledger.

It folds the records that changed since the map was kept. Nothing of it is kept before the checkpoint that
states the root is published; if another process has kept a newer map meanwhile, it starts from that.

While others write, ``fold`` takes in what it can: a record may be of any later moment, since whatever
changes afterwards is folded again. ``root`` is exact, as nobody may write then. What a register event at
the end wrote, its own record, is left to the next turn: the map that it states is without it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from hashlib import sha256
from typing import Protocol

from ledger import b64, events
from ledger.errors import Malformed, StorageError
from ledger.events import Register
from ledger.merkle import leaf_hash, node_hash
from ledger.register import Key, at_of
from ledger.registermap import key_hash
from ledger.rooting.growing import Growing, Overtaken, Root
from ledger.rooting.tree import IsKept
from ledger.store import Head, MapHead, Store

__all__ = ["Maker", "Root", "Rooting", "charter_of", "is_of_kept", "kept_root", "stated", "written"]

AT_ONCE = 20_000  # records folded at a time
LOST = "What has changed since the register's map was kept is not all there: see `oreline audit --rebuild`."
ATTEMPTS = 5  # other processes may keep a newer map in between
Turn = Callable[[], AbstractContextManager[None]]  # within it nobody else of this process writes


def stated(store: Store, head: Head) -> Register | None:
    """The register event that the ledger ends with, if it does."""
    return _register(store, head.size - 1) if head.size else None


def charter_of(store: Store) -> bytes:
    """Entry 0's leaf hash."""
    return leaf_hash(store.entries_at((0,))[0])


def kept_root(store: Store, kept: MapHead) -> bytes | None:
    """What the ledger states of the map that is kept; None where none is. ``StorageError("store.corrupt")``
    if it states nothing of such a map: who would go on from it would state what is not so."""
    if not kept.size:
        return None
    event = _register(store, kept.size) if kept.size < store.head().size else None
    if event is None or event.depth != kept.depth:
        raise StorageError("store.corrupt", detail="The register's map is none that an entry states.")
    return b64.decode_std(event.root)


def is_of_kept(store: Store, kept: MapHead) -> IsKept | None:
    """Tells of a tree's root whether it is the kept map's, by what the ledger states; see ``kept_root``."""
    root = kept_root(store, kept)
    if root is None:
        return None
    charter = charter_of(store)
    return lambda tree_root: node_hash(charter, tree_root) == root


def _register(store: Store, index: int) -> Register | None:
    """The register event at an index, if there is one."""
    data = store.entries_at((index,))[index]
    try:
        event = events.in_entry(data)
    except Malformed as wrong:
        raise StorageError("store.corrupt", wrong.path, wrong.detail) from wrong
    return event if isinstance(event, Register) else None


def written(store: Store, start: int, stop: int) -> Iterator[tuple[Key, bytes]]:
    """The records that entries start … stop-1 have written, and some of earlier ones, in their byte form, as
    far as no later entry has written them again. Each of those entries wrote the record of its event, which
    nobody writes again: ``StorageError("store.corrupt")`` at the end if they are not all there."""
    missing = stop - start
    for key, record in store.changes(start)[1]:
        at = at_of(record)
        if at < stop:
            missing -= key.kind == "event" and at >= start
            yield key, record
    if missing:
        raise StorageError("store.corrupt", detail=LOST)


class Maker(Protocol):
    """What a publisher asks of it. For one thread at a time."""

    def fold(self) -> int:
        """Fold what is new, while others may write; how many entries have come since."""
        ...

    def root(self, size: int) -> Root | None:
        """The root of the register as entries 0 … size-1 leave it. Nobody may write meanwhile, and the
        ledger has ``size`` entries, or behind them one register event. None: the map must become deeper
        first, which ``fold`` sees to."""
        ...

    def keep(self, checkpoint: str, size: int) -> bool:
        """Publish the checkpoint of ``size`` entries, with the map that ``root`` told last, of one less.
        False: another process has kept a map in between, and nothing is published."""
        ...

    def tidy(self) -> None:
        """Delete what a deeper map has replaced, in short steps; to be asked when nothing waits."""
        ...

    def close(self) -> None:
        """Give everything back but the store."""
        ...


class Rooting:
    """A ``Maker`` in this thread. ``turn``: it writes in the store within such a block only."""

    def __init__(self, store: Store, turn: Turn = nullcontext) -> None:
        self._store = store
        self._turn = turn
        self._load()

    def _load(self) -> None:
        """Go on from the kept map."""
        self._whole = True
        self._base = self._store.map()
        is_kept = is_of_kept(self._store, self._base)
        self._map = Growing(_Rows(self._store, self._turn), self._base, is_kept)
        self._done = self._base.size  # what earlier entries wrote is folded

    def fold(self) -> int:
        """See ``Maker``."""
        head = self._store.head()
        stop = head.size if stated(self._store, head) is None else head.size - 1
        self._attempt(lambda: self._fold(max(stop, self._done), writing=True))
        return self._store.head().size - head.size

    def root(self, size: int) -> Root | None:
        """See ``Maker``."""
        self._attempt(lambda: self._fold(size, writing=False))
        return self._map.root(charter_of(self._store))

    def keep(self, checkpoint: str, size: int) -> bool:
        """See ``Maker``."""
        assert self._done == size - 1, (self._done, size)
        with self._turn():
            kept = self._store.publish(checkpoint, size, self._map.change(size - 1))
        base = self._store.map()
        if kept and base.size == size - 1:
            self._base = base
            self._map.kept(base)
        else:
            self._load()
        return kept

    def tidy(self) -> None:
        """See ``Maker``."""
        more = True
        while more:
            with self._turn():
                more = self._store.tidy()

    def close(self) -> None:
        """See ``Maker``."""

    def _attempt(self, fold: Callable[[], None]) -> None:
        for _ in range(ATTEMPTS):
            if not self._whole or self._store.map() != self._base:
                self._load()
            self._whole = False  # if it fails half-way
            try:
                with suppress(Overtaken):
                    fold()
                    self._whole = True
                    return
            except StorageError:
                if self._store.map() == self._base:
                    raise  # else it read some of another map, which has been kept meanwhile
        raise StorageError(
            "store.busy", detail="Other processes keep newer maps of the register all the time."
        )

    def _fold(self, stop: int, writing: bool) -> None:
        """Fold what entries before ``stop`` have written."""
        hashes: dict[bytes, bytes] = {}
        for key, record in written(self._store, self._done, stop):
            hashes[key_hash(key)] = sha256(record).digest()
            if len(hashes) >= AT_ONCE:
                self._map.put(hashes)
                self._map.fit(writing)
                hashes = {}
        self._map.put(hashes)
        self._map.fit(writing)
        self._done = stop


class _Rows:
    """The rows of maps in a store; see ``ledger.rooting.growing.Rows``."""

    def __init__(self, store: Store, turn: Turn) -> None:
        self._store = store
        self._turn = turn
        self.buckets = store.buckets
        self.map_tile = store.map_tile

    def new_area(self) -> int:
        with self._turn():
            return self._store.new_area()

    def prepare(
        self, area: int, buckets: Mapping[int, bytes], tiles: Mapping[tuple[int, int], bytes]
    ) -> bool:
        with self._turn():
            return self._store.prepare(area, buckets, tiles)
