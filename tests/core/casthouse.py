"""A smelter with a casthouse, for whoever tests what may be made of what."""

from typing import Any

from tests.world import LOT, PARTY, SITE, World

SMELTER, TRADER = PARTY + "smelter", PARTY + "trader"
WORKS = SITE + "smelter"


def smelter() -> World:
    """A smelter with a casthouse, and a trader."""
    world = World()
    world.site("smelter")
    world.party("trader")
    return world


def lot_id(lot: str) -> str:
    return f"{LOT}smelter:{lot}"


def source(*outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    event = {"type": "source", "party": SMELTER, "site": WORKS, "kind": "purchase"}
    return event | {"outputs": list(outputs)} | more


def out(lot: str, kg: str, material: str = "liquid_aluminium", **more: Any) -> dict[str, Any]:
    return {"lot": lot_id(lot), "kg": kg, "material": material} | more


def transform(process: str, inputs: dict[str, str], *outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    event = {"type": "transform", "party": SMELTER, "site": WORKS, "process": process, "model": "segregated"}
    lines = [{"lot": lot_id(lot), "kg": kg} for lot, kg in inputs.items()]
    return event | {"inputs": lines, "outputs": list(outputs)} | more


def here(world: World, kg: str, lot: str = "in", material: str = "liquid_aluminium", **more: Any) -> None:
    world.post(source(out(lot, kg, material, **more)))
