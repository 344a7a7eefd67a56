"""The evidence file, ``*.evidence.json``: it shows whoever has the trust file that a log contradicts itself.

    {"format":"oreline-evidence/1",
     "kind":"fork",
     "notes":["<signed note>","<signed note>"],
     "hashes":"<base64>"}

In the file there is no white space: it is exactly what ``JSON.stringify`` gives plus a newline, so
``encode(decode(x)) == x``.

**fork**: two checkpoints of one log, both with its signature, of which neither history is the beginning
of the other. The first note is the one of fewer entries. Where both have as many, or the first has none,
the roots alone contradict each other and there are no hashes. Else ``hashes`` are the leaf hash of the
first one's last entry *as the second one's tree has it*, and the multiproof that leads from it to the
second one's root (``ledger.merkle.multiproof``). They also give the root that the first entries have in
the second tree (``ledger.merkle.root_at``); it is not the one that the first note signs. A consistency
proof (RFC 9162, 2.1.4) would not do: that one fails to verify shows nothing, since anyone can spoil it.

Nobody's quorum is asked for: the log's own signature is what is held against it. Who else cosigned which
of the two is told.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from ledger import b64, strictjson
from ledger.errors import Malformed
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, ReadHash, multiproof, root_at, root_from_multiproof
from ledger.note import Checkpoint, checkpoint_of
from ledger.trust import NONE, Trust, Trusted

FORMAT = "oreline-evidence/1"
FORK = "fork"
MAX_BYTES = 1024 * 1024

_MEMBERS = ["format", "kind", "notes", "hashes"]


def file_name(kind: str, data: bytes) -> str:
    """What the file of some evidence is called: the same for the same."""
    return f"{kind}-{sha256(data).hexdigest()[:16]}.evidence.json"


class Fork(NamedTuple):
    """Two signed notes, the one of fewer entries first, and what shows that they contradict each other."""

    notes: tuple[str, str]
    hashes: tuple[bytes, ...]


class Shown(NamedTuple):
    """What evidence shows, under the trust file: in a sentence, and the checkpoints that it rests on."""

    kind: str
    origin: str
    sentence: str
    checkpoints: tuple[Trusted, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        rows = [
            {
                "size": row.checkpoint.size,
                "root": b64.encode_std(row.checkpoint.root),
                "witnesses": [name for name, _ in row.witnesses],
            }
            for row in self.checkpoints
        ]
        return {"kind": self.kind, "ledger": self.origin, "sentence": self.sentence, "checkpoints": rows}


def encode(evidence: Fork) -> bytes:
    """The bytes of the file."""
    value = {
        "format": FORMAT,
        "kind": FORK,
        "notes": list(evidence.notes),
        "hashes": b64.encode_hashes(evidence.hashes),
    }
    return strictjson.dumps(value) + b"\n"


def decode(data: bytes) -> Fork:
    """The evidence of the file's bytes; ``Malformed("evidence.form")``, ``evidence.kind``."""
    if len(data) > MAX_BYTES:
        raise Malformed("evidence.form", detail=f"The file is larger than {MAX_BYTES:,} octets.")
    try:
        value = orjson.loads(data)  # lenient in places; the comparison below is what is strict
    except ValueError:
        raise Malformed("evidence.form", detail="The file is not JSON.") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Malformed("evidence.form", "$.format")
    if value.get("kind") != FORK:
        raise Malformed("evidence.kind", "$.kind")
    if list(value) != _MEMBERS:
        raise Malformed("evidence.form", detail=f"The members are not {', '.join(_MEMBERS)}.")
    notes, hashes = value["notes"], value["hashes"]
    if not _texts(notes) or len(notes) != 2 or not isinstance(hashes, str):
        raise Malformed("evidence.form")
    try:
        fork = Fork((notes[0], notes[1]), b64.decode_hashes(hashes))
    except ValueError:
        raise Malformed("evidence.form", "$.hashes") from None
    if encode(fork) != data:
        raise Malformed("evidence.form")
    return fork


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def check(evidence: Fork, trust: Trust) -> Shown:
    """What the evidence shows. ``Malformed`` where it shows nothing: ``evidence.unproven``, or what is
    wrong with a note (``note.…``, ``checkpoint.…``, ``trust.origin``, ``trust.log``)."""
    lenient = trust._replace(quorum=NONE)
    first, second = (lenient.check(text) for text in evidence.notes)
    old, new = first.checkpoint, second.checkpoint
    if old.origin != new.origin:
        raise Malformed("evidence.unproven", detail="The notes are of two logs.")
    if _extends(old, new, evidence.hashes):
        raise Malformed("evidence.unproven", detail="The notes do not contradict each other.")
    if old.size == new.size:
        what = f"two histories of {old.size} entries: their roots differ"
    else:
        what = (
            f"two histories: one of {old.size} entries, and one of {new.size} that does not begin with them"
        )
    return Shown(FORK, old.origin, f"The log {old.origin} signed {what}.", (first, second))


def fork(notes: Sequence[str], read: ReadHash | None = None) -> Fork:
    """The evidence file of two signed notes. ``read``: the tree of the one with more entries, where sizes
    differ. Whether it shows anything is for ``check`` to say."""
    pairs = sorted(((checkpoint_of(text).size, text) for text in notes), key=lambda pair: pair[0])
    (old, first), (new, second) = pairs
    if read is None or not 0 < old < new:
        return Fork((first, second), ())
    return Fork((first, second), (read(0, old - 1), *multiproof([old - 1], new, read)))


def forked(notes: Sequence[str], read: ReadHash) -> Fork | None:
    """What shows that neither of two signed notes is the beginning of the other; None where one is. ``read``:
    the tree of the one with more entries; ``Malformed`` where that does not lead to its root."""
    found = fork(notes, read)
    old, new = map(checkpoint_of, found.notes)
    return None if _extends(old, new, found.hashes) else found


def _extends(old: Checkpoint, new: Checkpoint, hashes: Sequence[bytes]) -> bool:
    """Whether the entries of ``old`` are the first of ``new``, by a fork's hashes.
    ``Malformed("evidence.unproven")`` where those do not lead to its root, so that nothing is known."""
    if old.size > new.size:
        raise Malformed("evidence.unproven", detail="The first note is not the one of fewer entries.")
    if old.size in (0, new.size):
        if hashes:
            raise Malformed("evidence.unproven", detail="There are more hashes than are needed.")
        return old.root == (new.root if old.size == new.size else EMPTY_ROOT)
    if not hashes or len(hashes[0]) != HASH_BYTES:
        raise Malformed("evidence.unproven", detail="The hashes are lacking that lead to the second root.")
    leaves = [(old.size - 1, hashes[0])]
    try:
        whole = root_from_multiproof(leaves, new.size, hashes[1:])
    except Malformed as wrong:
        raise Malformed("evidence.unproven", "$.hashes", wrong.detail) from None
    if whole != new.root:
        raise Malformed("evidence.unproven", "$.hashes", "The hashes do not lead to the second root.")
    return root_at(old.size, leaves, new.size, hashes[1:]) == old.root
