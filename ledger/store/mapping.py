"""The register's map in the SQLite file: what changed since it was kept, and its rows. See ``schema``."""

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ledger.errors import StorageError
from ledger.register import Key, at_of
from ledger.store import Found, MapChange, MapHead, rows
from ledger.store.schema import KINDS, NUMBER_LIMIT, unpack

Ask = Callable[..., list[Any]]  # a question and its parameters; all its rows

AREA_SHIFT, LEVEL_SHIFT, TILE_AREA_SHIFT = 40, 40, 48  # of ids: see ``schema``
STRETCH = 200_000  # ids taken from ``changed`` before any record of them is read
PAGE = 2_000  # records read at once
TIDIED = 2_000  # rows deleted in one transaction

CHANGED = "SELECT at, CAST(ids AS BLOB) FROM changed WHERE at >= ? ORDER BY at LIMIT 1000"
RECORDS = """
    SELECT records.id, names.name, CAST(records.record AS BLOB)
    FROM json_each(?) AS wanted CROSS JOIN records ON records.id = wanted.value
    CROSS JOIN names ON names.id = records.id & 0xFFFFFFFFFFFF
"""
AS_OF = """
    SELECT records.id, names.name, coalesce(
        (SELECT CAST(was AS BLOB) FROM before
            WHERE before.record = records.id AND before.rooted >= ?2 ORDER BY before.rooted LIMIT 1),
        CAST(records.record AS BLOB))
    FROM json_each(?1) AS wanted CROSS JOIN names ON names.name = wanted.key
    CROSS JOIN json_each(wanted.value) AS code CROSS JOIN records ON records.id = code.value + names.id
"""
MAP = "SELECT size, depth, count, area FROM map"
BUCKETS = """
    SELECT wanted.value, CAST(buckets.pairs AS BLOB)
    FROM json_each(?) AS wanted CROSS JOIN buckets ON buckets.id = wanted.value + ?
"""
TILE = "SELECT CAST(hashes AS BLOB) FROM map_tiles WHERE id = ?"


def changes(ask: Ask, start: int) -> Iterator[tuple[Key, bytes]]:
    """See ``ledger.store.Store``."""
    for ids in _changed(ask, start):
        # records of one name are neighbours, and so share its page
        ordered = iter(sorted(ids, key=lambda id: id % NUMBER_LIMIT))
        while page := list(islice(ordered, PAGE)):
            yield from keyed(ask(RECORDS, rows.as_json(page)))


def _changed(ask: Ask, start: int) -> Iterator[set[int]]:
    """The ids of records that entries from ``start`` on have written, stretch by stretch."""
    ids: set[int] = set()
    while found := ask(CHANGED, start):
        for at, packed in found:
            try:
                ids.update(unpack(packed))
            except struct.error as error:
                raise StorageError("store.corrupt", detail=f"Changed records: {error}") from error
            if not rows.whole(at):
                raise StorageError("store.corrupt", detail=f"Changed records: entry {at}")
            start = at + 1
            if len(ids) >= STRETCH:
                yield ids
                ids = set()
    yield ids


