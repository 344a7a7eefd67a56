"""The emissions data that importers ask for under the EU's Carbon Border Adjustment Mechanism.

Fields for aluminium after Implementing Regulation (EU) 2023/1773, Annex III and IV: direct and indirect
emissions, route, scrap per tonne, the part of it that is pre-consumer, other elements where they are more
than 1 %. The ledger's figures are cradle to gate, and CBAM's boundary begins later: the report says so, and
never calls one the other.
"""

from collections.abc import Mapping

from ledger.claims.document import Claims, Footprint, Recycled, Ref, Step
from ledger.claims.footprint import per_kg
from ledger.claims.shares import WHOLE, Part, part
from ledger.policy.chain import STAGES, unsettled
from ledger.policy.kinds.elements import ANALYSIS, analysed, brings_others, content, in_all
from ledger.reports import words
from ledger.reports.common import Fields, about, custody, finish, whom
from ledger.reports.report import Column, Line, Report, Row, Section, Table, absent

TITLE = "CBAM: emissions data of aluminium"
GIVEN = ("cn_code", "carbon_price")
ELECTROLYSIS, MELTING = "electrolysis", ("remelt", "cast", "dross_recovery")
ONE_PERCENT = 10_000  # ppm

FIGURES = (
    Column("method", "Method"),
    Column("boundary", "Boundary"),
    Column("year", "Year"),
    Column("stage", "Product stage"),
    Column("total", "kg CO2e per kg", True),
    Column("direct", "Direct", True),
    Column("indirect", "Indirect", True),
    Column("primary", "Primary data", True),
)
GAPS = (Column("process", "Process"), Column("site", "Site"), Column("missing", "Missing data"))
LIMITS = (
    "Emissions are rolled up from what each party declared, from cradle to gate. CBAM counts from the "
    "smelter on, since alumina and bauxite are no precursors: do not declare these figures as they stand.",
    "An accredited verifier has to confirm actual values; this is a worksheet, no declaration.",
)


def cbam(claims: Claims, fields: Mapping[str, str]) -> Report:
    """The report of a lot."""
    given = Fields(fields, GIVEN)
    sections = (
        about(claims),
        Section("Goods and installation", _goods(claims, given)),
        Section("Embedded emissions", _emissions(claims), (_figures(claims), *_gaps(claims))),
        Section("Scrap and other elements", _content(claims)),
        Section("Chain of custody", custody(claims)),
    )
    return finish("cbam", TITLE, claims, sections, LIMITS)


def _goods(claims: Claims, given: Fields) -> tuple[Row, ...]:
    you = "whoever declares the import"
    last = _made_by(claims)
    rows = [given.row("cn_code", "CN code", "", None, you, "the CN code of the goods")]
    if last is None:
        what = "where the goods were made"
        rows.append(absent("installation", "Installation", whom(claims), what))
        rows.append(absent("country", "Country of production", whom(claims), what))
    else:
        note = f"{words.word(last.process)}, {words.party(claims, last.party)}"
        rows.append(Row("installation", "Installation of the last process", last.site, last.first, note))
        place, lost = words.place(last), unsettled(last)
        row = Row("country", "Country of production", place, last.first)
        what = f"the country of {last.site}"
        told = place and not lost
        rows.append(row if told else absent("country", row.label, whom(claims, last.site), what, lost))
    rows.append(_route(claims))
    what = "the carbon price that was due for it, and rebates"
    rows.append(given.row("carbon_price", "Carbon price due where it was made", "", None, you, what))
    return tuple(rows)


def _made_by(claims: Claims) -> Step | None:
    """The last step that made something. Who buys, blends or bales did not make the goods: else metal from
    anywhere would be of the country of the last warehouse."""
    made = [
        step
        for step in claims.steps
        if not step.process.startswith("source:") and step.process not in STAGES["handling"]
    ]
    return max(made, key=lambda step: (step.runs[-1:], step.first.index), default=None)


def _route(claims: Claims) -> Row:
    """Production routes: electrolysis of alumina, melting of scrap."""
    routes: dict[str, Ref] = {}
    for step in sorted(claims.steps, key=lambda step: step.first.index):
        if step.process.startswith(ELECTROLYSIS):
            inert = step.process != ELECTROLYSIS
            routes.setdefault(f"primary: electrolysis{' with inert anodes' if inert else ''}", step.first)
        elif step.process in MELTING:
            melts = "melting and casting" if step.process == "cast" else words.word(step.process)
            routes.setdefault(melts, step.first)
    if not routes:
        return absent("route", "Production route", whom(claims), "the processes by which the metal was made")
    return Row("route", "Production route", "; ".join(routes), next(iter(routes.values())))


