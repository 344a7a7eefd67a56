"""Replaying: a log's entries judged as its writer judged them, and kept in a store of one's own.

Nothing derived is taken from the log. A group of entries is read and its signatures are checked in other
processes while the group before it is judged: by the rules, and at each ``register`` event by the root of
the map that is made here. Only what is right is committed, so a replay that is cut short at any moment goes
on from the store. The kept map is always that of the last register event in the store: what contradicts
the next one, or is refused after it, can be shown from there (``ledger.witness.contradiction``).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from ledger import b64, events, note
from ledger.check.stretch import Row, context_of, follow_on
from ledger.errors import EnvironmentFault, Malformed, StorageError
from ledger.events import Register
from ledger.gathering import Gathering
from ledger.merkle import leaf_hash
from ledger.register import Key, KeyRecord, Record, encode
from ledger.registermap import key_hash
from ledger.rooting import charter_of, is_of_kept, stated, written
from ledger.rooting.growing import Growing
from ledger.rules import Refusal, named
from ledger.rules.fold import Fold, State
from ledger.signatures import Check, Pending, Signatures, Wrong, check
from ledger.store import Head, Store

AHEAD = 2  # groups whose signatures are being checked
MAX_KNOWN = 200_000  # records remembered between groups
UNKNOWN = Head(-1, b"", 0, ())  # what is in memory belongs to no store
CONTRADICTED = "register.contradicted"
MAX_KEYS = 10_000  # public keys remembered
AT_ONCE = 20_000  # records put into the map at a time


class Fault(NamedTuple):
    """Why an entry could not stand in an honest ledger. ``code``: the rule's, or that of what
    is misspelt; for a wrong root ``CONTRADICTED``."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    code: str
    detail: str
    data: bytes


class _Batch(NamedTuple):
    """A group that has been read: its good rows, the fault that ended it, its signatures under way."""

    rows: list[Row]
    fault: Fault | None
    indices: list[int]
    checks: Pending


