"""A synthetic trade: an endless stream of signed events that an honest ledger admits, in order.

Parties work at the same time, so events of many chains mix. Three shapes:

- **chains**: one lot at a time all the way from a mine to a hood in a vehicle, through five parties' hands;
  18 events, each of one lot, or of one that becomes another.
- **shallow**: a *campaign* from three mines to some fifty hoods: ore, alumina, metal of two potlines, two
  casts of two slabs, four coils, blanks with their scrap, one event for each hood (an item with a serial
  number, and its offcut) and one for its fitting to a vehicle; hoods travel in racks of two dozen. Every
  furnace is drained and no scrap comes back, so a hood has a dozen ancestors, however old the ledger.
- **returns**: the same as in real casthouses: each furnace keeps a heel from cast to cast, and the presses'
  scrap goes back into casts; then nearly everything that a smelter ever cast is an ancestor of what it
  casts now.
"""

import random
from collections.abc import Generator, Iterator
from typing import Any, Literal, NamedTuple

import orjson

from ledger.quantity import format_kg, format_time, parse_time
from ledger.statement import sign
from tests.benchmarks.network import (
    MILLS,
    MINES,
    NAME,
    PLACES,
    PLANTS,
    PRESSES,
    REFINERIES,
    REGISTRAR,
    SMELTERS,
    Place,
    key_of,
    registrations,
)

START = parse_time("2021-01-04T06:00:00Z")
STEP = 120  # seconds from event to event: a million of them take four years
AT_ONCE = 12  # campaigns under way at a time
STAMPED = 6  # hoods of a lot of blanks
HEEL = 4_000_000  # grams that stay in a furnace
HOOD = "stamped_part"
WAY = (MINES, REFINERIES, SMELTERS, MILLS, PRESSES, PLANTS)

Event = dict[str, Any]
Shape = Literal["chains", "shallow", "returns"]


class Lot(NamedTuple):
    """A lot and its grams."""

    id: str
    grams: int


class Signed(NamedTuple):
    """A statement, and the hood that it makes, if it makes one. ``lane``: which of the campaigns under
    way it belongs to; -1 before the first. In a shallow trade the lanes do not depend on each other."""

    text: str
    hood: str | None
    lane: int


def statements(shape: Shape) -> Iterator[Signed]:
    """The trade, signed, from the charter on; the same for every run."""
    keys = {party: key_of(party) for party in (REGISTRAR, *(place.party for place in PLACES))}
    for number, (lane, event) in enumerate(_Trade(shape).events()):
        common = {"ledger": NAME, "id": f"urn:example:event:{number}"}
        whole = {**common, "time": format_time(START + number * STEP), **event}
        hoods = [line["lot"] for line in event.get("outputs", ()) if line["material"] == HOOD]
        yield Signed(sign(orjson.dumps(whole), keys[event["party"]]), hoods[0] if hoods else None, lane)


