"""The facts about one lot, as a ledger tells them: see ``ledger.claims.facts``."""

from collections.abc import Iterable, Mapping, Sequence

from ledger import events
from ledger.claiming import read
from ledger.claiming.ancestry import marks_on
from ledger.claiming.fate import fates
from ledger.claiming.known import Known
from ledger.claims import coc, document
from ledger.claims.account import Account, Visit, Where
from ledger.claims.facts import Attested, MonthOf, Unshown
from ledger.claims.method import Method
from ledger.quantity import format_instant
from ledger.register import Hold, Key, Lot, Mark, Month, Owner, Party, Record, Site, Spent
from ledger.rules.catalogue import Catalogue


class LedgerFacts:
    """``Facts`` of a ledger's lot. ``records``: its own. ``followed``: whether to tell where it went."""

    def __init__(
        self,
        known: Known,
        subject: str,
        records: Mapping[Key, Record],
        account: Account,
        method: Method,
        followed: bool = False,
    ) -> None:
        self._known = known
        self._records = records
        self._born: Record = records[Key("lot", subject)]
        self._followed = followed
        self.subject = subject
        self.lot: Lot = self._born.value
        self.account = account
        self.method = method

    @property
    def catalogue(self) -> Catalogue:
        """See ``ledger.claims.facts``, here and below."""
        return self._known.catalogue

    @property
    def as_of(self) -> document.AsOf:
        return self._known.as_of

    @property
    def proof(self) -> None:
        return None

    @property
    def unshown(self) -> frozenset[Unshown]:
        return frozenset() if self._followed else frozenset({"fates"})

    def marks_on_it(self) -> Mapping[str, str]:
        birth = read.entries(self._known.store, (self._born.at,))[self._born.at].event
        outputs = birth.outputs if isinstance(birth, events.Source | events.Transform) else ()
        marks: Mapping[str, str] = next((o.marks or {} for o in outputs if o.lot == self.subject), {})
        keys = {
            Key("mark", f"{name} {value} {whose}"): name
            for name, value in marks.items()
            for whose in (birth.party, self.subject)
        }
        found = self._known.store.read(keys)
        stamped = {keys[key] for key, record in found.items() if record.value == Mark(self.subject)}
        return {name: value for name, value in marks.items() if name in stamped}

    def hold(self) -> Hold | None:
        value: Hold = self._records[Key("hold", self.subject)].value
        return value

    def owner(self) -> Owner | None:
        value: Owner = self._records[Key("owner", self.subject)].value
        return value

    def refs(self, indices: Iterable[int]) -> Mapping[int, document.Ref]:
        return self._known.refs(indices)

    def sites(self, ids: Iterable[str]) -> Mapping[str, Site]:
        return {key.id: r.value for key, r in self._known.records(Key("site", id) for id in ids).items()}

    def parties(self, ids: Iterable[str]) -> Mapping[str, Party]:
        return {key.id: r.value for key, r in self._known.records(Key("party", id) for id in ids).items()}

    def attestations(self, subjects: Iterable[document.Thing]) -> Sequence[Attested]:
        return self._known.attestations(subjects)

    def papers(self, visits: Mapping[Where, Visit]) -> Mapping[Where, Sequence[document.Document]]:
        return self._known.papers(visits)

    def marks(self) -> Sequence[document.Mark]:
        open = marks_on(self._known, self.subject, self.account)
        refs = self._known.refs(one.at for one in open)
        return [
            document.Mark(mark=one.mark, event=refs[one.at], by=one.by, since=format_instant(one.since))
            for one in open
        ]

    def months(self, wanted: Iterable[MonthOf]) -> Mapping[MonthOf, Month] | None:
        keys = {Key("month", " ".join(month)): month for month in wanted}
        return {keys[key]: record.value for key, record in self._known.records(keys).items()}

    def spent(self, instruments: Iterable[str]) -> Mapping[str, Spent] | None:
        keys = {Key("spent", f"instrument {id}"): id for id in instruments}
        return {keys[key]: record.value for key, record in self._known.records(keys).items()}

    def accounts(self) -> Sequence[document.Account]:
        return ()

    def agreements(self) -> Sequence[document.Agreement]:
        return ()

    def coc(self) -> Sequence[document.CocDocument]:
        """Of the shipment that split it off, and of the last one that moved it."""
        hold = self.hold()
        names = {self.lot.event, hold.shipment if hold else ""} - {""}
        records = self._known.store.read(Key("event", name) for name in names)
        indices = {record.at for record in records.values() if record.at < self._known.size}
        done, refs = read.entries(self._known.store, indices), self.refs(indices)
        found = [coc.told(done[at].event, refs[at], self.subject, self.lot.material) for at in sorted(done)]
        return [one for one in found if one is not None]

    def fates(self) -> Sequence[document.Fate]:
        return fates(self._known.store, self.subject) if self._followed else ()
