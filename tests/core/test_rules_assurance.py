"""What is said about events and parties afterwards: correct, attest, revoke_attestation."""

from typing import Any

import pytest

from ledger.quantity import format_time, parse_time
from ledger.register import Attestation, Key, Mark, Spent, Status, Stock, Used
from tests.core.judging import at, needs, refusal, register, stock, touched, value, waits_for
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, private_key

MINER, REFINER, TRADER = PARTY + "miner", PARTY + "refiner", PARTY + "trader"
PIT, REFINERY = SITE + "pit", SITE + "refinery"
ORE = LOT + "miner:ore"
BUILT_ON = ("correct.built_on", "$.of")


@pytest.fixture
def world() -> World:
    """A miner with 1,000 kg of ore, a refiner and a trader with sites, and a certifier."""
    world = World()
    world.site("refinery")
    world.site("yard-t", "trader", "warehouse")
    world.party("certifier")
    world.source("pit", "ore", "1000")
    return world


def name(ref: dict[str, str]) -> str:
    return f"{ref['party']} {ref['id']}"


def correct(of: dict[str, str], action: str = "withdraw", **more: Any) -> dict[str, Any]:
    event = {"type": "correct", "party": of["party"], "of": of, "action": action, "reason": "a test"}
    return event | more


def line(lot: str = ORE, kg: str = "1000", **more: Any) -> dict[str, Any]:
    return {"lines": [{"lot": lot, "kg": kg} | more]}


def ship(world: World, **more: Any) -> dict[str, str]:
    world.post({"type": "ship", "party": MINER, "site": PIT, "to": REFINER} | line() | more)
    return world.last


def receive(world: World, of: dict[str, str], **more: Any) -> dict[str, str]:
    world.post({"type": "receive", "party": REFINER, "of": of, "site": REFINERY} | line() | more)
    return world.last


def sell(world: World, party: str, to: str, **more: Any) -> tuple[dict[str, str], dict[str, str]]:
    world.post({"type": "transfer", "party": party, "to": to} | line() | more)
    sale = world.last
    world.post({"type": "receive", "party": to, "of": sale} | line() | more)
    return sale, world.last


def state(world: World) -> dict[Key, Any]:
    """What the register says of lots, stocks, tickets and marks. What was withdrawn, and what is zero,
    counts as never written; how many entries a lot has seen is left out, as a withdrawal is one more."""
    kinds = ("lot", "hold", "owner", "used", "stock", "transit", "spent", "mark")
    found = {key: record.value for key, record in register(world).items() if key.kind in kinds}
    found |= {key: Used(of.grams) for key, of in found.items() if key.kind == "used"}
    gone = {key.id for key, of in found.items() if key.kind == "hold" and of.withdrawn}
    blank = (Used(0), Stock(0), Spent(""), Mark(""))
    return {key: of for key, of in found.items() if of not in blank and key.id not in gone}


# -- withdraw


def test_a_withdrawn_birth_never_was(world: World) -> None:
    marks = {
        "outputs": [{"lot": LOT + "miner:x", "kg": "1", "material": "bauxite", "marks": {"serial": "1"}}]
    }
    world.post({"type": "source", "party": MINER, "site": PIT, "kind": "opening"} | marks)
    opened = world.last
    world.correct(opened, "withdraw")
    hold = value(world, "hold", LOT + "miner:x")
    assert (hold.withdrawn, hold.event) == (True, name(world.last))
    assert stock(world, PIT, MINER, "bauxite") == 10**6
    assert value(world, "spent", f"opening bauxite {PIT}") == Spent("")
    assert value(world, "mark", f"serial 1 {MINER}") == Mark("")
    assert [mark[0] for mark in value(world, "status", f"event {name(opened)}").marks] == ["withdrawn"]
    assert touched(world, "event", name(opened)) == (world.store.head().size - 1,)
    gone = ("lot.withdrawn", "$.lines[0].lot")
    x = line(LOT + "miner:x", "1")
    assert refusal(world, {"type": "ship", "party": MINER, "site": PIT, "to": REFINER} | x) == gone
    assert refusal(world, {"type": "transfer", "party": MINER, "to": TRADER} | x) == gone
    # The opening may be declared again, and the serial number given again.
    again = [marks["outputs"][0] | {"lot": LOT + "miner:y"}]
    world.post({"type": "source", "party": MINER, "site": PIT, "kind": "opening", "outputs": again})


