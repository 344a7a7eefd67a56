"""The evidence of what an audit found, made by replaying the ledger once more, as a witness would."""

from collections.abc import Iterator, Sequence

from ledger.note import Checkpoint
from ledger.store import Store
from ledger.tiles import hash_reader
from ledger.witness import contradiction
from ledger.witness.replaying import Replay

GROUP = 2_048  # entries judged at a time


def accuse(store: Store, mirror: Store, checkpoint: Checkpoint, note: str) -> bytes | None:
    """The evidence file of the first entry, among those that a signed checkpoint covers, that cannot stand or
    states a wrong root; None where there is none, or a file would be too large. ``mirror``: an empty store to
    replay into. The entries must lead to the checkpoint's root."""
    size = checkpoint.size
    mirror.publish(note, size)
    fault = Replay(mirror).run(_groups(store, size), size)
    if fault is None:
        return None
    read = hash_reader(store.tile, size)
    return contradiction.entry(mirror, fault, note, size, read)


def _groups(store: Store, size: int) -> Iterator[Sequence[bytes]]:
    for start in range(0, size, GROUP):
        yield list(store.entries(start, min(start + GROUP, size)))
