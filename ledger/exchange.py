"""One HTTP request with nothing but the standard library, bounded in time and in what it reads.

For those who ask other machines: the log its witnesses, a monitor the log. What they answer is believed
by nobody here; this only brings it.
"""

import http.client
import io
import socket
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from ledger.errors import EnvironmentFault

CHUNK = 65_536


class _Incoming(io.RawIOBase):
    """What a socket receives, up to a moment: a peer that sends one octet now and then gains no time."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Timed:
    """The part of a socket that ``HTTPResponse`` uses. Its time-out is that of the whole answer."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._deadline = monotonic() + (sock.gettimeout() or 0)

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(_Incoming(self._sock, self._deadline))


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **more: Any) -> None:
        super().__init__(_Timed(sock), *args, **more)  # type: ignore[arg-type]


class _Http(http.client.HTTPConnection):
    response_class = _Response


class _Https(http.client.HTTPSConnection):
    response_class = _Response


class _Plain(HTTPHandler):
    def http_open(self, req: Request) -> Any:
        return self.do_open(_Http, req)


class _Encrypted(HTTPSHandler):
    def https_open(self, req: Request) -> Any:
        return self.do_open(_Https, req)


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: what was meant for one machine goes to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_Stay, _Plain, _Encrypted)


def is_url(text: str) -> bool:
    """Whether it is an absolute http or https URL."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def exchange(
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    seconds: float,
    most: int,
) -> tuple[int, bytes]:
    """Status and octets of the answer: GET, or POST where there is a ``body``.

    To connect and to send may take ``seconds``, and as long may the whole answer, from its first octet to its
    last, of which no more than ``most`` are taken. ``EnvironmentFault("network.unreachable")`` where there is
    none.
    """
    assert is_url(url), url
    try:
        request = Request(url, body, dict(headers or {}))  # noqa: S310 (the scheme was checked)
        try:
            answer = _OPENER.open(request, timeout=seconds)
        except HTTPError as error:
            answer = error
        with answer:
            return answer.status, _read(answer, most)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise EnvironmentFault("network.unreachable", url, text) from None


def _read(answer: Any, most: int) -> bytes:
    found, size = [], 0
    while part := answer.read1(CHUNK):
        found.append(part)
        size += len(part)
        if size > most:
            raise ValueError(f"the answer is longer than {most:,} octets")
    return b"".join(found)
