"""An operator who signs a root of what he likes: any records, under any entries.

liar = Liar(world)                                    # an honest ledger so far, published or not
liar.file(lot, {Key("used", coil): b"[9,...]"})       # its proof, with this record in the register's place
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ledger import b64, prooffile
from ledger.prooffile import FORMAT, RegisterPart
from ledger.register import Key, encode
from ledger.registermap import bucket_of, key_hash, without
from ledger.rules.fold import Fold
from tests.check.forge import Forge
from tests.core.mapping import Map
from tests.core.replaying import admitted
from tests.world import REGISTRAR, World

TEXTS = ("used", "hold", "owner", "status", "posted", "key")  # kinds whose records stand in the file


class Liar:
    """Puts a register event behind the world's entries."""

    def __init__(self, world: World) -> None:
        self.forge = Forge(world)
        self.size = len(self.forge.entries)
        fold = Fold(lambda key: None)
        for data in self.forge.entries:
            admitted(fold, data)
        self.records = {key: encode(record) for key, record in fold.state.items() if record is not None}

    def file(
        self,
        subject: str,
        change: Mapping[Key, bytes | None] | None = None,
        *,
        shown: Collection[str] = TEXTS,
        indices: Iterable[int] | None = None,
        hidden: Collection[Key] = (),
        closed: Collection[Key] = (),
        format: str = FORMAT,
        **event: Any,
    ) -> bytes:
        """A proof of these entries (all unless given) with every bucket open but those of the keys
        ``closed``, and the records of some kinds in it, but for those ``hidden``. ``change``: what stands in
        the register instead."""
        world = self.forge.world
        records = {key: data for key, data in (self.records | dict(change or {})).items() if data is not None}
        kept = Map.of(records, world.trust.charter)
        stated = {"type": "register", "party": REGISTRAR, "size": self.size, "depth": kept.depth}
        stated |= {"root": b64.encode_std(kept.root)} | event
        del self.forge.entries[self.size :]
        self.forge.add(world.event(stated), by=world.operator)
        keys = {*self.records, *records, *(Key("about", f"{k} {id}") for k, id in self.records)}
        shut = {bucket_of(key_hash(key), kept.depth) for key in closed}
        wanted = sorted({hash for hash in map(key_hash, keys) if bucket_of(hash, kept.depth) not in shut})
        opened, rest = kept.prove(wanted)
        rows = sorted(
            (
                (key, data.decode())
                for key, data in records.items()
                if key.kind in shown
                and key not in hidden
                and bucket_of(key_hash(key), kept.depth) not in shut
            ),
            key=lambda row: f"{row[0].kind} {row[0].id}",
        )
        part = RegisterPart(tuple(rows), (), tuple(rest))
        part = part._replace(buckets=tuple(without(opened, part.pairs)))
        bare = prooffile.decode(self.forge.proof(subject if format == FORMAT else "a:b", indices))
        return prooffile.encode(bare._replace(subject=subject, register=part, format=format))
