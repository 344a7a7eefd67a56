"""benchmark: so much less than a stated figure of the same kind."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field

from ledger import quantity
from ledger.claims import shares
from ledger.claims.document import Claims
from ledger.events.common import Amount, Material, Share, Text, Token
from ledger.policy import figures
from ledger.policy.finding import Outcome, passed, unproven
from ledger.policy.requirement import Requirement, hidden
from ledger.policy.schemes import Scheme


class Benchmark(Requirement):
    """The rolled-up footprint is at least the share ``reduction`` below a benchmark. Method, boundary, year
    and stage of the benchmark must be stated and be the figure's own: anything else compares apples with
    pears. Where data are missing it can fail, and cannot pass, unless they are missing behind no more than
    the share ``lacking`` of the mass."""

    kind: Literal["benchmark"]
    name: Text = Field(description="Whose benchmark it is, as people call it.")
    method: figures.Method = Field(description="How by-products share: `cut_off` or `by_mass`.")
    boundary: Token = Field(description="The system boundary, such as `cradle_to_gate`.")
    year: int = Field(ge=1900, le=9999, description="The year of the figures.")
    stage: Material = Field(description="The product stage: the lot's material.")
    value: Amount = Field(description="The benchmark in kg CO2e per kg.")
    reduction: Share = Field(description='How far below it the lot must be, such as "0.7" for 70 %.')
    lacking: Share = Field(
        "0",
        description='The greatest share of the mass behind which data may be missing, such as "0.01".',
    )

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        four = (self.method, self.boundary, self.year, self.stage)
        meant = [
            f for f in claims.footprint if (f.method, f.boundary, f.year, f.stage) == four and f.grams > 0
        ]
        said = f"{self.name} {figures.meaning(self.method, self.boundary, self.year, self.stage)}"
        if not meant:
            return unproven(
                f"There is no figure of the same four as {said}; others are not compared.",
                ask=[figures.other(claims)],
            )
        value, reduction = quantity.parse_ratio(self.value), quantity.parse_ratio(self.reduction)
        figure = max(meant, key=lambda f: Fraction(figures.micrograms(f), f.grams))
        # ug / grams <= value * (1 - reduction), all in millionths
        enough = (
            figures.micrograms(figure) * shares.WHOLE <= value * (shares.WHOLE - reduction) * figure.grams
        )
        below = shares.Part(value * figure.grams - figures.micrograms(figure), value * figure.grams)
        told = f"{below.percent()} below" if below.amount >= 0 else "above"
        said = (
            f"{figures.amount(figure)} is {told} {said}; at least {shares.of_ppm(reduction)} below is asked"
        )
        if not enough:
            return figures.too_high(claims, said, self.ask)
        lacking, may = figures.lacking(claims, meant), quantity.parse_ratio(self.lacking)
        said += figures.left_out(lacking, may)
        if hidden(claims, "ancestry") or lacking > may:
            return figures.lacks(claims, said, self.ask)
        return passed(f"{said}.")
