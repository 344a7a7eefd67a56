"""The log itself: entries as they are hashed, inclusion proofs, checkpoint and tiles (C2SP tlog-tiles).

Inclusion proofs are those of the published checkpoint. Tiles are served of all entries, since a witness
that replays reads them before it cosigns the next one; but what is served as fixed for ever must have been
signed, so caches keep only tiles that the published checkpoint covers.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from api.models import problems
from api.routes import StrictRoute, Whole
from api.service import Service, Serving
from ledger import tiles, tlogproof
from ledger.entry import MAX_INDEX
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES, inclusion_proof
from ledger.note import Checkpoint
from ledger.store import published
from ledger.tlogproof import TlogProof

FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
SHORTLY = {"cache-control": "public, max-age=60"}
NEVER = {"cache-control": "no-cache"}
CHUNK = 256  # entries written to the connection at a time

router = APIRouter(route_class=StrictRoute, tags=["log"])

EntryIndex = Annotated[Whole, Path(ge=0, le=MAX_INDEX, description="The entry's index.", examples=[0])]

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_TEXT = {"schema": {"type": "string"}}


@router.get(
    "/entries",
    summary="Entries from an index on, one a line",
    response_class=Response,
    responses={
        200: {
            "description": "Each line is one entry, byte for byte as it is hashed. No lines: none yet.",
            "content": {"application/x-ndjson": _TEXT},
        },
        **problems(404),
    },
)
def entries(
    serving: Serving,
    start: Annotated[Whole, Query(ge=0, le=MAX_INDEX, description="Index of the first entry.")] = 0,
    limit: Annotated[
        Whole | None, Query(ge=1, le=MAX_INDEX, description="At most so many; otherwise all there are.")
    ] = None,
) -> Response:
    """To follow the ledger, ask again with ``start`` moved on by the lines received."""
    size = serving.store.head().size
    if start > size:
        raise Malformed("request.absent", "$.query.start", f"the ledger has {size} entries")
    stop = size if limit is None else min(size, start + limit)
    lines = _lines(serving, start, stop)
    first = next(lines, b"")  # what cannot be read from the beginning is answered with its code
    return StreamingResponse(chain((first,), lines), media_type="application/x-ndjson", headers=NEVER)


def _lines(serving: Service, start: int, stop: int) -> Iterator[bytes]:
    for at in range(start, stop, CHUNK):
        found = serving.store.entries(at, min(at + CHUNK, stop))
        yield b"".join(entry + b"\n" for entry in found)


@router.get(
    "/entries/{index}",
    summary="One entry, byte for byte",
    response_class=Response,
    responses={
        200: {
            "description": "The entry as it is hashed: SHA-256(0x00 ‖ these octets) is its leaf hash.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems(404),
    },
)
def entry(serving: Serving, index: EntryIndex) -> Response:
    """Do not re-serialise it: a proof holds for these octets only."""
    _present(serving, index)
    data = serving.store.entries_at((index,))[index]
    caching = FOR_EVER if index < serving.covered() else NEVER
    return Response(data, media_type="application/json", headers=caching)


@router.get(
    "/entries/{index}/proof",
    summary="That an entry is in the log, as a C2SP tlog-proof",
    response_class=Response,
    responses={
        200: {
            "description": "Inclusion proof and signed checkpoint in one text.",
            "content": {"text/plain": _TEXT},
        },
        **problems(404),
    },
)
def entry_proof(serving: Serving, index: EntryIndex) -> Response:
    """The proof leads to the published checkpoint. It shows that the entry is in the log, not that its
    lot's chain holds: for that, see /proof."""
    _present(serving, index)
    note, checkpoint = _checkpoint(serving)
    size = checkpoint.size
    if index >= size:
        raise Malformed("request.uncovered", "$.path.index", f"the published checkpoint has {size} entries")
    reader = tiles.hash_reader(serving.store.tile, size)
    hashes = tuple(inclusion_proof(index, size, reader))
    return PlainTextResponse(tlogproof.encode(TlogProof(index, hashes, note)), headers=NEVER)


@router.get(
    "/log/checkpoint",
    summary="The published checkpoint",
    response_class=Response,
    responses={
        200: {
            "description": "A C2SP signed note: the log's name, its size, its root, the signatures.",
            "content": {"text/plain": _TEXT},
        },
        **problems(404),
    },
)
def checkpoint(serving: Serving) -> Response:
    """Signed with the operator's key; check it against your trust file."""
    return PlainTextResponse(_checkpoint(serving)[0], headers=NEVER)


@router.get(
    "/log/tile/{tile:path}",
    summary="A tile of the tree, or a bundle of entries (C2SP tlog-tiles)",
    response_class=Response,
    responses={
        200: {
            "description": "Up to 256 hashes of 32 octets, or up to 256 entries each behind its length.",
            "content": {"application/octet-stream": _BYTES},
        },
        **problems(404),
    },
)
def tile(
    serving: Serving,
    tile: Annotated[
        str,
        Path(
            description="<level 0–63, or entries>/<number in groups of three digits>[.p/<width 1–255>]",
            examples=["0/000.p/1", "0/x001/x234/067", "entries/000.p/1"],
        ),
    ],
) -> Response:
    """A partial tile is served also where the full one exists by now. A full tile never changes once a
    checkpoint covers it."""
    try:
        wanted = tiles.parse_path(f"tile/{tile}")
    except Malformed as wrong:
        raise Malformed(wrong.code, "$.path.tile") from None
    size = serving.store.head().size
    if wanted.width > tiles.tile_width(wanted.level, wanted.number, size):
        raise Malformed("request.absent", "$.path.tile", f"the ledger has {size} entries")
    if wanted.width > tiles.tile_width(wanted.level, wanted.number, serving.covered()):
        caching = NEVER
    else:
        caching = FOR_EVER if wanted.width == tiles.WIDTH else SHORTLY
    return Response(_tile(serving, wanted), media_type="application/octet-stream", headers=caching)


def _tile(serving: Service, wanted: tiles.Tile) -> bytes:
    if wanted.level == tiles.ENTRIES:
        start = wanted.number * tiles.WIDTH
        return tiles.encode_bundle(list(serving.store.entries(start, start + wanted.width)))
    hashes = serving.store.tile(wanted.level, wanted.number) or b""
    if len(hashes) < wanted.width * HASH_BYTES:
        raise Malformed("tile.width", "$.path.tile")
    return hashes[: wanted.width * HASH_BYTES]


def _present(serving: Service, index: int) -> None:
    size = serving.store.head().size
    if index >= size:
        raise Malformed("request.absent", "$.path.index", f"the ledger has {size} entries")


def _checkpoint(serving: Service) -> tuple[str, Checkpoint]:
    found = published(serving.store)
    if found is None:
        raise Malformed("request.uncovered", detail="no checkpoint has been published yet")
    return found
