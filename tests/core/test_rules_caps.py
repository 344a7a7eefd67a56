"""How much of a product may be alloying metal, and how much of what goes in may be in no output."""

import json
from typing import Any

import pytest

from ledger.log import Refused
from ledger.register import Flow
from tests.core.casthouse import WORKS, here, lot_id, out, source, transform
from tests.core.judging import flows, refusal, value
from tests.world import CATALOGUE, World

MAKER, OTHER_MAKER = "urn:example:silicon:x", "urn:example:magnesium:y"
LOST = ("mass.lost", "$.outputs")


def works(**members: Any) -> World:
    """A casthouse under the starting catalogue, of which some materials or processes have other members."""
    catalogue = json.loads(CATALOGUE.read_text())
    for name, changed in members.items():
        entry = catalogue["materials"].get(name) or catalogue["processes"][name]
        entry.update(changed)
        for member in [member for member, limit in entry.items() if limit is None]:
            del entry[member]
    world = World(catalogue=catalogue)
    world.site("smelter", None, "smelter", "casthouse", "press_shop")
    here(world, "10000", "metal")
    return world


@pytest.fixture
def world() -> World:
    return works()


def alloying(world: World, kg: str, lot: str = "silicon", origin: str = MAKER, material: str = "") -> None:
    world.post(source(out(lot, kg, material or lot), kind="addition", origin=origin))


def detail(world: World, event: dict[str, Any]) -> str:
    outcome = world.try_post(event)
    assert isinstance(outcome, Refused)
    return outcome.problems[0].detail


# -- alloying metal


@pytest.mark.parametrize(
    ("material", "metal", "silicon"),
    [("foundry_ingot", "70", "30"), ("rolling_slab", "85", "15"), ("billet", "82", "18")],
)
def test_no_more_alloying_metal_than_the_material_holds(
    world: World, material: str, metal: str, silicon: str
) -> None:
    alloying(world, "100")
    much = {"metal": metal, "silicon": f"{silicon}.001"}
    what = transform("cast", much, out("a", f"{float(metal) + float(silicon) + 0.001:.3f}", material))
    assert refusal(world, what) == ("material.alloy", "$.outputs[0].material")
    world.post(transform("cast", {"metal": metal, "silicon": silicon}, out("a", "100", material)))


def test_a_refusal_says_how_much_it_is_and_may_be(world: World) -> None:
    alloying(world, "100")
    made = out("ingot", "99", "remelt_ingot"), out("slab", "1", "rolling_slab")
    event = transform("cast", {"metal": "80", "silicon": "20"}, *made)
    assert refusal(world, event) == ("material.alloy", "$.outputs[1].material")
    said = "0.2 kg of 1 kg are alloying metal; rolling_slab holds at most 0.15 kg in a kg"
    assert detail(world, event) == said


def test_alloying_metals_of_all_declared_origins_count_together(world: World) -> None:
    alloying(world, "8")
    alloying(world, "8", "magnesium", OTHER_MAKER)
    charge = {"metal": "84", "silicon": "8", "magnesium": "8"}
    assert refusal(world, transform("cast", charge, out("slab", "100", "rolling_slab"))) == (
        "material.alloy",
        "$.outputs[0].material",
    )
    world.post(transform("cast", charge, out("ingot", "100", "foundry_ingot")))


def test_what_the_first_heat_was_made_of_is_in_the_second(world: World) -> None:
    alloying(world, "40")
    world.post(transform("cast", {"metal": "80", "silicon": "20"}, out("melt", "100")))
    second = transform("cast", {"melt": "85", "silicon": "15"}, out("ingot", "100", "foundry_ingot"))
    assert refusal(world, second) == ("material.alloy", "$.outputs[0].material")
    world.post(transform("cast", {"melt": "85", "metal": "15"}, out("ingot", "100", "foundry_ingot")))


def test_what_is_of_unknown_origin_is_no_declared_alloying_metal(world: World) -> None:
    """Nobody is misled by it: its share is told as unknown."""
    world.post(source(out("bought", "100", "silicon"), kind="purchase"))
    world.post(source(out("no-origin", "100", "silicon"), kind="addition"))
    alloying(world, "100", "hardener", material="master_alloy")
    for n, lot in enumerate(("bought", "no-origin", "hardener")):
        world.post(transform("cast", {lot: "100"}, out(f"slab-{n}", "100", "rolling_slab")))


def test_silicon_is_silicon_as_long_as_nothing_is_made_of_it(world: World) -> None:
    alloying(world, "100")
    world.post(transform("blend", {"silicon": "100"}, out("pile", "100", "silicon")))
    assert value(world, "lot", lot_id("pile")).composition == ((f"addition {MAKER}", 100_000_000),)


