"""What can be asked of a ledger beside its graph: lots, events, and lists of what is registered.

Each answer is a value of ``ledger.lookup.views``, or a ``Page`` of them; None where there is no such thing.
A bad cursor is ``Malformed("request.cursor")``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from ledger import register, statement
from ledger.claims import booked, document
from ledger.entry import Entry, decode
from ledger.lookup import paging
from ledger.lookup.paging import LIMIT, Page
from ledger.lookup.views import (
    AttestationView,
    Balance,
    EventLine,
    EventView,
    LotView,
    Mark,
    Registered,
)
from ledger.quantity import parse_time
from ledger.register import Key, Record, event_name
from ledger.store import Store, scan_all

ABOUT = ("party", "site", "lot", "event")  # what an attestation can be about


class _Read(NamedTuple):
    """An entry taken apart. Its payload was found strict when it was admitted."""

    data: bytes
    entry: Entry
    kid: str
    payload: dict[str, Any]

    @property
    def name(self) -> str:
        return event_name(self.payload["party"], self.payload["id"])


def lot(store: Store, id: str) -> LotView | None:
    """A lot: as born, as it is now, and its way from hand to hand."""
    keys = [Key(kind, id) for kind in ("lot", "hold", "owner", "used")]
    records = store.read(keys)
    if keys[0] not in records:
        return None
    born, hold, owner = (records[key] for key in keys[:3])
    used = records[keys[3]].value.grams if keys[3] in records else 0
    history = _history(store, id, born.at, {born.at, hold.at, owner.at})
    birth = history[born.at].payload
    line: Mapping[str, Any] = next((line for line in birth.get("outputs", ()) if line["lot"] == id), {})
    keys = [Key("lot", id), *(Key("event", read.name) for read in history.values())]
    touching = {at for indices in store.touches(keys).values() for at in indices}
    history |= _entries(store, touching - history.keys())
    attested = [
        read.name for at, read in history.items() if read.payload["type"] == "attest" and at in touching
    ]
    return LotView(
        id,
        born.value,
        hold.value,
        owner.value,
        used,
        tuple(stamped(store, id, birth["party"], line.get("marks", {})).items()),
        _lines(store, history),
        _attestations(store, attested),
    )


def _history(store: Store, lot: str, born: int, start: set[int]) -> dict[int, _Read]:
    """The entries that bore the lot and passed it on. Whoever wrote a chained record needed the one who
    wrote it before: so the way leads back from the last writers."""
    found: dict[int, _Read] = {}
    seen = set(start)
    while start:
        read = {at: entry for at, entry in _entries(store, start).items() if _names(entry.payload, lot)}
        found |= read
        needs = store.needs(read).values() if read else ()
        start = {at for need in needs for at in need if at >= born} - seen
        seen |= start
    return found


def _names(payload: Mapping[str, Any], lot: str) -> bool:
    """Whether the event passes this lot on. A correction does so without naming it."""
    lines = (*payload.get("lines", ()), *payload.get("outputs", ()))
    return payload["type"] == "correct" or any(lot in (line["lot"], line.get("as")) for line in lines)


def stamped(store: Store, lot: str, party: str, marks: Mapping[str, str]) -> dict[str, str]:
    """Those of the marks that a birth by this party put on the lot which are still its own."""
    wanted = {
        Key("mark", f"{name} {value} {whose}"): name
        for name, value in marks.items()
        for whose in (party, lot)
    }
    found = store.read(wanted)
    names = {wanted[key] for key, record in found.items() if record.value == register.Mark(lot)}
    return {name: value for name, value in marks.items() if name in names}


def event(store: Store, party: str, id: str) -> EventView | None:
    """An event by its party and its id, with its entry and what was said of it since."""
    key = Key("event", event_name(party, id))
    record = store.read((key,)).get(key)
    if record is None:
        return None
    read = _entries(store, (record.at,))
    touching = store.touches((key, Key("attestation", key.id)))
    touched = _lines(store, _entries(store, {at for indices in touching.values() for at in indices}))
    found = read[record.at]
    return EventView(_lines(store, read)[0], found.entry, found.data, found.kid, found.payload, touched)


def entry(store: Store, index: int) -> EventView | None:
    """The event in an entry, by the entry's index: what findings cite."""
    if not 0 <= index < store.head().size:
        return None
    payload = _entries(store, (index,))[index].payload
    return event(store, payload["party"], payload["id"])


def _entries(store: Store, indices: Iterable[int]) -> dict[int, _Read]:
    found = {}
    for at, data in store.entries_at(indices).items():
        entry = decode(data)
        signed = statement.parse(entry.statement)
        found[at] = _Read(data, entry, signed.kid, orjson.loads(signed.payload))
    return found


def _lines(store: Store, read: Mapping[int, _Read]) -> tuple[EventLine, ...]:
    """The events as lines, in the ledger's order."""
    open = marks(store, (f"event {found.name}" for found in read.values()))
    return tuple(
        EventLine(
            at,
            found.payload["party"],
            found.payload["id"],
            found.payload["type"],
            parse_time(found.payload["time"]),
            found.entry.received,
            open[f"event {found.name}"],
        )
        for at, found in sorted(read.items())
    )


