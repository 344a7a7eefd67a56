"""What commands print: tables for people, JSON for programs, progress for whoever waits."""

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self

import click

NARROWEST = 60
GAP = 2
TICK = 0.1  # seconds between two pictures of the progress on a terminal
LINE = 10.0  # seconds between two lines of it elsewhere
PATIENCE = 1.0  # seconds before there is any
# What a terminal would obey instead of showing: control characters, and those that turn text around.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def width() -> int:
    """Columns to fill: the terminal's, 80 where there is none."""
    return max(shutil.get_terminal_size((80, 24)).columns, NARROWEST)


def printable(text: str) -> str:
    """Text of unknown origin without what a terminal would obey."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def print_json(value: Any) -> None:
    """One JSON value, indented, in UTF-8 whatever the terminal's encoding."""
    import orjson

    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except TypeError:  # half a surrogate pair: the name of a file that is no UTF-8
        text = json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    click.echo(text)


def say(text: str = "") -> None:
    """A line, or several, on standard output."""
    click.echo(printable(text))


def say_raw(text: str) -> None:
    """A line on standard output with its colours."""
    click.echo(text)


def note(text: str) -> None:
    """A remark that is no result: on standard error, one line for programs, wrapped on a terminal."""
    text = printable(text)
    if sys.stderr.isatty():
        text = "\n".join(paragraph(line, hanging="  ") for line in text.split("\n"))
    click.echo(text, err=True)


def paragraph(text: str, hanging: str = "") -> str:
    """Text wrapped to the width, all but its first line further in by ``hanging``; words such as ids are
    never broken."""
    return textwrap.fill(
        text,
        width(),
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> str:
    """Rows under heads; columns in ``right`` are aligned right, and columns without content left out.

    Where that is wider than the terminal each row becomes a block: its first cell on a line of its own,
    the others below under their heads. Nothing is ever cut, since ids are there to be copied.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    kept = [n for n in range(len(heads)) if n == 0 or any(row[n] for row in cells)]
    cells = [[row[n] for n in kept] for row in cells]
    right = [place for place, n in enumerate(kept) if n in right]
    heads = [heads[n] for n in kept]
    wide = [max(len(row[n]) for row in [list(heads), *cells]) for n in range(len(heads))]
    if sum(wide) + GAP * (len(heads) - 1) > width():
        return "\n".join(_block(heads, row, numbered=0 in right) for row in cells)
    lines = [
        (" " * GAP)
        .join(cell.rjust(wide[n]) if n in right else cell.ljust(wide[n]) for n, cell in enumerate(row))
        .rstrip()
        for row in [list(heads), *cells]
    ]
    return "\n".join(lines)


def _block(heads: Sequence[str], row: Sequence[str], numbered: bool) -> str:
    rest = {head: cell for head, cell in zip(heads[1:], row[1:], strict=True) if cell and head}
    first = f"{heads[0]} {row[0]}" if numbered else row[0]  # an id says what it is, a number does not
    first = "  ".join([first, *(cell for head, cell in zip(heads[1:], row[1:], strict=True) if not head)])
    return "\n".join([first, *(f"  {line}" for line in fields(rest).splitlines())])


def fields(members: Mapping[str, object]) -> str:
    """Names and values below each other; values that do not fit are wrapped, ids whole."""
    longest = max(map(len, members), default=0)
    lines = []
    for name, value in members.items():
        several = value if isinstance(value, list | tuple) else [value]
        label = name.ljust(longest)
        for part in several or ["-"]:
            wrapped = textwrap.wrap(
                str(part), width() - longest - GAP, break_long_words=False, break_on_hyphens=False
            ) or [""]
            for line in wrapped:
                lines.append(f"{label}{' ' * GAP}{line}".rstrip())
                label = " " * longest
    return "\n".join(lines)


class Progress:
    """How far long work has come, on standard error; nothing where it is done within a second."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = monotonic() + PATIENCE
        self._terminal = sys.stderr.isatty()
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """So much of so much is done."""
        now = monotonic()
        if now < self._next:
            return
        self._next = now + (TICK if self._terminal else LINE)
        self._shown = True
        share = f" ({100 * done // total} %)" if total else ""
        text = f"{self._what}: {done:,} of {total:,}{share}"
        click.echo(f"\r{text}\x1b[K" if self._terminal else text, err=True, nl=not self._terminal)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
