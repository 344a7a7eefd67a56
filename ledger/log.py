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

from ledger.entry import Entry, decode, encode
from ledger.errors import ClockError, EnvironmentFault, Problem, problem
from ledger.events import Event, Register
from ledger.events import parse as parse_event
from ledger.gathering import Gathering
from ledger.intake import Intake, Prepared
from ledger.merkle import leaf_hash
from ledger.quantity import format_instant
from ledger.register import Key, Record, event_name
from ledger.rules import Context, Refusal, named
from ledger.rules.admission import in_force
from ledger.rules.fold import Fold, Step
from ledger.statement import parse as parse_statement
from ledger.store import Head, Reads, Store, Writing

MAX_GROUP = 4096  # events judged in one commit, unless a single batch is larger
MAX_KNOWN = 200_000  # records remembered between commits
BEHIND_MS = 60_000  # a clock further behind the head than this stops admission


# A statement for the ledger's end, the time of receipt (ms) and the register; None for none.
Make = Callable[[Head, int, Callable[[Key], Record | None]], str | None]


class Receipt(NamedTuple):
    """The statement is in the ledger, durably. ``duplicate``: it was there before this post."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    leaf: bytes
    received: int
    duplicate: bool


class Refused(NamedTuple):
    """The statement is not in the ledger, and all that is wrong with it."""

    problems: tuple[Problem, ...]


class Posted(NamedTuple):
    """What became of a batch, statement by statement. None: nothing is wrong with this one, but it
    was not recorded, because another of its batch was refused or because it was a dry run."""

    outcomes: tuple[Receipt | Refused | None, ...]

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, in the batch's order."""
        return [p for outcome in self.outcomes if isinstance(outcome, Refused) for p in outcome.problems]


class _Ticket:
    """A batch that waits for the writer."""

    def __init__(self, batch: Sequence[Prepared | Refused], proceed: bool, dry_run: bool) -> None:
        self.batch = batch
        self.proceed = proceed
        self.dry_run = dry_run
        self.posted: Posted | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.posted is not None or self.error is not None


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
        self._known: dict[Key, Record | None] = {}
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
        ticket = _Ticket(
            [_refused(n, found) for n, found in enumerate(self._intake.take(statements))], proceed, dry_run
        )
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
                (outcome,) = group.add([prepared], False, False, self.store, own=True).outcomes
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
        while self._waiting and (not tickets or size + len(self._waiting[0].batch) <= MAX_GROUP):
            tickets.append(self._waiting.popleft())
            size += len(tickets[-1].batch)
        return tickets

    def _ahead(self, tickets: Sequence[_Ticket]) -> "_Judged | None":
        """Judge batches on what the ledger will be once the group under way is committed. None where that
        is not known, or where judging fails: it is told when they are judged for good."""
        head = self._known_at
        if head is None or len(self._known) > MAX_KNOWN:
            return None
        try:
            group = _Group(head, self._received(head), self.store, self._known)
            return _Judged(group, group.add_all(tickets, self.store))
        except Exception:  # noqa: BLE001
            self._known_at = None
            return None

    def _commit(self, tickets: list[_Ticket], judged: "_Judged") -> list[_Ticket]:
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
                    posted = group.add_all(batches, self.store)
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
    def _group(self) -> Iterator[tuple["_Group", Writing]]:
        """What the next commit may take, while the store's lock is held."""
        with self.store.writing() as writing:
            head = writing.head()
            if head != self._known_at or len(self._known) > MAX_KNOWN:
                self._known = {}
            self._known_at = None  # until this group is committed, ``_known`` is ahead of the store
            yield _Group(head, self._received(head), writing, self._known), writing

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


