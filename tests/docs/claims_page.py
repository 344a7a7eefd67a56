"""The parts of docs/reference/claims.md that are made of the program: factors, examples, schemes, members.

What a member means is written by hand, in the page's last column, and kept; all else is made anew."""

import re
import types
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from ledger.claims import document
from ledger.claims.document import Part
from ledger.claims.method import DEFAULT
from ledger.policy.shipped import schemes
from ledger.quantity import FINE
from ledger.register import Account
from ledger.rules.accounts import judged
from tests.claims import worked

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "claims.md"
PART = re.compile(r"(<!-- (\w+): made by tests\.docs\.update -->\n).*?(<!-- end of \2 -->\n)", re.S)
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", re.M)
SECTION = re.compile(r"^#### (\w+)\n(.*?)(?=^#### |^<!-- |\Z)", re.M | re.S)
MASSES = {"alumina": 1_000_000, "liquid": 100_000, "slab": 59_400, "coil": 8_000, "panel": 4_760}  # kg
DISPUTED = "own_loop", "own_party"


def gases() -> str:
    """What a kilogram of each gas counts."""
    rows = "".join(f"| {gas} | {kg(milli)} |\n" for gas, milli in DEFAULT.gwp.items() if gas != "CO2e")
    return f"| gas | kg CO2e per kg |\n|---|---|\n{rows}"


def electricity() -> str:
    """The factor of each source."""
    rows = "".join(f"| {source.replace('_', ' ')} | {mg // 1000} |\n" for source, mg in _factors())
    return (
        "| electricity from | g CO2e per kWh |\n|---|---|\n"
        f"{rows}| the grid, or not said | {DEFAULT.grid // 1000} |\n"
    )


def _factors() -> list[tuple[str, int]]:
    return sorted(DEFAULT.electricity.items(), key=lambda row: row[1])


def fuels() -> str:
    """What burning a gigajoule of each fuel gives off."""
    rows = "".join(
        f"| {fuel.replace('_', ' ')} | {mg // 1_000_000}.{mg // 100_000 % 10} |\n"
        for fuel, mg in DEFAULT.fuels.items()
    )
    return f"| fuel | kg CO2 per GJ |\n|---|---|\n{rows}"


def demands() -> str:
    """What each process or source has to declare."""
    rows = ""
    for name, several in sorted(DEFAULT.demands.items(), key=lambda row: (not row[0], row[0])):
        asked = "; ".join(" or ".join(one) for one in several) or "nothing"
        rows += f"| {f'`{name}`' if name else 'any other process'} | {asked} |\n"
    return f"| process or source | has to declare |\n|---|---|\n{rows}"


def lists() -> str:
    """Processes by what they do, and words that count."""
    rows = {
        "processes that refine": DEFAULT.refines,
        "processes that smelt": DEFAULT.smelts,
        "processes that melt": DEFAULT.melts,
        "processes with carbon": DEFAULT.carbon,
        "materials that were in use": DEFAULT.post_consumer,
        "gases that are inert": DEFAULT.inert,
        "sources that are renewable": DEFAULT.renewable,
    }
    told = "".join(
        f"| {what} | {', '.join(f'`{word}`' for word in sorted(of))} |\n" for what, of in rows.items()
    )
    return f"| what | which |\n|---|---|\n{told}"


def units() -> str:
    """Units of electricity in kWh, and of fuels in GJ."""
    rows = ""
    for of, known in (("electricity, kWh", DEFAULT.kwh), ("fuel, GJ", DEFAULT.gj)):
        rows += "".join(
            f"| {of} | `{unit}` | {n if d == 1 else f'{n}/{d}'} |\n" for unit, (n, d) in known.items()
        )
    return f"| of | unit | is |\n|---|---|---|\n{rows}"


def footprint() -> str:
    """The worked example by both methods."""
    works = worked.panel()
    rows = ""
    for lot, mass in MASSES.items():
        cut_off, by_mass = worked.per_kg(works.accounts[f"l:{lot}"], mass)
        rows += f"| {lot} | {cut_off} | {by_mass} |\n"
    below = [
        f"{round(100 - Fraction(burden.total * 100, 4_760 * 16_100_000_000))} %"
        for burden in works.accounts["l:panel"].footprint
    ]
    rows += f"| the panel is below 16.1 by | {below[0]} | {below[1]} |\n"
    return f"| kg CO2e per kg | cut-off | by mass |\n|---|---|---|\n{rows}"


