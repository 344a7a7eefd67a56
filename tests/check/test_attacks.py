"""Attacks on a proof, each made by hand: by whoever passes the file on, or cuts or joins it."""

import json

import pytest

from ledger.check.report import CHECKS, FAIL, NOT_PROVABLE, PASS
from ledger.proof import build
from ledger.trust import Trust
from ledger.verify import check
from tests.check.forge import Forge, proof_with
from tests.check.scene import BLANK, OTHER, STAMPER, Scene, blanked, codes, collected, eighth
from tests.redteam.known import Ledger, file, taken_apart
from tests.world import LOT, PARTY, SITE, World, event_ref, private_key


@pytest.fixture
def scene() -> Scene:
    return Scene()


# -- the file itself


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "proof.form"),
        (b"{}", "proof.format"),
        (b'{"format":"oreline-proof/2"}\n', "proof.format"),
        (b"[]\n", "proof.form"),
        (b"\xff", "proof.form"),
    ],
)
def test_what_is_no_proof_is_no_proof(scene: Scene, data: bytes, code: str) -> None:
    found = scene.check(data)
    assert codes(found) == {(1, code)}
    assert [found.verdict(number) for number in CHECKS] == [FAIL] + [NOT_PROVABLE] * 8
    assert (found.subject, found.checkpoint) == ("", None)


def test_a_proof_is_one_spelling(scene: Scene) -> None:
    value = json.loads(scene.data)
    spaced = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    assert codes(scene.check(spaced)) == {(1, "proof.form")}
    assert codes(scene.check(scene.data + b"\n")) == {(1, "proof.form")}


def test_a_checkpoint_that_is_none(scene: Scene) -> None:
    found = scene.check(proof_with(scene.data, checkpoint="x\n\n— x AAAA\n"))
    assert {check for check, _ in codes(found)} == {1}
    assert found.subject == scene.lot


def test_entries_in_another_order(scene: Scene) -> None:
    entries = json.loads(scene.data)["entries"]
    found = scene.check(proof_with(scene.data, entries=[entries[1], entries[0], *entries[2:]]))
    assert codes(found) == {(1, "proof.order")}
    assert found.verdict(2) == PASS
    assert found.checkpoint is not None


def test_another_panels_proof_relabelled(scene: Scene) -> None:
    found = scene.check(proof_with(scene.data, subject=LOT + "stamper:hood-2"))
    assert (7, "missing.birth") in codes(found, NOT_PROVABLE)
    assert (found.material, found.origins) == ("", ())


# -- the log


def test_an_entry_changed(scene: Scene) -> None:
    entries = json.loads(scene.data)["entries"]
    entries[20] = entries[20].replace("2026-03-02T06:00:20", "2026-03-02T06:00:19")
    found = scene.check(proof_with(scene.data, entries=entries))
    assert codes(found) == {(3, "chain.root"), (4, "chain.prev")}


def test_hashes_that_do_not_fit(scene: Scene) -> None:
    found = scene.check(proof_with(scene.data, hashes="A" * 43 + "="))
    assert codes(found) == {(3, "proof.hashes")}
    seen = Forge(scene.world, 36).checkpoint()
    (found,) = check([proof_with(scene.data, hashes="A" * 43 + "=")], scene.world.trust, seen=[seen]).proofs
    assert (2, "missing.seen") in codes(found, NOT_PROVABLE)


def test_a_changed_entry_is_not_held_against_the_log(scene: Scene) -> None:
    """Where the root is wrong nothing is said about forks: the file was changed, not the history."""
    entries = json.loads(scene.data)["entries"]
    entries[20] = entries[20].replace("2026-03-02T06:00:20", "2026-03-02T06:00:19")
    seen = Forge(scene.world, 36).checkpoint()
    (found,) = check([proof_with(scene.data, entries=entries)], scene.world.trust, seen=[seen]).proofs
    assert (2, "missing.seen") in codes(found, NOT_PROVABLE)


def test_a_checkpoint_signed_by_another_key(scene: Scene) -> None:
    forge = Forge(scene.world, operator=private_key("thief"))
    found = scene.check(forge.proof(scene.lot))
    assert codes(found) == {(2, "note.unsigned")}


def test_a_whole_invented_ledger(scene: Scene) -> None:
    """The operator makes another history from entry 0 on; its own trust file would accept it."""
    forged = Scene("2026-03-03T06:00:00Z")
    assert forged.check(forged.data).verdict(2) == PASS
    assert codes(scene.check(forged.data)) == {(2, "chain.charter")}


