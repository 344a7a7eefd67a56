"""A proof's claims in a few lines, for the report's text."""

from ledger.claims.document import Claims
from ledger.claims.shares import WHOLE, Part, part
from ledger.quantity import format_kg

INDENT = 17
"""Columns before what is said of a claim."""

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
        primary = Part(figure.primary_data_ppm, WHOLE).percent()
        found.append(f"               {figure.stage.replace('_', ' ')}, {primary} from primary data")
    if not all(figure.complete for figure in claims.footprint):
        found.append("               data is missing, so it may be more")
    for one in claims.recycled:
        least = "at least " if one.unknown.ppm else ""
        post, pre = (part(claims, [share]).percent() for share in (one.post, one.pre))
        found.append(f"recycled       {least}{post} post-consumer, {pre} pre-consumer, {_RULES[one.rule]}")
    unknown = max((one.unknown for one in claims.recycled), key=lambda one: one.ppm, default=None)
    if unknown is not None and unknown.ppm:
        share = part(claims, [unknown], up=True).percent()
        found.append(f"               of {share} of the mass it is unknown, so it may be more")
    if claims.weakest is not None:
        found.append(f"weakest model  {claims.weakest.replace('_', ' ')} (ISO 22095)")
    if claims.renewable_ppm is not None:
        share = Part(claims.renewable_ppm, WHOLE).percent()
        found.append(f"renewable      {share} of the smelting energy, with certificates")
    elif claims.power:
        found.append("renewable      not provable from this file")
    return ["Claims:", *(f"  {line}" for line in found), ""]
