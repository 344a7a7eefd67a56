"""capacity: no mine or collector brought more in a month than it can."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from ledger.claims.document import Attestation, Brought, Claims, Measure, Ref, Step
from ledger.errors import Malformed
from ledger.policy import times
from ledger.policy.attesting import ByAttestation
from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Ask, Outcome, Word, failed, passed, unproven
from ledger.policy.requirement import Tokens, called, doing, hidden, show_more, some
from ledger.policy.schemes import Scheme, ask_of
from ledger.quantity import counted, format_time, parse_ratio, shown_kg

QUANTITY = "capacity"
UNITS = {"kg/month": 1, "t/month": 1_000}  # milligrams in a millionth of each

Kind = Literal["mine", "collection"]


class Capacity(ByAttestation):
    """In each month in which a mine or a collection brought metal of the lot, all that was brought of its
    kind at the site is within the capacity that a fitting attestation states, and which held then: measured
    `capacity` in `t/month` or `kg/month`, about the site, the kind of source (`mine`, `collection`) among its
    scope's processes. Of several that held the greatest counts. Where none is attested it is not provable. It
    tells of a month as far as it was posted; metal of unknown origin claims no such source."""

    kind: Literal["capacity"]
    sources: Annotated[tuple[Kind, ...], Field(min_length=1, strict=False)] = Field(
        ("mine", "collection"), description="Kinds of sources that are asked about."
    )
    schemes: Tokens = Field(("capacity",), description="Schemes, any of which suffices.")
    accredited: bool = Field(
        True,
        description="Whether the certifier must hold an attestation of the scheme `accreditation`, from "
        "someone else than itself and the step's own party, whose scope names the scheme, at the same time.",
    )

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        steps = [step for step in claims.steps if step.process in {f"source:{kind}" for kind in self.sources}]
        rows = [row for row in claims.brought if row.kind in self.sources]
        told = [self._month(claims, book, row, _within(row, steps)) for row in rows]
        over = [one for one in told if one.verdict == FAIL]
        if over:
            what = self.ask or "Ask where the rest came from, and for the weighings of the month."
            return failed(
                f"More than the attested capacity: {some([one.said for one in over])}.",
                [event for one in over for event in one.events],
                [Ask(one.site, what) for one in over],
            )
        dark = [one for one in told if one.verdict == NOT_PROVABLE]
        shown = {(row.site, f"source:{row.kind}") for row in rows}
        silent = [step for step in steps if (step.site, step.process) not in shown]
        if dark or silent or not claims.steps or hidden(claims, "months", "ancestry"):
            said = [one.said for one in dark]
            places = [f"{called(claims, step.site)}, {doing(step.process)}" for step in silent]
            said += [f"{place}: by month not shown" for place in places]
            asks = [Ask(one.site, self.ask or ask_of(book, self.schemes[0])) for one in dark]
            if silent or not dark:
                asks.append(show_more(claims, "what each mine and collector brought by the month"))
            return unproven(
                "Not shown to be within a capacity" + (f": {some(said)}." if said else "."),
                [event for one in dark for event in one.events],
                asks,
            )
        if not steps:
            return passed(f"Nothing of it claims to come from a {' or '.join(self.sources)}.")
        return passed(
            f"{counted(len(rows), 'month')} of sources, all within the attested capacity.",
            [event for one in told for event in one.events],
        )

    def _month(self, claims: Claims, book: Mapping[str, Scheme], row: Brought, steps: list[Step]) -> "_Told":
        """``steps``: what of the lot was brought in that month."""
        said = f"{called(claims, row.site)}, {row.kind} in {row.month}: {shown_kg(row.grams)}"
        stated = [one for one in claims.attestations if _most(one, row) >= 0]
        enough = [one for one in stated if _most(one, row) >= 1_000 * row.grams]
        why, by = self._covered(claims, book, steps, enough)
        if not why:
            return _Told(row.site, PASS, said, [one.event for one in by])
        why, by = self._covered(claims, book, steps, stated)
        if not why and hidden(claims, "attestations"):
            why = "not all attestations are shown"
        events = [*(step.first for step in steps), *(one.event for one in by)]
        if why:
            return _Told(row.site, NOT_PROVABLE, f"{said}, {why}", events)
        most = max(_most(one, row) for one in by) // 1_000
        return _Told(row.site, FAIL, f"{said}, where {shown_kg(most)} can be", events)

    def _covered(
        self, claims: Claims, book: Mapping[str, Scheme], steps: list[Step], these: list[Attestation]
    ) -> tuple[str, list[Attestation]]:
        """Why these attestations do not cover the steps, "" if they do; and those that do."""
        others = [one for one in claims.attestations if one.scheme not in self.schemes]
        few = claims.model_copy(update={"attestations": (*these, *others)})
        found = [self._step(few, book, step) for step in steps]
        reasons = [why for word, why, _ in found if word != PASS]
        if reasons or not steps:
            return (reasons or ["when it was brought cannot be read"])[0], []
        return "", [one for _, _, by in found for one in by]


class _Told(NamedTuple):
    """What was found of a month."""

    site: str
    verdict: Word
    said: str
    events: list[Ref]


def _within(row: Brought, steps: list[Step]) -> list[Step]:
    """The parts of the steps that lie in the row's month."""
    month = times.month(row.month)
    found = []
    for step in steps:
        runs = times.closed(step.runs)
        if month is None or runs is None or (step.site, step.process) != (row.site, f"source:{row.kind}"):
            continue
        parts = [(max(a, month[0]), min(b, month[1] - 1_000)) for a, b in runs]
        inside = [(format_time(a // 1_000), format_time(b // 1_000)) for a, b in parts if a <= b]
        if inside:
            found.append(step.model_copy(update={"runs": tuple(inside)}))
    return found


def _most(one: Attestation, row: Brought) -> int:
    """Milligrams that the site can bring of that kind in that month; -1 if the attestation does not say."""
    named = row.kind in one.scope.processes
    return min(
        (_milligrams(value) for value in one.measured if named and _meant(value, row.month)), default=-1
    )


def _meant(value: Measure, month: str) -> bool:
    """Whether it is a capacity in that month. Days of one width order as text."""
    span = times.month(month)
    first, _, last = value.period.partition("/")
    inside = not value.period or (
        span is not None and first <= f"{month}-01" and times.told(span[1] - 1)[:10] <= last
    )
    return inside and value.quantity == QUANTITY and value.unit in UNITS


def _milligrams(value: Measure) -> int:
    try:
        return parse_ratio(value.amount) * UNITS[value.unit]
    except Malformed:
        return -1
