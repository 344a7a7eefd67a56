"""What a site's process made in a period, and its footprint per kilogram on average, beside each batch's.

A batch is one event. Averages are of all products of the period that carry origin, by mass: by-products bear
nothing in the cut-off method, so they are left out of both. The events of the site's operators are gone
through, so that this takes the longer the more they have posted.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ledger import events
from ledger.claiming import read
from ledger.claiming.known import Known
from ledger.claiming.memo import Memo
from ledger.claims import footprint
from ledger.claims.account import Account, Burden
from ledger.claims.document import Footprint
from ledger.errors import Malformed
from ledger.quantity import format_time
from ledger.register import Key
from ledger.store import Store


class Batch(NamedTuple):
    """One event of the process. ``grams``: of its products; ``footprint``: by both methods."""

    party: str
    id: str
    index: int  # type: ignore[assignment]  # tuple.index is not missed
    time: str
    grams: int
    footprint: tuple[Footprint, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this batch."""
        return {**self._asdict(), "footprint": [one.model_dump(mode="json") for one in self.footprint]}


class Period(NamedTuple):
    """All batches of a site's process in a period (``2026``, or ``2026-03``), and their average."""

    site: str
    process: str
    period: str
    grams: int
    footprint: tuple[Footprint, ...]
    batches: tuple[Batch, ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this period."""
        average = [one.model_dump(mode="json") for one in self.footprint]
        return {**self._asdict(), "footprint": average, "batches": [one.as_json() for one in self.batches]}


class _Made(NamedTuple):
    """What products carry together."""

    grams: int
    burdens: tuple[Burden, Burden]
    stages: frozenset[str]
    complete: bool
    lacking: int


def period_of(store: Store, site: str, process: str, period: str) -> Period:
    """The period's batches, by the time of their events. ``Malformed``: ``claims.subject``, there is no such
    site; ``claims.process``, nor such a process."""
    if not store.read((Key("site", site),)):
        raise Malformed("claims.subject", detail=f"The ledger has no site {site}.")
    rows = list(_batches(store, site, process, period))
    if not rows and process not in (known := Known(store).catalogue.processes):
        raise Malformed(
            "claims.process", detail=f"The catalogue has no process {process}, but {', '.join(known)}."
        )
    batches = tuple(
        Batch(
            one.event.party,
            one.event.id,
            one.index,
            one.event.time,
            made.grams,
            _figures(made, process, period),
        )
        for one, made in rows
    )
    whole = _sum(made for _, made in rows)
    return Period(site, process, period, whole.grams, _figures(whole, process, period), batches)


def _batches(store: Store, site: str, process: str, period: str) -> Iterator[tuple[read.Read, _Made]]:
    def wanted(type: str, time: int) -> bool:
        return type == "transform" and format_time(time).startswith(period)

    memo = Memo(store)
    for one in read.of_site(store, site, store.head().size, wanted):
        if isinstance(one.event, events.Transform) and one.event.process == process:
            lines = {line.lot: line for line in one.event.outputs if line.role == "product"}
            made = _sum(
                _of(lines[lot].grams, lines[lot].material, kept.account)
                for lot, kept in memo.kept(lines).items()
                if kept.account.content
            )
            if made.grams:
                yield one, made


def _of(grams: int, material: str, account: Account) -> _Made:
    return _Made(grams, account.footprint, frozenset((material,)), not account.gaps, account.lacking)


def _sum(several: Iterable[_Made]) -> _Made:
    rows = list(several)
    burdens = [
        Burden(*(sum(row.burdens[n][member] for row in rows) for member in range(len(Burden._fields))))
        for n in range(2)
    ]
    return _Made(
        sum(row.grams for row in rows),
        (burdens[0], burdens[1]),
        frozenset(stage for row in rows for stage in row.stages),
        all(row.complete for row in rows),
        sum(row.lacking for row in rows),
    )


def _figures(made: _Made, process: str, period: str) -> tuple[Footprint, ...]:
    """By both methods; none where nothing was made. A mix of stages is named by the process."""
    if not made.grams:
        return ()
    stage = min(made.stages) if len(made.stages) == 1 else process
    return footprint.figures(made.burdens, made.grams, int(period[:4]), stage, made.complete, made.lacking)
