"""The body of C2SP tlog-witness's add-checkpoint, as a witness reads it:

    old <size of the checkpoint that it cosigned last>
    <base64 hash of a consistency proof, at most 63 such lines>
    (empty line)
    <the checkpoint, a signed note>

Read as of July 2026 (v1.0.0 and what the editors' copy added: 422 for another root of the same size,
the root of the empty tree, canonical base64).
"""

import re
from typing import NamedTuple

from ledger import b64
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES

MAX_BODY = 128 * 1024  # octets: thirty signatures of ML-DSA-44, and as many proof lines as there may be
MAX_PROOF = 63  # lines

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.A)


class Request(NamedTuple):
    """``old``: a size. ``proof``: hashes of 32 bytes. ``note``: text of a signed note, not yet looked at."""

    old: int
    proof: tuple[bytes, ...]
    note: str


def decode(body: bytes) -> Request:
    """The request of a body; ``Malformed("witness.request")`` with the path ``line <n>``."""
    if len(body) > MAX_BODY:
        raise Malformed("witness.request", detail=f"The body is longer than {MAX_BODY:,} octets.")
    try:
        head, empty, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Malformed("witness.request", detail="The body is not UTF-8.") from None
    old, *lines = head.split("\n")
    size = _OLD.fullmatch(old)
    if not size:
        raise Malformed("witness.request", "line 1")
    if not empty:
        raise Malformed("witness.request", detail="There is no empty line before the checkpoint.")
    if len(lines) > MAX_PROOF:
        raise Malformed("witness.request", f"line {MAX_PROOF + 2}", "The proof has more than 63 lines.")
    return Request(int(size[1]), tuple(_hash(n, line) for n, line in enumerate(lines, 2)), note)


def _hash(number: int, line: str) -> bytes:
    try:
        found = b64.decode_std(line)
    except ValueError:
        found = b""
    if len(found) != HASH_BYTES:
        raise Malformed("witness.request", f"line {number}", "This is not the base64 of 32 octets.")
    return found
