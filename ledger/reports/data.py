"""A report as JSON, ``oreline-report-<kind>/1``: all members always present, for programs."""

from typing import Any

from ledger.claims.document import Ref
from ledger.reports.report import Report, Row, Section, Table


def as_json(report: Report) -> dict[str, Any]:
    """The JSON object of a report."""
    return {
        "format": f"oreline-report-{report.kind}/1",
        "title": report.title,
        "subject": report.subject,
        "outcome": report.outcome,
        "verdict": report.verdict,
        "as_of": report.as_of.model_dump(mode="json"),
        "rests_on": report.rests_on,
        "proof": report.proof and report.proof.model_dump(mode="json"),
        "sections": [_section(section) for section in report.sections],
        "missing": [_missing(row) for row in report.missing()],
        "limits": list(report.limits),
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "text": section.text,
        "rows": [_row(row) for row in section.rows],
        "flow": [
            {"title": stage.title, "items": list(stage.items), "alarm": stage.alarm} for stage in section.flow
        ],
        "tables": [_table(table) for table in section.tables],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "label": row.label,
        "value": None if row.missing and not row.value else row.value,
        "source": _source(row.source),
        "note": row.note,
        "missing": row.missing,
        "ask": row.ask and row.ask._asdict(),
        "stated": row.stated,
    }


def _missing(row: Row) -> dict[str, Any]:
    assert row.ask is not None, row.key
    return {"key": row.key, "label": row.label, "note": row.note, **row.ask._asdict()}


def _table(table: Table) -> dict[str, Any]:
    keys = [column.key for column in table.columns]
    return {
        "key": table.key,
        "caption": table.caption,
        "columns": [{"key": column.key, "label": column.label} for column in table.columns],
        "lines": [
            {**dict(zip(keys, line.cells, strict=True)), "source": _source(line.source)}
            for line in table.lines
        ],
    }


def _source(ref: Ref | None) -> dict[str, Any] | None:
    return ref.model_dump(mode="json") if ref is not None and ref.id else None
