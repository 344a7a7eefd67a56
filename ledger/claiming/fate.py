"""Where metal went: every lot followed forward, to its exits, to what is in stock, to what was lost.

``loss`` is what a process, or a weighing within the catalogue's tolerance, may lose. What was missing beyond
that, or at a stocktake, is ``lost``, as by an exit for that reason. A process to which the catalogue sets no
least yield, as to blending, may lose what its tolerance says.

The grams of all fates sum exactly to the grams that began. What is joined is followed by mass, as origins
are: of each input as much goes into an output as into the whole. It is counted in milligrams and shown in
grams, so that an output to which less than a milligram went is not among the fates.

The walk goes through the ledger in its order, so each lot is met once, when all that went into it is known.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ledger import events
from ledger.claiming import read
from ledger.claims.document import Fate
from ledger.errors import Malformed
from ledger.quantity import FINE, MILLION, apportion
from ledger.register import Flow, Hold, Key, Lot, is_event
from ledger.store import Store

AHEAD = 500  # nodes read at once: those at the heap's beginning, which come soon
LOTS = 1_001  # that are named of one fate: one more than reports name, which say then that there are more


class _End(NamedTuple):
    """``Fate`` without its amount."""

    fate: str
    site: str
    party: str
    into: str = ""


class _Out(NamedTuple):
    """Grams that left a lot: to an end, or into another lot or an event, by the entry ``at``."""

    at: int
    grams: int
    to: str
    end: _End | None


class _Node(NamedTuple):
    """What is known of a lot that is followed."""

    lot: Lot
    hold: Hold
    outs: tuple[_Out, ...]


class _Made(NamedTuple):
    """What is known of an event in which lots were joined. ``taken``: grams of the inputs that carry origin;
    ``outputs``: (lot, grams, whether it carries origin)."""

    at: int
    site: str
    party: str
    taken: int
    outputs: tuple[tuple[str, int, bool], ...]
    loss: int
    fate: str  # of what is not in its outputs


def fates(store: Store, subject: str, *, into: bool = True) -> tuple[Fate, ...]:
    """What became of a lot, or of all that entered a site: what began there and what arrived. ``into``:
    whether what the metal was fitted to is told one by one. ``Malformed("claims.subject")``."""
    size = store.head().size
    return _Forward(store, size, into).run(_began(store, subject, size))


class _Began(NamedTuple):
    """``after``: the entry by which a lot came to be there; ``grams``: as much as came."""

    after: int
    grams: int


def _began(store: Store, subject: str, size: int) -> dict[str, _Began]:
    found = store.read((Key("lot", subject), Key("site", subject)))
    lot = found.get(Key("lot", subject))
    if lot is not None and lot.at < size:
        gone = store.read((Key("hold", subject),))[Key("hold", subject)].value.withdrawn
        return {} if gone else {subject: _Began(lot.at, lot.value.grams)}
    if not found:
        raise Malformed("claims.subject", detail=f"The ledger has no lot or site {subject}.")
    began: dict[str, _Began] = {}
    for one in read.of_site(store, subject, size, lambda type, _: type in ("source", "receive")):
        if isinstance(one.event, events.Source):
            began |= {output.lot: _Began(one.index, output.grams) for output in one.event.outputs}
        elif isinstance(one.event, events.Receive):
            for line in one.event.lines:
                if line.result == "accepted":
                    began.setdefault(line.lot, _Began(one.index, line.grams))
    return began


class _Forward:
    """One walk. Milligrams are pending at lots and at events, by the entry that bore or joined them."""

    def __init__(self, store: Store, size: int, into: bool) -> None:
        self._store = store
        self._size = size
        self._into = into
        self._order: list[tuple[int, bool, str]] = []  # of what is pending, as a heap; events before lots
        self._pending: dict[str, list[int]] = {}  # milligrams that carry origin, and others
        self._nodes: dict[str, _Node] = {}
        self._made: dict[str, _Made] = {}
        self._ends: dict[_End, int] = defaultdict(int)
        self._lots: dict[_End, list[str]] = defaultdict(list)
        self._began: dict[str, _Began] = {}
        self._total = 0  # grams

    def run(self, began: dict[str, _Began]) -> tuple[Fate, ...]:
        """All fates, most grams first."""
        self._began = began
        for some in read.chunks(began):
            for key, record in self._store.read(Key("lot", lot) for lot in some).items():
                self._meet(record.at, key.id, 0, 0)
        while self._order:
            at, is_lot, name = heapq.heappop(self._order)
            if name not in (self._nodes if is_lot else self._made):
                self._read([(at, is_lot, name), *self._order[:AHEAD]])
            mass = self._pending.pop(name)
            if is_lot:
                self._follow(name, self._nodes.pop(name), mass)
            else:
                self._join(self._made.pop(name), mass)
        return self._told()

    def _told(self) -> tuple[Fate, ...]:
        ends = sorted(end for end, mass in self._ends.items() if mass)
        rows = [(f"{n:09}", self._ends[end]) for n, end in enumerate(ends)]
        shares = apportion(self._total, rows) if rows else []
        found = [
            Fate(**end._asdict(), grams=grams, lots=tuple(self._lots[end]))
            for end, (_, grams) in zip(ends, shares, strict=True)
        ]
        return tuple(sorted(found, key=lambda fate: -fate.grams))

    def _meet(self, at: int, name: str, carrying: int, other: int) -> None:
        if name not in self._pending:
            self._pending[name] = [0, 0]
            heapq.heappush(self._order, (at, not is_event(name), name))
        self._pending[name][0] += carrying
        self._pending[name][1] += other

    def _end(self, end: _End, lot: str, mass: int) -> None:
        if not mass:
            return
        end = end if self._into else end._replace(into="")
        self._ends[end] += mass
        named = self._lots[end]
        if len(named) < LOTS and lot and lot not in named[-1:]:
            named.append(lot)

    def _follow(self, name: str, node: _Node, mass: list[int]) -> None:
        """Share out what is in a lot among what left it and what is left."""
        lot, hold, outs = node
        carrying, other = mass
        began = self._began.get(name)
        if began is not None:  # what came back is not counted twice
            fresh = max(0, began.grams * FINE - carrying - other) // FINE
            self._total += fresh
            carrying, other = (
                (carrying + fresh * FINE, other) if lot.composition else (carrying, other + fresh * FINE)
            )
        rest = lot.grams - sum(out.grams for out in outs)
        after = began.after if began is not None else -1
        outs = tuple(out for out in outs if out.at > after or out.to != "loss")
        where = _End("transit", "", hold.to) if hold.to else _End("stock", hold.site, hold.holder)
        weights = [*(out.grams for out in outs), rest]
        parts = zip(outs, _shared(carrying, weights), _shared(other, weights), strict=False)
        left = carrying + other
        for out, of_carrying, of_other in parts:
            left -= of_carrying + of_other
            if out.end is not None:
                self._end(out.end, name, of_carrying + of_other)
            elif of_carrying + of_other:
                self._meet(out.at, out.to, of_carrying, of_other)
        self._end(where, name, left)

    def _join(self, made: _Made, mass: list[int]) -> None:
        """Share out what went into an event: metal among the outputs that carry origin, by mass, as far as
        it is not lost; what else there is, among all."""
        carrying, other = mass
        metal = [grams if carries else 0 for _, grams, carries in made.outputs]
        of_metal = _shared(carrying, [*metal, max(0, made.taken - sum(metal))])
        of_all = _shared(other, [*(grams for _, grams, _ in made.outputs), made.loss])
        for (lot, _, _), one, two in zip(made.outputs, of_metal, of_all, strict=False):
            if one + two:
                self._meet(made.at, lot, one, two)
        self._end(_End(made.fate, made.site, made.party), "", of_metal[-1] + of_all[-1])

    # --- Reading

    def _read(self, nodes: Iterable[tuple[int, bool, str]]) -> None:
        """Learn about these at once."""
        lots = [name for _, is_lot, name in nodes if is_lot and name not in self._nodes]
        joined = {name: at for at, is_lot, name in nodes if not is_lot and name not in self._made}
        if lots:
            self._read_lots(lots)
        if joined:
            self._read_events(joined)

    def _read_lots(self, lots: list[str]) -> None:
        records = self._store.read(Key(kind, lot) for lot in lots for kind in ("lot", "hold"))
        flows = [row for row in self._store.flows_out_of(lots) if row[0] < self._size]
        found = read.entries(self._store, {at for at, _ in flows})
        undone = read.withdrawn(self._store, (one.name for one in found.values()))
        outs: dict[str, list[_Out]] = defaultdict(list)
        for at, flow in flows:
            if found[at].name not in undone:
                hold = records[Key("hold", flow.src)].value
                end = self._end_of(flow, found[at], records[Key("lot", flow.src)].value, hold)
                outs[flow.src].append(_Out(at, flow.grams, flow.dst, end))
        for lot in lots:
            born, hold = (records[Key(kind, lot)].value for kind in ("lot", "hold"))
            self._nodes[lot] = _Node(born, hold, tuple(outs[lot]))

    def _read_events(self, joined: dict[str, int]) -> None:
        into = self._store.flows_into(joined)
        out_of = self._store.flows_out_of(joined)
        ends = {flow.src for _, flow in into} | {flow.dst for _, flow in out_of}
        lots = self._store.read(Key("lot", end) for end in ends if not is_event(end))
        carrying = {key.id for key, record in lots.items() if record.value.composition}
        taken: dict[str, int] = defaultdict(int)
        loss: dict[str, int] = defaultdict(int)
        outputs: dict[str, list[tuple[str, int, bool]]] = defaultdict(list)
        for _, flow in into:
            taken[flow.dst] += flow.grams if flow.src in carrying else 0
        for _, flow in out_of:
            if flow.dst == "loss":
                loss[flow.src] += flow.grams
            else:
                outputs[flow.src].append((flow.dst, flow.grams, flow.dst in carrying))
        done = read.entries(self._store, joined.values())
        for name, at in joined.items():
            event = done[at].event
            site = getattr(event, "site", "")
            made = tuple(outputs[name])
            gone = taken[name] - sum(grams for _, grams, carries in made if carries)
            fate = self._fate(done[at], gone, taken[name])
            self._made[name] = _Made(at, site, event.party, taken[name], made, loss[name], fate)

    def _fate(self, one: read.Read, gone: int, taken: int) -> str:
        """What became of what a process took and did not give."""
        process = read.catalogue(self._store, one.charter).processes[vars(one.event)["process"]]
        within = process.ratio.low > 0 or gone * MILLION <= process.tolerance * taken
        return "loss" if within else "lost"

    def _end_of(self, flow: Flow, one: read.Read, lot: Lot, hold: Hold) -> _End | None:
        """Where a flow out of a lot ends, if it does."""
        if flow.dst == "loss":
            weighed = isinstance(one.event, events.Receive)
            within = weighed and flow.grams * MILLION <= self._tolerance(one.charter) * lot.grams
            return _End("loss" if within else "lost", hold.site, hold.holder)
        if isinstance(one.event, events.Exit):
            return _End(one.event.reason, hold.site, one.event.party, one.event.into or "")
        return None

    def _tolerance(self, charter: int) -> int:
        return read.catalogue(self._store, charter).receive_tolerance


def _shared(mass: int, weights: list[int]) -> list[int]:
    """Milligrams shared out by weight; all to the last one where there is none."""
    if not any(weights):
        return [0] * (len(weights) - 1) + [mass]
    return [part for _, part in apportion(mass, [(f"{n:09}", weight) for n, weight in enumerate(weights)])]
