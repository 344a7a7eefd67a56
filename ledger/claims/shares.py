"""Shares: compared exactly, and shown one way wherever people read them.

A share of the lot is counted in milligrams of its mass where the document gives the mass, and else in the
millionths that it gives: a small document written by hand needs no masses.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger import quantity
from ledger.claims.document import Claims, Share
from ledger.quantity import FINE, MILLION

WHOLE = MILLION
DARK = ("unknown", "unproven")
"""Kinds of places of which nothing is known, or nothing was shown."""
ADDED = "added: mass that the process added without a lot, such as steel or paint; no aluminium"
"""What people are told below shares of that kind."""


class Part(NamedTuple):
    """``amount`` of ``of``, in one unit. ``up``: a burden, or what is unknown, is rounded up, all else
    down."""

    amount: int
    of: int
    up: bool = False

    def least(self, ppm: int) -> bool:
        """Whether it is at least so many millionths."""
        return self.of > 0 and self.amount * WHOLE >= ppm * self.of

    @property
    def ppm(self) -> int:
        """In millionths."""
        return self._rounded(WHOLE)

    def percent(self) -> str:
        """In per cent: ``18.33 %``. What is there is never shown as nothing, nor what is not all as all."""
        if self.of <= 0:
            return "an unknown share"
        hundredths = self._rounded(10_000)
        if not hundredths and self.amount:
            return "< 0.01 %"
        if hundredths == 10_000 and self.amount < self.of:
            return "> 99.99 %"
        return f"{hundredths // 100}.{hundredths % 100:02} %"

    def _rounded(self, whole: int) -> int:
        scaled = self.amount * whole
        return -(-scaled // self.of) if self.up else scaled // self.of


def of_origin(origin: str, mg: int, grams: int) -> Part:
    """What a lot of ``grams`` has of an origin."""
    return Part(mg, FINE * grams, origin.partition(" ")[0] in DARK)


def part(claims: Claims, shares: Iterable[Share], up: bool = False) -> Part:
    """The sum of shares of the lot."""
    return Part(amount(claims, shares), whole(claims), up)


def of_ppm(ppm: int) -> str:
    """A threshold in per cent, exact: ``20000`` is ``2 %``."""
    return quantity.format_ratio(ppm * 100) + " %"


def whole(claims: Claims) -> int:
    """The lot's mass in the unit of ``amount``."""
    return FINE * claims.grams if claims.grams > 0 else WHOLE


def amount(claims: Claims, shares: Iterable[Share]) -> int:
    """The sum of shares: milligrams, or millionths where the document gives no mass."""
    return sum(share.mg if claims.grams > 0 else share.ppm for share in shares)
