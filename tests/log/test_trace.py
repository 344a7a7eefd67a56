"""Where lots came from and where they went: shares, ancestry, uses."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.lookup import graph, paging, trace
from ledger.lookup.graph import WHOLE, Node
from ledger.lookup.paging import encode
from ledger.lookup.trace import Graph, ancestry, shares, uses
from ledger.register import Lot
from ledger.rules.composition import FINE
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.log.histories import History, histories
from tests.world import PARTY, SITE, World


def all_pages(ask: Any, store: Store, lot: str, limit: int, **more: Any) -> Graph:
    """The whole graph, page by page."""
    pages, cursor = [], None
    while True:
        page = ask(store, lot, limit=limit, cursor=cursor, **more)
        pages.append(page)
        cursor = page.next
        if cursor is None:
            nodes = tuple(node for page in pages for node in page.nodes)
            return Graph(lot, page.size, nodes, tuple(edge for page in pages for edge in page.edges), None)


def lots(found: Graph | None) -> list[str]:
    assert found is not None
    return [node.id.rpartition(":")[2] for node in found.nodes if node.kind == "lot"]


def node(found: Graph | None, id: str) -> Node:
    assert found is not None
    (one,) = [node for node in found.nodes if node.id.endswith(id)]
    return one


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    return world


HOOD = "urn:example:lot:stamper:hood"


# --- Shares


def test_a_hood_has_the_shares_of_its_mines(world: World) -> None:
    found = shares(world.store, HOOD)
    assert found is not None
    assert found.as_json() == {
        "lot": HOOD,
        "material": "stamped_part",
        "kg": "8",
        "origins": [
            {"kind": "mine", "id": SITE + "pit", "kg": "5.333", "share": "0.666666"},
            {"kind": "mine", "id": SITE + "pit-2", "kg": "2.667", "share": "0.333333"},
        ],
        "traces": [],
    }


def test_shares_are_told_as_the_claims_tell_them() -> None:
    world = World()
    ores = {world.source("pit", f"ore-{n}", "1"): "1" for n in range(2)}
    other = world.source("pit-2", "ore", "1")
    world.hand_over("pit", "refinery", ores)
    world.hand_over("pit-2", "refinery", {other: "1"})
    (mixed,) = world.transform("refinery", "blend", {**ores, other: "1"}, {"m": ("bauxite", "3")})
    found = shares(world.store, mixed)
    assert found is not None
    assert [origin.part.percent() for origin in found.origins] == ["66.66 %", "33.33 %"]


def test_a_trace_is_named_though_it_weighs_nothing() -> None:
    world = World()
    much = world.source("pit", "ore", "1000000")
    little = world.source("pit-2", "ore", "0.001")
    world.hand_over("pit", "refinery", {much: "1000000"})
    world.hand_over("pit-2", "refinery", {little: "0.001"})
    (mixed,) = world.transform(
        "refinery", "blend", {much: "1000000", little: "0.001"}, {"m": ("bauxite", "500000")}
    )
    found = shares(world.store, mixed)
    assert found is not None
    assert [(origin.id, origin.part.percent()) for origin in found.origins] == [(SITE + "pit", "99.99 %")]
    assert found.traces == (("mine", SITE + "pit-2"),)
    assert found.as_json()["traces"] == [{"kind": "mine", "id": SITE + "pit-2"}]


def test_unknown_origin_says_why_and_what_carries_none_has_no_shares() -> None:
    world = World()
    bought = world.source("refinery", "bought", "5", "purchase", "alumina")
    found = shares(world.store, bought)
    assert found is not None
    assert [(origin.kind, origin.id) for origin in found.origins] == [("unknown", "purchase")]
    caustic = world.source("refinery", "caustic", "5", "purchase", "caustic_soda")
    found = shares(world.store, caustic)
    assert found is not None
    assert found.origins == ()


def test_what_is_not_there_is_none(world: World) -> None:
    assert shares(world.store, "urn:example:none") is None
    assert ancestry(world.store, "urn:example:none") is None
    assert uses(world.store, "urn:example:none") is None


# --- Ancestry


def test_a_hood_goes_back_to_both_mines(world: World) -> None:
    found = ancestry(world.store, HOOD)
    assert found is not None
    assert found.next is None
    assert lots(found) == ["hood", "blank", "coil", "slab", "metal", "alumina", "ore", "ore"]
    assert [node.depth for node in found.nodes if node.kind == "lot"] == [0, 2, 4, 6, 8, 10, 12, 12]
    assert {node.share for node in found.nodes if node.id.endswith("miner:ore")} == {WHOLE * 2 // 3}
    assert {node.share for node in found.nodes if node.id.endswith("miner-2:ore")} == {WHOLE // 3}
    sources = [node for node in found.nodes if not any(edge.dst == node.id for edge in found.edges)]
    assert [node.value.type for node in sources if node.value] == ["source", "source"]  # type: ignore[union-attr]
    assert len({(node.kind, node.id) for node in found.nodes}) == len(found.nodes)


def test_a_node_as_json(world: World) -> None:
    found = ancestry(world.store, HOOD, limit=2)
    assert found is not None
    page = found.as_json()
    assert page["lot"] == HOOD
    assert page["size"] == world.store.head().size
    lot, event = page["nodes"]
    assert lot == {
        "kind": "lot",
        "id": HOOD,
        "at": lot["at"],
        "depth": 0,
        "share": "1.000000000000",
        "cut": False,
        "withdrawn": False,
        "open": [],
        "material": "stamped_part",
        "kg": "8",
        "item": True,
        "role": "product",
        "party": PARTY + "stamper",
        "site": SITE + "press",
        "since": lot["since"],
    }
    assert event["event"]["type"] == "transform"
    assert f"{event['event']['party']} {event['event']['id']}" == event["id"]
    assert page["edges"][0] == {
        "at": lot["at"],
        "from": event["id"],
        "to": HOOD,
        "kg": "8",
        "withdrawn": False,
    }


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


def test_what_lies_behind_a_small_share_is_left_out_but_said() -> None:
    world = World()
    much, little = world.source("pit", "ore", "90"), world.source("pit-2", "ore", "10")
    world.hand_over("pit", "refinery", {much: "90"})
    world.hand_over("pit-2", "refinery", {little: "10"})
    (mixed,) = world.transform("refinery", "blend", {much: "90", little: "10"}, {"m": ("bauxite", "100")})
    for least, cut in ((100_000, False), (100_001, True)):
        found = ancestry(world.store, mixed, min_share=least)
        assert found is not None
        small = node(found, "miner-2:ore")
        assert (small.cut, small.share) == (cut, WHOLE // 10)
        assert len(found.nodes) == (5 if cut else 6)
        assert not node(found, "miner:ore").cut


def test_what_carries_no_origin_has_no_share_of_what_does() -> None:
    world = World()
    alumina = world.source("smelter", "alumina", "2000", "purchase", "alumina")
    anode = world.source("smelter", "anode", "400", "purchase", "anode")
    (metal,) = world.transform(
        "smelter",
        "electrolysis",
        {alumina: "2000", anode: "400"},
        {"metal": ("liquid_aluminium", "1000")},
        additions=[{"material": "cryolite", "kg": "10"}],
    )
    found = ancestry(world.store, metal)
    assert node(found, "smelter:alumina").share == WHOLE
    assert node(found, "smelter:anode").share == 0
    added = node(found, "addition cryolite")
    assert (added.kind, added.share, added.at, added.depth) == ("addition", 0, None, 2)
    of_anode = ancestry(world.store, anode)
    assert of_anode is not None
    assert [node.share for node in of_anode.nodes] == [WHOLE, WHOLE]


def test_heels_and_returned_scrap_lead_back_once_each() -> None:
    world = World()
    heel = world.source("smelter", "heel-0", "100", "opening", "liquid_aluminium")
    made = []
    for n in range(1, 6):
        scrap = world.source("smelter", f"alumina-{n}", "2000", "purchase", "alumina")
        heel, metal = world.transform(
            "smelter",
            "electrolysis",
            {scrap: "2000", heel: "100"},
            {
                f"heel-{n}": {"material": "liquid_aluminium", "kg": "100", "role": "heel"},
                f"metal-{n}": ("liquid_aluminium", "1000"),
            },
        )
        made.append(metal)
    found = ancestry(world.store, made[-1])
    assert found is not None
    assert lots(found)[:4] == ["metal-5", "alumina-5", "heel-4", "alumina-4"] or "heel-4" in lots(found)
    assert len({(node.kind, node.id) for node in found.nodes}) == len(found.nodes)
    assert node(found, "heel-0").depth == 10
    origins = [
        node for node in found.nodes if node.kind == "lot" and node.id.endswith(("heel-0", "alumina-5"))
    ]
    assert all(node.share is not None for node in origins)
    forward = uses(world.store, "urn:example:lot:smelter:heel-0")
    assert lots(forward)[-2:] == ["heel-5", "metal-5"]


# --- Uses


def test_a_mine_s_ore_is_followed_into_a_vehicle_and_out_of_the_ledger() -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    world.receive(
        world.ship("pit", "refiner", {ore: "60"}, {ore: "part"}),
        "refinery",
        {world.lot(PARTY + "miner", "part"): "59"},
    )
    part = world.lot(PARTY + "miner", "part")
    exits = {"type": "exit", "party": PARTY + "refiner", "lines": [{"lot": part, "kg": "9"}]}
    world.post(exits | {"reason": "installed", "into": "urn:example:vin:1"})
    world.post(exits | {"reason": "sold_outside"})
    found = uses(world.store, ore)
    assert found is not None
    assert [(node.kind, node.depth) for node in found.nodes] == [
        ("lot", 0),
        ("lot", 1),
        ("event", 2),
        ("event", 2),
        ("into", 3),
        ("loss", 2),
    ]
    assert all(node.share is None and "share" not in node.as_json() for node in found.nodes)
    assert {(edge.dst, edge.grams) for edge in found.edges if edge.src == part} >= {("loss", 1000)}
    assert lots(uses(world.store, part)) == ["part"]


def test_a_vehicle_with_a_lots_id_is_not_the_lot() -> None:
    world = World()
    ore, other = world.source("pit", "ore", "100"), world.source("pit", "other", "100")
    lines = [{"lot": ore, "kg": "9"}]
    world.post(
        {"type": "exit", "party": PARTY + "miner", "lines": lines, "reason": "installed", "into": other}
    )
    assert lots(ancestry(world.store, other)) == ["other"]
    found = uses(world.store, ore)
    assert found is not None
    assert [node.kind for node in found.nodes] == ["lot", "event", "into"]


def test_what_was_withdrawn_is_shown_as_withdrawn_and_not_followed() -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    world.transform("pit", "blend", {ore: "50"}, {"mixed": ("bauxite", "50")})
    world.correct(world.last, "withdraw")
    shipped = world.ship("pit", "refiner", {ore: "60"}, {ore: "part"})
    world.correct(shipped, "withdraw")
    count = {"type": "count", "party": PARTY + "miner", "site": SITE + "pit", "basis": "weighed"}
    world.post(count | {"lines": [{"lot": ore, "kg": "99"}]})
    world.correct(world.last, "withdraw")
    world.post(count | {"lines": [{"lot": ore, "kg": "98"}]})
    found = uses(world.store, ore)
    assert found is not None
    assert [(node.kind, node.withdrawn) for node in found.nodes] == [
        ("lot", False),
        ("event", True),
        ("lot", True),
        ("loss", False),
    ]
    assert [
        (edge.dst.rpartition(":")[2], edge.grams, edge.withdrawn)
        for edge in found.edges
        if edge.dst[:4] != PARTY[:4] or edge.dst == "loss"
    ][-2:] == [
        ("loss", 1000, True),
        ("loss", 2000, False),
    ]
    mixed = ancestry(world.store, world.lot(PARTY + "miner", "mixed"))
    assert mixed is not None
    assert [node.withdrawn for node in mixed.nodes] == [True, True, False, False]
    assert [edge.withdrawn for edge in mixed.edges] == [True, True, False]


def test_a_dispute_is_shown_on_its_event(world: World) -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    world.correct(world.last, "dispute")
    found = ancestry(world.store, ore)
    assert found is not None
    assert [node.open for node in found.nodes] == [(), ("disputed",)]


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
