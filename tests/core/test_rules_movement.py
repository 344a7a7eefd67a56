"""How lots change hands: ship, receive, and what the scales say."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.events import parse
from ledger.quantity import format_time
from ledger.register import Flow, Hold, Key, Lot, Owner, Spent
from ledger.rules import Context
from ledger.rules.fold import Fold
from ledger.strictjson import dumps
from tests.core.judging import at, flows, needs, refusal, stock, value, waits_for
from tests.core.moving import (
    MINER,
    ORE,
    PIT,
    REFINER,
    REFINERY,
    TRADER,
    lines,
    mined,
    name,
    receive,
    ship,
    transfer,
)
from tests.world import LOT, PARTY, SITE, World


@pytest.fixture
def world() -> World:
    return mined()


# -- ship and receive


def test_a_whole_lot_goes_over_with_its_title(world: World) -> None:
    born = value(world, "hold", ORE)
    world.post(ship())
    sent, left = world.last, world.now // 1000 - 1
    assert value(world, "hold", ORE) == Hold(MINER, PIT, left, REFINER, name(sent), True, False, name(sent))
    assert value(world, "owner", ORE).owner == MINER
    assert (stock(world, PIT, MINER, "bauxite"), stock(world, PIT, MINER, "bauxite", "transit")) == (0, 10**6)
    event = value(world, "event", name(sent))
    assert event.undo == (("hold", ORE, tuple(born)),)
    assert (event.born, event.used, event.others) == ((), (), (REFINER,))
    assert flows(world) == set()
    shipped = at(world, "hold", ORE)
    world.post(receive(sent))
    got, arrived = name(world.last), world.now // 1000 - 1
    assert value(world, "hold", ORE) == Hold(REFINER, REFINERY, arrived, "", name(sent), False, False, got)
    assert value(world, "owner", ORE) == Owner(REFINER, "", "", arrived, got)
    assert stock(world, PIT, MINER, "bauxite", "transit") == 0
    assert stock(world, REFINERY, REFINER, "bauxite") == 10**6
    assert shipped in needs(world)
    assert value(world, "event", got).others == (MINER,)
    assert value(world, "status", f"event {got}") is None


def test_a_part_travels_under_a_new_id(world: World) -> None:
    part = LOT + "miner:part"
    world.post(ship(**lines(kg="400.001", **{"as": part})))
    sent, left = world.last, world.now // 1000 - 1
    composition = ((f"mine {PIT}", 400_001_000),)
    assert value(world, "lot", part) == Lot(
        "bauxite", 400_001, False, "part", MINER, PIT, left, name(sent), composition, ()
    )
    assert value(world, "hold", part).to == REFINER
    assert value(world, "hold", ORE).to == ""
    assert value(world, "used", ORE).grams == 400_001
    assert flows(world) == {Flow(ORE, part, 400_001)}
    assert stock(world, PIT, MINER, "bauxite") == 599_999
    assert stock(world, PIT, MINER, "bauxite", "transit") == 400_001
    world.post(receive(sent, **lines(part, "400.001")))
    assert value(world, "owner", part).owner == REFINER


def test_the_part_of_a_lot_is_no_older_than_the_lot(world: World) -> None:
    """Else ore dug in March could be on the way, and refined, in February."""
    part = LOT + "miner:part"
    born = value(world, "lot", ORE).since
    world.post(ship(**{"from": "2020-01-01T00:00:00Z"}, **lines(kg="1", **{"as": part})))
    assert value(world, "lot", part).since == value(world, "hold", part).since == born
    early = receive(world.last, time=format_time(born - 1), **lines(part, "1"))
    assert refusal(world, early) == ("time.before", "$.time")


def test_a_line_without_as_moves_a_lot_whole(world: World) -> None:
    assert refusal(world, ship(**lines(kg="999.999"))) == ("lot.not_whole", "$.lines[0].kg")
    assert refusal(world, ship(**lines(kg="1000.001"))) == ("lot.not_whole", "$.lines[0].kg")
    world.post(ship(**lines(kg="1", **{"as": LOT + "miner:part"})))
    assert refusal(world, ship()) == ("lot.not_whole", "$.lines[0].kg")
    assert refusal(world, ship(**lines(kg="999"))) == ("lot.not_whole", "$.lines[0].kg")
    rest = LOT + "miner:rest"
    over = ship(**lines(kg="999.001", **{"as": rest}))
    assert refusal(world, over) == ("lot.overdrawn", "$.lines[0].kg")
    world.post(ship(**lines(kg="999", **{"as": rest})))
    assert stock(world, PIT, MINER, "bauxite") == 0


def test_a_part_is_born_like_any_lot(world: World) -> None:
    squat = ship(**lines(kg="1", **{"as": LOT + "trader:x"}))
    assert refusal(world, squat) == ("lot.prefix", "$.lines[0].as")
    world.source("pit", "other", "1")
    taken = ship(**lines(kg="1", **{"as": LOT + "miner:other"}))
    assert refusal(world, taken) == ("lot.exists", "$.lines[0].as")


def test_a_part_of_what_carries_no_origin(world: World) -> None:
    world.source("yard-t", "anodes", "10", kind="purchase", material="anode")
    part = LOT + "trader:part"
    out = {"type": "ship", "party": TRADER, "site": SITE + "yard-t", "to": MINER}
    world.post(out | lines(LOT + "trader:anodes", "4", **{"as": part}))
    assert (value(world, "lot", part).composition, value(world, "lot", part).traces) == ((), ())


@pytest.mark.parametrize("kind", ["hold", "owner"])
def test_a_lot_without_its_hand_overs_is_not_judged(world: World, kind: str) -> None:
    """As in a proof from which they were taken."""
    found = judged(world, ship(), lambda key: key != Key(kind, ORE))
    assert (found.code, found.path, found.waiting_for) == (f"{kind}.unknown", "$.lines[0].lot", ORE)


def judged(world: World, event: dict[str, Any], shown: Callable[[Key], bool]) -> Any:
    """The event judged over those records of the register that are shown."""
    fold = Fold(lambda key: world.store.read([key]).get(key) if shown(key) else None)
    kid = world.keys[event["party"]].public.kid
    return fold.step(parse(dumps(world.event(event))), Context(99, world.now, kid, 0, "-"))


def test_an_item_is_never_split(world: World) -> None:
    item = LOT + "stamper:hood"
    outputs = [{"lot": item, "kg": "8", "material": "stamped_part", "item": True}]
    press = world.site("press")
    stamper = PARTY + "stamper"
    world.post({"type": "source", "party": stamper, "site": press, "kind": "purchase", "outputs": outputs})
    out = {"type": "ship", "party": stamper, "site": press, "to": TRADER}
    halved = out | lines(item, "4", **{"as": LOT + "stamper:half"})
    assert refusal(world, halved) == ("lot.item", "$.lines[0].as")
    leaves = {"type": "exit", "party": stamper, "reason": "sample"} | lines(item, "4")
    assert refusal(world, leaves) == ("lot.item", "$.lines[0].kg")
    counted = {"type": "count", "party": stamper, "site": press, "basis": "counted"} | lines(item, "4")
    assert refusal(world, counted) == ("lot.item", "$.lines[0].kg")
    world.post(out | lines(item, "8"))
    arrives = receive(world.last, party=TRADER, site=SITE + "yard-t")
    assert refusal(world, arrives | lines(item, "7.9")) == ("lot.item", "$.lines[0].kg")
    world.post(arrives | lines(item, "8"))


def test_in_transit_a_lot_is_used_by_no_one(world: World) -> None:
    world.post(ship())
    sent = world.last
    away = ("lot.in_transit", "$.lines[0].lot")
    assert refusal(world, ship()) == away
    assert refusal(world, {"type": "exit", "party": MINER, "reason": "lost"} | lines()) == away
    assert refusal(world, ship(**lines(kg="1", **{"as": LOT + "miner:p"}))) == away
    refined: dict[str, Any] = {"type": "transform", "party": REFINER, "site": REFINERY, "process": "refine"}
    refined |= {"inputs": [{"lot": ORE, "kg": "1000"}], "model": "segregated"}
    refined |= {"outputs": [{"lot": LOT + "refiner:a", "kg": "400", "material": "alumina"}]}
    assert refusal(world, refined) == ("lot.in_transit", "$.inputs[0].lot")
    assert refusal(world, transfer()) == ("owner.pending", "$.lines[0].lot")
    world.post(receive(sent))
    assert refusal(world, ship()) == ("lot.holder", "$.lines[0].lot")
    world.post(refined)


def test_goods_are_shipped_from_where_they_are(world: World) -> None:
    world.site("annex", "miner", "mine")
    assert refusal(world, ship(site=SITE + "annex")) == ("lot.site", "$.lines[0].lot")
    assert refusal(world, ship(to=PARTY + "nobody")) == ("party.unknown", "$.to")
    assert refusal(world, ship(**lines(LOT + "miner:none"))) == ("lot.unknown", "$.lines[0].lot")
    assert waits_for(world, ship(**lines(LOT + "miner:none"))) == LOT + "miner:none"
    early = ship(time=format_time(value(world, "lot", ORE).since - 1))
    assert refusal(world, early) == ("time.before", "$.time")


def test_only_whom_it_was_shipped_to_receives_it_and_once(world: World) -> None:
    world.post(ship())
    sent = world.last
    stranger = receive(sent, party=TRADER, site=SITE + "yard-t")
    assert refusal(world, stranger) == ("lot.receiver", "$.lines[0].lot")
    own = receive(sent, party=MINER, site=PIT)
    assert refusal(world, own) == ("lot.receiver", "$.lines[0].lot")
    world.post(receive(sent))
    assert refusal(world, receive(sent)) == ("lot.receiver", "$.lines[0].lot")


def test_a_receipt_names_the_shipment_that_brought_it(world: World) -> None:
    world.source("pit", "other", "5")
    dug = world.last
    world.post(ship(**lines(LOT + "miner:other", "5")))
    other = world.last
    world.post(ship())
    assert refusal(world, receive(dug)) == ("receive.of", "$.of")
    assert refusal(world, receive(other)) == ("lot.shipment", "$.lines[0].lot")
    missing = {"party": MINER, "id": "evt:none"}
    assert refusal(world, receive(missing)) == ("event.not_here", "$.of")
    assert waits_for(world, receive(missing)) == f"{MINER} evt:none"
    without = receive(world.last)
    del without["site"]
    assert refusal(world, without) == ("receive.site", "$.site")
    unknown = receive(world.last, **lines(LOT + "miner:none"))
    assert refusal(world, unknown) == ("lot.unknown", "$.lines[0].lot")


def test_refused_goods_go_back_and_keep_their_title(world: World) -> None:
    owner = value(world, "owner", ORE)
    world.post(ship())
    sent = world.last
    world.post(receive(sent, **lines(result="refused", reason="wet")))
    back = world.now // 1000 - 1
    assert value(world, "hold", ORE) == Hold(MINER, PIT, back, "", name(sent), False, False, name(world.last))
    assert value(world, "owner", ORE) == owner
    assert stock(world, PIT, MINER, "bauxite") == 10**6
    assert refusal(world, receive(sent)) == ("lot.receiver", "$.lines[0].lot")
    sell = {"type": "exit", "party": REFINER, "reason": "sold_outside"} | lines()
    assert refusal(world, sell) == ("lot.holder", "$.lines[0].lot")
    world.post(ship(TRADER))


# -- weighing


@pytest.mark.parametrize(
    ("arrived", "gone", "marked"),
    [
        ("1000", 0, False),
        ("995", 5_000, False),
        ("994.999", 5_001, True),
        ("1005", 0, False),
        ("1005.001", 0, True),
        ("2000", 0, True),
    ],
)
def test_what_may_be_used_is_the_least_of_shipped_and_arrived(
    world: World, arrived: str, gone: int, marked: bool
) -> None:
    world.post(ship())
    world.post(receive(world.last, **lines(kg=arrived)))
    used = value(world, "used", ORE)
    assert (used.grams if used else 0) == gone
    assert flows(world) == ({Flow(ORE, "loss", gone)} if gone else set())
    assert stock(world, REFINERY, REFINER, "bauxite") == 10**6 - gone
    status = value(world, "status", f"event {name(world.last)}")
    marks = [mark[0] for mark in status.marks] if status else []
    assert marks == (["difference"] if marked else [])


def test_one_event_bears_one_mark_for_all_its_differences(world: World) -> None:
    world.source("pit", "other", "1000")
    both: dict[str, Any] = {"lines": [{"lot": ORE, "kg": "1000"}, {"lot": LOT + "miner:other", "kg": "1000"}]}
    world.post(ship(**both))
    short: dict[str, Any] = {"lines": [line | {"kg": "900"} for line in both["lines"]]}
    world.post(receive(world.last, **short))
    assert len(value(world, "status", f"event {name(world.last)}").marks) == 1


def test_a_ticket_weighs_one_delivery(world: World) -> None:
    world.source("pit", "other", "5")
    ticket = {"weighing": {"ticket": "T-1"}}
    world.post(ship())
    world.post(receive(world.last, **ticket))
    weighed = name(world.last)
    assert value(world, "spent", f"ticket T-1 {REFINER}") == Spent(weighed)
    world.post(ship(**lines(LOT + "miner:other", "5")))
    again = receive(world.last, **lines(LOT + "miner:other", "5"), **ticket)
    assert refusal(world, again) == ("receive.ticket", "$.weighing.ticket")
    world.post(again | {"weighing": {"ticket": "T-2"}})
