"""Everything derived comes back from the entries alone."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ledger.audit import audit, derivation, rebuild
from ledger.audit.rebuild import rebuild_folder
from ledger.errors import StorageError
from ledger.register import KINDS, encode
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import FILE, SqliteStore
from tests.log.histories import History, histories
from tests.world import World

DERIVED = ("records", "names", "flows", "touches", "tiles")


def contents(store: Store) -> dict[str, Any]:
    """All that a store holds, as its contract shows it, to the byte."""
    head = store.head()
    span = range(head.size)
    return {
        "head": head,
        "entries": list(store.entries(0, head.size)),
        "needs": store.needs(span),
        "flows": list(store.flows_between(0, head.size)),
        "touches": list(store.touches_between(0, head.size)),
        "tiles": store.tile(0, 0),
        "checkpoint": store.checkpoint(),
        "records": {
            (kind, key.id): encode(record)
            for kind in KINDS
            for key, record in store.scan(kind, limit=100_000)
        },
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    world = World(SqliteStore(tmp_path, create=True))
    world.hood()
    world.correct(world.last, "dispute")
    world.publish()
    world.log.close()
    return tmp_path


def contents_of(folder: Path) -> dict[str, Any]:
    store = SqliteStore(folder)
    try:
        return contents(store)
    finally:
        store.close()


def execute(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / FILE)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_was_derived_is_restored_to_the_byte(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "CHUNK", 16)
    before = contents_of(folder)
    execute(folder, *(f"DELETE FROM {table}" for table in DERIVED), "UPDATE entries SET needs = x''")
    told: list[tuple[int, int]] = []
    assert rebuild_folder(folder, lambda done, size: told.append((done, size))) is None
    assert told == sorted(told)
    assert told[-1] == (told[0][1],) * 2
    assert len(told) > 1
    assert contents_of(folder) == before
    assert [path.name for path in folder.iterdir() if path.name.startswith("ledger.")] == [FILE]
    store = SqliteStore(folder)
    assert audit(store).ok
    store.close()
    assert rebuild_folder(folder) is None  # again, and nothing changes
    assert contents_of(folder) == before


def test_a_head_that_is_lost_is_derived_too(folder: Path) -> None:
    before = contents_of(folder)
    execute(folder, "DELETE FROM head")
    assert rebuild_folder(folder) is None
    assert contents_of(folder) == before
    execute(folder, "DELETE FROM head", "DELETE FROM entries WHERE id = 9")
    stopped = rebuild_folder(folder)
    assert stopped is not None
    assert (stopped.code, stopped.path) == ("audit.missing", "$.entries[9]")


@pytest.mark.parametrize("told", ["0", "size - 1", "size - 20"])
def test_no_entry_is_lost_behind_a_head_that_tells_of_fewer(folder: Path, told: str) -> None:
    """The head is derived of the entries, not they of it: what was admitted, and signed, stays."""
    before = contents_of(folder)
    execute(folder, f"UPDATE head SET size = {told}")
    assert rebuild_folder(folder) is None
    assert contents_of(folder) == before


@pytest.mark.parametrize(
    "stray",
    [
        "INSERT INTO entries SELECT size, x'', x'7b7d' FROM head",
        "INSERT INTO entries SELECT size + 5, x'', x'7b7d' FROM head",
        "INSERT INTO entries SELECT size, x'', entry FROM entries, head WHERE entries.id = 7",
        "INSERT INTO entries VALUES (-1, x'', x'7b7d')",
    ],
)
def test_what_nobody_admitted_is_dropped_from_behind_the_head(folder: Path, stray: str) -> None:
    before = contents_of(folder)
    execute(folder, stray)
    assert rebuild_folder(folder) is None
    assert contents_of(folder) == before
    store = SqliteStore(folder)
    assert store.strays() == []
    store.close()


def test_entries_that_do_not_replay_are_not_rebuilt(folder: Path) -> None:
    execute(folder, "DELETE FROM entries WHERE id = 9")
    data = (folder / FILE).read_bytes()
    stopped = rebuild_folder(folder)
    assert stopped is not None
    assert (stopped.code, stopped.path) == ("audit.missing", "$.entries[9]")
    assert (folder / FILE).read_bytes() == data
    assert not (folder / rebuild.NEW).exists()


def test_a_ledger_that_is_open_elsewhere_is_not_replaced(folder: Path) -> None:
    before = contents_of(folder)
    other = SqliteStore(folder)
    other.head()
    world = World()
    other.publish(world.checkpoint(), 1)  # the file's write-ahead log is in use
    with pytest.raises(StorageError) as refused:
        rebuild_folder(folder)
    assert refused.value.code == "store.busy"
    other.close()
    assert contents_of(folder) == before


def test_what_a_run_cut_short_left_behind_is_cleared(folder: Path) -> None:
    before = contents_of(folder)
    leftover = SqliteStore(folder / rebuild.NEW, create=True)
    World(leftover).log.close()
    assert rebuild_folder(folder) is None
    assert contents_of(folder) == before


@pytest.mark.parametrize("note", ["hello", "example.com/oreline\n99999\n" + "A" * 43 + "=\n\n— x y\n"])
def test_a_checkpoint_that_cannot_be_is_not_kept(note: str) -> None:
    world = World()
    world.store.publish(note, 1)
    fresh = MemoryStore()
    assert rebuild.rebuild(world.store, fresh) is None
    assert fresh.checkpoint() is None


def test_a_checkpoint_of_more_than_there_is_is_not_kept() -> None:
    long, short = World(), World()
    long.source("pit", "ore", "1")
    short.store.publish(long.checkpoint(), 1)
    fresh = MemoryStore()
    assert rebuild.rebuild(short.store, fresh) is None
    assert fresh.checkpoint() is None


@settings(max_examples=15)
@given(histories())
def test_any_history_is_rebuilt_as_it_was(history: History) -> None:
    history.world.publish()
    fresh = MemoryStore()
    assert rebuild.rebuild(history.world.store, fresh) is None
    assert contents(fresh) == contents(history.world.store)