class _Trade:
    """What is left between campaigns: the numbers given out, the furnaces' heels, the scrap in the yards."""

    def __init__(self, shape: Shape) -> None:
        self._returns = shape == "returns"
        self._run = self._chain if shape == "chains" else self._campaign
        self._random = random.Random(1)
        self._lots = 0
        self._sent = 0
        self._heels: dict[Place, Lot] = {}
        self._scrap: dict[Place, list[Lot]] = {smelter: [] for smelter in SMELTERS}

    def events(self) -> Iterator[tuple[int, Event]]:
        """All events with their lanes, of several chains or campaigns in turn."""
        for event in registrations():
            yield -1, event
        running = [self._run() for _ in range(AT_ONCE)]
        while True:
            for lane, run in enumerate(running):
                done: Event | None = next(run, None)
                if done is None:
                    running[lane] = self._run()
                else:
                    yield lane, done

    # --- what an event is made of

    def _lot(self, place: Place, grams: int) -> Lot:
        self._lots += 1
        return Lot(f"{place.lots}{self._lots}", grams)

    def _output(self, lot: Lot, material: str, **more: Any) -> Event:
        return {**_line(lot), "material": material, **more}

    def _source(self, place: Place, kind: str, lot: Lot, material: str, **more: Any) -> Event:
        return {
            "type": "source",
            "party": place.party,
            "site": place.site,
            "kind": kind,
            "outputs": [self._output(lot, material)],
            **more,
        }

    def _transform(self, place: Place, process: str, inputs: list[Lot], outputs: list[Event]) -> Event:
        return {
            "type": "transform",
            "party": place.party,
            "site": place.site,
            "process": process,
            "inputs": [_line(lot) for lot in inputs],
            "outputs": outputs,
            "model": "segregated",
        }

    def _hand_over(
        self, sender: Place, receiver: Place, lots: list[Lot], part: Lot | None = None
    ) -> Iterator[Event]:
        """Whole lots go to another party and arrive; or ``part`` of the one lot."""
        self._sent += 1
        # The shipment's id must be known to the receipt before the stream numbers it.
        shipment = f"urn:example:shipment:{self._sent}"
        lines = [_line(lot) for lot in lots]
        if part:
            lines = [{"lot": lots[0].id, "kg": format_kg(part.grams), "as": part.id}]
        yield {
            "type": "ship",
            "id": shipment,
            "party": sender.party,
            "site": sender.site,
            "to": receiver.party,
            "lines": lines,
            "refs": {"bill_of_lading": f"BL-{self._sent}"},
        }
        yield {
            "type": "receive",
            "party": receiver.party,
            "of": {"party": sender.party, "id": shipment},
            "site": receiver.site,
            "lines": [_line(lot) for lot in ([part] if part else lots)],
        }

    # --- one chain

    def _chain(self) -> Iterator[Event]:
        mine, refinery, smelter, mill, press, plant = map(self._random.choice, WAY)
        ore, alumina = self._lot(mine, 5_000_000), self._lot(refinery, 2_000_000)
        metal, slab = self._lot(smelter, 1_040_000), self._lot(smelter, 1_008_000)
        coil, blank, hood = self._lot(mill, 850_000), self._lot(press, 11_900), self._lot(press, 8_250)
        marks = {"serial": hood.id.rpartition(":")[2]}
        yield self._source(mine, "mine", ore, "bauxite")
        yield from self._hand_over(mine, refinery, [ore])
        yield self._transform(refinery, "refine", [ore], [self._output(alumina, "alumina")])
        yield from self._hand_over(refinery, smelter, [alumina])
        yield self._transform(smelter, "electrolysis", [alumina], [self._output(metal, "liquid_aluminium")])
        yield self._transform(smelter, "cast", [metal], [self._output(slab, "rolling_slab")])
        yield from self._hand_over(smelter, mill, [slab])
        yield self._transform(mill, "roll", [slab], [self._output(coil, "coil")])
        yield from self._hand_over(mill, press, [coil])
        yield self._transform(press, "blank", [Lot(coil.id, 15_000)], [self._output(blank, "blank")])
        yield self._transform(press, "stamp", [blank], [self._output(hood, HOOD, item=True, marks=marks)])
        yield from self._hand_over(press, plant, [hood])
        yield self._exit(plant, hood)

    def _exit(self, plant: Place, hood: Lot) -> Event:
        return {
            "type": "exit",
            "party": plant.party,
            "lines": [_line(hood)],
            "reason": "installed",
            "into": f"urn:example:vehicle:{hood.id.rpartition(':')[2]}",
        }

    # --- one campaign

    def _campaign(self) -> Iterator[Event]:
        smelter, mill = self._random.choice(SMELTERS), self._random.choice(MILLS)
        metal = yield from self._smelt(smelter)
        slabs = yield from self._cast(smelter, metal)
        yield from self._hand_over(smelter, mill, slabs)
        coils = []
        for slab in slabs:
            coil, trim = self._lot(mill, slab.grams * 84 // 100), self._lot(mill, slab.grams * 14 // 100)
            marks = {"coil": coil.id.rpartition(":")[2]}
            outputs = [
                self._output(coil, "coil", marks=marks),
                self._output(trim, "mill_scrap", role="by_product"),
            ]
            yield self._transform(mill, "roll", [slab], outputs)
            coils.append(coil)
        for press, pair in zip(self._random.sample(PRESSES, 2), (coils[:2], coils[2:]), strict=True):
            yield from self._hand_over(mill, press, pair)
            scrap = yield from self._press(press, pair)
            if self._returns:
                yield from self._hand_over(press, smelter, scrap)
                self._scrap[smelter] += scrap

    def _smelt(self, smelter: Place) -> Generator[Event, None, list[Lot]]:
        """From three mines to the metal of two potlines."""
        refinery = self._random.choice(REFINERIES)
        ores = []
        for mine in self._random.sample(MINES, 3):
            ore = self._lot(mine, 130_000_000 + self._random.randrange(1_000_000))
            yield self._source(mine, "mine", ore, "bauxite")
            yield from self._hand_over(mine, refinery, [ore])
            ores.append(ore)
        alumina = self._lot(refinery, 160_000_000)
        yield self._transform(refinery, "refine", ores, [self._output(alumina, "alumina")])
        metal = []
        for _ in range(2):
            part = self._lot(refinery, alumina.grams // 2)
            yield from self._hand_over(refinery, smelter, [alumina], part)
            tapped = self._lot(smelter, part.grams * 52 // 100)
            yield self._transform(
                smelter, "electrolysis", [part], [self._output(tapped, "liquid_aluminium", basis="weighed")]
            )
            metal.append(tapped)
        return metal

    def _cast(self, smelter: Place, metal: list[Lot]) -> Generator[Event, None, list[Lot]]:
        """Two casts of two slabs, each of half of each potline's metal and some magnesium."""
        alloy = self._lot(smelter, 1_000_000)
        yield self._source(smelter, "addition", alloy, "magnesium", origin="urn:example:maker:magnesium")
        slabs = []
        for heat in range(2):
            charge = [Lot(lot.id, lot.grams // 2) for lot in metal] + [Lot(alloy.id, 400_000)]
            before, after = 0, 0
            if self._returns:
                charge += [self._scrap[smelter].pop() for _ in range(min(6, len(self._scrap[smelter])))]
                after = HEEL
            charged = sum(lot.grams for lot in charge)
            if smelter in self._heels:
                charge.append(self._heels.pop(smelter))
                before = HEEL
            good = charged * 97 // 100 + before - after
            ends = self._lot(smelter, charged // 100)
            made = [self._lot(smelter, good // 2) for _ in range(2)]
            marks = {"heat": f"H-{smelter.site[-1]}{heat}{self._lots}"}
            outputs = [self._output(slab, "rolling_slab", marks=marks) for slab in made]
            outputs.append(self._output(ends, "cast_ends", role="by_product"))
            if after:
                heel = self._heels[smelter] = self._lot(smelter, after)
                outputs.append(self._output(heel, "liquid_aluminium", role="heel", basis="level"))
            yield self._transform(smelter, "cast", charge, outputs)
            slabs += made
        return slabs

    def _press(self, press: Place, coils: list[Lot]) -> Generator[Event, None, list[Lot]]:
        """Blanks, hoods, hoods in vehicles; the blanks' scrap."""
        scrap, hoods = [], []
        for coil in coils:
            for _ in range(2):
                taken = coil.grams // 2
                blanks, rest = self._lot(press, taken * 70 // 100), self._lot(press, taken * 28 // 100)
                outputs = [
                    self._output(blanks, "blank", pieces=500),
                    self._output(rest, "press_scrap", role="by_product"),
                ]
                yield self._transform(press, "blank", [Lot(coil.id, taken)], outputs)
                scrap.append(rest)
                for _ in range(STAMPED):
                    hood, offcut = self._lot(press, 8_250), self._lot(press, 3_600)
                    marks = {"serial": hood.id.rpartition(":")[2]}
                    outputs = [
                        self._output(hood, HOOD, item=True, marks=marks),
                        self._output(offcut, "press_scrap", role="by_product"),
                    ]
                    yield self._transform(press, "stamp", [Lot(blanks.id, 11_900)], outputs)
                    hoods.append(hood)
        plant = self._random.choice(PLANTS)
        yield from self._hand_over(press, plant, hoods)
        for hood in hoods:
            yield self._exit(plant, hood)
        return scrap


def _line(lot: Lot) -> Event:
    return {"lot": lot.id, "kg": format_kg(lot.grams)}
