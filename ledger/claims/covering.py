"""Which electricity of smelting an energy certificate covers, and how much of it is renewable.

A certificate is any attestation that measured ``electricity``: schemes are data. It covers what names it,
by the one name that it has (``name``), if it is about the site or who smelted there, its period includes the
month, its text has as a word the source of all that it measured and no other source, the grid that it names
(if it names one) is that of the site's country or subdivision, and it was not withdrawn.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.claims import attested, document
from ledger.claims.account import Vector
from ledger.claims.facts import Attested
from ledger.claims.method import DEFAULT, Method
from ledger.claims.power import NO_MONTH, end_of
from ledger.events.assurance import Measured, Scope
from ledger.quantity import DAY, MILLION, parse_ratio, parse_time

ANY = "renewable"  # the source that is any of the renewable ones


class Item(NamedTuple):
    """Electricity of one certificate, source, site, party and month."""

    instrument: str
    source: str
    site: str
    party: str
    month: str
    mwh: int


def items(power: Mapping[str, int]) -> list[Item]:
    """An account's electricity, taken apart; by site, month, source, certificate and party."""
    found = []
    for label, mwh in power.items():
        instrument, source, site, party, month = label.split(" ")
        found.append(Item(instrument.removeprefix("-"), source.removeprefix("-"), site, party, month, mwh))
    return sorted(found, key=lambda item: (item.site, item.month, item.source, item.instrument, item.party))


def certificates(given: Iterable[Attested]) -> list[Attested]:
    """The attestations that are energy certificates. What is attested again of a scheme's certificate number
    under another name than before does not count: it is the same electricity. One that was withdrawn takes
    the number from nobody: else who attests a rival's number first has blocked it for good."""
    found = []
    known: dict[tuple[str, str], str] = {}
    for one in given:
        number = one.event.certificate_no
        if not _electricity(one):
            continue
        takes = number is not None and attested.holds_on(one)
        if not takes or known.setdefault((one.event.scheme, number or ""), name(one)) == name(one):
            found.append(one)
    return found


def _electricity(given: Attested) -> list[Measured]:
    return [value for value in given.event.measured or () if value.quantity == "electricity"]


def name(given: Attested) -> str:
    """The name under which electricity is drawn on a certificate: ``instrument`` of its ``refs``, else its
    number if that is an id, else the attestation's event id. With several names it would be spent once under
    each."""
    event = given.event
    number = event.certificate_no or ""
    return event.refs.get("instrument") or (number if ":" in number else event.id)


