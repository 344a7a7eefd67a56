"""Which steps of the chain a requirement is about."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from ledger.claims import shares
from ledger.claims.bounded import ANY_UNIT
from ledger.claims.document import Claims, Place, Ref, Step
from ledger.claims.shares import DARK
from ledger.events.common import Model
from ledger.policy.countries import countries, names, no_place
from ledger.policy.finding import Ask, Outcome, unproven
from ledger.policy.requirement import Ids, Labels, Materials, Processes, Tokens, seller, show_more

Stage = Literal[
    "mining", "collecting", "buying", "alloying", "refining", "smelting", "casting", "rolling", "forming",
    "assembly", "handling",
]  # fmt: skip

STAGES: dict[str, tuple[str, ...]] = {
    "mining": ("source:mine",),
    "collecting": ("source:collection",),
    "buying": ("source:purchase", "source:opening", "source:gain"),
    "alloying": ("source:addition",),
    "refining": ("refine",),
    "smelting": ("electrolysis", "electrolysis_inert"),
    "casting": ("cast", "remelt", "dross_recovery"),
    "rolling": ("saw", "scalp", "roll", "slit"),
    "forming": ("blank", "stamp"),
    "assembly": ("join", "paint"),
    "handling": ("blend", "bin", "bale", "shred"),
}
"""The stages' processes, by the names of the catalogue that is shipped; a policy may name others itself."""

ORDER = ("mining", "refining", "smelting", "casting", "rolling", "forming", "assembly")
"""From the ground to the part."""

ALLOY = "addition"
SCRAP = "collected"
MADE_AT = frozenset(("alloy_plant", "anode_plant", "mine", "smelter"))
"""Kinds of sites where alloying metal is made: what lies in a warehouse was made somewhere else."""

CORRECT = "Have the registrar correct the country and subdivision of this site."
DECLARE = "Name the plant that made this alloying metal as its origin, and have it registered."
STATE = "Have the registrar add the country and subdivision of this site."
WHENCE = "Say where the metal of unknown origin comes from, with the supplier's records."
SHOW = "Show by documents where this site was when the metal was there."


class Of(Model):
    """Which steps. Each list that is given must hold the step's own value; no list: every step."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1, strict=False)] | None = Field(
        None, description="Stages of the chain, each a few processes."
    )
    processes: Processes | None = Field(None, description='Processes, or sources as "source:mine".')
    kinds: Tokens | None = Field(None, description="Kinds of sites, of which the site has at least one.")
    sites: Ids | None = Field(None, description="Sites.")
    parties: Ids | None = Field(None, description="Parties that operate the sites.")
    units: Labels | None = Field(None, description="Units: furnaces, lines, presses.")
    materials: Materials | None = Field(None, description="Materials, of which the step made at least one.")

    def holds(self, step: Step) -> bool:
        """Whether the step is meant."""
        wanted = self.wanted()
        return (
            (wanted is None or step.process in wanted)
            and (self.kinds is None or not set(self.kinds).isdisjoint((*step.kinds, *step.also)))
            and (self.sites is None or step.site in self.sites)
            and (self.parties is None or step.party in self.parties)
            and (self.units is None or step.unit in self.units or step.unit == ANY_UNIT)
            and (self.materials is None or not set(self.materials).isdisjoint(step.materials))
        )

    def wanted(self) -> frozenset[str] | None:
        """The processes of the stages and the processes named; None if neither restricts."""
        if self.stages is None and self.processes is None:
            return None
        staged = (process for stage in self.stages or () for process in STAGES[stage])
        return frozenset((*staged, *(self.processes or ())))

    def steps(self, claims: Claims) -> list[Step]:
        """The steps that are meant, in the document's order."""
        return [step for step in claims.steps if self.holds(step)]

    def begins(self) -> bool:
        """Whether sources may be meant, so that metal of unknown origin hides steps that are meant too."""
        wanted = self.wanted()
        narrow = self.sites or self.parties or self.units or self.materials
        if wanted is not None:
            return any(process.startswith("source:") for process in wanted)
        return not narrow and (self.kinds is None or "mine" in self.kinds)


def none_such(claims: Claims) -> Outcome:
    """The chain is shown, and has no step that is meant."""
    asked = show_more(claims, "the steps that this asks about")
    return unproven("The chain has no step that this asks about.", ask=[asked])