def test_everything_can_be_taken_back_newest_first(world: World) -> None:
    empty = state(world)
    source = {"party": MINER, "id": value(world, "lot", ORE).event.split(" ")[1]}
    sent = ship(world)
    states = [empty, state(world)]
    got = receive(world, sent, weighing={"ticket": "T"}, **line(kg="900"))
    states.append(state(world))
    sale, title = sell(world, REFINER, TRADER, **line(kg="900"))
    states += [{}, state(world)]
    made: dict[str, Any] = {"type": "transform", "party": REFINER, "site": REFINERY, "process": "refine"}
    made |= {"inputs": [{"lot": ORE, "kg": "800"}], "model": "segregated"}
    alumina = {"lot": LOT + "refiner:a", "kg": "300", "material": "alumina", "owner": TRADER}
    world.post(made | {"outputs": [alumina]})
    done = [sent, got, sale, title, world.last]
    for blocked in done[:-1]:
        assert refusal(world, correct(blocked)) == BUILT_ON
    for ref in reversed(done):
        world.post(correct(ref))
        was = states.pop()
        assert was in ({}, state(world)), ref
    # And then the source itself, although its lot was moved, and moved back, in between.
    world.post(correct(source))
    assert value(world, "hold", ORE).withdrawn


def test_a_receipt_stands_once_its_lot_is_used(world: World) -> None:
    """Else the sender would get back what the receiver has melted."""
    sent = ship(world)
    got = receive(world, sent, **line(kg="990"))
    world.post({"type": "exit", "party": REFINER, "reason": "sample"} | line(kg="0.001"))
    sample = world.last
    assert refusal(world, correct(got)) == BUILT_ON
    world.post(correct(sample))
    world.post(correct(got))
    assert value(world, "hold", ORE).to == REFINER
    assert value(world, "used", ORE).grams == 0
    assert stock(world, PIT, MINER, "bauxite", "transit") == 10**6


def test_a_refusal_of_goods_stands_once_the_sender_used_them(world: World) -> None:
    back = receive(world, ship(world), **line(result="refused"))
    world.post({"type": "exit", "party": MINER, "reason": "sample"} | line(kg="1"))
    assert refusal(world, correct(back)) == BUILT_ON


def test_a_shipment_stands_once_it_arrived(world: World) -> None:
    sent = ship(world)
    receive(world, sent)
    assert refusal(world, correct(sent)) == BUILT_ON


def test_a_part_that_left_can_be_called_back(world: World) -> None:
    part = LOT + "miner:part"
    sent = ship(world, **line(kg="400", **{"as": part}))
    world.post(correct(sent))
    assert value(world, "hold", part).withdrawn
    assert value(world, "hold", part).to == ""
    assert value(world, "used", ORE).grams == 0
    receipt = {"type": "receive", "party": REFINER, "of": sent, "site": REFINERY} | line(part, "400")
    assert refusal(world, receipt) == ("lot.receiver", "$.lines[0].lot")


def test_a_title_stands_once_it_passed_on(world: World) -> None:
    when = world.time
    first = sell(world, MINER, TRADER, time=when)
    second = sell(world, TRADER, REFINER, time=when)
    # Back to the trader within the same second: the owner is as the first sale left it, and is not.
    third = sell(world, REFINER, TRADER, time=when)
    for blocked in (*first, *second, third[0]):
        assert refusal(world, correct(blocked)) == BUILT_ON
    for ref in (third[1], third[0], second[1], second[0], first[1], first[0]):
        world.post(correct(ref))
    assert value(world, "owner", ORE).owner == MINER


def test_the_title_of_a_withdrawn_birth_is_its_posters(world: World) -> None:
    source = {"party": MINER, "id": value(world, "lot", ORE).event.split(" ")[1]}
    sell(world, MINER, TRADER)
    assert refusal(world, correct(source)) == BUILT_ON


def test_what_was_used_goes_back_only_to_whom_it_belonged(world: World) -> None:
    """Else the holder could melt 999 kg, let the owner sell the last one, and give the buyer all back."""
    sell(world, MINER, TRADER)
    world.post({"type": "exit", "party": MINER, "reason": "lost"} | line(kg="999"))
    lost = world.last
    sale = sell(world, TRADER, REFINER, **line(kg="1"))
    assert refusal(world, correct(lost)) == BUILT_ON
    world.post(correct(sale[1]))
    assert refusal(world, correct(lost)) == BUILT_ON
    world.post(correct(sale[0]))
    world.post(correct(lost))
    assert value(world, "used", ORE).grams == 0


def test_what_others_took_stays_taken(world: World) -> None:
    exit_ = {"type": "exit", "party": MINER, "reason": "sample"}
    world.post(exit_ | line(kg="100"))
    first = world.last
    world.post(exit_ | line(kg="200"))
    world.post(correct(first))
    assert value(world, "used", ORE).grams == 200_000
    assert refusal(world, exit_ | line(kg="800.001")) == ("lot.overdrawn", "$.lines[0].kg")
    source = {"party": MINER, "id": value(world, "lot", ORE).event.split(" ")[1]}
    assert refusal(world, correct(source)) == BUILT_ON


