"""A witness that replays, over a ledger that is really served, with a proxy in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledger import note
from ledger.errors import OrelineError
from ledger.keys import PrivateKey
from ledger.monitoring.source import HttpSource
from ledger.store import Store
from ledger.store.guard import MemoryGuard
from ledger.store.sqlite import SqliteStore
from ledger.trust import Trust
from ledger.witness import folder
from ledger.witness.judge import ReplayingJudge
from ledger.witness.mirror import MIRROR, Mirror
from ledger.witness.state import States
from ledger.witness.witness import Witness
from tests.api.serving import served
from tests.monitor.histories import shown
from tests.monitor.proxy import Proxy, before
from tests.witness.liar import request
from tests.world import World, private_key

NOW = 1_900_000_000_000


class Replayer:
    """The witness in ``place``; it looks at the log when it is told to."""

    def __init__(self, place: Path, url: str, trust: Trust, key: PrivateKey | None = None, **given: Any):
        self.place = place
        self.told: list[tuple[str, str]] = []
        if not (place / folder.VKEYS).exists():
            folder.create(place, "replayer.example/w", [key or private_key("replayer")])
            (place / MIRROR).mkdir(exist_ok=True)
        self.store: Store = given.pop("store", None) or SqliteStore(place / MIRROR, create=True)
        self.now = NOW
        self.mirror = Mirror(place, self.store, HttpSource(url), trust, lambda: self.now)
        self.judge = ReplayingJudge(self.mirror, lambda: NOW, lambda *told: self.told.append(told), **given)
        self._states = States(place)
        self._guard = MemoryGuard()
        keys = [log.key for log in trust.logs]
        self.witness = Witness(
            self._states,
            folder.load(place),
            keys,
            lambda: NOW // 1000,
            lambda origin: self._guard,
            self.judge,
            self.judge.inconsistent,
        )

    def ask(self, world: World, signed: str, old: int = 0) -> str:
        """What it says to a checkpoint: "" where it cosigned, else the code."""
        try:
            lines = self.witness.add_checkpoint(request(world, signed, old))
        except OrelineError as wrong:
            return wrong.code
        assert note.open_note(signed + lines, self.witness.keys).signatures
        return ""

    def look(self) -> str:
        """Look at the log; what is wrong: a code, or ""."""
        before = len(self.told)
        self.judge.look()
        return self.told[-1][0] if len(self.told) > before else ""

    @property
    def evidence(self) -> list[Path]:
        """The evidence files."""
        return sorted((self.place / "evidence").glob("*")) if (self.place / "evidence").exists() else []

    def close(self) -> None:
        """End it."""
        self.judge.close()
        self._states.close()
        self.store.close()


@contextmanager
def replaying(place: Path, proxy: Proxy, trust: Trust, **given: Any) -> Iterator[Replayer]:
    """A witness for as long as the block."""
    found = Replayer(place, proxy.url, trust, **given)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def serving(world: World) -> Iterator[Proxy]:
    """The world's ledger, really served, behind a proxy."""
    with served(shown(world)) as client, before(client) as proxy:
        yield proxy
