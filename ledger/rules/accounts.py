"""Mass-balance accounts (ISO 22095-2, credits): what went in as certified may come out as certified.

An account is kept for a scheme, some sites, some products and one period. What a mine or a collection
brings, and what was sold as certified and is used up, adds to ``certified_in``; every input adds to
``total_in``, every product to ``total_out``, but for what was counted before. A shipment with a
chain-of-custody document draws ``issued``.

At posting, credits cap it: issued ≤ brought + yield · certified_in (by force majeure: + overdraft ·
certified_in). The percentage moves with every later input, so it is judged when the account is closed:

    entitled  = ⌊certified_in · min(total_out, total_in) / total_in⌋
    overdrawn = max(0, issued - brought - entitled [- ⌊overdraft · certified_in⌋])
    carry     = max(0, entitled - max(0, issued - brought))

What was brought is used first, and what is left of it is not carried again.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from ledger.quantity import MILLION, apportion, format_time, parse_ratio, parse_time, shown_kg
from ledger.register import Account, Book, Coc, Event, Key, Lot, Spent
from ledger.rules import scopes, sums
from ledger.rules.admission import for_site
from ledger.rules.draft import Draft, refuse

DEEP = 20  # events that are followed back
WIDE = 1_000  # inputs of these that are looked at; what is beyond counts as made before


def account(draft: Draft) -> None:
    """Open an account, under its poster's prefix; it may bring forward what the one before has left."""
    event = draft.event
    if not event.account.startswith(draft.need("party", event.party, "$.party").prefixes):
        detail = f"{event.account} begins with none of the poster's prefixes"
        refuse("account.prefix", "$.account", detail)
    known = draft.get("book", event.account)
    if known is not None:
        detail = f"{event.account} was opened by {known.event}"
        refuse("account.exists", "$.account", detail, Key("book", event.account))
    for n, site in enumerate(event.sites):
        for_site(draft, site, f"$.sites[{n}]")
    for n, material in enumerate(event.materials):
        if material not in draft.catalogue.materials:
            refuse("material.unknown", f"$.materials[{n}]", f"{material} is not in the catalogue")
    first, last = event.period.split("/")
    book = Book(
        event.party,
        event.scheme,
        event.sites,
        event.materials,
        parse_time(f"{first}T00:00:00Z"),
        parse_time(f"{last}T23:59:59Z"),
        parse_ratio(event.yield_),
        parse_ratio(event.overdraft or "0"),
        event.before or "",
        draft.name,
    )
    brought = 0 if event.before is None else _brought(draft, event.before, book)
    scopes.open_scopes(draft, event.account, book)
    draft.put("book", event.account, book)
    rates = book.yields, book.overdraft
    opened = Account(book.party, book.scheme, *rates, brought, 0, 0, 0, 0, 0, "open", 0, 0, 0, draft.name)
    draft.put("account", event.account, opened)


def _brought(draft: Draft, before: str, book: Book) -> int:
    """What the account of the period just before has left; it is brought forward once."""
    old: Book = draft.need("book", before, "$.before", "account.unknown")
    same = (old.party, old.scheme, set(old.materials)) == (book.party, book.scheme, set(book.materials))
    if not same or old.until + 1 != book.since:
        detail = f"{before} is not of the same party, scheme and materials, for the period just before"
        refuse("account.before", "$.before", detail, Key("book", before))
    what = f"carry {before}"
    spent: Spent | None = draft.get("spent", what)
    if spent is not None:
        refuse("account.carried", "$.before", f"{spent.on} brings it forward", Key("spent", what))
    left: Account = draft.get("account", before)
    if draft.context.whole and left.state != "closed":
        refuse("account.open", "$.before", f"{before} is not closed", Key("account", before))
    draft.put("spent", what, Spent(draft.name))
    return left.carry


def close(draft: Draft) -> None:
    """Close an account: nothing more is booked, and the percentage of the whole period is judged."""
    event = draft.event
    book: Book = draft.need("book", event.account, "$.account", "account.unknown")
    key = Key("book", event.account)
    if book.party != event.party:
        refuse("account.other", "$.account", f"{event.account} is {book.party}'s", key)
    if event.at <= book.until:
        detail = f"its period ends at {format_time(book.until)}"
        refuse("account.early", "$.time", detail, key)
    state = _open(draft, event.account, "$.account")
    draft.put("account", event.account, judged(state)._replace(event=draft.name))


