"""The operator's ``register`` event, and the chains that say which entries are all."""

import json
from typing import Any

import pytest

from ledger import b64
from ledger.events import parse
from ledger.register import Event, Key, Owner, Posted, Used, chained, encode
from ledger.rooting import charter_of
from ledger.rules.draft import Context, Draft
from tests.core import chaining, map_reference
from tests.core.judging import flows, needs, refusal, register, touched, value
from tests.core.test_rules_needs import busy
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, private_key

MINER, PIT = PARTY + "miner", SITE + "pit"
ORE = LOT + "miner:ore"
MONTH = f"{MINER} 2026-03"


@pytest.fixture
def world() -> World:
    world = World()
    world.source("pit", "ore", "1000")
    return world


def stated(world: World, **more: Any) -> dict[str, Any]:
    """The event that states the register as it is."""
    records = {key: encode(record) for key, record in register(world).items()}
    depth, root = map_reference.root(charter_of(world.store), records)
    size = world.store.head().size
    event = {"type": "register", "party": REGISTRAR, "size": size, "depth": depth}
    return event | {"root": b64.encode_std(root)} | more


def ship(world: World) -> dict[str, str]:
    return world.ship("pit", "refiner", {ORE: "1000"})


# -- the event


def test_it_writes_its_own_record_and_nothing_else(world: World) -> None:
    before = register(world)
    world.post(stated(world), world.operator)
    after = register(world)
    (new,) = after.keys() - before.keys()
    assert new == Key("event", f"{REGISTRAR} {world.last['id']}")
    assert {key: after[key] for key in before} == before
    found: Event = after[new].value
    assert (found.type, found.kid) == ("register", world.operator.public.kid)
    assert found[4:] == ((), (), (), (), ())
    assert flows(world) == set()
    assert touched(world, *new) == ()
    assert needs(world) == (0,)  # the charter, and its operator's key


def test_it_states_the_register_after_it_less_its_own_record(world: World) -> None:
    """So whoever holds the register after the last entry can tell the root that the entry states."""
    event = stated(world)
    world.post(event, world.operator)
    after = {key: encode(record) for key, record in register(world).items()}
    del after[Key("event", f"{REGISTRAR} {world.last['id']}")]
    depth, root = map_reference.root(charter_of(world.store), after)
    assert (event["depth"], event["root"]) == (depth, b64.encode_std(root))


def test_only_the_operators_key_of_the_charter_in_force_signs_it(world: World) -> None:
    event = stated(world)
    assert refusal(world, event | {"party": MINER}) == ("register.key", "$")
    for use in ("registrar", "recovery"):
        assert refusal(world, event, private_key(use)) == ("key.reserved", "$")
    assert refusal(world, event | {"party": MINER}, world.operator) == ("key.other_party", "$.party")
    old, new = world.operator, private_key("another operator")
    amended = {"type": "amend", "party": REGISTRAR, "operator_key": new.public.jwk}
    world.post(amended, world.recovery)
    assert refusal(world, stated(world), new) == ("register.key", "$")
    world.post(stated(world), old)
    world.tick(90_000)
    assert refusal(world, stated(world), old) == ("register.key", "$")
    world.post(stated(world), new)


def test_the_operators_key_signs_nothing_else(world: World) -> None:
    amend = {"type": "amend", "party": REGISTRAR, "rules": 1}
    correct = {"type": "correct", "party": REGISTRAR, "of": world.last, "action": "dispute", "reason": "x"}
    revoke = {"type": "revoke_key", "party": REGISTRAR, "kid": world.keys[MINER].public.kid, "reason": "x"}
    for event in (amend, correct, revoke):
        assert refusal(world, event, world.operator) == ("key.reserved", "$")


@pytest.mark.parametrize("off", [-1, 1])
def test_it_is_of_exactly_the_entries_before_it(world: World, off: int) -> None:
    event = stated(world)
    assert refusal(world, event | {"size": event["size"] + off}, world.operator) == (
        "register.size",
        "$.size",
    )


def test_it_is_not_withdrawn_but_may_be_disputed(world: World) -> None:
    world.post(stated(world), world.operator)
    of = world.last
    withdraw = {"type": "correct", "party": REGISTRAR, "of": of, "action": "withdraw", "reason": "a test"}
    assert refusal(world, withdraw) == ("correct.kept", "$.of")
    assert refusal(world, withdraw, world.operator) == ("key.reserved", "$")
    world.post(withdraw | {"action": "dispute"})


def test_no_rule_can_tell_a_wrong_root(world: World) -> None:
    world.post(stated(world, root=b64.encode_std(bytes(32)), depth=40), world.operator)


# -- the chains


