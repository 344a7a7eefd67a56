"""Signature checks in other processes: the same verdicts, whoever lives or dies."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import signatures
from ledger.keys import PrivateKey
from ledger.signatures import Check, Checkers
from ledger.statement import sign

KEY = PrivateKey.from_seed("Ed25519", bytes(32))
OTHER = PrivateKey.from_seed("Ed25519", bytes([1]) * 32)


def batch(count: int, *wrong: int) -> list[Check]:
    """Statements of one key, some of which another key signed."""
    checks = []
    for n in range(count):
        text = sign(b"%d" % n, KEY)
        forged = text[: text.rindex(".")] + sign(b"%d" % n, OTHER)[text.rindex(".") :]
        checks.append(Check(forged if n in wrong else text, KEY.public.jwk_text))
    return checks


def places(checkers: Checkers, checks: list[Check]) -> list[int]:
    found = checkers.check(checks)
    assert {(wrong.code, wrong.path) for wrong in found} <= {("statement.signature", "$.signature")}
    return [wrong.place for wrong in found]


@pytest.fixture
def checkers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Checkers]:
    monkeypatch.setattr(signatures, "SMALL", 20)
    found = Checkers()
    yield found
    found.close()


def test_a_little_is_checked_here_and_much_elsewhere(checkers: Checkers) -> None:
    assert places(checkers, batch(19, 7)) == [7]
    assert checkers._idle == []
    for _ in range(3):
        assert places(checkers, batch(30, 0, 29)) == [0, 29]
        assert checkers._idle
    assert places(checkers, batch(1)) == []


def test_many_threads_share_the_processes(checkers: Checkers) -> None:
    checkers.check(batch(20))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: places(checkers, batch(12, n)), range(12)))
    assert found == [[n] for n in range(12)]


def test_where_a_process_dies_its_batch_is_checked_here(checkers: Checkers) -> None:
    checkers.check(batch(20))
    for process in checkers._idle:
        process._run.kill()
        process._run.wait()
    for _ in range(4):
        assert places(checkers, batch(3, 1)) == [1]
    assert checkers._alive == 0


def test_where_no_process_can_be_had_all_is_checked_here(
    checkers: Checkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert places(checkers, batch(21, 20)) == [20]
    assert checkers._alive == 0


def test_closing_ends_the_processes(checkers: Checkers) -> None:
    checkers.check(batch(20))
    runs = [process._run for process in checkers._idle]
    assert {run.poll() for run in runs} == {None}
    checkers.close()
    assert {run.poll() for run in runs} == {0}
    assert places(checkers, batch(2, 1)) == [1]
