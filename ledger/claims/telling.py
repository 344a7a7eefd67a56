"""The telling: from facts about one lot to the claims document."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ledger import quantity
from ledger.claims import attested, contradicted, covering, document, footprint, sharing
from ledger.claims.account import Visit, Where
from ledger.claims.document import Claims, Ref, Thing
from ledger.claims.facts import Attested, Facts, MonthOf, Registrations
from ledger.claims.fold import MODELS
from ledger.claims.placed import Placed, placed
from ledger.claims.power import end_of
from ledger.quantity import DAY, MILLION, format_instant, format_time
from ledger.register import Month
from ledger.rules.catalogue import Limits, Process
from ledger.rules.sums import SOURCE

MONTH = 31 * DAY
MOST_MONTHS = 20_000  # of all that was done for one lot


def tell(facts: Facts) -> Claims:
    """The whole document. What cannot be seen it names in ``unshown``."""
    lot, account = facts.lot, facts.account
    origins, casts = sharing.origins(lot), sharing.casts(account)
    labels = [*origins, *account.refinery, *account.smelter, *casts]
    ids = sharing.sites_of(labels) | {where[0] for where in account.visits}
    sites = placed(facts.registered("site", sorted(ids)), account.visits)
    indices = {index for visit in account.visits.values() for index in (visit.first, visit.unbooked)} - {-1}
    indices |= {index for _, index in account.models.values()} | set(account.gaps.values())
    refs = facts.refs(sorted(indices))
    steps = _steps(facts, sites, refs)
    given = _attestations(facts, steps)
    power = _power(facts, given, sites)
    hold, owner, used = facts.hold(), facts.owner(), facts.used()
    born = format_time(lot.since)
    year = int(born[:4])
    unshown = set(facts.unshown)
    months, brought, hidden = _months(facts)
    if hidden:
        unshown.add("months")
    instruments, hidden = _instruments(facts, power, given)
    if hidden:
        unshown.add("instruments")
    claims = Claims(
        subject=facts.subject,
        material=lot.material,
        grams=lot.grams,
        left=lot.grams - used.grams if used else None,
        year=year,
        born=born,
        marks_on_it=dict(facts.marks_on_it()),
        holder=hold.holder if hold else "",
        owner=owner.owner if owner else "",
        as_of=facts.as_of,
        rests_on="ledger" if facts.proof is None else "proof",
        proof=facts.proof,
        origins=sharing.places(origins, lot.grams, sites),
        refineries=sharing.places(account.refinery, lot.grams, sites),
        smelters=sharing.places(account.smelter, lot.grams, sites),
        casts=sharing.places(casts, lot.grams, sites),
        recycled=_recycled(facts),
        footprint=footprint.of_lot(lot, account),
        gaps=_gaps(account.gaps, refs),
        power=tuple(told for _, told in power),
        renewable_ppm=_renewable(facts, power),
        renewable_lacking_ppm=_unpowered(facts),
        models=_models(account.models, refs),
        weakest=MODELS[min(account.models.values())[0]] if account.models else None,
        steps=steps,
        attestations=tuple(map(attested.told, given)),
        marks=(*facts.marks(), *_contradicted(facts, given)),
        accounts=tuple(facts.accounts()),
        instruments=instruments,
        months=months,
        brought=brought,
        agreements=tuple(facts.agreements()),
        fates=tuple(facts.fates()),
        coc=tuple(facts.coc()),
        unshown=tuple(sorted(unshown)),
    )
    return claims.model_copy(update={"names": _names(facts, claims)})


def _steps(facts: Facts, sites: Mapping[str, Placed], refs: Mapping[int, Ref]) -> tuple[document.Step, ...]:
    """In the order in which each was first done."""
    visits = facts.account.visits
    papers = facts.papers(visits)
    rows = sorted(visits.items(), key=lambda row: (row[1].runs[0], row[1].first, row[0]))
    return tuple(
        [_step(where, visit, sites.get(where[0]), refs, papers.get(where, ())) for where, visit in rows]
    )


def _step(
    where: Where,
    visit: Visit,
    site: Placed | None,
    refs: Mapping[int, Ref],
    papers: Sequence[document.Document],
) -> document.Step:
    place, party, process, unit = where
    return document.Step(
        site=place,
        party=party,
        country=site.country if site else "",
        subdivision=site.subdivision if site else "",
        also=site.also if site else (),
        kinds=site.kinds if site else (),
        process=process,
        unit=unit,
        materials=visit.materials,
        runs=tuple((format_time(begin), format_time(end)) for begin, end in visit.runs),
        late=tuple(format_instant(received) for received in visit.late),
        lag=visit.lag,
        events=len(visit.runs),
        first=_ref(refs, visit.first),
        unbooked=_ref(refs, visit.unbooked) if visit.unbooked >= 0 else None,
        documents=max(visit.documents, len(papers)) if visit.documents else 0,
        papers=tuple(papers),
    )


def _ref(refs: Mapping[int, Ref], index: int) -> Ref:
    return refs.get(index) or Ref(index=index)


def _attestations(facts: Facts, steps: Sequence[document.Step]) -> list[Attested]:
    """Of the lot, of the sites and parties on the way, and of whoever certified those: accreditation."""
    things = {("lot", facts.subject)}
    for step in steps:
        things |= {("site", step.site), ("party", step.party)}
    given = list(facts.attestations(_things(things)))
    certifiers = {("party", one.event.party) for one in given} - things
    given += facts.attestations(_things(certifiers)) if certifiers else ()
    by_index = {one.index: one for one in given}
    parties = facts.registered("party", sorted({one.event.party for one in given}))
    sites = facts.registered("site", sorted({step.site for step in steps}))
    worked: dict[str, dict[str, Registrations]] = defaultdict(dict)
    for step in steps:
        worked[step.party][step.site] = sites.get(step.site, ())
    found = []
    for _, one in sorted(by_index.items()):
        one = attested.with_certifier(one, parties.get(one.event.party, ()))
        if one.kind == "site":
            one = attested.with_operator(one, sites.get(str(one.event.subject), ()))
        elif one.kind == "party":
            one = attested.with_sites(one, worked.get(str(one.event.subject), {}))
        found.append(one)
    return found


def _contradicted(facts: Facts, given: Iterable[Attested]) -> Iterator[document.Mark]:
    """What was attested of the lot itself and is better than its account."""
    own = [one for one in given if (one.kind, one.event.subject) == ("lot", facts.subject)]
    for one in own:
        if any(contradicted.by_roll_up(one, facts.account, facts.lot.grams)):
            ref = Ref(party=one.event.party, id=one.event.id, index=one.index)
            since = format_instant(one.received)
            yield document.Mark(mark="contradicted", event=ref, by=one.event.party, since=since)


def _things(several: Iterable[tuple[str, str]]) -> list[Thing]:
    return [Thing.model_validate({"kind": kind, "id": id}) for kind, id in sorted(several)]


Powered = list[tuple[covering.Item, document.Power]]


def _power(facts: Facts, given: Sequence[Attested], sites: Mapping[str, Placed]) -> Powered:
    certificates = covering.certificates(given)
    unshown = "attestations" in facts.unshown
    found = []
    for item in covering.items(facts.account.power):
        site = sites.get(item.site)
        grids = site.grids if site else ()
        told = covering.cover(item, certificates, unshown, grids, facts.method)
        found.append((item, told))
    return found


def _renewable(facts: Facts, power: Powered) -> int | None:
    covered = [(item, told.covered) for item, told in power]
    return covering.renewable(covered, facts.account.smelter, _dark_sites(facts), facts.method)


def _unpowered(facts: Facts) -> int:
    """Millionths of the smelted metal whose electricity is not all shown, rounded up."""
    shown, dark = covering.smelted(facts.account.smelter, _dark_sites(facts))
    lacks = max(sum(dark), 1)  # a trace is not nothing
    return -(-lacks * MILLION // (sum(shown) + lacks)) if dark else 0


def _dark_sites(facts: Facts) -> frozenset[str]:
    return frozenset(site for site, _, what in facts.account.gaps if "electricity" in what)


def _instruments(
    facts: Facts, power: Powered, given: Sequence[Attested]
) -> tuple[tuple[document.Instrument, ...], bool]:
    """The certificates that were named, and whether their use cannot be seen. Of what is drawn at their sites
    and by who smelted there the greater counts: a certificate may be about either."""
    sites: dict[str, set[str]] = {}
    parties: dict[str, set[str]] = {}
    for item, _ in power:
        if item.instrument:
            sites.setdefault(item.instrument, set()).add(item.site)
            parties.setdefault(item.instrument, set()).add(item.party)
    spent = facts.spent({(id, one) for id, at in sites.items() for one in at | parties[id]}) if sites else {}
    certificates = covering.certificates(given)
    found = []
    for id, at in sorted(sites.items()):
        drawn = None
        if spent is not None:
            drawn = max(sum(spent.get((id, one), 0) for one in some) for some in (at, parties[id]))
        covers = (told.certificate for item, told in power if item.instrument == id and told.covered)
        by = frozenset(ref.party for ref in covers if ref is not None)
        found.append(
            document.Instrument(
                id=id,
                serves=min(at),
                drawn=drawn,
                certified=covering.certified(id, certificates, facts.method, by),
            )
        )
    return tuple(found), spent is None


def _months(facts: Facts) -> tuple[tuple[document.Month, ...], tuple[document.Brought, ...], bool]:
    """The months in which a process was run for the lot, those in which a source brought of it, and whether
    they cannot be seen."""
    wanted: set[MonthOf] = set()
    told = 0
    for (site, _, process, _), visit in facts.account.visits.items():
        for begin, end in visit.runs:
            told += (end - begin) // MONTH
            if told > MOST_MONTHS:  # somebody says that it took ages
                return (), (), True
            wanted |= {(site, process, month) for month in quantity.months(begin, end)}
    known = facts.months(sorted(wanted)) if wanted else {}
    if known is None:
        return (), (), True
    rows = sorted(known.items())
    months = [_month(facts, key, sums) for key, sums in rows if not key[1].startswith(SOURCE)]
    brought = [
        document.Brought(site=site, kind=process.removeprefix(SOURCE), month=month, grams=sums.out)
        for (site, process, month), sums in rows
        if process.startswith(SOURCE)
    ]
    return tuple(months), tuple(brought), False


def _month(facts: Facts, key: MonthOf, month: Month) -> document.Month:
    site, process, name = key
    rule = facts.catalogue(end_of(name) * 1000 - 1).processes.get(process)
    within = _within(rule, month) if rule is not None else None
    return document.Month(
        site=site, process=process, month=name, into=month.into, out=month.out, within=within
    )


def _within(process: Process, month: Month) -> bool:
    """Whether the month's ratio lies within the monthly limits, readings being as exact as they are."""
    low, high = process.monthly
    slack = process.monthly_tolerance
    limits = Limits(low * (MILLION - slack) // MILLION, -(-high * (MILLION + slack) // MILLION))
    return process.in_limits(month.into, month.out, limits)


def _recycled(facts: Facts) -> tuple[document.Recycled, ...]:
    account, grams = facts.account, facts.lot.grams
    if not account.content:
        return ()
    return (
        sharing.recycled(account.content, grams, "own_loop"),
        sharing.recycled(account.content_party, grams, "own_party"),
    )


def _gaps(gaps: Mapping[tuple[str, str, str], int], refs: Mapping[int, Ref]) -> tuple[document.Gap, ...]:
    return tuple(
        document.Gap(site=site, process=process, missing=what, event=_ref(refs, index))
        for (site, process, what), index in sorted(gaps.items())
    )


def _models(models: Mapping[str, tuple[int, int]], refs: Mapping[int, Ref]) -> tuple[document.ModelStep, ...]:
    rows = sorted(models.items(), key=lambda row: (row[1][1], row[0]))
    return tuple(
        document.ModelStep(process=process, model=MODELS[strength], event=_ref(refs, index))
        for process, (strength, index) in rows
    )


def _names(facts: Facts, claims: Claims) -> dict[str, str]:
    """The registered names of the parties that the document names."""
    ids = {claims.holder, claims.owner, *(step.party for step in claims.steps)}
    ids |= {one.certifier for one in claims.attestations} | {mark.by for mark in claims.marks}
    ids |= {place.party for place in (*claims.origins, *claims.refineries, *claims.smelters, *claims.casts)}
    ids |= {account.party for account in claims.accounts}
    ids |= {id for one in claims.agreements for id in (one.party, one.other)}
    ids |= {id for one in claims.coc for id in (one.issuer, one.customer)}
    return {id: party.name for id, party in sorted(facts.parties(sorted(ids - {""})).items())}
