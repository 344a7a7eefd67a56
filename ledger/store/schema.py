"""The SQLite file: its tables, its format version, how it is opened, what its failures mean.

``PRAGMA application_id`` says that a file is a ledger, ``PRAGMA user_version`` which format it has.
An older format is brought up by the numbered ``MIGRATIONS``, all in one transaction; a newer one,
or a file of something else, is refused and left as it was.

Ids are long and each stands in several records and flows, so each is kept once, in ``names``, and
numbered in order of arrival; what bears the number is then written at a table's end or near it,
not all over it. A name is ``<family> <id>``: kinds that are about the same thing share a family.
"""

import fcntl
import os
import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from ledger.durable import sync_folder
from ledger.errors import StorageError

APPLICATION = 0x4F52454C  # "OREL"

# A kind's place is its code in the file: append only, with a migration (an empty one) for each change.
KINDS = (
    "charter", "party", "site", "key", "lot", "event", "attestation",
    "charters", "hold", "owner",
    "used", "status", "mark", "spent", "prefix", "keys", "stock", "transit", "said",
    "posted", "about", "month", "book", "account", "coc", "agreement", "scope",
)  # fmt: skip
NUMBER_LIMIT = 1 << 48  # numbers of names are below it
CODES = {kind: code * NUMBER_LIMIT for code, kind in enumerate(KINDS)}
PLACES = 1 << 20  # flows that one entry may have
ALL_AT_ONCE = 100_000  # ids of records in one row of ``changed``, where all of them count as changed
FAMILIES = {kind: kind for kind in KINDS} | {"hold": "lot", "owner": "lot", "used": "lot"}


def pack(ids: Sequence[int]) -> bytes:
    """Ids as one value: eight octets each, the low ones first."""
    return struct.pack(f"<{len(ids)}q", *ids)


def unpack(packed: bytes) -> tuple[int, ...]:
    """The ids in such a value; ``struct.error`` if it is none."""
    return struct.unpack(f"<{len(packed) // 8}q", packed)


def _first(db: Database) -> None:
    """Format 1.

    - ``head``: one row; ``frontier`` is its hashes, joined.
    - ``entries``: id = index; ``needs`` packed as ``ledger.store.needs`` says.
    - ``records``: id = place of the kind * 2^48 + number of the name, so that small records which
      often change lie together; ``record`` in its one byte form.
    - ``flows``: id = index of the entry * 2^20 + place among the entry's flows, sorted; ``src`` and
      ``dst`` are numbers of names.
    - ``touches``: ``record`` as the id of ``records``, whether or not there is such a record.
    - ``checkpoint``: one row, once one is published.
    """
    for statement in (
        "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL,"
        " last BLOB NOT NULL, received INTEGER NOT NULL, frontier BLOB NOT NULL)",
        "INSERT INTO head VALUES (0, 0, zeroblob(32), 0, x'')",
        # needs stand before the entry, so that reading them does not walk through it
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, needs BLOB NOT NULL, entry BLOB NOT NULL)",
        "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE records (id INTEGER PRIMARY KEY, record BLOB NOT NULL)",
        "CREATE TABLE flows (id INTEGER PRIMARY KEY, src INTEGER NOT NULL, dst INTEGER NOT NULL,"
        " grams INTEGER NOT NULL)",
        "CREATE INDEX flows_src ON flows (src)",
        "CREATE INDEX flows_dst ON flows (dst)",
        "CREATE TABLE touches (at INTEGER, record INTEGER, PRIMARY KEY (at, record)) WITHOUT ROWID",
        "CREATE INDEX touches_record ON touches (record)",
        "CREATE TABLE tiles (level INTEGER, number INTEGER, hashes BLOB NOT NULL,"
        " PRIMARY KEY (level, number)) WITHOUT ROWID",
        "CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL,"
        " note TEXT NOT NULL)",
    ):
        db.execute(statement)


def _second(db: Database) -> None:
    """Format 2: the register's map.

    - ``head.rooted``: index of the last register event that ended a group; -1 before the first.
    - ``changed``: for each group its last index, and the ids of ``records`` that it wrote: see ``pack``.
    - ``before``: ``was`` is the record as it was when the register event ``rooted`` was admitted; kept
      when it was first written again.
    - ``map``: one row, the ``MapHead``; ``areas``: how many areas there have been.
    - ``areas``: those that have rows; ``gone``: its rows wait to be deleted.
    - ``buckets``: id = area * 2^40 + number; ``map_tiles``: id = area * 2^48 + level * 2^40 + number.

    All records count as changed: a map is first made of them all.
    """
    for statement in (
        "ALTER TABLE head ADD COLUMN rooted INTEGER NOT NULL DEFAULT -1",
        "CREATE TABLE changed (at INTEGER PRIMARY KEY, ids BLOB NOT NULL)",
        "CREATE TABLE before (record INTEGER, rooted INTEGER, was BLOB NOT NULL,"
        " PRIMARY KEY (record, rooted)) WITHOUT ROWID",
        "CREATE TABLE map (id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL,"
        " depth INTEGER NOT NULL, count INTEGER NOT NULL, area INTEGER NOT NULL, areas INTEGER NOT NULL)",
        "INSERT INTO map VALUES (0, 0, 0, 0, 0, 0)",
        "CREATE TABLE areas (id INTEGER PRIMARY KEY, gone INTEGER NOT NULL)",
        "CREATE TABLE buckets (id INTEGER PRIMARY KEY, pairs BLOB NOT NULL)",
        "CREATE TABLE map_tiles (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL)",
    ):
        db.execute(statement)
    records = db.execute("SELECT id FROM records")
    at = 0
    while ids := records.fetchmany(ALL_AT_ONCE):
        db.execute("INSERT INTO changed VALUES (?, ?)", (at, pack([id for (id,) in ids])))
        at += 1  # no entry writes so many records: these stay below the ledger's end


