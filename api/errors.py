"""What went wrong, as RFC 9457 problem details: one shape for every refusal, with a stable ``code``.

Two ways lead here. A request that cannot be answered raises; then the code alone fixes the HTTP
status (``status_of``). A batch that the rules refuse is answered with all its problems at once
(``refused``), and the status is that of its statements' content: 422, or 409 where nothing but
identity conflicts stands against it.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ledger.codes import CODES
from ledger.errors import ClockError, EnvironmentFault, OrelineError, Problem, problem
from ledger.events.common import ID

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
NO_ID = "must be an id such as urn:example:lot:1; /search?q= finds it by what is stamped on a part"
SUBJECT = ID.removesuffix("$") + "( " + ID[1:].removesuffix("$") + ")?$"
MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"
SHARE = r"^(0|[1-9][0-9]*)(\.[0-9]{1,6})?$"
MATERIAL = "^[a-z][a-z0-9_-]{0,63}$"
# What a parameter must be, in words: by the pattern that its value has not, or by what else is wrong with it.
FORMS: Mapping[str, str] = {
    ID: NO_ID,
    SUBJECT: f"{NO_ID}; of an event, its party and id with a space between",
    MONTH: "a month is written 2026-03",
    SHARE: "must be a share from 0 to 1 such as 0.01, at most 6 decimals",
    MATERIAL: "must be a material such as rolling_slab: a-z, 0-9, _ and -, at most 64",
}
LACKS: Mapping[str, str] = {"missing": "is required", "string_too_short": "must not be empty"}
MOST_SHOWN = 200  # characters of a path in an answer

logger = logging.getLogger("uvicorn.error")

STATUS: Mapping[str, int] = {
    "request.route": 404,
    "request.absent": 404,
    "request.uncovered": 404,
    "request.lots": 413,
    "proof.subject": 404,
    "claims.subject": 404,
    "history.unknown": 404,
    "proof.unpublished": 404,
    "request.method": 405,
    "request.slow": 408,
    "request.size": 413,
    "request.count": 413,
    "request.type": 415,
    "request.cursor": 422,
    "request.parameter": 422,
    "request.busy": 503,
    "request.internal": 500,
    "tile.path": 404,
    "tile.width": 503,
    "store.full": 507,
}
FAMILIES: Mapping[str, int] = {
    **dict.fromkeys(("json", "request"), 400),
    **dict.fromkeys(("clock", "guard", "key", "store", "witness"), 503),
}


def status_of(code: str) -> int:
    """The HTTP status of a request that could not be answered for this reason."""
    return STATUS.get(code) or FAMILIES.get(code.partition(".")[0], 422)


class ProblemResponse(Response):
    """One problem, and for a batch all of them; ``problems[0]`` gives the members at the top."""

    media_type = MEDIA_TYPE

    def __init__(self, status: int, problems: Sequence[Problem], headers: Mapping[str, str] | None = None):
        first = problems[0]
        content: dict[str, Any] = {
            "type": f"/codes#{first.code}",
            "title": CODES[first.code].meaning,
            "status": status,
            **first.as_json(),
            "problems": [found.as_json() for found in problems],
        }
        wait = {"retry-after": str(RETRY_SECONDS)} if status == 503 else {}
        super().__init__(orjson.dumps(content), status, {**wait, **(headers or {})})


def refused(problems: Sequence[Problem]) -> ProblemResponse:
    """The answer to a batch of which nothing was recorded, with everything that is wrong with it."""
    conflicts = all(found.code == "event.conflict" for found in problems)
    return ProblemResponse(409 if conflicts else 422, problems)


def install(app: FastAPI) -> None:
    """Let every error of the app be answered as a problem."""
    app.add_exception_handler(OrelineError, _oreline)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


async def _oreline(request: Request, error: Exception) -> Response:
    assert isinstance(error, OrelineError)
    found = error.problems
    if isinstance(error, EnvironmentFault) and not isinstance(error, ClockError):
        # Path and detail name files of this machine: they are for its log only.
        logger.error("%s %s: %s", request.method, request.url.path, error)
        found = [problem(error.code, "$")]
    return ProblemResponse(status_of(error.code), found)


async def _parameters(request: Request, error: Exception) -> Response:
    """FastAPI found values wrong: all of them, each at its place."""
    assert isinstance(error, RequestValidationError)
    problems = []
    for wrong in error.errors():
        path = "$." + ".".join(map(str, wrong["loc"]))
        form = FORMS.get(wrong.get("ctx", {}).get("pattern", ""))
        problems.append(problem("request.parameter", path, form or LACKS.get(wrong["type"]) or wrong["msg"]))
    return ProblemResponse(status_of("request.parameter"), problems)


async def _http(request: Request, error: Exception) -> Response:
    """What the router itself answers: no such path, no such method."""
    assert isinstance(error, HTTPException)
    code = {404: "request.route", 405: "request.method"}.get(error.status_code, "request.body")
    headers, path = dict(error.headers or {}), request.url.path[:MOST_SHOWN]
    detail = ""
    if code == "request.route":
        detail = f"there is nothing at {path}"
    elif code == "request.method":
        headers["Allow"] = allow = headers["Allow"].replace("GET", "GET, HEAD")
        detail = f"{path} takes {allow}"
    return ProblemResponse(error.status_code, [problem(code, "$", detail)], headers)


async def _bug(request: Request, error: Exception) -> Response:
    """Our own mistake: the caller learns that, the log (which gets the exception) learns which."""
    return ProblemResponse(500, [problem("request.internal", "$")])
