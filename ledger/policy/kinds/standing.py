"""standing: nothing that the lot rests on is doubted."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ledger.claims.document import Claims
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, hidden, show_more, some
from ledger.policy.schemes import Scheme

Doubt = Literal["disputed", "difference", "contradicted"]
WITHDRAW = "Ask for the value that the entries contradict to be withdrawn, or for the data that it rests on."
RESOLVE = "Ask how the doubt was settled, and for its resolution to be posted."


class Standing(Requirement):
    """No event that the lot rests on is disputed, no difference between what was sent and what was
    received is open, and no certifier declares the lot better than the entries make it. Whether one was
    raised after a proof was made, the proof cannot show: not provable, unless the proof holds the register's
    own word for it."""

    kind: Literal["standing"]
    marks: Annotated[tuple[Doubt, ...], Field(min_length=1, strict=False)] = Field(
        ("disputed", "difference", "contradicted"), description="The open marks that are not taken."
    )

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        open_ = [one for one in claims.marks if one.mark in self.marks]
        if open_:
            said = [
                f"{one.mark} {one.event.id}" + (f" since {one.since}" if one.since else "") for one in open_
            ]
            return failed(
                f"Open doubts: {some(said)}.",
                [one.event for one in open_],
                [Ask(one.by or one.event.party or "the seller", self._next(one.mark)) for one in open_],
            )
        if hidden(claims, "standing", "ancestry"):
            return unproven(
                "Whether something that the lot rests on is doubted or withdrawn is not shown.",
                ask=[show_more(claims, "that no event of the chain is disputed or withdrawn")],
            )
        return passed("No event that the lot rests on is disputed, differs or is contradicted.")

    def _next(self, mark: str) -> str:
        return self.ask or (WITHDRAW if mark == "contradicted" else RESOLVE)
