"""Where a lot came from and where it went.

``shares`` answers from the lot's own record: every lot carries its grams by origin. ``ancestry`` and
``uses`` walk the graph of flows, in an order in which every node comes after all that lead to it:
backward from the newest entry to the oldest, forward the other way. So each node is met once, its
share and its depth are then known for good, and one bulk read serves a whole generation.
"""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import orjson

from ledger import paging, statement
from ledger.entry import decode
from ledger.quantity import apportion, format_kg, format_time
from ledger.register import Event, Hold, Key, Lot, Record, Status, event_name
from ledger.store import Store

WHOLE = 10**12  # a share of all: millionths of millionths
HUNDREDTHS = 100 * 100  # of a percent
AHEAD = 2_000  # nodes read at once
EDGES = 10  # edges on a page, for each node that may be on it
LAST = 2**53  # stands for the index of nodes that no one entry made
WITHDRAWN = "withdrawn"


class Origin(NamedTuple):
    """Grams of a lot from one origin. ``kind``: mine, collection, addition or unknown; ``id``: the
    site, the declared origin, or why it is unknown. ``share``: percent, two decimals, summing to 100."""

    kind: str
    id: str
    grams: int
    share: str

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this origin."""
        return {"kind": self.kind, "id": self.id, "kg": _kg(self.grams), "share": self.share}


class Shares(NamedTuple):
    """What a lot is made of. ``origins``: greatest first; none for a material that carries no origin.
    ``traces``: (kind, id) of origins that are in it with less than half a gram."""

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
            "kg": _kg(self.grams),
            "origins": [origin.as_json() for origin in self.origins],
            "traces": [{"kind": kind, "id": id} for kind, id in self.traces],
        }


class Node(NamedTuple):
    """A node of the graph.

    ``kind``: lot; event (``id`` is its name, party and id); addition (a material added without a lot);
    loss; into (what an exit fitted the metal to). ``at``: index of the entry that made it, None where no
    one entry did. ``depth``: fewest steps from the subject. ``share``: of the subject's mass, backward
    only, in millionths of millionths, rounded down. ``cut``: its share is below the least that was asked
    for, so what lies behind it is left out. ``withdrawn``: it never was. ``open``: open marks."""

    kind: str
    id: str
    at: int | None
    depth: int
    share: int | None
    cut: bool
    withdrawn: bool
    open: tuple[str, ...]
    value: Lot | Event | None

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this node, with what the register says of it."""
        found: dict[str, Any] = {"kind": self.kind, "id": self.id, "at": self.at, "depth": self.depth}
        if self.share is not None:
            found |= {"share": f"{self.share // WHOLE}.{self.share % WHOLE:012}", "cut": self.cut}
        found |= {"withdrawn": self.withdrawn, "open": list(self.open)}
        if isinstance(self.value, Lot):
            lot = self.value
            found |= {"material": lot.material, "kg": _kg(lot.grams), "item": lot.item, "role": lot.role}
            found |= {"party": lot.party, "site": lot.site, "since": format_time(lot.since)}
        elif isinstance(self.value, Event):
            party, _, id = self.id.partition(" ")
            time = format_time(self.value.time)
            found |= {"event": {"party": party, "id": id, "type": self.value.type, "time": time}}
        return found


