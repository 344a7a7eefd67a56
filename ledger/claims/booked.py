"""A mass-balance account of the register, as the claims document tells it."""

from ledger import register
from ledger.claims.document import Account
from ledger.quantity import format_time


def told(id: str, state: register.Account, book: register.Book) -> Account:
    """The account as it stands. The period is its first and its last day."""
    return Account(
        id=id,
        scheme=state.scheme,
        party=state.party,
        period=f"{format_time(book.since)[:10]}/{format_time(book.until)[:10]}",
        closed=state.state == "closed",
        overdrawn=state.overdrawn,
        certified_in=state.certified_in,
        total_in=state.total_in,
        total_out=state.total_out,
        issued=state.issued,
        brought=state.brought,
        carry=state.carry,
    )
