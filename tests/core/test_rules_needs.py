"""Whoever holds only what an entry rests on admits it, and all that it rests on: what a proof is made of.

So the rules use a standing record in one direction only: what is missing never turns an admissible event
into a refused one.
"""

from itertools import starmap
from typing import Any

import pytest

from ledger import b64, events
from ledger.recordform import decode as record_of
from ledger.register import KINDS, NEEDED, STANDING, Key, Record, encode
from ledger.rules import Refusal
from ledger.rules.fold import Fold
from ledger.rules.named import named
from tests.core.judging import register
from tests.core.replaying import admitted, closure, replay
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, event_ref, private_key


def busy() -> World:
    """A ledger in which everything happened once: a hood, and all that can be said about it."""
    world = World()
    hood = world.hood()
    miner, press = PARTY + "miner", SITE + "press"
    shipment = event_ref(next(event for event in world.posted if event["type"] == "ship"))
    for party in (miner, REGISTRAR):
        world.correct(shipment, "dispute", party)
    world.correct(shipment, "resolve", miner)
    world.correct(shipment, "resolve", REGISTRAR)
    world.correct(shipment, "amend")
    attested = world.attest(hood)
    world.attest(press)
    for status in ("suspended", "reinstated", "withdrawn"):
        event = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": attested}
        world.post(event | {"status": status, "since": world.time, "reason": "a test"})
    # Keys: one more, a rotation, a theft, and the registrar's help.
    second, third = private_key("second"), private_key("third")
    world.post(world.key_event(miner, second) | {"party": miner})
    since = world.time
    world.post(world.key_event(miner, third) | {"party": miner}, second)
    world.post(
        {"type": "revoke_key", "party": miner, "kid": second.public.kid, "reason": "stolen", "since": since}
    )
    world.revoke_key(miner)
    world.keys[miner] = private_key("fourth")
    world.post(world.key_event(miner, world.keys[miner]))
    # A suspension, and a charter amended twice.
    replaces: dict[str, str] | None = None
    for status in ("suspended", "active"):
        said: dict[str, Any] = {"type": "party", "party": REGISTRAR, "subject": miner, "name": "Miner"}
        said |= {"country": "CA", "roles": ["miner"], "prefixes": [LOT + "miner:"], "status": status}
        first = next(e for e in world.posted if e["type"] == "party" and e["subject"] == miner)
        world.post(said | {"replaces": replaces or {"party": REGISTRAR, "id": first["id"]}})
        replaces = world.last
    world.post({"type": "amend", "party": REGISTRAR, "rules": 1})
    world.tick(90_000)
    more = world.source("pit", "more", "500")
    # Done, taken back and done again, in every way.
    sent = world.ship("pit", "refiner", {more: "500"})
    world.correct(sent, "withdraw")
    sent = world.ship("pit", "refiner", {more: "500"})
    got = world.receive(sent, "refinery", {more: "480"}, weighing={"ticket": "T-1"})
    world.correct(got, "withdraw")
    got = world.receive(sent, "refinery", {more: "490"}, weighing={"ticket": "T-1"})
    world.correct(got, "resolve", miner)
    sale = {
        "type": "transfer",
        "party": PARTY + "refiner",
        "to": miner,
        "lines": [{"lot": more, "kg": "490"}],
    }
    world.post(sale)
    world.post({"type": "receive", "party": miner, "of": world.last, "lines": sale["lines"]})
    world.correct(world.last, "withdraw")
    lines = [{"lot": more, "kg": "480"}]
    sold = event_ref(next(event for event in world.posted if event["type"] == "transfer"))
    world.post({"type": "receive", "party": miner, "of": sold, "lines": lines})
    counted = {"type": "count", "party": PARTY + "refiner", "site": SITE + "refinery", "basis": "level"}
    world.post(counted | {"lines": lines})
    _books(world)
    world.post({"type": "exit", "party": PARTY + "stamper", "reason": "installed", "into": "urn:car:1"}
               | {"lines": [{"lot": hood, "kg": "8"}]})  # fmt: skip
    root = {"type": "register", "party": REGISTRAR, "size": world.store.head().size, "depth": 5}
    world.post(root | {"root": b64.encode_std(bytes(32))}, world.operator)
    return world


