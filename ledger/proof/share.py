"""``min_share``: what a proof leaves out because too little of the subject's mass comes from it.

It leaves out what went into transforms of which no output has that share of the subject's mass. The
transform itself and who was allowed to sign it stay, so that the checker can say what is left out, and
how much that is.
"""

from heapq import heappop, heappush

from ledger.proof.horizon import UNIT
from ledger.quantity import MILLION
from ledger.register import Key, is_event
from ledger.store import Store


def kept_transforms(store: Store, subject: str, min_share: int) -> set[str]:
    """The names of the transforms of which an output has at least this share (millionths) of the
    subject: shares walk backward along the flows, by the mass of the inputs that carry origin."""
    kept: set[str] = set()
    shares = {subject: UNIT}
    born_in: dict[str, str] = {}  # lot → the event, or the lot that it was split from
    heap: list[tuple[int, str]] = []  # lots by the index of their birth, last first
    fresh = {subject}
    while fresh or heap:
        births = store.read(Key("lot", id) for id in fresh)
        for index, flow in store.flows_into(fresh):
            if index == births[Key("lot", flow.dst)].at:  # not an exit that names the lot as its `into`
                heappush(heap, (-index, flow.dst))
                born_in[flow.dst] = flow.src
        # What a lot went into is younger than the lot, so by now the share of the youngest is complete.
        birth, lot = heappop(heap)
        born = [lot]
        while heap and heap[0][0] == birth:
            born.append(heappop(heap)[1])
        given: list[tuple[str, int]] = []
        if is_event(born_in[lot]):
            if max(shares[lot] for lot in born) * MILLION >= min_share * UNIT:
                kept.add(born_in[lot])
                given = _shared(sum(shares[lot] for lot in born), _weights(store, born_in[lot]))
        else:
            given = [(born_in[lot], shares[lot]) for lot in born]
        fresh = {id for id, _ in given if id not in shares}
        for id, share in given:
            shares[id] = shares.get(id, 0) + share
    return kept


def _weights(store: Store, event: str) -> dict[str, int]:
    """The lots that went into an event, by grams; those without origin count only among themselves."""
    into = {flow.src: flow.grams for _, flow in store.flows_into([event]) if not is_event(flow.src)}
    lots = store.read(Key("lot", id) for id in into)
    carrying = {key.id: into[key.id] for key, record in lots.items() if record.value.composition}
    return carrying or into


def _shared(share: int, weights: dict[str, int]) -> list[tuple[str, int]]:
    whole = sum(weights.values())
    return [(id, share * grams // whole) for id, grams in weights.items()]
