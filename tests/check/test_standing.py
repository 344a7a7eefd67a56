"""Honest proofs of what does not stand: disputed, withdrawn, weighed otherwise, signed with a stolen key."""

from ledger.check.report import FAIL, PASS
from ledger.proof import build
from ledger.quantity import format_time
from ledger.verify import check
from tests.check.asking import checked, codes
from tests.world import PARTY, SITE, World, event_ref


def test_an_open_dispute_fails_and_a_resolved_one_does_not() -> None:
    world = World()
    lot = world.hood()
    of_roll = next(e for e in world.posted if e.get("process") == "roll")
    ref = {"party": of_roll["party"], "id": of_roll["id"]}
    world.correct(ref, "dispute", of_roll["party"])
    world.publish()
    report = check([build(world.store, lot)], world.trust)
    assert codes(report.proofs[0], 8) == {"standing.disputed"}
    assert report.exit_code == 1
    world.correct(ref, "resolve", of_roll["party"])
    world.publish()
    assert checked(world, lot).verdict(8) == PASS


def test_an_open_difference_in_weight_fails() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    world.site("recycler")
    shipment = world.ship("yard", "remelter", {scrap: "100"})
    receipt = world.receive(shipment, "recycler", {scrap: "90"})
    world.publish()
    assert codes(checked(world, scrap), 8) == {"standing.difference"}
    world.correct(receipt, "resolve", PARTY + "collector")
    world.publish()
    assert checked(world, scrap).verdict(8) == PASS


def test_a_withdrawn_birth_fails() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    world.correct(world.last, "withdraw")
    world.publish()
    found = checked(world, scrap)
    assert codes(found, 8) == {"standing.withdrawn"}
    assert found.verdict(8) == FAIL


def test_entries_of_a_key_that_was_stolen_before_are_suspect() -> None:
    world = World()
    since = world.time
    world.tick(3600)
    lot = world.hood()
    key = world.keys[PARTY + "roller"].public.kid
    world.revoke_key(PARTY + "roller", since=since)
    world.publish()
    found = checked(world, lot)
    assert codes(found, 8) == {"standing.suspect"}
    suspect = [finding for finding in found.findings if finding.check == 8]
    assert {finding.ids for finding in suspect} == {(key,)}
    assert all(finding.entries[1] == world.store.head().size - 2 for finding in suspect)


def test_a_key_that_was_revoked_without_since_stays_good_for_what_it_signed_before() -> None:
    world = World()
    lot = world.hood()
    world.revoke_key(PARTY + "roller")
    world.publish()
    found = checked(world, lot)
    assert found.verdict(8) == found.verdict(5) == PASS


def test_so_does_what_it_signed_in_the_same_millisecond() -> None:
    world = World()
    world.site("yard")
    party = PARTY + "collector"
    line = {"lot": world.lot(party, "scrap"), "kg": "5", "material": "post_consumer_scrap"}
    born = {"type": "source", "party": party, "site": SITE + "yard", "kind": "collection", "outputs": [line]}
    end = {"type": "revoke_key", "party": party, "kid": world.keys[party].public.kid, "reason": "a test"}
    assert not world.log.post([world.sign(world.event(event)) for event in (born, end)]).problems
    world.publish()
    assert checked(world, line["lot"]).verdict(8) == PASS


def test_an_attestation_that_has_run_out_is_not_missed() -> None:
    world = World()
    lot = world.hood()
    certificate = world.attest(SITE + "smelter", valid_until=format_time(world.now // 1000 + 60))
    event = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": certificate}
    world.post(event | {"status": "withdrawn", "since": world.time, "reason": "another one follows"})
    world.publish()
    assert codes(checked(world, lot), 8) == {"standing.attestation"}
    world.now += 120_000
    world.scrap("yard", "later", "1")
    world.publish()
    assert checked(world, lot).verdict(8) == PASS


def test_the_word_of_a_suspended_certifier_does_not_count() -> None:
    """Whoever certifies may attest something of anyone's site, and withdraw it for good."""
    world = World()
    lot = world.hood()
    world.attest(SITE + "smelter", status="suspended")
    world.publish()
    assert codes(checked(world, lot), 8) == {"standing.attestation"}
    first = next(e for e in world.posted if e.get("subject") == PARTY + "certifier" and e["type"] == "party")
    kept = {name: value for name, value in first.items() if name not in ("id", "time", "ledger")}
    world.post(kept | {"status": "suspended", "replaces": event_ref(first)})
    world.publish()
    assert checked(world, lot).verdict(8) == PASS


def test_an_attestation_that_was_suspended_fails() -> None:
    world = World()
    lot = world.hood()
    certificate = world.attest(SITE + "smelter")
    world.publish()
    assert checked(world, lot).verdict(8) == PASS
    event = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": certificate}
    world.post(event | {"status": "suspended", "since": world.time, "reason": "no audit"})
    world.publish()
    assert codes(checked(world, lot), 8) == {"standing.attestation"}
