"""The small ledger that the reference's examples are made of. Everything is a function of this file.

A mine's first week: the charter, the mine with its key and its site, two piles of ore, and a count of
the first between them; then a checkpoint is published, for which the operator states the register. A proof
of the first pile holds all entries but the count and the second pile.
"""

import hashlib
import json
from functools import cache
from typing import Any, NamedTuple

from ledger import b64, history, note, proof, verify
from ledger.check.report import Report
from ledger.keys import Algorithm, PrivateKey, possession_message
from ledger.log import Log, Receipt
from ledger.merkle import leaf_hash
from ledger.note import COSIGNATURE
from ledger.publisher import Publisher
from ledger.quantity import parse_instant
from ledger.statement import sign
from ledger.store.guard import MemoryGuard
from ledger.store.memory import MemoryStore
from ledger.trust import Trust

LEDGER = "example.com/oreline"
WITNESS = "witness.example/w1"
REGISTRAR = "https://registrar.example/"
MINE = "https://mine.example/"
PIT = "urn:example:mine:pit-4"
PILE = "urn:example:mine:pile-1"
PILE_2 = "urn:example:mine:pile-2"
PUBLISHED = "2026-03-02T08:25:00.000Z"
COSIGNED = 1_772_440_200  # 2026-03-02T08:30:00Z
SEEDS = {
    "registrar": "Ed25519",
    "recovery": "Ed25519",
    "operator": "Ed25519",
    "witness": "Ed25519",
    "mine": "ES256",
}

CATALOGUE = {
    "materials": {
        "bauxite": {"origin": True, "metal_fraction": "0.24"},
        "alumina": {"origin": True, "metal_fraction": "0.529"},
    },
    "processes": {
        "refine": {
            "site_kinds": ["refinery"], "inputs": ["bauxite"], "outputs": ["alumina"],
            "ratio": ["0.25", "0.65"], "monthly": ["0.3", "0.55"], "tolerance": "0.02",
        }
    },
    "sources": {"mine": {"site_kinds": ["mine"], "materials": ["bauxite"]}},
    "marks": {"survey": {"unique": True}},
    "site_kinds": ["mine", "refinery"],
    "roles": ["miner", "refiner", "certifier"],
    "certifier_role": "certifier",
    "tolerances": {"receive": "0.005"},
    "max_delay_days": 400,
}  # fmt: skip


def private_key(name: str) -> PrivateKey:
    """The key whose seed is the SHA-256 of ``oreline example: <name>``."""
    algorithm: Algorithm = "ES256" if SEEDS[name] == "ES256" else "Ed25519"
    return PrivateKey.from_seed(algorithm, hashlib.sha256(f"oreline example: {name}".encode()).digest())


class Example(NamedTuple):
    """``entries``: their bytes. ``proof``, ``history``: the files of the first pile."""

    store: MemoryStore
    entries: list[bytes]
    checkpoint: str
    trust: str
    proof: bytes
    history: bytes
    report: Report


def _events() -> list[tuple[str, str, dict[str, Any]]]:
    """(received, signer, event) of each entry but the last."""
    mine = private_key("mine").public
    possession = private_key("mine").sign(possession_message(LEDGER, MINE, mine.kid))
    registry = {"party": REGISTRAR}
    own = {"party": MINE, "site": PIT}

    def pile(lot: str, kg: str, survey: str) -> dict[str, Any]:
        line = {
            "lot": lot,
            "kg": kg,
            "material": "bauxite",
            "basis": "draft_survey",
            "marks": {"survey": survey},
        }
        return own | {"type": "source", "kind": "mine", "outputs": [line]}

    return [
        ("2026-03-02T06:00:00.123Z", "registrar", registry | {
            "type": "charter", "id": "urn:example:registrar:charter", "time": "2026-03-02T05:59:00Z",
            "name": "Oreline reference example", "rules": 1,
            "registrar_keys": [private_key("registrar").public.jwk],
            "recovery_key": private_key("recovery").public.jwk,
            "operator_key": private_key("operator").public.jwk,
            "catalogue": CATALOGUE,
        }),
        ("2026-03-02T06:05:00.000Z", "registrar", registry | {
            "type": "party", "id": "urn:example:registrar:party:1", "time": "2026-03-02T06:04:00Z",
            "subject": MINE, "name": "Example Mine", "country": "GN", "roles": ["miner"],
            "prefixes": ["urn:example:mine:"],
        }),
        ("2026-03-02T06:05:00.000Z", "registrar", registry | {
            "type": "key", "id": "urn:example:registrar:key:1", "time": "2026-03-02T06:04:30Z",
            "subject": MINE, "jwk": mine.jwk, "proof": b64.encode(possession),
        }),
        ("2026-03-02T06:07:30.500Z", "registrar", registry | {
            "type": "site", "id": "urn:example:registrar:site:1", "time": "2026-03-02T06:06:00Z",
            "subject": PIT, "operator": MINE, "kinds": ["mine"], "country": "GN", "subdivision": "GN-BE",
        }),
        ("2026-03-02T08:00:01.250Z", "mine", pile(PILE, "1500.5", "S-17") | {
            "id": "urn:example:mine:shift:1", "time": "2026-03-02T08:00:00Z", "from": "2026-03-02T00:00:00Z",
        }),
        ("2026-03-02T08:10:00.000Z", "mine", own | {
            "type": "count", "id": "urn:example:mine:count:1", "time": "2026-03-02T08:09:00Z",
            "lines": [{"lot": PILE, "kg": "1500"}], "basis": "draft_survey",
        }),
        ("2026-03-02T08:20:00.000Z", "mine", pile(PILE_2, "900", "S-18") | {
            "id": "urn:example:mine:shift:2", "time": "2026-03-02T08:15:00Z",
        }),
    ]  # fmt: skip


@cache
def example() -> Example:
    """The ledger, made anew; the same each time."""
    store, now = MemoryStore(), [0]
    log = Log(store, lambda: now[0])
    for received, signer, event in _events():
        now[0] = parse_instant(received)
        event = {"ledger": LEDGER, "type": event["type"], "id": event["id"], "time": event["time"]} | event
        (outcome,) = log.post(
            [sign(json.dumps(event, separators=(",", ":")).encode(), private_key(signer))]
        ).outcomes
        assert isinstance(outcome, Receipt), outcome
    now[0] = parse_instant(PUBLISHED)
    checkpoint = Publisher(log, MemoryGuard(), private_key("operator"), LEDGER, _Witness()).publish()
    entries = list(store.entries(0, store.head().size))
    log_key = note.ed25519_vkey(LEDGER, private_key("operator").public.raw)
    witness_key = note.format_vkey(note.verifier(WITNESS, COSIGNATURE, private_key("witness").public.raw))
    trust = (
        f"# the log, one witness who must have signed too, and the charter\n"
        f"log {log_key}\n"
        f"witness w1 {witness_key}\n"
        f"group witnesses any w1\n"
        f"quorum witnesses\n"
        f"charter {b64.encode_std(leaf_hash(entries[0]))}\n"
    )
    file = proof.build(store, PILE)
    told = history.build(store, history.Subject(lot=PILE))
    return Example(store, entries, checkpoint, trust, file, told, verify.check([file], Trust.parse(trust)))


class _Witness:
    def collect(self, checkpoint: str, prove: Any) -> str:
        """See ``ledger.publisher.Collecting``."""
        return note.cosign(checkpoint, WITNESS, private_key("witness"), COSIGNED)
