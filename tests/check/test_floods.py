"""Proof files that are made to exhaust whoever checks them: the work stays in proportion to the file."""

from collections.abc import Iterator
from typing import Any, SupportsIndex

from ledger import events, evidence, strictjson
from ledger.entry import Entry
from ledger.evidence import Piece
from ledger.statement import Statement
from tests.world import LOT, PARTY, SITE

SUBJECT = LOT + "miner:ore"
MINER = PARTY + "miner"


class _Counted(list[Piece]):
    """Counts how often a piece is looked at."""

    looks = 0

    def __getitem__(self, n: SupportsIndex) -> Piece:  # type: ignore[override]
        self.looks += 1
        return super().__getitem__(n)


def _piece(index: int, event: dict[str, Any]) -> Piece:
    common = {"ledger": "l", "id": f"evt:{index}", "time": "2026-03-02T06:00:00Z", "party": MINER}
    payload = strictjson.dumps(common | event)
    signed = Statement("", "k" * 43, "Ed25519", payload, b"")
    return Piece(Entry(index, 0, bytes(32), 0, ""), bytes(32), signed, events.parse(payload), None)


def _back_and_forth(count: int) -> Iterator[Piece]:
    """One lot, shipped and received again and again, with a dispute about each shipment."""
    line = {"lot": SUBJECT, "kg": "10"}
    yield _piece(
        0,
        {"type": "source", "site": SITE + "pit", "kind": "mine", "outputs": [line | {"material": "bauxite"}]},
    )
    for n in range(1, count, 3):
        of = {"party": MINER, "id": f"evt:{n}"}
        yield _piece(n, {"type": "ship", "site": SITE + "pit", "to": MINER, "lines": [line]})
        yield _piece(n + 1, {"type": "receive", "site": SITE + "pit", "of": of, "lines": [line]})
        yield _piece(n + 2, {"type": "correct", "of": of, "action": "dispute", "reason": "again"})


def test_a_lot_handed_over_a_thousand_times_is_followed_once_for_each_entry() -> None:
    pieces = _Counted(_back_and_forth(3_000))
    assert len(evidence.judged(pieces, [SUBJECT])) == len(pieces)
    assert pieces.looks < 20 * len(pieces)


def test_what_nothing_rests_on_stays_idle_however_much_there_is() -> None:
    pieces = list(_back_and_forth(30))
    assert evidence.judged(pieces, [LOT + "other:lot"]) == frozenset()
