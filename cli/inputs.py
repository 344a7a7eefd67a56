"""What commands are fed: events to sign and statements to post, each with the place it came from."""

import codecs
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cli import files
from ledger import strictjson
from ledger.errors import Malformed, OrelineError
from ledger.statement import MAX

_SIGNED = b"eyJ"  # base64url of `{"`: how every statement begins


class Input(NamedTuple):
    """``place``: such as ``casts.jws, line 3``."""

    place: str
    data: bytes


def statements(names: Iterable[str]) -> list[Input]:
    """The statements in files: one a line, or a JSON array of strings. ``command.content``."""
    return [found for name in names for found in _statements(name)]


def _statements(name: str) -> Iterator[Input]:
    data = _read(name).removeprefix(codecs.BOM_UTF8).strip()  # nothing here is signed but the lines
    place = files.shown(name)
    if data.startswith(b"["):
        rows = _array(place, data)
        for n, row in enumerate(rows):
            if not isinstance(row, str):
                wrong = "an event; sign it first with `oreline sign`" if isinstance(row, dict) else "no text"
                raise OrelineError("command.content", f"{place} $[{n}]", f"this is {wrong}")
            yield Input(f"{place}, statement {n + 1}", row.encode(errors="replace"))
        return
    if data.startswith(b"{"):
        found = "a proof file" if b'"oreline-proof/' in data[:100] else "JSON, perhaps an event"
        raise OrelineError(
            "command.content", place, f"this is {found}; statements are made by `oreline sign`"
        )
    found_lines = list(_lines(place, data))
    if not found_lines:
        raise OrelineError("command.content", place, "there is no statement in it")
    for line in found_lines:
        if not line.data.startswith(_SIGNED) and b"." not in line.data:
            raise OrelineError("command.content", line.place, "this is not a statement")
        yield line


def events(names: Iterable[str]) -> list[Input]:
    """The events in files: one JSON object, one a line, or a JSON array of them. ``command.content``.

    The octets of an object are kept as they are; those in an array are spelt anew, without white space.
    """
    return [found for name in names for found in _events(name)]


def _events(name: str) -> Iterator[Input]:
    data = _read(name).removeprefix(codecs.BOM_UTF8).strip()  # nothing here is signed but the objects
    place = files.shown(name)
    if data.startswith(b"["):
        for n, row in enumerate(_array(place, data)):
            yield Input(f"{place}, event {n + 1}", strictjson.dumps(row))
        return
    if not data:
        raise OrelineError("command.content", place, "it is empty")
    if data.startswith(_SIGNED):
        raise OrelineError("command.content", place, "this is a statement: it is signed already")
    lines = list(_lines(place, data))
    if len(lines) > 1 and not data.startswith(b"{"):  # a table, say: JSON that is no event has one line
        raise OrelineError("command.content", place, "this is no event: one is a JSON object")
    if len(lines) > 1 and all(line.data.startswith(b"{") and line.data.endswith(b"}") for line in lines):
        yield from lines
    else:
        yield Input(place, data)


def _read(name: str) -> bytes:
    data = files.read(name)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        said = "this is UTF-16, as PowerShell's > writes it: save it as UTF-8 (`oreline sign -o FILE` does)"
        raise OrelineError("command.content", files.shown(name), said)
    return data


def _array(place: str, data: bytes) -> list[object]:
    try:
        found = strictjson.loads(data)
    except Malformed as error:
        raise OrelineError(error.code, f"{place} {error.path}", error.detail) from None
    assert isinstance(found, list)
    return found


def _lines(place: str, data: bytes) -> Iterator[Input]:
    for n, line in enumerate(data.split(b"\n"), 1):
        text = line.strip()
        if text:
            yield Input(f"{place}, line {n}", text)


def text_of(found: Input) -> str:
    """A statement as text; what is not ASCII is for the ledger to refuse, as any other form."""
    return found.data[: MAX + 1].decode("utf-8", "replace")