def test_with_the_event_its_open_marks_end(world: World) -> None:
    got = receive(world, ship(world), **line(kg="900"))
    world.post(correct(got, "dispute", party=MINER))
    world.post(correct(got))
    assert [mark[0] for mark in value(world, "status", f"event {name(got)}").marks] == ["withdrawn"]


def test_only_the_poster_withdraws_and_once(world: World) -> None:
    sent = ship(world)
    assert refusal(world, correct(sent, party=REFINER)) == ("correct.poster", "$.party")
    assert refusal(world, correct(sent, party=REGISTRAR)) == ("correct.poster", "$.party")
    world.post(correct(sent))
    for action in ("withdraw", "dispute", "resolve", "amend"):
        assert refusal(world, correct(sent, action)) == ("correct.withdrawn", "$.of")
    none = {"party": MINER, "id": "evt:none"}
    assert refusal(world, correct(none)) == ("event.not_here", "$.of")
    assert waits_for(world, correct(none)) == name(none)


def test_a_key_may_be_gone_and_its_events_still_be_withdrawn(world: World) -> None:
    sent = ship(world)
    world.revoke_key(MINER)
    new = private_key("new")
    world.post(world.key_event(MINER, new))
    assert refusal(world, correct(sent)) == ("key.revoked", "$")
    world.post(correct(sent), new)


def test_the_registry_is_replaced_not_withdrawn(world: World) -> None:
    for event in world.posted[:4]:
        ref = {"party": event["party"], "id": event["id"]}
        assert refusal(world, correct(ref)) == ("correct.kept", "$.of")
    world.attest(MINER)
    attested = world.last
    assert refusal(world, correct(attested)) == ("correct.kept", "$.of")
    world.correct(ship(world), "withdraw")
    assert refusal(world, correct(world.last)) == ("correct.kept", "$.of")


# -- dispute, resolve, amend


def test_who_may_dispute(world: World) -> None:
    sent = ship(world)
    stranger = correct(sent, "dispute", party=TRADER)
    assert refusal(world, stranger) == ("correct.entitled", "$.party")
    for n, party in enumerate((MINER, REFINER, PARTY + "certifier", REGISTRAR), 1):
        world.post(correct(sent, "dispute", party=party))
        marks = value(world, "status", f"event {name(sent)}").marks
        assert (len(marks), marks[-1][:3]) == (n, ("disputed", party, name(world.last)))
        assert marks[-1][3] == world.now - 1000


def test_no_certifier_disputes_the_ground_of_all(world: World) -> None:
    world.post({"type": "amend", "party": REGISTRAR, "rules": 1})
    for event in (world.posted[0], world.posted[-1]):
        of = {"party": event["party"], "id": event["id"]}
        disputed = correct(of, "dispute", party=world.party("certifier"))
        assert refusal(world, disputed) == ("correct.entitled", "$.party")
        world.post(correct(of, "dispute", party=REGISTRAR))


def test_an_owner_may_dispute_what_is_done_with_its_metal(world: World) -> None:
    sell(world, MINER, TRADER)
    sent = ship(world)
    world.post(correct(sent, "dispute", party=TRADER))


def test_a_dispute_stops_nothing(world: World) -> None:
    sent = ship(world)
    world.post(correct(sent, "dispute", party=REFINER))
    receive(world, sent)


def test_who_raised_a_dispute_lifts_it_and_only_that_one(world: World) -> None:
    sent = ship(world)
    nothing = ("correct.nothing_open", "$.of")
    assert refusal(world, correct(sent, "resolve")) == nothing
    world.post(correct(sent, "dispute"))
    own = at(world, "event", name(world.last))
    assert refusal(world, correct(sent, "resolve", party=REFINER)) == nothing
    world.post(correct(sent, "dispute", party=REFINER))
    assert refusal(world, correct(sent, "resolve", party=TRADER)) == nothing
    world.post(correct(sent, "resolve"))
    assert own in needs(world)  # else, offline, nothing would be open
    assert [mark[1] for mark in value(world, "status", f"event {name(sent)}").marks] == [REFINER]
    assert refusal(world, correct(sent, "resolve")) == nothing
    world.post(correct(sent, "resolve", party=REGISTRAR))
    assert value(world, "status", f"event {name(sent)}") == Status(())


def test_a_difference_is_lifted_by_the_other_side(world: World) -> None:
    got = receive(world, ship(world), **line(kg="900"))
    nothing = ("correct.nothing_open", "$.of")
    assert refusal(world, correct(got, "resolve")) == nothing
    assert refusal(world, correct(got, "resolve", party=TRADER)) == nothing
    world.post(correct(got, "resolve", party=MINER))
    assert value(world, "status", f"event {name(got)}") == Status(())
    other = receive(world, again(world), **line(LOT + "miner:more", "900"))
    world.post(correct(other, "resolve", party=REGISTRAR))