def marks(store: Store, subjects: Iterable[str]) -> dict[str, tuple[Mark, ...]]:
    """The open marks of each subject, such as ``event <name>`` or ``party <id>``."""
    wanted = {subject: Key("status", subject) for subject in subjects}
    found = store.read(wanted.values())
    return {
        subject: tuple(Mark(*mark) for mark in found[key].value.marks) if key in found else ()
        for subject, key in wanted.items()
    }


# --- Lists


def parties(
    store: Store, *, limit: int = LIMIT, cursor: str | None = None
) -> Page[Registered[register.Party]]:
    """All parties, by id."""
    return _registered(store, "party", _select(store, "party", ("parties",), limit, cursor))


def sites(
    store: Store, operator: str | None = None, *, limit: int = LIMIT, cursor: str | None = None
) -> Page[Registered[register.Site]]:
    """All sites, or those of one party, by id."""

    def kept(_: str, site: register.Site) -> bool:
        return operator in (None, site.operator)

    asked = ("sites", operator or "")
    return _registered(store, "site", _select(store, "site", asked, limit, cursor, keep=kept))


def _registered(store: Store, kind: str, page: tuple[dict[str, Record], str | None]) -> Page[Any]:
    found, more = page
    open = marks(store, (f"{kind} {id}" for id in found))
    return Page(tuple(Registered(id, one.value, open[f"{kind} {id}"]) for id, one in found.items()), more)


def attestations(
    store: Store, subject: str | None = None, *, limit: int = LIMIT, cursor: str | None = None
) -> Page[AttestationView]:
    """All attestations, by certifier and id; or those about one party, site, lot or event (its name)."""
    if subject is None:
        found, more = _select(store, "attestation", ("attestations",), limit, cursor)
        return Page(_attestations(store, list(found)), more)
    asked, after = ("attestations", subject), -1
    if cursor is not None:
        place = paging.decode(cursor, *asked)
        paging.check_types(place, int)
        after = place[0]
    touching = store.touches(Key(kind, subject) for kind in ABOUT).values()
    read = _entries(store, sorted(at for indices in touching for at in indices if at > after))
    names = [read[at].name for at in sorted(read) if read[at].payload["type"] == "attest"]
    views = _attestations(store, names)
    limit = paging.clamp(limit)
    more = paging.encode(*asked, views[limit - 1].at) if len(views) > limit else None
    return Page(views[:limit], more)


def _attestations(store: Store, names: list[str]) -> tuple[AttestationView, ...]:
    records = store.read(Key("attestation", name) for name in names)
    found = [(name, records[Key("attestation", name)]) for name in names]
    about = [f"attestation {name}" for name in names]
    open = marks(store, [*about, *(f"party {record.value.certifier}" for _, record in found)])
    return tuple(
        AttestationView(name, record.at, value := record.value, open[of], open[f"party {value.certifier}"])
        for of, (name, record) in zip(about, found, strict=True)
    )


def balances(
    store: Store,
    site: str,
    *,
    owner: str | None = None,
    material: str | None = None,
    limit: int = LIMIT,
    cursor: str | None = None,
) -> Page[Balance]:
    """What is at a site, and on its way from it, by owner and material."""
    asked = ("balances", site, owner or "", material or "")

    def kept(id: str, stock: register.Stock) -> bool:
        return bool(stock.grams) and material in (None, id.split(" ")[2])

    prefix = f"{site} {owner} " if owner else f"{site} "
    on_site, more = _select(store, "stock", asked, limit, cursor, prefix, kept)
    under_way, more_too = _select(store, "transit", asked, limit, cursor, prefix, kept)
    ids = sorted(on_site.keys() | under_way.keys())
    limit = paging.clamp(limit)
    rest = paging.encode(*asked, ids[limit - 1]) if len(ids) > limit or more or more_too else None
    return Page(tuple(_balance(id, _grams(on_site, id), _grams(under_way, id)) for id in ids[:limit]), rest)


def accounts(store: Store, site: str) -> tuple[document.Account, ...]:
    """The mass-balance accounts that are kept for a site, whoever keeps them, by period and id."""
    books = {key.id: record.value for key, record in scan_all(store, "book") if site in record.value.sites}
    states = store.read(Key("account", id) for id in books)
    told = [booked.told(id, states[Key("account", id)].value, book) for id, book in books.items()]
    return tuple(sorted(told, key=lambda one: (one.period, one.id)))


def _balance(id: str, stock: int, transit: int) -> Balance:
    site, owner, material = id.split(" ")
    return Balance(site, owner, material, stock, transit)


def _grams(found: Mapping[str, Record], id: str) -> int:
    return found[id].value.grams if id in found else 0


def _select(
    store: Store,
    kind: str,
    asked: tuple[str, ...],
    limit: int,
    cursor: str | None,
    prefix: str = "",
    keep: Callable[[str, Any], bool] = lambda id, value: True,
) -> tuple[dict[str, Record], str | None]:
    """The next records of a kind that are to be kept, and the cursor of those after them."""
    after = ""
    if cursor is not None:
        place = paging.decode(cursor, *asked)
        paging.check_types(place, str)
        after = place[0]
    limit = paging.clamp(limit)
    found: dict[str, Record] = {}
    for (_, id), record in scan_all(store, kind, prefix, after):
        if keep(id, record.value):
            if len(found) == limit:
                return found, paging.encode(*asked, next(reversed(found)))
            found[id] = record
    return found, None
