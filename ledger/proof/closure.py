"""The closure: what a proof has to hold, cut out of the log by what the ledger noted at admission.

An entry *needs* those whose write-once and chained records it read, and others *touch* it, by
correcting, revoking, replacing or attesting what it wrote. One store read for each level of the closure,
never one for each entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ledger import entry, events
from ledger.check import evidence
from ledger.check.evidence import CUSTODY, Piece, writes
from ledger.errors import Malformed
from ledger.events import Event
from ledger.prooffile import MAX_BYTES, MAX_ENTRIES
from ledger.register import Key, event_name
from ledger.store import Store

REGISTRY = frozenset({"charter", "amend", "party", "site", "key"})


class Closure:
    """Entries below ``size`` with all that they need and all that touches them.

    Followed back are the lots that the subject is made of. What else travelled in the same shipment is left
    aside, since the check passes over lines whose lots it does not know.

    ``kept``: names of the transforms whose inputs are followed; None for all. ``cut``: lots that are not
    followed back, each with the index of the last entry that wrote one of its records: they serve the
    entries after it."""

    def __init__(
        self, store: Store, subject: str, size: int, kept: set[str] | None, cut: Mapping[str, int]
    ) -> None:
        self.entries: dict[int, bytes] = {}
        # Cut lots that cannot be: an entry reads them before their records were last written, or their birth
        # is there all the same.
        self.late: set[str] = set()
        self._store = store
        self._wanted: set[str] = {subject} - cut.keys()  # lots that are followed back
        self._aside: dict[str, set[int]] = defaultdict(set)  # of other lots, what would have to be followed
        self._split: dict[str, tuple[str, int]] = {}  # parts of lots: what each was split from, and where
        self._writes: dict[int, tuple[Key, ...]] = {}
        self._size = size
        self._kept = kept
        self._cut = cut
        self._found: dict[int, tuple[bytes, Piece]] = {}
        self._octets = 0  # of the entries
        self._lots: set[str] = set()  # whose births belong

    def pieces(self) -> list[Piece]:
        """The entries, read, ascending."""
        return [self._found[index][1] for index in sorted(self.entries)]

    def add(self, indices: Iterable[int]) -> None:
        """Add entries, and whatever follows from them."""
        new = {index for index in indices if index not in self.entries}
        while new:  # as often as the ancestry is deep: so each round asks of what is new alone
            if len(self.entries) + len(new) > MAX_ENTRIES:
                raise Malformed("proof.size")
            self._read(new)
            self.entries |= {index: self._found[index][0] for index in new}
            self._octets += sum(len(self.entries[index]) for index in new)
            if self._octets > MAX_BYTES:
                raise Malformed("proof.size")
            written = [key for index in new for key in self._written(index)]
            born = {key.id for key in written if key.kind == "lot"}
            self._lots |= born
            touches = self._store.touches([key for key in written if key.kind != "lot"])
            spoken_of = {key.id for key in touches if key.kind == "event"}
            follow, wanted = self._want(spoken_of, new)
            fresh = (born & self._wanted) | (wanted & self._lots)  # of others it does not matter
            touches |= self._store.touches([Key("lot", lot) for lot in fresh])
            follow |= {index for several in touches.values() for index in several if index < self._size}
            new = {index for index in follow | self._needs(new) if index not in self.entries}
        self.late |= {lot for lot in self._cut if lot in self._lots}

    def _want(self, spoken_of: set[str], new: set[int]) -> tuple[set[int], set[str]]:
        """Follow the lots that these entries are about, and what was left aside of them; and which lots those
        are. Of an event that was corrected, all of it: who may dispute it is told by its lots. Of a receipt
        that put a mark on itself too: any of its lines may be why."""
        todo: list[str] = []
        whole = spoken_of | self._marked(new)
        for index in new:
            event = self._event(index)
            if _name(event) in whole and not isinstance(event, events.Transform):
                self.late |= self._cut.keys() & set(evidence.reads(event))
            if isinstance(event, events.Transform) or _name(event) in whole:
                todo += evidence.reads(event)
            elif isinstance(event, events.Ship):
                split = {line.as_: (line.lot, index) for line in event.lines if line.as_ is not None}
                self._split |= split
                todo += [self._source(part) for part in split if part in self._wanted]
        found: set[int] = set()
        wanted: set[str] = set()
        while todo:
            lot = todo.pop()
            if lot not in self._wanted and lot not in self._cut:
                self._wanted.add(lot)
                wanted.add(lot)
                found |= self._aside.pop(lot, set())
                todo += [self._source(lot)] if lot in self._split else []
        return found, wanted

    def _source(self, part: str) -> str:
        """The lot that a wanted part was split from: if it is cut, by records of before that."""
        lot, index = self._split[part]
        if self._cut.get(lot, -1) >= index:
            self.late.add(lot)
        return lot

    def _marked(self, indices: set[int]) -> set[str]:
        """The names of receipts of several lots that have marks."""
        received = (self._event(index) for index in indices)
        names = [_name(e) for e in received if isinstance(e, events.Receive) and len(e.lines) > 1]
        found = self._store.as_of([Key("status", f"event {name}") for name in names], self._size - 1)
        return {key.id.partition(" ")[2] for key in found}

    def _written(self, index: int) -> tuple[Key, ...]:
        if index not in self._writes:
            self._writes[index] = tuple(writes(self._event(index), index))
        return self._writes[index]

    def show(self, indices: set[int]) -> set[int]:
        """Of entries that only show the log, those that may stand alone. One that was corrected since
        may not: half of that story could be held against the subject."""
        self._read(indices)
        corrected = {
            index for index in indices - self.entries.keys() if self._store.touches(self._written(index))
        }
        self.add(corrected)
        return indices - self.entries.keys()

    def uncut(self) -> None:
        """Follow a cut transform after all, if some input of it belongs already: then the checker could
        replay it half, and see a contradiction where there is none."""
        while half := [index for index in self.entries if self._is_half(index)]:
            assert self._kept is not None
            self._kept |= {_name(self._event(index)) for index in half}
            self.add(need for needs in self._store.needs(half).values() for need in needs)

    def _is_half(self, index: int) -> bool:
        event = self._event(index)
        return (
            self._is_cut(event)
            and isinstance(event, events.Transform)
            and any(line.lot in self._lots for line in event.inputs)
        )

    def _needs(self, indices: set[int]) -> set[int]:
        """What these entries need; of a transform that is cut, only who may sign it."""
        needs = self._store.needs(indices)
        cut = {index for index in indices if self._is_cut(self._event(index))}
        self._read({need for several in needs.values() for need in several})
        found = {need for index in indices - cut for need in needs[index] if not self._is_beyond(index, need)}
        of_cut = {need for index in cut for need in needs[index]} - found
        return found | {need for need in of_cut if self._event(need).type in REGISTRY}

    def _is_beyond(self, index: int, need: int) -> bool:
        """Whether the entry needs the other only for lots that are not followed back."""
        event = self._event(index)
        if Key("event", _name(self._event(need))) in evidence.rests_on(event, ""):
            return False
        lots = {key.id for key in self._written(need) if key.kind in CUSTODY}
        lots &= set(evidence.reads(event))
        if isinstance(event, events.Transform):
            self.late |= {lot for lot in lots & self._cut.keys() if self._cut[lot] >= index}
            return bool(lots) and lots <= self._cut.keys()
        if not lots or not lots.isdisjoint(self._wanted):
            return False
        for lot in lots:
            self._aside[lot].add(need)
        return True

    def _is_cut(self, event: Event) -> bool:
        return (
            self._kept is not None and isinstance(event, events.Transform) and _name(event) not in self._kept
        )

    def _read(self, indices: Iterable[int]) -> None:
        missing = [index for index in indices if index not in self._found]
        for index, data in self._store.entries_at(missing).items():
            self._found[index] = data, evidence.read(entry.decode(data))

    def _event(self, index: int) -> Event:
        event = self._found[index][1].event
        assert event is not None, "an entry that the ledger admitted"
        return event


def _name(event: Event) -> str:
    return event_name(event.party, event.id)
