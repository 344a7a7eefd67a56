"""Whether all metal of a lot or a site went where it was promised, and whether all promised was delivered.

"Used exclusively for vehicles of plant X" is proven when all metal has come to its end and every use is an
installation at X; disproven by any use elsewhere; until all of it has come to an end, not provable. What
processes lose, within the limits of the catalogue, is no use. What was lost, disposed of or taken as a sample
has no limit, and nobody followed it: with any of it the claim is not provable.
"""

from collections.abc import Sequence
from typing import Literal

from ledger.claims.document import Agreement, Claims, Fate
from ledger.claims.shares import Part
from ledger.policy.figures import at_most
from ledger.policy.finding import Ask
from ledger.policy.kinds.exclusive import ON_THE_WAY
from ledger.quantity import parse_ratio, shown_kg
from ledger.reports import words
from ledger.reports.common import about, custody, finish, whom
from ledger.reports.promises import Delivered, Sent, is_compared
from ledger.reports.report import Column, Line, Report, Row, Section, Table, absent

TITLE = "Exclusive use"
USES = ("installed", "sold_outside")
GONE = ("lost", "disposed", "sample")
LOTS = 20  # deciding lots that a sentence names
ALL = 1_000  # lots that a line of the table names; of a fate with more not all are known

FATES = (
    Column("fate", "What became of it"),
    Column("site", "Where"),
    Column("party", "With whom"),
    Column("into", "Into"),
    Column("mass", "Mass", True),
    Column("share", "Share", True),
    Column("lots", "Lots"),
)
YEARS = (
    Column("year", "Year"),
    Column("agreed", "Agreed", True),
    Column("delivered", "Delivered", True),
    Column("difference", "Difference", True),
)
LIMITS = (
    "Metal is followed by mass through all that parties posted, scrap into what is made of it. Metal that "
    "left the ledger is followed no further.",
)

Answer = Literal["proven", "disproven", "not provable"]


def exclusive(claims: Claims, plant: str, delivered: Delivered | None) -> Report:
    """The report of a lot or a site. ``plant``: the site that must have used all; if "", the
    one that the lot's accepted agreements name. ``delivered``: under its agreements; None if not shown."""
    plants = [plant] if plant else sorted({one.exclusive_to for one in claims.agreements if one.exclusive_to})
    answer, sentence = judge(claims, plants)
    rows = [*_use(claims, plants, answer, sentence)]
    table = _fates(claims, plants)
    sections = [about(claims), Section("Exclusive use", tuple(rows)), Section("Where it went", (), (table,))]
    given = delivered or {}
    sections += [_agreed(claims, one, given.get(one.event)) for one in claims.agreements]
    if not claims.agreements:
        sections.append(Section("Agreed and delivered", text="No agreement names this metal."))
    if claims.weakest is not None:
        sections.append(Section("Chain of custody", custody(claims)))
    heavy = [one for one in claims.agreements if _is_too_much(one, given.get(one.event))]
    if heavy:
        sentence += f" More than the footprint agreed was delivered under {heavy[0].event.id}."
    return finish("exclusive", TITLE, claims, sections, LIMITS, sentence, answer == "disproven")


def judge(claims: Claims, plants: Sequence[str]) -> tuple[Answer, str]:
    """The answer, and the sentence that says why."""
    if len(plants) != 1:
        return "not provable", "Which plant is meant is not said."
    plant = plants[0]
    claim = f"That it was used exclusively for vehicles of {plant} is"
    elsewhere = [fate for fate in claims.fates if _elsewhere(fate, plant)]
    if elsewhere:
        mass = shown_kg(sum(fate.grams for fate in elsewhere))
        return "disproven", f"{claim} disproven: {mass} went elsewhere ({_named(elsewhere)})."
    if "fates" in claims.unshown or not claims.fates:
        return "not provable", f"{claim} not provable: what became of all of it is not shown."
    still = [fate for fate in claims.fates if fate.fate in ON_THE_WAY and fate.grams]
    if still:
        mass = shown_kg(sum(fate.grams for fate in still))
        return "not provable", f"{claim} not provable yet: {mass} is not used up ({_named(still)})."
    rest = _rest(claims)
    if rest:
        return "not provable", f"{claim} not provable: {shown_kg(abs(rest))} is not accounted for."
    used = sum(fate.grams for fate in claims.fates if fate.fate == "installed")
    if not used:
        return "not provable", f"{claim} not provable: none of it was installed in a vehicle."
    gone = [fate for fate in claims.fates if fate.fate in GONE and fate.grams]
    if gone:
        kinds = ", ".join(dict.fromkeys(fate.fate for fate in gone))
        mass = _mass(claims, sum(fate.grams for fate in gone))
        return (
            "not provable",
            f"{claim} not provable: {mass} left without being used ({kinds}: {_named(gone)}).",
        )
    said = f"{claim} proven: {_mass(claims, used)} was installed there, and none elsewhere"
    lost = _total(claims) - used
    return "proven", f"{said}; {_mass(claims, lost)} was lost within limits." if lost else f"{said}."


def _elsewhere(fate: Fate, plant: str) -> bool:
    return fate.grams > 0 and fate.fate in USES and not (fate.fate == "installed" and fate.site == plant)


def _named(fates: Sequence[Fate]) -> str:
    lots = [lot for fate in fates for lot in fate.lots]
    named = ", ".join(lots[:LOTS]) or ", ".join(sorted({fate.site or fate.fate for fate in fates}))
    if len(lots) <= LOTS:
        return named
    uncounted = any(len(fate.lots) > ALL for fate in fates)
    return f"{named} and more" if uncounted else f"{named} and {len(lots) - LOTS:,} more"


def _total(claims: Claims) -> int:
    return claims.grams or sum(fate.grams for fate in claims.fates)


