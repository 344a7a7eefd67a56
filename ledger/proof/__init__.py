"""Building a proof: the entries that a lot rests on, cut out of the log with one multiproof.

The entries are the closure (``ledger.proof.closure``) of the subject's birth and its last hand-over, the
charter and all amendments, and the last entry of the checkpoint. That one is the ``register`` event, whose
root shows how all of it stands (``ledger.proof.shown``).

``min_share`` leaves out what hardly matters and says so (``ledger.proof.share``); ``horizon`` rests on the
register's root for what lies beyond it (``ledger.proof.horizon``).
"""

from collections.abc import Sequence

from ledger.check.evidence import CUSTODY
from ledger.errors import Malformed
from ledger.merkle import multiproof
from ledger.note import checkpoint_of
from ledger.proof.closure import Closure
from ledger.proof.horizon import SHORT, Horizon, beyond
from ledger.proof.published import from_last
from ledger.proof.share import kept_transforms
from ledger.proof.shown import shown
from ledger.prooffile import ProofFile, encode
from ledger.quantity import MILLION
from ledger.register import Key, Record
from ledger.store import Store, record_of
from ledger.tiles import hash_reader

__all__ = ["SHORT", "Horizon", "build"]


def build(
    store: Store, lot: str, *, min_share: int = 0, horizon: Horizon | None = None, seen: Sequence[str] = ()
) -> bytes:
    """The proof file of a lot, from the last published checkpoint.

    ``min_share``: millionths. ``seen``: earlier checkpoints (signed notes) that it shall be comparable
    with. Raises ``Malformed``: ``proof.subject`` (no such lot), ``proof.unpublished`` (there is no
    checkpoint, or the lot is newer), ``proof.size`` (too many entries), ``note.…`` or ``checkpoint.…``
    for what is seen.
    """
    assert 0 <= min_share <= MILLION, min_share
    return from_last(
        store, lambda still, checkpoint, size: _build(still, lot, checkpoint, size, min_share, horizon, seen)
    )


def _build(
    store: Store,
    lot: str,
    checkpoint: str,
    size: int,
    min_share: int,
    horizon: Horizon | None,
    seen: Sequence[str],
) -> bytes:
    records = _records(store, (lot,), size)
    if Key("lot", lot) not in records:
        newer = store.read([Key("lot", lot)])
        if newer:
            raise Malformed("proof.unpublished", detail=f"{lot} is newer than the last checkpoint.")
        raise Malformed("proof.subject", detail=f"The ledger has no lot {lot}.")
    seeds = {record.at for record in records.values()}
    charters = store.as_of([Key("charters", "")], size - 1)[Key("charters", "")]
    amendments = {index for index, _ in record_of("charters", charters).value.known}
    kept = kept_transforms(store, lot, min_share) if min_share else None
    cut = beyond(store, lot, horizon) if horizon else set()
    while True:
        closure = Closure(store, lot, size, kept, _last_writers(store, cut, size))
        closure.add(set() if lot in cut else seeds | amendments)
        closure.uncut()
        last = closure.show({size - 1, *(_last(text, size) for text in seen)} - {-1})
        if not closure.late:
            break
        cut -= closure.late
    entries = store.entries_at(last) | closure.entries
    hashes = multiproof(sorted(entries), size, hash_reader(store.tile, size))
    texts = tuple(entries[index].decode() for index in sorted(entries))
    part = shown(store, closure.pieces(), lot, cut, size - 1)
    return encode(ProofFile(lot, checkpoint, texts, tuple(hashes), part))


def _records(store: Store, lots: Sequence[str], size: int) -> dict[Key, Record]:
    """The custody records of lots as of the checkpoint."""
    found = store.as_of([Key(kind, lot) for lot in lots for kind in CUSTODY], size - 1)
    return {key: record_of(key.kind, data) for key, data in found.items()}


def _last_writers(store: Store, lots: set[str], size: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, record in _records(store, sorted(lots), size).items():
        found[key.id] = max(record.at, found.get(key.id, 0))
    return found


def _last(text: str, size: int) -> int:
    """The index of the last entry of a checkpoint seen earlier; -1 where there is nothing to add."""
    earlier = checkpoint_of(text).size
    return earlier - 1 if earlier <= size else -1
