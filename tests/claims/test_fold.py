"""What one event does to the accounts of its lots: origin, scrap, what is not shown."""

import json

import pytest

from ledger.claims import content
from ledger.claims.account import EMPTY, scale, unproven
from ledger.claims.method import DEFAULT
from ledger.events import parse
from ledger.quantity import FINE
from tests.claims.making import CATALOGUE, MELT, Works, gas
from tests.core.examples import example


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
    ("material", "told", "smelter"),
    [
        ("silicon", {"origin": "s:plant"}, "alloy"),
        ("silicon", {}, "unknown addition"),
        ("master_alloy", {"origin": "s:plant"}, "unknown addition"),
    ],
)
def test_aluminium_in_an_alloy_was_smelted_somewhere(
    material: str, told: dict[str, str], smelter: str
) -> None:
    made = Works().source("x", material, "1", kind="addition", **told)
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
