"""What can be asked of one lot, and of one event."""

import pytest
from hypothesis import given, settings

from ledger import statement
from ledger.b64 import encode as b64
from ledger.lookup import queries
from ledger.merkle import leaf_hash
from ledger.quantity import format_instant
from tests.log.histories import History, histories
from tests.world import LOT, PARTY, SITE, World, event_ref

HOOD = LOT + "stamper:hood"


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    return world


# --- Lots


def test_a_lot_as_born_and_as_it_is(world: World) -> None:
    view = queries.lot(world.store, HOOD)
    assert view is not None
    found = view.as_json()
    birth = found["born"]
    assert {key: value for key, value in found.items() if key not in ("born", "history")} == {
        "id": HOOD,
        "material": "stamped_part",
        "kg": "8",
        "item": True,
        "role": "product",
        "used": "0",
        "left": "8",
        "withdrawn": False,
        "hold": {
            "holder": PARTY + "stamper",
            "site": SITE + "press",
            "since": birth["since"],
            "to": "",
            "shipment": None,
        },
        "owner": {"owner": PARTY + "stamper", "to": "", "transfer": None, "since": birth["since"]},
        "composition": [
            {"origin": f"mine {SITE}pit", "kg": "5.333"},
            {"origin": f"mine {SITE}pit-2", "kg": "2.667"},
        ],
        "traces": [],
        "marks": {"serial": "HOOD-1"},
        "attestations": [],
    }
    assert birth["event"] == world.last
    assert [(line["type"], line["party"], line["open"]) for line in found["history"]] == [
        ("transform", PARTY + "stamper", [])
    ]


def test_a_lot_that_is_not_there_is_none(world: World) -> None:
    assert queries.lot(world.store, "urn:example:none") is None
    assert queries.event(world.store, PARTY + "miner", "evt:none") is None


def test_a_lots_history_is_its_way_from_hand_to_hand() -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    other = world.source("pit", "other", "100")
    shipped = world.ship("pit", "refiner", {ore: "100", other: "100"})
    world.receive(shipped, "refinery", {ore: "90", other: "100"})
    received = world.last
    back = world.ship("refinery", "miner", {other: "100"})
    world.receive(back, "pit", {other: "100"})
    world.post(
        {
            "type": "transfer",
            "party": PARTY + "refiner",
            "to": PARTY + "trader",
            "lines": [{"lot": ore, "kg": "90"}],
        }
        | {"to": world.party("trader")}
    )
    transfer = world.last
    world.post(
        {"type": "receive", "party": PARTY + "trader", "of": transfer, "lines": [{"lot": ore, "kg": "90"}]}
    )
    world.correct(received, "dispute")
    world.attest(ore)
    world.attest(received)
    view = queries.lot(world.store, ore)
    assert view is not None
    assert [line.type for line in view.history] == [
        "source",
        "ship",
        "receive",
        "transfer",
        "receive",
        "correct",
        "attest",
        "attest",
    ]
    assert [mark.mark for mark in view.history[2].open] == ["difference", "disputed"]
    assert view.history[2].open[1].as_json() == {
        "mark": "disputed",
        "party": PARTY + "refiner",
        "event": {"party": PARTY + "refiner", "id": view.history[5].id},
        "since": format_instant(view.history[5].received),
    }
    assert (view.used, view.left) == (10_000, 90_000)
    assert [one.value.subject for one in view.attestations] == [ore, f"{received['party']} {received['id']}"]
    assert view.as_json()["attestations"][0]["valid_until"] > view.as_json()["attestations"][0]["valid_from"]
    assert view.as_json()["hold"]["shipment"] == shipped
    assert view.owner.owner == PARTY + "trader"
    beside = queries.lot(world.store, other)
    assert beside is not None
    assert [line.type for line in beside.history] == [
        "source",
        "ship",
        "receive",
        "ship",
        "receive",
        "correct",
        "attest",
    ]


def test_a_part_has_a_history_and_a_withdrawn_one_says_so() -> None:
    world = World()
    ore = world.source(
        "pit",
        "ore",
        "100",
        outputs=[
            {
                "lot": LOT + "miner:ore",
                "kg": "100",
                "material": "bauxite",
                "marks": {"heat": "H-1", "serial": "S-1"},
            }
        ],
    )
    shipped = world.ship("pit", "refiner", {ore: "40"}, {ore: "part"})
    part = LOT + "miner:part"
    view = queries.lot(world.store, part)
    assert view is not None
    assert (view.marks, [line.type for line in view.history]) == ((), ["ship"])
    assert view.as_json()["hold"]["to"] == PARTY + "refiner"
    world.correct(shipped, "withdraw")
    view = queries.lot(world.store, part)
    assert view is not None
    assert (view.hold.withdrawn, view.left) == (True, 0)
    assert [line.type for line in view.history] == ["ship", "correct"]
    assert [mark.mark for mark in view.history[0].open] == ["withdrawn"]
    view = queries.lot(world.store, ore)
    assert view is not None
    assert dict(view.marks) == {"heat": "H-1", "serial": "S-1"}
    assert view.left == 100_000
    world.correct(event_ref(next(e for e in world.posted if e["type"] == "source")), "withdraw")
    view = queries.lot(world.store, ore)
    assert view is not None
    assert (view.marks, view.left) == ((), 0)


@settings(max_examples=20)
@given(histories())
def test_every_writer_of_hold_and_owner_is_in_the_history(history: History) -> None:
    world = history.world
    moved: dict[str, list[str]] = {lot: [] for lot in history.lots}
    for event in world.posted:
        passes_on = event["type"] in ("ship", "receive", "transfer")
        for line in (*event.get("outputs", ()), *(event.get("lines", ()) if passes_on else ())):
            moved[line.get("as", line["lot"])].append(event["id"])
    for lot, expected in moved.items():
        view = queries.lot(world.store, lot)
        assert view is not None
        found = [line.id for line in view.history if line.type not in ("correct", "attest")]
        assert [id for id in expected if id in found] == expected


# --- Events


def test_an_event_with_its_entry_and_what_was_said_of_it() -> None:
    world = World()
    world.source("pit", "ore", "100")
    source = world.last
    of = world.attest(source)
    world.correct(source, "dispute")
    revoke = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": of, "status": "withdrawn"}
    world.post(revoke | {"since": world.time, "reason": "a test"})
    view = queries.event(world.store, **source)
    assert view is not None
    found = view.as_json()
    index = found["receipt"]["index"]
    data = world.store.entries_at((index,))[index]
    assert found["receipt"] == {
        "index": index,
        "leaf": b64(leaf_hash(data)),
        "received": format_instant(view.entry.received),
    }
    assert found["payload"] == next(event for event in world.posted if event_ref(event) == source)
    assert statement.parse(found["statement"]).kid == found["kid"] == world.keys[PARTY + "miner"].public.kid
    assert (found["charter"], found["at"], found["type"]) == (0, index, "source")
    assert [mark["mark"] for mark in found["open"]] == ["disputed"]
    assert [line["type"] for line in found["touched_by"]] == ["attest", "correct"]
    attest = queries.event(world.store, **of)
    assert attest is not None
    assert [line.type for line in attest.touched] == ["revoke_attestation"]
