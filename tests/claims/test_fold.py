"""What one event does to the accounts of its lots."""

import json
from typing import Any

import pytest

from ledger.claims import content
from ledger.claims.account import EMPTY, FINE, Burden, draw, scale, unproven
from ledger.claims.method import BEGAN, DEFAULT
from ledger.events import parse
from tests.claims.making import CATALOGUE, Works, gas
from tests.core.examples import example

HYDRO = {"carrier": "electricity", "unit": "kWh", "source": "hydro"}
MELT: Any = {"site": "s:casthouse", "party": "caster"}


def test_a_mine_is_neither_refined_nor_smelted() -> None:
    made = Works().source("ore", "bauxite", "1")
    assert made.refinery == made.smelter == {"none": 1_000_000}
    assert made.content == {"primary - -": 1_000_000}
    assert made.content_party is made.content


@pytest.mark.parametrize(
    ("material", "refinery", "smelter"),
    [
        ("bauxite", "none", "none"),
        ("alumina", "unknown purchase", "none"),
        ("coil", "unknown purchase", "unknown purchase"),
    ],
)
def test_what_is_bought_is_unknown_as_far_as_it_had_come(material: str, refinery: str, smelter: str) -> None:
    made = Works().source("x", material, "1", kind="purchase")
    assert (list(made.refinery), list(made.smelter)) == ([refinery], [smelter])
    assert list(made.content) == ["unknown - -"]


@pytest.mark.parametrize(
    ("material", "kind"), [("post_consumer_scrap", "post"), ("pre_consumer_scrap", "pre")]
)
def test_what_is_collected_was_in_use_only_if_its_material_says_so(material: str, kind: str) -> None:
    made = Works().source("x", material, "1", kind="collection", site="s:yard")
    assert made.content == {f"{kind} - -": 1_000_000}
    assert made.smelter == {"collected s:yard": 1_000_000}


@pytest.mark.parametrize(
    ("material", "smelter"), [("silicon", "alloy"), ("master_alloy", "unknown addition")]
)
def test_aluminium_in_an_alloy_was_smelted_somewhere(material: str, smelter: str) -> None:
    made = Works().source("x", material, "1", kind="addition")
    assert (list(made.smelter), list(made.content)) == ([smelter], ["alloy - -"])


def test_what_carries_no_origin_has_a_footprint_all_the_same() -> None:
    works = Works()
    works.source("ore", "bauxite", "4", emissions=gas("1"))
    anode = works.source("anode", "anode", "1", kind="addition", emissions=gas("3"))
    assert (anode.content, anode.footprint[0].total) == ({}, 3 * 10**9)
    works.transform(
        "refine", {"ore": "4"}, {"alumina": ("alumina", "2"), "mud": ("bauxite_residue", "2", "by_product")}
    )
    assert works.accounts["l:mud"] == EMPTY
    made = works.transform(
        "electrolysis", {"alumina": "2", "anode": "1"}, {"metal": ("liquid_aluminium", "1")}
    )
    assert made["l:metal"].footprint[0].total == 4 * 10**9
    assert {where[2] for where in made["l:metal"].visits} == {
        "source:mine",
        "source:addition",
        "refine",
        "electrolysis",
    }


def test_products_that_carry_no_origin_share_what_they_are_made_of() -> None:
    works = Works()
    works.source("coke", "anode", "3", kind="addition", emissions=gas("3"))
    made = works.transform(
        "bin", {"coke": "3"}, {"a": ("anode", "1"), "b": ("anode", "2"), "d": ("dust", "1", "by_product")}
    )
    assert [made[f"l:{lot}"].footprint[1].total for lot in "abd"] == [10**9, 2 * 10**9, 0]


def test_sources_share_their_burden_by_mass() -> None:
    works = Works()
    outputs = [
        {"lot": "l:a", "material": "bauxite", "kg": "1"},
        {"lot": "l:b", "material": "bauxite", "kg": "2"},
    ]
    made = works.post("source", "miner", site="s:mine", kind="mine", outputs=outputs, emissions=gas("1"))
    assert [made[lot].footprint[0].total for lot in ("l:a", "l:b")] == [333_333_334, 666_666_667]
    assert [made[lot].footprint[0].primary for lot in ("l:a", "l:b")] == [333_333_333, 666_666_666]


