"""What was booked on a mass-balance account, event by event: what an auditor ticks off.

Each event's record keeps what the event added to the account, so that a withdrawal can take it back. The list
is read from there, not computed anew; what was withdrawn is not in it. So its sums are those of the account.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from ledger import events, recordform, register
from ledger.claiming import read
from ledger.claims.document import Account, Ref
from ledger.errors import Malformed
from ledger.register import Key
from ledger.reports import words
from ledger.store import Store

PAGE = 1_000  # bookings of one page
SCAN = 2_000  # records read at once


class Sums(NamedTuple):
    """Grams that bookings add to an account."""

    certified_in: int = 0
    total_in: int = 0
    total_out: int = 0
    issued: int = 0

    def of(self, account: Account) -> bool:
        """They are the account's own."""
        return self == (account.certified_in, account.total_in, account.total_out, account.issued)


class Booking(NamedTuple):
    """One event on an account. ``time``: the event's; ``what``: in words."""

    event: Ref
    time: str
    what: str
    added: Sums


class Bookings(NamedTuple):
    """A page of them, in the log's order, of ``whole`` in all. ``before``: sums of the pages before it;
    ``sums``: of all pages."""

    lines: tuple[Booking, ...]
    page: int
    whole: int
    before: Sums
    sums: Sums

    @property
    def pages(self) -> int:
        """How many there are; an empty list has one."""
        return max(1, -(-self.whole // PAGE))


class _Row(NamedTuple):
    index: int  # type: ignore[assignment]  # tuple.index is not missed
    name: str
    added: Sums


def bookings(store: Store, id: str, page: int = 1) -> Bookings:
    """Of an account that the ledger has. ``Malformed("request.absent")``: it has not so many pages."""
    key = Key("book", id)
    book: register.Book = store.read((key,))[key].value
    found = sorted(_rows(store, id, book.party))
    undone = read.withdrawn(store, (row.name for row in found))
    rows = [row for row in found if row.name not in undone]
    first = (page - 1) * PAGE
    shown = rows[first : first + PAGE]
    told = Bookings((), page, len(rows), added(rows[:first]), added(rows))
    if not 1 <= page <= told.pages:
        raise Malformed(
            "request.absent",
            "$.page",
            f"the bookings of {id} fill {words.spelt(told.pages, 'page', 'pages')}",
        )
    entries = read.entries(store, (row.index for row in shown))
    return told._replace(lines=tuple(_told(entries[row.index], row) for row in shown))


def added(rows: Iterable["_Row | Booking"]) -> Sums:
    """The sums of bookings."""
    return Sums(*map(sum, zip(*(row.added for row in rows), strict=True))) if (rows := list(rows)) else Sums()


def _rows(store: Store, id: str, party: str) -> Iterable[_Row]:
    """Of the party that keeps the account: nobody else books on it."""
    prefix = after = f"{party} "
    named = orjson.dumps(["account", id])[:-1]
    while page := store.scan_bytes("event", after, SCAN):
        for name, data in page:
            if not name.startswith(prefix):
                return
            if named in data:  # the others are not taken apart
                value: register.Event = recordform.decode("event", data).value
                several = [fields for kind, of, fields in value.undo if (kind, of) == ("account", id)]
                sums = [*map(sum, zip(*several, strict=True))][: len(Sums._fields)]
                yield _Row(register.at_of(data), name, Sums(*sums))
        after = page[-1][0]


def _told(one: read.Read, row: _Row) -> Booking:
    event: Any = one.event
    ref = Ref(party=event.party, id=event.id, index=one.index)
    return Booking(ref, event.time, _what(event), row.added)


def _what(event: Any) -> str:
    if isinstance(event, events.Source):
        return str(event.kind)
    if isinstance(event, events.Transform):
        return str(event.process)
    forced = ", force majeure" if event.coc.force_majeure is not None else ""
    return f"document {event.coc.document}{forced}"
