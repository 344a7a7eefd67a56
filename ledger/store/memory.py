"""The store in memory: the contract in its plainest form, for tests, replay and demonstrations.

It outlives nothing: "durable" here means as long as the process. Everything else in the contract
holds. Readers and the writer share one lock, so that no reader ever sees half a group.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock
from typing import TypeVar

from ledger.errors import StorageError
from ledger.register import Flow, Key, Record, encode
from ledger.store import EMPTY, Group, Head
from ledger.store.group import check

CHUNK = 1_000  # rows taken under one hold of the lock while streaming
T = TypeVar("T")


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

    @contextmanager
    def writing(self) -> Iterator["_Writing"]:
        """Hold the writer's lock; see ``ledger.store.Store``."""
        if not self._writer.acquire(timeout=self._timeout):
            raise StorageError("store.busy")
        try:
            yield _Writing(self)
        finally:
            self._writer.release()

    def head(self) -> Head:
        """See ``ledger.store.Store``, here and below."""
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

    def checkpoint(self) -> str | None:
        with self._state:
            return self._checkpoint and self._checkpoint[1]

    def publish(self, checkpoint: str, size: int) -> None:
        with self._state:
            if self._checkpoint is None or self._checkpoint[0] < size:
                self._checkpoint = size, checkpoint

    def close(self) -> None:
        """Nothing to release."""

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
                if key not in self._records:
                    self._ids[key.kind].append(key.id)
                    self._unsorted.add(key.kind)
            self._records.update(group.records)
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
