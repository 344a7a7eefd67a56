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


_UNREAD: Any = object()  # stands for a value that nobody has asked for yet


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
        self._values: dict[tuple[str, str], Any] = {}  # as this event leaves them so far
        self._writes: dict[tuple[str, str], Value] = {}
        self.flows: dict[tuple[str, str], int] = {}
        self.about: list[Key] = []
        self.born: list[str] = []
        self.used: dict[str, int] = {}
        self.undo: list[tuple[str, str, tuple[Any, ...]]] = []
        self.others: set[str] = set()

    def record(self, kind: str, id: str) -> Record | None:
        """The record as it was before this event."""
        return self._read((kind, id))

    def get(self, kind: str, id: str) -> Any:
        """The value as this event leaves it so far, or None."""
        place = kind, id
        value = self._values.get(place, _UNREAD)
        if value is _UNREAD:
            found = self._read(place)
            value = self._values[place] = None if found is None else found.value
        return value

    def before(self, kind: str, id: str) -> Any:
        """The value as it was before this event, or None."""
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
        place = kind, id
        self._values[place] = self._writes[place] = value

    def replace(self, kind: str, id: str, value: Value) -> None:
        """Write a value over an earlier one of this lot, remembering how to undo it."""
        self.undo.append((kind, id, tuple(self.get(kind, id))))
        self.put(kind, id, value)

    def birth(self, lot: str) -> None:
        """Note that this event bears a lot: nothing of it was gone before."""
        self.born.append(lot)
        self._values["used", lot] = None

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
        lots = list(dict.fromkeys([id for kind, id in self._writes if kind in _COUNTED]))
        self._restock(lots)
        self._chain(lots)
        event = self.event
        moved = dict.fromkeys([id for kind, id, _ in self.undo if kind in register.CHAINED])
        gone = [(lot, used.grams) for lot in moved if (used := self.get("used", lot)) and used.grams]
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
        flows = tuple([Flow(src, dst, grams) for (src, dst), grams in sorted(self.flows.items())])
        return Changes(self._writes, flows, tuple(dict.fromkeys(self.about)))

    def _chain(self, lots: list[str]) -> None:
        """Note this entry as the next of each lot that it is about, and of its party's month."""
        index = self.context.index
        for lot in dict.fromkeys(lots + [key.id for key in self.about if key.kind == "lot"]):
            if lot not in self.born:
                now, before = self.get("used", lot), self.before("used", lot)
                _, events, chain, moves = before or Used(0)
                if ("hold", lot) in self._writes or ("owner", lot) in self._writes:
                    moves = register.chained(moves, index)
                grams = now.grams if now else 0
                self.put("used", lot, Used(grams, events + 1, register.chained(chain, index), moves))
        if self.event.type == "register":
            return  # or the register that it states could not be told from the one after it
        month = f"{self.event.party} {self.event.time[:7]}"
        posted: register.Posted | None = self.get("posted", month)
        events, chain = posted or (0, "")
        self.put("posted", month, register.Posted(events + 1, register.chained(chain, index)))
        for kind, id in dict.fromkeys(self.about):
            about: register.About | None = self.get("about", f"{kind} {id}")
            events, chain = about or (0, "")
            said = register.About(events + 1, register.chained(chain, index))
            self.put("about", f"{kind} {id}", said)

    def _restock(self, lots: list[str]) -> None:
        """Move what is left of each lot from where it was counted before to where it is now."""
        more: dict[tuple[str, str], int] = {}
        for id in lots:
            lot: Lot | None = self.get("lot", id)
            if lot is None:
                continue
            if id not in self.born:  # else it was nowhere
                was = self.before("hold", id), self.before("owner", id), self.before("used", id)
                _count(more, lot, *was, -1)
            now = self.get("hold", id), self.get("owner", id), self.get("used", id)
            _count(more, lot, *now, 1)
        for (kind, id), grams in more.items():
            if grams:
                stock = self.get(kind, id)
                there = (stock.grams if stock else 0) + grams
                if there > MOST_STOCK:
                    refuse("stock.limit", "$", f"{id}: {there} g", Key(kind, id))
                self.put(kind, id, Stock(there))


MOST_STOCK = 2**53 - 1  # grams of one owner and material at a site: what every reader of JSON can count
_COUNTED = frozenset(("lot", "hold", "owner", "used"))


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
