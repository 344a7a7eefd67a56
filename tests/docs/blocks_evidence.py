"""What the named fences of docs/reference/formats/evidence.md hold. See ``blocks``."""

import json

from ledger import evidencefile, merkle, note
from ledger.monitoring import state
from ledger.witness.client import request_body
from tests.docs import example as ex
from tests.docs.blocks import block, lines
from tests.docs.example import example, private_key

PARTING = 4  # entries that both histories of the example have


def _read(level: int, number: int) -> bytes:
    """The example's tree."""
    leaves = [merkle.leaf_hash(data) for data in example().entries]
    return merkle.root(leaves[number << level : (number + 1) << level])


def _indented(data: bytes) -> str:
    return json.dumps(json.loads(data), indent=1, ensure_ascii=False) + "\n"


def fork() -> evidencefile.Fork:
    """The example's checkpoint beside one of fewer entries, of which the last is another."""
    leaves = [merkle.leaf_hash(data) for data in example().entries]
    others = [*leaves[:PARTING], merkle.leaf_hash(b"another entry")]
    text = note.format_checkpoint(note.Checkpoint(ex.LEDGER, len(others), merkle.root(others)))
    other = note.sign_note(text, ex.LEDGER, private_key("operator"))
    return evidencefile.fork([example().checkpoint, other], _read)


@block
def evidence_fork() -> str:
    return _indented(evidencefile.encode(fork()))


@block
def witness_request() -> str:
    proof = merkle.consistency_proof(PARTING + 1, len(example().entries), _read)
    text, signatures = example().checkpoint.split("\n\n")
    return request_body(f"{text}\n\n{signatures.splitlines()[0]}\n", 5, proof).decode()


@block
def monitor_state() -> str:
    kept = state.State(example().checkpoint, ex.COSIGNED * 1000, (private_key("mine").public.kid,))
    return lines(_indented(state.encode(kept)).rstrip("\n"))
