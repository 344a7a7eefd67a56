"""Attacks by the operator himself, who admits what the rules forbid."""

from collections.abc import Callable

import pytest

from ledger.check.report import NOT_PROVABLE
from ledger.statement import sign
from tests.check.scene import BLANK, OTHER, ROLLER, STAMPER, Scene, blanked, codes
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, private_key


@pytest.fixture
def scene() -> Scene:
    return Scene()


ATTACKS: dict[str, tuple[Callable[[World], dict[str, object]], int, str]] = {
    "mass created": (lambda w: blanked(w, outputs=[OTHER | {"kg": "16"}]), 6, "mass.created"),
    "beyond physics": (lambda w: blanked(w, outputs=[OTHER | {"kg": "5"}]), 6, "process.ratio"),
    "overdrawn": (
        lambda w: blanked(
            w, inputs=[{"lot": LOT + "roller:coil", "kg": "836"}], outputs=[OTHER | {"kg": "600"}]
        ),
        6,
        "lot.overdrawn",
    ),
    "not the holder": (
        lambda w: blanked(w, inputs=[{"lot": LOT + "smelter:metal", "kg": "1"}], process="blend"),
        6,
        "lot.holder",
    ),
    "another's lot id": (
        lambda w: blanked(w, outputs=[{"lot": LOT + "roller:x", "kg": "12", "material": "blank"}]),
        6,
        "lot.prefix",
    ),
    "another ledger's": (lambda w: blanked(w, ledger="example.com/other"), 6, "event.ledger"),
    "in the future": (lambda w: blanked(w, time="2026-03-02T07:00:00Z"), 6, "time.future"),
    "at another's site": (lambda w: blanked(w, site=SITE + "mill"), 5, "site.operator"),
    "no event": (lambda w: blanked(w, process=7), 6, "event.value"),
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
    forge.add(blanked(scene.world), by=scene.world.keys[ROLLER])
    assert codes(scene.check(forge.proof(BLANK))) == {(5, "key.other_party")}


def test_a_statement_that_its_key_did_not_sign(scene: Scene) -> None:
    forge = scene.forge()
    honest = scene.world.sign(scene.world.event(blanked(scene.world)))
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
    forge.add(blanked(scene.world), by=private_key("nobody"))
    found = scene.check(forge.proof(BLANK))
    assert not codes(found)
    assert (5, "missing.key") in codes(found, NOT_PROVABLE)


def test_a_key_used_after_its_revocation(scene: Scene) -> None:
    world = scene.world
    world.revoke_key(STAMPER)
    forge = scene.forge()
    forge.add(blanked(world))
    assert codes(scene.check(forge.proof(BLANK))) == {(5, "key.revoked")}


def test_a_thiefs_key_registered_by_the_operator(scene: Scene) -> None:
    """Only the registrar or the party's own key can add a key; the operator's signature is none."""
    world, thief = scene.world, private_key("thief")
    forge = scene.forge()
    forge.add(world.key_event(STAMPER, thief), by=world.operator)
    forge.add(blanked(world), by=thief)
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
    forge.add(blanked(world), charter=amendment)
    assert codes(scene.check(forge.proof(BLANK))) == {(6, "charter.not_in_force")}
    forge = scene.forge()
    forge.add(blanked(world), charter=3)
    found = scene.check(forge.proof(BLANK))
    assert (6, "missing.charter") in codes(found, NOT_PROVABLE)
