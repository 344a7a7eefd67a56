"""What can come of what, how much of it, and when it is there."""

import json
from typing import Any

import pytest

from ledger.log import Refused
from tests.core.casthouse import here, lot_id, out, smelter, source, transform
from tests.core.judging import refusal, value
from tests.world import CATALOGUE, LOT, PARTY, World


@pytest.fixture
def world() -> World:
    return smelter()


@pytest.mark.parametrize(
    ("alumina", "metal", "fits"),
    [
        ("1.8", "1", True),
        ("1.799", "1", False),
        ("2.15", "1", True),
        ("2.151", "1", False),
        ("0.002", "0.001", True),
        ("0.001", "0.001", False),
    ],
)
def test_no_more_metal_than_the_alumina_allows(world: World, alumina: str, metal: str, fits: bool) -> None:
    here(world, "10", "alumina", "alumina")
    event = transform("electrolysis", {"alumina": alumina}, out("metal", metal))
    if fits:
        world.post(event)
    else:
        assert refusal(world, event) == ("process.ratio", "$.outputs")


def test_a_refusal_says_the_limits(world: World) -> None:
    here(world, "20", "alumina", "alumina")
    here(world, "100", "metal")
    heel = out("pad", "5", role="heel")
    world.post(transform("electrolysis", {"alumina": "9"}, heel))

    def detail(event: dict[str, Any]) -> str:
        outcome = world.try_post(event)
        assert isinstance(outcome, Refused)
        return outcome.problems[0].detail

    much = transform("electrolysis", {"alumina": "9", "pad": "5"}, out("m", "11"))
    assert detail(much) == "6 kg out of 9 kg, without the heels; electrolysis takes 1.8 to 2.15 kg for a kg"
    drained = transform("electrolysis", {"pad": "5"}, out("m", "5"))
    assert detail(drained) == "5 kg out of 5 kg; electrolysis takes 1.8 to 2.15 kg for a kg"
    lost = transform("cast", {"metal": "100"}, out("slab", "93", "rolling_slab"))
    assert detail(lost) == "93 kg out of 100 kg; cast gives 0.94 to 1 kg of a kg"
    bauxite = source(out("b", "1", "bauxite"), kind="addition")
    assert detail(bauxite) == "the source addition does not give bauxite"


def test_anodes_are_no_metal(world: World) -> None:
    here(world, "1000", "anodes", "anode")
    here(world, "18", "alumina", "alumina")
    much = transform("electrolysis", {"anodes": "1000", "alumina": "18"}, out("metal", "11"))
    assert refusal(world, much) == ("process.ratio", "$.outputs")
    none = transform("electrolysis", {"anodes": "1000"}, out("metal", "5"))
    assert refusal(world, none) == ("process.ratio", "$.outputs")
    world.post(transform("electrolysis", {"anodes": "4", "alumina": "18"}, out("metal", "10")))
    assert value(world, "lot", lot_id("metal")).composition == (("unknown purchase", 10_000_000),)


def test_metal_is_there_once_its_alumina_is_however_old_the_anodes_are(world: World) -> None:
    here(world, "4", "anodes", "anode")
    early = world.time
    world.tick(3600)
    here(world, "18", "alumina", "alumina")
    inputs = {"anodes": "4", "alumina": "18"}
    world.post(transform("electrolysis", inputs, out("metal", "10")) | {"from": early})
    assert value(world, "lot", lot_id("metal")).since == value(world, "lot", lot_id("alumina")).since


def test_each_tap_is_there_once_there_was_enough_for_it_and_those_ahead_of_it(world: World) -> None:
    """Of 18 t of alumina 10 t can come; 3 t of metal are 3 t."""
    began = world.time
    since = []
    for lot, kg, material in (
        ("a1", "18", "alumina"),
        ("m", "3", "liquid_aluminium"),
        ("a2", "36", "alumina"),
        ("a3", "18", "alumina"),
    ):
        world.tick(3600)
        here(world, kg, lot, material)
        since.append(value(world, "lot", lot_id(lot)).since)
    inputs = {"a3": "18", "m": "3", "a2": "36", "a1": "18"}
    taps = [out("t1", "10"), out("t2", "3"), out("t3", "0.001"), out("t4", "19.999"), out("t5", "5")]
    world.post(transform("electrolysis", inputs, *taps) | {"from": began})
    found = [value(world, "lot", lot_id(f"t{n}")).since for n in range(1, 6)]
    assert found == [since[0], since[1], since[2], since[2], since[3]]