def test_a_part_that_is_shipped_has_its_share_of_everything() -> None:
    works = Works()
    works.source("scrap", "post_consumer_scrap", "3", kind="collection", emissions=gas("1"))
    lines = [{"lot": "l:scrap", "kg": "1", "as": "l:part"}]
    made = works.post("ship", "yard", site="s:yard", to="p:x", lines=lines)
    assert made["l:part"].content == {"post - -": 1_000_000}
    assert made["l:part"].footprint[0].total == 333_333_334
    assert made["l:part"].visits is works.accounts["l:scrap"].visits
    whole = [{"lot": "l:scrap", "kg": "2"}]
    assert works.post("ship", "yard", site="s:yard", to="p:x", lines=whole) == {}


def test_other_events_bear_nothing() -> None:
    lines = [{"lot": "l:a", "kg": "1"}]
    assert Works().post("transfer", "x", lines=lines, to="p:y") == {}


# -- scrap


def scrapped(works: Works, mass: str = "10") -> None:
    """Metal cast at the casthouse, rolled elsewhere: ``crops`` are the mill's process scrap."""
    works.source("metal", "bauxite", mass)
    works.transform("cast", {"metal": mass}, {"slab": ("rolling_slab", mass)}, **MELT)
    works.transform(
        "roll",
        {"slab": mass},
        {"coil": ("coil", "8"), "crops": ("mill_scrap", "2", "by_product")},
        site="s:mill",
        party="mill",
    )


def test_what_falls_off_is_scrap_of_who_let_it_fall() -> None:
    works = Works()
    scrapped(works)
    assert list(works.accounts["l:crops"].content) == ["primary s:casthouse p:mill"]
    assert list(works.accounts["l:coil"].content) == ["primary s:casthouse -"]
    made = works.transform("bale", {"crops": "2"}, {"bale": ("mill_scrap", "2")}, party="trader")
    assert list(made["l:bale"].content) == ["primary s:casthouse p:mill"]
    made = works.transform("shred", {"bale": "2"}, {"x": ("mill_scrap", "2", "by_product")}, party="trader")
    assert list(made["l:x"].content) == ["primary s:casthouse p:mill"], "whose scrap it was it stays"


def test_scrap_that_comes_home_is_no_recycled_content_and_elsewhere_it_is() -> None:
    works = Works()
    scrapped(works)
    home = works.transform("cast", {"crops": "2"}, {"h": ("rolling_slab", "2")}, **MELT)["l:h"]
    assert (list(home.content), list(home.content_party)) == (
        ["primary s:casthouse -"],
        ["pre s:casthouse -"],
    )
    away = works.transform(
        "remelt", {"crops": "2"}, {"a": ("remelt_ingot", "2")}, site="s:other", party="other"
    )
    assert list(away["l:a"].content) == list(away["l:a"].content_party) == ["pre s:other -"]
    assert away["l:a"].content is away["l:a"].content_party
    own = works.transform(
        "remelt", {"crops": "2"}, {"o": ("remelt_ingot", "2")}, site="s:other", party="mill"
    )
    assert (list(own["l:o"].content), list(own["l:o"].content_party)) == (
        ["pre s:other -"],
        ["primary s:other -"],
    )
    parts = {"x": ("coil", "1"), "y": ("mill_scrap", "1", "by_product")}
    mixed = works.transform("roll", {"h": "2"}, parts, party="mill")
    assert list(mixed["l:y"].content_party) == ["pre s:casthouse p:mill"]
    joined = works.transform("cast", {"h": "1", "y": "1"}, {"z": ("rolling_slab", "2")}, **MELT)["l:z"]
    assert joined.content == {"primary s:casthouse -": 2_000_000}
    assert joined.content_party == {"pre s:casthouse -": 2_000_000}


def test_unknown_scrap_stays_unknown() -> None:
    works = Works()
    works.source("coil", "coil", "2", kind="purchase")
    works.transform("blank", {"coil": "2"}, {"b": ("blank", "1"), "s": ("press_scrap", "1", "by_product")})
    made = works.transform("cast", {"s": "1"}, {"slab": ("rolling_slab", "1")}, **MELT)["l:slab"]
    assert list(made.content) == ["unknown s:casthouse -"]


