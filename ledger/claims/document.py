"""The claims document ``oreline-claims/1``: all that a buyer may ask about one lot, computed, never declared.

One fold over events (``ledger.claims.fold``) makes it, from a replayed proof or from a ledger. Policies and
reports read nothing else, so the same answers come out of both; and every member has a default.

Exact: masses are whole milligrams ``mg``; shares are millionths ``ppm`` of the subject's mass. A merit
(recycled, renewable) is rounded down, a burden (footprint, unknown origin) up, so that no rounding flatters.
What could not be seen is named in ``unshown`` and never looks like something that is not there.
"""

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from ledger.events.common import CustodyModel, Status

Unshown = Literal["standing", "ancestry", "attestations", "accounts", "instruments", "months", "fates"]
ALL_UNSHOWN: tuple[Unshown, ...] = get_args(Unshown)


class Part(BaseModel):
    """A base of the document's models: arrays may come as lists."""

    model_config = ConfigDict(strict=False, frozen=True, extra="forbid")


class Ref(Part):
    """An event, and where in the log it stands."""

    party: str = ""
    id: str = ""
    index: int = -1


class AsOf(Part):
    """The state of the ledger that the document tells. ``received``: when its last entry was received."""

    ledger: str = ""
    size: int = 0
    received: str = "2026-01-01T00:00:00.000Z"


class Proof(Part):
    """What the numbered checks said of the proof that the document rests on; ``codes``: why not more."""

    verdict: Literal["holds", "does not hold", "not provable"] = "holds"
    codes: tuple[str, ...] = ()


class Share(Part):
    """A part of the subject's mass."""

    mg: int = 0
    ppm: int = 0


class Place(Share):
    """A share of the mass that came from, or through, one place. ``kind``: mine, collection, addition, added,
    unknown, unproven, refinery, smelter, cast …; ``kinds``: of the site; ``also``: what else it was
    registered as since metal was there; ``why``: what is known where there is none; ``trace``: under 1 mg."""

    kind: str
    site: str = ""
    party: str = ""
    country: str = ""
    subdivision: str = ""
    also: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    why: str = ""
    trace: bool = False


class Recycled(Part):
    """Recycled content after ISO 14021. ``rule``: what counts as the same process, whose scrap is no
    recycled content: ``own_loop`` scrap of metal that this casthouse cast, wherever it fell off;
    ``own_party`` only scrap that fell off in the caster's own works."""

    rule: Literal["own_loop", "own_party"]
    post: Share = Share()
    pre: Share = Share()
    primary: Share = Share()
    alloy: Share = Share()
    added: Share = Share()
    unknown: Share = Share()


class Footprint(Part):
    """Greenhouse gas per mass: no figure without its method, boundary, year and product stage, and
    compared only with one that has the same four. ``g_per_kg``: g CO2e per kg, rounded up; exactly it is
    ``ug`` micrograms for ``grams`` of product. ``complete``: no data that the method demands is missing;
    else ``lacking_ppm`` is the share of the mass behind which data is missing, 0 if it is not told.
    ``indirect_ug``: the part of ``ug`` from electricity that was bought, None if it is not told apart."""

    method: Literal["cut_off", "by_mass"]
    boundary: str = "cradle_to_gate"
    year: int = 0
    stage: str = ""
    g_per_kg: int = 0
    ug: int = 0
    grams: int = 1
    primary_data_ppm: int = 0
    complete: bool = True
    lacking_ppm: int = 0
    indirect_ug: int | None = None


class Gap(Part):
    """Data that the method demands of a process and that the event does not give."""

    site: str
    process: str
    missing: str
    event: Ref = Ref()


class Power(Part):
    """Electricity of smelting in the subject, used by ``party``. ``wh``: watt hours, rounded up; ``covered``:
    by the ``certificate``, None if that cannot be seen; ``grid``: the country or subdivision it names."""

    site: str
    party: str = ""
    month: str
    source: str = ""
    instrument: str = ""
    wh: int = 0
    certificate: Ref | None = None
    grid: str = ""
    covered: bool | None = False
    why: str = ""


