"""A fraud as frauds.json tells it, and where that file is."""

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

CHECKOUT = Path(__file__).resolve().parents[3] / "tests" / "frauds" / "frauds.json"


class Fraud(NamedTuple):
    """``family``: what the trade calls it. ``story``: who does what. ``caught_by``, ``code``: where it is
    caught, and how that is called. ``steps``: see tests/frauds/README.md. ``before``: the step of the
    demo's story before which it happens; without one, at its end. ``reader``: what the reader of the
    proof asks for: ``witnesses``, or ``now`` and ``max_age``."""

    name: str
    family: str
    story: str
    caught_by: str
    code: str
    steps: tuple[Mapping[str, Any], ...]
    before: str | None = None
    reader: Mapping[str, Any] = {}


def load() -> list[Fraud]:
    """All frauds: of the package, or of the tree that it is run from."""
    packed = resources.files("cli") / "demo" / "frauds.json"
    text = (packed if packed.is_file() else CHECKOUT).read_text("utf-8")
    return [Fraud(**{**row, "steps": tuple(row["steps"])}) for row in json.loads(text)]
