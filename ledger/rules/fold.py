"""The fold: the register as a sequence of events leaves it.

The writer folds over a store, the audit over a scratch store, the offline check over nothing at
all; each gets from the same ``step`` the same records, flows, touches and needs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.events import Event
from ledger.register import Flow, Key, Record
from ledger.rules import Context, Refusal, apply

_UNREAD: Any = object()  # stands for a record that nobody has asked for yet


class Step(NamedTuple):
    """What one admitted entry does. ``needs``: indices of the entries whose write-once or chained
    records it read, ascending; ``about``: keys that it corrects, revokes, replaces or attests."""

    needs: tuple[int, ...]
    records: dict[Key, Record]
    flows: tuple[Flow, ...]
    about: tuple[Key, ...]


class State(dict[Key, Record | None]):
    """What is remembered of the register (None: there is no such record). What nobody has asked for yet is
    fetched when it is read."""

    fetch: Callable[[Key], Record | None]

    def __missing__(self, place: tuple[str, str]) -> Record | None:
        key = Key(*place)
        found = self[key] = self.fetch(key)
        return found


class Fold:
    """The register, read through ``fetch`` and remembered in ``state``.

    ``state`` is the caller's to fill ahead and to clear when it grows, after keeping what was written.
    ``undo`` takes back the steps since a ``mark``.
    """

    def __init__(self, fetch: Callable[[Key], Record | None], state: State | None = None) -> None:
        self.state = State() if state is None else state
        self.state.fetch = fetch
        # For each step what it overwrote in ``state``; ``_UNREAD`` where nothing was.
        self._undone: list[list[tuple[Key, Any]]] = []

    def read(self, key: Key) -> Record | None:
        """The record as of the last step."""
        return self.state[key]

    def step(self, event: Event, context: Context) -> Step | Refusal:
        """Judge the event; if it is admitted, its records are part of the register from now on."""
        state = self.state
        read: Any = state.__getitem__  # a plain pair equals its Key, and is made faster
        changes = apply(event, context, read)
        if isinstance(changes, Refusal):
            return changes
        index = context.index
        new = tuple.__new__  # a named tuple's own is a function in Python, and here are most of them made
        records = {new(Key, place): new(Record, (index, value)) for place, value in changes.writes.items()}
        before = state.get
        self._undone.append([(key, before(key, _UNREAD)) for key in records])
        state.update(records)
        return Step(tuple(sorted(changes.needs)), records, changes.flows, changes.about)

    def mark(self) -> int:
        """Where the register is now, for ``undo``."""
        return len(self._undone)

    def undo(self, mark: int) -> None:
        """Take back every step since the mark, newest first."""
        while len(self._undone) > mark:
            for key, before in self._undone.pop():
                if before is _UNREAD:
                    del self.state[key]
                else:
                    self.state[key] = before
