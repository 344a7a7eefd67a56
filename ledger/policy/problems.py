"""What is wrong with a policy, all of it at once; from pydantic's errors to code, path and sentence."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ledger.errors import Malformed, OrelineError
from ledger.events.problems import echo, shown, step

MOST = 20  # of one policy

T = TypeVar("T")

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


class Faults:
    """Everything that is wrong with a policy: whoever writes one wants to know it at once."""

    def __init__(self) -> None:
        self.found: list[OrelineError] = []

    def trying(self, made: Callable[..., T], *given: Any) -> T | None:
        """What is made of what is given; None where that is wrong, which is kept."""
        try:
            return made(*given)
        except Malformed as wrong:
            self.found += (wrong, *wrong.more)
            return None

    def each(self, made: Callable[..., T], tables: Iterable[Any], path: str, *given: Any) -> tuple[T, ...]:
        """What is made of each table of an array at ``path``."""
        found = (self.trying(made, raw, f"{path}[{i}]", *given) for i, raw in enumerate(tables))
        return tuple(one for one in found if one is not None)

    def add(self, code: str, path: str, detail: str) -> None:
        """One more."""
        self.found.append(Malformed(code, path, detail))

    def tell(self) -> None:
        """Raise the first with the others, at most ``MOST``, if there is any."""
        if self.found:
            first, *others = self.found[:MOST]
            raise Malformed(first.code, first.path, first.detail, others)


def malformed(found: ValidationError, path: str, model: type[BaseModel]) -> Malformed:
    """What is wrong with the table at ``path``, which is to be one of these."""
    errors = [error for error in found.errors(include_url=False) if not echo(error)]
    first, *others = (_one(error, path, model) for error in errors)
    return Malformed(first.code, first.path, first.detail, others)


def _one(error: ErrorDetails, path: str, model: type[BaseModel]) -> Malformed:
    place = error["loc"]
    context = error.get("ctx", {})
    code, template = _SAID.get(error["type"], ("policy.value", ""))
    detail = template.format(**context) or context.get("sentence") or error["msg"]
    if code == "policy.value":
        detail += f"; found {shown(error['input'])}"
    elif code == "policy.unknown" and len(place) == 1:
        meant = get_close_matches(str(place[0]), model.model_fields, 1)
        detail += f"; is {meant[0]} meant?" if meant else ""
    return Malformed(code, path + "".join(map(step, place)), detail)
