"""The mirror: a log's entries and all that follows from them, kept by a witness that replays the rules.

    mirror/ledger.db        an ordinary ledger of the witness's own, derived from the entries alone
    mirror/refused.json     why the log is refused, if it is
    mirror/lock             held by the process that replays

The checkpoint that the mirror keeps is the largest one, signed by the log, that its entries were shown to
belong to; it may cover more than are here yet. Once something is found that no honest log signs, evidence
of it is written and the log is refused, until the witness's operator says otherwise (``judge_again``).
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from ledger import durable, entry, events, evidencefile, note
from ledger.check import stretch
from ledger.check.anchor import AHEAD
from ledger.errors import EnvironmentFault, Malformed, StorageError, WitnessError
from ledger.events import Register
from ledger.merkle import ReadHash, leaf_hash
from ledger.note import Checkpoint
from ledger.quantity import format_instant
from ledger.store import Store
from ledger.tiles import Source, hash_reader, tree_of
from ledger.trust import NONE, Trust
from ledger.witness import contradiction
from ledger.witness.feed import feed
from ledger.witness.folder import EVIDENCE, storing
from ledger.witness.replaying import Fault, Replay

MIRROR = "mirror"
REFUSED = "refused.json"
LOCK = "lock"
SECONDS = 2.0  # that another process's replay is waited for


class Reason(NamedTuple):
    """Why a log is refused. ``evidence``: the file's name in the folder ``evidence``, "" where there is
    none: it would be too large, or could not show it to whoever does not replay the ledger."""

    code: str
    detail: str
    evidence: str


class Mirror:
    """The mirror in a witness's ``folder``, over its ``store``. For one thread at a time, and for many
    processes. ``trust``: the log's keys and its charter; nobody's quorum is asked for. ``clock``: ms since
    the epoch."""

    def __init__(
        self, folder: Path, store: Store, source: Source, trust: Trust, clock: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._store = store
        self._source = source
        self._trust = trust._replace(quorum=NONE)
        self._clock = clock
        self._replay = Replay(store)
        self.stopped = False
        if store.head().size:
            self._of_charter(next(store.entries(0, 1)))

    @property
    def size(self) -> int:
        """How many entries are here, all of them right."""
        return self._store.head().size

    def reason(self) -> Reason | None:
        """Why the log is refused, if it is."""
        try:
            return Reason(**json.loads((self._place / REFUSED).read_bytes()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise StorageError("witness.store", str(self._place / REFUSED), str(error)) from error

    def judge_again(self) -> bool:
        """Forget that the log is refused; whether it was. What is wrong with it will be found again."""
        with self._alone(), storing(self._place / REFUSED):
            there = (self._place / REFUSED).exists()
            (self._place / REFUSED).unlink(missing_ok=True)
        return there

    def look(self) -> Checkpoint:
        """Judge the checkpoint that the log publishes now."""
        return self.judge(self._source.checkpoint())

    def judge(self, signed: str) -> Checkpoint:
        """The signed checkpoint, if all its entries have been replayed and are right.

        ``Malformed``: ``witness.refused``, ``witness.charter``, ``witness.unrooted``, and what is wrong with
        the note. ``EnvironmentFault`` where it is not known now: ``network.…``, ``witness.served``,
        ``witness.behind``, ``witness.stopped``, ``store.…``; and ``witness.ahead``: its last entry is of a
        time to come. Once that has come nothing would tell that the log's clock was ahead, so that what
        has to lie in the open for a day did not.
        """
        with self._alone():
            found = self.reason()
            if found is not None:
                raise _refused(found)
            new = self._trust.check(signed).checkpoint
            self._replay.settle()
            self._compare(new, signed)
            if new.size > self.size:
                self._advance(new, signed)
            if not self._rooted(new.size):
                raise Malformed("witness.unrooted")
            self._has_come(new.size)
            return new

    def stop(self) -> None:
        """Let a replay end soon, wherever it is: ``witness.stopped``. From any thread."""
        self.stopped = True

    def _is_stopped(self) -> bool:
        return self.stopped

    # --- One history

    def _compare(self, new: Checkpoint, signed: str) -> None:
        """The checkpoint and the one that is kept are of one history."""
        kept = self._store.checkpoint()
        if kept is None:
            return
        old = note.checkpoint_of(kept)
        try:
            fork = evidencefile.forked((kept, signed), self._tree(max(old.size, new.size)))
        except Malformed as wrong:
            raise EnvironmentFault("witness.served", detail=wrong.detail) from None
        except EnvironmentFault as fault:
            if new.size >= old.size or fault.code != "network.status":
                raise
            detail = f"It signed {old.size} entries before, shows {new.size} now, and no tiles of the others."
            raise EnvironmentFault("witness.served", detail=detail) from None
        if fork is not None:
            shown = evidencefile.check(fork, self._trust)
            self._refuse(evidencefile.FORK, "monitor.fork", shown.sentence, evidencefile.encode(fork))

    def _tree(self, size: int) -> ReadHash:
        """The mirror's own tree where it has all the leaves; else the log's, which is not believed."""
        if size > self.size:
            return tree_of(self._source, size)
        return hash_reader(self._store.tile, size)

    # --- Replaying

    def _advance(self, new: Checkpoint, signed: str) -> None:
        head = self._store.head()
        groups = self._known(feed(self._source, head, new, self._is_stopped), new, signed)
        fault = self._replay.run(groups, new.size, self._is_stopped)
        if fault is not None:
            self._show(fault, new, signed)

    def _known(self, groups: Iterable[list[bytes]], new: Checkpoint, signed: str) -> Iterator[list[bytes]]:
        """The groups. Before the first is judged, the checkpoint that they belong to is kept: whatever the
        log signs later is compared with it."""
        first = True
        for group in groups:
            if first:
                if self.size == 0:
                    self._of_charter(group[0])
                self._store.publish(signed, new.size)
                first = False
            yield group

    def _show(self, fault: Fault, new: Checkpoint, signed: str) -> None:
        data = contradiction.entry(self._store, fault, signed, new.size, self._tree(new.size))
        if data is not None:
            try:
                stretch.check(stretch.decode(data), self._trust)
            except Malformed as wrong:
                if wrong.code != "evidence.unproven":
                    raise
                data = None  # it takes a replay to see it
        self._refuse(stretch.KIND, fault.code, f"entry {fault.index}: {fault.detail}", data)

    def _of_charter(self, first: bytes) -> None:
        if leaf_hash(first) != self._trust.charter:
            raise Malformed("witness.charter")

    def _rooted(self, size: int) -> bool:
        if size == 0:
            return True
        last = next(self._store.entries(size - 1, size))
        return isinstance(events.in_entry(last), Register)

    def _has_come(self, size: int) -> None:
        last = next(self._store.entries(size - 1, size), None)
        received = entry.decode(last).received if last is not None else 0
        if received > self._clock() + AHEAD * 1000:
            raise WitnessError("witness.ahead", detail=f"Entry {size - 1} is of {format_instant(received)}.")

    # --- Refusing

    def _refuse(self, kind: str, code: str, detail: str, evidence: bytes | None) -> None:
        name = ""
        if evidence is not None:
            place = self._folder / EVIDENCE
            name = evidencefile.file_name(kind, evidence)
            with storing(place / name):
                place.mkdir(exist_ok=True)
                durable.replace(place / name, evidence)
        found = Reason(code, detail, name)
        with storing(self._place / REFUSED):
            data = json.dumps(found._asdict(), ensure_ascii=False).encode() + b"\n"
            durable.replace(self._place / REFUSED, data)
        raise _refused(found)

    @property
    def _place(self) -> Path:
        return self._folder / MIRROR

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process replays here meanwhile."""
        path = self._place / LOCK
        with storing(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = monotonic() + SECONDS
            while not _taken(handle):
                if monotonic() > deadline:
                    raise WitnessError("witness.behind", detail="Another process replays this log here.")
                sleep(0.01)  # flock has no time limit of its own
            yield
        finally:
            os.close(handle)  # lets go of the lock


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refused(found: Reason) -> Malformed:
    where = f" Evidence: {found.evidence}" if found.evidence else ""
    return Malformed("witness.refused", detail=f"{found.code}: {found.detail}{where}")