class Edge(NamedTuple):
    """Grams that went from one node to another by the entry ``at``. ``withdrawn``: they did not."""

    at: int
    src: str
    dst: str
    grams: int
    withdrawn: bool

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this edge."""
        return {
            "at": self.at,
            "from": self.src,
            "to": self.dst,
            "kg": _kg(self.grams),
            "withdrawn": self.withdrawn,
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


def _kg(grams: int) -> str:
    return format_kg(grams) if grams else "0"


def shares(store: Store, lot: str) -> Shares | None:
    """The origins of a lot, from its own record; None if there is no such lot."""
    record = store.read((Key("lot", lot),)).get(Key("lot", lot))
    if record is None:
        return None
    found = record.value
    assert isinstance(found, Lot)
    percents = dict(apportion(HUNDREDTHS, found.composition)) if found.composition else {}
    origins = [
        Origin(*_origin(origin), grams, f"{percents[origin] // 100}.{percents[origin] % 100:02}")
        for origin, grams in found.composition
    ]
    origins.sort(key=lambda origin: -origin.grams)
    return Shares(lot, found.material, found.grams, tuple(origins), tuple(map(_origin, found.traces)))


def _origin(origin: str) -> tuple[str, str]:
    kind, _, id = origin.partition(" ")
    return kind, id


def ancestry(
    store: Store, lot: str, *, min_share: int = 0, limit: int = paging.LIMIT, cursor: str | None = None
) -> Graph | None:
    """Everything that a lot was made of; None if there is no such lot. ``limit``: nodes on a page.

    ``min_share``: in millionths of the subject's mass; a node below it is listed, but not what lies
    behind it. An event's share goes to its inputs that carry origin, by mass (the others get none),
    or to all of them if none does. ``Malformed("request.cursor")``.
    """
    return _page(store, lot, ("trace", lot, min_share), limit, cursor)


def uses(store: Store, lot: str, *, limit: int = paging.LIMIT, cursor: str | None = None) -> Graph | None:
    """Everything that was made of a lot, and where it went; None if there is no such lot."""
    return _page(store, lot, ("uses", lot, -1), limit, cursor)


def walk(store: Store, lot: str, min_share: int = 0) -> "Iterator[tuple[Node, tuple[Edge, ...]]]":
    """``ancestry`` without pages: each node with the edges that lead to it."""
    return _Walk(store, lot, store.head().size, min_share).run()


def _page(
    store: Store, lot: str, asked: tuple[str, str, int], limit: int, cursor: str | None
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
    limit = paging.clamp(limit)
    steps = islice(_Walk(store, lot, size, asked[2]).run(), max(skip, 0), None)
    nodes: list[Node] = []
    edges: list[Edge] = []
    for node, found in steps:
        if len(nodes) == limit or (nodes and len(edges) + len(found) > limit * EDGES):
            return Graph(
                lot, size, tuple(nodes), tuple(edges), paging.encode(*asked, size, skip + len(nodes))
            )
        nodes.append(node)
        edges += found
    return Graph(lot, size, tuple(nodes), tuple(edges), None)


class _Known(NamedTuple):
    """What the register says of a node."""

    at: int
    withdrawn: bool
    open: tuple[str, ...]
    value: Lot | Event | None


_Name = tuple[str, str]  # kind and id of a node
NOTHING = _Known(LAST, False, (), None)


class _Walk:
    """One walk, backward (``min_share`` ≥ 0) or forward (-1), over the first ``size`` entries."""

    def __init__(self, store: Store, lot: str, size: int, min_share: int) -> None:
        self._store = store
        self._size = size
        self._back = min_share >= 0
        self._least = min_share * 10**6
        self._lot = lot
        self._pending: dict[_Name, tuple[int, int]] = {}  # met, not yet given out: depth, share
        self._order: list[tuple[int, int, _Name]] = []  # of the pending, as a heap
        self._known: dict[_Name, _Known] = {}
        self._edges: dict[_Name, list[tuple[Edge, _Name]]] = {}  # of the pending, once read

    def run(self) -> Iterator[tuple[Node, tuple[Edge, ...]]]:
        """The nodes, each with its edges to nodes further away from the subject."""
        (record,) = self._store.read((Key("lot", self._lot),)).values()
        (subject,) = self._learn(((record.at, self._lot),)).values()
        self._meet(subject, 0, WHOLE)
        while self._order:
            _, _, name = heapq.heappop(self._order)
            if name not in self._edges:
                self._read_ahead(name)
            depth, share = self._pending.pop(name)
            edges = self._edges.pop(name)
            known = self._known.pop(name)
            cut = self._back and share < self._least
            if cut or (known.withdrawn and not self._back):
                edges = []
            at = None if known.at == LAST else known.at
            yield (
                Node(*name, at, depth, share if self._back else None, cut, *known[1:]),
                tuple(edge for edge, _ in edges),
            )
            for (_, end), part in zip(edges, self._parts(name, edges, share), strict=True):
                self._meet(end, depth + 1, part)

    def _meet(self, name: _Name, depth: int, share: int) -> None:
        found = self._pending.get(name)
        if found is None:
            # Backward a lot comes before the event that made it, forward after it: same entry.
            at, is_lot = self._known[name].at, name[0] == "lot"
            rank = not is_lot if self._back else is_lot
            heapq.heappush(self._order, (-at if self._back and at != LAST else at, rank, name))
            self._pending[name] = depth, share
        else:
            self._pending[name] = min(depth, found[0]), share + found[1]

    def _parts(self, name: _Name, edges: list[tuple[Edge, _Name]], share: int) -> list[int]:
        """How a node's share goes on to what it was made of."""
        weights = [edge.grams for edge, _ in edges]
        if name[0] == "event":
            carriers = [
                grams if self._carries(end) else 0 for grams, (_, end) in zip(weights, edges, strict=True)
            ]
            weights = carriers if any(carriers) else weights
        whole = sum(weights)
        return [share * grams // whole for grams in weights]

    def _carries(self, name: _Name) -> bool:
        value = self._known[name].value
        return isinstance(value, Lot) and bool(value.composition)

    def _read_ahead(self, first: _Name) -> None:
        """Read the edges of this node and of those that come next, and what is at their other ends."""
        unread = (name for _, _, name in heapq.nsmallest(AHEAD, self._order) if name not in self._edges)
        names = [first, *unread]
        for name in names:
            self._edges[name] = []
        inner = {name[1]: name for name in names if name[0] in ("lot", "event")}
        question = self._store.flows_into if self._back else self._store.flows_out_of
        rows = [row for row in question(inner) if row[0] < self._size]
        if self._back:
            # An exit may name a lot as what it fitted metal to: that did not go into the lot.
            rows = [row for row in rows if row[0] == self._known[inner[row[1].dst]].at]
        outer = self._learn((at, flow.src if self._back else flow.dst) for at, flow in rows)
        undone = self._undone([at for at, flow in rows if flow.dst == "loss" and " " not in flow.src])
        for at, flow in rows:
            near, far = (flow.dst, flow.src) if self._back else (flow.src, flow.dst)
            ends = inner[near], outer[at, far]
            maker = next((end for end in ends if end[0] == "event"), ends[0] if self._back else ends[1])
            withdrawn = self._known[maker].withdrawn or at in undone
            self._edges[ends[0]].append((Edge(at, *flow, withdrawn), ends[1]))

    def _learn(self, nodes: Iterable[tuple[int, str]]) -> dict[tuple[int, str], _Name]:
        """What the nodes at the ends of flows (entry, node) are."""
        nodes = set(nodes)
        keys = []
        for _, id in nodes:
            event = " " in id
            keys += (
                [Key("event", id), Key("status", f"event {id}")]
                if event
                else [Key("lot", id), Key("hold", id)]
            )
        records = self._store.read(keys)
        found = {}
        for at, id in nodes:
            event = records.get(Key("event", id))
            lot = records.get(Key("lot", id))
            name, known = ("addition" if " " in id else "loss" if id == "loss" else "into", id), NOTHING
            if event is not None:
                name, known = ("event", id), _event(event, records.get(Key("status", f"event {id}")))
            elif lot is not None and (self._back or lot.at == at):
                hold = records[Key("hold", id)].value
                assert isinstance(hold, Hold)
                assert isinstance(lot.value, Lot)
                name, known = ("lot", id), _Known(lot.at, hold.withdrawn, (), lot.value)
            self._known[name] = known
            found[at, id] = name
        return found

    def _undone(self, indices: Iterable[int]) -> set[int]:
        """Which of these entries hold an event that was withdrawn."""
        names = {}
        for at, data in self._store.entries_at(indices).items():
            payload = orjson.loads(statement.parse(decode(data).statement).payload)
            names[at] = Key("status", f"event {event_name(payload['party'], payload['id'])}")
        found = self._store.read(names.values())
        return {at for at, key in names.items() if key in found and WITHDRAWN in _marks(found[key])}


def _event(record: Record, status: Record | None) -> _Known:
    assert isinstance(record.value, Event)
    marks = _marks(status) if status else ()
    return _Known(record.at, WITHDRAWN in marks, tuple(m for m in marks if m != WITHDRAWN), record.value)


def _marks(status: Record) -> tuple[str, ...]:
    assert isinstance(status.value, Status)
    return tuple(mark for mark, _, _, _ in status.value.marks)
