"""One demo for all tests here."""

import pytest

from tests.independent.harness import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("independent"))
