"""An operator who signs whatever is put into the log: the rules were never asked.

forge = Forge(world)                       # goes on where the honest ledger ended
forge.add(world.event({...}))              # signed by its party, judged by nobody
forge.proof(lot)                           # a proof of the forged log, with every entry in it
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ledger.entry import Entry, decode, encode
from ledger.keys import PrivateKey
from ledger.merkle import leaf_hash, multiproof, root
from ledger.note import Checkpoint, format_checkpoint, sign_note
from ledger.prooffile import ProofFile
from ledger.prooffile import encode as encode_proof
from tests.world import World


class Forge:
    """A log of any entries; ``operator`` signs its checkpoints (the world's own unless given)."""

    def __init__(self, world: World, size: int | None = None, operator: PrivateKey | None = None) -> None:
        self.world = world
        self.operator = operator or world.operator
        stop = world.store.head().size if size is None else size
        self.entries = list(world.store.entries(0, stop))

    def add(self, event: Mapping[str, Any], by: PrivateKey | None = None, **entry: Any) -> int:
        """Sign and append an event; its index. ``entry``: members that are not as they should be."""
        return self.add_statement(self.world.sign(self.world.event(event), by), **entry)

    def add_statement(self, statement: str, **members: Any) -> int:
        """Append a statement as it is; its index."""
        index = len(self.entries)
        self.world.tick(1)
        found = Entry(index, 0, leaf_hash(self.entries[-1]), self.world.now, statement)
        self.entries.append(encode(found._replace(**members)))
        return index

    def replace(self, index: int, **members: Any) -> None:
        """Change an entry where it stands."""
        self.entries[index] = encode(decode(self.entries[index])._replace(**members))

    def checkpoint(self) -> str:
        """The signed checkpoint of all entries."""
        text = format_checkpoint(
            Checkpoint(self.world.name, len(self.entries), root(list(map(leaf_hash, self.entries))))
        )
        return sign_note(text, self.world.name, self.operator)

    def proof(self, subject: str, indices: Iterable[int] | None = None) -> bytes:
        """The proof file that shows these entries (all unless given, the last one always)."""
        size = len(self.entries)
        shown = sorted(set(range(size) if indices is None else indices) | {size - 1})
        leaves = list(map(leaf_hash, self.entries))

        def read(level: int, index: int) -> bytes:
            return root(leaves[index << level : (index + 1) << level])

        hashes = multiproof(shown, size, read)
        texts = tuple(self.entries[index].decode() for index in shown)
        return encode_proof(ProofFile(subject, self.checkpoint(), texts, tuple(hashes)))


def proof_with(data: bytes, **members: Any) -> bytes:
    """A proof file with some of its members changed."""
    value = json.loads(data) | members
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
