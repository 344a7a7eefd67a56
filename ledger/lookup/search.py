"""Search: ids by their beginning, what is stamped on lots, and names of organisations.

The register has no index of words. Ids and marks are found by ordered scans; names by looking at every
party, of which there are few.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import orjson

from ledger.lookup import paging
from ledger.lookup.paging import LIMIT, Page
from ledger.lookup.views import Hit
from ledger.register import Charter, Charters, Key, Mark, Party, Site, event_name
from ledger.store import Store, scan_all

Found = Iterator[tuple[str, Hit]]  # each hit behind its place in its list


class _List(NamedTuple):
    """One way to find something: hits after a place, in order."""

    name: str
    after: Callable[[str], Found]


def search(store: Store, text: str, *, limit: int = LIMIT, cursor: str | None = None) -> Page[Hit]:
    """What has an id (lot, party, site, event) that begins with the text, a mark that does, or a
    party's name that holds it in any case; an event also by the whole of the id its party gave it.
    One thing may be found in more than one way. ``Malformed("request.cursor")``."""
    first, after = "", ""
    if cursor is not None:
        place = paging.decode(cursor, "search", text)
        paging.check_types(place, str, str)
        first, after = place
    lists = _lists(store, text) if text else []
    if first and first not in (one.name for one in lists):
        return Page((), None)
    limit = paging.clamp(limit)
    hits: list[Hit] = []
    last = (first, after)
    for one in lists:
        if first and one.name != first:
            continue
        for place_in_list, hit in one.after(after):
            if len(hits) == limit:
                return Page(tuple(hits), paging.encode("search", text, *last))
            hits.append(hit)
            last = one.name, place_in_list
        first = after = ""
    return Page(tuple(hits), None)


def meant(store: Store, given: str) -> list[str]:
    """The lots that somebody means by an id, or by the whole of what is stamped on them. What is neither
    comes back as it is: whoever asks for it says that there is none."""
    if ":" in given or not given.isascii() or store.read((Key("lot", given),)):
        return [given]
    return stamped(store, given) or [given]


def stamped(store: Store, value: str) -> list[str]:
    """The lots that bear a mark with exactly this value (a serial number, say), by id."""
    names = _mark_names(store) if value else []
    return sorted(
        {
            hit.id
            for name in names
            for _, hit in _marks(store, name, f"{value} ", "")  # whose mark it is stands behind it
        }
    )


def _lists(store: Store, text: str) -> list[_List]:
    """All ways to find the text, in the order of the answer."""
    ids = [_List(kind, partial(_ids, store, kind, text)) for kind in ("lot", "party", "site")]
    marks = [_List(f"mark {name}", partial(_marks, store, name, text)) for name in _mark_names(store)]
    events = _List("event", partial(_events, store, text))
    names = _List("name", partial(_names, store, text.casefold()))
    return [*ids, events, *marks, names]


def _ids(store: Store, kind: str, text: str, after: str) -> Found:
    for (_, id), _ in scan_all(store, kind, text, after):
        yield id, Hit(kind, id, "id", id)


def _events(store: Store, text: str, after: str) -> Found:
    if " " in text:  # a name: party and id
        for (_, name), _ in scan_all(store, "event", text, after):
            yield name, Hit("event", name, "id", name)
        return
    parties = [party for (_, party), _ in scan_all(store, "party")]
    names = {event_name(party, text) for party in {*parties, *_registrars(store)}}
    for key in sorted(store.read(Key("event", name) for name in names if name > after)):
        yield key.id, Hit("event", key.id, "id", text)


def _marks(store: Store, name: str, text: str, after: str) -> Found:
    for (_, id), record in scan_all(store, "mark", f"{name} {text}", after):
        assert isinstance(record.value, Mark)
        if record.value.lot:  # else the lot's birth was withdrawn
            yield id, Hit("lot", record.value.lot, "mark", id.rpartition(" ")[0])


def _names(store: Store, folded: str, after: str) -> Found:
    """Parties whose name holds the text, and the sites of each."""
    names = {}
    for (_, party), record in scan_all(store, "party"):
        assert isinstance(record.value, Party)
        if folded in record.value.name.casefold():
            names[party] = record.value.name
    places = {f"party {party}": Hit("party", party, "name", name) for party, name in names.items()}
    for (_, site), record in scan_all(store, "site") if names else ():
        assert isinstance(record.value, Site)
        if record.value.operator in names:
            places[f"site {site}"] = Hit("site", site, "name", names[record.value.operator])
    for place in sorted(place for place in places if place > after):
        yield place, places[place]


def _charters(store: Store) -> list[Charter]:
    record = store.read((Key("charters", ""),)).get(Key("charters", ""))
    if record is None:
        return []
    assert isinstance(record.value, Charters)
    found = store.read(Key("charter", str(index)) for index, _ in record.value.known)
    return [record.value for record in found.values() if isinstance(record.value, Charter)]


def _registrars(store: Store) -> set[str]:
    return {charter.party for charter in _charters(store)}


def _mark_names(store: Store) -> list[str]:
    """All names of marks that any charter of the ledger has known."""
    return sorted({name for charter in _charters(store) for name in orjson.loads(charter.catalogue)["marks"]})
