"""Random custody histories: what some parties do to some lots, most of it allowed, some of it refused."""

from typing import Any

from hypothesis import strategies as st

from ledger.log import Receipt
from ledger.quantity import format_kg
from ledger.register import Hold, Key, Lot, Used
from tests.world import PARTY, World

SITES = ("pit", "pit-2", "refinery", "bin")
KINDS = (
    "source",
    "opening",
    "blend",
    "refine",
    "part",
    "whole",
    "receive",
    "refuse",
    "exit",
    "count",
    "correct",
)

steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 50), st.integers(0, 50), st.integers(1, 999_983)),
    min_size=1,
    max_size=25,
)


class History:
    """Plays steps over a world. What the rules refuse is left out: the ledger is what was admitted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lots: list[str] = []
        self.shipments: list[tuple[dict[str, str], str, str]] = []  # event, receiver, lot
        self.events: list[dict[str, str]] = []
        world.site("bin", "trader", "warehouse", "refinery")
        for site in SITES:
            world.site(site)

    def play(self, drawn: list[tuple[str, int, int, int]]) -> None:
        for number, (kind, one, two, grams) in enumerate(drawn):
            getattr(self, kind)(f"n{number}", one, two, grams)

    def record(self, kind: str, id: str) -> Any:
        found = self.world.store.read((Key(kind, id),)).get(Key(kind, id))
        return found.value if found else None

    def left(self, lot: str) -> int:
        born, used = self.record("lot", lot), self.record("used", lot)
        assert isinstance(born, Lot)
        assert used is None or isinstance(used, Used)
        return born.grams - (used.grams if used else 0)

    def post(self, event: dict[str, Any], *born: str) -> bool:
        outcome = self.world.try_post(event)
        if isinstance(outcome, Receipt):
            self.lots += born
            self.events.append(self.world.last)
        return isinstance(outcome, Receipt)

    def at(self, number: int) -> tuple[str, str]:
        site = self.world.site(SITES[number % len(SITES)])
        return site, self.world.operators[site]

    def taken(self, number: int, grams: int) -> tuple[str, int, Hold] | None:
        """A lot of which something is left, some of it, and where it is."""
        found = [lot for lot in self.lots if self.left(lot) > 0]
        if not found:
            return None
        lot = found[number % len(found)]
        return lot, 1 + grams % self.left(lot), self.record("hold", lot)

    def source(self, name: str, one: int, two: int, grams: int, kind: str = "mine") -> None:
        site, party = self.at(one % 2 if kind == "mine" else one)
        lot = self.world.lot(party, name)
        outputs = [{"lot": lot, "kg": format_kg(grams), "material": "bauxite"}]
        self.post({"type": "source", "party": party, "site": site, "kind": kind, "outputs": outputs}, lot)

    def opening(self, name: str, one: int, two: int, grams: int) -> None:
        self.source(name, one, two, grams, "opening")

    def blend(self, name: str, one: int, two: int, grams: int) -> None:
        """All that lies together becomes two lots, and a little is lost."""
        site, party = self.at(one)
        held = [lot for lot in self.lots if self.record("hold", lot).site == site and self.left(lot) > 0]
        inputs = {lot: 1 + grams % self.left(lot) for lot in held}
        whole = sum(inputs.values())
        first, second = self.world.lot(party, name), self.world.lot(party, f"{name}-2")
        outputs = {first: whole // 2, second: whole // 3}
        if whole > 5:
            self._transform(party, site, "blend", inputs, outputs, "bauxite")

    def refine(self, name: str, one: int, two: int, grams: int) -> None:
        found = self.taken(two, grams)
        if found is not None and found[1] > 9:
            lot, part, hold = found
            made = {self.world.lot(hold.holder, name): part * 10 // 25}
            self._transform(hold.holder, hold.site, "refine", {lot: part}, made, "alumina")

    def _transform(
        self, party: str, site: str, process: str, inputs: dict[str, int], made: dict[str, int], material: str
    ) -> None:
        event = {
            "type": "transform",
            "party": party,
            "site": site,
            "process": process,
            "inputs": [{"lot": lot, "kg": format_kg(grams)} for lot, grams in inputs.items()],
            "outputs": [
                {"lot": lot, "kg": format_kg(grams), "material": material} for lot, grams in made.items()
            ],
            "model": "segregated",
        }
        self.post(event, *made)

    def part(self, name: str, one: int, two: int, grams: int) -> None:
        self._ship(one, two, grams, name)

    def whole(self, name: str, one: int, two: int, grams: int) -> None:
        self._ship(one, two, grams, None)

    def _ship(self, one: int, two: int, grams: int, name: str | None) -> None:
        found = self.taken(two, grams)
        if found is None:
            return
        lot, some, hold = found
        receiver = self.at(one)[1]
        line = {"lot": lot, "kg": format_kg(some if name else self.record("lot", lot).grams)}
        new = [self.world.lot(hold.holder, name)] if name else []
        line |= {"as": new[0]} if name else {}
        event = {"type": "ship", "party": hold.holder, "site": hold.site, "to": receiver, "lines": [line]}
        if self.post(event, *new):
            self.shipments.append((self.world.last, receiver, new[0] if name else lot))

    def receive(self, name: str, one: int, two: int, grams: int, result: str = "accepted") -> None:
        if self.shipments:
            of, receiver, lot = self.shipments[two % len(self.shipments)]
            site = next(site for site, party in self.world.operators.items() if party == receiver)
            arrived = max(self.record("lot", lot).grams - one * 100, 1)
            line = {"lot": lot, "kg": format_kg(arrived), "result": result}
            self.post({"type": "receive", "party": receiver, "of": of, "site": site, "lines": [line]})

    def refuse(self, name: str, one: int, two: int, grams: int) -> None:
        self.receive(name, one, two, grams, "refused")

    def exit(self, name: str, one: int, two: int, grams: int) -> None:
        found = self.taken(two, grams)
        if found is not None:
            lot, some, hold = found
            lines = [{"lot": lot, "kg": format_kg(some)}]
            into = {"into": "urn:example:vehicle:1"} if one % 2 else {}
            reason = "installed" if one % 2 else "sold_outside"
            self.post({"type": "exit", "party": hold.holder, "lines": lines, "reason": reason} | into)

    def count(self, name: str, one: int, two: int, grams: int) -> None:
        found = self.taken(two, grams)
        if found is not None:
            lot, some, hold = found
            lines = [{"lot": lot, "kg": format_kg(some)}]
            event = {"type": "count", "party": hold.holder, "site": hold.site, "lines": lines}
            self.post(event | {"basis": "weighed"})

    def correct(self, name: str, one: int, two: int, grams: int) -> None:
        if self.events:
            of = self.events[-1 - two % len(self.events)]
            action = ("withdraw", "withdraw", "dispute", "resolve")[one % 4]
            self.post(
                {"type": "correct", "party": of["party"], "of": of, "action": action, "reason": "a test"}
            )


def histories() -> st.SearchStrategy[History]:
    """Histories over stores in memory."""

    def played(drawn: list[tuple[str, int, int, int]]) -> History:
        history = History(World())
        history.play(drawn)
        return history

    return steps.map(played)


__all__ = ["PARTY", "History", "histories", "steps"]