def recycled() -> str:
    """The worked charge by both rules."""
    slab = worked.charge()
    rows = ""
    for rule, vector in zip(DISPUTED, (slab.content, slab.content_party), strict=True):
        found = worked.classes(vector)
        cells = [_percent(Fraction(found[one], FINE * 60_000_000)) for one in ("primary", "post", "pre")]
        rows += f"| `{rule}` | {' | '.join(cells)} |\n"
    return f"| rule | primary | post-consumer | pre-consumer |\n|---|---|---|---|\n{rows}"


def _percent(share: Fraction) -> str:
    hundredths = round(share * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


CLOSES = (  # brought, certified in, total in, total out, issued, by force majeure
    (500, 48_000, 80_000, 76_000, 45_000, 0),
    (500, 48_000, 80_000, 76_000, 46_100, 0),
    (500, 48_000, 80_000, 76_000, 46_101, 0),
    (500, 48_000, 80_000, 76_000, 55_700, 9_600),
    (500, 48_000, 80_000, 76_000, 55_700, 100),
    (0, 1_000_000, 3_000_000, 2_900_000, 0, 0),
    (0, 6_000, 10_000, 4_000, 2_400, 0),
    (0, 6_000, 20_000, 4_000, 2_400, 0),
)


def account() -> str:
    """The worked accounts, as their closes leave them."""
    rows = ""
    for one in CLOSES:
        left = judged(Account("", "", 1_000_000, 200_000, *one, "open", 0, 0, 0, ""))
        cells = (*one[:5], one[5] or "", left.entitled, left.overdrawn, left.carry)
        rows += f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else cell for cell in cells)} |\n"
    return (
        "| brought | certified in | total in | total out | issued | force majeure "
        f"| entitled | overdrawn | carry |\n{'|---' * 9}|\n{rows}"
    )


def schemes_() -> str:
    """Who states what, and what to ask for."""
    rows = "".join(
        f"| `{name}` | {one.title} | {one.issuer} | {one.ask} |\n" for name, one in schemes().items()
    )
    return f"| scheme | title | who states it | what to ask for |\n|---|---|---|---|\n{rows}"


def models() -> Iterator[type[Part]]:
    """The document's models, the whole first, then each below where it is first named."""
    seen: list[type[Part]] = [document.Claims]
    for model in seen:
        for field in model.model_fields.values():
            seen += [one for one in _parts(field.annotation) if one not in seen]
    return iter(seen)


def _parts(annotation: Any) -> list[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    return [part for one in get_args(annotation) for part in _parts(one)]


def spelled(annotation: Any) -> str:
    """A member's type in words."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if annotation is type(None):
        return "null"
    if origin in (Union, types.UnionType):
        return " or ".join(spelled(one) for one in inside)
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in inside)
    if origin is tuple:
        if inside[-1] is Ellipsis:
            return f"list of {spelled(inside[0])}"
        return "pair"
    if origin is dict:
        return "object"
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return {int: "integer", str: "text", bool: "boolean"}[annotation]


def members(text: str) -> str:
    """A table for each model, with what the page says of each member."""
    told = {
        (section, member): meaning
        for section, body in SECTION.findall(text)
        for member, _, meaning in ROW.findall(body)
    }
    made = ""
    for model in models():
        made += f"#### {model.__name__}\n\n| member | type | means |\n|---|---|---|\n"
        for name, field in model.model_fields.items():
            meaning = told.get((model.__name__, name), "")
            made += f"| `{name}` | {spelled(field.annotation)} | {meaning} |\n"
        made += "\n"
    return made


MAKERS: dict[str, Callable[[], str]] = {
    "gases": gases,
    "electricity": electricity,
    "fuels": fuels,
    "demands": demands,
    "lists": lists,
    "units": units,
    "footprint": footprint,
    "recycled": recycled,
    "account": account,
    "schemes": schemes_,
}


def kg(milli: int) -> str:
    """Thousandths, without a decimal that says nothing."""
    whole, rest = divmod(milli, 1000)
    return f"{whole:,}.{rest // 100}" if rest else f"{whole:,}"


def render(text: str) -> str:
    """The page with its made parts made anew."""

    def made(found: re.Match[str]) -> str:
        part = members(text) if found[2] == "members" else f"{MAKERS[found[2]]()}\n"
        return f"{found[1]}\n{part}{found[3]}"

    return PART.sub(made, text)
