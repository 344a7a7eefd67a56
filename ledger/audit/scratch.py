"""The register of a replay: in memory while it is small, then in a temporary file.

Bounded memory for a ledger of any size. The file is nobody's evidence and need not survive anything,
so nothing is synced. Once there is a file, a filter of fixed size answers most questions for records
that do not exist (each new name is asked for) without a look into it.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice

from ledger.recordform import decode
from ledger.register import KINDS, Key, Record, encode
from ledger.rules.fold import State

LIMIT = 200_000  # records written in memory before they go to the file
FILTER = 1 << 27  # bits
CHUNK = 1_000


class Scratch:
    """``state`` is for a ``Fold`` to read and write, ``fetch`` to fall back on; ``keep`` what it wrote."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.state = State()
        self._limit = limit
        self._written: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self._count = 0  # about how many are written; some of them again
        self._file: sqlite3.Connection | None = None
        self._filter = bytearray()

    def fetch(self, key: Key) -> Record | None:
        """The record as the file has it."""
        if self._file is None or not all(self._filter[at] & bit for at, bit in _bits(key)):
            return None
        found = self._file.execute("SELECT record FROM records WHERE kind = ? AND id = ?", key).fetchone()
        return decode(key.kind, found[0]) if found else None

    def keep(self, records: Mapping[Key, Record]) -> None:
        """Take over what the fold wrote since the last time."""
        for (kind, id), record in records.items():
            self._written[kind][id] = record
        self._count += len(records)
        if self._count < self._limit:
            return
        self._count = sum(map(len, self._written.values()))
        if self._count >= self._limit // 2:
            self._spill()
            # The oldest go: lots are mostly used up soon after their birth.
            for key in list(islice(self.state, len(self.state) // 2)):
                del self.state[key]

    def scan(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """The records of a kind in id (code point) order: (id, its byte form)."""
        if self._file is None:
            written = self._written[kind]
            for id in sorted(written):
                yield id, encode(written[id])
            return
        self._spill()
        rows = self._file.execute("SELECT id, record FROM records WHERE kind = ? ORDER BY id", (kind,))
        while chunk := rows.fetchmany(CHUNK):
            yield from chunk

    def close(self) -> None:
        """Give the memory and the file back."""
        self.state.clear()
        self._written.clear()
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        if self._file is None:
            self._file = sqlite3.connect("")  # a file of SQLite's own, gone when it is closed
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute("PRAGMA journal_mode = OFF")
            self._file.execute("PRAGMA cache_size = -65536")  # KiB
            self._file.execute(
                "CREATE TABLE records (kind TEXT, id TEXT, record BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID"
            )
            self._filter = bytearray(FILTER // 8)
        for kind, written in self._written.items():
            rows = ((kind, id, encode(written[id])) for id in sorted(written))
            self._file.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
            for id in written:
                for at, bit in _bits(Key(kind, id)):
                    self._filter[at] |= bit
            written.clear()
        self._file.commit()
        self._count = 0


def _bits(key: Key) -> tuple[tuple[int, int], tuple[int, int]]:
    """Two places of the filter: (byte, bit)."""
    number = hash(key)
    one, two = number % FILTER, (number >> 29) % FILTER
    return (one >> 3, 1 << (one & 7)), (two >> 3, 1 << (two & 7))