def judged(state: Account) -> Account:
    """The account as its close leaves it.

    >>> sums = 500, 48_000, 80_000, 76_000, 45_000, 0
    >>> kept = Account("p", "s", 950_000, 200_000, *sums, "open", 0, 0, 0, "")
    >>> judged(kept).entitled, judged(kept).overdrawn, judged(kept).carry
    (45600, 0, 1100)
    """
    part = min(state.total_out, state.total_in)
    entitled = state.certified_in * part // state.total_in if state.total_in else 0
    drawn = max(0, state.issued - state.brought)
    overdrawn = max(0, drawn - entitled - _excused(state))
    return state._replace(
        state="closed", entitled=entitled, overdrawn=overdrawn, carry=max(0, entitled - drawn)
    )


def book_source(draft: Draft) -> None:
    """What a mine or a collection brings is certified from the start."""
    event = draft.event
    if event.account is None:
        return
    book = _booked(draft, event.account, "$.account")
    if event.kind not in sums.CERTAIN:
        refuse("account.origin", "$.kind", f"the origin of a {event.kind} is unknown")
    _of_class(book, ((n, output.material) for n, output in enumerate(event.outputs)), "outputs")
    known = draft.catalogue.materials
    grams = sum(output.grams for output in event.outputs if known[output.material].origin)
    _add(draft, event.account, grams, grams, grams)


class Taken(NamedTuple):
    """An input: a lot and the grams taken. ``counts``: it is among what went in."""

    lot: str
    grams: int
    counts: bool


def book(draft: Draft, into: int, out: int, inputs: Iterable[Taken]) -> None:
    """A transform that names an account. ``into``, ``out``: grams that carry origin, net of heels. What of
    the inputs was sold as certified is a credit, and is used up. What its poster has made before was
    counted then, and is left out of both sums: else who turns over the same metal in a bin again and again
    has a better yield than its cells."""
    event = draft.event
    if event.account is None:
        if into:
            scopes.unbooked(draft)
        return
    book = _booked(draft, event.account, "$.account")
    products = ((n, output.material) for n, output in enumerate(event.outputs) if output.role == "product")
    _of_class(book, products, "outputs")
    certified = 0
    counted: dict[str, int] = {}
    for lot, grams, counts in inputs:
        credit = 0
        coc: Coc | None = draft.get("coc", lot)
        if coc is not None and coc.scheme == book.scheme and coc.grams:
            credit = min(coc.grams, grams)
            certified += credit
            sums.add(draft, "coc", lot, coc, -credit)
        if counts:
            counted[lot] = grams - credit
    again = min(_made_before(draft, book, counted), into, out)
    _add(draft, event.account, certified, into - again, out - again)


def _made_before(draft: Draft, book: Book, inputs: dict[str, int]) -> int:
    """How many of these grams the poster has made as metal of the account's class, or as a heel that was
    booked, or booked where they were brought. Of a part, the lot that it was split off; of what the poster
    made of another class, by mass what it was made of: else a slab would be new each time that it was a
    billet in between."""
    found, left = 0, WIDE
    for _ in range(DEEP):
        before: dict[str, int] = {}
        for id, grams in inputs.items():
            lot: Lot | None = draft.peek("lot", id)
            birth: Event | None = lot and draft.peek("event", lot.event)
            if lot is None or birth is None:  # beyond a proof's horizon
                continue
            made_of: list[tuple[str, int]] = []
            own = lot.party == draft.event.party
            booked = any(kind == "account" for kind, _, _ in birth.undo)
            if lot.role == "part":  # of a shipment both are in the order of its parts
                made_of = [(birth.used[birth.born.index(id)][0], grams)]
            elif lot.material in book.materials or (booked and lot.role == "heel"):
                found += grams if own and (lot.role != "source" or booked) else 0
            elif own and len(birth.used) > left:
                found += grams
            elif own:
                left -= len(birth.used)
                made_of = _made_of(draft, birth, grams)
            for origin, part in made_of:
                before[origin] = before.get(origin, 0) + part
        inputs = before
    return found + sum(inputs.values())


def _made_of(draft: Draft, birth: Event, grams: int) -> list[tuple[str, int]]:
    """What went into so many grams that an event bore: of what carries origin, each by its mass."""
    known = ((one, mass, draft.peek("lot", one)) for one, mass in birth.used)
    metal = sorted((one, mass) for one, mass, lot in known if lot is not None and lot.composition)
    return [row for row in apportion(grams if metal else 0, metal) if row[1]]


