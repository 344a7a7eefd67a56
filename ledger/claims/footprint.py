"""Greenhouse gas from cradle to gate, rolled up from what each event declares.

An event's own burden, by scope of the GHG Protocol:

- scope 1: what it declares, but no less than burning the fuels that it declares gives off. The fuels are not
  counted on top: who meters a fuel declares both;
- scope 2: its electricity by the factor of its source; a declared figure takes the place of the grid's
  default, but is no less than the named sources give;
- scope 3: what it declares (such as the transport of what arrived).

What goes in brings its share along. By both methods of allocation: *by mass*, all outputs that carry origin
share by their mass; *cut-off*, process scrap leaves with nothing, and the products bear all.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ledger.claims.account import Burden
from ledger.claims.method import Method
from ledger.quantity import parse_ratio

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
    fuels = named = default = 0
    for used in energy:
        if used.carrier == "electricity":
            factor = method.electricity.get(used.source or "")
            ug = _counted(used, factor or method.grid, method.kwh.get(used.unit), uncounted)
            named, default = (named + ug, default) if factor else (named, default + ug)
        else:
            unit = method.gj.get(used.unit) or method.gj.get(f"{used.carrier} {used.unit}")
            fuels += _counted(used, method.fuels.get(used.carrier), unit, uncounted)
    bought = max(declared[2], named) if bought_is_declared else named + default
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


def missing(energy: Sequence[Any], emissions: Sequence[Any], process: str, method: Method) -> tuple[str, ...]:
    """What the method demands of the process, or ``source:<kind>``, and the event does not say. A declared
    zero says it."""
    demands = method.demands.get(process)
    if demands is None:
        demands = method.demands.get("", ())
    if not demands:
        return ()
    said = {used.carrier for used in energy} | {gas.gas for gas in emissions}
    if energy:
        said.add("energy")
    if emissions:
        said.add("emissions")
    return tuple([" or ".join(demand) for demand in demands if said.isdisjoint(demand)])
