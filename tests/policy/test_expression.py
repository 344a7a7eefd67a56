"""expression: true, false, and everything that is neither; its work is bounded."""

import sys
import time
from typing import Any

import pytest

from ledger.policy.kinds.expression import MAX_WORK, work
from tests.policy.asking import DIGGER, asked, step, verdict, wanted


def seen(cel: str, **members: Any) -> str:
    return verdict(wanted("expression", cel=cel), **members)


@pytest.mark.parametrize(
    ("cel", "expected"),
    [
        ("grams >= 1000", "pass"),
        ("grams > 1000", "fail"),
        ('material == "coil" && steps.all(s, s.country in ["CA", "US"])', "pass"),
        ('steps.exists(s, s.process == "roll")', "fail"),
        ("recycled.exists(r, r.rule == 'own_loop' && r.post.ppm + r.pre.ppm >= 500000)", "pass"),
        ("recycled.exists(r, r.rule == 'own_loop' && r.post.ppm + r.pre.ppm > 500000)", "fail"),
        ("size(steps.filter(s, s.documents == 0)) <= 1", "pass"),
        ("has(proof.verdict)", "not provable"),  # null has no members
        ("proof == null", "pass"),
        ("renewable_ppm >= 0", "not provable"),
        ("material.startsWith('co') && !material.contains('x')", "pass"),
        ("material.matches('^c.*l$')", "not provable"),  # its patterns take any time
        ("grams", "not provable"),
        ("material", "not provable"),
        ("grams / 0 == 1", "not provable"),
        ("grams == ", "not provable"),
        ("kilograms > 1", "not provable"),
        ("claims.grams > 1", "not provable"),
        ("grams > 'a'", "not provable"),
        ("timestamp(born) < timestamp(born)", "not provable"),
        ("double(grams) > 1.5", "not provable"),
        ("type(grams) == int", "not provable"),
        ("now() > 1", "not provable"),
        ("steps[7].site == ''", "not provable"),
    ],
)
def test_what_an_expression_says(cel: str, expected: str) -> None:
    members: dict[str, Any] = {
        "material": "coil",
        "grams": 1000,
        "steps": [step(country="CA")],
        "recycled": [{"rule": "own_loop", "post": {"ppm": 300_000}, "pre": {"ppm": 200_000}}],
    }
    assert seen(cel, **members) == expected


def test_what_an_evaluation_says_is_told_in_one_sentence() -> None:
    said = asked(wanted("expression", cel="kilograms > 1")).sentence
    assert said.startswith("The expression cannot be evaluated: ")
    assert said.endswith(".")
    assert not said.endswith("..")


@pytest.mark.parametrize(
    ("cel", "area"),
    [
        ("steps.size() == 0", "ancestry"),
        ("marks.size() == 0", "standing"),
        ("holder == ''", "standing"),
        ("attestations.size() == 0", "attestations"),
        ("accounts.size() == 0", "accounts"),
        ("instruments.size() == 0", "instruments"),
        ("months.size() == 0", "months"),
        ("fates.size() == 0", "fates"),
    ],
)
def test_an_expression_that_asks_for_what_is_not_shown(cel: str, area: str) -> None:
    assert seen(cel) == "pass"
    assert seen(cel, unshown=[area]) == "not provable"
    assert seen(cel.replace("==", ">"), unshown=[area]) == "not provable"
    assert seen("rests_on == 'ledger' && unshown.size() == 1", unshown=[area]) == "pass"
    other = "months" if area != "months" else "fates"
    assert seen(cel, unshown=[other]) == "pass"
    assert (seen(cel, origins=[{"kind": "unproven"}]) == "not provable") == (area == "ancestry")


