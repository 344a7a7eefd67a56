"""Lists of parts: which lots somebody asks about."""

import csv
from collections.abc import Iterator

from cli import files
from ledger.errors import Malformed, OrelineError
from ledger.quantity import check_id

MAX_LIST = 64 * 1024 * 1024  # octets


def read(name: str) -> list[str]:
    """The lots in a file, each once: one on each line, where empty lines and those that begin with # are
    passed over; of a ``.csv`` those in its first column, under a heading or not. ``command.content``."""
    text = files.read_text(name, MAX_LIST).removeprefix("\ufeff")
    rows = list(_cells(text) if name.lower().endswith(".csv") else _lines(text))
    lots = []
    for n, (line, cell) in enumerate(rows):
        try:
            lots.append(check_id(cell))
        except Malformed as wrong:
            if n == 0 and name.lower().endswith(".csv"):
                continue  # the columns' headings
            raise OrelineError("command.content", f"{files.shown(name)}, line {line}", wrong.detail) from None
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
        if row and row[0].strip():
            yield reader.line_num, row[0].strip()
