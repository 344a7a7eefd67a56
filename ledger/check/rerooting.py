"""Whether a stated root can be that of the register, for whoever knows what the entries before it wrote.

From the beginning of the ledger it is made anew. From an earlier ``register`` event on, the opened buckets
of the earlier map are enough, as long as the depth is the same: what was written is put into them, and the
rest of the multiproof leads to the new root. Whether a map had to become deeper nobody can tell from so
little; that it became no shallower everybody can.
"""

from collections.abc import Mapping
from hashlib import sha256

from ledger import b64
from ledger.events import Register
from ledger.prooffile import RegisterPart
from ledger.register import Key, Record, encode
from ledger.registermap import key_hash, root_of, root_with


def contradiction(
    charter: bytes,
    event: Register,
    written: Mapping[Key, Record],
    before: Register | None,
    part: RegisterPart | None,
) -> str | None:
    """Why the event cannot be right, in words; None where nothing shows that. ``charter``: entry 0's leaf
    hash. ``written``: the records that entries wrote since ``before``, whose root ``part`` is opened from; or
    since the beginning. ``KeyError`` where the bucket of a written record is not opened."""
    pairs = {key_hash(key): sha256(encode(record)).digest() for key, record in written.items()}
    if before is None:
        depth, root = root_of(charter, (key + record for key, record in pairs.items()))
    elif event.depth < before.depth:
        return f"the map of entry {before.size} has depth {before.depth} and never becomes shallower"
    elif event.depth > before.depth or part is None:
        return None
    else:
        pairs = part.pairs | pairs
        depth, root = before.depth, root_with(charter, before.depth, part.buckets, part.hashes, pairs)
    made = b64.encode_std(root)
    if (event.depth, event.root) == (depth, made):
        return None
    stated = f"it states depth {event.depth} and root {event.root}"
    return f"{stated}, and the entries before it make depth {depth} and root {made}"
