"""A miner with ore that goes to others, and the events by which it goes."""

from typing import Any

from tests.world import LOT, PARTY, SITE, World

MINER, REFINER, TRADER = PARTY + "miner", PARTY + "refiner", PARTY + "trader"
PIT, REFINERY = SITE + "pit", SITE + "refinery"
ORE = LOT + "miner:ore"


def mined() -> World:
    """A miner with 1,000 kg of ore at its pit, a refiner and a trader with sites."""
    world = World()
    world.site("refinery")
    world.site("yard-t", "trader", "warehouse")
    world.source("pit", "ore", "1000")
    return world


def lines(lot: str = ORE, kg: str = "1000", **more: Any) -> dict[str, Any]:
    return {"lines": [{"lot": lot, "kg": kg} | more]}


def ship(to: str = REFINER, **more: Any) -> dict[str, Any]:
    return {"type": "ship", "party": MINER, "site": PIT, "to": to} | lines() | more


def receive(of: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"type": "receive", "party": REFINER, "of": of, "site": REFINERY} | lines() | more


def transfer(to: str = TRADER, party: str = MINER, **more: Any) -> dict[str, Any]:
    return {"type": "transfer", "party": party, "to": to} | lines() | more


def name(ref: dict[str, str]) -> str:
    return f"{ref['party']} {ref['id']}"
