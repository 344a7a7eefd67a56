"""The fold: the register as a sequence of events leaves it.

The writer folds over a store, the audit over a scratch store, the offline check over nothing at
all; each gets from the same ``step`` the same records, flows, touches and needs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.events import Event
from ledger.register import NEEDED, Flow, Key, Record
from ledger.rules import Context, Refusal, apply


class Step(NamedTuple):
    """What one admitted entry does. ``needs``: indices of the entries whose write-once or chained
    records it read, ascending; ``about``: keys that it corrects, revokes, replaces or attests."""

    needs: tuple[int, ...]
    records: dict[Key, Record]
    flows: tuple[Flow, ...]
    about: tuple[Key, ...]


class Fold:
    """The register, read through ``fetch`` and remembered in ``state``.

    ``state`` is the caller's to fill ahead (None: no such record) and to clear when it grows, after
    keeping what was written. ``undo`` takes back the steps since a ``mark``.
    """

    def __init__(
        self, fetch: Callable[[Key], Record | None], state: dict[Key, Record | None] | None = None
    ) -> None:
        self._fetch = fetch
        self.state: dict[Key, Record | None] = {} if state is None else state
        # For each step the records before it, as far as they were in ``state``.
        self._undone: list[tuple[dict[Key, Record | None], list[Key]]] = []

    def read(self, key: Key) -> Record | None:
        """The record as of the last step."""
        if key not in self.state:
            self.state[key] = self._fetch(key)
        return self.state[key]

    def step(self, event: Event, context: Context) -> Step | Refusal:
        """Judge the event; if it is admitted, its records are part of the register from now on."""
        needs: set[int] = set()
        state, fetch = self.state, self._fetch
        unread: Any = needs  # something that no record is

        def read(place: tuple[str, str]) -> Record | None:
            found: Record | None = state.get(place, unread)  # type: ignore[call-overload]  # a pair equals its Key
            if found is unread:
                found = state[Key(*place)] = fetch(Key(*place))
            if found is not None and place[0] in NEEDED:
                needs.add(found.at)
            return found

        changes = apply(event, context, read)
        if isinstance(changes, Refusal):
            return changes
        index = context.index
        records = {Key(*place): Record(index, value) for place, value in changes.writes.items()}
        before = {key: state[key] for key in records if key in state}
        self._undone.append((before, [key for key in records if key not in before]))
        state.update(records)
        return Step(tuple(sorted(needs)), records, changes.flows, changes.about)

    def mark(self) -> int:
        """Where the register is now, for ``undo``."""
        return len(self._undone)

    def undo(self, mark: int) -> None:
        """Take back every step since the mark, newest first."""
        while len(self._undone) > mark:
            before, unread = self._undone.pop()
            self.state.update(before)
            for key in unread:
                del self.state[key]
