"""Honest proofs: what holds, how far, and what is said about it."""

import json

import pytest

from ledger.check.report import CHECKS, FAIL, NOT_PROVABLE, PASS, Report
from ledger.proof import SHORT, build
from ledger.prooffile import decode
from ledger.register import Key
from ledger.verify import check
from tests.check.asking import checked, codes, of
from tests.check.busy import Busy
from tests.check.forge import Forge
from tests.redteam.known import Ledger, file, taken_apart
from tests.world import PARTY, SITE, World, private_key


@pytest.fixture(scope="module")
def hood() -> tuple[World, str]:
    world = World()
    lot = world.hood()
    world.publish()
    return world, lot


def test_a_hood_holds_from_two_mines(hood: tuple[World, str]) -> None:
    world, lot = hood
    report = check([build(world.store, lot)], world.trust)
    (found,) = report.proofs
    assert {number: found.verdict(number) for number in CHECKS} == dict.fromkeys(CHECKS, PASS)
    assert (report.verdict, report.exit_code) == ("holds", 0)
    assert (found.subject, found.material, found.grams) == (lot, "stamped_part", 8_000)
    assert found.marks == (("serial", "HOOD-1"),)
    assert [(origin, grams, part.percent()) for origin, grams, part in found.origins] == [
        (f"mine {SITE}pit", 5_333, "66.66 %"),
        (f"mine {SITE}pit-2", 2_667, "33.33 %"),
    ]
    last = world.store.head().size - 1
    assert f"As of entry {last}, nothing that was said about these " in of(found, 8)
    assert "of none of these 8 lots more is gone than there was" in of(found, 8)
    assert "8 lots have their births, 5 hand-overs both sides" in of(found, 7)


def test_every_entry_and_hash_of_a_full_proof_is_used(hood: tuple[World, str]) -> None:
    world, lot = hood
    proof = decode(build(world.store, lot))
    assert len(proof.entries) == world.store.head().size
    assert proof.hashes == ()


def test_what_others_do_is_not_in_the_proof() -> None:
    world = World()
    lot = world.hood()
    for n in range(20):
        world.scrap("yard", f"scrap-{n}", "5")
    world.publish()
    found = checked(world, lot)
    assert found.entries == 38  # the hood's 37, and the register's root
    assert of(found, 6) == "38 events pass the rules."
    assert [found.verdict(number) for number in CHECKS] == [PASS] * 9


def test_the_last_entry_may_rest_on_anything() -> None:
    """It dates the proof; that its own needs are not in the proof is nothing against the subject."""
    world = World()
    lot = world.hood()
    scrap = world.scrap("yard", "scrap", "50")
    world.transform("yard", "bale", {scrap: "50"}, {"bale": ("post_consumer_scrap", "49")})
    world.publish()
    assert [checked(world, lot).verdict(number) for number in CHECKS] == [PASS] * 9


def test_a_later_use_of_an_ancestor_as_last_entry_is_left_alone() -> None:
    world = World()
    lot = world.hood()
    coil = world.lot(PARTY + "roller", "coil")
    part = {"lot": coil, "kg": "100", "as": world.lot(PARTY + "stamper", "part")}
    event = {"type": "ship", "party": PARTY + "stamper", "site": SITE + "press", "lines": [part]}
    world.post(event | {"to": PARTY + "roller"})
    world.publish()
    assert [checked(world, lot).verdict(number) for number in CHECKS] == [PASS] * 9


def test_a_subject_on_its_way_is_said_to_be() -> None:
    world = World()
    lot = world.hood()
    world.site("plant")
    world.ship("press", "maker", {lot: "8"})
    world.publish()
    found = checked(world, lot)
    assert found.verdict(7) == PASS
    assert f"it has been on its way to {PARTY}maker since" in of(found, 7)


