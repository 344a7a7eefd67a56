"""Following a log: each new checkpoint must be signed, extend the last one, and cover the entries served.

One round reads the checkpoint; if it is new, the tiles that show whether the last one is its beginning,
and all entries in between, which must hash into the signed root. What is wrong is an alarm. A checkpoint
that contradicts the last one is never taken over: the first one seen stays what the next is compared with.

What the entries say is not judged here; that takes the register, and a witness that replays.
"""

from collections.abc import Callable
from typing import NamedTuple

from ledger import entry, evidencefile, statement
from ledger.errors import EnvironmentFault, Malformed, Problem, problem
from ledger.evidencefile import Fork
from ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    consistency_proof,
    leaf_hash,
)
from ledger.monitoring.state import State
from ledger.monitoring.watch import Watch
from ledger.note import Checkpoint
from ledger.tiles import WIDTH, Source, read_bundle, tree_of
from ledger.trust import Trust, Trusted

MOST = 1000  # alarms of one round
EVERY = 16  # bundles until it is asked again whether what was read belongs to the signed tree

Progress = Callable[[int, int], None]


class Round(NamedTuple):
    """``state``: what to remember from now on, None if nothing good was ever seen. ``trusted``: the
    checkpoint that was served, if it is signed as the trust file wants it. ``added``: entries read."""

    state: State | None
    alarms: tuple[Problem, ...] = ()
    trusted: Trusted | None = None
    added: int = 0
    evidence: Fork | None = None


class _Wrong(Exception):
    """An alarm after which this checkpoint is not taken over."""

    def __init__(self, code: str, path: str, detail: str) -> None:
        super().__init__(code)
        self.alarm = problem(code, path, detail)


