"""A ledger that is asked by a buyer, with a policy, proofs and a paper."""

import hashlib
from pathlib import Path

from ledger.store import Store
from ledger.store.sqlite import SqliteStore
from tests.cli.commands import HOOD, done, folder
from tests.world import LOT, SITE, World

COIL, SLAB, BOUGHT = LOT + "roller:coil", LOT + "smelter:slab", LOT + "remelter:bought"
PAPER = b"%PDF a certificate"
EARLY = "2026-01-01T00:00:00Z"
SHA = hashlib.sha256(PAPER).hexdigest()

POLICY = """\
format = "oreline-policy/1"
name = "house"
title = "Known origin, and the mill attested"
version = "1"

[[requirement]]
id = "known"
kind = "known_origin"
least = "1"

[[requirement]]
id = "mill"
kind = "attested"
of = { processes = ["roll"] }
schemes = ["environmental_management"]

[[example]]
name = "nothing is known"
claims = { subject = "urn:example:lot:x" }
expect = { known = "not provable" }
"""


def trade(store: Store) -> World:
    """A hood whose mill is attested; another part of bought metal. Always the same."""
    world = World(store)
    world.hood()
    evidence = [{"name": "c", "sha256": SHA, "media_type": "application/pdf", "size": len(PAPER)}]
    scheme = "environmental_management"
    world.attest(SITE + "mill", scheme=scheme, valid_from=EARLY, evidence=evidence)
    world.source("recycler", "bought", "500", "purchase", "remelt_ingot")
    return world


def fill(path: Path) -> None:
    """A folder with that ledger, a policy, a proof of the hood and the trust file."""
    world = trade(SqliteStore(path / "ledger", create=True))
    world.publish()
    (path / "trust.policy").write_text(world.trust.format())
    (path / "house.toml").write_text(POLICY)
    (path / "paper.pdf").write_bytes(PAPER)
    world.log.close()
    world.store.close()
    with folder(path):
        done("prove", HOOD, "-o", "hood.proof.json", "--ledger", "ledger")
        done("prove", BOUGHT, "-o", "bought.proof.json", "--ledger", "ledger")
