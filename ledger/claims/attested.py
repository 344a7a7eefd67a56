"""Attestations, lived through time: when each held, and when the ledger learned what became of it.

Two times are kept apart. ``since`` is when something became so; ``learned`` is when the ledger received it.
An attestation holds from its ``valid_from`` through its ``valid_until``, that second too, if it was given,
but for the times in which it was suspended, and not from its withdrawal on. Each later statement says how it
is from its time on; where two speak of the same time, the later one in the ledger counts. Accreditation is an
attestation like any other: of a certifier's party, in a scheme of that name, its scope the schemes.
"""

from typing import Any

from ledger.claims.document import Attestation, Change, Document, Measure, Ref, ScopeOf, Thing
from ledger.claims.facts import Attested
from ledger.events import Attest
from ledger.quantity import format_instant, format_time, parse_time

GIVEN = ("certified", "provisional")
LAST = parse_time("9999-12-31T23:59:59Z")  # no later time can be told


def held(given: Attested) -> tuple[tuple[int, int], ...]:
    """The times (s), first inside and second outside, in which it held, by all that is known."""
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
    """Whether it was given, and neither suspended nor withdrawn since. It may have run out."""
    runs = held(given)
    return bool(runs) and runs[-1][1] == _after(given.event)


def _after(event: Attest) -> int:
    """The first second outside: one certificate ends at 23:59:59, and the next begins at 00:00:00."""
    return min(parse_time(event.valid_until) + 1, LAST)


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
            for change in given.later
        ),
        held=tuple((format_time(begin), format_time(end)) for begin, end in held(given)),
    )


def paper(evidence: Any) -> Document:
    """A document that an event binds."""
    return Document(**evidence.model_dump(exclude_none=True))
