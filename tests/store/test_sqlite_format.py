"""Which files are ledgers, and how an older one becomes a newer one."""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from ledger import register
from ledger.errors import StorageError
from ledger.store import NO_MAP, schema
from ledger.store.sqlite import FILE, SqliteStore
from tests.store.contract import Model, assert_alike, plain
from tests.store.test_sqlite_faults import FIRST, code_of, commit, ledger

FORMAT = len(schema.MIGRATIONS)
FORMAT_1 = Path(__file__).parent / "data" / "format-1.sql"  # dumped from a file that was written in it


def pragma(folder: Path, question: str) -> int:
    connection = sqlite3.connect(folder / FILE)
    found = connection.execute(f"PRAGMA {question}").fetchone()[0]
    connection.close()
    return int(found)


def test_a_ledger_bears_its_format(tmp_path: Path) -> None:
    ledger(tmp_path)
    assert pragma(tmp_path, "application_id") == 0x4F52454C
    assert pragma(tmp_path, "user_version") == len(schema.MIGRATIONS) == 3


def test_a_ledger_that_is_not_there_is_not_made_by_mistake(tmp_path: Path) -> None:
    assert code_of(lambda: SqliteStore(tmp_path)) == "store.missing"
    assert code_of(lambda: SqliteStore(tmp_path / "nowhere")) == "store.missing"
    assert not (tmp_path / FILE).exists()


def test_an_empty_file_is_no_ledger_but_may_become_one(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert code_of(lambda: SqliteStore(tmp_path)) == "store.missing"
    ledger(tmp_path, FIRST)
    assert pragma(tmp_path, "user_version") == len(schema.MIGRATIONS)


@pytest.mark.parametrize("create", [False, True])
def test_something_else_is_refused_and_left_as_it_was(tmp_path: Path, create: bool) -> None:
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("CREATE TABLE head (id)")
    other.close()
    before = (tmp_path / FILE).read_bytes()
    assert code_of(lambda: SqliteStore(tmp_path, create=create)) == "store.foreign"
    (tmp_path / FILE).write_bytes(b"not a database at all " * 100)
    assert code_of(lambda: SqliteStore(tmp_path, create=create)) == "store.foreign"
    (tmp_path / FILE).write_bytes(before)
    assert code_of(lambda: SqliteStore(tmp_path, create=create)) == "store.foreign"
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("pragmas", ["application_id = 7", "user_version = 1", "application_id = 0x4F52454C"])
def test_an_empty_database_of_another_kind_is_refused(tmp_path: Path, pragmas: str) -> None:
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute(f"PRAGMA {pragmas}")
    other.close()
    assert code_of(lambda: SqliteStore(tmp_path, create=True)) == "store.foreign"


def test_an_older_format_is_migrated_with_all_that_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger(tmp_path, FIRST)
    steps: list[int] = []

    def next_one(db: Database) -> None:
        steps.append(2)
        db.execute("CREATE TABLE added (id INTEGER PRIMARY KEY)")

    def after(db: Database) -> None:
        steps.append(3)
        db["added"].add_column("more", int)

    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, next_one, after])
    for _ in range(2):
        store = SqliteStore(tmp_path)
        model = Model()
        model.groups = [FIRST]
        assert_alike(store, model)
        store.close()
    assert steps == [2, 3]
    assert pragma(tmp_path, "user_version") == FORMAT + 2


def test_a_failed_migration_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger(tmp_path, FIRST)

    def second(db: Database) -> None:
        db.execute("DROP TABLE entries")
        db.execute("SELECT * FROM nowhere")

    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, second])
    with pytest.raises(StorageError):
        SqliteStore(tmp_path)
    monkeypatch.undo()
    store = SqliteStore(tmp_path)
    assert [*store.entries(0, 2)] == FIRST.entries
    commit(store, plain(2))
    store.close()


def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, lambda db: None])
    ledger(tmp_path, FIRST)
    monkeypatch.undo()
    before = (tmp_path / FILE).read_bytes()
    for create in (False, True):
        assert code_of(lambda create=create: SqliteStore(tmp_path, create=create)) == "store.newer"
    assert (tmp_path / FILE).read_bytes() == before


def test_a_file_of_format_1_counts_all_its_records_as_changed(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as old:
        old.executescript(FORMAT_1.read_text())
        old.execute("PRAGMA application_id = 0x4F52454C")
        old.execute("PRAGMA user_version = 1")
        records = dict(old.execute("SELECT id, record FROM records"))
    old.close()
    store = SqliteStore(tmp_path)
    size, changes = store.changes(0)
    found = dict(changes)
    assert size == store.head().size == 5
    assert sorted(found.values()) == sorted(records.values())
    assert found == {
        key: register.encode(record) for kind in register.KINDS for key, record in store.scan(kind)
    }
    assert store.checkpoint() is not None
    assert store.map() == NO_MAP
    assert store.scan_accounts() == []
    assert store.strays() == []
    commit(store, plain(5, rooted=True))
    assert dict(store.changes(5)[1]).keys() == plain(5).records.keys()
    store.close()
    assert pragma(tmp_path, "user_version") == FORMAT


def test_many_records_of_an_older_format_are_taken_in_several_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "ALL_AT_ONCE", 5)
    test_a_file_of_format_1_counts_all_its_records_as_changed(tmp_path)
