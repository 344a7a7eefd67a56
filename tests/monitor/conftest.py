"""A ledger of ten entries, served, and a proxy before it."""

from collections.abc import Iterator

import pytest

from tests.api.serving import served
from tests.monitor.histories import grow, shown
from tests.monitor.proxy import Proxy, before
from tests.world import World


@pytest.fixture
def world() -> World:
    world = World()
    grow(world, 9)
    world.publish()
    return world


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    with served(shown(world)) as client, before(client) as found:
        yield found
