"""What is taken away and checked offline: proofs of lots, and histories of lots and of parties."""

import re
from collections.abc import Iterator
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api.errors import MONTH
from api.lots import Lot, MinShare, id_of, share
from api.models import problems
from api.routes import StrictRoute
from api.service import Serving
from ledger import history, proof
from ledger.errors import Malformed

CHUNK = 256 * 1024  # octets of a file written to the connection at a time

router = APIRouter(route_class=StrictRoute, tags=["lots"])


@router.get(
    "/proof",
    summary="The proof of a lot, to be checked offline",
    response_class=Response,
    responses={
        200: {
            "description": "A proof file. Keep its octets: it is not to be re-serialised.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems(404),
    },
)
async def prove(
    serving: Serving,
    lot: Lot,
    min_share: MinShare = None,
    horizon: Annotated[
        str | None,
        Query(max_length=16, description="Rest on the register's root beyond: 5%, 4 births, or 2026-03-01."),
    ] = None,
    short: Annotated[bool, Query(description="Replay nothing: the lot's own records and the root.")] = False,
    seen: Annotated[
        str | None, Query(max_length=4_096, description="A checkpoint seen earlier, to be comparable with.")
    ] = None,
) -> Response:
    """Made from the published checkpoint; `oreline verify` and a trust file check it without us."""
    least = share(min_share)
    if bool(least) + bool(horizon) + short > 1:
        raise Malformed("request.parameter", "$.query.short", "one of min_share, horizon and short at most")
    beyond = proof.SHORT if short else proof.Horizon.parse(horizon) if horizon else None
    data = await run_sync(
        lambda: proof.build(
            serving.store, lot, min_share=least, horizon=beyond, seen=(seen,) if seen else ()
        ),
        limiter=serving.walking,
    )
    return _file(data, f"{_plain(lot)}.proof.json")


@router.get(
    "/history",
    summary="All entries about a lot, or of a party's month, to be checked offline",
    response_class=Response,
    responses={
        200: {
            "description": "A history file. Keep its octets: it is not to be re-serialised.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems(404),
    },
)
async def tell(
    serving: Serving,
    lot: Annotated[str | None, id_of("The lot's id.", "urn:example:lot:stamper:hood")] = None,
    party: Annotated[str | None, id_of("Instead: the party's id.", "urn:example:party:stamper")] = None,
    month: Annotated[
        str | None,
        Query(
            pattern=MONTH,
            description="With `party`: the month of the events' own time.",
            examples=["2026-03"],
        ),
    ] = None,
) -> Response:
    """Made from the published checkpoint. The register chains these entries, so that the file shows that none
    is left out."""
    if (lot is None) == (party is None) or (party is None) != (month is None):
        raise Malformed("request.parameter", "$.query.lot", "either a lot, or a party and a month")
    subject = history.Subject(lot or "", party or "", month or "")
    data = await run_sync(lambda: history.build(serving.store, subject), limiter=serving.walking)
    return _file(data, f"{_plain(lot or f'{party}-{month}')}.history.json")


def _plain(id: str) -> str:
    """An id as part of a file's name."""
    return re.sub("[^A-Za-z0-9._-]+", "-", id)[-80:].strip("-.")


def _file(data: bytes, name: str) -> Response:
    headers = {
        "content-length": str(len(data)),
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-cache",
    }
    return StreamingResponse(_chunks(data), media_type="application/json", headers=headers)


def _chunks(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    return (bytes(view[at : at + CHUNK]) for at in range(0, len(data), CHUNK))
