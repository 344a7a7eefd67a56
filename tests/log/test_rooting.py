"""The maker of roots: whatever happens in between, its map is the one that the definition gives."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import b64, merkle, tiles
from ledger.entry import Entry
from ledger.entry import encode as encode_entry
from ledger.register import WRITE_ONCE, Event, Key, Mark, Record, Stock, Used, encode
from ledger.registermap import (
    PAIR_BYTES,
    OpenedMap,
    bucket_hash,
    bucket_of,
    depth_of,
    key_hash,
    pair,
    prove,
)
from ledger.rooting import Root, Rooting, charter_of, growing, tree
from ledger.statement import sign
from ledger.store import NO_MAP, Group, Store
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.store.contract import Model, plain
from tests.world import NAME, START, private_key


def from_scratch(charter: bytes, records: dict[Key, bytes]) -> tuple[Root, list[bytes]]:
    """The root by the definition, and the bucket hashes."""
    pairs = sorted(pair(key, data) for key, data in records.items())
    depth = depth_of(len(pairs))
    buckets: dict[int, list[bytes]] = {}
    for one in pairs:
        buckets.setdefault(bucket_of(one, depth), []).append(one)
    hashes = [bucket_hash(b"".join(buckets.get(number, [])), depth) for number in range(1 << depth)]
    return Root(depth, merkle.node_hash(charter, merkle.root(hashes))), hashes


class History:
    """A store, random groups in it, and what the register was at each size."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.model = Model()

    @property
    def size(self) -> int:
        return self.model.head.size

    def commit(self, records: dict[Key, Any], *, rooted: bool = False) -> None:
        size = self.size
        own = {Key("event", f"entry {size}"): event()}  # as every entry writes one
        written = {key: Record(size, value) for key, value in (records | own).items()}
        said = stating(size, from_scratch(charter_of(self.store), self.records(size))[0]) if rooted else OTHER
        entries = [encode_entry(Entry(size, 0, bytes(32), 0, said))]
        group = plain(size, records=written, rooted=rooted, entries=entries)
        with self.store.writing() as writing:
            writing.commit(group)
        self.model.groups.append(group)

    def register(self) -> int:
        """Commit a register event; its index."""
        index = self.size
        self.commit({}, rooted=True)
        return index

    def records(self, size: int) -> dict[Key, bytes]:
        """As entries before ``size`` left them."""
        groups: list[Group] = [group for group in self.model.groups if group.head.size <= size]
        return {key: encode(record) for group in groups for key, record in group.records.items()}

    def check(self, index: int) -> None:
        """The kept map is that of the definition, in every part, and proves what it should."""
        records = self.records(index)
        charter = charter_of(self.store)
        root, hashes = from_scratch(charter, records)
        kept = self.store.map()
        assert (kept.size, kept.depth, kept.count) == (index, root.depth, len(records))
        width = 1 << root.depth
        for (level, number), tile in tiles.update(0, hashes, lambda level, number: None).items():
            assert self.store.map_tile(level, number) == tile
        read = tiles.hash_reader(self.store.map_tile, width)
        assert merkle.node_hash(charter, merkle.root_of(width, read)) == root.root
        asked = [*list(records)[:: max(len(records) // 20, 1)], Key("lot", "never"), Key("used", "never")]
        opened, rest = prove(map(key_hash, asked), root.depth, self.store.buckets, read)
        shown = OpenedMap(charter, root.root, root.depth, opened, rest)
        then = self.store.as_of(asked, index)
        assert then == {key: records[key] for key in asked if key in records}
        for key in asked:
            data = then.get(key)
            assert shown.digest(key_hash(key)) == (None if data is None else sha256(data).digest())
        assert self.store.strays() == []


def statement(event: dict[str, Any]) -> str:
    common = {"ledger": NAME, "id": "evt:1", "time": START, "party": "urn:a"}
    return sign(json.dumps(common | event).encode(), private_key("operator"))


def stating(size: int, root: Root) -> str:
    """The statement of a register event."""
    root64 = b64.encode_std(root.root)
    return statement({"type": "register", "size": size, "depth": root.depth, "root": root64})


OTHER = statement({"type": "revoke_key", "kid": private_key("a").public.kid, "reason": "a test"})


def event() -> Event:
    return Event("register", "", 0, "", (), (), (), ())


@contextmanager
def memory() -> Iterator[Store]:
    yield MemoryStore()


@contextmanager
def sqlite() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(folder, create=True)
        yield store
        store.close()


STORES = pytest.mark.parametrize("make", [memory, sqlite])
VALUES = {"lot": Mark("a"), "hold": Mark("a"), "used": Used(1), "stock": Stock(1), "key": Mark("a")}
IDS = st.integers(0, 400).map("urn:x:{}".format)
WRITES = st.lists(
    st.tuples(st.sampled_from(sorted(VALUES)), IDS, st.integers(1, 40)), min_size=1, max_size=12
)
# write so many; fold; state the root; publish what was stated; crash; another process states and publishes
STEPS = st.lists(
    st.one_of(WRITES, st.sampled_from(["fold", "state", "publish", "crash", "other"])), max_size=25
)


@pytest.mark.unmeasured
@STORES
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_the_kept_map_is_that_of_the_definition(make: Any, steps: list[Any]) -> None:
    with make() as store, pytest.MonkeyPatch.context() as patched:
        patched.setattr(growing, "SMALL", 60)
        patched.setattr(growing, "PART", 2)
        patched.setattr(growing, "MOST_CHANGED", 4_000)
        patched.setattr(tree, "MOST_TILES", 2)
        history = History(store)
        history.commit({Key("charter", "0"): Mark("a")})
        rooting = Rooting(store)
        stated: int | None = None
        for number, step in enumerate(steps):
            if isinstance(step, list):
                history.commit(written(history, step, number))
            elif step == "fold":
                rooting.fold()
                stated = None
            elif step == "state":
                stated = state(rooting, history)
            elif step == "publish" and stated is not None:
                if rooting.keep(f"note {number}", stated + 1) and store.map().size == stated:
                    history.check(stated)
                rooting.tidy()
                stated = None
            elif step == "crash":
                rooting, stated = Rooting(store), None
            elif step == "other":
                other = Rooting(store)
                index = state(other, history)
                assert other.keep(f"note {number}", index + 1)
                history.check(index)
        history.commit({Key("charter", "1"): Mark("a")})
        index = state(rooting, history)
        assert rooting.keep("last", index + 1)
        history.check(index)
        assert store.checkpoint() == "last"


def state(rooting: Rooting, history: History) -> int:
    """What a publisher does under the writer's lock."""
    last = history.model.groups[-1]
    index = last.head.size - 1 if last.rooted else history.size
    root, _ = from_scratch(charter_of(history.store), history.records(index))
    found = rooting.root(index)
    if found is None:  # the map must become deeper first
        rooting.fold()
        found = rooting.root(index)
    assert found == root
    return index if last.rooted else history.register()


def written(history: History, step: list[tuple[str, str, int]], salt: int) -> dict[Key, Any]:
    """The records of a step; write-once ones are written once."""
    there = history.model.records()
    found: dict[Key, Any] = {}
    for kind, id, more in step:
        for n in range(more):
            key = Key(kind, f"{id}:{n}")
            if not (kind in WRITE_ONCE and key in there):
                value = VALUES[kind]
                found[key] = value._replace(grams=salt) if hasattr(value, "grams") else value
    return found


def test_a_fold_leaves_what_a_register_event_at_the_end_wrote_to_the_next() -> None:
    store = MemoryStore()
    history = History(store)
    history.commit({Key("lot", "a"): Mark("a")})
    rooting = Rooting(store)
    assert rooting.fold() == 0
    index = state(rooting, history)
    assert rooting.fold() == 0
    # the register event is the last entry: the map is still the one that it states
    assert rooting.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
    assert rooting.keep("note", index + 1)
    history.commit({Key("lot", "b"): Mark("a")})
    assert rooting.fold() == 0
    state(rooting, history)


@STORES
def test_a_map_that_failed_half_way_begins_again(make: Any) -> None:
    with make() as store:
        history = History(store)
        history.commit({Key("lot", f"a{n}"): Mark("a") for n in range(100)})
        rooting = Rooting(store)
        rooting.keep("note", state(rooting, history) + 1)
        history.commit({Key("lot", f"b{n}"): Mark("a") for n in range(10)})
        with pytest.MonkeyPatch.context() as patched:

            def fail(*_: object) -> bytes:
                raise KeyError

            patched.setattr(growing, "bucket_hash", fail)
            with pytest.raises(KeyError):
                rooting.root(history.size)
        rooting.keep("again", state(rooting, history) + 1)
        history.check(store.map().size)


@STORES
def test_a_growth_that_another_overtakes_begins_again(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "SMALL", 10)
    monkeypatch.setattr(growing, "PART", 1)
    with make() as store:
        history = History(store)
        history.commit({Key("lot", f"a{n}"): Mark("a") for n in range(40)})
        first, second = Rooting(store), Rooting(store)
        index = state(first, history)
        assert first.keep("note", index + 1)
        history.commit({Key("lot", f"b{n}"): Mark("a") for n in range(200)})
        prepare = store.prepare
        areas: list[int] = []

        def overtaken(area: int, *rows: Any) -> bool:
            if not areas:
                areas.append(area)
                first.keep("other", state(first, history) + 1)
            return prepare(area, *rows)

        monkeypatch.setattr(store, "prepare", overtaken)
        second.fold()
        index = state(second, history)
        second.keep("last", index + 1)
        second.tidy()
        history.check(index)
        assert areas
        assert store.buckets(range(512), areas[0]) == {} or store.map().area == areas[0]


def test_an_empty_store_keeps_no_map() -> None:
    store = MemoryStore()
    assert Rooting(store).fold() == 0
    assert store.map() == NO_MAP


def test_a_deep_map_of_many_tiles_is_that_of_the_definition() -> None:
    """More than 256 · 256 buckets would take long: two levels and a bit."""
    store = MemoryStore()
    history = History(store)
    rooting = Rooting(store)
    for number in range(3):
        history.commit({Key("lot", f"{number}:{n}"): Mark("a") for n in range(2_000)})
        index = state(rooting, history)
        assert rooting.keep(f"note {number}", index + 1)
        history.check(index)
    assert store.map().depth == 11
    assert all(len(pairs) % PAIR_BYTES == 0 for pairs in store.buckets(range(1 << 11)).values())


def test_however_few_tiles_are_held_each_is_read_once_for_a_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tile is hashed whole when it is read: read again for each bucket, that would be most of the work."""
    store = MemoryStore()
    history = History(store)
    history.commit({Key("lot", f"a{n}"): Mark("a") for n in range(6_000)})
    rooting = Rooting(store)
    assert rooting.keep("note", state(rooting, history) + 1)
    read: Counter[tuple[int, int]] = Counter()
    map_tile = store.map_tile

    def counted(level: int, number: int, area: int | None = None) -> bytes | None:
        read[level, number] += 1
        return map_tile(level, number, area)

    monkeypatch.setattr(store, "map_tile", counted)
    monkeypatch.setattr(tree, "MOST_TILES", 3)
    monkeypatch.setattr(growing, "PART", 64)
    rooting = Rooting(store)
    history.commit({Key("lot", f"b{n}"): Mark("a") for n in range(1_000)})
    rooting.fold()
    assert store.map().depth == 11
    assert read == dict.fromkeys([(1, 0), *((0, number) for number in range(8))], 1)
