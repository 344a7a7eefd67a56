"""Where metal becomes something else: transforms, who owns what comes of them, and their energy."""

from typing import Any

import pytest

from ledger.register import Flow, Spent
from tests.core.casthouse import SMELTER, TRADER, WORKS, here, lot_id, out, smelter, transform
from tests.core.judging import flows, refusal, stock, value, waits_for
from tests.world import LOT, PARTY, SITE, World


@pytest.fixture
def world() -> World:
    return smelter()


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
    slab = value(world, "lot", lot_id("slab"))
    began = value(world, "lot", lot_id("in")).since  # nothing is made of metal before it is there
    assert (slab.role, slab.since, slab.event) == ("product", began, ref)
    assert slab.composition == (("unknown purchase", 570_000_000),)
    assert value(world, "lot", lot_id("dross")).role == "by_product"
    assert value(world, "used", lot_id("in")).grams == 600_000
    assert flows(world) == {
        Flow(lot_id("in"), ref, 600_000),
        Flow("addition flux", ref, 5_000),
        Flow(ref, lot_id("slab"), 570_000),
        Flow(ref, lot_id("dross"), 20_500),
        Flow(ref, "loss", 14_500),
    }
    assert value(world, "event", ref).used == ((lot_id("in"), 600_000),)
    assert stock(world, WORKS, SMELTER, "liquid_aluminium") == 400_000
    assert stock(world, WORKS, SMELTER, "dross") == 20_500


def test_only_a_holder_uses_a_lot_at_its_site_and_never_beyond_its_mass(world: World) -> None:
    here(world, "100")
    slab = out("slab", "95", "rolling_slab")
    unknown = transform("cast", {"none": "100"}, slab)
    assert refusal(world, unknown) == ("lot.unknown", "$.inputs[0].lot")
    assert waits_for(world, unknown) == lot_id("none")
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
    sale = {"type": "transfer", "party": SMELTER, "to": TRADER, "lines": [{"lot": lot_id("in"), "kg": "100"}]}
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
