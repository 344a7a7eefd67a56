"""fields: the data that somebody must hand in are there."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic_core import PydanticCustomError

from ledger.claims.document import Claims, Place, Step
from ledger.events.common import Says, Then
from ledger.policy import figures
from ledger.policy.chain import mend, unsettled
from ledger.policy.finding import Ask, Outcome, passed, unproven
from ledger.policy.kinds.places import NO_PLACE
from ledger.policy.requirement import MOST, Requirement, called, hidden, seller, some
from ledger.policy.schemes import Scheme
from ledger.quantity import counted

AREA = {
    "accounts": "accounts",
    "attestations": "attestations",
    "instruments": "instruments",
    "months": "months",
    "brought": "months",
    "fates": "fates",
    "marks": "standing",
    "left": "standing",
    "holder": "standing",
    "owner": "standing",
}
"""What part of ``unshown`` hides a member; the others are hidden with the ancestry."""


def known(path: str) -> None:
    """Refuses a path that the claims document has not."""
    model: Any = Claims
    for name in path.split("."):
        fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
        if name not in fields:
            sentence = f"there is no {path} in a claims document"
            raise PydanticCustomError("policy.value", "{sentence}", {"sentence": sentence})
        model = next((one for one in _inside(fields[name].annotation)), None)


def _inside(annotation: Any) -> list[type[BaseModel]]:
    """The models that a member's type names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _inside(part)]


Path = Annotated[
    str,
    Field(pattern=r"^[a-z_]+(?:\.[a-z_]+){0,3}$"),
    Says('must be a path in the claims document such as "smelters.country"'),
    Then(known),
]


class Fields(Requirement):
    """Each member of the claims document that is named is there: not empty, not zero for a mass or year,
    not false; in each row of a list. Rows of material that carries no origin are passed over, and among
    refineries, smelters and casthouses rows of scrap and alloying metal too. A country or subdivision whose
    code is of no place is not there. ``complete``: no data that the footprint method demands may be
    missing."""

    kind: Literal["fields"]
    fields: Annotated[tuple[Path, ...], Field(min_length=1, max_length=MOST, strict=False)] = Field(
        description='Paths such as "material" or "smelters.country".'
    )
    complete: bool = Field(False, description="Whether gaps in the footprint's data are named too.")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        lacks = [path for path in self.fields if self._lacks(claims, path)]
        lost = {row.site: row for path in self.fields for row in _lost(claims, path)}
        gaps = claims.gaps if self.complete else ()
        if not lacks and not lost and not gaps:
            return passed(f"{counted(len(self.fields), 'field')}, all there.")
        said = lacks + [f"{called(claims, row.site)}: {unsettled(row)}" for row in lost.values()]
        said += [figures.lack(claims, gap) for gap in gaps]
        what = self.ask or "Provide the field"
        return unproven(
            f"Missing: {some(said, 10)}.",
            [gap.event for gap in gaps],
            [Ask(seller(claims), f"{what}: {path}.") for path in lacks]
            + [Ask(row.party or row.site, mend(row)) for row in lost.values()]
            + [figures.ask(gap, None) for gap in gaps],
        )

    def _lacks(self, claims: Claims, path: str) -> bool:
        top, *rest = path.split(".")
        if hidden(claims, AREA.get(top, "ancestry")):
            return True
        value = getattr(claims, top)
        if top in NO_PLACE:
            value = tuple(row for row in value if row.kind not in NO_PLACE[top])
        return _empty(value, rest, top)


def _lost(claims: Claims, path: str) -> list[Place | Step]:
    """The rows in which the path leads to a code of no place."""
    top, _, member = path.partition(".")
    rows = getattr(claims, top) if member in ("country", "subdivision") else ()
    passed_over = NO_PLACE.get(top, ())
    return [row for row in rows if unsettled(row) and getattr(row, "kind", "") not in passed_over]


def _empty(value: Any, rest: list[str], name: str) -> bool:
    if isinstance(value, tuple):
        return not value or any(_empty(one, rest, name) for one in value)
    if rest and value is not None:
        return _empty(getattr(value, rest[0]), rest[1:], rest[0])
    if isinstance(value, int) and not isinstance(value, bool):
        return value == 0 and name in ("grams", "year")
    return not value and not isinstance(value, BaseModel)
