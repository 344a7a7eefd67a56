"""What one event adds to the footprint of its lots, and what it leaves open."""

from typing import Any

import pytest

from ledger.claims.account import Burden, draw
from ledger.claims.method import DEFAULT
from tests.claims.making import HYDRO, MELT, Works, gas


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


ANODE = "anode that fits the metal made (lots of it, or scope 3)"
BURNT = "CO2 or CO2e or natural_gas or fuel_oil or coal"


@pytest.mark.parametrize(
    ("emissions", "more", "gap"),
    [
        (gas("0", 1, "CO2") + gas("0.4", 3), {}, "CO2 that fits the metal made"),
        (gas("0.699999", 1, "CO2") + gas("0.4", 3), {}, "CO2 that fits the metal made"),
        (gas("0.7", 1, "CO2"), {}, ANODE),
        (gas("0.7", 1, "CO2") + gas("0", 3), {}, ANODE),
        (gas("0.7", 1, "CO2") + gas("0.199999", 3), {}, ANODE),
        (gas("0.7", 1, "CO2") + gas("0.2", 3), {}, ""),
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


@pytest.mark.parametrize(
    ("alumina", "kg", "gave", "gap"),
    [
        ("2", "0.8", "0.2", ""),
        ("2", "0.001", "2000", ANODE),  # of a kg that gave off 0.2 in all
        ("2", "0.8", "0", ANODE),
        ("2", "0.8", "0.199", ANODE),
        ("0.001", "0.8", "0", ANODE),  # a gram of it, or none
    ],
)
def test_a_gram_of_anode_or_one_of_nothing_is_none(alumina: str, kg: str, gave: str, gap: str) -> None:
    works = Works()
    works.source("alumina", "alumina", "2", kind="purchase", emissions=gas("1"))
    works.source("anodes", "anode", "8000" if gave == "2000" else kg, kind="purchase", emissions=gas(gave))
    metal = works.transform(
        "electrolysis",
        {"alumina": alumina, "anodes": kg},
        {"m": ("liquid_aluminium", alumina)},
        energy=[HYDRO | {"amount": "20" if alumina == "2" else "0.01"}],
        emissions=gas("0.7", 1, "CO2") + gas("0", 1, "CF4"),
    )["l:m"]
    assert [what for _, _, what in metal.gaps] == ([gap] if gap else [])


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
        ANODE: 2,
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
        "emissions": gas("1") + gas("0", 1, "CF4") + gas("0.2", 3),
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
