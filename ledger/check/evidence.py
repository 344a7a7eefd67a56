"""The evidence: a proof's entries, read, and which of them the subject rests on.

A proof also holds entries that only show the log: the last one dates the checkpoint, others let it be
compared with earlier checkpoints. What *they* rest on is not in the proof, and need not be. So an
entry is judged if the subject rests on it, by what the signed events name, or if it corrects, revokes
or attests something that the subject rests on; and an entry that cannot be read is always judged. The
others are *idle*: they count where they pass the rules, and say nothing where they do not.

What an event names is read off its members here, without the register, so that the same answer comes
out whatever else is missing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import neg
from typing import NamedTuple

from ledger import entry, events, statement
from ledger.entry import Entry
from ledger.errors import Malformed
from ledger.events import Event, brought
from ledger.merkle import leaf_hash
from ledger.register import Key, event_name
from ledger.rules import named
from ledger.rules.sums import months_of
from ledger.statement import Statement

CUSTODY = ("lot", "hold", "owner")  # a lot's birth, and its hand-overs
OF_LOTS = frozenset(CUSTODY)
SPOKEN_OF = frozenset(("event", "key", "party", "site", "attestation"))  # besides the ancestry's lots


class Piece(NamedTuple):
    """An entry of a proof. ``wrong``: why its statement or event could not be read."""

    entry: Entry
    leaf: bytes
    statement: Statement | None
    event: Event | None
    wrong: Malformed | None

    @property
    def index(self) -> int:  # type: ignore[override]  # tuple.index is not missed
        """The entry's index."""
        return self.entry.index


def read(found: Entry) -> Piece:
    """The entry with its statement and event taken apart; no signature is checked."""
    leaf = leaf_hash(entry.encode(found))
    signed = None
    try:
        signed = statement.parse(found.statement)
        return Piece(found, leaf, signed, events.parse(signed.payload), None)
    except Malformed as wrong:
        return Piece(found, leaf, signed, None, wrong)


def writes(event: Event, index: int) -> Iterator[Key]:
    """The write-once and chained records that the event writes if it is admitted at this index."""
    yield Key("event", event_name(event.party, event.id))
    if isinstance(event, events.Charter | events.Amend | events.Key):
        yield from (Key("key", key.kid) for key in brought(event))
    if isinstance(event, events.Charter | events.Amend):
        yield Key("charters", "")
        yield Key("charter", str(index))
    elif isinstance(event, events.Party | events.Site):
        yield Key(event.type, event.subject)
    elif isinstance(event, events.Source | events.Transform):
        yield from (Key(kind, output.lot) for output in event.outputs for kind in CUSTODY)
    elif isinstance(event, events.Ship):
        for line in event.lines:
            yield from (Key(kind, line.as_ or line.lot) for kind in (CUSTODY if line.as_ else ("hold",)))
    elif isinstance(event, events.Receive):
        kinds = ("owner",) if event.site is None else ("hold", "owner")
        yield from (Key(kind, line.lot) for line in event.lines for kind in kinds)
    elif isinstance(event, events.Transfer):
        yield from (Key("owner", line.lot) for line in event.lines)
    elif isinstance(event, events.Attest):
        yield Key("attestation", event_name(event.party, event.id))
    elif isinstance(event, events.Account):
        yield Key("book", event.account)
    elif isinstance(event, events.Agree):
        yield Key("agreement", event.of.name if event.of else event_name(event.party, event.id))


def parents(event: Event | None, lot: str) -> list[str]:
    """The lots that a lot born in this event was made of, or split from."""
    if isinstance(event, events.Transform):
        return [line.lot for line in event.inputs]
    if isinstance(event, events.Ship):
        return [line.lot for line in event.lines if line.as_ == lot]
    return []


def reads(event: Event) -> Iterator[str]:
    """The lots that the event uses or moves: it rests on where each was, whose it was, what it is."""
    for line in (*vars(event).get("inputs", ()), *vars(event).get("lines", ())):
        yield line.lot


def about(event: Event) -> Iterator[Key]:
    """The records whose subject the event corrects, revokes, replaces or attests."""
    if isinstance(event, events.Correct | events.RevokeAttestation):
        yield Key("event", event.of.name)
    elif isinstance(event, events.RevokeKey):
        yield Key("key", event.kid)
    elif isinstance(event, events.Party | events.Site):
        yield Key(event.type, event.subject)
    elif isinstance(event, events.Attest):
        if isinstance(event.subject, str):
            yield from (Key(kind, event.subject) for kind in ("party", "site", "lot"))
        else:
            yield Key("event", event.subject.name)


def rests_on(event: Event, kid: str) -> Iterator[Key]:
    """The records, as far as the event names them, that it is judged by."""
    yield Key("key", kid)
    yield from (Key(*place) for place in named(event))
    yield from about(event)
    for kind, member in (("party", "operator"), ("party", "successor"), ("party", "subject")):
        id = vars(event).get(member)
        if isinstance(id, str):
            yield Key(kind, id)
    if isinstance(event, events.Key):
        yield from (Key("site", site) for site in event.sites or ())
    elif isinstance(event, events.Correct) and event.replaced_by is not None:
        yield Key("event", event.replaced_by.name)
    elif isinstance(event, events.RevokeAttestation):
        yield Key("attestation", event.of.name)


