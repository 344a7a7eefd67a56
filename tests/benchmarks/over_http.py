"""The same over HTTP: a server process, a client process, the loopback between them.

    python -m tests.benchmarks.over_http URL FILE...

is the client: one connection for each file, one request for each line, which is a body signed ahead.
It prints the seconds from the first request to the last answer, and each answer's milliseconds.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ledger.folder import create
from tests.benchmarks import machine
from tests.benchmarks.admission import BATCH, WARM, lanes, now, post
from tests.benchmarks.figures import Figure, spread
from tests.benchmarks.network import OPERATOR
from tests.benchmarks.trade import Shape, Signed

CONNECTIONS = 3
START = 30  # seconds within which the server must answer
ROOT = Path(__file__).parents[2]


def over_http(stream: Sequence[Signed], shape: Shape) -> list[Figure]:
    """Events per second that a served ledger admits, and how long one batch waits for its receipts."""
    ceiling = machine.limit()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(folder, stream[:WARM])
        bodies = []
        for number, batches in enumerate(lanes(stream[WARM:], CONNECTIONS)):
            path = folder / f"bodies-{number}.jsonl"
            path.write_bytes(b"".join(json.dumps(batch).encode() + b"\n" for batch in batches))
            bodies.append(str(path))
        with _server(folder) as url:
            client = [sys.executable, "-m", "tests.benchmarks.over_http", url, *bodies]
            answer = subprocess.run(client, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    measured = json.loads(answer)
    rate = (len(stream) - WARM) / measured["seconds"]
    note = f"{CONNECTIONS} connections, batches of {BATCH}; limit {ceiling:,.0f}/s"
    return [
        Figure(f"admitted over HTTP, {shape}", rate, "events/s", "", note),
        Figure(f"admitted over HTTP, {shape}, of the limit", rate / ceiling, "", "≥ 0.20"),
        *spread(f"batch over HTTP, {shape}, post to receipts", measured["milliseconds"], "ms"),
    ]


def _prepare(folder: Path, stream: Sequence[Signed]) -> None:
    """A ledger's folder that holds the first events."""
    ledger = create(folder / "ledger", stream[0].text, OPERATOR, now, folder / "guard")
    post(ledger.log, lanes(stream[1:], 1)[0])
    ledger.publish()
    ledger.close()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Run ``oreline serve`` until the block ends; its URL."""
    port = 40_000 + os.getpid() % 20_000
    command = [str(Path(sys.executable).parent / "oreline"), "serve", "--ledger", str(folder / "ledger")]
    environment = os.environ | {"ORELINE_GUARD": str(folder / "guard")}
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + START
        while not _answers(port):
            assert server.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(START)
        log.close()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _send(url: str, bodies: Sequence[bytes]) -> list[float]:
    """One connection: post body after body; how long each took."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
    taken = []
    for body in bodies:
        start = time.perf_counter()
        connection.request("POST", "/events", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer[:2000]
        taken.append((time.perf_counter() - start) * 1000)
    connection.close()
    return taken


def client(url: str, files: Sequence[str]) -> str:
    """Send all files at once; what was measured, as JSON."""
    bodies = [Path(name).read_bytes().splitlines() for name in files]
    with ThreadPoolExecutor(len(files)) as threads:
        start = time.perf_counter()
        taken = list(threads.map(_send, [url] * len(files), bodies))
        seconds = time.perf_counter() - start
    return json.dumps({"seconds": seconds, "milliseconds": [one for several in taken for one in several]})


if __name__ == "__main__":
    print(client(sys.argv[1], sys.argv[2:]))
