"""The log's commits: who shares one, what is remembered between them, and what fails."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger import log as log_module
from ledger.entry import decode
from ledger.errors import StorageError
from ledger.log import Log, Posted, Receipt
from ledger.merkle import leaf_hash
from ledger.register import Key, Record
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.log.mining import codes, gone, mined, size
from tests.store.faulty import FaultyConnection, FaultyStore, plan
from tests.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.site("pit")
    return world


# -- concurrency


class Counting(MemoryStore):
    """Counts commits and bulk reads; ``before`` runs before the writer's hold begins."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.asked: list[int] = []
        self.before: Callable[[], None] = lambda: None

    @contextmanager
    def writing(self) -> Iterator[Any]:
        self.before()
        with super().writing() as writing:
            size = self.head().size
            yield writing
        self.commits += self.head().size > size

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        wanted = list(keys)
        self.asked.append(len(wanted))
        return super().read(wanted)


def test_posters_who_wait_share_one_commit() -> None:
    store = Counting()
    world = World(store)
    world.site("pit")
    batches = [[mined(world, f"{n}-{i}") for i in range(3)] for n in range(16)]
    batches[5] = [gone(world, "none")]
    start = store.commits
    results: dict[int, Posted] = {}
    threads = [
        threading.Thread(target=lambda n=n, b=b: results.update({n: world.log.post(b)}))
        for n, b in enumerate(batches)
    ]
    with world.log.paused():
        for thread in threads:
            thread.start()
        while len(world.log._waiting) < len(batches):
            threading.Event().wait(0.001)
    for thread in threads:
        thread.join(30)
    assert len(results) == len(batches)
    assert codes(results.pop(5)) == ["lot.unknown"]
    assert all(codes(posted) == ["", "", ""] for posted in results.values())
    indices = [o.index for posted in results.values() for o in posted.outcomes if isinstance(o, Receipt)]
    assert len(set(indices)) == 45
    assert store.commits - start <= 2


def while_committing(
    world: World, store: Counting, first: list[str], then: list[str]
) -> tuple[list[Posted | Exception], list[str]]:
    """What becomes of two batches, of which the second is judged while the first is committed."""
    found: dict[int, Posted | Exception] = {}
    judged: list[str] = []

    def post(n: int, batch: list[str]) -> None:
        try:
            found[n] = world.log.post(batch)
        except Exception as error:  # noqa: BLE001 (it is what the test looks at)
            found[n] = error

    threads = [threading.Thread(target=post, args=(n, batch)) for n, batch in enumerate((first, then))]
    before = store.before

    judge = log_module.Judging.add_all
    ahead = threading.Event()

    def add_all(self: Any, *given: Any) -> Any:
        posted = judge(self, *given)
        judged.append(threading.current_thread().name)
        ahead.set()
        return posted

    def hold() -> None:
        store.before = before
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(log_module.Judging, "add_all", add_all)
            threads[1].start()
            assert ahead.wait(30)
        before()

    store.before = hold
    threads[0].start()
    for thread in threads:
        thread.join(30)
    return [found[0], found[1]], judged


def test_a_batch_is_judged_on_what_is_being_committed() -> None:
    store = Counting()
    world = World(store)
    world.site("pit")
    world.log.post([mined(world, "z")])
    (first, then), judged = while_committing(world, store, [mined(world, "a")], [gone(world, "a", "1")])
    assert isinstance(first, Posted)
    assert isinstance(then, Posted)
    assert (codes(first), codes(then)) == ([""], [""])
    assert len(judged) == 1
    assert [o.index for o in (*first.outcomes, *then.outcomes) if isinstance(o, Receipt)] == [
        size(world) - 2,
        size(world) - 1,
    ]


def test_what_was_judged_on_a_commit_that_failed_is_judged_again() -> None:
    store = Counting()
    world = World(store)
    world.site("pit")
    world.log.post([mined(world, "z")])

    def fail() -> None:
        store.before = lambda: None
        raise StorageError("store.full")

    store.before = fail
    end = store.head()
    (first, then), _ = while_committing(world, store, [mined(world, "a")], [gone(world, "a", "1")])
    assert isinstance(first, StorageError)
    assert isinstance(then, Posted)
    assert codes(then) == ["lot.unknown"]
    assert store.head() == end
    assert codes(world.log.post([mined(world, "a"), gone(world, "a", "1")])) == ["", ""]


def test_what_was_judged_before_another_process_wrote_is_judged_again() -> None:
    store = Counting()
    world = World(store)
    world.site("pit")
    world.log.post([mined(world, "z")])
    other = Log(store, lambda: world.now)
    spent = gone(world, "z", "6")

    def meanwhile() -> None:
        store.before = lambda: None
        assert codes(other.post([spent])) == [""]

    store.before = meanwhile
    assert codes(world.log.post([gone(world, "z", "5")])) == ["lot.overdrawn"]
    assert codes(world.log.post([gone(world, "z", "4")])) == [""]


