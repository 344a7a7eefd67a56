"""A witness: it cosigns a log's checkpoint if that extends the last one of the log that it cosigned.

That is all that C2SP tlog-witness asks, and all that a *plain* witness vouches for: one history, told to
everyone. A ``judge`` may refuse besides: a witness that replays the rules is this one with such a judge.

What is signed never goes back: not to a smaller size, not to another root of the same size. The last
cosigned checkpoint is therefore durable in two places before the cosignature leaves, first in the guard
and then in the state, and the newer of the two counts. Who restores the state from an old copy finds
the guard ahead of it and loses nothing; who loses the guard must say so (``witness.unguarded``).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ledger import note
from ledger.errors import ClockError, GuardError, Malformed
from ledger.merkle import EMPTY_ROOT, check_consistency
from ledger.note import Checkpoint, Signer, Verifier
from ledger.store import Guard
from ledger.witness import state
from ledger.witness.request import Request, decode
from ledger.witness.state import States

PATIENCE = 60  # seconds by which the clock may be behind the last cosignature


class Judge(Protocol):
    """What a witness asks besides consistency."""

    def __call__(self, checkpoint: Checkpoint, signed: str, last: Checkpoint | None) -> None:
        """Return, or raise what keeps the witness from cosigning: ``Malformed`` where the log is at
        fault, ``EnvironmentFault`` where the answer is not known now.

        ``signed``: the note as submitted, with the log's own signatures, which are verified, and no others:
        so whoever repeats a checkpoint under further lines asks nothing new. ``last``: what was cosigned
        last, which the checkpoint extends. May take its time: nothing is locked. Whatever it let pass may not
        be cosigned in the end, because another request was faster.
        """
        ...


class Conflict(Malformed):
    """The request does not start from the checkpoint cosigned last, which has ``size`` leaves."""

    def __init__(self, size: int) -> None:
        super().__init__("witness.conflict", detail=f"The checkpoint cosigned last has {size} leaves.")
        self.size = size


def plain(checkpoint: Checkpoint, signed: str, last: Checkpoint | None) -> None:
    """The judge of a plain witness: it asks for nothing more."""


class Witness:
    """Cosigns for the logs whose keys it knows. Safe for many threads, and for many processes that share
    state and guard. ``clock``: seconds since the epoch. ``guard``: the guard of an origin. ``report`` is
    given a checkpoint that was not shown to extend the one that was cosigned last, and that one: where they
    contradict each other (``contradicts``), they are two statements under the log's signature that cannot
    both be true. What it raises is the answer."""

    def __init__(
        self,
        states: States,
        cosigners: Sequence[Signer],
        logs: Iterable[Verifier],
        clock: Callable[[], int],
        guard: Callable[[str], Guard],
        judge: Judge = plain,
        report: Callable[[str, str], None] = lambda signed, last: None,
    ) -> None:
        self._states = states
        self._cosigners = tuple(cosigners)
        self._clock = clock
        self._guard = guard
        self._judge = judge
        self._report = report
        self._logs: dict[str, list[Verifier]] = defaultdict(list)
        for key in logs:
            self._logs[key.name].append(key)
        self._digests = {state.digest(origin): origin for origin in self._logs}

    @property
    def keys(self) -> tuple[Verifier, ...]:
        """The witness's own keys."""
        return tuple(signer.verifier for signer in self._cosigners)

    @property
    def origins(self) -> tuple[str, ...]:
        """The logs that it knows."""
        return tuple(self._logs)

    def add_checkpoint(self, body: bytes) -> str:
        """The cosignature lines, once what they say is durable.

        Raises ``Malformed``: ``witness.request``, ``note.…``, ``checkpoint.form``, ``witness.origin``,
        ``note.signature`` and ``note.unsigned`` (no known key of the log signed), ``witness.old_size``,
        ``Conflict``, ``witness.inconsistent``, and the judge's; ``EnvironmentFault``: ``witness.store``,
        ``witness.unguarded``, ``witness.forked``, ``witness.clock``, ``guard.…``, and the judge's.
        """
        request = decode(body)
        checkpoint = note.checkpoint_of(request.note)
        if checkpoint.origin not in self._logs:
            raise Malformed("witness.origin")
        known = self._logs[checkpoint.origin]
        text = note.open_note(request.note, known).text
        submitted = f"{text}\n{_lines_of(request.note, known)}"
        if request.old > checkpoint.size:
            raise Malformed("witness.old_size")
        guard = self._guard(checkpoint.origin)
        last = _newest(self._states.read(checkpoint.origin), guard.read())
        try:
            _extends(last, checkpoint, request)
        except Conflict:
            raise
        except Malformed:
            if last is not None:
                self._report(submitted, last)
            raise
        self._judge(checkpoint, submitted, _of(last))
        with self._states.advancing(checkpoint.origin) as slot:
            guarded = guard.read()
            last = _newest(slot.note, guarded)
            _extends(last, checkpoint, request)  # again: another request may have been faster
            time = self._time(last)
            lines = "".join(signer.line(text, time) for signer in self._cosigners)
            signed = submitted + lines
            guard.compare_and_swap(guarded, signed)
            slot.keep(signed)
        return lines

    def checkpoint(self, digest: str) -> str | None:
        """The last checkpoint of the log whose origin has this SHA-256 (lower-case hexadecimal), with the
        log's and the witness's signatures. What was restored from an old copy is not the last: monitors
        compare this with what the log shows to them. Raises as ``add_checkpoint`` does, but ``Malformed``."""
        kept = self._states.find(digest)
        origin = self._digests.get(digest)
        return kept if origin is None else _newest(kept, self._guard(origin).read())

    def adopt(self) -> list[str]:
        """Take the state for the last that was cosigned where there is no guard: after the guard was
        lost, and somebody made sure. The origins for which that was so."""
        adopted = []
        for origin, kept in self._states.all().items():
            guard = self._guard(origin)
            if guard.read() is None:
                guard.compare_and_swap(None, kept)
                adopted.append(origin)
        return adopted

    def _time(self, last: str | None) -> int:
        """The time of the next cosignature: never before the last one's."""
        now, before = self._clock(), _time_of(last, self.keys)
        if now + PATIENCE < before:
            raise ClockError("witness.clock")
        return max(now, before, 1)


