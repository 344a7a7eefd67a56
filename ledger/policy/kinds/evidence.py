"""evidence: documents stand behind the events."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims.document import Claims
from ledger.policy.chain import Of
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, hidden, show_more, some
from ledger.policy.schemes import Scheme


class Evidence(Requirement):
    """Each step that ``of`` means binds at least one document by its SHA-256. What the document says,
    somebody must read; `oreline evidence check` says whether a file is the one that was bound."""

    kind: Literal["evidence"]
    of: Of = Field(default_factory=Of, description="Which steps; every step where absent.")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        steps = self.of.steps(claims)
        bare = [step for step in steps if step.documents < 1]
        if bare:
            what = self.ask or "Post the documents behind this step: contract, bill of lading, charge sheet."
            return failed(
                "No document is bound to "
                + some([f"{step.process} at {called(claims, step.site)}" for step in bare])
                + ".",
                [step.first for step in bare],
                [Ask(step.party or step.site, what) for step in bare],
            )
        if not steps or hidden(claims, "ancestry"):
            return unproven("The steps of the chain are not all shown.", ask=[show_more(claims, "the chain")])
        return passed(f"Documents are bound to all {len(steps)} steps.")
