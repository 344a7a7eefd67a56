"""How a lot's origins, and its way through the graph of flows, are collected and shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli import output
from ledger import events
from ledger.claims.shares import ADDED, Part
from ledger.errors import Malformed
from ledger.lookup.graph import WHOLE, Edge, Node
from ledger.lookup.trace import Graph, Shares
from ledger.quantity import parse_time, shown_kg
from ledger.register import Event, Lot
from ledger.store import Store

MOST = 200  # steps shown to people


def there(graph: Graph | None, lot: str) -> Graph:
    """The graph; ``request.absent`` where there is no such lot."""
    if graph is None:
        raise Malformed("request.absent", detail=f"the ledger has no lot {lot}")
    return graph


def as_json(graph: Graph) -> dict[str, Any]:
    """The JSON object of a whole graph."""
    found = graph.as_json()
    del found["next"]
    return found


def shares_text(shares: Shares) -> str:
    """A lot's origins, greatest first."""
    if not shares.origins:
        return f"{shares.material} carries no origin."
    rows = [
        (origin.part.percent(), shown_kg(origin.grams), origin.kind, origin.id) for origin in shares.origins
    ]
    rows += [("trace", "< 1 g", kind, id) for kind, id in shares.traces]
    table = output.table(("share", "mass", "kind", "origin"), rows, right=(0, 1))
    return f"{table}\n\n{output.paragraph(ADDED)}" if any(row[2] == "added" for row in rows) else table


def steps(store: Store, graph: Graph, *, newest_first: bool) -> Iterator[str]:
    """The graph's events by the time when they happened, at most ``MOST`` of them: each with the lots that
    it made, an exit with those that left. The graph itself goes by when they were recorded."""
    nodes: dict[int, list[Node]] = {}
    for node in graph.nodes:
        if node.at is not None:
            nodes.setdefault(node.at, []).append(node)
    shown = list(nodes)[:MOST]
    ends: dict[int, list[Edge]] = {}
    left: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        if edge.dst == "loss":
            ends.setdefault(edge.at, []).append(edge)
        left.setdefault(edge.dst, []).append(edge)
    lots = {node.id: node.value for node in graph.nodes if isinstance(node.value, Lot)}
    payloads = {at: events.plain_in_entry(data) for at, data in store.entries_at(shown).items()}
    for at in sorted(shown, key=lambda at: parse_time(payloads[at]["time"]), reverse=newest_first):
        yield _step(nodes[at], payloads[at])
        for node in nodes[at]:
            if isinstance(node.value, Lot):
                what = f"{node.value.material}, {shown_kg(node.value.grams)}{_marks(node)}"
                yield f"    {what}\n    {node.id}"
            elif isinstance(node.value, Event) and node.value.type == "exit":
                for edge in left.get(node.id, ()):
                    material = lots[edge.src].material
                    yield f"    {material}, {shown_kg(edge.grams)}\n    {edge.src}"
        lost = sum(edge.grams for edge in ends.get(at, ()) if not edge.withdrawn)
        if lost:
            yield f"    lost: {shown_kg(lost)}"
    if len(nodes) > MOST:
        yield f"and {len(nodes) - MOST:,} more steps (--json lists all)"


def _step(nodes: list[Node], payload: Mapping[str, Any]) -> str:
    """One line: when, with which share of the subject's mass, what was done, by whom."""
    event = next((node for node in nodes if node.kind == "event"), nodes[0])
    what = payload.get("process") or payload.get("kind") or payload.get("reason") or payload["type"]
    share = "" if event.share is None else f"{Part(event.share, WHOLE).percent():>8}  "
    marks = _marks(event) if event.kind == "event" else ""
    return f"{payload['time'][:10]}  {share}{what}{marks}  {payload['party']}"


def _marks(node: Node) -> str:
    marks = [*node.open]
    if node.withdrawn:
        marks.insert(0, "withdrawn")
    if node.cut:
        marks.append("not followed further")
    return f" ({', '.join(marks)})" if marks else ""
