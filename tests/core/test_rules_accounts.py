"""Mass-balance accounts: what is booked on them, and what credits allow to be issued."""

from typing import Any

import pytest

from ledger.quantity import parse_time
from ledger.register import Account, Book, Coc
from ledger.rules import scopes
from tests.core.books import (
    COLLECTOR,
    MILL,
    MOST_DELAY,
    ROLLER,
    SCRAP,
    SMELTER,
    WORKS,
    YARD,
    Books,
    book,
    issue,
)
from tests.core.judging import refusal, value, waits_for
from tests.world import LOT, SITE


@pytest.fixture
def world() -> Books:
    """Yard and works with an account each."""
    return Books.opened()


# -- opening


def test_an_account_is_opened_with_its_terms(world: Books) -> None:
    world.post(world.account(ROLLER, **{"yield": "1", "overdraft": "0.2"}))
    name = f"{ROLLER} {world.last['id']}"
    since, until = parse_time("2026-01-01T00:00:00Z"), parse_time("2026-12-31T23:59:59Z")
    assert value(world, "book", book(ROLLER)) == Book(
        ROLLER, "asi_coc", (MILL,), (SCRAP,), since, until, 1_000_000, 200_000, "", name
    )
    nothing = (0,) * 6
    assert world.stands(ROLLER) == Account(
        ROLLER, "asi_coc", 1_000_000, 200_000, *nothing, "open", 0, 0, 0, name
    )


@pytest.mark.parametrize(
    ("more", "code", "path"),
    [
        ({"account": LOT + "roller:a"}, "account.prefix", "$.account"),
        ({"account": book(SMELTER)}, "account.exists", "$.account"),
        ({"sites": [WORKS, YARD]}, "site.operator", "$.sites[1]"),
        ({"sites": [SITE + "x"]}, "site.unknown", "$.sites[0]"),
        ({"materials": [SCRAP, "wood"]}, "material.unknown", "$.materials[1]"),
        ({"before": LOT + "smelter:x"}, "account.unknown", "$.before"),
    ],
)
def test_what_an_account_needs(world: Books, more: dict[str, Any], code: str, path: str) -> None:
    event = world.account(account=LOT + "smelter:other") | more
    assert refusal(world, event) == (code, path)


# -- bookings


def elsewhere(world: Books, **more: Any) -> str:
    """An account of another scheme at the party's second site; its id."""
    world.site("works-2", "smelter", "casthouse")
    more |= {"account": book(SMELTER, "other"), "scheme": "other", "sites": [SITE + "works-2"]}
    return world.open(**more)


def moved(world: Books, lot: str, kg: str) -> str:
    """Part of a lot, which has gone to the second site."""
    shipment = world.ship("smelter", "smelter", {lot: kg}, {lot: "part"})
    world.receive(shipment, "works-2", {LOT + "smelter:part": kg})
    return LOT + "smelter:part"


def test_certified_metal_begins_is_sold_used_up_and_issued(world: Books) -> None:
    lot = world.sold("100")
    assert world.sums(COLLECTOR) == (100, 100, 100, 100)
    assert value(world, "coc", lot) == Coc("asi_coc", 100_000)
    made = world.made({lot: "60", world.bought("40"): "40"}, "90")
    assert world.sums() == (60, 100, 90, 0)
    assert value(world, "coc", lot) == Coc("asi_coc", 40_000)
    part = world.ship("smelter", "roller", {made: "50"}, {made: "sold"}, coc=world.document())
    assert world.sums() == (60, 100, 90, 50)
    assert value(world, "coc", LOT + "smelter:sold") == Coc("asi_coc", 50_000)
    assert value(world, "coc", made) is None
    world.correct(part, "withdraw")
    assert world.sums() == (60, 100, 90, 0)


def test_heels_and_by_products_are_not_products(world: Books) -> None:
    lot = world.sold("100")
    dust = {"lot": world.new(SMELTER), "kg": "5", "material": "dust", "role": "by_product"}
    heel = {"lot": world.new(SMELTER), "kg": "10", "material": SCRAP, "role": "heel"}
    event = world.blend({lot: "100"}, "80")
    world.post(event | {"outputs": [*event["outputs"], heel, dust]})
    assert world.sums() == (100, 100, 90, 0)
    again = world.blend({world.bought("100"): "100", heel["lot"]: "10"}, "100")
    world.post(again | {"outputs": [*again["outputs"], heel | {"lot": world.new(SMELTER)}]})
    assert world.sums() == (100, 200, 190, 0)


