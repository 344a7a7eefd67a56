"""Strict JSON: one meaning for every reader, in any language.

A subset of RFC 8259 (close to I-JSON, RFC 7493). Refused, each with its own code: octets that are not
UTF-8 (``json.utf8``), a byte-order mark (``json.bom``), anything that is not one JSON text
(``json.syntax``), nesting deeper than allowed (``json.depth``), a name twice in one object
(``json.duplicate``), the name ``__proto__`` (``json.proto``), a number that is not spelt
``0|-?[1-9][0-9]*`` (``json.number``) or not below 2^53 in magnitude (``json.range``), and a surrogate
without its partner (``json.surrogate``).

``loads`` is two passes: a fast one that only learns *that* something is wrong, and, when something is,
a slow one that finds out what and where. Of a text beyond ``EXPLAINED`` it is not found out where, since
that costs ten times as much as reading it.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

import orjson

from ledger.errors import Malformed

MAX_DEPTH = 32
EXPLAINED = 1024 * 1024  # octets
_LIMIT = 2**53
_WHITE = " \t\n\r"
# A string, also one that never ends: so each octet is looked at once, whatever the input.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def loads(data: bytes, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a strict JSON text: ``dict``, ``list``, ``str``, ``int``, ``bool`` or ``None``.

    Raises ``Malformed`` ``json.*``, with the place as a path (``$.inputs[3].kg``) where it has one.
    """
    assert max_depth < 200, "orjson and the recursive passes must be able to follow"
    # Before anything recurses: the scanner must not meet more nesting than we allow.
    if data.count(b"[") + data.count(b"{") > max_depth and _depth(data) > max_depth:
        raise Malformed("json.depth", detail=f"nested deeper than {max_depth}")
    try:
        text = data.decode("utf-8").strip(_WHITE)
    except UnicodeDecodeError as error:
        raise Malformed("json.utf8", detail=f"octet {error.start} is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise Malformed("json.bom")
    code = "json.syntax"
    try:
        value, end = _FAST.raw_decode(text)
        if end == len(text):
            if b"\\u" in data:
                orjson.dumps(value)  # raises where a surrogate stands alone
            return value
    except _Odd as odd:
        code = odd.code
    except orjson.JSONEncodeError:
        code = "json.surrogate"
    except json.JSONDecodeError:
        pass
    if len(data) > EXPLAINED:
        raise Malformed(code, detail=f"somewhere in {len(data):,} octets, too many to say where")
    return _explain_text(text)  # which always raises


def dumps(value: Any) -> bytes:
    """The JSON text of a value, exactly as ``JSON.stringify`` writes it. Names keep their order, so
    they must not look like array indices; integers are below 2^53 and there are no floats."""
    return orjson.dumps(value, option=_OPTIONS)


_OPTIONS = (
    orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def child(path: str, name: str) -> str:
    """The path of a member: ``$.kg``, or ``$["odd name"]``."""
    return f"{path}.{name}" if name.isascii() and name.isidentifier() else f"{path}[{json.dumps(name)}]"


class _Odd(Exception):
    """Something is not strict; the slow pass will say where."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Odd("json.duplicate")
    if "__proto__" in found:
        raise _Odd("json.proto")
    return found


def _int(text: str) -> int:
    if text == "-0":
        raise _Odd("json.number")
    if len(text) > 17 or not -_LIMIT < (value := int(text)) < _LIMIT:
        raise _Odd("json.range")
    return value


def _refuse(text: str) -> NoReturn:
    raise _Odd("json.number")


class _Number(str):
    """A number as it was spelt."""


class _Pairs(list[tuple[str, Any]]):
    """An object's members as they were spelt."""


def _decoder(pairs: Callable[[Any], Any], whole: Callable[[str], Any], other: Callable[[str], Any]) -> Any:
    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_int=whole, parse_float=other, parse_constant=other, strict=True
    )


_FAST = _decoder(_object, _int, _refuse)
_SLOW = _decoder(_Pairs, _Number, _Number)


def _depth(data: bytes) -> int:
    """The deepest nesting. Exact up to the first syntax error, and the parser stops there."""
    deepest = depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _explain_text(text: str) -> NoReturn:
    """Raise for the first thing in ``text`` that is not one strict JSON text."""
    try:
        value, end = _SLOW.raw_decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise Malformed("json.syntax", detail=f"{error.msg} ({where})") from None
    if end != len(text):
        raise Malformed("json.syntax", detail=f"more follows the value, at character {end}")
    _explain(value, "$")
    raise AssertionError("the fast pass refused what the slow pass finds strict")


def _explain(value: Any, path: str) -> None:
    """Raise for the first thing in ``value`` that is not strict."""
    if isinstance(value, _Number):
        _explain_number(value, path)
    elif isinstance(value, str):
        _explain_string(value, path)
    elif isinstance(value, _Pairs):
        seen = set()
        for name, inner in value:
            place = child(path, name)
            _explain_string(name, place)
            if name in seen:
                raise Malformed("json.duplicate", place)
            if name == "__proto__":
                raise Malformed("json.proto", place)
            seen.add(name)
            _explain(inner, place)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _explain(inner, f"{path}[{index}]")


def _explain_number(text: str, path: str) -> None:
    shown = text if len(text) <= 40 else text[:37] + "..."
    if not text.lstrip("-").isdigit() or text == "-0":
        raise Malformed("json.number", path, f"{shown} is not a whole number in plain digits")
    try:
        _int(text)
    except _Odd:
        raise Malformed("json.range", path, f"{shown} is not below 2^53 in magnitude") from None


def _explain_string(text: str, path: str) -> None:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Malformed("json.surrogate", path) from None