def test_added_mass_is_told_apart_and_its_emissions_are_asked_for() -> None:
    works = Works()
    scrapped(works)
    made = works.transform("join", {"coil": "8"}, {"door": ("joined_part", "10")}, emissions=gas("1"))[
        "l:door"
    ]
    assert made.content == {"primary s:casthouse -": 8_000_000, "added - -": 2_000_000}
    assert made.smelter == {"none": 8_000_000, "added join": 2_000_000}
    assert ("s:works", "join", "emissions of what was added (scope 3)") in made.gaps
    said = works.transform("join", {"coil": "8"}, {"d2": ("joined_part", "10")}, emissions=gas("1", 3))[
        "l:d2"
    ]
    assert not [gap for gap in said.gaps if gap[1] == "join"]
    works.transform("stamp", {"crops": "2"}, {"s2": ("stamped_part", "2")}, party="mill")
    works.transform("cast", {"crops": "2"}, {"h": ("rolling_slab", "2")}, **MELT)
    both = works.transform("join", {"h": "2"}, {"d3": ("joined_part", "3")})["l:d3"]
    assert both.content_party == {"pre s:casthouse -": 2_000_000, "added - -": 1_000_000}


def test_the_last_cast_replaces_the_one_before() -> None:
    works = Works()
    scrapped(works)
    works.transform("remelt", {"coil": "4"}, {"ingot": ("remelt_ingot", "4")}, site="s:other", party="other")
    made = works.transform("cast", {"ingot": "4"}, {"s": ("rolling_slab", "4")}, **MELT)["l:s"]
    assert list(made.content) == ["primary s:casthouse -"], "a coil that is melted is no process scrap"


# -- footprint


def own(works: Works, **members: Any) -> Burden:
    works.source("ore", "bauxite", "1", emissions=gas("0"))
    return works.transform("slit", {"ore": "1"}, {"x": ("bauxite", "1")}, **members)["l:x"].footprint[0]


@pytest.mark.parametrize(
    ("members", "grams"),
    [
        ({"emissions": gas("1", 1, "CO2")}, 1_000),
        ({"emissions": gas("1", 1, "CH4")}, 29_800),
        ({"emissions": gas("1", 3, "N2O")}, 273_000),
        ({"emissions": gas("1", 1, "CF4")}, 7_380_000),
        ({"emissions": gas("1", 1, "C2F6")}, 12_400_000),
        ({"energy": [HYDRO | {"amount": "1"}]}, 10),
        ({"energy": [HYDRO | {"amount": "1", "unit": "MWh"}]}, 10_000),
        ({"energy": [{"carrier": "electricity", "amount": "1", "unit": "kWh"}]}, 500),
        ({"energy": [{"carrier": "electricity", "amount": "1", "unit": "kWh", "source": "grid"}]}, 500),
        ({"energy": [{"carrier": "natural_gas", "amount": "1", "unit": "GJ"}]}, 56_100),
        ({"energy": [{"carrier": "diesel", "amount": "1000", "unit": "L"}]}, 36 * 74_100),
    ],
)
def test_gases_and_energy_by_their_factors(members: dict[str, Any], grams: int) -> None:
    assert own(Works(), **members).total == grams * 10**6


def test_fuels_are_not_counted_on_top_of_what_burning_them_gave_off() -> None:
    fuel = [{"carrier": "natural_gas", "amount": "1", "unit": "GJ"}]
    more, less = (
        own(Works(), energy=fuel, emissions=gas("60")),
        own(Works(), energy=fuel, emissions=gas("50")),
    )
    assert (more, less) == (Burden(60 * 10**9, 60 * 10**9), Burden(56_100 * 10**6, 50 * 10**9))


def test_declared_power_replaces_the_default_and_is_no_less_than_its_source_gives() -> None:
    grid = {"carrier": "electricity", "amount": "1", "unit": "kWh"}
    assert own(Works(), energy=[grid], emissions=gas("0.1", 2)) == (10**8, 10**8, 10**8)
    coal = grid | {"source": "coal"}
    assert own(Works(), energy=[coal], emissions=gas("0.1", 2)) == (82 * 10**7, 10**8, 82 * 10**7)


