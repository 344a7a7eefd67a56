"""The store in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given, settings

from ledger.store import Group, Store
from ledger.store.memory import MemoryStore
from tests.store.contract import StoreContract, groups
from tests.store.contract_accounts import AccountsContract
from tests.store.contract_map import MapContract, histories


class TestMemoryStore(StoreContract, MapContract, AccountsContract):
    def make(self, folder: Any, timeout: float = 10.0) -> Store:
        return MemoryStore(timeout)

    @contextmanager
    def fresh(self) -> Iterator[Store]:
        yield MemoryStore()

    @settings(max_examples=40, deadline=None)
    @given(made=groups())
    def test_every_question_is_answered_as_the_contract_says(self, made: list[Group]) -> None:
        self.every_question_is_answered_as_the_contract_says(made)

    @settings(max_examples=40, deadline=None)
    @given(history=histories())
    def test_what_changed_and_what_was_is_told(self, history: list[tuple[Group, int]]) -> None:
        self.what_changed_and_what_was_is_told(history)
