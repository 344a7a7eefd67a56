"""The log: batches, duplicates, times; a receipt means durable, and only once."""

from typing import Any

import pytest

from ledger import intake, statement
from ledger.entry import decode
from ledger.errors import ClockError
from ledger.log import Posted, Receipt
from ledger.merkle import leaf_hash
from ledger.statement import sign
from tests.core.judging import register
from tests.log.mining import MINER, PIT, codes, gone, mined, size
from tests.world import LOT, World, private_key


@pytest.fixture
def world() -> World:
    world = World()
    world.site("pit")
    return world


# -- batches


def test_a_receipt_is_the_entrys_place(world: World) -> None:
    before = size(world)
    statements = [mined(world, "a"), mined(world, "b")]
    posted = world.log.post(statements)
    assert posted.problems == []
    for n, (receipt, text) in enumerate(zip(posted.outcomes, statements, strict=True)):
        assert isinstance(receipt, Receipt)
        data = world.store.entries_at([before + n])[before + n]
        entry = decode(data)
        assert receipt == Receipt(before + n, leaf_hash(data), entry.received, False)
        assert (entry.statement, entry.index, entry.received) == (text, before + n, world.now)


def test_a_batch_is_all_or_nothing(world: World) -> None:
    before = register(world)
    good, bad, later = mined(world, "a"), gone(world, "none"), mined(world, "b")
    assert codes(world.log.post([good, bad, later])) == [None, "lot.unknown", None]
    assert register(world) == before
    assert codes(world.log.post([good, later])) == ["", ""]


def test_everything_wrong_is_said_at_once(world: World) -> None:
    batch = [
        "nonsense",
        world.sign({"type": "source"}, world.keys[MINER]),
        mined(world, "a"),
        gone(world, "a", "11"),
        mined(world, "b") + "A",
        mined(world, "a"),
    ]
    posted = world.log.post(batch)
    assert codes(posted) == [
        "statement.form",
        "event.missing",
        None,
        "lot.overdrawn",
        "statement.signature",
        "lot.exists",
    ]
    paths = [problem.path for problem in posted.problems]
    assert paths[0].startswith("$[0]")
    assert "$[3].lines[0].kg" in paths
    assert "$[5].outputs[0].lot" in paths
    assert sum(path.startswith("$[1].") for path in paths) > 3


def test_proceeding_lets_each_stand_for_itself(world: World) -> None:
    before = size(world)
    batch = [gone(world, "a"), mined(world, "a"), "nonsense", gone(world, "a", "4"), gone(world, "a", "7")]
    posted = world.log.post(batch, proceed=True)
    assert codes(posted) == ["lot.unknown", "", "statement.form", "", "lot.overdrawn"]
    assert size(world) == before + 2
    # Again until nothing changes: what waited is in now, the rest is a duplicate or wrong for good.
    again = world.log.post(batch, proceed=True)
    assert codes(again) == ["lot.overdrawn", "", "statement.form", "", "lot.overdrawn"]
    assert [o.duplicate for o in again.outcomes if isinstance(o, Receipt)] == [True, True]


