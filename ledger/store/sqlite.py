"""The store in one SQLite file, ``ledger.db``: the default, nothing to set up.

Write-ahead log, ``synchronous=FULL``: a commit is one append and one fsync. Writers, of all threads
and processes, are ordered by SQLite's own write lock (``BEGIN IMMEDIATE``); readers never wait.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any

from sqlite_utils import Database

from ledger.errors import StorageError
from ledger.register import Flow, Key, Record
from ledger.store import Group, Head, MapChange, MapHead, accounts, mapping, needs, rows
from ledger.store.group import check
from ledger.store.schema import CODES, NUMBER_LIMIT, PLACES, connect, fault, faults, stamp

FILE = "ledger.db"
WRITER_CACHE = 65_536  # KiB; there is one writer
READER_CACHE = 8_192  # KiB; there may be as many readers as threads
MAX_NUMBERS = 100_000  # of names, remembered between commits
CHUNK = 1_000  # entries whose rows are fetched at once while streaming

ENTRIES = "SELECT id, CAST(entry AS BLOB) FROM entries WHERE id IN (SELECT value FROM json_each(?))"
NEEDS = "SELECT id, CAST(needs AS BLOB) FROM entries WHERE id IN (SELECT value FROM json_each(?))"
FLOWS_INTO = """
    SELECT flows.id, s.name, d.name, flows.grams
    FROM json_each(?) AS wanted CROSS JOIN names AS d ON d.name = wanted.value
    CROSS JOIN flows ON flows.dst = d.id CROSS JOIN names AS s ON s.id = flows.src ORDER BY flows.id
"""
FLOWS_OUT_OF = """
    SELECT flows.id, s.name, d.name, flows.grams
    FROM json_each(?) AS wanted CROSS JOIN names AS s ON s.name = wanted.value
    CROSS JOIN flows ON flows.src = s.id CROSS JOIN names AS d ON d.id = flows.dst ORDER BY flows.id
"""
FLOWS_BETWEEN = """
    SELECT flows.id, s.name, d.name, flows.grams
    FROM flows CROSS JOIN names AS s ON s.id = flows.src CROSS JOIN names AS d ON d.id = flows.dst
    WHERE flows.id >= ? AND flows.id < ? ORDER BY flows.id
"""
TOUCHES_BETWEEN = """
    SELECT touches.at, touches.record, names.name
    FROM touches CROSS JOIN names ON names.id = touches.record & 0xFFFFFFFFFFFF
    WHERE touches.at >= ? AND touches.at < ?
"""
STRAYS = """
    WITH size(n) AS (SELECT size FROM head)
    SELECT 'entries' FROM size WHERE EXISTS (SELECT 1 FROM entries WHERE id < 0 OR id >= n)
    UNION ALL SELECT 'flows' FROM size WHERE EXISTS (SELECT 1 FROM flows WHERE id < 0 OR id / ?1 >= n)
    UNION ALL SELECT 'touches' FROM size WHERE EXISTS (SELECT 1 FROM touches WHERE at < 0 OR at >= n)
    UNION ALL SELECT 'records' FROM size WHERE EXISTS (SELECT 1 FROM records WHERE id < 0 OR id >= ?2)
    UNION ALL SELECT 'tiles' FROM size WHERE EXISTS (
        SELECT 1 FROM tiles WHERE level NOT BETWEEN 0 AND 5 OR number NOT BETWEEN 0 AND n
        OR ((number << 8) + 1) << (8 * level) > n)
    UNION ALL SELECT 'changed' FROM size, map WHERE EXISTS (
        SELECT 1 FROM changed WHERE at < map.size OR at >= n)
    UNION ALL SELECT 'before' FROM size, map WHERE EXISTS (
        SELECT 1 FROM before WHERE rooted < map.size OR rooted >= n)
    UNION ALL SELECT 'buckets' FROM map WHERE EXISTS (
        SELECT 1 FROM buckets WHERE id >> 40 NOT IN (SELECT id FROM areas)
        OR id >> 40 = area AND id & 0xFFFFFFFFFF >= 1 << depth)
    UNION ALL SELECT 'map_tiles' FROM map WHERE EXISTS (
        SELECT 1 FROM map_tiles WHERE id >> 48 NOT IN (SELECT id FROM areas)
        OR id >> 48 = area AND ((id & 0xFFFFFFFFFF) << 8) + 1 << 8 * (id >> 40 & 255) > 1 << depth)
    UNION ALL SELECT 'accounts' FROM size WHERE EXISTS (
        SELECT 1 FROM accounts LEFT JOIN names ON names.id = lot WHERE substr(name, 1, 4) IS NOT 'lot ')
    UNION ALL SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')
