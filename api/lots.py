"""What can be looked up: lots and their graph, events, and the lists of what is registered."""

from typing import Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import views
from api.errors import MATERIAL, SHARE, SUBJECT
from api.models import problems
from api.routes import StrictRoute, Whole, fresh
from api.service import Serving
from ledger.errors import Malformed
from ledger.events.common import ID
from ledger.lookup import queries, search, trace
from ledger.quantity import MAX_ID, MILLION, parse_ratio

router = APIRouter(route_class=StrictRoute, tags=["lots"])


def id_of(meaning: str, example: str) -> Any:
    """A parameter that is an id."""
    return Query(max_length=MAX_ID, pattern=ID, description=meaning, examples=[example])


Lot = Annotated[str, id_of("The lot's id.", "urn:example:lot:stamper:hood")]
Party = Annotated[str, id_of("The id of the party that posted it.", "urn:example:party:registrar")]
EventId = Annotated[str, id_of("The id that the party gave it.", "evt:1")]
Site = Annotated[str, id_of("The site's id.", "urn:example:site:press")]
OnlyOf = Annotated[str | None, id_of("Only this party's.", "urn:example:party:stamper")]
Limit = Annotated[Whole, Query(ge=1, le=1_000, description="At most so many on a page.")]
Cursor = Annotated[
    str | None, Query(max_length=4_096, description="Where to go on; taken from `next`, never made up.")
]
Sought = Annotated[
    str,
    Query(
        min_length=1,
        max_length=256,
        description="The beginning of an id or of a mark such as a serial number, or part of a party's name.",
        examples=["HOOD-1"],
    ),
]
MinShare = Annotated[
    str | None,
    Query(
        max_length=16,
        pattern=SHARE,
        description="0 to 1, at most six decimals: what lies behind smaller shares of the mass is left out.",
        examples=["0.01"],
    ),
]


def _one(model: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model, "description": description}, **problems(404)}


def _list(model: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": views.Page[model], "description": description}, **problems()}


@router.get("/lot", summary="A lot", responses=_one(views.LotView, "As it was born, and as it is now."))
def lot(serving: Serving, id: Lot) -> Response:
    """Where it is, whose it is, what is left of it, what it is made of, and what was said of it."""
    found, made_of = serving.reading(lambda store: (queries.lot(store, id), trace.shares(store, id)))
    if found is None or made_of is None:
        raise _absent("id", id)
    return fresh({**found.as_json(), "shares": made_of.as_json()})


@router.get(
    "/trace", summary="What a lot was made of", responses=_one(views.Graph, "Lots, events and edges.")
)
async def ancestry(
    request: Request,
    serving: Serving,
    lot: Lot,
    min_share: MinShare = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """All ancestors, each before those it came from, with its share of the lot's mass."""
    least = share(min_share)
    found = await run_sync(
        serving.reading,
        lambda store: trace.ancestry(store, lot, min_share=least, limit=limit, cursor=cursor),
        limiter=serving.walking,
    )
    return _page(request, found, "lot", lot)


@router.get("/uses", summary="What became of a lot", responses=_one(views.Graph, "Lots, events and edges."))
async def uses(
    request: Request, serving: Serving, lot: Lot, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """All descendants and ends, each before those it led to."""
    found = await run_sync(
        serving.reading,
        lambda store: trace.uses(store, lot, limit=limit, cursor=cursor),
        limiter=serving.walking,
    )
    return _page(request, found, "lot", lot)


@router.get(
    "/event", summary="An event", responses=_one(views.EventView, "The event, its entry, its corrections.")
)
def event(serving: Serving, party: Party, id: EventId) -> Response:
    """By the party that posted it and the id that the party gave it."""
    found = serving.reading(lambda store: queries.event(store, party, id))
    if found is None:
        raise _absent("id", id)
    return fresh(found.as_json())


@router.get("/search", summary="Search ids, marks and names", responses=_list(views.Hit, "What was found."))
def find(
    request: Request,
    serving: Serving,
    q: Sought,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Lots, events, parties and sites."""
    return _page(request, serving.reading(lambda store: search.search(store, q, limit=limit, cursor=cursor)))


@router.get("/parties", summary="All parties", responses=_list(views.PartyView, "By id."))
def parties(request: Request, serving: Serving, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """As registered last, with what is open against them."""
    return _page(request, serving.reading(lambda store: queries.parties(store, limit=limit, cursor=cursor)))


@router.get("/sites", summary="All sites", responses=_list(views.SiteView, "By id."))
def sites(
    request: Request,
    serving: Serving,
    operator: OnlyOf = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """As registered last, with what is open against them."""
    return _page(
        request, serving.reading(lambda store: queries.sites(store, operator, limit=limit, cursor=cursor))
    )


@router.get(
    "/attestations",
    summary="What certifiers have attested",
    responses=_list(views.AttestationView, "With what became of each."),
)
def attestations(
    request: Request,
    serving: Serving,
    subject: Annotated[
        str | None,
        Query(
            max_length=513, pattern=SUBJECT, description="Only about this id, or this event: `<party> <id>`."
        ),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """All, or those about one party, site, lot or event."""
    return _page(
        request,
        serving.reading(lambda store: queries.attestations(store, subject, limit=limit, cursor=cursor)),
    )


@router.get(
    "/balances",
    summary="What is at a site",
    responses=_list(views.Balance, "By owner and material."),
)
def balances(
    request: Request,
    serving: Serving,
    site: Site,
    owner: OnlyOf = None,
    material: Annotated[
        str | None,
        Query(pattern=MATERIAL, description="Only this material.", examples=["coil"]),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """To compare with your own stock: what the ledger says is there, and shipped but not yet received."""
    found = serving.reading(
        lambda store: queries.balances(
            store, site, owner=owner, material=material, limit=limit, cursor=cursor
        )
    )
    return _page(request, found)


def _page(request: Request, found: Any, parameter: str = "", id: str = "") -> Response:
    """A page, its cursor turned into the path and query of the next page (also as a Link: RFC 8288)."""
    if found is None:
        raise _absent(parameter, id)
    answer = found.as_json()
    headers = {}
    if found.next is not None:
        following = {**request.query_params, "cursor": found.next}
        answer["next"] = f"{request.url.path}?{urlencode(following)}"
        headers["link"] = f'<{answer["next"]}>; rel="next"'
    return fresh(answer, headers)


def _absent(parameter: str, id: str) -> Malformed:
    return Malformed("request.absent", f"$.query.{parameter}", f"{id} is not in the ledger")


def share(text: str | None) -> int:
    """Of all, in millionths."""
    found = parse_ratio(text) if text else 0
    if found > MILLION:
        raise Malformed("request.parameter", "$.query.min_share", "a share is at most 1")
    return found
