"""Reading what a trace or the uses of a lot give."""

from typing import Any

from ledger.lookup.graph import Node
from ledger.lookup.trace import Graph
from ledger.store import Store

HOOD = "urn:example:lot:stamper:hood"


def all_pages(ask: Any, store: Store, lot: str, limit: int, **more: Any) -> Graph:
    """The whole graph, page by page."""
    pages, cursor = [], None
    while True:
        page = ask(store, lot, limit=limit, cursor=cursor, **more)
        pages.append(page)
        cursor = page.next
        if cursor is None:
            nodes = tuple(node for page in pages for node in page.nodes)
            return Graph(lot, page.size, nodes, tuple(edge for page in pages for edge in page.edges), None)


def lots(found: Graph | None) -> list[str]:
    assert found is not None
    return [node.id.rpartition(":")[2] for node in found.nodes if node.kind == "lot"]


def node(found: Graph | None, id: str) -> Node:
    assert found is not None
    (one,) = [node for node in found.nodes if node.id.endswith(id)]
    return one
