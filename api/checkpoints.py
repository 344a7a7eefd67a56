"""The published checkpoint, and the task that keeps it close behind the log.

Everyone who waits for a checkpoint shares the signing: the first signs the present head, and the
others find themselves covered. When the guard refuses because the store's history is not the one
that was signed, ``halted`` stops admission too: what nobody may sign, nobody should be told is kept.
"""

import asyncio
import logging
import time
from contextlib import suppress

from anyio.to_thread import run_sync

from ledger.errors import OrelineError
from ledger.folder import Ledger
from ledger.store import published

HALTING = frozenset({"guard.missing", "guard.rolled_back", "guard.forked"})
QUORUM = "witness.quorum"  # signed and not published: the ledger goes on, and so does the old checkpoint
APART = 0.1  # seconds between checkpoints, however many wait for one
ATTEMPTS = 5  # replicas that share the guard may sign in between

logger = logging.getLogger("uvicorn.error")


class Checkpoints:
    """Signs checkpoints. For one event loop; signing itself runs in a thread."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._turn = asyncio.Lock()
        self._next = 0.0  # when the next may be signed for whoever waits: each adds a register event
        self._missed = 0  # attempts that missed the witnesses' quorum
        self.fault: OrelineError | None = None

    def halted(self) -> None:
        """Raise the guard's refusal if signing on could make a second history."""
        if self.fault is not None and self.fault.code in HALTING:
            raise self.fault

    async def sign(self) -> str:
        """The published checkpoint of the present head, compared with the guard's in any case.
        Raises ``EnvironmentFault`` (guard, store, ``witness.quorum``), which stays in ``fault`` until an
        attempt succeeds."""
        async with self._turn:
            return await self._sign()

    async def covering(self, size: int) -> str:
        """A published checkpoint of at least ``size`` entries, signed now if there is none; see ``sign``.
        Who waited while an attempt missed the quorum shares its failure, instead of waiting for one more."""
        missed = self._missed
        async with self._turn:
            last = await run_sync(published, self._ledger.store)
            if last is not None and last[1].size >= size:
                return last[0]
            if self._missed != missed and self.fault is not None:
                raise self.fault
            await asyncio.sleep(self._next - time.monotonic())
            try:
                return await self._sign()
            finally:
                self._next = time.monotonic() + APART

    async def keep(self, interval: float) -> None:
        """For ever: sign what has been added, every ``interval`` seconds."""
        while True:
            await asyncio.sleep(interval)
            with suppress(OrelineError):  # remembered in ``fault``
                await self.covering((await run_sync(self._ledger.store.head)).size)
                if self.fault is not None and self.fault.code == QUORUM:
                    self.fault = None  # another process of this ledger has published it

    async def _sign(self) -> str:
        attempt = 1
        while True:
            try:
                note = await run_sync(self._ledger.publish)
            except OrelineError as error:
                if error.code == "guard.moved" and attempt < ATTEMPTS:
                    attempt += 1
                    continue
                if self.fault is None or self.fault.code != error.code:
                    logger.error("No checkpoint can be published: %s", error)
                self.fault = error
                self._missed += error.code == QUORUM
                raise
            self.fault = None
            return note
