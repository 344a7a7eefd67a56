"""places: nothing comes from, or went through, listed places and parties."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from ledger.claims.document import Claims, Place, Ref, Step
from ledger.policy.chain import bringers, codes, complete, declared, is_told, mend, nowhere
from ledger.policy.finding import Ask, Outcome, failed, passed, unproven
from ledger.policy.requirement import (
    Countries,
    Ids,
    Requirement,
    Subdivisions,
    called,
    hidden,
    seller,
    show_more,
    some,
)
from ledger.policy.schemes import Scheme
from ledger.quantity import counted

Where = Literal["origins", "refineries", "smelters", "casts", "steps"]
NO_METAL = ("added",)
ELSEWHERE = ("added", "none", "collected", "collection", "alloy", "addition")
NO_PLACE = {"origins": NO_METAL, "refineries": ELSEWHERE, "smelters": ELSEWHERE, "casts": ELSEWHERE}
"""Kinds of rows that are no place: material without origin (adhesive, paint, steel), and in the later lists
also what was not refined, smelted or cast here: scrap and alloying metals."""


class Places(Requirement):
    """No origin, refinery, smelter, casthouse or step lies in a forbidden country or subdivision, is a
    forbidden site, or belongs to a forbidden party. Any share counts, a trace too. Metal of unknown
    origin fails: nobody can say that it is not from there; a site whose country or subdivision is a code
    of no place is unknown too, and a declared source where no alloying metal is made, such as a
    warehouse. A site is in each place, and of each operator, of which it was registered since metal was
    there. A subdivision can only be excluded where the site's subdivision is given."""

    kind: Literal["places"]
    countries: Countries = Field((), description="Forbidden countries, ISO 3166-1 alpha-2.")
    subdivisions: Subdivisions = Field((), description='Forbidden subdivisions, ISO 3166-2 such as "CN-XJ".')
    sites: Ids = Field((), description="Forbidden sites.")
    parties: Ids = Field((), description="Forbidden parties.")
    where: Annotated[tuple[Where, ...], Field(min_length=1, strict=False)] = Field(
        ("origins", "refineries", "smelters", "casts", "steps"), description="What is looked at."
    )

    any_of: ClassVar[tuple[str, ...]] = ("countries", "subdivisions", "sites", "parties")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        points = [point for where in self.where for point in _points(claims, where)]
        bad = [(point, why) for point in points if (why := self._forbidden(point.row))]
        if bad:
            said = [f"{point.where}: {_name(claims, point)} is {why}" for point, why in bad]
            return failed(
                some(said) + ".", _events(point for point, _ in bad), _asked(self, claims, bad[0][0])
            )
        unknown = [point for point in points if point.kind == "unknown"]
        lost = [point for point in points if nowhere(point.row)]
        if unknown or lost:
            said = [f"{point.where}: {point.why or 'unknown'}" for point in unknown]
            said += [f"{point.where}: {_name(claims, point)}: {nowhere(point.row)}" for point in lost]
            what = self.ask or "Say where this metal comes from, with the supplier's records."
            brought = declared(claims, (point.why for point in unknown))
            return failed(
                f"Nobody knows where a part of the metal is from ({some(said)}); it may be from there.",
                _events(lost) + [step.first for step in brought],
                [Ask(party, what) for party in bringers(claims, brought) if unknown]
                + [Ask(point.row.party or point.row.site, self.ask or mend(point.row)) for point in lost],
            )
        empty = [where for where in self.where if not getattr(claims, where)]
        blind = [point for point in points if self._blind(point)]
        if blind or empty or hidden(claims, "ancestry"):
            said = [f"{point.where}: {_name(claims, point)}" for point in blind] + [
                f"{e}: none" for e in empty
            ]
            bare = [point.row for point in blind if point.row.site and point.kind != "unproven"]
            return unproven(
                "Not every place on the way is shown" + (f" ({some(said)})." if said else "."),
                _events(blind),
                [Ask(row.party or row.site, self.ask or complete(row)) for row in bare]
                or [show_more(claims, "every place on the way, with country and subdivision")],
            )
        return passed(f"{counted(len(points), 'place')} on the way, none of them forbidden.")

    def _forbidden(self, row: Place | Step) -> str:
        inside = codes(row)
        for code in (*self.countries, *self.subdivisions):
            if code in inside:
                return f"in {code}"
        if row.site in self.sites:
            return "a forbidden site"
        return "" if {row.party, *row.also}.isdisjoint(self.parties) else "of a forbidden party"

    def _blind(self, point: "Point") -> bool:
        """Whether what is shown of a place does not tell if it is forbidden."""
        row, countries = point.row, {subdivision[:2] for subdivision in self.subdivisions}
        return (
            point.kind == "unproven"
            or (isinstance(row, Place) and not is_told(row))
            or (bool(self.countries or self.subdivisions) and not row.country)
            or (row.country in countries and not row.subdivision)
            or (bool(self.sites) and not row.site)
            or (bool(self.parties) and not row.party)
        )


class Point(NamedTuple):
    """One row of the list ``where``."""

    where: str
    row: Place | Step

    @property
    def kind(self) -> str:
        """Of the place; of a step its process."""
        return self.row.kind if isinstance(self.row, Place) else self.row.process

    @property
    def why(self) -> str:
        """What is known of a place instead of its site."""
        return self.row.why if isinstance(self.row, Place) else ""


def _points(claims: Claims, where: str) -> list[Point]:
    if where == "steps":
        return [Point(where, step) for step in claims.steps]
    places = getattr(claims, where)
    return [Point(where, place) for place in places if place.kind not in NO_PLACE[where] or place.country]


def _events(points: Iterable[Point]) -> list[Ref]:
    return [point.row.first for point in points if isinstance(point.row, Step)]


def _name(claims: Claims, point: Point) -> str:
    return called(claims, point.row.site) if point.row.site else point.why or point.kind


def _asked(wanted: Requirement, claims: Claims, point: Point) -> list[Ask]:
    what = wanted.ask or "Deliver metal that did not pass through this place, or have the record corrected."
    return [Ask(point.row.party or seller(claims), what)]
