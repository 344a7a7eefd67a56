"""What a face shows of the register, as plain values. Faces print these and add nothing."""

from typing import Any, Generic, NamedTuple, TypeVar

from ledger import b64, register
from ledger.entry import Entry
from ledger.merkle import leaf_hash
from ledger.quantity import format_instant, format_kg, format_time
from ledger.register import Hold, Lot, Owner
from ledger.rules.composition import in_grams

R = TypeVar("R", bound=register.Party | register.Site)


class Mark(NamedTuple):
    """An open mark: what it says, which party set it by which event, and since when (ms)."""

    mark: str
    party: str
    event: str
    since: int

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this mark."""
        return {
            "mark": self.mark,
            "party": self.party,
            "event": event_json(self.event),
            "since": format_instant(self.since),
        }


class EventLine(NamedTuple):
    """An event in a list. ``at``: index of its entry; ``time`` in s, ``received`` in ms."""

    at: int
    party: str
    id: str
    type: str
    time: int
    received: int
    open: tuple[Mark, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this line."""
        return {
            "at": self.at,
            "party": self.party,
            "id": self.id,
            "type": self.type,
            "time": format_time(self.time),
            "received": format_instant(self.received),
            "open": [mark.as_json() for mark in self.open],
        }


class EventView(NamedTuple):
    """One event: its entry, its payload decoded, what is said of it now."""

    line: EventLine
    entry: Entry
    data: bytes
    kid: str
    payload: dict[str, Any]
    touched: tuple[EventLine, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this event; ``receipt`` as the poster was given it."""
        return {
            **self.line.as_json(),
            "receipt": {
                "index": self.entry.index,
                "leaf": b64.encode(leaf_hash(self.data)),
                "received": format_instant(self.entry.received),
            },
            "charter": self.entry.charter,
            "prev": b64.encode(self.entry.prev),
            "kid": self.kid,
            "payload": self.payload,
            "statement": self.entry.statement,
            "touched_by": [line.as_json() for line in self.touched],
        }


class AttestationView(NamedTuple):
    """A certifier's statement and what became of it. ``certifier_open``: what is open against whoever made
    it, such as a suspension, while which it does not hold."""

    event: str
    at: int
    value: register.Attestation
    open: tuple[Mark, ...]
    certifier_open: tuple[Mark, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this attestation."""
        value = self.value
        return {
            "event": event_json(self.event),
            "at": self.at,
            "subject": value.subject,
            "certifier": value.certifier,
            "scheme": value.scheme,
            "status": value.status,
            "valid_from": format_time(value.valid_from),
            "valid_until": format_time(value.valid_until),
            "certificate_no": value.certificate,
            "open": [mark.as_json() for mark in self.open],
            "certifier_open": [mark.as_json() for mark in self.certifier_open],
        }


class LotView(NamedTuple):
    """A lot as it was born, and as it is now. ``marks``: (name, value) that are stamped on it.
    ``history``: its birth, its hand-overs of goods and title, and what corrects or attests these."""

    id: str
    lot: Lot
    hold: Hold
    owner: Owner
    used: int
    marks: tuple[tuple[str, str], ...]
    history: tuple[EventLine, ...]
    attestations: tuple[AttestationView, ...]

    @property
    def left(self) -> int:
        """Grams that are not gone; nothing of a lot whose birth was withdrawn."""
        return 0 if self.hold.withdrawn else self.lot.grams - self.used

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this lot."""
        lot, hold, owner = self.lot, self.hold, self.owner
        made_of = in_grams(lot)
        return {
            "id": self.id,
            "material": lot.material,
            "kg": format_kg(lot.grams),
            "item": lot.item,
            "role": lot.role,
            "born": {
                "event": event_json(lot.event),
                "party": lot.party,
                "site": lot.site,
                "since": format_time(lot.since),
            },
            "used": format_kg(self.used),
            "left": format_kg(self.left),
            "withdrawn": hold.withdrawn,
            "hold": {
                "holder": hold.holder,
                "site": hold.site,
                "since": format_time(hold.since),
                "to": hold.to,
                "shipment": event_json(hold.shipment),
            },
            "owner": {
                "owner": owner.owner,
                "to": owner.to,
                "transfer": event_json(owner.transfer),
                "since": format_time(owner.since),
            },
            "composition": [{"origin": origin, "kg": format_kg(grams)} for origin, grams in made_of.shares],
            "traces": list(made_of.traces),
            "marks": dict(self.marks),
            "history": [line.as_json() for line in self.history],
            "attestations": [attestation.as_json() for attestation in self.attestations],
        }


class Registered(NamedTuple, Generic[R]):
    """A party or a site as registered last."""

    id: str
    value: R
    open: tuple[Mark, ...]

    def as_json(self) -> dict[str, Any]:
        """Its JSON object."""
        members = {"id": self.id, **self.value._asdict(), "event": event_json(self.value.event)}
        return members | {"open": [mark.as_json() for mark in self.open]}


class Balance(NamedTuple):
    """Grams of one owner's material: at a site, and shipped from there but not yet received."""

    site: str
    owner: str
    material: str
    stock: int
    transit: int

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this balance."""
        return {**self._asdict(), "stock": format_kg(self.stock), "transit": format_kg(self.transit)}


class Hit(NamedTuple):
    """Something that a search found. ``kind``: lot, event, party or site; ``by``: id, mark or name;
    ``text``: what matched."""

    kind: str
    id: str
    by: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this hit; an event's id is its party and id."""
        id = event_json(self.id) if self.kind == "event" else self.id
        return {**self._asdict(), "id": id}


def event_json(name: str) -> dict[str, str] | None:
    """An event's name as other events spell it; None for no event."""
    party, _, id = name.partition(" ")
    return {"party": party, "id": id} if name else None
