"""A witness over HTTP: C2SP tlog-witness, one process, loopback unless told otherwise.

    POST /add-checkpoint                          cosignature lines
    GET  /<hex SHA-256 of the origin>/checkpoint  the checkpoint cosigned last
    GET  /health                                  200 as soon as it serves; of one that replays also how far
                                                  it is, and whether it refuses the log, as JSON

Both prefixes of tlog-witness, for submission and for monitoring, are the root of the server. What cannot
be answered with 200 is a problem (RFC 9457), but for 409, whose body is the size, as C2SP has it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api import bodies, errors
from api.errors import ProblemResponse
from api.routes import Heads
from api.serve import HOST, run
from ledger.errors import EnvironmentFault, Malformed, problem
from ledger.witness.request import MAX_BODY
from ledger.witness.witness import Conflict, Witness

PORT = 8118
BODY_SECONDS = 30
SIZE = "text/x.tlog.size"
NEVER = {"cache-control": "no-store"}
# By C2SP tlog-witness; what is not listed is the log's contradiction, or what a judge found: 422.
STATUS: Mapping[str, int] = {
    "witness.request": 400,
    "witness.old_size": 400,
    "checkpoint.form": 400,
    "note.size": 400,
    "note.text": 400,
    "note.form": 400,
    "note.line": 400,
    "note.signature": 403,
    "note.unsigned": 403,
    "witness.origin": 404,
    "request.body": 400,
    "request.size": 413,
    "request.slow": 408,
}


def create_app(witness: Witness, state: Callable[[], Any] | None = None) -> FastAPI:
    """The app of a witness. ``state``: what a witness that replays tells of itself."""
    app = FastAPI(
        title="Oreline witness", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    errors.install(app)
    app.add_middleware(Heads)
    app.add_exception_handler(EnvironmentFault, _unable)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        try:
            body = await bodies.whole(request, MAX_BODY, BODY_SECONDS)
            lines = await run_sync(witness.add_checkpoint, body)
        except Conflict as conflict:
            return Response(f"{conflict.size}\n", 409, {**NEVER, "content-type": SIZE})
        except Malformed as wrong:
            found = problem(wrong.code, wrong.path, wrong.detail)
            return ProblemResponse(STATUS.get(wrong.code, 422), [found])
        return PlainTextResponse(lines, headers=NEVER)

    @app.get("/{digest}/checkpoint")
    def checkpoint(digest: str) -> Response:
        found = witness.checkpoint(digest)
        if found is None:
            return ProblemResponse(404, [problem("witness.origin", "$")])
        return PlainTextResponse(found, headers=NEVER)

    @app.get("/health")
    def health() -> Response:
        if state is None:
            return PlainTextResponse("serving\n", headers=NEVER)
        return JSONResponse(state(), headers=NEVER)

    return app


async def _unable(request: Request, error: Exception) -> Response:
    """The witness may cosign, but cannot now. The detail names files: it is for this machine's log only."""
    assert isinstance(error, EnvironmentFault)
    errors.logger.error("%s %s: %s", request.method, request.url.path, error)
    return ProblemResponse(503, [problem(error.code, "$")])


def serve(
    witness: Witness,
    host: str = HOST,
    port: int = PORT,
    ready: Callable[[str], None] = lambda url: None,
    state: Callable[[], Any] | None = None,
) -> None:
    """``run`` a witness's app. ``state``: as of ``create_app``."""
    run(create_app(witness, state), host, port, ready)
