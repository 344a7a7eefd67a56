"""The audit and the register's map: each stated root recomputed, the kept map compared and made anew."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import AuditReport, audit, roots
from ledger.audit.rebuild import rebuild_folder
from ledger.publisher import Publisher
from ledger.rooting import Root, Rooting, growing
from ledger.store.guard import MemoryGuard
from ledger.store.sqlite import FILE, SqliteStore
from tests.world import NAME, World


def lying(world: World, root: Root) -> None:
    """The operator states another root than his register has."""
    maker = Rooting(world.store)
    right = maker.root

    def wrong(size: int) -> Root:
        right(size)
        return root

    maker.root = wrong  # type: ignore[method-assign]
    guard = MemoryGuard()
    if before := world.store.checkpoint():
        guard.compare_and_swap(None, before)
    Publisher(world.log, guard, world.operator, NAME, maker=maker).publish()


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    world = World(SqliteStore(folder, create=True))
    world.source("pit", "first", "3000")
    world.publish()
    hood = world.hood()
    world.publish()
    world.attest(hood)
    world.source("pit", "more", "1")
    world.log.close()
    return folder


@pytest.fixture
def folder(honest: Path, tmp_path: Path) -> Path:
    shutil.copytree(honest, tmp_path / "ledger")
    return tmp_path / "ledger"


def audited(folder: Path) -> AuditReport:
    store = SqliteStore(folder)
    try:
        return audit(store)
    finally:
        store.close()


def found(folder: Path) -> list[tuple[str, str]]:
    return [(difference.code, difference.path) for difference in audited(folder).differences]


def edit(folder: Path, *deeds: str) -> None:
    connection = sqlite3.connect(folder / FILE)
    for deed in deeds:
        connection.execute(deed)
    connection.commit()
    connection.close()


def test_an_honest_map_passes(folder: Path) -> None:
    assert found(folder) == []


@pytest.mark.parametrize("small", [0, 1 << 16])
def test_a_large_replay_keeps_its_map_in_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(growing, "SMALL", small)
    monkeypatch.setattr(growing, "MOST_CHANGED", 1_000)
    monkeypatch.setattr(growing, "PART", 2)
    monkeypatch.setattr(roots, "AT_ONCE", 3)
    monkeypatch.setattr(roots, "PART", 3)
    assert found(folder) == []
    edit(folder, "UPDATE buckets SET pairs = zeroblob(64) WHERE id & 0xFFFFFFFFFF = 5")
    assert found(folder) == [("audit.map", "$.map.buckets[5]")]


DEEDS = {
    "UPDATE map SET depth = depth + 1": "$.map.depth",
    "UPDATE map SET count = count + 1": "$.map.count",
    "UPDATE map SET size = size - 1": "$.map.size",
    "UPDATE map SET size = 0": "$.map.size",
    "DELETE FROM map": "$.map",
    "UPDATE map SET area = 0": "$.map.buckets[0]",
    "DELETE FROM buckets WHERE id & 0xFFFFFFFFFF = 3": "$.map.buckets[3]",
    "UPDATE buckets SET pairs = zeroblob(64) WHERE id & 0xFFFFFFFFFF = 7": "$.map.buckets[7]",
    "UPDATE map_tiles SET hashes = zeroblob(length(hashes))": "$.map.tiles[0][0]",
    "DELETE FROM map_tiles": "$.map.tiles[0][0]",
    "DELETE FROM before": "$.before[",
    "UPDATE before SET was = '[0' || substr(was, instr(was, ','))": "$.before[",
    "UPDATE before SET was = '[1,2]'": "$.before[",
    "UPDATE before SET was = 'x'": "$.map",
    "DELETE FROM changed": "$.changed[",
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_kept_map_that_was_altered_is_named_and_made_anew(folder: Path, deed: str) -> None:
    edit(folder, deed)
    differences = [(code, path) for code, path in found(folder) if code != "audit.stray"]
    assert len(differences) == 1, differences
    assert differences[0][0] == "audit.map"
    assert differences[0][1].startswith(DEEDS[deed])
    assert rebuild_folder(folder) is None
    assert found(folder) == []


@pytest.mark.parametrize(
    ("deed", "name"),
    [
        ("INSERT INTO buckets VALUES (99 << 40, x'')", "buckets"),
        ("INSERT INTO map_tiles VALUES (99 << 48, x'')", "map_tiles"),
        ("INSERT INTO changed VALUES (0, x'')", "changed"),
        ("INSERT INTO before VALUES (0, 0, x'')", "before"),
        ("INSERT INTO buckets SELECT (area << 40) + (1 << depth), x'' FROM map", "buckets"),
        ("INSERT INTO map_tiles SELECT (area << 48) + 9, x'' FROM map", "map_tiles"),
        ("UPDATE map SET areas = 0", "map"),
        ("UPDATE map SET areas = 'many'", "map"),
        ("UPDATE areas SET gone = 1", "areas"),
        ("UPDATE areas SET gone = 7", "areas"),
        ("INSERT INTO areas VALUES (0, 0)", "areas"),
        ("UPDATE checkpoint SET size = size + 1", "checkpoint"),
        ("UPDATE checkpoint SET size = 'x'", "checkpoint"),
    ],
)
def test_rows_that_are_no_map_s_are_named(folder: Path, deed: str, name: str) -> None:
    edit(folder, deed)
    assert found(folder) == [("audit.stray", f"$.{name}")]


@pytest.mark.parametrize("value", ["-1", "rooted - 1", "size + 5", "'x'"])
def test_a_false_word_on_the_last_register_event_is_named(folder: Path, value: str) -> None:
    """What is written again would not be remembered as it was then."""
    edit(folder, f"UPDATE head SET rooted = {value}")
    assert found(folder) == [("audit.head", "$.head.rooted")]
    assert rebuild_folder(folder) is None
    assert found(folder) == []


def test_a_rebuilt_map_is_the_same(folder: Path) -> None:
    before = SqliteStore(folder)
    head = before.map()
    buckets = before.buckets(range(1 << head.depth))
    was = before.as_of([key for key, _ in before.changes(head.size)[1]], head.size)
    before.close()
    assert rebuild_folder(folder) is None
    after = SqliteStore(folder)
    assert after.map()[:3] == head[:3]
    assert after.buckets(range(1 << head.depth)) == buckets
    assert after.as_of([key for key, _ in after.changes(head.size)[1]], head.size) == was
    assert was
    after.close()
    assert found(folder) == []


@pytest.fixture
def liar(tmp_path: Path) -> Iterator[World]:
    world = World(SqliteStore(tmp_path / "liar", create=True))
    world.hood()
    world.publish()
    world.party("late")
    yield world
    world.log.close()


@pytest.mark.parametrize("depth", [0, 5])
def test_a_root_that_the_replay_contradicts_is_named(liar: World, depth: int) -> None:
    index = liar.store.head().size
    lying(liar, Root(depth, bytes(32)))
    liar.party("later")
    report = audit(liar.store)
    (difference,) = report.differences
    assert (difference.code, difference.path, difference.index) == (
        "audit.register",
        f"$.entries[{index}]",
        index,
    )
    assert difference.stored.startswith(f"{depth} AAAA")
    assert difference.derived != difference.stored
    assert report.entries == report.size


def test_a_map_is_not_made_of_a_root_that_is_wrong(liar: World, tmp_path: Path) -> None:
    lying(liar, Root(0, bytes(32)))
    checkpoint = liar.store.checkpoint()
    liar.log.close()
    assert rebuild_folder(tmp_path / "liar") is None
    store = SqliteStore(tmp_path / "liar")
    assert (store.map().size, store.checkpoint()) == (0, checkpoint)
    store.close()


def test_a_store_that_cannot_be_read_is_no_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger.errors import StorageError

    def fail(*_: Any) -> Any:
        raise StorageError("store.busy")

    for name in ("map", "buckets"):
        with monkeypatch.context() as patched:
            patched.setattr(SqliteStore, name, fail)
            with pytest.raises(StorageError):
                audited(folder)
