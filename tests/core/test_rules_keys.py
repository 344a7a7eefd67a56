"""Keys of parties: who may add one, who ends one, and what ends with it."""

from typing import Any

import pytest

from ledger import b64
from ledger.keys import PrivateKey, possession_message
from ledger.register import Key, KeyRecord, Keys
from tests.core.judging import needs, refusal, touched, value
from tests.world import NAME, PARTY, REGISTRAR, SITE, World, event_ref, private_key


@pytest.fixture
def world() -> World:
    return World()


def add(world: World, subject: str, new: PrivateKey, **more: Any) -> dict[str, Any]:
    return world.key_event(subject, new) | {"party": subject} | more


def test_a_key_is_registered_with_its_line_of_descent(world: World) -> None:
    miner = world.party("miner")
    pit = world.site("pit")
    new = private_key("second", "ES256")
    world.post(add(world, miner, new, sites=[pit]))
    by = world.keys[miner].public.kid
    received = world.now - 1000
    assert value(world, "key", new.public.kid) == KeyRecord(
        miner, "party", new.public.jwk_text, (pit,), by, received
    )
    first, second = value(world, "keys", miner).known
    assert second == (new.public.kid, by, received, True)
    assert first[0] == by
    assert first[1] == world.registrar.public.kid


def test_a_thief_cannot_have_his_key_registered_for_another(world: World) -> None:
    thief, victim = world.party("collector"), world.party("miner")
    event = world.key_event(victim, private_key("theft")) | {"party": thief}
    assert refusal(world, event) == ("registrar.key", "$")


def test_the_registrar_adds_a_key_only_where_none_is_live(world: World) -> None:
    miner = world.party("miner")
    new = private_key("new")
    assert refusal(world, world.key_event(miner, new)) == ("key.live", "$.party")
    world.revoke_key(miner)
    revoked = world.store.head().size - 1
    world.post(world.key_event(miner, new))
    assert revoked in needs(world)  # else, offline, the first key would seem live


def test_the_registrar_is_no_exception_for_its_own_party(world: World) -> None:
    itself = {"subject": REGISTRAR, "name": "x", "country": "CA", "roles": ["trader"], "prefixes": []}
    world.post({"type": "party", "party": REGISTRAR} | itself)
    world.post(world.key_event(REGISTRAR, private_key("own")))
    assert refusal(world, world.key_event(REGISTRAR, private_key("more"))) == ("key.live", "$.party")


def test_a_new_key_proves_possession_for_this_ledger_and_party(world: World) -> None:
    miner, new = world.party("miner"), private_key("new")
    for ledger, whose, signer in (
        ("example.com/other", miner, new),
        (NAME, PARTY + "other", new),
        (NAME, miner, world.keys[miner]),
    ):
        proof = b64.encode(signer.sign(possession_message(ledger, whose, new.public.kid)))
        assert refusal(world, add(world, miner, new, proof=proof)) == ("key.possession", "$.proof")
    world.post(add(world, miner, new))


def test_a_key_is_registered_once_and_never_comes_back(world: World) -> None:
    miner = world.party("miner")
    event = add(world, miner, world.keys[miner])
    assert refusal(world, event) == ("key.registered", "$.jwk")
    by_registrar = world.key_event(miner, world.keys[miner]) | {"party": REGISTRAR}
    assert refusal(world, by_registrar) == ("key.registered", "$.jwk")
    other = world.party("trader")
    taken = world.key_event(other, world.keys[miner]) | {"party": other}
    assert refusal(world, taken) == ("key.registered", "$.jwk")


def test_a_key_is_limited_to_sites_of_its_party(world: World) -> None:
    miner, new = world.party("miner"), private_key("new")
    pit, pit_2 = world.site("pit"), world.site("pit-2")
    sites = [pit, pit_2]
    assert refusal(world, add(world, miner, new, sites=sites)) == ("site.operator", "$.sites[1]")
    assert refusal(world, add(world, miner, new, sites=[SITE + "no"])) == ("site.unknown", "$.sites[0]")


def test_a_key_is_of_a_registered_party(world: World) -> None:
    event = world.key_event(PARTY + "nobody", private_key("new"))
    assert refusal(world, event) == ("party.unknown", "$.subject")


# -- revocation


def live(world: World, subject: str) -> list[str]:
    return [kid for kid, _, _, alive in value(world, "keys", subject).known if alive]


def test_a_rotation_in_one_batch_leaves_the_new_key_alive(world: World) -> None:
    miner, new = world.party("miner"), private_key("new")
    old = world.keys[miner]
    key = world.event(add(world, miner, new))
    end = {"type": "revoke_key", "party": miner, "kid": old.public.kid, "reason": "rotation"}
    assert world.log.post([world.sign(key), world.sign(world.event(end))]).problems == []
    assert live(world, miner) == [new.public.kid]
    assert value(world, "status", f"key {new.public.kid}") is None


def test_since_ends_the_keys_that_the_key_added_and_theirs(world: World) -> None:
    miner = world.party("miner")
    chain = [private_key(name) for name in ("early", "late", "grandchild")]
    world.post(add(world, miner, chain[0]))
    world.tick(100)
    since = world.time
    world.post(add(world, miner, chain[1]))
    world.post(add(world, miner, chain[2]), chain[1])
    world.post(
        {"type": "revoke_key", "party": REGISTRAR, "kid": world.keys[miner].public.kid}
        | {"reason": "stolen", "since": since}
    )
    assert live(world, miner) == [chain[0].public.kid]
    index = world.store.head().size - 1
    for ended in (world.keys[miner], *chain[1:]):
        (mark,) = value(world, "status", f"key {ended.public.kid}").marks
        assert mark[0] == "revoked"
        assert mark[3] < world.now - 1000  # since, not the receipt
        assert touched(world, "key", ended.public.kid) == (index,)
    assert touched(world, "key", chain[0].public.kid) == ()


def test_who_may_end_a_key(world: World) -> None:
    miner, other = world.party("miner"), world.party("trader")
    end = {"type": "revoke_key", "kid": world.keys[miner].public.kid, "reason": "x"}
    assert refusal(world, end | {"party": other}) == ("registrar.key", "$")
    assert refusal(world, end | {"party": miner, "kid": "A" * 43}) == ("key.unknown", "$.kid")
    later = "2030-01-01T00:00:00Z"
    assert refusal(world, end | {"party": miner, "since": later}) == ("time.future", "$.since")
    world.post(end | {"party": REGISTRAR})
    assert live(world, miner) == []
    assert isinstance(value(world, "keys", miner), Keys)


def test_the_charters_keys_are_not_revoked_by_an_event(world: World) -> None:
    end = {"type": "revoke_key", "party": REGISTRAR, "kid": world.operator.public.kid, "reason": "x"}
    assert refusal(world, end) == ("key.charter", "$.kid")


def test_a_refusal_names_the_records_that_decided_it(world: World) -> None:
    from ledger.events import parse
    from ledger.rules import Context, Refusal
    from ledger.rules.fold import Fold
    from ledger.strictjson import dumps

    miner = world.party("miner")
    event = parse(dumps(world.event(world.key_event(miner, private_key("new")))))
    fold = Fold(lambda key: world.store.read([key]).get(key))
    head = world.store.head()
    found = fold.step(event, Context(head.size, world.now, world.registrar.public.kid, 0, "-"))
    assert isinstance(found, Refusal)
    assert found.keys == (Key("keys", miner),)
    assert event_ref(world.posted[0])["party"] == REGISTRAR
