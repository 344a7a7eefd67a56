"""exclusive: the metal went where it was promised, and nowhere else."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ledger.claims import shares
from ledger.claims.document import Claims, Fate
from ledger.events.common import Id
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, hidden, seller, show_more, some
from ledger.policy.schemes import Scheme
from ledger.quantity import shown_kg

ON_THE_WAY = ("stock", "transit")
Side = Literal["loss", "sample", "disposed", "lost"]


class Exclusive(Requirement):
    """Every gram of the metal was fitted at ``site``, or is one of the ``allowed`` losses of working it. What
    is in stock or in transit may still go there, and what is all lost in working went nowhere: not provable.
    A proof alone does not show where metal went that is not in the lot. With ``agreed`` both sides must have
    logged the promise."""

    kind: Literal["exclusive"]
    site: Id = Field(description="The plant for which the metal is meant.")
    agreed: bool = Field(True, description="Whether an agreement that both sides logged must promise it.")
    allowed: Annotated[tuple[Side, ...], Field(strict=False)] = Field(
        ("loss",),
        description="Other fates that do not break the promise: `loss`, `sample`, `disposed`, `lost`.",
    )

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        where = called(claims, self.site)
        promised = [one for one in claims.agreements if one.accepted and one.exclusive_to == self.site]
        deals = [one.event for one in promised]
        out = [one for one in claims.fates if self._broken(one)]
        if out:
            said = [f"{shown_kg(one.grams)} {one.fate}" + _at(claims, one) for one in out]
            what = self.ask or "Ask why metal that was promised to one plant went elsewhere."
            return failed(
                f"Not only for {where}: {some(said)}.",
                deals,
                [Ask(one.party or "the seller", what) for one in out],
            )
        if not claims.fates or hidden(claims, "fates", "ancestry"):
            return unproven(
                "Where all of the metal went is not shown.",
                ask=[show_more(claims, "where all of this metal went")],
            )
        open_ = [one for one in claims.fates if one.fate in ON_THE_WAY]
        if open_:
            said = [f"{shown_kg(one.grams)} {one.fate}" + _at(claims, one) for one in open_]
            whom = [
                Ask(one.party or "the holder", "Say when and where this will be fitted.") for one in open_
            ]
            return unproven(f"Not all is fitted at {where} yet: {some(said)}.", deals, whom)
        if not any(one.fate == "installed" for one in claims.fates):
            fates = some(sorted({one.fate for one in claims.fates}))
            return unproven(
                f"None of it was fitted at {where}: it is all {fates}.",
                ask=[Ask(seller(claims), "Ask what became of the metal that was promised.")],
            )
        if self.agreed and not promised:
            return unproven(
                f"All went to {where}, but no agreement that both sides logged promises it.",
                ask=[Ask(seller(claims), "Log the agreement, and have the other side accept it.")],
            )
        used = sum(one.grams for one in claims.fates if one.fate == "installed")
        part = shares.Part(used, sum(one.grams for one in claims.fates)).percent()
        others = sorted({one.fate for one in claims.fates if one.fate != "installed" and one.grams})
        rest = f", the rest is {some(others)}." if others else "."
        return passed(f"{part} of the metal was fitted at {where}{rest}", deals)

    def _broken(self, one: Fate) -> bool:
        if one.fate == "installed":
            return one.site != self.site
        return one.fate not in (*ON_THE_WAY, *self.allowed)


def _at(claims: Claims, one: Fate) -> str:
    """Where it is, and in which lots: what became of these, `oreline show` tells by event."""
    where = f" at {called(claims, one.site)}" if one.site else ""
    return where + (f" ({some(list(one.lots))})" if one.lots else "")
