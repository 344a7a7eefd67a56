"""Averages of a period beside the values of its batches."""

from typing import Any

import pytest

from ledger.claiming import claims
from ledger.claiming.periods import period_of
from ledger.errors import Malformed
from tests.world import SITE, World


def cast(world: World, kg: str, co2: str, **more: Any) -> str:
    """A slab of bought metal, with what casting it gave off."""
    n = len(world.posted)
    metal = world.source("smelter", f"m{n}", kg, "purchase", "liquid_aluminium")
    emissions = [{"scope": 1, "gas": "CO2", "kg": co2}]
    made = f"{int(kg) * 98 // 100}"
    (slab,) = world.transform("smelter", "cast", {metal: kg}, {f"s{n}": ("rolling_slab", made)},
                              emissions=emissions, **more)  # fmt: skip
    return slab


def test_the_average_weighs_each_batch_by_its_mass() -> None:
    world = World()
    light, heavy = cast(world, "1000", "98"), cast(world, "3000", "588")
    found = period_of(world.store, SITE + "smelter", "cast", "2026-03")
    assert [batch.grams for batch in found.batches] == [980_000, 2_940_000]
    for batch, slab in zip(found.batches, (light, heavy), strict=True):
        assert batch.footprint[0].ug == claims(world.store, slab).footprint[0].ug
    (cut_off, by_mass) = found.footprint
    assert (cut_off.method, by_mass.method) == ("cut_off", "by_mass")
    assert cut_off.ug == sum(batch.footprint[0].ug for batch in found.batches) == 686_000_000_000
    assert (cut_off.grams, cut_off.g_per_kg, cut_off.stage, cut_off.year) == (
        3_920_000,
        175,
        "rolling_slab",
        2026,
    )
    assert [batch.footprint[0].g_per_kg for batch in found.batches] == [100, 200]
    assert found.as_json()["batches"][0]["footprint"][0]["g_per_kg"] == 100
    assert period_of(world.store, SITE + "smelter", "cast", "2026") == found._replace(period="2026")


def test_what_was_withdrawn_or_of_another_time_or_process_is_left_out() -> None:
    world = World()
    cast(world, "1000", "98")
    world.correct(world.last, "withdraw")
    found = period_of(world.store, SITE + "smelter", "cast", "2026-03")
    assert (found.grams, found.footprint, found.batches) == (0, (), ())
    cast(world, "1000", "98")
    assert period_of(world.store, SITE + "smelter", "cast", "2026-04").batches == ()
    assert period_of(world.store, SITE + "smelter", "electrolysis", "2026").batches == ()
    assert len(period_of(world.store, SITE + "smelter", "cast", "2026").batches) == 1


def test_a_site_that_changed_hands_keeps_its_batches() -> None:
    world = World()
    cast(world, "1000", "98")
    site = next(e for e in world.posted if e["type"] == "site" and e["subject"] == SITE + "smelter")
    again = {key: site[key] for key in ("type", "party", "subject", "kinds", "country", "subdivision")}
    replaced = {"party": site["party"], "id": site["id"]}
    world.post(again | {"operator": world.party("other"), "replaces": replaced})
    assert len(period_of(world.store, SITE + "smelter", "cast", "2026").batches) == 1


def test_by_products_bear_nothing_and_are_not_counted() -> None:
    world = World()
    metal = world.source("smelter", "m", "1000", "purchase", "liquid_aluminium")
    outputs: dict[str, dict[str, Any]] = {
        "slab": {"material": "rolling_slab", "kg": "980"},
        "dross": {"material": "dross", "kg": "10", "role": "by_product"},
    }
    world.transform(
        "smelter", "cast", {metal: "1000"}, outputs, emissions=[{"scope": 1, "gas": "CO2", "kg": "98"}]
    )
    found = period_of(world.store, SITE + "smelter", "cast", "2026-03")
    assert found.grams == 980_000
    assert found.footprint[0].g_per_kg == 100


def test_there_must_be_such_a_site() -> None:
    with pytest.raises(Malformed) as wrong:
        period_of(World().store, SITE + "nowhere", "cast", "2026")
    assert wrong.value.code == "claims.subject"