def test_an_open_transfer_of_title_is_said_to_be() -> None:
    world = World()
    lot = world.hood()
    line = {"lot": lot, "kg": "8"}
    world.post({"type": "transfer", "party": PARTY + "stamper", "lines": [line], "to": world.party("maker")})
    world.publish()
    assert f"whose transfer of title to {PARTY}maker is open" in of(checked(world, lot), 7)


def test_a_proof_is_as_of_its_checkpoint() -> None:
    """What happened to the subject since is not in it, and the state before is proven."""
    world = World()
    lot = world.hood()
    world.site("plant")
    world.publish()
    world.hand_over("press", "plant", {lot: "8"})
    found = checked(world, lot)
    assert f"held by {PARTY}stamper" in of(found, 7)
    world.publish()
    found = checked(world, lot)
    assert f"As of the checkpoint, it is held by {PARTY}maker at {SITE}plant, owned by {PARTY}maker" in of(
        found, 7
    )
    assert [found.verdict(number) for number in CHECKS] == [PASS] * 9


def test_between_two_hand_overs_the_last_one_below_the_checkpoint_counts() -> None:
    world = World()
    lot = world.hood()
    world.site("plant")
    shipment = world.ship("press", "maker", {lot: "8"})
    world.publish()
    receipt = world.receive(shipment, "plant", {lot: "8"})
    assert f"on its way to {PARTY}maker" in of(checked(world, lot), 7)
    world.correct(receipt, "withdraw")
    assert f"on its way to {PARTY}maker" in of(checked(world, lot), 7)
    world.publish()
    assert f"on its way to {PARTY}maker" in of(checked(world, lot), 7)


def test_a_hand_over_that_was_withdrawn_is_undone() -> None:
    world = World()
    lot = world.hood()
    world.site("plant")
    shipment = world.ship("press", "maker", {lot: "8"})
    world.correct(shipment, "withdraw")
    world.publish()
    found = checked(world, lot)
    assert f"held by {PARTY}stamper" in of(found, 7)
    assert found.verdict(8) == PASS


def test_shares_of_unknown_origin_are_never_a_pass() -> None:
    world = World()
    known = world.scrap("yard", "known", "300")
    bought = world.source("yard", "bought", "100", kind="purchase", material="post_consumer_scrap")
    (pile,) = world.transform(
        "yard", "blend", {known: "300", bought: "100"}, {"pile": ("post_consumer_scrap", "400")}
    )
    world.publish()
    report = check([build(world.store, pile)], world.trust)
    (found,) = report.proofs
    assert codes(found, 7) == {"chain.partly", "missing.origin"}
    assert "Unbroken for 75.00 % of the mass" in of(found, 7)
    assert "25.00 % of the mass is unknown (purchase)" in of(found, 7)
    (unknown,) = [finding for finding in found.findings if finding.code == "missing.origin"]
    assert unknown.entries == (world.store.read([Key("lot", bought)])[Key("lot", bought)].at,)
    assert (found.verdict(7), found.verdict(9), report.exit_code) == (NOT_PROVABLE, PASS, 2)


def test_an_unknown_origin_too_small_to_weigh_is_still_there() -> None:
    world = World()
    known = world.scrap("yard", "known", "3000")
    bought = world.source("yard", "bought", "0.001", kind="purchase", material="post_consumer_scrap")
    (pile,) = world.transform(
        "yard", "blend", {known: "3000", bought: "0.001"}, {"pile": ("post_consumer_scrap", "100")}
    )
    world.publish()
    found = checked(world, pile)
    assert found.traces == ("unknown purchase",)
    assert found.verdict(7) == NOT_PROVABLE
    assert "The origin of less than a gram of the mass is unknown" in of(found, 7)
    assert "Unbroken for 99.99 % of the mass" in of(found, 7)


def test_what_carries_no_origin_has_no_shares() -> None:
    world = World()
    anode = world.source("smelter", "anode", "10", kind="addition", material="anode")
    world.publish()
    found = checked(world, anode)
    assert found.origins == ()
    assert (found.verdict(7), found.verdict(9)) == (PASS, PASS)
    assert "carries no origin" in of(found, 9)


