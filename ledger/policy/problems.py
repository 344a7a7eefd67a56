"""From what pydantic says of a policy to one ``Malformed``: code, path, sentence."""

import json
from typing import Any

from pydantic import ValidationError

from ledger.errors import Malformed

_SAID = {
    "missing": ("policy.missing", "is required"),
    "extra_forbidden": ("policy.unknown", "is not a member here"),
    "string_type": ("policy.value", "must be text"),
    "bool_type": ("policy.value", "must be true or false"),
    "int_type": ("policy.value", "must be a whole number"),
    "dict_type": ("policy.value", "must be a table"),
    "model_type": ("policy.value", "must be a table"),
    "tuple_type": ("policy.value", "must be an array"),
    "policy.missing": ("policy.missing", "{sentence}"),
    "literal_error": ("policy.value", "must be {expected}"),
    "too_short": ("policy.value", "must have at least {min_length}, but has {actual_length}"),
    "too_long": ("policy.value", "must have at most {max_length}"),
    "greater_than_equal": ("policy.value", "must be at least {ge}"),
    "less_than_equal": ("policy.value", "must be at most {le}"),
}


def malformed(found: ValidationError, path: str) -> Malformed:
    """The first thing that is wrong with what stands at ``path``."""
    error = found.errors(include_url=False)[0]
    context = error.get("ctx", {})
    code, template = _SAID.get(error["type"], ("policy.value", ""))
    detail = template.format(**context) or context.get("sentence") or error["msg"]
    if code == "policy.value":
        detail += f"; found {shown(error['input'])}"
    return Malformed(code, path + "".join(_step(part) for part in error["loc"]), detail)


def _step(part: int | str) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if part.isidentifier() and part.isascii() else f"[{json.dumps(part)}]"


def shown(value: Any) -> str:
    """The value, short, in ASCII."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
