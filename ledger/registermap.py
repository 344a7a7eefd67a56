"""The register's map: one root for all records, and the proof of what one says, or that there is none.

This docstring is the specification; the tests run its example.

    subject(kind, id)  = "lot <id>" for lot, hold, owner and used; the id itself for status and about;
                         else "<kind> <id>"
    key hash           = SHA-256(subject)[:16] ‖ SHA-256("<kind> <id>")[16:]
    pair               = key hash ‖ SHA-256(the record's byte form)
    depth D of n pairs = the smallest with n ≤ 4 · 2^D
    bucket j, j < 2^D  = the pairs whose key hash begins with the D bits of j, sorted
    bucket hash        = of pairs of one subject, or none:  leaf_hash(all of them, joined)
                         of others:     node_hash(bucket hash of those whose next bit is 0, … is 1)
    tree root          = the RFC 9162 root of the 2^D bucket hashes (``ledger.merkle``)
    root               = node_hash(the leaf hash of entry 0, the tree root)

Pairs are of one subject if their key hashes agree in the first 16 octets. All records about one thing lie
in one leaf, so a proof opens few leaves and shows little else. No octet of one hash stands for two: a record
that is its own subject lies under the whole SHA-256 of its name, and two ids that come to one key hash take
2^128 tries, not 2^64. Whoever grinds ids that fall into one
bucket makes it deeper, not longer: each further level costs them twice the work, and a proof 32 bytes.
An opened leaf shows each of its pairs, so it also shows what is *not* there. The pairs of records that stand
beside it are left out, since whoever has a record can make its pair.

A root is that of one ledger: whoever trusts a charter sees from the root alone that it is of no other.

>>> depth_of(4), depth_of(5), depth_of(8), depth_of(9)
(0, 1, 1, 2)
>>> lot = b"".join(sorted(pair(Key(kind, "a:1"), b"[0]") for kind in ("lot", "hold", "owner", "used")))
>>> bucket_hash(lot, 0) == leaf_hash(lot)
True
>>> party = pair(Key("party", "a:1"), b"[0]")  # their second bits differ
>>> bucket_hash(party + lot, 1) == node_hash(leaf_hash(party), leaf_hash(lot))
True
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from ledger.errors import Malformed
from ledger.merkle import (
    HASH_BYTES,
    ReadHash,
    leaf_hash,
    multiproof,
    node_hash,
    root,
    root_from_multiproof,
)
from ledger.register import OF_A_LOT, Key

PAIR_BYTES = 64
SUBJECT_BYTES = 16  # of a key hash, which those of one subject have in common
MEAN = 4  # pairs that a bucket may have on average
MAX_DEPTH = 40
_ABOUT_OTHERS = frozenset(("status", "about"))  # their ids name another record, kind and all

# An opened bucket, in the order in which its tree is walked, left first: the pairs of a leaf (joined),
# the hash of a part that stays closed, or None where a part has two.
Part: TypeAlias = bytes | None


class Opened(NamedTuple):
    """A bucket in a proof."""

    number: int
    parts: tuple[Part, ...]


def subject(key: Key) -> str:
    """What the record is about: its neighbours in the map are about the same."""
    kind, id = key
    if kind in _ABOUT_OTHERS:
        return id
    return f"lot {id}" if kind in OF_A_LOT else f"{kind} {id}"


def key_hash(key: Key) -> bytes:
    """Where the key's record lies in the map: 32 bytes."""
    name = f"{key.kind} {key.id}"
    place = sha256(subject(key).encode()).digest()
    return place[:SUBJECT_BYTES] + sha256(name.encode()).digest()[SUBJECT_BYTES:]


def pair(key: Key, record: bytes) -> bytes:
    """The pair of a key and its record's byte form."""
    return key_hash(key) + sha256(record).digest()


