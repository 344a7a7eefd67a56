"""What every backend must do with the register's map: a suite beside ``contract``, and its model."""

from hypothesis import strategies as st

from ledger.register import KINDS, WRITE_ONCE, Event, Key, Record, Used, encode
from ledger.store import NO_MAP, Group, MapChange, MapHead, Store
from tests.store.contract import IDS, Backend, Model, counted, next_group, plain

KEYS = [Key(kind, id) for kind in KINDS for id in IDS]


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Group, int]]:
    """Groups, some of which end with a register event; after each, how many of the register events that no
    kept map has stated yet get their map kept (the latest of so many; 0: none)."""
    made: list[tuple[Group, int]] = []
    written: set[Key] = set()
    for _ in range(draw(st.integers(1, 6))):
        group = draw(next_group(made[-1][0].head.size if made else 0))
        last = group.head.size - 1
        rooted = draw(st.booleans())
        records = {
            key: record
            for key, record in group.records.items()
            if not (key.kind in WRITE_ONCE and key in written) and not (rooted and record.at == last)
        }
        if rooted:  # such an entry writes its own record alone
            name = Key("event", f"register {last}")
            records[name] = Record(last, Event("register", "", 0, "", (), (), (), ()))
        written |= records.keys()
        group = group._replace(records=records, rooted=rooted)
        made.append((group, draw(st.integers(0, 2))))
    return made


def assert_changes(store: Store, model: Model, kept: int) -> None:
    """``changes`` and ``as_of`` against all groups."""
    now = {key: encode(record) for key, record in model.records().items()}
    for start in range(kept, model.head.size + 1):
        size, found = store.changes(start)
        assert size == model.head.size
        changed = list(found)
        keys = {key for group in model.groups if group.head.size > start for key in group.records}
        assert dict(changed) == {key: now[key] for key in keys}
        assert len(changed) == len(keys)
    for index in (group.head.size - 1 for group in model.groups if group.rooted):
        if index >= kept:
            then = Model()
            then.groups = [group for group in model.groups if group.start <= index]
            known = {key: encode(rec) for key, rec in then.records().items() if rec.at < index}
            asked = [*KEYS, *(key for key in now if key not in KEYS)]
            assert store.as_of(asked, index) == known


def head(size: int, area: int = 0, depth: int = 1) -> MapHead:
    return MapHead(size, depth, 3, area)


