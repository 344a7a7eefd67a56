"""Thousands of variants hold the same few statements: each signature is verified once."""

from functools import lru_cache

import pytest

from ledger.keys import PublicKey


@pytest.fixture(autouse=True)
def _verified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PublicKey, "verify", lru_cache(10_000)(PublicKey.verify))
