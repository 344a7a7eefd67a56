"""How many individually signed events the log admits per second, durably, and how fast an audit is."""

import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from ledger.audit import audit
from ledger.folder import create
from ledger.log import Log
from ledger.store.sqlite import SqliteStore
from tests.benchmarks import machine, trade
from tests.benchmarks.figures import Figure
from tests.benchmarks.network import OPERATOR
from tests.benchmarks.trade import Shape, Signed

BATCH = 256
WARM = 10_000  # events posted before the clock is started: its processes then check signatures
EVERY = 1.0  # seconds between two checkpoints, each with the register's root: as a ledger is served


def now() -> int:
    """The clock, in ms."""
    return time.time_ns() // 1_000_000


def signed(count: int, shape: Shape) -> list[Signed]:
    """The first events of a trade, with as many as warm the ledger up."""
    return list(islice(trade.statements(shape), WARM + count))


def lanes(stream: Sequence[Signed], posters: int) -> list[list[list[str]]]:
    """For each poster its batches. Lanes stay together, so no poster's event waits for another's."""
    queues: list[list[str]] = [[] for _ in range(posters)]
    for one in stream:
        queues[one.lane % posters].append(one.text)
    return [[queue[at : at + BATCH] for at in range(0, len(queue), BATCH)] for queue in queues]


def post(log: Log, batches: Sequence[Sequence[str]]) -> None:
    """Post batch after batch; all of it must be admitted."""
    for batch in batches:
        posted = log.post(batch)
        assert not posted.problems, posted.problems[0]


def admission(stream: Sequence[Signed], posters: int, shape: Shape) -> list[Figure]:
    """Events per second through ``Log.post`` into SQLite, ``synchronous=FULL``; then an audit of them."""
    ceiling = machine.limit()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder), create=True)
        log = Log(store, now)
        post(log, lanes(stream[:WARM], 1)[0])
        rest = lanes(stream[WARM:], posters)
        with ThreadPoolExecutor(posters) as threads:
            start, cpu = time.perf_counter(), time.process_time()
            list(threads.map(post, [log] * posters, rest))
            seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        count = len(stream) - WARM
        title = f"admitted, {shape}, {posters} poster{'s' * (posters > 1)}"
        note = f"batches of {BATCH}; {cpu / count * 1e6:.0f} µs of processor an event; limit {ceiling:,.0f}/s"
        figures = [
            Figure(title, count / seconds, "events/s", "", note),
            Figure(f"{title}, of the limit", count / seconds / ceiling, "", "≥ 0.30"),
        ]
        if posters == 1:
            figures += audited(store, shape)
        log.close()
    return figures


def rooted(stream: Sequence[Signed], posters: int, shape: Shape) -> list[Figure]:
    """The same while every second a checkpoint is published, with the register's root: its map is folded by a
    process of its own, on the same cores."""
    ceiling = machine.limit()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = create(folder / "ledger", stream[0].text, OPERATOR, now, folder / "guard")
        post(ledger.log, lanes(stream[1:WARM], 1)[0])
        ledger.publish()
        rest = lanes(stream[WARM:], posters)
        done, published = threading.Event(), 0

        def publish() -> None:
            nonlocal published
            while not done.wait(EVERY):
                ledger.publish()
                published += not done.is_set()

        with ThreadPoolExecutor(posters + 1) as threads:
            start, publishing = time.perf_counter(), threads.submit(publish)
            try:
                list(threads.map(post, [ledger.log] * posters, rest))
                seconds = time.perf_counter() - start
            finally:
                done.set()
            publishing.result()
        ledger.close()
    rate = (len(stream) - WARM) / seconds
    title = f"admitted with the root on, {shape}, {posters} poster{'s' * (posters > 1)}"
    note = f"batches of {BATCH}; roots published: {published} in {seconds:.1f} s; limit {ceiling:,.0f}/s"
    return [
        Figure(title, rate, "events/s", "", note),
        Figure(f"{title}, of the limit", rate / ceiling, "", "≥ 0.25"),
    ]


def audited(store: SqliteStore, of: str) -> list[Figure]:
    """Events per second of a whole audit."""
    ceiling = machine.limit()
    start = time.perf_counter()
    report = audit(store)
    seconds = time.perf_counter() - start
    assert report.ok, report.differences
    title = f"audited, {of}"
    note = f"{report.entries:,} events; limit {ceiling:,.0f}/s"
    return [
        Figure(title, report.entries / seconds, "events/s", "", note),
        Figure(f"{title}, of the limit", report.entries / seconds / ceiling, "", "≥ 0.40"),
    ]
