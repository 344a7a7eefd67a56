"""A witness in a process of its own, as `oreline witness serve` runs it."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests import children
from tests.cli.commands import SCRIPT, environment
from tests.house.tree import ROOT

# A witness like any other, which dies at once after the step that its first argument names: ``state``
# when the checkpoint is in the state, ``guard`` when it is in the guard alone.
DYING = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from api.witness import serve
import cli.witness
from ledger.store.guard import FileGuard
from ledger.witness.state import States

@contextmanager
def advancing(self, origin, wrapped=States.advancing):
    with wrapped(self, origin) as slot:
        yield slot
    os._exit(9)

def compare_and_swap(self, old, new, wrapped=FileGuard.compare_and_swap):
    wrapped(self, old, new)
    os._exit(9)

if sys.argv[1] == "state":
    States.advancing = advancing
else:
    FileGuard.compare_and_swap = compare_and_swap
with cli.witness.opened(Path("w"), ["logs"]) as witness:
    serve(witness, port=0, ready=lambda url: print('{"url": "%s"}' % url, flush=True))
"""


# One that replays, with groups of a bundle each.
CUT = """
import os, sys
from pathlib import Path
from api.witness import serve
import cli.witness
from ledger.store.sqlite import _Writing
from ledger.witness import feed

feed.GROUP = feed.AHEAD = 256
left = int(sys.argv[2])

def commit(self, group, wrapped=_Writing.commit):
    global left
    wrapped(self, group)
    left -= 1
    if not left:
        os._exit(9)

_Writing.commit = commit
with cli.witness.replaying(Path("w"), sys.argv[1], "trust", False) as (witness, judge):
    serve(witness, port=0, ready=lambda url: print('{"url": "%s"}' % url, flush=True), state=judge.state)
"""


@contextmanager
def process(place: Path, *args: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """A client of a witness that is served from ``place/w`` for the logs of ``place/logs``."""
    with _started(place, [str(SCRIPT), "witness", "serve", "w", "--log", "logs", "--listen", "127.0.0.1:0",
                          "--json", *args]) as found:  # fmt: skip
        yield found


@contextmanager
def replaying(
    place: Path, url: str, *args: str, **env: str
) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """The same of one that replays the ledger at the URL, by the trust file ``place/trust``; it looks at the
    log once, and when it is asked."""
    command = [str(SCRIPT), "witness", "replay", "w", "--log", url, "--trust", "trust", "--interval", "1h"]
    with _started(place, [*command, "--listen", "127.0.0.1:0", "--json", *args], **env) as found:
        yield found


@contextmanager
def killed_after(place: Path, url: str, commits: int) -> Iterator[httpx.Client]:
    """The same, which dies at once after so many commits to its mirror."""
    with _started(place, [sys.executable, "-c", CUT, url, str(commits)]) as (client, _):
        yield client


@contextmanager
def dying(place: Path, after: str) -> Iterator[httpx.Client]:
    """The same, which dies after the step."""
    with _started(place, [sys.executable, "-c", DYING, after]) as (client, _):
        yield client


@contextmanager
def _started(
    place: Path, command: list[str], **more: str
) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    env = environment(place, **more) | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    pipe = subprocess.PIPE
    with children.running(command, cwd=place, env=env, stdout=pipe, stderr=pipe, text=True) as running:
        try:
            with httpx.Client(base_url=_url(running), timeout=30) as client:
                yield client, running
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)


def _url(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    text = ""
    while True:
        line = running.stdout.readline()
        assert line, running.communicate()[1]
        text += line
        try:
            answer: dict[str, Any] = json.loads(text)
        except json.JSONDecodeError:
            continue
        return str(answer["url"])


def monitoring(origin: str) -> str:
    """Where a witness shows the last checkpoint of a log."""
    return f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"


def add(client: httpx.Client, request: bytes) -> httpx.Response:
    """Ask for a cosignature."""
    return client.post("/add-checkpoint", content=request)
