"""Ledgers of a given size and shape to ask questions of, built once and kept in a cache directory."""

import hashlib
import json
import sys
import time
from collections import deque
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ledger import note
from ledger.log import Log
from ledger.merkle import leaf_hash
from ledger.publisher import Publisher
from ledger.store.guard import MemoryGuard
from ledger.store.schema import MIGRATIONS
from ledger.store.sqlite import FILE, SqliteStore
from ledger.trust import NONE, Trust
from ledger.trust import Log as TrustedLog
from tests.benchmarks import trade
from tests.benchmarks.admission import now
from tests.benchmarks.network import NAME, OPERATOR
from tests.benchmarks.trade import Shape

GROUP = 4_096  # events posted at once
TOLD = 100_000  # events between two lines on standard error
ABOUT = "about.json"
LATE = 20_000  # hoods remembered, the latest


class Built(NamedTuple):
    """A ledger on disk. ``late``: ids of its latest hoods; ``stated``: bytes of all its statements."""

    folder: Path
    events: int
    shape: Shape
    stated: int
    late: list[str]

    @property
    def title(self) -> str:
        """Its size and shape in words."""
        return f"{self.events:,} events, {self.shape}"

    @property
    def stored(self) -> int:
        """Bytes on disk."""
        return (self.folder / FILE).stat().st_size


def ledger(cache: Path, events: int, shape: Shape) -> Built:
    """The ledger out of the cache, or built now (and told on standard error)."""
    folder = cache / f"{events}-{shape}"
    made_by = hashlib.sha256(Path(trade.__file__).read_bytes() + bytes([len(MIGRATIONS)])).hexdigest()
    about = folder / ABOUT
    if about.exists():
        known = json.loads(about.read_text())
        if known["made_by"] == made_by:
            return Built(folder, events, shape, known["stated"], known["late"])
        (folder / FILE).unlink()
        about.unlink()
    elif (folder / FILE).exists():
        (folder / FILE).unlink()  # a build that was cut short
    stated, late = _build(folder, events, shape)
    about.write_text(json.dumps({"made_by": made_by, "stated": stated, "late": late}))
    return Built(folder, events, shape, stated, late)


def trust(store: SqliteStore) -> Trust:
    """The trust file of a benchmark's ledger."""
    operator = note.verifier(NAME, note.ED25519, OPERATOR.public.raw)
    return Trust((TrustedLog(operator),), (), (), NONE, leaf_hash(store.entries_at([0])[0]))


def _build(folder: Path, events: int, shape: Shape) -> tuple[int, list[str]]:
    store = SqliteStore(folder, create=True)
    log = Log(store, now)
    stream = islice(trade.statements(shape), events)
    late: deque[str] = deque(maxlen=min(LATE, events // 10))
    stated, done, start = 0, 0, time.monotonic()
    while group := list(islice(stream, GROUP)):
        posted = log.post([one.text for one in group])
        assert not posted.problems, posted.problems[0]
        stated += sum(len(one.text) for one in group)
        done += len(group)
        late += [one.hood for one in group if one.hood]
        if done % TOLD < GROUP:
            seconds = time.monotonic() - start
            print(f"building {folder.name}: {done:,} of {events:,}, {seconds:.0f} s", file=sys.stderr)
    Publisher(log, MemoryGuard(), OPERATOR, NAME).publish()
    log.close()
    return stated, list(late)