def _third(db: Database) -> None:
    """Format 3: ``accounts``, of lots that were folded already. ``lot``: number of the lot's name."""
    db.execute("CREATE TABLE accounts (lot INTEGER PRIMARY KEY, value BLOB NOT NULL)")


MIGRATIONS: list[Callable[[Database], None]] = [
    _first,
    _second,
    _third,
]  # MIGRATIONS[n]: from format n to n + 1


def connect(
    path: Path, create: bool, timeout: float, cache: int, factory: type[sqlite3.Connection]
) -> Database:
    """A connection to the ledger in this file, its format brought up to date; to read only, where it or its
    folder may not be written to.

    ``create``: make the file if there is none. ``timeout``: seconds to wait for another writer.
    ``cache``: KiB of pages that the connection may keep.
    ``StorageError``: ``store.missing``, ``store.foreign``, ``store.newer`` or what ``faults`` says.
    """
    with faults(path):
        if not create and not path.exists():
            raise StorageError("store.missing", str(path))
        writable = create or _may_write(path)
        mode = "mode=rwc" if create else "mode=rw" if writable else _to_read(path)
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=timeout,
            isolation_level=None,  # transactions are begun and ended by name, never by the driver
            check_same_thread=False,
            factory=factory,
        )
        try:
            db = Database(connection, recursive_triggers=False, execute_plugins=False)
            with _alone(path.parent):  # or one would change the journal's mode while another looks
                if writable:
                    _prepare(db, path, create)
                elif _version(db, path, create) < len(MIGRATIONS):
                    detail = "The file is of an older format: whoever may write to it has to open it once."
                    raise StorageError("store.read_only", str(path), detail)
                db.execute(f"PRAGMA cache_size = {-cache}")
        except BaseException:
            connection.close()
            raise
        return db


def stamp(path: Path) -> tuple[int, ...] | None:
    """What tells that a file which may not be written to, and which nobody has open, is still the same: so it
    can be read without the files that SQLite shares beside it, and without locks. Else None."""
    log, shared = (path.with_name(f"{path.name}-{what}") for what in ("wal", "shm"))
    if _may_write(path) or (log.exists() and (log.stat().st_size or shared.exists())):
        return None
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _to_read(path: Path) -> str:
    return "mode=ro" if stamp(path) is None else "immutable=1"


def _may_write(path: Path) -> bool:
    """Whether a writer's files may be made here: who only reads a log that is written ahead writes, too."""
    return all(os.access(place, os.W_OK) for place in (path, path.parent))


def _prepare(db: Database, path: Path, create: bool) -> None:
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk there
    db.execute("PRAGMA checkpoint_fullfsync = ON")
    if _version(db, path, create) < len(MIGRATIONS):
        db.execute("BEGIN IMMEDIATE")
        for migrate in MIGRATIONS[_version(db, path, create) :]:  # asked again, now under the lock
            migrate(db)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")
        for folder in (path.parent, path.absolute().parent.parent):
            sync_folder(folder)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA wal_autocheckpoint = 8000")  # pages: pages written again and again move home once


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


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Open and migrate files of this folder one at a time, in all processes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # lets go of the lock


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
    except sqlite3.ProgrammingError:
        raise  # the driver was used wrongly: our bug
    except (sqlite3.Error, OSError) as error:
        raise fault(error, path) from error


def fault(error: sqlite3.Error | OSError, path: Path) -> StorageError:
    """What this failure means. The driver's own failures bear no code of SQLite's."""
    if hasattr(error, "sqlite_errorcode"):
        code = _MEANING.get(error.sqlite_errorcode & 0xFF, "store.unavailable")
        # Readers write, too: what they share of the write-ahead log lies beside the file.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CANTOPEN and not os.access(path.parent, os.W_OK):
            code = "store.read_only"
    elif isinstance(error, sqlite3.Error):
        code = "store.corrupt"  # a text that is not UTF-8
    else:
        code = "store.unavailable"
    return StorageError(code, str(path), str(error))
