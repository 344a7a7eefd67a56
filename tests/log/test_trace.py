"""Where lots came from and where they went: shares, ancestry, uses."""

import pytest

from ledger.lookup.graph import WHOLE
from ledger.lookup.trace import ancestry, shares, uses
from tests.log.tracing import HOOD, lots, node
from tests.world import PARTY, SITE, World


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    return world


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
