"""Serve an app over HTTP, a ledger's first of all: one process, loopback unless told otherwise, a graceful
stop."""

import socket
from collections.abc import Callable

from fastapi import FastAPI
from uvicorn import Config, Server

from api.app import INTERVAL, create_app
from ledger.errors import EnvironmentFault
from ledger.folder import Ledger

HOST = "127.0.0.1"
PORT = 8117
GRACE_SECONDS = 30  # what is running at a stop may finish


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


def server(app: FastAPI) -> Server:
    """A server of an app, to be run with a socket. ``should_exit = True`` stops it gracefully."""
    return Server(
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
