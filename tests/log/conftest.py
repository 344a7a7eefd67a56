"""A ledger to do things to: made once, copied for each test."""

from pathlib import Path
from shutil import copytree

import pytest

from ledger.store.sqlite import SqliteStore
from tests.log.tampering import filled


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    world = filled(SqliteStore(folder, create=True))
    world.log.close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy to do things to."""
    return copytree(made, tmp_path / "ledger")
