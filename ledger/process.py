"""A process of our own, which answers what it is sent, and ends when its input does.

Not one of ``multiprocessing``, which would run the main module of whoever uses this once more.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any


class Process:
    """The process, for one thread at a time. ``command``: what the interpreter runs there, which takes and
    gives within ``answering``, and its arguments. ``OSError`` where no process can be had."""

    def __init__(self, command: Sequence[str]) -> None:
        self._run = subprocess.Popen(  # noqa: S603  # our own command
            (sys.executable, "-c", *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            process_group=0,  # ctrl-C is for who started it, however early it comes
        )

    def send(self, message: Any) -> None:
        """``OSError`` if the process is no more."""
        assert self._run.stdin
        pickle.dump(message, self._run.stdin)
        self._run.stdin.flush()

    def receive(self) -> Any:
        """What it gave. ``OSError`` or ``EOFError`` if the process is no more."""
        assert self._run.stdout
        try:
            return pickle.load(self._run.stdout)  # noqa: S301  # our own process's
        except pickle.UnpicklingError as cut_short:
            raise EOFError from cut_short

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Kill the process if the block takes longer: one that hangs holds nobody up for ever."""
        timer = Timer(seconds, self._run.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self, patience: float) -> None:
        """Let it end within so many seconds."""
        with self.within(patience), suppress(OSError):
            self._run.communicate()


@contextmanager
def answering() -> Iterator[None]:
    """In the process: take and give here until who started it is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for who started it
    with suppress(EOFError, BrokenPipeError):
        yield


def take() -> Any:
    """In the process: what was sent."""
    return pickle.load(sys.stdin.buffer)  # noqa: S301  # from who started it


def give(message: Any) -> None:
    """In the process: what is received of it."""
    pickle.dump(message, sys.stdout.buffer)
    sys.stdout.flush()