def test_what_cannot_be_counted_is_a_gap() -> None:
    works = Works()
    energy = [
        {"carrier": "steam", "amount": "1", "unit": "t"},
        {"carrier": "natural_gas", "amount": "1", "unit": "t"},
    ]
    emissions = gas("1", 1, "HFC-1") + gas("1", 1, "SO2")
    made = works.source("ore", "bauxite", "1", energy=energy, emissions=emissions)
    assert sorted(gap[2] for gap in made.gaps) == [
        "factor for HFC-1",
        "factor for natural_gas in t",
        "factor for steam in t",
    ]


BURNT = "CO2 or CO2e or natural_gas or fuel_oil or coal"


@pytest.mark.parametrize(
    ("emissions", "more", "gap"),
    [
        (gas("0", 1, "CO2") + gas("0.4", 3), {}, "CO2 that fits the metal made"),
        (gas("0.699999", 1, "CO2") + gas("0.4", 3), {}, "CO2 that fits the metal made"),
        (gas("0.7", 1, "CO2"), {}, "anode (a lot of it, or scope 3)"),
        (
            gas("0.7", 1, "CO2") + gas("0.4", 3) + gas("0", 2),
            {"source": "grid"},
            "source of the electricity that scope 2 states",
        ),
        (gas("0.7", 1, "CO2") + gas("0.4", 3) + gas("0", 2), {}, ""),
    ],
)
def test_a_declared_zero_does_not_undo_chemistry(emissions: Any, more: dict[str, str], gap: str) -> None:
    """Carbon anodes are used up, and burn; and no paper makes coal power clean without naming a source."""
    works = Works()
    works.source("alumina", "alumina", "2", kind="purchase", emissions=gas("1"))
    made = works.transform(
        "electrolysis",
        {"alumina": "2"},
        {"m": ("liquid_aluminium", "1")},
        energy=[HYDRO | {"amount": "14"} | more],
        emissions=emissions + gas("0", 1, "CF4"),
    )["l:m"]
    assert [what for _, _, what in made.gaps] == ([gap] if gap else [])


def test_a_refinery_does_not_leave_out_what_it_burns_behind_a_kilowatt_hour() -> None:
    works = Works()
    works.source("ore", "bauxite", "3", emissions=gas("1"))
    made = works.transform("refine", {"ore": "3"}, {"a": ("alumina", "1")}, energy=[HYDRO | {"amount": "1"}])[
        "l:a"
    ]
    assert [what for _, _, what in made.gaps] == [BURNT]


def test_declared_scope_2_is_no_less_than_the_cleanest_source_gives() -> None:
    works = Works()
    works.source("ore", "bauxite", "3", emissions=gas("0"))
    grid = [HYDRO | {"amount": "14", "source": "grid"}]
    made = works.transform(
        "refine", {"ore": "3"}, {"a": ("alumina", "1")}, energy=grid, emissions=gas("0", 2) + gas("0")
    )["l:a"]
    assert made.footprint[0].total == 14 * 10 * 10**6


def test_what_a_process_must_say() -> None:
    works = Works()
    works.source("alumina", "alumina", "2", kind="purchase", emissions=gas("1"))
    made = works.transform("electrolysis", {"alumina": "2"}, {"m": ("liquid_aluminium", "1")})["l:m"]
    assert {gap[2]: index for gap, index in made.gaps.items()} == {
        "electricity": 2,
        "CO2 or CO2e": 2,
        "CF4": 2,
        "anode (a lot of it, or scope 3)": 2,
    }
    energy = [HYDRO | {"amount": "14"}]
    emissions = gas("0.7", 1, "CO2") + gas("0", 1, "CF4") + gas("0.4", 3)
    said = works.transform(
        "electrolysis",
        {"alumina": "2"},
        {"m2": ("liquid_aluminium", "1")},
        energy=energy,
        emissions=emissions,
    )["l:m2"]
    assert said.gaps == {}
    both = works.transform("cast", {"m": "1", "m2": "1"}, {"s": ("rolling_slab", "2")}, **MELT)["l:s"]
    assert both.gaps == {**made.gaps, ("s:casthouse", "cast", BURNT): 4}
    silent = works.transform("roll", {"s": "2"}, {"t": ("rolling_slab", "2")})["l:t"]
    assert ("s:works", "roll", "energy or emissions") in silent.gaps


