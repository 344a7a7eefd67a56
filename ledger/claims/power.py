"""The electricity of smelting, in milliwatt hours by certificate, source, site and month.

Only smelting counts: it takes 12 to 16 kWh for a kilogram, and every other step together a fraction of
that. Metal carries it on by mass, process scrap too, so that none is lost on the way.
"""

from collections.abc import Mapping
from typing import Any

from ledger.claims.method import Method
from ledger.quantity import parse_ratio


def smelting(event: Any, method: Method) -> Mapping[str, int]:
    """What a smelting event declares, rounded up; what stands in a unit that is none of energy is a gap of
    the footprint."""
    found: dict[str, int] = {}
    for used in event.energy or ():
        unit = method.kwh.get(used.unit)
        if used.carrier == "electricity" and unit is not None:
            label = f"{used.instrument or '-'} {used.source or '-'} {event.site} {event.time[:7]}"
            mwh = -(-parse_ratio(used.amount) * unit[0] // unit[1])  # a millionth of a kWh is a mWh
            found[label] = found.get(label, 0) + mwh
    return found


def is_plausible(used: Mapping[str, int], grams: int, method: Method) -> bool:
    """Whether so much electricity (mWh) can have made so many grams of metal. Without this, a smelter that
    runs on coal could declare next to nothing and be outweighed by another's hydropower."""
    low, high = method.smelting_kwh
    return low * 1000 * grams <= sum(used.values()) <= high * 1000 * grams
