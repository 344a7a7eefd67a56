"""Collecting cosignatures: all witnesses are asked at once, and the quorum's answers suffice.

Who is asked, and who must have answered, stands in ``witnesses.policy`` in the ledger's folder: C2SP
tlog-policy text, with the witnesses' URLs. A whole trust file serves too, if it has the URLs.

Each URL has at most one request under way. A witness that is slower than the quorum goes on in the
background; the newest checkpoint is what it is asked for next. So a witness that hangs costs one thread,
and nobody's time but its own.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import monotonic
from typing import NamedTuple

from ledger import b64, note
from ledger.errors import Malformed, OrelineError, WitnessError
from ledger.exchange import is_url
from ledger.merkle import HASH_BYTES
from ledger.note import Verifier
from ledger.trust import NONE, Trust, Witness
from ledger.witness.client import Answer, Prove, add_checkpoint

SECONDS = 5.0  # that a checkpoint waits for its quorum
NOT_YET = "no answer in time"
NO_URL = "the policy names no URL"


class WitnessState(NamedTuple):
    """What is known of a witness. Times in ms since the epoch; None: never, or not since the start.

    ``size``: entries of the last checkpoint that it cosigned. ``behind``: ms since it was first asked for
    a checkpoint that it has not cosigned, 0 where there is none. ``error``: why the last request brought
    no cosignature, "" where it did.
    """

    name: str
    size: int
    cosigned: int | None
    contact: int | None
    behind: int
    error: str


def parse_policy(text: str, log: Verifier) -> Trust:
    """The policy of ``witnesses.policy`` for this log; ``Malformed("trust.…")``.

    The lines ``log`` and ``charter`` may be absent. Where keys of a log are named, this one must be among
    them.
    """
    items = {line.split()[0] for line in text.split("\n") if line.split()}
    if "log" not in items:
        text += f"log {note.format_vkey(log)}\n"
    if "charter" not in items:
        text += f"charter {b64.encode_std(bytes(HASH_BYTES))}\n"  # nobody looks at it here
    policy = Trust.parse(text)
    if log not in [listed.key for listed in policy.logs]:
        raise Malformed("trust.log", detail="The policy names logs, and not this one with its present key.")
    for witness in policy.witnesses:
        if witness.url and not is_url(witness.url):
            raise Malformed("trust.line", detail=f"{witness.url} does not begin with http:// or https://")
    return policy


class Collector:
    """Asks the witnesses of a policy. ``clock``: ms since the epoch. ``published``: a checkpoint of before;
    whoever cosigned it need not be asked for its size. Safe for many threads."""

    def __init__(
        self,
        policy: Trust,
        clock: Callable[[], int],
        published: str | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self.policy = policy
        self._seconds = seconds
        self._turn = threading.Lock()
        urls = dict.fromkeys(witness.url for witness in policy.witnesses if witness.url)
        self._endpoints = [
            _Endpoint(url, [w for w in policy.witnesses if w.url == url], clock, seconds) for url in urls
        ]
        self._mute = [_Memory(w, clock) for w in policy.witnesses if not w.url]
        self._recalled: str | None = None
        if published is not None:
            self.recall(published)

    def collect(self, checkpoint: str, prove: Prove) -> str:
        """The signed checkpoint with the cosignatures of its quorum, as soon as they are there.

        ``prove(old, new)``: the consistency proof (RFC 9162, 2.1.4) between two sizes of the log; it is
        called in other threads, perhaps after this has returned. ``WitnessError("witness.quorum")``
        with each witness's reason.
        """
        with self._turn:
            free = self.policy.quorum == NONE
            if not free and self.reached(checkpoint):
                return checkpoint
            answers: SimpleQueue[tuple[_Endpoint, Answer]] = SimpleQueue()
            for endpoint in self._endpoints:
                endpoint.ask(_Job(checkpoint, prove, answers))
            return checkpoint if free else self._gathered(checkpoint, answers)

    def reached(self, checkpoint: str) -> bool:
        """Whether the signed checkpoint has its quorum."""
        try:
            self.policy.check(checkpoint)
        except Malformed as fault:
            if fault.code != "trust.quorum":
                raise
            return False
        return True

    def recall(self, published: str) -> None:
        """Learn from a published checkpoint, which another process may have collected, who cosigned it."""
        if published != self._recalled:
            for memory in self._memories():
                memory.recall(published)
            self._recalled = published

    def states(self) -> tuple[WitnessState, ...]:
        """What is known of each witness, in the policy's order."""
        known = {memory.witness.name: memory.state() for memory in self._memories()}
        return tuple(known[witness.name] for witness in self.policy.witnesses)

    def _memories(self) -> "list[_Memory]":
        return [*self._mute, *(memory for endpoint in self._endpoints for memory in endpoint.memories)]

    def _gathered(self, checkpoint: str, answers: "SimpleQueue[tuple[_Endpoint, Answer]]") -> str:
        deadline = monotonic() + self._seconds
        reasons = {witness.name: NOT_YET if witness.url else NO_URL for witness in self.policy.witnesses}
        for _ in self._endpoints:
            try:
                endpoint, answer = answers.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                break
            checkpoint += "".join(answer.lines.values())
            if answer.lines and self.reached(checkpoint):
                return checkpoint
            for memory in endpoint.memories:
                reasons[memory.witness.name] = "" if memory.witness.key in answer.lines else answer.reason
        told = "; ".join(f"{name}: {reason}" for name, reason in reasons.items() if reason)
        raise WitnessError("witness.quorum", detail=told)


