"""A group as rows of the SQLite file, and rows as what was asked for. See ``schema`` for the tables.

Bulk questions pass their many values as one JSON text, which ``json_each`` turns into rows: one
statement whatever the number. ``CROSS JOIN`` is SQLite's way to
say that the join is done in the order written.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import orjson

from ledger.errors import StorageError
from ledger.quantity import LAST_SECOND
from ledger.recordform import decode
from ledger.register import WRITE_ONCE, Flow, Key, Record, encode
from ledger.store import Found, Group, Head, needs
from ledger.store.schema import CODES, FAMILIES, KINDS, NUMBER_LIMIT, PLACES, pack

AT_ONCE = 1_000  # rows inserted with one statement; SQLite may have 32,766 parameters
STARTS = {kind: len(family) + 1 for kind, family in FAMILIES.items()}  # of the id in a name
CHANGING = frozenset(code for code, kind in enumerate(KINDS) if kind not in WRITE_ONCE)

READ = """
    SELECT records.id, names.name, records.record
    FROM json_each(?) AS wanted CROSS JOIN names ON names.name = wanted.key
    CROSS JOIN json_each(wanted.value) AS code CROSS JOIN records ON records.id = code.value + names.id
"""
TOUCHES = """
    SELECT touches.record, names.name, touches.at
    FROM json_each(?) AS wanted CROSS JOIN names ON names.name = wanted.key
    CROSS JOIN json_each(wanted.value) AS code CROSS JOIN touches ON touches.record = code.value + names.id
    ORDER BY touches.at
"""
# A record begins with the index of its last writer: "[17,…".
BEFORE = """
    INSERT INTO before
    SELECT records.id, head.rooted, records.record FROM head CROSS JOIN json_each(?) AS wanted
    CROSS JOIN records ON records.id = wanted.value
    WHERE CAST(CAST(substr(records.record, 2, 20) AS TEXT) AS INTEGER) < head.rooted
"""
NUMBERS = "SELECT name, id FROM names WHERE name IN (SELECT value FROM json_each(?))"
# A single statement frees the interpreter's lock once for all of its rows, not for each: most rows are here,
# or inserted by ``AT_ONCE``.
NAME = "INSERT INTO names (id, name) SELECT ? + key, value FROM json_each(?)"
RECORD = "INSERT OR REPLACE INTO records SELECT key, CAST(value AS BLOB) FROM json_each(?)"


def as_json(values: Any) -> str:
    """The text to hand to ``json_each``."""
    return orjson.dumps(values).decode()


def name_of(key: Key) -> str:
    """The name that the key's records are numbered by."""
    return f"{FAMILIES[key.kind]} {key.id}"


def name_of_node(node: str) -> str:
    """The name of a flow's end; a lot or an event shares it with its records."""
    return f"event {node}" if " " in node else f"lot {node}"


def node_of(name: str) -> str:
    """The node, or the id of a key, that has this name."""
    _, space, node = name.partition(" ")
    if not space:
        raise StorageError("store.corrupt", detail=f"{name} is the name of nothing.")
    return node


