"""The method's tables, as docs/reference/claims.md prints them."""

import re
from fractions import Fraction
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/reference/claims.md").read_text("utf-8")


def rows(name: str) -> list[list[str]]:
    """The cells of a table, without its head; backticks taken off."""
    (body,) = re.findall(rf"^<!-- {name}: made.*?^\|--.*?\n(.*?)^<!-- end", PAGE, re.M | re.S)
    lines = [line.strip("| ").split(" | ") for line in body.strip().splitlines()]
    return [[cell.replace("`", "") for cell in line] for line in lines]


def factors(name: str) -> dict[str, Fraction]:
    return {what.replace(" ", "_"): Fraction(value.replace(",", "")) for what, value in rows(name)}


def units(of: str) -> dict[str, Fraction]:
    return {unit: Fraction(is_) for what, unit, is_ in rows("units") if what == of}


LISTS = {what: set(which.split(", ")) for what, which in rows("lists")}
REFINES, SMELTS = LISTS["processes that refine"], LISTS["processes that smelt"]
MELTS, CARBON = LISTS["processes that melt"], LISTS["processes with carbon"]
USED_BEFORE, INERT = LISTS["materials that were in use"], LISTS["gases that are inert"]
RENEWABLE = LISTS["sources that are renewable"]

GWP = factors("gases") | {"CO2e": Fraction(1)}
ELECTRICITY = factors("electricity")  # g CO2e per kWh
GRID = ELECTRICITY.pop("the_grid,_or_not_said")
FUELS = factors("fuels")  # kg CO2 per GJ
KWH, GJ = units("electricity, kWh"), units("fuel, GJ")
DEMANDS = {what: [] if asked == "nothing" else asked.split("; ") for what, asked in rows("demands")}
MODELS = ["identity_preserved", "segregated", "controlled_blending", "mass_balance", "book_and_claim"]
"""The strongest first."""
ANODE = "anode"
MERIT = {"unproven": 0, "unknown": 1, "added": 2, "alloy": 3, "none": 4, "primary": 5, "pre": 7, "post": 8}
"""By the first word of a label; all others 6."""