def test_of_another_scheme_nothing_is_a_credit(world: Books) -> None:
    other, lot = elsewhere(world), world.sold("100")
    part = moved(world, lot, "60")
    world.made({part: "60"}, "60", account=other, site=SITE + "works-2")
    assert value(world, "account", other).certified_in == 0
    world.made({lot: "40"}, "40")
    assert world.sums() == (40, 40, 40, 0)


@pytest.mark.parametrize(
    ("more", "code", "path"),
    [
        ({"account": LOT + "smelter:none"}, "account.unknown", "$.account"),
        ({"account": book(COLLECTOR)}, "account.other", "$.account"),
        ({"site": SITE + "works-2"}, "account.site", "$.account"),
        ({"time": "2025-12-31T23:59:59Z"}, "account.period", "$.account"),
    ],
)
def test_an_account_is_for_its_party_sites_and_period(
    world: Books, more: dict[str, Any], code: str, path: str
) -> None:
    world.site("works-2", "smelter", "casthouse")
    lot = {"lot": world.new(SMELTER), "kg": "1", "material": SCRAP}
    world.post(
        {
            "type": "source",
            "party": SMELTER,
            "site": more.get("site", WORKS),
            "kind": "purchase",
            "time": "2025-12-01T00:00:00Z",
            "outputs": [lot],
        }
    )
    assert refusal(world, world.blend({lot["lot"]: "1"}, "1") | more) == (code, path)


def test_an_unknown_account_is_waited_for(world: Books) -> None:
    event = world.blend({world.bought("1"): "1"}, "1", account=LOT + "smelter:none")
    assert waits_for(world, event) == LOT + "smelter:none"


def test_postings_come_within_the_greatest_delay(world: Books) -> None:
    lot = world.bought("2")
    late = parse_time("2026-12-31T23:59:59Z") + scopes.DAY * MOST_DELAY
    world.now = late * 1000
    event = world.blend({lot: "1"}, "1", time="2026-12-31T23:59:59Z")
    world.post(event)
    world.now = late * 1000 + 1
    again = world.blend({lot: "1"}, "1", time="2026-12-31T23:59:59Z")
    assert refusal(world, again) == ("account.late", "$.account")


def test_only_products_of_its_class_are_booked(world: Books) -> None:
    lot = world.bought("10", "liquid_aluminium")
    event = world.blend({lot: "10"}, "10")
    event["outputs"][0]["material"] = "liquid_aluminium"
    assert refusal(world, event) == ("account.material", "$.outputs[0].material")
    plain: dict[str, Any] = {"type": "source", "party": COLLECTOR, "site": YARD, "kind": "collection"}
    out = {"lot": world.new(COLLECTOR), "kg": "1", "material": "pre_consumer_scrap"}
    event = plain | {"outputs": [out], "account": book(COLLECTOR)}
    assert refusal(world, event) == ("account.material", "$.outputs[0].material")
    ship: dict[str, Any] = {"type": "ship", "party": SMELTER, "site": WORKS, "to": ROLLER}
    ship |= {"coc": world.document(), "lines": [{"lot": lot, "kg": "10"}]}
    assert refusal(world, ship) == ("account.material", "$.lines[0].lot")


def test_only_what_is_mined_or_collected_begins_as_certified(world: Books) -> None:
    out = {"lot": world.new(SMELTER), "kg": "1", "material": SCRAP}
    event = {"type": "source", "party": SMELTER, "site": WORKS, "kind": "purchase", "outputs": [out]}
    assert refusal(world, event | {"account": book(SMELTER)}) == ("account.origin", "$.kind")


# -- issuing


def test_credits_cap_what_is_issued(world: Books) -> None:
    made = world.made({world.sold("100"): "100", world.bought("100"): "100"}, "200")
    assert refusal(world, issue(world, made, "95.001")) == ("account.overdrawn", "$.coc.account")
    world.post(issue(world, made, "95"))
    assert refusal(world, issue(world, made, "0.001")) == ("account.overdrawn", "$.coc.account")
    world.made({world.sold("1"): "1"}, "1")
    world.post(issue(world, made, "0.95"))
    assert refusal(world, issue(world, made, "1", scheme="other")) == ("account.scheme", "$.coc.scheme")


