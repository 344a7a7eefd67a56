"""The line of a United States customs entry under Section 232: where aluminium was smelted and last cast.

Primary country of smelt: where most of the new metal was made from alumina by electrolysis; secondary: where
the second most was; country of cast: where the metal was last liquid (CBP, CSMS 55424218 and 65340246). An
unknown share may be of any country, so a rank that it could change is not established. CBP takes the code
UN for an unknown country.
"""

from collections.abc import Sequence

from ledger.claims.document import Claims, Place
from ledger.reports import places, words
from ledger.reports.common import about, custody, finish, whom
from ledger.reports.places import Ranking
from ledger.reports.report import Report, Row, Section, absent

SMELT = ("smelter",)
CAST = ("cast", "casthouse")
TITLE = "Section 232: countries of smelt and cast"
FIRST, SECOND, LAST = "Primary country of smelt", "Secondary country of smelt", "Country of most recent cast"
UN = "CBP takes UN for an unknown country."

LIMITS = (
    "Shares are of the lot's mass. This is no customs ruling: it says nothing of tariff classification, "
    "value, or countries of melt of other metals in the goods.",
)


def section232(claims: Claims) -> Report:
    """The report of a lot."""
    smelt = Section(
        "Smelt",
        (*_smelt(claims), *places.placeless_rows(claims, claims.smelters)),
        (places.table(claims, claims.smelters, "smelters", "By place of smelt"),),
    )
    cast = Section("Cast", _cast(claims), (places.table(claims, claims.casts, "casts", "By last cast"),))
    sections = (about(claims), smelt, cast, Section("Chain of custody", custody(claims)))
    return finish("section232", TITLE, claims, sections, LIMITS)


def _smelt(claims: Claims) -> tuple[Row, ...]:
    if not claims.smelters:
        return (absent("primary_smelt", FIRST, whom(claims), "where the metal was smelted"),)
    ranked = places.ranking(claims, claims.smelters, SMELT)
    return (
        _primary(claims, ranked),
        _secondary(claims, ranked),
        places.unknown_row(claims, claims.smelters, SMELT, "unknown_smelt", "Metal of unknown smelt"),
        *places.rest_row(claims, claims.smelters, "rest_smelt"),
    )


def _primary(claims: Claims, ranked: Ranking) -> Row:
    if not ranked.known and not ranked.unknown:
        return Row("primary_smelt", FIRST, "not applicable", note="No newly smelted metal is in it.")
    if ranked.settled(0):
        first = ranked.known[0]
        return Row("primary_smelt", FIRST, first.code, first.source, f"{words.kg(first.mg)} of it.")
    asked = _whom(claims, claims.smelters, SMELT)
    return absent("primary_smelt", FIRST, asked, "where the metal was smelted", _open(ranked))


def _secondary(claims: Claims, ranked: Ranking) -> Row:
    if not ranked.known and not ranked.unknown:
        return Row("secondary_smelt", SECOND, "not applicable", note="No newly smelted metal is in it.")
    if len(ranked.known) == 1 and not ranked.unknown:
        only = ranked.known[0]
        return Row("secondary_smelt", SECOND, "none", only.source, f"All new metal is of {only.code}.")
    if ranked.settled(1):
        second = ranked.known[1]
        return Row("secondary_smelt", SECOND, second.code, second.source, f"{words.kg(second.mg)} of it.")
    what = "where the metal of unknown smelt was smelted"
    return absent("secondary_smelt", SECOND, _whom(claims, claims.smelters, SMELT), what, _open(ranked))


def _whom(claims: Claims, found: Sequence[Place], kinds: Sequence[str]) -> str:
    return places.whom_of_unknown(claims, [place for place in found if places.is_hidden(place, kinds)])


def _cast(claims: Claims) -> tuple[Row, ...]:
    if not claims.casts:
        return (absent("cast", LAST, whom(claims), "where the metal was last cast"),)
    ranked = places.ranking(claims, claims.casts, CAST)
    if not ranked.known and not ranked.unknown:
        return (Row("cast", LAST, "not applicable", note="It was never cast."),)
    unknown = places.unknown_row(claims, claims.casts, CAST, "unknown_cast", "Metal of unknown last cast")
    rest = places.rest_row(claims, claims.casts, "rest_cast")
    if not ranked.settled(0):
        asked = _whom(claims, claims.casts, CAST)
        row = absent("cast", LAST, asked, "where the metal was last cast", _open(ranked))
        return (row, unknown, *rest)
    first = ranked.known[0]
    note = f"{words.kg(first.mg)} of it."
    if ranked.known[1:]:
        note += f" Other parts were last cast in {', '.join(other.code for other in ranked.known[1:])}."
    return (Row("cast", LAST, first.code, first.source, note), unknown, *rest)


def _open(ranked: Ranking) -> str:
    """Why a rank is not established."""
    if not ranked.known:
        return f"Nothing is known. {UN}"
    known = ", ".join(f"{country.code} {words.kg(country.mg)}" for country in ranked.known)
    if not ranked.unknown:
        return f"Two countries have the same mass: {known}."
    hidden = words.kg(ranked.hidden) if ranked.hidden else "traces"
    return f"Known: {known}. Unknown: {hidden}, which may change the rank. {UN}"
