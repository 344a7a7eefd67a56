"""The form of the charter's catalogue: the data by which events are judged.

Decimals are text, so that no float is ever signed. ``ledger.rules.catalogue`` reads it as integers.
Besides its spelling the catalogue must hang together: a process or source that names a material, site
kind or role that the catalogue does not have is refused with the whole charter.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ledger import strictjson
from ledger.errors import Malformed
from ledger.events.common import (
    MAX_LIST,
    Amount,
    Material,
    Materials,
    Maybe,
    Model,
    Share,
    Text,
    Then,
    Token,
    Tokens,
    wrong,
)
from ledger.quantity import parse_ratio

ANY = "any"
"""As a site kind: every site kind. As the one input of a process: every material."""
SAME = "same"
"""As the one output of a process: the material of its inputs, which is then one only."""


def _ascending(limits: Sequence[str]) -> None:
    low, high = map(parse_ratio, limits)
    if low > high:
        raise Malformed("catalogue.limits", detail=f"{limits[0]} is above {limits[1]}")


Limits = Annotated[
    tuple[Amount, Amount],
    Field(strict=False, description="Lower and upper limit, both allowed."),
    Then(_ascending),
]


class MaterialEntry(Model):
    """``origin``: its lots carry grams by origin. ``metal_fraction``: aluminium per mass.
    ``max_alloy``: the greatest share of its mass that may be alloying metal, of a declared origin."""

    origin: bool
    metal_fraction: Share
    max_alloy: Maybe[Share] = None
    remark: Maybe[Text] = None


class ProcessEntry(Model):
    """What a process may take and make, and within which limits.

    ``ratio`` and ``monthly``: mass of the outputs with role product, net of heels, per mass of the
    inputs that carry origin, net of heels (``per`` = "input"), or the other way round ("output").
    ``tolerance``: share by which a reading may miss; ``monthly_tolerance`` that of a month's sum.
    ``max_loss``: the greatest share of what goes in, heels left out, that may be in no output.
    ``additions``: the greatest mass of each per mass of the outputs with role product.
    """

    site_kinds: Tokens
    inputs: Materials
    outputs: Materials
    by_products: Materials = ()
    per: Literal["input", "output"] = "input"
    ratio: Limits
    monthly: Limits
    tolerance: Share
    monthly_tolerance: Maybe[Share] = None
    max_loss: Maybe[Share] = None
    additions: Annotated[dict[Material, Amount], Field(max_length=MAX_LIST)] = Field(default_factory=dict)
    remark: Maybe[Text] = None


class SourceEntry(Model):
    """Where a kind of source may happen, and of what."""

    site_kinds: Tokens
    materials: Materials


class MarkEntry(Model):
    """``unique``: one party gives each value to one lot only."""

    unique: bool


class Tolerances(Model):
    """``receive``: share by which an arrival may differ from the shipment without a mark."""

    receive: Share


SourceKind = Literal["mine", "collection", "addition", "purchase", "opening", "gain"]


class Catalogue(Model):
    """Materials, processes, sources, marks, tolerances and the words for kinds and roles."""

    materials: Annotated[dict[Material, MaterialEntry], Field(min_length=1, max_length=1_000)]
    processes: Annotated[dict[Token, ProcessEntry], Field(max_length=MAX_LIST)]
    sources: dict[SourceKind, SourceEntry]
    marks: Annotated[dict[Token, MarkEntry], Field(max_length=MAX_LIST)]
    site_kinds: Tokens
    roles: Tokens
    certifier_role: Token
    tolerances: Tolerances
    max_delay_days: Annotated[int, Field(ge=1, le=36_500)]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for name, process in self.processes.items():
            at = f".processes.{name}"
            self._known_kinds(process.site_kinds, at)
            self._known_materials(process.inputs, at + ".inputs", ANY)
            self._known_materials(process.outputs, at + ".outputs", SAME)
            self._known_materials(process.by_products, at + ".by_products")
            self._known_materials(process.additions, at + ".additions")
            if not process.inputs or not process.outputs:
                raise wrong("catalogue.process", "a process needs inputs and outputs", at)
            for material in process.additions:
                if self.materials[material].origin:
                    raise wrong(
                        "catalogue.addition", f"{material} carries origin", f"{at}.additions.{material}"
                    )
        for kind, source in self.sources.items():
            self._known_kinds(source.site_kinds, f".sources.{kind}")
            self._known_materials(source.materials, f".sources.{kind}.materials", ANY)
        if self.certifier_role not in self.roles:
            raise wrong("catalogue.role", f"{self.certifier_role} is not in roles", ".certifier_role")
        return self

    def _known_kinds(self, kinds: Sequence[str], at: str) -> None:
        if kinds != (ANY,):
            for i, kind in enumerate(kinds):
                if kind not in self.site_kinds:
                    raise wrong(
                        "catalogue.site_kind", f"{kind} is not in site_kinds", f"{at}.site_kinds[{i}]"
                    )

    def _known_materials(self, names: Iterable[str], at: str, word: str | None = None) -> None:
        names = tuple(names)
        if names != (word,):
            for name in names:
                if name not in self.materials:
                    raise wrong("catalogue.material", f"{name} is not in materials", at)

    @property
    def text(self) -> str:
        """The catalogue's JSON: members in this model's order, absent ones left out."""
        return strictjson.dumps(self.model_dump(mode="json", exclude_unset=True)).decode()