def test_a_source_is_held_to_it_too() -> None:
    brought = source(out("silicon", "1", "silicon"), kind="addition", origin=MAKER)
    bad = refusal(works(silicon={"max_alloy": "0.999"}), brought)
    assert bad == ("material.alloy", "$.outputs[0].material")


def test_a_catalogue_may_set_no_limit_to_alloying() -> None:
    world = works(rolling_slab={"max_alloy": None})
    alloying(world, "100")
    world.post(transform("cast", {"silicon": "100"}, out("slab", "100", "rolling_slab")))


# -- losses


def test_no_more_is_lost_than_the_process_loses(world: World) -> None:
    event = transform("cast", {"metal": "100"}, out("slab", "94.999", "rolling_slab"))
    assert refusal(world, event) == LOST
    assert detail(world, event) == "5.001 kg of 100 kg are in no output; cast loses at most 0.05 kg of a kg"
    world.post(transform("cast", {"metal": "100"}, out("slab", "95", "rolling_slab")))
    assert Flow(f"{world.last['party']} {world.last['id']}", "loss", 5_000) in flows(world)


def test_what_falls_off_is_booked_and_not_lost(world: World) -> None:
    here(world, "100", "coil", "coil")
    blank, scrap = out("blank", "60", "blank"), out("scrap", "37", "press_scrap", role="by_product")
    assert refusal(world, transform("blank", {"coil": "100"}, blank)) == LOST
    less = scrap | {"kg": "36.999"}
    assert refusal(world, transform("blank", {"coil": "100"}, blank, less)) == LOST
    world.post(transform("blank", {"coil": "100"}, blank, scrap))


def test_what_is_added_goes_in_too(world: World) -> None:
    flux = {"additions": [{"material": "flux", "kg": "0.8"}]}
    event = transform("cast", {"metal": "100"}, out("slab", "95.759", "rolling_slab"), **flux)
    assert refusal(world, event) == LOST
    world.post(transform("cast", {"metal": "100"}, out("slab", "95.76", "rolling_slab"), **flux))


def test_a_heel_loses_nothing_until_the_furnace_is_drained(world: World) -> None:
    """Else whoever keeps eight tonnes in the furnace loses a twentieth of them with each heat."""
    world.post(transform("cast", {"metal": "1000"}, out("heel", "1000", role="heel")))
    kept = out("heel-2", "1000", role="heel")
    charge = {"heel": "1000", "metal": "100"}
    event = transform("cast", charge, out("slab", "94.999", "rolling_slab"), kept)
    assert refusal(world, event) == LOST
    world.post(transform("cast", charge, out("slab", "95", "rolling_slab"), kept))
    drained = transform("cast", {"heel-2": "1000"}, out("ingot", "949.999", "remelt_ingot"))
    assert refusal(world, drained) == LOST
    world.post(transform("cast", {"heel-2": "1000"}, out("ingot", "950", "remelt_ingot")))


def test_what_a_process_does_not_keep_is_no_heel_whatever_it_was_called(world: World) -> None:
    here(world, "100", "old", "coil")
    world.post(transform("blend", {"old": "100"}, out("coil", "100", "coil", role="heel")))
    here(world, "10", "coil-2", "coil")
    scrap = out("scrap", "40.7", "press_scrap", role="by_product")
    world.post(transform("blank", {"coil": "100", "coil-2": "10"}, out("blank", "66", "blank"), scrap))


def test_all_that_goes_in_counts_whether_it_carries_origin_or_not() -> None:
    world = works(electrolysis={"max_loss": "0.6"})
    here(world, "19", "alumina", "alumina")
    here(world, "6", "anodes", "anode")
    world.post(transform("electrolysis", {"alumina": "19", "anodes": "6"}, out("tap", "10")))


def test_what_carries_no_origin_is_held_to_it_too(world: World) -> None:
    here(world, "20", "anodes", "anode")
    assert refusal(world, transform("bin", {"anodes": "20"}, out("pile", "18.999", "anode"))) == LOST
    world.post(transform("bin", {"anodes": "20"}, out("pile", "19", "anode")))


def test_a_process_may_have_no_limit_but_its_yields() -> None:
    world = works(stamp={"max_loss": None})
    here(world, "100", "blank", "blank")
    world.post(transform("stamp", {"blank": "100"}, out("part", "45", "stamped_part")))


def test_a_process_may_lose_nothing_at_all() -> None:
    world = works(blend={"max_loss": "0"})
    event = transform("blend", {"metal": "100"}, out("pot", "99.999"), site=WORKS)
    assert refusal(world, event) == LOST
    world.post(transform("blend", {"metal": "100"}, out("pot", "100")))
