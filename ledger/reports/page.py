"""A report as one HTML page, to read on a screen and to hand in on paper.

Self-contained: the style is inline, there is no script, nothing is loaded from anywhere, and a content
security policy in the page says so. Every text is escaped in ``_t``, the one place where text becomes markup.
"""

import re
from collections.abc import Iterator
from html import escape

from ledger.claims.document import Ref
from ledger.reports import words
from ledger.reports.report import Column, Report, Row, Section, Stage, Table
from ledger.reports.style import STYLE
from ledger.reports.text import ending

_ID = re.compile(r"\b[a-z][a-z0-9+.-]*:[^\s<]+")  # in escaped text
_LONG = re.compile(r"[^\s<>&;/-]{24}(?=[^\s<>])")  # never a part of markup
_DAY = re.compile(r"(?<![\w:.-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-])")
_BREAK = re.compile(r"(?<=[:/])(?=[A-Za-z0-9])")

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_html(report: Report) -> str:
    """The whole page."""
    return "\n".join([*_head(report), *_body(report), ""])


def _t(text: str) -> str:
    return escape(text, quote=True)


def _w(text: str) -> str:
    """Text whose ids may be broken after a colon or a slash, as long words may be, and whose days may not;
    nothing is added to what is copied."""
    marked = _ID.sub(lambda found: _BREAK.sub("<wbr>", found.group()), _t(text))
    marked = _LONG.sub(r"\g<0><wbr>", marked)
    return _DAY.sub(r'<span class="when">\g<0></span>', marked)


def _head(report: Report) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_t(POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_t(report.title)}: {_t(report.subject)}</title>"
    yield f"<style>{STYLE}</style>"
    yield "</head>"


def _body(report: Report) -> Iterator[str]:
    yield "<body>"
    yield "<header>"
    yield f"<h1>{_t(report.title)}</h1>"
    yield f'<p class="subject">{_t(report.subject)}</p>'
    yield f'<p class="basis">{_t(report.basis())}</p>'
    yield f'<p class="outcome {report.outcome}">{_t(ending(report))}</p>'
    if report.verdict:
        yield f'<p class="verdict">{_w(report.verdict)}</p>'
    yield "</header>"
    yield "<main>"
    for section in report.sections:
        yield from _section(section)
    yield from _missing(report)
    yield "</main>"
    yield "<footer>"
    yield "<h2>What this does not prove</h2>"
    for limit in report.limits:
        yield f"<p>{_t(limit)}</p>"
    yield "</footer>"
    yield "</body>"
    yield "</html>"


def _section(section: Section) -> Iterator[str]:
    yield "<section>"
    yield f"<h2>{_t(section.title)}</h2>"
    if section.text:
        yield f"<p>{_t(section.text)}</p>"
    if section.rows:
        events = any(words.source(row.source) for row in section.rows)
        yield '<table class="fields">'
        event = '<th scope="col">Event</th>' if events else ""
        yield f'<thead><tr><th scope="col">Field</th><th scope="col">Value</th>{event}</tr></thead>'
        yield "<tbody>"
        for row in section.rows:
            yield _row(row, events)
        yield "</tbody>"
        yield "</table>"
    if section.flow:
        yield '<ol class="flow">'
        for stage in section.flow:
            yield _stage(stage)
        yield "</ol>"
    for table in section.tables:
        yield from _table(table)
    yield "</section>"


def _row(row: Row, events: bool) -> str:
    value = f'<span class="value">{_w(row.value)}</span>' if row.value else ""
    if row.missing:
        value = f'<strong class="tag">missing</strong> {value}'.rstrip()
    note = f'<span class="note">{_w(row.note)}</span>' if row.note else ""
    kind = ' class="missing"' if row.missing else ""
    cells = f"<td>{value}{note}</td>" + (f"<td>{_source(row.source)}</td>" if events else "")
    return f'<tr{kind}><th scope="row">{_t(row.label)}</th>{cells}</tr>'


def _source(ref: Ref | None) -> str:
    text = words.source(ref)
    if not text or ref is None or not ref.id:
        return f'<span class="event">{_t(text)}</span>' if text else ""
    entry = f" <span>entry&nbsp;{ref.index}</span>" if ref.index >= 0 else ""
    return f'<span class="event" title="{_t(text)}">{_w(ref.id)}{entry}</span>'


def _stage(stage: Stage) -> str:
    kind = ' class="alarm"' if stage.alarm else ""
    items = "".join(f"<li>{_w(item)}</li>" for item in stage.items)
    return f"<li{kind}><strong>{_t(stage.title)}</strong><ul>{items}</ul></li>"


def _table(table: Table) -> Iterator[str]:
    if not table.lines:
        yield f'<p class="none">{_t(table.caption)}: {_t(table.empty)}.</p>'
        return
    events = any(words.source(line.source) for line in table.lines)
    yield f'<table class="grid" id="{_t(table.key)}">'
    yield f"<caption>{_t(table.caption)}</caption>"
    shown = [n for n, column in enumerate(table.columns) if not column.below]
    heads = ""
    for n in shown:
        label = ", ".join(table.columns[at].label for at in _together(table, n))
        heads += f'<th scope="col"{_kind(table.columns[n])}>{_t(label)}</th>'
    heads += '<th scope="col">Event</th>' if events else ""
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for line in table.lines:
        cells = ""
        for n in shown:
            tag = "td" if n else 'th scope="row"'
            inner = "<br>".join(_w(line.cells[at]) for at in _together(table, n) if line.cells[at])
            cells += f"<{tag}{_kind(table.columns[n])}>{inner}</{tag[:2]}>"
        cells += f"<td>{_source(line.source)}</td>" if events else ""
        yield f"<tr>{cells}</tr>"
    yield "</tbody>"
    yield "</table>"


def _together(table: Table, at: int) -> list[int]:
    """The column, and those after it that stand in its cell."""
    found = [at]
    while found[-1] + 1 < len(table.columns) and table.columns[found[-1] + 1].below:
        found.append(found[-1] + 1)
    return found


def _kind(column: Column) -> str:
    if column.code:
        return ' class="hash"'
    return ' class="number"' if column.number else ""


def _missing(report: Report) -> Iterator[str]:
    rows = report.missing()
    if not rows:
        return
    yield '<section class="ask">'
    yield "<h2>Missing, and whom to ask</h2>"
    yield "<ol>"
    for row in rows:
        assert row.ask is not None, row.key
        yield f"<li><strong>{_t(row.label)}</strong>: ask {_w(row.ask.whom)} for {_w(row.ask.what)}.</li>"
    yield "</ol>"
    yield "</section>"
