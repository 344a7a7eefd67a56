"""A store whose map was damaged: no root is made of it, as whoever replays would take that for a lie."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import audit
from ledger.audit.rebuild import rebuild_folder
from ledger.errors import StorageError
from ledger.log import Log
from ledger.publisher import Publisher
from ledger.register import Key, Mark
from ledger.rooting import Rooting, charter_of
from ledger.store.guard import MemoryGuard
from ledger.store.sqlite import SqliteStore
from tests.log.test_rooting import History, from_scratch
from tests.world import NAME, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(SqliteStore(tmp_path, create=True))
    found.hood()
    yield found
    found.log.close()


def publisher(world: World, guard: MemoryGuard) -> Publisher:
    return Publisher(world.log, guard, world.operator, NAME)


DAMAGE = [
    "UPDATE map SET size = 0, depth = 0, count = 0, area = 0",
    "UPDATE map SET size = size - 1",
    "UPDATE map SET size = size + 100",
    "UPDATE map SET depth = 60",
    "UPDATE map SET count = count * 2",
    "UPDATE map SET count = count * 2, depth = depth + 1",
    "DELETE FROM buckets",
    "UPDATE buckets SET pairs = CAST(substr(pairs, 65) AS BLOB)",
    "UPDATE buckets SET pairs = x'00ff'",
    "DELETE FROM map_tiles",
    "UPDATE map_tiles SET hashes = zeroblob(length(hashes))",
    "UPDATE buckets SET pairs = x''; UPDATE map_tiles SET hashes = zeroblob(length(hashes))",
]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("again", [False, True])
def test_no_root_is_stated_of_a_damaged_map(world: World, damage: str, again: bool, tmp_path: Path) -> None:
    guard = MemoryGuard()
    publisher(world, guard).publish()
    signed = guard.read()
    with sqlite3.connect(tmp_path / "ledger.db") as file:
        file.executescript(damage)
    file.close()
    for name in ("a", "b") if again else ("a",):
        world.party(name)
        size = world.store.head().size
        with pytest.raises(StorageError) as caught:
            publisher(world, guard).publish()
        assert caught.value.code == "store.corrupt"
        assert (world.store.head().size, guard.read()) == (size, signed)


LOSSES = [
    "DELETE FROM changed",
    "DELETE FROM changed WHERE at = (SELECT max(at) FROM changed)",
    "DELETE FROM changed WHERE at = (SELECT min(at) FROM changed WHERE at > (SELECT size FROM map))",
    "UPDATE changed SET ids = x''",
]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("published", [False, True])
def test_no_root_is_stated_of_changes_that_are_lost(
    world: World, loss: str, published: bool, tmp_path: Path
) -> None:
    guard = MemoryGuard()
    if published:
        publisher(world, guard).publish()
    for name in "abc":
        world.party(name)
    with sqlite3.connect(tmp_path / "ledger.db") as file:
        file.executescript(loss)
    file.close()
    size, signed = world.store.head().size, guard.read()
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            publisher(world, guard).publish()
        assert (caught.value.code, "--rebuild" in caught.value.detail) == ("store.corrupt", True)
    assert (world.store.head().size, guard.read()) == (size, signed)
    if published:
        assert "audit.map" in {one.code for one in audit(world.store).differences}
    world.log.close()
    assert rebuild_folder(tmp_path) is None
    log = Log(SqliteStore(tmp_path), lambda: world.now)
    assert audit(log.store).ok
    Publisher(log, guard, world.operator, NAME).publish()
    assert audit(log.store).ok
    log.close()


def folded(maker: Rooting, size: int) -> None:
    maker.fold()


def rooted(maker: Rooting, size: int) -> None:
    maker.root(size)


@pytest.mark.parametrize("step", [folded, rooted])
def test_a_map_that_another_process_keeps_while_it_is_read_is_not_damaged(
    step: Callable[[Rooting, int], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path, create=True)
    history = History(store)
    history.commit(lots(*range(40)))
    first = Rooting(store)
    assert first.keep("one", stated(first, history) + 1)
    history.commit(lots(40))
    history.commit(lots(41))
    read = store.buckets
    seen: list[bool] = []

    def overtaken(*given: object) -> dict[int, bytes]:
        if not seen:
            seen.append(True)
            assert first.keep("two", stated(first, history) + 1)
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "buckets", overtaken)
    maker = Rooting(store)
    step(maker, history.size)
    monkeypatch.undo()
    assert seen
    history.commit(lots(42))
    assert maker.keep("three", stated(maker, history) + 1)
    history.check(store.map().size)
    store.close()


def lots(*numbers: int) -> dict[Key, Any]:
    return {Key("lot", f"{number}:{n}"): Mark("a") for number in numbers for n in range(5)}


def stated(maker: Rooting, history: History) -> int:
    index = history.size
    assert maker.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
    return history.register()
