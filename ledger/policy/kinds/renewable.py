"""renewable: the electricity of smelting."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims import shares
from ledger.claims.document import Claims, Gap, Power, Ref
from ledger.events.common import Share
from ledger.policy import times
from ledger.policy.attesting import accreditation
from ledger.policy.chain import whence
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, Tokens, called, hidden, show_more, some
from ledger.policy.schemes import Scheme
from ledger.quantity import parse_ratio

SMELTED = (
    "Say who smelted the metal of unknown origin, and by which electricity, with the supplier's records."
)
RENEWABLE = ("hydro", "wind", "solar", "geothermal", "biomass", "tidal")


class RenewableLeast(Requirement):
    """At least the share ``least`` of the electricity that smelted the metal came from ``sources``, and with
    ``certified`` each kilowatt-hour of it is covered by a certificate of the same source, grid and month.
    Metal whose smelting or its electricity is not shown counts as made without, unless it is no more than the
    share ``lacking`` of the metal: then only the electricity of the other smelters is compared."""

    kind: Literal["renewable"]
    least: Share = Field("1", description='The least share, such as "1" for all of it.')
    certified: bool = Field(True, description="Whether certificates must cover it.")
    accredited: bool = Field(
        False,
        description="Whether who attested the certificate must have been accredited for its scheme in the "
        "month in which the electricity was used.",
    )
    grid: bool = Field(
        False,
        description="Whether the certificate must name a grid. One that it names must be that of the "
        "smelter's country or subdivision in any case.",
    )
    sources: Tokens = Field(RENEWABLE, description="Energy sources that count.")
    lacking: Share = Field(
        "0",
        description='The greatest share of the metal whose electricity may be not shown, such as "0.01".',
    )

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        least = parse_ratio(self.least)
        lacks = [gap for gap in claims.gaps if "electric" in gap.missing]
        if not claims.power or hidden(claims, "ancestry"):
            return unproven("The electricity of smelting is not shown.", *self._untold(claims, lacks))
        rows = [(row, self._counts(claims, row)) for row in claims.power]
        good = _counted(rows)
        open_ = sum(max(row.wh, 1) for row, counts in rows if counts is None)
        words = "certified renewable" if self.certified else "renewable"
        said = f"{good.percent()} of the electricity of smelting is {words}"
        said += f"; at least {shares.of_ppm(least)} is asked"
        bad = [row for row, counts in rows if counts is False]
        if not shares.Part(good.amount + open_, good.of).least(least):
            return failed(f"{said}: {self._told(claims, bad)}.", _events(bad), self._asks(bad))
        if not good.least(least):
            unseen = [row for row, counts in rows if counts is None]
            return unproven(
                f"{said}: {self._told(claims, unseen)}.",
                _events(unseen),
                [show_more(claims, "the certificates")],
            )
        dim = {gap.site for gap in lacks}  # what these state of a part must not outweigh the others
        elsewhere = [(row, counts) for row, counts in rows if row.site not in dim]
        dark, most = claims.renewable_lacking_ppm, parse_ratio(self.lacking)
        # Of the electricity of all smelting, also of that where none was stated at all, it is less.
        whole = shares.Part(good.amount * (shares.WHOLE - (dark or 0)), good.of * shares.WHOLE)
        short = lacks or dark is None or not whole.least(least)
        if short and dark and dark <= most and _counted(elsewhere).least(least):
            share = shares.Part(dark, shares.WHOLE, up=True).percent()
            said += f"; of {share} of the metal it is not shown, at most {shares.of_ppm(most)} may be"
        elif short:
            places = [called(claims, gap.site) for gap in lacks]
            return unproven(
                f"{said}, but not all the electricity of smelting is stated"
                + (f" ({some(places)})." if places else "."),
                *self._untold(claims, lacks),
            )
        return passed(f"{said}.", _events([row for row, _ in rows]))

    def _untold(self, claims: Claims, lacks: list[Gap]) -> tuple[list[Ref], list[Ask]]:
        """The events that leave the electricity of smelting untold, and whom to ask."""
        if lacks:
            what = self.ask or "Post the electricity of smelting."
            return [gap.event for gap in lacks], [Ask(gap.event.party or gap.site, what) for gap in lacks]
        events, asks = whence(
            claims, (one for one in claims.smelters if one.kind == "unknown"), self.ask, SMELTED
        )
        return events, asks or [
            show_more(claims, "the electricity of smelting, by source, instrument and month")
        ]

    def _counts(self, claims: Claims, row: Power) -> bool | None:
        """Whether a row is renewable as asked; None if that cannot be seen."""
        if not row.source or row.wh <= 0:
            return None
        if row.source not in self.sources:
            return False
        if not self.certified:
            return True
        if row.covered is False and hidden(claims, "attestations"):
            return None
        if row.covered and self.grid and not row.grid:
            return None
        if row.covered and self.accredited:
            return _accredited(claims, row)
        return row.covered

    def _asks(self, rows: list[Power]) -> list[Ask]:
        what = self.ask or "Ask for cancelled energy certificates of this source, grid and month."
        return [Ask(row.site, f"{what} ({row.month})") for row in rows]

    def _told(self, claims: Claims, rows: list[Power]) -> str:
        return some([f"{called(claims, row.site)} {row.month}: {self._why(row)}" for row in rows])

    def _why(self, row: Power) -> str:
        if row.covered and row.source in self.sources and self.grid and not row.grid:
            return f"{row.source}, of a grid that the certificate does not name"
        if row.covered and row.source in self.sources:
            return f"{row.source}, by a certifier not shown to be accredited"
        said = row.source or "source not stated"
        return said + (f", {row.why}" if row.why else "" if row.covered else ", no certificate shown")


def _counted(rows: list[tuple[Power, bool | None]]) -> shares.Part:
    """What counts of the electricity of these; a row without an amount is not nothing."""
    good = sum(row.wh for row, counts in rows if counts)
    return shares.Part(good, sum(max(row.wh, 1) for row, _ in rows))


def _accredited(claims: Claims, row: Power) -> bool | None:
    """Whether whoever attested the row's certificate was accredited; None if that is not shown."""
    by = [one for one in claims.attestations if one.event == row.certificate]
    month = times.month(row.month)
    if not by or month is None:
        return None
    smelters = {step.party for step in claims.steps if step.site == row.site}
    if times.cover(accreditation(claims, by[0], smelters), month[0], month[1] - 1):
        return True
    return None if hidden(claims, "attestations") else False


def _events(rows: list[Power]) -> list[Ref]:
    return [row.certificate for row in rows if row.certificate is not None]
