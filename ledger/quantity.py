"""Values inside events: masses, times, ids, names, ratios; and the exact sharing out of grams.

Everything is an integer: masses in grams, times in seconds or milliseconds since 1970-01-01T00:00:00Z,
ratios in millionths. ``parse(format(x)) == x`` for each pair. No clock is read here.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

from ledger.errors import Malformed

FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799  # that have a spelling: years 1 to 9999
_MASS = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,3}))?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
_RATIO = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,6}))?")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])Z")
_INSTANT = re.compile(r"([0-9-]{10}T[0-9:]{8})\.([0-9]{3})Z")
# RFC 3986: a scheme in lower case, then characters of a URI; "%" is left out on purpose.
_ID = re.compile(r"[a-z][a-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]+")
_EPOCH = date(1970, 1, 1).toordinal()

MILLION = 1_000_000  # millionths in a whole
FINE = 1_000  # milligrams in a gram: the finest that shares are counted in
DAY = 86_400  # seconds
MAX_ID = 256
MAX_NAME = 200

# Characters that show nothing or change how others show, as ranges that stay fixed whatever Unicode
# version this Python knows, so that two checkers cannot disagree: controls, soft hyphen, joiners,
# bidi controls, fillers, separators of lines, variation selectors, tags, surrogates, private use.
_UNSEEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


@lru_cache(maxsize=4096)  # a lot's mass is spelt again at each step of its way
def parse_kg(text: str) -> int:
    """Grams of a mass in kg, ``(0|[1-9][0-9]{0,11})(\\.[0-9]{1,3})?`` and above zero.

    Raises ``Malformed`` ``value.mass`` (spelling) or ``value.mass_zero``.
    """
    found = _MASS.fullmatch(text)
    if found is None:
        raise Malformed("value.mass", detail=f"{_shown(text)} is not a mass in kg")
    whole, fraction = found.groups()
    grams = int(whole) * 1000 + (int(fraction.ljust(3, "0")) if fraction else 0)
    if not grams:
        raise Malformed("value.mass_zero", detail=f"{_shown(text)} kg is no mass")
    return grams


def format_kg(grams: int) -> str:
    """The shortest spelling of a mass in kg: 1500 → ``1.5``, 1000 → ``1``."""
    return _format_decimal(grams, 3)


def shown_kg(grams: int) -> str:
    """A mass for people, with its unit: 36000000500 → ``36,000,000.5 kg``. What is signed, hashed or read by
    a program is spelt by ``format_kg``."""
    whole, point, fraction = format_kg(grams).partition(".")
    return f"{int(whole):,}{point}{fraction} kg"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 lot``, ``2,000 lots``; ``many`` where it is not ``one`` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def parse_ratio(text: str) -> int:
    """Millionths of a decimal with at most six places: ``1.889`` → 1889000. Zero is a ratio.

    Raises ``Malformed`` ``value.ratio``.
    """
    found = _RATIO.fullmatch(text)
    if found is None:
        raise Malformed("value.ratio", detail=f"{_shown(text)} is not a plain decimal")
    whole, fraction = found.groups()
    return int(whole) * MILLION + (int(fraction.ljust(6, "0")) if fraction else 0)


def format_ratio(millionths: int) -> str:
    """The shortest spelling of a ratio: 1889000 → ``1.889``."""
    return _format_decimal(millionths, 6)


def parse_time(text: str) -> int:
    """Seconds since the epoch of ``YYYY-MM-DDTHH:MM:SSZ``: a real date, second at most 59.

    Raises ``Malformed`` ``value.time`` (spelling) or ``value.date`` (no such day).
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise Malformed("value.time", detail=f"{_shown(text)} is not YYYY-MM-DDTHH:MM:SSZ")
    day, hour, minute, second = found.groups()
    return _day(day) + int(hour) * 3600 + int(minute) * 60 + int(second)


def format_time(seconds: int) -> str:
    """``YYYY-MM-DDTHH:MM:SSZ`` of seconds since the epoch, years 0001 to 9999."""
    days, rest = divmod(seconds, DAY)
    hour, rest = divmod(rest, 3600)
    minute, second = divmod(rest, 60)
    return f"{_date(days)}T{hour:02}:{minute:02}:{second:02}Z"


