"""What a lot is made of: its grams by origin.

Whole grams, largest remainder, ties by id, sums exact. The *set* of origins is kept apart (as
``traces``), so that nothing vanishes by rounding. Exact fractions are not used: in furnaces with
heels they grow without end.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger.quantity import apportion


class Composition(NamedTuple):
    """``grams``: (origin, grams) ascending by origin, each above zero. ``traces``: origins in it
    whose share rounds to zero, ascending."""

    grams: tuple[tuple[str, int], ...]
    traces: tuple[str, ...]


NOTHING = Composition((), ())


class Part(NamedTuple):
    """Grams taken from a lot of this composition."""

    grams: int
    composition: Composition


def pure(origin: str, grams: int) -> Composition:
    """Everything from one origin."""
    return Composition(((origin, grams),), ())


def share(composition: Composition, grams: int) -> Composition:
    """The composition of ``grams`` taken from a lot of this composition.

    >>> share(Composition((("a", 7), ("b", 9)), ()), 5)
    Composition(grams=(('a', 2), ('b', 3)), traces=())
    """
    return _settle(apportion(grams, composition.grams), composition.traces)


def blend(parts: Iterable[Part], grams: int) -> Composition:
    """The composition of ``grams`` of what the parts became together, each weighing by its mass."""
    weights: dict[str, int] = {}
    for part in parts:
        for origin, amount in share(part.composition, part.grams).grams:
            weights[origin] = weights.get(origin, 0) + amount
        for origin in (*part.composition.traces, *(origin for origin, _ in part.composition.grams)):
            weights.setdefault(origin, 0)
    return _settle(apportion(grams, sorted(weights.items())), ())


def _settle(rows: Iterable[tuple[str, int]], traces: Iterable[str]) -> Composition:
    rows = list(rows)
    kept = tuple((origin, grams) for origin, grams in rows if grams)
    lost = {origin for origin, grams in rows if not grams}
    return Composition(kept, tuple(sorted(lost.union(traces))))
