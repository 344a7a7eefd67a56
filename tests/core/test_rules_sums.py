"""What many events add to, and a withdrawal takes away again: a month's mass, the energy of a certificate."""

import json
import random
from itertools import permutations
from typing import Any

import pytest

from ledger.register import Month, Spent
from tests.core.judging import refusal, register, value
from tests.world import CATALOGUE, LOT, PARTY, SITE, World

SMELTER = PARTY + "smelter"
WORKS = SITE + "smelter"
MONTH = f"{WORKS} cast 2026-03"
BOOK = f"instrument urn:rec:1 {WORKS}"


@pytest.fixture
def world() -> World:
    """A casthouse with metal."""
    world = World()
    world.source("smelter", "in", "1000", kind="purchase", material="liquid_aluminium")
    return world


def cast(n: int, kg: str, *outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = [{"lot": f"{LOT}smelter:s{n}", "kg": kg, "material": "rolling_slab"}]
    event = {"type": "transform", "party": SMELTER, "site": WORKS, "process": "cast", "model": "segregated"}
    taken = [{"lot": f"{LOT}smelter:in", "kg": kg}]
    return event | {"inputs": taken, "outputs": [*made, *outputs]} | more


def drawn(amount: str, unit: str = "kWh", carrier: str = "electricity") -> list[dict[str, str]]:
    return [{"carrier": carrier, "amount": amount, "unit": unit, "instrument": "urn:rec:1"}]


def test_a_month_adds_up_what_a_process_took_and_gave(world: World) -> None:
    heel = {"lot": f"{LOT}smelter:heel", "kg": "8", "material": "liquid_aluminium", "role": "heel"}
    first = cast(1, "100") | {"inputs": [{"lot": f"{LOT}smelter:in", "kg": "108.5"}]}
    world.post(first | {"outputs": [*first["outputs"], heel]})
    assert value(world, "month", MONTH) == Month(108_500, 108_000)
    again = cast(2, "50")
    left = heel | {"lot": f"{LOT}smelter:heel-2"}
    again |= {"inputs": [*again["inputs"], {"lot": heel["lot"], "kg": "8"}]}
    world.post(again | {"outputs": [*again["outputs"], left]})
    assert value(world, "month", MONTH) == Month(158_500, 158_000)  # the heel of before counts once
    assert value(world, "month", f"{WORKS} blend 2026-03") is None


def test_the_month_is_that_of_the_event(world: World) -> None:
    late = World(start="2026-04-01T00:00:10Z")
    late.source(
        "smelter", "in", "1000", kind="purchase", material="liquid_aluminium", time="2026-03-31T20:00:00Z"
    )
    late.post(cast(1, "10", time="2026-03-31T23:59:59Z"))
    late.post(cast(2, "20", time="2026-04-01T00:00:00Z"))
    assert value(late, "month", MONTH) == Month(10_000, 10_000)
    assert value(late, "month", f"{WORKS} cast 2026-04") == Month(20_000, 20_000)


def test_what_carries_no_origin_is_in_no_month(world: World) -> None:
    world.source("smelter", "rods", "10", kind="purchase", material="anode")
    world.transform("smelter", "blend", {f"{LOT}smelter:rods": "10"}, {"rod": ("anode", "10")})
    assert value(world, "month", f"{WORKS} blend 2026-03") is None


def test_a_month_adds_up_what_a_mine_or_a_collection_brought(world: World) -> None:
    """Under a name that no process has, and of nothing else that comes in."""
    for n, kg in enumerate(("20", "0.5")):
        world.source("yard", f"old-{n}", kg, kind="collection", material="post_consumer_scrap")
    world.source("pit", "ore", "7", kind="mine", material="bauxite")
    for kind in ("purchase", "opening", "gain"):
        world.source("yard", kind, "3", kind=kind, material="post_consumer_scrap")
    world.source("smelter", "si", "3", kind="addition", material="silicon")
    months = {key.id: record.value for key, record in register(world).items() if key.kind == "month"}
    assert months == {
        f"{SITE}yard source:collection 2026-03": Month(0, 20_500),
        f"{SITE}pit source:mine 2026-03": Month(0, 7_000),
    }
    posted = next(event for event in world.posted if event.get("kind") == "collection")
    assert posted["outputs"][0]["kg"] == "20"
    world.correct({"party": posted["party"], "id": posted["id"]}, "withdraw")
    assert value(world, "month", f"{SITE}yard source:collection 2026-03") == Month(0, 500)


def test_a_source_of_what_carries_no_origin_has_an_empty_month() -> None:
    """So that whoever has the event in a proof finds the record that it names."""
    catalogue = json.loads(CATALOGUE.read_text())
    catalogue["sources"]["mine"] = {"site_kinds": ["any"], "materials": ["any"]}
    world = World(catalogue=catalogue)
    world.source("pit", "lime", "7", kind="mine", material="flux")
    assert value(world, "month", f"{SITE}pit source:mine 2026-03") == Month(0, 0)


@pytest.mark.parametrize(
    ("amount", "unit", "watt_hours"),
    [
        ("1450.5", "kWh", 1_450_500),
        ("0.000001", "kWh", 1),
        ("2", "MWh", 2_000_000),
        ("1.5", "GWh", 1_500_000_000),
    ],
)
def test_what_is_drawn_is_counted_in_watt_hours(
    world: World, amount: str, unit: str, watt_hours: int
) -> None:
    world.post(cast(1, "10", energy=drawn(amount, unit)))
    assert value(world, "spent", BOOK) == Spent("", watt_hours)


@pytest.mark.parametrize(("unit", "carrier"), [("GJ", "electricity"), ("kWh", "natural_gas")])
def test_other_units_are_not_drawn_on_a_certificate(world: World, unit: str, carrier: str) -> None:
    event = cast(1, "10", energy=drawn("5", unit, carrier))
    assert refusal(world, event) == ("energy.unit", "$.energy[0].unit")
    del event["energy"][0]["instrument"]
    world.post(event)


def test_a_source_draws_too(world: World) -> None:
    world.source("pit", "ore", "10", energy=drawn("3"))
    world.post(cast(1, "10", energy=drawn("5")))
    assert value(world, "spent", BOOK.replace(WORKS, SITE + "pit")) == Spent("", 3_000)
    assert value(world, "spent", BOOK) == Spent("", 5_000)


def test_no_sum_gets_too_large_to_be_counted(world: World) -> None:
    most = 2**53 - 1
    world.post(
        cast(
            1,
            "10",
            energy=drawn(f"{most // 10**9}.{most // 1000 % 10**6:06}", "GWh") + drawn(f"0.{most % 1000:03}"),
        )
    )
    assert value(world, "spent", BOOK) == Spent("", most)
    assert refusal(world, cast(2, "10", energy=drawn("0.001"))) == ("sum.limit", "$")
    world.post(cast(2, "10", energy=drawn("0")))


def test_a_withdrawal_restores_the_sums_in_any_order(world: World) -> None:
    events = [cast(n, f"{n * 7}", energy=drawn(f"{n}.5")) for n in (1, 2, 3)]
    for order in permutations(range(3)):
        names = []
        for event in events:
            made = [{**line, "lot": f"{line['lot']}-{order[0]}{order[1]}"} for line in event["outputs"]]
            world.post(event | {"outputs": made})
            names.append(world.last)
        assert value(world, "month", MONTH) == Month(42_000, 42_000)
        assert value(world, "spent", BOOK) == Spent("", 7_500)
        for n, place in enumerate(order):
            world.correct(names[place], "withdraw")
            rest = sum(order[n + 1 :]) + len(order[n + 1 :])
            assert value(world, "month", MONTH) == Month(7_000 * rest, 7_000 * rest)
        assert value(world, "spent", BOOK) == Spent("", 0)


def test_independent_events_add_up_in_any_order() -> None:
    chance, seen = random.Random(7), set()
    events = [cast(n, f"{n * 3}", energy=drawn(f"{n * 11}")) for n in range(1, 8)]
    for _ in range(5):
        chance.shuffle(events)
        world = World()
        world.source("smelter", "in", "1000", kind="purchase", material="liquid_aluminium")
        for event in events:
            world.post(event)
        seen.add((value(world, "month", MONTH), value(world, "spent", BOOK)))
    assert seen == {(Month(84_000, 84_000), Spent("", 308_000))}
