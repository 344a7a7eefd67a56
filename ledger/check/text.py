"""The report for people: each proof with its checks, then what decided, then what it does not prove."""

import textwrap
from collections.abc import Iterator, Sequence

from ledger.check import summary
from ledger.check.report import (
    DOES_NOT_PROVE,
    FAIL,
    NOT_PROVABLE,
    PASS,
    UNREAD,
    Checked,
    Finding,
    Report,
)
from ledger.claims.shares import ADDED
from ledger.codes import CODES
from ledger.quantity import counted, format_instant, shown_kg


def as_text(report: Report, width: int = 100, files: Sequence[str] = ()) -> str:
    """The report for a terminal of ``width`` columns. ``files``: what the proofs' files are called."""
    names = _names(report, files)
    lines: list[str] = []
    for name, proof in zip(names, report.proofs, strict=True):
        lines += _proof(proof, name, width)
    if report.together:
        lines.append("Taken together:")
        for finding in report.together:
            lines += _finding(finding, width)
        lines.append("")
    lines.append(f"Verdict: {report.verdict.upper()}")
    lines += [line for reason in _reasons(report, names) for line in _wrap(f"  {reason}", width, "    ")]
    if any(proof.subject for proof in report.proofs):  # else it proves nothing at all
        lines += ["", "What this does not prove:"]
        lines += [line for sentence in DOES_NOT_PROVE for line in _wrap(f"- {sentence}", width, "  ")]
    return "\n".join(lines) + "\n"


def _names(report: Report, files: Sequence[str]) -> list[str]:
    """What each proof is called: its subject, or which file it is; both where there are several files."""
    called = files or [f"file {number}" for number, _ in enumerate(report.proofs, 1)]
    several = len(files) > 1
    return [
        f"{proof.subject} ({name})" if proof.subject and several else proof.subject or name
        for name, proof in zip(called, report.proofs, strict=True)
    ]


def _reasons(report: Report, names: Sequence[str]) -> Iterator[str]:
    """The checks and codes that decided the verdict, so that nobody searches all that passed; where it
    holds, what the caller accepts."""
    decisive = {"holds": PASS, "does not hold": FAIL, "not provable": NOT_PROVABLE}[report.verdict]
    more = " accepted" if decisive == PASS else ""
    alone = len(report.proofs) == 1
    named = zip(names, report.proofs, strict=True)
    found = [("" if alone else f" of {name}", proof.findings) for name, proof in named]
    for name, findings in (*found, (", taken together", report.together)):
        codes: dict[int, dict[str, None]] = {}
        for finding in findings:
            if finding.verdict == decisive and finding.code not in ("", UNREAD):
                codes.setdefault(finding.check, {})[finding.code] = None
        for check, several in codes.items():
            yield f"check {check}{name}: {', '.join(several)}{more}"


def _proof(proof: Checked, name: str, width: int) -> Iterator[str]:
    yield from _head(proof, name)
    yield ""
    for check, title in proof.asked():
        found = [finding for finding in proof.findings if finding.check == check]
        if [finding.code for finding in found] != [UNREAD]:
            yield from _wrap(f"{check}. {proof.verdict(check).upper()}: {title}", width, "   ")
            for finding in found:
                yield from _finding(finding, width)
    yield from _unread(proof, width)
    yield ""
    yield from _origins(proof, width)
    if proof.claims is not None:
        for line in summary.lines(proof.claims):
            yield from _wrap(line, width, " " * summary.INDENT) or [""]


def _head(proof: Checked, name: str) -> Iterator[str]:
    kind = "History" if " " in proof.subject else "Proof"  # a history's subject is named with its kind
    yield f"{kind} of {name}" if proof.subject else f"This is no proof: {name}"
    if proof.material:
        marks = "".join(f", {name} {value}" for name, value in proof.marks)
        yield f"  {proof.material}, {shown_kg(proof.grams)}{marks}"
    if proof.checkpoint is not None:
        size = counted(proof.checkpoint.size, "entry", "entries")
        yield f"  ledger {proof.checkpoint.origin}, checkpoint of {size}"
    if proof.received is not None:
        yield f"  as of {format_instant(proof.received)}"


def _finding(finding: Finding, width: int) -> list[str]:
    if finding.code and finding.verdict == PASS:
        return _wrap(f"   {finding.sentence} [{finding.code}, accepted]", width, "   ")
    evidence = [_indices(finding.entries)] if finding.entries and finding.code else []
    evidence += finding.ids if finding.code else ()
    code = f" [{finding.code}]" if finding.code else ""
    lines = _wrap(f"   {finding.sentence}{code}", width, "   ")
    lines += [line for text in evidence for line in _wrap(f"     {text}", width, "     ")]
    if finding.code:
        lines += _wrap(f"     What to do: {CODES[finding.code].remedy}", width, "     ")
    return lines


def _indices(entries: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, entries[:20])) + (f" and {len(entries) - 20} more" if entries[20:] else "")
    return f"{'entry' if len(entries) == 1 else 'entries'} {shown}"


def _unread(proof: Checked, width: int) -> list[str]:
    """The checks that had nothing to check, in one line."""
    numbers = ", ".join(str(finding.check) for finding in proof.findings if finding.code == UNREAD)
    sentence = f"{numbers}. NOT PROVABLE: the proof could not be read, so these were not checked."
    return _wrap(f"{sentence} [{UNREAD}]", width, "   ") if numbers else []


def _origins(proof: Checked, width: int) -> list[str]:
    """The shares, the largest first; the masses one below the other."""
    rows = sorted(proof.origins, key=lambda row: (-row.grams, row.origin))
    widest = max((len(shown_kg(grams)) for _, grams, _ in rows), default=0)
    shown = [f"  {part.percent():>8}  {shown_kg(grams):>{widest}}  {origin}" for origin, grams, part in rows]
    shown += [f"   trace    < 1 g  {origin}" for origin in proof.traces]
    indent = " " * (14 + widest)  # below the first line's origin
    lines = [line for row in shown for line in _wrap(row, width, indent)]
    if any(origin.startswith("added ") for origin in (*(origin for origin, _, _ in rows), *proof.traces)):
        lines += _wrap(f"  {ADDED}", width, "  ")
    return ["Origins:", *lines, ""] if lines else []


def _wrap(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
