"""The electricity of smelting, in milliwatt hours by certificate, source, site, party and month.

Only smelting counts: it takes 12 to 16 kWh for a kilogram, and every other step together a fraction of
that. Metal carries it on by mass, process scrap too, so that none is lost on the way.
"""

from calendar import monthrange
from collections.abc import Mapping
from typing import Any

from ledger.claims.method import Method
from ledger.quantity import DAY, format_time, parse_ratio, parse_time
from ledger.rules.sums import MOST_MONTHS

NO_MONTH = "0001-01"


def smelting(event: Any, method: Method) -> Mapping[str, int]:
    """What a smelting event declares, rounded up, over the months in which it lasted, by their time: else a
    certificate of the last month would cover a quarter's electricity. What stands in a unit that is none of
    energy is a gap of the footprint."""
    found: dict[str, int] = {}
    months = _months(event)
    whole, where = months[-1][1], f"{event.site} {event.party}"
    for used in event.energy or ():
        unit = method.kwh.get(used.unit)
        if used.carrier == "electricity" and unit is not None:
            mwh = -(-parse_ratio(used.amount) * unit[0] // unit[1])  # a millionth of a kWh is a mWh
            before = 0
            for month, passed in months:
                label = f"{used.instrument or '-'} {used.source or '-'} {where} {month}"
                found[label] = found.get(label, 0) + mwh * passed // whole - mwh * before // whole
                before = passed
    return found


def _months(event: Any) -> list[tuple[str, int]]:
    """The calendar months in which an event lasted, each with the seconds that had passed at its end; of one
    that does not say when it began, or says that it took years, the first of all times: nothing was certified
    for it."""
    start, end = event.start, event.at
    if not 0 < end - start <= MOST_MONTHS * 31 * DAY:
        return [(NO_MONTH, 1)]
    found: list[tuple[str, int]] = []
    while not found or found[-1][1] < end - start:
        month = format_time(start + (found[-1][1] if found else 0))[:7]
        found.append((month, min(end_of(month), end) - start))
    return found


def end_of(month: str) -> int:
    """The first second after a month (``2026-03``), in seconds since 1970."""
    days = monthrange(int(month[:4]), int(month[5:]))[1]
    return parse_time(f"{month}-01T00:00:00Z") + days * DAY


def is_plausible(used: Mapping[str, int], mg: int, method: Method) -> bool:
    """Whether so much electricity (mWh) can have made so many milligrams of metal. Without this, a smelter
    that runs on coal could declare next to nothing and be outweighed by another's hydropower."""
    low, high = method.smelting_kwh  # kWh for a kg: mWh for a mg
    return low * mg <= sum(used.values()) <= high * mg
