"""The derivation: a ledger's entries judged again from the first one on, as the writer judged them.

Everything that the writer derived is derived again from the bytes of the entries alone. It stops at
the first entry that could not have been admitted.
"""

import gc
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ledger import events, statement
from ledger.audit.difference import Difference, difference
from ledger.audit.roots import Roots
from ledger.audit.scratch import Scratch
from ledger.entry import Entry, decode
from ledger.errors import Malformed, StorageError
from ledger.gathering import Gathering
from ledger.intake import Prepared
from ledger.merkle import leaf_hash
from ledger.quantity import format_instant
from ledger.register import Key, KeyRecord, Record
from ledger.rules import Context, Refusal
from ledger.rules.fold import Fold
from ledger.signatures import Check, Pending, Signatures
from ledger.store import EMPTY, Group, Head, Store
from ledger.tiles import FULL_TILE

CHUNK = 2_048  # entries judged at a time: whole tiles
AHEAD = 4  # chunks judged before their signatures are known


class _Stop(Exception):
    """Carries the difference at which the derivation ends; never leaves this module."""

    def __init__(self, found: Difference) -> None:
        super().__init__(found)
        self.found = found


class Derivation:
    """One pass over a store's entries. When ``groups`` is exhausted, ``stopped`` says why it ended
    before the head's size, if it did; ``head`` and ``register`` are as derived."""

    def __init__(self, store: Store, cuts: Iterable[int] = (), size: int | None = None) -> None:
        """``cuts``: sizes at which a group must end, so that the tree's root is known there. ``size``: of the
        ledger, where its head does not tell."""
        self.size = store.head().size if size is None else size
        self.head: Head = EMPTY
        self.register = Scratch()
        self.roots = Roots(store)
        self.stopped: Difference | None = None
        self.tails: dict[tuple[int, int], bytes] = {}  # the partial tile of each level
        self._store = store
        self._cuts = {cut for cut in cuts if 0 < cut < self.size}

    @property
    def good(self) -> int:
        """How many entries are known to be right."""
        stopped = self.stopped
        return self.head.size if stopped is None or stopped.index is None else stopped.index

    def close(self) -> None:
        """Give back the scratch files."""
        self.register.close()
        self.roots.close()

    def read(self, key: Key) -> Record | None:
        """A record of the derived register."""
        return self._fold().read(key)

    def _fold(self) -> Fold:
        return Fold(self.register.fetch, self.register.state)

    def groups(self) -> Iterator[Group]:
        """What the writer would commit, chunk by chunk. A group's signatures may be found wrong only
        after it was given out: ``stopped`` then has a lower index than ``head``."""
        signatures = Signatures(self.size)
        pending: deque[tuple[Sequence[int], Pending]] = deque()
        try:
            for start, stop in self._chunks():
                group = self._judge(start, stop, signatures, pending)
                if group is not None:
                    yield group
                while pending and (len(pending) > AHEAD or self.stopped):
                    self._settle(*pending.popleft())
                if self.stopped:
                    return
            while pending:
                self._settle(*pending.popleft())
        finally:
            signatures.close()

    def _chunks(self) -> Iterator[tuple[int, int]]:
        starts = sorted({*range(0, self.size, CHUNK), *self._cuts})
        yield from zip(starts, [*starts[1:], self.size], strict=False)

    def _settle(self, indices: Sequence[int], check: Pending) -> None:
        """The verdict on a chunk's signatures; the lowest index at which anything is wrong counts."""
        wrong = check.result()
        if wrong is None:
            return
        index = indices[wrong.place]
        if self.stopped is None or self.stopped.index is None or index <= self.stopped.index:
            self.stopped = _at(index, "audit.signature", "", wrong.detail)

    def _judge(
        self, start: int, stop: int, signatures: Signatures, pending: deque[tuple[Sequence[int], Pending]]
    ) -> Group | None:
        """Judge entries start … stop-1 as far as they go; None if not even the first could be."""
        gathering = Gathering(self.head)
        fold = self._fold()
        chunk: list[tuple[bytes, Entry, Prepared]] = []
        try:
            for data, entry in self._read(start, stop):
                chunk.append((data, entry, _prepare(entry)))
        except _Stop as end:
            self.stopped = end.found
        checks = self._checks(fold, chunk)
        pending.append((list(checks), signatures.submit(list(checks.values()))))
        for data, entry, prepared in chunk:
            found, event = prepared
            context = Context(entry.index, entry.received, found.kid, entry.charter, found.digest)
            step = fold.step(event, context)
            if isinstance(step, Refusal):
                why = f"{step.code} at {step.path}: {step.detail}"
                self.stopped = _at(entry.index, "audit.rule", entry.statement, why)
                break
            if isinstance(event, events.Register):
                self.roots.compare(entry.index, event)
            self.roots.take(step.records)
            gathering.add(data, entry.received, step)
        if gathering.size == start:
            return None
        group = gathering.group(lambda level, number: self.tails.get((level, number)))
        now = {**self.tails, **group.tiles}
        self.tails = {at: tile for at, tile in now.items() if len(tile) < FULL_TILE}
        self.head = group.head
        self.register.keep(group.records)
        return group

    def _read(self, start: int, stop: int) -> Iterator[tuple[bytes, Entry]]:
        """The entries, each in its place in the chain."""
        last, received = self.head.last, self.head.received
        for index, data in enumerate(self._bytes(start, stop), start):
            try:
                entry = decode(data)
            except Malformed as wrong:
                raise _Stop(_at(index, "audit.entry", data.decode("latin-1"), str(wrong))) from None
            path = f"$.entries[{index}]"
            if entry.index != index:
                raise _Stop(difference("audit.entry", f"{path}.index", entry.index, index, index))
            if entry.prev != last:
                raise _Stop(difference("audit.chain", f"{path}.prev", entry.prev, last, index))
            if entry.received < received:
                stored, derived = format_instant(entry.received), format_instant(received)
                raise _Stop(difference("audit.received", f"{path}.received", stored, derived, index))
            last, received = leaf_hash(data), entry.received
            yield data, entry

    def _bytes(self, start: int, stop: int) -> Iterator[bytes]:
        """The entries' bytes; where a stretch is not whole, one by one up to the first that is lost."""
        try:
            yield from list(self._store.entries(start, stop))
        except StorageError as fault:
            if fault.code != "store.corrupt":
                raise
            for index in range(start, stop):
                try:
                    yield from list(self._store.entries(index, index + 1))
                except StorageError as lost:
                    raise _Stop(_at(index, "audit.missing", "", lost.detail)) from None

    def _checks(self, fold: Fold, chunk: Sequence[tuple[bytes, Entry, Prepared]]) -> dict[int, Check]:
        """What signatures to check, by index. A key that is nowhere is left to the rules to refuse."""
        jwks = {key.kid: key.jwk_text for _, _, prepared in chunk for key in events.brought(prepared.event)}
        for kid in {prepared.statement.kid for _, _, prepared in chunk} - jwks.keys():
            record = fold.read(Key("key", kid))
            if record is not None:
                assert isinstance(record.value, KeyRecord)
                jwks[kid] = record.value.jwk
        return {
            entry.index: Check(entry.statement, jwks[prepared.statement.kid])
            for _, entry, prepared in chunk
            if prepared.statement.kid in jwks
        }


def _prepare(entry: Entry) -> Prepared:
    try:
        found = statement.parse(entry.statement)
        return Prepared(found, events.parse(found.payload))
    except Malformed as wrong:
        raise _Stop(_at(entry.index, "audit.statement", entry.statement, str(wrong))) from None


def _at(index: int, code: str, stored: Any, detail: str) -> Difference:
    return difference(code, f"$.entries[{index}]", stored, "", index, detail)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cycle collector, which would walk the whole register over and over: half the time of a
    derivation, which makes no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
