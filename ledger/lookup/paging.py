"""Pages of long lists, and the cursors that lead from one to the next.

A cursor is opaque to its holder: base64url of a JSON array that says which list it is of and where to go
on. It holds a place, never a number of a row that could shift, so pages stay stable while the ledger grows.
"""

from typing import Any, Generic, NamedTuple, TypeVar

from ledger import b64, strictjson
from ledger.errors import Malformed

LIMIT = 100  # items on a page unless the caller asks for another number
MOST = 10_000  # items on a page at most
PATH = "$.query.cursor"  # where whoever asks for a page gives a cursor
T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """``next``: the cursor of the page after this one; None on the last."""

    items: tuple[T, ...]
    next: str | None

    def as_json(self) -> dict[str, Any]:
        """The page as a JSON object."""
        return {"items": [item.as_json() for item in self.items], "next": self.next}  # type: ignore[attr-defined]


def encode(*place: str | int) -> str:
    """The cursor of a place: first the list's name and what it was asked for, then where to go on."""
    return b64.encode(strictjson.dumps(list(place)))


def decode(cursor: str, *asked: str | int) -> list[Any]:
    """Where to go on in the list that ``asked`` names; ``Malformed("request.cursor")``."""
    try:
        place = strictjson.loads(b64.decode(cursor), max_depth=2)
    except (ValueError, Malformed):
        raise Malformed("request.cursor", PATH) from None
    if not isinstance(place, list) or place[: len(asked)] != list(asked):
        raise Malformed("request.cursor", PATH, "The cursor is of another list or another question.")
    return place[len(asked) :]


def check_types(place: list[Any], *types: type) -> None:
    """The rest of a cursor is what its list puts there; ``Malformed("request.cursor")``."""
    if [type(part) for part in place] != list(types):
        raise Malformed("request.cursor", PATH)


def clamp(limit: int) -> int:
    """The number of items on a page that was asked for, within bounds."""
    return max(1, min(limit, MOST))
