"""The log: the only writer.

Posting has three parts. First every statement is parsed and its signature checked, in many threads at a
time. Then batches are judged in order: whoever gets that lock takes all batches that wait as one group, so
concurrent posters share one commit. Then the group is committed, under a second lock, while the next one is
judged on what the ledger will be then; should it be another, that one is judged again. A receipt means
durable.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

from ledger.errors import ClockError, EnvironmentFault, Problem
from ledger.events import parse as parse_event
from ledger.intake import Intake, Prepared
from ledger.judging import Batch, Judging, Posted, Receipt, Refused
from ledger.quantity import format_instant
from ledger.register import Key, Record
from ledger.rules.fold import State
from ledger.statement import parse as parse_statement
from ledger.store import Head, Store, Writing

__all__ = ["Log", "Make", "Posted", "Receipt", "Refused"]

MAX_GROUP = 4096  # events judged in one commit, unless a single batch is larger
MAX_KNOWN = 200_000  # records remembered between commits
BEHIND_MS = 60_000  # a clock further behind the head than this stops admission


# A statement for the ledger's end, the time of receipt (ms) and the register; None for none.
Make = Callable[[Head, int, Callable[[Key], Record | None]], str | None]


class _Ticket:
    """A batch that waits for the writer."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.posted: Posted | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.posted is not None or self.error is not None


class _Judged(NamedTuple):
    """A group that is not committed yet, and what will have become of its batches."""

    group: Judging
    posted: list[Posted]


