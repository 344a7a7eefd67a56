"""The SQLite file: its tables, its format version, how it is opened, what its failures mean.

``PRAGMA application_id`` says that a file is a ledger, ``PRAGMA user_version`` which format it has.
An older format is brought up by the numbered ``MIGRATIONS``, all in one transaction; a newer one,
or a file of something else, is refused and left as it was.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from ledger.errors import StorageError

APPLICATION = 0x4F52454C  # "OREL"


def _first(db: Database) -> None:
    """Format 1.

    ``head``: one row. ``entries``: ``needs`` as ``ledger.store.needs`` packs them. ``records``:
    ``key`` is ``<kind> <id>``, ``record`` its one byte form. ``nodes``: names of flows' ends,
    numbered. ``flows``: ``id`` = index of the entry * 2^20 + place in the entry's order.
    """
    for statement in (
        "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL, last BLOB NOT NULL,"
        " received INTEGER NOT NULL, frontier BLOB NOT NULL)",
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB NOT NULL, needs BLOB NOT NULL)",
        "CREATE TABLE records (key TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE nodes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE flows (id INTEGER PRIMARY KEY, src INTEGER NOT NULL, dst INTEGER NOT NULL,"
        " grams INTEGER NOT NULL)",
        "CREATE INDEX flows_src ON flows (src)",
        "CREATE INDEX flows_dst ON flows (dst)",
        "CREATE TABLE touches (at INTEGER, key TEXT, PRIMARY KEY (at, key)) WITHOUT ROWID",
        "CREATE INDEX touches_key ON touches (key)",
        "CREATE TABLE tiles (level INTEGER, number INTEGER, hashes BLOB NOT NULL,"
        " PRIMARY KEY (level, number)) WITHOUT ROWID",
        "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL,"
        " note TEXT NOT NULL)",
        "INSERT INTO head VALUES (0, 0, zeroblob(32), 0, x'')",
    ):
        db.execute(statement)


MIGRATIONS: list[Callable[[Database], None]] = [_first]  # MIGRATIONS[n] leads from format n to n + 1


def connect(path: Path, create: bool, timeout: float, factory: type[sqlite3.Connection]) -> Database:
    """A connection to the ledger in this file, its format brought up to date.

    ``create``: make the file if there is none. ``timeout``: seconds to wait for another writer.
    ``StorageError``: ``store.missing``, ``store.foreign``, ``store.newer`` or what ``faults`` says.
    """
    if not create and not path.exists():
        raise StorageError("store.missing", str(path))
    with faults(path):
        mode = "rwc" if create else "rw"
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=timeout,
            isolation_level=None,  # transactions are begun and ended by name, never by the driver
            check_same_thread=False,
            factory=factory,
        )
        try:
            db = Database(connection, recursive_triggers=False, execute_plugins=False)
            _prepare(db, path, create)
        except BaseException:
            connection.close()
            raise
        return db


def _prepare(db: Database, path: Path, create: bool) -> None:
    if _version(db, path, create) < len(MIGRATIONS):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        for migrate in MIGRATIONS[_version(db, path, create) :]:  # again, under the lock
            migrate(db)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
        _sync(path.parent)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk there
    db.execute("PRAGMA cache_size = -65536")  # KiB


def _version(db: Database, path: Path, create: bool) -> int:
    """The file's format; 0 for an empty file."""
    application, version, things = (
        db.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if application == APPLICATION and version > len(MIGRATIONS):
        raise StorageError(
            "store.newer", str(path), f"The file has format {version}, this program {len(MIGRATIONS)}."
        )
    if application == APPLICATION and version > 0:
        return int(version)
    if application or version or things:
        raise StorageError("store.foreign", str(path))
    if not create:
        raise StorageError("store.missing", str(path), "The ledger's file is empty.")
    return 0


def _sync(folder: Path) -> None:
    """Make the file's name in its folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_MEANING = {
    sqlite3.SQLITE_BUSY: "store.busy",
    sqlite3.SQLITE_LOCKED: "store.busy",
    sqlite3.SQLITE_FULL: "store.full",
    sqlite3.SQLITE_READONLY: "store.read_only",
    sqlite3.SQLITE_CORRUPT: "store.corrupt",
    sqlite3.SQLITE_NOTADB: "store.foreign",
    sqlite3.SQLITE_ERROR: "store.corrupt",  # our statements are sound: a table is missing or another
    sqlite3.SQLITE_CONSTRAINT: "store.corrupt",  # a row is there that the head does not know
    sqlite3.SQLITE_MISMATCH: "store.corrupt",
}


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into ``StorageError``."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise fault(error, path) from error


def fault(error: Exception, path: Path) -> StorageError:
    """What this failure means."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return StorageError(_MEANING.get(primary, "store.unavailable"), str(path), f"{error}")
