"""The fold of claims: which accounts the lots have that an event bears.

The same function serves the ledger and the offline check of a proof. It asks nothing of the register but
the mass of what goes in, since the rules have admitted the event already.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ledger.claims import content, exposure, footprint, power
from ledger.claims.account import (
    EMPTY,
    NO_BURDEN,
    Account,
    Burden,
    Vector,
    Visit,
    Where,
    add_up,
    draw,
    draw_burden,
    draw_power,
    least,
    weigh,
)
from ledger.claims.bounded import bounded
from ledger.claims.method import DEFAULT, Method
from ledger.events import Event, Ship, Source, Transform
from ledger.events.common import CustodyModel
from ledger.quantity import FINE
from ledger.register import Lot
from ledger.rules.catalogue import Catalogue, Process
from ledger.rules.sums import SOURCE

MODELS: tuple[CustodyModel, ...] = (
    "book_and_claim",
    "mass_balance",
    "controlled_blending",
    "segregated",
    "identity_preserved",
)
"""The models of ISO 22095:2020, the weakest first."""
STRENGTH = {model: strength for strength, model in enumerate(MODELS)}


class Position(NamedTuple):
    """Where in the log the event stands. ``received``: ms. ``name``: the event's name."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    received: int
    name: str


def born(
    event: Event,
    position: Position,
    lots: Callable[[str], Lot],
    accounts: Callable[[str], Account],
    catalogue: Catalogue,
    method: Method = DEFAULT,
) -> dict[str, Account]:
    """The accounts of all lots that an admitted event bears. ``lots``, ``accounts``: of what it takes."""
    if isinstance(event, Transform):
        return _transformed(event, position, lots, accounts, catalogue, method)
    if isinstance(event, Source):
        return {output.lot: _brought(event, position, output, catalogue, method) for output in event.outputs}
    if isinstance(event, Ship):
        return {
            line.as_: draw(accounts(line.lot), lots(line.lot).grams, line.grams, method.renewable)
            for line in event.lines
            if line.as_ is not None
        }
    return {}


def _brought(event: Any, position: Position, output: Any, catalogue: Catalogue, method: Method) -> Account:
    """Of a source, several of whose outputs share its burden by mass."""
    members = vars(event)
    energy, emissions = members.get("energy") or (), members.get("emissions") or ()
    own = footprint.own(energy, emissions, method)
    whole = sum(line.grams for line in event.outputs)
    burden = draw_burden(own.burden, whole, output.grams)
    process = SOURCE + event.kind
    lacks = (*footprint.missing(event, process, method), *own.uncounted)
    account = EMPTY._replace(
        footprint=(burden, burden),
        visits={
            (event.site, event.party, process, ""): exposure.visit(
                event, position.index, position.received, output.material, catalogue.max_delay_days
            )
        },
        gaps={(event.site, process, what): position.index for what in lacks},
        lacking=FINE * output.grams if lacks else 0,
    )
    account = bounded(account, output.grams, event.site, process, position.index)
    if not catalogue.materials[output.material].origin:
        return account
    refinery, smelter, kinds = content.begun(event, output.material, output.grams, catalogue, method)
    return account._replace(refinery=refinery, smelter=smelter, content=kinds, content_party=kinds)


