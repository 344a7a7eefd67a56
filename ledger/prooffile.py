"""The proof file, ``*.proof.json``: one member a line here, in the file without any white space.

    {"format":"oreline-proof/1",
     "subject":"<lot>",
     "checkpoint":"<signed note>",
     "entries":["<entry>",…],
     "hashes":["<base64>",…]}

It is exactly what ``JSON.stringify`` gives plus a newline: ``encode(decode(x)) == x``. The entries are
the leaves of one multiproof, and ``hashes`` is its rest (``ledger.merkle.multiproof``).

``decode`` reads the form. ``entries_of`` reads the entries for the size of a checkpoint that has been
trusted by then. Whether it all holds is the business of ``ledger.verify``.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import orjson

from ledger import b64, entry, strictjson
from ledger.entry import Entry
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES, leaf_hash
from ledger.quantity import check_id

FORMAT = "oreline-proof/1"
MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 100_000

_MEMBERS = ["format", "subject", "checkpoint", "entries", "hashes"]


class ProofFile(NamedTuple):
    """``subject``: a lot's id. ``checkpoint``: a signed note. ``entries``: their texts, ascending."""

    subject: str
    checkpoint: str
    entries: tuple[str, ...]
    hashes: tuple[bytes, ...]


def encode(proof: ProofFile) -> bytes:
    """The bytes of the file."""
    value = {
        "format": FORMAT,
        "subject": proof.subject,
        "checkpoint": proof.checkpoint,
        "entries": list(proof.entries),
        "hashes": list(map(b64.encode_std, proof.hashes)),
    }
    return strictjson.dumps(value) + b"\n"


def decode(data: bytes) -> ProofFile:
    """The proof of the file's bytes; ``Malformed("proof.…")``."""
    if len(data) > MAX_BYTES:
        raise Malformed("proof.size")
    try:
        value = orjson.loads(data)  # lenient in places; the comparison below is what is strict
    except ValueError:
        raise Malformed("proof.form", detail="The proof file is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("proof.form")
    if value.get("format") != FORMAT:
        raise Malformed("proof.format", "$.format")
    if "register" in value:
        raise Malformed("proof.register", "$.register")
    if list(value) != _MEMBERS:
        raise Malformed("proof.form", detail=f"The members are not {', '.join(_MEMBERS)}.")
    entries = _strings(value, "entries")
    if len(entries) > MAX_ENTRIES:
        raise Malformed("proof.size", "$.entries")
    hashes = tuple(_hash(text, number) for number, text in enumerate(_strings(value, "hashes")))
    if not isinstance(value["subject"], str) or not isinstance(value["checkpoint"], str):
        raise Malformed("proof.form", detail="subject and checkpoint must be strings.")
    try:
        subject = check_id(value["subject"])
    except Malformed as fault:
        raise Malformed(fault.code, "$.subject", fault.detail) from fault
    proof = ProofFile(subject, value["checkpoint"], entries, hashes)
    if encode(proof) != data:
        raise Malformed("proof.form")
    return proof


def _strings(value: dict[str, Any], name: str) -> tuple[str, ...]:
    found = value[name]
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise Malformed("proof.form", f"$.{name}", f"{name} must be an array of strings.")
    return tuple(found)


def _hash(text: str, number: int) -> bytes:
    try:
        found = b64.decode_std(text)
    except ValueError:
        found = b""
    if len(found) != HASH_BYTES:
        raise Malformed("proof.hash", f"$.hashes[{number}]")
    return found


def entries_of(proof: ProofFile, size: int) -> list[Entry]:
    """The proof's entries, for a checkpoint of ``size``: indices strictly ascend, are below size, and
    the entry size-1 is among them. ``Malformed("proof.…")`` or, with its path, ``("entry.…")``."""
    found = []
    for number, text in enumerate(proof.entries):
        try:
            found.append(entry.decode(text.encode()))
        except Malformed as fault:
            path = f"$.entries[{number}]{fault.path[1:]}"
            raise Malformed(fault.code, path, fault.detail) from fault
    for number, (before, after) in enumerate(pairwise(found), 1):
        if before.index >= after.index:
            raise Malformed("proof.order", f"$.entries[{number}].index")
    if found and found[-1].index >= size:
        raise Malformed("proof.range", f"$.entries[{len(found) - 1}].index")
    if not found or found[-1].index != size - 1:
        raise Malformed("proof.last", "$.entries")
    return found


def leaves_of(proof: ProofFile, entries: list[Entry]) -> list[tuple[int, bytes]]:
    """The multiproof's leaves, (index, leaf hash), of ``entries_of`` the same proof."""
    return [
        (entry.index, leaf_hash(text.encode())) for entry, text in zip(entries, proof.entries, strict=True)
    ]
