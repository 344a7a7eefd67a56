"""What a buyer asks: the claims of a lot, and policies on many lots at once."""

from time import monotonic
from typing import Annotated, Any, Literal

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from api import bodies
from api.lots import Lot
from api.models import Answer, Count, problems
from api.routes import StrictRoute, fresh
from api.service import Service, Serving
from ledger import claiming, policy, strictjson, verdicts
from ledger.claims.document import AsOf, Claims, Ref
from ledger.errors import Malformed
from ledger.lookup import search
from ledger.policy import Policy, Verdict, Word, output
from ledger.store import Store

MAX_BODY = 2 * 1024 * 1024  # octets
MAX_LOTS = 1_000
MAX_TOLD = 20  # of them that mean several lots each
MAX_SECONDS = 120  # for the lots of one request: a policy may ask for much work

router = APIRouter(route_class=StrictRoute, tags=["claims"])


class PolicyName(Answer):
    """A policy."""

    name: Annotated[str, Field(examples=["asi"])]
    version: Annotated[str, Field(examples=["1"])]
    title: str


class PolicyLine(PolicyName):
    """A policy in a list."""

    requirements: Annotated[Count, Field(description="How many it has.")]


class Policies(Answer):
    """The policies that come with the program."""

    items: list[PolicyLine]


class AskView(Answer):
    """What to ask next."""

    whom: Annotated[str, Field(description="A party's or a site's id, or a few words.")]
    what: str


class FindingView(Answer):
    """What came out of one requirement."""

    requirement: Annotated[str, Field(description="Its id in the policy.")]
    title: str
    verdict: Word
    sentence: str
    events: Annotated[list[Ref], Field(description="Those that decided it.")]
    ask: list[AskView]


class VerdictView(Answer):
    """What came out of a policy for one lot."""

    subject: Annotated[str, Field(description="The lot.")]
    asked: Annotated[str, Field(description="By what it was asked for: its id, or what is stamped on it.")]
    name: str
    material: str
    policy: PolicyName
    verdict: Word
    rests_on: Literal["ledger", "proof"]
    as_of: AsOf
    unknown_ppm: Annotated[
        int | None, Field(description="Millionths of unknown origin, rounded up; null: no origin is shown.")
    ]
    left: Annotated[int | None, Field(description="Grams of it that are left; null: that is not shown.")]
    findings: list[FindingView]


class Verdicts(Answer):
    """What came out of a policy: the worst verdict, and each lot in the order asked."""

    format: Literal["oreline-verdict/1"]
    verdict: Word
    counts: Annotated[dict[str, int], Field(description="How many lots got which verdict.")]
    lots: list[VerdictView]


_BODY = {
    "requestBody": {
        "required": True,
        "description": "At most 2 MiB.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["lots", "policy"],
                    "properties": {
                        "lots": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAX_LOTS,
                            "items": {
                                "type": "string",
                                "description": "A lot's id, or what is stamped on it.",
                            },
                        },
                        "policy": {
                            "description": "The name of a shipped policy, or the text of a policy file.",
                            "oneOf": [
                                {"type": "string"},
                                {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "required": ["text"],
                                    "properties": {"text": {"type": "string", "description": "TOML."}},
                                },
                            ],
                        },
                    },
                },
                "example": {"lots": ["urn:example:lot:stamper:hood"], "policy": "low-carbon-4"},
            }
        },
    }
}


@router.post(
    "/check",
    summary="May we buy these? A policy, asked of lots",
    responses={
        200: {"model": Verdicts, "description": "The verdict on each lot, with its reasons."},
        **problems(400, 408, 413, 415),
    },
    openapi_extra=_BODY,
)
async def check(request: Request, serving: Serving) -> Response:
    """Pass, fail or not provable: for each requirement, for each lot, and in all the worst. All lots are told
    as of one state of the ledger; one that is not there is not provable. Nothing is recorded."""
    bodies.announced(request, MAX_BODY)
    with serving.holding() as hold:
        body = await bodies.whole(request, MAX_BODY, bodies.SECONDS, hold)
        answer = await run_sync(_check, serving, body, limiter=serving.walking)
    return Response(answer, media_type="application/json")


