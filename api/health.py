"""How the ledger is: for people, load balancers and Prometheus. And what every code means."""

import importlib.metadata
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from api import metrics, models
from api.checkpoints import QUORUM
from api.errors import ProblemResponse
from api.routes import StrictRoute, fresh
from api.service import Service, Serving
from ledger import b64
from ledger.codes import CODES
from ledger.errors import problem
from ledger.quantity import format_instant
from ledger.register import Key
from ledger.rules.admission import in_force
from ledger.witness.collect import WitnessState

VERSION = importlib.metadata.version("oreline")
CODE_TABLE = orjson.dumps({code: found._asdict() for code, found in sorted(CODES.items())})

router = APIRouter(route_class=StrictRoute, tags=["service"])


@router.get(
    "/health",
    summary="Whether the ledger can be written and signed, and how far it is",
    responses={200: {"model": models.Health, "description": "It can."}, **models.problems()},
)
def health(serving: Serving) -> Response:
    """503, with the reason, while the store cannot be read or no checkpoint can be signed. Where only the
    witnesses' quorum is missing, posting goes on: that is told in ``unpublished``, under status 200."""
    fault = serving.checkpoints.fault
    if fault is not None and fault.code != QUORUM:
        return ProblemResponse(503, [problem(fault.code, "$")])
    answer = {
        "ledger": serving.ledger.name,
        "charter": b64.encode(serving.ledger.charter),
        "version": VERSION,
        "rules": _rules(serving),
        "size": serving.store.head().size,
        "checkpoint_size": serving.covered(),
        "unpublished": fault.code if fault is not None else None,
        "witnesses": [_witness(state) for state in _witnesses(serving)],
    }
    return fresh(answer)


@router.get(
    "/metrics",
    summary="Counters and gauges for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Text format 0.0.4. Counters begin at zero when the process starts.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **models.problems(),
    },
)
def prometheus(serving: Serving) -> Response:
    """Alert on ``oreline_checkpoint_fault``, on a growing ``oreline_checkpoint_lag_entries`` and, for each
    witness, on ``oreline_witness_lag_seconds``."""
    covered, size = serving.covered(), serving.store.head().size
    gauges = {
        "oreline_entries": size,
        "oreline_checkpoint_entries": covered,
        "oreline_checkpoint_lag_entries": size - covered,
        "oreline_checkpoint_fault": int(serving.checkpoints.fault is not None),
    }
    text = serving.metrics.text(gauges, _witnesses(serving))
    return Response(text, headers={"content-type": metrics.MEDIA_TYPE})


@router.get(
    "/codes",
    summary="What every code means and what to do about it",
    response_class=Response,
    responses={
        200: {
            "description": "By code.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": {"$ref": "#/components/schemas/Meaning"},
                    }
                }
            },
        },
        **models.problems(),
    },
)
def codes() -> Response:
    """The ``type`` of every problem points into this table. A code keeps its meaning for ever."""
    return Response(CODE_TABLE, media_type="application/json")


def _witnesses(serving: Service) -> tuple[WitnessState, ...]:
    collector = serving.ledger.collector
    if collector is None:
        return ()
    published = serving.store.checkpoint()
    if published is not None:
        collector.recall(published)
    return collector.states()


def _witness(state: WitnessState) -> dict[str, Any]:
    return {
        "name": state.name,
        "size": state.size,
        "cosigned": _instant(state.cosigned),
        "contact": _instant(state.contact),
        "behind_seconds": state.behind // 1000,
        "error": state.error,
    }


def _instant(ms: int | None) -> str | None:
    return format_instant(ms) if ms is not None else None


def _rules(serving: Service) -> int:
    """The version of the rules by which an entry received with the last one is judged."""
    charters = serving.store.read((Key("charters", ""),))[Key("charters", "")].value
    ruling = Key("charter", str(in_force(charters, serving.store.head().received)))
    rules: int = serving.store.read((ruling,))[ruling].value.rules
    return rules
