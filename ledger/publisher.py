"""The publisher: signs the log's checkpoints, and never a second history.

Before each signature the last signed checkpoint, kept by the guard outside the store, must lie on
the store's history; the new one is durable in the guard before anyone sees it. So a store that was
restored from an old copy, or rewritten, gets no signature.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from ledger.errors import GuardError, Malformed, StorageError, WitnessError
from ledger.keys import PrivateKey
from ledger.merkle import Frontier, consistency_proof, root_of
from ledger.note import Checkpoint, format_checkpoint, parse_checkpoint, sign_note, split
from ledger.store import Head, Store
from ledger.tiles import hash_reader


class Guard(Protocol):
    """Keeps the last signed checkpoint outside the store. Serialisable, durable on return."""

    def read(self) -> str | None:
        """The last checkpoint kept, or None."""
        ...

    def compare_and_swap(self, old: str | None, new: str) -> None:
        """Keep ``new`` if ``old`` is what is kept; else ``GuardError("guard.moved")``."""
        ...


class Collecting(Protocol):
    """Gets checkpoints cosigned: ``ledger.witness.collect``."""

    def collect(self, checkpoint: str, prove: Callable[[int, int], list[bytes]]) -> str:
        """The signed checkpoint with its quorum of cosignatures; ``WitnessError("witness.quorum")``."""
        ...


class Publisher:
    """Signs checkpoints of the log ``name`` with the operator's key. Safe for many threads. ``collector``:
    what has no quorum there is not published. ``further``: the signature lines of the log's other keys
    under a text."""

    def __init__(
        self,
        store: Store,
        guard: Guard,
        operator: PrivateKey,
        name: str,
        collector: Collecting | None = None,
        further: Callable[[str], str] = lambda text: "",
    ) -> None:
        self._store = store
        self._guard = guard
        self._operator = operator
        self._name = name
        self._collector = collector
        self._further = further
        self._lock = threading.Lock()

    def publish(self) -> str:
        """The signed checkpoint of the present head, kept in guard and store.

        Raises ``GuardError``: ``guard.missing``, ``guard.rolled_back``, ``guard.forked``,
        ``guard.moved`` (another process signed in between; asking again is safe); and ``StorageError``.
        ``WitnessError("witness.quorum")``: it is signed, and asking again goes on from there.
        """
        with self._lock:
            kept, size, head = self._compared()
            if kept is None or size < head.size:
                note = self._sign(head)
                self._guard.compare_and_swap(kept, note)
                kept = note
            published = self._cosigned(kept, head.size)
            self._store.publish(published, head.size)
            return published

    def compare(self) -> None:
        """Sign nothing, but raise the ``GuardError`` that ``publish`` would."""
        self._compared()

    def _compared(self) -> tuple[str | None, int, Head]:
        """The kept checkpoint, its size (-1 where there is none), and the head, whose history it lies on."""
        # In this order, each is at least as new as the one before, whatever other processes sign and
        # post in between: signed checkpoints go to the guard first, and never beyond the head.
        last = self._store.checkpoint()
        kept = self._guard.read()
        head = self._store.head()
        if kept is None and last is not None:
            raise GuardError("guard.missing")
        return kept, self._extends(kept, head) if kept is not None else -1, head

    def _cosigned(self, note: str, size: int) -> str:
        """The signed checkpoint with its quorum, or one of as many entries that has been published."""
        before = self._store.checkpoint()
        if before is not None and split(before)[0] == split(note)[0]:
            note = before  # its cosignatures are there
        if self._collector is None:
            return note
        reader = hash_reader(self._store.tile, size)
        try:
            return self._collector.collect(note, lambda old, new: consistency_proof(old, new, reader))
        except WitnessError:
            published = self._store.checkpoint()
            if published is None or published == before or parse_checkpoint(split(published)[0]).size < size:
                raise
            return published  # another process was ahead of this one

    def _sign(self, head: Head) -> str:
        root = Frontier.from_hashes(head.size, head.frontier).root()
        text = format_checkpoint(Checkpoint(self._name, head.size, root))
        return sign_note(text, self._name, self._operator) + self._further(text)

    def _extends(self, kept: str, head: Head) -> int:
        """The size of the kept checkpoint, which must lie on this store's history."""
        checkpoint = parse_checkpoint(split(kept)[0])
        if checkpoint.size > head.size:
            detail = f"a checkpoint of {checkpoint.size} entries is signed, the store has {head.size}"
            raise GuardError("guard.rolled_back", detail=detail)
        reader = hash_reader(lambda level, number: self._store.tile(level, number) or b"", head.size)
        try:
            root = root_of(checkpoint.size, reader)
        except Malformed as wrong:
            raise StorageError("store.corrupt", wrong.path, wrong.detail) from wrong
        if root != checkpoint.root:
            raise GuardError(
                "guard.forked", detail=f"the store's first {checkpoint.size} entries have another root"
            )
        return checkpoint.size