def test_metal_without_data_dwindles_in_a_furnace_and_never_vanishes() -> None:
    works = Works()
    works.source("heel", "liquid_aluminium", "10", kind="opening")
    for heat in range(8):
        works.source("new", "liquid_aluminium", "90", kind="purchase", emissions=gas("1"))
        made = works.transform(
            "cast",
            {"new": "90", "heel": "10"},
            {"slab": ("rolling_slab", "90"), "heel": ("liquid_aluminium", "10", "heel")},
            emissions=gas("1"),
        )
        assert made["l:heel"].lacking == max(10_000_000 // 10 ** (heat + 1), 1)
        assert made["l:slab"].lacking == max(90_000_000 // 10 ** (heat + 1), 1 if heat else 0)
    assert made["l:slab"].gaps == {("s:mine", "source:opening", "emissions"): 1}


def test_what_carries_origin_passes_its_share_on_and_the_rest_counts_with_its_mass() -> None:
    works = Works()
    works.source("dark", "alumina", "0.5", kind="purchase")
    works.source("good", "alumina", "2", kind="purchase", emissions=gas("1"))
    works.source("anode", "anode", "5", kind="purchase")
    smelted: Any = {
        "energy": [HYDRO | {"amount": "14"}],
        "emissions": gas("1") + gas("0", 1, "CF4") + gas("0", 3),
    }
    pot: Any = {"m": ("liquid_aluminium", "1")}

    def lacking(taken: dict[str, int | str], **members: Any) -> int:
        return works.transform("electrolysis", taken, pot, **smelted | members)["l:m"].lacking

    assert works.accounts["l:anode"].lacking == 5_000_000
    assert lacking({"good": "2"}) == 0
    assert lacking({"good": "1.5", "dark": "0.5"}) == 250_000
    assert lacking({"good": "1.9", "dark": "0.1", "anode": "0.4"}) == 50_000 + 400_000
    assert lacking({"good": "2", "anode": "0.4"}) == 400_000
    assert lacking({"good": "2", "anode": "4"}) == 1_000_000
    assert lacking({"good": "2"}, emissions=gas("0")) == 1_000_000, "an entry with a gap darkens all"
    part = works.transform("electrolysis", {"good": "1", "anode": "0.1"}, pot, **smelted)["l:m"]
    assert draw(part, 1_000, 1, DEFAULT.renewable).lacking == 100
    assert draw(part._replace(lacking=1), 1_000, 1, DEFAULT.renewable).lacking == 1


def test_all_that_falls_off_bears_the_burden_where_nothing_else_came_out() -> None:
    works = Works()
    works.source("x", "coil", "2", kind="purchase", emissions=gas("1"))
    made = works.transform("blank", {"x": "2"}, {"s": ("press_scrap", "2", "by_product")})["l:s"]
    assert made.footprint[0].total == 10**9


# -- power, models, visits


def test_smelting_power_by_certificate_source_site_and_month() -> None:
    works = Works()
    works.source("alumina", "alumina", "4", kind="purchase")
    energy = [
        HYDRO | {"amount": "13.000001", "instrument": "c:1"},
        HYDRO | {"amount": "0.001", "unit": "MWh"},
        {"carrier": "electricity", "amount": "0.36", "unit": "MJ"},
        {"carrier": "steam", "amount": "1", "unit": "GJ"},
        {"carrier": "electricity", "amount": "1", "unit": "L"},
    ]
    made = works.transform("electrolysis", {"alumina": "2"}, {"m": ("liquid_aluminium", "1")}, energy=energy)[
        "l:m"
    ]
    assert made.power == {
        "c:1 hydro s:works 2026-03": 13_000_001,
        "- hydro s:works 2026-03": 1_000_000,
        "- - s:works 2026-03": 100_000,
    }
    part = works.transform("saw", {"m": "0.999"}, {"p": ("liquid_aluminium", "0.999")})["l:p"]
    assert part.power == {
        "c:1 hydro s:works 2026-03": 12_987_000,
        "- hydro s:works 2026-03": 999_000,
        "- - s:works 2026-03": 99_900,
    }


@pytest.mark.parametrize(("kwh", "fits"), [("7.9", False), ("8", True), ("25", True), ("25.1", False)])
def test_power_that_does_not_fit_the_metal_is_a_gap(kwh: str, fits: bool) -> None:
    works = Works()
    works.source("alumina", "alumina", "2", kind="purchase")
    made = works.transform(
        "electrolysis", {"alumina": "2"}, {"m": ("liquid_aluminium", "1")}, energy=[HYDRO | {"amount": kwh}]
    )["l:m"]
    assert (("s:works", "electrolysis", "electricity that fits the metal made") not in made.gaps) == fits


@pytest.mark.parametrize(("kwh", "fits"), [("7.999", False), ("8", True), ("25", True), ("25.001", False)])
def test_metal_that_was_in_the_pot_before_needs_no_electricity(kwh: str, fits: bool) -> None:
    """A day's tapping of a cell whose pad is ten times as heavy: its electricity has made what is new."""
    works = Works()
    works.source("a", "alumina", "2", kind="purchase")
    works.source("pad", "liquid_aluminium", "10", kind="opening")
    energy = [{"carrier": "electricity", "amount": kwh, "unit": "kWh", "source": "hydro"}]
    tapped = {"m": ("liquid_aluminium", "1"), "p": ("liquid_aluminium", "10", "heel")}
    made = works.transform("electrolysis", {"a": "2", "pad": "10"}, tapped, energy=energy)["l:m"]
    assert (("s:works", "electrolysis", "electricity that fits the metal made") not in made.gaps) == fits


def test_alumina_counts_among_metal_as_the_metal_that_it_gives() -> None:
    """1,800 kg of alumina, of which 1,000 kg of metal can come, and 50 kg that were bought: one in 21."""
    works = Works()
    works.source("a", "alumina", "1800", emissions=gas("1") + gas("1", 3))
    works.source("bought", "liquid_aluminium", "50", kind="purchase")
    energy = [{"carrier": "electricity", "amount": "13000", "unit": "kWh", "source": "hydro"}]
    emissions = gas("1400", 1, "CO2") + gas("1", 1, "CF4") + gas("1", 3)
    made = works.transform(
        "electrolysis",
        {"a": "1800", "bought": "50"},
        {"m": ("liquid_aluminium", "945")},
        energy=energy,
        emissions=emissions,
    )["l:m"]
    assert made.smelter == {"smelter s:works": 900_000 * FINE, "unknown purchase": 45_000 * FINE}
    assert made.content == {"primary - -": 900_000 * FINE, "unknown - -": 45_000 * FINE}
    assert made.content_party is made.content
    assert made.lacking == 45_000 * FINE
    assert made.footprint[1].total > 1400 * 10**9  # what was emitted does not weigh, it is


def test_the_weakest_model_of_each_process_and_who_stated_it_first() -> None:
    works = Works()
    works.source("a", "bauxite", "9")
    works.source("anode", "anode", "9", kind="addition")
    for n, model in enumerate(("segregated", "mass_balance", "mass_balance")):
        works.transform("bin", {"a": "3"}, {f"b{n}": ("bauxite", "3")}, model=model)
    works.transform("bin", {"anode": "9"}, {"c": ("anode", "9")}, model="book_and_claim")
    made = works.transform("blend", {"b0": "3", "b2": "3", "b1": "3", "c": "1"}, {"d": ("bauxite", "9")})[
        "l:d"
    ]
    assert made.models == {"bin": (1, 4), "blend": (3, 7)}, "an anode says nothing of the metal"


@pytest.mark.parametrize(
    ("origins", "model", "strength"),
    [
        ((("mine s:a", 1),), "identity_preserved", 4),
        ((("mine s:b", 1),), "identity_preserved", 3),
        ((("mine s:a", 1), ("mine s:b", 1)), "identity_preserved", 3),
        ((), "identity_preserved", 4),
        ((("mine s:b", 1),), "segregated", 3),
        ((("mine s:b", 1),), "mass_balance", 1),
    ],
)
def test_lots_of_several_origins_have_no_one_identity(origins: Any, model: str, strength: int) -> None:
    works = Works()
    for lot, of in (("flux", ()), ("a", (("mine s:a", 1),)), ("b", origins)):
        works.source(lot, "bauxite", "1")
        works.lots[f"l:{lot}"] = works.lots[f"l:{lot}"]._replace(composition=of)
    made = works.transform("bin", {"flux": "1", "a": "1", "b": "1"}, {"c": ("bauxite", "3")}, model=model)
    assert made["l:c"].models["bin"][0] == strength
    alone = works.transform("bin", {"b": "1"}, {"d": ("bauxite", "1")}, model="identity_preserved")
    assert alone["l:d"].models["bin"][0] == 4
    works.lots["l:b"] = works.lots["l:b"]._replace(composition=(("mine s:a", 1),), traces=("mine s:b",))
    traced = works.transform("bin", {"a": "1", "b": "1"}, {"e": ("bauxite", "2")}, model="identity_preserved")
    assert traced["l:e"].models["bin"][0] == 3, "a trace is an origin too"


def test_visits_are_joined_to_runs() -> None:
    works = Works()
    for n, date in enumerate(("02", "03", "05", "02")):
        works.time = f"2026-03-{date}T06:00:00Z"
        works.late = 401 * 86_400 if n == 2 else 0
        more: Any = {"evidence": [{"name": "x", "sha256": "0" * 64}]} if n else {}
        works.source(f"o{n}", "bauxite", "1", **more)
    made = works.transform(
        "bin", {f"o{n}": "1" for n in range(4)}, {"b": ("bauxite", "4")}, unit="b-1", from_=None
    )
    visits = made["l:b"].visits
    (mine,) = [visit for where, visit in visits.items() if where == ("s:mine", "p:miner", "source:mine", "")]
    first, day = mine.runs[0][0], 86_400
    assert mine.runs == ((first, first + day), (first + 3 * day, first + 3 * day))
    assert (len(mine.late), mine.first, mine.documents, mine.materials) == (1, 1, 0, ("bauxite",))
    assert mine.lag == 401 * 86_400
    works.late = 5
    assert [visit.lag for visit in works.source("p", "bauxite", "1").visits.values()] == [5]
    assert ("s:works", "p:maker", "bin", "b-1") in visits


@pytest.mark.parametrize(
    ("model", "account", "material", "bare"),
    [
        ("mass_balance", None, "bauxite", True),
        ("book_and_claim", None, "bauxite", True),
        ("mass_balance", "l:account", "bauxite", False),
        ("controlled_blending", None, "bauxite", False),
        ("mass_balance", None, "anode", False),  # carries no origin, so nothing is attributed
    ],
)
def test_what_books_attribute_without_an_account_is_remembered(
    model: str, account: str | None, material: str, bare: bool
) -> None:
    works = Works()
    works.source("o", material, "6", kind="mine" if material == "bauxite" else "addition")
    made = works.transform("bin", {"o": "4"}, {"a": (material, "4")}, model=model, account=account)["l:a"]
    (where,) = [where for where in made.visits if where[2] == "bin"]
    first = 2 if bare else -1
    assert [visit.unbooked for place, visit in made.visits.items() if place != where] == [-1]
    assert made.visits[where].unbooked == first
    works.transform("bin", {"o": "2"}, {"b": (material, "2")})
    both = works.transform("blend", {"b": "2", "a": "4"}, {"c": (material, "6")})["l:c"]
    assert both.visits[where].unbooked == first
    again = works.transform("bin", {"c": "6"}, {"d": (material, "6")}, model="mass_balance")["l:d"]
    carries = material == "bauxite"
    assert again.visits[where].unbooked == (first if bare else works.index if carries else -1)


def test_the_same_visit_twice_is_one() -> None:
    works = Works()
    works.source("o", "bauxite", "4")
    works.transform("bin", {"o": "4"}, {"a": ("bauxite", "2"), "b": ("bauxite", "2")})
    made = works.transform("blend", {"a": "2", "b": "2"}, {"c": ("bauxite", "4")})["l:c"]
    assert [visit.runs for visit in made.visits.values()] == [
        ((made.visits[w].runs[0]),) for w in made.visits
    ]
    works.source("p", "alumina", "4", kind="mine")
    both = works.transform("blend", {"c": "4", "p": "4"}, {"d": ("bauxite", "8")})["l:d"]
    assert both.visits["s:mine", "p:miner", "source:mine", ""].materials == ("alumina", "bauxite")


def test_equal_outputs_have_one_account() -> None:
    works = Works()
    works.source("o", "coil", "9", kind="purchase")
    made = works.transform("blank", {"o": "9"}, {f"b{n}": ("blank", "3") for n in range(3)})
    assert made["l:b0"] is made["l:b1"] is made["l:b2"]


# -- what is not shown


def test_an_unproven_lot_says_so_in_every_vector() -> None:
    made = unproven("l:x", 2, True, 7)
    assert made.refinery == made.smelter == {"unproven l:x": 2 * FINE}
    assert made.content == {"unproven - -": 2 * FINE}
    assert made.gaps == {("", "", "the ancestry of l:x"): 7}
    assert made.lacking == unproven("l:x", 2, False, 7).lacking == 2 * FINE
    assert unproven("l:x", 2, False, 7).content == {}


def test_what_is_left_of_a_share_goes_to_the_label_of_least_merit() -> None:
    assert scale({"post - -": 5, "pre - -": 5, "primary - -": 5}, 15, 10) == {
        "post - -": 3,
        "pre - -": 3,
        "primary - -": 4,
    }
    assert scale({"post - -": 999, "unknown - -": 1}, 1000, 10) == {"post - -": 9, "unknown - -": 1}
    assert scale({"a": 1}, 1, 1) == {"a": 1}
    assert scale({"a": 4, "b": 6}, 10, 5) == {"a": 2, "b": 3}
    assert DEFAULT.grid > DEFAULT.electricity["hydro"]


def test_a_catalogue_without_smelting_leaves_no_stage_ahead() -> None:
    event = parse(json.dumps(example("source", kind="purchase", origin=None)).encode())
    made = content.begun(event, "bauxite", 1, CATALOGUE._replace(processes={}), DEFAULT)
    assert made[0] == made[1] == {"unknown purchase": 1_000}


def test_what_is_refined_twice_stays_of_the_first_refinery() -> None:
    works = Works()
    works.source("ore", "bauxite", "4")
    works.transform("refine", {"ore": "4"}, {"a": ("alumina", "2")}, site="s:first")
    made = works.transform("refine", {"a": "2"}, {"b": ("alumina", "2")}, site="s:second")
    assert made["l:b"].refinery == {"refinery s:first": 2_000_000}


def test_the_power_of_a_quarter_is_not_that_of_its_last_month() -> None:
    """Else a certificate of March would cover what January and February used."""
    works = Works()
    works.source("ore", "alumina", "1900", kind="opening")
    works.time = "2026-03-31T00:00:00Z"
    used = [{"carrier": "electricity", "amount": "10000", "unit": "kWh", "source": "hydro"}]
    line = {"m": ("liquid_aluminium", "500")}
    more: Any = {"energy": used, "from": "2025-12-21T00:00:00Z"}
    made = works.transform("electrolysis", {"ore": "950"}, line, **more)["l:m"]
    days = {"2025-12": 11, "2026-01": 31, "2026-02": 28, "2026-03": 30}
    assert made.power == {f"- hydro s:works {month}": 100_000_000 * n for month, n in days.items()}
    more["from"] = "2023-03-30T00:00:00Z"
    made = works.transform("electrolysis", {"ore": "950"}, {"n": line["m"]}, **more)["l:n"]
    assert made.power == {"- hydro s:works 0001-01": 10_000_000_000}


@pytest.mark.parametrize("begun", [None, "2026-03-02T06:00:00Z"])
def test_what_is_smelted_in_a_second_is_of_no_month(begun: str | None) -> None:
    """Else a certificate that begins with that second would cover weeks of smelting before it."""
    works = Works()
    works.source("ore", "bauxite", "4")
    made = works.transform("refine", {"ore": "4"}, {"a": ("alumina", "2")}, **{"from": begun})
    assert ("s:works", "refine", BEGAN) in made["l:a"].gaps
    used = [{"carrier": "electricity", "amount": "14", "unit": "kWh", "source": "hydro"}]
    line = {"m": ("liquid_aluminium", "1")}
    made = works.transform("electrolysis", {"a": "2"}, line, energy=used, **{"from": begun})
    assert ("s:works", "electrolysis", BEGAN) in made["l:m"].gaps
    assert made["l:m"].power == {"- hydro s:works 0001-01": 14_000_000}
    works.source("b", "alumina", "2", kind="opening")
    made = works.transform(
        "electrolysis", {"b": "2"}, {"n": line["m"]}, energy=used, **{"from": "2026-03-02T05:59:59Z"}
    )
    assert ("s:works", "electrolysis", BEGAN) not in made["l:n"].gaps
    assert made["l:n"].power == {"- hydro s:works 2026-03": 14_000_000}
