"""What every backend must do: one suite, inherited by a test class for each backend.

``Model`` is the contract in its plainest reading: it keeps the groups and answers each question by
looking through all of them. Random groups go into the model and into the backend, and every
question must be answered alike.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from threading import Barrier
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import strategies as st

from ledger.errors import StorageError
from ledger.register import KINDS, Flow, Key, Mark, Record, Used, encode
from ledger.store import EMPTY, PAGE, Group, Head, Store, scan_all

# Few, so that they meet again; among them neighbours in code point order that differ in UTF-16 order.
IDS = [
    "",
    "a",
    "ab",
    "a b",
    "a  b",
    "a!",
    "b",
    "b c",
    "loss",
    "é",
    "�",
    "😀",
    '"',
    "\\",
    "\t",
    "%",
    "_",
    "A",
    "~",
]
COUNTER = Key("used", "counter")


class Model:
    """The contract by brute force."""

    def __init__(self) -> None:
        self.groups: list[Group] = []

    @property
    def head(self) -> Head:
        return self.groups[-1].head if self.groups else EMPTY

    def entries(self) -> dict[int, bytes]:
        return {at: entry for g in self.groups for at, entry in enumerate(g.entries, g.start)}

    def needs(self) -> dict[int, tuple[int, ...]]:
        return {at: need for g in self.groups for at, need in enumerate(g.needs, g.start)}

    def records(self) -> dict[Key, Record]:
        return {key: record for g in self.groups for key, record in g.records.items()}

    def flows(self) -> list[tuple[int, Flow]]:
        return sorted(flow for g in self.groups for flow in g.flows)

    def touches(self) -> list[tuple[int, Key]]:
        return sorted({(at, key) for g in self.groups for key, at in g.touches})

    def tiles(self) -> dict[tuple[int, int], bytes]:
        return {at: tile for g in self.groups for at, tile in g.tiles.items()}


def assert_alike(store: Store, model: Model) -> None:
    """Every question of the contract, asked of both."""
    size = model.head.size
    assert store.head() == model.head
    entries, needs, records, flows, touches = (
        model.entries(), model.needs(), model.records(), model.flows(), model.touches()
    )  # fmt: skip
    assert list(store.entries(0, size)) == [entries[at] for at in range(size)]
    assert store.entries_at(range(size)) == entries
    assert store.needs(range(size)) == needs
    keys = sorted({*records, *(key for _, key in touches), *(Key(kind, id) for kind in KINDS for id in IDS)})
    all_nodes = sorted({*IDS, *(node for _, flow in flows for node in flow[:2])})
    assert store.read(keys) == records
    assert store.read(iter(keys[::2])) == {key: records[key] for key in keys[::2] if key in records}
    assert store.touches(keys) == {
        key: tuple(at for at, touched in touches if touched == key) for _, key in touches
    }
    assert list(store.touches_between(0, size)) == [(key, at) for at, key in touches]
    assert list(store.flows_between(0, size)) == flows
    for nodes in ([node] for node in all_nodes), [all_nodes, all_nodes * 2, []]:
        for some in nodes:
            assert store.flows_into(some) == [flow for flow in flows if flow[1].dst in some]
            assert store.flows_out_of(iter(some)) == [flow for flow in flows if flow[1].src in some]
    for start in range(0, size, 3):
        stop = min(size, start + 4)
        assert list(store.entries(start, stop)) == [entries[at] for at in range(start, stop)]
        assert store.entries_at([start, stop - 1, start]) == {at: entries[at] for at in (start, stop - 1)}
        assert list(store.flows_between(start, stop)) == [flow for flow in flows if start <= flow[0] < stop]
        assert list(store.touches_between(start, stop)) == [
            (k, at) for at, k in touches if start <= at < stop
        ]
    for at in ((level, number) for level in range(3) for number in range(4)):
        assert store.tile(*at) == model.tiles().get(at)
    for kind in KINDS:
        ids = sorted(key.id for key in records if key.kind == kind)
        assert [key.id for key, _ in store.scan(kind)] == ids
        assert store.scan_bytes(kind) == [(key.id, encode(record)) for key, record in store.scan(kind)]
        for prefix in ("", "a", "a ", "é", "zz"):
            with_prefix = [id for id in ids if id.startswith(prefix)]
            found = store.scan(kind, prefix)
            assert found == [(Key(kind, id), records[Key(kind, id)]) for id in with_prefix]
            for after in ("a", "ab", "b"):
                expected = [id for id in with_prefix if id > after][:2]
                assert [key.id for key, _ in store.scan(kind, prefix, after, 2)] == expected
                beyond = [(id, encode(records[Key(kind, id)])) for id in ids if id > after][:2]
                assert store.scan_bytes(kind, after, 2) == beyond
        assert store.scan(kind, limit=0) == []


def _values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field of a record, by its type."""
    if hint is str or hint is Any:
        return st.sampled_from(IDS)
    if hint is int:
        return st.integers(0, 2**53 - 1)
    if hint is bool:
        return st.booleans()
    assert get_origin(hint) is tuple, hint
    inner = get_args(hint)
    if inner[-1] is Ellipsis:
        return st.lists(_values(inner[0]), max_size=2).map(tuple)
    return st.tuples(*map(_values, inner))


