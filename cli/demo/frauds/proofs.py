"""Steps that change a proof file on its way to the reader: by anyone who holds it, by someone who can read
the log's tiles (``cut``), or by the operator, who signs another tree (``operator``)."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from cli.demo.frauds.events import Row
from cli.demo.frauds.spelling import Spelling
from cli.demo.frauds.stage import OPERATOR, Stage
from cli.demo.frauds.stores import reworded
from ledger import entry, merkle, note, prooffile, strictjson
from ledger.check import evidence
from ledger.merkle import HASH_BYTES, leaf_hash
from ledger.note import Checkpoint, format_checkpoint, sign_note
from ledger.proof import build
from ledger.proof.opened import less_said
from ledger.proof.shown import shown
from ledger.prooffile import ProofFile, RegisterPart
from ledger.register import Key, event_name
from ledger.registermap import PAIR_BYTES, Opened


def change(stage: Stage, proof: bytes, row: Row, spelling: Spelling) -> bytes:
    """What becomes of a proof when the step is done to it."""
    return _VERBS[row["proof"]](stage, proof, row, spelling)


def _entries(stage: Stage) -> list[bytes]:
    return list(stage.store.entries(0, stage.store.head().size))


def _indices(proof: ProofFile) -> list[int]:
    return [entry.decode(text.encode()).index for text in proof.entries]


def _at(stage: Stage, step: str, spelling: Spelling) -> int:
    """The index of a step's entry."""
    event = spelling.events[step]
    key = Key("event", event_name(event["party"], event["id"]))
    return stage.store.read([key])[key].at


def _shown(
    proof: ProofFile, indices: Sequence[int], entries: Sequence[bytes], checkpoint: str | None = None
) -> bytes:
    """A proof that shows these entries of a log; under the old checkpoint unless there is a new one."""
    leaves = [leaf_hash(data) for data in entries]

    def read(level: int, index: int) -> bytes:
        return merkle.root(leaves[index << level : (index + 1) << level])

    hashes = tuple(merkle.multiproof(indices, len(leaves), read))
    texts = tuple(entries[index].decode() for index in indices)
    return prooffile.encode(
        proof._replace(checkpoint=checkpoint or proof.checkpoint, entries=texts, hashes=hashes)
    )


def _signed(stage: Stage, entries: Sequence[bytes], by: str = OPERATOR) -> str:
    name, leaves = stage.played.story.ledger, [leaf_hash(data) for data in entries]
    text = format_checkpoint(Checkpoint(name, len(leaves), merkle.root(leaves)))
    return sign_note(text, name, stage.played.key(by))


def _edit(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """Words of the event of ``entry`` are changed (``payload``), its receipt by ``seconds``. With
    ``operator`` its checkpoint is signed, and unless ``chain`` is false the log is chained anew."""
    proof = prooffile.decode(data)
    entries, at = _entries(stage), _at(stage, row["entry"], spelling)
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
    left_out = {_at(stage, step, spelling) for step in row["entries"]}
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


def _open(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """What it shows of the register is made anew, by the true register, for its subject and the entries
    that are left in it."""
    proof = prooffile.decode(data)
    pieces = [evidence.read(entry.decode(text.encode())) for text in proof.entries]
    part = shown(stage.store, pieces, proof.subject, set(), pieces[-1].index)
    return prooffile.encode(proof._replace(register=part))


def _graft(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """What it shows of the register is taken from the proof of another ``lot``; or, with ``from``, from a
    proof of the stage's ``beginning``, or of an ``invented`` ledger."""
    proof = prooffile.decode(data)
    lot = spelling.whole(row.get("lot", proof.subject))
    if "from" not in row:
        return _with(proof, stage, lot)
    played = stage.played if row["from"] == "beginning" else stage.played.invented
    other = Stage(played, played.before(None))
    try:
        return _with(proof, other, lot)
    finally:
        other.close()


def _with(proof: ProofFile, stage: Stage, lot: str) -> bytes:
    other = prooffile.decode(build(stage.store, lot))
    return prooffile.encode(proof._replace(register=other.register))


def _unsay(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """A ``record`` [kind, id] that it shows is left out; or says other things: ``text`` [[old, new]]."""
    proof = prooffile.decode(data)
    kind, id = row["record"]
    key = Key(kind, spelling.whole(id))
    part = proof.register
    assert part is not None
    said = dict(part.records)
    text = said.pop(key)
    for old, new in row.get("text", ()):
        said[key] = text.replace(old, new)
    if key not in said:  # its pair must stand there instead
        part = part._replace(buckets=tuple(spelt_out(part, stage.store.map().depth)))
    records = tuple(sorted(said.items(), key=lambda item: f"{item[0].kind} {item[0].id}"))
    return prooffile.encode(proof._replace(register=less_said(part._replace(records=records))))


def spelt_out(part: RegisterPart, depth: int) -> Iterator[Opened]:
    """The opened buckets with the pairs of all records that stand beside."""
    for number, parts in part.buckets:
        yield Opened(number, tuple(_walk(iter(parts), part.pairs, depth, number)))


def _walk(
    rest: Iterator[bytes | None], pairs: Mapping[bytes, bytes], bits: int, prefix: int
) -> Iterator[bytes | None]:
    one = next(rest)
    if one is None:
        yield None
        yield from _walk(rest, pairs, bits + 1, 2 * prefix)
        yield from _walk(rest, pairs, bits + 1, 2 * prefix + 1)
    elif len(one) == HASH_BYTES:
        yield one
    else:
        there = [one[at : at + PAIR_BYTES] for at in range(0, len(one), PAIR_BYTES)]
        there += [key + pairs[key] for key in pairs if int.from_bytes(key, "big") >> 256 - bits == prefix]
        yield b"".join(sorted(there))


def _bare(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """It shows nothing of the register."""
    return prooffile.encode(prooffile.decode(data)._replace(register=None))


def _invent(stage: Stage, data: bytes, row: Row, spelling: Spelling) -> bytes:
    """The same story is told in a ledger of other keys, each made by the forger; the operator signs it."""
    proof = prooffile.decode(data)
    other = Stage(stage.played.invented, stage.played.invented.before(None))
    try:
        entries = _entries(other)
        made = prooffile.decode(build(other.store, proof.subject))
    finally:
        other.close()
    return prooffile.encode(made._replace(checkpoint=_signed(stage, entries)))


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
    "open": _open,
    "graft": _graft,
    "unsay": _unsay,
    "bare": _bare,
    "invent": _invent,
}
VERBS = frozenset(_VERBS)
