"""From pydantic's errors to problems: a stable code, a plain path, a sentence with what was found."""

import json
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ledger import strictjson
from ledger.codes import CODES
from ledger.errors import Problem, problem

_CODES = {
    "missing": ("event.missing", "is required"),
    "extra_forbidden": ("event.unknown", "is not a member here; unknown members go into `ext`"),
    "string_type": ("event.value", "must be text"),
    "bool_type": ("event.value", "must be true or false"),
    "int_type": ("event.value", "must be a whole number"),
    "dict_type": ("event.value", "must be an object"),
    "model_type": ("event.value", "must be an object"),
    "tuple_type": ("event.value", "must be an array"),
    "literal_error": ("event.choice", "must be {expected}"),
    "too_short": ("event.size", "must have at least {min_length}, but has {actual_length}"),
    "too_long": ("event.size", "must have at most {max_length}"),
    "greater_than_equal": ("event.value", "must be at least {ge}"),
    "less_than_equal": ("event.value", "must be at most {le}"),
}


LONGEST_NAME = 256  # characters of a name that a member may have: longer ones are shown as values are
MOST = 20  # of one text: what answers 8 MiB of nonsense must not be a hundred times as long


def problems_of(found: ValidationError) -> list[Problem]:
    """Our code, the path as ``$.inputs[0].kg`` and a sentence for the first of pydantic's errors."""
    errors = (error for error in found.errors(include_url=False) if not echo(error))
    return list(map(_problem, islice(errors, MOST)))


def echo(error: ErrorDetails) -> bool:
    """A list whose entries were refused also counts as too short; that says nothing new."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _problem(error: ErrorDetails) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    path = "$" + "".join(map(step, error["loc"])) + context.get("inside", "")
    if kind in CODES and "sentence" in context:
        return problem(kind, path, context["sentence"])
    code, template = _CODES.get(kind, ("event.value", ""))
    detail = template.format(**context) or error["msg"]
    if code in ("event.value", "event.choice"):
        detail += f"; found {shown(error['input'])}"
    return problem(code, path, detail)


def step(part: int | str) -> str:
    """A part of pydantic's place of an error, as our paths spell it."""
    if isinstance(part, int):
        return f"[{part}]"
    if part.startswith("#") or part == "[key]":
        return ""
    if len(part) > LONGEST_NAME:
        return f"[{shown(part)}]"
    return strictjson.child("", part)


def shown(value: Any) -> str:
    """The value as JSON, ASCII and short; TOML has times, which are shown as text."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