def test_what_falls_off_and_carries_no_origin_is_there_with_the_first_metal(world: World) -> None:
    began = world.time
    since = []
    for lot in ("first", "second"):
        world.tick(3600)
        here(world, "10", lot)
        since.append(value(world, "lot", lot_id(lot)).since)
    dust = out("dust", "1", "dust", role="by_product")
    world.post(transform("blend", {"second": "10", "first": "10"}, dust, out("all", "19")) | {"from": began})
    assert [value(world, "lot", lot_id(lot)).since for lot in ("dust", "all")] == since


def test_what_is_more_than_all_metal_is_there_when_all_metal_is(world: World) -> None:
    """Dross holds the flux, too."""
    began = world.time
    for lot in ("m1", "m2"):
        world.tick(3600)
        here(world, "100", lot)
    last = value(world, "lot", lot_id("m2")).since
    dross = out("dross", "1", "dross", role="by_product")
    flux = [{"material": "flux", "kg": "1"}]
    event = transform(
        "cast", {"m1": "100", "m2": "100"}, out("slab", "200", "rolling_slab"), dross, additions=flux
    )
    world.post(event | {"from": began})
    assert value(world, "lot", lot_id("dross")).since == last


def test_nothing_is_there_before_the_process_began(world: World) -> None:
    here(world, "100")
    world.tick(3600)
    began = world.now // 1000
    event = transform("cast", {"in": "100"}, out("slab", "99", "rolling_slab"), **{"from": world.time})
    world.tick(3600)
    world.post(event)
    assert value(world, "lot", lot_id("slab")).since == began


def test_yields_are_of_all_that_came_not_of_each_lot(world: World) -> None:
    began = world.time
    for lot, kg in (("a1", "0.003"), ("a2", "0.006"), ("a3", "0.009")):
        world.tick(3600)
        here(world, kg, lot, "alumina")
    second = value(world, "lot", lot_id("a2")).since
    inputs = {"a1": "0.003", "a2": "0.006", "a3": "0.009"}
    taps = out("t1", "0.005"), out("t2", "0.005")
    world.post(transform("electrolysis", inputs, *taps) | {"from": began})
    assert value(world, "lot", lot_id("t1")).since == second


