"""docs/reference/codes.md: made of the tables in ledger.codes and of the examples in the page itself."""

import re
from pathlib import Path

from ledger.codes import (
    accounts,
    assurance,
    audit,
    check,
    claims,
    custody,
    environment,
    events,
    faces,
    formats,
    log,
    monitoring,
    policy,
    registry,
    report,
)
from ledger.codes.code import Code

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "codes.md"

RULES = (registry.REGISTRY, custody.CUSTODY, assurance.ASSURANCE, accounts.ACCOUNTS)
# For what a statement is refused, by its form and by the rules: each of these is documented with an example.
REFUSALS = (formats.FORMATS, events.EVENTS, *RULES)
PARTS: tuple[tuple[str, dict[str, Code]], ...] = (
    ("JSON, values, keys, statements", formats.FORMATS),
    ("The log's formats", log.LOG),
    ("The form of an event", events.EVENTS),
    ("Rules: every event, charter, parties, sites, keys", registry.REGISTRY),
    ("Rules: lots, processes, hand-overs", custody.CUSTODY),
    ("Rules: corrections and attestations", assurance.ASSURANCE),
    ("Rules: accounts and agreements", accounts.ACCOUNTS),
    ("The offline check", check.CHECK),
    ("Claims", claims.CLAIMS),
    ("The audit", audit.AUDIT),
    ("Witnesses, monitors, evidence", monitoring.MONITORING),
    ("Storage, guard, clock", environment.ENVIRONMENT),
    ("What a caller asked for", faces.FACES),
    ("Policies", policy.POLICY),
    ("Reports", report.REPORT),
)
HEAD = """\
# Codes

Everything that can be wrong has a stable code: a word for where it comes from, a dot, and what it is. A code
that was released keeps its meaning for ever, and none is used for something else. Programs read the codes;
the sentences are for people and may get better.

A problem always comes with its code, the place (a path such as `$.inputs[0].kg`), a sentence about this very
case, and what to do. Whatever a statement is refused for is shown with an example; [Rules](rules.md) says in
which order the rules are judged.

This page is made of `ledger/codes/` by `uv run python -m tests.docs.update`, and a test compares the two. The
examples are kept here: write them into the last column.
"""
ROW = re.compile(r"^\| <a id=\"[^\"]+\"></a>`([a-z_.0-9]+)` \| (.*) \|$", re.M)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("__", "\\_\\_")


def rows(text: str) -> dict[str, list[str]]:
    """Code → the other cells of its row."""
    return {code: re.split(r"(?<!\\) \| ", rest) for code, rest in ROW.findall(text)}


def render(text: str) -> str:
    """The page, with the examples that ``text``, the page as it was, has."""
    before = rows(text)
    parts = [HEAD]
    for title, table in PARTS:
        shown = table in REFUSALS
        parts.append(f"\n## {title}\n\n")
        parts.append("| code | meaning | what to do |" + (" example |" if shown else "") + "\n")
        parts.append("|---|---|---|" + ("---|" if shown else "") + "\n")
        for code, (meaning, remedy) in table.items():
            cells = [f'<a id="{code}"></a>`{code}`', _cell(meaning), _cell(remedy)]
            if shown:
                known = before.get(code, [])
                cells.append(known[2] if len(known) == 3 else "")
            parts.append("| " + " | ".join(cells) + " |\n")
    return "".join(parts)
