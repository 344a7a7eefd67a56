"""The log: batches, duplicates, concurrent and failing posts; a receipt means durable, and only once."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger import intake
from ledger import log as log_module
from ledger.entry import decode
from ledger.errors import ClockError, StorageError
from ledger.log import Log, Posted, Receipt, Refused
from ledger.merkle import leaf_hash
from ledger.register import Key, Record
from ledger.statement import sign
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.core.judging import register
from tests.store.faulty import FaultyConnection, FaultyStore, plan
from tests.world import LOT, PARTY, SITE, World, private_key

MINER, PIT = PARTY + "miner", SITE + "pit"


@pytest.fixture
def world() -> World:
    world = World()
    world.site("pit")
    return world


def mined(world: World, lot: str, **more: Any) -> str:
    """The statement of a source."""
    outputs = [{"lot": f"{LOT}miner:{lot}", "kg": "10", "material": "bauxite"}]
    event = {"type": "source", "party": MINER, "site": PIT, "kind": "mine", "outputs": outputs}
    return world.sign(world.event(event | more))


def gone(world: World, lot: str, kg: str = "10") -> str:
    """The statement of an exit."""
    lines = [{"lot": f"{LOT}miner:{lot}", "kg": kg}]
    return world.sign(world.event({"type": "exit", "party": MINER, "reason": "lost", "lines": lines}))


def codes(posted: Posted) -> list[str | None]:
    """For each statement: its code, "" for a receipt, None for neither."""
    return [
        outcome.problems[0].code if isinstance(outcome, Refused) else "" if outcome else None
        for outcome in posted.outcomes
    ]


def size(world: World) -> int:
    return world.store.head().size


# -- batches


def test_a_receipt_is_the_entrys_place(world: World) -> None:
    before = size(world)
    statements = [mined(world, "a"), mined(world, "b")]
    posted = world.log.post(statements)
    assert posted.problems == []
    for n, (receipt, statement) in enumerate(zip(posted.outcomes, statements, strict=True)):
        assert isinstance(receipt, Receipt)
        data = world.store.entries_at([before + n])[before + n]
        entry = decode(data)
        assert receipt == Receipt(before + n, leaf_hash(data), entry.received, False)
        assert (entry.statement, entry.index, entry.received) == (statement, before + n, world.now)


def test_a_batch_is_all_or_nothing(world: World) -> None:
    before = register(world)
    good, bad, later = mined(world, "a"), gone(world, "none"), mined(world, "b")
    assert codes(world.log.post([good, bad, later])) == [None, "lot.unknown", None]
    assert register(world) == before
    assert codes(world.log.post([good, later])) == ["", ""]


def test_everything_wrong_is_said_at_once(world: World) -> None:
    batch = [
        "nonsense",
        world.sign({"type": "source"}, world.keys[MINER]),
        mined(world, "a"),
        gone(world, "a", "11"),
        mined(world, "b") + "A",
        mined(world, "a"),
    ]
    posted = world.log.post(batch)
    assert codes(posted) == [
        "statement.form",
        "event.missing",
        None,
        "lot.overdrawn",
        "statement.signature",
        "lot.exists",
    ]
    paths = [problem.path for problem in posted.problems]
    assert paths[0].startswith("$[0]")
    assert "$[3].lines[0].kg" in paths
    assert "$[5].outputs[0].lot" in paths
    assert sum(path.startswith("$[1].") for path in paths) > 3


def test_proceeding_lets_each_stand_for_itself(world: World) -> None:
    before = size(world)
    batch = [gone(world, "a"), mined(world, "a"), "nonsense", gone(world, "a", "4"), gone(world, "a", "7")]
    posted = world.log.post(batch, proceed=True)
    assert codes(posted) == ["lot.unknown", "", "statement.form", "", "lot.overdrawn"]
    assert size(world) == before + 2
    # Again until nothing changes: what waited is in now, the rest is a duplicate or wrong for good.
    again = world.log.post(batch, proceed=True)
    assert codes(again) == ["lot.overdrawn", "", "statement.form", "", "lot.overdrawn"]
    assert [o.duplicate for o in again.outcomes if isinstance(o, Receipt)] == [True, True]


def test_a_dry_run_says_all_and_records_nothing(world: World) -> None:
    before = register(world)
    batch = [mined(world, "a"), gone(world, "a"), gone(world, "none")]
    for proceed in (False, True):
        found = world.log.post(batch, dry_run=True, proceed=proceed)
        assert codes(found) == [None, None, "lot.unknown"]
    assert register(world) == before
    world.log.post(batch[:1])
    known = world.log.post(batch[:2], dry_run=True)
    assert codes(known) == ["", None]


def test_nothing_is_a_batch_too(world: World) -> None:
    assert world.log.post([]) == Posted(())


def test_signatures_are_checked_in_a_large_batch_too(world: World) -> None:
    """More than one worker's share; the wrong ones are told apart from their neighbours."""
    batch = [mined(world, f"l{n}") for n in range(300)]
    head, payload, signature = batch[100].split(".")
    batch[100] = f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    outcomes = codes(world.log.post(batch, proceed=True))
    assert outcomes == ["statement.signature" if n == 100 else "" for n in range(len(batch))]


