"""One complete example of every type of event: those of docs/reference/events.md."""

import json
import re
from pathlib import Path
from typing import Any

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
