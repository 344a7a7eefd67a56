"""The report: verdicts, exit codes, JSON and text."""

import json

from ledger.check.report import (
    CHECKS,
    DOES_NOT_PROVE,
    FAIL,
    NOT_PROVABLE,
    PASS,
    PINNED,
    TOLD,
    Checked,
    Finding,
    Origin,
    Report,
    Verdict,
)
from ledger.check.text import as_text
from ledger.claims.shares import Part
from ledger.codes import CODES
from ledger.history import Subject
from ledger.history import build as history
from ledger.proof import SHORT, build
from ledger.verify import check
from tests.world import World

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
        assert (missing.verdict, missing.exit_code) == ("not provable", 2)
        assert missing.proofs[0].verdict(number) == NOT_PROVABLE
        failing = Report((proof(finding(number, NOT_PROVABLE), *PASSES, finding(number, FAIL)),))
        assert (failing.verdict, failing.exit_code) == ("does not hold", 1)
        assert failing.proofs[0].verdict(number) == FAIL
    assert Report((proof(),), (finding(6, FAIL),)).exit_code == 1
    assert Report((proof(), proof(finding(1, FAIL)))).exit_code == 1


def test_json_says_all() -> None:
    origins = (Origin("mine urn:x:pit", 1_000, Part(2, 3)), Origin("unknown gain", 500, Part(1, 3, up=True)))
    rest = [one for one in PASSES if one.check != 7]
    one = proof(*rest, finding(7, NOT_PROVABLE, "missing.origin"))._replace(
        origins=origins, traces=("unknown opening",), marks=(("serial", "A-1"),)
    )
    found = Report((one,), (finding(6, FAIL, "lot.overdrawn"),)).as_json()
    assert list(found) == ["format", "verdict", "exit_code", "proofs", "together", "does_not_prove"]
    assert found["does_not_prove"] == list(DOES_NOT_PROVE)
    (shown,) = found["proofs"]
    assert shown["origins"] == [
        {"origin": "mine urn:x:pit", "kg": "1", "share": "0.666666"},
        {"origin": "unknown gain", "kg": "0.5", "share": "0.333334"},
    ]
    assert (shown["kg"], shown["marks"], shown["traces"]) == ("1.5", {"serial": "A-1"}, ["unknown opening"])
    assert not {"checkpoint", "received"} & set(shown)
    assert [check["check"] for check in shown["checks"]] == list(CHECKS)
    (told,) = Report((proof(finding(8, FAIL), finding(5, FAIL)),)).as_json()["proofs"]
    assert [check["check"] for check in told["checks"]] == [5, 8]  # a history is not replayed
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


def test_each_proof_has_its_own_verdict() -> None:
    proofs = (
        proof(),
        proof(finding(8, NOT_PROVABLE)),
        proof(finding(7, NOT_PROVABLE)),
        proof(finding(1, FAIL)),
    )
    shown = Report(proofs, (finding(6, FAIL),)).as_json()["proofs"]
    assert [one["verdict"] for one in shown] == ["holds", "not provable", "not provable", "does not hold"]


def test_text_is_for_people() -> None:
    origins = (Origin("mine urn:x:pit", 1_500, Part(3, 3)),)
    many = Finding(6, FAIL, "lot.overdrawn", "too much", tuple(range(30)), ("urn:x:3",))
    one = proof(*PASSES, many)._replace(origins=origins, traces=("unknown opening",))
    text = as_text(Report((one,), (finding(6, FAIL, "lot.overdrawn"),)), 60)
    assert max(map(len, text.splitlines())) <= 60
    assert "6. FAIL: " in text
    assert "1. PASS: " in text
    assert "17, 18, 19 and 10 more" in " ".join(text.split())
    assert "100.00 %  1.5 kg  mine urn:x:pit" in text
    assert "trace    < 1 g  unknown opening" in text
    assert "Taken together:" in text
    assert "Verdict: DOES NOT HOLD" in text
    assert "What this does not prove:" in text
    assert "Verdict: HOLDS\n\nWhat this does not prove:" in as_text(Report((proof(),)))


def test_what_could_not_be_read_is_said_once() -> None:
    unread = [Finding(number, NOT_PROVABLE, "missing.proof", "unread") for number in CHECKS if number > 1]
    broken = proof(finding(1, FAIL, "proof.form"), *unread)._replace(subject="", material="")
    text = as_text(Report((proof(), broken)), 200)
    assert "This is no proof: file 2\n" in text
    named = as_text(Report((proof(), broken)), 80, ["a.json", "b.json"])
    assert f"Proof of {proof().subject} (a.json)\n" in named
    assert "This is no proof: b.json\n" in named
    assert "(a.json)" not in as_text(Report((proof(),)), 80, ["a.json"])
    assert text.count("[missing.proof]") == 1
    assert "2, 3, 4, 5, 6, 7, 8, 9. NOT PROVABLE: " in text
    assert "Verdict: DOES NOT HOLD\n  check 1 of file 2: proof.form\n\n" in text


def test_the_verdict_names_what_decided_it() -> None:
    unseen = finding(8, NOT_PROVABLE, "standing.unseen")
    missing = [finding(7, NOT_PROVABLE, code) for code in ("chain.partly", "missing.origin", "chain.partly")]
    one = proof(*PASSES, unseen, *missing)
    decided = "check 8: standing.unseen\n  check 7: chain.partly, missing.origin"
    assert f"NOT PROVABLE\n  {decided}\n\n" in as_text(Report((one,)))
    two = (one, proof(finding(8, FAIL, "standing.disputed")))
    text = as_text(Report(two, (finding(6, FAIL, "lot.overdrawn"),)))
    decided = "check 8 of urn:x:1: standing.disputed\n  check 6, taken together: lot.overdrawn"
    assert f"Verdict: DOES NOT HOLD\n  {decided}\n\n" in text
    assert "Verdict: HOLDS\n\n" in as_text(Report((proof(*PASSES),)))


def test_origins_begin_with_the_largest() -> None:
    origins = (Origin("a", 500, Part(1, 3, up=True)), Origin("b", 12_000, Part(2, 3)))
    text = as_text(Report((proof()._replace(origins=origins),)))
    assert "Origins:\n   66.66 %   12 kg  b\n   33.34 %  0.5 kg  a\n\nVerdict" in text
    assert "Origins" not in as_text(Report((proof(),)))


def test_no_title_says_more_than_was_looked_at() -> None:
    """Entry 0 is not in a short proof, and of a history no key is judged."""
    world = World()
    lot = world.hood()
    world.publish()
    titles = {}
    for name, data in (
        ("whole", build(world.store, lot)),
        ("short", build(world.store, lot, horizon=SHORT)),
        ("history", history(world.store, Subject(lot=lot))),
    ):
        (found,) = check([data], world.trust).proofs
        titles[name] = dict(found.asked())
    assert titles["whole"] == CHECKS
    assert titles["short"] == CHECKS | PINNED
    assert titles["history"] == {n: (CHECKS | PINNED | TOLD)[n] for n in (1, 2, 3, 4, 5, 8)}
    assert "charter, check 8 tells" in titles["short"][2]
    assert "revoked" not in titles["history"][5]
