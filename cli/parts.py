"""Lists of parts: which lots somebody asks about."""

import csv
import re
from collections.abc import Iterator

from cli import files
from ledger.errors import Malformed, OrelineError
from ledger.quantity import check_id

MAX_LIST = 64 * 1024 * 1024  # octets
# A mistyped id must not pass for a heading, or its lot would be left out of the verdict.
_HEADING = re.compile(r"[^:0-9]*")


def read(name: str) -> list[str]:
    """The lots in a file, each once: one on each line, where empty lines and those that begin with # are
    passed over; of a ``.csv`` those in its first column, under a heading or not. ``command.content``."""
    text = files.read_text(name, MAX_LIST)
    table = name.lower().endswith(".csv")
    try:
        rows = list(_cells(text) if table else _lines(text))
    except csv.Error as wrong:  # a quote that is never closed, say
        raise OrelineError("command.content", files.shown(name), f"no table can be read: {wrong}") from None
    lots = []
    for n, (line, cell) in enumerate(rows):
        try:
            lots.append(check_id(cell))
        except Malformed as wrong:
            if n == 0 and table and _HEADING.fullmatch(cell):
                continue
            read = "the first column is read" if table else "a table of columns is named .csv"
            detail = f"{wrong.detail}; {read}"
            raise OrelineError("command.content", f"{files.shown(name)}, line {line}", detail) from None
    if not lots:
        raise OrelineError("command.content", files.shown(name), "there is no lot in it")
    return list(dict.fromkeys(lots))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for n, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield n, line.strip()


def _cells(text: str) -> Iterator[tuple[int, str]]:
    """Spreadsheets separate by commas, semicolons or tabs: whichever the first line has most of."""
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=separator)
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, row[0].strip()