def ancestry(pieces: Iterable[Piece], subjects: Iterable[str]) -> set[str]:
    """The lots that the subjects are made of, or were split from, as far as the pieces tell; they themselves
    are among them."""
    born = births(pieces)
    found: set[str] = set()
    todo = list(subjects)
    while todo:
        lot = todo.pop()
        if lot not in found:
            found.add(lot)
            todo += parents(born.get(lot), lot)
    return found


def births(pieces: Iterable[Piece]) -> dict[str, Event]:
    """The lots that the pieces bear, each with the first event that does."""
    born: dict[str, Event] = {}
    for piece in pieces:
        if piece.event is not None:
            for kind, id in writes(piece.event, piece.index):
                if kind == "lot":
                    born.setdefault(id, piece.event)
    return born


def standing_of(pieces: Sequence[Piece], subject: str) -> tuple[set[Key], set[str]]:
    """The records that tell how the subject stands, for the pieces that it rests on: the chain of what was
    said about each thing that these wrote, each lot of its ancestry with what became of it, the last
    hand-over, the charters, the marks that receipts have put on themselves. And the lots of its
    ancestry that were not born in these pieces."""
    keys = {Key(kind, subject) for kind in CUSTODY}
    for piece in pieces:
        for kind, id in writes(piece.event, piece.index) if piece.event else ():
            if kind == "charters":
                keys.add(Key(kind, id))
            if kind in SPOKEN_OF:
                keys.add(Key("about", f"{kind} {id}"))
        if isinstance(piece.event, events.Receive):
            keys.add(Key("status", f"event {event_name(piece.event.party, piece.event.id)}"))
    born, lots = births(pieces), ancestry(pieces, [subject])
    for lot in lots:
        keys |= {Key("lot", lot), Key("used", lot)}
        if lot in born:  # else it rests on the register, whatever was said about it
            keys.add(Key("about", f"lot {lot}"))
    return keys, lots - born.keys()


def books_of(pieces: Iterable[Piece]) -> set[Key]:
    """The books that the pieces name, which say how much was booked by everyone together: months in which
    a process or a source went on, energy certificates, mass-balance accounts, agreements."""
    kinds = ("account", "agreement", "spent")
    read = [piece.event for piece in pieces if piece.event is not None]
    found = {Key(*place) for event in read for place in named(event) if place[0] in kinds}
    return found | {Key("month", " ".join(month)) for event in read for month in months_of(event) or ()}


def last_reads(pieces: Iterable[Piece], subject: str, end: int) -> dict[str, int]:
    """Of each lot that the pieces (ascending) use or move, the last that does: what moved it before belongs
    to the proof. What moved the subject belongs there all, up to ``end``."""
    found = {lot: piece.index for piece in pieces if piece.event for lot in reads(piece.event)}
    return found | {subject: end}


def judged(pieces: Sequence[Piece], subjects: Iterable[str]) -> frozenset[int]:
    """The indices of the pieces (given ascending) that the subjects rest on, and of what is said about
    those. Of what a shipment or a transfer carries, the subjects rest on their ancestry alone."""
    subjects = list(subjects)
    lots = ancestry(pieces, subjects)
    writers: dict[Key, list[int]] = defaultdict(list)
    speakers: dict[Key, list[int]] = defaultdict(list)
    wanted: set[int] = set()
    for n, piece in enumerate(pieces):
        if piece.event is None:
            wanted.add(n)
            continue
        for key in writes(piece.event, piece.index):
            writers[key].append(n)
        for key in about(piece.event):
            speakers[key].append(n)
    for several in speakers.values():
        several.reverse()
    seeds = [Key("charters", ""), *(Key(kind, subject) for subject in subjects for kind in CUSTODY)]
    todo = [n for key in seeds for n in writers.get(key, ())]
    todo += [n for lot in lots for n in speakers.get(Key("lot", lot), ())]
    # What was followed is taken off its list: so each is followed once, however many lead to it.
    while todo:
        n = todo.pop()
        event, signed = pieces[n].event, pieces[n].statement
        if n in wanted or event is None or signed is None:
            continue
        wanted.add(n)
        carries = "lines" in vars(event)
        for key in rests_on(event, signed.kid):
            if carries and key.kind in OF_LOTS and key.id not in lots:
                continue
            earlier = writers.get(key, [])
            cut = bisect_left(earlier, n)
            todo += earlier[:cut]
            del earlier[:cut]
        for key in writes(event, pieces[n].index):
            if key.kind == "lot":
                continue  # what was said about a lot counts in the ancestry alone
            later = speakers.get(key, [])
            cut = bisect_left(later, -n, key=neg)
            todo += later[:cut]
            del later[:cut]
    return frozenset(pieces[n].index for n in wanted)
