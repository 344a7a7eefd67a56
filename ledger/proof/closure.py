"""The closure: what a proof has to hold, cut out of the log by what the ledger noted at admission.

An entry *needs* those whose write-once and chained records it read, and others *touch* it, by
correcting, revoking, replacing or attesting what it wrote. One store read for each level of the closure,
never one for each entry.
"""

from collections.abc import Iterable, Mapping

from ledger import entry, events
from ledger.check import evidence
from ledger.check.evidence import CUSTODY, Piece, writes
from ledger.errors import Malformed
from ledger.events import Event
from ledger.prooffile import MAX_ENTRIES
from ledger.register import Key, event_name
from ledger.rules import named
from ledger.store import Store

REGISTRY = frozenset({"charter", "amend", "party", "site", "key"})


class Closure:
    """Entries below ``size`` with all that they need and all that touches them.

    ``kept``: names of the transforms whose inputs are followed; None for all. ``cut``: lots that are not
    followed back, each with the index of the last entry that wrote one of its records: they serve the
    entries after it."""

    def __init__(
        self, store: Store, subject: str, size: int, kept: set[str] | None, cut: Mapping[str, int]
    ) -> None:
        self.entries: dict[int, bytes] = {}
        self.late: set[str] = set()  # cut lots that an entry reads before their records were last written
        self._store = store
        self._spoken_of = {subject}  # lots of which it matters what was said
        self._size = size
        self._kept = kept
        self._cut = cut
        self._found: dict[int, tuple[bytes, Piece]] = {}
        self._lots: set[str] = set()  # whose births belong

    def pieces(self) -> list[Piece]:
        """The entries, read, ascending."""
        return [self._found[index][1] for index in sorted(self.entries)]

    def add(self, indices: Iterable[int]) -> None:
        """Add entries, and whatever follows from them."""
        new = set(indices) - self.entries.keys()
        while new:
            if len(self.entries) + len(new) > MAX_ENTRIES:
                raise Malformed("proof.size")
            self._read(new)
            self.entries |= {index: self._found[index][0] for index in new}
            written = [key for index in new for key in writes(self._event(index), index)]
            self._lots |= {key.id for key in written if key.kind == "lot"}
            follow = self._needs(new)
            for index in new:
                self._spoken_of.update(evidence.reads(self._event(index)))
            about = [key for key in written if key.kind != "lot"]
            about += [Key("lot", lot) for lot in self._spoken_of & self._lots]
            for touching in self._store.touches(about).values():
                follow.update(index for index in touching if index < self._size)
            new = follow - self.entries.keys()

    def show(self, indices: set[int]) -> set[int]:
        """Of entries that only show the log, those that may stand alone. One that was corrected since
        may not: half of that story could be held against the subject."""
        self._read(indices)
        corrected = {
            index
            for index in indices - self.entries.keys()
            if self._store.touches(writes(self._event(index), index))
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
        """Whether the entry needs the other only for lots that are cut: then their records serve it."""
        if not self._cut:
            return False
        event, needed = self._event(index), self._event(need)
        of = vars(event).get("of")
        if of is not None and of.name == _name(needed):
            return False
        read = {id for kind, id in named(event) if kind in CUSTODY}
        lots = {key.id for key in writes(needed, need) if key.kind in CUSTODY} & read
        self.late |= {lot for lot in lots & self._cut.keys() if self._cut[lot] >= index}
        return bool(lots) and lots <= self._cut.keys()

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
