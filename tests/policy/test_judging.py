"""The verdict in all: the worst of the findings, and the proof's own standing before them."""

from typing import Any

import pytest

from ledger.policy.finding import EXIT, FAIL, NOT_PROVABLE, PASS, Ask, Outcome, passed, refs, worst
from tests.policy.asking import ONE, judged

MATERIAL = '[[requirement]]\nid = "has_material"\nkind = "fields"\nfields = ["material"]\n'
DOUBT = {"marks": [{"mark": "disputed"}]}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"material": "coil"}, ["pass", "pass", "pass"]),
        ({}, ["not provable", "pass", "not provable"]),
        ({"material": "coil", **DOUBT}, ["fail", "fail", "pass"]),
        (DOUBT, ["fail", "fail", "not provable"]),
    ],
)
def test_the_verdict_is_the_worst_finding(members: dict[str, Any], expected: list[str]) -> None:
    found = judged(ONE + MATERIAL, **members)
    assert [found.verdict, *(one.verdict for one in found.findings)] == expected
    assert [one.requirement for one in found.findings] == ["one", "has_material"]
    assert [one.title for one in found.findings] == ["One", "Has material"]


def test_worst_and_the_exit_codes() -> None:
    assert worst([]) == PASS
    assert worst([PASS, PASS]) == PASS
    assert worst([PASS, NOT_PROVABLE]) == NOT_PROVABLE
    assert worst([NOT_PROVABLE, FAIL, PASS]) == FAIL
    assert EXIT == {PASS: 0, FAIL: 1, NOT_PROVABLE: 2}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, None),
        ({"rests_on": "proof"}, "not provable"),
        ({"rests_on": "proof", "proof": {"verdict": "holds"}}, None),
        (
            {"rests_on": "proof", "proof": {"verdict": "not provable", "codes": ["standing.unseen"]}},
            "not provable",
        ),
        ({"rests_on": "proof", "proof": {"verdict": "does not hold", "codes": ["a", "b"]}}, "fail"),
        ({"rests_on": "proof", "proof": {"verdict": "does not hold"}}, "fail"),
        (
            {"rests_on": "proof", "proof": {"verdict": "does not hold", "codes": ["standing.attestation"]}},
            None,
        ),
        (
            {"rests_on": "proof"}
            | {"proof": {"verdict": "does not hold", "codes": ["a", "standing.attestation"]}},
            "fail",
        ),
    ],
)
def test_a_proof_that_does_not_hold_decides(members: dict[str, Any], expected: str | None) -> None:
    found = judged(ONE, **members)
    assert found.verdict == (expected or "pass")
    assert found.rests_on == members.get("rests_on", "ledger")
    assert [one.requirement for one in found.findings] == (["proof", "one"] if expected else ["one"])
    if expected:
        assert found.findings[0].title == "The proof holds"
        assert found.findings[0].ask[0].whom == "whoever gave you the proof"


def test_the_proofs_codes_are_told() -> None:
    found = judged(ONE, rests_on="proof", proof={"verdict": "does not hold", "codes": ["a.b", "c.d"]})
    assert found.findings[0].sentence == "The proof that all this rests on: does not hold (a.b, c.d)."
    bare = judged(ONE, rests_on="proof", proof={"verdict": "not provable"})
    assert bare.findings[0].sentence.endswith("not provable (no code was given).")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, None),
        ({"origins": [{"kind": "mine", "ppm": 1_000_000}]}, 0),
        ({"origins": [{"kind": "unknown", "ppm": 20_000}, {"kind": "unproven", "ppm": 1}]}, 20_001),
        ({"grams": 3, "origins": [{"kind": "unknown", "mg": 1}]}, 334),  # 1 / 3000, rounded up
        ({"grams": 1, "origins": [{"kind": "unknown", "mg": 1000}]}, 1_000_000),
        ({"grams": 1, "origins": [{"kind": "unknown", "mg": 5000}]}, 1_000_000),
    ],
)
def test_the_unknown_share(members: dict[str, Any], expected: int | None) -> None:
    assert judged(ONE, **members).unknown_ppm == expected


def test_the_verdict_says_what_it_is_about() -> None:
    found = judged(
        ONE, subject="urn:x:lot:1", names={"urn:x:lot:1": "The hood"}, material="coil",
        as_of={"ledger": "example.com/x", "size": 5},
    )  # fmt: skip
    assert found[:6] == ("t", "1", "A test", "urn:x:lot:1", "The hood", "coil")
    assert (found.as_of.ledger, found.as_of.size) == ("example.com/x", 5)


def test_each_event_and_question_stands_once() -> None:
    from ledger.claims.document import Ref

    one, two = Ref(party="p:1", id="e:1"), Ref(party="p:1", id="e:2")
    assert refs([one, Ref(), two, one]) == (one, two)
    assert passed("So.", [one, one]) == Outcome(PASS, "So.", (one,), ())
    doubts = [{"mark": "disputed", "by": "p:1"}, {"mark": "difference", "by": "p:1"}]
    found = judged(ONE, marks=doubts).findings[0]
    assert found.ask == (Ask("p:1", "Ask how the doubt was settled, and for its resolution to be posted."),)
