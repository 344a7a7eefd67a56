"""A route that refuses query parameters it does not know, or that are given twice.

Whoever misspells ``dry_run`` must learn it before anything is recorded.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from ledger.errors import Malformed


class StrictRoute(APIRoute):
    """See the module."""

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