def test_the_entries_of_one_ledger_under_the_name_of_another(scene: Scene) -> None:
    forge = scene.forge()
    forge.world = World(name="example.com/other")
    text = scene.world.trust_text().replace("example.com/oreline", "example.com/other")
    lines = [line for line in text.splitlines() if not line.startswith("log")]
    trust = Trust.parse("\n".join([forge.world.trust_text().splitlines()[0], *lines]) + "\n")
    found = scene.check(forge.proof(scene.lot), trust)
    assert codes(found) == {(2, "chain.origin")}


def test_the_charter_left_out(scene: Scene) -> None:
    forge = scene.forge()
    found = scene.check(forge.proof(scene.lot, range(1, len(forge.entries))))
    assert not codes(found)
    assert (2, "missing.charter") in codes(found, NOT_PROVABLE)


def test_received_that_goes_back(scene: Scene) -> None:
    forge = scene.forge()
    forge.add(collected(scene.world), received=scene.world.now - 3_600_000)
    assert (4, "chain.received") in codes(scene.check(forge.proof(scene.lot)))


def test_received_before_the_charter(scene: Scene) -> None:
    forge = scene.forge()
    lot = LOT + "stamper:early"
    event = {"type": "source", "party": STAMPER, "site": SITE + "press", "kind": "purchase"}
    line = {"lot": lot, "kg": "5", "material": "coil"}
    forge.add(event | {"outputs": [line], "time": "2026-01-01T00:00:00Z"}, received=1_700_000_000_000)
    assert (4, "chain.received") in codes(scene.check(forge.proof(lot)))


# -- a proof cut short


def test_an_ancestor_cut_off(scene: Scene) -> None:
    """Without the alumina's birth its metal is nobody's: the share is said, and nothing passes."""
    births = {e["outputs"][0]["lot"]: n for n, e in enumerate(scene.world.posted) if "outputs" in e}
    forge = scene.forge()
    cut = births[LOT + "refiner:alumina"]
    found = scene.check(forge.proof(scene.lot, set(range(len(forge.entries))) - {cut}))
    assert not codes(found)
    assert found.verdict(7) == found.verdict(9) == NOT_PROVABLE
    assert [(row.origin, row.part.ppm) for row in found.origins] == [
        (f"unproven {LOT}smelter:metal", 1_000_000)
    ]
    (finding,) = [f for f in found.findings if f.code == "missing.ancestor" and f.check == 7]
    assert finding.ids == (LOT + "smelter:metal",)


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        ({"type": "party", "subject": PARTY + "trader"}, (6, "missing.party")),
        ({"type": "site", "subject": SITE + "yard"}, (5, "missing.site")),
        ({"type": "transfer"}, (6, "missing.event")),
    ],
)
def test_what_was_cut_off_is_named(left_out: dict[str, str], expected: tuple[int, str]) -> None:
    world = World()
    lot, trader = world.scrap("yard", "scrap", "100"), world.party("trader")
    line = {"lot": lot, "kg": "100"}
    world.post({"type": "transfer", "party": PARTY + "collector", "lines": [line], "to": trader})
    world.post({"type": "receive", "party": trader, "of": world.last, "lines": [line]})
    (cut,) = [n for n, event in enumerate(world.posted) if left_out.items() <= event.items()]
    forge = Forge(world)
    data = forge.proof(lot, set(range(len(forge.entries))) - {cut})
    (found,) = check([data], world.trust).proofs
    assert expected in codes(found, NOT_PROVABLE)


def test_an_asserted_birth_never_replaces_a_proven_one(scene: Scene) -> None:
    """A transform whose inputs are left out may not claim lots that were born elsewhere."""
    world, forge = scene.world, scene.forge()
    nowhere = [{"lot": LOT + "roller:nowhere", "kg": "15"}]
    forge.add(blanked(world, inputs=nowhere, outputs=[{"lot": scene.lot, "kg": "12", "material": "blank"}]))
    found = scene.check(forge.proof(scene.lot))
    assert not codes(found)
    assert (6, "missing.lot") in codes(found, NOT_PROVABLE)
    assert [row.origin for row in found.origins] == [f"mine {SITE}pit", f"mine {SITE}pit-2"]


def test_what_carries_no_origin_can_be_cut_off_too() -> None:
    world = World()
    old = world.source("smelter", "anode", "10", kind="addition", material="anode")
    born = world.store.head().size - 1
    (new,) = world.transform("smelter", "blend", {old: "10"}, {"new": ("anode", "10")})
    world.publish()
    forge = Forge(world)
    (found,) = check([forge.proof(new, set(range(len(forge.entries))) - {born})], world.trust).proofs
    assert {f.ids for f in found.findings if (f.check, f.code) == (7, "missing.ancestor")} == {(new,)}


