"""Short proofs: of the register's root and of the subject alone."""

from typing import Any

import pytest

from ledger.check.report import FAIL
from ledger.merkle import multiproof
from ledger.proof import SHORT, Horizon, build
from ledger.prooffile import decode, encode
from ledger.store.memory import MemoryStore
from ledger.tiles import hash_reader
from ledger.trust import Trust
from ledger.verify import check
from tests.check.resting import bad, checked
from tests.world import LOT, PARTY, SITE, World, event_ref, private_key


@pytest.fixture(scope="module")
def hood() -> tuple[World, str]:
    world = World()
    lot = world.hood()
    world.publish()
    return world, lot


def test_a_short_proof_has_no_charter_but_its_leaf(hood: tuple[World, str]) -> None:
    world, lot = hood
    data = build(world.store, lot, horizon=SHORT)
    assert len(decode(data).entries) == 1
    assert len(data) < 6_000
    assert check([data], world.trust).verdict == "not provable"
    found = checked(world, data)
    assert not bad(found)
    said = " ".join(f.sentence for f in found.findings if f.check == 7)
    assert f"As of the checkpoint, it is held by {PARTY}stamper at {SITE}press" in said
    assert f"From {lot} back, every path ends in 1 proven record." in said


def test_a_short_proof_that_extends_what_was_seen() -> None:
    """It has the earlier checkpoint's last entry beside its own, on which the lot does not rest."""
    world = World()
    lot = world.hood()
    world.publish()
    seen = world.store.checkpoint() or ""
    world.site("plant")
    world.publish()
    data = build(world.store, lot, horizon=SHORT, seen=[seen])
    assert len(decode(data).entries) == 2
    assert check([data], world.trust, seen=[seen], accept_root=True).verdict == "holds"
    assert check([data], world.trust, seen=[seen]).verdict == "not provable"  # as any short proof


def test_a_short_proof_with_an_entry_on_which_the_lot_rests(hood: tuple[World, str]) -> None:
    """Then it is judged, and what it rests on itself is not there."""
    world, lot = hood
    born, size = world.store.head().size - 2, world.store.head().size
    rows = world.store.entries_at({born, size - 1})
    short = decode(build(world.store, lot, horizon=SHORT))
    hashes = multiproof(sorted(rows), size, hash_reader(world.store.tile, size))
    texts = tuple(rows[index].decode() for index in sorted(rows))
    data = encode(short._replace(entries=texts, hashes=tuple(hashes)))
    (found,) = check([data], world.trust, accept_root=True).proofs
    assert (5, "missing.key") in bad(found)


def test_a_short_proof_of_another_ledger(hood: tuple[World, str]) -> None:
    world, lot = hood
    data = build(world.store, lot, horizon=SHORT)
    other = World(start="2026-03-05T06:00:00Z")
    (found,) = check([data], other.trust, accept_root=True).proofs
    assert (8, "map.root") in bad(found)  # which is made with the charter


def test_a_short_proof_where_the_logs_key_is_not_the_operators(hood: tuple[World, str]) -> None:
    """The trust file's log has another key by now: whose root this is only the charter could say."""
    world, lot = hood
    data = build(world.store, lot, horizon=SHORT)
    thief = private_key("thief").public.raw
    from ledger.note import ed25519_vkey

    text = world.trust_text()
    line = f"log {ed25519_vkey(world.name, thief)}\n"
    (found,) = check([data], Trust.parse(line + text.partition("\n")[2]), accept_root=True).proofs
    assert {(2, "note.unsigned"), (5, "missing.charter")} <= bad(found)
    both = Trust.parse(line + text)
    assert check([data], both, accept_root=True).verdict == "holds"


def test_as_of_the_checkpoint_while_posting_goes_on(hood: tuple[World, str]) -> None:
    world = World()
    lot = world.hood()
    world.site("plant")
    world.publish()
    before = {
        horizon: build(world.store, lot, horizon=horizon) for horizon in (None, SHORT, Horizon(depth=2))
    }
    shipment = world.ship("press", "maker", {lot: "8"})
    world.attest(lot)
    world.attest(LOT + "roller:coil")
    world.correct(shipment, "dispute")
    after = {horizon: build(world.store, lot, horizon=horizon) for horizon in before}
    assert after == before
    world.publish()
    assert checked(world, build(world.store, lot)).verdict(8) == FAIL
    assert check([after[None]], world.trust).verdict == "holds"  # as of its own checkpoint


def test_a_new_checkpoint_is_published_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof is of the one that was the last when it was asked for."""
    world = World()
    lot = world.hood()
    world.publish()
    before = world.store.checkpoint()
    real: Any = MemoryStore.touches
    asked: list[object] = []

    def touches(store: MemoryStore, keys: object) -> object:
        if not asked:
            asked.append(keys)
            world.scrap("yard", "meanwhile", "5")
            world.publish()
        return real(store, keys)

    monkeypatch.setattr(MemoryStore, "touches", touches)
    data = build(world.store, lot)
    assert asked
    assert decode(data).checkpoint == before
    assert check([data], world.trust).verdict == "holds"


def test_one_dispute_is_told_once_and_one_of_a_kind_as_one() -> None:
    """The hood is held, owned and born by one event; each of the three looks whether that is disputed."""
    world = World()
    lot = world.hood()
    stamped = next(event_ref(event) for event in world.posted if event.get("process") == "stamp")
    world.correct(stamped, "dispute")
    world.publish()
    found = checked(world, build(world.store, lot, horizon=SHORT))
    assert [f.code for f in found.findings if f.check == 8] == ["standing.disputed", "standing.beyond"]
    assert "every path ends in 1 proven record. " in " ".join(f.sentence for f in found.findings)
    ore = LOT + "miner:ore"
    whole = checked(world, build(world.store, ore))
    told = " ".join(f.sentence for f in whole.findings)
    assert "every path ends in 1 source. " in told
    assert "and of this lot no more is gone than there was." in told
