"""The proof file, ``*.proof.json``: one member a line here, in the file without any white space.

    {"format":"oreline-proof/1",
     "subject":"<lot>",
     "checkpoint":"<signed note>",
     "entries":["<entry>",…],
     "hashes":"<base64>",
     "register":{"records":[["<kind> <id>","<record>",<index>,…],…],
                 "buckets":[[<number>,<part>,…],…],
                 "hashes":"<base64>"}}

It is exactly what ``JSON.stringify`` gives plus a newline: ``encode(decode(x)) == x``. The entries are
the leaves of one multiproof, and ``hashes`` is its rest (``ledger.merkle.multiproof``), joined.

``register`` may be absent. It shows what the register said as of the last entry, which must then be the
``register`` event with the map's root: ``buckets`` are opened buckets of the map and its ``hashes`` the
rest of the multiproof over them (``ledger.registermap``). A part is the base64 of its pairs, the base64
of the hash of a part that stays closed, or null where a part has two. ``records``: some of the records
that lie in opened parts, in their byte form, ascending by name, in place of their pairs; after the record
``used`` of a lot, the indices of the entries that moved or sold it after the last of the proof's entries that
rests on where it was.

``decode`` reads the form. ``entries_of`` reads the entries for the size of a checkpoint that has been
trusted by then. Whether it all holds is the business of ``ledger.verify``.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

import orjson

from ledger import b64, entry, strictjson
from ledger.entry import MAX_INDEX, Entry
from ledger.errors import Malformed
from ledger.merkle import leaf_hash
from ledger.quantity import check_id
from ledger.register import KINDS, Key
from ledger.registermap import Opened, key_hash

FORMAT = "oreline-proof/1"
HISTORY = "oreline-history/1"  # all entries about ``lot <id>`` or ``party <id> <YYYY-MM>``, and no others
MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 100_000

_BEGINNING = b'{"format":"oreline-'
_MEMBERS = ["format", "subject", "checkpoint", "entries", "hashes"]
_HISTORY = re.compile(r"lot ([!-~]+)|party ([!-~]+) [0-9]{4}-(?:0[1-9]|1[0-2])", re.A)
_REGISTER = ["records", "buckets", "hashes"]


class RegisterPart(NamedTuple):
    """What the register said: ``records``: (key, byte form). ``moves``: of lots that were moved or sold
    later on, in which entries."""

    records: tuple[tuple[Key, str], ...]
    buckets: tuple[Opened, ...]
    hashes: tuple[bytes, ...]
    moves: Mapping[str, tuple[int, ...]] = {}

    @property
    def pairs(self) -> dict[bytes, bytes]:
        """The records' pairs, key hash → record hash: the buckets are without them."""
        return {key_hash(key): sha256(record.encode()).digest() for key, record in self.records}


class ProofFile(NamedTuple):
    """``subject``: a lot's id; of a history, what it tells of. ``checkpoint``: a signed note. ``entries``:
    their texts, ascending."""

    subject: str
    checkpoint: str
    entries: tuple[str, ...]
    hashes: tuple[bytes, ...]
    register: RegisterPart | None = None
    format: str = FORMAT


def encode(proof: ProofFile) -> bytes:
    """The bytes of the file."""
    value: dict[str, Any] = {
        "format": proof.format,
        "subject": proof.subject,
        "checkpoint": proof.checkpoint,
        "entries": list(proof.entries),
        "hashes": b64.encode_hashes(proof.hashes),
    }
    if proof.register is not None:
        value["register"] = register_value(proof.register)
    return strictjson.dumps(value) + b"\n"


def register_value(part: RegisterPart) -> dict[str, Any]:
    """The member ``register`` of a file."""
    return {
        "records": [
            [f"{key.kind} {key.id}", record, *(part.moves.get(key.id, ()) if key.kind == "used" else ())]
            for key, record in part.records
        ],
        "buckets": [
            [bucket.number, *(one if one is None else b64.encode_std(one) for one in bucket.parts)]
            for bucket in part.buckets
        ],
        "hashes": b64.encode_hashes(part.hashes),
    }


