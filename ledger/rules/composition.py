"""What a lot is made of: its grams by origin.

Whole grams, largest remainder, ties by id, sums exact. The *set* of origins is kept apart (as
``traces``), so that nothing vanishes by rounding. Exact fractions are not used: in furnaces with
heels they grow without end.
"""

from collections.abc import Sequence
from functools import lru_cache
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
    if not composition.grams:  # of a material that carries no origin
        return NOTHING
    return _settle(apportion(grams, composition.grams), composition.traces)


def split(parts: Sequence[Part], outputs: Sequence[int]) -> tuple[Composition, ...]:
    """What each of the outputs (grams) is made of, all parts joined, each weighing by its mass.

    One output after the other is drawn from what the ones before have left. So what an origin has in
    all outputs together is its share of the whole, however finely the whole is divided: a thousand
    outputs of a gram are not all of the greatest origin.
    """
    return _split(tuple(parts), tuple(outputs))


@lru_cache(maxsize=256)  # a press makes a thousand equal parts of one coil; an event may have as many lots
def _split(parts: tuple[Part, ...], outputs: tuple[int, ...]) -> tuple[Composition, ...]:
    weights: dict[str, int] = {}
    for part in parts:
        drawn = share(part.composition, part.grams)
        for origin, amount in drawn.grams:
            weights[origin] = weights.get(origin, 0) + amount
        for origin in drawn.traces:
            weights.setdefault(origin, 0)
    left = apportion(sum(outputs), sorted(weights.items()))
    made = []
    for grams in outputs:
        rows = apportion(grams, left)
        left = [(origin, had - got) for (origin, had), (_, got) in zip(left, rows, strict=True)]
        made.append(_settle(rows, ()))
    return tuple(made)


def _settle(rows: Sequence[tuple[str, int]], traces: tuple[str, ...]) -> Composition:
    kept = tuple([row for row in rows if row[1]])
    if len(kept) == len(rows):
        return Composition(kept, traces)
    lost = {origin for origin, grams in rows if not grams}
    return Composition(kept, tuple(sorted(lost.union(traces))))
