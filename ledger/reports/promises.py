"""Agreements, and what was delivered under them: asked of a ledger, for the report on exclusive use."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from ledger import events, register
from ledger.claiming import read
from ledger.claiming.memo import Memo
from ledger.claims import agreed, footprint
from ledger.claims.document import Agreement, Footprint, Ref
from ledger.quantity import format_time
from ledger.register import Key, event_name
from ledger.store import Store, scan_all

DELIVERS = ("ship", "transfer")


class Greatest(NamedTuple):
    """The greatest footprint of all lots that were sent, by the method that was agreed. ``lacking``: of so
    many of them data is missing, and their figures are least values."""

    lot: str
    figure: Footprint
    lacking: int


class Sent(NamedTuple):
    """Under an agreement. ``years``: grams by calendar year (UTC), as they were sent. ``greatest``: None
    where no footprint was agreed on that such lots have, or none was sent."""

    years: Mapping[int, int]
    greatest: Greatest | None = None


Delivered: TypeAlias = Mapping[Ref, Sent]
"""By the offer of an agreement."""


def agreements(store: Store, wanted: Callable[[str, register.Agreement], bool]) -> tuple[Agreement, ...]:
    """The agreements that are wanted, by the offer's name and the record. None is withdrawn."""
    rows = ((key.id, record.value) for key, record in scan_all(store, "agreement"))
    found = {name: value for name, value in rows if wanted(name, value)}
    records = store.read(Key("event", name) for name in found)
    return tuple(_told(store, name, found[name], records[Key("event", name)].at) for name in sorted(found))


def _told(store: Store, name: str, value: register.Agreement, at: int) -> Agreement:
    offer = read.entries(store, (at,))[at].event
    return agreed.told(Ref(party=offer.party, id=offer.id, index=at), value, offer)


def delivered(store: Store, several: Iterable[Agreement]) -> Delivered:
    """What was shipped or transferred under these agreements."""
    offers = {event_name(one.event.party, one.event.id): one for one in several}
    records = store.read(Key("agreement", name) for name in offers)
    found = {}
    for name, one in offers.items():
        years, lots = _delivered(store, name, records[Key("agreement", name)].value, one.material)
        found[one.event] = Sent(years, _greatest(store, one, lots))
    return found


def is_compared(one: Agreement) -> bool:
    """Whether what is delivered has a figure of the method, boundary and stage that were agreed."""
    promised = one.footprint
    if (promised.get("boundary"), promised.get("stage")) != ("cradle_to_gate", one.material):
        return False
    return promised["method"] in ("cut_off", "by_mass")


def _greatest(store: Store, one: Agreement, lots: Iterable[str]) -> Greatest | None:
    if not is_compared(one):
        return None
    records = store.read(Key("lot", lot) for lot in sorted(lots))
    kept = Memo(store).kept(key.id for key in records)
    rows = [
        (key.id, figure)
        for key, record in records.items()
        for figure in footprint.of_lot(record.value, kept[key.id].account)
        if figure.method == one.footprint["method"]
    ]
    if not rows:
        return None
    lot, figure = max(rows, key=lambda row: (Fraction(row[1].ug, row[1].grams), row[0]))
    return Greatest(lot, figure, sum(not figure.complete for _, figure in rows))


def _delivered(
    store: Store, agreement: str, value: register.Agreement, material: str
) -> tuple[Counter[int], set[str]]:
    """Grams by year, of the deliveries under the agreement that stand: of its material, less what went back
    under it, or the same metal sent to and fro would be all that was promised. And the lots sent."""
    posted = [scan_all(store, "event", f"{party} ") for party in (value.party, value.other)]
    indices = {record.at for page in posted for _, record in page if record.value.type in DELIVERS}
    grams: Counter[int] = Counter()
    delivered: set[str] = set()
    supplier = ""  # who delivered first
    for some in read.chunks(sorted(indices)):
        done = read.entries(store, some).values()
        undone = read.withdrawn(store, (one.name for one in done))
        for one in done:
            event = one.event
            if not isinstance(event, events.Ship | events.Transfer) or event.agreement is None:
                continue
            if event.agreement.name == agreement and one.name not in undone:
                supplier = supplier or event.party
                lots = store.read(Key("lot", line.lot) for line in event.lines)
                sent = [line for line in event.lines if lots[Key("lot", line.lot)].value.material == material]
                sign = 1 if event.party == supplier else -1
                grams[int(format_time(event.at)[:4])] += sign * sum(line.grams for line in sent)
                delivered.update(vars(line).get("as_") or line.lot for line in sent if sign > 0)
    return grams, delivered
