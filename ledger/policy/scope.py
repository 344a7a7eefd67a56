"""Whether an attestation is about a step, apart from when it held."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Protocol

from ledger.claims.bounded import ANY_UNIT, MORE
from ledger.claims.document import Attestation, Claims, Step
from ledger.claims.method import BEGAN
from ledger.claims.shares import DARK
from ledger.policy import times
from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Word
from ledger.policy.schemes import Scheme


class Wanted(Protocol):
    """What a requirement asks of an attestation. ``names_units``: a scope without units covers none."""

    @property
    def schemes(self) -> tuple[str, ...]: ...
    @property
    def statuses(self) -> tuple[str, ...] | None: ...
    @property
    def levels(self) -> tuple[str, ...] | None: ...
    @property
    def certifiers(self) -> tuple[str, ...] | None: ...

    names_units: ClassVar[bool]


class Fit(NamedTuple):
    """Whether it fits; ``why``: why it does not, or cannot be said to."""

    verdict: Word
    why: str = ""


def fits(
    claims: Claims, step: Step, one: Attestation, wanted: Wanted, book: Mapping[str, Scheme]
) -> Fit | None:
    """None if it is of another scheme or about something else."""
    if one.scheme not in wanted.schemes or not about(step, one):
        return None
    scheme = book.get(one.scheme)
    if scheme is not None and one.subject.kind not in scheme.subjects:
        return Fit(FAIL, f"the scheme says nothing about a {one.subject.kind}")
    statuses = wanted.statuses or (scheme.statuses if scheme else ("certified",))
    if one.status not in statuses:
        return Fit(FAIL, f"its status is {one.status}")
    if wanted.levels and one.level not in wanted.levels:
        return Fit(FAIL, f"its level is {one.level or 'not stated'}")
    if one.certifier and one.certifier == step.party:
        return Fit(FAIL, "the site's operator certified itself")
    if wanted.certifiers and one.certifier not in wanted.certifiers:
        return Fit(FAIL, "it is by another certifier")
    return covers(claims, step, one, wanted.names_units)


def covers(claims: Claims, step: Step, one: Attestation, names_units: bool = False) -> Fit:
    """Whether the step lies in the attestation's scope."""
    found = [
        _inside("site", (step.site,), one.scope.sites),
        _had(step, one),
        _inside("material", step.materials, one.scope.materials),
        _inside("process", (step.process.removeprefix("source:"),), one.scope.processes),
        _unit(step, one, names_units),
        _origins(claims, one),
    ]
    for verdict in (FAIL, NOT_PROVABLE):
        for fit in found:
            if fit.verdict == verdict:
                return fit
    return Fit(PASS)


def papers_of(claims: Claims, step: Step, one: Attestation) -> Word:
    """Whether the documents that the attestation binds stand behind the step: it is about its site or
    operator, covers it, and held all the time; not provable where that is not all told."""
    fit = covers(claims, step, one).verdict if one.evidence and about(step, one) else FAIL
    when, held = moments(step), times.spans(one.held)
    if fit == FAIL or not all(times.cover(held, *at) for at in when or ()):
        return FAIL
    return fit if when and begun(claims, step) else NOT_PROVABLE


def about(step: Step, one: Attestation) -> bool:
    """Whether it is about the step's site, or about its operator."""
    kind, id = one.subject.kind, one.subject.id
    return bool(id) and ((kind == "site" and id == step.site) or (kind == "party" and id == step.party))


def _inside(what: str, values: tuple[str, ...], scope: tuple[str, ...]) -> Fit:
    if not scope:
        return Fit(PASS)
    if not values:
        return Fit(NOT_PROVABLE, f"the step's {what} is not shown, and its scope names some only")
    outside = [value for value in values if value not in scope]
    return Fit(FAIL, f"{what} {outside[0]} is not in its scope") if outside else Fit(PASS)


def _had(step: Step, one: Attestation) -> Fit:
    """Who lists no sites speaks of those that the party had then."""
    later = not one.scope.sites and step.site in one.taken_over
    return Fit(FAIL, "its operator took the site over later") if later else Fit(PASS)


def _unit(step: Step, one: Attestation, must: bool) -> Fit:
    if must and not one.scope.units:
        return Fit(FAIL, "its scope names no unit")
    known = step.unit not in ("", ANY_UNIT)
    return _inside("unit", (step.unit,) if known else (), one.scope.units)


def _origins(claims: Claims, one: Attestation) -> Fit:
    """A scope of origins covers a step of this lot if all of the lot comes from them."""
    if not one.scope.origins:
        return Fit(PASS)
    sites = [place.site for place in claims.origins if place.site]
    if not sites or any(place.kind in DARK for place in claims.origins):
        return Fit(NOT_PROVABLE, "its scope names origins, and not all origins of the metal are shown")
    return _inside("origin", tuple(sites), one.scope.origins)


def moments(step: Step) -> list[times.Span] | None:
    """When the step was done, and when its late events were received: both ends included. None if not all
    of that is told."""
    return times.closed([*step.runs, *((late, late) for late in step.late)]) if step.runs else None


def begun(claims: Claims, step: Step) -> bool:
    """Whether all that was done says when it began, as far as the method asks for it: else the first of the
    step's times is only when something ended."""
    return not any(
        gap.missing in (BEGAN, MORE) and (gap.site, gap.process) == (step.site, step.process)
        for gap in claims.gaps
    )
