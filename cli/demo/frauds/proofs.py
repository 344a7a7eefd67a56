"""Steps that change a proof file on its way to the reader: by anyone who holds it, by someone who can read
the log's tiles (``cut``), or by the operator, who signs another tree (``operator``)."""

import json
from collections.abc import Callable, Mapping, Sequence

from cli.demo import story as demo
from cli.demo.frauds.events import Row
from cli.demo.frauds.spelling import Spelling
from cli.demo.frauds.stage import OPERATOR, Stage, committed, summed
from cli.demo.frauds.stores import reworded
from ledger import entry, merkle, note, prooffile, strictjson
from ledger.merkle import leaf_hash
from ledger.note import Checkpoint, format_checkpoint, sign_note
from ledger.prooffile import ProofFile


def change(stage: Stage, proof: bytes, row: Row, spelling: Spelling) -> bytes:
    """What becomes of a proof when the step is done to it."""
    return _VERBS[row["proof"]](stage, proof, row, spelling)


def _entries(stage: Stage) -> list[bytes]:
    return list(stage.store.entries(0, stage.store.head().size))


def _indices(proof: ProofFile) -> list[int]:
    return [entry.decode(text.encode()).index for text in proof.entries]


def _shown(
    proof: ProofFile, indices: Sequence[int], entries: Sequence[bytes], checkpoint: str | None = None
) -> bytes:
    """A proof that shows these entries of a log; under the old checkpoint unless there is a new one."""
    leaves = [leaf_hash(data) for data in entries]

    def read(level: int, index: int) -> bytes:
        return merkle.root(leaves[index << level : (index + 1) << level])

    hashes = tuple(merkle.multiproof(indices, len(leaves), read))
    texts = tuple(entries[index].decode() for index in indices)
    return prooffile.encode(ProofFile(proof.subject, checkpoint or proof.checkpoint, texts, hashes))


def _signed(stage: Stage, entries: Sequence[bytes], by: str = OPERATOR) -> str:
    name, leaves = stage.played.story.ledger, [leaf_hash(data) for data in entries]
    text = format_checkpoint(Checkpoint(name, len(leaves), merkle.root(leaves)))
    return sign_note(text, name, stage.played.key(by))


def _edit(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """Words of the event of ``entry`` are changed (``payload``), its receipt by ``seconds``. With
    ``operator`` its checkpoint is signed, and unless ``chain`` is false the log is chained anew."""
    proof = prooffile.decode(data)
    entries, at = _entries(stage), stage.played.index(row["entry"])
    indices = _indices(proof)
    assert at in indices, "the entry is not in the proof"
    found = entry.decode(entries[at])
    statement = reworded(found.statement, row.get("payload", ()))
    received = found.received + 1000 * row.get("seconds", 0)
    entries[at] = entry.encode(found._replace(statement=statement, received=received))
    if not row.get("operator"):
        texts = tuple(entries[index].decode() for index in indices)
        return prooffile.encode(proof._replace(entries=texts))
    for index in range(at + 1, len(entries) if row.get("chain", True) else 0):
        linked = entry.decode(entries[index])._replace(prev=leaf_hash(entries[index - 1]))
        entries[index] = entry.encode(linked)
    return _shown(proof, indices, entries, _signed(stage, entries))


def _cut(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """The ``entries`` are left out, and the hashes fit the rest."""
    proof = prooffile.decode(data)
    left_out = {stage.played.index(step) for step in row["entries"]}
    indices = _indices(proof)
    assert left_out <= set(indices), "an entry is not in the proof"
    return _shown(proof, [index for index in indices if index not in left_out], _entries(stage))


def _relabel(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """It says that it is of another ``lot``."""
    return prooffile.encode(prooffile.decode(data)._replace(subject=spelling.whole(row["lot"])))


def _reorder(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """Two entries change places."""
    proof = prooffile.decode(data)
    first, second, *rest = proof.entries
    return prooffile.encode(proof._replace(entries=(second, first, *rest)))


def _shorten(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """The last entry, which dates the proof, is left out."""
    proof = prooffile.decode(data)
    return prooffile.encode(proof._replace(entries=proof.entries[:-1]))


def _member(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """It has the members of ``set`` besides, or instead."""
    return strictjson.dumps(json.loads(data) | spelling.whole(row["set"])) + b"\n"


def _twice(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """It has a member twice: one ``lot`` for those who read the first, the true one for the others."""
    other = strictjson.dumps(spelling.whole(row["lot"]))
    return data.replace(b'"subject":', b'"subject":' + other + b',"subject":', 1)


def _hash(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """One hash of the tree is another."""
    proof = prooffile.decode(data)
    return prooffile.encode(proof._replace(hashes=(bytes(32), *proof.hashes[1:])))


def _sign(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """Its checkpoint is signed by another key: ``by``."""
    proof = prooffile.decode(data)
    text, name = note.split(proof.checkpoint)[0], stage.played.story.ledger
    signed = note.sign_note(text, name, stage.played.key(row["by"]))
    return prooffile.encode(proof._replace(checkpoint=signed))


def _invent(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """The same story is told in a ledger of other keys, each made by the forger; the operator signs it."""
    played = stage.played
    keys = demo.make_keys(played.story, lambda name: played.seed(f"invented {name}"))
    steps = demo.all_steps(played.story, keys)
    group = summed(committed(steps, [demo.sign(step, keys) for step in steps]))
    proof = prooffile.decode(data)
    return _shown(proof, _indices(proof), group.entries, _signed(stage, group.entries))


_VERBS: Mapping[str, Callable[[Stage, bytes, Row, Spelling], bytes]] = {
    "edit": _edit,
    "cut": _cut,
    "relabel": _relabel,
    "reorder": _reorder,
    "shorten": _shorten,
    "member": _member,
    "twice": _twice,
    "hash": _hash,
    "sign": _sign,
    "invent": _invent,
}
VERBS = frozenset(_VERBS)
