"""How lots change hands and leave: ship, receive, transfer, exit, count."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.events import parse
from ledger.log import Refused
from ledger.quantity import format_time
from ledger.register import Flow, Hold, Key, Lot, Owner, Spent
from ledger.rules import Context
from ledger.rules.fold import Fold
from ledger.strictjson import dumps
from tests.core.judging import at, flows, needs, refusal, stock, value, waits_for
from tests.world import LOT, PARTY, REGISTRAR, SITE, World

MINER, REFINER, TRADER = PARTY + "miner", PARTY + "refiner", PARTY + "trader"
PIT, REFINERY = SITE + "pit", SITE + "refinery"


@pytest.fixture
def world() -> World:
    """A miner with 1,000 kg of ore at its pit, a refiner and a trader with sites."""
    world = World()
    world.site("refinery")
    world.site("yard-t", "trader", "warehouse")
    world.source("pit", "ore", "1000")
    return world


ORE = LOT + "miner:ore"


def lines(lot: str = ORE, kg: str = "1000", **more: Any) -> dict[str, Any]:
    return {"lines": [{"lot": lot, "kg": kg} | more]}


def ship(to: str = REFINER, **more: Any) -> dict[str, Any]:
    return {"type": "ship", "party": MINER, "site": PIT, "to": to} | lines() | more


def receive(of: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"type": "receive", "party": REFINER, "of": of, "site": REFINERY} | lines() | more


def transfer(to: str = TRADER, party: str = MINER, **more: Any) -> dict[str, Any]:
    return {"type": "transfer", "party": party, "to": to} | lines() | more


def name(ref: dict[str, str]) -> str:
    return f"{ref['party']} {ref['id']}"


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


# -- title


def test_title_passes_with_the_goods_only_from_their_owner(world: World) -> None:
    world.post(transfer())
    world.post({"type": "receive", "party": TRADER, "of": world.last} | lines())
    assert refusal(world, ship(title="passes")) == ("owner.title", "$.title")
    world.post(ship())
    assert value(world, "hold", ORE).passes is False
    sent = world.last
    # The owner sells it on the way, since title does not travel with the goods.
    world.post(transfer(PARTY + "refiner", TRADER))
    assert value(world, "event", name(world.last)).others == (MINER, REFINER)  # who holds it may dispute
    world.post(receive(sent))
    assert value(world, "owner", ORE).owner == TRADER
    assert value(world, "event", name(world.last)).others == (MINER, TRADER)
    assert stock(world, REFINERY, TRADER, "bauxite") == 10**6


def test_title_stays_where_it_is_said_to(world: World) -> None:
    world.post(ship(title="stays"))
    world.post(receive(world.last))
    assert value(world, "owner", ORE).owner == MINER
    assert refusal(world, {"type": "exit", "party": REFINER, "reason": "installed"} | lines()) == (
        "owner.other",
        "$.lines[0].lot",
    )
    assert refusal(world, {"type": "exit", "party": REFINER, "reason": "sold_outside"} | lines()) == (
        "owner.other",
        "$.lines[0].lot",
    )
    world.post({"type": "exit", "party": REFINER, "reason": "lost"} | lines())
    assert value(world, "event", name(world.last)).others == (MINER,)


def test_a_transfer_waits_for_its_receipt(world: World) -> None:
    world.post(transfer())
    sale, when = world.last, world.now // 1000 - 1
    assert value(world, "owner", ORE) == Owner(MINER, TRADER, name(sale), when, name(sale))
    pending = ("owner.pending", "$.lines[0].lot")
    assert refusal(world, transfer(REFINER)) == pending
    assert refusal(world, ship()) == pending
    assert refusal(world, {"type": "exit", "party": MINER, "reason": "lost"} | lines()) == pending
    title = {"type": "receive", "of": sale} | lines()
    assert refusal(world, title | {"party": REFINER}) == ("owner.receiver", "$.lines[0].lot")
    assert refusal(world, title | {"party": TRADER, "site": SITE + "yard-t"}) == ("receive.site", "$.site")
    early = title | {"party": TRADER, "time": format_time(when - 1)}
    assert refusal(world, early) == ("time.before", "$.time")
    world.post(title | {"party": TRADER})
    assert value(world, "owner", ORE) == Owner(TRADER, "", "", world.now // 1000 - 1, name(world.last))
    assert value(world, "hold", ORE).holder == MINER
    assert refusal(world, title | {"party": TRADER}) == ("owner.receiver", "$.lines[0].lot")
    assert refusal(world, transfer()) == ("owner.other", "$.lines[0].lot")
    assert stock(world, PIT, TRADER, "bauxite") == 10**6


def test_a_title_that_is_refused_stays(world: World) -> None:
    world.post(transfer())
    title = {"type": "receive", "party": TRADER, "of": world.last}
    world.post(title | lines(result="refused"))
    assert value(world, "owner", ORE).owner == MINER
    world.post(transfer(REFINER))


def test_one_transfer_does_not_receive_another(world: World) -> None:
    world.source("pit", "other", "5")
    world.post(transfer(**lines(LOT + "miner:other", "5")))
    other = world.last
    world.post(transfer())
    mixed = {"type": "receive", "party": TRADER, "of": other} | lines()
    assert refusal(world, mixed) == ("owner.receiver", "$.lines[0].lot")


def test_who_has_used_a_lot_sells_only_what_is_left(world: World) -> None:
    world.post({"type": "exit", "party": MINER, "reason": "sample"} | lines(kg="600"))
    assert refusal(world, transfer(**lines(kg="400.001"))) == ("lot.overdrawn", "$.lines[0].kg")
    assert refusal(world, transfer(PARTY + "nobody")) == ("party.unknown", "$.to")
    world.post(transfer(**lines(kg="400")))
    assert refusal(world, transfer(**lines(LOT + "miner:x"))) == ("lot.unknown", "$.lines[0].lot")


def test_a_buyer_owns_from_the_receipt_on_and_not_before(world: World) -> None:
    world.tick(100)
    world.post(transfer())
    world.post({"type": "receive", "party": TRADER, "of": world.last} | lines())
    early = transfer(REFINER, TRADER, time=format_time(world.now // 1000 - 50))
    assert refusal(world, early) == ("time.before", "$.time")


# -- exit and count


def test_a_refusal_says_how_much_is_left(world: World) -> None:
    leaves = {"type": "exit", "party": MINER, "reason": "lost"}
    for left in ("1,000", "0"):
        outcome = world.try_post(leaves | lines(kg="1000.001"))
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].detail == f"{left} kg of {ORE} are left"
        outcome = world.try_post(count("1000.001"))
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].detail == f"the books hold {left} kg of {ORE}"
        if left != "0":
            world.post(leaves | lines())


def test_what_leaves_is_gone(world: World) -> None:
    car = "urn:example:vehicle:1"
    leaves = {"type": "exit", "party": MINER, "reason": "installed", "into": car}
    world.post(leaves | lines(kg="999"))
    gone = name(world.last)
    assert flows(world) == {Flow(ORE, gone, 999_000), Flow(gone, car, 999_000)}
    assert stock(world, PIT, MINER, "bauxite") == 1_000
    assert refusal(world, leaves | lines(kg="1.001")) == ("lot.overdrawn", "$.lines[0].kg")
    world.post({"type": "exit", "party": MINER, "reason": "lost"} | lines(kg="1"))
    assert refusal(world, leaves | lines(kg="0.001")) == ("lot.overdrawn", "$.lines[0].kg")
    assert value(world, "event", gone).used == ((ORE, 999_000),)


def test_only_a_holder_at_its_own_site_lets_metal_leave(world: World) -> None:
    leaves = {"type": "exit", "party": TRADER, "reason": "lost"} | lines()
    assert refusal(world, leaves) == ("lot.holder", "$.lines[0].lot")
    # The site got another operator: its former one acts there no more.
    said = {"type": "site", "party": REGISTRAR, "subject": PIT, "operator": TRADER, "kinds": ["mine"]}
    said |= {"country": "CA", "subdivision": "CA-QC"}
    was = value(world, "site", PIT).event.split(" ")[1]
    world.post(said | {"replaces": {"party": REGISTRAR, "id": was}})
    assert refusal(world, leaves | {"party": MINER}) == ("site.operator", "$.lines[0].lot")


def count(kg: str) -> dict[str, Any]:
    return {"type": "count", "party": MINER, "site": PIT, "basis": "weighed"} | lines(kg=kg)


def test_a_shortage_is_a_loss_and_an_excess_is_not_counted_in(world: World) -> None:
    world.post(count("1000"))
    assert (flows(world), value(world, "used", ORE)) == (set(), None)
    assert refusal(world, count("1000.001")) == ("count.excess", "$.lines[0].kg")
    world.post(count("990"))
    assert flows(world) == {Flow(ORE, "loss", 10_000)}
    assert stock(world, PIT, MINER, "bauxite") == 990_000
    assert refusal(world, count("990.001")) == ("count.excess", "$.lines[0].kg")
    world.post({"type": "exit", "party": MINER, "reason": "lost"} | lines(kg="990"))
    assert refusal(world, count("0.001")) == ("count.excess", "$.lines[0].kg")
