"""A ledger as it is served: through the app alone, or over a real connection."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from api.app import create_app
from api.serve import listen, server
from ledger.folder import Ledger
from ledger.publisher import Guard, Publisher
from ledger.store.guard import MemoryGuard
from ledger.witness.collect import Collector
from tests.world import World


def ledger_of(world: World, guard: Guard | None = None, asked: Collector | None = None) -> Ledger:
    """A world's ledger, as the faces take it."""
    publisher = Publisher(world.log, guard or MemoryGuard(), world.operator, world.name, asked)
    return Ledger(Path(), world.log, world.name, world.charter_leaf, publisher, asked)


@contextmanager
def served(ledger: Ledger, interval: float = 3600) -> Iterator[httpx.Client]:
    """A client of a real server on a free port of this machine; the server stops gracefully at the end."""
    running = server(create_app(ledger, interval))
    with listen(port=0) as bound:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", timeout=30) as client:
                yield client
        finally:
            running.should_exit = True
            thread.join()


class App:
    """The app without a connection: each request runs to its end in an event loop of its own."""

    def __init__(self, ledger: Ledger) -> None:
        self.app = create_app(ledger, 3600)

    def request(self, method: str, url: str, **given: Any) -> httpx.Response:
        """One request; what the app raises is answered as the server would."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://ledger") as client:
                return await client.request(method, url, **given)

        return asyncio.run(ask())

    def get(self, url: str, **params: Any) -> httpx.Response:
        """GET with these parameters."""
        return self.request("GET", url, params=params)

    def post(self, statements: Any, **params: Any) -> httpx.Response:
        """POST /events with these statements."""
        return self.request("POST", "/events", json=statements, params=params)
