"""What the named fences of docs/reference/formats/evidence.md hold. See ``blocks``."""

import json

from ledger import entry, evidencefile, merkle, note
from ledger.check import stretch
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


def stood() -> stretch.Stretch:
    """One more entry in the example's log, which names another than the one before it."""
    entries = example().entries
    last = entry.decode(entries[-1])
    more = entry.encode(last._replace(index=len(entries), prev=bytes(32)))
    leaves = [merkle.leaf_hash(data) for data in (*entries, more)]
    text = note.format_checkpoint(note.Checkpoint(ex.LEDGER, len(leaves), merkle.root(leaves)))
    signed = note.sign_note(text, ex.LEDGER, private_key("operator"))
    return stretch.Stretch(signed, 0, tuple(data.decode() for data in entries), more, ())


@block
def evidence_entry() -> str:
    value = json.loads(stretch.encode(stood()))
    value["entries"] = [f"{text[:40]}…" for text in value["entries"]]
    value["entry"] = f"{value['entry'][:40]}…"
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


@block
def witness_request() -> str:
    proof = merkle.consistency_proof(PARTING + 1, len(example().entries), _read)
    text, signatures = example().checkpoint.split("\n\n")
    return request_body(f"{text}\n\n{signatures.splitlines()[0]}\n", 5, proof).decode()


@block
def monitor_state() -> str:
    kept = state.State(example().checkpoint, ex.COSIGNED * 1000, (private_key("mine").public.kid,))
    return lines(_indented(state.encode(kept)).rstrip("\n"))
