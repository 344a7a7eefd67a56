"""Ledgers that grow and part, and a monitor that looks when it is told to."""

from ledger.folder import Ledger
from ledger.monitoring.follow import Round, follow
from ledger.monitoring.source import HttpSource
from ledger.monitoring.state import State
from ledger.monitoring.watch import Watch
from ledger.trust import Trust
from tests.api.serving import ledger_of
from tests.monitor.proxy import Proxy
from tests.world import PARTY, REGISTRAR, World

NOW = 1_900_000_000_000


def grow(world: World, count: int, prefix: str = "p") -> None:
    """So many entries."""
    made = {"type": "party", "party": REGISTRAR, "country": "CA", "roles": ["miner"]}
    names = [f"{prefix}{world.store.head().size + n}" for n in range(count)]
    events = [world.event(made | {"subject": PARTY + n, "name": n, "prefixes": [f"urn:{n}:"]}) for n in names]
    assert not world.log.post([world.sign(event) for event in events]).problems


def size_of(world: World) -> int:
    """How many entries it has."""
    return world.store.head().size


def other_history(more: int) -> World:
    """Another ledger by the same keys, with the same charter and so many entries more."""
    other = World()
    grow(other, more, "q")
    other.publish()
    return other


def shown(world: World) -> Ledger:
    """A world's ledger, to be served: it is published by the tests alone."""
    ledger = ledger_of(world)
    ledger.publish = lambda: world.store.checkpoint() or ""
    return ledger


class Eyes:
    """A monitor that looks when it is told to."""

    def __init__(self, proxy: Proxy, trust: Trust, watch: Watch | None = None, stall: int | None = None):
        self.source = HttpSource(proxy.url)
        self.trust, self.watch, self.stall = trust, watch, stall
        self.state: State | None = None
        self.now = NOW
        self.last = Round(None)

    def look(self) -> list[str]:
        """The codes of the alarms."""
        self.last = follow(self.source, self.trust, self.state, self.now, watch=self.watch, stall=self.stall)
        self.state = self.last.state
        return [alarm.code for alarm in self.last.alarms]

    @property
    def size(self) -> int:
        """Entries of the checkpoint that it remembers."""
        return self.state.checkpoint.size if self.state else 0
