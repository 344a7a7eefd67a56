"""A draft: what one event would change, gathered while its rule runs.

The rule reads through the draft (its own writes first), puts new values and raises ``Refused`` at
the first thing that is not allowed. Nothing of a refused draft is kept.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, NoReturn

from ledger import register
from ledger.events import Event
from ledger.register import (
    NEEDED,
    OF_A_LOT,
    Flow,
    Hold,
    Key,
    Lot,
    Owner,
    Record,
    Stock,
    Used,
    Value,
    event_name,
)
from ledger.rules.catalogue import Catalogue

PlainKey = tuple[str, str]  # a kind and an id: equal to the Key that they make, and made faster
Read = Callable[[PlainKey], Record | None]


class Context(NamedTuple):
    """Where and when the event is judged. ``received``: ms. ``kid``: whose signature was checked.
    ``digest``: base64url SHA-256 of the payload octets. ``charter``: index of the charter in force.
    ``whole``: the register is that of all entries before; else of those that a proof holds."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    received: int
    kid: str
    charter: int
    digest: str
    whole: bool = True


class Changes(NamedTuple):
    """What an admitted event does. ``needs``: indices of the entries whose write-once or chained records
    it read; ``about``: keys that it corrects, revokes, replaces or attests."""

    needs: Collection[int]
    writes: Mapping[PlainKey, Value]
    flows: tuple[Flow, ...]
    about: tuple[Key, ...]


class Refusal(NamedTuple):
    """Why an event is not admitted. ``keys``: the records that decided it. ``waiting_for``: the id
    that is not here yet, where the same event may be admitted later."""

    code: str
    path: str
    detail: str
    keys: tuple[Key, ...]
    waiting_for: str | None = None


