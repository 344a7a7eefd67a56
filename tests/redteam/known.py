"""What a clever attacker knows: every entry of the ledger, and its register as of the last checkpoint.

    known = Known(store)
    honest = known.honest(lot)                              # the honest proof, taken apart
    known.file(honest._replace(entries=honest.entries - {17}))   # without entry 17, all hashes made anew

Whatever a ``Claim`` holds, its file is consistent: the multiproofs fit, and each record is the register's.
"""

from typing import NamedTuple

from ledger import entry, prooffile, registermap
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.merkle import multiproof
from ledger.note import parse_checkpoint, split
from ledger.proof import Horizon, build
from ledger.prooffile import FORMAT, ProofFile, RegisterPart
from ledger.register import Key, event_name
from ledger.store import Store
from ledger.tiles import hash_reader


class Claim(NamedTuple):
    """A proof taken apart. ``entries``: their indices. ``buckets``: the keys whose buckets are opened;
    ``records``: of which the record stands in the file. ``shown``: whether the register's part is there."""

    subject: str
    entries: frozenset[int]
    buckets: frozenset[Key]
    records: frozenset[Key]
    shown: bool = True
    format: str = FORMAT


class Known:
    """A ledger as of its last checkpoint."""

    def __init__(self, store: Store) -> None:
        self.store = store
        checkpoint = store.checkpoint()
        assert checkpoint is not None, "nothing is published"
        self.checkpoint = checkpoint
        self.size = parse_checkpoint(split(checkpoint)[0]).size
        self.texts = list(store.entries(0, self.size))
        self.pieces: list[Piece] = [evidence.read(entry.decode(text)) for text in self.texts]
        head = store.map()
        assert head.size == self.size - 1
        self._depth = head.depth
        self._tree = hash_reader(store.tile, self.size)
        self._map = hash_reader(store.map_tile, 1 << head.depth)
        self.keys = self._all_keys()

    def _all_keys(self) -> tuple[Key, ...]:
        """All keys that a proof may want to show."""
        found: set[Key] = {Key("charters", "")}
        for piece in self.pieces:
            event = piece.event
            assert event is not None
            written = list(evidence.writes(event, piece.index))
            for kind, id in written:
                found |= {Key(kind, id), Key("about", f"{kind} {id}")}
                if kind == "lot":
                    found |= {Key(of, id) for of in ("hold", "owner", "used")}
            found.add(Key("status", f"event {event_name(event.party, event.id)}"))
            found.add(Key("posted", f"{event.party} {event.time[:7]}"))
        return tuple(sorted(found))

    @property
    def lots(self) -> list[str]:
        """All lots, by id."""
        return [id for kind, id in self.keys if kind == "lot"]

    def taken_apart(self, data: bytes) -> Claim:
        """The claim that an honest file of the last checkpoint makes."""
        proof = prooffile.decode(data)
        part = proof.register
        assert part is not None
        entries = frozenset(entry.decode(text.encode()).index for text in proof.entries)
        opened = {bucket.number for bucket in part.buckets}
        hashes = ((key, registermap.key_hash(key)) for key in self.keys)
        buckets = {key for key, hash in hashes if registermap.bucket_of(hash, self._depth) in opened}
        records = frozenset(key for key, _ in part.records)
        return Claim(proof.subject, entries, frozenset(buckets), records, format=proof.format)

    def honest(self, lot: str, horizon: Horizon | None = None, min_share: int = 0) -> Claim:
        """What the ledger itself hands out."""
        return self.taken_apart(build(self.store, lot, horizon=horizon, min_share=min_share))

    def file(self, claim: Claim) -> bytes:
        """The bytes of a claim's file."""
        return prooffile.encode(self.proof(claim))

    def proof(self, claim: Claim) -> ProofFile:
        """A claim's file. The last entry is always there: without it no file is read."""
        entries = sorted(claim.entries | {self.size - 1})
        pinned = {0} if claim.shown else set()
        hashes = multiproof(sorted(pinned | set(entries)), self.size, self._tree)
        texts = tuple(self.texts[index].decode() for index in entries)
        part = self._part(claim) if claim.shown else None
        return ProofFile(claim.subject, self.checkpoint, texts, tuple(hashes), part, claim.format)

    def _part(self, claim: Claim) -> RegisterPart:
        records = self.store.as_of(claim.records, self.size - 1)
        shown = sorted(records, key=lambda key: f"{key.kind} {key.id}")
        opened, rest = registermap.prove(
            map(registermap.key_hash, claim.buckets), self._depth, self.store.buckets, self._map
        )
        return RegisterPart(tuple((key, records[key].decode()) for key in shown), tuple(opened), tuple(rest))
