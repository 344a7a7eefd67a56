"""The audit finds everything that is done to a store, and names it and its place."""

import gc
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings

from ledger.audit import AuditReport, audit
from ledger.errors import StorageError
from ledger.register import KINDS
from ledger.register import encode as encode_record
from ledger.store.memory import MemoryStore
from ledger.store.rows import name_of
from ledger.store.schema import CODES
from ledger.store.sqlite import SqliteStore
from tests.log.histories import History, histories
from tests.log.tampering import Tamper, after, audited, found, opened, size_of, sql


def test_an_honest_ledger_passes(made: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = audited(made, progress=lambda done, size: seen.append((done, size)))
    assert found(report) == []
    assert report.entries == report.size == seen[-1][0] == seen[-1][1] > 40
    assert report.records > report.entries
    assert report.as_json() == {
        "entries": report.entries,
        "size": report.size,
        "records": report.records,
        "ok": True,
        "differences": [],
    }


def test_an_empty_store_passes() -> None:
    assert audit(MemoryStore()) == AuditReport(0, 0, 0, ())


# What is done with SQL to one table, the code, and the path (None: any).
TABLES: dict[str, tuple[Tamper, str, str | None]] = {
    "an entry is gone": (sql("DELETE FROM entries WHERE id = 7"), "audit.missing", "$.entries[7]"),
    "the first is gone": (sql("DELETE FROM entries WHERE id = 0"), "audit.missing", "$.entries[0]"),
    "an entry is not one": (
        sql("UPDATE entries SET entry = x'7b7d' WHERE id = 7"),
        "audit.entry",
        "$.entries[7]",
    ),
    "a time is edited": (
        sql(
            "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '.000Z', '.001Z') AS BLOB)"
            " WHERE id = 7"
        ),
        "audit.chain",
        "$.entries[8].prev",
    ),
    "needs": (sql("UPDATE entries SET needs = x'01' WHERE id = 20"), "audit.needs", "$.needs[20]"),
    "needs that are none": (sql("UPDATE entries SET needs = x'80' WHERE id = 20"), "audit.needs", None),
    "a mass that flowed": (
        sql("UPDATE flows SET grams = grams + 1 WHERE id = (SELECT max(id) FROM flows)"),
        "audit.flow",
        None,
    ),
    "where it flowed": (
        sql("UPDATE flows SET src = dst WHERE id = (SELECT min(id) FROM flows)"),
        "audit.flow",
        None,
    ),
    "a flow is gone": (
        sql("DELETE FROM flows WHERE id = (SELECT max(id) FROM flows)"),
        "audit.flow",
        None,
    ),
    "a touch is gone": (sql("DELETE FROM touches"), "audit.touch", None),
    "a touch too many": (
        sql("INSERT INTO touches SELECT 9, max(id) FROM records"),
        "audit.touch",
        "$.touches[9]",
    ),
    "a hash of a tile": (
        sql("UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB)"),
        "audit.tile",
        None,
    ),
    "a tile is gone": (sql("DELETE FROM tiles"), "audit.tile", None),
    "a record is gone": (
        sql("DELETE FROM records WHERE id = (SELECT max(id) FROM records)"),
        "audit.record",
        None,
    ),
    "the head's hash": (sql("UPDATE head SET last = zeroblob(32)"), "audit.head", "$.head.last"),
    "the head's time": (sql("UPDATE head SET received = received + 1"), "audit.head", "$.head.received"),
    "the frontier": (
        sql("UPDATE head SET frontier = zeroblob(length(frontier))"),
        "audit.head",
        "$.head.frontier",
    ),
    "a note that is none": (sql("UPDATE checkpoint SET note = 'hello'"), "audit.checkpoint", "$.checkpoint"),
}


@pytest.mark.parametrize("what", TABLES)
def test_one_change_in_one_table_is_named(folder: Path, what: str) -> None:
    tamper, code, path = TABLES[what]
    report = after(folder, tamper)
    assert report.differences[0].code == code
    assert [difference.code for difference in report.differences] == [code]
    assert path in (None, report.differences[0].path)


def test_both_sides_of_a_difference_are_shown(folder: Path) -> None:
    with opened(folder) as connection:
        (id, grams) = connection.execute("SELECT max(id), grams FROM flows").fetchone()
        connection.execute("UPDATE flows SET grams = grams + 1 WHERE id = ?", (id,))
        size = size_of(connection)
    (difference,) = audited(folder).differences
    assert difference.index == id >> 20 == size - 2  # behind it only the register's root
    assert difference.path == f"$.flows[{size - 2}]"
    assert (str(grams + 1) in difference.stored, str(grams) in difference.derived) == (True, True)
    assert difference.as_json()["remedy"] == difference.remedy


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_record_of_any_kind_is_compared(folder: Path, kind: str) -> None:
    store = SqliteStore(folder)
    page = store.scan(kind, limit=1)
    store.close()
    ((key, record),) = page

    def tamper(connection: sqlite3.Connection) -> None:
        ((number,),) = connection.execute("SELECT id FROM names WHERE name = ?", (name_of(key),)).fetchall()
        later = encode_record(record._replace(at=record.at + 1))
        sql("UPDATE records SET record = ? WHERE id = ?", later, CODES[kind] + number)(connection)

    report = after(folder, tamper)
    assert found(report) == [("audit.record", f"$.records[{kind} {key.id}]")]
    assert report.differences[0].stored.startswith(f"[{record.at + 1},")
    assert report.differences[0].derived.startswith(f"[{record.at},")


def test_a_record_too_many_is_named(folder: Path) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        (lot,) = connection.execute(
            "SELECT id FROM names WHERE name = 'lot urn:example:lot:miner:last'"
        ).fetchone()
        (name,) = connection.execute("SELECT max(id) + 1 FROM names").fetchone()
        connection.execute("INSERT INTO names VALUES (?, 'lot urn:example:lot:zzz')", (name,))
        connection.execute(
            "INSERT INTO records SELECT id - ? + ?, record FROM records WHERE id & ((1 << 48) - 1) = ?",
            (lot, name, lot),
        )

    report = after(folder, tamper)
    (difference,) = report.differences
    assert (difference.code, difference.path) == ("audit.record", "$.records[lot urn:example:lot:zzz]")
    assert difference.derived == ""


STRAYS = {
    "entries": "INSERT INTO entries SELECT size, x'', x'7b7d' FROM head",
    "flows": "INSERT INTO flows SELECT size * 1048576, 1, 2, 5 FROM head",
    "touches": "INSERT INTO touches SELECT size + 5, (SELECT min(id) FROM records) FROM head",
    "records": "INSERT INTO records VALUES (60 * 281474976710656 + 1, x'5b315d')",
    "tiles": "INSERT INTO tiles VALUES (0, 7, zeroblob(32))",
    "sly": "CREATE TRIGGER sly AFTER INSERT ON entries BEGIN UPDATE head SET received = received + 1; END",
}


@pytest.mark.parametrize("name", STRAYS)
def test_what_waits_behind_the_ledgers_end_is_named(folder: Path, name: str) -> None:
    """Rows of entries that are yet to come: the audit would find them only once they had done harm."""
    report = after(folder, lambda connection: connection.execute(STRAYS[name]))
    assert [(found.code, found.path) for found in report.differences] == [("audit.stray", f"$.{name}")]


def test_two_things_at_once_are_both_named(folder: Path) -> None:
    with opened(folder) as connection:
        sql("UPDATE flows SET grams = grams + 1 WHERE id = (SELECT max(id) FROM flows)")(connection)
        sql("UPDATE head SET received = received + 1")(connection)
    assert [code for code, _ in found(audited(folder))] == ["audit.flow", "audit.head"]


def test_an_environment_that_fails_is_no_finding(monkeypatch: pytest.MonkeyPatch, made: Path) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StorageError("store.busy")

    for name in ("entries", "needs", "tile", "checkpoint", "scan_bytes"):
        with monkeypatch.context() as patch:
            patch.setattr(SqliteStore, name, busy)
            with pytest.raises(StorageError) as fault:
                audited(made)
        assert fault.value.code == "store.busy"


def test_the_collector_is_left_as_it_was(made: Path) -> None:
    assert gc.isenabled()
    assert audited(made).ok
    assert gc.isenabled()
    gc.disable()
    try:
        assert audited(made).ok
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("table", ["needs", "flows", "touches"])
def test_a_table_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, made: Path, table: str
) -> None:
    def corrupt(*_: object) -> None:
        raise StorageError("store.corrupt")

    names = {"needs": "needs", "flows": "flows_between", "touches": "touches_between"}
    codes = {"needs": "audit.needs", "flows": "audit.flow", "touches": "audit.touch"}
    monkeypatch.setattr(SqliteStore, names[table], corrupt)
    assert found(audited(made)) == [(codes[table], f"$.{table}[0]")]


@settings(max_examples=30)
@given(histories())
def test_nothing_is_found_in_what_the_writer_wrote(history: History) -> None:
    history.world.publish()
    assert audit(history.world.store).differences == ()
