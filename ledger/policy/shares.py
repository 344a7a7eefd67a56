"""Shares compared exactly, and printed.

A share of the lot is counted in milligrams of its mass where the document gives the mass, and else in the
millionths that it gives: a small document written by hand needs no masses.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger import quantity
from ledger.claims.document import Claims, Share

WHOLE = 1_000_000


class Part(NamedTuple):
    """``amount`` of ``of``, in one unit."""

    amount: int
    of: int

    def least(self, ppm: int) -> bool:
        """Whether it is at least so many millionths."""
        return self.of > 0 and self.amount * WHOLE >= ppm * self.of

    def percent(self, up: bool = False) -> str:
        """In per cent, two decimals, rounded down, or up for a burden."""
        if self.of <= 0:
            return "an unknown share"
        scaled = self.amount * 10_000
        return percent(-(-scaled // self.of) if up else scaled // self.of)


def percent(hundredths: int) -> str:
    """``1833`` is ``18.33 %``."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".removesuffix(".00") + " %"


def of_ppm(ppm: int) -> str:
    """A threshold in per cent: ``20000`` is ``2 %``."""
    return quantity.format_ratio(ppm * 100) + " %"


def whole(claims: Claims) -> int:
    """The lot's mass in the unit of ``amount``."""
    return claims.grams * 1000 if claims.grams > 0 else WHOLE


def amount(claims: Claims, shares: Iterable[Share]) -> int:
    """The sum of shares: milligrams, or millionths where the document gives no mass."""
    return sum(share.mg if claims.grams > 0 else share.ppm for share in shares)
