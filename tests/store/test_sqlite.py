"""The store in one SQLite file: the contract, and what only a file can do."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ledger.errors import StorageError
from ledger.register import Key, Used
from ledger.store import Group, Store
from ledger.store.sqlite import SqliteStore
from tests.store.contract import (
    COUNTER,
    Model,
    StoreContract,
    add,
    assert_alike,
    counted,
    groups,
    plain,
    together,
)
from tests.store.contract_accounts import AccountsContract
from tests.store.contract_map import MapContract, histories

FORK = get_context("fork")


class TestSqliteStore(StoreContract, MapContract, AccountsContract):
    def make(self, folder: Any, timeout: float = 10.0) -> Store:
        return SqliteStore(folder, create=True, timeout=timeout)

    @contextmanager
    def fresh(self) -> Iterator[Store]:
        with tempfile.TemporaryDirectory() as folder:
            store = SqliteStore(folder, create=True)
            yield store
            store.close()

    @settings(max_examples=40, deadline=None)
    @given(made=groups())
    def test_every_question_is_answered_as_the_contract_says(self, made: list[Group]) -> None:
        self.every_question_is_answered_as_the_contract_says(made)

    @settings(max_examples=40, deadline=None)
    @given(history=histories())
    def test_what_changed_and_what_was_is_told(self, history: list[tuple[Group, int]]) -> None:
        self.what_changed_and_what_was_is_told(history)

    @pytest.mark.parametrize("most", [0, 3, 9])
    def test_more_names_than_are_remembered(self, tmp_path: Path, monkeypatch: Any, most: int) -> None:
        monkeypatch.setattr("ledger.store.sqlite.MAX_NUMBERS", most)
        store, model = SqliteStore(tmp_path, create=True), Model()
        for start in range(0, 12, 3):
            add(store, model, plain(start, 3))
            assert len(store._numbers) <= most + len(model.groups[-1].records) + 6
        assert_alike(store, model)
        store.close()

    def test_a_ledger_outlives_the_store_that_wrote_it(self, tmp_path: Path) -> None:
        model = Model()
        for start in (0, 3, 6):
            store = SqliteStore(tmp_path / "new" / "deep", create=True)
            group = plain(start, 3)
            with store.writing() as writing:
                writing.commit(group)
            store.publish(f"note {start}", start)
            store.close()
            model.groups.append(group)
        store = SqliteStore(tmp_path / "new" / "deep")
        assert store.head() == model.head
        assert store.checkpoint() == "note 6"
        assert store.read(model.records()) == model.records()
        store.close()

    def test_another_store_on_the_file_sees_each_commit_at_once(self, tmp_path: Path) -> None:
        one, other = SqliteStore(tmp_path, create=True), SqliteStore(tmp_path)
        for size in range(1, 6):
            counted(one, 1)
            assert other.head().size == 2 * size - 1
            counted(other, 1)
            assert one.read([COUNTER])[COUNTER].value == Used(2 * size)
        one.close()
        other.close()

    def test_another_process_waits_for_the_lock(self, tmp_path: Path) -> None:
        SqliteStore(tmp_path, create=True).close()
        processes = [FORK.Process(target=lambda: counted(SqliteStore(tmp_path), 25)) for _ in range(3)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
            assert process.exitcode == 0
        store = SqliteStore(tmp_path)
        assert store.read([COUNTER])[COUNTER].value == Used(75)
        store.close()

    def test_another_store_that_waits_too_long_is_told(self, tmp_path: Path) -> None:
        one, other = SqliteStore(tmp_path, create=True), SqliteStore(tmp_path, timeout=0.02)
        with one.writing():
            for ask in (lambda: counted(other, 1), lambda: other.publish("note", 1)):
                with pytest.raises(StorageError) as raised:
                    ask()
                assert raised.value.code == "store.busy"
            assert other.head().size == 0
        counted(other, 1)
        one.close()
        other.close()

    def test_many_may_make_the_same_ledger_at_once(self, tmp_path: Path) -> None:
        together(*[lambda: SqliteStore(tmp_path, create=True).close()] * 6)
        store = SqliteStore(tmp_path)
        assert_alike(store, Model())
        store.close()

    def test_a_closed_store_says_so(self, tmp_path: Path) -> None:
        store = SqliteStore(tmp_path, create=True)
        store.head()
        store.close()
        store.close()
        for ask in (store.head, lambda: store.read([Key("lot", "a")]), lambda: counted(store, 1)):
            with pytest.raises(StorageError) as raised:
                ask()
            assert raised.value.code == "store.closed"

    def test_a_read_that_is_under_way_when_the_store_closes_is_answered(self, tmp_path: Path) -> None:
        class Closing(sqlite3.Connection):
            def execute(self, question: str, *given: Any) -> sqlite3.Cursor:
                if question.startswith("SELECT note"):
                    store.close()
                return super().execute(question, *given)

        class ClosingStore(SqliteStore):
            connection_class = Closing

        store = ClosingStore(tmp_path, create=True)
        assert store.checkpoint() is None
        assert not (tmp_path / "ledger.db-wal").exists()  # every connection is closed

    def test_closing_while_others_read_is_told_to_them_only_as_closed(self, tmp_path: Path) -> None:
        store = SqliteStore(tmp_path, create=True)
        codes: list[str] = []

        def look() -> None:
            try:
                while True:
                    store.head()
            except StorageError as error:
                codes.append(error.code)

        together(look, look, store.close)
        assert codes == ["store.closed"] * 2
        assert not (tmp_path / "ledger.db-wal").exists()  # every connection is closed


def test_an_account_of_no_lot_is_a_stray(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, create=True)
    with store.writing() as writing:
        writing.commit(plain(0, 3))
    store.keep_accounts({"urn:nobody": b"x"})  # no lot bears this name
    assert store.scan_accounts() == []
    assert store.strays() == []
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("INSERT INTO accounts VALUES (4711, x'00')")
    other.close()
    assert store.strays() == ["accounts"]
    store.close()
