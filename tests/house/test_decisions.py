"""The decisions: each in the index, short, and complete."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT

FOLDER = ROOT / "docs/decisions"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_complete(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert lines[0].startswith(f"# {path.name[:4]}: ")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context", "## Decision", "## Rejected", "## Consequences"
    ]  # fmt: skip
    assert len(lines) <= 40


def test_the_index_lists_every_decision_once_in_order() -> None:
    rows = re.findall(r"^\| \[(\d{4})\]\((\S+\.md)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert rows == [(path.name[:4], path.name) for path in DECISIONS]
    assert [number for number, _ in rows] == [f"{n:04}" for n in range(1, len(rows) + 1)]
