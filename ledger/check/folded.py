"""The accounts of a proof's lots, folded again over the replay.

Only what the subject is made of is folded. What the proof takes as stated is unproven, and so is a lot of
which only the record is proven: what it was made of nobody has shown here.
"""

from collections.abc import Iterator
from typing import Any

from ledger import events
from ledger.check.replay import Replay
from ledger.claims.account import Account, unproven
from ledger.claims.fold import Position, born
from ledger.claims.method import Method
from ledger.register import Key, event_name
from ledger.rules.catalogue import Catalogue

MOST = 3_000_000  # labels, visits and gaps that are kept for one proof, in some 300 MB
NO_CATALOGUE = Catalogue({}, {}, {}, {}, frozenset(), frozenset(), "", 0, 0)


class Folded:
    """``accounts``: by lot. ``whole``: else there was too much to fold."""

    def __init__(self, replay: Replay, method: Method) -> None:
        self.accounts: dict[str, Account] = {}
        self.whole = True
        self.judged = sorted(replay.applied | replay.asserted)
        self._replay = replay
        self._fold(method)

    def at(self, lot: str) -> int:
        """The index of its birth; -1 if it is not known."""
        record = self._replay.register.read(Key("lot", lot))
        return -1 if record is None else record.at

    def account(self, id: str) -> Account:
        """Of any lot that the replay knows."""
        return self.accounts.get(id) or self._unproven(id, self.at(id))

    def catalogue(self, charter: int) -> Catalogue:
        """Of the charter or amendment in this entry."""
        record = self._replay.register.read(Key("charter", str(charter)))
        return Catalogue.parse(record.value.catalogue) if record else NO_CATALOGUE

    def own(self) -> Iterator[tuple[int, Any]]:
        """The entries that bore, used or moved what the subject is made of, each with its event."""
        for index in self.judged:
            members = vars(self._replay.pieces[index].event)
            lines = (*members.get("outputs", ()), *members.get("lines", ()))
            lots = {lot for line in lines for lot in (line.lot, vars(line).get("as_"))}
            if not lots.isdisjoint(self._replay.own):
                yield index, self._replay.pieces[index].event

    def _fold(self, method: Method) -> None:
        kept = 0
        for index, whole in self.own():
            piece = self._replay.pieces[index]
            event = self._only(whole, index)
            if event is None:
                continue
            if index in self._replay.asserted:
                made = {line.lot: self._unproven(line.lot, index) for line in event.outputs}
            else:
                position = Position(index, piece.entry.received, event_name(event.party, event.id))
                catalogue = self.catalogue(piece.entry.charter)
                made = born(event, position, self._replay.lot, self.account, catalogue, method)
            self.accounts |= made
            kept += sum(map(_size, {id(account): account for account in made.values()}.values()))
            if kept > MOST:
                self.whole = False
                return

    def _only(self, event: Any, index: int) -> Any:
        """The event if it bears lots; of a shipment only the parts of the ancestry that were admitted."""
        if isinstance(event, events.Source | events.Transform):
            return event
        if not isinstance(event, events.Ship):
            return None
        parts = [line for line in event.lines if line.as_ in self._replay.own]
        lines = [line for line in parts if self.at(line.as_ or "") == index]
        return event.model_copy(update={"lines": tuple(lines)}) if lines else None

    def _unproven(self, id: str, index: int) -> Account:
        lot = self._replay.lot(id)
        return unproven(id, lot.grams, bool(lot.composition), index)


def _size(account: Account) -> int:
    return sum(len(part) for part in account if not isinstance(part, tuple | int))
