"""What all reports share: what they are about, what they rest on, and how they end."""

from collections.abc import Callable, Mapping, Sequence

from ledger.claims.document import Claims, Proof, Ref, Step
from ledger.errors import Malformed
from ledger.policy.requirement import maker
from ledger.quantity import shown_kg
from ledger.reports import words
from ledger.reports.report import (
    COMPLETE,
    DISPROVEN,
    INCOMPLETE,
    Column,
    Line,
    Outcome,
    Report,
    Row,
    Section,
    Table,
    absent,
)

TEXT = 500  # characters of a field that is given with the request

RECORDED = (
    "It shows what parties signed and a ledger recorded, and that it is unchanged since. It does not show "
    "that what they signed is true, nor that these are the goods before you: compare their marks."
)


class Fields:
    """Values given with the request, for fields that no event says. ``report.field`` if a name is not known
    to the kind of report, or a value is empty, too long or holds control characters."""

    def __init__(self, given: Mapping[str, str], known: Sequence[str]) -> None:
        for name, value in given.items():
            if name not in known:
                raise Malformed("report.field", f"$.{name}", f"known here: {', '.join(known) or 'none'}")
            if not value.strip() or len(value) > TEXT or not value.isprintable():
                raise Malformed("report.field", f"$.{name}", f"must be 1 to {TEXT} characters on one line")
        self._given = given

    def row(self, key: str, label: str, value: str, source: Ref | None, whom: str, what: str) -> Row:
        """The field as an event says it, else as it was given, else missing."""
        if value:
            return Row(key, label, value, source)
        if key in self._given:
            return Row(key, label, self._given[key], note="stated with the request", stated=True)
        return absent(key, label, whom, what)


def about(claims: Claims) -> Section:
    """What the report is about."""
    site = claims.fates and not claims.material  # a lot is of some material, wherever it went
    rows = [Row("subject", "Site" if site else "Lot", claims.subject)]
    if claims.material:
        rows.append(Row("material", "Material", words.word(claims.material)))
    if claims.grams:
        rows.append(Row("mass", "Mass", shown_kg(claims.grams)))
    if claims.born:
        rows.append(Row("born", "Made", claims.born))
    stamped = sorted(claims.marks_on_it.items())
    rows += [Row(f"mark_{name}", f"Mark: {words.word(name)}", value) for name, value in stamped]
    if claims.holder:
        rows.append(Row("holder", "Held by", words.party(claims, claims.holder)))
    if claims.owner:
        rows.append(Row("owner", "Owned by", words.party(claims, claims.owner)))
    return Section("Subject", tuple(rows), marks(claims))


def marks(claims: Claims) -> tuple[Table, ...]:
    """Open disputes and differences on what the subject rests on, if there are any."""
    if not claims.marks:
        return ()
    columns = (Column("mark", "Open mark"), Column("by", "Set by"), Column("since", "Since"))
    lines = tuple(
        Line((words.word(mark.mark), words.party(claims, mark.by), mark.since), mark.event)
        for mark in claims.marks
    )
    return (Table("marks", "In dispute: events that this report rests on", columns, lines),)


def custody(claims: Claims) -> tuple[Row, ...]:
    """The weakest chain-of-custody model, which every report that speaks of origin must print."""
    if claims.weakest is None and claims.steps and all(s.process.startswith("source:") for s in claims.steps):
        return (Row("model", "Weakest chain-of-custody model", "none", note="No process was run so far."),)
    if claims.weakest is None:
        what = "the chain-of-custody model (ISO 22095) of each process"
        return (absent("model", "Weakest chain-of-custody model", claims.holder or "the supplier", what),)
    at = next((step for step in claims.models if step.model == claims.weakest), None)
    note = {
        "identity_preserved": "The metal itself was kept apart all the way.",
        "segregated": "The metal itself was kept apart from metal of other origin all the way.",
        "controlled_blending": "Metal was blended in known shares: the shares hold on average.",
        "mass_balance": "Shares are attributed in the books: the metal itself may be of other origin.",
        "book_and_claim": "A claim without any physical link: it says nothing of this metal's origin.",
    }[claims.weakest]
    if at is not None:
        note = f"{note} Decided by the process {words.word(at.process)}."
    event = at.event if at else None
    never = "" if claims.weakest in words.PHYSICAL else " Never: physically from."
    wording = f"This metal is {words.origin_words(claims)} the places that it is traced to.{never}"
    return (
        Row("model", "Weakest chain-of-custody model", words.word(claims.weakest), event, note),
        Row("wording", "What may be said of origin", wording),
    )


def whom(claims: Claims, site: str = "", party: str = "") -> str:
    """Whom to ask: this party, or the operator of this site, else whoever made the subject or holds it."""
    if party:
        return words.party(claims, party)
    operator = next((step.party for step in claims.steps if step.site == site and step.party), "")
    asked = operator or maker(claims) or claims.holder
    return words.party(claims, asked) if asked else "the supplier"


def event_of(claims: Claims, site: str, wanted: Callable[[Step], bool]) -> Ref | None:
    """The first event at a site, of the wanted steps if there is one of them."""
    steps = [step for step in claims.steps if site and step.site == site]
    chosen = [step for step in steps if wanted(step)] or steps
    return min((step.first for step in chosen), key=lambda ref: ref.index, default=None)


def finish(
    kind: str,
    title: str,
    claims: Claims,
    sections: Sequence[Section],
    limits: Sequence[str],
    verdict: str = "",
    disproven: bool = False,
) -> Report:
    """The report, with the outcome that follows from its fields and its basis."""
    sections = (*_objections(claims), *_of_proof(claims.proof), *sections)
    missing = any(row.missing for section in sections for row in section.rows)
    outcome: Outcome = INCOMPLETE if missing else COMPLETE
    if disproven or (claims.proof is not None and claims.proof.verdict == "does not hold"):
        outcome = DISPROVEN
    return Report(
        kind,
        title,
        claims.subject,
        outcome,
        verdict,
        claims.as_of,
        claims.rests_on,
        claims.proof,
        sections,
        (*limits, RECORDED),
    )


def _objections(claims: Claims) -> tuple[Section, ...]:
    """A warning where somebody objects."""
    if not claims.marks:
        return ()
    by = words.party(claims, claims.marks[0].by) or "the seller"
    row = absent("standing", "Standing", by, "how what is in dispute was settled", "in dispute: see below")
    return (Section("Warning", (row,), text="Somebody objects to events that this report rests on."),)


def _of_proof(proof: Proof | None) -> tuple[Section, ...]:
    """A warning where the proof does not hold, or shows too little."""
    if proof is None or proof.verdict == "holds":
        return ()
    codes = ", ".join(proof.codes)
    if proof.verdict == "does not hold":
        text = f"The proof file DOES NOT HOLD ({codes}). Nothing below may be relied on."
        return (Section("Warning", text=text),)
    what = "a proof that shows what is missing, or the ledger itself"
    row = absent("proof", "Proof", "whoever made the proof", what, f"not provable: {codes}")
    return (Section("Warning", (row,), text="The proof file does not show all that its report needs."),)
