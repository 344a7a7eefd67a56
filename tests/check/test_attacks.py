"""Attacks on a proof, each made by hand: by whoever passes the file on, or by the operator himself."""

import json
from collections.abc import Callable

import pytest

from ledger.check.report import CHECKS, FAIL, NOT_PROVABLE, PASS, Checked
from ledger.proof import build
from ledger.statement import sign
from ledger.trust import Trust
from ledger.verify import check
from tests.check.forge import Forge, proof_with
from tests.redteam.known import Ledger, file, taken_apart
from tests.world import LOT, PARTY, REGISTRAR, SITE, START, World, private_key

STAMPER, ROLLER = PARTY + "stamper", PARTY + "roller"


class Scene:
    """An honest hood, published, for someone to attack."""

    def __init__(self, start: str = START) -> None:
        self.world = World(start=start)
        self.lot = self.world.hood()
        self.world.publish()
        self.data = build(self.world.store, self.lot)

    def check(self, data: bytes, trust: Trust | None = None) -> Checked:
        (found,) = check([data], trust or self.world.trust).proofs
        return found

    def forge(self) -> Forge:
        return Forge(self.world)


def codes(found: Checked, verdict: str = FAIL) -> set[tuple[int, str]]:
    return {(f.check, f.code) for f in found.findings if f.verdict == verdict and f.check != 8}


def eighth(found: Checked) -> set[str]:
    return {finding.code for finding in found.findings if finding.check == 8}


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
    found = scene.check(proof_with(scene.data, hashes=["A" * 43 + "="]))
    assert codes(found) == {(3, "proof.hashes")}
    seen = Forge(scene.world, 36).checkpoint()
    (found,) = check([proof_with(scene.data, hashes=["A" * 43 + "="])], scene.world.trust, seen=[seen]).proofs
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
    forge.add(_scrap(scene.world), received=scene.world.now - 3_600_000)
    assert (4, "chain.received") in codes(scene.check(forge.proof(scene.lot)))


def test_received_before_the_charter(scene: Scene) -> None:
    forge = scene.forge()
    lot = LOT + "stamper:early"
    event = {"type": "source", "party": STAMPER, "site": SITE + "press", "kind": "purchase"}
    line = {"lot": lot, "kg": "5", "material": "coil"}
    forge.add(event | {"outputs": [line], "time": "2026-01-01T00:00:00Z"}, received=1_700_000_000_000)
    assert (4, "chain.received") in codes(scene.check(forge.proof(lot)))


def _scrap(world: World, lot: str = "scrap") -> dict[str, object]:
    site = world.site("yard")
    line = {"lot": world.lot(PARTY + "collector", lot), "kg": "5", "material": "post_consumer_scrap"}
    return {
        "type": "source",
        "party": PARTY + "collector",
        "site": site,
        "kind": "collection",
        "outputs": [line],
    }


# -- the operator admits what the rules forbid


def _stamp(world: World, **members: object) -> dict[str, object]:
    """A second hood out of the coil's next blank."""
    line = {"lot": LOT + "stamper:blank-2", "kg": "12", "material": "blank"}
    event = {
        "type": "transform",
        "party": STAMPER,
        "site": SITE + "press",
        "process": "blank",
        "inputs": [{"lot": LOT + "roller:coil", "kg": "15"}],
        "outputs": [line],
        "model": "segregated",
    }
    return event | members