def test_an_unreadable_entry_does_not_hide_what_shows_side_by_side(scene: Scene) -> None:
    world, forge = scene.world, scene.forge()
    rest = [{"lot": LOT + "roller:coil", "kg": "835"}]
    third = {"lot": LOT + "stamper:blank-3", "kg": "600", "material": "blank"}
    forge.add_statement("AAAA.AAAA.AAAA")
    forge.add(blanked(world, inputs=rest, outputs=[OTHER | {"kg": "600"}]))
    forge.add(blanked(world, inputs=rest, outputs=[third]))
    every = set(range(len(forge.entries)))
    one, two = len(every) - 2, len(every) - 1
    forge.add(collected(world))
    report = check([forge.proof(BLANK, every - {two}), forge.proof(third["lot"], every - {one})], world.trust)
    assert {f.code for f in report.together} == {"lot.overdrawn", "standing.overdrawn"}


def test_the_subjects_own_birth_cut_off(scene: Scene) -> None:
    forge = scene.forge()
    forge.add(collected(scene.world))
    births = {e["outputs"][0]["lot"]: n for n, e in enumerate(scene.world.posted) if "outputs" in e}
    found = scene.check(forge.proof(scene.lot, set(range(len(forge.entries))) - {births[scene.lot]}))
    assert codes(found, NOT_PROVABLE) == {(7, "missing.birth"), (9, "missing.birth")}


@pytest.mark.parametrize("member", [("process", "roll"), ("type", "receive")])
def test_a_correction_stripped_out_is_caught(scene: Scene, member: tuple[str, str]) -> None:
    """The register chains what was said about the event: the proof comes to another chain. Of a receipt it
    keeps the marks, too."""
    world = scene.world
    name, said = member
    event = next(event for event in world.posted if event.get(name) == said)
    world.correct(event_ref(event), "dispute")
    dispute = world.store.head().size - 1
    world.post(collected(world))
    world.publish()
    known = Ledger(world.store)
    honest = taken_apart(known, build(world.store, scene.lot))
    assert eighth(scene.check(file(known, honest))) == {"standing.disputed"}
    stripped = honest._replace(entries=honest.entries - {dispute})
    found = scene.check(file(known, stripped))
    assert eighth(found) == {"standing.left_out"}
    marked = [one for one in found.findings if "what made the register mark" in one.sentence]
    assert bool(marked) == (said == "receive")
    without = stripped._replace(shown=False)
    assert eighth(scene.check(file(known, without))) == {"standing.unseen"}
    assert check([file(known, without)], world.trust).exit_code == 2


# -- two proofs


def test_the_same_metal_used_twice_shows_side_by_side(scene: Scene) -> None:
    world, forge = scene.world, scene.forge()
    rest = [{"lot": LOT + "roller:coil", "kg": "835"}]
    forge.add(blanked(world, inputs=rest, outputs=[OTHER | {"kg": "600"}]))
    again = {"lot": LOT + "stamper:blank-3", "kg": "600", "material": "blank"}
    forge.add(blanked(world, inputs=rest, outputs=[again]))
    one, two = len(forge.entries) - 2, len(forge.entries) - 1
    base = set(range(one))
    forge.add(collected(world))
    first, second = forge.proof(BLANK, base | {one}), forge.proof(again["lot"], base | {two})
    assert scene.check(first).verdict(6) == scene.check(second).verdict(6) == PASS
    report = check([first, second], world.trust)
    assert {(f.check, f.code, f.entries) for f in report.together} == {
        (6, "lot.overdrawn", (two,)),
        (8, "standing.overdrawn", (two,)),
    }
    assert "Files 1 and 2 do not hold together" in report.together[0].sentence
    assert report.exit_code == 1


def test_two_histories_show_side_by_side(scene: Scene) -> None:
    world = scene.world
    left, right = scene.forge(), scene.forge()
    left.add(collected(world, "left"))
    right.add(collected(world, "right"))
    report = check([left.proof(scene.lot), right.proof(scene.lot)], world.trust)
    assert {(f.check, f.code) for f in report.together} == {(2, "chain.fork")}
    assert {f.entries for f in report.together} == {(), (len(left.entries) - 1,)}


def test_a_file_that_is_no_proof_beside_one_that_is(scene: Scene) -> None:
    report = check([b"nothing", scene.data], scene.world.trust)
    assert (report.exit_code, report.together) == (1, ())
    assert report.proofs[1].verdict(7) == PASS
