"""How fast a witness that replays catches up with a ledger, from nothing."""

import resource
import tempfile
import time
from pathlib import Path

from ledger.note import checkpoint_of
from ledger.store.sqlite import SqliteStore
from ledger.tiles import WIDTH
from ledger.witness.mirror import MIRROR, Mirror
from tests.benchmarks import machine
from tests.benchmarks.figures import Figure
from tests.benchmarks.ledgers import Built, trust


class FolderSource:
    """A log as its folder holds it: the network is measured elsewhere."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def checkpoint(self) -> str:
        """See ``ledger.tiles.Source``."""
        return self._store.checkpoint() or ""

    def tile(self, level: int, number: int, width: int) -> bytes:
        """See ``ledger.tiles.Source``."""
        return (self._store.tile(level, number) or b"")[: 32 * width]

    def entries(self, number: int, width: int) -> list[bytes]:
        """See ``ledger.tiles.Source``."""
        return list(self._store.entries(number * WIDTH, number * WIDTH + width))


def replaying(built: Built) -> list[Figure]:
    """Entries per second from an empty mirror to the checkpoint judged, with all kept durably."""
    ceiling = machine.limit()
    log = SqliteStore(built.folder)
    with tempfile.TemporaryDirectory() as name:
        store = SqliteStore(Path(name) / MIRROR, create=True)
        mirror = Mirror(Path(name), store, FolderSource(log), trust(log), lambda: 1 << 62)
        start, cpu, others = time.perf_counter(), time.process_time(), _children()
        size = mirror.look().size
        seconds, cpu, others = time.perf_counter() - start, time.process_time() - cpu, _children() - others
        assert size == mirror.size == checkpoint_of(log.checkpoint() or "").size
        store.close()
    log.close()
    each = f"{cpu / size * 1e6:.0f} + {others / size * 1e6:.0f} µs of processor an entry"
    note = f"{size:,} entries; {each}; limit {ceiling:,.0f}/s"
    title = f"replayed by a witness, {built.title}"
    return [
        Figure(title, size / seconds, "entries/s", "", note),
        Figure(f"{title}, of the limit", size / seconds / ceiling, "", "≥ 0.40"),
    ]


def _children() -> float:
    """Seconds of processor of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