def decode(data: bytes) -> ProofFile:
    """The proof of the file's bytes; ``Malformed("proof.…")``."""
    if len(data) > MAX_BYTES:
        raise Malformed("proof.size")
    try:
        value = orjson.loads(data)  # lenient in places; the comparison below is what is strict
    except ValueError:
        cut = data.startswith(_BEGINNING) and not data.endswith(b"}\n")
        detail = "The file ends before the proof does." if cut else "The proof file is not JSON."
        raise Malformed("proof.form", detail=detail) from None
    if not isinstance(value, dict):
        raise Malformed("proof.form")
    if value.get("format") not in (FORMAT, HISTORY):
        raise Malformed("proof.format", "$.format")
    shown = value.pop("register", None)
    if list(value) != _MEMBERS:
        raise Malformed("proof.form", detail=f"The members are not {', '.join(_MEMBERS)}.")
    entries = _strings(value, "entries")
    if len(entries) > MAX_ENTRIES:
        raise Malformed("proof.size", "$.entries")
    hashes = _hashes(value, "$")
    if not isinstance(value["subject"], str) or not isinstance(value["checkpoint"], str):
        raise Malformed("proof.form", detail="subject and checkpoint must be strings.")
    subject = _subject(value["subject"], value["format"])
    part = None if shown is None else register_part(shown)
    proof = ProofFile(subject, value["checkpoint"], entries, hashes, part, value["format"])
    if encode(proof) != data:
        raise Malformed("proof.form")
    return proof


def _subject(text: str, format: str) -> str:
    id = text
    if format == HISTORY:
        match = _HISTORY.fullmatch(text)
        if not match:
            raise Malformed("proof.form", "$.subject", "A history is of a lot, or of a party's month.")
        id = match[1] or match[2]
    try:
        check_id(id)
    except Malformed as fault:
        raise Malformed(fault.code, "$.subject", fault.detail) from fault
    return text


def register_part(value: Any) -> RegisterPart:
    """The part of the member's value; ``Malformed("proof.…")``."""
    if not isinstance(value, dict) or list(value) != _REGISTER:
        raise Malformed("proof.register", "$.register")
    records, buckets = value["records"], value["buckets"]
    if not isinstance(records, list) or not isinstance(buckets, list):
        raise Malformed("proof.register", "$.register")
    rows = [_record(row, f"$.register.records[{number}]") for number, row in enumerate(records)]
    return RegisterPart(
        tuple((key, record) for key, record, _ in rows),
        tuple(_opened(row, f"$.register.buckets[{number}]") for number, row in enumerate(buckets)),
        _hashes(value, "$.register"),
        {key.id: moves for key, _, moves in rows if moves},
    )


def _record(row: Any, path: str) -> tuple[Key, str, tuple[int, ...]]:
    match row:
        case [str(name), str(record), *moves] if all(
            type(index) is int and 0 <= index <= MAX_INDEX for index in moves
        ):
            kind, space, id = name.partition(" ")
            if space and kind in KINDS and (not moves or kind == "used"):
                return Key(kind, id), record, tuple(moves)
    raise Malformed("proof.register", path)


def _opened(row: Any, path: str) -> Opened:
    match row:
        case [int(number), _, *_] if not isinstance(number, bool) and 0 <= number < 2**53:
            return Opened(number, tuple(_part(part, path) for part in row[1:]))
    raise Malformed("proof.register", path)


def _part(part: Any, path: str) -> bytes | None:
    if part is None:
        return None
    try:
        return b64.decode_std(part)
    except (ValueError, AttributeError):  # no base64, or no string
        raise Malformed("proof.register", path) from None


def _strings(value: dict[str, Any], name: str) -> tuple[str, ...]:
    found = value[name]
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise Malformed("proof.form", f"$.{name}", f"{name} must be an array of strings.")
    return tuple(found)


def _hashes(value: dict[str, Any], path: str) -> tuple[bytes, ...]:
    text = value["hashes"]
    if not isinstance(text, str):
        raise Malformed("proof.form", f"{path}.hashes", "hashes must be a string.")
    try:
        return b64.decode_hashes(text)
    except ValueError:
        raise Malformed("proof.hash", f"{path}.hashes") from None


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
