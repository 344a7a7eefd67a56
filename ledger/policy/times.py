"""Spans of time, in milliseconds since 1970: half open, first inside and second outside."""

from calendar import monthrange
from collections.abc import Iterable

from ledger import quantity
from ledger.errors import Malformed

Span = tuple[int, int]
DAY = 86_400_000


def instant(text: str) -> int | None:
    """Milliseconds of a time to the second or to the millisecond; None if it is neither."""
    for parse, scale in ((quantity.parse_time, 1000), (quantity.parse_instant, 1)):
        try:
            return parse(text) * scale
        except Malformed:
            pass
    return None


def month(text: str) -> Span | None:
    """A calendar month such as ``2026-03``; None if it cannot be read."""
    first = instant(f"{text}-01T00:00:00Z")
    if first is None or len(text) != 7:
        return None
    year, number = int(text[:4]), int(text[5:])
    days = monthrange(year, number)[1]
    return first, first + days * DAY


def spans(pairs: Iterable[tuple[str, str]]) -> list[Span]:
    """The spans that can be read, joined; a span that cannot is left out, for it shows nothing."""
    read = ((instant(first), instant(second)) for first, second in pairs)
    return joined((a, b) for a, b in read if a is not None and b is not None and a < b)


def closed(pairs: Iterable[tuple[str, str]]) -> list[Span] | None:
    """The spans with both ends included; None if one cannot be read."""
    found: list[Span] = []
    for first, last in pairs:
        a, b = instant(first), instant(last)
        if a is None or b is None or a > b:
            return None
        found.append((a, b))
    return found


def joined(parts: Iterable[Span]) -> list[Span]:
    """Ascending, without overlaps; spans that meet become one."""
    found: list[Span] = []
    for first, second in sorted(parts):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(second, found[-1][1])
        else:
            found.append((first, second))
    return found


def common(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """The times that lie in both."""
    other = list(right)
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in other)
    return joined((first, second) for first, second in both if first < second)


def cover(within: Iterable[Span], first: int, last: int) -> bool:
    """Whether the times from ``first`` to ``last``, both included, lie in one of the joined spans."""
    return any(a <= first and last < b for a, b in within)


def told(milliseconds: int) -> str:
    """The time to the second, as sentences print it."""
    return quantity.format_time(milliseconds // 1000)
