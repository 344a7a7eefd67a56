"""The charter's catalogue as the rules read it: integers, sets and lookups.

Every limit is data of the charter in force, never a constant in code. Ratios, shares and caps are in
millionths.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError

from ledger import strictjson
from ledger.errors import Malformed
from ledger.events import catalogue as form
from ledger.events.catalogue import ANY, SAME
from ledger.events.problems import problems_of
from ledger.quantity import MILLION, parse_ratio


class Limits(NamedTuple):
    """Both ends are allowed; in millionths."""

    low: int
    high: int


class Material(NamedTuple):
    """``origin``: its lots carry grams by origin. ``metal``: millionths of its mass that are aluminium.
    ``max_alloy``: millionths of it that may be alloying metal; all, where the catalogue does not say."""

    origin: bool
    metal: int
    max_alloy: int


class Process(NamedTuple):
    """What a process may take and make. ``additions``: cap of each, millionths of the products' mass.

    ``ratio`` (one event) and ``monthly`` (a month's sums) are products per input, or where
    ``per_output`` inputs per product. ``max_loss``: millionths of what goes in that may be in no output; None
    where the catalogue does not say.
    """

    site_kinds: frozenset[str]
    inputs: frozenset[str]
    outputs: frozenset[str]
    by_products: frozenset[str]
    per_output: bool
    ratio: Limits
    monthly: Limits
    tolerance: int
    monthly_tolerance: int
    max_loss: int | None
    additions: Mapping[str, int]

    def works_at(self, kinds: Collection[str]) -> bool:
        """Whether a site of these kinds can run it."""
        return _at(self.site_kinds, kinds)

    def takes(self, material: str) -> bool:
        """Whether a lot of this material may be an input."""
        return material in self.inputs or ANY in self.inputs

    def makes(self, material: str, taken: Collection[str]) -> bool:
        """Whether lots of the materials ``taken`` may become a product or a heel of this one."""
        return material in self.outputs or (SAME in self.outputs and set(taken) == {material})

    def keeps(self, material: str) -> bool:
        """Whether a lot of this material is already what the process makes: a heel or an ingot in a furnace,
        but not the scrap or the alumina."""
        return self.makes(material, (material,))

    def weights(self, parts: Sequence[tuple[str, int]], out: int) -> list[int]:
        """How much each part (material, milligrams) counts in the ``out`` milligrams that come of them all.

        By its mass, as long as only what the process keeps goes in, or only what it is yet to turn into that.
        Where they are joined, by the most that can come of it: a kilogram of alumina is no kilogram of metal.
        But what comes out beyond what was kept, by-products too, came of the others: the kept does not grow.
        """
        kept = [self.keeps(material) for material, _ in parts]
        if all(kept) or not any(kept):
            return [mass for _, mass in parts]
        others = sum(mass for (_, mass), stays in zip(parts, kept, strict=True) if not stays)
        beyond = out - sum(mass for (_, mass), stays in zip(parts, kept, strict=True) if stays)
        return [
            mass if stays else min(mass, max(1, self.most(mass), -(-mass * beyond // others)))
            for (_, mass), stays in zip(parts, kept, strict=True)
        ]

    def yields(self, material: str, taken: Collection[str]) -> bool:
        """Whether this may be a by-product, whatever was taken."""
        return material in self.by_products

    def in_limits(self, into: int, out: int, limits: Limits) -> bool:
        """Whether the ratio of two masses lies within the limits, exactly.

        ``into``: grams of the inputs that carry origin, ``out``: grams of the products that do, both
        net of heels. Nothing into something, and something into nothing, is within no limits.
        """
        if into <= 0 or out <= 0:
            return False
        share, whole = (into, out) if self.per_output else (out, into)
        return limits.low * whole <= share * MILLION <= limits.high * whole

    @property
    def adds(self) -> bool:
        """Whether additions end up in its products: it may give more than went in."""
        return not self.per_output and self.ratio.high > MILLION

    def most(self, into: int) -> int:
        """The most of products from so much of inputs, in the same unit: never more than went in."""
        if self.per_output:
            return min(into, into * MILLION // max(self.ratio.low, 1))
        return min(into, into * self.ratio.high // MILLION)

    def cap(self, addition: str, made: int) -> int:
        """The most grams of an addition for so many grams of products; 0 where it is none."""
        return made * self.additions.get(addition, 0) // MILLION


class Source(NamedTuple):
    """Where a kind of source may happen, and of what."""

    site_kinds: frozenset[str]
    materials: frozenset[str]

    def works_at(self, kinds: Collection[str]) -> bool:
        """Whether it may happen at a site of these kinds."""
        return _at(self.site_kinds, kinds)

    def brings(self, material: str) -> bool:
        """Whether it may bring this material."""
        return material in self.materials or ANY in self.materials


class Catalogue(NamedTuple):
    """``marks``: name → whether its values are unique. ``receive_tolerance``: millionths by which an
    arrival may differ from the shipment without a mark."""

    materials: Mapping[str, Material]
    processes: Mapping[str, Process]
    sources: Mapping[str, Source]
    marks: Mapping[str, bool]
    site_kinds: frozenset[str]
    roles: frozenset[str]
    certifier_role: str
    receive_tolerance: int
    max_delay_days: int

    @staticmethod
    def parse(text: str) -> "Catalogue":
        """The catalogue of its JSON text; the same text is read once.

        Raises ``Malformed``: ``json.*``, ``event.*`` for its form, ``catalogue.*`` where it does not
        hang together.
        """
        return _parse(text)


@lru_cache(maxsize=32)
def _parse(text: str) -> Catalogue:
    value = strictjson.loads(text.encode())
    try:
        return _read(form.Catalogue.model_validate(value))
    except ValidationError as found:
        first = problems_of(found)[0]
        raise Malformed(first.code, first.path, first.detail) from None


def _read(read: form.Catalogue) -> Catalogue:
    return Catalogue(
        {name: _material(material) for name, material in read.materials.items()},
        {name: _process(process) for name, process in read.processes.items()},
        {kind: Source(frozenset(s.site_kinds), frozenset(s.materials)) for kind, s in read.sources.items()},
        {name: mark.unique for name, mark in read.marks.items()},
        frozenset(read.site_kinds),
        frozenset(read.roles),
        read.certifier_role,
        parse_ratio(read.tolerances.receive),
        read.max_delay_days,
    )


def _material(read: form.MaterialEntry) -> Material:
    return Material(read.origin, parse_ratio(read.metal_fraction), parse_ratio(read.max_alloy or "1"))


def _process(read: form.ProcessEntry) -> Process:
    return Process(
        frozenset(read.site_kinds),
        frozenset(read.inputs),
        frozenset(read.outputs),
        frozenset(read.by_products),
        read.per == "output",
        Limits(*map(parse_ratio, read.ratio)),
        Limits(*map(parse_ratio, read.monthly)),
        parse_ratio(read.tolerance),
        parse_ratio(read.monthly_tolerance or read.tolerance),
        None if read.max_loss is None else parse_ratio(read.max_loss),
        {material: parse_ratio(cap) for material, cap in read.additions.items()},
    )


def _at(wanted: frozenset[str], kinds: Collection[str]) -> bool:
    return ANY in wanted or not wanted.isdisjoint(kinds)
