"""An event's own burden and the data that it leaves out: docs/reference/claims.md, "Carbon footprint"."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from method import CARBON, DEMANDS, ELECTRICITY, FUELS, GJ, GRID, GWP, INERT, KWH, SMELTS
from values import seconds

G, KG = 10**6, 10**9  # micrograms


class Burden(NamedTuple):
    """Micrograms of CO2e; of these, what posters declared, and what bought electricity gave off."""

    total: int = 0
    primary: int = 0
    indirect: int = 0

    def __add__(self, other: object) -> "Burden":
        assert isinstance(other, Burden)
        return Burden(*(one + more for one, more in zip(self, other, strict=True)))

    def drawn(self, part: int, whole: int) -> "Burden":
        return Burden(
            -(-self.total * part // whole), self.primary * part // whole, -(-self.indirect * part // whole)
        )


NONE = Burden()


def rounded_up(amount: str, unit: Fraction, factor: Fraction) -> int:
    return ceil(Fraction(amount) * unit * factor)


def own(event: dict) -> tuple[Burden, list[str]]:
    """*E*, and the gaps of what has no factor."""
    gaps: list[str] = []
    carbon = others = beyond = bought = 0
    states_bought = False
    for emission in event.get("emissions", []):
        gas, scope = emission["gas"], emission["scope"]
        if gas not in GWP:
            gaps += [] if gas in INERT else [f"factor for {gas}"]
            continue
        gave = rounded_up(emission["kg"], GWP[gas], Fraction(KG))
        carbon += gave if scope == 1 and gas in ("CO2", "CO2e") else 0
        others += gave if scope == 1 and gas not in ("CO2", "CO2e") else 0
        bought += gave if scope == 2 else 0
        beyond += gave if scope == 3 else 0
        states_bought |= scope == 2
    fuels = named = grid = cleanest = 0
    for used in event.get("energy", []):
        carrier, amount = used["carrier"], used["amount"]
        if carrier == "electricity":
            unit, source = KWH.get(used["unit"]), used.get("source")
            if unit is None:
                gaps.append(f"factor for {carrier} in {used['unit']}")
            elif source in ELECTRICITY:
                named += rounded_up(amount, unit, ELECTRICITY[source] * G)
            else:
                grid += rounded_up(amount, unit, GRID * G)
                cleanest += rounded_up(amount, unit, min(ELECTRICITY.values()) * G)
        else:
            unit = GJ.get(used["unit"]) or GJ.get(f"{carrier} {used['unit']}")
            if unit is None or carrier not in FUELS:
                gaps.append(f"factor for {carrier} in {used['unit']}")
            else:
                fuels += rounded_up(amount, unit, FUELS[carrier] * KG)
    indirect = max(bought, named + cleanest) if states_bought else named + grid
    total = max(carbon, fuels) + others + indirect + beyond
    return Burden(total, carbon + others + min(bought, indirect), indirect), gaps


def demanded(event: dict, process: str) -> Iterator[str]:
    """What the table of demands asks for and the event does not declare."""
    declared = {used["carrier"] for used in event.get("energy", [])}
    declared |= {emission["gas"] for emission in event.get("emissions", [])}
    declared |= {member for member in ("energy", "emissions") if event.get(member)}
    if seconds(event.get("from", event["time"])) < seconds(event["time"]):
        declared.add("when it began")
    for demand in DEMANDS.get(process, DEMANDS["any other process"]):
        if not declared & set(demand.split(" or ")):
            yield demand


def states(event: dict, scope: int) -> bool:
    return any(emission["scope"] == scope for emission in event.get("emissions", []))


def chemistry(event: dict, brought: int, raw: int, anode: str) -> Iterator[str]:
    """`raw`: grams of what goes in and is no metal yet; `brought`: micrograms of CO2e, with the anodes."""
    process = event["process"]
    if process in CARBON:
        emissions = event.get("emissions", [])
        counted = [one for one in emissions if one["scope"] == 3 and one["gas"] in GWP]
        brought += sum(rounded_up(one["kg"], GWP[one["gas"]], Fraction(KG)) for one in counted)
        if brought == 0 or brought < raw * G // 10:
            yield f"{anode} that fits the metal made (lots of it, or scope 3)"
        carbon = [one for one in emissions if one["gas"] in ("CO2", "CO2e")]
        gave = sum(Fraction(one["kg"]) for one in carbon if one["scope"] == 1)
        if carbon and gave * 1000 < raw * Fraction("0.35"):
            yield "CO2 that fits the metal made"
    electricity = [used for used in event.get("energy", []) if used["carrier"] == "electricity"]
    counted = [one for one in event.get("emissions", []) if one["scope"] == 2 and one["gas"] in GWP]
    if process in SMELTS and counted and any(used.get("source") not in ELECTRICITY for used in electricity):
        yield "source of the electricity that scope 2 states"
