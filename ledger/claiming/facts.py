"""The facts about one lot, as a ledger tells them: see ``ledger.claims.facts``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from ledger import events
from ledger.claiming import ways
from ledger.claiming.ancestry import marks_on
from ledger.claiming.fate import fates
from ledger.claiming.known import Known
from ledger.claiming.memo import Kept
from ledger.claiming.ways import Ways
from ledger.claims import agreed, booked, coc, document
from ledger.claims.account import Visit, Where
from ledger.claims.facts import Attested, MonthOf, Registrations
from ledger.claims.method import DEFAULT, Method
from ledger.lookup.queries import stamped
from ledger.quantity import format_instant
from ledger.register import Hold, Key, Lot, Month, Owner, Party, Record, Used
from ledger.rules.catalogue import Catalogue
from ledger.rules.sums import drawn_by


class LedgerFacts:
    """``Facts`` of a ledger's lot. ``records``: its own; ``moved``: what is named where
    it was moved since its birth; ``followed``: whether to tell where it went."""

    method: Method = DEFAULT

    def __init__(
        self,
        known: Known,
        subject: str,
        records: Mapping[Key, Record],
        kept: Kept,
        moved: Ways,
        followed: bool,
    ) -> None:
        self._known = known
        self._records = records
        self._born: Record = records[Key("lot", subject)]
        self._followed = followed
        self.subject = subject
        self.lot: Lot = self._born.value
        self.account = kept.account
        self._ways = ways.join([kept.ways, moved])

    def catalogue(self, until: int) -> Catalogue:
        """See ``ledger.claims.facts``, here and below."""
        return self._known.catalogue_at(until)

    @property
    def as_of(self) -> document.AsOf:
        return self._known.as_of

    @property
    def proof(self) -> None:
        return None

    @property
    def unshown(self) -> frozenset[document.Unshown]:
        return frozenset() if self._followed else frozenset({"fates"})

    def marks_on_it(self) -> Mapping[str, str]:
        birth = self._known.entries((self._born.at,))[self._born.at].event
        outputs = birth.outputs if isinstance(birth, events.Source | events.Transform) else ()
        marks: Mapping[str, str] = next((o.marks or {} for o in outputs if o.lot == self.subject), {})
        return stamped(self._known.store, self.subject, birth.party, marks) if marks else {}

    def hold(self) -> Hold:
        value: Hold = self._records[Key("hold", self.subject)].value
        return value

    def owner(self) -> Owner | None:
        value: Owner = self._records[Key("owner", self.subject)].value
        return value

    def used(self) -> Used:
        record = self._records.get(Key("used", self.subject))
        return record.value if record else Used(0)

    def refs(self, indices: Iterable[int]) -> Mapping[int, document.Ref]:
        return self._known.refs(indices)

    def registered(self, kind: Literal["party", "site"], ids: Iterable[str]) -> Mapping[str, Registrations]:
        return self._known.registered(kind, ids)

    def parties(self, ids: Iterable[str]) -> Mapping[str, Party]:
        return {key.id: r.value for key, r in self._known.records(Key("party", id) for id in ids).items()}

    def attestations(self, subjects: Iterable[document.Thing]) -> Sequence[Attested]:
        return self._known.attestations(subjects)

    def papers(self, visits: Mapping[Where, Visit]) -> Mapping[Where, Sequence[document.Document]]:
        return self._known.papers(visits)

    def marks(self) -> Sequence[document.Mark]:
        hold, owner = self.hold(), self.owner()
        now = {hold.site, hold.holder, *((owner.owner,) if owner else ())}
        open = marks_on(self._known, self.subject, self.account, now, self._ways)
        refs = self._known.refs({self._born.at, *(one.at for one in open)})
        found = [
            document.Mark(mark=one.mark, event=refs[one.at], by=one.by, since=format_instant(one.since))
            for one in sorted(open, key=lambda one: one.at)
        ]
        if hold.withdrawn:
            born = refs[self._born.at]
            found.append(document.Mark(mark="withdrawn", event=born, by=born.party))
        return found

    def months(self, wanted: Iterable[MonthOf]) -> Mapping[MonthOf, Month] | None:
        keys = {Key("month", " ".join(month)): month for month in wanted}
        return {keys[key]: record.value for key, record in self._known.records(keys).items()}

    def spent(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int] | None:
        keys = {Key("spent", drawn_by(id, by)): (id, by) for id, by in wanted}
        return {keys[key]: record.value.amount for key, record in self._known.records(keys).items()}

    def accounts(self) -> Sequence[document.Account]:
        keys = [Key(kind, id) for id in self._ways.accounts for kind in ("account", "book")]
        found = self._known.records(keys)
        return [
            booked.told(id, found[Key("account", id)].value, found[Key("book", id)].value)
            for id in self._ways.accounts
            if Key("account", id) in found
        ]

    def agreements(self) -> Sequence[document.Agreement]:
        names = self._ways.agreements
        found = self._known.records(Key(kind, name) for name in names for kind in ("agreement", "event"))
        offers = {name: found[Key("event", name)].at for name in names}
        refs, entries = self._known.refs(offers.values()), self._known.entries(offers.values())
        told = [
            agreed.told(refs[at], found[Key("agreement", name)].value, entries[at].event)
            for name, at in offers.items()
        ]
        return sorted(told, key=lambda one: one.event.index)

    def coc(self) -> Sequence[document.CocDocument]:
        hold = self.hold()
        shipment = Key("event", hold.shipment if hold else "")
        at = {self._born.at, *(record.at for record in self._known.records([shipment]).values())}
        refs = self._known.refs(at)
        told = [
            coc.told(one.event, refs[index], self.subject, self.lot.material)
            for index, one in self._known.entries(at).items()
        ]
        return [one for one in told if one is not None]

    def fates(self) -> Sequence[document.Fate]:
        return fates(self._known.store, self.subject) if self._followed else ()
