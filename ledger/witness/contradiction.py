"""The evidence of what a replay found, as a file that anyone can check who has the trust file: an entry that
cannot stand is shown with all that the rules read to judge it (``ledger.check.stretch``).
"""

from ledger.check import stretch
from ledger.check.stretch import Stretch
from ledger.merkle import ReadHash, multiproof
from ledger.proof.opened import opened
from ledger.recordform import decode
from ledger.register import Key, Record
from ledger.store import Store
from ledger.witness.replaying import CONTRADICTED, Fault


def entry(store: Store, fault: Fault, note: str, size: int, read: ReadHash) -> bytes | None:
    """The evidence file of an entry that cannot stand. ``store``: the mirror, with all entries before it,
    whose kept map is that of the last register event. ``note``: the signed checkpoint of ``size`` entries,
    ``read``: its tree. None where the file would be too large."""
    start = store.map().size
    if fault.index - start >= stretch.MAX_ENTRIES:
        return None
    rows = [*store.entries(start, fault.index), fault.data]
    asked: dict[Key, bytes | None] = {}

    def fetch(key: Key) -> Record | None:
        data = store.as_of((key,), start).get(key) if start else None
        asked[key] = data
        return None if data is None else decode(key.kind, data)

    written: dict[Key, Record] = {}
    stretch.judge_all(rows, start, fetch, written)
    if fault.code == CONTRADICTED:  # shown by the buckets that what was written belongs into
        for key in written.keys() - asked.keys():
            fetch(key)
    there = {key: data for key, data in asked.items() if data is not None}
    part = opened(store, asked, there) if start else None
    hashes = multiproof(range(start, fault.index + 1), size, read)
    texts = tuple(row.decode() for row in rows[:-1])
    data = stretch.encode(Stretch(note, start, texts, fault.data, tuple(hashes), part))
    return data if len(data) <= stretch.MAX_BYTES else None