def depth_of(count: int) -> int:
    """The depth of a map of so many pairs."""
    return (max(count - 1, 0) // MEAN).bit_length()


def bucket_of(key_hash: bytes, depth: int) -> int:
    """The number of the bucket that the key hash falls into."""
    return int.from_bytes(key_hash[:8], "big") >> (64 - depth)


def bucket_hash(pairs: bytes, bit: int) -> bytes:
    """The hash of sorted, joined pairs that agree in their first ``bit`` bits."""
    if _is_leaf(pairs):
        return leaf_hash(pairs)
    cut = _cut(pairs, bit)
    return node_hash(bucket_hash(pairs[:cut], bit + 1), bucket_hash(pairs[cut:], bit + 1))


def _is_leaf(pairs: bytes) -> bool:
    """Whether sorted, joined pairs are of one subject, or none."""
    return pairs[:SUBJECT_BYTES] == pairs[-PAIR_BYTES:][:SUBJECT_BYTES]


EMPTY = bucket_hash(b"", 0)  # of an empty bucket


def _cut(pairs: bytes, bit: int) -> int:
    """Where the pairs with this bit set begin."""
    octet, mask = bit >> 3, 0x80 >> (bit & 7)
    low, high = 0, len(pairs) // PAIR_BYTES
    while low < high:
        middle = (low + high) // 2
        if pairs[middle * PAIR_BYTES + octet] & mask:
            high = middle
        else:
            low = middle + 1
    return low * PAIR_BYTES


def root_of(charter: bytes, pairs: Iterable[bytes]) -> tuple[int, bytes]:
    """The depth and the root of a map of these pairs, by the definition. ``charter``: entry 0's leaf hash."""
    ordered = sorted(pairs)
    depth = depth_of(len(ordered))
    buckets: dict[int, list[bytes]] = {}
    for one in ordered:
        buckets.setdefault(bucket_of(one, depth), []).append(one)
    hashes = (bucket_hash(b"".join(buckets.get(number, ())), depth) for number in range(1 << depth))
    return depth, node_hash(charter, root(list(hashes)))


# --- Proof and check


def prove(
    hashes: Iterable[bytes],
    depth: int,
    read_buckets: Callable[[Sequence[int]], dict[int, bytes]],
    read: ReadHash,
) -> tuple[list[Opened], list[bytes]]:
    """The opened buckets of these key hashes, ascending, and the rest of the multiproof over them.

    ``read_buckets``: the joined pairs of buckets, by number; none for an empty one. ``read``: the tree
    of the bucket hashes.
    """
    wanted: dict[int, list[bytes]] = {}
    for hash in sorted(hashes):
        wanted.setdefault(bucket_of(hash, depth), []).append(hash)
    numbers = list(wanted)
    held = read_buckets(numbers)
    opened = [
        Opened(number, tuple(_open(held.get(number, b""), depth, wanted[number]))) for number in numbers
    ]
    return opened, multiproof(numbers, 1 << depth, read)


def _open(pairs: bytes, bit: int, wanted: Sequence[bytes]) -> list[Part]:
    if pairs and not wanted:
        return [bucket_hash(pairs, bit)]
    if _is_leaf(pairs):
        return [pairs]
    cut = _cut(pairs, bit)
    octet, mask = bit >> 3, 0x80 >> (bit & 7)
    zeros = [hash for hash in wanted if not hash[octet] & mask]
    ones = [hash for hash in wanted if hash[octet] & mask]
    return [None, *_open(pairs[:cut], bit + 1, zeros), *_open(pairs[cut:], bit + 1, ones)]


def without(opened: Iterable[Opened], pairs: Mapping[bytes, bytes]) -> list[Opened]:
    """The opened buckets, less these pairs, key hash → record hash."""
    left_out = {hash + record for hash, record in pairs.items()}

    def rest(part: Part) -> Part:
        if part is None or len(part) == HASH_BYTES:
            return part
        return b"".join(one for one in _each(part) if one not in left_out)

    return [Opened(number, tuple(map(rest, parts))) for number, parts in opened]


def _each(part: bytes) -> list[bytes]:
    """The pairs of a shown part."""
    return [part[at : at + PAIR_BYTES] for at in range(0, len(part), PAIR_BYTES)]


class OpenedMap:
    """What opened buckets show: the record hash of each key in them, and which keys are not there."""

    def __init__(
        self,
        charter: bytes,
        root: bytes,
        depth: int,
        opened: Sequence[Opened],
        hashes: Sequence[bytes],
        pairs: Mapping[bytes, bytes] = {},
    ) -> None:
        """Check the opened buckets against the map's root; ``Malformed("map.…")`` or ``("proof.hashes")``.

        ``charter``: entry 0's leaf hash. ``pairs``: those that are left out, key hash → record hash. One that
        belongs into no opened part is not shown.
        """
        if not 0 <= depth <= MAX_DEPTH:
            raise Malformed("map.depth", "$.depth")
        self._depth = depth
        self._beside = sorted(hash + record for hash, record in pairs.items())
        self._pairs: dict[bytes, bytes] = {}
        self._parts: dict[int, set[int]] = {}  # shown whole: by how many bits they agree in, which
        if any(before.number >= after.number for before, after in pairwise(opened)):
            raise Malformed("map.order", "$.buckets")
        leaves = [(bucket.number, self._hash(bucket, place)) for place, bucket in enumerate(opened)]
        if node_hash(charter, root_from_multiproof(leaves, 1 << depth, hashes)) != root:
            raise Malformed("map.root", "$")

    def _hash(self, bucket: Opened, place: int) -> bytes:
        rest = iter(bucket.parts)
        path = f"$.buckets[{place}]"

        def walk(bits: int, prefix: int) -> bytes:
            part = next(rest, b"?")
            if part is None and bits < 8 * SUBJECT_BYTES:
                return node_hash(walk(bits + 1, prefix << 1), walk(bits + 1, prefix << 1 | 1))
            if part is not None and len(part) == HASH_BYTES:
                return part
            if part is None or len(part) % PAIR_BYTES:
                raise Malformed("map.bucket", path)
            return self._show(part, bits, prefix, path)

        found = walk(self._depth, bucket.number)
        if list(rest):
            raise Malformed("map.bucket", path)
        return found

    def _show(self, part: bytes, bits: int, prefix: int, path: str) -> bytes:
        """The hash of a part of which these pairs are shown, and those that are left out belong into it."""
        shown = _each(part)
        first, end = (
            bisect(self._beside, prefix, key=lambda pair: _first_bits(pair, bits))
            for bisect in (bisect_left, bisect_right)
        )
        pairs = sorted([*shown, *self._beside[first:end]])
        whole = b"".join(pairs)
        if shown != sorted(shown) or not _is_leaf(whole):
            raise Malformed("map.bucket", path)
        last = b""
        for pair in pairs:
            key = pair[:HASH_BYTES]
            if key == last or _first_bits(pair, bits) != prefix:
                raise Malformed("map.bucket", path)
            last = key
            self._pairs[key] = pair[HASH_BYTES:]
        self._parts.setdefault(bits, set()).add(prefix)
        return leaf_hash(whole)

    def digest(self, hash: bytes) -> bytes | None:
        """The SHA-256 of the record under this key hash; None if the map has none. ``KeyError`` where
        what is opened does not show it."""
        found = self._pairs.get(hash)
        if found is None and not self.shows(hash):
            raise KeyError(hash)
        return found

    def shows(self, hash: bytes) -> bool:
        """Whether the part of the map where this key hash belongs is opened."""
        number = int.from_bytes(hash, "big")
        return any(number >> (8 * HASH_BYTES - bits) in parts for bits, parts in self._parts.items())


def _first_bits(pair: bytes, bits: int) -> int:
    return int.from_bytes(pair[:HASH_BYTES], "big") >> (8 * HASH_BYTES - bits)


def root_with(
    charter: bytes,
    depth: int,
    opened: Sequence[Opened],
    hashes: Sequence[bytes],
    pairs: Mapping[bytes, bytes],
) -> bytes:
    """The root that a map of this depth has once these pairs, key hash → record hash, are in it. ``opened``
    and ``hashes``: of the map before, checked (``OpenedMap``); what is left out there is among the pairs.
    ``KeyError`` where a pair belongs into a part that is not opened."""
    added: dict[int, dict[bytes, bytes]] = {}
    for hash, record in pairs.items():
        added.setdefault(bucket_of(hash, depth), {})[hash] = hash + record
    leaves = [
        (number, _hash_with(iter(parts), added.pop(number, {}), depth, number)) for number, parts in opened
    ]
    if added:
        raise KeyError(min(added))
    return node_hash(charter, root_from_multiproof(leaves, 1 << depth, hashes))


def _hash_with(rest: Iterator[Part], new: Mapping[bytes, bytes], bits: int, prefix: int) -> bytes:
    part = next(rest)
    if part is None:
        left = _hash_with(rest, new, bits + 1, prefix << 1)
        return node_hash(left, _hash_with(rest, new, bits + 1, prefix << 1 | 1))
    here = [hash for hash in new if _first_bits(hash, bits) == prefix]
    if len(part) == HASH_BYTES:
        if here:
            raise KeyError(min(here))
        return part
    held = {pair[:HASH_BYTES]: pair for pair in _each(part)}
    held.update((hash, new[hash]) for hash in here)
    return bucket_hash(b"".join(sorted(held.values())), bits)
