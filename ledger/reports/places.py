"""A vector of shares by place, as reports need it: ranked by country, with what is not known set apart."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.claims.document import Claims, Place, Ref
from ledger.claims.shares import DARK
from ledger.policy.chain import declared, is_told, unsettled
from ledger.policy.finding import Ask
from ledger.reports import words
from ledger.reports.common import event_of, whom
from ledger.reports.report import Column, Line, Row, Table

PLACELESS = {
    "collection": "Collected scrap",
    "collected": "Collected scrap",
    "addition": "Alloying metals",
    "alloy": "Alloying metals",
    "added": "Added by processes, no aluminium",
    "none": "Not smelted or cast",
}
"""Mass of these kinds has, by its nature, no place of this sort; all else without a country is unknown."""

COLUMNS = (
    Column("what", "What"),
    Column("country", "Country"),
    Column("subdivision", "Subdivision"),
    Column("place", "Place"),
    Column("mass", "Mass", True),
    Column("share", "Share", True),
)


class Country(NamedTuple):
    """Mass by country. ``source``: an event at the place there that gave most."""

    code: str
    mg: int
    source: Ref | None


class Ranking(NamedTuple):
    """``known``: most mass first. ``hidden``: mass whose country is not known; ``traces``: hidden origins
    of less than a milligram each."""

    known: tuple[Country, ...]
    hidden: int
    traces: int

    @property
    def unknown(self) -> bool:
        """Something of it is not known."""
        return self.hidden > 0 or self.traces > 0

    def settled(self, rank: int) -> bool:
        """The country at this rank stays there, whatever the unknown mass turns out to be."""
        mass = [country.mg for country in self.known] + [0]
        upper = all(mass[n] > mass[n + 1] + self.hidden for n in range(min(rank, len(self.known))))
        return rank < len(self.known) and upper and mass[rank] > mass[rank + 1] + self.hidden


def known(place: Place, kinds: Sequence[str]) -> bool:
    """The place is one of these kinds, and its country is known."""
    return place.kind in kinds and bool(place.country) and not unsettled(place)


def ranking(claims: Claims, places: Sequence[Place], kinds: Sequence[str]) -> Ranking:
    """The countries of the places of these kinds."""
    mass: dict[str, int] = {}
    top: dict[str, Place] = {}
    for place in places:
        if known(place, kinds):
            mass[place.country] = mass.get(place.country, 0) + place.mg
            if place.country not in top or place.mg > top[place.country].mg:
                top[place.country] = place
    order = sorted(mass, key=lambda code: (-mass[code], code))
    countries = tuple(Country(code, mass[code], event_at(claims, top[code])) for code in order)
    hidden = [place for place in places if is_hidden(place, kinds)]
    return Ranking(countries, sum(place.mg for place in hidden), sum(place.trace for place in hidden))


def event_at(claims: Claims, place: Place) -> Ref | None:
    """The first event by which metal came from, or through, the place."""
    begins = {"mine": "source:mine", "collection": "source:collection", "collected": "source:collection"}
    if place.kind in begins:
        return event_of(claims, place.site, lambda step: step.process == begins[place.kind])
    if place.kind == "smelter":
        return event_of(claims, place.site, lambda step: step.process.startswith("electrolysis"))
    return event_of(claims, place.site, lambda step: not step.process.startswith("source:"))


def is_hidden(place: Place, kinds: Sequence[str]) -> bool:
    """There should be a place of these kinds, but its country is not known."""
    if place.kind in PLACELESS:
        return place.kind in kinds and bool(unsettled(place) or not is_told(place))
    return not known(place, kinds)


def unknown_row(claims: Claims, places: Sequence[Place], kinds: Sequence[str], key: str, label: str) -> Row:
    """The unknown share: exact, never rounded away, and a missing field unless it is nothing."""
    hidden = [place for place in places if is_hidden(place, kinds)]
    mg = sum(place.mg for place in hidden)
    if not hidden or not (mg or any(place.trace for place in hidden)):
        return Row(key, label, "none")
    why = sorted({_why(place) for place in hidden})
    text = words.share(claims, hidden, up=True)
    brought = declared(claims, (place.why for place in hidden))
    source = brought[0].first if brought else None
    ask = Ask(whom_of_unknown(claims, hidden), f"where this metal is from ({'; '.join(why)})")
    return Row(key, label, f"{text} ({words.kg(mg)})", source, "; ".join(why), missing=True, ask=ask)


def whom_of_unknown(claims: Claims, hidden: Sequence[Place]) -> str:
    """Whom to ask where metal is from: who brought it without saying so, else whoever made the subject."""
    brought = [step.party for step in declared(claims, (place.why for place in hidden)) if step.party]
    if brought:
        return " and ".join(words.party(claims, party) for party in dict.fromkeys(brought))
    return whom(claims, hidden[0].site, hidden[0].party) if hidden else whom(claims)


def _why(place: Place) -> str:
    lost = unsettled(place)
    return f"{place.site}: {lost}" if lost else place.why or words.word(place.kind)


def placeless_rows(claims: Claims, places: Sequence[Place]) -> tuple[Row, ...]:
    """The mass that has no such place by its nature, by what it is."""
    found: dict[str, Row] = {}
    for label in dict.fromkeys(PLACELESS.values()):
        those = [
            place for place in places if PLACELESS.get(place.kind) == label and (place.mg or place.trace)
        ]
        if those:
            mg = sum(place.mg for place in those)
            key = label.partition(",")[0].lower().replace(" ", "_")
            found[label] = Row(key, label, f"{words.share(claims, those)} ({words.kg(mg)})")
    return tuple(found.values())


def table(claims: Claims, places: Sequence[Place], key: str, caption: str, origin: bool = False) -> Table:
    """All places, most mass first; traces are listed too. ``origin``: places where metal begins, so that
    scrap has one too: where it was collected."""
    order = sorted(places, key=lambda place: (-place.mg, place.country, place.kind, place.site, place.why))
    lines = tuple(Line(_cells(claims, place, origin), event_at(claims, place)) for place in order)
    return Table(key, caption, COLUMNS, lines, "not shown")


def _cells(claims: Claims, place: Place, origin: bool) -> tuple[str, ...]:
    placeless = place.kind in PLACELESS and not (origin and place.country)
    what = PLACELESS[place.kind].lower() if place.kind in PLACELESS else words.word(place.kind)
    country = "not applicable" if placeless else place.country or "unknown"
    if not placeless and unsettled(place):
        country = f"unknown ({place.country})"
    subdivision = "" if placeless else place.subdivision
    where = place.site or place.why
    share = words.share(claims, [place], up=place.kind in DARK)
    return (what, country, subdivision, where, words.kg(place.mg), share)


def rest_row(claims: Claims, places: Sequence[Place], key: str) -> tuple[Row, ...]:
    """A missing field if the places do not make up the whole mass."""
    gap = claims.grams * 1_000 - sum(place.mg for place in places)
    if gap == 0 or not places:
        return ()
    ask = Ask(whom(claims), "a document whose shares make up the whole mass")
    mass = words.kg(gap) if gap > 0 else f"-{words.kg(-gap)}"
    return (Row(key, "Mass that is not accounted for", mass, missing=True, ask=ask),)
