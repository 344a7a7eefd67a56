"""What an account is kept for is booked on it: nobody leaves out what would lower the percentage.

For each site and material there is a standing record of the accounts that are kept for it and of the last
day on which something was made there that no account counts. A transform that makes the material names
the account whose period covers it; an account is not opened over days on which that was left undone.
Sources need not be named: what a mine or a collection brings adds credits, and who leaves it out has less.

Every refusal here rests on a record being there, never on one being missing, so proofs replay.
"""

from itertools import product

from ledger.quantity import DAY, format_time
from ledger.register import Book, Key, Scope
from ledger.rules.draft import Draft, refuse

NOTHING = Scope((), 0)
MOST_KEPT = 36  # accounts of a party for a material at a site: months for three years


def is_late(draft: Draft, until: int) -> bool:
    """Whether an account whose period ended at ``until`` (s) takes no more postings."""
    return draft.context.received > (until + draft.catalogue.max_delay_days * DAY) * 1000


def open_scopes(draft: Draft, account: str, book: Book) -> None:
    """Keep the account for each of its sites and materials, if no other is and none of its days is lost.
    Accounts that take no more postings are forgotten, and few are opened ahead, so the record stays small."""
    for site, material in product(book.sites, book.materials):
        id = f"{site} {material}"
        scope: Scope = draft.get("scope", id) or NOTHING
        if scope.unbooked > book.since:
            detail = f"{material} was made at {site} until {format_time(scope.unbooked)} without an account"
            refuse("account.begun", "$.period", detail, Key("scope", id))
        kept = [row for row in scope.accounts if not is_late(draft, row[3])]
        for other, party, since, until in kept:
            if party == book.party and since <= book.until and book.since <= until:
                detail = f"{other} is kept for {material} at {site} from {format_time(since)} on"
                refuse("account.overlap", "$.period", detail, Key("scope", id))
        if sum(party == book.party for _, party, _, _ in kept) >= MOST_KEPT:
            detail = f"{MOST_KEPT} accounts are kept for {material} at {site}"
            refuse("account.limit", "$.period", detail, Key("scope", id))
        row = account, book.party, book.since, book.until
        draft.put("scope", id, Scope((*kept, row), scope.unbooked))


def unbooked(draft: Draft) -> None:
    """A transform that names no account: none is kept for what it makes, nor will one be for that day."""
    event = draft.event
    end = (event.at // DAY + 1) * DAY
    known = draft.catalogue.materials
    for n, output in enumerate(event.outputs):
        material = output.material
        if output.role == "by_product" or not (material in known and known[material].origin):
            continue
        scope = _not_kept(draft, material, f"$.outputs[{n}].material")
        if scope.unbooked < end:  # once a day, not with every event
            draft.put("scope", f"{event.site} {material}", scope._replace(unbooked=end))


def _not_kept(draft: Draft, material: str, path: str) -> Scope:
    """The scope of a material for which the poster keeps no account at this site and time."""
    event = draft.event
    id = f"{event.site} {material}"
    scope: Scope = draft.get("scope", id) or NOTHING
    for account, party, since, until in scope.accounts:
        if party == event.party and since <= event.at <= until and not is_late(draft, until):
            detail = f"{account} is kept for {material} at {event.site}"
            refuse("account.left_out", path, detail, Key("scope", id))
    return scope
