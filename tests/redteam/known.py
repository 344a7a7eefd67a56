"""What a clever attacker knows, and files made of any of it, consistent in every hash.

    known = Ledger(store)                                   # all of a ledger, as of its last checkpoint
    honest = known.taken_apart(build(store, lot))           # an honest proof, as a claim
    known.file(honest._replace(entries=honest.entries - {17}))   # without entry 17, all hashes made anew

``Held`` knows one file only, and can show any part of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, Protocol

from cli.demo.frauds.proofs import spelt_out
from ledger import b64, entry, prooffile, registermap
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.merkle import multiproof, node_hash
from ledger.note import checkpoint_of
from ledger.proof.opened import less_said
from ledger.prooffile import FORMAT, ProofFile, RegisterPart
from ledger.register import Key, event_name
from ledger.rooting import charter_of
from ledger.store import Store
from ledger.tiles import hash_reader

ABOUT_LOTS = ("lot", "hold", "owner", "used")


Moves = Mapping[str, tuple[int, ...]]


class Claim(NamedTuple):
    """A proof taken apart. ``entries``: their indices. ``buckets``: the keys whose buckets are opened;
    ``records``: of which the record stands in the file. ``shown``: whether the register's part is there."""

    subject: str
    entries: frozenset[int]
    buckets: frozenset[Key]
    records: frozenset[Key]
    shown: bool = True
    format: str = FORMAT
    moves: Moves = MappingProxyType({})


class Known(Protocol):
    """What there is to make files of. ``pieces``: the entries, by index. ``keys``: what may be shown."""

    checkpoint: str
    charter: bytes  # entry 0's leaf hash
    size: int
    pieces: dict[int, Piece]
    texts: dict[int, str]
    keys: tuple[Key, ...]

    def hashes(self, wanted: Sequence[int]) -> Sequence[bytes]:
        """The multiproof over these entries."""
        ...

    def part(self, buckets: Iterable[Key], records: Iterable[Key], moves: Moves) -> RegisterPart:
        """The register's part that shows these."""
        ...


def file(known: Known, claim: Claim) -> bytes:
    """The bytes of a claim's file. The last entry is always there: without it no file is read."""
    entries = sorted(claim.entries | {known.size - 1})
    hashes = known.hashes(entries)
    part = known.part(claim.buckets, claim.records, claim.moves) if claim.shown else None
    texts = tuple(known.texts[index] for index in entries)
    return prooffile.encode(
        ProofFile(claim.subject, known.checkpoint, texts, tuple(hashes), part, claim.format)
    )


def taken_apart(known: Known, data: bytes) -> Claim:
    """The claim that an honest file of the same checkpoint makes."""
    proof = prooffile.decode(data)
    assert proof.register is not None
    entries = frozenset(entry.decode(text.encode()).index for text in proof.entries)
    stated = vars(known.pieces[known.size - 1].event)
    root, part = b64.decode_std(stated["root"]), proof.register
    depth = stated["depth"]
    opened = registermap.OpenedMap(known.charter, root, depth, part.buckets, part.hashes, part.pairs)
    records = frozenset(key for key, _ in proof.register.records)
    buckets = {key for key in records.union(known.keys) if opened.shows(registermap.key_hash(key))}
    moves = proof.register.moves
    return Claim(proof.subject, entries, frozenset(buckets), records, format=proof.format, moves=moves)


def depth_of(last: Piece) -> int:
    """Of the map whose root the register event states."""
    found: int = vars(last.event)["depth"]
    return found


def keys_of(pieces: Iterable[Piece]) -> tuple[Key, ...]:
    """All keys that a proof of these entries may want to show."""
    pieces = list(pieces)
    found: set[Key] = {Key("charters", ""), *evidence.books_of(pieces)}
    for piece in pieces:
        event = piece.event
        assert event is not None
        for kind, id in evidence.writes(event, piece.index):
            found |= {Key(kind, id), Key("about", f"{kind} {id}")}
            found |= {Key(of, id) for of in ABOUT_LOTS if kind == "lot"}
        found.add(Key("status", f"event {event_name(event.party, event.id)}"))
        found.add(Key("posted", f"{event.party} {event.time[:7]}"))
    return tuple(sorted(found))


