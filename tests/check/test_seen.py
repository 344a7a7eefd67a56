"""What a reader brings along: checkpoints seen earlier, the greatest age, witnesses that must have signed."""

import pytest

from ledger import prooffile
from ledger.check.report import FAIL, NOT_PROVABLE, PASS
from ledger.note import Checkpoint, cosign, format_checkpoint, sign_note
from ledger.proof import build
from ledger.trust import Trust
from ledger.verify import check
from tests.check.asking import codes, of
from tests.check.forge import Forge
from tests.world import PARTY, World, private_key


@pytest.fixture(scope="module")
def hood() -> tuple[World, str]:
    world = World()
    lot = world.hood()
    world.publish()
    return world, lot


def test_earlier_checkpoints_are_compared() -> None:
    world = World()
    lot = world.hood()
    early = world.publish()
    for n in range(9):
        world.scrap("yard", f"scrap-{n}", "5")
    late = world.publish()
    for n in range(9):
        world.scrap("yard", f"more-{n}", "5")
    world.publish()
    plain, made = build(world.store, lot), build(world.store, lot, seen=[early, late])

    def second(data: bytes, *seen: str) -> str:
        (found,) = check([data], world.trust, seen=seen).proofs
        return found.verdict(2)

    assert second(made, early, late) == PASS
    assert second(plain, early) == PASS  # its last entry is the hood's own birth
    assert second(plain, late) == NOT_PROVABLE
    newer = world.checkpoint()
    assert second(plain, newer) == PASS
    world.scrap("yard", "last", "5")
    assert second(plain, world.checkpoint()) == NOT_PROVABLE
    (found,) = check([plain], world.trust, seen=[world.checkpoint()]).proofs
    assert [one.sentence.rpartition(": ")[2] for one in found.findings if one.code == "missing.seen"] == [
        "ask for a newer proof."
    ]


def test_a_fork_is_seen() -> None:
    world = World()
    lot = world.hood()
    seen = Forge(world)
    seen.add({"type": "amend", "party": PARTY + "registrar", "rules": 1})
    world.scrap("yard", "scrap", "5")
    world.publish()
    data = build(world.store, lot, seen=[seen.checkpoint()])
    (found,) = check([data], world.trust, seen=[seen.checkpoint()]).proofs
    assert (found.verdict(2), codes(found, 2)) == (FAIL, {"chain.fork"})
    world.scrap("yard", "same-size", "5")
    same = Forge(world)
    same.replace(-1, received=world.now)
    world.publish()
    (found,) = check([build(world.store, lot)], world.trust, seen=[same.checkpoint()]).proofs
    assert codes(found, 2) == {"chain.fork"}


def test_a_checkpoint_of_somebody_else_is_not_compared(hood: tuple[World, str]) -> None:
    world, lot = hood
    stranger = World(name="example.com/other")
    data = build(world.store, lot)
    other = format_checkpoint(Checkpoint("example.com/other", 5, bytes(32)))
    for text in (
        stranger.checkpoint(),
        "no note at all",
        Forge(world, operator=stranger.recovery).checkpoint(),
        sign_note(other, world.name, world.operator),
    ):
        (found,) = check([data], world.trust, seen=[text]).proofs
        assert codes(found, 2) == {"missing.seen"}


def test_a_proof_may_be_too_old(hood: tuple[World, str]) -> None:
    world, lot = hood
    data = build(world.store, lot)
    last = world.now // 1000
    (found,) = check([data], world.trust, now=last + 60, max_age=60).proofs
    assert found.verdict(2) == PASS
    (found,) = check([data], world.trust, now=last + 61, max_age=60).proofs
    assert codes(found, 2) == {"chain.stale"}
    for allowed, told in ((59, "59 seconds"), (60, "1 minute"), (7_200, "2 hours"), (86_400, "1 day")):
        (found,) = check([data], world.trust, now=last + allowed + 1, max_age=allowed).proofs
        (stale,) = [one for one in found.findings if one.code == "chain.stale"]
        assert stale.sentence.endswith(f": older than the {told} allowed.")


def test_a_proof_of_a_time_to_come_is_refused_but_for_clocks_that_differ(hood: tuple[World, str]) -> None:
    world, lot = hood
    data = build(world.store, lot)
    last = world.now // 1000
    for behind, said in ((300, set()), (301, {"chain.future"})):
        (found,) = check([data], world.trust, now=last - behind, max_age=60).proofs
        assert codes(found, 2) == said


def test_nothing_is_received_after_it_was_cosigned() -> None:
    """But for clocks that differ. One witness whose clock is right is enough."""
    world, names = World(), ["w.example/1", "w.example/2"]
    lot = world.hood()
    trust = Trust.parse(world.trust_text(names))
    world.publish()
    bare, last = build(world.store, lot), world.now // 1000
    assert codes(check([bare], trust).proofs[0], 2) == {"trust.quorum"}
    for behind, said in (((300, 9_000), set()), ((301, 301), {"chain.ahead"}), ((9_000, 0), set())):
        signed = prooffile.decode(bare).checkpoint
        for name, seconds in zip(names, behind, strict=True):
            signed = cosign(signed, name, private_key(name), last - seconds)
        data = prooffile.encode(prooffile.decode(bare)._replace(checkpoint=signed))
        (found,) = check([data], trust).proofs
        assert codes(found, 2) == said


def test_the_quorum_must_have_signed() -> None:
    world = World()
    lot = world.hood()
    names = ["w.example/1", "w.example/2"]
    trust = Trust.parse(world.trust_text(names))
    world.publish(*names)
    (found,) = check([build(world.store, lot)], trust).proofs
    assert found.verdict(2) == PASS
    assert "cosigned by 2 witnesses (w0, w1): " in of(found, 2)
    world.scrap("yard", "scrap", "5")
    world.publish(names[0])
    (found,) = check([build(world.store, lot)], trust).proofs
    assert codes(found, 2) == {"trust.quorum"}
