"""What a lot carries, and how it is shared out: docs/reference/claims.md, "The fold"."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from burdens import NONE, Burden
from method import MERIT, MODELS, RENEWABLE

Vector = dict[str, int]
Power = dict[tuple[str, str, str, str, str], int]
VECTORS = ("refinery", "smelter", "own_loop", "own_party")
DAY = 86_400


@dataclass(frozen=True)
class Visit:
    runs: tuple[tuple[int, int], ...]
    late: tuple[int, ...]
    materials: tuple[str, ...]
    first: int
    documents: int
    lag: int
    unbooked: tuple[int, ...]  # indices

    def with_(self, other: "Visit") -> "Visit":
        runs: list[tuple[int, int]] = []
        for begin, end in sorted(self.runs + other.runs):
            if runs and begin - runs[-1][1] <= DAY:
                begin, last = runs.pop()
                end = max(end, last)
            runs.append((begin, end))
        late = tuple(sorted({*self.late, *other.late}))[-100:]
        materials = tuple(sorted({*self.materials, *other.materials}))
        first, least = min(self.first, other.first), min(self.documents, other.documents)
        unbooked = tuple(sorted(self.unbooked + other.unbooked)[:1])
        return Visit(tuple(runs), late, materials, first, least, max(self.lag, other.lag), unbooked)


@dataclass(frozen=True)
class Account:
    vectors: dict[str, Vector] = field(default_factory=dict)  # none: it carries no origin
    cut_off: Burden = NONE
    by_mass: Burden = NONE
    power: Power = field(default_factory=dict)
    models: dict[str, tuple[int, int]] = field(default_factory=dict)  # how weak, and the index
    gaps: dict[tuple[str, str, str], int] = field(default_factory=dict)
    lacking: int = 0
    visits: dict[tuple[str, str, str, str], Visit] = field(default_factory=dict)

    def drawn(self, part: int, whole: int) -> "Account":
        """So many grams of it, of a lot of so many."""
        if part == whole:
            return self
        vectors = {name: scaled(vector, 1000 * part, 1000 * whole) for name, vector in self.vectors.items()}
        return replace(self.spread(part, whole), vectors=vectors)

    def weighing(self, weight: int, whole: int) -> "Account":
        """As much of it as it counts among others, in milligrams."""
        vectors = {name: scaled(vector, weight, whole) for name, vector in self.vectors.items()}
        return replace(self, vectors=vectors, lacking=-(-self.lacking * weight // whole))

    def spread(self, part: int, whole: int) -> "Account":
        """All but the vectors."""
        return replace(
            self,
            cut_off=self.cut_off.drawn(part, whole),
            by_mass=self.by_mass.drawn(part, whole),
            power={
                key: mwh * part // whole if key[1] in RENEWABLE else -(-mwh * part // whole)
                for key, mwh in self.power.items()
            },
            lacking=-(-self.lacking * part // whole),
        )


def scaled(vector: Vector, part: int, whole: int) -> Vector:
    if part == whole:
        return vector
    found = {label: mg * part // whole for label, mg in vector.items()}
    if left := part - sum(found.values()):
        found[min(found, key=lambda label: (MERIT.get(label.split(" ")[0], 6), label))] += left
    return found


def total(vectors: Iterable[dict]) -> dict:
    """Key by key."""
    found: dict = {}
    for vector in vectors:
        for key, amount in vector.items():
            found[key] = found.get(key, 0) + amount
    return found


def least(several: Iterable[dict[str, int]]) -> dict:
    """Of each key the least index."""
    found: dict = {}
    for one in several:
        for key, index in one.items():
            found[key] = min(index, found.get(key, index))
    return found


def weakest(several: Iterable[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for models in several:
        for process, (weak, index) in models.items():
            before = found.get(process, (weak, index))
            found[process] = max(before, (weak, index), key=lambda one: (one[0], -one[1]))
    return found


def visited(several: Iterable[dict]) -> dict:
    found: dict = {}
    for visits in several:
        for where, visit in visits.items():
            found[where] = found[where].with_(visit) if where in found else visit
    return found


def relabelled(vector: Vector, name: object) -> Vector:
    """The same milligrams under other labels."""
    assert callable(name)
    return total({name(label): mg} for label, mg in vector.items())


def weakness(model: str) -> int:
    return MODELS.index(model)
