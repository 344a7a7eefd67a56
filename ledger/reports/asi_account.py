"""The statement of a mass-balance account for its auditor: what came in, what was claimed, what is left.

Entitlement E = floor(certified in × min(out, in) / in): the share of certified input, of what left. What was
brought forward is used first and expires unused. So to the gram

    brought + E + excess = issued + carried forward + expired

and the percentage counts only at the period's close: until then all claims from the account are
provisional, because uncertified input that still comes lowers it.
"""

from typing import NamedTuple

from ledger.claims.document import Account, Claims
from ledger.claims.shares import Part
from ledger.quantity import shown_kg
from ledger.reports import words
from ledger.reports.bookings import Bookings, Sums, added
from ledger.reports.common import finish, whom
from ledger.reports.report import Column, Line, Report, Row, Section, Table, absent

TITLE = "Mass-balance account statement"
BALANCE = (
    Column("debit", "Available"),
    Column("debit_mass", "Mass", True),
    Column("credit", "Used"),
    Column("credit_mass", "Mass", True),
)
LINES = (
    Column("date", "Date"),
    Column("what", "What"),
    Column("certified_in", "Certified in", True),
    Column("total_in", "Total in", True),
    Column("total_out", "Total out", True),
    Column("issued", "Issued", True),
)
LIMITS = (
    "Mass balance is kept in books: it says how much of a scope's output may be claimed, and never that the "
    "metal of a certain shipment is certified metal.",
    "Material of the scope that was not booked on the account is not in it.",
)


class Balance(NamedTuple):
    """Grams. ``excess``: issued beyond what there was; ``expired``: brought forward and not used."""

    entitlement: int
    excess: int
    carry: int
    expired: int


def balance(account: Account) -> Balance:
    """What follows from the booked masses."""
    into, out = account.total_in, account.total_out
    entitlement = account.certified_in * min(out, into) // into if into else 0
    beyond = max(0, account.issued - account.brought)
    return Balance(
        entitlement,
        max(0, beyond - entitlement),
        max(0, entitlement - beyond),
        max(0, account.brought - account.issued),
    )


def asi_account(claims: Claims, bookings: Bookings | None) -> Report:
    """The report of an account, or of all accounts that a lot's claims were issued from. ``bookings``: of an
    account that is asked for by its name; else None."""
    if not claims.accounts:
        what = "a proof, or a ledger, that shows the account"
        row = absent("account", "Account", whom(claims), what, "no account is shown")
        return finish("asi-account", TITLE, claims, [Section("Account", (row,))], LIMITS)
    sections = [_statement(claims, account) for account in claims.accounts]
    verdict = " ".join(_verdict(account, bookings) for account in claims.accounts)
    wrong = any(account.overdrawn or not agrees(account, bookings) for account in claims.accounts)
    if bookings is not None:
        sections.append(_bookings(claims.accounts[0], bookings))
    return finish("asi-account", TITLE, claims, sections, LIMITS, verdict, wrong)


def agrees(account: Account, bookings: Bookings | None = None) -> bool:
    """What the ledger recorded at the close is what follows from the booked masses, and those are the sums of
    the bookings."""
    found = balance(account)
    kept = not account.closed or (account.carry == found.carry and account.overdrawn <= found.excess)
    return kept and (bookings is None or bookings.sums.of(account))


def _verdict(account: Account, bookings: Bookings | None) -> str:
    if not agrees(account, bookings):
        return f"The account {account.id} does not reconcile with its bookings."
    if account.overdrawn:
        return f"The account {account.id} is overdrawn by {shown_kg(account.overdrawn)}."
    if not account.closed:
        return f"The account {account.id} is open: all claims from it are provisional until its close."
    return f"The account {account.id} is closed and reconciles to the gram."


