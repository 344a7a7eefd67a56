"""Footprints, chosen by what they mean and compared exactly.

``ug`` micrograms of CO2e for ``grams`` of product are ``ug / grams`` millionths of a kg per kg, so a
threshold in kg per kg with six decimals is compared by multiplying, without rounding.
"""

from collections.abc import Iterable
from typing import Literal

from ledger import quantity
from ledger.claims import footprint, shares
from ledger.claims.document import Claims, Footprint, Gap
from ledger.claims.method import BEGAN
from ledger.policy.chain import heaviest
from ledger.policy.finding import Ask, Outcome, failed, unproven
from ledger.policy.requirement import called, doing, seller, show_more, some, to_begin

Method = Literal["cut_off", "by_mass"]
BOUNDARY = "cradle_to_gate"


def micrograms(figure: Footprint) -> int:
    """Of CO2e for ``figure.grams``: exact, or from the rounded figure where a document gives only that."""
    return figure.ug or figure.g_per_kg * 1000 * figure.grams


def at_most(figure: Footprint, millionths: int) -> bool:
    """Whether it is at most so many millionths of a kg CO2e per kg."""
    return micrograms(figure) <= millionths * figure.grams


def amount(figure: Footprint) -> str:
    """How much: "3.264 kg CO2e/kg", rounded up."""
    return f"{quantity.format_kg(footprint.per_kg(micrograms(figure), figure.grams))} kg CO2e/kg"


def meaning(method: str, boundary: str, year: int | str, stage: str) -> str:
    """The four that any figure goes with: "(by mass, cradle to gate, 2026, rolling slab)"."""
    return f"({method}, {boundary}, {year}, {stage})".replace("_", " ")


def told(figure: Footprint) -> str:
    """How much, with all that it means."""
    return f"{amount(figure)} {meaning(figure.method, figure.boundary, figure.year, figure.stage)}"


def other(claims: Claims) -> Ask:
    """What to ask where no figure of the lot means what the policy's does."""
    has = [meaning(one.method, one.boundary, one.year, one.stage) for one in claims.footprint if one.grams]
    if not has:
        return show_more(claims, "the footprint by this method, boundary, year and stage")
    return Ask(
        "whoever wrote the policy", f"Compare with a figure of the lot's own kind: {' or '.join(has)}."
    )


def lacking(claims: Claims, meant: Iterable[Footprint]) -> int:
    """Millionths of the mass behind which data is missing; all of it where the share is not told."""
    rows = list(meant)
    most = max(figure.lacking_ppm for figure in rows)
    untold = any(not figure.complete and figure.lacking_ppm <= 0 for figure in rows)
    return shares.WHOLE if untold or (claims.gaps and most <= 0) else most


def left_out(ppm: int, limit: int) -> str:
    """The share without data, for a sentence; nothing where there is none or all."""
    if not 0 < ppm < shares.WHOLE:
        return ""
    share = shares.Part(ppm, shares.WHOLE, up=True).percent()
    may = f"at most {shares.of_ppm(limit)} may be" if limit else "and none may be"
    return f"; {share} of the mass is without data, {may}"


def lack(claims: Claims, gap: Gap) -> str:
    """One thing that is not said, and where."""
    what, where = doing(gap.process), called(claims, gap.site)
    return f"when {what} at {where} began" if gap.missing == BEGAN else f"{gap.missing} of {what} at {where}"


def ask(gap: Gap, own: str | None) -> Ask:
    """Whom to ask for it. Of stock whose origin nobody knows nobody can say it any more."""
    what = f"Post {gap.missing} of {doing(gap.process)}."
    if gap.missing == BEGAN:
        what = to_begin(gap.process)
    if gap.process in ("source:opening", "source:gain"):
        what = f"No {gap.missing} of {doing(gap.process)} can be posted: ask for metal without it."
    return Ask(gap.event.party or gap.site, own or what)


def missing(claims: Claims) -> str:
    """What data lack, for a sentence."""
    lacks = [lack(claims, gap) for gap in claims.gaps]
    return some(lacks) if lacks else "data that the method demands"


def too_high(claims: Claims, said: str, own: str | None) -> Outcome:
    """The figure is more than is asked."""
    what = own or "Ask which step causes it, and for metal with a lower footprint."
    return failed(f"{said}.", heaviest(claims), [Ask(seller(claims), what)])


def lacks(claims: Claims, said: str, own: str | None) -> Outcome:
    """What is asked does not follow from the figure, since data lack."""
    events = [gap.event for gap in claims.gaps]
    return unproven(f"{said}. It lacks {missing(claims)}.", events, asks(claims, own))


def asks(claims: Claims, own: str | None) -> list[Ask]:
    """Whom to ask for the data that lack."""
    asked = [ask(gap, own) for gap in claims.gaps]
    return asked or [Ask(seller(claims), own or "Say which emissions and energy are missing.")]
