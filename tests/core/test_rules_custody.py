"""Where metal begins, and where it becomes something else: source and transform."""

import json
from typing import Any

import pytest

from ledger.log import Refused
from ledger.register import Flow, Hold, Lot, Mark, Owner, Spent
from tests.core.judging import flows, refusal, stock, value, waits_for
from tests.world import CATALOGUE, LOT, PARTY, REGISTRAR, SITE, World

SMELTER, TRADER = PARTY + "smelter", PARTY + "trader"
WORKS = SITE + "smelter"


@pytest.fixture
def world() -> World:
    """A smelter with a casthouse, and a trader."""
    world = World()
    world.site("smelter")
    world.party("trader")
    return world


def id(lot: str) -> str:
    return f"{LOT}smelter:{lot}"


def source(*outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    event = {"type": "source", "party": SMELTER, "site": WORKS, "kind": "purchase"}
    return event | {"outputs": list(outputs)} | more


def out(lot: str, kg: str, material: str = "liquid_aluminium", **more: Any) -> dict[str, Any]:
    return {"lot": id(lot), "kg": kg, "material": material} | more


def transform(process: str, inputs: dict[str, str], *outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    event = {"type": "transform", "party": SMELTER, "site": WORKS, "process": process, "model": "segregated"}
    lines = [{"lot": id(lot), "kg": kg} for lot, kg in inputs.items()]
    return event | {"inputs": lines, "outputs": list(outputs)} | more


def here(world: World, kg: str, lot: str = "in", material: str = "liquid_aluminium", **more: Any) -> None:
    world.post(source(out(lot, kg, material, **more)))


# -- sources


def test_a_source_bears_its_lots(world: World) -> None:
    world.post(source(out("a", "10.5", owner=TRADER, marks={"heat": "H-1"}, role="heel")))
    (ref,) = [f"{SMELTER} {world.last['id']}"]
    since = world.now // 1000 - 1
    assert value(world, "lot", id("a")) == Lot(
        "liquid_aluminium", 10_500, False, "source", SMELTER, WORKS, since, ref,
        (("unknown purchase", 10_500_000),), (),
    )  # fmt: skip
    assert value(world, "hold", id("a")) == Hold(SMELTER, WORKS, since, "", "", False, False, ref)
    assert value(world, "owner", id("a")) == Owner(TRADER, "", "", since, ref)
    assert value(world, "mark", f"heat H-1 {id('a')}") == Mark(id("a"))
    event = value(world, "event", ref)
    assert (event.born, event.others) == ((id("a"),), (TRADER,))
    assert flows(world) == {Flow(ref, id("a"), 10_500)}
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
    assert value(world, "lot", id("a")).composition == ((origin, 1_000_000),)


def test_mines_and_collections_are_origins(world: World) -> None:
    ore = world.source("pit", "ore", "1")
    scrap = world.scrap("yard", "scrap", "1")
    assert value(world, "lot", ore).composition == ((f"mine {SITE}pit", 1_000_000),)
    assert value(world, "lot", scrap).composition == ((f"collection {SITE}yard", 1_000_000),)


def test_a_material_without_origin_has_no_composition(world: World) -> None:
    here(world, "5", "anodes", "anode")
    assert (value(world, "lot", id("anodes")).composition, value(world, "lot", id("anodes")).traces) == (
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
    twin = id("twin")
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


# -- transforms


def test_a_transform_takes_bears_and_loses(world: World) -> None:
    here(world, "1000")
    event = transform(
        "cast",
        {"in": "600"},
        out("slab", "570", "rolling_slab"),
        out("dross", "20.5", "dross", role="by_product"),
        additions=[{"material": "flux", "kg": "5"}],
    )
    world.post(event | {"from": "2026-03-01T00:00:00Z"})
    ref = f"{SMELTER} {world.last['id']}"
    slab = value(world, "lot", id("slab"))
    began = value(world, "lot", id("in")).since  # nothing is made of metal before it is there
    assert (slab.role, slab.since, slab.event) == ("product", began, ref)
    assert slab.composition == (("unknown purchase", 570_000_000),)
    assert value(world, "lot", id("dross")).role == "by_product"
    assert value(world, "used", id("in")).grams == 600_000
    assert flows(world) == {
        Flow(id("in"), ref, 600_000),
        Flow("addition flux", ref, 5_000),
        Flow(ref, id("slab"), 570_000),
        Flow(ref, id("dross"), 20_500),
        Flow(ref, "loss", 14_500),
    }
    assert value(world, "event", ref).used == ((id("in"), 600_000),)
    assert stock(world, WORKS, SMELTER, "liquid_aluminium") == 400_000
    assert stock(world, WORKS, SMELTER, "dross") == 20_500


def test_only_a_holder_uses_a_lot_at_its_site_and_never_beyond_its_mass(world: World) -> None:
    here(world, "100")
    slab = out("slab", "95", "rolling_slab")
    unknown = transform("cast", {"none": "100"}, slab)
    assert refusal(world, unknown) == ("lot.unknown", "$.inputs[0].lot")
    assert waits_for(world, unknown) == id("none")
    assert refusal(world, transform("cast", {"in": "100.001"}, slab)) == ("lot.overdrawn", "$.inputs[0].kg")
    world.post(transform("cast", {"in": "60"}, out("s1", "60", "rolling_slab")))
    rest = transform("cast", {"in": "40.001"}, out("s2", "40", "rolling_slab"))
    assert refusal(world, rest) == ("lot.overdrawn", "$.inputs[0].kg")
    world.site("recycler")
    theirs = transform("cast", {"in": "40"}, {"lot": LOT + "remelter:x", "kg": "40", "material": "billet"})
    theirs |= {"party": PARTY + "remelter", "site": SITE + "recycler"}
    assert refusal(world, theirs) == ("lot.holder", "$.inputs[0].lot")
    world.site("annex", "smelter", "casthouse")
    away = transform("cast", {"in": "40"}, out("s2", "40", "rolling_slab"), site=SITE + "annex")
    assert refusal(world, away) == ("lot.site", "$.inputs[0].lot")
    early = transform("cast", {"in": "40"}, out("s2", "40", "rolling_slab"), time="2026-03-01T00:00:00Z")
    assert refusal(world, early) == ("time.before", "$.time")


def test_no_lot_is_its_own_ancestor(world: World) -> None:
    here(world, "100")
    event = transform("cast", {"in": "100"}, out("in", "100", "rolling_slab"))
    assert refusal(world, event) == ("lot.exists", "$.outputs[0].lot")


def test_a_process_is_done_where_and_with_what_the_catalogue_says(world: World) -> None:
    here(world, "100")
    here(world, "100", "ore", "bauxite")
    slab = out("slab", "100", "rolling_slab")
    assert refusal(world, transform("magic", {"in": "100"}, slab)) == ("process.unknown", "$.process")
    assert refusal(world, transform("roll", {"in": "100"}, slab)) == ("process.site", "$.site")
    assert refusal(world, transform("cast", {"in": "1", "ore": "99"}, slab)) == (
        "process.input",
        "$.inputs[1].lot",
    )
    coil = out("coil", "100", "coil")
    assert refusal(world, transform("cast", {"in": "100"}, coil)) == (
        "process.output",
        "$.outputs[0].material",
    )
    slag = out("slag", "1", "rolling_slab", role="by_product")
    made = transform("cast", {"in": "100"}, out("s", "99", "rolling_slab"), slag)
    assert refusal(world, made) == ("process.output", "$.outputs[1].material")


def test_press_scrap_stays_press_scrap(world: World) -> None:
    press = world.site("press")
    stamper = PARTY + "stamper"
    scrap = {"lot": LOT + "stamper:s", "kg": "10", "material": "press_scrap"}
    bought = {"type": "source", "party": stamper, "site": press, "kind": "purchase", "outputs": [scrap]}
    world.post(bought)
    bale = {"lot": LOT + "stamper:b", "kg": "10", "material": "post_consumer_scrap"}
    event: dict[str, Any] = {"type": "transform", "party": stamper, "site": press, "process": "bale"}
    event["model"] = "segregated"
    event |= {"inputs": [{"lot": LOT + "stamper:s", "kg": "10"}], "outputs": [bale]}
    assert refusal(world, event) == ("process.output", "$.outputs[0].material")
    world.post(event | {"outputs": [bale | {"material": "press_scrap"}]})


def test_mass_is_never_made_not_by_a_gram(world: World) -> None:
    here(world, "100")
    outputs = (out("slab", "99", "rolling_slab"), out("dross", "1.001", "dross", role="by_product"))
    assert refusal(world, transform("cast", {"in": "100"}, *outputs)) == ("mass.created", "$.outputs")
    world.post(transform("cast", {"in": "100"}, *outputs, additions=[{"material": "flux", "kg": "0.001"}]))


def test_additions_are_capped_by_the_products(world: World) -> None:
    here(world, "100")
    made = transform("cast", {"in": "100"}, out("slab", "99", "rolling_slab"))
    much = made | {"additions": [{"material": "flux", "kg": "0.991"}]}
    assert refusal(world, much) == ("process.addition", "$.additions[0].kg")
    metal = made | {
        "additions": [{"material": "flux", "kg": "0.99"}, {"material": "magnesium", "kg": "0.001"}]
    }
    assert refusal(world, metal) == ("process.addition", "$.additions[1].material")
    world.post(made | {"additions": [{"material": "flux", "kg": "0.99"}]})


# -- physics


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
    assert value(world, "lot", id("metal")).composition == (("unknown purchase", 10_000_000),)


def test_metal_is_there_once_its_alumina_is_however_old_the_anodes_are(world: World) -> None:
    here(world, "4", "anodes", "anode")
    early = world.time
    world.tick(3600)
    here(world, "18", "alumina", "alumina")
    inputs = {"anodes": "4", "alumina": "18"}
    world.post(transform("electrolysis", inputs, out("metal", "10")) | {"from": early})
    assert value(world, "lot", id("metal")).since == value(world, "lot", id("alumina")).since


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
        since.append(value(world, "lot", id(lot)).since)
    inputs = {"a3": "18", "m": "3", "a2": "36", "a1": "18"}
    taps = [out("t1", "10"), out("t2", "3"), out("t3", "0.001"), out("t4", "19.999"), out("t5", "5")]
    world.post(transform("electrolysis", inputs, *taps) | {"from": began})
    found = [value(world, "lot", id(f"t{n}")).since for n in range(1, 6)]
    assert found == [since[0], since[1], since[2], since[2], since[3]]


def test_what_falls_off_and_carries_no_origin_is_there_with_the_first_metal(world: World) -> None:
    began = world.time
    since = []
    for lot in ("first", "second"):
        world.tick(3600)
        here(world, "10", lot)
        since.append(value(world, "lot", id(lot)).since)
    dust = out("dust", "1", "dust", role="by_product")
    world.post(transform("blend", {"second": "10", "first": "10"}, dust, out("all", "19")) | {"from": began})
    assert [value(world, "lot", id(lot)).since for lot in ("dust", "all")] == since


def test_what_is_more_than_all_metal_is_there_when_all_metal_is(world: World) -> None:
    """Dross holds the flux, too."""
    began = world.time
    for lot in ("m1", "m2"):
        world.tick(3600)
        here(world, "100", lot)
    last = value(world, "lot", id("m2")).since
    dross = out("dross", "1", "dross", role="by_product")
    flux = [{"material": "flux", "kg": "1"}]
    event = transform(
        "cast", {"m1": "100", "m2": "100"}, out("slab", "200", "rolling_slab"), dross, additions=flux
    )
    world.post(event | {"from": began})
    assert value(world, "lot", id("dross")).since == last


def test_nothing_is_there_before_the_process_began(world: World) -> None:
    here(world, "100")
    world.tick(3600)
    began = world.now // 1000
    event = transform("cast", {"in": "100"}, out("slab", "99", "rolling_slab"), **{"from": world.time})
    world.tick(3600)
    world.post(event)
    assert value(world, "lot", id("slab")).since == began


def test_yields_are_of_all_that_came_not_of_each_lot(world: World) -> None:
    began = world.time
    for lot, kg in (("a1", "0.003"), ("a2", "0.006"), ("a3", "0.009")):
        world.tick(3600)
        here(world, kg, lot, "alumina")
    second = value(world, "lot", id("a2")).since
    inputs = {"a1": "0.003", "a2": "0.006", "a3": "0.009"}
    taps = out("t1", "0.005"), out("t2", "0.005")
    world.post(transform("electrolysis", inputs, *taps) | {"from": began})
    assert value(world, "lot", id("t1")).since == second


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
    assert value(world, "lot", id("a3")).composition == ()


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


# -- owners


def test_an_owner_gets_no_more_than_its_metal_became(world: World) -> None:
    here(world, "500", "own", "alumina")
    here(world, "500", "toll", "alumina", owner=TRADER)
    charge = {"own": "193", "toll": "193"}
    fair = (out("m1", "100"), out("m2", "100", owner=TRADER))
    swapped = (out("m1", "80"), out("m2", "110", owner=TRADER))
    assert refusal(world, transform("electrolysis", charge, *swapped)) == (
        "owner.balance",
        "$.outputs[1].owner",
    )
    taken = (out("m1", "60"), out("m2", "80", owner=TRADER), out("m3", "60"))
    assert refusal(world, transform("electrolysis", charge, *taken)) == (
        "owner.balance",
        "$.outputs[2].owner",
    )
    gift = transform("electrolysis", {"own": "193"}, out("m1", "100", owner=TRADER))
    assert refusal(world, gift) == ("owner.balance", "$.outputs[0].owner")
    world.post(transform("electrolysis", charge, *fair))
    assert value(world, "event", f"{SMELTER} {world.last['id']}").others == (TRADER,)


def test_by_products_belong_to_the_owner_of_the_metal(world: World) -> None:
    """Else a toll processor would keep the scrap, or call what it keeps scrap."""
    here(world, "100", "toll", owner=TRADER)
    slab = out("slab", "95", "rolling_slab", owner=TRADER)
    kept = out("ends", "5", "cast_ends", role="by_product")
    assert refusal(world, transform("cast", {"toll": "100"}, slab, kept)) == (
        "owner.balance",
        "$.outputs[1].owner",
    )
    world.post(transform("cast", {"toll": "100"}, slab, kept | {"owner": TRADER}))


def test_nobody_is_paid_in_additions(world: World) -> None:
    here(world, "100")
    dross = out("dross", "0.5", "dross", role="by_product")
    slab, flux = out("slab", "99", "rolling_slab"), [{"material": "flux", "kg": "0.5"}]
    paid = transform("cast", {"in": "100"}, slab, dross | {"owner": TRADER}, additions=flux)
    assert refusal(world, paid) == ("owner.balance", "$.outputs[1].owner")
    world.post(transform("cast", {"in": "100"}, slab, dross, additions=flux))


def test_flux_does_not_make_more_metal_of_ones_own(world: World) -> None:
    here(world, "100")
    here(world, "100", "toll", owner=TRADER)
    slabs = out("mine", "100.001", "rolling_slab"), out("theirs", "98", "rolling_slab", owner=TRADER)
    flux = [{"material": "flux", "kg": "1.9"}]
    cast = transform("cast", {"in": "100", "toll": "100"}, *slabs, additions=flux)
    assert refusal(world, cast) == ("owner.balance", "$.outputs[0].owner")


def test_a_heel_counts_for_its_owner(world: World) -> None:
    here(world, "1000", "alumina", "alumina", owner=TRADER)
    heel = out("heel", "50", role="heel", owner=TRADER)
    world.post(transform("electrolysis", {"alumina": "200"}, out("m", "50", owner=TRADER), heel))
    charge = {"heel": "50", "alumina": "180"}
    outputs = (out("m2", "100", owner=TRADER), out("h2", "50", role="heel"))
    assert refusal(world, transform("electrolysis", charge, *outputs)) == (
        "owner.balance",
        "$.outputs[1].owner",
    )
    world.post(transform("electrolysis", charge, outputs[0], outputs[1] | {"owner": TRADER}))


def test_a_pending_title_keeps_a_lot_from_use(world: World) -> None:
    here(world, "100")
    sale = {"type": "transfer", "party": SMELTER, "to": TRADER, "lines": [{"lot": id("in"), "kg": "100"}]}
    world.post(sale)
    used = transform("cast", {"in": "100"}, out("slab", "99", "rolling_slab"))
    assert refusal(world, used) == ("owner.pending", "$.inputs[0].lot")


# -- energy


def test_nobody_draws_on_a_certificate_in_anothers_place(world: World) -> None:
    here(world, "100")
    world.site("recycler")
    scrap = {"lot": LOT + "remelter:in", "kg": "100", "material": "liquid_aluminium"}
    remelter, there = PARTY + "remelter", SITE + "recycler"
    world.post({"type": "source", "party": remelter, "site": there, "kind": "purchase", "outputs": [scrap]})
    plain = {"carrier": "gas", "amount": "1", "unit": "kWh"}
    green = {"carrier": "electricity", "amount": "1", "unit": "MWh", "instrument": "urn:rec:1"}
    cast = transform("cast", {"in": "10"}, out("s1", "10", "rolling_slab"), energy=[plain, green])
    world.post(cast)
    first = world.last
    at = {id: f"instrument urn:rec:1 {id}" for id in (WORKS, SMELTER, there, remelter)}
    assert [value(world, "spent", at[id]) for id in (WORKS, SMELTER)] == [Spent("", 1_000_000)] * 2
    world.post(cast | {"outputs": [out("s2", "10", "rolling_slab")]})
    second = world.last
    # Another's is counted as another's, and is in nobody's way.
    theirs = cast | {"party": remelter, "site": there}
    theirs |= {"inputs": [{"lot": scrap["lot"], "kg": "10"}]}
    theirs |= {"outputs": [{"lot": LOT + "remelter:s", "kg": "10", "material": "billet"}]}
    world.post(theirs | {"energy": [green | {"amount": "9"}]})
    assert [value(world, "spent", at[id]).amount for id in (WORKS, SMELTER)] == [2_000_000] * 2
    assert [value(world, "spent", at[id]).amount for id in (there, remelter)] == [9_000_000] * 2
    world.correct(first, "withdraw")
    assert [value(world, "spent", at[id]).amount for id in (WORKS, SMELTER)] == [1_000_000] * 2
    world.correct(second, "withdraw")
    assert [value(world, "spent", at[id]) for id in (WORKS, SMELTER)] == [Spent("", 0)] * 2
