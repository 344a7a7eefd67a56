"""Claims folded a second time, from docs/reference/claims.md alone: both tell the same of every lot."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from ledger import folder
from ledger.proof import build
from ledger.proof.horizon import Horizon
from ledger.store import Store
from ledger.trust import Trust as OurTrust
from ledger.verify import check as verify
from tests.check.busy import Busy
from tests.independent.harness import DEMO, HOOD, Check, Demo, Trust, claims_apart, ours, theirs
from tests.independent.trade import kilograms
from tests.independent.works import Works
from tests.posting import roomy
from tests.world import World

pytestmark = pytest.mark.unmeasured

LATE = (
    "rolling_slab",
    "coil",
    "blank",
    "stamped_part",
    "joined_part",
    "press_scrap",
    "remelt_ingot",
    "dross",
)
KWH = {"carrier": "electricity", "unit": "kWh"}


def alike(store: Store, trust: str, lots: Iterable[str], **less: Any) -> list[dict]:
    """The claims of these lots, by proofs that a ledger makes of them."""
    told = []
    for lot in lots:
        data = build(store, lot, **less)
        report = verify([data], OurTrust.parse(trust)).as_json()["proofs"][0]
        check = Check(data, Trust(trust.encode()))
        assert ours(report) == theirs(check), lot
        assert [*claims_apart(report["claims"], check)] == [], lot
        told.append(report["claims"])
    return told


def told(world: World, lots: Iterable[str], **less: Any) -> list[dict]:
    world.publish()
    return alike(world.store, world.trust_text(), lots, **less)


def test_the_demos_lots_are_told_alike(demo: Demo) -> None:
    """The hoods of three heats, with scrap and with opening stock; what was sold as certified."""
    hoods = [HOOD, *(f"{DEMO}lot:cardinal:hood-0309-{n:04}" for n in (1, 2))]
    store = folder.open_store(demo.folder)
    sold = [f"{DEMO}lot:northbay:{lot}" for lot in ("truck-0120", "bales-0114")]
    found = alike(store, demo.trust.read_text(), [*hoods, *sold])
    store.close()
    for claims in found[:3]:
        assert claims["recycled"]
        assert claims["power"]
        assert claims["accounts"]
        assert claims["agreements"]
    assert len({claims["footprint"][0]["ug"] for claims in found[:3]}) > 1
    assert found[3]["coc"]
    assert all(month["within"] for month in found[0]["months"])


def test_what_chance_makes_is_told_alike() -> None:
    """Data of every quality, from whole to none; proofs that show all, or less."""
    found: Counter[str] = Counter()
    for seed in (21, 65, 121):
        works, chance = Works(seed, 25), random.Random(seed)
        born = [lot for lot in works.lots if lot["role"] != "part"][6:]
        lots = [lot["lot"] for lot in born if chance.random() < 0.1 or lot["material"] in LATE]
        for less in ({}, {"min_share": 200_000}, {"horizon": Horizon(share=200_000)}):
            for claims in told(works.world, chance.sample(lots, 1 if less else 3), **less):
                found.update({gap["missing"].split(" of ")[0] for gap in claims["gaps"]})
                found.update(f"covered {row['covered']}" for row in claims["power"])
                found.update(place["kind"] for place in claims["smelters"])
                found["late"] += any(step["late"] for step in claims["steps"])
                found["renewable"] += bool(claims["renewable_ppm"])
                rules = claims["recycled"]
                found["disputed"] += bool(rules) and rules[0]["primary"] != rules[1]["primary"]
    kinds = {"smelter", "none", "collected", "alloy", "added", "unknown", "unproven"}
    gaps = {"electricity that fits the metal made", "the ancestry", "CO2 that fits the metal made"}
    gaps |= {"the metal itself, which was only claimed"}
    some = {"covered True", "covered False", "late", "renewable", "disputed"}
    assert kinds | gaps | some <= {what for what, often in found.items() if often}, found


@pytest.mark.parametrize("seed", range(3))
def test_what_is_busy_is_told_alike(seed: int) -> None:
    """Amended charters, disputes, withdrawals: what is not on the way does not count."""
    busy = Busy(seed, 120)
    told(busy.world, [lot for lot, _ in busy.lots[-4:]])


def test_bounds_are_kept_alike() -> None:
    """More electricity, gaps and runs than are listed, and more than can be counted."""
    world, lots = World(start="2026-01-02T06:00:00Z"), {}
    yard, pots = ("yard", "collection", "post_consumer_scrap"), ("smelter", "gain", "alumina")
    for n in range(11):
        odd = [{"scope": 1, "gas": f"G{n}.{m}", "kg": "1"} for m in range(100)]
        odd_energy = [{"carrier": f"c{n}_{m}", "unit": "kWh", "amount": "1"} for m in range(100)]
        lots[world.source(yard[0], f"s{n}", "9", *yard[1:], energy=odd_energy, emissions=odd)] = "9"
    (scrap,) = world.transform("yard", "bin", lots, {"all": ("post_consumer_scrap", "99")})
    for n in range(102):
        world.tick(90_000)
        (scrap,) = world.transform("yard", "bin", {scrap: "99"}, {f"all-{n}": ("post_consumer_scrap", "99")})
    many = [KWH | {"amount": "0.15", "source": "hydro", "instrument": f"urn:c:{n}"} for n in range(100)]
    alumina = world.source(pots[0], "a", "2", *pots[1:])
    (metal,) = world.transform(
        "smelter", "electrolysis", {alumina: "2"}, {"m": ("liquid_aluminium", "1")},
        energy=many, **{"from": "2024-05-15T00:00:00Z"},
    )  # fmt: skip
    ages = {"from": "2020-01-01T00:00:00Z", "energy": [KWH | {"amount": "13"}]}
    alumina = world.source(pots[0], "b", "2", *pots[1:])
    (old,) = world.transform(
        "smelter", "electrolysis", {alumina: "2"}, {"o": ("liquid_aluminium", "1")}, **ages
    )
    alumina = world.source(pots[0], "c", "2", *pots[1:])
    much = {"energy": [{"carrier": "electricity", "unit": "GWh", "amount": "9" * 12, "source": "coal"}]}
    (coal,) = world.transform(
        "smelter", "electrolysis", {alumina: "2"}, {"p": ("liquid_aluminium", "1")}, **much
    )
    found = told(world, [scrap, metal, old, coal])
    assert [len(found[0]["gaps"]), len(found[0]["steps"][-1]["runs"])] == [1, 100]
    assert [(row["instrument"], row["month"]) for row in found[1]["power"]] == [("", "2026-04")]
    assert {row["month"] for row in found[2]["power"]} == {"0001-01"}
    assert {gap["missing"].split(" ")[0] for gap in found[3]["gaps"]} >= {"emissions", "electricity"}


def off(kg: str) -> dict[str, str]:
    return {"material": "press_scrap", "kg": kg, "role": "by_product"}


def test_scrap_of_scrap_is_told_alike() -> None:
    """What the shipped catalogue has not: scrap that falls off scrap, and scrap with added mass in it."""
    catalogue = roomy()
    catalogue["processes"]["bale"]["by_products"] = ["press_scrap"]
    catalogue["processes"]["join"]["by_products"] = ["press_scrap"]
    world = World(catalogue=catalogue)
    world.site("furnace", "roller", "casthouse")
    scrap = world.source("recycler", "scrap", "1", "collection", "post_consumer_scrap")
    (slab,) = world.transform("recycler", "cast", {scrap: "1"}, {"slab": ("rolling_slab", "0.98")})
    world.hand_over("recycler", "mill", {slab: "0.98"})
    coil, ends = world.transform(
        "mill",
        "roll",
        {slab: "0.98"},
        {"coil": ("coil", "0.9"), "ends": off("0.07") | {"material": "mill_scrap"}},
    )
    world.hand_over("mill", "press", {coil: "0.9"})
    (blank,) = world.transform("press", "blank", {coil: "0.9"}, {"blank": ("blank", "0.8")})
    (part,) = world.transform("press", "stamp", {blank: "0.8"}, {"part": ("stamped_part", "0.7")})
    steel = [{"material": "steel_parts", "kg": "0.1"}]
    made = {"joined": ("joined_part", "0.65"), "fell": off("0.15")}
    joined, fell = world.transform("press", "join", {part: "0.7"}, made, additions=steel)
    world.hand_over("press", "mill", {fell: "0.15"})
    made = {"bale": ("press_scrap", "0.13"), "again": off("0.02")}
    bale, again = world.transform("mill", "bale", {fell: "0.15"}, made)
    for lot, kg in ((again, "0.02"), (ends, "0.07")):
        world.hand_over("mill", "furnace", {lot: kg})
    melted = world.transform(
        "furnace", "remelt", {again: "0.02", ends: "0.07"}, {"i": ("remelt_ingot", "0.08")}
    )
    found = told(world, [joined, fell, bale, again, ends, *melted])
    assert [found[-1]["recycled"][1][word]["mg"] > 0 for word in ("post", "pre", "added")] == [True] * 3


def test_small_lots_are_told_alike() -> None:
    """Where a milligram counts: what is left over, traces, and masses without data."""
    world, gave = World(), {"emissions": [{"scope": 1, "gas": "CO2", "kg": "1"}]}
    world.site("smelter-2", "smelter", "smelter")
    lots = {
        world.source("recycler", "a", "0.003", "collection", "post_consumer_scrap", **gave): "0.003",
        world.source("recycler", "b", "0.004", "collection", "pre_consumer_scrap", **gave): "0.004",
    }
    ingots = {"i1": ("remelt_ingot", "0.005"), "i2": ("remelt_ingot", "0.001")}
    small = world.transform("recycler", "remelt", lots, ingots, **gave)
    lots = {
        world.source("recycler", "c", "0.006", "collection", "post_consumer_scrap", **gave): "0.006",
        world.source("recycler", "d", "0.001", "opening", "mill_scrap"): "0.001",
    }
    ingots = {"i3": ("remelt_ingot", "0.004"), "i4": ("remelt_ingot", "0.002")}
    small += world.transform("recycler", "remelt", lots, ingots, **gave)
    world.attest(small[-1], measured=[{"quantity": "recycled", "amount": "1.000000", "unit": "kg/kg"}])
    anode = world.source("smelter", "anode", "1", "addition", "anode", **gave)
    (anode,) = world.transform(
        "smelter", "bin", {anode: "1"}, {"anodes": ("anode", "1")}, model="book_and_claim"
    )
    power = [KWH | {"amount": "13000", "unit": "MWh", "source": "hydro"}]
    data = {
        "energy": power,
        "emissions": [{"scope": 1, "gas": gas, "kg": "700000"} for gas in ("CO2", "CF4")],
    }
    metal = {}
    for site, kg, more in (("smelter", "1000000", data), ("smelter-2", "0.001", {})):
        alumina = world.source(site, f"alumina-{site}", "2000000", "gain", "alumina", **gave)
        taken = {alumina: "2000000" if more else "0.002"} | ({anode: "1"} if more else {})
        (lot,) = world.transform(site, "electrolysis", taken, {f"m-{site}": ("liquid_aluminium", kg)}, **more)
        if site != "smelter":
            world.hand_over(site, "smelter", {lot: kg})
        metal[lot] = kg
    parts = {f"m{n}": ("liquid_aluminium", kg) for n, kg in enumerate(("0.001", "1000000"))}
    small += world.transform("smelter", "blend", metal, parts)
    found = told(world, small)
    assert found[-2]["renewable_lacking_ppm"] > 0
    assert any(place["trace"] for place in found[-2]["smelters"])


def test_certificates_cover_alike() -> None:
    """A smelter that once says nothing of its electricity, beside one that always does."""
    world, months = World(), "2026-03-01/2026-03-31"
    world.site("smelter-2", "smelter", "smelter")
    words = {"method": "Hydropower, renewable", "period": months}
    power = {"quantity": "electricity", "amount": "60", "unit": "kWh"} | words
    about = {"scheme": "i_rec", "measured": [power, power | {"unit": "GJ"}], "certificate_no": "urn:c:1"}
    party = world.operators[world.site("smelter")]
    for subject in (party, world.site("pit"), world.site("smelter-2")):
        world.attest(subject, **about)
    world.attest(party, **about | {"certificate_no": "C-1", "refs": {"instrument": "urn:c:2"}})
    world.attest(party, **about | {"certificate_no": "C-1", "refs": {"instrument": "urn:c:3"}})
    mixed = power | {"method": "Hydropower and natural gas"}
    world.attest(party, **about | {"certificate_no": "urn:c:4", "measured": [mixed]})
    certified, lots = {"instrument": "urn:c:1"}, {}
    for n, (site, sources) in enumerate((
        ("smelter", [{"source": "hydro"} | certified]),
        ("smelter", []),
        ("smelter-2", [{"source": "hydro"}]),
        ("smelter-2", [{"source": "hydro", "instrument": "urn:c:2"}, {"instrument": "urn:c:2"}]),
        ("smelter-2", [{"source": "natural_gas", "instrument": "urn:c:2"}, {"instrument": "urn:c:3"}]),
        ("smelter-2", [{"source": source, "instrument": "urn:c:3"} for source in ("hydro", "renewable")]),
        ("smelter-2", [{"source": source, "instrument": "urn:c:4"} for source in ("hydro", "natural_gas")]),
        ("smelter-2", [{"source": source, "instrument": "urn:c:2"} for source in ("renewable", "gas")]),
    )):  # fmt: skip
        alumina = world.source(site, f"a{n}", "2", "gain", "alumina")
        energy = {"energy": [KWH | {"amount": "9"} | source for source in sources]} if sources else {}
        (lot,) = world.transform(
            site, "electrolysis", {alumina: "2"}, {f"m{n}": ("liquid_aluminium", "1")}, **energy
        )
        if site != "smelter":
            world.hand_over(site, "smelter", {lot: "1"})
        lots[lot] = "1"
    both = {"both": ("liquid_aluminium", "8")}
    alloy = world.source("smelter", "alloy", "1", "addition", "master_alloy")
    found = told(world, [*lots, *world.transform("smelter", "blend", lots, both), alloy])[-2]
    assert 0 < found["renewable_ppm"] < 500_000
    assert [row["covered"] for row in found["power"]].count(True) == 3
    assert [row["certified"] for row in found["instruments"]] == [16_726_666, 16_726_666, None, 60_000]


def test_what_was_registered_since_is_told_alike() -> None:
    """Smelters that move on paper before, while and after metal is there; certifiers that are suspended."""
    world, months = World(), "2026-03-01/2026-03-31"
    power = {"quantity": "electricity", "amount": "60", "unit": "MWh", "method": "hydro", "period": months}
    certified, lots = [KWH | {"amount": "9", "source": "hydro", "instrument": "urn:c:1"}], {}
    world.site("smelter")
    for n, grid in enumerate(("CA", "CA", "AU", "CA-QC")):
        certifier = world.party(f"certifier-{n}", roles=["certifier"])
        site = world.site(f"smelter-{n}", "smelter", "smelter")
        if n == 0:
            world.anew(site, country="AU", subdivision="AU-QLD")
            world.tick(86_400)
            world.anew(site, country="CA", subdivision="CA-QC")
            world.tick(86_400)
        alumina = world.source(f"smelter-{n}", f"a{n}", "2", "gain", "alumina")
        about = {"scheme": "i_rec", "measured": [power | {"grid": grid}], "refs": {"instrument": "urn:c:1"}}
        world.attest(site, party=certifier, **about)
        if n == 2:
            world.anew(site, country="AU", subdivision="AU-QLD")
        (lot,) = world.transform(
            f"smelter-{n}",
            "electrolysis",
            {alumina: "2"},
            {f"m{n}": ("liquid_aluminium", "1")},
            energy=certified,
        )
        world.anew(site, subdivision="CA-QC" if n == 1 else "CA-ON", country="CA")
        for status in ("suspended", "closed", "active", "suspended")[: n + 1] if n else ():
            world.anew(certifier, status=status)
        world.hand_over(f"smelter-{n}", "smelter", {lot: "1"})
        lots[lot] = "1"
    world.anew(site, operator=certifier, kinds=["smelter", "casthouse"])
    found = told(world, world.transform("smelter", "blend", lots, {"all": ("liquid_aluminium", "4")}))[0]
    assert [place["also"] for place in sorted(found["smelters"], key=lambda row: row["site"])] == [
        ["CA-QC"],
        [],
        ["AU", "AU-QLD", "CA-QC"],
        ["CA-QC", "casthouse", world.operators[site]],
    ]
    assert [step["also"] for step in found["steps"] if step["site"] == site] == [["CA-QC", "casthouse"]] * 2
    assert [row["covered"] for row in found["power"]] == [True, False, False, False]
    assert [len(row["history"]) for row in found["attestations"]] == [0, 1, 2, 4]


CRADLE = {"boundary": "cradle_to_gate"}
DECLARED = [  # of a lot of 3/8 post-, 1/8 pre-consumer, 2.5 kg CO2e/kg; whether it is better than that
    *(({"quantity": "recycled_post_consumer", "unit": "kg/kg", "amount": amount}, bad)
      for amount, bad in (("0.375", False), ("0.38", False), ("0.376", True), ("0.4", True))),
    *(({"quantity": "recycled_pre_consumer", "unit": "%", "amount": amount}, bad)
      for amount, bad in (("12.5", False), ("13", False), ("12.6", True), ("12.500001", True))),
    *(({"quantity": "recycled", "unit": "t/t", "amount": amount}, bad)
      for amount, bad in (("0.5", False), ("0.500001", True), ("1", True), ("0.51", True))),
    *(({"quantity": "footprint", "unit": "kg/kg", "amount": amount} | CRADLE, bad)
      for amount, bad in (("2.5", False), ("2.4", True), ("2.49", True), ("2", True))),
    *(({"quantity": "pcf", "unit": "kg/t", "amount": amount, "method": "by_mass"} | CRADLE, bad)
      for amount, bad in (("2499", True), ("2500", False), ("9", True))),
    ({"quantity": "footprint", "unit": "t", "amount": "1"} | CRADLE, False),
    ({"quantity": "footprint", "unit": "kg/kg", "amount": "1"}, False),
    ({"quantity": "footprint", "unit": "kg/kg", "amount": "1", "boundary": "gate_to_gate"}, False),
    ({"quantity": "colour", "unit": "kg/kg", "amount": "1"}, False),
]  # fmt: skip


def test_declared_values_are_held_alike() -> None:
    world = World()
    lots = {
        world.source("recycler", "post", "3", "collection", "post_consumer_scrap"): "3",
        world.source("recycler", "pre", "1", "collection", "pre_consumer_scrap"): "1",
        world.source("recycler", "alloy", "4", "addition", "silicon"): "4",
    }
    slabs = world.transform(
        "recycler", "cast", lots, {f"slab-{n}": ("rolling_slab", "0.33") for n in range(len(DECLARED))},
        emissions=[{"scope": 1, "gas": "CO2", "kg": kilograms(len(DECLARED) * 825)}],
    )  # fmt: skip
    for slab, (measured, _) in zip(slabs, DECLARED, strict=True):
        world.attest(slab, measured=[measured])
    world.publish()
    for slab, (measured, bad) in zip(slabs, DECLARED, strict=True):
        data = build(world.store, slab)
        check = Check(data, Trust(world.trust_text().encode()))
        assert ours(verify([data], world.trust).as_json()["proofs"][0]) == theirs(check), measured
        assert check.verdict(9) == ("fail" if bad else "pass"), measured
