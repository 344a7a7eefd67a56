"""Judging what one commit may take: batches of statements, one after the other, on the register as the ones
before them leave it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from ledger import b64
from ledger.entry import Entry, decode, encode
from ledger.errors import Problem, problem
from ledger.events import Event, Register
from ledger.gathering import Gathering
from ledger.intake import Prepared
from ledger.merkle import leaf_hash
from ledger.quantity import format_instant
from ledger.register import Key, event_name
from ledger.rules import Context, Refusal, named
from ledger.rules.admission import in_force
from ledger.rules.fold import Fold, State, Step
from ledger.store import Head, Reads, Store, Writing


class Receipt(NamedTuple):
    """The statement is in the ledger, durably. ``duplicate``: it was there before this post."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    leaf: bytes
    received: int
    duplicate: bool

    def as_json(self) -> dict[str, Any]:
        """Its JSON object."""
        return {
            "index": self.index,
            "leaf": b64.encode(self.leaf),
            "received": format_instant(self.received),
            "duplicate": self.duplicate,
        }


class Refused(NamedTuple):
    """The statement is not in the ledger, and all that is wrong with it."""

    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """Its JSON object."""
        return {"problems": [found.as_json() for found in self.problems]}


class Posted(NamedTuple):
    """What became of a batch, statement by statement. None: nothing is wrong with this one, but it
    was not recorded, because another of its batch was refused or because it was a dry run."""

    outcomes: tuple[Receipt | Refused | None, ...]

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, in the batch's order."""
        return [p for outcome in self.outcomes if isinstance(outcome, Refused) for p in outcome.problems]

    def as_json(self) -> dict[str, Any]:
        """The answer to who posted, but for the checkpoint."""
        return answer_of([outcome and outcome.as_json() for outcome in self.outcomes])


def answer_of(outcomes: Sequence[dict[str, Any] | None], checkpoint: str | None = None) -> dict[str, Any]:
    """The answer of the JSON objects of what became of each statement, in the form of ``POST /events``."""
    kinds = Counter(
        "refused" if "problems" in outcome else "duplicates" if outcome["duplicate"] else "recorded"
        for outcome in outcomes
        if outcome is not None
    )
    answer = {"outcomes": outcomes, **{kind: kinds[kind] for kind in ("recorded", "duplicates", "refused")}}
    return answer if checkpoint is None else answer | {"checkpoint": checkpoint}


class Batch(NamedTuple):
    """What one poster sent. ``proceed``: each statement stands for itself, else all or nothing."""

    statements: Sequence[Prepared | Refused]
    proceed: bool
    dry_run: bool


class Judging:
    """The entries of one commit while they are judged."""

    def __init__(self, head: Head, received: int, register: Reads, known: State) -> None:
        self.head = head
        self.received = received
        self._register = register
        self._known = known
        self._fold = Fold(lambda key: register.read((key,)).get(key), known)
        self.read = self._fold.read
        self._gathering = Gathering(head)

    def prefetch(self, prepared: Sequence[Prepared]) -> None:
        """Read in one query what the events name."""
        known = self._known
        wanted = {Key(*place) for entry in prepared for place in named(entry.event) if place not in known}
        for kid in {entry.statement.kid for entry in prepared}:
            wanted.update(key for key in _of_key(kid) if key not in known)
        known.update(dict.fromkeys(wanted))
        known.update(self._register.read(wanted))

    def add_all(self, batches: Sequence[Batch], store: Store) -> list[Posted]:
        """Judge these batches one after the other."""
        self.prefetch([one for batch in batches for one in batch.statements if isinstance(one, Prepared)])
        return [self.add(batch, store) for batch in batches]

    def add(self, batch: Batch, store: Store, own: bool = False) -> Posted:
        """Judge a batch; keep its entries if it may be recorded. ``own``: the ledger's own statement."""
        mark, size = self._fold.mark(), self._gathering.size
        outcomes: list[Receipt | Refused | None] = [
            entry if isinstance(entry, Refused) else self._judge(n, entry, store, own)
            for n, entry in enumerate(batch.statements)
        ]
        refused = any(isinstance(outcome, Refused) for outcome in outcomes)
        if batch.dry_run or (refused and not batch.proceed):
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


def _of_key(kid: str) -> tuple[Key, Key]:
    return Key("key", kid), Key("status", f"key {kid}")
