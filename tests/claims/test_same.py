"""A proof and the ledger tell the same claims: what differs is only on what they rest."""

import pytest

from ledger.check.report import Checked
from ledger.claiming import claims as of_ledger
from ledger.proof import build
from ledger.verify import check
from tests.check.busy import Busy
from tests.claims.test_proof import chain
from tests.world import World

RESTS = {"rests_on", "proof", "unshown", "marks"}


def of_proof(world: World, lot: str) -> Checked:
    (found,) = check([build(world.store, lot)], world.trust).proofs
    return found


def alike(world: World, lot: str) -> None:
    proven = of_proof(world, lot).claims
    assert proven is not None
    known = of_ledger(world.store, lot)
    assert proven.model_dump(exclude=RESTS) == known.model_dump(exclude=RESTS)
    assert set(proven.unshown) >= set(known.unshown)
    assert {one.event for one in proven.marks} >= {one.event for one in known.marks}, (
        "also of what was attested"
    )


def test_of_a_chain() -> None:
    world = World()
    slab = chain(world)
    world.attest(world.site("smelter"), scheme="energy_certificate")
    said = world.attest(world.site("pit"))
    certifier = world.party("certifier")
    revoke = {"type": "revoke_attestation", "party": certifier, "of": said, "reason": "x"}
    world.post(revoke | {"status": "suspended", "since": world.time})
    world.attest(certifier, scheme="accreditation")
    world.correct(world.last, "dispute", certifier)
    world.publish()
    alike(world, slab)


@pytest.mark.parametrize("seed", range(6))
def test_of_a_busy_ledger(seed: int) -> None:
    busy = Busy(seed, 120)
    busy.world.publish()
    for lot, _ in busy.lots[-8:]:
        alike(busy.world, lot)
