"""An operator who writes into the store past the rules, and signs; and one who is honest, to compare with."""

from collections.abc import Mapping
from typing import Any

from ledger import b64
from ledger.entry import Entry, encode
from ledger.gathering import Gathering
from ledger.keys import PrivateKey
from ledger.merkle import Frontier, consistency_proof
from ledger.note import Checkpoint, format_checkpoint, sign_note
from ledger.register import Event, Key, Record
from ledger.rules.fold import Step
from ledger.tiles import hash_reader
from ledger.witness.client import request_body
from tests.world import REGISTRAR, World


class Liar:
    """The operator of a world's ledger."""

    def __init__(self, world: World) -> None:
        self.world = world

    def put(self, event: Mapping[str, Any], by: PrivateKey | None = None, **members: Any) -> int:
        """Log an event that nobody judged; its index."""
        return self.put_statement(self.world.sign(self.world.event(event), by), **members)

    def put_statement(self, statement: str, **members: Any) -> int:
        """The same of a statement. ``members``: of the entry that are not as they should be."""
        head = self.world.store.head()
        self.world.tick(1)
        found = Entry(head.size, 0, head.last, max(self.world.now, head.received), statement)
        return self.put_bytes(encode(found._replace(**members)))

    def put_bytes(self, data: bytes) -> int:
        """The same of any octets."""
        store = self.world.store
        head = store.head()
        gathering = Gathering(head)
        # what the maker of roots counts: an entry that wrote nothing at all would be missed
        event = Event("count", "", 0, "", (), (), (), ())
        step = Step((), {Key("event", f"liar {head.size}"): Record(head.size, event)}, (), ())
        gathering.add(data, head.received, step)
        with store.writing() as writing:
            writing.commit(gathering.group(store.tile))
        return head.size

    def state(self, **members: Any) -> int:
        """State a root of the register, right only by accident; its index."""
        size = self.world.store.head().size
        root = {"size": size, "depth": 0, "root": b64.encode_std(bytes(32))} | members
        event = {"type": "register", "party": REGISTRAR} | root
        if root["size"] == size:
            return self.world.post(event, self.world.operator).index
        return self.put(event, self.world.operator)

    def publish(self) -> str:
        """Sign and publish what there is, whatever stands at its end."""
        note = self.world.checkpoint()
        self.world.store.publish(note, self.world.store.head().size)
        return note


def checkpoint_of(world: World, size: int, root: bytes) -> str:
    """A signed checkpoint."""
    text = format_checkpoint(Checkpoint(world.name, size, root))
    return sign_note(text, world.name, world.operator)


def request(world: World, signed: str, old: int) -> bytes:
    """What the log asks a witness that cosigned ``old`` entries."""
    head = world.store.head()
    assert Frontier.from_hashes(head.size, head.frontier).size == head.size
    size = int(signed.split("\n")[1])
    reader = hash_reader(lambda level, n: world.store.tile(level, n) or b"", size)
    return request_body(signed, old, consistency_proof(old, size, reader) if 0 < old < size else ())
