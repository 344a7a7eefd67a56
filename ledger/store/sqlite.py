"""The store in one SQLite file, ``ledger.db``: the default, nothing to set up.

Write-ahead log, ``synchronous=FULL``: a commit is one append and one fsync. Writers, of all threads
and processes, are ordered by SQLite's own write lock (``BEGIN IMMEDIATE``); readers never wait.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock

from sqlite_utils import Database

from ledger.errors import StorageError
from ledger.register import Key, Record
from ledger.store import Group, Head, MapChange, accounts, mapping, rows
from ledger.store.group import check
from ledger.store.reading import SqliteReads
from ledger.store.schema import connect, fault, faults, stamp

FILE = "ledger.db"
WRITER_CACHE = 65_536  # KiB; there is one writer
READER_CACHE = 8_192  # KiB; there may be as many readers as threads
MAX_NUMBERS = 100_000  # of names, remembered between commits

PUBLISH = """
    INSERT INTO checkpoint VALUES (0, ?, ?) ON CONFLICT (id) DO UPDATE
    SET size = excluded.size, note = excluded.note WHERE size < excluded.size
"""


class SqliteStore(SqliteReads):
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

    def keep_accounts(self, kept: Mapping[str, bytes]) -> None:
        with self._change() as connection:
            accounts.keep(connection, kept)

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
    def _borrowed(self) -> Iterator[Database]:
        """A connection for reading. One whose block failed is not used again."""
        self._open()
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connect(READER_CACHE)
        try:
            yield db
        except BaseException:
            db.conn.close()
            raise
        self._idle.append(db)
        if self._closed:  # meanwhile, by another thread
            self._close_idle()

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        with self._borrowed() as db, self._faults():
            yield db

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """One question to the file, which is still the one that was opened."""
        with faults(self._path):
            yield
            if self._still is not None and self._still != stamp(self._path):
                raise StorageError("store.changed", str(self._path))

    @contextmanager
    def snapshot(self) -> Iterator["_Snapshot"]:
        with self._borrowed() as db:
            with faults(self._path):
                db.execute("BEGIN")
                rows.head(db.conn)  # what is read first makes the state
            yield _Snapshot(self, self._path, db, self._faults)
            with faults(self._path):
                db.rollback()

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


class _Snapshot(SqliteReads):
    """A ``SqliteStore`` as it was when its transaction began. What writes is the store's own, and so are the
    accounts: what was folded meanwhile is there."""

    def __init__(
        self,
        store: SqliteStore,
        path: Path,
        db: Database,
        asking: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._path = path
        self._db = db
        self._asking = asking
        self.writing = store.writing
        self.new_area = store.new_area
        self.prepare = store.prepare
        self.tidy = store.tidy
        self.publish = store.publish
        self.accounts = store.accounts  # type: ignore[method-assign]
        self.keep_accounts = store.keep_accounts
        self.scan_accounts = store.scan_accounts  # type: ignore[method-assign]

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        with self._asking():
            yield self._db

    @contextmanager
    def snapshot(self) -> Iterator["_Snapshot"]:
        yield self

    def close(self) -> None:
        """The block's end does it."""


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
