"""A judge that replays: what a ``Witness`` asks before it cosigns, answered from a mirror.

The mirror has one thread of its own. A request waits for it some seconds; if the replay needs longer, it
goes on after the request was answered with ``witness.behind``, and the next one finds it done. Besides, the
log is looked at now and then, so that little is left to do when it asks.
"""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from ledger import note
from ledger.errors import EnvironmentFault, OrelineError, WitnessError
from ledger.note import Checkpoint
from ledger.quantity import format_instant
from ledger.witness.mirror import Mirror

SECONDS = 10.0  # that a request waits
MOST = 8  # checkpoints that wait for the mirror


class ReplayingJudge:
    """The judge over a mirror. Safe for many threads. ``clock``: ms since the epoch. ``tell`` is given what
    is new to tell the witness's operator: a code and a sentence."""

    def __init__(
        self,
        mirror: Mirror,
        clock: Callable[[], int],
        tell: Callable[[str, str], None] = lambda code, sentence: None,
        seconds: float = SECONDS,
    ) -> None:
        self._mirror = mirror
        self._clock = clock
        self._tell = tell
        self._seconds = seconds
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="mirror")
        self._asked: dict[str, Future[Checkpoint]] = {}
        self._wrong: tuple[str, str] | None = None
        self._judged: int | None = None
        self._end = Event()
        self._looking: Thread | None = None

    def __call__(self, checkpoint: Checkpoint, signed: str, last: Checkpoint | None) -> None:
        """See ``ledger.witness.witness.Judge``."""
        with self._lock:
            waiting = self._asked.get(signed)
            if waiting is None:
                if len(self._asked) >= MOST:
                    raise WitnessError("witness.behind")
                waiting = self._asked[signed] = self._worker.submit(self._judge, signed)
        try:
            waiting.result(self._seconds)
        except TimeoutError:
            raise WitnessError("witness.behind") from None

    def inconsistent(self, signed: str, last: str) -> None:
        """What a ``Witness`` reports: if these are two histories, that is shown and told, now or when the log
        is looked at next. Raises ``Malformed("witness.refused")``."""
        with suppress(EnvironmentFault):
            self(note.checkpoint_of(signed), signed, None)

    def follow(self, seconds: float) -> None:
        """Look at the log now, and each time that so many seconds have passed."""

        def run() -> None:
            while not self._end.is_set():
                self.look()
                self._end.wait(seconds)

        self._looking = Thread(target=run, name="looking", daemon=True)
        self._looking.start()

    def look(self) -> None:
        """Replay what the log has published by now."""
        try:
            self._worker.submit(self._seen, self._mirror.look).result()
        except (OrelineError, RuntimeError, CancelledError):
            return  # it was told; or the end has come

    def state(self) -> dict[str, Any]:
        """How it stands with the log, for ``GET /health``."""
        found = self._mirror.reason()
        wrong = self._wrong
        judged = self._judged
        status = "refusing" if found else "behind" if wrong else "following" if judged else "starting"
        return {
            "status": status,
            "entries": self._mirror.size,
            "judged": None if judged is None else format_instant(judged),
            "refusal": None if found is None else found._asdict(),
            "problem": None if found or not wrong else {"code": wrong[0], "detail": wrong[1]},
        }

    def close(self) -> None:
        """End what is under way; what is not done is gone on with next time."""
        self._end.set()
        self._mirror.stop()
        self._worker.shutdown(cancel_futures=True)
        if self._looking is not None:
            self._looking.join()

    def _judge(self, signed: str) -> Checkpoint:
        try:
            return self._seen(lambda: self._mirror.judge(signed))
        finally:
            with self._lock:
                del self._asked[signed]

    def _seen(self, judge: Callable[[], Checkpoint]) -> Checkpoint:
        """What the mirror says; what is wrong is told once, until something else is."""
        try:
            found = judge()
        except OrelineError as wrong:
            told = wrong.code, wrong.detail
            if told != self._wrong and wrong.code != "witness.stopped":
                self._wrong = told
                self._tell(*told)
            raise
        except Exception as bug:
            self._wrong = "witness.behind", f"{type(bug).__name__}: {bug}"
            raise
        self._wrong = None
        self._judged = self._clock()
        return found
