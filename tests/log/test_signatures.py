"""Signature checks in other processes: the same verdicts, whoever lives or dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger import signatures
from ledger.keys import PrivateKey
from ledger.signatures import Check, Checkers, Signatures
from ledger.statement import sign
from tests.house.tree import ROOT

KEY = PrivateKey.from_seed("Ed25519", bytes(32))
OTHER = PrivateKey.from_seed("Ed25519", bytes([1]) * 32)
NOWHERE = "/nowhere/python"


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
    monkeypatch.setattr(sys, "executable", NOWHERE)
    assert places(checkers, batch(21, 20)) == [20]
    assert checkers._alive == 0


def test_closing_ends_the_processes(checkers: Checkers) -> None:
    checkers.check(batch(20))
    runs = [process._run for process in checkers._idle]
    assert {run.poll() for run in runs} == {None}
    checkers.close()
    assert {run.poll() for run in runs} == {0}
    assert places(checkers, batch(2, 1)) == [1]


def test_a_process_that_hangs_is_not_waited_for(checkers: Checkers, monkeypatch: pytest.MonkeyPatch) -> None:
    checkers.check(batch(20))
    runs = [process._run for process in checkers._idle]
    for run in runs:
        os.kill(run.pid, signal.SIGSTOP)
    monkeypatch.setattr(signatures, "PATIENCE", 0.1)
    checkers.close()
    assert {run.poll() for run in runs} == {-signal.SIGKILL}


@pytest.mark.parametrize("executable", [sys.executable, NOWHERE])
@pytest.mark.parametrize("expected", [19, 20])
def test_the_first_wrong_one_of_each_batch(
    monkeypatch: pytest.MonkeyPatch, executable: str, expected: int
) -> None:
    monkeypatch.setattr(signatures, "SMALL", 20)
    monkeypatch.setattr(sys, "executable", executable)
    checks = Signatures(expected)
    pending = [checks.submit(batch(5, *wrong)) for wrong in ((3, 4), (), (0,))]
    found = [one.result() for one in pending]
    assert [wrong and wrong.place for wrong in found] == [3, None, 0]
    assert bool(checks._checkers._idle) == (expected == 20 and executable != NOWHERE)
    checks.close()


def test_a_script_that_guards_nothing_is_not_run_again(tmp_path: Path) -> None:
    script = tmp_path / "check.py"
    script.write_text(
        "from ledger import signatures\n"
        "signatures.SMALL = 1\n"
        "checks = signatures.Signatures(1)\n"
        "print(checks.submit([]).result())\n"
        "checks.close()\n"
    )
    done = subprocess.run((sys.executable, script), capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.stdout, done.stderr) == ("None\n", "")
