"""Every file is formatted and free of lint; ledger, api and cli are strictly typed."""

import pytest

from tests.house.tree import python


@pytest.mark.parametrize(
    "command",
    ["ruff check --no-cache .", "ruff format --no-cache --check .", "mypy"],
)
def test_clean(command: str) -> None:
    python("-m", *command.split())
