"""Agreements: two parties sign the same terms, and deliveries name what they are delivered under."""

from hashlib import sha256
from typing import Any

import pytest

from ledger import b64
from ledger.events import parse
from ledger.register import Agreement, Event
from ledger.strictjson import dumps
from tests.core.judging import needs, refusal, value, waits_for
from tests.world import LOT, PARTY, SITE, World

SMELTER, ROLLER, TRADER = PARTY + "smelter", PARTY + "roller", PARTY + "trader"
TERMS: dict[str, Any] = {"material": "rolling_slab", "years": [{"year": 2026, "kg": "100"}]}


@pytest.fixture
def world() -> World:
    """A smelter with a slab, a mill and a trader."""
    world = World()
    for party in ("smelter", "roller", "trader"):
        world.party(party)
    world.source("smelter", "slab", "10", kind="purchase", material="rolling_slab")
    return world


def agree(party: str = SMELTER, other: str = ROLLER, **more: Any) -> dict[str, Any]:
    return {"type": "agree", "party": party, "with": other, "terms": TERMS} | more


def offered(world: World, **more: Any) -> dict[str, str]:
    world.post(agree(**more))
    return world.last


def accepted(world: World) -> dict[str, str]:
    offer = offered(world)
    world.post(agree(ROLLER, SMELTER, of=offer))
    return offer


def delivery(agreement: dict[str, str], **more: Any) -> dict[str, Any]:
    event = {"type": "ship", "party": SMELTER, "site": SITE + "smelter", "to": ROLLER, "agreement": agreement}
    return event | {"lines": [{"lot": LOT + "smelter:slab", "kg": "10"}]} | more


def test_an_agreement_is_offered_and_accepted(world: World) -> None:
    offer = offered(world)
    name = f"{SMELTER} {offer['id']}"
    found: Agreement = value(world, "agreement", name)
    assert (found.party, found.other, found.accepted) == (SMELTER, ROLLER, "")
    terms = {"exclusive": False, "years": [{"kg": "100", "year": 2026}], "material": "rolling_slab"}
    world.post(agree(ROLLER, SMELTER, of=offer, terms=terms))  # the same, spelt otherwise
    by = f"{ROLLER} {world.last['id']}"
    assert value(world, "agreement", name) == found._replace(accepted=by)
    assert value(world, "agreement", by) is None
    event: Event = value(world, "event", by)
    assert event.others == (SMELTER,)


def test_the_digest_of_terms_is_of_their_canonical_json() -> None:
    event: Any = parse(dumps(World().event(agree())))
    text = b'{"exclusive":false,"material":"rolling_slab","years":[{"kg":"100","year":2026}]}'
    assert event.terms.digest == b64.encode(sha256(text).digest())


@pytest.mark.parametrize(
    ("more", "code", "path"),
    [
        ({"with": SMELTER}, "agreement.self", "$.with"),
        ({"with": PARTY + "nobody"}, "party.unknown", "$.with"),
        ({"terms": TERMS | {"material": "wood"}}, "material.unknown", "$.terms.material"),
        ({"terms": TERMS | {"destination": SITE + "x"}}, "site.unknown", "$.terms.destination"),
        ({"terms": TERMS | {"destination": SITE + "smelter"}}, None, None),
        ({"terms": TERMS | {"years": TERMS["years"] * 2}}, "event.twice", "$.terms.years[1].year"),
        ({"of": {"party": ROLLER, "id": "evt:none"}}, "agreement.unknown", "$.of"),
    ],
)
def test_what_an_offer_needs(world: World, more: dict[str, Any], code: str | None, path: str) -> None:
    if code is None:
        world.post(agree() | more)
    else:
        assert refusal(world, agree() | more) == (code, path)


def test_only_the_other_party_accepts_the_same_terms_and_once(world: World) -> None:
    offer = offered(world)
    accept = agree(ROLLER, SMELTER, of=offer)
    assert refusal(world, agree(TRADER, SMELTER, of=offer)) == ("agreement.other", "$.of")
    assert refusal(world, agree(SMELTER, ROLLER, of=offer)) == ("agreement.other", "$.of")
    assert refusal(world, agree(ROLLER, TRADER, of=offer)) == ("agreement.other", "$.of")
    more = {"terms": TERMS | {"years": [{"year": 2026, "kg": "100.0"}]}}
    assert refusal(world, accept | more) == ("agreement.terms", "$.terms")
    world.post(accept)
    assert refusal(world, accept) == ("agreement.accepted", "$.of")


def test_what_is_agreed_is_not_withdrawn(world: World) -> None:
    offer = offered(world)
    correct = {"type": "correct", "party": SMELTER, "of": offer, "action": "withdraw", "reason": "x"}
    assert refusal(world, correct) == ("correct.kept", "$.of")


@pytest.mark.parametrize("type", ["ship", "transfer"])
def test_deliveries_are_between_the_two_parties(world: World, type: str) -> None:
    def deliver(agreement: dict[str, str], **more: Any) -> dict[str, Any]:
        event = delivery(agreement, type=type, **more)
        return event if type == "ship" else {k: v for k, v in event.items() if k != "site"}

    assert waits_for(world, deliver({"party": SMELTER, "id": "evt:9"})) == f"{SMELTER} evt:9"
    assert refusal(world, deliver({"party": SMELTER, "id": "evt:9"})) == ("agreement.unknown", "$.agreement")
    offer = offered(world)
    assert refusal(world, deliver(offer)) == ("agreement.open", "$.agreement")
    world.post(agree(ROLLER, SMELTER, of=offer))
    acceptance = world.last
    assert refusal(world, deliver(acceptance)) == ("agreement.unknown", "$.agreement")
    assert refusal(world, deliver(offer, to=TRADER)) == ("agreement.parties", "$.agreement")
    index = world.store.head().size - 1
    world.post(deliver(offer))
    assert index in needs(world)  # both signatures: the acceptance needs the offer
    assert index - 1 in needs(world, index)


def test_either_party_may_deliver(world: World) -> None:
    offer = offered(world, party=ROLLER, other=SMELTER)
    world.post(agree(SMELTER, ROLLER, of=offer))
    world.post(delivery(offer))
