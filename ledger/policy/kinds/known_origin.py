"""known_origin: enough of the metal comes from a place that is named."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims import shares
from ledger.claims.document import Claims
from ledger.events.common import Share
from ledger.policy.chain import WHENCE, is_told, nowhere, whence
from ledger.policy.finding import Outcome, failed, passed, unproven
from ledger.policy.requirement import Requirement, called, show_more, some
from ledger.policy.schemes import Scheme
from ledger.quantity import parse_ratio


class KnownOrigin(Requirement):
    """At least the share ``least`` of the metal has a known origin: a mine, a collection of scrap, or an
    alloying metal's source, if that is a site that is registered. Opening stock, purchases from outside and
    gains are unknown, and so is a site whose country or subdivision is a code of no place, or a declared
    source where no alloying metal is made, such as a warehouse. Material that carries no origin (adhesive,
    paint, steel) is left out of the count."""

    kind: Literal["known_origin"]
    least: Share = Field("1", description='The least share of known origin, such as "0.98".')

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        if not claims.origins or "ancestry" in claims.unshown:
            return unproven("The origins are not shown.", ask=[show_more(claims, "the origins of the metal")])
        metal = shares.whole(claims) - shares.amount(claims, [o for o in claims.origins if o.kind == "added"])
        if metal <= 0:
            return unproven("None of it is metal whose origin is told.")
        told = [o for o in claims.origins if o.kind not in (*shares.DARK, "added")]
        lost = [o for o in told if nowhere(o)]
        lit = [o for o in told if not nowhere(o) and is_told(o)]
        known = shares.Part(shares.amount(claims, lit), metal)
        dark = [o for o in claims.origins if o.kind == "unknown"]
        unknown = shares.Part(shares.amount(claims, [*lost, *dark]), metal, up=True)
        least = parse_ratio(self.least)
        said = f"{known.percent()} of the metal has a known origin; at least {shares.of_ppm(least)} is asked."
        if known.least(least):
            return passed(said)
        if not shares.Part(metal - unknown.amount, metal).least(least):
            why = some([f"{called(claims, o.site)}: {nowhere(o)}" for o in lost])
            said += f" {unknown.percent()} is unknown" + (f" ({why})." if why else ".")
            events, asks = whence(claims, [*lost, *dark], self.ask, WHENCE)
            return failed(said, events, asks)
        return unproven(said, ask=[show_more(claims, "the origin of the rest of the metal")])
