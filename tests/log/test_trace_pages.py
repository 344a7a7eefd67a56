"""A trace comes in pages that stay stable, in few reads, and conserves mass on every store."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.lookup import graph, paging, trace
from ledger.lookup.graph import WHOLE
from ledger.lookup.paging import encode
from ledger.lookup.trace import ancestry, shares, uses
from ledger.quantity import FINE
from ledger.register import Lot
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.log.histories import History, histories
from tests.log.tracing import HOOD, all_pages, lots
from tests.world import World


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    return world


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_give_what_one_page_gives(world: World, limit: int) -> None:
    assert all_pages(ancestry, world.store, HOOD, limit) == ancestry(world.store, HOOD, limit=10_000)
    ore = "urn:example:lot:miner:ore"
    assert all_pages(uses, world.store, ore, limit) == uses(world.store, ore, limit=10_000)


def test_all_on_one_page_is_one_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = all_pages(ancestry, world.store, HOOD, 3)
    monkeypatch.setattr(paging, "MOST", 3)
    assert ancestry(world.store, HOOD, limit=None) == pages
    assert all_pages(ancestry, world.store, HOOD, 10_000) == pages  # however many are asked for


# --- Cursors


def test_pages_stay_stable_while_the_ledger_grows() -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    for n in range(5):
        world.ship("pit", "refiner", {ore: "1"}, {ore: f"part-{n}"})
    first = uses(world.store, ore, limit=3)
    assert first is not None
    for n in range(5, 9):
        world.ship("pit", "refiner", {ore: "1"}, {ore: f"part-{n}"})
    rest = uses(world.store, ore, limit=100, cursor=first.next)
    assert rest is not None
    assert lots(first) + lots(rest) == ["ore", *(f"part-{n}" for n in range(5))]
    assert rest.size == first.size


def test_a_page_with_many_edges_ends_early() -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    for n in range(25):
        world.ship("pit", "refiner", {ore: "1"}, {ore: f"part-{n}"})
    first = uses(world.store, ore, limit=1)
    assert first is not None
    assert (len(first.nodes), len(first.edges)) == (1, 25)  # one node's edges are never parted
    assert len(all_pages(uses, world.store, ore, 2).nodes) == 26


CURSORS = [
    "",
    "!",
    "AAAA",
    encode("uses", HOOD, 0, 1, 1),
    encode("trace", "urn:example:x", 0, 1, 1),
    encode("trace", HOOD, 7, 1, 1),
    encode("trace", HOOD, 0, 1),
    encode("trace", HOOD, 0, 1, "1"),
    encode("trace", HOOD, 0, 1, 1, 1),
]


@pytest.mark.parametrize("cursor", CURSORS)
def test_a_cursor_of_something_else_is_refused(world: World, cursor: str) -> None:
    with pytest.raises(Malformed) as refused:
        ancestry(world.store, HOOD, cursor=cursor)
    assert refused.value.code == "request.cursor"


def reads(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The bulk reads of flows from now on: the nodes of each."""
    asked: list[list[str]] = []
    into = MemoryStore.flows_into

    def counted(store: MemoryStore, nodes: Any) -> Any:
        asked.append(list(nodes))
        return into(store, nodes)

    monkeypatch.setattr(MemoryStore, "flows_into", counted)
    return asked


def test_bulk_reads_follow_generations_not_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    parts = {world.source("pit", f"ore-{n}", "1"): "1" for n in range(40)}
    (mixed,) = world.transform("pit", "blend", parts, {"m": ("bauxite", "40")})
    asked = reads(monkeypatch)
    found = ancestry(world.store, mixed)
    assert found is not None
    assert len(found.nodes) == 82
    assert len(asked) == 4  # the mixed lot, its event, the ores, their events
    monkeypatch.setattr(graph, "FIRST", 1)
    monkeypatch.setattr(graph, "AHEAD", 3)
    assert ancestry(world.store, mixed) == found


def test_a_wide_graph_is_read_in_bulk_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """More parts than are read at once, each with a way of its own: not a read for each step of each way."""
    world = World()
    parts = [world.source("pit", f"ore-{n}", "1") for n in range(60)]
    for step in range(3):
        parts = [
            world.transform("pit", "blend", {part: "1"}, {f"m-{step}-{n}": ("bauxite", "1")})[0]
            for n, part in enumerate(parts)
        ]
    (mixed,) = world.transform("pit", "blend", dict.fromkeys(parts, "1"), {"m": ("bauxite", "60")})
    asked = reads(monkeypatch)
    monkeypatch.setattr(graph, "AHEAD", graph.FIRST // 4)
    monkeypatch.setattr(graph, "FIRST", graph.FIRST // 4)
    found = ancestry(world.store, mixed, limit=1_000)
    assert found is not None
    assert len(found.nodes) == 2 + 60 * 8
    assert len(asked) < 120


# --- Laws


def check_conserved(store: Store, lot: str) -> None:
    """A lot's own record and its graph agree on its origins."""
    found = shares(store, lot)
    assert found is not None
    record = ancestry(store, lot, limit=10_000)
    assert record is not None
    value = record.nodes[0].value
    assert isinstance(value, Lot)
    if value.composition:
        assert sum(origin.grams for origin in found.origins) == found.grams
        exact = sum(origin.part.amount for origin in found.origins)
        assert FINE * (found.grams - len(found.traces)) <= exact <= FINE * found.grams
        named = {f"{o.kind} {o.id}" for o in found.origins} | {f"{kind} {id}" for kind, id in found.traces}
        roots: dict[str, int] = {}
        for one in record.nodes:
            if one.kind == "lot" and isinstance(one.value, Lot) and one.value.role == "source":
                (origin,) = (origin for origin, _ in one.value.composition)
                roots[origin] = roots.get(origin, 0) + (one.share or 0)
        assert named == set(roots)
        assert WHOLE - 1000 <= sum(roots.values()) <= WHOLE
        for origin in found.origins:
            # each blending rounds to whole grams once, so what small lots pass on may be off by some
            assert abs(roots[f"{origin.kind} {origin.id}"] * found.grams // WHOLE - origin.grams) <= 10_000


@settings(max_examples=30)
@given(histories(), st.integers(1, 7))
def test_shares_conserve_mass_and_pages_conserve_graphs(history: History, limit: int) -> None:
    store = history.world.store
    for lot in history.lots:
        check_conserved(store, lot)
        assert all_pages(ancestry, store, lot, limit) == ancestry(store, lot, limit=10_000)
        assert all_pages(uses, store, lot, limit) == uses(store, lot, limit=10_000)


def test_sqlite_gives_the_same_graph(tmp_path: Path, world: World) -> None:
    other = World(SqliteStore(tmp_path, create=True))
    other.hood()
    assert ancestry(other.store, HOOD) == ancestry(world.store, HOOD)
    ore = "urn:example:lot:miner:ore"
    assert uses(other.store, ore) == uses(world.store, ore)
    other.log.close()
    assert trace.EDGES