def months(begin: int, end: int) -> list[str]:
    """The calendar months of two times (s) and of all between: ``2025-12``, ``2026-01``, …"""
    first, last = (12 * int(time[:4]) + int(time[5:7]) - 1 for time in map(format_time, (begin, end)))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def parse_instant(text: str) -> int:
    """Milliseconds since the epoch of ``YYYY-MM-DDTHH:MM:SS.mmmZ``, as entries carry it.

    Raises ``Malformed`` ``value.instant`` (spelling) or ``value.date`` (no such day).
    """
    found = _INSTANT.fullmatch(text)
    whole = found and _TIME.fullmatch(found[1] + "Z")
    if not found or not whole:
        raise Malformed("value.instant", detail=f"{_shown(text)} is not YYYY-MM-DDTHH:MM:SS.mmmZ")
    return parse_time(whole[0]) * 1000 + int(found[2])


@lru_cache(maxsize=64)  # all entries of a commit share theirs
def format_instant(milliseconds: int) -> str:
    """``YYYY-MM-DDTHH:MM:SS.mmmZ`` of milliseconds since the epoch."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{format_time(seconds)[:-1]}.{rest:03}Z"


def parse_whole(text: str) -> int:
    """A number, an index or a size in its one spelling, ``0|[1-9][0-9]{0,15}``: Python itself reads ``1_0``,
    ``+10`` and digits of any script. Raises ``ValueError``."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{_shown(text)} is no number in digits, without a sign or leading zeros")
    return int(text)


def check_id(text: str) -> str:
    """The id itself if it is one: a URI (RFC 3986) of at most 256 ASCII characters with a lower-case
    scheme and no ``%``. Ids are compared as bytes and never normalised.

    Raises ``Malformed`` ``value.id``.
    """
    if len(text) > MAX_ID or _ID.fullmatch(text) is None:
        raise Malformed("value.id", detail=f"{_shown(text)} is not an id")
    return text


def check_name(text: str) -> str:
    """The name itself if it may be shown to people: 1 to 200 characters, in NFC, nothing unseen
    (controls, bidi and zero-width characters), no white space at either end.

    Raises ``Malformed`` ``value.name``.
    """
    if not 0 < len(text) <= MAX_NAME:
        raise Malformed("value.name", detail=f"a name of {len(text)} characters; 1 to {MAX_NAME} may be")
    unseen = _UNSEEN.search(text)
    if unseen is not None:
        raise Malformed("value.name", detail=f"the name holds U+{ord(unseen[0]):04X}, which is not seen")
    if text != text.strip():
        raise Malformed("value.name", detail="the name begins or ends with white space")
    if not unicodedata.is_normalized("NFC", text):
        raise Malformed("value.name", detail="the name is not in Unicode normalisation form C")
    return text


def apportion(total: int, weights: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Share ``total`` grams out by weight in whole grams: largest remainder, ties to the smaller id.

    ``weights``: (id, weight ≥ 0), ids strictly ascending, not all zero unless ``total`` is. The shares
    sum to ``total`` exactly; rows that get nothing are kept. Each differs from its exact share by
    less than one gram.
    """
    assert total >= 0
    assert all(a[0] < b[0] for a, b in pairwise(weights)), "ids must ascend"
    whole = sum(weight for _, weight in weights)
    if total == 0:
        return [(id, 0) for id, _ in weights]
    assert whole > 0, "nothing to share by"
    if total == whole:
        return list(weights)
    shares: list[tuple[str, int]] = []
    remainders: list[tuple[int, int]] = []  # negative, so that the largest sorts first; then by place
    left = total
    for place, (id, weight) in enumerate(weights):
        floor, remainder = divmod(total * weight, whole)
        shares.append((id, floor))
        remainders.append((-remainder, place))
        left -= floor
    for _, place in sorted(remainders)[:left]:
        id, floor = shares[place]
        shares[place] = id, floor + 1
    return shares


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    """The date so many days after the epoch."""
    return date.fromordinal(_EPOCH + days).isoformat()


@lru_cache(maxsize=4096)
def _day(text: str) -> int:
    """Seconds since the epoch at the day's beginning."""
    try:
        return (date.fromisoformat(text).toordinal() - _EPOCH) * DAY
    except ValueError:
        raise Malformed("value.date", detail=f"there is no day {text}") from None


def _format_decimal(value: int, places: int) -> str:
    whole, fraction = divmod(value, 10**places)
    return f"{whole}.{fraction:0{places}}".rstrip("0") if fraction else str(whole)


def _shown(text: str) -> str:
    """Input quoted for a message: ASCII, short."""
    return ascii(text if len(text) <= 60 else text[:57] + "...")
