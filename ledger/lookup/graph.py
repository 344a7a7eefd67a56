"""The graph of flows as a walk sees it: nodes and edges, backward from a lot or forward.

The order is one in which every node comes after all that lead to it: backward from the newest entry to
the oldest, forward the other way. So each node is met once, its share and its depth are then known for
good, and one bulk read serves a whole generation.
"""

import heapq
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ledger import events
from ledger.quantity import format_kg, format_time
from ledger.register import Event, Hold, Key, Lot, Record, Status, event_name, is_event
from ledger.store import Store

WHOLE = 10**12  # a share of all: millionths of millionths
FIRST, AHEAD = 64, 4_096  # nodes read at once: first, and at most
LAST = 2**53  # stands for the index of nodes that no one entry made
WITHDRAWN = "withdrawn"


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
            found |= {
                "material": lot.material,
                "kg": format_kg(lot.grams),
                "item": lot.item,
                "role": lot.role,
            }
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
            "kg": format_kg(self.grams),
            "withdrawn": self.withdrawn,
        }


class _Known(NamedTuple):
    """What the register says of a node."""

    at: int
    withdrawn: bool
    open: tuple[str, ...]
    value: Lot | Event | None


_Name = tuple[str, str]  # kind and id of a node
NOTHING = _Known(LAST, False, (), None)


class Walk:
    """One walk over the first ``size`` entries: backward (``min_share`` ≥ 0, millionths) or forward (-1)."""

    def __init__(self, store: Store, lot: str, size: int, min_share: int) -> None:
        self._store = store
        self._size = size
        self._back = min_share >= 0
        self._least = min_share * 10**6
        self._lot = lot
        self._pending: dict[_Name, tuple[int, int]] = {}  # met, not yet given out: depth, share
        self._order: list[tuple[int, int, _Name]] = []  # of the pending, as a heap
        self._known: dict[_Name, _Known] = {}  # of the pending, and of nodes behind them
        self._edges: dict[_Name, list[tuple[Edge, _Name]]] = {}  # of nodes that were read
        self._ahead = FIRST

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
            shown = share if self._back else None
            yield (
                Node(*name, at, depth, shown, cut, known.withdrawn, known.open, known.value),
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
        """Read the edges of this node and of some that come soon, generation by generation: the more of
        the graph was asked for so far, the more of it at once."""
        # A heap's beginning: to look for the very next ones would be to go through all of it each time.
        names = [first, *(name for _, _, name in self._order[: self._ahead])]
        left, self._ahead = self._ahead, min(2 * self._ahead, AHEAD)
        while names and left > 0:
            unread = [name for name in names if name not in self._edges]
            left -= len(unread)
            self._read(unread)
            # Through what was read already, too: else it would be gone through again for each next node.
            names = list(dict.fromkeys(end for name in names for _, end in self._edges[name]))

    def _read(self, names: list[_Name]) -> None:
        """Read the edges of these nodes, and what is at their other ends."""
        for name in names:
            self._edges[name] = []
        inner = {name[1]: name for name in names if name[0] in ("lot", "event")}
        question = self._store.flows_into if self._back else self._store.flows_out_of
        rows = [row for row in question(inner) if row[0] < self._size]
        if self._back:
            # An exit may name a lot as what it fitted metal to: that did not go into the lot.
            rows = [row for row in rows if row[0] == self._known[inner[row[1].dst]].at]
        outer = self._learn((at, flow.src if self._back else flow.dst) for at, flow in rows)
        undone = self._undone([at for at, flow in rows if flow.dst == "loss" and not is_event(flow.src)])
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
            of_event = [Key("event", id), Key("status", f"event {id}")]
            keys += of_event if is_event(id) else [Key("lot", id), Key("hold", id)]
        records = self._store.read(keys)
        found = {}
        for at, id in nodes:
            made = records.get(Key("event", id))
            lot = records.get(Key("lot", id))
            name, known = ("addition" if is_event(id) else "loss" if id == "loss" else "into", id), NOTHING
            if made is not None:
                name, known = ("event", id), _event(made, records.get(Key("status", f"event {id}")))
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
            payload = events.plain_in_entry(data)
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
