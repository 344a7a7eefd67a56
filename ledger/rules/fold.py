"""The fold: the register as a sequence of events leaves it, over a base that it reads through.

The writer folds over a store, the audit over a scratch store, the offline check over nothing at
all; each gets from the same ``step`` the same records, flows, touches and needs.
"""

from collections.abc import Callable
from typing import NamedTuple

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
    """An overlay of written records over ``fetch``, which answers for everything before."""

    def __init__(self, fetch: Callable[[Key], Record | None]) -> None:
        self._fetch = fetch
        self.written: dict[Key, Record] = {}

    def read(self, key: Key) -> Record | None:
        """The record as of the last step."""
        found = self.written.get(key)
        return self._fetch(key) if found is None else found

    def step(self, event: Event, context: Context) -> Step | Refusal:
        """Judge the event; if it is admitted, its records are part of the register from now on."""
        needs: set[int] = set()

        def read(key: Key) -> Record | None:
            found = self.read(key)
            if found is not None and key.kind in NEEDED:
                needs.add(found.at)
            return found

        changes = apply(event, context, read)
        if isinstance(changes, Refusal):
            return changes
        records = {key: Record(context.index, value) for key, value in changes.writes.items()}
        self.written.update(records)
        return Step(tuple(sorted(needs)), records, changes.flows, changes.about)