class Ledger:
    """All of a ledger: every entry, and the register as of the last checkpoint."""

    def __init__(self, store: Store) -> None:
        self.store = store
        checkpoint = store.checkpoint()
        assert checkpoint is not None, "nothing is published"
        self.checkpoint = checkpoint
        self.charter = charter_of(store)
        self.size = checkpoint_of(checkpoint).size
        self.texts = {index: text.decode() for index, text in enumerate(store.entries(0, self.size))}
        self.pieces = {
            index: evidence.read(entry.decode(text.encode())) for index, text in self.texts.items()
        }
        head = store.map()
        assert head.size == self.size - 1, "the map is not the checkpoint's"
        self.keys = keys_of(self.pieces.values())
        self._depth = head.depth
        self._map = hash_reader(store.map_tile, 1 << head.depth)

    def hashes(self, wanted: Sequence[int]) -> Sequence[bytes]:
        """See ``Known``."""
        return multiproof(wanted, self.size, hash_reader(self.store.tile, self.size))

    def part(self, buckets: Iterable[Key], records: Iterable[Key], moves: Moves) -> RegisterPart:
        """See ``Known``."""
        found = self.store.as_of(records, self.size - 1)
        shown = sorted(found, key=lambda key: f"{key.kind} {key.id}")
        opened, rest = registermap.prove(
            map(registermap.key_hash, buckets), self._depth, self.store.buckets, self._map
        )
        rows = tuple((key, found[key].decode()) for key in shown)
        return less_said(RegisterPart(rows, tuple(opened), tuple(rest), moves))


class Held:
    """One file: its entries, its opened buckets, its records."""

    def __init__(self, data: bytes, charter: bytes) -> None:
        """``charter``: entry 0's leaf hash, of the trust file."""
        proof = prooffile.decode(data)
        assert proof.register is not None, "a file without the register's part has nothing to be taken out"
        self.checkpoint = proof.checkpoint
        self.charter = charter
        self.size = checkpoint_of(proof.checkpoint).size
        self.pieces = {
            piece.index: piece
            for piece in (evidence.read(entry.decode(text.encode())) for text in proof.entries)
        }
        self.texts = dict(zip(self.pieces, proof.entries, strict=True))
        leaves = {index: piece.leaf for index, piece in self.pieces.items()}
        self._tree = _Tree(self.size, leaves, proof.hashes)
        self._depth = depth_of(self.pieces[self.size - 1])
        self._opened = {one.number: one for one in spelt_out(proof.register, self._depth)}
        self._rest = proof.register.hashes
        self._records = dict(proof.register.records)
        self.keys = tuple(
            key
            for key in sorted({*keys_of(self.pieces.values()), *self._records})
            if registermap.bucket_of(registermap.key_hash(key), self._depth) in self._opened
        )

    def hashes(self, wanted: Sequence[int]) -> Sequence[bytes]:
        """See ``Known``."""
        return self._tree.multiproof(wanted)

    def part(self, buckets: Iterable[Key], records: Iterable[Key], moves: Moves) -> RegisterPart:
        """See ``Known``. The buckets that stay closed cannot be told from those that were never open: so
        all of them stay as they are, and the records go."""
        shown = sorted(records, key=lambda key: f"{key.kind} {key.id}")
        opened = tuple(self._opened[number] for number in sorted(self._opened))
        rows = tuple((key, self._records[key]) for key in shown if key in self._records)
        return less_said(RegisterPart(rows, opened, self._rest, moves))


class _Tree:
    """What a multiproof over some leaves tells of the tree: the hash of each range that it walks."""

    def __init__(self, size: int, leaves: dict[int, bytes], hashes: Sequence[bytes]) -> None:
        self._size = size
        self._known: dict[tuple[int, int], bytes] = {}
        rest = iter(hashes)

        def walk(start: int, stop: int) -> bytes:
            if not any(start <= index < stop for index in leaves):
                found = next(rest)
            elif stop - start == 1:
                found = leaves[start]
            else:
                middle = _middle(start, stop)
                found = node_hash(walk(start, middle), walk(middle, stop))
            self._known[start, stop] = found
            return found

        walk(0, size)

    def multiproof(self, wanted: Sequence[int]) -> list[bytes]:
        """Over fewer leaves; ``KeyError`` over others."""
        found: list[bytes] = []

        def walk(start: int, stop: int) -> None:
            if not any(start <= index < stop for index in wanted):
                found.append(self._known[start, stop])
            elif stop - start > 1:
                middle = _middle(start, stop)
                walk(start, middle)
                walk(middle, stop)

        walk(0, self._size)
        return found


@cache
def _middle(start: int, stop: int) -> int:
    return start + (1 << (stop - start - 1).bit_length() - 1)
