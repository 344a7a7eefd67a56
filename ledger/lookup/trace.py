"""Where a lot came from and where it went.

``shares`` answers from the lot's own record: every lot carries its grams by origin. ``ancestry`` and
``uses`` give the graph of flows (see ``ledger.lookup.graph``) in pages.
"""

from itertools import islice
from math import inf
from typing import Any, NamedTuple

from ledger.claims.shares import Part, of_origin
from ledger.lookup import paging
from ledger.lookup.graph import Edge, Node, Walk
from ledger.quantity import format_kg, format_ratio
from ledger.register import Key, Lot
from ledger.rules.composition import in_grams
from ledger.store import Store

EDGES = 10  # edges on a page, for each node that may be on it


class Origin(NamedTuple):
    """Grams of a lot from one origin. ``kind``: mine, collection, addition, added or unknown; ``id``:
    the site, the declared origin, the process, or why it is unknown. ``part``: of the lot, exact."""

    kind: str
    id: str
    grams: int
    part: Part

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this origin."""
        return {
            "kind": self.kind,
            "id": self.id,
            "kg": format_kg(self.grams),
            "share": format_ratio(self.part.ppm),
        }


class Shares(NamedTuple):
    """What a lot is made of. ``origins``: greatest first; none for a material that carries no origin.
    ``traces``: (kind, id) of origins that are in it with less than a gram."""

    lot: str
    material: str
    grams: int
    origins: tuple[Origin, ...]
    traces: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of these shares."""
        return {
            "lot": self.lot,
            "material": self.material,
            "kg": format_kg(self.grams),
            "origins": [origin.as_json() for origin in self.origins],
            "traces": [{"kind": kind, "id": id} for kind, id in self.traces],
        }


class Graph(NamedTuple):
    """One page of a graph, as of the ledger's first ``size`` entries. Each edge stands on the page of
    its end that is nearer to the subject. ``next``: the cursor of the next page; None: this is all."""

    lot: str
    size: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    next: str | None

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this page."""
        return {
            "lot": self.lot,
            "size": self.size,
            "nodes": [node.as_json() for node in self.nodes],
            "edges": [edge.as_json() for edge in self.edges],
            "next": self.next,
        }


def shares(store: Store, lot: str) -> Shares | None:
    """The origins of a lot, from its own record; None if there is no such lot."""
    record = store.read((Key("lot", lot),)).get(Key("lot", lot))
    if record is None:
        return None
    found = record.value
    assert isinstance(found, Lot)
    made_of = in_grams(found)
    exact = dict(found.composition)
    origins = [
        Origin(*_origin(origin), grams, of_origin(origin, exact[origin], found.grams))
        for origin, grams in made_of.shares
    ]
    origins.sort(key=lambda origin: -origin.grams)
    return Shares(lot, found.material, found.grams, tuple(origins), tuple(map(_origin, made_of.traces)))


def _origin(origin: str) -> tuple[str, str]:
    kind, _, id = origin.partition(" ")
    return kind, id


def ancestry(
    store: Store, lot: str, *, min_share: int = 0, limit: int | None = paging.LIMIT, cursor: str | None = None
) -> Graph | None:
    """Everything that a lot was made of; None if there is no such lot. ``limit``: nodes on a page; None: all
    on one.

    ``min_share``: in millionths of the subject's mass; a node below it is listed, but not what lies
    behind it. An event's share goes to its inputs that carry origin, by mass (the others get none),
    or to all of them if none does. ``Malformed("request.cursor")``.
    """
    return _page(store, lot, ("trace", lot, min_share), limit, cursor)


def uses(
    store: Store, lot: str, *, limit: int | None = paging.LIMIT, cursor: str | None = None
) -> Graph | None:
    """Everything that was made of a lot, and where it went; None if there is none. ``limit``: as there."""
    return _page(store, lot, ("uses", lot, -1), limit, cursor)


def _page(
    store: Store, lot: str, asked: tuple[str, str, int], limit: int | None, cursor: str | None
) -> Graph | None:
    """The page that begins after as many nodes as the cursor says. The nodes before it are walked again:
    where they end is too much for a cursor to hold, and the order never changes for a given size."""
    size, skip = store.head().size, 0
    if cursor is not None:
        place = paging.decode(cursor, *asked)
        paging.check_types(place, int, int)
        size, skip = min(place[0], size), place[1]
    if not store.read((Key("lot", lot),)):
        return None
    most = inf if limit is None else paging.clamp(limit)
    steps = islice(Walk(store, lot, size, asked[2]).run(), max(skip, 0), None)
    nodes: list[Node] = []
    edges: list[Edge] = []
    for node, found in steps:
        if len(nodes) == most or (nodes and len(edges) + len(found) > most * EDGES):
            return Graph(
                lot, size, tuple(nodes), tuple(edges), paging.encode(*asked, size, skip + len(nodes))
            )
        nodes.append(node)
        edges += found
    return Graph(lot, size, tuple(nodes), tuple(edges), None)
