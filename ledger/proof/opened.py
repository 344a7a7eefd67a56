"""Opening the kept map of the register: how every file that rests on a root shows what it says."""

from collections.abc import Iterable, Mapping

from ledger import registermap
from ledger.prooffile import RegisterPart
from ledger.register import Key
from ledger.store import Store
from ledger.tiles import hash_reader


def opened(
    store: Store,
    keys: Iterable[Key],
    records: Mapping[Key, bytes],
    moves: Mapping[str, tuple[int, ...]] = {},
) -> RegisterPart:
    """What the kept map says of these keys. ``records``: those that stand in the file, in their byte form;
    ``moves``: as of ``RegisterPart``."""
    depth = store.map().depth
    hashes = map(registermap.key_hash, keys)
    buckets, rest = registermap.prove(hashes, depth, store.buckets, hash_reader(store.map_tile, 1 << depth))
    names = sorted((f"{key.kind} {key.id}", key) for key in records)
    rows = tuple((key, records[key].decode()) for _, key in names)
    return less_said(RegisterPart(rows, tuple(buckets), tuple(rest), moves))


def less_said(part: RegisterPart) -> RegisterPart:
    """As a file says it: the pairs of records that stand beside are left out of the buckets."""
    return part._replace(buckets=tuple(registermap.without(part.buckets, part.pairs)))
