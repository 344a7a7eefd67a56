"""Mass-balance accounts: what an account is kept for is booked on it."""

from typing import Any

import pytest

from ledger.quantity import parse_time
from ledger.register import Scope
from ledger.rules import scopes
from tests.core.books import (
    MOST_DELAY,
    NEXT_YEAR,
    ROLLER,
    SCRAP,
    SMELTER,
    WORKS,
    Books,
    book,
    close,
)
from tests.core.judging import refusal, value
from tests.world import LOT, REGISTRAR, SITE


@pytest.fixture
def world() -> Books:
    """Yard and works with an account each."""
    return Books.opened()


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


def test_a_document_without_an_account_covers_what_was_sold_so_before(world: Books) -> None:
    """Wherever it is issued, of whatever material and whenever it is posted; by the same scheme."""
    bare = {name: member for name, member in world.document().items() if name != "account"}
    lot, sold = world.bought("10"), world.sold("5")
    other = world.bought("10", "billet")

    def ship(lines: list[dict[str, str]], **more: Any) -> dict[str, Any]:
        event = {"type": "ship", "party": SMELTER, "site": WORKS, "to": ROLLER, "lines": lines}
        return event | {"coc": bare | more}

    one = {"lot": sold, "kg": "5"}
    assert refusal(world, ship([{"lot": lot, "kg": "10"}])) == ("account.unnamed", "$.lines[0].lot")
    assert refusal(world, ship([one, {"lot": lot, "kg": "10"}])) == ("account.unnamed", "$.lines[1].lot")
    part = {"lot": lot, "kg": "1", "as": world.new(SMELTER)}
    assert refusal(world, ship([part])) == ("account.unnamed", "$.lines[0].lot")
    no_account_is_kept = ship([{"lot": other, "kg": "10"}])
    assert refusal(world, no_account_is_kept) == ("account.unnamed", "$.lines[0].lot")
    assert refusal(world, ship([one], scheme="other")) == ("account.scheme", "$.lines[0].lot")
    half = {"lot": sold, "kg": "2", "as": world.new(SMELTER)}
    world.post(ship([half]))
    world.post(ship([{"lot": sold, "kg": "3", "as": world.new(SMELTER)}]))
    assert world.sums() == (0, 0, 0, 0)
    assert value(world, "coc", half["as"]).grams == 2_000
    world.now = NEXT_YEAR
    assert refusal(world, ship([part])) == ("account.unnamed", "$.lines[0].lot")


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


def test_few_accounts_are_opened_ahead(world: Books) -> None:
    """Else each event that makes the material would read, and each account write, ever more."""
    for n in range(1, scopes.MOST_KEPT):
        world.open(account=book(SMELTER, f"d{n}"), period=f"{2026 + n}-01-01/{2026 + n}-01-01")
    more = world.account(account=book(SMELTER, "e"), period="2100-01-01/2100-01-01")
    assert refusal(world, more) == ("account.limit", "$.period")
    world.open(account=book(SMELTER, "f"), period="2100-01-01/2100-01-01", materials=["billet"])
    world.now = parse_time("2027-06-01T00:00:00Z") * 1000  # the account of 2026 takes no more postings
    world.open(account=book(SMELTER, "e"), period="2100-01-01/2100-01-01")


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
