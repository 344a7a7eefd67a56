"""``POST /events``: statements in, receipts or every refusal out."""

from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import bodies, models
from api.errors import refused
from api.routes import StrictRoute
from api.service import Service, Serving
from ledger import strictjson
from ledger.errors import EnvironmentFault, Malformed
from ledger.log import Posted, Receipt

MAX_BODY = 8 * 1024 * 1024  # octets
MAX_BATCH = 5_000  # statements
TOLD = 1_000  # of what is no statement at all, that many are named

router = APIRouter(route_class=StrictRoute, tags=["events"])

_BODY = {
    "requestBody": {
        "required": True,
        "description": "At most 8 MiB.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "maxItems": MAX_BATCH,
                    "items": {"type": "string", "description": "A statement: JWS compact serialisation."},
                },
                "example": ["eyJhbGciOiJFZDI1NTE5Iiwi….eyJsZWRnZXIiOiJleGFtcGxl….5Xb0cVnI…"],
            }
        },
    }
}


@router.post(
    "/events",
    summary="Record a batch of signed events",
    responses={
        200: {"model": models.Posted, "description": "What became of each statement."},
        **models.problems(400, 408, 409, 413, 415, 507),
    },
    openapi_extra=_BODY,
)
async def post_events(
    request: Request,
    serving: Serving,
    on_error: Annotated[
        Literal["refuse", "proceed"],
        Query(description="refuse: all or nothing. proceed: each statement stands for itself."),
    ] = "refuse",
    dry_run: Annotated[bool, Query(description="Judge the batch and record nothing.")] = False,
    wait: Annotated[
        Literal["checkpoint"] | None,
        Query(description="checkpoint: answer when a published checkpoint covers every receipt."),
    ] = None,
) -> Response:
    """Takes a JSON array of statements. The answer's receipts mean *durable*. All that is wrong with
    a batch is said at once. To post the same again is always safe: what is in the ledger already gets
    its first receipt."""
    serving.checkpoints.halted()
    bodies.announced(request, MAX_BODY)
    with serving.holding() as hold:
        body = await bodies.whole(request, MAX_BODY, bodies.SECONDS, hold)
        posted = await run_sync(_post, serving, body, on_error == "proceed", dry_run, limiter=serving.posting)
    if posted.problems and on_error == "refuse":
        return refused(posted.problems)
    answer = posted.as_json()
    receipts = [outcome for outcome in posted.outcomes if isinstance(outcome, Receipt)]
    if wait and receipts:
        size = max(receipt.index for receipt in receipts) + 1
        answer["checkpoint"] = await serving.checkpoints.covering(size)
    return Response(orjson.dumps(answer), media_type="application/json")


def _post(serving: Service, body: bytes, proceed: bool, dry_run: bool) -> Posted:
    """In a thread: read the body and post it."""
    statements = _statements(body)
    try:
        posted = serving.log.post(statements, proceed=proceed, dry_run=dry_run)
    except EnvironmentFault as fault:
        serving.metrics.fault(fault.code)
        raise
    serving.metrics.posted(posted)
    return posted


def _statements(body: bytes) -> Sequence[str]:
    value = strictjson.loads(body)
    if not isinstance(value, list):
        raise Malformed("request.body", detail="the body is not a JSON array")
    if len(value) > MAX_BATCH:
        raise Malformed("request.count", detail=f"{len(value)} statements in one batch")
    wrong = [
        Malformed("request.body", f"$[{n}]", "a statement is a string")
        for n, statement in enumerate(value)
        if not isinstance(statement, str)
    ]
    if wrong:
        raise Malformed("request.body", wrong[0].path, wrong[0].detail, wrong[1:TOLD])
    return value
