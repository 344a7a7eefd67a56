"""What becomes of posted statements, in the form of ``POST /events``:

    {"outcomes": [<receipt> | {"problems": […]} | null, …],
     "recorded": n, "duplicates": n, "refused": n, "checkpoint": "<note>"}

``null``: not recorded, though nothing is wrong with it (another of its batch was refused, or it was a
dry run). ``checkpoint`` is there where something was recorded.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cli.errors import Refused
from ledger import events
from ledger.errors import Malformed, Problem

Answer = dict[str, Any]
_INDEX = re.compile(r"\$\[([0-9]+)\]")


def renumbered(outcome: Any, number: int) -> Any:
    """An outcome whose problems name the statement by its number among all."""
    for found in (outcome or {}).get("problems", ()):
        found["path"] = _INDEX.sub(f"$[{number}]", found["path"], count=1)
    return outcome


def number_of(path: str) -> int:
    """The number of the statement that a problem's path names; ``IndexError`` if it names none."""
    match = _INDEX.match(path)
    if match is None:
        raise IndexError(path)
    return int(match.group(1))


def refusals(answer: Answer, places: Sequence[str]) -> Iterator[tuple[str, Problem]]:
    """The problems of an answer, each under the place of its statement."""
    for place, outcome in zip(places, answer["outcomes"], strict=True):
        for found in (outcome or {}).get("problems", ()):
            yield place, as_problem(found)


def as_problem(found: dict[str, Any]) -> Problem:
    """The ``Problem`` of its JSON object; a server may know codes that we do not."""
    members = {name: str(found.get(name, "")) for name in ("code", "path", "detail", "remedy")}
    return Problem(**members, waiting_for=found.get("waiting_for"))


def receipt_of(answer: Answer) -> dict[str, Any]:
    """The receipt of the only statement that was posted; ``Refused`` if there is none."""
    problems = list(refusals(answer, [""]))
    if problems:
        raise Refused(problems)
    receipt: dict[str, Any] = answer["outcomes"][0]
    return receipt


def charter_in(data: bytes) -> dict[str, Any]:
    """The event in entry 0 of a ledger; ``Malformed`` if that is no entry with a charter."""
    if not isinstance(events.in_entry(data), events.Charter):
        raise Malformed("charter.first")
    return events.plain_in_entry(data)