def _record_values(kind: str) -> st.SearchStrategy[Any]:
    hints = get_type_hints(KINDS[kind])
    assert not any(isinstance(hint, UnionType) for hint in hints.values())
    return st.builds(KINDS[kind], **{name: _values(hint) for name, hint in hints.items()})


_VALUES = {kind: _record_values(kind) for kind in KINDS}
_IDS = st.sampled_from(IDS)
_KEYS = st.builds(Key, st.sampled_from(list(KINDS)), _IDS)
_HASH = st.binary(min_size=32, max_size=32)


@st.composite
def next_group(draw: st.DrawFn, start: int) -> Group:
    """A random group that continues a ledger of ``start`` entries."""
    count = draw(st.integers(1, 4))
    at = st.integers(start, start + count - 1)
    needs = [
        draw(st.sets(st.integers(0, max(i - 1, 0)), max_size=min(3, i))) for i in range(start, start + count)
    ]
    keys = draw(st.lists(_KEYS, max_size=6, unique=True))
    flows = st.tuples(at, st.builds(Flow, _IDS, _IDS, st.integers(1, 2**53 - 1)))
    return Group(
        start,
        draw(st.lists(st.binary(max_size=40), min_size=count, max_size=count)),
        [tuple(sorted(some)) for some in needs],
        {key: Record(draw(at), draw(_VALUES[key.kind])) for key in keys},
        draw(st.lists(flows, max_size=6)),
        draw(st.lists(st.tuples(_KEYS, at), max_size=4)),
        draw(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 3)), _HASH, max_size=2)),
        Head(
            start + count,
            draw(_HASH),
            draw(st.integers(0, 2**47)),
            tuple(draw(st.lists(_HASH, max_size=3))),
        ),
    )


@st.composite
def groups(draw: st.DrawFn) -> list[Group]:
    """Some random groups that follow each other from an empty ledger."""
    made: list[Group] = []
    for _ in range(draw(st.integers(1, 4))):
        made.append(draw(next_group(made[-1].head.size if made else 0)))
    return made


def plain(start: int, count: int = 1, **changes: Any) -> Group:
    """A group of ``count`` entries in which every part of a group occurs."""
    indices = range(start, start + count)
    group = Group(
        start,
        [b"entry %d" % at for at in indices],
        [(at - 1,) if at else () for at in indices],
        {Key("mark", f"m{at}"): Record(at, Mark("a")) for at in indices},
        [(at, Flow("a", f"p e{at}", 5)) for at in indices],
        [(Key("lot", "a"), at) for at in indices],
        {(0, 0): bytes(32) * min(start + count, 256)},
        Head(start + count, b"%032d" % start, start, (b"%032d" % start,)),
    )
    return group._replace(**changes)


def add(store: Store, model: Model, group: Group) -> None:
    """Commit the group, and tell the model."""
    with store.writing() as writing:
        writing.commit(group)
    model.groups.append(group)


def counted(store: Store, times: int) -> None:
    """Add one to ``COUNTER`` so often, each time from what was read under the lock."""
    for _ in range(times):
        with store.writing() as writing:
            size = writing.head().size
            before = writing.read([COUNTER]).get(COUNTER, Record(0, Used(0)))
            assert isinstance(before.value, Used)
            writing.commit(plain(size, records={COUNTER: Record(size, Used(before.value.grams + 1))}))


def together(*works: Callable[[], object]) -> None:
    """Run these in threads that start at one moment; what one of them raises is raised here."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result()


class Backend:
    """Who is asked. A subclass says how to make a new, empty store."""

    def make(self, folder: Any, timeout: float = 10.0) -> Store:
        raise NotImplementedError

    @contextmanager
    def fresh(self) -> Iterator[Store]:
        """A new store for one example of a property."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Any) -> Iterator[Store]:
        store = self.make(tmp_path)
        yield store
        store.close()


