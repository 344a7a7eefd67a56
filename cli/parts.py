"""Lists of parts: which lots somebody asks about."""

import csv
import re
from collections.abc import Iterator, Sequence

from cli import files
from ledger.errors import Malformed, OrelineError
from ledger.quantity import check_id

MAX_LIST = 64 * 1024 * 1024  # octets
MOST = 20  # wrong lines that are told one by one
COLUMNS = ("lot", "lot id", "serial", "serial number", "part number")
"""Headings of the column to read, the first of them that there is; without one the first column is read."""

# What is stamped on a part. What has a colon is meant for an id, what has the others for a table.
_STAMP = re.compile(r"[!#-+\--9<-~]{1,64}")
# A mistyped id must not pass for a heading, or its lot would be left out of the verdict.
_HEADING = re.compile(r"[^:0-9]*")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read(name: str) -> dict[str, int]:
    """The lots in a file, by their ids or by what is stamped on them, and the first line of each: one on each
    line, where empty lines and those that begin with # are passed over; of a ``.csv`` those in the column
    headed ``lot`` (or as ``COLUMNS`` says), or in its first, under a heading or not. ``command.content``."""
    text = _text(name)
    table = name.lower().endswith(".csv")
    try:
        rows = list(_cells(text) if table else _lines(text))
    except csv.Error as wrong:  # a quote that is never closed, say
        raise OrelineError("command.content", files.shown(name), f"no table can be read: {wrong}") from None
    if table and rows and _HEADING.fullmatch(rows[0][1]):
        rows = rows[1:]
    problems = []
    for line, cell in rows:
        if _STAMP.fullmatch(cell):
            continue
        try:
            check_id(cell)
        except Malformed as wrong:
            read = "the first column is read, or the one headed lot" if table else "a table is named .csv"
            detail = f"{wrong.detail}, nor what may be stamped on a part; {read}"
            problems.append(wrong_line(files.shown(name), line, detail))
    refuse(problems)
    if not rows:
        raise OrelineError("command.content", files.shown(name), "there is no lot in it")
    lines: dict[str, int] = {}
    for line, cell in rows:
        lines.setdefault(cell, line)
    return lines


def wrong_line(name: str, line: int, detail: str) -> OrelineError:
    """What is wrong with a line of a list."""
    return OrelineError("command.content", f"{name}, line {line}", detail)


def refuse(problems: Sequence[OrelineError]) -> None:
    """Tell all that is wrong with a list at once, so that it is corrected once; nothing if nothing is."""
    if problems:
        first, *more = problems[:MOST]
        if left := problems[MOST:]:
            more.append(
                OrelineError(left[0].code, left[0].path, f"{len(left):,} lines are wrong from here on")
            )
        raise OrelineError(first.code, first.path, first.detail, more)


def _text(name: str) -> str:
    """What spreadsheets save is of many encodings. Only ASCII is read of it, so that any other octet spoils
    at most the cell that it stands in."""
    data = files.read(name, MAX_LIST)
    if data.startswith(b"PK\x03\x04"):
        said = "this is a spreadsheet's own format, or an archive: save the table as CSV"
        raise OrelineError("command.content", files.shown(name), said)
    return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig", "replace")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for n, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield n, line.strip()


def _cells(text: str) -> Iterator[tuple[int, str]]:
    """Spreadsheets separate by commas, semicolons or tabs: whichever the first line has most of, unless
    it says so itself (``sep=;``)."""
    first = text.partition("\n")[0].strip()
    said = re.fullmatch("sep=(.)", first, re.IGNORECASE)
    reader = csv.reader(text.splitlines(), delimiter=said[1] if said else max(",;\t", key=first.count))
    place = None
    for row in reader:
        if (said and reader.line_num == 1) or not any(cell.strip() for cell in row):
            continue
        if place is None:
            heads = [cell.strip().lower() for cell in row]
            place = next((heads.index(name) for name in COLUMNS if name in heads), 0)
        yield reader.line_num, row[place].strip() if place < len(row) else ""
