"""Proof files that are made to exhaust whoever checks them: the work stays in proportion to the file."""

from collections.abc import Iterator
from typing import Any, SupportsIndex

import pytest

from ledger import events, strictjson
from ledger.check import evidence, replay
from ledger.check.evidence import Piece
from ledger.entry import Entry
from ledger.proof import build
from ledger.statement import Statement
from ledger.verify import check
from tests.check.forge import Forge
from tests.world import LOT, PARTY, SITE, World

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


def test_a_file_of_endless_shares_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    hood = world.hood()
    world.publish()
    data = build(world.store, hood)
    assert check([data], world.trust).verdict == "holds"
    monkeypatch.setattr(replay, "MOST_SHARES", 10)
    report = check([data], world.trust)
    assert report.verdict == "not provable"
    assert {f.check for f in report.proofs[0].findings if f.code == "missing.work"} == {5, 6}


def test_what_is_refused_counts_with_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file of refused events would cost an hour: each goes through all shares, and bears none."""
    world = World()
    hood = world.hood()
    smelter, alumina = PARTY + "smelter", LOT + "refiner:alumina"
    forge = Forge(world)
    monkeypatch.setattr(replay, "MOST_SHARES", 200)
    assert "missing.work" not in {f.code for f in check([forge.proof(hood)], world.trust).proofs[0].findings}
    lines = [{"lot": f"{LOT}nobody:{n}", "kg": "1", "material": "alumina"} for n in range(9)]
    vain: dict[str, Any] = {
        "type": "transform",
        "party": smelter,
        "site": SITE + "smelter",
        "process": "blend",
    }
    vain |= {"model": "segregated", "inputs": [{"lot": alumina, "kg": "9"}], "outputs": lines}
    for _ in range(11):  # two mines' shares, of an input and nine outputs
        forge.add(vain)
    report = check([forge.proof(hood)], world.trust)
    assert {f.check for f in report.proofs[0].findings if f.code == "missing.work"} == {5, 6}
    monkeypatch.setattr(replay, "MOST_SHARES", 400)
    assert "missing.work" not in {f.code for f in check([forge.proof(hood)], world.trust).proofs[0].findings}


def test_a_trace_is_a_share_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand tonnes a gram is a trace in each gram of it: kept, and gone through, as any share is."""

    def given_up(most: int) -> bool:
        monkeypatch.setattr(replay, "MOST_SHARES", most)
        (found,) = check([forge.proof(lot)], world.trust).proofs
        return "missing.work" in {one.code for one in found.findings}

    world = World()
    much = world.source("yard", "much", "1000000", "purchase", "post_consumer_scrap")
    gram = world.source("yard", "gram", "0.001", "gain", "post_consumer_scrap")
    whole, new = {much: "1000000", gram: "0.001"}, ("post_consumer_scrap", "1000000.001")
    (pile,) = world.transform("yard", "blend", whole, {"pile": new})
    (lot,) = world.transform("yard", "bin", {pile: "0.002"}, {"lot": ("post_consumer_scrap", "0.002")})
    world.publish()
    forge = Forge(world)
    assert [given_up(most) for most in (5, 6)] == [True, False], "1 + 1 + 2 of the pile + 2 of the lot"
    line = {"lot": LOT + "nobody:n", "kg": "0.001", "material": "post_consumer_scrap"}
    vain = {"type": "transform", "party": PARTY + "collector", "site": SITE + "yard", "process": "bin"}
    taken = {"model": "segregated", "inputs": [{"lot": lot, "kg": "0.001"}], "outputs": [line]}
    for _ in range(2):
        forge.add(vain | taken)
    assert [given_up(most) for most in (9, 10)] == [True, False], "2 of an input and of an output"
