"""Golden files: the bytes of proofs and reports do not change by accident.

To write them anew after a change that is meant: ``python -m tests.check.test_golden``. A proof that was
written by an earlier release must go on being checked, so a changed proof file needs a good reason.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.check.text import as_text
from ledger.proof import build
from ledger.trust import Trust
from ledger.verify import check
from tests.check.forge import Forge
from tests.world import LOT, PARTY, SITE, World

FOLDER = Path(__file__).parent / "golden"
CATALOGUE = json.loads((FOLDER / "catalogue.json").read_text())
WITNESS = "witness.example/1"


def _hood() -> tuple[bytes, str]:
    """Holds: with an attestation, a resolved dispute and a witness."""
    world = World(catalogue=CATALOGUE)
    hood = world.hood()
    world.attest(SITE + "smelter", certificate_no="C-1", scope={"sites": [SITE + "smelter"]})
    rolled = {
        "party": PARTY + "roller",
        "id": next(e["id"] for e in world.posted if e.get("process") == "roll"),
    }
    world.correct(rolled, "dispute")
    world.correct(rolled, "resolve")
    world.hand_over("press", "plant", {hood: "8"})
    world.source("yard", "last", "5", kind="collection", material="post_consumer_scrap")
    world.publish(WITNESS)
    return build(world.store, hood), world.trust_text([WITNESS])


def _pile() -> tuple[bytes, str]:
    """Not provable: bought metal, and an ancestor left out."""
    world = World(catalogue=CATALOGUE)
    lots = {}
    for name, kg, kind in (("a", "60", "collection"), ("b", "30", "purchase"), ("c", "10", "collection")):
        scrap = world.source("yard", name, kg, kind=kind, material="post_consumer_scrap")
        (bale,) = world.transform("yard", "bale", {scrap: kg}, {f"{name}-2": ("post_consumer_scrap", kg)})
        lots[bale] = kg
    (pile,) = world.transform("yard", "blend", lots, {"pile": ("post_consumer_scrap", "99.999")})
    world.publish()
    return build(world.store, pile, min_share=150_000), world.trust_text()


def _fraud() -> tuple[bytes, str]:
    """Does not hold: the operator admitted metal out of nothing, and a disputed delivery is in it."""
    world = World(catalogue=CATALOGUE)
    scrap = world.source("yard", "a", "100", kind="collection", material="post_consumer_scrap")
    world.site("recycler")
    shipment = world.ship("yard", "remelter", {scrap: "100"})
    world.receive(shipment, "recycler", {scrap: "95"})
    forge = Forge(world)
    event: dict[str, Any] = {"type": "transform", "party": PARTY + "remelter", "site": SITE + "recycler"}
    ingot = {"lot": LOT + "remelter:ingot", "kg": "120", "material": "remelt_ingot"}
    inputs = [{"lot": scrap, "kg": "95"}]
    event |= {"process": "remelt", "inputs": inputs, "outputs": [ingot], "model": "mass_balance"}
    forge.add(event)
    return forge.proof(ingot["lot"]), world.trust_text()


STORIES = {"hood": (_hood, 0), "pile": (_pile, 2), "fraud": (_fraud, 1)}


def made(name: str) -> dict[str, bytes]:
    """The files of a story: proof, trust file, report as JSON and as text."""
    proof, trust = STORIES[name][0]()
    report = check([proof], Trust.parse(trust))
    return {
        f"{name}.proof.json": proof,
        f"{name}.trust": trust.encode(),
        f"{name}.report.json": json.dumps(report.as_json(), indent=1, ensure_ascii=False).encode() + b"\n",
        f"{name}.report.txt": as_text(report).encode(),
    }


@pytest.mark.parametrize("name", STORIES)
def test_the_bytes_are_the_same(name: str) -> None:
    for file, data in made(name).items():
        assert (FOLDER / file).read_bytes() == data, file


@pytest.mark.parametrize("name", STORIES)
def test_a_kept_proof_gets_its_kept_report(name: str) -> None:
    """Whatever the builder does today."""
    trust = Trust.parse((FOLDER / f"{name}.trust").read_text())
    report = check([(FOLDER / f"{name}.proof.json").read_bytes()], trust)
    assert report.as_json() == json.loads((FOLDER / f"{name}.report.json").read_text())
    assert report.exit_code == STORIES[name][1]


if __name__ == "__main__":
    for story in STORIES:
        for name, data in made(story).items():
            (FOLDER / name).write_bytes(data)
