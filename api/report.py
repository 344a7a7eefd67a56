"""Reports to hand in, as ``oreline report`` makes them."""

from typing import Annotated, Any, Literal

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api.lots import id_of
from api.models import Answer, problems
from api.routes import StrictRoute, Whole
from api.service import Serving
from ledger.claims.document import AsOf, Proof
from ledger.events.common import ID
from ledger.quantity import MAX_ID
from ledger.reports import as_html, as_json, as_text, asked, make
from ledger.reports.page import POLICY

router = APIRouter(route_class=StrictRoute, tags=["lots"])

Kind = Literal["section232", "uflpa", "cbam", "asi-account", "coc-document", "exclusive"]


class Section(Answer):
    """A part of a report."""

    title: str
    text: str
    rows: Annotated[
        list[dict[str, Any]], Field(description="Fields: key, label, value, source, missing, ask.")
    ]
    flow: list[dict[str, Any]]
    tables: list[dict[str, Any]]


class Missing(Answer):
    """A field that could not be filled."""

    key: str
    label: str
    note: str
    whom: Annotated[str, Field(description="Whom to ask.")]
    what: Annotated[str, Field(description="What to ask for.")]


class ReportView(Answer):
    """A report. ``format``: `oreline-report-<kind>/1`."""

    format: str
    title: str
    subject: str
    outcome: Literal["complete", "incomplete", "disproven"]
    verdict: str
    as_of: AsOf
    rests_on: Literal["ledger", "proof"]
    proof: Proof | None
    sections: list[Section]
    missing: list[Missing]
    limits: list[str]


@router.get(
    "/report",
    summary="A report to hand in",
    response_class=Response,
    responses={
        200: {
            "model": ReportView,
            "description": "The report, complete or with each missing field named.",
            "content": {
                "text/html": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
            },
        },
        **problems(404),
    },
)
async def report(
    serving: Serving,
    kind: Annotated[Kind, Query(description="Which report.", examples=["section232"])],
    lot: Annotated[
        str,
        id_of(
            "The lot; or the site (exclusive), or the account (asi-account).", "urn:example:lot:stamper:hood"
        ),
    ],
    format: Annotated[Literal["json", "text", "html"], Query(description="As what.")] = "json",
    plant: Annotated[
        str | None,
        Query(
            max_length=MAX_ID, pattern=ID, description="exclusive: the site that must have used all of it."
        ),
    ] = None,
    document: Annotated[
        str | None,
        Query(min_length=1, max_length=64, description="coc-document: its number; else the latest."),
    ] = None,
    page: Annotated[
        Whole | None,
        Query(ge=1, le=1_000_000, description="asi-account: which page of the account's bookings."),
    ] = None,
) -> Response:
    """Customs, carbon, custody, exclusive use. What is missing is named, with whom to ask."""

    def made() -> Response:
        claims, beside = asked.whole(serving.store, kind, lot, plant or "", page)
        found = make(kind, claims, plant=plant or "", document=document or "", beside=beside)
        if format == "html":
            return _page(as_html(found))
        if format == "text":
            return Response(as_text(found), media_type="text/plain; charset=utf-8")
        return Response(orjson.dumps(as_json(found)), media_type="application/json")

    answer = await run_sync(made, limiter=serving.walking)
    answer.headers["cache-control"] = "no-cache"
    return answer


def _page(text: str) -> Response:
    """A page that nothing can make load or run anything."""
    headers = {
        "content-security-policy": f"{POLICY}; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
    }
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)
