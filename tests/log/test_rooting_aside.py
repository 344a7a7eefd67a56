"""The maker of roots in another process: the same maps, whatever becomes of the process."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.errors import StorageError
from ledger.register import Key, Mark
from ledger.rooting import aside, charter_of
from ledger.rooting.aside import Aside
from ledger.store.sqlite import SqliteStore
from tests.log.test_rooting import History, from_scratch

COMMAND = "from ledger.folder import make_roots; make_roots()"


class Turns:
    """Counts them."""

    def __init__(self) -> None:
        self.taken = 0
        self.fail = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.taken += 1
        if self.fail:
            raise KeyboardInterrupt
        yield


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[History]:
    monkeypatch.setattr(aside, "MANY", 1)
    store = SqliteStore(tmp_path / "ledger", create=True)
    yield History(store)
    store.close()


@pytest.fixture
def maker(history: History, tmp_path: Path, turns: Turns) -> Iterator[Aside]:
    maker = Aside(history.store, (COMMAND, str(tmp_path / "ledger")), turns)
    yield maker
    maker.close()


def written(history: History, name: str, count: int = 100) -> None:
    history.commit({Key("lot", f"{name}:{n}"): Mark("a") for n in range(count)})


def state(maker: Aside, history: History) -> int:
    """Fold and state the root; the register event's index."""
    maker.fold()
    size = history.size
    assert maker.root(size) == from_scratch(charter_of(history.store), history.records(size))[0]
    return history.register()


def pid(maker: Aside) -> int:
    assert maker._there is not None
    return maker._there._run.pid


def test_the_other_process_makes_and_keeps_the_map(history: History, maker: Aside, turns: Turns) -> None:
    written(history, "a")
    for name in "bc":
        index = state(maker, history)
        assert maker.keep(f"note {name}", index + 1)
        assert history.store.checkpoint() == f"note {name}"
        history.check(index)
        before = turns.taken
        maker.tidy()
        assert turns.taken > before > 0  # nobody else writes meanwhile
        written(history, name)
    assert pid(maker)


def test_little_is_folded_here(history: History, maker: Aside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "MANY", 100)
    written(history, "a")
    index = state(maker, history)
    assert maker.keep("note", index + 1)
    assert maker._there is None
    history.check(index)


def test_where_no_process_can_be_had_it_is_done_here(
    history: History, maker: Aside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    written(history, "a")
    assert maker.keep("note", state(maker, history) + 1)
    assert maker._there is None


@pytest.mark.parametrize("moment", ["fold", "root", "keep", "tidy"])
def test_a_process_that_dies_is_not_missed(history: History, maker: Aside, moment: str) -> None:
    written(history, "a")
    maker.keep("first", state(maker, history) + 1)
    written(history, "b")
    index = history.size

    def kill_before(what: str) -> None:
        if what == moment:
            assert maker._there is not None
            maker._there._run.kill()
            maker._there._run.wait()

    kill_before("fold")
    maker.fold()
    kill_before("root")
    assert maker.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
    history.register()
    kill_before("keep")
    kept = maker.keep("second", index + 1)
    assert kept == (moment != "keep")
    if not kept:  # as a publisher does that is asked again
        assert maker.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
        assert maker.keep("second", index + 1)
    kill_before("tidy")
    maker.tidy()
    history.check(index)


def test_a_process_that_never_comes_up_is_not_missed(history: History, turns: Turns) -> None:
    maker = Aside(history.store, ("raise SystemExit",), turns)
    written(history, "a")
    assert maker.keep("note", state(maker, history) + 1)
    maker.close()


def test_a_fault_of_the_store_is_told_and_the_process_goes_on(
    history: History, maker: Aside, tmp_path: Path
) -> None:
    written(history, "a")
    folder, away = tmp_path / "ledger", tmp_path / "away"
    shutil.copytree(folder, away)
    maker._command = (COMMAND, str(tmp_path / "elsewhere"))
    with pytest.raises(StorageError) as caught:
        maker.fold()
    assert caught.value.code == "store.missing"
    shutil.copytree(away, tmp_path / "elsewhere")
    assert maker.fold() == 0


def test_a_question_cut_short_is_not_answered_to_the_next(
    history: History, maker: Aside, turns: Turns
) -> None:
    written(history, "a")
    index = state(maker, history)
    turns.fail = True
    with pytest.raises(KeyboardInterrupt):
        maker.keep("note", index + 1)
    turns.fail = False
    maker.fold()
    assert maker.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
    assert maker.keep("note", index + 1)
    history.check(index)


def test_it_ends_with_who_started_it(history: History, maker: Aside) -> None:
    written(history, "a")
    maker.fold()
    assert maker._there is not None
    run = maker._there._run
    maker.close()
    assert run.wait(30) == 0


@pytest.mark.parametrize("moment", ["fold", "root", "keep", "tidy", "close"])
def test_a_process_that_hangs_is_given_up(
    history: History, maker: Aside, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be asked while the writer's lock is held."""
    written(history, "a")
    maker.keep("first", state(maker, history) + 1)
    written(history, "b")
    index = history.size
    monkeypatch.setattr(aside, "PATIENCE", {})
    monkeypatch.setattr(aside, "ELSE", 0.5)

    def hang_before(what: str) -> None:
        if what == moment:
            os.kill(pid(maker), signal.SIGSTOP)

    hang_before("fold")
    maker.fold()
    hang_before("root")
    assert maker.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
    history.register()
    hang_before("keep")
    if not maker.keep("second", index + 1):
        assert maker.root(index) == from_scratch(charter_of(history.store), history.records(index))[0]
        assert maker.keep("second", index + 1)
    hang_before("tidy")
    maker.tidy()
    history.check(index)
    hang_before("close")
    maker.close()


def test_ctrl_c_does_not_reach_the_process_even_while_it_starts(history: History, maker: Aside) -> None:
    written(history, "a")
    maker.fold()
    assert os.getpgid(pid(maker)) != os.getpgid(0)
