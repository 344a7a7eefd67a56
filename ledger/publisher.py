"""The publisher: signs the log's checkpoints, and never a second history.

What it signs ends with a register event: the root of the register as all entries before it leave it. The
map is folded while others post; only for the last entries and that event the writer's lock is held.
Whatever is cut short between the event, the guard and the store is made good by asking again.

Before each signature the last signed checkpoint, kept by the guard outside the store, must lie on
the store's history; the new one is durable in the guard before anyone sees it. So a store that was
restored from an old copy, or rewritten, gets no signature.
"""

import json
import threading
from collections.abc import Callable
from itertools import count
from typing import Protocol

from ledger import b64
from ledger.errors import EnvironmentFault, GuardError, Malformed, StorageError, WitnessError
from ledger.keys import PrivateKey
from ledger.log import Log
from ledger.merkle import Frontier, consistency_proof, root_of
from ledger.note import Checkpoint, checkpoint_of, format_checkpoint, sign_note
from ledger.quantity import format_time
from ledger.register import Key, Record, event_name
from ledger.rooting import Maker, Root, Rooting, stated
from ledger.rules.admission import in_force
from ledger.statement import sign
from ledger.store import Guard, Head, published
from ledger.tiles import hash_reader

FEW = 1_000  # entries that may be folded under the writer's lock
ROUNDS = 5  # folded before it is taken in any case
EVENT = "urn:oreline:register:"  # and the size: the id of the event that states the register


class Collecting(Protocol):
    """Gets checkpoints cosigned: ``ledger.witness.collect``."""

    def collect(self, checkpoint: str, prove: Callable[[int, int], list[bytes]]) -> str:
        """The signed checkpoint with its quorum of cosignatures; ``WitnessError("witness.quorum")``."""
        ...


class Publisher:
    """Signs checkpoints of the log ``name`` with the operator's key. Safe for many threads. ``collector``:
    what has no quorum there is not published. ``further``: the signature lines of the log's other keys
    under a text. ``maker``: of the register's roots, by default in the thread that asks."""

    def __init__(
        self,
        log: Log,
        guard: Guard,
        operator: PrivateKey,
        name: str,
        collector: Collecting | None = None,
        further: Callable[[str], str] = lambda text: "",
        maker: Maker | None = None,
    ) -> None:
        self._log = log
        self._store = log.store
        self._maker: Maker = maker or Rooting(log.store, log.paused)
        self._guard = guard
        self._operator = operator
        self._name = name
        self._collector = collector
        self._further = further
        self._lock = threading.Lock()

    def publish(self) -> str:
        """The signed checkpoint of the present head and the register event behind it, kept in guard and
        store; the one that there is if nothing has come since.

        Raises ``GuardError``: ``guard.missing``, ``guard.rolled_back``, ``guard.forked``,
        ``guard.moved`` (another process signed in between; asking again is safe); and ``StorageError``.
        ``WitnessError("witness.quorum")``: it is signed, and asking again goes on from there.
        ``EnvironmentFault("key.not_operator")``: an amendment has put another key in its place.
        """
        with self._lock:
            kept, size, head = self._compared()
            is_kept = head.size == 0 or 0 < self._store.map().size == head.size - 1
            if not is_kept:
                head = self._end()
            if kept is None or size < head.size:
                note = self._sign(head)
                self._guard.compare_and_swap(kept, note)
                kept = note
            published = self._cosigned(kept, head.size)
            if is_kept:
                self._store.publish(published, head.size)
            elif not self._maker.keep(published, head.size):
                raise GuardError("guard.moved")
            else:
                self._maker.tidy()
            return published

    def compare(self) -> None:
        """Sign nothing, but raise the ``GuardError`` that ``publish`` would."""
        self._compared()

    def close(self) -> None:
        """Let the maker of roots end. The log stays its owner's to close."""
        self._maker.close()

    def _end(self) -> Head:
        """The head, once it ends with a register event, whose map the maker then has."""
        for _ in range(ROUNDS):
            for _ in range(ROUNDS):
                if self._maker.fold() <= FEW:
                    break
            statement = _Statement(self._maker, self._log, self._operator, self._name)
            head, refused = self._log.append(statement.make)
            if refused is not None:
                raise Malformed(refused.code, refused.path, refused.detail)
            if not statement.crowded:
                return head
        raise StorageError("store.busy", detail="The register's map grows faster than it can be made anew.")

    def _compared(self) -> tuple[str | None, int, Head]:
        """The kept checkpoint, its size (-1 where there is none), and the head, whose history it lies on."""
        # In this order, each is at least as new as the one before, whatever other processes sign and
        # post in between: signed checkpoints go to the guard first, and never beyond the head.
        last = self._store.checkpoint()
        kept = self._guard.read()
        head = self._store.head()
        if kept is None and last is not None:
            raise GuardError("guard.missing", str(self._guard))
        return kept, self._extends(kept, head) if kept is not None else -1, head

    def _cosigned(self, note: str, size: int) -> str:
        """The signed checkpoint with its quorum, or one of as many entries that has been published."""
        before = published(self._store)
        if before is not None and before[1] == checkpoint_of(note):
            note = before[0]  # its cosignatures are there
        if self._collector is None:
            return note
        reader = hash_reader(self._store.tile, size)
        try:
            return self._collector.collect(note, lambda old, new: consistency_proof(old, new, reader))
        except WitnessError:
            now = published(self._store)
            if now is None or now == before or now[1].size < size:
                raise
            return now[0]  # another process was ahead of this one

    def _sign(self, head: Head) -> str:
        root = Frontier.from_hashes(head.size, head.frontier).root()
        text = format_checkpoint(Checkpoint(self._name, head.size, root))
        return sign_note(text, self._name, self._operator) + self._further(text)

    def _extends(self, kept: str, head: Head) -> int:
        """The size of the kept checkpoint, which must lie on this store's history."""
        checkpoint = checkpoint_of(kept)
        if checkpoint.size > head.size:
            detail = f"a checkpoint of {checkpoint.size} entries is signed, the store has {head.size}"
            raise GuardError("guard.rolled_back", detail=detail)
        reader = hash_reader(self._store.tile, head.size)
        try:
            root = root_of(checkpoint.size, reader)
        except Malformed as wrong:
            raise StorageError("store.corrupt", wrong.path, wrong.detail) from wrong
        if root != checkpoint.root:
            raise GuardError(
                "guard.forked", detail=f"the store's first {checkpoint.size} entries have another root"
            )
        return checkpoint.size