def test_force_majeure_allows_the_overdraft() -> None:
    world = Books()
    world.open(COLLECTOR)
    world.open(overdraft="0.2")
    credit = world.blend({world.sold("100"): "100"}, "100")
    world.post(credit)
    credited = world.last
    made = credit["outputs"][0]["lot"]
    spare = world.made({world.bought("100"): "100"}, "100")
    world.post(issue(world, made, "95"))
    assert refusal(world, issue(world, spare, "1")) == ("account.overdrawn", "$.coc.account")
    assert refusal(world, issue(world, spare, "20.001", force_majeure="ice")) == (
        "account.overdrawn",
        "$.coc.account",
    )
    world.post(issue(world, spare, "0.001", force_majeure="The river was closed by ice."))
    plain = issue(world, spare, "0.001")
    assert refusal(world, plain) == ("account.overdrawn", "$.coc.account"), "a gram excuses itself alone"
    world.post(issue(world, spare, "19.999", force_majeure="The river was closed by ice."))
    assert (world.stands().issued, world.stands().majeure) == (115_000, 20_000)
    assert refusal(world, issue(world, spare, "0.001")) == ("account.overdrawn", "$.coc.account")
    correct = {"type": "correct", "party": SMELTER, "of": credited, "action": "withdraw", "reason": "x"}
    assert refusal(world, correct) == ("correct.built_on", "$.of")


def test_no_credit_is_withdrawn_that_was_issued(world: Books) -> None:
    credit = world.blend({world.sold("100"): "100"}, "100")
    world.post(credit)
    credited = world.last
    spare = world.made({world.bought("100"): "100"}, "100")
    world.post(issue(world, spare, "95"))
    issued = world.last
    correct = {"type": "correct", "party": SMELTER, "of": credited, "action": "withdraw", "reason": "x"}
    assert refusal(world, correct) == ("account.overdrawn", "$.of")
    world.correct(issued, "withdraw")
    world.post(correct)
    assert world.sums() == (0, 100, 100, 0)


def test_one_kilogram_is_sold_as_certified_once(world: Books) -> None:
    lot = world.sold("100")
    world.made({world.sold("50"): "50"}, "50")
    back = world.ship("smelter", "smelter", {lot: "30"}, {lot: "part"})  # along goes what was sold already
    part = LOT + "smelter:part"
    assert (value(world, "coc", lot).grams, value(world, "coc", part).grams) == (70_000, 30_000)
    world.receive(back, "smelter", {part: "30"})
    world.ship("smelter", "roller", {part: "30"}, coc=world.document())
    assert world.stands().issued == 0  # it bears what it had: nothing new is drawn
    assert value(world, "coc", part) == Coc("asi_coc", 30_000)
    world.made({lot: "70"}, "70")
    assert world.sums()[0] == 120


def test_a_part_carries_on_what_was_sold_of_it() -> None:
    world = Books()
    world.open(COLLECTOR)
    lot = world.sold("100")
    world.transform(
        "smelter", "blend", {lot: "60"}, {"plain": (SCRAP, "60")}
    )  # in no account: lost as a credit
    world.ship("smelter", "roller", {lot: "40"}, {lot: "rest"})
    assert value(world, "coc", LOT + "smelter:rest") == Coc("asi_coc", 40_000)


def test_a_lot_is_certified_by_one_scheme(world: Books) -> None:
    other, lot = elsewhere(world, **{"yield": "1"}), world.sold("100")
    part = moved(world, lot, "10")
    event = issue(world, part, "10", scheme="other", account=other) | {"site": SITE + "works-2"}
    assert refusal(world, event) == ("account.scheme", "$.lines[0].lot")
    world.made({lot: "90"}, "90")
    assert value(world, "coc", lot) == Coc("asi_coc", 0)


def test_what_arrives_lighter_is_no_more_credit_than_there_is(world: Books) -> None:
    lot = world.collect("100")
    shipment = world.ship("yard", "smelter", {lot: "100"}, coc=world.document(COLLECTOR))
    world.receive(shipment, "smelter", {lot: "97"})
    world.made({lot: "97"}, "97")
    assert world.sums()[0] == 97