def follow(
    source: Source,
    trust: Trust,
    state: State | None,
    now: int,
    *,
    watch: Watch | None = None,
    stall: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Round:
    """One round. ``now``: ms since the epoch; ``stall``: ms without a new checkpoint that are one too many.

    Raises ``EnvironmentFault`` where the log does not give what is needed: nothing is known then. And
    ``Malformed("monitor.state")`` where the state is that of another log.
    """
    try:
        text = source.checkpoint()
        trusted = trust.check(text)
    except Malformed as wrong:
        return Round(state, (*stalled(state, now, stall), problem(wrong.code, "checkpoint", wrong.detail)))
    new = trusted.checkpoint
    old = state.checkpoint if state else Checkpoint(new.origin, 0, EMPTY_ROOT)
    if old.origin != new.origin:
        raise Malformed("monitor.state", detail=f"The state is that of {old.origin}, not of {new.origin}.")
    try:
        evidence = _contradiction(source, state, text, old, new)
        if evidence is not None:
            shown = evidencefile.check(evidence, trust)
            return Round(
                state, (problem("monitor.fork", "checkpoint", shown.sentence),), trusted, 0, evidence
            )
        if new.size < old.size:
            detail = f"A checkpoint of {new.size} entries is served; {old.size} were signed before."
            raise _Wrong("monitor.rollback", "checkpoint", detail)
        if state and new.size == old.size:
            return Round(state, tuple(stalled(state, now, stall)), trusted)
        reader = _Reader(source, trust, old, new, watch, progress)
        alarms = reader.read()
    except _Wrong as wrong:
        return Round(state, (*stalled(state, now, stall), wrong.alarm), trusted)
    if reader.cut:
        return Round(state, tuple(alarms[:MOST]), trusted)
    kids = tuple(sorted(watch.kids)) if watch else ()
    return Round(State(text, now, kids), tuple(alarms[:MOST]), trusted, new.size - old.size)


def stalled(state: State | None, now: int, stall: int | None) -> list[Problem]:
    """The alarm that no new checkpoint has come for too long, if so; also for who cannot reach the log."""
    if state is None or stall is None or now - state.since < stall:
        return []
    detail = f"No new checkpoint has come for {(now - state.since) // 1000:,} seconds."
    return [problem("monitor.stall", "checkpoint", detail)]


def _contradiction(
    source: Source, state: State | None, text: str, old: Checkpoint, new: Checkpoint
) -> Fork | None:
    """What shows that neither checkpoint is the beginning of the other; None where one is, or where the
    older of the two is served and nothing can be shown."""
    if state is None:
        return None
    try:
        return evidencefile.forked((state.note, text), tree_of(source, max(old.size, new.size)))
    except (Malformed, EnvironmentFault) as fault:
        if new.size < old.size:  # the tiles of what was taken back need not be there any more
            return None
        if isinstance(fault, EnvironmentFault):
            raise
        raise _Wrong(
            "monitor.tile", "tiles", f"They do not lead to the signed root: {fault.detail}"
        ) from None


class _Reader:
    """Reads the entries between two checkpoints of one history."""

    def __init__(
        self,
        source: Source,
        trust: Trust,
        old: Checkpoint,
        new: Checkpoint,
        watch: Watch | None,
        progress: Progress,
    ) -> None:
        self._source = source
        self._charter = trust.charter
        self._start, self._size, self._root = old.size, new.size, new.root
        self._old_root = old.root
        self._watch = watch
        self._progress = progress
        self._read = tree_of(source, new.size)
        self._last = bytes(32)
        self._received = 0
        self.cut = False  # whether so much is wrong that the rest was not read

    def read(self) -> list[Problem]:
        """The alarms about what the entries are; ``_Wrong`` where they are not those of the tree."""
        try:
            frontier = self._frontier()
        except Malformed as wrong:
            raise _Wrong("monitor.tile", "tiles", wrong.detail) from None
        alarms: list[Problem] = []
        bad = 0
        for number in range(self._start // WIDTH, -(-self._size // WIDTH)):
            first = number * WIDTH
            for index, data in enumerate(self._bundle(number), first):
                if index < self._start:
                    continue
                leaf = leaf_hash(data)
                frontier.append(leaf)
                self._placed(index, leaf)
                found = self._looked(index, leaf, data)
                bad += sum(alarm.code == "monitor.entry" for alarm in found)
                if len(alarms) < MOST:
                    alarms += found
                self._last = leaf
            if bad >= MOST:  # who signs any size may have entries without end
                self.cut = True
                return alarms
            if frontier.size < self._size:
                if (number + 1) % EVERY == 0:
                    self._belongs(frontier)
                self._progress(frontier.size - self._start, self._size - self._start)
        if frontier.root() != self._root:
            raise _Wrong("monitor.tile", "tiles", "The tiles and entries do not lead to the signed root.")
        return alarms

    def _frontier(self) -> Frontier:
        """That of the last checkpoint, whose root shows that the hashes are right."""
        hashes, at = [], 0
        for level in reversed(range(self._start.bit_length())):
            if self._start >> level & 1:
                hashes.append(self._read(level, at >> level))
                at += 1 << level
        frontier = Frontier.from_hashes(self._start, hashes)
        if frontier.root() != self._old_root:
            raise Malformed("tile.width", detail="The tiles do not lead to the last checkpoint's root.")
        if self._start:
            self._last = self._read(0, self._start - 1)
        return frontier

    def _belongs(self, frontier: Frontier) -> None:
        """What was read so far is the beginning of the signed tree: a log that serves anything, without end,
        is found out at once."""
        size = frontier.size
        try:
            proof = consistency_proof(size, self._size, self._read)
            check_consistency(size, self._size, frontier.root(), self._root, proof)
        except Malformed as wrong:
            raise _Wrong("monitor.tile", "tiles", wrong.detail) from None

    def _bundle(self, number: int) -> list[bytes]:
        width = min(WIDTH, self._size - number * WIDTH)
        try:
            return read_bundle(self._source, number, width)
        except Malformed as wrong:
            raise _Wrong("monitor.entry", f"bundle {number}", wrong.detail) from None

    def _placed(self, index: int, leaf: bytes) -> None:
        """The entry is the leaf of its place in the tiles; and entry 0 is the charter."""
        try:
            same = self._read(0, index) == leaf
        except Malformed as wrong:
            raise _Wrong("monitor.tile", "tiles", wrong.detail) from None
        if not same:
            raise _Wrong("monitor.entry", f"entry {index}", "It is not the leaf of its place in the tree.")
        if index == 0 and leaf != self._charter:
            raise _Wrong("monitor.charter", "entry 0", "")

    def _looked(self, index: int, leaf: bytes, data: bytes) -> list[Problem]:
        """The entry has the form and the chain that every honest entry has; and what it says to a watcher."""
        try:
            found = entry.decode(data)
            if found.index != index or found.prev != self._last or found.received < self._received:
                detail = "Its index, its link to the entry before or its time of receipt is wrong."
                return [problem("monitor.entry", f"entry {index}", detail)]
            self._received = found.received
            payload = statement.parse(found.statement).payload
            return self._watch.look(index, leaf, payload) if self._watch else []
        except Malformed as wrong:
            return [problem("monitor.entry", f"entry {index}", wrong.detail)]