class Log:
    """A ledger that can be written. ``clock`` gives ms since the epoch. Safe for many threads."""

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self.store = store
        self._clock = clock
        self._intake = Intake(store)
        self._waiting: deque[_Ticket] = deque()
        # Who holds both may change the three below; they are taken in this order.
        self._judging = threading.Lock()
        self._committing = threading.Lock()
        self._known = State()
        # The ledger's end as of which ``_known`` is known, once the group under way is committed. None: it
        # is known of none; so much may be said without the locks.
        self._known_at: Head | None = None

    def post(
        self, statements: Iterable[str | bytes], *, proceed: bool = False, dry_run: bool = False
    ) -> Posted:
        """Record a batch of statements.

        All or nothing, unless ``proceed``: then each statement stands for itself. A statement that
        is in the ledger already gets its first receipt again. Raises ``EnvironmentFault`` when the
        outcome could not be learned or the store cannot take it; posting again is always safe.
        """
        taken = [_refused(n, found) for n, found in enumerate(self._intake.take(statements))]
        ticket = _Ticket(Batch(taken, proceed, dry_run))
        self._waiting.append(ticket)
        while not ticket.done:
            self._write()
        if ticket.error is not None:
            raise ticket.error
        assert ticket.posted is not None
        return ticket.posted

    def append(self, make: Make) -> tuple[Head, Problem | None]:
        """Record the one statement that ``make`` gives for the ledger as it is, whose signature is its word;
        None: nothing. The ledger's end then, and why the statement is refused, if it is. Raises
        ``EnvironmentFault``, as ``post``."""
        with self.paused(), self._group() as (group, writing):
            text = make(group.head, group.received, group.read)
            problem = None
            if text is not None:
                found = parse_statement(text)
                prepared = Prepared(found, parse_event(found.payload))
                group.prefetch([prepared])
                (outcome,) = group.add(Batch([prepared], False, False), self.store, own=True).outcomes
                problem = outcome.problems[0] if isinstance(outcome, Refused) else None
            group.commit(writing, self.store)
            self._known_at = group.end()
            return self._known_at, problem

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is recorded by this log meanwhile: for whoever else needs the store's one lock."""
        with self._judging, self._committing:
            yield

    def close(self) -> None:
        """Let the intake's processes end and close the store."""
        self._intake.close()
        self.store.close()

    def _write(self) -> None:
        """Judge all waiting batches, up to a group's size, as one group while the one before is committed;
        then commit it."""
        with self._judging:
            tickets = self._take()
            if tickets:
                judged = self._ahead(tickets)
                self._committing.acquire()
                if judged is not None and self._known_at is not None:
                    self._known_at = judged.group.end()
        if not tickets:  # ours is in the group under way
            with self._committing:
                return
        try:
            left = tickets if judged is None else self._commit(tickets, judged)
        finally:
            self._committing.release()
        if left:
            with self.paused():
                self._write_alone(left)

    def _take(self) -> list[_Ticket]:
        """The batches that wait, up to a group's size."""
        tickets: list[_Ticket] = []
        size = 0
        while self._waiting and (not tickets or size + len(self._waiting[0].batch.statements) <= MAX_GROUP):
            tickets.append(self._waiting.popleft())
            size += len(tickets[-1].batch.statements)
        return tickets

    def _ahead(self, tickets: Sequence[_Ticket]) -> _Judged | None:
        """Judge batches on what the ledger will be once the group under way is committed. None where that
        is not known, or where judging fails: it is told when they are judged for good."""
        head = self._known_at
        if head is None or len(self._known) > MAX_KNOWN:
            return None
        try:
            group = Judging(head, self._received(head), self.store, self._known)
            return _Judged(group, group.add_all([ticket.batch for ticket in tickets], self.store))
        except Exception:  # noqa: BLE001
            self._known_at = None
            return None

    def _commit(self, tickets: list[_Ticket], judged: _Judged) -> list[_Ticket]:
        """Commit what was judged ahead. The batches that must be judged again are given back: the ledger's
        end is another, or one of them cannot be kept."""
        group, posted = judged
        try:
            with self.store.writing() as writing:
                if writing.head() != group.head:
                    self._known_at = None
                    return tickets
                group.commit(writing, self.store)
        except Exception as error:  # noqa: BLE001 (told to the posters, in their threads)
            self._known_at = None
            if not _of_all(error):
                return tickets
            for ticket in tickets:
                ticket.error = error
        else:
            for ticket, result in zip(tickets, posted, strict=True):
                ticket.posted = result
        return []

    def _write_alone(self, tickets: list[_Ticket]) -> None:
        """Judge and commit batches as one group, with nothing under way. Where that fails for what one of
        them holds, nothing of the group was kept, and each is committed alone."""
        groups = deque([tickets])
        while groups:
            batches = groups.popleft()
            try:
                with self._group() as (group, writing):
                    posted = group.add_all([ticket.batch for ticket in batches], self.store)
                    group.commit(writing, self.store)
                    self._known_at = group.end()
            except Exception as error:  # noqa: BLE001 (told to its poster, in his thread)
                if _of_all(error):
                    for ticket in (*batches, *chain.from_iterable(groups)):
                        ticket.error = error
                    return
                if len(batches) == 1:
                    batches[0].error = error
                else:  # which of them it was is found out, and only that one fails
                    groups.extend([ticket] for ticket in batches)
            else:
                for ticket, result in zip(batches, posted, strict=True):
                    ticket.posted = result

    @contextmanager
    def _group(self) -> Iterator[tuple[Judging, Writing]]:
        """What the next commit may take, while the store's lock is held."""
        with self.store.writing() as writing:
            head = writing.head()
            if head != self._known_at or len(self._known) > MAX_KNOWN:
                self._known = State()
            self._known_at = None  # until this group is committed, ``_known`` is ahead of the store
            yield Judging(head, self._received(head), writing, self._known), writing

    def _received(self, head: Head) -> int:
        now = self._clock()
        if now < head.received - BEHIND_MS:
            last = format_instant(head.received)
            raise ClockError(
                "clock.behind", "$", f"the clock says {format_instant(now)}, the last entry {last}"
            )
        return max(now, head.received)


def _of_all(error: Exception) -> bool:
    """Whether it is no batch's doing: the clock's fault, or the store's, which may have kept the group or
    not. A row that cannot be read is only of those who name it; and our own mistakes are of whose batch
    they come out at."""
    return isinstance(error, EnvironmentFault) and error.code != "store.corrupt"


def _refused(n: int, found: Prepared | tuple[Problem, ...]) -> Prepared | Refused:
    if isinstance(found, Prepared):
        return found
    return Refused(tuple(p._replace(path=f"$[{n}]{p.path.removeprefix('$')}") for p in found))
