"""The claims of a ledger's lots: ``claims(store, lot)``, and many at once.

What many lots have in common is read once (``ledger.claiming.known``); what a lot was made of is folded once
and kept (``ledger.claiming.memo``). A ``Claiming`` holds both, for one state of the ledger.
"""

from collections.abc import Iterator, Mapping, Sequence

from ledger.claiming import read, ways
from ledger.claiming.facts import LedgerFacts
from ledger.claiming.known import Known
from ledger.claiming.memo import Memo, Progress
from ledger.claims.account import Account
from ledger.claims.document import AsOf, Claims
from ledger.claims.telling import tell
from ledger.errors import Malformed
from ledger.register import OF_A_LOT, Key, Record
from ledger.store import Store

__all__ = ["Claiming", "claims"]

AT_ONCE = 200  # lots whose facts are read together


class Claiming:
    """Tells claims as of the ledger's size when it was made. Not for use by several threads at once."""

    def __init__(self, store: Store, progress: Progress = lambda done, total: None) -> None:
        self._store = store
        self._known = Known(store)
        self._memo = Memo(store, progress=progress)

    @property
    def size(self) -> int:
        """Of the ledger that is told."""
        return self._known.size

    @property
    def as_of(self) -> AsOf:
        """The state of the ledger that is told."""
        return self._known.as_of

    def all(self, lots: Sequence[str], *, fates: bool = False) -> Iterator[Claims]:
        """The claims of these lots, in their order; ``Malformed("claims.subject")`` at the first that is not
        there. ``fates``: whether each is followed forward, too."""
        for some in read.chunks(lots, AT_ONCE):
            records = self._store.read(Key(kind, lot) for lot in some for kind in OF_A_LOT)
            for lot in some:
                record = records.get(Key("lot", lot))
                if record is None or record.at >= self.size:
                    raise Malformed("claims.subject", detail=f"The ledger has no lot {lot}.")
            kept = self._memo.kept(some)
            shipments = {record.value.shipment for key, record in records.items() if key.kind == "hold"}
            shipped = self._known.records(Key("event", name) for name in shipments - {""})
            births = {record.at for key, record in records.items() if key.kind == "lot"}
            self._known.forget()
            self._known.entries(births | {record.at for record in shipped.values()})
            self._known.refs({index for one in kept.values() for index in _cited(one.account)})
            moved = ways.since(self._store, {lot: _last_moves(records, lot) for lot in some})
            for lot in some:
                yield tell(LedgerFacts(self._known, lot, records, kept[lot], moved[lot], fates))


def _last_moves(records: Mapping[Key, Record], lot: str) -> set[int]:
    """The entries that moved or sold a lot last, if any did since its birth."""
    last = {records[Key(kind, lot)].at for kind in ("hold", "owner")}
    return last - {records[Key("lot", lot)].at}


def _cited(account: Account) -> Iterator[int]:
    """The entries that a document names for its account."""
    yield from (visit.first for visit in account.visits.values())
    yield from (visit.unbooked for visit in account.visits.values() if visit.unbooked >= 0)
    yield from (index for _, index in account.models.values())
    yield from account.gaps.values()


def claims(
    store: Store, lot: str, *, fates: bool = False, progress: Progress = lambda done, total: None
) -> Claims:
    """The claims of one lot; of many together: ``Claiming``."""
    (found,) = Claiming(store, progress).all([lot], fates=fates)
    return found