def again(world: World) -> dict[str, str]:
    world.source("pit", "more", "1000")
    return ship(world, **line(LOT + "miner:more"))


def test_an_amendment_is_noted_and_nothing_changes(world: World) -> None:
    sent = ship(world)
    before = state(world)
    missing = {"party": MINER, "id": "evt:none"}
    assert refusal(world, correct(sent, "amend", replaced_by=missing)) == ("event.not_here", "$.replaced_by")
    assert refusal(world, correct(sent, "amend", party=REFINER)) == ("correct.poster", "$.party")
    world.post(correct(sent, "amend"))
    world.post(correct(sent, "amend", replaced_by=sent))
    assert [mark[0] for mark in value(world, "status", f"event {name(sent)}").marks] == ["amended"] * 2
    assert state(world) == before
    nothing = ("correct.nothing_open", "$.of")
    assert refusal(world, correct(sent, "resolve", party=REGISTRAR)) == nothing


# -- attestations


def attest(world: World, subject: Any, **more: Any) -> dict[str, Any]:
    event = {"type": "attest", "party": PARTY + "certifier", "subject": subject, "scheme": "asi_coc"}
    valid = {"valid_from": world.time, "valid_until": format_time(world.now // 1000 + 10)}
    return event | {"status": "certified"} | valid | more


def test_a_certifier_attests_parties_sites_lots_and_events(world: World) -> None:
    sent = ship(world)
    for kind, subject in (("party", MINER), ("site", PIT), ("lot", ORE), ("event", sent)):
        event = attest(world, subject, certificate_no="C-1")
        world.post(event)
        id = name(sent) if subject is sent else str(subject)
        assert touched(world, kind, id)[-1] == world.store.head().size - 1
        begins = parse_time(event["valid_from"])
        assert value(world, "attestation", name(world.last)) == Attestation(
            id, PARTY + "certifier", "asi_coc", "certified", begins, begins + 10, "C-1"
        )
        assert value(world, "status", f"attestation {name(world.last)}") is None
    world.post(attest(world, MINER))
    assert value(world, "attestation", name(world.last)).certificate == ""


def test_only_certifiers_attest_what_is_there_and_for_a_time(world: World) -> None:
    assert refusal(world, attest(world, MINER, party=MINER)) == ("attest.certifier", "$.party")
    assert refusal(world, attest(world, LOT + "x")) == ("attest.subject", "$.subject")
    assert waits_for(world, attest(world, LOT + "x")) == LOT + "x"
    none = {"party": MINER, "id": "evt:none"}
    assert waits_for(world, attest(world, none)) == name(none)
    ends = attest(world, MINER, valid_until=world.time)
    assert refusal(world, ends) == ("attest.validity", "$.valid_until")


@pytest.mark.parametrize("status", ["suspended", "withdrawn"])
def test_an_attestation_may_say_that_it_does_not_hold(world: World, status: str) -> None:
    world.post(attest(world, MINER, status=status))
    (mark,) = value(world, "status", f"attestation {name(world.last)}").marks
    assert mark == (status, PARTY + "certifier", name(world.last), world.now - 1000)


def revoke(world: World, of: dict[str, str], status: str, **more: Any) -> dict[str, Any]:
    event = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": of, "status": status}
    return event | {"since": "2026-03-01T00:00:00Z", "reason": "a test"} | more


def test_an_attestation_is_suspended_reinstated_and_withdrawn_for_good(world: World) -> None:
    of = world.attest(MINER)
    status = f"attestation {name(of)}"
    world.post(revoke(world, of, "suspended"))
    (mark,) = value(world, "status", status).marks
    assert mark == ("suspended", PARTY + "certifier", name(world.last), 1772323200_000)
    assert touched(world, "attestation", name(of)) == touched(world, "event", name(of))
    world.post(revoke(world, of, "reinstated"))
    assert value(world, "status", status) == Status(())
    world.post(revoke(world, of, "withdrawn", party=REGISTRAR))
    assert refusal(world, revoke(world, of, "reinstated")) == ("attest.withdrawn", "$.of")


def test_an_attestation_is_its_certifiers(world: World) -> None:
    of = world.attest(MINER)
    assert refusal(world, revoke(world, of, "suspended", party=MINER)) == ("attest.other", "$.party")
    sent = ship(world)
    assert refusal(world, revoke(world, sent, "suspended")) == ("attestation.unknown", "$.of")
    assert waits_for(world, revoke(world, sent, "suspended")) == name(sent)
