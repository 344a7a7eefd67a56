"""The store in one SQLite file, ``ledger.db``: the default, nothing to set up.

Write-ahead log, ``synchronous=FULL``: a commit is one append and one fsync. Writers, of all threads
and processes, are ordered by SQLite's own write lock (``BEGIN IMMEDIATE``); readers never wait.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
from sqlite_utils import Database

from ledger.errors import StorageError
from ledger.register import Flow, Key, Record, decode, encode
from ledger.store import Group, Head
from ledger.store import needs as packing
from ledger.store.group import check
from ledger.store.schema import connect, fault, faults

FILE = "ledger.db"
CHUNK = 1_000  # rows fetched at once while streaming
PLACES = 1 << 20  # flows that one entry may have


class SqliteStore:
    """A ``Store`` in ``folder/ledger.db``.

    ``create``: make folder and file if they are not there; otherwise ``store.missing``.
    ``timeout``: seconds that ``writing()`` and ``publish`` wait for other writers.
    """

    connection_class = sqlite3.Connection

    def __init__(self, folder: Path | str, *, create: bool = False, timeout: float = 10.0) -> None:
        self._path = Path(folder) / FILE
        self._timeout = timeout
        self._closed = False
        if create:
            with faults(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = Lock()  # the thread that uses ``_writes``
        self._writes = self._connect(create)
        self._idle: list[Database] = []  # connections for reading, not in use

    @contextmanager
    def writing(self) -> Iterator["_Writing"]:
        """Hold the writer's lock; see ``ledger.store.Store``, here and below."""
        with self._exclusive() as db:
            yield _Writing(db, self._path)

    def head(self) -> Head:
        with self._reading() as db:
            return _head(db)

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        with self._reading() as db:
            return _read(db, keys)

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        assert 0 <= start <= stop, (start, stop)
        for at in range(start, stop, CHUNK):
            end = min(at + CHUNK, stop)
            rows = self._rows("SELECT entry FROM entries WHERE id >= ? AND id < ? ORDER BY id", (at, end))
            self._all_there(len(rows), end - at, end - 1)
            yield from (entry for (entry,) in rows)

    def entries_at(self, indices: Iterable[int]) -> dict[int, bytes]:
        return dict(self._columns("entry", indices))

    def needs(self, indices: Iterable[int]) -> dict[int, tuple[int, ...]]:
        return {index: packing.unpack(index, packed) for index, packed in self._columns("needs", indices)}

    def touches(self, keys: Iterable[Key]) -> dict[Key, tuple[int, ...]]:
        found: dict[Key, tuple[int, ...]] = {}
        names = _json([_name(key) for key in set(keys)])
        for name, at in self._rows(
            "SELECT key, at FROM touches WHERE key IN (SELECT value FROM json_each(?)) ORDER BY at", (names,)
        ):
            key = _key(name)
            found[key] = (*found.get(key, ()), at)
        return found

    def flows_into(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        return self._flows(
            "f.dst IN (SELECT id FROM nodes WHERE name IN (SELECT value FROM json_each(?)))",
            _json(list(nodes)),
        )

    def flows_out_of(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        return self._flows(
            "f.src IN (SELECT id FROM nodes WHERE name IN (SELECT value FROM json_each(?)))",
            _json(list(nodes)),
        )

    def flows_between(self, start: int, stop: int) -> Iterator[tuple[int, Flow]]:
        for at in range(start, stop, CHUNK):
            end = min(at + CHUNK, stop)
            yield from self._flows("f.id >= ? AND f.id < ?", at * PLACES, end * PLACES)

    def touches_between(self, start: int, stop: int) -> Iterator[tuple[Key, int]]:
        for at in range(start, stop, CHUNK):
            rows = self._rows(
                "SELECT key, at FROM touches WHERE at >= ? AND at < ? ORDER BY at, key",
                (at, min(at + CHUNK, stop)),
            )
            yield from ((_key(name), index) for name, index in rows)

    def tile(self, level: int, number: int) -> bytes | None:
        rows = self._rows("SELECT hashes FROM tiles WHERE level = ? AND number = ?", (level, number))
        return rows[0][0] if rows else None

    def scan(
        self, kind: str, prefix: str = "", after: str = "", limit: int = 1000
    ) -> list[tuple[Key, Record]]:
        start = f"{kind} {prefix}"
        question, given = "SELECT key, record FROM records WHERE key >= ?", [start]
        if after:
            question, given = f"{question} AND key > ?", [start, f"{kind} {after}"]
        rows = self._rows(f"{question} ORDER BY key LIMIT ?", (*given, max(limit, 0)))
        return list(_records(takewhile(lambda row: row[0].startswith(start), rows)))

    def checkpoint(self) -> str | None:
        rows = self._rows("SELECT note FROM checkpoint")
        return rows[0][0] if rows else None

    def publish(self, checkpoint: str, size: int) -> None:
        with self._exclusive() as db:
            db.execute(
                "INSERT INTO checkpoint VALUES (0, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET size = excluded.size, note = excluded.note WHERE size < excluded.size",
                (size, checkpoint),
            )
            db.execute("COMMIT")

    def close(self) -> None:
        with self._writer:
            self._closed = True
            self._writes.conn.close()
            while self._idle:
                self._idle.pop().conn.close()

    def _connect(self, create: bool = False) -> Database:
        return connect(self._path, create, self._timeout, self.connection_class)

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        """A connection for one read; it goes back to the others unless the read failed."""
        if self._closed:
            raise StorageError("store.closed", str(self._path))
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect()
        with faults(self._path):
            try:
                yield db
            except BaseException:
                db.conn.close()
                raise
        self._idle.append(db)

    @contextmanager
    def _exclusive(self) -> Iterator[Database]:
        """The writing connection, in a transaction that holds the write lock; rolled back unless
        the block commits it."""
        if not self._writer.acquire(timeout=self._timeout):
            raise StorageError("store.busy", str(self._path))
        try:
            if self._closed:
                raise StorageError("store.closed", str(self._path))
            db = self._writes
            with faults(self._path):
                db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            finally:
                if db.conn.in_transaction:
                    with faults(self._path):
                        db.execute("ROLLBACK")
        finally:
            self._writer.release()

    def _rows(self, question: str, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._reading() as db:
            return db.execute(question, given).fetchall()

    def _columns(self, column: str, indices: Iterable[int]) -> list[tuple[int, bytes]]:
        wanted = set(indices)
        rows = self._rows(
            f"SELECT id, {column} FROM entries WHERE id IN (SELECT value FROM json_each(?))",
            (_json(sorted(wanted)),),
        )
        self._all_there(len(rows), len(wanted), max(wanted, default=0))
        return rows

    def _all_there(self, found: int, wanted: int, last: int) -> None:
        """Rows that are not there: either the caller asked beyond the ledger's end, or they are lost."""
        if found != wanted:
            assert last < self.head().size, "an entry outside the ledger"
            raise StorageError("store.corrupt", str(self._path), "Entries are missing.")

    def _flows(self, condition: str, *given: Any) -> list[tuple[int, Flow]]:
        rows = self._rows(
            "SELECT f.id, s.name, d.name, f.grams FROM flows AS f JOIN nodes AS s ON s.id = f.src"
            f" JOIN nodes AS d ON d.id = f.dst WHERE {condition} ORDER BY f.id",
            given,
        )
        return [(id // PLACES, Flow(src, dst, grams)) for id, src, dst, grams in rows]


class _Writing:
    """The writer's hold on a ``SqliteStore``."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        self._path = path

    def head(self) -> Head:
        with faults(self._path):
            return _head(self._db)

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        with faults(self._path):
            return _read(self._db, keys)

    def commit(self, group: Group) -> None:
        with faults(self._path):
            check(group, _head(self._db).size)
            _add(self._db.conn, group)
        try:
            self._db.conn.execute("COMMIT")
        except sqlite3.Error as error:
            raise fault(error, self._path) from error


def _name(key: Key) -> str:
    """The key as one string. Kinds hold no space, and none of their characters sorts below it, so
    names sort as (kind, id)."""
    return f"{key.kind} {key.id}"


def _key(name: str) -> Key:
    return Key(*name.split(" ", 1))


def _json(values: Any) -> str:
    return orjson.dumps(values).decode()


def _head(db: Database) -> Head:
    size, last, received, frontier = db.execute("SELECT size, last, received, frontier FROM head").fetchone()
    return Head(size, last, received, tuple(frontier[at : at + 32] for at in range(0, len(frontier), 32)))


def _records(rows: Iterable[tuple[str, bytes]]) -> Iterator[tuple[Key, Record]]:
    for name, record in rows:
        key = _key(name)
        yield key, decode(key.kind, record)


def _read(db: Database, keys: Iterable[Key]) -> dict[Key, Record]:
    names = [_name(key) for key in set(keys)]
    return dict(
        _records(
            db.execute(
                "SELECT key, record FROM records WHERE key IN (SELECT value FROM json_each(?))",
                (_json(names),),
            )
        )
    )


def _add(connection: sqlite3.Connection, group: Group) -> None:
    """Write the whole group; the caller commits."""
    many = connection.executemany
    many(
        "INSERT INTO entries VALUES (?, ?, ?)",
        [
            (index, entry, packing.pack(index, needs))
            for index, (entry, needs) in enumerate(zip(group.entries, group.needs, strict=True), group.start)
        ],
    )
    many(
        "INSERT INTO records VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET record = excluded.record",
        [(_name(key), encode(record)) for key, record in group.records.items()],
    )
    numbers = _number(connection, group)
    place, last, rows = 0, -1, []
    for index, (src, dst, grams) in sorted(group.flows):
        place = place + 1 if index == last else 0
        last = index
        rows.append((index * PLACES + place, numbers[src], numbers[dst], grams))
    many("INSERT INTO flows VALUES (?, ?, ?, ?)", rows)
    many("INSERT OR IGNORE INTO touches VALUES (?, ?)", [(at, _name(key)) for key, at in group.touches])
    many(
        "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?)", [(*at, hashes) for at, hashes in group.tiles.items()]
    )
    head = group.head
    connection.execute(
        "UPDATE head SET size = ?, last = ?, received = ?, frontier = ?",
        (head.size, head.last, head.received, b"".join(head.frontier)),
    )


def _number(connection: sqlite3.Connection, group: Group) -> dict[str, int]:
    """The numbers of all nodes of the group's flows; new nodes get the next ones."""
    names = {node for _, (src, dst, _) in group.flows for node in (src, dst)}
    numbers = dict(
        connection.execute(
            "SELECT name, id FROM nodes WHERE name IN (SELECT value FROM json_each(?))", (_json(list(names)),)
        ).fetchall()
    )
    next_number = connection.execute("SELECT coalesce(max(id), -1) + 1 FROM nodes").fetchone()[0]
    new = {name: number for number, name in enumerate(sorted(names - numbers.keys()), next_number)}
    connection.executemany("INSERT INTO nodes (name, id) VALUES (?, ?)", new.items())
    return numbers | new
