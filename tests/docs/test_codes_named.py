"""Every code that a document names is one that there is."""

import re
from pathlib import Path

import pytest

from ledger.codes import CODES
from tests.docs.test_links import PAGES
from tests.house.tree import ROOT

FAMILIES = "|".join({code.partition(".")[0] for code in CODES})
ENDINGS = "csv|db|jsonl?|jwk|policy|py"  # of files and modules, whose names otherwise look like codes
CODE = re.compile(rf"[`\[]((?:{FAMILIES})\.(?!(?:{ENDINGS})[`\]])[a-z][a-z_]*)[`\]]")
ELSEWHERE = {"design.md", "CONTRIBUTING.md"}  # name functions of modules, such as `statement.parse`


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_codes_that_there_are(page: Path) -> None:
    named = set(CODE.findall(page.read_text("utf-8")))
    assert page.name in ELSEWHERE or named - set(CODES) == set()


def test_the_reader_of_codes() -> None:
    assert CODE.findall("`lot.overdrawn`, `lot.nonsense` and [chain.root]; `entry.py`, lot.holder") == [
        "lot.overdrawn",
        "lot.nonsense",
        "chain.root",
    ]
