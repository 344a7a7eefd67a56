"""What holds for every route: which query parameters it takes, how JSON is answered, and HEAD as GET is.

Whoever misspells ``dry_run`` must learn it before anything is recorded: a parameter that is not known, or
given twice, is refused.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.errors import Malformed
from ledger.quantity import parse_whole

Whole = Annotated[int, BeforeValidator(lambda given: parse_whole(given) if isinstance(given, str) else given)]
"""A number of a path or a query, in its one spelling."""


class StrictRoute(APIRoute):
    """Refuses query parameters that it does not know, or that are given twice."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind our check."""
        handler = super().get_route_handler()
        known = {field.alias for field in self.dependant.query_params}

        async def strict(request: Request) -> Response:
            names = [name for name, _ in request.query_params.multi_items()]
            for name in names:
                if name not in known:
                    known_here = ", ".join(sorted(known)) or "none"
                    raise Malformed("request.parameter", f"$.query.{name}", f"known here: {known_here}")
                if names.count(name) > 1:
                    raise Malformed("request.parameter", f"$.query.{name}", "is given twice")
            return await handler(request)

        return strict


def fresh(answer: Any, headers: Mapping[str, str] = {}) -> Response:
    """A JSON answer that no cache may give again unasked."""
    told = {"cache-control": "no-cache", **headers}
    return Response(orjson.dumps(answer), media_type="application/json", headers=told)


class Heads:
    """HEAD goes the way of GET (RFC 9110, 9.3.2); the server sends the head of the answer alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class. ASGI 3."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
