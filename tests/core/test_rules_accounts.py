"""Mass-balance accounts: credits cap what is issued, the percentage is judged at the close, and one kilogram
is sold as certified once."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.quantity import format_kg, parse_time
from ledger.register import Account, Book, Coc, Key, Scope, Spent
from ledger.rules import accounts, scopes
from tests.core.books import (
    COLLECTOR,
    MILL,
    ROLLER,
    SCRAP,
    SMELTER,
    WORKS,
    YARD,
    Books,
    book,
)
from tests.core.judging import needs, refusal, register, value, waits_for
from tests.world import CATALOGUE, LOT, REGISTRAR, SITE, event_ref

T = 1000  # a ton, in kg
MOST_DELAY = json.loads(CATALOGUE.read_text())["max_delay_days"]
NEXT_YEAR = parse_time("2027-01-10T00:00:00Z") * 1000


@pytest.fixture
def world() -> Books:
    """Yard and works with an account each."""
    world = Books()
    world.open(COLLECTOR)
    world.open()
    return world


def kept(**sums: int) -> Account:
    """An account with the rates of the worked numbers, in tons."""
    none = {"brought": 0, "certified_in": 0, "total_in": 0, "total_out": 0, "issued": 0, "majeure": 0}
    rates = {"yields": 950_000, "overdraft": 200_000}
    rest = {"state": "open", "entitled": 0, "overdrawn": 0, "carry": 0, "event": "e"}
    return Account(**{"party": "p", "scheme": "s", **rates, **none, **rest, **sums})  # type: ignore[arg-type]


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


def issue(world: Books, lot: str, kg: str, **more: Any) -> dict[str, Any]:
    line = {"lot": lot, "kg": kg, "as": world.new(SMELTER)}
    event = {"type": "ship", "party": SMELTER, "site": WORKS, "to": ROLLER, "lines": [line]}
    return event | {"coc": world.document(**more)}


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


# -- closing


def close(world: Books, party: str = SMELTER, **more: Any) -> dict[str, Any]:
    return {"type": "close", "party": party, "account": book(party)} | more


@pytest.mark.parametrize(
    ("sums", "entitled", "overdrawn", "carry"),
    [
        ({"issued": 45_000}, 45_600, 0, 1_100),
        ({"issued": 46_100}, 45_600, 0, 0),
        ({"issued": 46_101}, 45_600, 1, 0),
        ({"issued": 55_700, "majeure": 9_600}, 45_600, 0, 0),
        ({"issued": 55_701, "majeure": 9_601}, 45_600, 1, 0),
        ({"issued": 55_700, "majeure": 1}, 45_600, 9_599, 0),
        ({"issued": 0}, 45_600, 0, 45_600),  # what was brought expires
    ],
)
def test_the_worked_numbers_of_a_year(
    sums: dict[str, int], entitled: int, overdrawn: int, carry: int
) -> None:
    """In tons: 48,000 certified of 80,000 in, 76,000 out, 500 brought forward."""
    year = {"certified_in": 48_000, "total_in": 80_000, "total_out": 76_000, "brought": 500}
    after = accounts.judged(kept(**year, **sums))
    assert (after.state, after.entitled, after.overdrawn, after.carry) == (
        "closed",
        entitled,
        overdrawn,
        carry,
    )


def test_the_worked_numbers_in_grams() -> None:
    third = kept(certified_in=1_000_000, total_in=3_000_000, total_out=2_900_000)
    assert accounts.judged(third).entitled == 966_666
    assert accounts.judged(kept(certified_in=5, total_in=10, total_out=30)).entitled == 5  # no more than came
    assert accounts.judged(kept()).entitled == 0


def test_the_worked_year_event_by_event() -> None:
    """48,000 t certified of 80,000 t in, 76,000 t out: 46,100 t may be issued, and not a gram more."""
    world = Books(start="2025-12-20T00:00:00Z")
    world.open(COLLECTOR, period="2025-12-01/2026-12-31")
    old = world.open(account=book(SMELTER, "2025"), period="2025-12-01/2025-12-31", **{"yield": "1"})
    world.made({world.sold("500000"): "500000"}, "500000", account=old)
    world.now = parse_time("2026-01-01T00:00:00Z") * 1000
    world.post(close(world, account=old))
    assert value(world, "account", old).carry == 500 * T * 1000
    world.open(before=old, overdraft="0.2")
    inputs = {world.sold("48000000"): "48000000", world.bought("32000000"): "32000000"}
    made = world.made(inputs, "76000000")
    world.post(issue(world, made, "45000000"))
    assert world.sums() == (48_000 * T, 80_000 * T, 76_000 * T, 45_000 * T)
    assert refusal(world, issue(world, made, "1100000.001")) == ("account.overdrawn", "$.coc.account")
    majeure = issue(world, made, "10700000.001", force_majeure="ice")
    assert refusal(world, majeure) == ("account.overdrawn", "$.coc.account")
    world.now = NEXT_YEAR
    world.post(close(world))
    assert world.stands() == world.stands()._replace(
        state="closed", entitled=45_600 * T * 1000, overdrawn=0, carry=1_100 * T * 1000
    )


def test_late_inputs_overdraw_an_account_and_nothing_refuses_them() -> None:
    """The trap of the percentage: 6,000 of 10,000 t certified, 4,000 t out, 2,400 t issued; then 10,000 t
    come in uncertified."""
    world = Books()
    world.open(COLLECTOR)
    world.open(**{"yield": "0.4"})
    made = world.made({world.sold("6000000"): "6000000", world.bought("4000000"): "4000000"}, "4000000")
    world.post(issue(world, made, "2400000"))
    before = world.stands()
    assert accounts.judged(before)[-4:-1] == (2_400 * T * 1000, 0, 0)
    world.made({world.bought("10000000"): "10000000"}, "0.001")
    world.now = NEXT_YEAR
    world.post(close(world))
    assert world.stands()[-4:-1] == (1_200 * T * 1000, 1_200 * T * 1000, 0)


def test_a_closed_account_takes_nothing_and_gives_nothing_back(world: Books) -> None:
    made = world.made({world.sold("10"): "10"}, "10")
    booked = world.last
    assert refusal(world, close(world)) == ("account.early", "$.time")
    world.now = parse_time("2026-12-31T23:59:59Z") * 1000
    assert refusal(world, close(world)) == ("account.early", "$.time")
    world.now = NEXT_YEAR
    assert refusal(world, close(world, ROLLER, account=book(SMELTER))) == ("account.other", "$.account")
    world.post(close(world))
    assert world.stands().event == f"{SMELTER} {world.last['id']}"
    closing = world.last
    assert refusal(world, close(world)) == ("account.closed", "$.account")
    late = issue(world, made, "1") | {"time": "2026-12-31T00:00:00Z"}
    assert refusal(world, late) == ("account.closed", "$.coc.account")
    correct = {"type": "correct", "party": SMELTER, "of": booked, "action": "withdraw", "reason": "x"}
    assert refusal(world, correct) == ("account.closed", "$.of")
    assert refusal(world, correct | {"of": closing}) == ("correct.kept", "$.of")


def test_what_is_left_is_brought_forward_once_to_the_next_period(world: Books) -> None:
    world.made({world.sold("10"): "10"}, "10")
    coming = {"account": book(SMELTER, "2027"), "period": "2027-01-01/2027-12-31", "before": book(SMELTER)}
    event = world.account(**coming)
    assert refusal(world, event) == ("account.open", "$.before")
    world.now = NEXT_YEAR
    world.post(close(world))
    for more in (
        {"scheme": "other"},
        {"materials": [SCRAP, "billet"]},
        {"period": "2027-01-02/2027-12-31"},
        {"before": book(COLLECTOR)},
    ):
        assert refusal(world, event | more) == ("account.before", "$.before")
    world.post(event)
    assert value(world, "account", coming["account"]).brought == 10_000
    assert value(world, "spent", f"carry {book(SMELTER)}") == Spent(f"{SMELTER} {world.last['id']}")
    again = event | {"account": book(SMELTER, "2027b")}
    assert refusal(world, again) == ("account.carried", "$.before")


# -- what an account is kept for is booked on it


def test_no_input_is_left_out_while_an_account_is_kept(world: Books) -> None:
    lot = world.bought("100")
    out = {"lot": world.new(SMELTER), "kg": "5", "material": "billet"}
    named = world.blend({lot: "10"}, "5")
    plain = {name: member for name, member in named.items() if name != "account"}
    assert refusal(world, plain) == ("account.left_out", "$.outputs[0].material")
    first = plain | {"outputs": [out, *plain["outputs"]]}
    assert refusal(world, first) == ("process.output", "$.outputs[0].material")
    heel = plain | {"outputs": [named["outputs"][0] | {"role": "heel"}]}
    assert refusal(world, heel) == ("account.left_out", "$.outputs[0].material")
    world.post(named)
    assert world.sums() == (0, 10, 5, 0)
    world.correct(world.last, "withdraw")
    again = plain | {"outputs": [plain["outputs"][0] | {"lot": world.new(SMELTER)}]}
    assert refusal(world, again) == ("account.left_out", "$.outputs[0].material")


def test_no_document_leaves_out_an_account_that_is_kept(world: Books) -> None:
    """Unless what it covers was sold as certified before, by the same scheme: then nothing is drawn."""
    bare = {name: member for name, member in world.document().items() if name != "account"}
    lot, sold = world.bought("10"), world.sold("5")
    other = world.bought("10", "billet")

    def ship(lines: list[dict[str, str]], **more: Any) -> dict[str, Any]:
        event = {"type": "ship", "party": SMELTER, "site": WORKS, "to": ROLLER, "lines": lines}
        return event | {"coc": bare | more}

    one = {"lot": sold, "kg": "5"}
    assert refusal(world, ship([{"lot": lot, "kg": "10"}])) == ("account.left_out", "$.lines[0].lot")
    assert refusal(world, ship([one, {"lot": lot, "kg": "10"}])) == ("account.left_out", "$.lines[1].lot")
    part = {"lot": lot, "kg": "1", "as": world.new(SMELTER)}
    assert refusal(world, ship([part])) == ("account.left_out", "$.lines[0].lot")
    assert refusal(world, ship([one], scheme="other")) == ("account.left_out", "$.lines[0].lot")
    world.post(ship([one]))
    world.post(ship([{"lot": other, "kg": "10"}]))  # no account is kept for billet
    assert world.sums() == (0, 0, 0, 0)
    world.now = NEXT_YEAR
    world.post(ship([part]))


@pytest.mark.parametrize(
    ("time", "left_out"),
    [
        ("2026-09-30T23:59:59Z", False),
        ("2026-10-01T00:00:00Z", True),
        ("2026-12-31T23:59:59Z", True),
        ("2027-01-01T00:00:00Z", False),
    ],
)
def test_the_first_and_the_last_second_of_the_period_count(time: str, left_out: bool) -> None:
    world = Books()
    lot = world.bought("100")
    world.open(period="2026-10-01/2026-12-31")
    world.now = NEXT_YEAR
    event = world.blend({lot: "1"}, "1", account=None, time=time)
    if left_out:
        assert refusal(world, event) == ("account.left_out", "$.outputs[0].material")
    else:
        world.post(event)


def test_only_what_is_made_there_by_its_party_and_bears_origin_must_be_booked(world: Books) -> None:
    world.site("works-2", "smelter", "casthouse")
    lot = world.bought("100")
    shipment = world.ship("smelter", "smelter", {lot: "50"}, {lot: "part"})
    world.receive(shipment, "works-2", {LOT + "smelter:part": "50"})
    elsewhere = {"account": None, "site": SITE + "works-2"}
    world.made({LOT + "smelter:part": "50"}, "50", **elsewhere)
    metal = world.bought("10", "liquid_aluminium")
    event = world.blend({metal: "10"}, "10", account=None)
    event["outputs"][0]["material"] = "liquid_aluminium"
    world.post(event)
    world.collect("1", account=None)  # a source adds credits alone: to leave it out is to have less


def test_a_closed_account_still_covers_its_period_until_it_is_late(world: Books) -> None:
    lot = world.bought("10")
    world.now = NEXT_YEAR
    world.post(close(world))
    plain = {"account": None, "time": "2026-12-31T00:00:00Z"}
    assert refusal(world, world.blend({lot: "1"}, "1", **plain)) == (
        "account.left_out",
        "$.outputs[0].material",
    )
    begun = {"account": None, "from": "2026-12-31T00:00:00Z", "time": "2027-01-09T00:00:00Z"}
    world.made({lot: "1"}, "1", **begun)
    end = parse_time("2026-12-31T23:59:59Z") + scopes.DAY * MOST_DELAY
    world.now = end * 1000
    assert refusal(world, world.blend({lot: "1"}, "1", **plain))[0] == "account.left_out"
    world.now = end * 1000 + 1
    world.made({lot: "1"}, "1", **plain)


def test_two_accounts_of_a_site_and_material_do_not_overlap(world: Books) -> None:
    other = {"account": book(SMELTER, "b"), "scheme": "other"}
    overlap = ("account.overlap", "$.period")
    for period in ("2026-12-31/2027-12-31", "2025-01-01/2026-01-01", "2026-05-01/2026-05-02"):
        event = world.account(**other, materials=["billet", SCRAP], period=period)
        assert refusal(world, event) == overlap
    world.open(**other, period="2027-01-01/2027-12-31")
    world.open(**{**other, "account": book(SMELTER, "c")}, materials=["billet"])
    scope = value(world, "scope", f"{WORKS} {SCRAP}")
    assert [row[0] for row in scope.accounts] == [book(SMELTER), book(SMELTER, "b")]
    world.now = parse_time("2028-06-01T00:00:00Z") * 1000
    world.open(account=book(SMELTER, "d"), period="2028-07-01/2028-12-31")
    scope = value(world, "scope", f"{WORKS} {SCRAP}")
    assert [row[0] for row in scope.accounts] == [book(SMELTER, "d")]  # of the others nothing is taken


def test_an_account_is_not_opened_over_what_nobody_booked() -> None:
    world = Books()
    lot = world.bought("100")
    world.now = parse_time("2026-03-21T00:00:00Z") * 1000
    world.made({lot: "1"}, "1", account=None, time="2026-03-20T12:00:00Z")
    world.made({lot: "1"}, "1", account=None, time="2026-03-19T12:00:00Z")
    scope = value(world, "scope", f"{WORKS} {SCRAP}")
    assert scope == Scope((), parse_time("2026-03-21T00:00:00Z"))
    begun = world.account(period="2026-03-20/2026-12-31")
    assert refusal(world, begun) == ("account.begun", "$.period")
    world.open(materials=["billet"], account=book(SMELTER, "b"))
    world.open(period="2026-03-21/2026-12-31")
    assert refusal(world, world.blend({lot: "1"}, "1", account=None)) == (
        "account.left_out",
        "$.outputs[0].material",
    )


def test_an_account_binds_nobody_who_took_the_site_over(world: Books) -> None:
    of, id = value(world, "site", WORKS).event.split(" ")
    registered = {"party": of, "id": id}
    site = {"type": "site", "party": REGISTRAR, "subject": WORKS, "operator": ROLLER, "country": "CA"}
    world.post(site | {"kinds": ["smelter", "casthouse"], "subdivision": "CA-QC", "replaces": registered})
    plain = {"party": ROLLER, "site": WORKS}
    out = {"lot": world.new(ROLLER), "kg": "10", "material": SCRAP}
    world.post({"type": "source", "kind": "purchase", "outputs": [out]} | plain)
    made = {"outputs": [out | {"lot": world.new(ROLLER)}]}
    world.post(world.blend({out["lot"]: "10"}, "10", account=None) | plain | made)
    assert value(world, "scope", f"{WORKS} {SCRAP}").unbooked > 0


# -- laws


def test_an_account_is_a_need_and_what_others_book_is_not(world: Books) -> None:
    opened = value(world, "book", book(SMELTER)).event
    opening = register(world)[Key("event", opened)].at
    world.made({world.bought("5"): "5"}, "5")
    booked = world.store.head().size - 1
    lot = world.bought("7")
    world.made({lot: "7"}, "7")
    assert opening in needs(world)
    assert booked not in needs(world)


def test_events_may_come_in_any_order() -> None:
    chance = random.Random(3)
    seen = []
    for _ in range(4):
        world = Books()
        world.open(COLLECTOR)
        world.open()
        lots = [world.sold(f"{n}00") for n in range(1, 6)]
        events = [world.blend({lot: f"{n}0"}, f"{n}") for n, lot in enumerate(lots, 1)]
        chance.shuffle(events)
        names = []
        for event in events:
            world.post(event)
            names.append(event_ref(world.posted[-1]))
        seen.append(world.stands())
        chance.shuffle(names)
        for name in names:
            world.correct(name, "withdraw")
        assert world.sums() == (0, 0, 0, 0)
        assert [value(world, "coc", lot).grams for lot in lots] == [n * 100_000 for n in range(1, 6)]
    assert len(set(seen)) == 1


pick = st.integers(0, 2**16).map(lambda n: n * 2654435761 % 2**32 >> 8)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), pick, st.integers(1, 60_000)), max_size=25))
def test_kilograms_are_conserved(steps: list[tuple[int, int, int]]) -> None:
    """Whatever is done: what lots bear as certified and what was booked of it is what was issued, and of
    that no account is beyond its cap; a refused event changes nothing."""
    world = Books()
    world.open(COLLECTOR)
    world.open()
    lots: list[str] = [world.sold("100"), world.bought("50")]
    done: list[dict[str, str]] = []
    for what, number, grams in steps:
        lot, kg = lots[number % len(lots)], format_kg(grams)
        new = world.new(SMELTER)
        line = {"lot": lot, "kg": kg, "as": new}
        if what == 0:
            event = world.blend({lot: kg}, kg)
            new = event["outputs"][0]["lot"]
        elif what in (1, 2):
            event = {"type": "ship", "party": SMELTER, "site": WORKS, "to": SMELTER, "lines": [line]}
            event |= {"coc": world.document()} if what == 1 else {}
        elif what == 3:
            lots.append(world.sold(kg))
            continue
        elif done:
            name = done[number % len(done)]
            event = {"type": "correct", "party": SMELTER, "of": name, "action": "withdraw", "reason": "x"}
        else:
            continue
        before = register(world)
        if world.try_post(event) and register(world) != before and event["type"] != "correct":
            done.append(world.last)
            lots.append(new)
            if event["type"] == "ship" and number % 2:
                world.receive(world.last, "smelter", {new: kg})
        found = register(world)
        states = {key.id: record.value for key, record in found.items() if key.kind == "account"}
        borne = sum(record.value.grams for key, record in found.items() if key.kind == "coc")
        assert all(record.value.grams >= 0 for key, record in found.items() if key.kind == "coc")
        used = states[book(SMELTER)].certified_in
        assert borne + used == sum(state.issued for state in states.values())
        for state in states.values():
            assert state.issued <= state.brought + state.certified_in * state.yields // 10**6
        for key, record in found.items():
            if key.kind == "coc":
                assert record.value.grams <= found[Key("lot", key.id)].value.grams