BLANK = LOT + "stamper:blank-2"
OTHER = {"lot": BLANK, "material": "blank"}
ATTACKS: dict[str, tuple[Callable[[World], dict[str, object]], int, str]] = {
    "mass created": (lambda w: _stamp(w, outputs=[OTHER | {"kg": "16"}]), 6, "mass.created"),
    "beyond physics": (lambda w: _stamp(w, outputs=[OTHER | {"kg": "5"}]), 6, "process.ratio"),
    "overdrawn": (
        lambda w: _stamp(
            w, inputs=[{"lot": LOT + "roller:coil", "kg": "836"}], outputs=[OTHER | {"kg": "600"}]
        ),
        6,
        "lot.overdrawn",
    ),
    "not the holder": (
        lambda w: _stamp(w, inputs=[{"lot": LOT + "smelter:metal", "kg": "1"}], process="blend"),
        6,
        "lot.holder",
    ),
    "another's lot id": (
        lambda w: _stamp(w, outputs=[{"lot": LOT + "roller:x", "kg": "12", "material": "blank"}]),
        6,
        "lot.prefix",
    ),
    "another ledger's": (lambda w: _stamp(w, ledger="example.com/other"), 6, "event.ledger"),
    "in the future": (lambda w: _stamp(w, time="2026-03-02T07:00:00Z"), 6, "time.future"),
    "at another's site": (lambda w: _stamp(w, site=SITE + "mill"), 5, "site.operator"),
    "no event": (lambda w: _stamp(w, process=7), 6, "event.value"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_operator_admits_what_the_rules_forbid(scene: Scene, name: str) -> None:
    make, number, code = ATTACKS[name]
    forge = scene.forge()
    index = forge.add(make(scene.world))
    subject = LOT + "roller:x" if name == "another's lot id" else BLANK
    found = scene.check(forge.proof(subject))
    assert codes(found) == {(number, code)}
    (finding,) = [f for f in found.findings if f.code == code and f.check == number]
    assert finding.entries == (index,)
    assert found.verdict(7) == NOT_PROVABLE


def test_a_lot_born_twice(scene: Scene) -> None:
    forge = scene.forge()
    line = {"lot": scene.lot, "kg": "8", "material": "stamped_part"}
    forge.add(
        {"type": "source", "party": STAMPER, "site": SITE + "press", "kind": "opening", "outputs": [line]}
    )
    assert codes(scene.check(forge.proof(scene.lot))) == {(6, "lot.exists")}


def test_a_hand_over_with_one_signature(scene: Scene) -> None:
    """The receiver acts on what was never received."""
    world, forge = scene.world, scene.forge()
    world.site("plant")
    forge = scene.forge()
    line = {"lot": scene.lot, "kg": "8"}
    forge.add(
        {"type": "ship", "party": STAMPER, "site": SITE + "press", "lines": [line], "to": PARTY + "maker"}
    )
    forge.add(
        {
            "type": "transform",
            "party": PARTY + "maker",
            "site": SITE + "plant",
            "process": "join",
            "inputs": [line],
            "outputs": [{"lot": LOT + "maker:door", "kg": "8", "material": "joined_part"}],
            "model": "segregated",
        }
    )
    found = scene.check(forge.proof(LOT + "maker:door"))
    assert codes(found) == {(6, "lot.in_transit")}


def test_a_statement_signed_by_another(scene: Scene) -> None:
    forge = scene.forge()
    forge.add(_stamp(scene.world), by=scene.world.keys[ROLLER])
    assert codes(scene.check(forge.proof(BLANK))) == {(5, "key.other_party")}


def test_a_statement_that_its_key_did_not_sign(scene: Scene) -> None:
    forge = scene.forge()
    honest = scene.world.sign(scene.world.event(_stamp(scene.world)))
    head, payload, _ = honest.split(".")
    other = sign(b"{}", scene.world.keys[STAMPER]).split(".")[2]
    forge.add_statement(f"{head}.{payload}.{other}")
    assert codes(scene.check(forge.proof(BLANK))) == {(5, "statement.signature")}


def test_a_statement_that_is_none(scene: Scene) -> None:
    forge = scene.forge()
    forge.add_statement("AAAA.AAAA.AAAA")
    assert (5, "statement.header") in codes(scene.check(forge.proof(scene.lot)))


def test_a_key_nobody_registered(scene: Scene) -> None:
    forge = scene.forge()
    forge.add(_stamp(scene.world), by=private_key("nobody"))
    found = scene.check(forge.proof(BLANK))
    assert not codes(found)
    assert (5, "missing.key") in codes(found, NOT_PROVABLE)


def test_a_key_used_after_its_revocation(scene: Scene) -> None:
    world = scene.world
    world.revoke_key(STAMPER)
    forge = scene.forge()
    forge.add(_stamp(world))
    assert codes(scene.check(forge.proof(BLANK))) == {(5, "key.revoked")}


def test_a_thiefs_key_registered_by_the_operator(scene: Scene) -> None:
    """Only the registrar or the party's own key can add a key; the operator's signature is none."""
    world, thief = scene.world, private_key("thief")
    forge = scene.forge()
    forge.add(world.key_event(STAMPER, thief), by=world.operator)
    forge.add(_stamp(world), by=thief)
    found = scene.check(forge.proof(BLANK))
    assert (5, "key.reserved") in codes(found)


def test_a_party_that_no_registrar_admitted(scene: Scene) -> None:
    world, forge = scene.world, scene.forge()
    forge.add(
        {
            "type": "party",
            "party": STAMPER,
            "subject": PARTY + "shell",
            "name": "Shell",
            "country": "CA",
            "roles": ["trader"],
            "prefixes": [LOT + "shell:"],
        }
    )
    world.keys[PARTY + "shell"] = private_key("shell")
    forge.add(world.key_event(PARTY + "shell", world.keys[PARTY + "shell"]))
    line = {"lot": LOT + "shell:1", "kg": "5", "material": "coil"}
    event = {"type": "source", "party": PARTY + "shell", "site": SITE + "press", "kind": "purchase"}
    forge.add(event | {"outputs": [line]})
    found = scene.check(forge.proof(LOT + "shell:1"))
    assert (5, "registrar.key") in codes(found)


def test_a_catalogue_loosened_for_one_entry(scene: Scene) -> None:
    """An amendment that is not yet in force, or an index that is no charter at all."""
    world = scene.world
    world.post({"type": "amend", "party": REGISTRAR, "rules": 1})
    amendment = world.store.head().size - 1
    forge = scene.forge()
    forge.add(_stamp(world), charter=amendment)
    assert codes(scene.check(forge.proof(BLANK))) == {(6, "charter.not_in_force")}
    forge = scene.forge()
    forge.add(_stamp(world), charter=3)
    found = scene.check(forge.proof(BLANK))
    assert (6, "missing.charter") in codes(found, NOT_PROVABLE)


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


def test_an_asserted_birth_never_replaces_a_proven_one(scene: Scene) -> None:
    """A transform whose inputs are left out may not claim lots that were born elsewhere."""
    world, forge = scene.world, scene.forge()
    nowhere = [{"lot": LOT + "roller:nowhere", "kg": "15"}]
    forge.add(_stamp(world, inputs=nowhere, outputs=[{"lot": scene.lot, "kg": "12", "material": "blank"}]))
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
    forge.add(_stamp(world, inputs=rest, outputs=[OTHER | {"kg": "600"}]))
    forge.add(_stamp(world, inputs=rest, outputs=[third]))
    every = set(range(len(forge.entries)))
    one, two = len(every) - 2, len(every) - 1
    forge.add(_scrap(world))
    report = check([forge.proof(BLANK, every - {two}), forge.proof(third["lot"], every - {one})], world.trust)
    assert {f.code for f in report.together} == {"lot.overdrawn", "standing.overdrawn"}


def test_the_subjects_own_birth_cut_off(scene: Scene) -> None:
    forge = scene.forge()
    forge.add(_scrap(scene.world))
    births = {e["outputs"][0]["lot"]: n for n, e in enumerate(scene.world.posted) if "outputs" in e}
    found = scene.check(forge.proof(scene.lot, set(range(len(forge.entries))) - {births[scene.lot]}))
    assert codes(found, NOT_PROVABLE) == {(7, "missing.birth"), (9, "missing.birth")}


def test_a_correction_stripped_out_is_caught(scene: Scene) -> None:
    """The register chains what was said about the event: the proof comes to another chain."""
    world = scene.world
    of_roll = next(e for e in world.posted if e.get("process") == "roll")
    world.correct({"party": of_roll["party"], "id": of_roll["id"]}, "dispute")
    dispute = world.store.head().size - 1
    world.post(_scrap(world))
    world.publish()
    known = Ledger(world.store)
    honest = taken_apart(known, build(world.store, scene.lot))
    assert eighth(scene.check(file(known, honest))) == {"standing.disputed"}
    stripped = honest._replace(entries=honest.entries - {dispute})
    assert eighth(scene.check(file(known, stripped))) == {"standing.left_out"}
    without = stripped._replace(shown=False)
    assert eighth(scene.check(file(known, without))) == {"standing.unseen"}
    assert check([file(known, without)], world.trust).exit_code == 2


# -- two proofs


def test_the_same_metal_used_twice_shows_side_by_side(scene: Scene) -> None:
    world, forge = scene.world, scene.forge()
    rest = [{"lot": LOT + "roller:coil", "kg": "835"}]
    forge.add(_stamp(world, inputs=rest, outputs=[OTHER | {"kg": "600"}]))
    again = {"lot": LOT + "stamper:blank-3", "kg": "600", "material": "blank"}
    forge.add(_stamp(world, inputs=rest, outputs=[again]))
    one, two = len(forge.entries) - 2, len(forge.entries) - 1
    base = set(range(one))
    forge.add(_scrap(world))
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
    left.add(_scrap(world, "left"))
    right.add(_scrap(world, "right"))
    report = check([left.proof(scene.lot), right.proof(scene.lot)], world.trust)
    assert {(f.check, f.code) for f in report.together} == {(2, "chain.fork")}
    assert {f.entries for f in report.together} == {(), (len(left.entries) - 1,)}


def test_a_file_that_is_no_proof_beside_one_that_is(scene: Scene) -> None:
    report = check([b"nothing", scene.data], scene.world.trust)
    assert (report.exit_code, report.together) == (1, ())
    assert report.proofs[1].verdict(7) == PASS