def _books(world: World) -> None:
    """Accounts and an agreement: certified scrap is collected, sold, blended, sold on, taken back."""
    yard, works = PARTY + "collector", PARTY + "remelter"
    world.site("yard"), world.site("recycler")
    day = world.time[:10]
    scheme, scrap = {"scheme": "asi_coc"}, "post_consumer_scrap"
    for party, site in ((yard, "yard"), (works, "recycler")):
        event: dict[str, Any] = {"type": "account", "party": party, "account": world.lot(party, "account")}
        event |= scheme | {
            "sites": [SITE + site],
            "materials": [scrap],
            "period": f"{day}/{day}",
            "yield": "1",
        }
        world.post(event | {"overdraft": "0.2"})
    terms = {"material": scrap, "years": [{"year": 2026, "kg": "1000"}], "destination": SITE + "recycler"}
    world.post({"type": "agree", "party": yard, "with": works, "terms": terms})
    offer = world.last
    world.post({"type": "agree", "party": works, "with": yard, "terms": terms, "of": offer})
    for n in ("1", "2"):
        kind = {"kind": "collection", "material": scrap, "account": world.lot(yard, "account")}
        lot = world.source("yard", f"scrap-{n}", "100", **kind)
        coc = scheme | {"document": f"COC-{n}", "account": world.lot(yard, "account")}
        sent = world.ship("yard", "remelter", {lot: "100"}, coc=coc, agreement=offer)
        world.receive(sent, "recycler", {lot: "100"})
        booked = {"account": world.lot(works, "account")}
        drawn = [{"carrier": "electricity", "amount": "7", "unit": "MWh", "instrument": "urn:goo:1"}]
        (made,) = world.transform(
            "recycler", "blend", {lot: "80"}, {f"made-{n}": (scrap, "80")}, energy=drawn, **booked
        )
        coc |= {"force_majeure": "ice"} | booked
        world.ship("recycler", "collector", {made: "70"}, {made: f"part-{n}"}, coc=coc)
    world.correct(world.last, "withdraw")
    world.tick(86_400)
    world.post({"type": "close", "party": works, "account": world.lot(works, "account")})
    tomorrow = world.time[:10]
    world.post(event | {"account": world.lot(works, "account-2"), "period": f"{tomorrow}/{tomorrow}"}
               | {"before": world.lot(works, "account")})  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return busy()


def test_everything_happened(world: World) -> None:
    assert {event["type"] for event in world.posted} == set(events.EVENT_TYPES)


def test_the_closure_of_every_entrys_needs_admits_all_of_it(world: World) -> None:
    store = world.store
    for index in range(store.head().size):
        parts = closure(store, [index])
        again = replay(store.entries_at(parts))
        assert again.refused == {}, (index, parts)
        for part, step in again.steps.items():
            assert not isinstance(step, Refusal)
            assert step.needs == store.needs((part,))[part]


def test_and_so_does_the_closure_of_all_that_was_said(world: World) -> None:
    store = world.store
    for index in range(store.head().size):
        assert replay(store.entries_at(closure(store, [index], touches=True))).refused == {}, index


def test_needs_are_the_writers_of_what_was_read_and_never_standing(world: World) -> None:
    """Read by read: each write-once or chained record is a need, and nothing else is."""
    store = world.store
    state: dict[Key, Record | None] = {}
    for index, data in enumerate(store.entries(0, store.head().size)):
        asked: set[Key] = set()

        def fetch(key: Key, asked: set[Key] = asked, now: Any = state) -> Record | None:
            asked.add(key)
            found: Record | None = now.get(key)
            return found

        _, step = admitted(Fold(fetch), data)
        found = {key: state[key] for key in asked if state.get(key)}
        needs = {record.at for key, record in found.items() if record and key.kind in NEEDED}
        assert step.needs == tuple(sorted(needs)) == store.needs((index,))[index]
        assert all(need < index for need in step.needs)
        state |= step.records


JUDGED_BY_NAME = {
    "account", "agree", "close", "count", "receive", "ship", "source", "transfer", "transform",
}  # fmt: skip
FOUND_ON_THE_WAY = {"charter", "event", "key", "spent", "status", "stock", "transit"}
"""Records whose ids another record tells, or the signature: an event alone does not."""


def test_what_is_done_with_metal_is_judged_by_what_it_names() -> None:
    """So that a commit reads it in one query, and a proof knows what its entries rest on."""
    known: dict[Key, Record] = {}
    asked: set[Key] = set()
    done = set()

    def fetch(key: Key) -> Record | None:
        asked.add(key)
        return known.get(key)

    world = busy()
    scrap = world.scrap("yard", "last", "9")
    world.ship("yard", "remelter", {scrap: "5"}, {scrap: "its-part"})
    for data in world.store.entries(0, world.store.head().size):
        asked.clear()
        event, step = admitted(Fold(fetch), data)
        if event.type in JUDGED_BY_NAME:
            done.add(event.type)
            more = asked - {*starmap(Key, named(event))}
            assert {key for key in more if key.kind not in FOUND_ON_THE_WAY} == set(), event
        known |= step.records
    assert done == JUDGED_BY_NAME


def test_a_step_taken_back_leaves_no_trace(world: World) -> None:
    store = world.store
    whole = replay(dict(enumerate(store.entries(0, store.head().size)))).register
    fold = Fold(lambda key: None)
    marks = []
    for data in store.entries(0, store.head().size):
        marks.append((fold.mark(), {key: record for key, record in fold.state.items() if record}))
        admitted(fold, data)
    assert {key: record for key, record in fold.state.items() if record} == whole == register(world)
    for mark, before in reversed(marks):
        fold.undo(mark)
        assert {key: record for key, record in fold.state.items() if record} == before


def test_records_have_one_byte_form(world: World) -> None:
    seen = set()
    for key, record in register(world).items():
        seen.add(key.kind)
        data = encode(record)
        assert record_of(key.kind, data) == record
        assert encode(record_of(key.kind, data)) == data
        assert data.startswith(f"[{record.at}".encode())
    assert seen == set(KINDS)
    assert NEEDED.isdisjoint(STANDING)
