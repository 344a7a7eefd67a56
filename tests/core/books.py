"""A smelter with mass-balance accounts, and whoever sells to it and buys from it."""

import json
from collections.abc import Mapping
from typing import Any

from ledger.quantity import parse_time
from ledger.register import Account
from tests.core.judging import value
from tests.world import CATALOGUE, LOT, PARTY, SITE, World

SMELTER, COLLECTOR, ROLLER = PARTY + "smelter", PARTY + "collector", PARTY + "roller"
WORKS, YARD, MILL = SITE + "smelter", SITE + "yard", SITE + "mill"
YEAR = "2026-01-01/2026-12-31"
SCRAP = "post_consumer_scrap"
MOST_DELAY = json.loads(CATALOGUE.read_text())["max_delay_days"]
NEXT_YEAR = parse_time("2027-01-10T00:00:00Z") * 1000


def book(party: str, year: str = "2026") -> str:
    """The id of a party's account."""
    return f"{LOT}{party.removeprefix(PARTY)}:account-{year}"


class Books(World):
    """A yard that collects certified scrap, a works that blends it with other scrap, a mill that buys it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        for site in ("yard", "smelter", "mill"):
            self.site(site)
        self._lots = 0

    @classmethod
    def opened(cls) -> "Books":
        """With an account of the yard and one of the works."""
        world = cls()
        world.open(COLLECTOR)
        world.open()
        return world

    def new(self, party: str) -> str:
        """The id of a lot that is not there yet."""
        self._lots += 1
        return f"{LOT}{party.removeprefix(PARTY)}:n{self._lots}"

    def account(self, party: str = SMELTER, **more: Any) -> dict[str, Any]:
        """The event that opens an account of 2026."""
        sites = {SMELTER: WORKS, COLLECTOR: YARD, ROLLER: MILL}
        event: dict[str, Any] = {"type": "account", "party": party, "account": book(party)}
        event |= {"scheme": "asi_coc", "sites": [sites[party]], "materials": [SCRAP], "period": YEAR}
        event["yield"] = "1" if party == COLLECTOR else "0.95"
        return event | more

    def open(self, party: str = SMELTER, **more: Any) -> str:
        """Open it; its id."""
        event = self.account(party, **more)
        self.post(event)
        return str(event["account"])

    def collect(self, kg: str, **more: Any) -> str:
        """Scrap that begins as certified; the lot."""
        lot = self.new(COLLECTOR)
        event: dict[str, Any] = {"type": "source", "party": COLLECTOR, "site": YARD, "kind": "collection"}
        event |= {"outputs": [{"lot": lot, "kg": kg, "material": SCRAP}], "account": book(COLLECTOR)}
        self.post({name: member for name, member in (event | more).items() if member is not None})
        return lot

    def bought(self, kg: str, material: str = SCRAP) -> str:
        """Uncertified metal at the smelter; the lot."""
        lot = self.new(SMELTER)
        event: dict[str, Any] = {"type": "source", "party": SMELTER, "site": WORKS, "kind": "purchase"}
        self.post(event | {"outputs": [{"lot": lot, "kg": kg, "material": material}]})
        return lot

    def document(self, party: str = SMELTER, **more: Any) -> dict[str, Any]:
        """A chain-of-custody document that draws on the party's account."""
        return {"scheme": "asi_coc", "document": "COC-1", "account": book(party)} | more

    def sold(self, kg: str) -> str:
        """Certified scrap that has arrived at the smelter; the lot."""
        lot = self.collect(kg)
        shipment = self.ship("yard", "smelter", {lot: kg}, coc=self.document(COLLECTOR))
        self.receive(shipment, "smelter", {lot: kg})
        return lot

    def blend(self, inputs: Mapping[str, str], kg: str, **more: Any) -> dict[str, Any]:
        """The event that makes a lot of lots, and books it."""
        event: dict[str, Any] = {"type": "transform", "party": SMELTER, "site": WORKS, "process": "blend"}
        event |= {"inputs": [{"lot": lot, "kg": taken} for lot, taken in inputs.items()]}
        event |= {"outputs": [{"lot": self.new(SMELTER), "kg": kg, "material": SCRAP}]}
        event |= {"model": "mass_balance", "account": book(SMELTER)} | more
        return {name: member for name, member in event.items() if member is not None}

    def made(self, inputs: Mapping[str, str], kg: str, **more: Any) -> str:
        """Make it; the lot."""
        event = self.blend(inputs, kg, **more)
        self.post(event)
        return str(event["outputs"][0]["lot"])

    def stands(self, party: str = SMELTER) -> Account:
        """How the party's account of 2026 stands."""
        found: Account = value(self, "account", book(party))
        return found

    def sums(self, party: str = SMELTER) -> tuple[int, int, int, int]:
        """In kilograms: certified in, total in, total out, issued."""
        state = self.stands(party)
        kept = (state.certified_in, state.total_in, state.total_out, state.issued)
        a, b, c, d = (grams // 1000 for grams in kept)
        return a, b, c, d


def issue(world: Books, lot: str, kg: str, **more: Any) -> dict[str, Any]:
    """A shipment with a chain-of-custody document."""
    line = {"lot": lot, "kg": kg, "as": world.new(SMELTER)}
    event = {"type": "ship", "party": SMELTER, "site": WORKS, "to": ROLLER, "lines": [line]}
    return event | {"coc": world.document(**more)}


def close(world: Books, party: str = SMELTER, **more: Any) -> dict[str, Any]:
    """The event that closes a party's account of 2026."""
    return {"type": "close", "party": party, "account": book(party)} | more
