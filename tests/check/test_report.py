"""The report: verdicts, exit codes, JSON and text."""

import json

from ledger.codes import CODES
from ledger.report import (
    CHECKS,
    DOES_NOT_PROVE,
    FAIL,
    NOT_PROVABLE,
    PASS,
    Checked,
    Finding,
    Origin,
    Report,
    Verdict,
    format_percent,
)

PASSES = tuple(Finding(number, PASS, "", "fine") for number in CHECKS)


def proof(*findings: Finding) -> Checked:
    return Checked("urn:x:1", "coil", 1_500, (), None, None, 3, findings or PASSES, (), ())


def finding(number: int, verdict: Verdict, code: str = "missing.lot") -> Finding:
    return Finding(number, verdict, code, "a sentence", (4, 5), ("urn:x:2",))


def test_the_worst_finding_is_the_verdict() -> None:
    holds = Report((proof(),))
    assert (holds.verdict, holds.exit_code) == ("holds", 0)
    for number in CHECKS:
        missing = Report((proof(*PASSES, finding(number, NOT_PROVABLE)),))
        expected = ("holds", 0) if number == 8 else ("not provable", 2)
        assert (missing.verdict, missing.exit_code) == expected
        assert missing.proofs[0].verdict(number) == NOT_PROVABLE
        failing = Report((proof(finding(number, NOT_PROVABLE), *PASSES, finding(number, FAIL)),))
        assert (failing.verdict, failing.exit_code) == ("does not hold", 1)
        assert failing.proofs[0].verdict(number) == FAIL
    assert Report((proof(),), (finding(6, FAIL),)).exit_code == 1
    assert Report((proof(), proof(finding(1, FAIL)))).exit_code == 1


def test_json_says_all() -> None:
    origins = (Origin("mine urn:x:pit", 1_000, 6_667), Origin("unknown gain", 500, 3_333))
    one = proof(finding(7, NOT_PROVABLE, "missing.origin"))._replace(
        origins=origins, traces=("unknown opening",), marks=(("serial", "A-1"),)
    )
    found = Report((one,), (finding(6, FAIL, "lot.overdrawn"),)).as_json()
    assert list(found) == ["format", "verdict", "exit_code", "proofs", "together", "does_not_prove"]
    assert found["does_not_prove"] == list(DOES_NOT_PROVE)
    (shown,) = found["proofs"]
    assert shown["origins"] == [
        {"origin": "mine urn:x:pit", "kg": "1", "percent": "66.67"},
        {"origin": "unknown gain", "kg": "0.5", "percent": "33.33"},
    ]
    assert (shown["kg"], shown["marks"], shown["traces"]) == ("1.5", {"serial": "A-1"}, ["unknown opening"])
    assert not {"checkpoint", "received"} & set(shown)
    assert [check["check"] for check in shown["checks"]] == list(CHECKS)
    assert shown["checks"][6]["findings"] == [
        {
            "verdict": "not provable",
            "code": "missing.origin",
            "sentence": "a sentence",
            "remedy": CODES["missing.origin"].remedy,
            "entries": [4, 5],
            "ids": ["urn:x:2"],
        }
    ]
    assert found["together"][0]["check"] == 6
    assert json.loads(json.dumps(found)) == found


def test_text_is_for_people() -> None:
    origins = (Origin("mine urn:x:pit", 1_500, 10_000),)
    many = Finding(6, FAIL, "lot.overdrawn", "too much", tuple(range(30)), ("urn:x:3",))
    one = proof(*PASSES, many)._replace(origins=origins, traces=("unknown opening",))
    text = Report((one,), (finding(6, FAIL, "lot.overdrawn"),)).text(60)
    assert max(map(len, text.splitlines())) <= 60
    assert "6. FAIL: " in text
    assert "1. PASS: " in text
    assert "17, 18, 19 and 10 more" in " ".join(text.split())
    assert "100.00 %  1.5 kg  mine urn:x:pit" in text
    assert "trace    < 1 g  unknown opening" in text
    assert "Taken together:" in text
    assert "Verdict: DOES NOT HOLD" in text
    assert "What this does not prove:" in text
    assert "A file that is no proof" in Report((proof()._replace(subject="", material=""),)).text()
    assert "It holds as far as one file can show" in Report((proof(),)).text()


def test_hundredths() -> None:
    assert [format_percent(n) for n in (0, 5, 100, 6_666, 10_000)] == [
        "0.00",
        "0.05",
        "1.00",
        "66.66",
        "100.00",
    ]
