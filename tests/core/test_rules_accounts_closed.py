"""Mass-balance accounts: the percentage is judged at the close, and no kilogram is made or lost."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.quantity import format_kg, parse_time
from ledger.register import Account, Key, Spent
from ledger.rules import accounts
from tests.core.books import (
    COLLECTOR,
    NEXT_YEAR,
    ROLLER,
    SCRAP,
    SMELTER,
    WORKS,
    Books,
    book,
    close,
    issue,
)
from tests.core.judging import needs, refusal, register, value
from tests.world import event_ref

T = 1000  # a ton, in kg


@pytest.fixture
def world() -> Books:
    """Yard and works with an account each."""
    return Books.opened()


def kept(**sums: int) -> Account:
    """An account with the rates of the worked numbers, in tons."""
    none = {"brought": 0, "certified_in": 0, "total_in": 0, "total_out": 0, "issued": 0, "majeure": 0}
    rates = {"yields": 950_000, "overdraft": 200_000}
    rest = {"state": "open", "entitled": 0, "overdrawn": 0, "carry": 0, "event": "e"}
    return Account(**{"party": "p", "scheme": "s", **rates, **none, **rest, **sums})  # type: ignore[arg-type]


# -- closing


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
