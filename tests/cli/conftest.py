"""Ledgers for the commands: made once, copied for each test; and the demo's story, told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo.story import Clock
from ledger.log import Log
from ledger.store.memory import MemoryStore
from tests.cli import commands
from tests.cli import shop as shops
from tests.cli.telling import Told, tell


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


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A buyer's folder."""
    path = tmp_path_factory.mktemp("shop")
    shops.fill(path)
    return path


@pytest.fixture(scope="session")
def told() -> Iterator[Told]:
    """The story and the ledger that it was told into; to read."""
    clock = Clock()
    log = Log(MemoryStore(), clock)
    yield Told(*tell(log, clock), log.store)
    log.close()
