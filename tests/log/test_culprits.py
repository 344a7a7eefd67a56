"""Posters who share a commit: what goes wrong with one's batch is not the others' loss."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger import log as log_module
from ledger.errors import ClockError, StorageError
from ledger.intake import Prepared
from ledger.log import Posted, Receipt
from ledger.store import EMPTY, Group
from ledger.store.memory import MemoryStore
from tests.log.mining import codes, gone, mined
from tests.store.faulty import FaultyConnection, FaultyStore, plan
from tests.world import LOT, World

MARK = "culprit"  # the lot whose batch trips the fault


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    plan(None)
    store = MemoryStore() if request.param == "memory" else FaultyStore(tmp_path / "ledger", create=True)
    world = World(store)
    world.site("pit")
    yield world
    plan(None)
    world.log.close()


def together(world: World, batches: Sequence[Sequence[str]], **options: Any) -> list[Posted | Exception]:
    """What becomes of batches that are posted at the same time and wait for the writer in this order."""
    found: dict[int, Posted | Exception] = {}

    def post(n: int) -> None:
        try:
            found[n] = world.log.post(batches[n], **options)
        except Exception as error:  # noqa: BLE001 (it is what the test looks at)
            found[n] = error

    threads = [threading.Thread(target=post, args=(n,)) for n in range(len(batches))]
    with world.log.paused():
        for n, thread in enumerate(threads):
            thread.start()
            while len(world.log._waiting) <= n:
                thread.join(0.001)
    for thread in threads:
        thread.join(30)
    return [found[n] for n in range(len(batches))]


def tripping(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Judging a statement of the culprit's raises the error."""
    judge = log_module.Judging._judge

    def judged(self: Any, n: int, prepared: Prepared, *given: Any) -> Any:
        if MARK.encode() in prepared.statement.payload:
            raise error
        return judge(self, n, prepared, *given)

    monkeypatch.setattr(log_module.Judging, "_judge", judged)


def refusing(monkeypatch: pytest.MonkeyPatch, world: World, error: Exception) -> list[int]:
    """Committing an entry of the culprit raises the error. The sizes of the groups that were tried."""
    tried: list[int] = []
    commit = log_module.Judging.commit

    def committed(self: Any, writing: Any, store: Any) -> Any:
        group: Group | None = None
        if self._gathering.size > self.head.size:
            group = self._gathering.group(store.tile)
            tried.append(len(group.entries))
        if group is not None and any(MARK in key.id for key in group.records):
            raise error
        return commit(self, writing, store)

    monkeypatch.setattr(log_module.Judging, "commit", committed)
    return tried


def receipts(outcomes: Sequence[Posted | Exception]) -> list[Receipt]:
    return [
        o
        for posted in outcomes
        if isinstance(posted, Posted)
        for o in posted.outcomes
        if isinstance(o, Receipt)
    ]


