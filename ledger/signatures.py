"""Signature checks in processes of their own, beside a writer or a replay.

A thread that checks signatures frees the interpreter lock for each one, and then waits for it: up to
5 ms behind a thread that judges events. So much is checked in other processes; a little is checked in
this one, since a new one takes longer to start than a thousand checks.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Condition
from typing import NamedTuple

from ledger import statement
from ledger.errors import Malformed
from ledger.keys import PublicKey
from ledger.process import Process, answering, give, take

SMALL = 8_192  # below so many checks no process is started
PATIENCE = 60.0  # seconds that a process may take to end


class Check(NamedTuple):
    """A statement's text and the text of the JWK that is to have signed it."""

    text: str
    jwk: str


class Wrong(NamedTuple):
    """The place in the batch, and what ``statement.check`` raised."""

    place: int
    code: str
    detail: str
    path: str = "$"


def check(batch: Sequence[Check]) -> list[Wrong]:
    """All of the batch whose signatures are wrong, checked in this process."""
    return list(_wrong(batch))


def _wrong(batch: Sequence[Check]) -> Iterator[Wrong]:
    for place, (text, jwk) in enumerate(batch):
        try:
            statement.check(statement.parse(text), PublicKey.from_text(jwk))
        except Malformed as wrong:
            yield Wrong(place, wrong.code, wrong.detail, wrong.path)


def answer() -> None:
    """What a process does that ``Checkers`` start."""
    with answering():
        while True:
            give([tuple(wrong) for wrong in _wrong([Check(*one) for one in take()])])


class Checkers:
    """Checks batches for many threads, each batch in one of several processes once there is much to do.
    ``expected``: how many checks are known to come."""

    def __init__(self, expected: int = 0) -> None:
        self._count = expected
        self._started = False
        self._free = Condition()
        self._idle: list[Process] = []
        self._alive = 0  # processes, idle or not

    def check(self, batch: Sequence[Check]) -> list[Wrong]:
        """All of the batch whose signatures are wrong."""
        found = self.elsewhere(batch)
        return check(batch) if found is None else found

    def elsewhere(self, batch: Sequence[Check]) -> list[Wrong] | None:
        """The same from another process; None where there is none."""
        process = self._take(len(batch))
        if process is None:
            return None
        try:
            process.send([tuple(one) for one in batch])
            found = [Wrong(*one) for one in process.receive()]
        except (OSError, EOFError):  # it died, or never came up
            process.close(PATIENCE)
            self._give(None)
            return None
        self._give(process)
        return found

    def close(self) -> None:
        """Let the processes end."""
        with self._free:
            for process in self._idle:
                process.close(PATIENCE)
            self._alive -= len(self._idle)
            self._idle.clear()

    def _take(self, count: int) -> Process | None:
        """A process that nobody else uses; None where there is none at all."""
        with self._free:
            self._count += count
            if self._count >= SMALL and not self._started:
                self._started = True
                with suppress(OSError):  # where none can be had, all is checked here
                    for _ in range(os.cpu_count() or 1):
                        self._idle.append(Process(("from ledger.signatures import answer; answer()",)))
                self._alive = len(self._idle)
            while self._alive and not self._idle:
                self._free.wait()
            return self._idle.pop() if self._idle else None

    def _give(self, process: Process | None) -> None:
        with self._free:
            if process is None:
                self._alive -= 1
            else:
                self._idle.append(process)
            self._free.notify_all()


class Signatures:
    """Checks batches while who submits them goes on, if ``expected`` checks are worth starting processes."""

    def __init__(self, expected: int) -> None:
        self._checkers = Checkers(expected)
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1) if expected >= SMALL else None

    def submit(self, batch: Sequence[Check]) -> "Pending":
        """Begin to check a batch."""
        if self._threads is None:
            return Pending(batch, None)
        return Pending(batch, self._threads.submit(self._checkers.elsewhere, batch))

    def close(self) -> None:
        """End the processes; what has not begun is not done."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        self._checkers.close()


class Pending(NamedTuple):
    """A batch under way."""

    batch: Sequence[Check]
    future: "Future[list[Wrong] | None] | None"

    def result(self) -> Wrong | None:
        """Wait for the verdict: the first that is wrong. What no other process checks is checked here, and
        not in a thread, which would wait for the replay after each signature."""
        found = self.future.result() if self.future is not None else None
        if found is None:
            found = check(self.batch)
        return found[0] if found else None
