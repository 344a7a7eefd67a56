"""What somebody finds who opens the server's address: whose ledger this is, and where to go on."""

from fastapi import APIRouter
from starlette.responses import Response

from api import models
from api.health import VERSION
from api.routes import StrictRoute, fresh
from api.service import Serving

ABOUT = "An Oreline ledger: where aluminium came from, as signed by those who handled it; checked offline."
PATHS = {
    "openapi": "/openapi.json",
    "search": "/search?q={text}",
    "lot": "/lot?id={lot}",
    "proof": "/proof?lot={lot}",
    "log": "/log/checkpoint",
    "entries": "/entries",
    "health": "/health",
    "codes": "/codes",
}

router = APIRouter(route_class=StrictRoute, tags=["service"])


@router.get(
    "/",
    summary="Whose ledger this is, how large it is, and where what is described",
    responses={200: {"model": models.Home, "description": "Paths are of this server."}, **models.problems()},
)
def index(serving: Serving) -> Response:
    """The ledger's name is what trust files call it. What the server answers to, and how, stands at
    ``openapi``."""
    answer = {
        "about": ABOUT,
        "ledger": serving.ledger.name,
        "version": VERSION,
        "size": serving.store.head().size,
        "checkpoint_size": serving.covered(),
        "paths": PATHS,
    }
    return fresh(answer)
