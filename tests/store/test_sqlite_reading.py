"""The SQLite file for someone who may read it and not write to it: an auditor, a snapshot, a disc."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.store.sqlite import FILE, SqliteStore
from tests.store.contract import plain
from tests.store.test_sqlite_faults import FIRST, SECOND, code_of, commit, ledger


@contextmanager
def only_reading(monkeypatch: pytest.MonkeyPatch, *places: Path) -> Iterator[None]:
    """These may not be written to: so says the question, for whoever runs the tests may write anywhere."""
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda place, mode: place not in places)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return ledger(tmp_path / "ledger", FIRST)


@pytest.mark.parametrize("place", [".", FILE])
def test_it_is_read_and_nothing_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, folder: Path, place: str
) -> None:
    before = sorted(folder.iterdir())
    with only_reading(monkeypatch, folder / place):
        store = SqliteStore(folder)
        assert (store.head().size, len([*store.entries(0, 2)])) == (2, 2)
        assert sorted(folder.iterdir()) == before
        assert code_of(lambda: commit(store, SECOND)) == "store.read_only"
        store.close()
    assert sorted(folder.iterdir()) == before


def test_what_is_written_meanwhile_is_not_mixed_with_what_was_read(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    with only_reading(monkeypatch, folder):
        store = SqliteStore(folder)
        assert store.head().size == 2
    ledger(folder, SECOND)
    with only_reading(monkeypatch, folder):
        assert code_of(store.head) == "store.changed"
        store.close()
        store = SqliteStore(folder)
        assert store.head().size == 4
        store.close()


def test_beside_a_writer_its_newest_is_read(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    writer = SqliteStore(folder)
    commit(writer, SECOND)
    with only_reading(monkeypatch, folder):
        store = SqliteStore(folder)
        assert store.head().size == 4
        commit(writer, plain(4, 1))
        assert store.head().size == 5
        store.close()
    writer.close()


def test_a_copy_with_an_empty_log_beside_it_is_read(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / f"{FILE}-wal").write_bytes(b"")
    with only_reading(monkeypatch, folder):
        store = SqliteStore(folder)
        assert store.head().size == 2
        store.close()
    assert {path.name for path in folder.iterdir()} == {FILE, f"{FILE}-wal"}


def test_an_older_format_is_brought_up_to_date_by_its_owner(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    with sqlite3.connect(folder / FILE) as old:
        old.execute("PRAGMA user_version = 2")
    old.close()
    with only_reading(monkeypatch, folder):
        assert code_of(lambda: SqliteStore(folder)) == "store.read_only"