def _transformed(
    event: Transform,
    position: Position,
    lots: Callable[[str], Lot],
    accounts: Callable[[str], Account],
    catalogue: Catalogue,
    method: Method,
) -> dict[str, Account]:
    taken = [
        draw(accounts(line.lot), lots(line.lot).grams, line.grams, method.renewable) for line in event.inputs
    ]
    carrying = [line for line in event.outputs if catalogue.materials[line.material].origin]
    inputs = [lots(line.lot) for line in event.inputs]
    bearing = carrying or [line for line in event.outputs if line.role != "by_product"]
    whole = sum(line.grams for line in bearing)
    joined = _joined(event, position, taken, whole, bool(carrying), method, inputs, catalogue)
    products = sum(line.grams for line in bearing if line.role != "by_product")
    made: dict[tuple[int, bool, str], Account] = {}
    found = dict.fromkeys([line.lot for line in event.outputs], EMPTY)
    for line in bearing:
        by_product = line.role == "by_product"
        key = line.grams, by_product, line.material
        account = made.get(key)
        if account is None:
            account = _share(joined, line.grams, whole, method)
            cut_off, _by_mass = joined.footprint
            if products:
                bears = NO_BURDEN if by_product else draw_burden(cut_off, products, line.grams)
                account = account._replace(footprint=(bears, account.footprint[1]))
            if by_product:
                account = _scrap(account, event.party)
            visits = _visits(event, position, line.material, joined.visits, catalogue, bool(carrying))
            account = account._replace(visits=visits)
            made[key] = account = bounded(account, line.grams, event.site, event.process, position.index)
        found[line.lot] = account
    return found


def _strength(event: Transform, lots: list[Lot]) -> int:
    """Of the stated model; what comes from several places has no one identity that could be preserved."""
    stated = STRENGTH[event.model]
    if stated == STRENGTH["identity_preserved"] and len(lots) > 1:
        origins = [{label for label, _ in lot.composition} | {*lot.traces} for lot in lots]
        known = [some for some in origins if some]
        if any(some != known[0] for some in known):
            return STRENGTH["segregated"]
    return stated


