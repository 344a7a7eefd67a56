"""What must hold of every event: identity, ledger, charter in force, time, key, party and site."""

from typing import Any

import pytest

from ledger.log import Log, Receipt, Refused
from ledger.quantity import format_time
from ledger.register import Charters, Key, Record
from ledger.rules import Context, Refusal
from ledger.rules.admission import in_force
from ledger.rules.fold import Fold
from ledger.store.memory import MemoryStore
from tests.core.judging import refusal, value
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, private_key

MINER, PIT = PARTY + "miner", SITE + "pit"


@pytest.fixture
def world() -> World:
    world = World()
    world.site("pit")
    return world


def mined(lot: str = "ore", **more: Any) -> dict[str, Any]:
    outputs = [{"lot": f"{LOT}miner:{lot}", "kg": "10", "material": "bauxite"}]
    event = {"type": "source", "party": MINER, "site": PIT, "kind": "mine", "outputs": outputs}
    return event | more


def test_an_event_of_this_party_and_id_is_admitted_once(world: World) -> None:
    world.post(mined(id="evt:once"))
    assert refusal(world, mined("ore-2", id="evt:once")) == ("event.conflict", "$.id")


def test_the_same_id_of_another_party_is_another_event(world: World) -> None:
    world.post(mined(id="evt:once"))
    pit_2 = world.site("pit-2")
    outputs = [{"lot": f"{LOT}miner-2:ore", "kg": "10", "material": "bauxite"}]
    event = {"type": "source", "party": PARTY + "miner-2", "site": pit_2, "kind": "mine", "outputs": outputs}
    world.post(event | {"id": "evt:once"})


def test_the_rules_themselves_refuse_a_duplicate_too(world: World) -> None:
    """A proof that holds an event twice is no proof: there is no writer there who returns receipts."""
    whole = world.event(mined())
    world.post(whole)
    record = world.store.read([Key("event", f"{MINER} {whole['id']}")])
    known = record[Key("event", f"{MINER} {whole['id']}")]
    fold = Fold(lambda key: world.store.read([key]).get(key))
    again = judge(world, fold, whole, digest=known.value.digest)
    assert isinstance(again, Refusal)
    assert (again.code, again.path) == ("event.duplicate", "$.id")


def judge(world: World, fold: Fold, event: dict[str, Any], **context: Any) -> Any:
    from ledger.events import parse
    from ledger.strictjson import dumps

    head = world.store.head()
    given: dict[str, Any] = {
        "index": head.size,
        "received": world.now,
        "kid": private_key("miner").public.kid,
        "charter": 0,
    }
    return fold.step(parse(dumps(event)), Context(**(given | {"digest": "-"} | context)))


def test_a_statement_for_another_ledger_is_refused(world: World) -> None:
    assert refusal(world, mined(ledger="example.com/other")) == ("event.ledger", "$.ledger")


def test_the_first_entry_is_the_charter_and_the_only_one(world: World) -> None:
    log = Log(MemoryStore(), lambda: world.now)
    with_key = world.sign(world.event(mined()))
    (outcome,) = log.post([with_key]).outcomes
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "key.unknown"
    fold = Fold(lambda key: None)
    first = judge(world, fold, world.event(mined()), index=0)
    assert (first.code, first.path) == ("charter.first", "$.type")
    log.close()


def test_without_the_charters_nothing_is_judged(world: World) -> None:
    found = judge(world, Fold(lambda key: None), world.event(mined()))
    assert (found.code, found.path, found.waiting_for) == ("charter.unknown", "$", "charters")


def test_an_entry_is_judged_by_the_charter_in_force_only(world: World) -> None:
    fold = Fold(lambda key: world.store.read([key]).get(key))
    found = judge(world, fold, world.event(mined()), charter=1)
    assert (found.code, found.path) == ("charter.not_in_force", "$")
    assert found.keys == (Key("charters", ""),)


def test_the_latest_amendment_in_force_counts_and_a_forger_gets_the_first() -> None:
    charters = Charters(((0, 100), (5, 200), (9, 300)))
    assert [in_force(charters, at) for at in (99, 100, 199, 200, 299, 300, 1000)] == [0, 0, 0, 5, 5, 9, 9]


# -- time


