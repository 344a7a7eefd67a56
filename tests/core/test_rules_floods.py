"""What one party may not do without end: what it says of others' things stands in their proofs for ever."""

import pytest

from ledger.register import Said
from ledger.rules import lots, registry
from tests.core.judging import refusal, touched, value
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, event_ref, private_key

MINER, REFINER = PARTY + "miner", PARTY + "refiner"
ORE = LOT + "miner:ore"


@pytest.fixture
def world() -> World:
    world = World()
    world.source("pit", "ore", "10")
    world.hand_over("pit", "refinery", {ORE: "10"})
    return world


def of_shipment(world: World) -> dict[str, str]:
    return next(event_ref(event) for event in world.posted if event["type"] == "ship")


# -- corrections


def test_a_party_has_one_open_dispute_on_an_event(world: World) -> None:
    of = of_shipment(world)
    dispute = {"type": "correct", "party": REFINER, "of": of, "action": "dispute", "reason": "x"}
    world.post(dispute)
    assert refusal(world, dispute) == ("correct.disputed", "$.of")
    world.post(dispute | {"party": MINER})
    world.correct(of, "resolve", REFINER)
    world.post(dispute)


def test_a_party_does_not_dispute_and_resolve_without_end(world: World) -> None:
    of = of_shipment(world)
    name = f"{of['party']} {of['id']}"
    dispute = {"type": "correct", "party": REFINER, "of": of, "action": "dispute", "reason": "x"}
    for _ in range(8):
        world.post(dispute)
        world.correct(of, "resolve", REFINER)
    assert refusal(world, dispute) == ("said.limit", "$.of")
    assert value(world, "said", f"{REFINER} event {name}") == Said(8)
    assert len(touched(world, "event", name)) == 16
    world.post(dispute | {"party": MINER})


def test_a_poster_does_not_amend_without_end(world: World) -> None:
    of = of_shipment(world)
    for _ in range(8):
        world.correct(of, "amend")
    amend = {"type": "correct", "party": MINER, "of": of, "action": "amend", "reason": "x"}
    assert refusal(world, amend) == ("said.limit", "$.of")


# -- attestations


def attestation(world: World, subject: str) -> dict[str, object]:
    world.attest(subject)
    return dict(world.posted[-1])


@pytest.mark.parametrize(("subject", "most"), [(ORE, 8), (SITE + "pit", 100), (MINER, 100)])
def test_a_certifier_does_not_attest_without_end(world: World, subject: str, most: int) -> None:
    for _ in range(most):
        world.attest(subject)
    again = dict(world.posted[-1])
    del again["id"]
    assert refusal(world, again) == ("said.limit", "$.subject")
    other = world.party("certifier-2", roles=["certifier"])
    world.post(again | {"party": other})


def test_an_attestation_is_not_suspended_and_reinstated_without_end(world: World) -> None:
    revoke = {
        "type": "revoke_attestation",
        "party": PARTY + "certifier",
        "of": world.attest(ORE),
        "status": "suspended",
        "since": world.time,
        "reason": "x",
    }
    for _ in range(4):
        world.post(revoke)
        world.post(revoke | {"status": "reinstated"})
    assert refusal(world, revoke) == ("said.limit", "$.of")
    world.post(revoke | {"status": "withdrawn"})


# -- keys and the charter


def test_a_key_is_not_revoked_without_end(world: World) -> None:
    kid = world.keys[MINER].public.kid
    revoke = {"type": "revoke_key", "party": REGISTRAR, "kid": kid, "reason": "x"}
    for _ in range(8):
        world.post(revoke)
    assert refusal(world, revoke) == ("said.limit", "$.kid")


def test_a_party_registers_no_keys_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thief may do that; then the party ends its keys, and the registrar gives it another."""
    monkeypatch.setattr(registry, "MOST_KEYS", 3)
    one, two, three, four = (private_key(name) for name in ("one", "two", "three", "four"))
    for key in (one, two):
        world.post(world.key_event(MINER, key) | {"party": MINER})
    event = world.key_event(MINER, three) | {"party": MINER}
    assert refusal(world, event) == ("key.limit", "$.subject")
    for key in (one, two, world.keys[MINER]):
        world.post({"type": "revoke_key", "party": MINER, "kid": key.public.kid, "reason": "x"})
    world.post(world.key_event(MINER, four))


def test_a_registrar_key_does_not_amend_without_end(world: World) -> None:
    amend = {"type": "amend", "party": REGISTRAR, "rules": 1}
    for _ in range(8):
        world.post(amend)
    assert refusal(world, amend) == ("charter.pending", "$")
    world.post(amend, world.recovery)
    world.tick(86_400)
    world.post(amend)


# -- what the ledger must write


def test_many_lots_of_many_origins_are_not_made_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three origins in, and three in each of two lots: nine shares."""
    for n in range(3):
        world.source(
            "smelter", f"s{n}", "1", kind="addition", material="silicon", origin=f"urn:example:s:{n}"
        )
    inputs = [{"lot": f"{LOT}smelter:s{n}", "kg": "1"} for n in range(3)]
    outputs = [{"lot": f"{LOT}smelter:b{n}", "kg": "1.5", "material": "silicon"} for n in range(2)]
    party, site = PARTY + "smelter", SITE + "smelter"
    blend = {"type": "transform", "party": party, "site": site, "process": "blend", "model": "segregated"}
    monkeypatch.setattr(lots, "MOST_SHARES", 8)
    assert refusal(world, blend | {"inputs": inputs, "outputs": outputs}) == ("lot.shares", "$")
    monkeypatch.setattr(lots, "MOST_SHARES", 9)
    world.post(blend | {"inputs": inputs, "outputs": outputs})
    parts = [{"lot": f"{LOT}smelter:b{n}", "kg": "1", "as": f"{LOT}smelter:p{n}"} for n in range(2)]
    ship = {"type": "ship", "party": party, "site": site, "to": MINER, "lines": parts}
    monkeypatch.setattr(lots, "MOST_SHARES", 5)
    assert refusal(world, ship) == ("lot.shares", "$")
    monkeypatch.setattr(lots, "MOST_SHARES", 6)
    world.post(ship)


def test_a_stock_stays_a_number_that_everyone_can_count(world: World) -> None:
    """Above 64 bits no record could be written any more, and everyone's posts of that commit would fail."""
    kg = "999999999999.999"
    lines = [{"lot": f"{LOT}miner:m{n}", "kg": kg, "material": "bauxite"} for n in range(10)]
    bought = {"type": "source", "party": MINER, "site": SITE + "pit", "kind": "purchase"}
    assert refusal(world, bought | {"outputs": lines}) == ("stock.limit", "$")
    world.post(bought | {"outputs": lines[:9]})
    assert refusal(world, bought | {"outputs": lines[9:]}) == ("stock.limit", "$")
    mined = bought | {"kind": "mine", "site": world.site("pit-2"), "party": world.party("miner-2")}
    lines = [line | {"lot": line["lot"].replace("miner", "miner-2")} for line in lines]
    assert refusal(world, mined | {"outputs": lines}) == ("sum.limit", "$")
