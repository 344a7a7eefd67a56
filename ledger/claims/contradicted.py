"""What certifiers declared of a lot, held against what the entries come to.

Only a value that is better than the roll-up is a contradiction, and only beyond the rounding that its
decimals allow; but nobody may round half a kilogram away. Recycled content: by the rule that gives more,
and as if all unknown metal were recycled.
Footprint: only cradle to gate, by the method that it names, else by the one that gives less.
What its certifier has withdrawn says nothing any more.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.claims.account import Account, Vector
from ledger.claims.facts import Attested
from ledger.claims.shares import DARK
from ledger.quantity import FINE, MILLION, format_ratio, parse_ratio

MOST_SHARE = MILLION // 200  # that is let go of a share: half a percent
MOST_FOOTPRINT = MILLION // 20  # and of a footprint: 0.05 kg for a kg
RECYCLED: Mapping[str, tuple[str, ...]] = {
    "recycled_post_consumer": ("post",),
    "recycled_pre_consumer": ("pre",),
    "recycled": ("post", "pre"),
    "recycled_content": ("post", "pre"),
}
FOOTPRINT = ("footprint", "carbon_footprint", "product_carbon_footprint", "pcf")
_SHARE = {"kg/kg": 1, "t/t": 1, "g/g": 1, "%": 100}
_PER_MASS = {"kg/kg": 1, "t/t": 1, "kgCO2e/kg": 1, "tCO2e/t": 1, "g/kg": 1000, "kg/t": 1000, "kgCO2e/t": 1000}


def by_roll_up(given: Attested, account: Account, grams: int) -> Iterator[str]:
    """A sentence for each value of the attestation that the lot's account contradicts."""
    if any(change.status == "withdrawn" for change in given.later):
        return
    for value in given.event.measured or ():
        if value.quantity in RECYCLED and value.unit in _SHARE:
            yield from _recycled(value, account, grams)
        elif value.quantity in FOOTPRINT and value.unit in _PER_MASS:
            yield from _footprint(value, account, grams)


def _rounding(amount: str, most: int) -> int:
    """Millionths by which a decimal may have been rounded: half of its last place, never over ``most``."""
    places = len(amount.partition(".")[2])
    return min(MILLION // (2 * int("1" + "0" * places)), most)


def _recycled(value: Any, account: Account, grams: int) -> Iterator[str]:
    words = (*RECYCLED[value.quantity], *DARK)
    most = max(_sum(vector, words) for vector in (account.content, account.content_party))
    rounding = _rounding(value.amount, MOST_SHARE * _SHARE[value.unit])
    declared = parse_ratio(value.amount) - rounding  # millionths of the unit
    if declared * FINE * grams > most * _SHARE[value.unit] * MILLION:
        share = format_ratio(most * _SHARE[value.unit] * MILLION // (FINE * grams))
        yield f"Declared {value.quantity} {value.amount} {value.unit}, and the entries give at most {share}."


def _sum(vector: Vector, words: tuple[str, ...]) -> int:
    return sum(mg for label, mg in vector.items() if label.partition(" ")[0] in words)


def _footprint(value: Any, account: Account, grams: int) -> Iterator[str]:
    if value.boundary != "cradle_to_gate":
        return
    cut_off, by_mass = (burden.total for burden in account.footprint)
    least = {"cut_off": cut_off, "by_mass": by_mass}.get(value.method, min(cut_off, by_mass))
    declared = parse_ratio(value.amount) + _rounding(value.amount, MOST_FOOTPRINT * _PER_MASS[value.unit])
    if declared * grams < least * _PER_MASS[value.unit]:  # micrograms for a gram are millionths
        figure = format_ratio(least * _PER_MASS[value.unit] // grams)
        yield f"Declared {value.quantity} {value.amount} {value.unit}, and the entries give {figure}."