def _statement(claims: Claims, account: Account) -> Section:
    found = balance(account)
    owner = words.party(claims, account.party) if account.party else whom(claims)
    rows = [Row("account", "Account", account.id)]
    for key, label, value, what in (
        ("scheme", "Scheme", account.scheme, "the scheme of the account"),
        ("party", "Kept by", words.party(claims, account.party), "who keeps the account"),
        ("period", "Accounting period", account.period, "the accounting period"),
    ):
        rows.append(Row(key, label, value) if value else absent(key, label, owner, what))
    state = "closed" if account.closed else "open: provisional"
    rows.append(Row("state", "State", state))
    rows += [
        Row("brought", "Brought forward", shown_kg(account.brought)),
        Row("certified_in", "Certified in", shown_kg(account.certified_in)),
        Row("total_in", "Total in", shown_kg(account.total_in)),
        Row("total_out", "Total out", shown_kg(account.total_out)),
        Row("share", "Certified share of input", _share(account), note="rounded down"),
        Row(
            "entitlement",
            "May be claimed at close" if account.closed else "May be claimed, as it stands today",
            shown_kg(found.entitlement),
            note="certified in × min(out, in) / in, whole grams rounded down",
        ),
        Row("issued", "Issued with chain-of-custody documents", shown_kg(account.issued)),
    ]
    if account.closed:
        rows.append(Row("carry", "Carried forward", shown_kg(account.carry)))
        rows.append(Row("overdrawn", "Overdrawn", shown_kg(account.overdrawn)))
        rows.append(Row("reconciles", "Reconciles", "yes" if agrees(account) else _difference(account)))
    else:
        rows.append(Row("reconciles", "Reconciles", "to be judged at the close"))
    return Section(f"Account {account.id}", tuple(rows), (_table(account, found),))


def _share(account: Account) -> str:
    if not account.total_in:
        return "no input"
    return Part(account.certified_in, account.total_in).percent()


def _difference(account: Account) -> str:
    found = balance(account)
    return f"no: the bookings give carry {shown_kg(found.carry)}, excess {shown_kg(found.excess)}"


def _bookings(account: Account, found: Bookings) -> Section:
    """A page of the list, with the sums that lead on to the whole account."""
    pages = f" (page {found.page} of {found.pages})" if found.pages > 1 else ""
    here = Sums(*map(sum, zip(found.before, added(found.lines), strict=True)))
    last = found.page == found.pages
    lines = [Line((one.time[:10], one.what, *_cells(one.added, "")), one.event) for one in found.lines]
    if found.page > 1:
        lines.insert(0, Line(("", "Pages before", *_cells(found.before))))
    lines.append(Line(("", "Sum" if last else "Sum so far", *_cells(here))))
    yes = "the masses above" if found.sums.of(account) else "not the masses above"
    count = words.spelt(found.whole, "booking", "bookings")
    rows = (
        Row("bookings", "Bookings", f"{found.whole:,}", note="those that were withdrawn are not in the list"),
        Row("bookings_sum", "Their sums are", yes),
    )
    table = Table("bookings", f"Bookings in kg, in the log's order{pages}", LINES, tuple(lines), count)
    return Section(f"Bookings{pages}", rows, (table,))


def _cells(sums: Sums, nothing: str = "0") -> tuple[str, ...]:
    return tuple(shown_kg(grams).removesuffix(" kg") if grams else nothing for grams in sums)


def _table(account: Account, found: Balance) -> Table:
    overdraft = max(0, found.excess - account.overdrawn) if account.closed else 0
    left = [("Brought forward", account.brought), ("May be claimed", found.entitlement)]
    if overdraft:
        left.append(("Overdraft under force majeure", overdraft))
    if found.excess - overdraft:
        left.append(("Overdrawn" if account.closed else "Not covered so far", found.excess - overdraft))
    right = [
        ("Issued", account.issued),
        ("Carried forward" if account.closed else "Left so far", found.carry),
        ("Expired unused" if account.closed else "Brought, not used so far", found.expired),
    ]
    both = [("Sum", sum(mass for _, mass in left)), ("Sum", sum(mass for _, mass in right))]
    count = max(len(left), len(right))
    left += [("", 0)] * (count - len(left))
    right += [("", 0)] * (count - len(right))
    pairs = [*zip(left, right, strict=True), (both[0], both[1])]
    lines = tuple(Line((a, _mass(a, x), b, _mass(b, y))) for (a, x), (b, y) in pairs)
    return Table("balance", f"Balance of {account.id}", BALANCE, lines)


def _mass(label: str, grams: int) -> str:
    return shown_kg(grams) if label else ""