def test_a_part_of_a_lot_goes_back_through_its_shipment() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    world.site("recycler")
    shipment = world.ship("yard", "remelter", {scrap: "40"}, {scrap: "part"})
    part = world.lot(PARTY + "collector", "part")
    world.receive(shipment, "recycler", {part: "40"})
    world.publish()
    found = checked(world, part)
    assert found.verdict(7) == PASS
    assert "2 lots have their births, 1 hand-over both sides" in of(found, 7)


def test_amendments_are_in_every_proof() -> None:
    world = World()
    world.post({"type": "amend", "party": PARTY + "registrar", "rules": 1})
    world.tick(90_000)
    lot = world.hood()
    world.post({"type": "amend", "party": PARTY + "registrar", "rules": 1})
    world.publish()
    found = checked(world, lot)
    assert [found.verdict(number) for number in CHECKS] == [PASS] * 9


def test_everything_that_is_said_of_the_chain_is_replayed() -> None:
    """Keys for some sites only, corrections that name what replaces an event, attestations."""
    world = World()
    world.site("yard")
    key = private_key("yard only")
    world.post(world.key_event(PARTY + "collector", key, [SITE + "yard"]) | {"party": PARTY + "collector"})
    world.keys[PARTY + "collector"] = key
    scrap = world.scrap("yard", "scrap", "5")
    first = world.last
    world.scrap("yard", "better", "5")
    world.correct(first, "amend", replaced_by=world.last)
    certificate = world.attest(first)
    event = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": certificate}
    world.post(event | {"status": "suspended", "since": world.time, "reason": "no audit"})
    world.publish()
    found = checked(world, scrap)
    assert [found.verdict(number) for number in CHECKS if number != 8] == [PASS] * 8
    assert codes(found, 8) == {"standing.attestation"}


def test_what_merely_travelled_along_is_left_aside() -> None:
    """It was born with the subject, went another way, and met it on a truck again; much is said of it."""
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    a, b = world.transform("yard", "bale", {scrap: "100"}, dict.fromkeys("ab", ("post_consumer_scrap", "49")))
    for lot in (b, a):
        world.hand_over("yard", "recycler", {lot: "49"})
        if lot == b:
            world.correct(world.last, "dispute")
            certificate = world.attest(b, status="suspended")
    world.site("shed", "trader")
    world.hand_over("recycler", "shed", {a: "49", b: "49"})
    world.publish()
    found = checked(world, a)
    assert [found.verdict(number) for number in CHECKS] == [PASS] * 9, certificate
    assert "2 hand-overs both sides" in of(found, 7)
    known = Ledger(world.store)
    claim = taken_apart(known, build(world.store, a))
    left = [known.pieces[index].event.type for index in set(range(known.size)) - claim.entries]  # type: ignore[union-attr]
    assert left == ["ship", "receive", "correct", "party", "key", "attest"]
    whole = claim._replace(entries=frozenset(range(known.size)))
    (every,) = check([file(known, whole)], world.trust).proofs
    assert [every.verdict(number) for number in CHECKS] == [PASS] * 9
    assert codes(checked(world, b), 8) == {"standing.disputed", "standing.attestation"}


def test_a_line_of_the_subjects_own_way_is_never_passed_over() -> None:
    """An operator admits what moves it from where it is not, beside what is in order."""
    world = World()
    a, b = (world.scrap("yard", name, "10") for name in "ab")
    world.hand_over("yard", "recycler", {a: "10"})
    forge = Forge(world)
    lines = [{"lot": lot, "kg": "10"} for lot in (b, a)]
    event = {"type": "ship", "party": PARTY + "collector", "site": SITE + "yard", "to": PARTY + "remelter"}
    forge.add(event | {"lines": lines})
    (found,) = check([forge.proof(a)], world.trust).proofs
    assert codes(found, 6) == {"lot.holder"}
    (found,) = check([forge.proof(b)], world.trust).proofs
    assert found.verdict(6) == PASS  # what is wrong is not about b
    assert "on its way" in of(found, 7)


