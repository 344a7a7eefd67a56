"""One HTTP request with nothing but the standard library, bounded in time and in what it reads.

For those who ask other machines: the log its witnesses, a monitor the log. What they answer is believed
by nobody here; this only brings it.
"""

import http.client
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ledger.errors import EnvironmentFault

CHUNK = 65_536


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: what was meant for one machine goes to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_Stay)


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

    Each step of it may take ``seconds``, and so may all reading of the answer, of which no more than
    ``most`` octets are taken. ``EnvironmentFault("network.unreachable")`` where there is none.
    """
    assert is_url(url), url
    try:
        request = Request(url, body, dict(headers or {}))  # noqa: S310 (the scheme was checked)
        try:
            answer = _OPENER.open(request, timeout=seconds)
        except HTTPError as error:
            answer = error
        with answer:
            return answer.status, _read(answer, most, monotonic() + seconds)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise EnvironmentFault("network.unreachable", url, text) from None


def _read(answer: Any, most: int, deadline: float) -> bytes:
    found = b""
    while part := answer.read1(CHUNK):
        found += part
        if len(found) > most:
            raise ValueError(f"the answer is longer than {most:,} octets")
        if monotonic() > deadline:
            raise TimeoutError("timed out")
    return found
