"""A complete example of each type of event (docs/reference/events.md), changed, and what is wrong then."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger import events

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "events.md"


def examples() -> dict[str, dict[str, Any]]:
    """By type; each call gives fresh objects."""
    found = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.S)]
    return {example["type"]: example for example in found}


def example(type: str, /, **changes: Any) -> dict[str, Any]:
    """The example of a type with members replaced; ``None`` takes a member out. ``from_`` is ``from``."""
    event = examples()[type]
    for name, value in changes.items():
        name = name.rstrip("_")
        event[name] = value
        if value is None:
            del event[name]
    return event


def payload(type: str, /, **changes: Any) -> bytes:
    """The same as octets."""
    return json.dumps(example(type, **changes)).encode()


def found(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with an event: codes and paths."""
    return [(one.code, one.path) for one in events.errors(json.dumps(data).encode())]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*path, name)
        yield from places(inner, (*path, name))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with another value at the path."""
    value = copy.deepcopy(value)
    at = value
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = new
    return value
