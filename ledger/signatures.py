"""Signature checks beside a replay, in processes of their own.

A thread that checks signatures frees the interpreter lock for each one, and then waits for it: up to
5 ms behind a thread that replays. So threads serve the intake, which has nothing else to do meanwhile,
but an audit needs processes. Small ledgers are checked in this process, since a new one takes longer to
start than a thousand checks.
"""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from ledger import statement
from ledger.errors import Malformed
from ledger.keys import PublicKey

SMALL = 8_192  # below so many checks no process is started


class Check(NamedTuple):
    """A statement's text and the text of the JWK that is to have signed it."""

    text: str
    jwk: str


class Wrong(NamedTuple):
    """The place in the batch, and what ``statement.check`` raised."""

    place: int
    code: str
    detail: str


def check(batch: Sequence[Check]) -> Wrong | None:
    """The first of the batch whose signature is wrong."""
    for place, (text, jwk) in enumerate(batch):
        try:
            statement.check(statement.parse(text), PublicKey.from_text(jwk))
        except Malformed as wrong:
            return Wrong(place, wrong.code, wrong.detail)
    return None


class Signatures:
    """Checks batches, in other processes if ``expected`` checks are worth starting them."""

    def __init__(self, expected: int) -> None:
        self._pool: ProcessPoolExecutor | None = None
        if expected >= SMALL:
            # Not forked: the store's connections and threads must not be copied.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(max((os.cpu_count() or 1) - 1, 1), context)

    def submit(self, batch: Sequence[Check]) -> "Pending":
        """Begin to check a batch."""
        return Pending(batch, self._pool.submit(check, batch) if self._pool else None)

    def close(self) -> None:
        """End the processes; what has not begun is not done."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)


class Pending:
    """A batch under way."""

    def __init__(self, batch: Sequence[Check], future: "Future[Wrong | None] | None") -> None:
        self._batch = batch
        self._future = future

    def result(self) -> Wrong | None:
        """Wait for the verdict. Where processes cannot be had, it is found here."""
        if self._future is not None:
            try:
                return self._future.result()
            except BrokenProcessPool:
                pass
        return check(self._batch)