def _joined(
    event: Transform,
    position: Position,
    taken: list[Account],
    whole: int,
    carries: bool,
    method: Method,
    inputs: list[Lot],
    catalogue: Catalogue,
) -> Account:
    """Everything that went in and was done, before it is shared out over ``whole`` grams, which may carry
    origin; its vectors may sum to something else. ``inputs``: the lots that went in."""
    out = whole if carries else 0
    energy, emissions = event.energy or (), event.emissions or ()
    own = footprint.own(energy, emissions, method)
    lacks = [*footprint.missing(event, event.process, method), *own.uncounted]
    masses = [FINE * line.grams for line in event.inputs]
    into = sum(mass for mass, account in zip(masses, taken, strict=True) if account.content)
    raw = sum(account.smelter.get("none", 0) for account in taken)
    taken = _weighed(taken, masses, inputs, catalogue.processes[event.process], FINE * out)
    carrying = [account for account in taken if account.content]
    refinery, smelter, loop, party = _vectors(carrying)
    if event.model == "book_and_claim" and carrying:
        unknown = f"unknown {event.model}"
        refinery, smelter = content.claimed(refinery, unknown), content.claimed(smelter, unknown)
        loop = party = content.claimed(loop, "unknown - -")
        lacks.append("the metal itself, which was only claimed")
    more = FINE * out - into
    if more > 0:  # steel and paint, which have a footprint too
        added = {f"added {event.process}": more}
        refinery, smelter = add_up([refinery, added]), add_up([smelter, added])
        same = loop is party
        loop = add_up([loop, {"added - -": more}])
        party = loop if same else add_up([party, {"added - -": more}])
        if not any(gas.scope == 3 for gas in emissions):
            lacks.append("emissions of what was added (scope 3)")
    if event.process in method.refines:
        refinery = content.done_at(refinery, f"refinery {event.site}")
    electricity = [account.power for account in taken if account.power]
    if event.process in method.smelts:
        lacks += footprint.of_carbon(event, _anodes(event, taken, inputs, method), raw // FINE, method)
        smelter = content.done_at(smelter, f"smelter {event.site}")
        used = power.smelting(event, method)
        electricity.append(used)
        before = into - raw  # metal that was in the pot
        if used and not power.is_plausible(used, max(FINE * out - before, 0), method):
            lacks.append("electricity that fits the metal made")
    if event.process in method.melts:
        loop, party = _melted(event, loop, party)
    models = [account.models for account in carrying]
    models.append({event.process: (_strength(event, inputs), position.index)})
    gaps = [account.gaps for account in taken]
    if lacks:
        gaps.append({(event.site, event.process, what): position.index for what in lacks})
    return Account(
        refinery,
        smelter,
        loop,
        party,
        (
            _sum([own.burden, *[account.footprint[0] for account in taken]]),
            _sum([own.burden, *[account.footprint[1] for account in taken]]),
        ),
        add_up(electricity or [{}]),
        least(models),
        exposure.join([account.visits for account in taken]),
        least(gaps),
        FINE * whole if lacks else _lacking(taken, sum(loop.values()), FINE * whole),
    )


def _anodes(event: Transform, taken: list[Account], lots: list[Lot], method: Method) -> Iterator[Burden]:
    """What the anodes brought that the event has used up, by the allocation that gives less."""
    anode, _ = method.anodes.get(event.process, ("", 0))
    for account, lot in zip(taken, lots, strict=True):
        if lot.material == anode:
            yield min(account.footprint)


def _weighed(
    taken: list[Account], masses: list[int], lots: list[Lot], process: Process, out: int
) -> list[Account]:
    """What was taken, each as much as it counts among all that carries origin. ``out``: milligrams."""
    metal = [n for n, account in enumerate(taken) if account.content]
    weights = process.weights([(lots[n].material, masses[n]) for n in metal], out)
    weighed = list(taken)
    for n, weight in zip(metal, weights, strict=True):
        weighed[n] = weigh(taken[n], masses[n], weight)
    return weighed


def _lacking(taken: list[Account], of: int, whole: int) -> int:
    """Milligrams without data in ``whole``. What carries origin, ``of`` in all, passes its share on; anything
    else, such as anodes, counts with its own mass."""
    carried = sum(account.lacking for account in taken if account.content)
    other = sum(account.lacking for account in taken if not account.content)
    return min(other - (-carried * whole // of if carried else 0), whole)


def _vectors(accounts: list[Account]) -> tuple[Vector, Vector, Vector, Vector]:
    if not accounts:
        return {}, {}, {}, {}
    loop = add_up([account.content for account in accounts])
    same = all(account.content is account.content_party for account in accounts)
    party = loop if same else add_up([account.content_party for account in accounts])
    refinery = add_up([account.refinery for account in accounts])
    return refinery, add_up([account.smelter for account in accounts]), loop, party


def _melted(event: Transform, loop: Vector, party: Vector) -> tuple[Vector, Vector]:
    """The content by both rules; the same vector twice, if it is one."""
    by_loop = content.melted(loop, event.site, event.party, own_loop=True)
    if loop is party and all(label.endswith(" -") for label in loop):
        return by_loop, by_loop
    by_party = content.melted(party, event.site, event.party, own_loop=False)
    return by_loop, by_loop if by_party == by_loop else by_party


def _sum(burdens: list[Burden]) -> Burden:
    return Burden(*map(sum, zip(*burdens, strict=True)))


def _share(joined: Account, grams: int, whole: int, method: Method) -> Account:
    """The share of an output of so many grams, of all that carry: the vectors are scaled to its mass."""
    by_cut_off, by_mass = joined.footprint
    of = sum(joined.content.values()) or FINE * whole
    return weigh(joined, of, FINE * grams)._replace(
        footprint=(draw_burden(by_cut_off, whole, grams), draw_burden(by_mass, whole, grams)),
        power=draw_power(joined.power, whole, grams, method.renewable),
        lacking=-(-joined.lacking * grams // whole),
    )


def _scrap(account: Account, party: str) -> Account:
    same = account.content_party is account.content
    loop = content.fallen_off(account.content, party)
    return account._replace(
        content=loop, content_party=loop if same else content.fallen_off(account.content_party, party)
    )


def _visits(
    event: Transform,
    position: Position,
    material: str,
    before: Mapping[Where, Visit],
    catalogue: Catalogue,
    carries: bool,
) -> Mapping[Where, Visit]:
    where = event.site, event.party, event.process, event.unit or ""
    days = catalogue.max_delay_days
    now = exposure.visit(event, position.index, position.received, material, days, carries)
    return exposure.join([before, {where: now}])
