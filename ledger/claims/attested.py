"""Attestations, lived through time: when each held, and when the ledger learned what became of it.

Two times are kept apart. ``since`` is when something became so; ``learned`` is when the ledger received it.
An attestation holds from its ``valid_from`` through its ``valid_until``, that second too, if it was given,
but for the times in which it was suspended, and not from its withdrawal on. Each later statement says how it
is from its time on; where two speak of the same time, the later one in the ledger counts. Nor does it hold
while the registrar has its certifier suspended, or the site that it is about registered to another operator,
as the ledger has learned since it was given: what was said before of the time before stays. Accreditation is
an attestation like any other: of a certifier's party, in a scheme of that name, its scope the schemes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.claims.document import Attestation, Change, Document, Measure, Ref, ScopeOf, Thing
from ledger.claims.facts import Attested, Registrations, Revoked
from ledger.events import Attest
from ledger.quantity import LAST_SECOND, format_instant, format_time, parse_time

GIVEN = ("certified", "provisional")
Span = tuple[int, int]  # s: the first second inside, the first one outside


def held(given: Attested) -> tuple[Span, ...]:
    """The times in which it held, by all that is known."""
    runs = _said(given)
    for since, until in barred(given):
        parts = (part for a, b in runs for part in ((a, min(b, since)), (max(a, until), b)))
        runs = tuple(part for part in parts if part[0] < part[1])
    return runs


def barred(given: Attested, party: str = "") -> list[Span]:
    """The times in which the registrar had its certifier suspended, or its site another operator, since it
    was given. What ``party`` did, it did while the site was its own: the operator of then loses nothing."""
    found: list[Span] = []
    own = bool(party) and party == given.worker
    for changes in (given.certifier, () if own else given.operator):
        turns = [change.since for change in changes] + [LAST_SECOND]
        found += zip(turns[::2], turns[1::2], strict=False)  # suspended, reinstated, suspended …
    return found


def with_certifier(given: Attested, registrations: Registrations) -> Attested:
    """The attestation with what became of its certifier, whose ``registrations`` these are. Who has closed is
    not reinstated."""

    def ends(event: Any, suspended: bool) -> bool:
        return bool(event.status == ("active" if suspended else "suspended"))

    return given._replace(certifier=tuple(_turns(registrations, given.index, ends)))


def with_operator(given: Attested, registrations: Registrations) -> Attested:
    """The attestation with what became of the site that it is about: it was said of who worked there then."""
    then = [one.event.operator for one in registrations if one.index < given.index]

    def ends(event: Any, suspended: bool) -> bool:
        return bool(then) and (event.operator == then[-1]) is suspended

    turns = tuple(_turns(registrations, given.index, ends))
    return given._replace(operator=turns, worker=then[-1] if then else "")


def with_sites(given: Attested, sites: Mapping[str, Registrations]) -> Attested:
    """The attestation of a party with those of these sites, at which it worked, that were another's when it
    was given; what was not registered then, at first. Who sells a site and has it back had it."""

    def anothers(several: Registrations) -> bool:
        then = [one for one in several if one.index < given.index][-1:] or several[:1]
        return any(one.event.operator != given.event.subject for one in then)

    over = (site for site, several in sites.items() if anothers(several))
    return given._replace(taken_over=tuple(sorted(over)))


def _turns(registrations: Registrations, index: int, ends: Callable[[Any, bool], bool]) -> Iterator[Revoked]:
    """When it was suspended and reinstated, in turn, after this entry. ``ends``: whether a registration ends
    what is so, a suspension or not."""
    suspended = False
    for one in registrations:
        if one.index > index and ends(one.event, suspended):
            suspended = not suspended
            ref = Ref(party=one.event.party, id=one.event.id, index=one.index)
            status: Any = "suspended" if suspended else "reinstated"
            yield Revoked(ref, one.received, status, one.received // 1000)


def _said(given: Attested) -> tuple[Span, ...]:
    """By what its certifier, or the registrar, has said of it."""
    event = given.event
    begin, end = parse_time(event.valid_from), _after(event)
    line = [(begin, event.status in GIVEN)]  # from then on it is so
    for change in given.later:
        since = max(change.since, begin)
        line = [point for point in line if point[0] < since]
        line.append((since, change.status == "reinstated"))
    runs: list[tuple[int, int]] = []
    for (since, holds), until in zip(line, [*(point[0] for point in line[1:]), end], strict=True):
        until = min(until, end)
        if holds and since < until:
            if runs and runs[-1][1] == since:
                since = runs.pop()[0]
            runs.append((since, until))
    return tuple(runs)


def holds_on(given: Attested) -> bool:
    """Whether it was given, and neither suspended nor withdrawn since. It may have run out, and its certifier
    may have been suspended."""
    runs = _said(given)
    return bool(runs) and runs[-1][1] == _after(given.event)


def _after(event: Attest) -> int:
    """The first second outside: one certificate ends at 23:59:59, and the next begins at 00:00:00."""
    return min(parse_time(event.valid_until) + 1, LAST_SECOND)


def told(given: Attested) -> Attestation:
    """As the document tells it."""
    event = given.event
    subject = event.subject if isinstance(event.subject, str) else event.subject.name
    scope = event.scope
    return Attestation(
        event=Ref(party=event.party, id=event.id, index=given.index),
        learned=format_instant(given.received),
        subject=Thing(kind=given.kind, id=subject),
        scheme=event.scheme,
        version=event.version or "",
        level=event.level or "",
        status=event.status,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        certifier=event.party,
        certificate_no=event.certificate_no or "",
        scope=ScopeOf(**scope.model_dump(exclude_none=True)) if scope else ScopeOf(),
        measured=tuple(Measure(**value.model_dump(exclude_none=True)) for value in event.measured or ()),
        evidence=tuple(paper(one) for one in event.evidence or ()),
        history=tuple(
            Change(
                status=change.status,
                since=format_time(change.since),
                learned=format_instant(change.received),
                event=change.event,
            )
            for change in sorted(
                (*given.later, *given.certifier, *given.operator), key=lambda one: one.event.index
            )
        ),
        held=tuple((format_time(begin), format_time(end)) for begin, end in held(given)),
        taken_over=given.taken_over,
    )


def paper(evidence: Any) -> Document:
    """A document that an event binds."""
    return Document(**evidence.model_dump(exclude_none=True))
