"""Ledgers for the commands: made once, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import commands


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``ledger`` (one party, ready to post) and ``chain`` (a whole chain, to read)."""
    path = tmp_path_factory.mktemp("made")
    commands.founded(path)
    commands.chain(path)
    return path


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, in which the commands are called."""
    with commands.folder(commands.copied(made, tmp_path)) as path:
        yield path