@pytest.mark.parametrize(
    ("process", "material", "product", "kg", "scrap", "added"),
    [
        ("blank", "coil", "blank", "60", "40", {}),  # 98 can come of 100, but the rest is scrap
        ("join", "stamped_part", "joined_part", "135", "", {"steel_parts": "75.6"}),
        ("stamp", "blank", "stamped_part", "90", "10", {}),
    ],
)
def test_a_press_posts_a_month_day_by_day(
    process: str, material: str, product: str, kg: str, scrap: str, added: dict[str, str]
) -> None:
    """All that came of a day's metal is there on that day, and not before."""
    world = World()
    site, party = world.site("press"), PARTY + "stamper"
    began = world.time
    lines, outputs, since = [], [], []
    for day in range(2):
        world.tick(86_400)
        lot = world.source("press", f"in{day}", "100", kind="purchase", material=material)
        since.append(value(world, "lot", lot).since)
        lines.append({"lot": lot, "kg": "100"})
        outputs.append({"lot": f"{LOT}stamper:o{day}", "kg": kg, "material": product})
        if scrap:
            made = {"lot": f"{LOT}stamper:s{day}", "kg": scrap, "material": "press_scrap"}
            outputs.append(made | {"role": "by_product"})
    event = {"type": "transform", "party": party, "site": site, "process": process, "model": "segregated"}
    additions = [{"material": name, "kg": mass} for name, mass in added.items()]
    event |= {"inputs": lines, "outputs": outputs, "from": began}
    world.post(event | ({"additions": additions} if additions else {}))
    found = [value(world, "lot", line["lot"]).since for line in outputs]
    assert found == [day for day in since for _ in range(len(outputs) // 2)]


def test_scrap_falls_off_no_sooner_than_there_is_metal_for_it() -> None:
    world = World()
    site, party = world.site("press"), PARTY + "stamper"
    began = world.time
    since = []
    for day in range(2):
        world.tick(86_400)
        lot = world.source("press", f"in{day}", "100", kind="purchase", material="coil")
        since.append(value(world, "lot", lot).since)
    lines = [{"lot": f"{LOT}stamper:in{day}", "kg": "100"} for day in range(2)]
    rows = (("b1", "98", ""), ("s1", "2", "s"), ("s2", "0.001", "s"), ("s3", "1", "s"), ("b2", "98", ""))
    outputs = [
        {"lot": f"{LOT}stamper:{name}", "kg": kg}
        | ({"material": "press_scrap", "role": "by_product"} if fell else {"material": "blank"})
        for name, kg, fell in rows
    ]
    event = {"type": "transform", "party": party, "site": site, "process": "blank", "model": "segregated"}
    world.post(event | {"inputs": lines, "outputs": outputs, "from": began})
    found = [value(world, "lot", line["lot"]).since for line in outputs]
    assert found == [since[0], since[0], since[1], since[1], since[1]]


def test_what_carries_no_origin_is_blended_without_physics(world: World) -> None:
    here(world, "10", "a1", "anode")
    here(world, "10", "a2", "anode")
    world.post(transform("blend", {"a1": "10", "a2": "10"}, out("a3", "15", "anode")))
    assert value(world, "lot", lot_id("a3")).composition == ()


def test_heels_are_taken_off_on_both_sides(world: World) -> None:
    here(world, "1000", "alumina", "alumina")
    first = transform("electrolysis", {"alumina": "360"}, out("metal", "150"), out("heel", "50", role="heel"))
    world.post(first)
    # Net of the heel 180 kg of alumina give 100 kg of metal: 1.8, and not a gram more.
    charge = {"heel": "50", "alumina": "180"}
    more = transform("electrolysis", charge, out("m2", "100.001"), out("h2", "50", role="heel"))
    assert refusal(world, more) == ("process.ratio", "$.outputs")
    world.post(transform("electrolysis", charge, out("m2", "100"), out("h2", "50", role="heel")))
    # A pot is drained by a blend: nothing is electrolysed.
    drained = transform("electrolysis", {"h2": "50"}, out("m3", "50"))
    assert refusal(world, drained) == ("process.ratio", "$.outputs")
    world.post(transform("blend", {"h2": "50"}, out("m3", "50")))


def test_alumina_is_no_heel_of_electrolysis_whatever_it_was_called(world: World) -> None:
    """Else alumina, blended into a "heel", would come out as metal gram for gram."""
    here(world, "2000", "alumina", "alumina")
    world.post(transform("blend", {"alumina": "1930"}, out("heel", "1930", "alumina", role="heel")))
    fraud = transform("electrolysis", {"heel": "1930", "alumina": "0.002"}, out("metal", "1930.001"))
    assert refusal(world, fraud) == ("process.ratio", "$.outputs")
    world.post(transform("electrolysis", {"heel": "1930"}, out("metal", "1000")))


def test_a_by_product_of_metal_needs_metal(world: World) -> None:
    catalogue = json.loads(CATALOGUE.read_text())
    catalogue["processes"]["blend"]["by_products"] = ["dross"]
    world = World(catalogue=catalogue)
    world.site("smelter")
    here(world, "10", "anodes", "anode")
    event = transform(
        "blend", {"anodes": "10"}, out("a", "5", "anode"), out("d", "5", "dross", role="by_product")
    )
    assert refusal(world, event) == ("process.ratio", "$.outputs")


def test_a_furnace_that_gives_less_than_its_heel_gives_nothing(world: World) -> None:
    here(world, "1000", "alumina", "alumina")
    world.post(
        transform("electrolysis", {"alumina": "400"}, out("m", "100"), out("heel", "100", role="heel"))
    )
    event = transform("electrolysis", {"heel": "100", "alumina": "18"}, out("m2", "90"))
    assert refusal(world, event) == ("process.ratio", "$.outputs")
