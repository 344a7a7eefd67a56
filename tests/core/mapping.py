"""Maps of the register for tests: kept as a store keeps them, and pairs that nobody has to grind for."""

import random
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import pairwise

from ledger import merkle, registermap
from ledger.register import Key
from ledger.registermap import Opened, OpenedMap, bucket_hash, bucket_of, depth_of, prove

CHARTER = bytes(range(32))  # the leaf hash of some entry 0


class Map:
    """A map of pairs, key hash → digest, as a store would keep it."""

    def __init__(self, pairs: Mapping[bytes, bytes], charter: bytes = CHARTER) -> None:
        self.pairs = pairs
        self.charter = charter
        self.depth = depth_of(len(pairs))
        joined: dict[int, list[bytes]] = {}
        for hash in sorted(pairs):
            joined.setdefault(bucket_of(hash, self.depth), []).append(hash + pairs[hash])
        self.buckets = {number: b"".join(found) for number, found in joined.items()}
        self.hashes = [
            bucket_hash(self.buckets.get(number, b""), self.depth) for number in range(1 << self.depth)
        ]
        self.root = merkle.node_hash(charter, merkle.root(self.hashes))

    @classmethod
    def of(cls, records: Mapping[Key, bytes], charter: bytes = CHARTER) -> "Map":
        pairs = {registermap.key_hash(key): sha256(data).digest() for key, data in records.items()}
        return cls(pairs, charter)

    def read(self, level: int, index: int) -> bytes:
        return merkle.root(self.hashes[index << level : (index + 1) << level])

    def prove(self, wanted: Sequence[bytes]) -> tuple[list[Opened], list[bytes]]:
        def read_buckets(numbers: Sequence[int]) -> dict[int, bytes]:
            assert all(a < b for a, b in pairwise(numbers))
            return {number: self.buckets[number] for number in numbers if number in self.buckets}

        return prove(wanted, self.depth, read_buckets, self.read)

    def shown(
        self, opened: Sequence[Opened], hashes: Sequence[bytes], pairs: Mapping[bytes, bytes] = {}
    ) -> OpenedMap:
        return OpenedMap(self.charter, self.root, self.depth, opened, hashes, pairs)


def numbered(count: int, seed: int = 0) -> dict[bytes, bytes]:
    """So many pairs whose key hashes chance spreads."""
    chance = random.Random(seed)
    return {chance.randbytes(32): chance.randbytes(32) for _ in range(count)}


def stuffed(count: int, bits: int, seed: int = 0) -> dict[bytes, bytes]:
    """Pairs whose key hashes agree in their first bits, as somebody ground them."""
    chance = random.Random(seed)
    mask = (1 << 256 - bits) - 1
    first = chance.getrandbits(256) & ~mask
    return {
        (first | chance.getrandbits(256) & mask).to_bytes(32, "big"): chance.randbytes(32)
        for _ in range(count)
    }
