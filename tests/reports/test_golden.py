"""Golden files: what is handed in does not change by accident.

To write them anew after a change that is meant: ``python -m tests.reports.test_golden``.
"""

import json
from pathlib import Path

import pytest

from ledger.claims.document import Claims
from ledger.reports import KINDS, as_html, as_json, as_text, make
from tests.reports.samples import BESIDE, FIELDS, LOT, claims

FOLDER = Path(__file__).parent / "golden"


def _made() -> dict[str, str]:
    """The golden files by name."""
    found = {}
    for kind in KINDS:
        report = make(kind, claims(), fields=FIELDS.get(kind), beside=BESIDE)
        found[f"{kind}.txt"] = as_text(report)
        found[f"{kind}.json"] = json.dumps(as_json(report), indent=1) + "\n"
        found[f"{kind}.html"] = as_html(report)
        found[f"{kind}.nothing.txt"] = as_text(make(kind, Claims(subject=LOT)))
    return found


GOLDEN = _made()


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_bytes_of_a_report_stay(name: str) -> None:
    assert GOLDEN[name] == (FOLDER / name).read_text(encoding="utf-8")


def test_there_is_no_other_golden_file() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(GOLDEN)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in GOLDEN.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
