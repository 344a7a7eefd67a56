"""Claims from a proof alone: the accounts folded again over the replay, and the claims document told.

What the proof does not show is unproven, or named as unshown; nothing of it looks as if it were not there.
What a certifier said of a lot is held against what was rolled up: a better value than the entries come to
is a contradiction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger import events
from ledger.check import contradicted
from ledger.check.lineage import walk
from ledger.check.replay import Replay
from ledger.check.report import FAIL, NOT_PROVABLE, PASS, Finding, outcome
from ledger.claims import coc, document
from ledger.claims.account import Account, Visit, Where, unproven
from ledger.claims.attested import paper
from ledger.claims.facts import Attested, MonthOf, Revoked, Unshown
from ledger.claims.fold import Place, born
from ledger.claims.method import DEFAULT, Method
from ledger.claims.telling import tell
from ledger.note import Checkpoint
from ledger.quantity import format_instant, parse_time
from ledger.register import Hold, Key, Lot, Month, Owner, Party, Site, Spent, event_name
from ledger.rules.catalogue import Catalogue

MOST = 3_000_000  # labels, visits and gaps that are kept for one proof, in some 300 MB
PAPERS = 100
NO_CATALOGUE = Catalogue({}, {}, {}, {}, frozenset(), frozenset(), "", 0, 0)


def claims_of(
    subject: str, replay: Replay, checkpoint: Checkpoint, received: int, marks: Mapping[str, str]
) -> "Claimed | None":
    """The accounts of all lots that the subject is made of; None where no birth or record of it is shown.
    ``received``: ms, of the proof's last entry. ``marks``: what is stamped on the subject."""
    if replay.register.read(Key("lot", subject)) is None:
        return None
    return Claimed(subject, replay, checkpoint, received, marks)