def test_public_keys_are_remembered_within_bounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_KEYS", 1)
    for name in ("a", "b", "c"):
        world.party(name)
    assert codes(world.log.post([mined(world, "a")])) == [""]
    assert len(world.log._intake._keys) == 1


# -- duplicates


def test_the_same_event_again_gets_its_first_receipt(world: World) -> None:
    statement = mined(world, "a")
    (first,) = world.log.post([statement]).outcomes
    assert isinstance(first, Receipt)
    world.tick(1000)
    assert world.log.post([statement]).outcomes == (first._replace(duplicate=True),)
    assert size(world) == first.index + 1


def test_signed_again_with_another_key_it_is_the_same_event(world: World) -> None:
    new = private_key("second", "ES256")
    world.post(world.key_event(MINER, new) | {"party": MINER})
    event = world.event({"type": "exit", "party": MINER, "reason": "lost", "lines": []})
    statement = mined(world, "a")
    (first,) = world.log.post([statement]).outcomes
    from ledger.statement import parse

    again = sign(parse(statement).payload, new)
    (second,) = world.log.post([again]).outcomes
    assert isinstance(first, Receipt)
    assert second == first._replace(duplicate=True)
    assert event["id"] != "evt:0"


def test_spelt_differently_it_is_a_conflict(world: World) -> None:
    from ledger.statement import parse

    statement = mined(world, "a")
    world.log.post([statement])
    spaced = parse(statement).payload.replace(b'":', b'": ')
    assert codes(world.log.post([sign(spaced, world.keys[MINER])])) == ["event.conflict"]


def test_duplicates_within_a_batch(world: World) -> None:
    before, statement = size(world), mined(world, "a")
    one, two = world.log.post([statement, statement]).outcomes
    assert isinstance(one, Receipt)
    assert two == one._replace(duplicate=True)
    assert size(world) == before + 1
    other = mined(world, "b", id="evt:x")
    conflict = mined(world, "c", id="evt:x")
    assert codes(world.log.post([other, conflict])) == [None, "event.conflict"]
    # What was not recorded is no first receipt.
    again = world.log.post([other, other, gone(world, "none")])
    assert codes(again) == [None, None, "lot.unknown"]


# -- time


def test_received_never_goes_back_though_the_clock_may(world: World) -> None:
    world.post({"type": "source", "party": MINER, "site": PIT, "kind": "mine"} | outputs("a"))
    last = world.store.head().received
    world.now = last - 60_000
    (receipt,) = world.log.post([mined(world, "b")]).outcomes
    assert isinstance(receipt, Receipt)
    assert receipt.received == last
    world.now = last - 60_001
    with pytest.raises(ClockError) as caught:
        world.log.post([mined(world, "c")])
    assert caught.value.code == "clock.behind"
    world.now = last + 5
    (receipt,) = world.log.post([mined(world, "c")]).outcomes
    assert isinstance(receipt, Receipt)
    assert receipt.received == last + 5


def outputs(lot: str) -> dict[str, Any]:
    return {"outputs": [{"lot": f"{LOT}miner:{lot}", "kg": "10", "material": "bauxite"}]}


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
