"""lag: events were posted soon after they happened."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims.document import Claims, Step
from ledger.policy import times
from ledger.policy.chain import Of, none_such
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, doing, hidden, show_more, some
from ledger.policy.schemes import Scheme
from ledger.policy.times import DAY
from ledger.quantity import counted


class LagMost(Requirement):
    """No event of the steps was received more than ``most`` days after it happened. Where a document does not
    tell the longest lag of a step, only receipts later than the charter's ``max_delay_days`` are known, and
    not which event of the step each belongs to: with the last event it is surely too late, with the first
    one it may be, and without any it is not provable."""

    kind: Literal["lag"]
    of: Of = Field(default_factory=Of, description="Which steps; every step where absent.")
    most: int = Field(ge=0, le=3660, description="The greatest number of days, such as 30.")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        steps = self.of.steps(claims)
        told = [(step, *self._late(step)) for step in steps]
        late = [step for step, sure, _ in told if sure]
        if late:
            return failed(
                f"Posted more than {self.most} days late: {_said(claims, late)}.",
                [step.first for step in late],
                [Ask(step.party or step.site, self.ask or "Ask why it was posted so late.") for step in late],
            )
        if not steps and claims.steps and not hidden(claims, "ancestry"):
            return none_such(claims)
        perhaps = [step for step, _, maybe in told if maybe]
        if perhaps or not steps or hidden(claims, "ancestry"):
            return unproven(
                "When all was posted is not shown" + (f": {_said(claims, perhaps)}." if perhaps else "."),
                [step.first for step in perhaps],
                [show_more(claims, "when each event of these steps was received")],
            )
        return passed(f"{counted(len(steps), 'step')}, nothing posted more than {self.most} days late.")

    def _late(self, step: Step) -> tuple[bool, bool]:
        """Whether an event surely was too late, and whether one may have been."""
        if step.lag is not None:
            return step.lag > self.most * DAY // 1000, False
        if not step.late:
            return False, True
        receipts = [times.instant(late) for late in step.late]
        begun = [times.instant(first) for first, _ in step.runs]
        ended = [times.instant(last) for _, last in step.runs]
        read = [x for x in receipts if x is not None]
        first = min((x for x in begun if x is not None), default=None)
        last = max((x for x in ended if x is not None), default=None)
        sure = last is not None and any(x - last > self.most * DAY for x in read)
        if first is None or None in (*receipts, *begun, *ended):
            return sure, True
        return sure, any(x - first > self.most * DAY for x in read)


def _said(claims: Claims, steps: list[Step]) -> str:
    return some([f"{doing(step.process)} at {called(claims, step.site)}" for step in steps])