"""
SCAN = """
    SELECT records.id, names.name, CAST(records.record AS BLOB)
    FROM names CROSS JOIN records ON records.id = names.id + ?
    WHERE names.name >= ? AND names.name > ? ORDER BY names.name LIMIT ?
"""
# As rows that can be compared as they are: an audit asks for all records.
SCAN_BYTES = """
    SELECT substr(names.name, ?), CAST(records.record AS BLOB)
    FROM names CROSS JOIN records ON records.id = names.id + ?
    WHERE names.name > ? AND names.name >= ? AND names.name < ? ORDER BY names.name LIMIT ?
"""
PUBLISH = """
    INSERT INTO checkpoint VALUES (0, ?, ?) ON CONFLICT (id) DO UPDATE
    SET size = excluded.size, note = excluded.note WHERE size < excluded.size
"""


class SqliteStore:
    """A ``Store`` in ``folder/ledger.db``; the methods are described there.

    ``create``: make folder and file if they are not there; otherwise that is ``store.missing``.
    ``timeout``: seconds that ``writing()`` and ``publish`` wait for other writers.
    """

    connection_class: type[sqlite3.Connection] = sqlite3.Connection

    def __init__(self, folder: Path | str, *, create: bool = False, timeout: float = 10.0) -> None:
        self._path = Path(folder) / FILE
        self._timeout = timeout
        self._closed = False
        self._writer = Lock()  # held by the thread that uses ``_writes``
        self._numbers: dict[str, int] = {}  # of names that were committed; for who holds ``_writes``
        self._idle: list[Database] = []  # connections for reading that nobody uses now
        if create:
            with faults(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writes: Database | None = self._connect(WRITER_CACHE, create)
        with faults(self._path):
            self._still = stamp(self._path)

    @contextmanager
    def writing(self) -> Iterator["_Writing"]:
        with self._exclusive() as db:
            yield _Writing(db, self._path, self._numbers)

    def head(self) -> Head:
        with self._reading() as db:
            return rows.head(db.conn)

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        with self._reading() as db:
            return rows.read(db.conn, keys)

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        for at, end in _chunks(start, stop):
            found = self._ask(
                "SELECT CAST(entry AS BLOB) FROM entries WHERE id >= ? AND id < ? ORDER BY id", at, end
            )
            self._all_there(len(found), end - at, end)
            yield from (entry for (entry,) in found)

    def entries_at(self, indices: Iterable[int]) -> dict[int, bytes]:
        return dict(self._of_entries(ENTRIES, indices))

    def needs(self, indices: Iterable[int]) -> dict[int, tuple[int, ...]]:
        found = self._of_entries(NEEDS, indices)
        try:
            return {index: needs.unpack(index, packed) for index, packed in found}
        except ValueError as error:
            raise StorageError("store.corrupt", str(self._path), f"Needs: {error}") from error

    def touches(self, keys: Iterable[Key]) -> dict[Key, tuple[int, ...]]:
        found: dict[Key, list[int]] = defaultdict(list)
        for record, name, at in self._ask(rows.TOUCHES, rows.as_json(rows.wanted(set(keys)))):
            found[rows.key_of(record, name)].append(at)
        return {key: tuple(indices) for key, indices in found.items()}

    def flows_into(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        return self._flows(FLOWS_INTO, _names(nodes))

    def flows_out_of(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        return self._flows(FLOWS_OUT_OF, _names(nodes))

    def flows_between(self, start: int, stop: int) -> Iterator[tuple[int, Flow]]:
        for at, end in _chunks(start, stop):
            yield from self._flows(FLOWS_BETWEEN, at * PLACES, end * PLACES)

    def touches_between(self, start: int, stop: int) -> Iterator[tuple[Key, int]]:
        for at, end in _chunks(start, stop):
            found = self._ask(TOUCHES_BETWEEN, at, end)
            for index, key in sorted((index, rows.key_of(record, name)) for index, record, name in found):
                yield key, index

    def tile(self, level: int, number: int) -> bytes | None:
        question = "SELECT CAST(hashes AS BLOB) FROM tiles WHERE level = ? AND number = ?"
        return next((hashes for (hashes,) in self._ask(question, level, number)), None)

    def scan(
        self, kind: str, prefix: str = "", after: str = "", limit: int = 1000
    ) -> list[tuple[Key, Record]]:
        start = rows.name_of(Key(kind, prefix))
        below = rows.name_of(Key(kind, after)) if after else ""
        found = self._ask(SCAN, CODES[kind], start, below, max(limit, 0))
        return list(rows.records(takewhile(lambda row: row[1].startswith(start), found)))

    def scan_bytes(self, kind: str, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        first = rows.name_of(Key(kind, ""))
        below = rows.name_of(Key(kind, after)) if after else ""
        end = first[:-1] + chr(ord(" ") + 1)  # no name of this family comes as late
        return self._ask(SCAN_BYTES, len(first) + 1, CODES[kind], below, first, end, max(limit, 0))

    def strays(self) -> list[str]:
        return [name for (name,) in self._ask(STRAYS, PLACES, len(CODES) * NUMBER_LIMIT)]

    def checkpoint(self) -> str | None:
        return next((note for (note,) in self._ask("SELECT note FROM checkpoint")), None)

    def changes(self, start: int) -> tuple[int, Iterator[tuple[Key, bytes]]]:
        return self.head().size, mapping.changes(self._ask, start)

    def as_of(self, keys: Iterable[Key], size: int) -> dict[Key, bytes]:
        with self._reading() as db:
            return mapping.as_of(db.conn, keys, size)

    def map(self) -> MapHead:
        with self._reading() as db:
            return mapping.head(db.conn)

    def buckets(self, numbers: Iterable[int], area: int | None = None) -> dict[int, bytes]:
        with self._reading() as db:
            return mapping.buckets(db.conn, numbers, area)

    def map_tile(self, level: int, number: int, area: int | None = None) -> bytes | None:
        with self._reading() as db:
            return mapping.tile(db.conn, level, number, area)

    def new_area(self) -> int:
        with self._change() as connection:
            return mapping.new_area(connection)

    def prepare(
        self, area: int, buckets: Mapping[int, bytes], tiles: Mapping[tuple[int, int], bytes]
    ) -> bool:
        with self._change() as connection:
            return mapping.prepare(connection, area, buckets, tiles)

    def tidy(self) -> bool:
        with self._change() as connection:
            return mapping.tidy(connection)

    def publish(self, checkpoint: str, size: int, change: MapChange | None = None) -> bool:
        with self._change() as connection:
            kept = change is None or mapping.keep(connection, change)
            if kept:
                connection.execute(PUBLISH, (size, checkpoint))
        return kept

    def accounts(self, lots: Iterable[str]) -> dict[str, bytes]:
        with self._reading() as db:
            return accounts.read(db.conn, lots)

    def keep_accounts(self, kept: Mapping[str, bytes]) -> None:
        with self._change() as connection:
            accounts.keep(connection, kept)

    def scan_accounts(self, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        with self._reading() as db:
            return accounts.scan(db.conn, after, limit)

    def close(self) -> None:
        with self._writer:
            self._closed = True
            if self._writes is not None:
                self._writes.conn.close()
            self._close_idle()

    def _connect(self, cache: int, create: bool = False) -> Database:
        return connect(self._path, create, self._timeout, cache, self.connection_class)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().conn.close()

    def _open(self) -> None:
        if self._closed:
            raise StorageError("store.closed", str(self._path))

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        """A connection for one question. One that failed is not used again."""
        self._open()
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect(READER_CACHE)
        try:
            with faults(self._path):
                yield db
                if self._still is not None and self._still != stamp(self._path):
                    raise StorageError("store.changed", str(self._path))
        except BaseException:
            db.conn.close()
            raise
        self._idle.append(db)
        if self._closed:  # meanwhile, by another thread
            self._close_idle()

    @contextmanager
    def _exclusive(self) -> Iterator[Database]:
        """The writing connection, inside a transaction that holds the write lock. What the block
        has not committed is undone. A connection that failed is not used again."""
        if not self._writer.acquire(timeout=self._timeout):
            raise StorageError("store.busy", str(self._path))
        try:
            self._open()
            db, self._writes = self._writes or self._connect(WRITER_CACHE), None
            try:
                with faults(self._path):
                    db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                finally:
                    with faults(self._path):
                        db.rollback()
            except StorageError:
                db.conn.close()
                raise
            except BaseException:
                self._writes = db
                raise
            self._writes = db
        finally:
            self._writer.release()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction of its own, committed at the block's end."""
        with self._exclusive() as db:
            with faults(self._path):
                yield db.conn
            _commit(db, self._path)

    def _ask(self, question: str, *given: Any) -> list[Any]:
        with self._reading() as db:
            return db.execute(question, given).fetchall()

    def _of_entries(self, question: str, indices: Iterable[int]) -> list[tuple[int, bytes]]:
        wanted = sorted(set(indices))
        assert not wanted or wanted[0] >= 0, "an entry outside the ledger"
        found = self._ask(question, rows.as_json(wanted))
        self._all_there(len(found), len(wanted), wanted[-1] + 1 if wanted else 0)
        return found

    def _all_there(self, found: int, wanted: int, stop: int) -> None:
        """Rows that are missing: either they are lost, or the caller asked beyond the ledger's end."""
        if found != wanted:
            assert stop <= self.head().size, "an entry outside the ledger"
            raise StorageError("store.corrupt", str(self._path), "Entries are missing.")

    def _flows(self, question: str, *given: Any) -> list[tuple[int, Flow]]:
        return [rows.flow(row) for row in self._ask(question, *given)]