Break = Callable[[pytest.MonkeyPatch, World, Exception], object]
WAYS: dict[str, Break] = {
    "judging": lambda patch, world, error: tripping(patch, error),
    "committing": refusing,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", [RuntimeError("bug"), AssertionError("bug"), StorageError("store.corrupt")])
def test_only_the_culprit_gets_the_error(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str, error: Exception
) -> None:
    start = world.store.head().size
    batches = [[mined(world, f"{n}-{i}") for i in range(2)] for n in range(6)]
    batches[2] = [mined(world, "ahead"), mined(world, MARK)]
    batches[4] = [gone(world, "none")]
    with monkeypatch.context() as patch:
        WAYS[way](patch, world, error)
        found = together(world, batches)
    assert found[2] is error
    others = [posted for n, posted in enumerate(found) if n != 2]
    assert [codes(posted) for posted in others if isinstance(posted, Posted)] == [
        ["", ""], ["", ""], ["", ""], ["lot.unknown"], ["", ""],
    ]  # fmt: skip
    # In the order in which they waited, without a gap, and each receipt is that of what is there.
    assert [receipt.index for receipt in receipts(others)] == list(range(start, start + 8))
    assert not any(receipt.duplicate for receipt in receipts(others))
    again = world.log.post([statement for n in (0, 1, 3, 5) for statement in batches[n]])
    assert again.outcomes == tuple(receipt._replace(duplicate=True) for receipt in receipts(others))
    # Of the culprit's batch nothing is there, nor remembered; it can be posted once the fault is mended.
    assert world.store.head().size == start + 8
    assert codes(world.log.post(batches[2])) == ["", ""]


def test_what_rests_on_the_culprits_batch_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it would have been if that batch had never come: nothing of it is remembered."""
    batches = [[mined(world, "a"), mined(world, MARK)], [gone(world, "a", "4")], [gone(world, MARK, "4")]]
    with monkeypatch.context() as patch:
        refusing(patch, world, RuntimeError("bug"))
        found = together(world, batches)
    assert isinstance(found[0], RuntimeError)
    assert [codes(posted) for posted in found[1:] if isinstance(posted, Posted)] == [["lot.unknown"]] * 2
    assert codes(world.log.post(batches[0])) == ["", ""]
    assert codes(world.log.post(batches[1])) == [""]


def test_two_culprits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [
        [mined(world, f"{MARK}-1")],
        [mined(world, "a")],
        [mined(world, f"{MARK}-2")],
        [mined(world, "b")],
    ]
    with monkeypatch.context() as patch:
        tripping(patch, KeyError("bug"))
        found = together(world, batches)
    assert [isinstance(one, KeyError) for one in found] == [True, False, True, False]
    assert [codes(one) for one in found if isinstance(one, Posted)] == [[""], [""]]


def test_a_dry_run_beside_a_culprit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.store.head()
    with monkeypatch.context() as patch:
        tripping(patch, RuntimeError("bug"))
        found = together(
            world, [[mined(world, MARK)], [mined(world, "a"), gone(world, "none")]], dry_run=True
        )
    assert isinstance(found[0], RuntimeError)
    assert isinstance(found[1], Posted)
    assert codes(found[1]) == [None, "lot.unknown"]
    assert world.store.head() == before


@pytest.mark.parametrize("error", [StorageError("store.unknown_outcome"), StorageError("store.busy"),
                                   StorageError("store.full"), ClockError("clock.behind")])  # fmt: skip
def test_a_fault_of_the_store_is_everyones_and_is_not_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    before = world.store.head()
    with monkeypatch.context() as patch:
        tried = refusing(patch, world, error)
        found = together(world, [[mined(world, "a")], [mined(world, MARK)], [mined(world, "b")]])
    assert found == [error] * 3
    assert tried == [3]
    assert world.store.head() == before


def test_the_store_fails_while_batches_are_committed_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those before it have their receipts, those after it are not tried."""
    lost = StorageError("store.unknown_outcome")
    commit = log_module.Judging.commit
    tried = []

    def committed(self: Any, writing: Any, store: Any) -> Any:
        size = self._gathering.size - self.head.size
        tried.append(size)
        if len(tried) == 3:
            raise lost
        return commit(self, writing, store)

    with monkeypatch.context() as patch:
        tripping(patch, RuntimeError("bug"))
        patch.setattr(log_module.Judging, "commit", committed)
        batches = [[mined(world, name)] for name in ("a", MARK, "b", "c", "d")]
        found = together(world, batches)
    assert [type(one).__name__ for one in found] == [
        "Posted", "RuntimeError", "Posted", "StorageError", "StorageError",
    ]  # fmt: skip
    assert tried == [1, 1, 1]
    assert found[3] is found[4] is lost
    assert codes(world.log.post([*batches[3], *batches[4]])) == ["", ""]


@pytest.mark.parametrize("persisted", [False, True])
def test_a_commit_whose_outcome_is_unknown_is_tried_once(tmp_path: Path, persisted: bool) -> None:
    """A real store whose COMMIT fails, before or after it was done; posting again settles it for each."""
    plan(None)
    world = World(FaultyStore(tmp_path / "ledger", create=True))
    world.site("pit")
    world.log.post([mined(world, "0")])
    plan(None)
    world.log.post([mined(world, "1")])
    at = FaultyConnection.steps.index("COMMIT")
    before = world.store.head().size
    batches = [[mined(world, name)] for name in "abc"]
    # One statement inserts all entries of a group: a larger one has no more steps.
    plan(at, persisted=persisted)
    found = together(world, batches)
    commits = FaultyConnection.steps.count("COMMIT")
    plan(None)
    code = "store.unknown_outcome" if persisted else "store.unavailable"
    assert [error.code for error in found if isinstance(error, StorageError)] == [code] * 3
    assert commits == 1
    assert world.store.head().size == before + 3 * persisted
    again = together(world, batches)
    assert [(one.index, one.duplicate) for one in receipts(again)] == [
        (before + n, persisted) for n in range(3)
    ]
    world.log.close()


def test_a_damaged_row_fails_those_who_name_it(tmp_path: Path) -> None:
    """A record in the file that cannot be read: a real fault of one batch's."""
    world = World(FaultyStore(tmp_path / "ledger", create=True))
    world.site("pit")
    world.log.post([mined(world, MARK), mined(world, "a"), mined(world, "b")])
    world.log._known_at = EMPTY  # as another process that opens the ledger
    with sqlite3.connect(tmp_path / "ledger" / "ledger.db") as db:
        names = [
            id for (id,) in db.execute("SELECT id FROM names WHERE name LIKE ?", (f"%{LOT}miner:{MARK}",))
        ]
        marks = ",".join("?" * len(names))
        changed = db.execute(
            f"UPDATE records SET record = '[nonsense' WHERE id & 0xFFFFFFFFFFFF IN ({marks})", names
        ).rowcount
    db.close()
    assert changed
    found = together(world, [[gone(world, name, "1")] for name in ("a", MARK, "b")])
    assert isinstance(found[1], StorageError)
    assert found[1].code == "store.corrupt"
    assert [codes(one) for one in found if isinstance(one, Posted)] == [[""], [""]]
    world.log.close()
