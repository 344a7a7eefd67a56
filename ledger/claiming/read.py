"""Entries of a store as events, read in bulk, and the events of one site."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from ledger import events, statement
from ledger.entry import decode
from ledger.errors import StorageError
from ledger.events import Event
from ledger.register import Key, event_name
from ledger.rules.catalogue import Catalogue
from ledger.store import Store, scan_all

CHUNK = 500  # entries, or records, read at once


class Read(NamedTuple):
    """An entry taken apart. ``received``: ms; ``charter``: index of the charter in force."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    received: int
    charter: int
    event: Event

    @property
    def name(self) -> str:
        """The event's name."""
        return event_name(self.event.party, self.event.id)


def entries(store: Store, indices: Iterable[int]) -> dict[int, Read]:
    """These entries, ascending, of which so many are asked for at a time."""
    found = {}
    for some in chunks(sorted(set(indices))):
        for index, data in sorted(store.entries_at(some).items()):
            entry = decode(data)
            if entry.index != index:
                raise StorageError("store.corrupt", detail=f"In the place of entry {index} is {entry.index}.")
            event = events.parse(statement.parse(entry.statement).payload)
            found[index] = Read(index, entry.received, entry.charter, event)
    return found


def catalogue(store: Store, charter: int) -> Catalogue:
    """The catalogue of the charter in force."""
    key = Key("charter", str(charter))
    return Catalogue.parse(store.read((key,))[key].value.catalogue)


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values, so many at a time."""
    left = iter(values)
    while chunk := list(islice(left, size)):
        yield chunk


def of_site(store: Store, site: str, size: int, wanted: Callable[[str, int], bool]) -> Iterator[Read]:
    """The events below ``size`` that happened at a site and that stand, ascending. ``wanted``: of an event's
    type and its time (s), whether it may be one: others are not read."""
    indices: set[int] = set()
    for party in _operators(store, site):
        indices.update(
            record.at
            for _, record in scan_all(store, "event", f"{party} ")
            if record.at < size and wanted(record.value.type, record.value.time)
        )
    for some in chunks(sorted(indices)):
        found = entries(store, some)
        there = [one for one in found.values() if getattr(one.event, "site", None) == site]
        undone = withdrawn(store, (one.name for one in there))
        yield from (one for one in there if one.name not in undone)


def withdrawn(store: Store, names: Iterable[str]) -> set[str]:
    """Those of these events that were withdrawn."""
    found = store.read(Key("status", f"event {name}") for name in names)
    return {
        key.id.partition(" ")[2]
        for key, record in found.items()
        if any(mark == "withdrawn" for mark, _, _, _ in record.value.marks)
    }


def _operators(store: Store, site: str) -> set[str]:
    """Whoever has been the site's operator: each registration names the one that it replaces."""
    record = store.read((Key("site", site),)).get(Key("site", site))
    name = record.value.event if record is not None else ""
    found = set()
    while name:
        at = store.read((Key("event", name),))[Key("event", name)].at
        event = entries(store, (at,))[at].event
        assert isinstance(event, events.Site)
        found.add(event.operator)
        name = event.replaces.name if event.replaces is not None else ""
    return found
