"""A server between a monitor and the ledgers it is shown: it forwards, and changes what it is told to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

Answer = tuple[int, bytes]


class Proxy:
    """``upstream``: whom it forwards to. ``alter``: gets path, status and body, gives status and body."""

    def __init__(self, url: str, upstream: httpx.Client) -> None:
        self.url = url
        self.upstream = upstream
        self.paths: list[str] = []
        self.alter: Callable[[str, int, bytes], Answer] = lambda path, status, body: (status, body)

    def answer(self, path: str) -> Answer:
        """What is answered to GET."""
        self.paths.append(path)
        found = self.upstream.get(path)
        return self.alter(path, found.status_code, found.content)


@contextmanager
def before(upstream: httpx.Client) -> Iterator[Proxy]:
    """A proxy before a ledger that is served."""
    proxy = Proxy("", upstream)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = proxy.answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
