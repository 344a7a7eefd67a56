"""The stage: the demo's ledger at some moment of its story, in memory, for a fraud to be tried on.

The story is played once. A stage begins as the sum of what was committed up to its moment, so that a
hundred of them cost little.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, cast

from cli.demo import story as demo
from cli.demo.story import Clock, Step
from ledger import entry, events, statement
from ledger.entry import Entry
from ledger.gathering import Gathering
from ledger.keys import PrivateKey
from ledger.log import Log, Receipt, Refused
from ledger.note import checkpoint_of
from ledger.publisher import Publisher
from ledger.register import Flow, Key, Record, event_name
from ledger.rules import Context
from ledger.rules.admission import in_force
from ledger.rules.fold import Fold
from ledger.rules.fold import Step as Admitted
from ledger.store import NO_MAP, Group, MapChange, Store, Writing
from ledger.store.guard import MemoryGuard
from ledger.store.memory import MemoryStore
from ledger.tiles import WIDTH

Seed = Callable[[str], bytes]
OPERATOR = "operator"


def known_seed(name: str) -> bytes:
    """32 octets for a key's name, the same every time: these keys guard nothing."""
    return hashlib.sha256(f"oreline demo {name}".encode()).digest()


class Played:
    """The story, played once. Step ``n`` signed ``statements[n]`` and committed ``groups[n]``."""

    def __init__(self, seed: Seed = known_seed) -> None:
        self.story = demo.load()
        self.seed = seed
        self._keys = demo.make_keys(self.story, seed)
        self.steps: Sequence[Step] = demo.all_steps(self.story, self._keys)
        self.statements = [demo.sign(step, self._keys) for step in self.steps]
        self.groups = committed(self.steps, self.statements)

    @cached_property
    def invented(self) -> "Played":
        """The same story in a ledger of other keys, all of which one forger has made."""
        return Played(lambda name: self.seed(f"invented {name}"))

    def key(self, name: str) -> PrivateKey:
        """A key of the story, or one that someone makes."""
        return self._keys.get(name) or PrivateKey.from_seed("Ed25519", self.seed(name))

    def index(self, step: str) -> int:
        """Where a step stands in the story: its entry's index."""
        return next(index for index, found in enumerate(self.steps) if found.id == step)

    def before(self, step: str | None) -> Group:
        """All that was committed before the step; without one, in the whole story."""
        return summed(self.groups[: self.index(step)] if step else self.groups)


def committed(steps: Sequence[Step], statements: Sequence[str]) -> list[Group]:
    """What a new ledger commits for each of the story's first steps, told by these statements."""
    store, clock = _Recorder(), Clock()
    log = Log(cast(Store, store), clock)
    try:
        for step, text in zip(steps, statements, strict=True):
            clock.now = step.received
            problems = log.post([text]).problems
            assert not problems, (step.id, problems)
    finally:
        log.close()
    return store.groups


def summed(groups: Sequence[Group]) -> Group:
    """One group that does what all of these (the first ones of a ledger) do, one after the other."""
    records: dict[Key, Record] = {}
    tiles: dict[tuple[int, int], bytes] = {}
    flows: list[tuple[int, Flow]] = []
    touches: list[tuple[Key, int]] = []
    for group in groups:
        records.update(group.records)
        tiles.update(group.tiles)
        flows += group.flows
        touches += group.touches
    entries = [data for group in groups for data in group.entries]
    needs = [needs for group in groups for needs in group.needs]
    return Group(0, entries, needs, records, flows, touches, tiles, groups[-1].head, groups[-1].rooted)


class _Recorder:
    """A store in memory that remembers what was committed."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._store = MemoryStore()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        with self._store.writing() as writing:
            yield _Recording(writing, self.groups)


class _Recording:
    def __init__(self, writing: Writing, groups: list[Group]) -> None:
        self._writing = writing
        self._groups = groups
        self.head, self.read = writing.head, writing.read

    def commit(self, group: Group) -> None:
        self._writing.commit(group)
        self._groups.append(group)


class Stage:
    """A ledger that goes on from ``group``, of which it has ``told`` entries of the story. Its checkpoint is
    published, and kept by the guard (``seen``); ``begun`` is all that it covers."""

    def __init__(self, played: Played, group: Group) -> None:
        self.played = played
        self.told = len(group.entries)
        self.clock = Clock(group.head.received)
        self.guard = MemoryGuard()
        self._open(group)
        self.seen = self._publisher().publish()
        self.begun = self.group

    def _open(self, *groups: Group) -> None:
        recorder = _Recorder()
        self.groups = recorder.groups
        self.store = cast(Store, recorder)
        for group in groups:
            with self.store.writing() as writing:
                writing.commit(group)
        self.log = Log(self.store, self.clock)

    @property
    def group(self) -> Group:
        """All that is in the store, as one group."""
        return summed(self.groups)

    def replace(self, checkpoint: str, *groups: Group, buckets: Mapping[int, bytes] | None = None) -> None:
        """Another store stands where this one stood, with this checkpoint published, and with the map that
        there was if it has the entries for it; ``buckets`` of it may be others. The guard stays."""
        size = checkpoint_of(checkpoint).size
        head = groups[-1].head
        known = max(size, self.store.map().size + 1)
        change = self._map(buckets or {}) if known <= head.size else None
        self.close()
        self._open(*groups)
        self.clock.now = head.received
        self.store.publish(checkpoint, size, change)

    def _map(self, others: Mapping[int, bytes]) -> MapChange:
        """The map of the register as it is kept, but for these buckets, for a store that has none."""
        kept = self.store.map()
        tiles: dict[tuple[int, int], bytes] = {}
        level, width = 0, 1 << kept.depth
        while width:
            for number in range(-(-width // WIDTH)):
                tiles[level, number] = self.store.map_tile(level, number) or b""
            level, width = level + 1, width // WIDTH
        buckets = {**self.store.buckets(range(1 << kept.depth)), **others}
        return MapChange(NO_MAP, kept._replace(area=0), buckets, tiles)

    def close(self) -> None:
        """Close the log."""
        self.log.close()

    def post(self, text: str | bytes, received: int) -> Receipt | Refused:
        """Post one statement, received then (ms)."""
        self.clock.now = received
        (outcome,) = self.log.post([text]).outcomes
        assert outcome is not None
        return outcome

    def force(
        self, honest: str, text: str, received: int, judged_by: Mapping[str, Any] | None = None
    ) -> None:
        """The operator lets a statement in that no rule was asked about, with records, needs and tree as
        if it were the honest one. ``judged_by``: the amendment that the entry names as its charter."""
        signed = statement.parse(honest)
        head = self.store.head()
        charters = self.store.read([Key("charters", "")])[Key("charters", "")].value
        charter = in_force(charters, received)
        context = Context(head.size, received, signed.kid, charter, signed.digest)
        fold = Fold(lambda key: self.store.read((key,)).get(key))
        step = fold.step(events.parse(signed.payload), context)
        assert isinstance(step, Admitted), step
        gathering = Gathering(head)
        if judged_by is not None:
            name = event_name(judged_by["party"], judged_by["id"])
            charter = self.store.read([Key("event", name)])[Key("event", name)].at
        gathering.add(entry.encode(Entry(head.size, charter, head.last, received, text)), received, step)
        with self.store.writing() as writing:
            writing.commit(gathering.group(self.store.tile))
        self.clock.now = received

    def publish(self) -> str:
        """What the honest publisher signs; ``GuardError`` where it does not."""
        return self._publisher().publish()

    def _publisher(self) -> Publisher:
        return Publisher(self.log, self.guard, self.played.key(OPERATOR), self.played.story.ledger)