def test_a_chain_is_over_the_indices(world: World) -> None:
    assert chained("", 5) == chaining.chain([5])
    assert chained(chained("", 5), 2**53) == chaining.chain([5, 2**53])


def test_a_lot_counts_what_it_sees_after_its_birth(world: World) -> None:
    assert value(world, "used", ORE) is None
    sent = ship(world)
    first = world.store.head().size - 1
    assert value(world, "used", ORE) == Used(0, 1, chaining.chain([first]), chaining.chain([first]))
    world.receive(sent, "refinery", {ORE: "990"})
    second = world.store.head().size - 1
    moves = chaining.chain([first, second])
    assert value(world, "used", ORE) == Used(10_000, 2, moves, moves)
    world.attest(ORE)
    third = world.store.head().size - 1
    assert value(world, "used", ORE) == Used(10_000, 3, chaining.chain([first, second, third]), moves)


def test_what_concerns_no_lot_extends_no_lots_chain(world: World) -> None:
    sent = ship(world)
    before = value(world, "used", ORE)
    world.correct(sent, "dispute")
    world.attest(sent)
    world.attest(PIT)
    world.post(stated(world), world.operator)
    assert value(world, "used", ORE) == before


def test_a_withdrawal_is_one_more(world: World) -> None:
    """It gives the grams back, and takes no entry out of the chain."""
    exit_ = {"type": "exit", "party": MINER, "reason": "sample", "lines": [{"lot": ORE, "kg": "1"}]}
    world.post(exit_)
    first = world.store.head().size - 1
    world.correct(world.last, "withdraw")
    assert value(world, "used", ORE) == Used(0, 2, chaining.chain([first, first + 1]))
    sent = ship(world)
    world.correct(sent, "withdraw")
    assert value(world, "used", ORE).events == 4
    source = {"party": MINER, "id": value(world, "lot", ORE).event.split(" ")[1]}
    world.correct(source, "withdraw")
    assert value(world, "hold", ORE).withdrawn
    assert value(world, "used", ORE).events == 5


def test_an_event_counts_once_however_often_it_names_a_lot(world: World) -> None:
    lines = [{"lot": ORE, "kg": "10", "as": f"{LOT}miner:part-{n}"} for n in range(2)]
    refused = {"type": "ship", "party": MINER, "site": PIT, "to": MINER, "lines": lines}
    assert refusal(world, refused)[0] == "event.lot_twice"
    mixed = world.source("pit", "more", "5")
    both = {"lines": [{"lot": lot, "kg": "5", "as": f"{lot}-part"} for lot in (ORE, mixed)]}
    world.post(refused | both)
    assert {value(world, "used", lot).events for lot in (ORE, mixed)} == {1}
    assert value(world, "used", f"{ORE}-part") is None


def test_a_month_counts_what_a_party_posted_by_the_events_own_time(world: World) -> None:
    index = world.store.head().size - 1
    assert value(world, "posted", MONTH) == Posted(1, chaining.chain([index]))
    world.source("pit", "late", "1", time="2026-02-28T23:59:59Z")
    world.source("pit", "first", "1", time="2026-03-01T00:00:00Z")
    assert value(world, "posted", f"{MINER} 2026-02") == Posted(1, chaining.chain([index + 1]))
    assert value(world, "posted", MONTH) == Posted(2, chaining.chain([index, index + 2]))
    assert value(world, "posted", f"{REGISTRAR} 2026-03").events == index


def test_what_is_said_of_a_thing_is_counted(world: World) -> None:
    sent = ship(world)
    subject = f"event {sent['party']} {sent['id']}"
    assert value(world, "about", subject) is None
    first = world.store.head().size
    world.correct(sent, "dispute")
    world.correct(sent, "resolve")
    assert value(world, "about", subject) == (2, chaining.chain([first, first + 1]))


def test_a_refused_event_changes_no_chain(world: World) -> None:
    ship(world)
    before = register(world)
    late = {"type": "exit", "party": MINER, "reason": "sample", "lines": [{"lot": ORE, "kg": "1"}]}
    assert refusal(world, late)[0] == "lot.in_transit"
    assert register(world) == before


def test_in_a_ledger_in_which_everything_happened_all_chains_are_whole() -> None:
    world = busy()
    chaining.check(world.store, register(world))


def test_what_is_no_lot_is_counted_nowhere(world: World) -> None:
    event = parse(json.dumps(world.event({"party": MINER} | {"type": "transfer", "to": REGISTRAR}
                             | {"lines": [{"lot": ORE, "kg": "1"}]})).encode())  # fmt: skip
    draft = Draft(event, Context(9, 0, "", 0, ""), lambda place: None)
    draft.put("owner", ORE, Owner(REGISTRAR, "", "", 0, draft.name))
    assert not {"stock", "transit"} & {kind for kind, _ in draft.changes().writes}
