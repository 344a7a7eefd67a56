"""The horizon: where a proof stops replaying a lot's ancestry and rests on the register's root.

Furnaces with heels and returned scrap give a late lot most of the ledger as its ancestry. A horizon cuts
it at lots whose record (birth, composition, holder) the register proves instead.
"""

import re
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

from ledger.errors import Malformed
from ledger.quantity import MILLION, parse_time
from ledger.register import Key, is_event
from ledger.store import Store

UNIT = 10**15  # the subject's whole mass, in the shares' unit

_SHARE = re.compile(r"(0|[1-9][0-9]?)(?:\.([0-9]{1,4}))?%", re.A)
_DECIMAL = re.compile(r"0\.([0-9]{1,6})", re.A)
_DEPTH = re.compile(r"[1-9][0-9]{0,5}|0", re.A)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.A)


class Horizon(NamedTuple):
    """A lot is cut if its share of the subject is below ``share`` (millionths), if it lies ``depth`` or
    more births back (0 is the subject itself), or if it was born before ``date`` (s). None asks nothing."""

    share: int | None = None
    depth: int | None = None
    date: int | None = None

    @staticmethod
    def parse(text: str) -> "Horizon":
        """``5%`` or ``0.05``, ``4`` or ``2026-03-01``; ``Malformed("horizon.form")``."""
        if match := _SHARE.fullmatch(text):
            whole, part = match.groups()
            return Horizon(share=int(whole) * 10_000 + int((part or "").ljust(4, "0")))
        if match := _DECIMAL.fullmatch(text):
            return Horizon(share=int(match[1].ljust(6, "0")))
        if _DEPTH.fullmatch(text):
            return Horizon(depth=int(text))
        if _DATE.fullmatch(text):
            try:
                return Horizon(date=parse_time(f"{text}T00:00:00Z"))
            except Malformed:
                pass
        raise Malformed("horizon.form", detail=f"{text} is no share, depth or date.")

    def cuts(self, share: int, depth: int, since: int) -> bool:
        """Whether a lot with this share (of ``UNIT``), so far back, born then, is cut."""
        return (
            (self.share is not None and share * MILLION < self.share * UNIT)
            or (self.depth is not None and depth >= self.depth)
            or (self.date is not None and since < self.date)
        )


SHORT = Horizon(depth=0)  # nothing is replayed


class _Lot(NamedTuple):
    """``parents``: what went into its birth, by grams."""

    birth: int
    since: int
    parents: dict[str, int]


def beyond(store: Store, subject: str, horizon: Horizon) -> set[str]:
    """The lots at which the horizon cuts the subject's ancestry. Shares walk backward along the flows, by
    the mass of the inputs that carry origin; what went into something is older, so by the time a lot is
    met, youngest first, its share is complete."""
    cut: set[str] = set()
    shares, depths = {subject: UNIT}, {subject: 0}
    lots = _lots(store, [subject])
    heap = [(-lots[subject].birth, subject)]
    while heap:
        _, id = heappop(heap)
        lot, share, depth = lots[id], shares[id], depths[id]
        if horizon.cuts(share, depth, lot.since):
            cut.add(id)
            continue
        fresh = [parent for parent in lot.parents if parent not in shares]
        lots |= _lots(store, [parent for parent in fresh if parent not in lots])
        whole = sum(lot.parents.values())
        for parent, grams in lot.parents.items():
            shares[parent] = shares.get(parent, 0) + share * grams // whole
            depths[parent] = min(depths.get(parent, depth + 1), depth + 1)
        for parent in fresh:
            heappush(heap, (-lots[parent].birth, parent))
    return cut


def _lots(store: Store, ids: Iterable[str]) -> dict[str, _Lot]:
    """Lots and what went into them; of an event's inputs those without origin count only among themselves."""
    wanted = list(ids)
    records = store.read(Key("lot", id) for id in wanted)
    born_in = {
        flow.dst: flow.src
        for index, flow in store.flows_into(wanted)
        if index == records[Key("lot", flow.dst)].at  # not an exit that names the lot as its `into`
    }
    into: dict[str, dict[str, int]] = {}
    for _, flow in store.flows_into({node for node in born_in.values() if is_event(node)}):
        if not is_event(flow.src):
            into.setdefault(flow.dst, {})[flow.src] = flow.grams
    inputs = store.read({Key("lot", id) for lots in into.values() for id in lots})
    bearing = {key.id for key, record in inputs.items() if record.value.composition}
    found = {}
    for id in wanted:
        record, node = records[Key("lot", id)], born_in[id]
        parents = into.get(node, {}) if is_event(node) else {node: 1}
        if bearing & parents.keys():  # the others are followed all the same, but for no share
            parents = {lot: grams if lot in bearing else 0 for lot, grams in parents.items()}
        found[id] = _Lot(record.at, record.value.since, parents)
    return found
