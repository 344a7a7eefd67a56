"""known_origin: enough of the metal comes from a place that is named."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims.document import Claims, Place
from ledger.events.common import Share
from ledger.policy import shares
from ledger.policy.chain import DARK
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, show_more
from ledger.policy.schemes import Scheme
from ledger.quantity import parse_ratio


class KnownOrigin(Requirement):
    """At least the share ``least`` of the metal has a known origin: a mine, a collection of scrap, or an
    alloying metal's source, if that is a site that is registered. Opening stock, purchases from outside and
    gains are unknown. Material that carries no origin (adhesive, paint, steel) is left out of the count."""

    kind: Literal["known_origin"]
    least: Share = Field("1", description='The least share of known origin, such as "0.98".')

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        if not claims.origins or "ancestry" in claims.unshown:
            return unproven("The origins are not shown.", ask=[show_more(claims, "the origins of the metal")])
        metal = shares.whole(claims) - shares.amount(claims, [o for o in claims.origins if o.kind == "added"])
        if metal <= 0:
            return unproven("None of it is metal whose origin is told.")
        lit = [o for o in claims.origins if o.kind not in (*DARK, "added") and _is_somewhere(o)]
        known = shares.Part(shares.amount(claims, lit), metal)
        unknown = shares.Part(
            shares.amount(claims, [o for o in claims.origins if o.kind == "unknown"]), metal
        )
        least = parse_ratio(self.least)
        said = f"{known.percent()} of the metal has a known origin; at least {shares.of_ppm(least)} is asked."
        if known.least(least):
            return passed(said)
        whom = claims.holder or "the seller"
        what = self.ask or "Say where the metal of unknown origin comes from, with the supplier's records."
        if not shares.Part(metal - unknown.amount, metal).least(least):
            return failed(f"{said} {unknown.percent(up=True)} is unknown.", ask=[Ask(whom, what)])
        return unproven(said, ask=[show_more(claims, "the origin of the rest of the metal")])


def _is_somewhere(place: Place) -> bool:
    """An addition names its origin itself: a name that no site has says nothing."""
    return place.kind != "addition" or bool(place.site)
