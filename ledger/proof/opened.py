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
    rows = sorted((f"{key.kind} {key.id}", key, data.decode()) for key, data in records.items())
    part = RegisterPart(tuple((key, text) for _, key, text in rows), (), tuple(rest), moves)
    return part._replace(buckets=tuple(registermap.without(buckets, part.pairs)))
