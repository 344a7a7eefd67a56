"""A report as plain text. Lines are wrapped to the width; ids and hashes are never broken."""

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap

from ledger.reports import words
from ledger.reports.report import Report, Row, Section, Stage, Table

GAP = 2
LABEL = 30  # columns of the labels
BOUND = "\ue000"  # stands for a space that is no place to break a line
_UNIT = re.compile("(?<=[0-9]) (kg|%)")


def as_text(report: Report, width: int = 80) -> str:
    """The whole report, ending in a line end."""
    lines = [report.title, "=" * len(report.title), *_wrapped(report.subject, width)]
    lines += _wrapped(report.basis(), width)
    if report.verdict:
        lines += ["", *_wrapped(report.verdict, width)]
    lines += ["", *_wrapped(ending(report), width)]
    for section in report.sections:
        lines += ["", section.title, "-" * len(section.title), *_section(section, width)]
    missing = report.missing()
    if missing:
        lines += ["", "Missing, and whom to ask", "------------------------"]
        for number, row in enumerate(missing, 1):
            assert row.ask is not None, row.key
            lines += _wrapped(f"{number}. {row.label}: ask {row.ask.whom} for {row.ask.what}.", width, "   ")
    lines += ["", "What this does not prove", "------------------------"]
    for limit in report.limits:
        lines += _wrapped(limit, width)
    return "\n".join(lines) + "\n"


def ending(report: Report) -> str:
    """How it ends, in a sentence."""
    count = len(report.missing())
    if report.outcome == "disproven":
        return "Verdict: it does not hold."
    if count:
        return f"Verdict: {words.spelt(count, 'field is', 'fields are')} missing."
    return "Verdict: complete, no field is missing."


def _wrapped(line: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most the width, unless one word is longer; ``indent`` of all but the first. A number and
    its unit stay together."""
    bound = _UNIT.sub(f"{BOUND}\\1", line)
    lines = wrap(bound, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [found.replace(BOUND, " ") for found in lines]


def _section(section: Section, width: int) -> Iterator[str]:
    if section.text:
        yield from _wrapped(section.text, width)
    for row in section.rows:
        yield from _row(row, width)
    yield from _flow(section.flow, width)
    for number, table in enumerate(section.tables):
        if number or section.rows or section.text:
            yield ""
        yield from _table(table, width)


def _row(row: Row, width: int) -> Iterator[str]:
    value = f"MISSING {row.value}".strip() if row.missing else row.value
    first = row.label.ljust(LABEL)
    room = max(20, width - LABEL - GAP)
    if len(row.label) > LABEL:
        yield row.label
        first = ""
    for part in (value, row.note, f"[{words.source(row.source)}]" if words.source(row.source) else ""):
        for line in _wrapped(part, room):
            yield f"{first.ljust(LABEL)}{' ' * GAP}{line}"
            first = ""


def _flow(flow: Sequence[Stage], width: int) -> Iterator[str]:
    for number, stage in enumerate(flow):
        if number:
            yield "    |"
            yield "    v"
        yield stage.title + ("  (!)" if stage.alarm else "")
        for item in stage.items:
            yield from _wrapped(f"    {item}", width, "      ")


def _table(table: Table, width: int) -> Iterator[str]:
    """A table, or where it is too wide a block per line."""
    yield from _wrapped(f"{table.caption}:", width)
    if not table.lines:
        yield f"  {table.empty}"
        return
    heads = [column.label for column in table.columns]
    rows = [list(line.cells) for line in table.lines]
    sources = [words.source(line.source) for line in table.lines]
    wide = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    if sum(wide) + GAP * len(wide) <= width:
        for at, row in enumerate([heads, *rows]):
            cells = [
                cell.rjust(wide[n]) if table.columns[n].number else cell.ljust(wide[n])
                for n, cell in enumerate(row)
            ]
            yield "  " + (" " * GAP).join(cells).rstrip()
            if at and sources[at - 1]:
                yield from _wrapped(f"    [{sources[at - 1]}]", width, "     ")
        return
    for row, source in zip(rows, sources, strict=True):
        pairs = [f"{head}: {cell}" for head, cell in zip(heads, row, strict=True) if cell]
        yield from _wrapped("- " + "; ".join(pairs), width, "  ")
        if source:
            yield from _wrapped(f"  [{source}]", width, "   ")
