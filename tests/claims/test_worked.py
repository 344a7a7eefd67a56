"""The worked numbers: origin through a furnace heel, the footprint by both methods, recycled content."""

from fractions import Fraction
from typing import Any

import pytest

from ledger.claims.account import EMPTY, FINE, Account, Burden, Vector
from tests.claims.making import Works, gas


def shares(vector: Vector) -> dict[str, Fraction]:
    whole = sum(vector.values())
    return {label: Fraction(mg, whole) for label, mg in vector.items()}


def near(vector: Vector, exact: dict[str, Fraction], slack: int) -> None:
    """Every share is exact to ``slack`` milligrams of the whole."""
    whole = sum(vector.values())
    assert vector.keys() == exact.keys()
    for label, share in exact.items():
        assert abs(vector[label] - share * whole) <= slack, label


def classes(vector: Vector) -> dict[str, int]:
    found: dict[str, int] = {}
    for label, mg in vector.items():
        name = label.split(" ")[0]
        found[name] = found.get(name, 0) + mg
    return found


def smelted(works: Works, lot: str, site: str, grams: int) -> None:
    vector = {f"smelter s:{site}": FINE * grams}
    content = {"primary - -": FINE * grams}
    works.has(
        lot, EMPTY._replace(refinery=vector, smelter=vector, content=content, content_party=content), grams
    )


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
    """The worked example of the footprint, from the mine to the panel."""
    works = Works()
    smelter: Any = {"site": "s:smelter", "party": "smelter"}
    works.source("bauxite", "bauxite", "3000000", emissions=gas("60000") + gas("150000", 3))
    works.transform(
        "refine",
        {"bauxite": "3000000"},
        {"alumina": ("alumina", "1000000")},
        site="s:refinery",
        emissions=gas("700000"),
    )
    works.source("anodes", "anode", "425000", kind="addition", site="s:anodes", emissions=gas("800000"))
    works.transform(
        "electrolysis",
        {"alumina": "193000", "anodes": "42500"},
        {"liquid": ("liquid_aluminium", "100000")},
        energy=[{"carrier": "electricity", "amount": "1360000", "unit": "kWh", "source": "hydro"}],
        emissions=gas("140000", 1, "CO2") + gas("10000") + gas("8000") + gas("1930", 3),
        **smelter,
    )
    inert = Burden(1_999_600 * 100_000_000, 0)  # micrograms for 100 t of 1.9996
    metal = FINE * 100_000_000
    carried: dict[str, Any] = {
        "smelter": {"smelter s:smelter": metal},
        "refinery": {"refinery s:refinery": metal},
    }
    content = {"primary - -": metal}
    works.has(
        "inert",
        EMPTY._replace(content=content, content_party=content, footprint=(inert, inert), **carried),
        100_000_000,
    )
    works.source(
        "old", "post_consumer_scrap", "13000", kind="collection", site="s:yard", emissions=gas("1300")
    )
    works.source("alloy", "silicon", "500", kind="addition", site="s:alloys", emissions=gas("4000"))
    content = {"primary s:casthouse p:stamper": FINE * 4_000_000}
    back: Any = {"smelter": {"smelter s:smelter": FINE * 4_000_000}, "refinery": {"none": FINE * 4_000_000}}
    burdens = Burden(0, 0), Burden(3_600_000 * 4_000_000, 0)
    works.has(
        "back", EMPTY._replace(content=content, content_party=content, footprint=burdens, **back), 4_000_000
    )
    works.transform(
        "cast",
        {"liquid": "40000", "inert": "2500", "old": "13000", "alloy": "500", "back": "4000"},
        {"slab": ("rolling_slab", "59400")},
        site="s:casthouse",
        party="caster",
        emissions=gas("11880"),
    )
    works.transform(
        "roll",
        {"slab": "10000"},
        {"coil": ("coil", "8000"), "crops": ("mill_scrap", "2000", "by_product")},
        site="s:mill",
        party="mill",
        emissions=gas("3600"),
    )
    works.transform(
        "blank",
        {"coil": "8000"},
        {"blank": ("blank", "6800"), "clips": ("press_scrap", "1200", "by_product")},
        site="s:press",
        party="stamper",
        emissions=gas("136"),
    )
    works.transform(
        "stamp",
        {"blank": "6800"},
        {"panel": ("stamped_part", "4760"), "rest": ("press_scrap", "2040", "by_product")},
        site="s:press",
        party="stamper",
        emissions=gas("476"),
    )
    return works


def per_kg(account: Account, kg: int) -> tuple[str, str]:
    """kg CO2e per kg with four digits, by cut-off and by mass."""
    cut_off, by_mass = (round(Fraction(burden.total, kg * 10**5)) for burden in account.footprint)
    return f"{cut_off / 10**4:.4f}", f"{by_mass / 10**4:.4f}"


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
    works = Works()
    smelted(works, "liquid", "A", 38_000_000)
    works.source("old", "post_consumer_scrap", "9000", kind="collection", site="s:yard")
    works.source("foreign", "pre_consumer_scrap", "3000", kind="collection", site="s:yard")

    def mixed(lot: str, grams: int, scrap: str) -> None:
        vector = {"smelter s:A": FINE * grams}
        content = {f"primary s:casthouse {scrap}": 800 * grams, f"post s:casthouse {scrap}": 200 * grams}
        works.has(
            lot,
            EMPTY._replace(refinery=vector, smelter=vector, content=content, content_party=content),
            grams,
        )

    mixed("back", 6_000_000, "p:stamper")
    mixed("ends", 2_000_000, "p:caster")
    mixed("heel", 2_000_000, "-")
    inputs: dict[str, int | str] = {
        "liquid": "38000",
        "old": "9000",
        "back": "6000",
        "foreign": "3000",
        "ends": "2000",
        "heel": "2000",
    }
    slab = works.transform(
        "cast", inputs, {"slab": ("rolling_slab", "60000")}, site="s:casthouse", party="caster"
    )["l:slab"]
    own_loop, own_party = (
        {name: round(Fraction(mg * 10_000, FINE * 60_000_000)) for name, mg in classes(vector).items()}
        for vector in (slab.content, slab.content_party)
    )
    assert own_loop == {"primary": 7667, "post": 1833, "pre": 500}
    assert own_party == {"primary": 6867, "post": 1633, "pre": 1500}
