"""footprint: kg CO2e per kg, by a stated method."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from ledger import quantity
from ledger.claims import shares
from ledger.claims.document import Claims
from ledger.events.common import Amount, Material, Share, Token
from ledger.policy import figures
from ledger.policy.chain import heaviest
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, hidden, some
from ledger.policy.schemes import Scheme

CLEAN = ("hydro", "wind", "solar", "geothermal", "biomass", "tidal", "nuclear", "renewable")
"""Sources whose electricity has a far smaller factor than a grid's."""


class FootprintMost(Requirement):
    """The rolled-up footprint is at most ``most`` kg CO2e per kg, and at least the share ``primary_data`` of
    it is from data of the works themselves. Only a figure of the same method and boundary, and of the
    stage and year where they are named, is compared. Where data are missing, the figure is a lower
    bound: above ``most`` it fails, and else it is not provable, unless they are missing
    behind no more than the share ``lacking`` of the mass. With ``certified`` it is not provable either where
    smelting is said to have had clean electricity and no certificate is shown to cover it."""

    kind: Literal["footprint"]
    method: figures.Method = Field(description="How by-products share: `cut_off` or `by_mass`.")
    boundary: Token = Field(figures.BOUNDARY, description="The system boundary.")
    stage: Material | None = Field(None, description="The product stage: the lot's material.")
    year: int | None = Field(None, ge=1900, le=9999, description="The figure's year.")
    most: Amount | None = Field(None, description='The greatest figure in kg CO2e per kg, such as "4.0".')
    primary_data: Share | None = Field(None, description="The least share of it from primary data.")
    lacking: Share = Field(
        "0",
        description='The greatest share of the mass behind which data may be missing, such as "0.01".',
    )
    certified: bool = Field(
        False,
        description="Whether electricity of smelting from a clean source must be covered by a certificate: "
        "else a word makes any figure low.",
    )

    any_of: ClassVar[tuple[str, ...]] = ("most", "primary_data")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        meant = [
            figure
            for figure in claims.footprint
            if (figure.method, figure.boundary) == (self.method, self.boundary)
            and self.stage in (None, figure.stage)
            and self.year in (None, figure.year)
            and figure.grams > 0
        ]
        if not meant:
            wanted = figures.meaning(
                self.method, self.boundary, self.year or "any year", self.stage or "any stage"
            )
            return unproven(
                f"There is no figure of the same kind {wanted}; others are not compared.",
                ask=[figures.other(claims)],
            )
        limit = f"; at most {self.most} is asked" if self.most else ""
        most = quantity.parse_ratio(self.most or "0")
        high = [figure for figure in meant if self.most and not figures.at_most(figure, most)]
        if high:
            return figures.too_high(claims, f"{figures.told(high[0])}{limit}", self.ask)
        lacking, may = figures.lacking(claims, meant), quantity.parse_ratio(self.lacking)
        said = f"{figures.told(meant[0])}{limit}{figures.left_out(lacking, may)}"
        if hidden(claims, "ancestry") or lacking > may:
            return figures.lacks(claims, said, self.ask)
        bare = [row for row in claims.power if row.source in CLEAN and row.wh > 0 and row.covered is not True]
        if self.certified and bare:
            what = self.ask or "Ask for cancelled energy certificates of this source, grid and month."
            clean = some(sorted({f"{row.source} at {called(claims, row.site)}, {row.month}" for row in bare}))
            return unproven(
                f"{said}. It counts electricity that no certificate is shown to cover: {clean}.",
                [row.certificate for row in bare if row.certificate is not None],
                [Ask(row.site, f"{what} ({row.month})") for row in bare],
            )
        least = quantity.parse_ratio(self.primary_data or "0")
        primary = min(figure.primary_data_ppm for figure in meant)
        if self.primary_data:
            share = shares.Part(primary, shares.WHOLE).percent()
            said += f"; {share} of it from primary data, at least {shares.of_ppm(least)} is asked"
        if primary < least:
            return failed(f"{said}.", heaviest(claims), figures.asks(claims, self.ask))
        return passed(f"{said}.")
