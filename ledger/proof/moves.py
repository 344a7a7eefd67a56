"""What moved or sold a lot after a proof's last entry that rests on where it was: told by index only.

The register chains all entries that moved a lot. Those before are in the proof; the later ones complete
the chain.
"""

from collections.abc import Mapping

from ledger import events
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.proof.pieces import pieces_at
from ledger.register import Key
from ledger.store import Store, record_of

WAY = ("hold", "owner")


def later_moves(store: Store, lots: Mapping[str, int], size: int) -> dict[str, tuple[int, ...]]:
    """Of each lot that has any, the indices below ``size`` of the entries that moved or sold it after the
    index given. Each mover has read what the one before wrote, so that one is among its needs."""
    records = store.as_of([Key(kind, lot) for lot in lots for kind in WAY], size)
    last: dict[str, set[int]] = {}
    for key, data in records.items():
        index = record_of(key.kind, data).at
        if index > lots[key.id]:
            last.setdefault(key.id, set()).add(index)
    return {lot: _movers(store, lot, lots[lot], todo) for lot, todo in last.items()}


def _movers(store: Store, lot: str, after: int, todo: set[int]) -> tuple[int, ...]:
    found: set[int] = set()
    while todo:
        pieces = pieces_at(store, todo)
        new = {index for index, piece in pieces.items() if _moves(store, piece, lot)}
        found |= new
        needs = {need for several in store.needs(new).values() for need in several if need > after}
        todo = needs - found
    return tuple(sorted(found))


def _moves(store: Store, piece: Piece, lot: str) -> bool:
    """Whether the entry wrote the lot's hold or owner, or gave back what it had been before."""
    event = piece.event
    assert event is not None, "an entry that the ledger admitted"
    if isinstance(event, events.Correct):
        of = store.read([Key("event", event.of.name)])[Key("event", event.of.name)].at
        return event.action == "withdraw" and _moves(store, pieces_at(store, {of})[of], lot)
    return any(key.kind in WAY and key.id == lot for key in evidence.writes(event, piece.index))
