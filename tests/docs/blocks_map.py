"""What the named fences of docs/reference/formats show of chains and of the register's map."""

from functools import cache
from hashlib import sha256

from ledger import merkle, register
from ledger.register import Key, encode
from ledger.registermap import (
    PAIR_BYTES,
    bucket_hash,
    bucket_of,
    depth_of,
    key_hash,
    pair,
    prove,
    subject,
    without,
)
from tests.docs.blocks import block, lines
from tests.docs.example import MINE, PILE, PILE_2, REGISTRAR, example

MONTH = "2026-03"
STATED = 7  # index of the register event


@cache
def records() -> dict[Key, bytes]:
    """All records of the example, as the entries before its last leave them."""
    found = [item for kind in register.KINDS for item in example().store.scan(kind)]
    return {key: encode(record) for key, record in found if record.at < STATED}


@cache
def buckets() -> list[bytes]:
    """The example's buckets: sorted, joined pairs."""
    depth = depth_of(len(records()))
    found: list[list[bytes]] = [[] for _ in range(1 << depth)]
    for key, data in records().items():
        found[bucket_of(key_hash(key), depth)].append(pair(key, data))
    return [b"".join(sorted(pairs)) for pairs in found]


@cache
def depth() -> int:
    """Of the example's map."""
    return depth_of(len(records()))


def hashes() -> list[bytes]:
    """The bucket hashes."""
    return [bucket_hash(pairs, depth()) for pairs in buckets()]


def charter() -> bytes:
    """Entry 0's leaf hash."""
    return merkle.leaf_hash(example().store.entries_at([0])[0])


def root() -> bytes:
    """What the register event states."""
    return merkle.node_hash(charter(), merkle.root(hashes()))


def read(level: int, index: int) -> bytes:
    """Roots of perfect subtrees of the map's tree."""
    return merkle.root(hashes()[index << level : (index + 1) << level])


@block
def chains() -> str:
    rows = []
    for key, indices in (
        (Key("used", PILE), [5]),
        (Key("posted", f"{REGISTRAR} {MONTH}"), [0, 1, 2, 3]),
        (Key("posted", f"{MINE} {MONTH}"), [4, 5, 6]),
    ):
        rows.append(f"{key.kind} {key.id}: {indices} {example().store.read((key,))[key].value.chain}")
    return lines(*rows)


@block
def map_pairs() -> str:
    rows = []
    for kind in ("lot", "used", "owner"):
        key = Key(kind, PILE)
        found = key_hash(key)
        rows += [f"{kind} {PILE}", f"  subject  {subject(key)}"]
        rows += [f"  key hash {found[:16].hex()} {found[16:].hex()}"]
        rows += [f"  record   {pair(key, records()[key])[32:].hex()}"]
    return lines(*rows)


@block
def map_buckets() -> str:
    rows = [f"{len(records())} pairs, depth {depth()}"]
    for number, pairs in enumerate(buckets()):
        shown = [pairs[at : at + 2].hex() for at in range(0, len(pairs), PAIR_BYTES)]
        rows += [f"{number} {hashes()[number].hex()}"]
        rows += [f"  {' '.join(shown[at : at + 20])}" for at in range(0, len(shown), 20)]
    return lines(*rows, f"tree root {merkle.root(hashes()).hex()}", f"root {root().hex()}")


@block
def map_proof() -> str:
    asked = [Key("used", PILE), Key("used", PILE_2), Key("status", f"party {MINE}")]
    held = dict(enumerate(buckets()))
    opened, rest = prove([key_hash(key) for key in asked], depth(), lambda numbers: held, read)
    beside = {key_hash(key): sha256(records()[key]).digest() for key in asked if key in records()}
    opened = without(opened, beside)
    rows = []
    for key in asked:
        found = key_hash(key)
        there = f"the record {records()[key].decode()}" if key in records() else "no such record"
        rows.append(f"{key.kind} {key.id}: {found[:8].hex()}…, bucket {bucket_of(found, depth())}: {there}")
    for bucket in opened:
        sizes = ["split" if part is None else f"{len(part)} octets" for part in bucket.parts]
        rows.append(f"bucket {bucket.number}: {', '.join(sizes)}")
    return lines(*rows, *(f"hash {one.hex()}" for one in rest))
