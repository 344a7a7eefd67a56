"""Files that are there whole or not at all, and never open to others for a moment."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import durable
from ledger.witness import folder
from tests.witness.log import TestLog

WRITERS = [durable.create, durable.replace]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """The mode of each thing that was synced, and whether it is a folder."""
    found: list[tuple[int, bool]] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        mode = os.fstat(handle).st_mode
        found.append((stat.S_IMODE(mode), stat.S_ISDIR(mode)))
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return found


@pytest.mark.parametrize("write", WRITERS)
def test_a_file_has_its_mode_from_its_first_moment(
    tmp_path: Path, write: Callable[..., None], synced: list[tuple[int, bool]]
) -> None:
    mask = os.umask(0o027)
    try:
        write(tmp_path / "secret", b"1", durable.OWNER)
        write(tmp_path / "open", b"2")
    finally:
        os.umask(mask)
    files = [mode for mode, is_folder in synced if not is_folder]
    assert files == [0o600, 0o640]
    for name, mode in (("secret", 0o600), ("open", 0o640)):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    assert [is_folder for _, is_folder in synced] == [False, True] * 2


def test_what_need_not_last_is_not_waited_for(tmp_path: Path, synced: list[tuple[int, bool]]) -> None:
    durable.replace(tmp_path / "file", b"1", sync=False)
    assert ((tmp_path / "file").read_bytes(), synced) == (b"1", [])


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"before")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(FileExistsError):
            durable.create(tmp_path / name, b"after")
    assert (tmp_path / "file").read_bytes() == b"before"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("write", WRITERS)
def test_a_failure_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., None], step: int
) -> None:
    steps = iter(range(1, 9))
    sync = os.fsync

    def failing(handle: int) -> None:
        if next(steps) == step:
            raise OSError(28, "No space left on device")
        sync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "file", b"1")
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert left == ({"file": b"1"} if (write, step) == (durable.replace, 2) else {})


def test_a_name_may_be_as_long_as_the_folder_takes(tmp_path: Path) -> None:
    path = tmp_path / ("\u20ac" * 84)
    durable.replace(path, b"1")
    assert list(tmp_path.iterdir()) == [path]


def test_half_evidence_of_a_fork_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    one, other = (TestLog("log.example", seed).checkpoint(3) for seed in "ab")
    monkeypatch.setattr(os, "fsync", full)
    folder.keep_evidence(tmp_path, one, other)
    assert list((tmp_path / folder.EVIDENCE).iterdir()) == []