class Document(Part):
    """A document outside the ledger, bound by its SHA-256."""

    name: str = ""
    sha256: str
    media_type: str = ""
    size: int | None = None
    uri: str = ""


class Step(Part):
    """What was done at one place by one process, as far as the subject's metal goes. ``also``: see ``Place``.
    ``process``: of the catalogue, or ``source:<kind>``. ``runs``: times, first and last, without a gap of
    more than a day between. ``papers``: what the events bind, as far as it is listed; ``documents``: how many
    those are. ``late``: when events were received that came later than the charter's ``max_delay_days``;
    ``lag``: the longest that one was received after its time, in seconds, None if untold. ``unbooked``: the
    first event that attributed metal in books (mass balance, book and claim) and names no account."""

    site: str
    party: str = ""
    country: str = ""
    subdivision: str = ""
    also: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    process: str
    unit: str = ""
    materials: tuple[str, ...] = ()
    runs: tuple[tuple[str, str], ...] = ()
    late: tuple[str, ...] = ()
    lag: int | None = None
    events: int = 1
    first: Ref = Ref()
    unbooked: Ref | None = None
    documents: int = 0
    papers: tuple[Document, ...] = ()


class ModelStep(Part):
    """The weakest ISO 22095 model that a process stated on the way."""

    process: str
    model: CustodyModel
    event: Ref = Ref()


class Thing(Part):
    """What an attestation is about."""

    kind: Literal["party", "site", "lot", "event"] = "site"
    id: str = ""


class ScopeOf(Part):
    """What an attestation covers beside its subject; an empty list restricts nothing."""

    sites: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    text: str = ""


class Measure(Part):
    """A value that the certifier found. ``grid``: country or subdivision whose electricity it is."""

    quantity: str
    amount: str
    unit: str = ""
    method: str = ""
    period: str = ""
    boundary: str = ""
    grid: str = ""


class Change(Part):
    """What became of an attestation: since when it is so, and when the ledger learned it."""

    status: Literal["suspended", "reinstated", "withdrawn"]
    since: str
    learned: str
    event: Ref = Ref()


