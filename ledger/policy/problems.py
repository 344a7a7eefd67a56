"""From what pydantic says of a policy to one ``Malformed``: code, path, sentence."""

from pydantic import ValidationError

from ledger.errors import Malformed
from ledger.events.problems import shown, step

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
    return Malformed(code, path + "".join(map(step, error["loc"])), detail)