def test_an_expression_says_its_own_sentence() -> None:
    strict = wanted("expression", cel="grams > 1", says="Too light.", ask="Ask for more.")
    found = asked(strict, holder=DIGGER)
    assert (found.sentence, found.ask) == ("Too light.", ((DIGGER, "Ask for more."),))
    plain = asked(wanted("expression", cel="grams > 1"))
    assert (plain.sentence, plain.ask) == ("Not so: grams > 1.", ())
    assert asked(strict, grams=2).sentence == "The expression is true."
    broken = asked(wanted("expression", cel="grams"))
    assert broken.sentence == "The expression gives int, no truth value."
    assert broken.ask[0].whom == "the policy's author"
    assert (
        "uses double, which is not allowed" in asked(wanted("expression", cel="double(grams) > 1.0")).sentence
    )
    cut = asked(wanted("expression", cel="grams ==" + " " * 900)).sentence
    assert len(cut) < 250
    assert cut.endswith("…")
    unknown = asked(wanted("expression", cel="lot.kg > 5")).sentence
    assert "'lot'" in unknown
    assert unknown.endswith(".")
    assert not unknown.endswith("..")


def test_without_the_library_it_is_not_provable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel", None)
    found = asked(wanted("expression", cel="true"))
    assert found.verdict == "not provable"
    assert "not installed" in found.sentence
    assert "oreline[policies]" in found.ask[0].what


@pytest.mark.parametrize(
    ("cel", "length", "expected"),
    [
        ("grams > 1", 50, 50),
        ("a.all(x, x > 1)", 50, 50),
        ("a.all(x, b.exists(y, y > x))", 50, 2500),
        ("a.all(x, x > 1) && a.exists_one(x, x > 1)", 50, 100),
        ("a.filter(x, x > 1).size() > 1", 50, 5000),
        ("a . map ( x, x)", 50, 2500),
        ("a.all(x, x + 1 > 1)", 50, 100),
        ("a.all(x, x in [1, 2, 3])", 50, 150),
        ("'.all(' + ',,,+' != ''", 50, 50),
        ("a.all(x, b.all(y, x + y > 1))", 50, 200**2),
        ("a)).all(x, x > 1)", 50, 50 * 51),
        ("a.all(x, a == a)", 50, 50 * 51),
        ("a.all(x, x.a == b.a)", 50, 50),
        ("size(a.map(x, x)) > 1 && a.all(y, size(a) > 1)", 3, 18),
        ("a.all(x, x != 1 && x <= 2 || x in [3])", 50, 150),
        ("a.all(x, true" + " || x" * 60 + ")", 50, 150),
    ],
)
def test_the_work_is_counted_before_it_is_done(cel: str, length: int, expected: int) -> None:
    assert work(cel, {"a": [{}] * length, "b": [1]}) == expected


def test_the_longest_list_counts_however_deep_it_lies() -> None:
    assert work("a.all(x, true)", {"a": [{"b": [1] * 70}]}) == 70
    assert work("a.all(x, true)", {"a": 1, "b": {"c": 2, "d": 3}}) == 2
    assert work("true", {}) == 1


BOMBS = [
    "[steps].all(a, [a + a].all(b, [b + b].all(c, [c + c].all(d, [d + d].all(e, size(e + e) > 0)))))",
    "steps.all(a, steps.all(b, steps.all(c, steps.all(d, a.site + b.site + c.site != d.site))))",
    "size([1]" + ".map(x, [x, x])" * 40 + ") > 0",
    "size(['x']" + ".map(x, x + x)" * 50 + ") > 0",
    "steps.map(a, steps.map(b, steps.map(c, a))).size() > 0",
    "steps.all(x, " * 45 + "true" + ")" * 45,
    "steps.all(a, steps.all(b, " + " && ".join(["a == a"] * 90) + "))",
]


@pytest.mark.parametrize("cel", BOMBS)
def test_what_takes_too_much_work_is_not_begun(cel: str) -> None:
    before = time.process_time()
    found = asked(wanted("expression", cel=cel), steps=[step()] * 60)
    assert found.verdict == "not provable"
    assert time.process_time() - before < 2
    assert work(cel, {"steps": [1] * 60}) > MAX_WORK or "cannot be read" in found.sentence


def test_numbers_that_the_library_would_round_are_refused() -> None:
    footprint = {"footprint": [{"method": "by_mass", "ug": 2**63 - 1}]}
    assert seen("footprint[0].ug == 9223372036854775807", **footprint) == "pass"
    footprint["footprint"][0]["ug"] = 2**63
    assert seen("footprint[0].ug > 1", **footprint) == "not provable"
    assert seen("grams == 0", **footprint) == "pass"