class Claimed:
    """The claims of one proof: facts of its subject, as ``ledger.claims.facts.Facts`` asks for them."""

    method: Method = DEFAULT

    def __init__(
        self, subject: str, replay: Replay, checkpoint: Checkpoint, received: int, marks: Mapping[str, str]
    ) -> None:
        self.subject = subject
        self.proof: document.Proof | None = None
        self.as_of = document.AsOf(
            ledger=checkpoint.origin, size=checkpoint.size, received=format_instant(received)
        )
        self.folded: dict[str, Account] = {}
        self.whole = True  # else there was too much to fold
        self._marks = marks
        self._replay = replay
        self._judged = sorted(replay.applied | replay.asserted)
        self._attested: dict[tuple[str, str], list[Attested]] = defaultdict(list)
        self._fold()
        self._attest()
        self.lot: Lot = self._lot(subject)
        self.account = self._account(subject)

    # -- what is made of it

    def findings(self) -> list[Finding]:
        """Check 9, as far as it goes beyond the shares by origin."""
        if not self.whole:
            sentence = f"The lots carry more than {MOST} shares, sites and gaps: claims were not recomputed."
            return [Finding(9, NOT_PROVABLE, "missing.work", sentence, (), (self.subject,))]
        found = []
        for (kind, id), several in sorted(self._attested.items()):
            account = self.folded.get(id) if kind == "lot" else None
            for one in several if account else ():
                assert account is not None
                for sentence in contradicted.by_roll_up(one.event, account, self._lot(id).grams):
                    entries = tuple(sorted({one.index, self._replay.register.read(Key("lot", id)).at}))  # type: ignore[union-attr]
                    found.append(Finding(9, FAIL, "claims.contradicted", sentence, entries, (id,)))
        return found

    def tell(self, findings: Sequence[Finding]) -> document.Claims | None:
        """The document; None where there was too much to fold. ``findings``: all that the checks found."""
        if not self.whole:
            return None
        codes = sorted({finding.code for finding in findings if finding.verdict != PASS})
        self.proof = document.Proof(verdict=outcome(findings), codes=tuple(codes))
        return tell(self)

    # -- the fold

    def _fold(self) -> None:
        kept = 0
        for index in self._judged:
            piece = self._replay.pieces[index]
            event = self._only(piece.event, index)
            if event is None:
                continue
            if index in self._replay.asserted:
                made = {line.lot: self._unproven(line.lot, index) for line in event.outputs}
            else:
                place = Place(index, piece.entry.received, event_name(event.party, event.id))
                catalogue = self._catalogue(piece.entry.charter)
                made = born(event, place, self._lot, self._account, catalogue, self.method)
            self.folded |= made
            kept += sum(map(_size, {id(account): account for account in made.values()}.values()))
            if kept > MOST:
                self.whole = False
                return

    def _only(self, event: Any, index: int) -> Any:
        """The event if it bears lots of the ancestry; of a shipment only the parts that were admitted."""
        own = self._replay.own
        if isinstance(event, events.Source | events.Transform):
            return event if any(line.lot in own for line in event.outputs) else None
        if not isinstance(event, events.Ship):
            return None
        parts = [line for line in event.lines if line.as_ in own]
        lines = [line for line in parts if self._at(line.as_ or "") == index]
        return event.model_copy(update={"lines": tuple(lines)}) if lines else None

    def _at(self, lot: str) -> int:
        record = self._replay.register.read(Key("lot", lot))
        return -1 if record is None else record.at

    def _lot(self, id: str) -> Lot:
        record = self._replay.register.read(Key("lot", id))
        assert record is not None, id
        lot: Lot = record.value
        return lot

    def _account(self, id: str) -> Account:
        """Of a lot of which only the record is proven, nothing else is known."""
        return self.folded.get(id) or self._unproven(id, self._at(id))

    def _unproven(self, id: str, index: int) -> Account:
        lot = self._lot(id)
        return unproven(id, lot.grams, bool(lot.composition), index)

    def _catalogue(self, charter: int) -> Catalogue:
        record = self._replay.register.read(Key("charter", str(charter)))
        return Catalogue.parse(record.value.catalogue) if record else NO_CATALOGUE

    # -- attestations

    def _attest(self) -> None:
        later: dict[str, list[Revoked]] = defaultdict(list)
        applied = [self._replay.pieces[index] for index in sorted(self._replay.applied)]
        for piece in applied:
            event = piece.event
            if isinstance(event, events.RevokeAttestation):
                ref = document.Ref(party=event.party, id=event.id, index=piece.index)
                since = parse_time(event.since)
                later[event.of.name].append(Revoked(ref, piece.entry.received, event.status, since))
        for piece in applied:
            event = piece.event
            if isinstance(event, events.Attest):
                about = self._about(event)
                revoked = tuple(later[event_name(event.party, event.id)])
                given = Attested(event, piece.index, piece.entry.received, about[0], revoked)
                self._attested[about].append(given)

    def _about(self, event: events.Attest) -> tuple[Any, str]:
        if not isinstance(event.subject, str):
            return "event", event.subject.name
        for kind in ("party", "site"):
            if self._replay.register.read(Key(kind, event.subject)) is not None:
                return kind, event.subject
        return "lot", event.subject

    def attestations(self, subjects: Iterable[document.Thing]) -> list[Attested]:
        """As far as they are among the entries."""
        return [one for thing in subjects for one in self._attested.get((thing.kind, thing.id), ())]

    # -- the other facts

    @property
    def catalogue(self) -> Catalogue:
        """The one by which the last entry was judged."""
        if not self._judged:
            return NO_CATALOGUE
        return self._catalogue(self._replay.pieces[self._judged[-1]].entry.charter)

    @property
    def unshown(self) -> frozenset[Unshown]:
        """Where metal went is never shown; without the register's root, nor is what was said of it."""
        found: set[Unshown] = {"fates"}
        lineage = walk(self.subject, self._replay)
        if lineage.left_off or lineage.rested:
            found.add("ancestry")
        if self._replay.proven is None:
            found |= {"standing", "attestations"}
        if any(self._names_account(index) for index in self._judged):
            found.add("accounts")
        return frozenset(found)

    def _names_account(self, index: int) -> bool:
        members = vars(self._replay.pieces[index].event)
        return bool(members.get("account") or (members.get("coc") and members["coc"].account))

    def marks_on_it(self) -> Mapping[str, str]:
        """As its birth says."""
        return self._marks

    def hold(self) -> Hold | None:
        """As far as the proof shows."""
        record = self._replay.register.read(Key("hold", self.subject))
        return None if record is None else record.value

    def owner(self) -> Owner | None:
        """As far as the proof shows."""
        record = self._replay.register.read(Key("owner", self.subject))
        return None if record is None else record.value

    def refs(self, indices: Iterable[int]) -> Mapping[int, document.Ref]:
        """Of the entries of the proof."""
        found = {}
        for index in indices:
            piece = self._replay.pieces.get(index)
            if piece is not None and piece.event is not None:
                found[index] = document.Ref(party=piece.event.party, id=piece.event.id, index=index)
        return found

    def sites(self, ids: Iterable[str]) -> Mapping[str, Site]:
        """As the replay left them."""
        return self._known("site", ids)

    def parties(self, ids: Iterable[str]) -> Mapping[str, Party]:
        """As the replay left them."""
        return self._known("party", ids)

    def _known(self, kind: str, ids: Iterable[str]) -> dict[str, Any]:
        records = {id: self._replay.register.read(Key(kind, id)) for id in ids}
        return {id: record.value for id, record in records.items() if record is not None}

    def papers(self, visits: Mapping[Where, Visit]) -> Mapping[Where, Sequence[document.Document]]:
        """Of the first event of each visit that is a source: others bind none."""
        found = {}
        for where, visit in visits.items():
            event = self._replay.pieces[visit.first].event
            evidence = vars(event).get("evidence") or ()
            if evidence:
                found[where] = [paper(one) for one in evidence[:PAPERS]]
        return found

    def marks(self) -> list[document.Mark]:
        """Open disputes and differences about the entries that count."""
        found = []
        for ref in self.refs(self._judged).values():
            status = self._replay.register.read(Key("status", f"event {event_name(ref.party, ref.id)}"))
            for mark, party, _, since in status.value.marks if status else ():
                if mark in ("disputed", "difference"):
                    told = document.Mark(mark=mark, event=ref, by=party, since=format_instant(since))
                    found.append(told)
        return found

    def months(self, wanted: Iterable[MonthOf]) -> Mapping[MonthOf, Month] | None:
        """As far as the register's root shows them: all in which an event of the proof happened, or none."""
        keys = {one: Key("month", " ".join(one)) for one in wanted if one in self._happened()}
        found = self._shown(keys.values())
        return None if found is None else {one: found[key] for one, key in keys.items() if key in found}

    def _happened(self) -> set[MonthOf]:
        pieces = (self._replay.pieces[index].event for index in self._judged)
        return {(e.site, e.process, e.time[:7]) for e in pieces if isinstance(e, events.Transform)}

    def spent(self, instruments: Iterable[str]) -> Mapping[str, Spent] | None:
        """As far as the register's root shows it."""
        keys = {id: Key("spent", f"instrument {id}") for id in instruments}
        found = self._shown(keys.values())
        return None if found is None else {id: found[key] for id, key in keys.items() if key in found}

    def _shown(self, keys: Iterable[Key]) -> dict[Key, Any] | None:
        """The records that the register's root proves; None if it leaves some of them open."""
        proven = self._replay.proven
        found = {}
        for key in keys:
            record = proven.record(key) if proven else None
            if record is not None:
                found[key] = record.value
            elif proven is None or proven.says(key, None) is not True:
                return None
        return found

    def accounts(self) -> Sequence[document.Account]:
        """None are shown."""
        return ()

    def agreements(self) -> Sequence[document.Agreement]:
        """None are shown."""
        return ()

    def coc(self) -> Sequence[document.CocDocument]:
        """Of the shipment that split it off, and of the last one that moved it."""
        hold = self.hold()
        names = {self.lot.event, hold.shipment if hold else ""}
        found = []
        for index in sorted(self._replay.applied):
            event = self._replay.pieces[index].event
            if event is not None and event_name(event.party, event.id) in names:
                ref = self.refs([index])[index]
                found.append(coc.told(event, ref, self.subject, self.lot.material))
        return [one for one in found if one is not None]

    def fates(self) -> Sequence[document.Fate]:
        """None are shown."""
        return ()


def _size(account: Account) -> int:
    return sum(len(part) for part in account if not isinstance(part, tuple))
