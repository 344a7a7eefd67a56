"""Claims from a proof alone: the accounts folded again over the replay, and the claims document told.

What the proof does not show is unproven, or named as unshown; nothing of it looks as if it were not there.
What a certifier said of the subject is held against what was rolled up: a better value than the entries
come to is a contradiction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from ledger import events
from ledger.check.folded import MOST, Folded
from ledger.check.lineage import walk
from ledger.check.replay import Replay
from ledger.check.report import FAIL, NOT_PROVABLE, Finding, proof_of
from ledger.claims import agreed, booked, coc, contradicted, document
from ledger.claims.account import Visit, Where
from ledger.claims.attested import paper
from ledger.claims.facts import Attested, MonthOf, Registered, Registrations, Revoked
from ledger.claims.method import DEFAULT, Method
from ledger.claims.telling import tell
from ledger.note import Checkpoint
from ledger.quantity import format_instant, parse_time
from ledger.register import Hold, Key, Month, Owner, Party, Used, event_name
from ledger.rules.admission import in_force
from ledger.rules.assurance import OPEN
from ledger.rules.catalogue import Catalogue
from ledger.rules.sums import drawn_by, months_of

PAPERS = 100


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
        self._received = received
        self._folded = Folded(replay, self.method)
        self._marks = marks
        self._replay = replay
        self._judged = self._folded.judged
        self._attested: dict[tuple[str, str], list[Attested]] = defaultdict(list)
        self._registered: dict[tuple[str, str], list[Registered]] = defaultdict(list)
        self._attest()
        self.lot = replay.lot(subject)
        self.account = self._folded.account(subject)

    # -- what is made of it

    def findings(self) -> list[Finding]:
        """Check 9, as far as it goes beyond the shares by origin."""
        if not self._folded.whole:
            sentence = f"The lots carry more than {MOST} shares, sites and gaps: claims were not recomputed."
            return [Finding(9, NOT_PROVABLE, "missing.work", sentence, (), (self.subject,))]
        born = self._folded.at(self.subject)
        return [
            Finding(
                9, FAIL, "claims.contradicted", sentence, tuple(sorted({one.index, born})), (self.subject,)
            )
            for one in self._attested.get(("lot", self.subject), ())
            for sentence in contradicted.by_roll_up(one, self.account, self.lot.grams)
        ]

    def tell(self, findings: Sequence[Finding]) -> document.Claims | None:
        """The document; None where there was too much to fold. ``findings``: all that the checks found."""
        if not self._folded.whole:
            return None
        self.proof = proof_of(findings)
        return tell(self)

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
            elif isinstance(event, events.Party | events.Site):
                said = Registered(piece.index, piece.entry.received, event)
                self._registered[event.type, event.subject].append(said)
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

    def catalogue(self, until: int) -> Catalogue:
        """As far as the amendments are among the entries."""
        charters = self._replay.register.read(Key("charters", ""))
        known = in_force(charters.value, min(until, self._received)) if charters else -1
        return self._folded.catalogue(known)

    @property
    def unshown(self) -> frozenset[document.Unshown]:
        """Where metal went is never shown; nor, without the register's root, what was said of it; nor what is
        behind a horizon and what was said of that."""
        found: set[document.Unshown] = {"fates"}
        lineage = walk(self.subject, self._replay)
        if lineage.left_off or lineage.rested:
            found |= {"ancestry", "standing", "attestations", "accounts", "instruments", "months"}
        if self._replay.proven is None:
            found |= {"standing", "attestations"}
        if None in self._books().values():
            found.add("accounts")
        return frozenset(found)

    def marks_on_it(self) -> Mapping[str, str]:
        """As its birth says."""
        return self._marks

    def hold(self) -> Hold | None:
        """As far as the proof shows."""
        return self._known("hold", [self.subject]).get(self.subject)

    def owner(self) -> Owner | None:
        """As far as the proof shows."""
        return self._known("owner", [self.subject]).get(self.subject)

    def used(self) -> Used | None:
        """As the register says: the proof need not hold who used some of it."""
        key, proven = Key("used", self.subject), self._replay.proven
        if proven is None:
            return None
        record = proven.record(key)
        return record.value if record else Used(0) if proven.says(key, None) else None

    def refs(self, indices: Iterable[int]) -> Mapping[int, document.Ref]:
        """Of the entries of the proof."""
        found = {}
        for index in indices:
            piece = self._replay.pieces.get(index)
            if piece is not None and piece.event is not None:
                found[index] = document.Ref(party=piece.event.party, id=piece.event.id, index=index)
        return found

    def registered(self, kind: Literal["party", "site"], ids: Iterable[str]) -> Mapping[str, Registrations]:
        """As far as they are among the entries."""
        return {id: several for id in ids if (several := self._registered.get((kind, id)))}

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
                if mark in OPEN:
                    told = document.Mark(mark=mark, event=ref, by=party, since=format_instant(since))
                    found.append(told)
        return found

    def months(self, wanted: Iterable[MonthOf]) -> Mapping[MonthOf, Month] | None:
        """As far as the register's root shows them: all in which an event of the proof went on, or none."""
        events = [self._replay.pieces[index].event for index in self._judged]
        several = [months_of(event) for event in events]
        if None in several:
            return None
        went_on = {month for months in several for month in months or ()}
        proven, found = self._replay.proven, {}
        for one in went_on.intersection(wanted):
            key = Key("month", " ".join(one))
            record = proven.record(key) if proven else None
            if record is not None:
                found[one] = record.value
            elif proven is None or not proven.says(key, None):
                return None
        return found

    def spent(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int] | None:
        """As far as the register's root shows it."""
        proven, found = self._replay.proven, {}
        for id, by in wanted:
            record = proven.record(Key("spent", drawn_by(id, by))) if proven else None
            if record is None:
                return None
            found[id, by] = record.value.amount
        return found

    def accounts(self) -> list[document.Account]:
        """Those that entries on the way name, as far as the register's root shows how they stand."""
        return [account for _, account in sorted(self._books().items()) if account is not None]

    def _books(self) -> dict[str, document.Account | None]:
        """By id; None where the proof does not show how it stands."""
        found: dict[str, document.Account | None] = {}
        for _, event in self._folded.own():
            members = vars(event)
            for id in (members.get("account"), getattr(members.get("coc"), "account", None)):
                if id is not None:
                    found[id] = self._book(id)
        return found

    def _book(self, id: str) -> document.Account | None:
        opened = self._replay.register.read(Key("book", id))
        proven = self._replay.proven
        state = proven.record(Key("account", id)) if proven else None
        return booked.told(id, state.value, opened.value) if opened and state else None

    def agreements(self) -> list[document.Agreement]:
        """Those that shipments and transfers on the way name; what was delivered under them is not shown."""
        names = {one.name for _, event in self._folded.own() if (one := vars(event).get("agreement"))}
        known = [
            (self._replay.register.read(Key("agreement", name)), self._replay.piece(name)) for name in names
        ]
        found = [
            agreed.told(self.refs([offer.index])[offer.index], record.value, offer.event)
            for record, offer in known
            if record is not None and offer is not None
        ]
        return sorted(found, key=lambda one: one.event.index)

    def coc(self) -> list[document.CocDocument]:
        """Of the shipment that split it off, and of the last one that moved it."""
        hold = self.hold()
        found = {}
        for name in {self.lot.event, hold.shipment if hold else ""}:
            piece = self._replay.piece(name)
            if piece is not None and piece.event is not None:
                ref = self.refs([piece.index])[piece.index]
                found[piece.index] = coc.told(piece.event, ref, self.subject, self.lot.material)
        return [told for _, told in sorted(found.items()) if told is not None]

    def fates(self) -> Sequence[document.Fate]:
        """None are shown."""
        return ()
