"""The parts of docs/reference/policies.md that are made of the program: kinds, stages, schemes, policies."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from ledger.policy import load, names
from ledger.policy.chain import STAGES, Of
from ledger.policy.kinds import KINDS
from ledger.policy.requirement import Requirement
from ledger.policy.shipped import schemes

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "policies.md"
PART = re.compile(r"(<!-- (\w+): made by tests\.docs\.update -->\n).*?(<!-- end of \2 -->\n)", re.S)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _prose(text: str | None) -> str:
    return _cell((text or "").replace("``", "`"))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True)
    if value is None or value == () or isinstance(value, Of):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _members(model: type[Any], own: set[str]) -> Iterator[str]:
    yield "| member | means | default |\n|---|---|---|\n"
    for name, field in model.model_fields.items():
        if name not in own:
            yield f"| `{field.alias or name}` | {_cell(field.description or '')} | {_default(field)} |\n"


def kinds() -> str:
    """A part for each kind, and one for `of`."""
    parts = []
    shared = {*Requirement.model_fields, "kind"}
    for name, model in KINDS.items():
        rows = "".join(_members(model, shared))
        table = f"\n{rows}" if rows.count("\n") > 2 else ""
        any_of = ", ".join(f"`{one}`" for one in model.any_of)
        needs = f" At least one of {any_of} must be given." if any_of else ""
        parts.append(f"### {name}\n\n{_prose(model.__doc__)}{needs}\n{table}\n")
    parts.append(f"### of: which steps\n\n{_prose(Of.__doc__)}\n\n{''.join(_members(Of, set()))}")
    return "\n" + "".join(parts) + "\n"


def stages() -> str:
    """The processes of each stage."""
    rows = "".join(
        f"| `{name}` | {', '.join(f'`{one}`' for one in steps)} |\n" for name, steps in STAGES.items()
    )
    return f"\n| stage | processes |\n|---|---|\n{rows}\n"


def schemes_() -> str:
    """The schemes that are shipped."""
    rows = "".join(
        f"| `{name}` | {one.title} | {', '.join(one.subjects)} | {', '.join(one.statuses)} "
        f"| {', '.join(f'`{what}`' for what in one.measured)} |\n"
        for name, one in schemes().items()
    )
    return f"\n| scheme | title | about a | statuses that count | states |\n|---|---|---|---|---|\n{rows}\n"


def shipped() -> str:
    """The policies that are shipped."""
    rows = "".join(f"| `{name}` | {load(name).title} | {_cell(load(name).about)} |\n" for name in names())
    return f"\n| name | title | what it asks |\n|---|---|---|\n{rows}\n"


MAKERS: dict[str, Callable[[], str]] = {
    "kinds": kinds,
    "stages": stages,
    "schemes": schemes_,
    "shipped": shipped,
}


def render(text: str) -> str:
    """The page with its made parts made anew."""
    return PART.sub(lambda found: found[1] + MAKERS[found[2]]() + found[3], text)