class _Group:
    """The entries of one commit while they are judged."""

    def __init__(self, head: Head, received: int, register: Reads, known: dict[Key, Record | None]) -> None:
        self.head = head
        self.received = received
        self._register = register
        self._known = known
        self._fold = Fold(lambda key: register.read((key,)).get(key), known)
        self.read = self._fold.read
        self._gathering = Gathering(head)

    def prefetch(self, batch: Sequence[Prepared]) -> None:
        """Read in one query what the events name."""
        known = self._known
        wanted = {Key(*place) for entry in batch for place in named(entry.event) if place not in known}
        for kid in {entry.statement.kid for entry in batch}:
            wanted.update(key for key in _of_key(kid) if key not in known)
        known.update(dict.fromkeys(wanted))
        known.update(self._register.read(wanted))

    def add_all(self, tickets: Sequence[_Ticket], store: Store) -> list[Posted]:
        """Judge these batches one after the other."""
        self.prefetch([entry for ticket in tickets for entry in ticket.batch if isinstance(entry, Prepared)])
        return [self.add(ticket.batch, ticket.proceed, ticket.dry_run, store) for ticket in tickets]

    def add(
        self,
        batch: Sequence[Prepared | Refused],
        proceed: bool,
        dry_run: bool,
        store: Store,
        own: bool = False,
    ) -> Posted:
        """Judge a batch; keep its entries if it may be recorded. ``own``: the ledger's own statement."""
        mark, size = self._fold.mark(), self._gathering.size
        outcomes: list[Receipt | Refused | None] = [
            entry if isinstance(entry, Refused) else self._judge(n, entry, store, own)
            for n, entry in enumerate(batch)
        ]
        refused = any(isinstance(outcome, Refused) for outcome in outcomes)
        if dry_run or (refused and not proceed):
            self._fold.undo(mark)
            self._gathering.cut(size)
            outcomes = [None if isinstance(o, Receipt) and o.index >= size else o for o in outcomes]
        return Posted(tuple(outcomes))

    def _judge(self, n: int, prepared: Prepared, store: Store, own: bool) -> Receipt | Refused:
        event, statement = prepared.event, prepared.statement
        charters = self._fold.read(Key("charters", ""))
        charter = in_force(charters.value, self.received) if charters else 0
        context = Context(self._gathering.size, self.received, statement.kid, charter, statement.digest)
        mark = self._fold.mark()
        step = self._fold.step(event, context)
        if isinstance(event, Register) and isinstance(step, Step) and not own:
            # No rule can tell whether the root is right, so nobody's word is taken, whatever key signed.
            self._fold.undo(mark)
            return Refused((problem("register.posted", f"$[{n}]"),))
        if isinstance(step, Refusal):
            if step.code == "event.duplicate":
                return self._again(event, store)
            path = f"$[{n}]{step.path.removeprefix('$')}"
            return Refused((problem(step.code, path, step.detail, step.waiting_for),))
        entry = Entry(context.index, charter, self._gathering.last, self.received, statement.text)
        leaf = self._gathering.add(encode(entry), self.received, step)
        return Receipt(context.index, leaf, self.received, duplicate=False)

    def _again(self, event: Event, store: Store) -> Receipt:
        """The first receipt of an event that is in the ledger already."""
        known = self._fold.read(Key("event", event_name(event.party, event.id)))
        assert known is not None
        data = self._gathering.entry(known.at) or store.entries_at((known.at,))[known.at]
        return Receipt(known.at, leaf_hash(data), decode(data).received, duplicate=True)

    def end(self) -> Head:
        """The end of the ledger once this is committed."""
        return self._gathering.end()

    def commit(self, writing: Writing, store: Store) -> None:
        """Commit what was kept, if anything."""
        if self._gathering.size != self.head.size:
            writing.commit(self._gathering.group(store.tile))


class _Judged(NamedTuple):
    """A group that is not committed yet, and what will have become of its batches."""

    group: _Group
    posted: list[Posted]


def _of_key(kid: str) -> tuple[Key, Key]:
    return Key("key", kid), Key("status", f"key {kid}")
