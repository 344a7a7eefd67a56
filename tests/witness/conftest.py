"""A published world, and its log behind a proxy that a test may let fail."""

from collections.abc import Iterator

import pytest

from tests.monitor.proxy import Proxy
from tests.witness.replayer import serving
from tests.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.hood()
    world.publish()
    return world


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    with serving(world) as found:
        yield found
