"""Agreements, and what was delivered under them: asked of a ledger, for the report on exclusive use."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from ledger import events, register
from ledger.claiming import read
from ledger.claims import agreed
from ledger.claims.document import Agreement, Ref
from ledger.quantity import format_time
from ledger.register import Key, event_name
from ledger.store import Store, scan_all

DELIVERS = ("ship", "transfer")

Delivered: TypeAlias = Mapping[Ref, Mapping[int, int]]
"""By the offer of an agreement: grams by calendar year (UTC), as they were sent."""


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
    return {
        one.event: _delivered(store, name, records[Key("agreement", name)].value, one.material)
        for name, one in offers.items()
    }


def _delivered(store: Store, agreement: str, value: register.Agreement, material: str) -> Counter[int]:
    """Grams by year, of the deliveries under the agreement that stand: of its material, less what went back
    under it, or the same metal sent to and fro would be all that was promised."""
    posted = [scan_all(store, "event", f"{party} ") for party in (value.party, value.other)]
    indices = {record.at for page in posted for _, record in page if record.value.type in DELIVERS}
    grams: Counter[int] = Counter()
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
    return grams
