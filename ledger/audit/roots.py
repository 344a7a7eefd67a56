"""The register's map as a replay makes it: what register events state of it, and what the store keeps.

Rows that do not fit into memory go to a temporary file, as in ``ledger.audit.scratch``.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from ledger import b64
from ledger.audit.difference import Difference, difference
from ledger.errors import StorageError
from ledger.events import Register
from ledger.merkle import HASH_BYTES
from ledger.register import Key, Record, encode
from ledger.registermap import PAIR_BYTES, bucket_of, key_hash
from ledger.rooting import charter_of
from ledger.rooting.growing import Growing
from ledger.store import NO_MAP, MapHead, Store
from ledger.tiles import WIDTH

AT_ONCE = 100_000  # records put into the map at a time, where no register event asks for it before
PART = 2_048  # buckets compared at a time
TABLES = """
    PRAGMA synchronous = OFF;
    PRAGMA journal_mode = OFF;
    CREATE TABLE buckets (area INTEGER, id INTEGER, value BLOB, PRIMARY KEY (area, id)) WITHOUT ROWID;
    CREATE TABLE tiles (area INTEGER, id INTEGER, value BLOB, PRIMARY KEY (area, id)) WITHOUT ROWID;
"""
BUCKET = "SELECT value FROM buckets WHERE area = ? AND id = ?"
TILE = "SELECT value FROM tiles WHERE area = ? AND id = ?"


class Roots:
    """Follows the register of a replay. ``differences``: where a register event, or the kept map, is not what
    the entries before it make; ``stated``: indices of register events."""

    def __init__(self, store: Store) -> None:
        self.differences: list[Difference] = []
        self.stated: set[int] = set()
        self._store = store
        self._rows = _Rows()
        self._map = Growing(self._rows, NO_MAP)
        self._fresh: dict[Key, Record] = {}
        self._kept = self._read_head()
        self._since: set[Key] | None = None  # what has been written since the kept map

    def take(self, records: Mapping[Key, Record]) -> None:
        """What an entry wrote."""
        self._fresh.update(records)
        if self._since is not None:
            self._since.update(records)
        if len(self._fresh) >= AT_ONCE:
            self._put()

    def compare(self, index: int, event: Register) -> None:
        """Compare what this entry states, before what it writes itself is taken."""
        self._put()
        self.stated.add(index)
        root = self._map.root(charter_of(self._store))
        assert root is not None  # it was given its depth
        stated, made = f"{event.depth} {event.root}", f"{root.depth} {b64.encode_std(root.root)}"
        if stated != made:
            self.differences.append(difference("audit.register", f"$.entries[{index}]", stated, made, index))
        if self._kept.size == index:
            self._since = set()
            try:
                self.differences += next(([found] for found in self._parts(index)), [])
            except StorageError as fault:
                if fault.code != "store.corrupt":
                    raise
                self.differences.append(difference("audit.map", "$.map", "", "", None, fault.detail))

    def finish(self) -> Iterator[Difference]:
        """When all is replayed: what the store does not count as changed since the kept map."""
        if self._since is not None:
            missing = self._since.difference(key for key, _ in self._store.changes(self._kept.size)[1])
            for kind, id in sorted(missing)[:1]:
                yield difference("audit.map", f"$.changed[{kind} {id}]", "", f"{kind} {id}")

    def close(self) -> None:
        """Give the file back."""
        self._rows.close()

    def _read_head(self) -> MapHead:
        try:
            return self._store.map()
        except StorageError as fault:
            if fault.code != "store.corrupt":
                raise
            self.differences.append(difference("audit.map", "$.map", "", "", None, fault.detail))
            return NO_MAP

    def _put(self) -> None:
        self._map.put({key_hash(key): sha256(encode(value)).digest() for key, value in self._fresh.items()})
        self._map.fit(True)
        self._fresh = {}

    def _parts(self, index: int) -> Iterator[Difference]:
        """Every difference between the kept map and this one, which are of the same entries."""
        made = self._map.change(index).head
        for name, one, other in zip(("depth", "count"), self._kept[1:3], made[1:3], strict=True):
            if one != other:
                yield difference("audit.map", f"$.map.{name}", one, other)
        for start in range(0, 1 << made.depth, PART):
            numbers = range(start, min(start + PART, 1 << made.depth))
            stored, derived = self._store.buckets(numbers), self._map.buckets(numbers)
            for number in numbers:
                pairs, right = stored.get(number, b""), derived.get(number, b"")
                if pairs != right:
                    yield difference("audit.map", f"$.map.buckets[{number}]", pairs, right)
        level, width = 0, 1 << made.depth
        while width:
            for number in range((width + WIDTH - 1) // WIDTH):
                at = f"$.map.tiles[{level}][{number}]"
                tile, right = self._store.map_tile(level, number) or b"", self._map.tile(level, number)
                if tile != right:
                    yield difference("audit.map", at, tile, right)
            level, width = level + 1, width // WIDTH
        yield from self._before(index, made.depth)

    def _before(self, size: int, depth: int) -> Iterator[Difference]:
        """The records that have changed since, as the store says that they were."""
        keys = [key for key, _ in self._store.changes(size)[1]]
        for start in range(0, len(keys), PART):
            some = keys[start : start + PART]
            was = self._store.as_of(some, size)
            for key, digest in self._digests(some, depth):
                record = was.get(key)
                if digest != (sha256(record).digest() if record is not None else b""):
                    yield difference("audit.map", f"$.before[{key.kind} {key.id}]", record or b"", digest)

    def _digests(self, keys: Sequence[Key], depth: int) -> Iterator[tuple[Key, bytes]]:
        """What this map has of the keys; no octets where it has none."""
        hashes = {key: key_hash(key) for key in keys}
        held = self._map.buckets({bucket_of(hash, depth) for hash in hashes.values()})
        for key, hash in hashes.items():
            pairs = held.get(bucket_of(hash, depth), b"")
            pair = pairs[pairs.find(hash) :][:PAIR_BYTES] if hash in pairs else b""
            yield key, pair[HASH_BYTES:]


class _Rows:
    """The rows of the map while it is made: see ``ledger.rooting.growing.Rows``. Only the last two areas are
    ever read."""

    def __init__(self) -> None:
        self._file: sqlite3.Connection | None = None
        self._areas = 0

    def buckets(self, numbers: Iterable[int], area: int | None = None) -> dict[int, bytes]:
        found = ((number, self._row(BUCKET, area, number)) for number in numbers)
        return {number: pairs for number, pairs in found if pairs is not None}

    def map_tile(self, level: int, number: int, area: int | None = None) -> bytes | None:
        return self._row(TILE, area, level << 40 | number)

    def _row(self, question: str, area: int | None, id: int) -> bytes | None:
        if self._file is None:
            return None
        found = self._file.execute(question, (area, id)).fetchone()
        return None if found is None else bytes(found[0])

    def new_area(self) -> int:
        if self._file is None:
            self._file = sqlite3.connect("", isolation_level=None)  # gone when it is closed
            self._file.executescript(TABLES)
        self._areas += 1
        for table in ("DELETE FROM buckets WHERE area < ?", "DELETE FROM tiles WHERE area < ?"):
            self._file.execute(table, (self._areas - 1,))
        return self._areas

    def prepare(
        self, area: int, buckets: Mapping[int, bytes], tiles: Mapping[tuple[int, int], bytes]
    ) -> bool:
        assert self._file is not None
        self._file.execute("BEGIN")
        self._file.executemany(
            "INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", [(area, *row) for row in buckets.items()]
        )
        self._file.executemany(
            "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?)",
            [(area, level << 40 | number, hashes) for (level, number), hashes in tiles.items()],
        )
        self._file.execute("COMMIT")
        return True

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
