"""Nobody's strange events make an account grow without end, or a number that no reader can count; and what
is cut off is never to the lot's advantage."""

import orjson
import pytest

from ledger.claiming import claims
from ledger.claims import bounded
from ledger.claims.account import Visit
from ledger.claims.document import Attestation, Claims, ScopeOf, Step, Thing
from ledger.claims.exposure import join
from ledger.policy import judge, load
from tests.claims.making import Works
from tests.world import World

SCRAP = "post_consumer_scrap"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "ROWS", 8)
    monkeypatch.setattr(bounded, "RUNS", 4)


def test_a_burden_that_nobody_can_count() -> None:
    world = World()
    gas = [{"scope": 1, "gas": "SF6", "kg": "999999999999"}]
    power = [{"carrier": "electricity", "amount": "999999999999", "unit": "GWh", "source": "hydro"}]
    scrap = world.source("yard", "s", "100", kind="collection", material=SCRAP, emissions=gas, energy=power)
    (bale,) = world.transform("yard", "bale", {scrap: "100"}, {"b": (SCRAP, "99")})
    told = claims(world.store, bale)
    assert orjson.dumps(told.as_json())
    assert [gap.missing for gap in told.gaps] == ["emissions that can be counted"]
    assert not told.footprint[0].complete
    assert told.footprint[0].g_per_kg > 10**9


def test_so_much_electricity_of_smelting() -> None:
    works = Works()
    works.source("ore", "alumina", "1900", kind="opening")
    power = [{"carrier": "electricity", "amount": "999999999999", "unit": "GWh", "source": "hydro"}]
    made = works.transform(
        "electrolysis", {"ore": "1900"}, {"m": ("liquid_aluminium", "1000")}, energy=power
    )["l:m"]
    assert max(made.power.values()) == bounded.MOST
    assert ("s:works", "electrolysis", "electricity that can be counted") in made.gaps


@pytest.mark.usefixtures("few")
def test_units_gases_certificates_and_times_without_end() -> None:
    works = Works()
    works.source("l0", "alumina", "1900", kind="opening")
    lot = "l0"
    for n in range(30):
        works.time = f"2026-01-{n + 1:02}T00:00:00Z"
        gas = [{"scope": 1, "gas": f"gas{n}", "kg": "1"}]
        works.transform("blend", {lot: "1900"}, {f"b{n}": ("alumina", "1900")}, unit=f"u{n}", emissions=gas)
        lot = f"b{n}"
    made = works.accounts[f"l:{lot}"]
    assert len(made.gaps) <= 9
    assert ("s:works", "blend", bounded.MORE) in made.gaps
    assert len(made.visits) <= 9
    assert ("s:works", "p:maker", "blend", bounded.ANY_UNIT) in made.visits
    for n in range(0, 60, 2):
        works.time = f"2026-{3 + n // 28:02}-{n % 28 + 1:02}T00:00:00Z"
        works.transform("bin", {lot: "1900"}, {f"c{n}": ("alumina", "1900")})
        lot = f"c{n}"
    visit = works.accounts[f"l:{lot}"].visits["s:works", "p:maker", "bin", ""]
    assert len(visit.runs) == 4
    assert visit.runs[0][0] == min(begin for begin, _ in visit.runs)
    uses = [
        {"carrier": "electricity", "amount": "1000", "unit": "kWh", "source": "hydro", "instrument": f"c:{n}"}
        for n in range(14)
    ]
    metal = works.transform("electrolysis", {lot: "1900"}, {"m": ("liquid_aluminium", "1000")}, energy=uses)
    assert metal["l:m"].power == {f"- - s:works p:maker {works.time[:7]}": 14_000 * 10**6}


def test_work_that_is_said_to_have_taken_ages_has_no_months() -> None:
    """Else each question about the lot would go through all months since the year 1, of each unit."""
    world = World()
    lot = world.source("yard", "s", "100", kind="collection", material=SCRAP)
    (lot,) = world.transform("yard", "bale", {lot: "100"}, {"b": (SCRAP, "99")})
    assert "months" not in claims(world.store, lot).unshown
    ages = {"from": "0001-01-01T00:00:00Z"}
    (lot,) = world.transform("yard", "bin", {lot: "99"}, {"c": (SCRAP, "99")}, **ages)
    told = claims(world.store, lot)
    assert (told.months, "months" in told.unshown) == ((), True)


ASKED = """
format = "oreline-policy/1"
name = "line"
title = "That line alone"
version = "1"
[[requirement]]
id = "line"
kind = "attested"
of = { units = ["line-1"] }
schemes = ["technology"]
"""


def test_a_step_in_any_unit_is_meant_and_never_covered() -> None:
    runs = (("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),)
    one = Attestation(
        subject=Thing(id="s:a"),
        scheme="technology",
        certifier="p:c",
        scope=ScopeOf(units=("line-1",)),
        held=(("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),),
    )
    known = Step(site="s:a", process="cast", unit="line-1", runs=runs)
    anything = known.model_copy(update={"unit": bounded.ANY_UNIT})
    told = Claims(steps=(known,), attestations=(one,))
    assert judge(load(ASKED), told).verdict == "pass"
    told = Claims(steps=(known, anything), attestations=(one,))
    assert judge(load(ASKED), told).verdict == "not provable"


def test_of_events_that_came_late_the_latest_are_kept() -> None:
    where = ("site", "party", "cast", "")
    early, late = (
        Visit(((n, n),), times, ("slab",), n, 0, 0, -1)
        for n, times in ((1, tuple(range(1_000, 1_100))), (2, (999, 2_000)))
    )
    (found,) = join([{where: early}, {where: late}]).values()
    assert found.late == (*range(1_001, 1_100), 2_000)
