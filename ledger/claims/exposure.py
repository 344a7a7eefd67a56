"""Where a lot's metal was, when, and by which process: what attestations and lists of places are held to.

Kept are sites and times, never shares: any share counts, however small. Times that follow each other closely
are one run, so that a furnace that never stands empty does not make the record grow for ever. What comes
out does not depend on the order, and adding the same once more changes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.claims.account import Visit, Where
from ledger.quantity import DAY

_LATE = 100  # times kept of events that came late
BOOKS = ("mass_balance", "book_and_claim")  # models that attribute in books, not in the metal


def visit(
    event: Any, index: int, received: int, material: str, max_delay_days: int, carries: bool = True
) -> Visit:
    """The visit that an event is. ``received``: ms. ``carries``: whether what it made carries origin."""
    lag = max(0, -(-received // 1000) - event.at)
    late = (received,) if received // 1000 - event.at > max_delay_days * DAY else ()
    members = vars(event)
    documents = len(members.get("evidence") or ())
    books = carries and members.get("model") in BOOKS and members.get("account") is None
    unbooked = index if books else -1
    return Visit(((event.start, event.at),), late, (material,), index, documents, lag, unbooked)


def join(several: Iterable[Mapping[Where, Visit]]) -> Mapping[Where, Visit]:
    """All visits of several lots."""
    first, *rest = several
    joined: dict[Where, Visit] | None = None
    for visits in rest:
        if visits is first:
            continue
        if joined is None:
            joined = dict(first)
        for where, one in visits.items():
            other = joined.get(where)
            if other is None:
                joined[where] = one
            elif other is not one and other != one:
                joined[where] = _both(other, one)
    return first if joined is None else joined


def _both(a: Visit, b: Visit) -> Visit:
    runs = a.runs if a.runs == b.runs else _runs(a.runs + b.runs)
    late = a.late if a.late == b.late else tuple(sorted({*a.late, *b.late}))[-_LATE:]
    materials = a.materials if a.materials == b.materials else tuple(sorted({*a.materials, *b.materials}))
    unbooked = min((index for index in (a.unbooked, b.unbooked) if index >= 0), default=-1)
    return Visit(
        runs,
        late,
        materials,
        min(a.first, b.first),
        min(a.documents, b.documents),
        max(a.lag, b.lag),
        unbooked,
    )


def _runs(several: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for begin, end in sorted(several):
        if runs and begin - runs[-1][1] <= DAY:
            runs[-1] = runs[-1][0], max(end, runs[-1][1])
        else:
            runs.append((begin, end))
    return tuple(runs)