class Attestation(Part):
    """A certifier's statement, lived through time. ``held``: the times, first inside and second outside, by
    all that is known. ``taken_over``: sites on the way that were another's when the party was attested."""

    event: Ref = Ref()
    learned: str = ""
    subject: Thing = Thing()
    scheme: str
    version: str = ""
    level: str = ""
    status: Status = "certified"
    valid_from: str = ""
    valid_until: str = ""
    certifier: str = ""
    certificate_no: str = ""
    scope: ScopeOf = ScopeOf()
    measured: tuple[Measure, ...] = ()
    evidence: tuple[Document, ...] = ()
    history: tuple[Change, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    taken_over: tuple[str, ...] = ()


class Mark(Part):
    """What is open against an event that the subject rests on: ``disputed``, ``difference``, ``suspect`` (its
    key was in other hands), ``withdrawn`` (its own birth), ``contradicted`` (better than the entries)."""

    mark: str
    event: Ref = Ref()
    by: str = ""
    since: str = ""


class Account(Part):
    """A mass-balance account that the subject's claims were issued from. ``closed``: the percentage was
    judged; before that claims are provisional. Grams."""

    id: str
    scheme: str = ""
    party: str = ""
    period: str = ""
    closed: bool = False
    overdrawn: int = 0
    certified_in: int = 0
    total_in: int = 0
    total_out: int = 0
    issued: int = 0
    brought: int = 0
    carry: int = 0


class Instrument(Part):
    """An energy certificate's use. ``drawn``: watt hours, in the whole ledger, at the smelters of the subject
    that name it, or by who works there if that is more; None if it cannot be seen. ``serves``: the first of
    these smelters. ``certified``: watt hours that a certifier confirmed, None if none did."""

    id: str
    serves: str = ""
    drawn: int | None = None
    certified: int | None = None


class Month(Part):
    """What a process made of what at a site in a calendar month, of all that was posted; grams, net of
    heels. ``within``: the catalogue's monthly limits; None if it cannot be seen."""

    site: str
    process: str
    month: str
    into: int = 0
    out: int = 0
    within: bool | None = None


class Brought(Part):
    """What a ``kind`` of source, mine or collection, brought at a site in a calendar month, of all that was
    posted: grams that carry origin. What it can bring, attestations say."""

    site: str
    kind: str
    month: str
    grams: int = 0


class AgreedYear(Part):
    """Grams agreed for a calendar year. What was delivered, only the report on exclusive use counts."""

    year: int
    agreed: int = 0


class Agreement(Part):
    """A commitment between two parties that a shipment of the subject, or of what it is made of, names.
    ``footprint``: the greatest, by ``kg_per_kg``, ``method``, ``boundary``, ``stage``; empty if none was."""

    event: Ref = Ref()
    party: str = ""
    other: str = ""
    accepted: bool = False
    exclusive_to: str = ""
    material: str = ""
    years: tuple[AgreedYear, ...] = ()
    footprint: dict[str, str] = Field(default_factory=dict)
    until: str = ""


class CocDocument(Part):
    """A chain-of-custody document with which the subject was shipped. ``time``: of the shipment.
    ``grams``: mass of the subject in it, ``total``: of the whole shipment, also of other materials."""

    event: Ref = Ref()
    time: str = ""
    scheme: str = ""
    document: str = ""
    issuer: str = ""
    issuer_no: str = ""
    customer: str = ""
    customer_no: str = ""
    responsible: str = ""
    statement: str = ""
    account: str = ""
    force_majeure: str = ""
    material: str = ""
    grams: int = 0
    total: int = 0


class Fate(Part):
    """Where metal went: ``installed``, ``sold_outside``, ``disposed``, ``lost``, ``sample``, ``stock``,
    ``transit``, ``loss`` (within limits). ``site``, ``into``: where it is, or into what it was fitted."""

    fate: str
    site: str = ""
    party: str = ""
    into: str = ""
    grams: int = 0
    lots: tuple[str, ...] = ()


class Claims(Part):
    """The document. ``renewable_lacking_ppm``: the share of the smelted metal whose electricity is not all
    shown, which ``renewable_ppm`` counts as made without; None if it is not told."""

    format: Literal["oreline-claims/1"] = "oreline-claims/1"
    subject: str = ""
    material: str = ""
    grams: int = 0
    left: int | None = None
    year: int = 0
    born: str = ""
    marks_on_it: dict[str, str] = Field(default_factory=dict)
    holder: str = ""
    owner: str = ""
    as_of: AsOf = AsOf()
    rests_on: Literal["ledger", "proof"] = "ledger"
    proof: Proof | None = None
    origins: tuple[Place, ...] = ()
    refineries: tuple[Place, ...] = ()
    smelters: tuple[Place, ...] = ()
    casts: tuple[Place, ...] = ()
    recycled: tuple[Recycled, ...] = ()
    footprint: tuple[Footprint, ...] = ()
    gaps: tuple[Gap, ...] = ()
    power: tuple[Power, ...] = ()
    renewable_ppm: int | None = None
    renewable_lacking_ppm: int | None = None
    models: tuple[ModelStep, ...] = ()
    weakest: CustodyModel | None = None
    steps: tuple[Step, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    marks: tuple[Mark, ...] = ()
    accounts: tuple[Account, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    months: tuple[Month, ...] = ()
    brought: tuple[Brought, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    fates: tuple[Fate, ...] = ()
    coc: tuple[CocDocument, ...] = ()
    names: dict[str, str] = Field(default_factory=dict)
    unshown: tuple[Unshown, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The JSON object, all members in the order above."""
        return self.model_dump(mode="json")
