"""What a witness remembers: of each log the checkpoint that it cosigned last, in one SQLite file.

1. ``advancing`` is serialisable over all threads and processes: between reading the last checkpoint and
   keeping the next one nobody else does either.
2. What it kept is durable when it returns (write-ahead log, ``synchronous=FULL``): only then may the
   cosignature leave. When it raises, nothing is kept.

The file is ``witness.db``. The note of a log's last checkpoint is kept whole, with the log's signatures
and the witness's own, since monitors ask for it.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ledger.errors import StorageError

FILE = "witness.db"
APPLICATION = 0x4F72_5769  # "OrWi"
VERSION = 1
SCHEMA = "CREATE TABLE checkpoints (origin TEXT PRIMARY KEY, digest TEXT UNIQUE, note TEXT NOT NULL) STRICT"
KEEP = """
    INSERT INTO checkpoints VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE SET note = excluded.note
"""


class Slot:
    """The place of one log while nobody else may touch it. ``note``: its last checkpoint, or None."""

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        self._connection = connection
        self._origin = origin
        self.note: str | None = _first(connection, "SELECT note FROM checkpoints WHERE origin = ?", origin)

    def keep(self, note: str) -> None:
        """The checkpoint that takes the last one's place when ``advancing`` ends."""
        self._connection.execute(KEEP, (self._origin, digest(self._origin), note))


class States:
    """The last checkpoint of each log. Safe for many threads. ``timeout``: seconds to wait for others.

    Raises ``StorageError``: ``witness.missing``, ``witness.store``.
    """

    def __init__(self, folder: Path | str, *, create: bool = False, timeout: float = 10.0) -> None:
        self._path = Path(folder) / FILE
        self._lock = Lock()
        if not create and not self._path.is_file():
            raise StorageError("witness.missing", detail=f"{folder} holds no {FILE}")
        with self._faults():
            self._connection = sqlite3.connect(
                self._path, timeout=timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(create)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self, create: bool) -> None:
        ask = self._connection.execute
        if create:
            ask("PRAGMA journal_mode = WAL")
            ask("BEGIN IMMEDIATE")
            ask(SCHEMA)
            ask(f"PRAGMA application_id = {APPLICATION}")
            ask(f"PRAGMA user_version = {VERSION}")
            ask("COMMIT")
        found = (ask("PRAGMA application_id").fetchone()[0], ask("PRAGMA user_version").fetchone()[0])
        if found != (APPLICATION, VERSION):
            raise StorageError("witness.store", str(self._path), "This is not the file of such a witness.")
        ask("PRAGMA synchronous = FULL")

    def read(self, origin: str) -> str | None:
        """The last checkpoint of a log, as a signed note."""
        return self._ask("SELECT note FROM checkpoints WHERE origin = ?", origin)

    def find(self, digest: str) -> str | None:
        """The last checkpoint of the log whose origin has this SHA-256, in lower-case hexadecimal."""
        return self._ask("SELECT note FROM checkpoints WHERE digest = ?", digest)

    def all(self) -> dict[str, str]:
        """The last checkpoint of every log, by origin."""
        with self._lock, self._faults():
            return dict(self._connection.execute("SELECT origin, note FROM checkpoints ORDER BY origin"))

    @contextmanager
    def advancing(self, origin: str) -> Iterator[Slot]:
        """Read the last checkpoint of a log and ``keep`` its next one, with nobody in between."""
        with self._lock, self._faults():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Slot(self._connection, origin)
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.rollback()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _ask(self, question: str, value: str) -> str | None:
        with self._lock, self._faults():
            return _first(self._connection, question, value)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StorageError("witness.store", str(self._path), str(error)) from error


def digest(origin: str) -> str:
    """How the monitoring path names a log: SHA-256 of its origin, in lower-case hexadecimal."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _first(connection: sqlite3.Connection, question: str, value: str) -> str | None:
    return next((note for (note,) in connection.execute(question, (value,))), None)
