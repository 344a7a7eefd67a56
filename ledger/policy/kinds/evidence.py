"""evidence: documents stand behind the events."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims.document import Claims, Ref, Step
from ledger.policy.chain import Of, none_such
from ledger.policy.finding import NOT_PROVABLE, PASS, Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, doing, hidden, show_more, some
from ledger.policy.schemes import Scheme
from ledger.policy.scope import papers_of
from ledger.quantity import counted


class Evidence(Requirement):
    """Behind each step that ``of`` means stands at least one document, bound by its SHA-256: by the step's
    own events, or with ``attested`` by an attestation about its site or operator, with the step in its scope,
    that held at the time. What it says, somebody must read; `oreline evidence check` says whether a file is
    the one bound."""

    kind: Literal["evidence"]
    of: Of = Field(default_factory=Of, description="Which steps; every step where absent.")
    attested: bool = Field(True, description="Whether documents of attestations count.")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        steps = self.of.steps(claims)
        found = [(step, self._behind(claims, step)) for step in steps]
        bare = [step for step, behind in found if behind is None]
        if bare:
            what = self.ask or "Post the documents behind this step: contract, bill of lading, charge sheet."
            said = some([f"{doing(step.process)} at {called(claims, step.site)}" for step in bare])
            asked = [Ask(step.party or step.site, what) for step in bare]
            if self.attested and (hidden(claims, "attestations") or self._blind(claims, bare)):
                return unproven(f"Documents are not shown behind {said}.", [s.first for s in bare], asked)
            return failed(f"No document is bound behind {said}.", [s.first for s in bare], asked)
        if not steps and claims.steps and not hidden(claims, "ancestry"):
            return none_such(claims)
        if not steps or hidden(claims, "ancestry"):
            return unproven("The steps of the chain are not all shown.", ask=[show_more(claims, "the chain")])
        events = [behind for _, behind in found if behind is not None]
        return passed(f"{counted(len(steps), 'step')}, documents bound behind all.", events)

    def _blind(self, claims: Claims, bare: list[Step]) -> bool:
        """Whether there are documents, and it is not all told whether they stand behind a step."""
        return any(
            papers_of(claims, step, one) == NOT_PROVABLE for step in bare for one in claims.attestations
        )

    def _behind(self, claims: Claims, step: Step) -> Ref | None:
        """The event that binds a document, if one does."""
        if step.documents > 0:
            return step.first
        for one in claims.attestations if self.attested else ():
            if papers_of(claims, step, one) == PASS:
                return one.event
        return None
