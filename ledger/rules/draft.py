"""A draft: what one event would change, gathered while its rule runs.

The rule reads through the draft (its own writes first), puts new values and raises ``Refused`` at
the first thing that is not allowed. Nothing of a refused draft is kept.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

from ledger import register
from ledger.events import Event
from ledger.register import Flow, Hold, Key, Lot, Owner, Record, Stock, Used, Value, event_name
from ledger.rules.catalogue import Catalogue

Read = Callable[[tuple[str, str]], Record | None]  # of a kind and an id, as a Key or a plain pair


class Context(NamedTuple):
    """Where and when the event is judged. ``received``: ms. ``kid``: whose signature was checked.
    ``digest``: base64url SHA-256 of the payload octets. ``charter``: index of the charter in force."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    received: int
    kid: str
    charter: int
    digest: str


class Changes(NamedTuple):
    """What an admitted event does. ``about``: keys that it corrects, revokes, replaces or attests."""

    writes: Mapping[tuple[str, str], Value]  # by kind and id
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

    def __init__(self, event: Event, context: Context, read: Read) -> None:
        self.event: Any = event
        self.context = context
        self.name = event_name(event.party, event.id)
        self._read = read
        self._before: dict[tuple[str, str], Any] = {}  # values as they were, once read
        self._writes: dict[tuple[str, str], Value] = {}
        self.flows: dict[tuple[str, str], int] = {}
        self.about: list[Key] = []
        self.born: list[str] = []
        self.used: dict[str, int] = {}
        self.undo: list[tuple[str, str, tuple[Any, ...]]] = []
        self.others: set[str] = set()

    def record(self, kind: str, id: str) -> Record | None:
        """The record as it was before this event."""
        return self._read(Key(kind, id))

    def get(self, kind: str, id: str) -> Any:
        """The value as this event leaves it so far, or None."""
        place = kind, id
        value = self._writes.get(place)
        if value is None:
            value = self._before.get(place, self)
        return self.before(kind, id) if value is self else value

    def before(self, kind: str, id: str) -> Any:
        """The value as it was before this event, or None."""
        place = kind, id
        value = self._before.get(place, self)
        if value is self:  # which no value is: not read yet
            found = self._read(place)
            value = self._before[place] = None if found is None else found.value
        return value

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

    def birth(self, lot: str) -> None:
        """Note that this event bears a lot: nothing of it was gone before."""
        self.born.append(lot)
        self._before["used", lot] = None

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
        self._restock()
        self._chain()
        event = self.event
        moved = dict.fromkeys(id for kind, id, _ in self.undo if kind in register.CHAINED)
        gone = ((lot, used.grams) for lot in moved if (used := self.get("used", lot)) and used.grams)
        self.put(
            "event",
            self.name,
            register.Event(
                event.type,
                self.context.digest,
                event.at,
                self.context.kid,
                tuple(self.born),
                tuple(self.used.items()),
                tuple(self.undo),
                tuple(sorted(self.others - {event.party})),
                tuple(gone),
            ),
        )
        flows = tuple(Flow(src, dst, grams) for (src, dst), grams in sorted(self.flows.items()))
        return Changes(self._writes, flows, tuple(dict.fromkeys(self.about)))

    def _chain(self) -> None:
        """Note this entry as the next of each lot that it is about, and of its party's month."""
        index = self.context.index
        lots = [id for kind, id in self._writes if kind in _COUNTED]
        lots += [key.id for key in self.about if key.kind == "lot"]
        for lot in dict.fromkeys(lots):
            if lot not in self.born:
                now, before = self.get("used", lot), self.before("used", lot)
                events, chain = (before.events, before.chain) if before else (0, "")
                grams = now.grams if now else 0
                self.put("used", lot, Used(grams, events + 1, register.chained(chain, index)))
        month = f"{self.event.party} {self.event.time[:7]}"
        posted: register.Posted | None = self.get("posted", month)
        events, chain = posted or (0, "")
        self.put("posted", month, register.Posted(events + 1, register.chained(chain, index)))
        for kind, id in dict.fromkeys(self.about):
            about: register.About | None = self.get("about", f"{kind} {id}")
            events, chain = about or (0, "")
            said = register.About(events + 1, register.chained(chain, index))
            self.put("about", f"{kind} {id}", said)

    def _restock(self) -> None:
        """Move what is left of each lot from where it was counted before to where it is now."""
        more: dict[tuple[str, str], int] = {}
        for lot in {id: None for kind, id in self._writes if kind in _COUNTED}:
            before, after = _place(self.before, lot), _place(self.get, lot)
            if before:
                more[before[0]] = more.get(before[0], 0) - before[1]
            if after:
                more[after[0]] = more.get(after[0], 0) + after[1]
        for (kind, id), grams in more.items():
            if grams:
                stock = self.get(kind, id)
                there = (stock.grams if stock else 0) + grams
                if there > MOST_STOCK:
                    refuse("stock.limit", "$", f"{id}: {there} g", Key(kind, id))
                self.put(kind, id, Stock(there))


MOST_STOCK = 2**53 - 1  # grams of one owner and material at a site: what every reader of JSON can count
_COUNTED = frozenset(("lot", "hold", "owner", "used"))


def _place(get: Callable[[str, str], Any], id: str) -> tuple[tuple[str, str], int] | None:
    """Where a lot is counted (kind and id of the stock), and how many grams of it."""
    lot: Lot | None = get("lot", id)
    if lot is None:
        return None
    hold: Hold | None = get("hold", id)
    owner: Owner | None = get("owner", id)
    if hold is None or owner is None or hold.withdrawn:
        return None
    used: Used | None = get("used", id)
    stock = "transit" if hold.to else "stock", f"{hold.site} {owner.owner} {lot.material}"
    return stock, lot.grams - (used.grams if used else 0)
