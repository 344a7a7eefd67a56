"""The maker of roots in a process of its own, beside a writer.

Folding is computing: in the writer's process it would take turns with the writer at the interpreter lock.
The process opens the same file, reads and writes there itself, and is told what to do in a few octets. It
asks for a turn before it writes, since a writer that never rests would leave it none.

Few records are folded here: a process takes longer to start than a thousand of them.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

from ledger.errors import EnvironmentFault, StorageError
from ledger.process import Process, answering, give, take
from ledger.rooting import Root, Rooting, Turn
from ledger.store import Store

MANY = 10_000  # entries folded before a process is started
# Seconds until a process that has not answered is killed: one that hangs must not keep the writer's lock.
PATIENCE = {"fold": 1_800.0}
ELSE = 60.0  # the same of what is asked while others wait


class Aside:
    """A ``Maker`` in this process for the first entries, then in another. ``command``: what the interpreter
    runs there, which calls ``answer``, and its arguments. If that process ends, it goes on here."""

    def __init__(self, store: Store, command: Sequence[str], turn: Turn = nullcontext) -> None:
        self._store = store
        self._command = command
        self._turn = turn
        self._here: Rooting | None = None
        self._there: _Process | None = None
        self._begun = store.map().size

    def fold(self) -> int:
        """See ``Maker``."""
        if self._there is None and self._store.head().size - self._begun >= MANY:
            with suppress(OSError):  # where none can be had, all is folded here
                self._there = _Process(self._command)
                self._here = None
        return int(self._ask("fold"))

    def root(self, size: int) -> Root | None:
        """See ``Maker``."""
        found = self._ask("root", size)
        return None if found is None else Root(*found)

    def keep(self, checkpoint: str, size: int) -> bool:
        """See ``Maker``."""
        return bool(self._ask("keep", checkpoint, size))

    def tidy(self) -> None:
        """See ``Maker``."""
        self._ask("tidy")

    def close(self) -> None:
        """See ``Maker``."""
        if self._there is not None:
            self._there.close(ELSE)
            self._there = None

    def _ask(self, what: str, *given: Any) -> Any:
        if self._there is not None and self._there.midway:  # an exception cut a question short
            self.close()
        if self._there is not None:
            try:
                with self._there.within(PATIENCE.get(what, ELSE)):
                    return self._there.ask(what, given, self._turn)
            except (OSError, EOFError):  # it died, or never came up
                self.close()
                self._begun = self._store.head().size
                if what == "keep":
                    return False  # whether it was kept or not: asking again settles it
        if self._here is None:
            self._here = Rooting(self._store, self._turn)
        return getattr(self._here, what)(*given)


class _Process(Process):
    """The other process."""

    midway = False  # whether it waits for something, or owes an answer

    def ask(self, what: str, given: Sequence[Any], turn: Turn) -> Any:
        """The answer; ``OSError`` or ``EOFError`` if the process is no more."""
        self.midway = True
        self.send((what, *given))
        while True:
            kind, *answer = self.receive()
            if kind == "turn":
                with turn():
                    self.send("go")
                    self.receive()
                continue
            self.midway = False
            if kind == "fault":
                raise StorageError(*answer)
            return answer[0]


def answer(open_store: Callable[[], Store]) -> None:
    """What the other process does."""
    gc.disable()  # no cycles are made here, and looking for them takes as long as folding
    with answering():
        store: Store | None = None
        maker: Rooting | None = None
        while True:
            what, *given = take()
            try:
                if maker is None:
                    store = store or open_store()
                    maker = Rooting(store, _turn)
                found = getattr(maker, what)(*given)
                give(("done", tuple(found) if isinstance(found, Root) else found))
            except EnvironmentFault as fault:
                give(("fault", fault.code, fault.path, fault.detail))


@contextmanager
def _turn() -> Iterator[None]:
    give(("turn",))
    take()
    try:
        yield
    finally:
        give("rest")
