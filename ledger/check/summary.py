"""A proof's claims in a few lines, for the report's text."""

from ledger.claims.document import Claims
from ledger.quantity import format_kg

_METHODS = {"cut_off": "cut-off", "by_mass": "by mass"}
_RULES = {"own_loop": "own loop", "own_party": "own party"}


def lines(claims: Claims) -> list[str]:
    """One line for each claim, at most 80 columns."""
    found = []
    for figure in claims.footprint:
        least = "" if figure.complete else "at least "
        found.append(
            f"footprint      {least}{format_kg(figure.g_per_kg)} kg CO2e/kg {_METHODS[figure.method]}, "
            f"cradle to gate, {figure.year}"
        )
    if not all(figure.complete for figure in claims.footprint):
        found.append("               data is missing, so it may be more")
    for one in claims.recycled:
        least = "at least " if one.unknown.ppm else ""
        found.append(
            f"recycled       {least}{_of(one.post.ppm)} post-consumer, {_of(one.pre.ppm)} pre-consumer, "
            f"{_RULES[one.rule]}"
        )
    unknown = max((one.unknown.ppm for one in claims.recycled), default=0)
    if unknown:
        found.append(f"               of {_of(unknown + 99)} of the mass it is unknown, so it may be more")
    if claims.weakest is not None:
        found.append(f"weakest model  {claims.weakest.replace('_', ' ')} (ISO 22095)")
    if claims.renewable_ppm is not None:
        found.append(f"renewable      {_of(claims.renewable_ppm)} of the smelting energy, with certificates")
    elif claims.power:
        found.append("renewable      not provable from this file")
    return ["Claims:", *(f"  {line}" for line in found), ""]


def _of(ppm: int) -> str:
    """Rounded down: a merit."""
    return f"{ppm // 10_000}.{ppm // 100 % 100:02} %"