def keyed(found: Iterable[tuple[int, str, bytes]]) -> Iterator[tuple[Key, bytes]]:
    """Rows of ``RECORDS`` and ``AS_OF``."""
    try:
        for id, name, data in found:
            kind = KINDS[id // NUMBER_LIMIT]
            yield Key(kind, name[rows.STARTS[kind] :]), data
    except IndexError as error:
        raise StorageError("store.corrupt", detail="A record is of no kind.") from error


def as_of(connection: sqlite3.Connection, keys: Iterable[Key], size: int) -> dict[Key, bytes]:
    """See ``ledger.store.Store``."""
    found = connection.execute(AS_OF, (rows.as_json(rows.wanted(keys)), size))
    try:
        return Found((key, data) for key, data in keyed(found) if at_of(data) < size)
    except ValueError as error:
        raise StorageError("store.corrupt", detail="A record cannot be read.") from error


# --- The rows of the map


def head(connection: sqlite3.Connection) -> MapHead:
    """See ``Store.map``."""
    row = connection.execute(MAP).fetchone()
    if row is None:
        raise StorageError("store.corrupt", detail="The map's head is missing.")
    if not rows.whole(*row):
        raise StorageError("store.corrupt", detail="The map's head is none.")
    return MapHead(*row)


def buckets(connection: sqlite3.Connection, numbers: Iterable[int], area: int | None) -> dict[int, bytes]:
    """See ``Store``."""
    base = _area(connection, area) << AREA_SHIFT
    return dict(connection.execute(BUCKETS, (rows.as_json(sorted(numbers)), base)).fetchall())


def tile(connection: sqlite3.Connection, level: int, number: int, area: int | None) -> bytes | None:
    """See ``Store.map_tile``."""
    found = connection.execute(TILE, (_tile_id(_area(connection, area), level, number),)).fetchone()
    return None if found is None else bytes(found[0])


def _area(connection: sqlite3.Connection, area: int | None) -> int:
    return head(connection).area if area is None else area


def _tile_id(area: int, level: int, number: int) -> int:
    return area << TILE_AREA_SHIFT | level << LEVEL_SHIFT | number


def new_area(connection: sqlite3.Connection) -> int:
    """See ``Store.new_area``; the caller commits."""
    connection.execute("UPDATE map SET areas = areas + 1")
    (area,) = connection.execute("SELECT areas FROM map").fetchone()
    connection.execute("INSERT INTO areas VALUES (?, 0)", (area,))
    return int(area)


def prepare(
    connection: sqlite3.Connection,
    area: int,
    buckets: Mapping[int, bytes],
    tiles: Mapping[tuple[int, int], bytes],
) -> bool:
    """See ``Store``; the caller commits."""
    if not _is_there(connection, area):
        return False
    _write(connection, area, buckets, tiles)
    return True


def _is_there(connection: sqlite3.Connection, area: int) -> bool:
    found: Any = connection.execute("SELECT 1 FROM areas WHERE id = ? AND NOT gone", (area,)).fetchone()
    return found is not None


def _write(
    connection: sqlite3.Connection,
    area: int,
    buckets: Mapping[int, bytes],
    tiles: Mapping[tuple[int, int], bytes],
) -> None:
    base = area << AREA_SHIFT
    connection.executemany(
        "INSERT OR REPLACE INTO buckets VALUES (?, ?)",
        [(base | number, pairs) for number, pairs in sorted(buckets.items())],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO map_tiles VALUES (?, ?)",
        [(_tile_id(area, *at), hashes) for at, hashes in sorted(tiles.items())],
    )


def keep(connection: sqlite3.Connection, change: MapChange) -> bool:
    """Make the changed map the kept one, unless a newer is kept; the caller commits. False: it is not a
    change of the kept one."""
    kept = head(connection)
    if kept.size >= change.head.size:
        return True
    area = change.head.area
    if kept != change.base or (area and not _is_there(connection, area)):
        return False
    if not area:
        area = new_area(connection)
    _write(connection, area, change.buckets, change.tiles)
    size, depth, count, _ = change.head
    connection.execute("UPDATE map SET size = ?, depth = ?, count = ?, area = ?", (size, depth, count, area))
    if area != kept.area:
        connection.execute("UPDATE areas SET gone = 1 WHERE id != ?", (area,))
    connection.execute("DELETE FROM changed WHERE at < ?", (size,))
    connection.execute("DELETE FROM before WHERE rooted < ?", (size,))
    return True


def tidy(connection: sqlite3.Connection) -> bool:
    """See ``Store.tidy``; the caller commits."""
    gone = connection.execute("SELECT id FROM areas WHERE gone").fetchone()
    if gone is None:
        return False
    (area,) = gone
    deleted = 0
    for table, shift in (("buckets", AREA_SHIFT), ("map_tiles", TILE_AREA_SHIFT)):
        deleted += connection.execute(
            f"DELETE FROM {table} WHERE id IN"  # noqa: S608  # both are named above
            f" (SELECT id FROM {table} WHERE id >= ? AND id < ? LIMIT ?)",
            (area << shift, area + 1 << shift, TIDIED),
        ).rowcount
    if not deleted:
        connection.execute("DELETE FROM areas WHERE id = ?", (area,))
    return True