@pytest.mark.parametrize(
    ("kg", "told"), [("8", "Nothing of it is left: "), ("5", "3 kg of it are left."), ("", "")]
)
def test_what_is_left_of_it_is_told(kg: str, told: str) -> None:
    """Whoever has sold a part outside still is its holder and its owner, and may show the proof."""
    world = World()
    lot = world.scrap("yard", "scrap", "8")
    if kg:
        line = {"lot": lot, "kg": kg}
        world.post({"type": "exit", "party": PARTY + "collector", "lines": [line], "reason": "sold_outside"})
    world.publish()
    for horizon in (None, SHORT):
        (found,) = check([build(world.store, lot, horizon=horizon)], world.trust).proofs
        assert told in of(found, 7)
        assert ("left" in of(found, 7)) == bool(told)


def test_without_the_register_what_is_left_is_a_guess() -> None:
    world = World()
    lot = world.scrap("yard", "scrap", "8")
    world.transform("yard", "bale", {lot: "5"}, {"bale": ("post_consumer_scrap", "5")})
    world.publish()
    known = Ledger(world.store)
    every = frozenset(range(known.size))
    claim = taken_apart(known, build(world.store, lot))._replace(entries=every, shown=False)
    (found,) = check([file(known, claim)], world.trust).proofs
    assert "At most 3 kg are left." in of(found, 7)


def test_two_honest_proofs_hold_together() -> None:
    world = World()
    lot = world.hood()
    world.publish()
    one = build(world.store, lot)
    offcut = world.lot(PARTY + "stamper", "offcut")
    world.scrap("yard", "scrap", "5")
    world.publish()
    report = check([one, build(world.store, offcut)], world.trust)
    assert (report.verdict, report.together, len(report.proofs)) == ("holds", (), 2)


def test_an_age_needs_a_time_and_a_check_a_file() -> None:
    with pytest.raises(AssertionError):
        check([b""], World().trust, max_age=5)
    with pytest.raises(AssertionError):
        check([], World().trust)


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(6))
def test_a_proof_shows_of_a_busy_ledger_what_all_of_it_shows(seed: int) -> None:
    """The closure is enough: the same verdicts and shares as with every entry in the proof."""
    busy = Busy(seed, 60)
    world = busy.world
    world.publish()
    forge = Forge(world)
    for lot, _ in busy.lots:
        small = checked(world, lot)
        (whole,) = check([forge.proof(lot)], world.trust).proofs
        verdicts = {number: small.verdict(number) for number in CHECKS}
        # Without the register's root nothing can be seen to stand, but all the same things be seen to fall.
        unseen = {PASS: NOT_PROVABLE}
        expected = verdicts | {8: unseen.get(verdicts[8], verdicts[8])}
        assert expected == {number: whole.verdict(number) for number in CHECKS}
        assert verdicts[8] != NOT_PROVABLE
        assert FAIL not in {verdicts[number] for number in CHECKS if number != 8}
        assert (small.origins, small.traces) == (whole.origins, whole.traces)
        assert small.entries <= whole.entries


def test_an_exit_that_names_a_lot_gives_it_no_share() -> None:
    world = World()
    lot = world.hood()
    scrap = world.lot(world.party("stamper"), "offcut")
    honest = build(world.store, lot, min_share=1) if world.publish() else b""
    line = [{"lot": scrap, "kg": "1"}]
    world.post(
        {
            "type": "exit",
            "party": world.party("stamper"),
            "lines": line,
            "reason": "installed",
            "into": lot,
        }
    )
    world.publish()
    entries = len(decode(build(world.store, lot, min_share=1)).entries)
    assert entries == len(decode(honest).entries)


def test_json_is_json(hood: tuple[World, str]) -> None:
    world, lot = hood
    report: Report = check([build(world.store, lot)], world.trust)
    assert json.loads(json.dumps(report.as_json())) == report.as_json()
