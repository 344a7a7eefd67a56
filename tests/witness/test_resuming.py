"""A replay that goes on from its mirror: cut short anywhere, or damaged meanwhile."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.audit import audit
from ledger.errors import StorageError
from ledger.rooting import kept_root
from ledger.store.sqlite import SqliteStore
from ledger.witness.replaying import CONTRADICTED, Fault, Replay
from tests.monitor.histories import grow
from tests.witness.liar import Liar
from tests.witness.lies import overdrawn
from tests.world import World

GROUP = 7


@pytest.fixture
def world() -> World:
    world = World()
    world.hood()
    world.publish()
    for n in (1, 2 * GROUP, 5):
        grow(world, n)
        world.publish()
    return world


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path, create=True)
    yield store
    store.close()


def replay(world: World, mirror: SqliteStore, stop: int | None = None) -> Fault | None:
    """Replay what the mirror lacks, in small groups; at most up to ``stop``."""
    size = world.store.head().size
    mirror.publish(world.store.checkpoint() or "", size)
    stop = stop or size
    starts = range(mirror.head().size, stop, GROUP)
    return Replay(mirror).run((list(world.store.entries(at, min(at + GROUP, stop))) for at in starts), stop)


@pytest.mark.parametrize("behind", [0, 5 * GROUP])
@pytest.mark.parametrize("refused", [False, True])
def test_nothing_is_kept_behind_a_wrong_root(
    world: World, mirror: SqliteStore, behind: int, refused: bool
) -> None:
    """Even where an entry behind it is refused."""
    rooted = world.store.head().size - 1
    grow(world, 3)
    index = Liar(world).state(depth=3)
    grow(world, behind)
    if refused:
        overdrawn(Liar(world))
    Liar(world).publish()
    for _ in range(2):
        found = replay(world, mirror)
        assert found is not None
        assert (found.index, found.code) == (index, CONTRADICTED)
        assert (mirror.head().size, mirror.map().size) == (index, rooted)


class Cut(sqlite3.Connection):
    """A connection to a disk that has room for so many commits."""

    room = 0

    def execute(self, sql: str, *given: object) -> sqlite3.Cursor:
        if sql == "COMMIT":
            Cut.room -= 1
            if Cut.room < 0:
                raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *given)  # type: ignore[arg-type]


def test_cut_short_after_every_commit_it_goes_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteStore, "connection_class", Cut)
    cuts, done = -1, False
    while not done:
        cuts += 1
        Cut.room = 1_000
        store = SqliteStore(tmp_path, create=True)
        kept_root(store, store.map())  # what is kept is what a register event states
        Cut.room = 2  # publishing a checkpoint that is there is a commit too
        try:
            done = replay(world, store) is None
        except StorageError:
            assert not done
        Cut.room = 1_000
        if done:
            assert (store.head(), store.map()[:3]) == (world.store.head(), world.store.map()[:3])
            assert audit(store).ok
        store.close()
    assert cuts > 2 * 4  # at each register event, and at its map


A_RECORD = "UPDATE records SET record = record || ' ' WHERE id = (SELECT max(id) FROM records)"
A_CHANGE = "DELETE FROM changed WHERE at = (SELECT min(at) FROM changed)"


def damaged(store: SqliteStore, sql: str) -> None:
    """Do this to the store's file."""
    connection = sqlite3.connect(store._path)
    with connection:
        assert connection.execute(sql).rowcount == 1
    connection.close()


@pytest.mark.parametrize("damage", [A_RECORD, A_CHANGE], ids=["a record", "a change"])
def test_what_is_damaged_makes_no_map(
    world: World, mirror: SqliteStore, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short between a register event and its map."""
    with monkeypatch.context() as patched:
        patched.setattr(Replay, "_keep", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            replay(world, mirror)
    damaged(mirror, damage)
    with pytest.raises(StorageError, match=r"store\.corrupt"):
        replay(world, mirror)
    assert mirror.map().size == 0


def test_what_the_mirror_has_lost_is_not_the_logs_fault(world: World, mirror: SqliteStore) -> None:
    kept = world.store.map().size
    grow(world, 2 * GROUP)
    world.publish()
    assert replay(world, mirror, kept + 1 + GROUP) is None
    assert mirror.map().size == kept
    damaged(mirror, A_CHANGE)
    with pytest.raises(StorageError, match=r"store\.corrupt"):
        replay(world, mirror)