def _check(serving: Service, body: bytes) -> bytes:
    """In a thread: read the question and answer it."""
    given, asked = _question(body)
    by_lot: dict[str, Verdict] = {}
    begun = monotonic()
    with serving.store.snapshot() as still:
        lots = _named(still, given)
        wanted = list(dict.fromkeys(lots))
        for one in verdicts.of_lots(still, wanted, asked):
            by_lot[one.subject] = one
            if monotonic() - begun > MAX_SECONDS and len(by_lot) < len(wanted):
                detail = f"{len(by_lot)} lots took {MAX_SECONDS} seconds"
                raise Malformed("request.lots", "$.lots", detail)
    told = [
        by_lot[lot]._replace(asked=name if name != lot else "") for lot, name in zip(lots, given, strict=True)
    ]
    return orjson.dumps(output.as_json(told))


def _named(store: Store, given: list[str]) -> list[str]:
    """The ids of the lots that are asked about by their ids, or by what is stamped on them. All that means
    several lots is told at once, up to a number of them."""
    named: list[str] = []
    unclear: list[Malformed] = []
    for n, asked in enumerate(given):
        found = search.meant(store, asked)
        named.append(found[0])
        if len(found) > 1 and len(unclear) < MAX_TOLD:
            detail = f"{asked} is stamped on {len(found)} lots: name one by its id"
            unclear.append(Malformed("request.parameter", f"$.lots[{n}]", detail))
    if unclear:
        first, *more = unclear
        raise Malformed(first.code, first.path, first.detail, more)
    return named


def _question(body: bytes) -> tuple[list[str], Policy]:
    value = strictjson.loads(body)
    if not isinstance(value, dict) or value.keys() != {"lots", "policy"}:
        raise Malformed("request.body", detail='the body is not {"lots": […], "policy": …}')
    lots = value["lots"]
    if not isinstance(lots, list) or not lots:
        raise Malformed("request.body", "$.lots", "this is no array of at least one lot")
    if len(lots) > MAX_LOTS:
        raise Malformed("request.lots", "$.lots", f"{len(lots)} lots in one request")
    for n, lot in enumerate(lots):
        if not isinstance(lot, str):
            raise Malformed("request.body", f"$.lots[{n}]", "a lot's id is a string")
    return lots, _policy(value["policy"])


def _policy(asked: Any) -> Policy:
    """The policy that is asked for; what is wrong in a text is told by its place in it."""
    if isinstance(asked, str):
        if asked not in policy.names():
            detail = f'there are {", ".join(policy.names())}; a policy\'s text goes in {{"text": "<TOML>"}}'
            raise Malformed("policy.name", "$.policy", detail)
        return policy.load(asked)
    if isinstance(asked, dict) and asked.keys() == {"text"} and isinstance(asked["text"], str):
        try:
            return policy.load(f"{asked['text']}\n")
        except Malformed as wrong:
            first, *more = (
                Malformed(one.code, f"$.policy.text {one.path}", one.detail) for one in (wrong, *wrong.more)
            )
            raise Malformed(first.code, first.path, first.detail, more) from None
    raise Malformed("request.body", "$.policy", 'a policy is its name, or {"text": "<TOML>"}')


@router.get(
    "/claims",
    summary="All that is computed about a lot",
    responses={200: {"model": Claims, "description": "The claims document."}, **problems(404)},
)
async def claims(
    serving: Serving,
    lot: Lot,
    fates: Annotated[bool, Query(description="Follow the lot forward, too: where its metal went.")] = False,
) -> Response:
    """Origins, recycled content, footprint, power, models, attestations, what is open: computed, and what
    policies and reports read."""
    found = await run_sync(
        serving.reading, lambda store: claiming.claims(store, lot, fates=fates), limiter=serving.walking
    )
    return fresh(found.as_json())


@router.get(
    "/policies",
    summary="The policies that come with the program",
    responses={200: {"model": Policies, "description": "By name."}, **problems()},
)
def policies() -> Response:
    """`POST /check` takes them by name."""
    items = [
        {"name": one.name, "version": one.version, "title": one.title, "requirements": len(one.requirements)}
        for one in map(policy.load, policy.names())
    ]
    return Response(orjson.dumps({"items": items}), media_type="application/json")
