"""What can be asked of the SQLite file: questions and answers, over whatever connection is at hand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import takewhile
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from ledger.errors import StorageError
from ledger.register import Flow, Key, Record
from ledger.store import Head, MapHead, accounts, mapping, needs, rows
from ledger.store.schema import CODES, NUMBER_LIMIT, PLACES

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
    UNION ALL SELECT 'checkpoint' FROM checkpoint
        WHERE CAST(substr(note, instr(note, char(10)) + 1) AS INTEGER) NOT IN (0, size)
    UNION ALL SELECT 'map' FROM map WHERE typeof(areas) <> 'integer' OR areas < (SELECT max(id) FROM areas)
    UNION ALL SELECT 'areas' FROM map WHERE EXISTS (
        SELECT 1 FROM areas WHERE gone NOT IN (0, 1) OR id = area AND gone OR id < area AND NOT gone)
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


class SqliteReads:
    """The reads of a ``Store``, described there. ``_reading``: a connection for one question."""

    _path: Path

    def _reading(self) -> AbstractContextManager[Database]:
        raise NotImplementedError

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
            self._all_there(len(found), end - at)
            yield from (entry for (entry,) in found)

    def count(self) -> int:
        """How many entries there are. The head says it, too, where it is not lost."""
        ((found,),) = self._ask("SELECT count(*) FROM entries")
        return int(found)

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
            if not rows.whole(at):
                raise StorageError("store.corrupt", str(self._path), f"An entry that touches {name} is none.")
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

    def rooted(self) -> int:
        found = self._ask("SELECT rooted FROM head WHERE typeof(rooted) = 'integer'")
        if not found:
            raise StorageError("store.corrupt", str(self._path), "The head does not say what was rooted.")
        return int(found[0][0])

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

    def accounts(self, lots: Iterable[str]) -> dict[str, bytes]:
        with self._reading() as db:
            return accounts.read(db.conn, lots)

    def scan_accounts(self, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        with self._reading() as db:
            return accounts.scan(db.conn, after, limit)

    def _ask(self, question: str, *given: Any) -> list[Any]:
        with self._reading() as db:
            return db.execute(question, given).fetchall()

    def _of_entries(self, question: str, indices: Iterable[int]) -> list[tuple[int, bytes]]:
        wanted = sorted(set(indices))
        assert not wanted or wanted[0] >= 0, "an entry outside the ledger"
        found = self._ask(question, rows.as_json(wanted))
        self._all_there(len(found), len(wanted))
        return found

    def _all_there(self, found: int, wanted: int) -> None:
        """Rows that are missing are lost, or whoever asks beyond the ledger's end has read of them in a row
        that was altered."""
        if found != wanted:
            raise StorageError("store.corrupt", str(self._path), "Entries are missing.")

    def _flows(self, question: str, *given: Any) -> list[tuple[int, Flow]]:
        return [rows.flow(row) for row in self._ask(question, *given)]


def _chunks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    assert 0 <= start <= stop, (start, stop)
    return ((at, min(at + CHUNK, stop)) for at in range(start, stop, CHUNK))


def _names(nodes: Iterable[str]) -> str:
    return rows.as_json(sorted({rows.name_of_node(node) for node in nodes}))
