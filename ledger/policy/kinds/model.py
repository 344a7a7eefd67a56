"""model: how the chain of custody kept the metal apart, after ISO 22095."""

from collections.abc import Collection, Mapping
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ledger.claims.document import Claims
from ledger.claims.fold import STRENGTH
from ledger.events.common import CustodyModel
from ledger.policy.chain import ORDER, STAGES
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, Tokens, hidden, show_more, some
from ledger.policy.schemes import Scheme

ANYTHING = ""  # the material of what is not told: no stage makes it

Tier = Literal["mining", "refining", "smelting", "casting", "rolling", "forming", "assembly"]


class ModelLeast(Requirement):
    """No process on the way from one stage to another stated a weaker model than ``weakest``: a chain is
    as strong as its weakest step. A process of no stage that is shipped counts as on the way, and so does
    handling, such as blending or baling, unless all that it made is what only stages before ``first`` make:
    bauxite that is blended long before it is metal. Every process must have stated a model."""

    kind: Literal["model"]
    weakest: CustodyModel = Field(description="The weakest ISO 22095 model that is taken.")
    first: Tier = Field("mining", description="The first stage that is asked about.")
    last: Tier = Field("assembly", description="The last stage that is asked about.")
    except_: Tokens = Field((), alias="except", description="Processes that are not asked about.")

    @model_validator(mode="after")
    def _onwards(self) -> Self:
        if ORDER.index(self.first) > ORDER.index(self.last):
            sentence = f"first must not come after last: {self.first} comes after {self.last}"
            raise PydanticCustomError("policy.value", "{sentence}", {"sentence": sentence})
        return self

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        passed_over = {*self.except_, *self._before(claims)}
        asked = {one.process: one for one in claims.steps if self._meant(one.process, passed_over)}
        least = STRENGTH[self.weakest]
        stated = [one for one in claims.models if self._meant(one.process, passed_over)]
        weak = [one for one in stated if STRENGTH[one.model] < least]
        if weak:
            said = some([f"{one.process} by {one.model}" for one in weak])
            what = self.ask or "Ask for metal that was kept apart here, or take the weaker word for it."
            return failed(
                f"{said}; {self.weakest} or stronger is asked.",
                [one.event for one in weak],
                [Ask(one.event.party or "the seller", what) for one in weak],
            )
        silent = sorted(set(asked) - {one.process for one in stated})
        if silent:
            return unproven(
                f"No chain-of-custody model is stated for {some(silent)}.",
                [asked[process].first for process in silent],
                [Ask(asked[p].party or asked[p].site, f"State the ISO 22095 model of {p}.") for p in silent],
            )
        if not stated or hidden(claims, "ancestry"):
            return unproven("The processes on the way are not shown.", ask=[show_more(claims, "the chain")])
        weakest = min(stated, key=lambda one: STRENGTH[one.model])
        return passed(f"The weakest model is {weakest.model}, by {weakest.process}.", [weakest.event])

    def _meant(self, process: str, passed_over: Collection[str]) -> bool:
        if process.startswith("source:") or process in passed_over:
            return False
        stage = _stage(process)
        return stage is None or ORDER.index(self.first) <= ORDER.index(stage) <= ORDER.index(self.last)

    def _before(self, claims: Claims) -> set[str]:
        """The handling that was all done before the first stage: of materials that were made there alone."""
        early: set[str] = set()
        late: set[str] = set()
        handled: dict[str, set[str]] = {}
        for step in claims.steps:
            stage = _stage(step.process)
            if step.process in STAGES["handling"]:
                handled.setdefault(step.process, set()).update(step.materials or (ANYTHING,))
            elif stage is not None and ORDER.index(stage) < ORDER.index(self.first):
                early.update(step.materials)
            else:
                late.update(step.materials)
        return {process for process, made in handled.items() if made <= early - late}


def _stage(process: str) -> str | None:
    return next((name for name in ORDER if process in STAGES[name]), None)