class Replay:
    """Judges entries into ``store``. For one thread at a time; nobody else may write there meanwhile."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._head = UNKNOWN

    def _reset(self) -> None:
        """Forget what is in memory and go on from the store."""
        self._head = self._store.head()
        self._known = State()
        self._whole = self._head.size == 0  # whether all records there are stand in ``_known``
        self._jwks: dict[str, str] = {}
        self._charter = charter_of(self._store) if self._head.size else b""
        kept = self._store.map()
        self._map = Growing(self._store, kept, is_of_kept(self._store, kept))
        at = self._head.size - 1
        event = stated(self._store, self._head)
        if event is not None and self._store.map().size < at:
            self._load(at)  # it was cut short between the commit and the map
            if self._contradicted(event):
                raise StorageError("store.corrupt", detail=f"The register is not as entry {at} states it.")
            self._keep(at)
        self._load(self._head.size)

    def _load(self, stop: int) -> None:
        """Put into the map what entries before ``stop`` have written since it was kept."""
        changes = written(self._store, self._store.map().size, stop)
        while page := list(islice(changes, AT_ONCE)):
            self._map.put({key_hash(key): sha256(record).digest() for key, record in page})
            self._map.fit(True)

    def settle(self) -> None:
        """Be where the store is, and make good what was cut short."""
        if self._store.head() != self._head:
            self._reset()

    def run(
        self, groups: Iterable[Sequence[bytes]], size: int, stopped: Callable[[], bool] = lambda: False
    ) -> Fault | None:
        """Judge groups of entries, which go on from the store's head to ``size`` entries, up to the first
        that is wrong. The store keeps a signed checkpoint of at least as many. ``stopped`` is asked before
        each group: ``EnvironmentFault("witness.stopped")``."""
        self.settle()
        signatures = Signatures(size - self._head.size)
        ahead: deque[_Batch] = deque()
        try:
            for batch in self._read(groups, signatures):
                ahead.append(batch)
                if len(ahead) > AHEAD and (fault := self._take(ahead.popleft(), stopped)):
                    return fault
            while ahead:
                if fault := self._take(ahead.popleft(), stopped):
                    return fault
            return None
        except BaseException:
            self._head = UNKNOWN  # what is in memory may be half of something
            raise
        finally:
            signatures.close()

    # --- Reading: form, chain, signatures

    def _read(self, groups: Iterable[Sequence[bytes]], signatures: Signatures) -> Iterator[_Batch]:
        size, last, received = self._head.size, self._head.last, self._head.received
        for group in groups:
            rows: list[Row] = []
            fault = None
            for index, data in enumerate(group, size):
                try:
                    row = follow_on(data, index, last, received)
                except Malformed as wrong:
                    fault = Fault(index, wrong.code, wrong.detail, data)
                    break
                rows.append(row)
                last, received = leaf_hash(data), row.entry.received
            size += len(group)
            checks = self._checks(rows)
            yield _Batch(rows, fault, list(checks), signatures.submit(list(checks.values())))
            if fault:
                return

    def _checks(self, rows: Sequence[Row]) -> dict[int, Check]:
        """What signatures to check, by index. A key that is nowhere yet is left to ``_judge``."""
        jwks = self._jwks
        for row in rows:
            jwks.update((key.kid, key.jwk_text) for key in events.brought(row.event))
        wanted = {row.statement.kid for row in rows} - jwks.keys()
        for key, record in self._store.read(Key("key", kid) for kid in wanted).items():
            assert isinstance(record.value, KeyRecord)
            jwks[key.id] = record.value.jwk
        return {
            row.entry.index: Check(row.entry.statement, jwks[row.statement.kid])
            for row in rows
            if row.statement.kid in jwks
        }

    # --- Judging

    def _take(self, batch: _Batch, stopped: Callable[[], bool]) -> Fault | None:
        """Judge and commit a group. What comes before a fault is committed all the same."""
        rows, fault = batch.rows, batch.fault
        if stopped():
            raise EnvironmentFault("witness.stopped")
        wrong = batch.checks.result()
        if wrong is not None:
            place = batch.indices[wrong.place] - rows[0].entry.index
            fault = Fault(batch.indices[wrong.place], wrong.code, wrong.detail, rows[place].data)
            rows = rows[:place]
        unchecked = {row.entry.index for row in rows} - set(batch.indices)
        found = self._judge(rows, unchecked)
        if found is not None:
            self._reset()
            good = [row for row in rows if self._head.size <= row.entry.index < found.index]
            again = self._judge(good, unchecked)
            assert again is None, again
        return found or fault

    def _judge(self, rows: Sequence[Row], unchecked: Set[int]) -> Fault | None:
        """Judge entries; if all are right, they are committed: up to the last register event, with the map
        that it states, and what comes behind it. ``unchecked``: whose signatures nobody has looked at."""
        if not rows:
            return None
        self._prefetch(rows)
        fold = Fold(self._fetch, self._known)
        gathering = Gathering(self._head)
        rooted = max((n for n, row in enumerate(rows) if isinstance(row.event, Register)), default=-1)
        fresh: dict[Key, Record] = {}
        for n, row in enumerate(rows):
            index, event = row.entry.index, row.event
            if index == 0:
                self._charter = leaf_hash(row.data)
            step = fold.step(event, context_of(row))
            if isinstance(step, Refusal):
                return Fault(index, step.code, f"at {step.path}: {step.detail}", row.data)
            if index in unchecked and (wrong := _signature(row, fold)):
                return Fault(index, wrong.code, wrong.detail, row.data)
            if isinstance(event, Register):
                self._put(fresh)
                fresh = {}
                if self._contradicted(event):
                    detail = f"entry {index} states depth {event.depth} and root {event.root}"
                    return Fault(index, CONTRADICTED, detail, row.data)
            fresh.update(step.records)
            gathering.add(row.data, row.entry.received, step)
            if n == rooted:
                self._commit(gathering)
                self._keep(row.entry.index)
                gathering = Gathering(self._head)
        self._put(fresh)
        self._commit(gathering)
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
            self._whole = False
        if len(self._jwks) > MAX_KEYS:
            self._jwks = {}
        return None

    def _fetch(self, key: Key) -> Record | None:
        return None if self._whole else self._store.read((key,)).get(key)

    def _prefetch(self, rows: Sequence[Row]) -> None:
        """Read in one query what the events name."""
        if self._whole:
            return
        known = self._known
        wanted = {Key(*place) for row in rows for place in named(row.event) if place not in known}
        for kid in {row.statement.kid for row in rows}:
            wanted |= {key for key in (Key("key", kid), Key("status", f"key {kid}")) if key not in known}
        known.update(dict.fromkeys(wanted))
        known.update(self._store.read(wanted))

    def _put(self, records: Mapping[Key, Record]) -> None:
        hashes = {key_hash(key): sha256(encode(record)).digest() for key, record in records.items()}
        self._map.put(hashes)
        self._map.fit(True)

    def _commit(self, gathering: Gathering) -> None:
        if gathering.size == self._head.size:
            return
        group = gathering.group(self._store.tile)
        with self._store.writing() as writing:
            if writing.head() != self._head:
                raise StorageError("store.busy", detail="Another process writes into this store.")
            writing.commit(group)
        self._head = group.head

    def _contradicted(self, event: Register) -> bool:
        """Whether the event states another root than that of the map."""
        root = self._map.root(self._charter)
        assert root is not None  # it was given its depth
        return (event.depth, event.root) != (root.depth, b64.encode_std(root.root))

    def _keep(self, size: int) -> None:
        """Keep the map that the register event at index ``size``, the last that was committed, states."""
        signed = self._store.checkpoint()
        assert signed is not None
        covered = note.checkpoint_of(signed).size
        if not self._store.publish(signed, covered, self._map.change(size)):
            raise StorageError("store.busy", detail="Another process keeps maps in the mirror.")
        self._map.kept(self._store.map())
        self._store.tidy()


def _signature(row: Row, fold: Fold) -> Wrong | None:
    """What is wrong with the signature of an admitted entry, whose key is therefore in the register."""
    record = fold.read(Key("key", row.statement.kid))
    assert record is not None
    return next(iter(check([Check(row.entry.statement, record.value.jwk)])), None)
