"""Entries judged again over nothing but themselves, as the audit and the offline check do."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger import events, statement
from ledger.entry import decode
from ledger.events import Event
from ledger.register import Key, Record
from ledger.rules import Context, Refusal
from ledger.rules.fold import Fold, Step
from ledger.store import Store


class Replayed(NamedTuple):
    """What each entry came to, by index, and the register after all of them."""

    steps: Mapping[int, Step | Refusal]
    register: Mapping[Key, Record]

    @property
    def refused(self) -> dict[int, str]:
        """The codes of the entries that were refused."""
        return {index: step.code for index, step in self.steps.items() if isinstance(step, Refusal)}


def admitted(fold: Fold, data: bytes) -> tuple[Event, Step]:
    """What an entry says, and what it does on top of those before it: the ledger that has it admitted it."""
    entry = decode(data)
    signed = statement.parse(entry.statement)
    event = events.parse(signed.payload)
    step = fold.step(event, Context(entry.index, entry.received, signed.kid, entry.charter, signed.digest))
    assert not isinstance(step, Refusal)
    return event, step


def replay(entries: Mapping[int, bytes]) -> Replayed:
    """The entries (bytes by index) in their order, over an empty register."""
    fold = Fold(lambda key: None)
    steps: dict[int, Step | Refusal] = {}
    for index in sorted(entries):
        entry = decode(entries[index])
        signed = statement.parse(entry.statement)
        event = events.parse(signed.payload)
        context = Context(index, entry.received, signed.kid, entry.charter, signed.digest, whole=False)
        steps[index] = fold.step(event, context)
    return Replayed(steps, {key: record for key, record in fold.state.items() if record is not None})


def closure(store: Store, seeds: Iterable[int], *, touches: bool = False) -> set[int]:
    """The entries that these need, and those need; with ``touches`` also all that corrects, revokes,
    replaces or attests what any of them did."""
    size = store.head().size
    said: dict[str, list[int]] = {}
    if touches:
        for key, index in store.touches_between(0, size):
            said.setdefault(key.id, []).append(index)
        names = _names(store)
    found: set[int] = set()
    todo = list(seeds)
    while todo:
        index = todo.pop()
        if index in found:
            continue
        found.add(index)
        todo += store.needs((index,))[index]
        if touches:
            for id in names[index]:
                todo += said.get(id, ())
    return found


def _names(store: Store) -> list[set[str]]:
    """For each entry, the ids of what it brought about."""
    names: list[set[str]] = []
    for data in store.entries(0, store.head().size):
        event = events.parse(statement.parse(decode(data).statement).payload)
        found = {f"{event.party} {event.id}"}
        if isinstance(event, events.Party | events.Site):
            found.add(event.subject)
        found |= {key.kid for key in events.brought(event)}
        names.append(found | {output.lot for output in vars(event).get("outputs", ())})
    return names
