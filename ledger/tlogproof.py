"""C2SP tlog-proof: that one entry is in a log, as a text that travels alone.

    c2sp.org/tlog-proof@v1
    extra <base64>                 (may be absent; nobody has signed it)
    index <n>
    <base64 of a hash>             (each, from the leaf's sibling up: RFC 6962 2.1.1)

    <checkpoint, verbatim>

``encode(decode(text)) == text``. What the text claims is checked elsewhere: ``Trust.check`` for the
checkpoint, ``merkle.root_from_inclusion`` for the hashes.
"""

import re
from typing import NamedTuple

from ledger import b64
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES, MAX_SIZE
from ledger.note import MAX_NOTE

HEADING = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63  # the height of a tree of 2^63 - 1 leaves
MAX_TEXT = 2 * MAX_NOTE

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.A)


class TlogProof(NamedTuple):
    """``index`` of the entry, the ``hashes`` of its inclusion proof, the signed ``checkpoint``, and
    ``extra`` data that is not authenticated (None: absent)."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None


def encode(proof: TlogProof) -> str:
    """The text of the proof."""
    lines = [HEADING]
    if proof.extra is not None:
        lines.append("extra " + b64.encode_std(proof.extra))
    lines.append(f"index {proof.index}")
    lines += map(b64.encode_std, proof.hashes)
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def decode(text: str) -> TlogProof:
    """The proof of its text; ``Malformed("proof.tlog")``."""
    head, empty, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MAX_TEXT or not empty or not checkpoint or lines.pop(0) != HEADING:
        raise Malformed("proof.tlog")
    extra = _base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    match = _INDEX.fullmatch(lines.pop(0)) if lines else None
    hashes = tuple(map(_base64, lines))
    if not match or len(hashes) > MAX_HASHES or any(len(value) != HASH_BYTES for value in hashes):
        raise Malformed("proof.tlog")
    index = int(match[1])
    if index >= MAX_SIZE:
        raise Malformed("proof.tlog")
    return TlogProof(index, hashes, checkpoint, extra)


def _base64(text: str) -> bytes:
    try:
        return b64.decode_std(text)
    except ValueError:
        raise Malformed("proof.tlog") from None
