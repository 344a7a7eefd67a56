"""What one commit will add, gathered entry by entry: chain, tree and everything derived.

The writer gathers what it admits and the audit what it replays, so both derive the same.
"""

from ledger import merkle, tiles
from ledger.register import Flow, Key, Record
from ledger.rules.fold import Step
from ledger.store import Group, Head


class Gathering:
    """Entries from ``head`` on, with what each of them does."""

    def __init__(self, head: Head) -> None:
        self.start = head.size
        self._head = head
        self._entries: list[bytes] = []
        self._leaves: list[bytes] = []
        self._steps: list[Step] = []
        self._received = head.received

    @property
    def size(self) -> int:
        """The ledger's size with what is gathered."""
        return self.start + len(self._entries)

    @property
    def last(self) -> bytes:
        """The leaf hash of the last entry: the next one's ``prev``."""
        return self._leaves[-1] if self._leaves else self._head.last

    def add(self, data: bytes, received: int, step: Step) -> bytes:
        """Append an entry; its leaf hash."""
        leaf = merkle.leaf_hash(data)
        self._entries.append(data)
        self._leaves.append(leaf)
        self._steps.append(step)
        self._received = received
        return leaf

    def entry(self, index: int) -> bytes | None:
        """The bytes of a gathered entry, or None if it was there before."""
        return self._entries[index - self.start] if index >= self.start else None

    def cut(self, size: int) -> None:
        """Forget the entries from index ``size`` on."""
        for gathered in (self._entries, self._leaves, self._steps):
            del gathered[size - self.start :]

    def end(self) -> Head:
        """The end of the ledger with what is gathered."""
        if not self._entries:
            return self._head
        frontier = merkle.Frontier.from_hashes(self.start, self._head.frontier)
        for leaf in self._leaves:
            frontier.append(leaf)
        return Head(self.size, self.last, self._received, frontier.hashes)

    def group(self, read_tile: tiles.ReadTile) -> Group:
        """All of it as one group to commit."""
        records: dict[Key, Record] = {}
        flows: list[tuple[int, Flow]] = []
        touches: list[tuple[Key, int]] = []
        for index, step in enumerate(self._steps, self.start):
            records.update(step.records)
            flows += [(index, flow) for flow in step.flows]
            touches += [(key, index) for key in step.about]
        return Group(
            self.start,
            self._entries,
            [step.needs for step in self._steps],
            records,
            flows,
            touches,
            tiles.update(self.start, self._leaves, read_tile),
            self.end(),
            _is_register(self._steps[-1]),
        )


def _is_register(step: Step) -> bool:
    """Whether this is what a register event does."""
    return any(
        key.kind == "event" and record.value.type == "register" for key, record in step.records.items()
    )
