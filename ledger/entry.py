"""An entry: a statement in its place in the ledger, chained to the entry before.

    {"index":12,"charter":0,"prev":"<base64url>","received":"2026-03-02T06:00:01.123Z","statement":"<jws>"}

exactly so: no white space, no other order, no other spelling of a number, ``encode(decode(x)) == x``.

- ``index``: its place, from 0. ``charter``: the index of the charter or amendment in force.
- ``prev``: the leaf hash of the entry before (``ledger.merkle.leaf_hash`` of its bytes); zeros for
  entry 0. The same hash is the leaf of the Merkle tree, so chain and tree commit to the same bytes.
- ``received``: when the ledger received the statement; never decreases from entry to entry.
- ``statement``: the JWS as it was signed. Its inside is the business of ``ledger.statement``.

What one entry cannot show (that ``prev`` is right, that ``received`` ascends) the chain's checks do.
"""

import re
from typing import NamedTuple

from ledger import b64, quantity
from ledger.errors import Malformed

MAX_ENTRY = 65_535  # bytes: the limit of a C2SP entry bundle
MAX_INDEX = 2**53 - 1  # as for every integer in our JSON

_ENTRY = re.compile(
    r'\{"index":(0|[1-9][0-9]{0,15}),"charter":(0|[1-9][0-9]{0,15}),"prev":"([A-Za-z0-9_-]{43})",'
    r'"received":"([0-9TZ:.-]{24})","statement":"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"\}'
)


class Entry(NamedTuple):
    """``received``: milliseconds since the epoch. ``prev``: 32 bytes."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    charter: int
    prev: bytes
    received: int
    statement: str


def encode(entry: Entry) -> bytes:
    """The bytes that are stored, hashed and proven."""
    data = (
        f'{{"index":{entry.index},"charter":{entry.charter},"prev":"{b64.encode(entry.prev)}",'
        f'"received":"{quantity.format_instant(entry.received)}","statement":"{entry.statement}"}}'
    ).encode("ascii")
    assert len(data) <= MAX_ENTRY, len(data)
    return data


def decode(data: bytes) -> Entry:
    """The entry of its bytes; ``Malformed("entry.…")``."""
    if len(data) > MAX_ENTRY:
        raise Malformed("entry.size")
    match = _ENTRY.fullmatch(data.decode("latin-1"))
    if not match:
        raise Malformed("entry.form")
    index, charter = int(match[1]), int(match[2])
    if index > MAX_INDEX:
        raise Malformed("entry.form", "$.index")
    if charter > index:
        raise Malformed("entry.charter", "$.charter")
    try:
        prev = b64.decode(match[3])
    except ValueError:
        raise Malformed("entry.form", "$.prev") from None
    if index == 0 and any(prev):
        raise Malformed("entry.prev", "$.prev")
    try:
        received = quantity.parse_instant(match[4])
    except Malformed as fault:
        raise Malformed("entry.received", "$.received", fault.detail) from fault
    return Entry(index, charter, prev, received, match[5])