class _Job(NamedTuple):
    checkpoint: str
    prove: Prove
    answers: "SimpleQueue[tuple[_Endpoint, Answer]]"


class _Memory:
    """What is known of one witness."""

    def __init__(self, witness: Witness, clock: Callable[[], int]) -> None:
        self.witness = witness
        self._clock = clock
        self.size = 0
        self._cosigned: int | None = None
        self._contact: int | None = None
        self._since: int | None = None
        self._asked = 0
        self._error = "" if witness.url else NO_URL

    def recall(self, published: str) -> None:
        """Learn from a published checkpoint that this witness cosigned it, if it did."""
        try:
            opened = note.open_note(published, [self.witness.key])
        except Malformed:
            return
        size = note.parse_checkpoint(opened.text).size
        if size > self.size:
            self.size = size
            self._cosigned = max(signed.timestamp or 0 for signed in opened.signatures) * 1000
            if size >= self._asked:
                self._since, self._error = None, ""

    def asked(self, size: int) -> None:
        """It is asked for a checkpoint of so many entries."""
        self._asked = size
        if self._since is None:
            self._since = self._clock()

    def cosigned(self, size: int) -> None:
        """Its cosignature of a checkpoint came in."""
        self.size, self._error, self._since = size, "", None
        self._cosigned = self._contact = self._clock()

    def failed(self, reason: str, answered: bool) -> None:
        """It gave none."""
        self._error = reason
        if answered:
            self._contact = self._clock()

    def state(self) -> WitnessState:
        behind = self._clock() - self._since if self._since is not None else 0
        return WitnessState(
            self.witness.name, self.size, self._cosigned, self._contact, max(0, behind), self._error
        )


class _Endpoint:
    """A URL, the witnesses whose keys answer there, and the one request that is under way."""

    def __init__(self, url: str, witnesses: list[Witness], clock: Callable[[], int], seconds: float) -> None:
        self.memories = [_Memory(witness, clock) for witness in witnesses]
        self._url = url
        self._seconds = seconds
        self._old: int | None = None  # what it said to have cosigned last
        self._lock = threading.Lock()
        self._next: _Job | None = None
        self._running = False

    def ask(self, job: _Job) -> None:
        """Ask for this next, rather than for what waits already."""
        size = note.checkpoint_of(job.checkpoint).size
        for memory in self.memories:
            memory.asked(size)
        with self._lock:
            self._next = job
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._run, name=f"witness {self._url}", daemon=True).start()

    def _run(self) -> None:
        while job := self._taken():
            job.answers.put((self, self._asked(job)))

    def _taken(self) -> _Job | None:
        with self._lock:
            job, self._next = self._next, None
            self._running = job is not None
            return job

    def _asked(self, job: _Job) -> Answer:
        keys = [memory.witness.key for memory in self.memories]
        old = min(memory.size for memory in self.memories) if self._old is None else self._old
        try:
            answer = add_checkpoint(self._url, job.checkpoint, keys, old, job.prove, self._seconds)
        except OrelineError as fault:  # it was not reached, or the store was closed meanwhile
            answer = Answer({}, None, fault.detail)
            self._remember(job, answer, answered=False)
        else:
            self._remember(job, answer, answered=True)
        return answer

    def _remember(self, job: _Job, answer: Answer, answered: bool) -> None:
        if answer.old is not None:
            self._old = answer.old
        size = note.checkpoint_of(job.checkpoint).size
        for memory in self.memories:
            if memory.witness.key in answer.lines:
                memory.cosigned(size)
            else:
                memory.failed(answer.reason, answered)