class Refused(Exception):
    """Carries a refusal out of a rule; never leaves ``apply``."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def refuse(code: str, path: str, detail: str, *keys: Key, waiting_for: str | None = None) -> NoReturn:
    """End the rule with a refusal."""
    raise Refused(Refusal(code, path, detail, keys, waiting_for))


class Draft:
    """The event, where it stands, and what it would change so far."""

    charter: register.Charter  # in force; set by ``admission.admit``
    catalogue: Catalogue
    key: register.KeyRecord  # of who signed; likewise

    def __init__(self, event: Event, context: Context, read: Read) -> None:
        self.event: Any = event
        self.context = context
        self.name = event_name(event.party, event.id)
        self._read = read
        self._needs: set[int] = set()
        self._writes: dict[PlainKey, Value] = {}
        self.flows: dict[tuple[str, str], int] = {}
        self.about: list[Key] = []
        self.born: list[str] = []
        self.used: dict[str, int] = {}
        self.undo: list[tuple[str, str, tuple[Any, ...]]] = []
        self.others: set[str] = set()

    def record(self, kind: str, id: str) -> Record | None:
        """The record as it was before this event."""
        found = self._read((kind, id))
        if found is not None and kind in NEEDED:
            self._needs.add(found.at)
        return found

    def before(self, kind: str, id: str) -> Any:
        """The value as it was before this event, or None."""
        found = self.record(kind, id)
        return None if found is None else found.value

    def get(self, kind: str, id: str) -> Any:
        """The value as this event leaves it so far, or None."""
        place = kind, id
        value = self._writes.get(place)
        if value is None:
            found = self._read(place)  # as ``record`` does: it is asked twenty times an event
            if found is not None:
                if kind in NEEDED:
                    self._needs.add(found.at)
                return found.value
        return value

    def peek(self, kind: str, id: str) -> Any:
        """The value as it was before this event, or None; a proof of the event does without it."""
        found = self._read((kind, id))
        return None if found is None else found.value

    def need(self, kind: str, id: str, path: str, code: str | None = None) -> Any:
        """The value, or a refusal ``<kind>.unknown`` that says what is waited for."""
        value = self.get(kind, id)
        if value is None:
            refuse(
                code or f"{kind}.unknown",
                path,
                f"{id or kind} is not in the ledger",
                Key(kind, id),
                waiting_for=id or kind,
            )
        return value

    def put(self, kind: str, id: str, value: Value) -> None:
        """Write a value."""
        self._writes[kind, id] = value

    def replace(self, kind: str, id: str, value: Value) -> None:
        """Write a value over an earlier one of this lot, remembering how to undo it."""
        self.undo.append((kind, id, tuple(self.get(kind, id))))
        self.put(kind, id, value)

    def mark(self, subject: str, *marks: tuple[str, int]) -> None:
        """Add open marks ``(mark, since_ms)`` to the status of ``subject``."""
        kept = self.marks(subject)
        added = tuple((mark, self.event.party, self.name, since) for mark, since in marks)
        self.put("status", subject, register.Status((*kept, *added)))

    def marks(self, subject: str) -> tuple[tuple[str, str, str, int], ...]:
        """The open marks of ``subject``."""
        status = self.get("status", subject)
        return status.marks if status else ()

    def flow(self, src: str, dst: str, grams: int) -> None:
        """Record that grams went from one node to another; nothing is not recorded."""
        if grams:
            self.flows[src, dst] = self.flows.get((src, dst), 0) + grams

    def changes(self) -> Changes:
        """Everything the admitted event writes, the event's own record and the stocks included."""
        self._follow_lots()
        self._note()
        event = self.event
        moved = dict.fromkeys([id for kind, id, _ in self.undo if kind in register.CHAINED])
        gone = [(lot, used.grams) for lot in moved if (used := self.get("used", lot)) and used.grams]
        self._writes["event", self.name] = register.Event(
            event.type,
            self.context.digest,
            event.at,
            self.context.kid,
            tuple(self.born),
            tuple(self.used.items()),
            tuple(self.undo),
            tuple(sorted(self.others - {event.party})),
            tuple(gone),
        )
        flows = tuple([Flow(src, dst, grams) for (src, dst), grams in sorted(self.flows.items())])
        return Changes(self._needs, self._writes, flows, tuple(dict.fromkeys(self.about)))

    def _follow_lots(self) -> None:
        """Move what is left of each lot from the stock in which it was counted to that in which it is now,
        and note this entry as the next of each lot that was there before."""
        writes, read = self._writes, self.before
        stocks: dict[tuple[str, str], int] = {}
        lots = dict.fromkeys([id for kind, id in writes if kind in OF_A_LOT])
        lots.update(dict.fromkeys([key.id for key in self.about if key.kind == "lot"]))
        for id in lots:
            lot: Any = writes.get(("lot", id))
            hold: Any = writes.get(("hold", id))
            owner: Any = writes.get(("owner", id))
            used: Any = writes.get(("used", id))
            if lot is not None:  # born here: it was nowhere, and what is about it is still to come
                _count(stocks, lot, hold, owner, used, 1)
                continue
            before = read("used", id)
            if (hold or owner or used) and (lot := read("lot", id)):
                held, owned = read("hold", id), read("owner", id)
                _count(stocks, lot, held, owned, before, -1)
                _count(stocks, lot, hold or held, owner or owned, used or before, 1)
            self._follow(id, before or _UNUSED, used, bool(hold or owner))
        for (kind, id), grams in stocks.items():
            if grams:
                stock = self.get(kind, id)
                there = (stock.grams if stock else 0) + grams
                if there > MOST_STOCK:
                    refuse("stock.limit", "$", f"{id}: {there} g", Key(kind, id))
                writes[kind, id] = Stock(there)

    def _follow(self, lot: str, before: Used, now: Used | None, moved: bool) -> None:
        """Note this entry as the next of a lot. ``moved``: it writes the lot's hold or owner."""
        grams, events, chain, moves = before
        index = self.context.index
        self._writes["used", lot] = Used(
            grams if now is None else now.grams,
            events + 1,
            register.chained(chain, index),
            register.chained(moves, index) if moved else moves,
        )

    def _note(self) -> None:
        """Note this entry as the next of its party's month, and of what it is about."""
        if self.event.type == "register":
            return  # or the register that it states could not be told from the one after it
        writes, index = self._writes, self.context.index
        month = f"{self.event.party} {self.event.time[:7]}"
        events, chain = self.before("posted", month) or (0, "")
        writes["posted", month] = register.Posted(events + 1, register.chained(chain, index))
        for kind, id in dict.fromkeys(self.about):
            events, chain = self.before("about", f"{kind} {id}") or (0, "")
            said = register.About(events + 1, register.chained(chain, index))
            writes["about", f"{kind} {id}"] = said


MOST_STOCK = 2**53 - 1  # grams of one owner and material at a site: what every reader of JSON can count
_UNUSED = Used(0)


def _count(
    more: dict[tuple[str, str], int],
    lot: Lot,
    hold: Hold | None,
    owner: Owner | None,
    used: Used | None,
    sign: int,
) -> None:
    """Add what is left of a lot (or take it away: ``sign``) to the stock in which it is counted."""
    if hold is None or owner is None or hold.withdrawn:
        return
    stock = "transit" if hold.to else "stock", f"{hold.site} {owner.owner} {lot.material}"
    more[stock] = more.get(stock, 0) + sign * (lot.grams - (used.grams if used else 0))