def issue(draft: Draft) -> None:
    """A shipment: what was sold as certified goes along with a part, and a chain-of-custody document draws
    the rest of the lines from an account. One without an account covers what was sold so before, and nothing
    else: what that was a proof need not show, so it is judged where the register is whole."""
    event = draft.event
    coc = event.coc
    named = coc.account if coc is not None else None
    if named is not None:
        book = _booked(draft, named, "$.coc.account")
        if coc.scheme != book.scheme:
            refuse("account.scheme", "$.coc.scheme", f"{named} is of {book.scheme}", Key("book", named))
        materials = ((n, draft.get("lot", line.lot).material) for n, line in enumerate(event.lines))
        _of_class(book, materials, "lines")
    drawn = 0
    for n, line in enumerate(event.lines):
        if coc is None and line.as_ is None:
            continue
        carried, scheme = _carry(draft, line)
        if coc is None:
            continue
        if carried and scheme != coc.scheme:
            detail = f"{line.lot} is sold as certified by {scheme}"
            refuse("account.scheme", f"$.lines[{n}].lot", detail, Key("coc", line.lot))
        rest = line.grams - carried
        if rest and named is not None:
            sums.add(draft, "coc", line.as_ or line.lot, Coc(coc.scheme, carried), rest)
            drawn += rest
        elif rest and draft.context.whole:
            detail = f"{shown_kg(rest)} of {line.lot} was not sold as certified before"
            refuse("account.unnamed", f"$.lines[{n}].lot", detail, Key("coc", line.lot))
    if named is not None:
        _add(draft, named, 0, 0, 0, drawn, drawn if coc.force_majeure is not None else 0)
        _covered(draft, named, "$.coc.account")


def _carry(draft: Draft, line: Any) -> tuple[int, str]:
    """How much of a line is sold as certified already, and by which scheme; a part takes it along."""
    coc: Coc | None = draft.get("coc", line.lot)
    if coc is None or not coc.grams:
        return 0, ""
    carried = min(coc.grams, line.grams)
    if line.as_ is not None:
        sums.add(draft, "coc", line.lot, coc, -carried)
        sums.add(draft, "coc", line.as_, Coc(coc.scheme, 0), carried)
    return carried, coc.scheme


def still_covers(draft: Draft, account: str) -> None:
    """After a withdrawal: a closed account stays as it was judged, and what was issued is still covered."""
    _open(draft, account, "$.of")
    _covered(draft, account, "$.of")


def _booked(draft: Draft, account: str, path: str) -> Book:
    """The account, which the event is for: of this party and site, within the period, not too late."""
    event = draft.event
    key = Key("book", account)
    book: Book = draft.need("book", account, path, "account.unknown")
    if book.party != event.party:
        refuse("account.other", path, f"{account} is {book.party}'s", key)
    if event.site not in book.sites:
        refuse("account.site", path, f"{account} is not kept for {event.site}", key)
    if not book.since <= event.at <= book.until:
        period = f"{format_time(book.since)} to {format_time(book.until)}"
        refuse("account.period", path, f"{account} is kept from {period}", key)
    if scopes.is_late(draft, book.until):
        days = draft.catalogue.max_delay_days
        detail = f"{account} takes postings until {days} days after {format_time(book.until)}"
        refuse("account.late", path, detail, key)
    _open(draft, account, path)
    return book


def _open(draft: Draft, account: str, path: str) -> Account:
    state: Account = draft.get("account", account)
    if state.state == "closed":
        refuse("account.closed", path, f"{account} was closed by {state.event}", Key("account", account))
    return state


def _of_class(book: Book, materials: Iterable[tuple[int, str]], member: str) -> None:
    for n, material in materials:
        if material not in book.materials:
            name = "lot" if member == "lines" else "material"
            detail = f"the account is kept for {', '.join(book.materials)}, not {material}"
            refuse("account.material", f"$.{member}[{n}].{name}", detail)


def _add(draft: Draft, account: str, *numbers: int) -> None:
    """Certified in, total in, total out, issued, majeure."""
    added = (*numbers, *(0 for _ in range(5 - len(numbers))))
    sums.add(draft, "account", account, draft.get("account", account), *added)


def _excused(state: Account) -> int:
    """What may be issued beyond the credits: as much as was issued under force majeure, up to the cap."""
    return min(state.majeure, state.certified_in * state.overdraft // MILLION)


def _covered(draft: Draft, account: str, path: str) -> None:
    """Credits cover what is issued. A proof holds few of the credits: there the register's record tells."""
    state: Account = draft.get("account", account)
    most = state.brought + state.certified_in * state.yields // MILLION + _excused(state)
    if draft.context.whole and state.issued > most:
        detail = f"{shown_kg(state.issued)} would be issued; {shown_kg(most)} may be"
        refuse("account.overdrawn", path, detail, Key("account", account))