class _Statement:
    """The statement of the register's root, made under the writer's lock. ``crowded``: it could not be, for
    the map must become deeper first."""

    def __init__(self, maker: Maker, log: Log, operator: PrivateKey, name: str) -> None:
        self._maker = maker
        self._log = log
        self._operator = operator
        self._name = name
        self.crowded = False

    def make(self, head: Head, received: int, read: Callable[[Key], Record | None]) -> str | None:
        """See ``ledger.log.Make``. None if the ledger ends with such an event: of one that was not
        published the map is there again afterwards."""
        event = stated(self._log.store, head)
        size = head.size if event is None else head.size - 1
        root = self._maker.root(size)
        self.crowded = root is None
        if root is None:
            return None
        if event is None:
            return self._sign(root, size, received, read)
        if (event.depth, event.root) != (root.depth, b64.encode_std(root.root)):
            raise StorageError(
                "store.corrupt", detail=f"The register's map is not the one that entry {size} states."
            )
        return None

    def _sign(self, root: Root, size: int, received: int, read: Callable[[Key], Record | None]) -> str:
        charters = read(Key("charters", ""))
        assert charters is not None
        charter = read(Key("charter", str(in_force(charters.value, received))))
        assert charter is not None
        party, kid = charter.value.party, self._operator.public.kid
        if charter.value.operator != kid:
            detail = f"the key is {kid}, the charter in force names {charter.value.operator}"
            raise EnvironmentFault("key.not_operator", detail=detail)
        ids = (f"{EVENT}{size}" + (f":{n}" if n else "") for n in count())  # others may have taken one
        event = {
            "ledger": self._name,
            "type": "register",
            "id": next(id for id in ids if read(Key("event", event_name(party, id))) is None),
            "time": format_time(received // 1000),
            "party": party,
            "size": size,
            "depth": root.depth,
            "root": b64.encode_std(root.root),
        }
        return sign(json.dumps(event, separators=(",", ":")).encode(), self._operator)
