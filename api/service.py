"""What the routes share: the ledger, its checkpoints, the counters, and the limits on posting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

from anyio import CapacityLimiter
from fastapi import Depends, Request

from api.checkpoints import Checkpoints
from api.metrics import Metrics
from ledger.errors import EnvironmentFault
from ledger.folder import Ledger
from ledger.log import Log
from ledger.store import Store, published

MAX_HELD = 128 * 1024 * 1024  # octets of bodies that are received or judged at one time
WALKERS = 4  # threads that walk graphs and make proofs, which may take long
POSTERS = 8  # threads that post: as many batches can share one commit
T = TypeVar("T")


class Busy(EnvironmentFault):
    """This server holds as much as it may. Raised as ``request.busy``."""


class Service:
    """One ledger as it is served. ``posting`` and ``walking`` keep posts and long reads from taking
    the threads of the short ones."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.checkpoints = Checkpoints(ledger)
        self.metrics = Metrics()
        self.posting = CapacityLimiter(POSTERS)
        self.walking = CapacityLimiter(WALKERS)
        self._held = 0

    @property
    def log(self) -> Log:
        """The only writer."""
        return self.ledger.log

    @property
    def store(self) -> Store:
        """Where the ledger is kept."""
        return self.ledger.store

    def covered(self) -> int:
        """Entries that the published checkpoint covers; 0 where none is published."""
        found = published(self.store)
        return found[1].size if found else 0

    def reading(self, ask: Callable[[Store], T]) -> T:
        """The answer to a question that is put to the store more than once: all of it is of one state."""
        with self.store.snapshot() as still:
            return ask(still)

    @contextmanager
    def holding(self) -> Iterator[Callable[[int], None]]:
        """Counts octets as held, or refuses them, until the end. On the event loop only. What is announced
        and not sent does not count: a few who send nothing would keep everyone out."""
        mine = 0

        def hold(octets: int) -> None:
            nonlocal mine
            if self._held + octets > MAX_HELD:
                raise Busy("request.busy")
            self._held += octets
            mine += octets

        try:
            yield hold
        finally:
            self._held -= mine


def _service(request: Request) -> Service:
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


Serving = Annotated[Service, Depends(_service)]
