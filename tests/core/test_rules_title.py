"""How lots change their owner, and how they leave: transfer, exit, count."""

from typing import Any

import pytest

from ledger.log import Refused
from ledger.quantity import format_time
from ledger.register import Flow, Owner
from tests.core.judging import flows, refusal, stock, value
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
from tests.world import LOT, PARTY, REGISTRAR, SITE, World


@pytest.fixture
def world() -> World:
    return mined()


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
