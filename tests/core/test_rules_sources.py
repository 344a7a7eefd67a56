"""Where metal begins: sources, and the birth of lots."""

import json

import pytest

from ledger.register import Flow, Hold, Lot, Mark, Owner, Spent
from tests.core.casthouse import SMELTER, TRADER, WORKS, here, lot_id, out, smelter, source
from tests.core.judging import flows, refusal, stock, value, waits_for
from tests.world import CATALOGUE, LOT, PARTY, REGISTRAR, SITE, World


@pytest.fixture
def world() -> World:
    return smelter()


# -- sources


def test_a_source_bears_its_lots(world: World) -> None:
    world.post(source(out("a", "10.5", owner=TRADER, marks={"heat": "H-1"}, role="heel")))
    (ref,) = [f"{SMELTER} {world.last['id']}"]
    since = world.now // 1000 - 1
    assert value(world, "lot", lot_id("a")) == Lot(
        "liquid_aluminium", 10_500, False, "source", SMELTER, WORKS, since, ref,
        (("unknown purchase", 10_500_000),), (),
    )  # fmt: skip
    assert value(world, "hold", lot_id("a")) == Hold(SMELTER, WORKS, since, "", "", False, False, ref)
    assert value(world, "owner", lot_id("a")) == Owner(TRADER, "", "", since, ref)
    assert value(world, "mark", f"heat H-1 {lot_id('a')}") == Mark(lot_id("a"))
    event = value(world, "event", ref)
    assert (event.born, event.others) == ((lot_id("a"),), (TRADER,))
    assert flows(world) == {Flow(ref, lot_id("a"), 10_500)}
    assert stock(world, WORKS, TRADER, "liquid_aluminium") == 10_500
    assert stock(world, WORKS, SMELTER, "liquid_aluminium") == 0


@pytest.mark.parametrize(
    ("kind", "more", "origin"),
    [
        ("purchase", {}, "unknown purchase"),
        ("opening", {}, "unknown opening"),
        ("gain", {}, "unknown gain"),
        ("addition", {}, "unknown addition"),
        ("addition", {"origin": "urn:example:mine:x"}, "addition urn:example:mine:x"),
    ],
)
def test_what_comes_from_outside_is_of_unknown_origin(
    world: World, kind: str, more: dict[str, str], origin: str
) -> None:
    world.post(source(out("a", "1", "silicon"), kind=kind, **more))
    assert value(world, "lot", lot_id("a")).composition == ((origin, 1_000_000),)


def test_mines_and_collections_are_origins(world: World) -> None:
    ore = world.source("pit", "ore", "1")
    scrap = world.scrap("yard", "scrap", "1")
    assert value(world, "lot", ore).composition == ((f"mine {SITE}pit", 1_000_000),)
    assert value(world, "lot", scrap).composition == ((f"collection {SITE}yard", 1_000_000),)


def test_a_material_without_origin_has_no_composition(world: World) -> None:
    here(world, "5", "anodes", "anode")
    assert (
        value(world, "lot", lot_id("anodes")).composition,
        value(world, "lot", lot_id("anodes")).traces,
    ) == (
        (),
        (),
    )


def test_a_source_happens_where_and_of_what_the_catalogue_says(world: World) -> None:
    mine = source(out("a", "1", "bauxite"), kind="mine")
    assert refusal(world, mine) == ("source.site", "$.site")
    pit = world.site("pit")
    ore = {"lot": LOT + "miner:a", "kg": "1", "material": "alumina"}
    dug = {"type": "source", "party": PARTY + "miner", "site": pit, "kind": "mine", "outputs": [ore]}
    assert refusal(world, dug) == ("source.material", "$.outputs[0].material")
    assert refusal(world, source(out("a", "1", "unobtainium"))) == (
        "material.unknown",
        "$.outputs[0].material",
    )


def test_a_catalogue_may_lack_a_kind_of_source() -> None:
    catalogue = json.loads(CATALOGUE.read_text())
    del catalogue["sources"]["purchase"]
    world = World(catalogue=catalogue)
    world.site("smelter")
    assert refusal(world, source(out("a", "1"))) == ("source.kind", "$.kind")


def test_opening_stock_is_declared_once_for_a_site_and_material(world: World) -> None:
    both = source(out("a", "1"), out("b", "2"), kind="opening")
    world.post(both)
    spent = value(world, "spent", f"opening liquid_aluminium {WORKS}")
    assert spent == Spent(f"{SMELTER} {world.last['id']}")
    again = source(out("x", "1", "coil"), out("c", "3"), kind="opening")
    assert refusal(world, again) == ("source.opening", "$.outputs[1].material")
    world.post(source(out("x", "1", "coil"), kind="opening"))
    world.site("annex", "smelter", "smelter")
    world.post(source(out("c", "3"), kind="opening", site=SITE + "annex"))


# -- birth


def test_a_lot_is_born_once_and_under_its_posters_prefix(world: World) -> None:
    here(world, "1", "a")
    assert refusal(world, source(out("a", "1"))) == ("lot.exists", "$.outputs[0].lot")
    squat = source(out("b", "1") | {"lot": LOT + "trader:b"})
    assert refusal(world, squat) == ("lot.prefix", "$.outputs[0].lot")
    near = source(out("b", "1") | {"lot": LOT + "smelterb"})
    assert refusal(world, near) == ("lot.prefix", "$.outputs[0].lot")


def test_a_withdrawn_lots_id_is_not_used_again(world: World) -> None:
    here(world, "1", "a")
    world.correct(world.last, "withdraw")
    assert refusal(world, source(out("a", "1"))) == ("lot.exists", "$.outputs[0].lot")


@pytest.mark.parametrize("kind", ["party", "site"])
def test_no_lot_takes_the_id_of_something_certified(world: World, kind: str) -> None:
    twin = lot_id("twin")
    said = {"type": kind, "party": REGISTRAR, "subject": twin, "country": "CA"}
    if kind == "party":
        world.post(said | {"name": "T", "roles": ["trader"], "prefixes": []})
    else:
        world.post(said | {"operator": SMELTER, "kinds": ["smelter"], "subdivision": "CA-QC"})
    assert refusal(world, source(out("twin", "1"))) == ("lot.exists", "$.outputs[0].lot")


def test_owners_are_registered(world: World) -> None:
    event = source(out("a", "1", owner=PARTY + "nobody"))
    assert refusal(world, event) == ("party.unknown", "$.outputs[0].owner")
    assert waits_for(world, event) == PARTY + "nobody"


def test_a_serial_stands_on_one_lot_of_its_party(world: World) -> None:
    world.post(source(out("a", "1", marks={"serial": "S-1", "heat": "H"})))
    twice = source(out("b", "1"), out("c", "1", marks={"heat": "H", "serial": "S-1"}))
    assert refusal(world, twice) == ("mark.taken", "$.outputs[1].marks.serial")
    pair = source(out("b", "1", marks={"serial": "S-2"}), out("c", "1", marks={"serial": "S-2"}))
    assert refusal(world, pair) == ("mark.taken", "$.outputs[1].marks.serial")
    world.post(source(out("b", "1", marks={"heat": "H"})))
    odd = source(out("c", "1", marks={"colour": "red"}))
    assert refusal(world, odd) == ("mark.unknown", "$.outputs[0].marks.colour")
    # Another party's serials are its own.
    world.scrap("yard", "s", "1")
