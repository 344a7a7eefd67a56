"""Files from the last published checkpoint, and the map kept with it, whatever is published meanwhile."""

from collections.abc import Callable

from ledger.errors import Malformed
from ledger.prooffile import MAX_BYTES
from ledger.store import Store, published


def from_last(store: Store, make: Callable[[Store, str, int], bytes]) -> bytes:
    """What ``make`` makes, of a snapshot of the store, of the last checkpoint (a signed note) and its size.
    ``Malformed``: ``proof.unpublished``, ``proof.size``, and whatever it raises."""
    with store.snapshot() as still:
        found = published(still)
        if found is None:
            raise Malformed("proof.unpublished", detail="The ledger has published no checkpoint yet.")
        checkpoint, size = found[0], found[1].size
        if still.map().size + 1 != size:
            detail = "The last checkpoint does not end with the register's root."
            raise Malformed("proof.unpublished", detail=detail)
        data = make(still, checkpoint, size)
    if len(data) > MAX_BYTES:
        raise Malformed("proof.size")
    return data
