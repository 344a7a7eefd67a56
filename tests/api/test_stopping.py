"""A server that is stopped, or short of file descriptors: no long wait, and no long log."""

import asyncio
import errno
import logging
import socket

import pytest

from api import bodies, serve
from tests.api.serving import ledger_of, served
from tests.world import World

STALLED = b"POST /events HTTP/1.1\r\nHost: ledger\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"


def stopped_with_a_stalled_body() -> bytes:
    """What is answered to a post whose body does not come, by a server that stops meanwhile."""
    with served(ledger_of(World())) as client:
        stalled = socket.create_connection((client.base_url.host, client.base_url.port or 0))
        stalled.settimeout(30)
        stalled.sendall(STALLED + b"Expect: 100-continue\r\n\r\n")
        assert stalled.recv(64).startswith(b"HTTP/1.1 100 ")  # from here on the body is waited for
    with stalled:
        return stalled.recv(64)


def test_a_stop_waits_for_a_stalled_body_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bodies, "LAST_SECONDS", 0.01)
    monkeypatch.setattr(serve, "GRACE_SECONDS", 10)
    assert stopped_with_a_stalled_body().startswith(b"HTTP/1.1 408 ")
    assert capsys.readouterr().err == ""


def test_what_a_stop_gives_up_leaves_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "GRACE_SECONDS", 0)
    stopped_with_a_stalled_body()
    told = capsys.readouterr().err.splitlines()
    assert [line.partition("Cancel ")[2] for line in told] == [
        "1 running task(s), timeout graceful shutdown exceeded"
    ]


def test_a_shortage_is_told_once_a_minute_and_other_failures_each_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serve.logger, "parent", logging.root)  # past uvicorn's own, which keeps it to itself
    loop = asyncio.new_event_loop()
    now = 1_000.0
    monkeypatch.setattr(loop, "time", lambda: now)
    loop.set_exception_handler(serve._Seldom())
    short = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "full")}
    for _ in range(3):
        loop.call_exception_handler(short)
        loop.call_exception_handler({"message": "something else"})
    now += serve.QUIET_SECONDS
    loop.call_exception_handler(short)
    loop.close()
    told = [record.getMessage() for record in caplog.records]
    assert told.count("No connection can be accepted: full") == 2
    assert told.count("something else") == 3
    assert len(told) == 5
