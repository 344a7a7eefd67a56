"""Processes that tests start, and that never outlive them: not a failed test, nor a run that is killed."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PARENT_DIES = 1  # PR_SET_PDEATHSIG of prctl(2): the kernel sends the signal when the parent is gone


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PARENT_DIES, signal.SIGKILL)


def start(command: Sequence[str | Path], **given: Any) -> "subprocess.Popen[Any]":
    """As ``subprocess.Popen``; it ends when this process does."""
    return subprocess.Popen(command, preexec_fn=_die_with_parent, **given)


@contextmanager
def running(command: Sequence[str | Path], **given: Any) -> Iterator["subprocess.Popen[Any]"]:
    """The same for as long as the block; whoever stops it gently does so before the block's end."""
    with start(command, **given) as process:
        try:
            yield process
        finally:
            process.kill()
