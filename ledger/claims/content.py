"""Recycled content after ISO 14021, and the refinery, the smelter and the last cast: one vector each.

Each milligram has a *class*: ``primary`` from a mine, ``post`` scrap of products that were in use, ``pre``
scrap of someone else's process, ``alloy``, ``added`` mass of a process, ``unknown``. A label also says where
it was cast last and, of scrap, in whose process it fell off.

Scrap that can go back into the process that it came from is no recycled content (ISO 14021, 7.8.1.1). What
"the same process" is the trade disputes, so there are two rules, and every figure says which:

- ``own_loop``: what comes back to the casthouse that cast it keeps its class, wherever it fell off;
- ``own_party``: only what fell off in the works of the party that melts it keeps its class.

Other process scrap becomes ``pre`` when it is melted, but for what is unknown or was added: it stays so.
"""

from collections.abc import Iterable
from typing import Any

from ledger.claims.account import Vector
from ledger.claims.method import Method
from ledger.quantity import FINE
from ledger.rules.catalogue import Catalogue

_KEPT = frozenset({"unknown", "unproven", "added"})


def begun(event: Any, material: str, grams: int, catalogue: Catalogue, method: Method) -> tuple[Vector, ...]:
    """Refinery, smelter and content of what a source brings."""
    mg = FINE * grams
    kind = event.kind
    if kind == "mine":
        return {"none": mg}, {"none": mg}, {"primary - -": mg}
    if kind == "collection":
        place = {f"collected {event.site}": mg}
        return place, place, {f"{'post' if material in method.post_consumer else 'pre'} - -": mg}
    if kind == "addition":
        # Aluminium in a master alloy was smelted somewhere, and so may be what nobody says the origin of.
        told = event.origin is not None and not catalogue.materials[material].metal
        place = {"alloy" if told else "unknown addition": mg}
        return place, place, {"alloy - -": mg}
    before_refining = _before(catalogue, method.refines)
    before_smelting = before_refining | _before(catalogue, method.smelts)
    refinery = "none" if material in before_refining else f"unknown {kind}"
    smelter = "none" if material in before_smelting else f"unknown {kind}"
    return {refinery: mg}, {smelter: mg}, {"unknown - -": mg}


def _before(catalogue: Catalogue, processes: Iterable[str]) -> frozenset[str]:
    """Materials to which these processes are yet to be done."""
    found: set[str] = set()
    for name in processes:
        process = catalogue.processes.get(name)
        if process is not None:
            found |= process.inputs - process.outputs
    return frozenset(found)


def done_at(vector: Vector, label: str) -> Vector:
    """What had not passed the stage yet has passed it now, at the place of the label."""
    if "none" not in vector:
        return vector
    passed = dict(vector)
    passed[label] = passed.get(label, 0) + passed.pop("none")
    return passed


def claimed(vector: Vector, label: str) -> Vector:
    """What is only claimed, of other metal than went in: of no known place, but for stages yet to pass."""
    shown = {"none": vector["none"]} if "none" in vector else {}
    rest = sum(vector.values()) - sum(shown.values())
    return {**shown, **({label: rest} if rest or len(vector) > len(shown) else {})}


def melted(vector: Vector, site: str, party: str, own_loop: bool) -> Vector:
    """The content of what is melted at a site by a party."""
    made: dict[str, int] = {}
    for label, mg in vector.items():
        what, cast, scrap = label.split(" ")
        if scrap != "-" and what not in _KEPT and (cast != site if own_loop else scrap != party):
            what = "pre"
        now = f"{what} {site} -"
        made[now] = made.get(now, 0) + mg
    return made


def fallen_off(vector: Vector, party: str) -> Vector:
    """The content of a by-product: process scrap of the party, if it is no scrap already."""
    made: dict[str, int] = {}
    for label, mg in vector.items():
        now = f"{label[:-1]}{party}" if label.endswith(" -") else label
        made[now] = made.get(now, 0) + mg
    return made
