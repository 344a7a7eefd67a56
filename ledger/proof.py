"""Building a proof: the entries that a lot rests on, cut out of the log with one multiproof.

The entries are the closure of what the ledger noted at admission: an entry *needs* those whose
write-once and chained records it read, and others *touch* it, by correcting, revoking, replacing or
attesting what it wrote. The seeds are the subject's birth and its last hand-over, the charter and all
amendments, and the last entry of the checkpoint. What the last entry needs is not followed, unless the
subject rests on it: it only dates the proof.

``min_share`` leaves out what went into transforms of which no output has that share of the subject's
mass. The transform itself and who was allowed to sign it stay, so that the checker can say what is
left out, and how much that is.

One store read for each level of the closure, never one for each entry.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from ledger import entry, events, note, statement
from ledger.check.evidence import CUSTODY, writes
from ledger.errors import Malformed
from ledger.events import Event
from ledger.merkle import multiproof
from ledger.note import parse_checkpoint
from ledger.prooffile import MAX_BYTES, MAX_ENTRIES, ProofFile, encode
from ledger.register import Key, Record, event_name
from ledger.store import Store
from ledger.tiles import hash_reader

MILLION = 1_000_000
UNIT = 10**15  # the subject's whole mass, in the shares' unit
REGISTRY = frozenset({"charter", "amend", "party", "site", "key"})


def build(store: Store, lot: str, *, min_share: int = 0, seen: Sequence[str] = ()) -> bytes:
    """The proof file of a lot, from the last published checkpoint.

    ``min_share``: millionths. ``seen``: earlier checkpoints (signed notes) that it shall be comparable
    with. Raises ``Malformed``: ``proof.subject`` (no such lot), ``proof.unpublished`` (there is no
    checkpoint, or the lot is newer), ``proof.size`` (too many entries), ``note.…`` or ``checkpoint.…``
    for what is seen.
    """
    assert 0 <= min_share <= MILLION, min_share
    checkpoint = store.checkpoint()
    if checkpoint is None:
        raise Malformed("proof.unpublished", detail="The ledger has published no checkpoint yet.")
    size = parse_checkpoint(note.split(checkpoint)[0]).size
    records = store.read(Key(kind, lot) for kind in CUSTODY)
    birth = records.get(Key("lot", lot))
    if birth is None:
        raise Malformed("proof.subject", detail=f"The ledger has no lot {lot}.")
    if birth.at >= size:
        raise Malformed("proof.unpublished", detail=f"{lot} is newer than the last checkpoint.")
    closure = _Closure(store, size, _kept(store, lot, min_share) if min_share else None)
    amendments = store.read([Key("charters", "")])[Key("charters", "")].value.known
    closure.add({index for index, _ in amendments if index < size} | closure.seeds(records.values(), lot))
    closure.uncut()
    shown = closure.show({size - 1, *(_last(text, size) for text in seen)} - {-1})
    entries = store.entries_at(shown) | closure.entries
    indices = sorted(entries)
    hashes = multiproof(indices, size, hash_reader(store.tile, size))
    texts = tuple(entries[index].decode() for index in indices)
    data = encode(ProofFile(lot, checkpoint, texts, tuple(hashes)))
    if len(data) > MAX_BYTES:
        raise Malformed("proof.size")
    return data


def _last(text: str, size: int) -> int:
    """The index of the last entry of a checkpoint seen earlier; -1 where there is nothing to add."""
    earlier = parse_checkpoint(note.split(text)[0]).size
    return earlier - 1 if earlier <= size else -1


class _Found(NamedTuple):
    """An entry that was read, whether it belongs to the proof or not."""

    data: bytes
    payload: bytes
    event: Event


class _Closure:
    """Entries below ``size`` with all that they need and all that touches them. ``kept``: names of the
    transforms whose inputs are followed; None for all."""

    def __init__(self, store: Store, size: int, kept: set[str] | None) -> None:
        self.entries: dict[int, bytes] = {}
        self._store = store
        self._size = size
        self._kept = kept
        self._found: dict[int, _Found] = {}
        self._lots: set[str] = set()  # whose births belong

    def seeds(self, records: Iterable[Record], lot: str) -> set[int]:
        """The last writers of a lot's records as of the checkpoint. Where the last writer is newer, the
        one before is among its needs; those that are about other lots are left alone."""
        found: set[int] = set()
        writers = {record.at for record in records}
        named = f'"{lot}"'.encode()
        while writers:
            found |= {index for index in writers if index < self._size}
            newer = writers - found
            needs = {need for several in self._store.needs(newer).values() for need in several}
            self._read(needs)
            writers = {
                need
                for need in needs
                if named in self._found[need].payload or isinstance(self._found[need].event, events.Correct)
            }
        return found

    def add(self, indices: Iterable[int]) -> None:
        """Add entries, and whatever follows from them."""
        new = set(indices) - self.entries.keys()
        while new:
            if len(self.entries) + len(new) > MAX_ENTRIES:
                raise Malformed("proof.size")
            self._read(new)
            self.entries |= {index: self._found[index].data for index in new}
            written = [key for index in new for key in writes(self._found[index].event, index)]
            self._lots |= {key.id for key in written if key.kind == "lot"}
            follow = self._needs(new)
            for touching in self._store.touches(written).values():
                follow.update(index for index in touching if index < self._size)
            new = follow - self.entries.keys()

    def show(self, indices: set[int]) -> set[int]:
        """Of entries that only show the log, those that may stand alone. One that was corrected since
        may not: half of that story could be held against the subject."""
        self._read(indices)
        corrected = {
            index
            for index in indices - self.entries.keys()
            if self._store.touches(writes(self._found[index].event, index))
        }
        self.add(corrected)
        return indices - self.entries.keys()

    def uncut(self) -> None:
        """Follow a cut transform after all, if some input of it belongs already: then the checker could
        replay it half, and see a contradiction where there is none."""
        while half := [index for index in self.entries if self._is_half(index)]:
            assert self._kept is not None
            self._kept |= {_name(self._found[index].event) for index in half}
            self.add(need for needs in self._store.needs(half).values() for need in needs)

    def _is_half(self, index: int) -> bool:
        event = self._found[index].event
        return (
            self._is_cut(event)
            and isinstance(event, events.Transform)
            and any(line.lot in self._lots for line in event.inputs)
        )

    def _needs(self, indices: set[int]) -> set[int]:
        """What these entries need; of a transform that is cut, only who may sign it."""
        needs = self._store.needs(indices)
        cut = {index for index in indices if self._is_cut(self._found[index].event)}
        found = {need for index in indices - cut for need in needs[index]}
        of_cut = {need for index in cut for need in needs[index]} - found
        self._read(of_cut)
        return found | {need for need in of_cut if self._found[need].event.type in REGISTRY}

    def _is_cut(self, event: Event) -> bool:
        return (
            self._kept is not None and isinstance(event, events.Transform) and _name(event) not in self._kept
        )

    def _read(self, indices: Iterable[int]) -> None:
        missing = [index for index in indices if index not in self._found]
        for index, data in self._store.entries_at(missing).items():
            payload = statement.parse(entry.decode(data).statement).payload
            self._found[index] = _Found(data, payload, events.parse(payload))


def _name(event: Event) -> str:
    return event_name(event.party, event.id)


def _kept(store: Store, subject: str, min_share: int) -> set[str]:
    """The names of the transforms of which an output has at least this share (millionths) of the
    subject: shares walk backward along the flows, by the mass of the inputs that carry origin."""
    kept: set[str] = set()
    shares = {subject: UNIT}
    born_in: dict[str, str] = {}  # lot → the event, or the lot that it was split from
    heap: list[tuple[int, str]] = []  # lots by the index of their birth, last first
    fresh = {subject}
    while fresh or heap:
        births = store.read(Key("lot", id) for id in fresh)
        for index, flow in store.flows_into(fresh):
            if index == births[Key("lot", flow.dst)].at:  # not an exit that names the lot as its `into`
                heappush(heap, (-index, flow.dst))
                born_in[flow.dst] = flow.src
        # What a lot went into is younger than the lot, so by now the share of the youngest is complete.
        birth, lot = heappop(heap)
        born = [lot]
        while heap and heap[0][0] == birth:
            born.append(heappop(heap)[1])
        given: list[tuple[str, int]] = []
        if _is_event(born_in[lot]):
            if max(shares[lot] for lot in born) * MILLION >= min_share * UNIT:
                kept.add(born_in[lot])
                given = _shared(sum(shares[lot] for lot in born), _weights(store, born_in[lot]))
        else:
            given = [(born_in[lot], shares[lot]) for lot in born]
        fresh = {id for id, _ in given if id not in shares}
        for id, share in given:
            shares[id] = shares.get(id, 0) + share
    return kept


def _is_event(node: str) -> bool:
    return " " in node


def _weights(store: Store, event: str) -> dict[str, int]:
    """The lots that went into an event, by grams; those without origin count only among themselves."""
    into = {flow.src: flow.grams for _, flow in store.flows_into([event]) if not _is_event(flow.src)}
    lots = store.read(Key("lot", id) for id in into)
    carrying = {key.id: into[key.id] for key, record in lots.items() if record.value.composition}
    return carrying or into


def _shared(share: int, weights: dict[str, int]) -> list[tuple[str, int]]:
    whole = sum(weights.values())
    return [(id, share * grams // whole) for id, grams in weights.items()]
