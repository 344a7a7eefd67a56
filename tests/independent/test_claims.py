"""Claims folded a second time, from docs/reference/claims.md alone: both tell the same of every lot."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from ledger.proof import build
from ledger.proof.horizon import Horizon
from ledger.verify import check as verify
from tests.check.busy import Busy
from tests.independent.harness import DEMO, HOOD, Check, Demo, Trust, claims_apart, ours, same, theirs
from tests.independent.works import Works
from tests.world import World

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


def alike(world: World, lots: Iterable[str], **less: Any) -> list[dict]:
    """The claims of these lots, by proofs of a world's ledger."""
    trust, told = Trust(world.trust_text().encode()), []
    for lot in lots:
        data = build(world.store, lot, **less)
        report = verify([data], world.trust).as_json()["proofs"][0]
        check = Check(data, trust)
        assert ours(report) == theirs(check), lot
        assert [*claims_apart(report["claims"], check)] == [], lot
        told.append(report["claims"])
    return told


def test_the_demos_hoods_are_told_alike(demo: Demo) -> None:
    """Of three heats: with mill and press scrap, with opening stock, and one of both."""
    lots = [HOOD, *(f"{DEMO}lot:cardinal:hood-0309-{n:04}" for n in (1, 2))]
    ledger = ("--ledger", str(demo.folder))
    seen = same(demo, {lot: demo.run("prove", lot, *ledger).encode() for lot in lots})
    for check in seen:
        assert len(check.told["recycled"]) == len(check.told["footprint"]) == 2
        assert check.told["power"]
    assert len({check.told["footprint"][0]["ug"] for check in seen}) > 1


def test_what_chance_makes_is_told_alike() -> None:
    """Data of every quality, from whole to none; proofs that show all, or less."""
    found: Counter[str] = Counter()
    for seed in (9, 12, 17, 58):
        works, chance = Works(seed, 25), random.Random(seed)
        born = [lot for lot in works.lots if lot["role"] != "part"][6:]
        lots = [lot["lot"] for lot in born if chance.random() < 0.1 or lot["material"] in LATE]
        for less in ({}, {"min_share": 200_000}, {"horizon": Horizon(share=200_000)}):
            for claims in alike(works.world, chance.sample(lots, 1 if less else 3), **less):
                found.update({gap["missing"].split(" of ")[0] for gap in claims["gaps"]})
                found.update(f"covered {row['covered']}" for row in claims["power"])
                found.update(place["kind"] for place in claims["smelters"])
                found["late"] += any(step["late"] for step in claims["steps"])
                found["renewable"] += bool(claims["renewable_ppm"])
                rules = claims["recycled"]
                found["disputed"] += bool(rules) and rules[0]["primary"] != rules[1]["primary"]
    kinds = {"smelter", "none", "collected", "alloy", "added", "unknown", "unproven"}
    gaps = {"electricity that fits the metal made", "the ancestry", "CO2 that fits the metal made"}
    some = {"covered True", "covered False", "late", "renewable", "disputed"}
    assert kinds | gaps | some <= {what for what, often in found.items() if often}, found


@pytest.mark.parametrize("seed", range(3))
def test_what_is_busy_is_told_alike(seed: int) -> None:
    """Amended charters, disputes, withdrawals: what is not on the way does not count."""
    busy = Busy(seed, 120)
    busy.world.publish()
    alike(busy.world, [lot for lot, _ in busy.lots[-4:]])


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
    world.publish()
    found = alike(world, [scrap, metal, old, coal])
    assert [len(found[0]["gaps"]), len(found[0]["steps"][-1]["runs"])] == [1, 100]
    assert [(row["instrument"], row["month"]) for row in found[1]["power"]] == [("", "2026-04")]
    assert {row["month"] for row in found[2]["power"]} == {"0001-01"}
    assert {gap["missing"].split(" ")[0] for gap in found[3]["gaps"]} >= {"emissions", "electricity"}


CRADLE = {"boundary": "cradle_to_gate"}
DECLARED = [  # of a lot of 3/8 post-, 1/8 pre-consumer, 2.5 kg CO2e/kg; whether it is better than that
    *(({"quantity": "recycled_post_consumer", "unit": "kg/kg", "amount": amount}, bad)
      for amount, bad in (("0.375", False), ("0.38", False), ("0.376", True), ("0.4", False))),
    *(({"quantity": "recycled_pre_consumer", "unit": "%", "amount": amount}, bad)
      for amount, bad in (("12.5", False), ("13", False), ("12.6", True), ("12.500001", True))),
    *(({"quantity": "recycled", "unit": "t/t", "amount": amount}, bad)
      for amount, bad in (("0.5", False), ("0.500001", True), ("1", False), ("0.51", True))),
    *(({"quantity": "footprint", "unit": "kg/kg", "amount": amount} | CRADLE, bad)
      for amount, bad in (("2.5", False), ("2.4", True), ("2.49", True), ("2", False))),
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
        emissions=[{"scope": 1, "gas": "CO2", "kg": "18.975"}],
    )  # fmt: skip
    for slab, (measured, _) in zip(slabs, DECLARED, strict=True):
        world.attest(slab, measured=[measured])
    world.publish()
    for slab, (measured, bad) in zip(slabs, DECLARED, strict=True):
        data = build(world.store, slab)
        check = Check(data, Trust(world.trust_text().encode()))
        assert ours(verify([data], world.trust).as_json()["proofs"][0]) == theirs(check), measured
        assert check.verdict(9) == ("fail" if bad else "pass"), measured