def cover(
    item: Item,
    given: Sequence[Attested],
    unshown: bool,
    grids: Collection[str] = (),
    method: Method = DEFAULT,
) -> document.Power:
    """Whether the item is covered. ``unshown``: there may be attestations that cannot be seen; ``grids``: the
    site's country and subdivision, as far as it has had the same since."""

    def power(covered: bool | None, why: str, by: Attested | None = None) -> document.Power:
        ref = document.Ref(party=by.event.party, id=by.event.id, index=by.index) if by else None
        return document.Power(
            site=item.site,
            party=item.party,
            month=item.month,
            source=item.source,
            instrument=item.instrument,
            wh=-(-item.mwh // 1000),
            certificate=ref,
            grid=_grid(by, grids) if by and covered else "",
            covered=covered,
            why=why,
        )

    if not item.instrument:
        return power(False, "No certificate is named for this electricity.")
    named = [one for one in given if name(one) == item.instrument]
    reasons = []
    for one in named:
        why = _why_not(item, one, grids, method)
        if not why:
            return power(True, "", one)
        reasons.append(why)
    if unshown:
        return power(None, f"What was attested of {item.instrument} cannot all be seen.")
    if not named:
        return power(False, f"No certifier has attested {item.instrument} for this site.")
    return power(False, reasons[0], named[0])


def _grid(given: Attested, grids: Collection[str]) -> str:
    """The grid of the site's that the certificate names for all of it; "" if it does not."""
    named = [value.grid or "" for value in _electricity(given)]
    return named[0] if all(grid and grid in grids for grid in named) else ""


def _why_not(item: Item, given: Attested, grids: Collection[str], method: Method) -> str:
    event = given.event
    if event.subject != (item.site if given.kind == "site" else item.party):
        return f"The certificate is about {event.subject}, not about this site or who smelted there."
    scope = event.scope
    if scope is not None and scope.sites and item.site not in scope.sites:
        return "This site is not in the certificate's scope."
    if not attested.holds_on(given):
        return "The certificate was suspended or withdrawn."
    values = _electricity(given)
    abroad = [value.grid for value in values if value.grid is not None and value.grid not in grids]
    if abroad:
        return f"The certificate is of the grid {abroad[0]}, and this site is not on it."
    if item.month == NO_MONTH:
        return "It is not told in which months this electricity was used."
    begin, end = parse_time(f"{item.month}-01T00:00:00Z"), end_of(item.month)
    if any(since < end and begin < until for since, until in attested.barred(given, item.party)):
        return f"In {item.month} the certifier was suspended, or the site was not of whom it was given to."
    if not any(_includes(value.period, item.month) for value in values):
        return f"The certificate's period does not include {item.month}."
    if not item.source or not all(_says(item.source, value, scope, method) for value in values):
        source = item.source or "stated"
        return f"The certificate does not say of all of it that its source is {source} alone."
    return ""


def _says(source: str, value: Measured, scope: Scope | None, method: Method) -> bool:
    """Whether this was made from the source alone, by whole words: "hydro" or "hydropower", not "hydrogen",
    and not "hydro and coal". What two sources made has two certificates: how much is drawn is known of a
    certificate only, not of each of its sources."""
    text = f"{value.method or ''}\n{(scope and scope.text) or ''}".lower()
    named = {one for one in {source, *method.electricity, *method.renewable} if _is_word(one, text)}
    alike = method.renewable if source == ANY else {ANY}
    return source in named and all(one in source or source in one or one in alike for one in named)


def _is_word(source: str, text: str) -> bool:
    """Whether no letter or digit is next to it somewhere, but for "power" behind it."""
    word = rf"(?<![^\W_]){re.escape(source.replace('_', ' '))}(power)?(?![^\W_])"
    return re.search(word, text) is not None


def _includes(period: str | None, month: str) -> bool:
    if period is None:
        return False
    return period[:10] <= f"{month}-01" and parse_time(f"{period[11:]}T00:00:00Z") + DAY >= end_of(month)


def certified(instrument: str, given: Sequence[Attested], method: Method, by: Collection[str]) -> int | None:
    """Watt hours that are confirmed for a certificate, rounded down; None if nobody has. ``by``: who
    certified what covers the electricity. Their word alone counts, and of several the least, None if one
    states no amount: no certificate grows by what a friend attests of it. Where there are none nothing
    covers it, and all count who state one."""
    named = {one.event.party for one in given if name(one) == instrument}
    amounts = [
        _confirmed(instrument, [one for one in given if one.event.party == certifier], method)
        for certifier in named
        if certifier in by or not by
    ]
    told = [amount for amount in amounts if amount is not None]
    return min(told, default=None) if len(told) == len(amounts) or not by else None


def _confirmed(instrument: str, given: Sequence[Attested], method: Method) -> int | None:
    """By one certifier. What was attested several times of the same days is one amount, the greatest: a
    certificate is not more for being attested twice."""
    rows = sorted(row for one in given for row in _amount(instrument, one, method))
    if not rows:
        return None
    whole = most = 0
    until = ""
    for first, last, amount in rows:
        if first > until:  # days of one width order as text
            whole, most = whole + most, 0
        most, until = max(most, amount), max(until, last)
    return whole + most


def _amount(instrument: str, one: Attested, method: Method) -> Iterator[tuple[str, str, int]]:
    """First and last day, and watt hours, of one attestation of the certificate."""
    if name(one) != instrument or not attested.holds_on(one):
        return
    values = [
        (value.period or "0001-01-01/9999-12-31", parse_ratio(value.amount) * unit[0] // (unit[1] * 1000))
        for value in _electricity(one)
        if (unit := method.kwh.get(value.unit)) is not None
    ]
    if values:
        first, last = min(period[:10] for period, _ in values), max(period[11:] for period, _ in values)
        yield first, last, sum(amount for _, amount in values)


def renewable(
    power: Sequence[tuple[Item, bool | None]], smelter: Vector, lacking: frozenset[str], method: Method
) -> int | None:
    """Millionths of the smelting energy that are renewable and covered by a certificate, rounded down. Metal
    whose smelting nobody has shown, or whose smelter (``lacking``) does not say all, counts as made without.
    None if there was no smelting, or it cannot be seen whether certificates cover it."""
    whole = sum(item.mwh for item, _ in power)
    good = [(item, covered) for item, covered in power if item.source in method.renewable]
    if any(covered is None for _, covered in good):
        return None
    merit = sum(item.mwh for item, covered in good if covered and item.site not in lacking)
    shown, dark = map(sum, smelted(smelter, lacking))
    if not whole or not shown + dark:
        return None
    return MILLION * merit * shown // (whole * (shown + dark))


def smelted(smelter: Vector, lacking: frozenset[str]) -> tuple[list[int], list[int]]:
    """Milligrams, by place, of metal whose smelting is shown with all its electricity, and of other metal;
    a trace has none."""
    shown, dark = [], []
    for label, mg in smelter.items():
        word, _, site = label.partition(" ")
        if word == "smelter" and site not in lacking:
            shown.append(mg)
        elif word in ("smelter", "unknown", "unproven"):
            dark.append(mg)
    return shown, dark