def contradicts(signed: str, last: str) -> bool:
    """Whether two signed checkpoints of one log have one size and two roots."""
    return _contradicts(note.checkpoint_of(signed), note.checkpoint_of(last))


def _newest(kept: str | None, guarded: str | None) -> str | None:
    """The last cosigned checkpoint, of the two places where it is kept."""
    if kept is None or guarded is None:
        if kept is not None:
            raise GuardError("witness.unguarded")
        return guarded
    ours, theirs = note.checkpoint_of(kept), note.checkpoint_of(guarded)
    if _contradicts(ours, theirs):
        raise GuardError("witness.forked")
    return kept if ours.size > theirs.size else guarded


def _extends(last: str | None, checkpoint: Checkpoint, request: Request) -> None:
    """Whether the request proves that its checkpoint extends the last one; in C2SP's order."""
    before = _of(last) or Checkpoint(checkpoint.origin, 0, EMPTY_ROOT)
    if request.old != before.size:
        raise Conflict(before.size)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise Malformed("witness.inconsistent", detail="The tree of no leaves has one root, and not this.")
    try:
        check_consistency(before.size, checkpoint.size, before.root, checkpoint.root, request.proof)
    except Malformed as wrong:
        raise Malformed("witness.inconsistent", detail=wrong.detail) from wrong


def _contradicts(one: Checkpoint, other: Checkpoint) -> bool:
    return one.size == other.size and one.root != other.root


def _of(last: str | None) -> Checkpoint | None:
    return None if last is None else note.checkpoint_of(last)


def _lines_of(signed: str, known: Sequence[Verifier]) -> str:
    """The signature lines of the log's own keys, each once: no stranger's lines are handed on."""
    wanted = {(key.name, key.key_id): "" for key in known}
    for name, key_id, signature in note.split(signed)[1]:
        if wanted.get((name, key_id)) == "":
            wanted[name, key_id] = note.format_line(name, key_id, signature)
    return "".join(wanted.values())


def _time_of(last: str | None, keys: Sequence[Verifier]) -> int:
    """When the witness last cosigned this log; 0 where it did not, or with other keys."""
    if last is None:
        return 0
    try:
        signatures = note.open_note(last, keys).signatures
    except Malformed:
        return 0
    return max(signature.timestamp or 0 for signature in signatures)
