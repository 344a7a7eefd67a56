"""Serve an app over HTTP, a ledger's first of all: one process, loopback unless told otherwise, a graceful
stop."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from uvicorn import Config, Server

from api import bodies
from api.app import INTERVAL, create_app
from ledger.errors import EnvironmentFault
from ledger.folder import Ledger

HOST = "127.0.0.1"
PORT = 8117
GRACE_SECONDS = 30  # what is running at a stop may finish
QUIET_SECONDS = 60  # between two words about connections that cannot be accepted
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

logger = logging.getLogger("uvicorn.error")


def listen(host: str = HOST, port: int = PORT) -> socket.socket:
    """A listening socket; port 0 takes any that is free. Raises ``EnvironmentFault("request.address")``.

    What it accepts sends at once: otherwise an answer's last packet waits 40 ms for the acknowledgement of
    the one before, on every connection that is used again (RFC 896 against RFC 1122, 4.2.3.2)."""
    try:
        if not 0 <= port < 2**16:
            raise OverflowError("no such port")
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.create_server(address, family=family, backlog=2048)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted ones inherit it
        return bound
    except (OSError, OverflowError, UnicodeError) as error:
        said = str(getattr(error, "strerror", None) or error).partition(" (while")[0]
        raise EnvironmentFault("request.address", detail=f"{host} port {port}: {said}") from error


class _Server(Server):
    """Uvicorn's, but that a stop waits less for bodies than for answers, and that neither a stop nor a
    shortage fills the log."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        logger.addFilter(_in_short)
        asyncio.get_running_loop().set_exception_handler(_Seldom())
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        bodies.hurry()
        await super().shutdown(sockets)


def _in_short(record: logging.LogRecord) -> bool:
    """What is no bug has no traceback: an answer that was broken off where the ledger could not be read on
    has a line, and a request that a stop did not wait for none, since uvicorn says how many those are."""
    error = record.exc_info[1] if record.exc_info else None
    cause = error.__cause__ if error else None
    if isinstance(cause, EnvironmentFault):
        record.msg, record.args, record.exc_info = "An answer was broken off: %s", (cause,), None
    return not isinstance(error, asyncio.CancelledError)


class _Seldom:
    """Tells of what fails in asyncio. Without a free file descriptor it fails to accept thousands of times a
    second: that is told once in ``QUIET_SECONDS``."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in EXHAUSTED:
            loop.default_exception_handler(context)
        elif loop.time() >= self._next:
            self._next = loop.time() + QUIET_SECONDS
            logger.error("No connection can be accepted: %s", error.strerror)


def server(app: FastAPI) -> Server:
    """A server of an app, to be run with a socket. ``should_exit = True`` stops it gracefully."""
    return _Server(
        Config(
            app,
            lifespan="on",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def run(app: FastAPI, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; then finish what is running. ``ready`` is called with the URL once the
    socket listens."""
    with listen(host, port) as bound:
        name, number = bound.getsockname()[:2]
        ready(f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}")
        server(app).run(sockets=[bound])


def serve(
    ledger: Ledger,
    host: str = HOST,
    port: int = PORT,
    interval: float = INTERVAL,
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """``run`` a ledger's app, and sign the last checkpoint at its end. The ledger stays the caller's to
    close."""
    run(create_app(ledger, interval), host, port, ready)
