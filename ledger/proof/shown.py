"""What a proof shows of the register: the opened buckets that tell how the subject stands."""

from collections.abc import Sequence

from ledger.check import evidence
from ledger.check.evidence import CUSTODY, Piece
from ledger.proof.moves import later_moves
from ledger.proof.opened import opened
from ledger.prooffile import RegisterPart
from ledger.register import Key
from ledger.store import Store, record_of


def shown(store: Store, pieces: Sequence[Piece], subject: str, cut: set[str], size: int) -> RegisterPart:
    """The part for a proof of these pieces, from the kept map of ``size`` entries. ``cut``: lots at the
    horizon, whose records serve the replay."""
    indices = evidence.judged(pieces, [subject])
    judged = [piece for piece in pieces if piece.index in indices]
    wanted, unborn = evidence.standing_of(judged, subject)
    books = evidence.books_of(judged)
    wanted |= books
    rested = unborn & cut
    wanted |= {Key(kind, lot) for lot in rested for kind in CUSTODY}
    records = store.as_of(wanted, size)
    named = {Key("lot", lot) for lot in rested}
    if subject in rested:
        named |= {Key(kind, subject) for kind in CUSTODY}
    marks = {Key("status", f"event {record_of(key.kind, records[key]).value.event}") for key in named}
    records |= store.as_of(marks, size)
    wanted |= marks
    standing = {
        key: data
        for key, data in records.items()
        if key.kind in ("used", "hold", "owner")
        or key in marks
        or key in books
        or (key.kind == "lot" and key.id in rested)
    }
    lots = {key.id for key in wanted if key.kind == "used"} - rested
    last = evidence.last_reads(judged, subject, size)
    moves = later_moves(store, {lot: last[lot] for lot in lots}, size)
    return opened(store, wanted, standing, moves)