def key_of(record: int, name: str) -> Key:
    """The key of the record with this id, whose number bears this name."""
    if not whole(record) or record // NUMBER_LIMIT >= len(KINDS):
        raise StorageError("store.corrupt", detail=f"A record of {name} is of no kind.")
    return Key(KINDS[record // NUMBER_LIMIT], node_of(name))


def wanted(keys: Iterable[Key]) -> dict[str, list[int]]:
    """The keys' names, sorted as neighbours share pages; for each the codes that it is wanted with."""
    found: dict[str, list[int]] = defaultdict(list)
    for kind, id in keys:
        found[f"{FAMILIES[kind]} {id}"].append(CODES[kind])
    return dict(sorted(found.items()))


def head(connection: sqlite3.Connection) -> Head:
    """The head's row."""
    row = connection.execute(
        "SELECT size, CAST(last AS BLOB), received, CAST(frontier AS BLOB) FROM head"
    ).fetchone()
    if row is None:
        raise StorageError(
            "store.corrupt", detail="The head is missing; `oreline audit --rebuild` derives it."
        )
    size, last, received, frontier = row
    if not whole(size, received) or received // 1000 > LAST_SECOND:
        raise StorageError("store.corrupt", detail="The ledger's head is none.")
    return Head(size, last, received, tuple(frontier[at : at + 32] for at in range(0, len(frontier), 32)))


def whole(*values: Any) -> bool:
    """Whether these columns hold what a ledger counts: SQLite takes any value in any column."""
    return all(type(value) is int and 0 <= value < 1 << 62 for value in values)


def records(found: Iterable[tuple[int, str, bytes]]) -> Iterator[tuple[Key, Record]]:
    """Rows of a record's id, its name and its byte form."""
    name = ""
    try:
        for id, name, data in found:
            kind = KINDS[id // NUMBER_LIMIT]
            record = decode(kind, data)
            if not whole(record.at):
                raise ValueError(record.at)
            yield Key(kind, name[STARTS[kind] :]), record
    except (ValueError, TypeError, IndexError) as error:
        raise StorageError("store.corrupt", detail=f"The record of {name} cannot be read.") from error


def read(connection: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, Record]:
    """The records that exist among ``keys``."""
    found = connection.execute(READ, (as_json(wanted(keys)),)).fetchall()
    return Found(records(found))


def add(connection: sqlite3.Connection, group: Group, known: Mapping[str, int]) -> dict[str, int]:
    """Write the whole group, sorted as the tables are; the caller commits. ``known``: numbers of names
    that have been committed. The numbers of the group's names are given back."""
    entries = enumerate(zip(group.needs, group.entries, strict=True), group.start)
    _insert(connection, "INTO entries", [(at, needs.pack(at, need), entry) for at, (need, entry) in entries])
    # every name is spelt once here, and looked up from then on
    recorded = [f"{FAMILIES[kind]} {id}" for kind, id in group.records]
    touched = [name_of(key) for key, _ in group.touches]
    nodes = {node: name_of_node(node) for _, flow in group.flows for node in flow[:2]}
    numbers, first_new = _number(connection, {*recorded, *touched, *nodes.values()}, known)
    ends = {node: numbers[name] for node, name in nodes.items()}
    named = zip(recorded, group.records.items(), strict=True)
    rows = sorted([(CODES[key.kind] + numbers[name], encode(record)) for name, (key, record) in named])
    _note(connection, group, [id for id, _ in rows], first_new)
    connection.execute(RECORD, (as_json({str(id): record.decode() for id, record in rows}),))
    _insert(connection, "INTO flows", list(_flows(group, ends)))
    touches = zip(touched, group.touches, strict=True)
    marked = [(at, CODES[key.kind] + numbers[name]) for name, (key, at) in touches]
    _insert(connection, "OR IGNORE INTO touches", marked)
    _insert(connection, "OR REPLACE INTO tiles", [(*at, hashes) for at, hashes in group.tiles.items()])
    size, last, received, frontier = group.head
    connection.execute(
        "UPDATE head SET size = ?, last = ?, received = ?, frontier = ?",
        (size, last, received, b"".join(frontier)),
    )
    return numbers


def _insert(connection: sqlite3.Connection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, many with one statement."""
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        marks = f"({', '.join('?' * len(some[0]))})"
        values = ", ".join([marks] * len(some))
        connection.execute(f"INSERT {into} VALUES {values}", list(chain.from_iterable(some)))  # noqa: S608


def _note(connection: sqlite3.Connection, group: Group, ids: list[int], first_new: int) -> None:
    """Keep what a map of the register may be asked for, before the records with these ids are written.
    ``first_new``: names from this number on are new, so that there are no records of them yet."""
    last = group.head.size - 1
    connection.execute("INSERT INTO changed VALUES (?, ?)", (last, pack(ids)))
    mask = NUMBER_LIMIT - 1
    overwritten = [id for id in ids if id & mask < first_new and id // NUMBER_LIMIT in CHANGING]
    if overwritten:
        connection.execute(BEFORE, (as_json(overwritten),))
    if group.rooted:
        connection.execute("UPDATE head SET rooted = ?", (last,))


def _flows(group: Group, ends: dict[str, int]) -> Iterator[tuple[int, int, int, int]]:
    last = place = -1
    for at, (src, dst, grams) in sorted(group.flows):
        place = place + 1 if at == last else 0
        last = at
        yield at * PLACES + place, ends[src], ends[dst], grams


def _number(
    connection: sqlite3.Connection, names: set[str], known: Mapping[str, int]
) -> tuple[dict[str, int], int]:
    """The numbers of these names; new ones get the next numbers, from the one that is given back too."""
    numbers = {name: known[name] for name in names if name in known}
    numbers.update(connection.execute(NUMBERS, (as_json(sorted(names - numbers.keys())),)))
    (start,) = connection.execute("SELECT coalesce(max(id) + 1, 0) FROM names").fetchone()
    new = sorted(names - numbers.keys())
    connection.execute(NAME, (start, as_json(new)))
    numbers.update(zip(new, range(start, start + len(new)), strict=True))
    return numbers, start


def flow(row: tuple[int, str, str, int]) -> tuple[int, Flow]:
    """One row of ``flows`` with the names of its ends."""
    id, src, dst, grams = row
    if not whole(id, grams) or not grams:
        raise StorageError("store.corrupt", detail=f"What went from {src} to {dst} is no mass.")
    return id // PLACES, Flow(node_of(src), node_of(dst), grams)
