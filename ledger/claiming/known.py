"""What many lots have in common, read once: sites, parties, attestations, names of entries, open marks.

It tells the ledger as of one size. What is posted meanwhile is left aside, as far as an entry says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ledger import events
from ledger.claiming import read
from ledger.claiming.suspect import signed_by, suspects
from ledger.claims import attested
from ledger.claims.account import Visit, Where
from ledger.claims.document import AsOf, Document, Ref, Thing
from ledger.claims.facts import Attested, Registered, Revoked
from ledger.entry import decode
from ledger.errors import Malformed
from ledger.quantity import format_instant, parse_time
from ledger.register import Charter, Key, Record
from ledger.rules.admission import in_force
from ledger.rules.assurance import OPEN
from ledger.rules.catalogue import Catalogue
from ledger.rules.sums import SOURCE
from ledger.store import Found, Store, scan_all

MOST = 20_000  # entries, records or names that are held
PAPERS = 100  # documents of one visit
DEEP = 20  # what is said of what was said of … an event: beyond, it decides nothing


class Open(NamedTuple):
    """A mark that is open: on the event in entry ``at``, set by the party ``by`` at ``since`` (ms);
    ``suspect`` is what was signed with a key that was in other hands since then."""

    mark: str
    at: int
    by: str
    since: int


class Known:
    """One state of a ledger."""

    def __init__(self, store: Store) -> None:
        self.store = store
        head = store.head()
        self.size = head.size
        if not head.size:
            raise Malformed("claims.subject", detail="The ledger is empty.")
        last = decode(store.entries_at((head.size - 1,))[head.size - 1])
        key = Key("charter", str(last.charter))
        charter: Charter = store.read((key,))[key].value
        self.as_of = AsOf(ledger=charter.name, size=head.size, received=format_instant(head.received))
        self.catalogue = Catalogue.parse(charter.catalogue)  # by which the last entry was judged
        self._catalogues = {last.charter: self.catalogue}
        self._received = head.received
        self._records: dict[Key, Record | None] = {}
        self._refs: dict[int, Ref] = {}
        self._attested: dict[Thing, tuple[Attested, ...]] = {}
        self._read: dict[int, read.Read] = {}
        self._papers: dict[int, tuple[Document, ...]] = {}
        self._open: tuple[Open, ...] | None = None
        self._marked: dict[int, list[read.Read]] | None = None
        self._births: dict[str, tuple[str, str]] | None = None

    def catalogue_at(self, until: int) -> Catalogue:
        """The catalogue in force at a time (ms), or now if that is yet to come."""
        key = Key("charters", "")
        charter = in_force(self.records((key,))[key].value, min(until, self._received))
        if charter not in self._catalogues:
            self._catalogues[charter] = read.catalogue(self.store, charter)
        return self._catalogues[charter]

    def records(self, keys: Iterable[Key]) -> dict[Key, Record]:
        """Records that many lots ask for; not those of lots."""
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if key not in self._records]
        if missing:
            found = self.store.read(missing)
            self._records |= {key: found.get(key) for key in missing}
        return Found((key, record) for key in wanted if (record := self._records[key]) is not None)

    def entries(self, indices: Iterable[int]) -> dict[int, read.Read]:
        """These entries, which several lots may ask for."""
        wanted = set(indices)
        self._read |= read.entries(self.store, wanted - self._read.keys())
        return {index: self._read[index] for index in sorted(wanted)}

    def forget(self) -> None:
        """Let go of what the lots so far had in common, if it is much."""
        if len(self._read) > MOST or len(self._records) > MOST or len(self._refs) > MOST:
            self._read.clear()
            self._records.clear()
            self._refs.clear()

    def refs(self, indices: Iterable[int]) -> dict[int, Ref]:
        """The names of these entries."""
        wanted = set(indices)
        for some in read.chunks(sorted(index for index in wanted if index not in self._refs)):
            for index, data in self.store.entries_at(some).items():
                payload = events.plain_in_entry(data)
                self._refs[index] = Ref(party=payload["party"], id=payload["id"], index=index)
        return {index: self._refs[index] for index in wanted}

    def registered(self, kind: str, ids: Iterable[str]) -> dict[str, list[Registered]]:
        """All registrations of parties or sites, each in the ledger's order: each names the one before."""
        at = {key.id: record.at for key, record in self.records(Key(kind, id) for id in ids).items()}
        found: dict[str, list[Registered]] = {id: [] for id in at}
        while at:
            entries = self.entries(at.values())
            said = {id: Registered(*entries[index][:2], entries[index].event) for id, index in at.items()}
            for id, one in said.items():
                found[id].insert(0, one)
            names = {
                id: Key("event", one.event.replaces.name) for id, one in said.items() if one.event.replaces
            }
            before = self.records(names.values())
            at = {id: before[key].at for id, key in names.items()}
        return found

    def attestations(self, things: Iterable[Thing]) -> list[Attested]:
        """All attestations of these, in the ledger's order."""
        wanted = list(dict.fromkeys(things))
        missing = [thing for thing in wanted if thing not in self._attested]
        if missing:
            self._learn(missing)
        found = {one.index: one for thing in wanted for one in self._attested[thing]}
        return [found[index] for index in sorted(found)]

    def _learn(self, things: list[Thing]) -> None:
        keys = {Key(thing.kind, thing.id): thing for thing in things}
        touching = self.store.touches(keys)
        said = self._entries({at for several in touching.values() for at in several})
        given = {at: one for at, one in said.items() if isinstance(one.event, events.Attest)}
        later = self._later([one.name for one in given.values()])
        for key, thing in keys.items():
            self._attested[thing] = tuple(
                _attested(given[at], thing, later.get(given[at].name, ()))
                for at in touching.get(key, ())
                if at in given
            )

    def _later(self, names: list[str]) -> dict[str, tuple[Revoked, ...]]:
        """What became of these attestations."""
        touching = self.store.touches(Key("attestation", name) for name in names)
        said = self._entries({at for several in touching.values() for at in several})
        return {
            key.id: tuple(_revoked(said[at]) for at in indices if at in said)
            for key, indices in touching.items()
        }

    def _entries(self, indices: Iterable[int]) -> dict[int, read.Read]:
        return read.entries(self.store, (index for index in indices if index < self.size))

    def papers(self, visits: Mapping[Where, Visit]) -> dict[Where, Sequence[Document]]:
        """The documents of the first event of each visit that is a source: others have none."""
        first = {where: visit.first for where, visit in visits.items() if where[2].startswith(SOURCE)}
        missing = {index for index in first.values() if index not in self._papers}
        for at, one in self._entries(missing).items():
            evidence = getattr(one.event, "evidence", None) or ()
            self._papers[at] = tuple(attested.paper(found) for found in evidence[:PAPERS])
        return {where: self._papers[at] for where, at in first.items() if self._papers[at]}

    def open_marks(self) -> tuple[Open, ...]:
        """All disputes and differences of events that are open, and all events that are suspect."""
        if self._open is None:
            rows: dict[str, list[tuple[str, str, str, int]]] = {}
            for key, record in scan_all(self.store, "status", "event "):
                marks = [mark for mark in record.value.marks if mark[0] in OPEN]
                if marks:
                    rows[key.id.partition(" ")[2]] = marks
            at = {key.id: r.at for key, r in self.store.read(Key("event", name) for name in rows).items()}
            self._open = tuple(
                Open(mark, at[name], by, since)
                for name, marks in rows.items()
                for mark, by, _, since in marks
                if at[name] < self.size
            ) + tuple(Open("suspect", *one) for one in suspects(self.store, self.size))
        return self._open

    def marked(self) -> dict[int, list[read.Read]]:
        """For each entry with an open mark, by its index, the entries by any of which a lot rests on it:
        itself, or the event that it speaks of, such as a resolution that a thief has signed. A lot rests on a
        key's registration or revocation by what that key signed, other keys among it."""
        if self._marked is None:
            spoken_of = self._spoken_of({one.at for one in self.open_marks()})
            self._marked = {at: [one, *self._signed(one.event)] for at, one in spoken_of.items()}
        return self._marked

    def _spoken_of(self, indices: Iterable[int]) -> dict[int, read.Read]:
        """These entries; in the place of each that speaks of an event, that event."""
        entries = self._entries(indices)
        for _ in range(DEEP):
            names = {at: name for at, one in entries.items() if (name := _of_an_event(one.event))}
            found = self.store.read({Key("event", name) for name in names.values()}) if names else {}
            spoken_of = self._entries({record.at for record in found.values()})
            entries |= {at: spoken_of[found[Key("event", name)].at] for at, name in names.items()}
        return entries

    def _signed(self, event: events.Event) -> Iterator[read.Read]:
        """What the keys signed that the event registers or revokes, and the keys that those registered."""
        todo = _kids(event)
        seen: set[str] = set()
        while todo:
            kid = todo.pop()
            if kid not in seen:
                seen.add(kid)
                for one in self._spoken_of(signed_by(self.store, kid, 0, self.size)).values():
                    todo += _kids(one.event)
                    yield one

    def births(self) -> dict[str, tuple[str, str]]:
        """Where, and by whom, lots were born that entries with open marks moved: whatever is made of such a
        lot has been there. Of a part, where the lot was born that it was split from, if that is no part; and
        none of what carries nothing."""
        if self._births is None:
            entries = [one for several in self.marked().values() for one in several]
            lines = [line for one in entries for line in vars(one.event).get("lines", ())]
            self._births = {}
            for some in read.chunks(sorted({line.lot for line in lines})):
                for key, record in self.store.read(Key("lot", lot) for lot in some).items():
                    lot = record.value
                    if lot.role != "part" and (lot.composition or lot.role != "by_product"):
                        self._births[key.id] = lot.site, lot.party
            for line in lines:
                if line.lot in self._births and vars(line).get("as_"):
                    self._births[line.as_] = self._births[line.lot]
        return self._births


def _of_an_event(event: events.Event) -> str:
    """The name of the event that this one corrects, revokes or attests; "" if it does not."""
    of: Any = None
    if isinstance(event, events.Correct | events.RevokeAttestation):
        of = event.of
    elif isinstance(event, events.Attest) and not isinstance(event.subject, str):
        of = event.subject
    return "" if of is None else str(of.name)


def _kids(event: events.Event) -> list[str]:
    """The keys that the event registers or revokes."""
    if isinstance(event, events.RevokeKey):
        return [event.kid]
    return [key.kid for key in events.brought(event)] if isinstance(event, events.Key) else []


def _attested(one: read.Read, thing: Thing, later: tuple[Revoked, ...]) -> Attested:
    assert isinstance(one.event, events.Attest)
    return Attested(one.event, one.index, one.received, thing.kind, later)


def _revoked(one: read.Read) -> Revoked:
    event: Any = one.event
    assert isinstance(event, events.RevokeAttestation)
    ref = Ref(party=event.party, id=event.id, index=one.index)
    return Revoked(ref, one.received, event.status, parse_time(event.since))
