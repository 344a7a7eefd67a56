"""Histories: all entries about a lot, or of a party's month, and nothing else."""

from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Malformed
from ledger.history import Subject, build, entries_of
from ledger.register import Key
from ledger.verify import check
from tests.check.busy import Busy
from tests.core import chaining
from tests.redteam.known import Ledger, file, taken_apart
from tests.world import LOT, PARTY, REGISTRAR, World


@cache
def busy(seed: int) -> tuple[World, Ledger]:
    world = Busy(seed, 70).world
    world.publish()
    return world, Ledger(world.store)


@cache
def chains(seed: int) -> dict[Key, list[int]]:
    """By definition: of each lot and month its entries."""
    world, _ = busy(seed)
    return chaining.seen(list(world.store.entries(0, world.store.head().size)))


def subjects(known: Ledger) -> list[Subject]:
    lots = [Subject(lot=lot) for kind, lot in known.keys if kind == "lot"]
    months = [key.id.rpartition(" ") for key in known.keys if key.kind == "posted"]
    return lots + [Subject(party=party, month=month) for party, _, month in months]


def verdict(world: World, data: bytes) -> str:
    return check([data], world.trust).verdict


@pytest.mark.parametrize("seed", range(4))
def test_of_everything_in_a_busy_ledger(seed: int) -> None:
    """As a replay of all entries finds them."""
    world, known = busy(seed)
    told = 0
    for subject in subjects(known):
        wanted = list(chains(seed).get(subject.key, []))
        if subject.lot:
            records = world.store.read([Key("lot", subject.lot)])
            wanted = [records[Key("lot", subject.lot)].at, *wanted]
        if not wanted:
            continue
        assert [piece.index for piece in entries_of(world.store, subject, known.size - 1)] == wanted
        data = build(world.store, subject)
        (found,) = check([data], world.trust).proofs
        assert check([data], world.trust).verdict == "holds", found.findings
        assert found.subject == subject.text
        told += 1
    assert told > 10


@pytest.mark.unmeasured
@given(st.integers(0, 3), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_nothing_can_be_taken_out_put_in_or_swapped(seed: int, chance: Random) -> None:
    world, known = busy(seed)
    subject = chance.choice([one for one in subjects(known) if one.lot or chains(seed).get(one.key)])
    claim = taken_apart(known, build(world.store, subject))
    told = claim.entries - {known.size - 1}
    gone = set(chance.sample(sorted(told), chance.randint(1, min(2, len(told)))))
    more = set(chance.sample(sorted(set(known.pieces) - claim.entries), chance.randint(1, 2)))
    for entries in (claim.entries - gone, claim.entries | more, claim.entries - gone | more):
        assert verdict(world, file(known, claim._replace(entries=entries))) == "does not hold"
    other = chance.choice(subjects(known))
    if other != subject:
        relabelled = file(known, claim._replace(subject=other.text))
        assert verdict(world, relabelled) in ("does not hold", "not provable")
    hidden = claim._replace(records=frozenset(), buckets=frozenset())
    assert verdict(world, file(known, hidden)) != "holds"


def test_a_history_is_as_of_its_checkpoint() -> None:
    world = World()
    hood = world.hood()
    world.publish()
    before = build(world.store, Subject(lot=hood))
    month = build(world.store, Subject(party=PARTY + "stamper", month="2026-03"))
    world.hand_over("press", "plant", {hood: "8"})
    world.attest(hood)
    assert build(world.store, Subject(lot=hood)) == before
    assert build(world.store, Subject(party=PARTY + "stamper", month="2026-03")) == month
    world.publish()
    assert len(build(world.store, Subject(lot=hood))) > len(before)


def test_a_month_is_that_of_the_events_own_time() -> None:
    world = World()
    world.source("pit", "late", "1", time="2026-02-28T23:59:59Z")
    late = world.store.head().size - 1
    world.source("pit", "now", "1")
    world.publish()
    found = entries_of(world.store, Subject(party=PARTY + "miner", month="2026-02"), world.store.map().size)
    assert [piece.index for piece in found] == [late]


def test_register_events_are_in_no_month() -> None:
    world = World()
    world.publish()
    world.hood()
    world.publish()
    data = build(world.store, Subject(party=REGISTRAR, month="2026-03"))
    assert verdict(world, data) == "holds"
    known = Ledger(world.store)
    types = [known.pieces[index].event.type for index in taken_apart(known, data).entries]  # type: ignore[union-attr]
    assert types.count("register") == 1  # the last entry, which states the root


def test_what_nobody_knows() -> None:
    world = World()
    world.hood()
    for subject in (Subject(lot=LOT + "nobody:1"), Subject(party=PARTY + "roller", month="1999-12")):
        with pytest.raises(Malformed) as refused:
            build(world.store, subject)
        assert refused.value.code == "proof.unpublished"
    world.publish()
    later = world.source("pit", "later", "1")
    for subject in (
        Subject(lot=LOT + "nobody:1"),
        Subject(lot=later),
        Subject(party=PARTY + "roller", month="1999-12"),
        Subject(party=PARTY + "nobody", month="2026-03"),
    ):
        with pytest.raises(Malformed) as refused:
            build(world.store, subject)
        assert refused.value.code == "history.unknown"


def test_a_lot_whose_birth_was_withdrawn_still_has_its_history() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "5")
    world.correct(world.last, "withdraw")
    world.publish()
    data = build(world.store, Subject(lot=scrap))
    assert verdict(world, data) == "holds"
    (told,) = check([data], world.trust).proofs
    assert "withdrawn" not in dict(told.asked())[8], "that it is complete says nothing of how the lot stands"
    assert [
        piece.event.type
        for piece in entries_of(world.store, Subject(lot=scrap), world.store.map().size)
        if piece.event
    ] == ["source", "correct"]
