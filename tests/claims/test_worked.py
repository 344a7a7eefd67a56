"""The worked numbers: origin through a furnace heel, the footprint by both methods, recycled content."""

from fractions import Fraction
from typing import Any

import pytest

from ledger.claims.account import Vector
from ledger.quantity import FINE
from tests.claims import worked
from tests.claims.making import Works
from tests.claims.worked import charge, classes, per_kg, smelted


def shares(vector: Vector) -> dict[str, Fraction]:
    whole = sum(vector.values())
    return {label: Fraction(mg, whole) for label, mg in vector.items()}


def near(vector: Vector, exact: dict[str, Fraction], slack: int) -> None:
    """Every share is exact to ``slack`` milligrams of the whole."""
    whole = sum(vector.values())
    assert vector.keys() == exact.keys()
    for label, share in exact.items():
        assert abs(vector[label] - share * whole) <= slack, label


def test_origin_through_a_furnace_heel() -> None:
    works = Works()
    smelted(works, "a", "A", 7_000_000_000)
    smelted(works, "b", "B", 9_000_000_000)
    works.source("heel0", "liquid_aluminium", "8000", kind="opening", site="s:furnace")
    works.source("scrap", "post_consumer_scrap", "12000", kind="collection", site="s:yard")
    cast: Any = {"site": "s:furnace", "party": "caster"}
    metal = ("liquid_aluminium", "60000")
    works.transform("blend", {"a": "7000000", "b": "9000000"}, {"pile": ("liquid_aluminium", "16000000")})
    first = works.transform(
        "cast", {"heel0": "8000", "pile": "40000", "scrap": "12000"}, {"heat1": metal}, **cast
    )
    u, a, b, c = "unknown opening", "smelter s:A", "smelter s:B", "collected s:yard"
    exact = {u: Fraction(2, 15), a: Fraction(7, 24), b: Fraction(3, 8), c: Fraction(1, 5)}
    near(first["l:heat1"].smelter, exact, 3)
    inputs: dict[str, int | str] = {"heat1": "10000", "b": "50000"}  # heel, and scrap of the first heat
    second = works.transform("cast", inputs, {"heat2": metal}, **cast)
    exact = {u: Fraction(1, 45), a: Fraction(7, 144), b: Fraction(43, 48), c: Fraction(1, 30)}
    near(second["l:heat2"].smelter, exact, 6)
    third = works.transform("cast", {"heat2": "8000", "b": "52000"}, {"heat3": metal}, **cast)
    exact = {u: Fraction(2, 675), a: Fraction(7, 1080), b: Fraction(71, 72), c: Fraction(1, 225)}
    near(third["l:heat3"].smelter, exact, 9)
    works.transform("saw", {"heat3": "17400"}, {"slab": ("liquid_aluminium", "17400")})
    grams = {label: round(Fraction(mg, FINE)) for label, mg in works.accounts["l:slab"].smelter.items()}
    assert grams == {u: 51_556, a: 112_778, b: 17_158_333, c: 77_333}
    kinds = shares(works.accounts["l:slab"].content)
    assert set(kinds) == {"unknown s:furnace -", "primary s:furnace -", "post s:furnace -"}


@pytest.fixture
def panel() -> Works:
    return worked.panel()


def test_the_footprint_by_both_methods(panel: Works) -> None:
    assert per_kg(panel.accounts["l:alumina"], 1_000_000) == ("0.9100", "0.9100")
    assert per_kg(panel.accounts["l:liquid"], 100_000) == ("4.2916", "4.2916")
    slab = panel.accounts["l:slab"]
    assert per_kg(slab, 59_400) == ("3.2634", "3.5058")
    assert [round(Fraction(burden.total, 10**9)) for burden in slab.footprint] == [193_843, 208_243]
    assert per_kg(panel.accounts["l:coil"], 8_000) == ("4.5292", "3.8658")
    assert per_kg(panel.accounts["l:panel"], 4_760) == ("7.7407", "3.9528")
    assert panel.accounts["l:rest"].footprint[0].total == 0
    against = [
        round(100 - Fraction(burden.total * 100, 4_760 * 16_100_000_000))
        for burden in panel.accounts["l:panel"].footprint
    ]
    assert against == [52, 75]


def test_the_worked_chain_lacks_only_what_it_does_not_say(panel: Works) -> None:
    assert panel.accounts["l:slab"].gaps == {("s:smelter", "electrolysis", "CF4"): 4}


def test_recycled_content_by_both_rules() -> None:
    slab = charge()
    own_loop, own_party = (
        {name: round(Fraction(mg * 10_000, FINE * 60_000_000)) for name, mg in classes(vector).items()}
        for vector in (slab.content, slab.content_party)
    )
    assert own_loop == {"primary": 7667, "post": 1833, "pre": 500}
    assert own_party == {"primary": 6867, "post": 1633, "pre": 1500}
