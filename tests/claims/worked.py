"""The worked examples as chains of events: the footprint to the panel, a charge with all kinds of scrap."""

from fractions import Fraction
from typing import Any

from ledger.claims.account import EMPTY, Account, Burden, Vector
from ledger.quantity import FINE
from tests.claims.making import Works, gas


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


def panel() -> Works:
    """The footprint, from the mine to the panel."""
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


def charge() -> Account:
    """The slab of a charge of 60 t with post-consumer scrap, and process scrap of several."""
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
    return works.transform(
        "cast", inputs, {"slab": ("rolling_slab", "60000")}, site="s:casthouse", party="caster"
    )["l:slab"]
