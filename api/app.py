"""The app: every route, one shape of errors, and the task that signs checkpoints."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import check, errors, events, files, health, index, log, lots, models, report
from api.routes import Heads
from api.service import Service
from ledger.errors import OrelineError
from ledger.folder import Ledger

INTERVAL = 1.0  # seconds between checkpoints

DESCRIPTION = """\
A provenance ledger for aluminium. Post signed events, follow a lot to its origins, take a proof away
and check it offline.

Ids go into the query, percent-encoded, never into the path. Whatever cannot be answered is a problem
(RFC 9457) with a stable `code`, the `path` of what is wrong and a `remedy`. Lists come in pages: follow
`next` until it is null.
"""

TAGS = [
    {"name": "events", "description": "Record what happened."},
    {"name": "lots", "description": "Look up, trace, prove."},
    {"name": "claims", "description": "What a buyer may ask about a lot, and policies that ask it."},
    {
        "name": "log",
        "description": "Entries, inclusion proofs, checkpoint and tiles: for monitors and mirrors.",
    },
    {"name": "service", "description": "Health, metrics, codes."},
]


def create_app(ledger: Ledger, interval: float = INTERVAL) -> FastAPI:
    """The app of an open ledger, which stays the caller's to close. Checkpoints are signed every
    ``interval`` seconds, and once more at the end."""
    app = FastAPI(
        title="Oreline",
        version=health.VERSION,
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=TAGS,
        lifespan=_keeping(interval),
        docs_url=None,  # those pages would load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # to wherever the request's Host says
    )
    app.state.service = Service(ledger)
    errors.install(app)
    app.add_middleware(Heads)
    for routes in (events, lots, files, check, report, log, index, health):
        app.include_router(routes.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _keeping(interval: float) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Look at the guard before the first post, sign all the while, and sign the last posts."""
        service: Service = app.state.service
        with suppress(OrelineError):  # remembered in ``fault``: reading goes on, /health tells
            await service.checkpoints.sign()
        keeper = asyncio.create_task(service.checkpoints.keep(interval))
        yield
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        with suppress(OrelineError):
            await service.checkpoints.covering((await run_sync(service.store.head)).size)

    return lifespan


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description, with the forms that every route shares."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            license_info=app.license_info,
            tags=app.openapi_tags,
            routes=app.routes,
        )
        schemas = found.setdefault("components", {}).setdefault("schemas", {})
        for model in (models.Problem, models.Meaning):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = found
    return app.openapi_schema
