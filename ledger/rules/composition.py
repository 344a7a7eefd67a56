"""What a lot is made of: its milligrams by origin.

Whole milligrams, largest remainder, ties by id, sums exact. The *set* of origins is kept apart (as
``traces``), so that nothing vanishes by rounding. Exact fractions are not used: in furnaces with
heels they grow without end.

Masses are whole grams, and shares are finer, because each of them is rounded. Were both grams, a lot of
60 % clean metal divided into lots of a gram would give 60 that are clean, and whoever joins those again
has metal without the rest.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.quantity import FINE, apportion
from ledger.register import Lot

MOST_SHARES = 100_000  # that one event may read and write


class Composition(NamedTuple):
    """``shares``: (origin, milligrams) ascending by origin, each above zero. ``traces``: origins in it
    whose share rounds to zero, ascending."""

    shares: tuple[tuple[str, int], ...]
    traces: tuple[str, ...]


NOTHING = Composition((), ())


class Part(NamedTuple):
    """What was taken from a lot of this composition. ``weight``: what it counts among the others, in
    milligrams."""

    weight: int
    composition: Composition


def pure(origin: str, grams: int) -> Composition:
    """Everything from one origin."""
    return Composition(((origin, FINE * grams),), ())


def share(composition: Composition, milligrams: int) -> Composition:
    """The composition of so much of a lot of this composition.

    >>> share(Composition((("a", 7000), ("b", 9000)), ()), 5000)
    Composition(shares=(('a', 2188), ('b', 2812)), traces=())
    """
    if not composition.shares:  # of a material that carries no origin
        return NOTHING
    return _settle(apportion(milligrams, composition.shares), composition.traces)


def in_grams(lot: Lot) -> Composition:
    """What a lot is made of as it is shown: in whole grams that sum to its mass, and as traces what rounds
    to none of them."""
    if not lot.composition:
        return NOTHING
    return _settle(apportion(lot.grams, lot.composition), lot.traces)


def shares_of(parts: Sequence[Part], outputs: int) -> int:
    """How many shares splitting the parts into so many outputs reads and writes."""
    origins: set[str] = set()
    count = 0
    for _, (shares, traces) in parts:
        count += len(shares) + len(traces)
        origins.update([origin for origin, _ in shares], traces)
    return count + outputs * len(origins)


def split(parts: Sequence[Part], outputs: Sequence[int]) -> tuple[Composition, ...]:
    """What each of the outputs (grams) is made of, all parts joined.

    One output after the other is drawn from what the ones before have left. So what an origin has in
    all outputs together is its share of the whole, however finely the whole is divided: a thousand
    outputs of a gram are not all of the greatest origin.
    """
    return _split(tuple(parts), tuple(outputs))


@lru_cache(maxsize=256)  # a press makes a thousand equal parts of one coil; an event may have as many lots
def _split(parts: tuple[Part, ...], outputs: tuple[int, ...]) -> tuple[Composition, ...]:
    weights: dict[str, int] = {}
    for part in parts:
        drawn = share(part.composition, part.weight)
        for origin, amount in drawn.shares:
            weights[origin] = weights.get(origin, 0) + amount
        for origin in drawn.traces:
            weights.setdefault(origin, 0)
    left = apportion(FINE * sum(outputs), sorted(weights.items()))
    made = []
    for grams in outputs:
        rows = apportion(FINE * grams, left)
        left = [(origin, had - got) for (origin, had), (_, got) in zip(left, rows, strict=True)]
        made.append(_settle(rows, ()))
    return tuple(made)


def _settle(rows: Sequence[tuple[str, int]], traces: tuple[str, ...]) -> Composition:
    kept = tuple([row for row in rows if row[1]])
    if len(kept) == len(rows):
        return Composition(kept, traces)
    lost = {origin for origin, grams in rows if not grams}
    return Composition(kept, tuple(sorted(lost.union(traces))))
