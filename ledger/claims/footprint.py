"""Greenhouse gas from cradle to gate, rolled up from what each event declares.

An event's own burden, by scope of the GHG Protocol:

- scope 1: what it declares, but no less than burning the fuels that it declares gives off. The fuels are not
  counted on top: who meters a fuel declares both;
- scope 2: its electricity by the factor of its source; a declared figure takes the place of the grid's
  default, but is no less than the named sources give, and the rest as the cleanest of all;
- scope 3: what it declares (such as the transport of what arrived).

What goes in brings its share along. By both methods of allocation: *by mass*, all outputs that carry origin
share by their mass; *cut-off*, process scrap leaves with nothing, and the products bear all.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from ledger.claims.account import Account, Burden
from ledger.claims.document import Footprint
from ledger.claims.method import BEGAN, Method
from ledger.quantity import FINE, MILLION, format_time, parse_ratio
from ledger.register import Lot

METHODS: tuple[Literal["cut_off", "by_mass"], ...] = ("cut_off", "by_mass")
"""In the order of an account's burdens."""

_CARBON = ("CO2", "CO2e")


class Own(NamedTuple):
    """An event's own burden, and what cannot be counted: what there is no factor for."""

    burden: Burden
    uncounted: tuple[str, ...]


def own(energy: Sequence[Any], emissions: Sequence[Any], method: Method) -> Own:
    """The burden of an event's energy and emissions."""
    uncounted: list[str] = []
    declared = {1: 0, 2: 0, 3: 0}
    others = 0  # not from burning
    bought_is_declared = False
    for gas in emissions:
        gwp = method.gwp.get(gas.gas)
        if gwp is None:
            if gas.gas not in method.inert:
                uncounted.append(f"factor for {gas.gas}")
            continue
        ug = parse_ratio(gas.kg) * gwp
        if gas.scope == 1 and gas.gas not in _CARBON:
            others += ug
        else:
            declared[gas.scope] += ug
            bought_is_declared |= gas.scope == 2
    fuels = named = default = cleanest = 0
    least = min(method.electricity.values())
    for used in energy:
        if used.carrier == "electricity":
            factor = method.electricity.get(used.source or "")
            unit = method.kwh.get(used.unit)
            ug = _counted(used, factor or method.grid, unit, uncounted)
            named, default = (named + ug, default) if factor else (named, default + ug)
            cleanest += 0 if factor else _counted(used, least, unit, [])
        else:
            unit = method.gj.get(used.unit) or method.gj.get(f"{used.carrier} {used.unit}")
            fuels += _counted(used, method.fuels.get(used.carrier), unit, uncounted)
    bought = max(declared[2], named + cleanest) if bought_is_declared else named + default
    total = max(declared[1], fuels) + others + bought + declared[3]
    primary = declared[1] + others + min(declared[2], bought)
    return Own(Burden(total, primary, bought), tuple(uncounted))


def _counted(used: Any, factor: int | None, unit: tuple[int, int] | None, uncounted: list[str]) -> int:
    """Micrograms, rounded up."""
    if factor is None or unit is None:
        uncounted.append(f"factor for {used.carrier} in {used.unit}")
        return 0
    millionths = parse_ratio(used.amount)
    return -(-millionths * factor * unit[0] // (1_000 * unit[1]))


def missing(event: Any, process: str, method: Method) -> tuple[str, ...]:
    """What the method demands of the process, or ``source:<kind>``, and the event does not say. A declared
    zero says it; a beginning that is the end says none."""
    demands = method.demands.get(process)
    if demands is None:
        demands = method.demands.get("", ())
    if not demands:
        return ()
    members = vars(event)
    energy, emissions = members.get("energy") or (), members.get("emissions") or ()
    said = {used.carrier for used in energy} | {gas.gas for gas in emissions}
    if event.start < event.at:
        said.add(BEGAN)
    if energy:
        said.add("energy")
    if emissions:
        said.add("emissions")
    return tuple([" or ".join(demand) for demand in demands if said.isdisjoint(demand)])


def of_carbon(event: Any, anodes: Iterable[Burden], smelted: int, method: Method) -> Iterator[str]:
    """What a smelting event leaves out that it cannot be without. ``anodes``: what those brought that went
    in; ``smelted``: grams of what went in that were no metal yet. A declared zero says nothing here, nor does
    a gram of anode."""
    emissions = event.emissions or ()
    anode, least = method.anodes.get(event.process, ("", 0))
    brought = sum(burden.total for burden in anodes)
    brought += sum(parse_ratio(gas.kg) * method.gwp.get(gas.gas, 0) for gas in emissions if gas.scope == 3)
    if anode and brought < max(1, smelted * least * 1_000):  # micrograms
        yield f"{anode} that fits the metal made (lots of it, or scope 3)"
    carbon = [gas for gas in emissions if gas.gas in _CARBON]
    burnt = sum(parse_ratio(gas.kg) for gas in carbon if gas.scope == 1)  # milligrams, as what is smelted
    if carbon and burnt < smelted * method.carbon.get(event.process, 0):
        yield "CO2 that fits the metal made"
    unnamed = [used for used in event.energy or () if used.carrier == "electricity"]
    unnamed = [used for used in unnamed if used.source not in method.electricity]
    if unnamed and any(gas.scope == 2 and gas.gas in method.gwp for gas in emissions):
        yield "source of the electricity that scope 2 states"


def of_lot(lot: Lot, account: Account) -> tuple[Footprint, ...]:
    """A lot's figures, by both methods."""
    year = int(format_time(lot.since)[:4])
    return figures(account.footprint, lot.grams, year, lot.material, not account.gaps, account.lacking)


def figures(
    burdens: Iterable[Burden], grams: int, year: int, stage: str, complete: bool, lacking: int
) -> tuple[Footprint, ...]:
    """The burdens of so many grams, as the document tells them. ``lacking``: milligrams behind which data is
    missing."""
    return tuple(
        Footprint(
            method=method,
            year=year,
            stage=stage,
            g_per_kg=per_kg(burden.total, grams),
            ug=burden.total,
            grams=grams,
            primary_data_ppm=burden.primary * MILLION // burden.total if burden.total else 0,
            complete=complete,
            lacking_ppm=-(-lacking * MILLION // (FINE * grams)),
            indirect_ug=burden.indirect,
        )
        for method, burden in zip(METHODS, burdens, strict=True)
    )


def per_kg(ug: int, grams: int) -> int:
    """Micrograms of gas for grams of product as grams per kilogram, rounded up."""
    return -(-ug // (1_000 * grams))
