"""Bodies of requests: plain JSON, never longer than they may be, and not waited for without end."""

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from fastapi import Request
from starlette.requests import ClientDisconnect

from ledger.errors import Malformed

SECONDS = 60  # that a whole body may take
LAST_SECONDS = 5  # and no more, once the server stops

_arriving: "WeakKeyDictionary[asyncio.AbstractEventLoop, set[asyncio.Timeout]]" = WeakKeyDictionary()


def announced(request: Request, most: int) -> None:
    """Refuse by its headers a body that need not be read: ``request.type``, ``request.size``."""
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    if (
        kind.strip() != "application/json"
        or charset not in ("", "charset=utf-8")
        or request.headers.get("content-encoding", "identity").lower() != "identity"
    ):
        raise Malformed("request.type")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 12 or int(length) > most:
        raise Malformed("request.size")


async def whole(
    request: Request, most: int, seconds: float, hold: Callable[[int], None] = lambda octets: None
) -> bytes:
    """The whole body: ``request.size``, ``request.slow``, ``request.body``. ``hold`` is told of the octets as
    they come, and may refuse them."""
    parts: list[bytes] = []
    size = 0
    arriving = _arriving.setdefault(asyncio.get_running_loop(), set())
    try:
        async with asyncio.timeout(seconds) as limit:
            arriving.add(limit)
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise Malformed("request.size")
                hold(len(part))
                parts.append(part)
    except TimeoutError:
        raise Malformed("request.slow") from None
    except ClientDisconnect:
        raise Malformed("request.body", detail="the connection was closed before the body's end") from None
    finally:
        arriving.discard(limit)
    return b"".join(parts)


def hurry() -> None:
    """The server of this event loop stops: what is not there in ``LAST_SECONDS`` is not waited for."""
    loop = asyncio.get_running_loop()
    latest = loop.time() + LAST_SECONDS
    for limit in _arriving.get(loop, ()):
        if (limit.when() or 0) > latest:
            limit.reschedule(latest)
