"""The store in memory: the contract in its plainest form, for tests, replay and demonstrations.

It outlives nothing: "durable" here means as long as the process. Everything else in the contract
holds. Readers and the writer share one lock, so that no reader ever sees half a group.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from threading import Lock, RLock
from typing import Any, NamedTuple, TypeVar

from ledger.errors import StorageError
from ledger.register import Flow, Key, Record, encode
from ledger.store import EMPTY, NO_MAP, Group, Head, MapChange, MapHead
from ledger.store.group import check

CHUNK = 1_000  # rows taken under one hold of the lock while streaming
T = TypeVar("T")


class _Rows(NamedTuple):
    """Of one area."""

    buckets: dict[int, bytes]
    tiles: dict[tuple[int, int], bytes]


def _own(value: Any) -> Any:
    """A copy of what is added to in place; else the value itself."""
    if isinstance(value, _Rows):
        return _Rows(dict(value.buckets), dict(value.tiles))
    return copy(value) if isinstance(value, list) else value


class MemoryStore:
    """A ``Store`` in this process's memory. ``timeout``: seconds that ``writing()`` waits."""

    def __init__(self, timeout: float = 10.0) -> None:
        self._timeout = timeout
        self._writer = Lock()  # held for a whole ``writing()`` block
        self._state = RLock()  # held for one read, or for taking over one group
        self._head = EMPTY
        self._entries: list[bytes] = []
        self._needs: list[tuple[int, ...]] = []
        self._records: dict[Key, Record] = {}
        self._ids: dict[str, list[str]] = defaultdict(list)  # ids of a kind, sorted when scanned
        self._unsorted: set[str] = set()
        self._flows: list[list[Flow]] = []  # by entry, each sorted
        self._into: dict[str, list[tuple[int, Flow]]] = defaultdict(list)
        self._out_of: dict[str, list[tuple[int, Flow]]] = defaultdict(list)
        self._touched: list[list[Key]] = []  # by entry, each sorted
        self._touches: dict[Key, list[int]] = defaultdict(list)
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._checkpoint: tuple[int, str] | None = None
        self._rooted = -1  # index of the last register event that ended a group
        self._changed: list[tuple[int, list[Key]]] = []  # a group's last index, the records it wrote
        self._before: dict[Key, list[tuple[int, Record]]] = {}  # as they were when that one was admitted
        self._map = NO_MAP
        self._areas = 0  # given out
        self._rows: dict[int, _Rows] = {}  # by area
        self._accounts: dict[str, bytes] = {}  # by lot

    @contextmanager
    def writing(self) -> Iterator["_Writing"]:
        """Hold the writer's lock; see ``ledger.store.Store``."""
        if not self._writer.acquire(timeout=self._timeout):
            raise StorageError("store.busy")
        try:
            yield _Writing(self)
        finally:
            self._writer.release()

    @contextmanager
    def snapshot(self) -> Iterator["MemoryStore"]:
        """See ``ledger.store.Store``, here and below. A copy, made of whatever is added to in place."""
        still = copy(self)
        with self._state:
            for name, value in vars(self).items():
                if isinstance(value, list | set):
                    setattr(still, name, copy(value))
                elif isinstance(value, dict) and name != "_accounts":
                    mine = copy(value)
                    mine.update((key, _own(one)) for key, one in value.items())
                    setattr(still, name, mine)
        yield still

    def head(self) -> Head:
        with self._state:
            return self._head

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        with self._state:
            records = self._records
            return {key: records[key] for key in keys if key in records}

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        assert 0 <= start <= stop <= len(self._entries), (start, stop)
        return self._chunks(self._entries, start, stop)

    def entries_at(self, indices: Iterable[int]) -> dict[int, bytes]:
        with self._state:
            return {index: self._entries[self._known(index)] for index in indices}

    def needs(self, indices: Iterable[int]) -> dict[int, tuple[int, ...]]:
        with self._state:
            return {index: self._needs[self._known(index)] for index in indices}

    def touches(self, keys: Iterable[Key]) -> dict[Key, tuple[int, ...]]:
        with self._state:
            return {key: tuple(self._touches[key]) for key in keys if key in self._touches}

    def flows_into(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        return self._edges(self._into, nodes)

    def flows_out_of(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        return self._edges(self._out_of, nodes)

    def flows_between(self, start: int, stop: int) -> Iterator[tuple[int, Flow]]:
        assert 0 <= start <= stop <= len(self._entries), (start, stop)
        by_entry = self._chunks(self._flows, start, stop)
        return ((index, flow) for index, flows in enumerate(by_entry, start) for flow in flows)

    def touches_between(self, start: int, stop: int) -> Iterator[tuple[Key, int]]:
        assert 0 <= start <= stop <= len(self._entries), (start, stop)
        by_entry = self._chunks(self._touched, start, stop)
        return ((key, index) for index, keys in enumerate(by_entry, start) for key in keys)

    def tile(self, level: int, number: int) -> bytes | None:
        with self._state:
            return self._tiles.get((level, number))

    def scan(
        self, kind: str, prefix: str = "", after: str = "", limit: int = 1000
    ) -> list[tuple[Key, Record]]:
        found: list[tuple[Key, Record]] = []
        with self._state:
            if kind in self._unsorted:
                self._ids[kind].sort()
                self._unsorted.discard(kind)
            ids = self._ids.get(kind, [])
            start = bisect_left(ids, prefix)
            if after:
                start = max(start, bisect_right(ids, after))
            for id in ids[start : start + max(limit, 0)]:
                if not id.startswith(prefix):
                    break
                key = Key(kind, id)
                found.append((key, self._records[key]))
        return found

    def scan_bytes(self, kind: str, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        return [(key.id, encode(record)) for key, record in self.scan(kind, "", after, limit)]

    def strays(self) -> list[str]:
        return []

    def rooted(self) -> int:
        with self._state:
            return self._rooted

    def checkpoint(self) -> str | None:
        with self._state:
            return self._checkpoint and self._checkpoint[1]

    def changes(self, start: int) -> tuple[int, Iterator[tuple[Key, bytes]]]:
        with self._state:
            written = {key: self._records[key] for at, keys in self._changed if at >= start for key in keys}
            return self._head.size, ((key, encode(record)) for key, record in written.items())

    def as_of(self, keys: Iterable[Key], size: int) -> dict[Key, bytes]:
        with self._state:
            found = {}
            for key in keys:
                record = self._records.get(key)
                record = next((was for rooted, was in self._before.get(key, ()) if rooted >= size), record)
                if record is not None and record.at < size:
                    found[key] = encode(record)
            return found

    def map(self) -> MapHead:
        with self._state:
            return self._map

    def buckets(self, numbers: Iterable[int], area: int | None = None) -> dict[int, bytes]:
        with self._state:
            held = self._area(area).buckets
            return {number: held[number] for number in numbers if number in held}

    def map_tile(self, level: int, number: int, area: int | None = None) -> bytes | None:
        with self._state:
            return self._area(area).tiles.get((level, number))

    def new_area(self) -> int:
        with self._state:
            self._areas += 1
            self._rows[self._areas] = _Rows({}, {})
            return self._areas

    def prepare(
        self, area: int, buckets: Mapping[int, bytes], tiles: Mapping[tuple[int, int], bytes]
    ) -> bool:
        with self._state:
            if area not in self._rows:
                return False
            self._rows[area].buckets.update(buckets)
            self._rows[area].tiles.update(tiles)
            return True

    def tidy(self) -> bool:
        return False

    def publish(self, checkpoint: str, size: int, change: MapChange | None = None) -> bool:
        with self._state:
            if change is not None and not self._keep(change):
                return False
            if self._checkpoint is None or self._checkpoint[0] < size:
                self._checkpoint = size, checkpoint
            return True

    def accounts(self, lots: Iterable[str]) -> dict[str, bytes]:
        with self._state:
            return {lot: self._accounts[lot] for lot in lots if lot in self._accounts}

    def keep_accounts(self, kept: Mapping[str, bytes]) -> None:
        with self._state:
            self._accounts.update(kept)

    def scan_accounts(self, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        with self._state:
            lots = list(self._accounts)
            start = lots.index(after) + 1 if after else 0
            return [(lot, self._accounts[lot]) for lot in lots[start : start + max(limit, 0)]]

    def close(self) -> None:
        """Nothing to release."""

    def _area(self, area: int | None) -> "_Rows":
        return self._rows.get(self._map.area if area is None else area, _Rows({}, {}))

    def _keep(self, change: MapChange) -> bool:
        head = change.head
        if self._map.size >= head.size:
            return True
        if self._map != change.base or (head.area and head.area not in self._rows):
            return False
        area = head.area or self.new_area()
        self.prepare(area, change.buckets, change.tiles)
        self._map = head._replace(area=area)
        self._rows = {area: self._rows[area]}
        self._changed = [row for row in self._changed if row[0] >= head.size]
        kept = {key: [row for row in rows if row[0] >= head.size] for key, rows in self._before.items()}
        self._before = {key: rows for key, rows in kept.items() if rows}
        return True

    def _known(self, index: int) -> int:
        assert 0 <= index < len(self._entries), "an entry outside the ledger"
        return index

    def _edges(
        self, edges: dict[str, list[tuple[int, Flow]]], nodes: Iterable[str]
    ) -> list[tuple[int, Flow]]:
        with self._state:
            return sorted(edge for node in set(nodes) if node in edges for edge in edges[node])

    def _chunks(self, rows: list[T], start: int, stop: int) -> Iterator[T]:
        for at in range(start, stop, CHUNK):
            with self._state:
                chunk = rows[at : min(at + CHUNK, stop)]
            yield from chunk

    def _take(self, group: Group) -> None:
        """Take the whole group over. All that could fail is done by ``check``, before any change."""
        with self._state:
            check(group, self._head.size)
            self._entries.extend(group.entries)
            self._needs.extend(group.needs)
            for key in group.records:
                before = self._records.get(key)
                if before is None:
                    self._ids[key.kind].append(key.id)
                    self._unsorted.add(key.kind)
                elif before.at < self._rooted:
                    self._before.setdefault(key, []).append((self._rooted, before))
            self._records.update(group.records)
            self._changed.append((group.head.size - 1, list(group.records)))
            if group.rooted:
                self._rooted = group.head.size - 1
            self._flows.extend([] for _ in group.entries)
            for index, flow in sorted(group.flows):
                self._flows[index].append(flow)
                self._into[flow.dst].append((index, flow))
                self._out_of[flow.src].append((index, flow))
            self._touched.extend([] for _ in group.entries)
            for index, key in sorted({(index, key) for key, index in group.touches}):
                self._touched[index].append(key)
                self._touches[key].append(index)
            self._tiles.update(group.tiles)
            self._head = group.head


class _Writing:
    """The writer's hold on a ``MemoryStore``."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._committed = False

    def head(self) -> Head:
        return self._store.head()

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        return self._store.read(keys)

    def commit(self, group: Group) -> None:
        assert not self._committed, "a second commit in one writing() block"
        self._store._take(group)
        self._committed = True
