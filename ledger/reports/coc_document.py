"""A chain-of-custody document for a shipment, with the members that ASI's standard lists.

Its fields come from the ``ship`` event that issued it. What no event says can be given with the request,
and is marked so; whatever is still open is named.
"""

from collections.abc import Mapping

from ledger.claims.coc import drawn_on_none
from ledger.claims.document import Claims, CocDocument
from ledger.errors import Malformed
from ledger.quantity import shown_kg
from ledger.reports import words
from ledger.reports.common import Fields, custody, finish, marks, whom
from ledger.reports.report import Column, Line, Report, Row, Section, Table, absent

TITLE = "Chain-of-custody document"
GIVEN = ("issuer_no", "customer_no", "responsible", "statement")
OTHERS = (Column("document", "Document"), Column("time", "Date"), Column("customer", "Customer"))
NONE = "No shipment of it with a chain-of-custody document is shown."
# Every document draws on an account, or passes on what one issued: so it holds where no metal was mixed, too.
CERTIFIED = Row(
    "certified",
    "What may be said of its certification",
    "This mass is certified in the books, by mass balance. Never: this very metal is certified.",
)
LIMITS = (
    "Chain-of-custody material of a mass-balance scheme is an amount in the issuer's books: the metal of "
    "this shipment is not physically traced by it.",
)


def coc_document(claims: Claims, fields: Mapping[str, str], document: str) -> Report:
    """The report of a lot. ``document``: which of its documents, by number; the latest if "".
    ``report.document`` if the lot has none of that number. Of a lot without any it says that, and no more."""
    given = Fields(fields, GIVEN)
    known = sorted(claims.coc, key=lambda coc: coc.event.index)
    if document and document not in {coc.document for coc in known}:
        raise Malformed("report.document", "$", f"{claims.subject} was not shipped with {document}")
    chosen = [coc for coc in known if not document or coc.document == document]
    if not chosen:
        return finish("coc-document", TITLE, claims, _nothing(claims), LIMITS, NONE)
    coc = chosen[-1]
    sections = [
        Section("Document", _document(claims, coc)),
        Section("From, to", _parties(claims, coc, given)),
        Section("Material", _material(claims, coc), marks(claims)),
        Section("Greenhouse gas intensity", _intensity(claims)),
        Section("Chain of custody", (*_account(claims, coc), CERTIFIED, *custody(claims))),
    ]
    if len(known) > 1:
        lines = tuple(
            Line((other.document, other.time, words.party(claims, other.customer)), other.event)
            for other in known
            if other is not coc
        )
        table = Table("others", "Other documents of this lot", OTHERS, lines)
        sections.append(Section("Other documents", tables=(table,)))
    return finish("coc-document", TITLE, claims, sections, LIMITS)


def _nothing(claims: Claims) -> tuple[Section, ...]:
    what = "a shipment with a chain-of-custody document"
    row = absent("document", "Chain-of-custody document", whom(claims), what)
    return (Section("Document", (row, Row("lot", "Lot", claims.subject)), marks(claims)),)


def _need(claims: Claims, coc: CocDocument, key: str, label: str, value: str, what: str) -> Row:
    asked = whom(claims, party=coc.issuer)
    return Row(key, label, value, coc.event) if value else absent(key, label, asked, what)


def _document(claims: Claims, coc: CocDocument) -> tuple[Row, ...]:
    return (
        _need(claims, coc, "date", "Date of issue", coc.time, "a shipment with a chain-of-custody document"),
        _need(claims, coc, "reference", "Reference number", coc.document, "the document's number"),
        _need(claims, coc, "scheme", "Scheme", coc.scheme, "the document's scheme"),
    )


