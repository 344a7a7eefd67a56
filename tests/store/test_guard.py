"""The guard of the last signed checkpoint."""

import hashlib
import os
import stat
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from ledger.errors import GuardError
from ledger.store.guard import FileGuard, Guard, MemoryGuard, default_directory
from tests.store.contract import together

FORK = get_context("fork")
NAME = "oreline.example/ledger"


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises(GuardError) as raised:
        ask()
    return raised.value.code


@pytest.fixture(params=["memory", "file"])
def guard(request: pytest.FixtureRequest, tmp_path: Path) -> Guard:
    return MemoryGuard() if request.param == "memory" else FileGuard(tmp_path / "new" / "state", NAME)


def test_it_moves_only_from_what_it_holds(guard: Guard) -> None:
    assert guard.read() is None
    guard.compare_and_swap(None, "one\n\n— a b\n")
    assert guard.read() == "one\n\n— a b\n"
    assert code_of(lambda: guard.compare_and_swap(None, "two")) == "guard.moved"
    assert code_of(lambda: guard.compare_and_swap("one", "two")) == "guard.moved"
    assert guard.read() == "one\n\n— a b\n"
    guard.compare_and_swap("one\n\n— a b\n", "two")
    assert guard.read() == "two"


def test_repeating_a_swap_settles_it(guard: Guard) -> None:
    guard.compare_and_swap(None, "one")
    guard.compare_and_swap("one", "two")
    guard.compare_and_swap("one", "two")
    assert guard.read() == "two"
    assert code_of(lambda: guard.compare_and_swap("one", "three")) == "guard.moved"


def test_of_many_that_swap_at_once_one_wins(guard: Guard) -> None:
    won: list[str] = []
    lost: list[str] = []

    def swap(new: str) -> None:
        try:
            guard.compare_and_swap(None, new)
            won.append(new)
        except GuardError as error:
            lost.append(error.code)

    together(*[lambda new=new: swap(new) for new in "abcdef"])
    assert won == [guard.read()]
    assert lost == ["guard.moved"] * 5


def test_it_is_shared_by_processes(tmp_path: Path) -> None:
    def take(first: int) -> None:
        guard, won = FileGuard(tmp_path, NAME), 0
        while won < 20:
            old = guard.read()
            try:
                guard.compare_and_swap(old, f"{old or ''}{first}")
                won += 1
            except GuardError as error:
                if error.code != "guard.moved":
                    raise

    processes = [FORK.Process(target=take, args=(first,)) for first in (1, 2, 3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    kept = FileGuard(tmp_path, NAME).read() or ""
    assert sorted(kept) == sorted("123" * 20)


def test_each_ledger_has_its_own(tmp_path: Path) -> None:
    FileGuard(tmp_path, "a").compare_and_swap(None, "one")
    assert FileGuard(tmp_path, "b").read() is None
    assert FileGuard(tmp_path, "a").read() == "one"


def test_only_its_user_may_read_it(tmp_path: Path) -> None:
    FileGuard(tmp_path / "state", NAME).compare_and_swap(None, "one")
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    files = sorted((tmp_path / "state").iterdir())
    assert [file.suffix for file in files] == [".guard", ".lock"]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data.replace(b"one", b"two"),
        lambda data: data.replace(NAME.encode(), b"another"),
        lambda data: data.replace(b"guard/1", b"guard/2"),
        lambda data: b"\n".join(data.split(b"\n")[:2]),
    ],
)
def test_a_file_that_it_did_not_write_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    guard = FileGuard(tmp_path, NAME)
    guard.compare_and_swap(None, "one")
    (file,) = tmp_path.glob("*.guard")
    file.write_bytes(change(file.read_bytes()))
    assert code_of(guard.read) == "guard.corrupt"
    assert code_of(lambda: guard.compare_and_swap("one", "two")) == "guard.corrupt"


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    guard = FileGuard(tmp_path, NAME)
    guard.compare_and_swap(None, "one")
    (file,) = tmp_path.glob("*.guard")
    lines = [b"oreline-guard/1", NAME.encode(), hashlib.sha256(b"\xff").hexdigest().encode(), b"\xff"]
    file.write_bytes(b"\n".join(lines))
    assert code_of(guard.read) == "guard.corrupt"


def test_what_an_interrupted_attempt_left_does_no_harm(tmp_path: Path) -> None:
    guard = FileGuard(tmp_path, NAME)
    guard.compare_and_swap(None, "one")
    (file,) = tmp_path.glob("*.guard")
    file.with_suffix(".new").write_text("half of a longer checkpoint that was never renamed")
    assert guard.read() == "one"
    guard.compare_and_swap("one", "two")
    assert guard.read() == "two"


def test_a_lock_that_is_held_too_long_is_told(tmp_path: Path) -> None:
    guard, other = FileGuard(tmp_path, NAME), FileGuard(tmp_path, NAME, timeout=0.02)
    with guard._locked():
        assert code_of(lambda: other.compare_and_swap(None, "one")) == "guard.busy"
    other.compare_and_swap(None, "one")


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    guard = FileGuard(tmp_path / "file" / "state", NAME)
    assert code_of(guard.read) == "guard.unavailable"
    assert code_of(lambda: guard.compare_and_swap(None, "one")) == "guard.unavailable"


@pytest.mark.parametrize("persisted", [False, True])
@pytest.mark.parametrize("step", ["fsync 1", "rename 1", "fsync 2"])
def test_a_failed_step_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, persisted: bool
) -> None:
    guard = FileGuard(tmp_path, NAME)
    guard.compare_and_swap(None, "one")
    steps: list[str] = []

    def failing(name: str, do: Callable[..., object]) -> Callable[..., object]:
        def run(*given: object) -> object:
            steps.append(name)
            if f"{name} {steps.count(name)}" != step:
                return do(*given)
            if persisted:
                do(*given)
            raise OSError(5, "Input/output error")

        return run

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing("fsync", os.fsync))
        patched.setattr(os, "replace", failing("rename", os.replace))
        assert code_of(lambda: guard.compare_and_swap("one", "two")) == "guard.unavailable"
    renamed = step == "fsync 2" or (step == "rename 1" and persisted)
    assert FileGuard(tmp_path, NAME).read() == ("two" if renamed else "one")
    guard.compare_and_swap("one", "two")
    assert guard.read() == "two"


def test_it_lies_outside_the_ledger(tmp_path: Path) -> None:
    home = {"HOME": "/ann"}
    assert default_directory(environ=home) == Path("/ann/.local/state/oreline")
    assert default_directory(environ={}) == Path.home() / ".local/state/oreline"
    assert default_directory(environ={"XDG_STATE_HOME": "/state", **home}) == Path("/state/oreline")
    told = {"ORELINE_GUARD": str(tmp_path / "ledger" / "guard"), "XDG_STATE_HOME": "/state"}
    assert default_directory(environ=told) == tmp_path / "ledger" / "guard"
    assert default_directory(tmp_path / "other", told) == tmp_path / "ledger" / "guard"
    roundabout = tmp_path / "other" / ".." / "ledger"
    assert code_of(lambda: default_directory(roundabout, told)) == "guard.inside"
