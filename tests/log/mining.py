"""Statements of a miner, and what the log says of them."""

from typing import Any

from ledger.log import Posted, Refused
from tests.world import LOT, PARTY, SITE, World

MINER, PIT = PARTY + "miner", SITE + "pit"


def mined(world: World, lot: str, **more: Any) -> str:
    """The statement of a source."""
    outputs = [{"lot": f"{LOT}miner:{lot}", "kg": "10", "material": "bauxite"}]
    event = {"type": "source", "party": MINER, "site": PIT, "kind": "mine", "outputs": outputs}
    return world.sign(world.event(event | more))


def gone(world: World, lot: str, kg: str = "10") -> str:
    """The statement of an exit."""
    lines = [{"lot": f"{LOT}miner:{lot}", "kg": kg}]
    return world.sign(world.event({"type": "exit", "party": MINER, "reason": "lost", "lines": lines}))


def codes(posted: Posted) -> list[str | None]:
    """For each statement: its code, "" for a receipt, None for neither."""
    return [
        outcome.problems[0].code if isinstance(outcome, Refused) else "" if outcome else None
        for outcome in posted.outcomes
    ]


def size(world: World) -> int:
    return world.store.head().size