@pytest.mark.parametrize(
    ("bad", "read"),
    [("nonsense", intake.MOST_PROBLEMS), ("x" * 10**6, intake.MOST_MALFORMED // statement.MAX + 1)],
)
def test_behind_much_that_is_malformed_nothing_is_read(world: World, bad: str, read: int) -> None:
    batch = [bad] * (read - 1) + [mined(world, "a"), bad, mined(world, "b"), bad]
    found = codes(world.log.post(batch, proceed=True))
    assert found[read - 1] == ""
    assert found[read] not in ("", "statement.unread")
    assert found[read + 1 :] == ["statement.unread", "statement.unread"]
    assert codes(world.log.post(batch[read + 1 : read + 2], proceed=True)) == [""]


def test_a_dry_run_says_all_and_records_nothing(world: World) -> None:
    before = register(world)
    batch = [mined(world, "a"), gone(world, "a"), gone(world, "none")]
    for proceed in (False, True):
        found = world.log.post(batch, dry_run=True, proceed=proceed)
        assert codes(found) == [None, None, "lot.unknown"]
    assert register(world) == before
    world.log.post(batch[:1])
    known = world.log.post(batch[:2], dry_run=True)
    assert codes(known) == ["", None]


def test_nothing_is_a_batch_too(world: World) -> None:
    assert world.log.post([]) == Posted(())


def test_signatures_are_checked_in_a_large_batch_too(world: World) -> None:
    """More than one worker's share; the wrong ones are told apart from their neighbours."""
    batch = [mined(world, f"l{n}") for n in range(300)]
    head, payload, signature = batch[100].split(".")
    batch[100] = f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    outcomes = codes(world.log.post(batch, proceed=True))
    assert outcomes == ["statement.signature" if n == 100 else "" for n in range(len(batch))]


def test_public_keys_are_remembered_within_bounds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_KEYS", 1)
    for name in ("a", "b", "c"):
        world.party(name)
    assert codes(world.log.post([mined(world, "a")])) == [""]
    assert len(world.log._intake._keys) == 1


# -- duplicates


def test_the_same_event_again_gets_its_first_receipt(world: World) -> None:
    statement = mined(world, "a")
    (first,) = world.log.post([statement]).outcomes
    assert isinstance(first, Receipt)
    world.tick(1000)
    assert world.log.post([statement]).outcomes == (first._replace(duplicate=True),)
    assert size(world) == first.index + 1


def test_signed_again_with_another_key_it_is_the_same_event(world: World) -> None:
    new = private_key("second", "ES256")
    world.post(world.key_event(MINER, new) | {"party": MINER})
    event = world.event({"type": "exit", "party": MINER, "reason": "lost", "lines": []})
    statement = mined(world, "a")
    (first,) = world.log.post([statement]).outcomes
    from ledger.statement import parse

    again = sign(parse(statement).payload, new)
    (second,) = world.log.post([again]).outcomes
    assert isinstance(first, Receipt)
    assert second == first._replace(duplicate=True)
    assert event["id"] != "evt:0"


def test_spelt_differently_it_is_a_conflict(world: World) -> None:
    from ledger.statement import parse

    statement = mined(world, "a")
    world.log.post([statement])
    spaced = parse(statement).payload.replace(b'":', b'": ')
    assert codes(world.log.post([sign(spaced, world.keys[MINER])])) == ["event.conflict"]


def test_duplicates_within_a_batch(world: World) -> None:
    before, statement = size(world), mined(world, "a")
    one, two = world.log.post([statement, statement]).outcomes
    assert isinstance(one, Receipt)
    assert two == one._replace(duplicate=True)
    assert size(world) == before + 1
    other = mined(world, "b", id="evt:x")
    conflict = mined(world, "c", id="evt:x")
    assert codes(world.log.post([other, conflict])) == [None, "event.conflict"]
    # What was not recorded is no first receipt.
    again = world.log.post([other, other, gone(world, "none")])
    assert codes(again) == [None, None, "lot.unknown"]


# -- time


def test_received_never_goes_back_though_the_clock_may(world: World) -> None:
    world.post({"type": "source", "party": MINER, "site": PIT, "kind": "mine"} | outputs("a"))
    last = world.store.head().received
    world.now = last - 60_000
    (receipt,) = world.log.post([mined(world, "b")]).outcomes
    assert isinstance(receipt, Receipt)
    assert receipt.received == last
    world.now = last - 60_001
    with pytest.raises(ClockError) as caught:
        world.log.post([mined(world, "c")])
    assert caught.value.code == "clock.behind"
    world.now = last + 5
    (receipt,) = world.log.post([mined(world, "c")]).outcomes
    assert isinstance(receipt, Receipt)
    assert receipt.received == last + 5


def outputs(lot: str) -> dict[str, Any]:
    return {"outputs": [{"lot": f"{LOT}miner:{lot}", "kg": "10", "material": "bauxite"}]}
