"""What a report needs beside the claims of its subject, and only a ledger can tell."""

from typing import NamedTuple

from ledger.reports.bookings import Bookings
from ledger.reports.promises import Delivered


class Beside(NamedTuple):
    """``bookings``: of the account that ``asi-account`` was asked for. ``delivered``: for ``exclusive``,
    under the agreements of the claims. None where it is not shown."""

    bookings: Bookings | None = None
    delivered: Delivered | None = None