def _emissions(claims: Claims) -> tuple[Row, ...]:
    rows: list[Row] = []
    if not claims.footprint:
        for key, label in (("direct", "Direct emissions"), ("indirect", "Indirect emissions")):
            rows.append(absent(key, label, whom(claims), "the emissions and energy of each process"))
        return tuple(rows)
    for figure in claims.footprint:
        name = words.word(figure.method)
        rows.append(_part(claims, figure, "direct", f"Direct emissions, {name}"))
        rows.append(_part(claims, figure, "indirect", f"Indirect emissions, {name}"))
    for gap in claims.gaps:
        label = f"Data of {words.word(gap.process)}"
        asked = whom(claims, gap.site)
        what = f"{words.word(gap.missing)} of {words.word(gap.process)} at {gap.site}"
        note = f"{words.word(gap.missing)} is not declared"
        rows.append(absent("gap", label, asked, what, note, gap.event))
    return tuple(rows)


def _part(claims: Claims, figure: Footprint, which: str, label: str) -> Row:
    """Direct or indirect emissions per mass of product, rounded up."""
    key = f"{which}_{figure.method}"
    if figure.indirect_ug is None:
        note = f"only their sum is known: {words.kg_per_kg(figure.g_per_kg)}"
        return absent(key, label, whom(claims), "emissions from electricity apart from the others", note)
    ug = figure.indirect_ug if which == "indirect" else figure.ug - figure.indirect_ug
    note = "" if figure.complete else "data is missing: see below"
    return Row(key, label, words.kg_per_kg(per_kg(ug, figure.grams)), note=note)


def _figures(claims: Claims) -> Table:
    lines = []
    for figure in claims.footprint:
        apart = ("not told apart", "not told apart")
        if figure.indirect_ug is not None:
            both = (figure.ug - figure.indirect_ug, figure.indirect_ug)
            apart = (
                words.thousandths(per_kg(both[0], figure.grams)),
                words.thousandths(per_kg(both[1], figure.grams)),
            )
        cells = (
            words.word(figure.method),
            words.word(figure.boundary),
            str(figure.year),
            words.word(figure.stage),
            words.thousandths(figure.g_per_kg),
            *apart,
            Part(figure.primary_data_ppm, WHOLE).percent(),
        )
        lines.append(Line(cells))
    return Table("footprint", "Both methods of allocating scrap", FIGURES, tuple(lines), "no figure")


def _gaps(claims: Claims) -> tuple[Table, ...]:
    if not claims.gaps:
        return ()
    lines = tuple(
        Line((words.word(gap.process), gap.site, words.word(gap.missing)), gap.event) for gap in claims.gaps
    )
    return (Table("gaps", "Data that the method demands and no event gives", GAPS, lines),)


def _content(claims: Claims) -> tuple[Row, ...]:
    found = content(claims)
    if found is None:
        return tuple(
            absent(key, label, whom(claims), "what went into the melt")
            for key, label in (
                ("scrap", "Scrap, t per t of product"),
                ("pre_consumer", "Pre-consumer share of the scrap"),
                ("elements", "Elements other than aluminium"),
            )
        )
    return (*_scrap(found), *_elements(claims, found))


def _scrap(found: Recycled) -> tuple[Row, ...]:
    mg = found.post.mg + found.pre.mg
    ppm = found.post.ppm + found.pre.ppm
    note = "metal of scrap in the product; scrap of the same party's own process is not counted"
    tonnes = f"{ppm // 1_000_000}.{ppm % 1_000_000:06d}"
    rows = [Row("scrap", "Scrap, t per t of product", tonnes, note=note)]
    if mg == 0:
        return (
            *rows,
            Row("pre_consumer", "Pre-consumer share of the scrap", "not applicable", note="no scrap"),
        )
    share = Part(found.pre.mg, mg, up=True).percent()
    return (*rows, Row("pre_consumer", "Pre-consumer share of the scrap", share, note="rounded up"))


def _elements(claims: Claims, found: Recycled) -> tuple[Row, ...]:
    """Other elements: what was added as alloying metal, and what a certifier measured."""
    label = "Elements other than aluminium"
    measured = analysed(claims)
    rows = [
        Row(measure.quantity, words.word(measure.quantity), f"{measure.amount} {measure.unit}", event)
        for measure, event in measured
    ]
    if in_all(measured):
        return tuple(rows)
    added = part(claims, [found.alloy], up=True).percent()
    if brings_others(found):
        note = f"{added} was added as alloying metal; what scrap and unknown metal bring is not known"
        return (*rows, absent("elements", label, whom(claims), ANALYSIS, note))
    above = found.alloy.ppm > ONE_PERCENT
    note = "above 1 %: to be stated" if above else "not above 1 %: need not be stated"
    return (*rows, Row("elements", label, f"{added} added as alloying metal", note=note))
