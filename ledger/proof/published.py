"""Files from the last published checkpoint, and the map kept with it, while new ones are published."""

from collections.abc import Callable

from ledger.errors import Malformed
from ledger.note import checkpoint_of
from ledger.prooffile import MAX_BYTES
from ledger.store import Store

TRIES = 5  # while new checkpoints are published


def from_last(store: Store, make: Callable[[str, int], bytes]) -> bytes:
    """What ``make`` makes of the last checkpoint (a signed note) and its size, made again where another was
    published meanwhile. ``Malformed``: ``proof.unpublished``, ``proof.size``, and whatever it raises."""
    for _ in range(TRIES):
        checkpoint, kept = store.checkpoint(), store.map()
        if checkpoint is None:
            raise Malformed("proof.unpublished", detail="The ledger has published no checkpoint yet.")
        size = checkpoint_of(checkpoint).size
        if kept.size + 1 == size:
            data = make(checkpoint, size)
            if store.map() == kept:
                break
    else:
        detail = "The last checkpoint does not end with the register's root, or is replaced too often."
        raise Malformed("proof.unpublished", detail=detail)
    if len(data) > MAX_BYTES:
        raise Malformed("proof.size")
    return data
