"""The maker of roots: the register's map, kept up with the ledger.

It folds the records that changed since the map was kept. Nothing of it is stored before the checkpoint
that states the root is published; if another process has kept a newer map meanwhile, it starts from that.

While others write, ``fold`` takes in what it can: a record may be of any later moment, since whatever
changes afterwards is folded again. ``root`` is exact, as nobody may write then. Records that the last
entry wrote are left to the next turn: if it is a register event, it states the map without its own.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Protocol

from ledger.errors import StorageError
from ledger.register import at_of
from ledger.registermap import key_hash
from ledger.rooting.growing import Growing, Overtaken, Root
from ledger.store import Store

__all__ = ["Maker", "Root", "Rooting"]

AT_ONCE = 20_000  # records folded at a time
ATTEMPTS = 5  # other processes may keep a newer map in between


class Maker(Protocol):
    """What a publisher asks of it. For one thread at a time."""

    def fold(self) -> int:
        """Fold what is new, while others may write; how many entries are left."""
        ...

    def root(self, size: int) -> Root:
        """The root of the register as entries 0 … size-1 leave it. Nobody may write meanwhile, and the
        ledger has ``size`` entries, or behind them one register event."""
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
    """A ``Maker`` in this thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._load()

    def _load(self) -> None:
        """Go on from the kept map."""
        self._whole = True
        self._base = self._store.map()
        self._map = Growing(self._store, self._base)
        self._done = self._base.size  # what earlier entries wrote is folded

    def fold(self) -> int:
        """See ``Maker``."""
        stop = max(self._store.head().size - 1, 0)
        self._attempt(lambda: self._fold(max(stop, self._done)))
        return self._store.head().size - stop

    def root(self, size: int) -> Root:
        """See ``Maker``."""
        self._attempt(lambda: self._fold(size))
        return self._map.root()

    def keep(self, checkpoint: str, size: int) -> bool:
        """See ``Maker``."""
        assert self._done == size - 1, (self._done, size)
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
        while self._store.tidy():
            pass

    def close(self) -> None:
        """See ``Maker``."""

    def _attempt(self, fold: Callable[[], None]) -> None:
        for _ in range(ATTEMPTS):
            if not self._whole or self._store.map() != self._base:
                self._load()
            self._whole = False  # if it fails half-way
            with suppress(Overtaken):
                fold()
                self._whole = True
                return
        raise StorageError(
            "store.busy", detail="Other processes keep newer maps of the register all the time."
        )

    def _fold(self, stop: int) -> None:
        """Fold what entries before ``stop`` have written."""
        _, changes = self._store.changes(self._done)
        hashes: dict[bytes, bytes] = {}
        for key, record in changes:
            if at_of(record) < stop:
                hashes[key_hash(key)] = sha256(record).digest()
                if len(hashes) >= AT_ONCE:
                    self._map.put(hashes)
                    hashes = {}
        self._map.put(hashes)
        self._done = stop