def _mass(claims: Claims, grams: int) -> str:
    return f"{shown_kg(grams)} ({Part(grams, _total(claims)).percent()})"


def _rest(claims: Claims) -> int:
    """Grams of the subject that no fate accounts for; a site has no mass of its own to compare with."""
    return claims.grams - sum(fate.grams for fate in claims.fates) if claims.grams else 0


def _use(claims: Claims, plants: Sequence[str], answer: Answer, sentence: str) -> list[Row]:
    if len(plants) != 1:
        note = f"agreements name {', '.join(plants)}" if plants else "no agreement names a plant"
        return [absent("plant", "Plant", "whoever asks", "the site of the plant that is meant", note)]
    rows = [Row("plant", "Plant", plants[0])]
    label = "Used exclusively there"
    if answer != "not provable":
        return [*rows, Row("exclusive", label, answer)]
    holders = sorted({fate.party for fate in claims.fates if fate.fate in ON_THE_WAY and fate.party})
    asked = ", ".join(words.party(claims, holder) for holder in holders) or whom(claims)
    what = (
        "what became of it" if holders else "the ledger itself: a proof shows a lot's past, not all its uses"
    )
    ask = Ask(asked if holders else "the ledger's operator", what)
    return [*rows, Row("exclusive", label, "not provable", None, sentence, True, ask)]


def _fates(claims: Claims, plants: Sequence[str]) -> Table:
    total = _total(claims)
    order = sorted(claims.fates, key=lambda fate: (-fate.grams, fate.fate, fate.site, fate.into))
    lines = []
    for fate in order:
        lots = ", ".join(fate.lots[:ALL])
        more = " and more" if len(fate.lots) > ALL else ""
        against = len(plants) == 1 and _elsewhere(fate, plants[0])
        cells = (
            words.word(fate.fate) + (": elsewhere" if against else ""),
            fate.site,
            words.party(claims, fate.party),
            fate.into,
            shown_kg(fate.grams),
            Part(fate.grams, total).percent() if total else "",
            lots + more,
        )
        lines.append(Line(cells))
    return Table("fates", "Where all of it went", FATES, tuple(lines), "not shown")


def _is_too_much(one: Agreement, sent: Sent | None) -> bool:
    if sent is None or sent.greatest is None:
        return False
    return not at_most(sent.greatest.figure, parse_ratio(one.footprint["kg_per_kg"]))


def _footprint(claims: Claims, one: Agreement, sent: Sent | None) -> list[Row]:
    """What was agreed, and the greatest that was delivered."""
    promised = one.footprint
    if not promised:
        return []
    meant = ", ".join(
        words.word(term) for term in (promised["method"], promised["boundary"], promised["stage"])
    )
    agreed = f"{promised['kg_per_kg']} kg CO2e per kg"
    said = Row("footprint_agreed", "Greatest footprint agreed", agreed, one.event, meant)
    key, label = "footprint_delivered", "Greatest footprint delivered"
    seller = whom(claims, party=one.party)
    if not is_compared(one):
        return [said, absent(key, label, seller, "a figure of the same method, boundary and stage")]
    if sent is None:
        return [said, absent(key, label, "the ledger's operator", "the footprint of what was delivered")]
    if sent.greatest is None:
        return [said, Row(key, label, "none: nothing was delivered")]
    lot, figure, lacking = sent.greatest
    value = words.kg_per_kg(figure.g_per_kg)
    if _is_too_much(one, sent):
        return [said, Row(key, label, value, None, f"more than agreed: {lot}")]
    if lacking:
        note = f"at least {value} ({lot}); data is missing behind {words.spelt(lacking, 'lot', 'lots')}"
        return [said, absent(key, label, seller, "the data that its claims name as missing", note)]
    return [said, Row(key, label, value, None, f"no more than agreed: {lot}")]


def _agreed(claims: Claims, one: Agreement, sent: Sent | None) -> Section:
    given = None if sent is None else sent.years
    between = f"{words.party(claims, one.party)} and {words.party(claims, one.other)}"
    rows = [Row("between", "Between", between, one.event)]
    if one.accepted:
        rows.append(Row("accepted", "Accepted", "by both", one.event))
    else:
        what = "to accept the agreement, or to say that there is none"
        note = "only one side has logged it"
        rows.append(absent("accepted", "Accepted", whom(claims, party=one.other), what, note))
    if one.material:
        rows.append(Row("agreed_material", "Material", words.word(one.material), one.event))
    if one.exclusive_to:
        rows.append(Row("exclusive_to", "Exclusively for", one.exclusive_to, one.event))
    rows += _footprint(claims, one, sent)
    promised = {year.year: year.agreed for year in one.years}
    years = sorted(promised | dict(given or {}))
    if given is None or not years:
        what = "the volumes agreed and delivered by year"
        note = f"not shown: {', '.join(map(str, years))}" if years else "no volumes are shown"
        rows.append(absent("delivered", "Delivered", "the ledger's operator", what, note))
    masses = [None if given is None else given.get(year, 0) for year in years]
    lines = tuple(
        Line(_year(year, promised.get(year, 0), grams), one.event)
        for year, grams in zip(years, masses, strict=True)
    )
    table = Table("years", "By calendar year", YEARS, lines, "not shown")
    return Section("Agreed and delivered", tuple(rows), (table,))


def _year(year: int, agreed: int, delivered: int | None) -> tuple[str, ...]:
    if delivered is None:
        return (str(year), shown_kg(agreed), "not shown", "")
    more = delivered - agreed
    sign = "-" if more < 0 else "+" if more else ""
    return (
        str(year),
        shown_kg(agreed),
        shown_kg(delivered),
        f"{sign}{shown_kg(abs(more))}",
    )
