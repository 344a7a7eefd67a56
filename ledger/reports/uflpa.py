"""The pack for a customs review under the Uyghur Forced Labor Prevention Act: the whole chain, tier by tier.

A flow chart of the tiers, who worked where, the hashes of the documents behind each tier, and what is
missing. Which regions and parties are listed is a parameter that the report prints; any share counts.
Metal of unknown origin, a place whose subdivision is not stated in a country with a listed subdivision, or
one whose codes name no place, is never taken for clean.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.claims.document import Attestation, Claims, Document, Place, Ref, Step
from ledger.policy.chain import ORDER as STAGE_ORDER
from ledger.policy.chain import STAGES, codes, nowhere
from ledger.policy.countries import no_place
from ledger.policy.finding import PASS
from ledger.policy.scope import papers_of
from ledger.reports import words
from ledger.reports.common import about, custody, finish, whom
from ledger.reports.places import rest_row, table, unknown_row
from ledger.reports.report import Column, Line, Report, Row, Section, Stage, Table, absent

TITLE = "UFLPA: supply chain from raw material to part"
RAW = "raw materials"
ANCESTRY = "a proof with the whole ancestry of the lot"
ORDER = (RAW, "handling", *STAGE_ORDER[1:])
ORIGINS = ("mine", "collection", "addition")
LIMITS = (
    "The listed places and parties are those printed above, not the authorities' current lists. A document's "
    "hash shows that a file is the one that was recorded, not that what it says is true.",
    "Compared with the list are the places where metal was worked and who worked there, not who else owned, "
    "stored or carried it on the way.",
)
WHO = (
    Column("tier", "Tier", True),
    Column("process", "Process"),
    Column("party", "Party"),
    Column("site", "site", below=True),
    Column("country", "Country"),
    Column("subdivision", "subdivision", below=True),
    Column("when", "First, last day"),
    Column("events", "Events", True),
    Column("listed", "Listed"),
)
PAPERS = (
    Column("tier", "Tier", True),
    Column("about", "About"),
    Column("name", "Document"),
    Column("sha256", "SHA-256", code=True),
)


class Listed(NamedTuple):
    """What may not be in the chain: ISO 3166 codes, and ids. A parameter of the policy."""

    countries: tuple[str, ...] = ()
    subdivisions: tuple[str, ...] = ("CN-XJ",)
    parties: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def verdict(self, place: Place | Step) -> bool | None:
        """Whether a place is listed; None if that cannot be told."""
        wanted = {*self.countries, *self.subdivisions}
        if place.party in self.parties or place.site in self.sites or not wanted.isdisjoint(codes(place)):
            return True
        if wanted and (not place.country or no_place(place.country, place.subdivision)):
            return None
        inside = any(code.startswith(f"{place.country}-") for code in self.subdivisions)
        return None if inside and not place.subdivision else False

    def text(self) -> str:
        """The list as the report prints it."""
        listed = (*self.countries, *self.subdivisions, *self.parties, *self.sites)
        return ", ".join(dict.fromkeys(listed)) or "nothing"  # an id may be given for a party and a site


class Tier(NamedTuple):
    """A stage of the chain, and all that was done there on the way to the subject."""

    number: int
    stage: str
    steps: tuple[Step, ...]


def uflpa(claims: Claims, listed: Listed) -> Report:
    """The report of a lot."""
    several = tiers(claims)
    found = [step for tier in several for step in tier.steps if listed.verdict(step)]
    vectors = (*claims.origins, *claims.refineries, *claims.smelters, *claims.casts)
    origin = [place for place in vectors if _is_listed(listed, place)]
    sections = (
        about(claims),
        Section("Listed places and parties", _exposure(claims, several, listed)),
        Section(
            "Flow chart",
            flow=tuple(_stage(claims, tier, listed) for tier in several),
            text="Metal goes from each stage to one below it, and as scrap back to a melt.",
        ),
        Section("Who did what where", tables=(_who(claims, several, listed),)),
        Section(
            "Origin of the metal",
            _origin(claims),
            (table(claims, claims.origins, "origins", "By origin, any share", True),),
        ),
        Section("Documents", _evidence(claims, several), (_papers(claims, several),)),
        Section("Chain of custody", custody(claims)),
    )
    verdict = _verdict(found, origin)
    return finish("uflpa", TITLE, claims, sections, LIMITS, verdict, bool(found or origin))


def tiers(claims: Claims) -> tuple[Tier, ...]:
    """The stages from the ground to the part. A process that no stage knows is a stage of its own, after
    the others."""
    grouped: dict[str, list[Step]] = {stage: [] for stage in ORDER}
    for step in sorted(claims.steps, key=lambda step: (step.first.index, step.site, step.process)):
        grouped.setdefault(_stage_of(step.process), []).append(step)
    found = [(stage, tuple(steps)) for stage, steps in grouped.items() if steps]
    return tuple(Tier(n, stage, steps) for n, (stage, steps) in enumerate(found, 1))


def _stage_of(process: str) -> str:
    if process.startswith("source:"):
        return RAW
    return next((stage for stage, several in STAGES.items() if process in several), process)


def _is_listed(listed: Listed, place: Place) -> bool | None:
    """As ``Listed.verdict``, of a row that is a place at all."""
    return bool(place.site or place.country) and listed.verdict(place)


def _verdict(found: Sequence[Step], origin: Sequence[Place]) -> str:
    sites = sorted({step.site for step in found} | {place.site for place in origin if place.site})
    if not found and not origin:
        return ""
    return f"The chain touches what is listed: {', '.join(sites)}. Any share counts."


def _exposure(claims: Claims, several: Sequence[Tier], listed: Listed) -> tuple[Row, ...]:
    rows = [Row("listed", "Listed, as the policy gives it", listed.text())]
    steps = [step for tier in several for step in tier.steps]
    if not steps:
        return (*rows, absent("touched", "Touched", whom(claims), ANCESTRY, "no step is shown"))
    touched = [step for step in steps if listed.verdict(step)]
    for step in touched:
        place = f"{step.site}, {words.place(step)}"
        rows.append(Row("touched", "Touched", f"{words.word(step.process)} at {place}", step.first))
    if not touched:
        rows.append(Row("touched", "Touched", "none of the places and parties that are shown"))
    for step in steps:
        if listed.verdict(step) is None:
            asked = whom(claims, step.site, step.party)
            why = nowhere(step) or f"it states {step.country or 'no country'} and no subdivision"
            what, note = f"the country and subdivision of {step.site}", f"{step.site}: {why}"
            rows.append(absent("place", "Place not told", asked, what, note, step.first))
    return tuple(rows)


def _stage(claims: Claims, tier: Tier, listed: Listed) -> Stage:
    places: dict[tuple[str, str], list[Step]] = {}
    for step in tier.steps:
        places.setdefault((step.party, step.site), []).append(step)
    items = []
    for (party, site), steps in places.items():
        done = ", ".join(dict.fromkeys(words.word(step.process) for step in steps))
        where = words.place(steps[0]) or "country unknown"
        text = f"{done}: {words.party(claims, party) or 'party unknown'}, {site}, {where}"
        items.append(f"LISTED: {text}" if any(listed.verdict(step) for step in steps) else text)
    alarm = any(listed.verdict(step) is not False for step in tier.steps)
    return Stage(f"{tier.number}. {words.word(tier.stage)}", tuple(items), alarm)


def _who(claims: Claims, several: Sequence[Tier], listed: Listed) -> Table:
    lines = []
    for tier in several:
        for step in tier.steps:
            when = f"{step.runs[0][0][:10]}, {step.runs[-1][1][:10]}" if step.runs else ""
            says = {True: "yes", False: "no", None: "not told"}[listed.verdict(step)]
            cells = (
                str(tier.number),
                words.word(step.process) + (f", unit {step.unit}" if step.unit else ""),
                words.party(claims, step.party),
                step.site,
                step.country or "unknown",
                step.subdivision,
                when,
                f"{step.events:,}",
                says,
            )
            lines.append(Line(cells, step.first))
    return Table("steps", "Steps, raw material first", WHO, tuple(lines), "no step is shown")


def _origin(claims: Claims) -> tuple[Row, ...]:
    label = "Metal of unknown origin"
    if not claims.origins:
        return (absent("unknown_origin", label, whom(claims), ANCESTRY, "no origin is shown"),)
    rest = rest_row(claims, claims.origins, "rest_origin")
    return (unknown_row(claims, claims.origins, ORIGINS, "unknown_origin", label), *rest)


def _evidence(claims: Claims, several: Sequence[Tier]) -> tuple[Row, ...]:
    """Per tier: how many documents are bound, and the places where there is none."""
    rows = []
    for tier in several:
        label = f"{tier.number}. {words.word(tier.stage)}"
        papers = {line.cells[3] for step in tier.steps for line in _lines(claims, tier, step)}
        bare = [step for step in tier.steps if not _bound(claims, step)]
        if not bare:
            value = words.spelt(len(papers), "document", "documents") if papers else "documents, not listed"
            rows.append(Row(f"documents_{tier.number}", label, value))
        for step in bare:
            asked, what = whom(claims, step.site, step.party), f"documents of {words.word(step.process)}"
            note = f"no document is bound to {words.word(step.process)} at {step.site}"
            rows.append(absent(f"documents_{tier.number}", label, asked, what, note, step.first))
    return tuple(rows)


def _bound(claims: Claims, step: Step) -> int:
    own = max(step.documents, len(step.papers))
    return own + sum(len(found.evidence) for found in _attested(claims, step))


def _attested(claims: Claims, step: Step) -> list[Attestation]:
    """Attestations that bind documents and stand behind the step, as the policies' kind `evidence` has it."""
    return [found for found in claims.attestations if papers_of(claims, step, found) == PASS]


def _papers(claims: Claims, several: Sequence[Tier]) -> Table:
    lines = {line: None for tier in several for step in tier.steps for line in _lines(claims, tier, step)}
    return Table("documents", "Documents by their SHA-256", PAPERS, tuple(lines), "no document is bound")


def _lines(claims: Claims, tier: Tier, step: Step) -> list[Line]:
    """The documents of a step, and of the attestations about its place."""
    about = f"{words.word(step.process)}, {step.site}"
    own = [_line(tier, about, paper, step.first) for paper in step.papers]
    return own + [
        _line(tier, f"{found.scheme}, {found.subject.id}", paper, found.event)
        for found in _attested(claims, step)
        for paper in found.evidence
    ]


def _line(tier: Tier, what: str, paper: Document, ref: Ref) -> Line:
    return Line((str(tier.number), what, paper.name or "without name", paper.sha256), ref)