class _Writing:
    """The writer's hold on a ``SqliteStore``."""

    def __init__(self, db: Database, path: Path, numbers: dict[str, int]) -> None:
        self._db = db
        self._path = path
        self._numbers = numbers
        self._committed = False

    def head(self) -> Head:
        with faults(self._path):
            return rows.head(self._db.conn)

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        with faults(self._path):
            return rows.read(self._db.conn, keys)

    def commit(self, group: Group) -> None:
        assert not self._committed, "a second commit in one writing() block"
        check(group, self.head().size)
        with faults(self._path):
            numbers = rows.add(self._db.conn, group, self._numbers)
        _commit(self._db, self._path)
        if len(self._numbers) > MAX_NUMBERS:
            self._numbers.clear()
        self._numbers.update(numbers)
        self._committed = True


def _commit(db: Database, path: Path) -> None:
    """End the transaction. A failure that leaves it open is a plain one: nothing was kept. One that
    ended it may have come too late: after a failed fsync, a commit that was not reported can still
    be found in the file once it is opened again."""
    try:
        db.conn.execute("COMMIT")
    except sqlite3.Error as error:
        if db.conn.in_transaction:
            raise fault(error, path) from error
        raise StorageError("store.unknown_outcome", str(path), str(error)) from error


def _chunks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    assert 0 <= start <= stop, (start, stop)
    return ((at, min(at + CHUNK, stop)) for at in range(start, stop, CHUNK))


def _names(nodes: Iterable[str]) -> str:
    return rows.as_json(sorted({rows.name_of_node(node) for node in nodes}))