def _parties(claims: Claims, coc: CocDocument, given: Fields) -> tuple[Row, ...]:
    asked = whom(claims, party=coc.issuer)
    buyer = whom(claims, party=coc.customer)
    ref = coc.event if coc.event.id else None
    no = "chain-of-custody certificate number"
    return (
        _need(claims, coc, "issuer", "Issuer", words.party(claims, coc.issuer), "who issued the document"),
        given.row("issuer_no", "Issuer's CoC number", coc.issuer_no, ref, asked, f"the issuer's {no}"),
        _certificate(claims, coc),
        _need(claims, coc, "customer", "Customer", words.party(claims, coc.customer), "the customer"),
        given.row(
            "customer_no", "Customer's CoC number", coc.customer_no, ref, buyer, f"the customer's {no}"
        ),
        given.row("responsible", "Responsible person", coc.responsible, ref, asked, "who is responsible"),
        given.row(
            "statement", "Statement of conformance", coc.statement, ref, asked, "a statement of conformance"
        ),
    )


def _certificate(claims: Claims, coc: CocDocument) -> Row:
    """The issuer's certificate for the scheme, at the time of the shipment, by somebody else."""
    label = "Issuer's certificate at that time"
    sites = {step.site for step in claims.steps if step.party == coc.issuer}
    for said in claims.attestations:
        about = said.subject.id in {coc.issuer, *sites} and said.certifier != coc.issuer
        elsewhere = sites and said.scope.sites and sites.isdisjoint(said.scope.sites)
        if said.scheme == coc.scheme and about and not elsewhere:
            for begin, end in said.held:
                if begin <= coc.time < end:
                    last = min(end, said.valid_until or end)
                    value = f"{said.status}, by {words.party(claims, said.certifier)}, until {last}"
                    return Row("certificate", label, value, said.event, said.certificate_no)
    scheme = coc.scheme or "chain-of-custody"
    what = f"the {scheme} certificate that was valid at {coc.time or 'issue'}"
    note = "no certificate for the scheme is recorded that held then"
    return absent("certificate", label, whom(claims, party=coc.issuer), what, note)


def _material(claims: Claims, coc: CocDocument) -> tuple[Row, ...]:
    mass = shown_kg(coc.grams) if coc.grams else ""
    total = shown_kg(coc.total) if coc.total else ""
    material = words.word(coc.material or (claims.material if coc.document else ""))
    kind = "the type of chain-of-custody material"
    return (
        Row("lot", "Lot", claims.subject),
        _need(claims, coc, "material", "Type of CoC material", material, kind),
        _need(claims, coc, "coc_mass", "Mass of CoC material", mass, "the mass of CoC material"),
        _need(claims, coc, "total_mass", "Total mass of the shipment", total, "the mass of the shipment"),
    )


def _intensity(claims: Claims) -> tuple[Row, ...]:
    if not claims.footprint:
        what = "the greenhouse gas intensity of the material"
        return (absent("ghg", "GHG intensity", whom(claims), what),)
    rows = []
    for figure in claims.footprint:
        note = f"{words.word(figure.boundary)}, {figure.year}, {words.word(figure.stage)}"
        if not figure.complete:
            note += "; data of some processes is missing, so it is at least that"
        label = f"GHG intensity, {words.word(figure.method)}"
        rows.append(Row(f"ghg_{figure.method}", label, words.kg_per_kg(figure.g_per_kg), note=note))
    return tuple(rows)


def _account(claims: Claims, coc: CocDocument) -> tuple[Row, ...]:
    label = "Mass-balance account"
    if drawn_on_none(claims, coc):
        what = "the account that this was drawn on"
        note = "attributed in books, and no account is named"
        return (absent("account", label, whom(claims, party=coc.issuer), what, note),)
    if not coc.account:
        return ()
    account = next((one for one in claims.accounts if one.id == coc.account), None)
    if account is None:
        what = f"the state of the account {coc.account}"
        return (absent("account", label, whom(claims, party=coc.issuer), what, "the account is not shown"),)
    state = "closed" if account.closed else "open: this document is provisional until it is closed"
    if account.overdrawn:
        state = f"closed, overdrawn by {shown_kg(account.overdrawn)}"
    rows = [Row("account", label, account.id, coc.event, state)]
    if coc.force_majeure:
        rows.append(Row("force_majeure", "Force majeure", coc.force_majeure, coc.event))
    return tuple(rows)