def test_a_group_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_GROUP", 4)
    store = Counting()
    world = World(store)
    world.site("pit")
    batches = [[mined(world, f"{n}-{i}") for i in range(n)] for n in (1, 6, 2, 2)]
    tickets = []
    for batch in batches:
        prepared = world.log._intake.take(batch)
        taken = [log_module._refused(0, p) for p in prepared]
        tickets.append(log_module._Ticket(log_module.Batch(taken, False, False)))
    world.log._waiting.extend(tickets)
    start = store.commits
    while world.log._waiting:
        world.log._write()
    assert store.commits - start == 3  # 1; 6, larger than a group, alone; 2 and 2
    assert all(ticket.done for ticket in tickets)


def test_many_threads_make_one_chain(world: World) -> None:
    batches = [[mined(world, f"{n}-{i}") for i in range(4)] for n in range(12)]
    threads = [threading.Thread(target=world.log.post, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    prev = bytes(32)
    received = 0
    for index, data in enumerate(world.store.entries(0, size(world))):
        entry = decode(data)
        assert (entry.index, entry.prev) == (index, prev)
        assert entry.received >= received
        prev, received = leaf_hash(data), entry.received
    assert size(world) >= 48


# -- what is remembered between commits


def test_what_was_written_is_not_read_again() -> None:
    store = Counting()
    world = World(store)
    world.site("pit")
    world.log.post([mined(world, "a")])
    store.asked.clear()
    world.log.post([gone(world, "a", "1")])
    known = sum(store.asked)
    store.asked.clear()
    world.log.post([gone(world, "a", "1")])
    assert known < 8
    assert sum(store.asked) < 4  # only its own name


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(log_module, "MAX_KNOWN", 3)
    for n in range(5):
        assert codes(world.log.post([mined(world, f"l{n}"), gone(world, f"l{n}")])) == ["", ""]


def test_another_log_on_the_same_store_is_noticed(world: World) -> None:
    """Both remember records; each forgets them when the other has written."""
    other = Log(world.store, lambda: world.now)
    world.log.post([mined(world, "a")])
    other.post([gone(world, "a", "4")])
    world.log.post([gone(world, "a", "4")])
    assert codes(other.post([gone(world, "a", "3")])) == ["lot.overdrawn"]
    assert codes(other.post([gone(world, "a", "2")])) == [""]


POSTER = """
import sys
from pathlib import Path
from ledger.log import Log
from ledger.store.sqlite import SqliteStore
log = Log(SqliteStore(Path(sys.argv[1])), lambda: int(sys.argv[2]))
print([type(outcome).__name__ for outcome in log.post(sys.stdin.read().split()).outcomes])
log.close()
"""


def test_another_process_on_the_same_ledger_is_noticed(tmp_path: Path) -> None:
    world = World(SqliteStore(tmp_path / "ledger", create=True))
    world.site("pit")
    world.log.post([mined(world, "a")])
    statements = [gone(world, "a", "6"), mined(world, "b")]
    ran = subprocess.run(
        [sys.executable, "-c", POSTER, str(tmp_path / "ledger"), str(world.now)],
        input="\n".join(statements),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "['Receipt', 'Receipt']"
    assert codes(world.log.post([gone(world, "a", "5"), gone(world, "b")], proceed=True)) == [
        "lot.overdrawn",
        "",
    ]
    world.log.close()


# -- failure


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[World]:
    plan(None)
    world = World(FaultyStore(tmp_path / "ledger", create=True))
    world.site("pit")
    yield world
    plan(None)
    world.log.close()


@pytest.mark.parametrize("persisted", [False, True])
def test_a_commit_that_fails_is_settled_by_posting_again(failing: World, persisted: bool) -> None:
    failing.log.post([mined(failing, "0")])  # from now on each post writes over something
    plan(None)
    failing.log.post([mined(failing, "a")])
    commit = FaultyConnection.steps.index("COMMIT")
    before = size(failing)
    batch = [mined(failing, "b"), gone(failing, "b", "4")]
    plan(commit, persisted=persisted)
    with pytest.raises(StorageError) as caught:
        failing.log.post(batch)
    assert caught.value.code == ("store.unknown_outcome" if persisted else "store.unavailable")
    plan(None)
    assert size(failing) == before + 2 * persisted
    first = failing.log.post(batch).outcomes
    assert [(o.index, o.duplicate) for o in first if isinstance(o, Receipt)] == [
        (before, persisted),
        (before + 1, persisted),
    ]
    assert failing.log.post(batch).outcomes == tuple(
        o._replace(duplicate=True) for o in first if isinstance(o, Receipt)
    )
    # And what was remembered is what is there.
    assert codes(failing.log.post([gone(failing, "b", "7")])) == ["lot.overdrawn"]
    assert codes(failing.log.post([gone(failing, "b", "6")])) == [""]


def test_a_write_that_fails_early_changes_nothing(failing: World) -> None:
    plan(1)
    batch = [mined(failing, "b")]
    before = size(failing)
    with pytest.raises(StorageError):
        failing.log.post(batch)
    plan(None)
    assert size(failing) == before
    assert codes(failing.log.post(batch)) == [""]


def test_our_own_mistakes_are_not_taken_for_the_stores(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise AssertionError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(log_module.Judging, "commit", broken)
        with pytest.raises(AssertionError, match="broken"):
            world.log.post([mined(world, "a")])
    assert codes(world.log.post([mined(world, "a")])) == [""]
