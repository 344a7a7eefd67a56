"""What the register's root proves: the member ``register`` of a proof, held against the root.

A proof's last entry may be the ``register`` event in which the operator signed the root of the register
as all entries before it leave it. Then the opened buckets show, for each key that falls into them, the
hash of its record or that there is none; and a record that stands in the proof is one of the ledger.

A proven record that was last written by entry *a* is what the rules read at each entry from *a* + 1 on.
So the replay may rest on it where the entries that made it are not in the proof.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import reduce
from hashlib import sha256
from itertools import pairwise
from typing import Any

from ledger import b64, events, recordform
from ledger.check.evidence import Piece
from ledger.errors import Malformed
from ledger.prooffile import RegisterPart
from ledger.quantity import FINE, FIRST_SECOND, LAST_SECOND
from ledger.register import Account, Key, Lot, Month, Record, Spent, chained, encode
from ledger.registermap import OpenedMap, key_hash

# The kinds that the check rests on: no other record stands in a proof.
SHOWN = frozenset(
    ("lot", "hold", "owner", "used", "status", "posted", "key", "month", "spent", "account", "agreement")
)


class Proven:
    """The register as of ``size`` entries, as far as a proof shows it."""

    def __init__(self, part: RegisterPart, last: Piece, charter: bytes) -> None:
        """``last``: the proof's last entry. ``charter``: the leaf hash of entry 0 that is trusted.
        ``Malformed("register.…")`` or ``("map.…")``."""
        event = last.event
        if not isinstance(event, events.Register) or event.size != last.index or last.statement is None:
            raise Malformed("register.missing", "$.register")
        self.size = event.size
        self.signer = last.statement.kid
        names = [f"{key.kind} {key.id}" for key, _ in part.records]
        for number, (before, name) in enumerate(pairwise(["", *names])):
            if name <= before:
                raise Malformed("register.record", _path(number))
        root = b64.decode_std(event.root)
        shown = OpenedMap(charter, root, event.depth, part.buckets, part.hashes, part.pairs)
        self._shown = shown
        self.moves = part.moves
        self._records: dict[Key, Record] = {}
        for number, (key, text) in enumerate(part.records):
            record = _record(key, text, _path(number))
            if record.at >= self.size or not self.says(key, record):
                raise Malformed("register.record", _path(number))
            self._records[key] = record

    def says(self, key: Key, record: Record | None) -> bool | None:
        """Whether this is the key's record; None where the proof does not show it."""
        hash = key_hash(key)
        if not self._shown.shows(hash):
            return None
        return self._shown.digest(hash) == (None if record is None else sha256(encode(record)).digest())

    def record(self, key: Key) -> Record | None:
        """The key's record, if it stands in the proof."""
        return self._records.get(key)

    def records(self) -> Iterator[tuple[Key, Record]]:
        """All records that stand in the proof, in the order in which they were written."""
        return iter(sorted(self._records.items(), key=lambda item: item[1].at))


def chain_of(indices: Iterable[int]) -> str:
    """What a record's chain is over these entries, from the first one on."""
    return reduce(chained, indices, "")


def _path(number: int) -> str:
    return f"$.register.records[{number}]"


def _record(key: Key, text: str, path: str) -> Record:
    """The record of its byte form, if an honest fold may come to it."""
    if key.kind in SHOWN:
        with suppress(ValueError):
            record = recordform.read(key, text)
            if _is_possible(record.value):
                return record
    raise Malformed("register.record", path)


def _is_possible(value: Any) -> bool:
    """Whether an honest fold may come to such a value."""
    since = getattr(value, "since", 0)
    return (
        FIRST_SECOND <= since <= LAST_SECOND
        and getattr(value, "grams", 0) >= 0
        and getattr(value, "events", 0) >= 0
        and (not isinstance(value, Month | Spent | Account) or min(_numbers(value)) >= 0)
        and (not isinstance(value, Lot) or _is_whole(value))
    )


def _numbers(value: tuple[Any, ...]) -> list[int]:
    return [field for field in value if isinstance(field, int)]


def _is_whole(lot: Lot) -> bool:
    """Whether the lot's shares are sorted, and those of all of it, or none are."""
    origins = [origin for origin, _ in lot.composition]
    shares = [share for _, share in lot.composition]
    return (
        lot.grams > 0
        and origins == sorted(set(origins))
        and all(share > 0 for share in shares)
        and not any(origin.startswith("unproven ") for origin in (*origins, *lot.traces))
        and (sum(shares) == FINE * lot.grams if shares else not lot.traces)
    )