def test_five_minutes_ahead_are_let_through_and_not_a_second_more(world: World) -> None:
    assert refusal(world, mined(time=format_time(world.now // 1000 + 301))) == ("time.future", "$.time")
    world.post(mined(time=format_time(world.now // 1000 + 300)))


def test_an_event_begins_before_it_ends(world: World) -> None:
    later = format_time(world.now // 1000 + 1)
    assert refusal(world, mined() | {"from": later}) == ("time.from", "$.from")
    world.post(mined() | {"from": world.time})


def test_late_posting_is_allowed(world: World) -> None:
    world.post(mined(time="2020-01-01T00:00:00Z"))
    assert value(world, "lot", f"{LOT}miner:ore").since == 1577836800


def test_nor_with_ones_own_before_it_came_to_the_site() -> None:
    """Whose it is has not changed, and it was there all the time; at this site it was not."""
    world = World()
    world.site("works-2", "smelter", "casthouse")
    lot = world.source("smelter", "metal", "50", "gain", "liquid_aluminium")
    shipment, left = world.ship("smelter", "smelter", {lot: "50"}, title="stays"), world.time
    world.tick(3_600)
    world.receive(shipment, "works-2", {lot: "50"})
    outputs = [{"lot": LOT + "smelter:binned", "kg": "50", "material": "liquid_aluminium"}]
    event = {"type": "transform", "party": PARTY + "smelter", "site": SITE + "works-2", "process": "bin"}
    event |= {"model": "segregated", "inputs": [{"lot": lot, "kg": "50"}], "outputs": outputs}
    assert refusal(world, event | {"time": left}) == ("time.before", "$.time")
    world.post(event)


def test_nothing_is_done_with_a_lot_before_it_arrived(world: World) -> None:
    """Though it was there, elsewhere, long before."""
    ore = world.source("pit", "ore", "10")
    refinery = world.site("refinery")
    sent = world.ship("pit", "refiner", {ore: "10"})
    world.tick(1000)
    world.receive(sent, "refinery", {ore: "10"})
    arrived = value(world, "hold", ore).since
    leaves: dict[str, Any] = {"type": "exit", "party": PARTY + "refiner", "reason": "lost"}
    leaves |= {"lines": [{"lot": ore, "kg": "10"}]}
    early = leaves | {"time": format_time(arrived - 1)}
    assert refusal(world, early) == ("time.before", "$.time")
    world.post(leaves | {"time": format_time(arrived)})
    assert value(world, "hold", ore).site == refinery


# -- the signing key


def test_a_key_speaks_for_its_own_party_only(world: World) -> None:
    world.party("smelter")
    assert refusal(world, mined(), world.keys[PARTY + "smelter"]) == ("key.other_party", "$.party")
    assert refusal(world, mined(party=REGISTRAR), world.keys[MINER]) == ("key.other_party", "$.party")


def test_a_key_that_nobody_registered_signs_nothing(world: World) -> None:
    assert refusal(world, mined(), private_key("stranger")) == ("key.unknown", "$")
    elsewhere = mined() | {"ledger": "example.com/another"}
    assert refusal(world, elsewhere, private_key("stranger")) == ("event.ledger", "$.ledger"), "that is wrong"
    found = judge(
        world, Fold(lambda key: world.store.read([key]).get(key)), world.event(mined()), kid="A" * 43
    )
    assert (found.code, found.path, found.waiting_for) == ("key.unknown", "$", "A" * 43)


def test_a_revoked_key_signs_nothing_from_then_on_however_the_event_is_dated(world: World) -> None:
    world.post(mined("before"))
    world.revoke_key(MINER)
    assert refusal(world, mined()) == ("key.revoked", "$")
    assert refusal(world, mined(time="2020-01-01T00:00:00Z")) == ("key.revoked", "$")


@pytest.mark.parametrize("use", ["operator", "recovery"])
def test_the_charters_other_keys_sign_no_events(world: World, use: str) -> None:
    key = private_key(use)
    assert refusal(world, mined(party=REGISTRAR), key) == ("key.reserved", "$")


def test_the_registrars_key_keeps_to_the_registry(world: World) -> None:
    """Else whoever admits parties could also post metal, without a party's key or standing."""
    world.post(
        {"type": "party", "party": REGISTRAR, "subject": REGISTRAR, "name": "R", "country": "CA"}
        | {"roles": ["registrar", "certifier"], "prefixes": [LOT + "registrar:"]}
    )
    site = {"type": "site", "party": REGISTRAR, "subject": SITE + "own", "operator": REGISTRAR}
    world.post(site | {"kinds": ["mine"], "country": "CA", "subdivision": "CA-QC"})
    outputs = [{"lot": LOT + "registrar:1", "kg": "1", "material": "bauxite"}]
    event = mined(party=REGISTRAR, site=SITE + "own", outputs=outputs)
    assert refusal(world, event) == ("key.reserved", "$")
    about = {"type": "attest", "party": REGISTRAR, "subject": MINER, "scheme": "x", "status": "certified"}
    valid = {"valid_from": world.time, "valid_until": "2030-01-01T00:00:00Z"}
    assert refusal(world, about | valid) == ("key.reserved", "$")
    # With a key of its own party it may.
    own = private_key("registrar-own")
    world.post(world.key_event(REGISTRAR, own))
    world.post(event, own)


def test_a_party_that_is_suspended_or_closed_posts_nothing(world: World) -> None:
    said: dict[str, Any] = {
        "type": "party",
        "party": REGISTRAR,
        "subject": MINER,
        "name": "Miner",
        "country": "CA",
    }
    said |= {"roles": ["miner"], "prefixes": [LOT + "miner:"]}
    replaces = {"party": REGISTRAR, "id": value(world, "party", MINER).event.split(" ")[1]}
    for status, code in (("suspended", "party.suspended"), ("closed", "party.closed")):
        world.post(said | {"status": status, "replaces": replaces})
        replaces = world.last
        assert refusal(world, mined()) == (code, "$.party")
    world.post(said | {"replaces": replaces})
    world.post(mined())


def test_a_site_that_is_suspended_or_closed_takes_no_events(world: World) -> None:
    said = {"type": "site", "party": REGISTRAR, "subject": PIT, "operator": MINER, "kinds": ["mine"]}
    said |= {"country": "CA", "subdivision": "CA-QC"}
    replaces = {"party": REGISTRAR, "id": value(world, "site", PIT).event.split(" ")[1]}
    for status, code in (("suspended", "site.suspended"), ("closed", "site.closed")):
        world.post(said | {"status": status, "replaces": replaces})
        replaces = world.last
        assert refusal(world, mined()) == (code, "$.site")
    world.post(said | {"replaces": replaces})
    world.post(mined())


def test_a_party_works_at_its_own_sites_only(world: World) -> None:
    world.site("pit-2")
    assert refusal(world, mined(site=SITE + "pit-2")) == ("site.operator", "$.site")
    assert refusal(world, mined(site=SITE + "nowhere")) == ("site.unknown", "$.site")


# -- keys that are limited to sites


@pytest.fixture
def limited(world: World) -> World:
    """The miner has a second pit, and a key ``scale`` for the first alone."""
    world.site("annex", "miner", "mine")
    scale = private_key("scale")
    added = world.key_event(MINER, scale, [PIT]) | {"party": MINER}
    world.post(added)
    world.keys["scale"] = scale
    return world


def test_a_limited_key_signs_for_its_sites_alone(limited: World) -> None:
    scale = limited.keys["scale"]
    limited.post(mined(), scale)
    assert refusal(limited, mined("ore-2", site=SITE + "annex"), scale) == ("key.site", "$.site")


def test_a_limited_key_lets_nothing_leave_elsewhere(limited: World) -> None:
    scale = limited.keys["scale"]
    limited.post(mined())
    limited.post(mined("far", site=SITE + "annex"))
    leaves = {"type": "exit", "party": MINER, "reason": "sold_outside"}
    far, near = ([{"lot": f"{LOT}miner:{lot}", "kg": "1"}] for lot in ("far", "ore"))
    assert refusal(limited, leaves | {"lines": far}, scale) == ("key.site", "$.lines[0].lot")
    limited.post(leaves | {"lines": near}, scale)


def test_a_limited_key_sells_nothing(limited: World) -> None:
    limited.post(mined())
    sale = {"type": "transfer", "party": MINER, "to": limited.party("trader")}
    event = sale | {"lines": [{"lot": f"{LOT}miner:ore", "kg": "10"}]}
    assert refusal(limited, event, limited.keys["scale"]) == ("key.site", "$")


def test_a_limited_key_makes_and_ends_no_key_that_can_do_more(limited: World) -> None:
    scale, new = limited.keys["scale"], private_key("new")
    key = limited.key_event(MINER, new) | {"party": MINER}
    assert refusal(limited, key, scale) == ("key.site", "$.sites")
    assert refusal(limited, key | {"sites": [PIT, SITE + "annex"]}, scale) == ("key.site", "$.sites")
    limited.post(key | {"sites": [PIT]}, scale)
    end = {"type": "revoke_key", "party": MINER, "reason": "x"}
    whole = limited.keys[MINER].public.kid
    assert refusal(limited, end | {"kid": whole}, scale) == ("key.site", "$.kid")
    limited.post(end | {"kid": new.public.kid}, scale)


def test_a_limited_key_corrects_only_what_such_a_key_signed(limited: World) -> None:
    scale = limited.keys["scale"]
    limited.post(mined("whole"))
    whole = limited.last
    limited.post(mined("own"), scale)
    own = limited.last
    correct = {"type": "correct", "party": MINER, "action": "withdraw", "reason": "x"}
    assert refusal(limited, correct | {"of": whole}, scale) == ("key.site", "$.of")
    limited.post(correct | {"of": own}, scale)


def test_what_the_fold_reads_it_asks_for_once() -> None:
    asked: list[Key] = []

    def fetch(key: Key) -> Record | None:
        asked.append(key)
        return None

    fold = Fold(fetch)
    key = Key("charters", "")
    assert (fold.read(key), fold.read(key), asked) == (None, None, [key])


def test_receipts_are_what_try_post_returns(world: World) -> None:
    assert isinstance(world.try_post(mined()), Receipt)


def test_a_refusal_does_not_list_all_the_sites_of_a_key(world: World) -> None:
    """Thousands of refusals in one answer would each hold them all."""
    sites = [world.site(f"pit-of-{n}", "miner", "mine") for n in range(6)]
    scale = private_key("scale")
    world.post(world.key_event(MINER, scale, sites) | {"party": MINER})
    outcome = world.try_post(mined(), scale)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].detail.endswith(f"registered for {', '.join(sites[:3])} and 3 more only")
