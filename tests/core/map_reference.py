"""The register's map by its definition, written again as plainly as can be: bits as text, no sharing."""

from collections.abc import Mapping
from hashlib import sha256
from typing import TypeAlias

from ledger.register import Key

Pairs: TypeAlias = "dict[str, bytes]"  # the bits of a key hash → the pair


def bits(hash: bytes) -> str:
    return "".join(f"{octet:08b}" for octet in hash)


def place(key: Key) -> bytes:
    """The key hash."""
    name = f"{key.kind} {key.id}"
    about = {"lot": "lot ", "hold": "lot ", "owner": "lot ", "used": "lot ", "status": "", "about": ""}
    subject = about.get(key.kind, f"{key.kind} ") + key.id
    return sha256(subject.encode()).digest()[:16] + sha256(name.encode()).digest()[16:]


def part(pairs: Pairs, prefix: str) -> bytes:
    """The hash of the pairs whose bits begin so, below the tree of buckets."""
    within = {hash: pair for hash, pair in pairs.items() if hash.startswith(prefix)}
    if len({hash[:128] for hash in within}) > 1:  # more than one subject
        return sha256(b"\1" + part(within, prefix + "0") + part(within, prefix + "1")).digest()
    return sha256(b"\0" + b"".join(within[hash] for hash in sorted(within))).digest()


def tree(pairs: Pairs, prefix: str, depth: int) -> bytes:
    """The hash of all buckets whose number begins with these bits."""
    if len(prefix) == depth:
        return part(pairs, prefix)
    return sha256(b"\1" + tree(pairs, prefix + "0", depth) + tree(pairs, prefix + "1", depth)).digest()


def root_of_pairs(charter: bytes, pairs: Mapping[bytes, bytes]) -> tuple[int, bytes]:
    """Depth and root of pairs: key hash → SHA-256 of the record."""
    depth = next(depth for depth in range(99) if len(pairs) <= 4 * 2**depth)
    whole = tree({bits(hash): hash + digest for hash, digest in pairs.items()}, "", depth)
    return depth, sha256(b"\1" + charter + whole).digest()


def root(charter: bytes, records: Mapping[Key, bytes]) -> tuple[int, bytes]:
    """Depth and root of records: key → byte form."""
    return root_of_pairs(charter, {place(key): sha256(record).digest() for key, record in records.items()})
