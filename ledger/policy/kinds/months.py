"""months: what a site made in a month is possible."""

from collections.abc import Mapping
from typing import Literal

from ledger.claims.document import Claims
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, hidden, show_more, some
from ledger.policy.schemes import Scheme
from ledger.quantity import counted, shown_kg


class Months(Requirement):
    """In each month in which the lot's metal was worked, the site's process made of what it took what the
    catalogue's monthly limits allow. They are narrower than those of an event: a scale may err for a day,
    and not for a month. A month counts as far as it was posted, and before it is over what lies in cells and
    furnaces can put an honest one outside. So no shipped policy asks it: ask it of lots whose months are
    over."""

    kind: Literal["months"]

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        outside = [one for one in claims.months if one.within is False]
        if outside:
            said = [
                f"{one.process} at {called(claims, one.site)} in {one.month}: "
                f"{shown_kg(one.out)} of {shown_kg(one.into)}"
                for one in outside
            ]
            what = self.ask or "Ask for the month's stock-taking, and for what is missing to be posted."
            where = {(one.site, one.process) for one in outside}
            return failed(
                f"Outside the monthly limits: {some(said)}.",
                [step.first for step in claims.steps if (step.site, step.process) in where],
                [Ask(one.site, what) for one in outside],
            )
        worked = {(s.site, s.process) for s in claims.steps if not s.process.startswith("source:")}
        silent = sorted(worked - {(one.site, one.process) for one in claims.months})
        dark = [f"{one.process} at {called(claims, one.site)}" for one in claims.months if one.within is None]
        dark += [f"{process} at {called(claims, site)}" for site, process in silent]
        if dark or not claims.steps or hidden(claims, "months", "ancestry"):
            return unproven(
                "The monthly sums are not all shown" + (f": {some(dark)}." if dark else "."),
                ask=[show_more(claims, "the monthly sums of each site and process")],
            )
        return passed(f"{counted(len(claims.months), 'month')} of work, all within the limits.")