class MapContract(Backend):
    """The suite."""

    def what_changed_and_what_was_is_told(self, history: list[tuple[Group, int]]) -> None:
        """The property of ``histories``."""
        model = Model()
        kept = 0
        with self.fresh() as store:
            for group, publish in history:
                with store.writing() as writing:
                    writing.commit(group)
                model.groups.append(group)
                assert_changes(store, model, kept)
                waiting = [g.head.size - 1 for g in model.groups if g.rooted and g.head.size - 1 > kept]
                if publish and waiting:
                    kept = waiting[min(publish, len(waiting)) - 1]
                    change = MapChange(store.map(), head(kept), {}, {})
                    assert store.publish(f"note {kept}", kept + 1, change)
                    assert_changes(store, model, kept)

    def test_a_new_store_keeps_no_map(self, store: Store) -> None:
        assert store.map() == NO_MAP
        assert store.buckets([0, 1]) == {}
        assert store.map_tile(0, 0) is None
        assert store.changes(0)[0] == 0
        assert list(store.changes(0)[1]) == []
        assert store.as_of(KEYS, 0) == {}
        assert not store.tidy()

    def test_a_map_is_kept_with_its_checkpoint_and_changed_in_place(self, store: Store) -> None:
        counted(store, 3)
        first = MapChange(NO_MAP, head(1), {0: b"a" * 64, 1: b"b" * 64}, {(0, 0): b"c" * 64})
        assert store.publish("two", 2, first)
        kept = store.map()
        assert kept == head(1, kept.area)
        assert kept.area > 0
        assert store.buckets([0, 1, 2]) == first.buckets
        assert store.map_tile(0, 0) == b"c" * 64
        assert store.map_tile(0, 1) is None
        next_one = MapChange(kept, head(2, kept.area), {1: b"d" * 128}, {(0, 0): b"e" * 64})
        assert store.publish("three", 3, next_one)
        assert store.map() == head(2, kept.area)
        assert store.buckets(iter([1, 0])) == {0: b"a" * 64, 1: b"d" * 128}
        assert store.map_tile(0, 0) == b"e" * 64
        assert store.checkpoint() == "three"

    def test_a_change_of_another_map_is_not_kept_nor_its_checkpoint(self, store: Store) -> None:
        counted(store, 6)
        assert store.publish("two", 2, MapChange(NO_MAP, head(1), {0: b"a" * 64}, {}))
        kept = store.map()
        late = MapChange(NO_MAP, head(3), {0: b"b" * 64}, {})
        assert not store.publish("four", 4, late)
        assert (store.map(), store.checkpoint(), store.buckets([0])) == (kept, "two", {0: b"a" * 64})
        # an older one needs not be kept: there is a newer
        assert store.publish("three", 3, MapChange(NO_MAP, head(1), {0: b"c" * 64}, {}))
        assert (store.map(), store.checkpoint(), store.buckets([0])) == (kept, "three", {0: b"a" * 64})
        assert store.publish("two again", 2, MapChange(kept, head(5, kept.area), {}, {}))
        assert (store.map().size, store.checkpoint()) == (5, "three")

    def test_a_deeper_map_is_made_ready_unseen(self, store: Store) -> None:
        counted(store, 3)
        assert store.publish("two", 2, MapChange(NO_MAP, head(1), {0: b"a" * 64}, {(0, 0): b"b" * 32}))
        kept = store.map()
        area, other = store.new_area(), store.new_area()
        assert len({0, kept.area, area, other}) == 4
        assert store.prepare(area, {0: b"c" * 64, 1: b"d" * 64}, {(0, 0): b"e" * 64})
        assert store.prepare(area, {1: b"f" * 64}, {(0, 1): b"g" * 64})
        assert store.map() == kept
        assert store.buckets([0, 1]) == {0: b"a" * 64}
        assert store.buckets([0, 1], area) == {0: b"c" * 64, 1: b"f" * 64}
        assert store.map_tile(0, 0) == b"b" * 32
        assert store.map_tile(0, 0, area) == b"e" * 64
        assert store.strays() == []
        change = MapChange(kept, head(2, area, 9), {2: b"h" * 64}, {(0, 0): b"i" * 64})
        assert store.publish("three", 3, change)
        assert store.map() == head(2, area, 9)
        assert store.buckets([0, 1, 2]) == {0: b"c" * 64, 1: b"f" * 64, 2: b"h" * 64}
        assert (store.map_tile(0, 0), store.map_tile(0, 1)) == (b"i" * 64, b"g" * 64)
        # what was made ready beside it is no more
        assert not store.prepare(other, {0: b"j" * 64}, {})
        assert not store.publish("more", 9, MapChange(store.map(), head(8, other), {}, {}))
        while store.tidy():
            pass
        assert store.buckets([0], kept.area) == {}
        assert store.buckets([0]) == {0: b"c" * 64}
        assert store.map_tile(0, 0, kept.area) is None
        assert store.strays() == []
        assert store.new_area() > other

    def test_tidying_takes_many_short_steps(self, store: Store) -> None:
        counted(store, 2)
        many = dict.fromkeys(range(5000), b"a" * 64)
        assert store.publish("two", 2, MapChange(NO_MAP, head(1), many, {}))
        old = store.map()
        assert store.publish("three", 3, MapChange(old, head(2), {0: b"b" * 64}, {}))
        while store.tidy():
            pass
        assert store.buckets(many, old.area) == {}
        assert store.buckets([0, 1]) == {0: b"b" * 64}

    def test_a_record_written_again_and_again_is_kept_as_it_was(self, store: Store) -> None:
        counted(store, 1)
        assert store.rooted() == -1
        with store.writing() as writing:
            writing.commit(plain(1, 2, records={}, rooted=True))
        assert store.rooted() == 2
        was = store.as_of([Key("used", "counter")], 2)
        assert was == {Key("used", "counter"): encode(Record(0, Used(1)))}
        counted(store, 2)
        assert store.as_of([Key("used", "counter")], 2) == was
