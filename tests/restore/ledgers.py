"""A ledger with older copies of itself, and copies of its log of every kind."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from ledger.monitoring.copies import StoreCopy, TileFolder
from ledger.monitoring.source import HttpSource
from ledger.restoring import Restoring
from ledger.store import Store
from ledger.store.guard import MemoryGuard
from ledger.store.sqlite import FILE, SqliteStore
from ledger.tiles import Source
from tests.cli.commands import done
from tests.monitor.histories import grow
from tests.witness.replayer import Replayer, serving
from tests.world import World


class Told:
    """A world's ledger in ``place/ledger``, and copies of its store from earlier."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.world = World(SqliteStore(place / "ledger", create=True))
        self.world.hood()
        self.kept = self.world.publish()

    @property
    def size(self) -> int:
        return self.world.store.head().size

    def go_on(self, *counts: int) -> str:
        """More entries, published after each count; the last checkpoint."""
        for count in counts:
            grow(self.world, count)
            self.kept = self.world.publish()
        return self.kept

    def copy(self, name: str) -> SqliteStore:
        """The store as it is now, in a folder of its own."""
        return copied(self.place / "ledger", self.place / name)

    def restoring(self, source: Source) -> Restoring:
        """Up to the checkpoint that was signed last."""
        return Restoring(source, self.kept, self.world.trust)


def copied(origin: Path, to: Path) -> SqliteStore:
    """A copy of a ledger's store."""
    to.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(origin / FILE)) as one, closing(sqlite3.connect(to / FILE)) as other:
        one.backup(other)
    return SqliteStore(to)


# --- Copies of a log


@contextmanager
def served(told: Told) -> Iterator[Source]:
    """By a real server."""
    with serving(told.world) as proxy:
        yield HttpSource(proxy.url)


@contextmanager
def tiles(told: Told) -> Iterator[Source]:
    """As files."""
    done("export", "tiles", str(told.place / "ledger"), str(told.place / "tiles"))
    yield TileFolder(told.place / "tiles")


@contextmanager
def stored(told: Told) -> Iterator[Source]:
    """In another ledger's folder."""
    with closing(told.copy("stored")) as store:
        yield StoreCopy(store, "stored")


@contextmanager
def mirrored(told: Told) -> Iterator[Source]:
    """By a witness that replays."""
    with ExitStack() as stack:
        proxy = stack.enter_context(serving(told.world))
        witness = Replayer(told.place / "w", proxy.url, told.world.trust)
        stack.callback(witness.close)
        assert witness.look() == ""
        yield StoreCopy(witness.store, "mirror")


KINDS = {"served": served, "tiles": tiles, "stored": stored, "mirrored": mirrored}


def same(one: Store, other: Store) -> bool:
    """The same entries and the same map of the register."""
    size = one.head().size
    return (
        one.head() == other.head()
        and list(one.entries(0, size)) == list(other.entries(0, size))
        and one.map()[:3] == other.map()[:3]
    )


def guard_of(kept: str) -> MemoryGuard:
    """A guard that remembers this checkpoint."""
    guard = MemoryGuard()
    guard.compare_and_swap(None, kept)
    return guard