def dark(claims: Claims) -> list[Place]:
    """Shares of the lot whose origin is unknown or was not shown, traces too."""
    return [
        place
        for place in claims.origins
        if (place.kind in DARK or nowhere(place)) and (place.mg or place.ppm or place.trace)
    ]


def nowhere(place: Place | Step) -> str:
    """Why the place is none that metal can have begun at, so that its origin is unknown; else ""."""
    lost = no_place(place.country, place.subdivision)
    if lost or not isinstance(place, Place) or place.kind != ALLOY or not place.kinds:
        return lost
    made = MADE_AT.intersection(place.kinds)
    if not made:
        return f"no alloying metal is made at a {' and '.join(place.kinds)}"
    return "" if made.difference(place.also) else f"it was no {' or '.join(sorted(made))} before"


def unsettled(place: Place | Step) -> str:
    """Why one cannot tell where the place was: it is ``nowhere``, or was registered elsewhere when metal was
    there; else ""."""
    own = names(place.country, place.subdivision)
    others = [code for code in place.also if code[:2] in countries() and code not in own]
    return nowhere(place) or (f"it was registered in {' and '.join(others)} before" if others else "")


def codes(place: Place | Step) -> frozenset[str]:
    """All codes under which the place may be listed, those of its earlier registrations too."""
    also = (names(code[:2], code if code[2:] else "") for code in place.also if code[:2].isupper())
    return names(place.country, place.subdivision).union(*also)


def is_told(place: Place) -> bool:
    """Whether what is shown of an origin tells where it is. An addition names its origin itself: a name that
    no site has, or a site of which no kind is shown, says nothing."""
    return place.kind != ALLOY or bool(place.site and place.kinds)


def declared(claims: Claims, unknown: Iterable[str]) -> list[Step]:
    """The steps that brought metal of unknown origin, in the log's order. ``unknown``: why it is so, such as
    ``opening``; or the model ``book_and_claim``, by which it was only claimed."""
    reasons = set(unknown)
    wanted = {f"source:{why}" for why in reasons}
    wanted |= {one.process for one in claims.models if one.model in reasons}
    return sorted((s for s in claims.steps if s.process in wanted), key=lambda step: step.first.index)


def whence(
    claims: Claims, places: Iterable[Place], own: str | None, usual: str
) -> tuple[list[Ref], list[Ask]]:
    """The events that brought what is of unknown origin among these places, and whom to ask about it; and
    whom about places that are ``nowhere``."""
    rows = list(places)
    unknown = [one for one in rows if one.kind == "unknown"]
    brought = declared(claims, (one.why for one in unknown))
    asks = [Ask(one.party or one.site, own or mend(one)) for one in rows if nowhere(one)]
    if unknown:
        asks += [Ask(party, own or usual) for party in bringers(claims, brought)]
    return [step.first for step in brought], asks


def bringers(claims: Claims, brought: Iterable[Step]) -> list[str]:
    """Whom to ask about the metal that these steps brought; the holder, where they tell of nobody."""
    return [step.party for step in brought if step.party] or [seller(claims)]


def heaviest(claims: Claims) -> list[Ref]:
    """What to cite where a figure of the whole lot fails: the first events of the smelting behind the
    greatest share of the metal, or of what brought that share where its smelter is unknown; of collected
    scrap only where there is nothing else."""
    ranked = sorted(claims.smelters, key=lambda one: (one.kind == SCRAP, -shares.amount(claims, [one])))
    for place in ranked:
        processes = {"smelter": STAGES["smelting"], SCRAP: STAGES["collecting"]}.get(place.kind, ())
        steps = [step for step in claims.steps if step.site == place.site and step.process in processes]
        if found := steps or declared(claims, [place.why]):
            return [step.first for step in found]
    return []


def mend(place: Place | Step) -> str:
    """What to ask the operator of a place that is ``unsettled``."""
    if no_place(place.country, place.subdivision):
        return CORRECT
    return DECLARE if nowhere(place) else SHOW


def complete(place: Place | Step) -> str:
    """What to ask the operator of a place that is shown, and not where it is."""
    return STATE if isinstance(place, Step) or is_told(place) else DECLARE