class StoreContract(Backend):
    """The suite."""

    def test_a_new_store_is_empty(self, store: Store) -> None:
        assert_alike(store, Model())
        assert store.checkpoint() is None

    def every_question_is_answered_as_the_contract_says(self, made: list[Group]) -> None:
        """The property of ``groups``; each subclass states it, as hypothesis wants a test per class."""
        model = Model()
        with self.fresh() as store:
            for group in made:
                with store.writing() as writing:
                    assert writing.head() == model.head
                    assert writing.read(group.records) == {
                        key: record for key, record in model.records().items() if key in group.records
                    }
                    writing.commit(group)
                model.groups.append(group)
            assert_alike(store, model)

    def test_streams_are_whole_beyond_one_chunk(self, store: Store) -> None:
        with store.writing() as writing:
            writing.commit(plain(0, 2_500))
        assert [*store.entries(1, 2_400)] == [b"entry %d" % at for at in range(1, 2_400)]
        assert [at for at, _ in store.flows_between(0, 2_500)] == [*range(2_500)]
        assert [at for _, at in store.touches_between(900, 2_100)] == [*range(900, 2_100)]
        pages = [store.scan("mark", "m", f"m{last}", 100) for last in (1, 2)]
        assert all(len(page) == 100 and all(a < b for a, b in pairwise(page)) for page in pages)
        marks = store.scan("mark", "m", limit=3_000)
        assert [*scan_all(store, "mark", "m")] == marks
        last = marks[-PAGE:]  # one page, and nothing after it
        assert [*scan_all(store, "mark", "m", marks[-PAGE - 1][0].id)] == last

    def test_a_stream_goes_on_while_the_ledger_grows(self, store: Store) -> None:
        counted(store, 3)
        stream = store.entries(0, 3)
        assert next(stream) == b"entry 0"
        counted(store, 1)
        assert [*stream] == [b"entry 1", b"entry 2"]

    def test_leaving_the_block_without_commit_changes_nothing(self, store: Store) -> None:
        with store.writing() as writing:
            assert writing.read([COUNTER]) == {}
        assert_alike(store, Model())

    def test_an_exception_in_the_block_changes_nothing_and_lets_go(self, store: Store) -> None:
        with pytest.raises(KeyError), store.writing():
            raise KeyError
        counted(store, 1)
        assert store.head().size == 1

    def test_a_group_that_does_not_continue_the_ledger_is_our_bug(self, store: Store) -> None:
        counted(store, 1)
        good = plain(1, 2)
        for bad in (
            plain(0),
            plain(2),
            good._replace(entries=[]),
            good._replace(head=good.head._replace(size=4)),
            good._replace(needs=[()]),
            good._replace(needs=[(), (2,)]),
            good._replace(flows=[(0, Flow("a", "b", 1))]),
            good._replace(touches=[(COUNTER, 3)]),
        ):
            with pytest.raises(AssertionError), store.writing() as writing:
                writing.commit(bad)
        with store.writing() as writing:
            writing.commit(good)
            with pytest.raises(AssertionError):
                writing.commit(plain(3))
        assert store.head() == good.head

    def test_an_entry_outside_the_ledger_is_not_to_be_had(self, store: Store) -> None:
        counted(store, 2)
        for ask in (
            lambda: store.entries_at([2]),
            lambda: store.entries_at([-1]),
            lambda: store.needs([0, 2]),
            lambda: [*store.entries(0, 3)],
            lambda: [*store.entries(2, 1)],
            lambda: [*store.flows_between(-1, 1)],
            lambda: [*store.touches_between(1, 0)],
        ):
            with pytest.raises((AssertionError, StorageError)):  # or of a row that was altered
                ask()

    def test_one_writer_at_a_time(self, store: Store) -> None:
        together(*[lambda: counted(store, 20)] * 4)
        assert store.read([COUNTER])[COUNTER].value == Used(80)
        assert store.head().size == 80

    def test_readers_never_see_half_a_group(self, store: Store) -> None:
        odd: list[object] = []

        def look() -> None:
            keys = [Key("mark", f"x{i}") for i in range(5)]
            while store.head().size < 40:
                seen = {record.at for record in store.read(keys).values()}
                odd.extend([seen] if len(seen) > 1 else [])

        def write() -> None:
            for at in range(40):
                with store.writing() as writing:
                    records = {Key("mark", f"x{i}"): Record(at, Mark("a")) for i in range(5)}
                    writing.commit(plain(at, records=records))

        together(write, look, look)
        assert odd == []

    def test_a_snapshot_stays_as_it_was(self, store: Store) -> None:
        """Whatever is asked, as often as one likes, by the thread that writes meanwhile or by another."""
        model = Model()
        add(store, model, plain(0, 3, records={COUNTER: Record(2, Used(1))}))
        store.publish("note 3", 3)
        with store.snapshot() as still, still.snapshot() as again:
            before = Model()
            before.groups = list(model.groups)
            add(store, model, plain(3, 2, records={COUNTER: Record(4, Used(2))}))
            store.publish("note 5", 5)
            for asked in (still, again):
                assert asked.checkpoint() == "note 3"
                assert_alike(asked, before)
            with ThreadPoolExecutor(1) as other:
                other.submit(add, store, model, plain(5, 2, records={COUNTER: Record(6, Used(3))})).result()
            assert still.read([COUNTER]) == {COUNTER: Record(2, Used(1))}
            assert store.read([COUNTER]) == {COUNTER: Record(6, Used(3))}
        assert_alike(store, model)
        with store.snapshot() as still:
            assert_alike(still, model)

    def test_a_writer_that_waits_too_long_is_told(self, tmp_path: Any) -> None:
        store = self.make(tmp_path, timeout=0.02)
        with store.writing(), pytest.raises(StorageError) as raised, store.writing():
            pass
        assert raised.value.code == "store.busy"
        counted(store, 1)
        store.close()

    def test_the_latest_checkpoint_is_kept(self, store: Store) -> None:
        published = [("zero", 0, "zero"), ("five", 5, "five"), ("older", 4, "five"), ("equal", 5, "five")]
        for note, size, kept in [*published, ("six\n", 6, "six\n")]:
            store.publish(note, size)
            assert store.checkpoint() == kept
