"""recycled: content from scrap after ISO 14021, by a stated rule for "same process"."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from ledger.claims import shares
from ledger.claims.document import Claims, Share
from ledger.events.common import Share as Decimal
from ledger.policy.chain import heaviest
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, seller, show_more
from ledger.policy.schemes import Scheme
from ledger.quantity import parse_ratio


class RecycledLeast(Requirement):
    """Recycled content is at least so much: post-consumer, pre-consumer, or both together. Scrap of the same
    process is not recycled content (ISO 14021); ``rule`` says what the same process is, and a share by
    another rule is not compared. Alloy, metal of unknown origin and primary metal are not recycled."""

    kind: Literal["recycled"]
    rule: Literal["own_loop", "own_party"] = Field(
        description="The same process: `own_loop`, all metal that the casthouse cast; `own_party`, scrap of "
        "the caster's own works only."
    )
    post: Decimal | None = Field(None, description="The least post-consumer share.")
    pre: Decimal | None = Field(None, description="The least pre-consumer share.")
    both: Decimal | None = Field(None, description="The least share of both together.")
    base: Literal["product", "metal"] = Field(
        "product",
        description="Share of the whole product, or of its metal, without added material that carries no "
        "origin.",
    )

    any_of: ClassVar[tuple[str, ...]] = ("post", "pre", "both")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        found = next((one for one in claims.recycled if one.rule == self.rule), None)
        if found is None or "ancestry" in claims.unshown:
            return unproven(
                f"Recycled content by the rule {self.rule} is not shown.",
                ask=[show_more(claims, "the recycled content by this rule")],
            )
        of = shares.whole(claims) - (shares.amount(claims, [found.added]) if self.base == "metal" else 0)
        dark = shares.amount(claims, [place for place in claims.origins if place.kind == "unproven"])
        asked: tuple[tuple[str, str | None, list[Share]], ...] = (
            ("post-consumer", self.post, [found.post]),
            ("pre-consumer", self.pre, [found.pre]),
            ("post- and pre-consumer", self.both, [found.post, found.pre]),
        )
        said, low, short = [], False, False
        for words, least, parts in asked:
            if least is None:
                continue
            ppm = parse_ratio(least)
            part = shares.Part(shares.amount(claims, parts), of)
            said.append(f"{part.percent()} is {words} scrap, at least {shares.of_ppm(ppm)} is asked")
            if not part.least(ppm):
                short = True
                low = low or not shares.Part(part.amount + dark, of).least(ppm)
        sentence = f"{'; '.join(said)} (rule {self.rule}, of the {self.base})."
        if low:
            what = (
                self.ask
                or "Ask which scrap was charged, and for its records from the collector or press shop."
            )
            return failed(sentence, heaviest(claims), [Ask(seller(claims), what)])
        if short:
            return unproven(sentence, ask=[show_more(claims, "where the rest of the metal comes from")])
        return passed(sentence)
