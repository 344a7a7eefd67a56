"""A requirement's own question goes before the usual one, in every kind."""

from typing import Any

import pytest

from ledger.errors import Malformed
from ledger.policy import load
from ledger.policy.kinds.expression import MAX_TEXT
from tests.policy.asking import HEAD, MILL, SMELTER, asked, step, wanted

FIGURE = {"method": "by_mass", "year": 2026, "stage": "coil", "g_per_kg": 9000}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("attested", {"schemes": ["asi_performance"]}, {"steps": [step()]}),
    ("technology", {"processes": ["cast"]}, {"steps": [step(MILL, "cast")]}),
    ("places", {"countries": ["CN"]}, {"origins": [{"kind": "mine", "country": "CN"}]}),
    ("places", {"countries": ["CN"]}, {"origins": [{"kind": "unknown"}]}),
    ("known_origin", {}, {"origins": [{"kind": "unknown", "ppm": 5}]}),
    ("footprint", {"method": "by_mass", "most": "4"}, {"footprint": [FIGURE]}),
    ("footprint", {"method": "by_mass", "most": "9"}, {"footprint": [{**FIGURE, "complete": False}]}),
    ("footprint", {"method": "by_mass", "primary_data": "1"}, {"footprint": [FIGURE]}),
    (
        "benchmark",
        {"method": "by_mass", "boundary": "cradle_to_gate", "year": 2026, "stage": "coil", "name": "b",
         "value": "9", "reduction": "0.1"},
        {"footprint": [FIGURE]},
    ),
    ("recycled", {"rule": "own_loop", "post": "0.1"}, {"recycled": [{"rule": "own_loop"}]}),
    ("model", {"weakest": "segregated"}, {"models": [{"process": "roll", "model": "mass_balance"}]}),
    ("accounts", {}, {"accounts": [{"id": "urn:x:a", "overdrawn": 1}]}),
    ("accounts", {}, {"accounts": [{"id": "urn:x:a"}]}),
    ("instruments", {}, {"instruments": [{"id": "urn:x:c", "drawn": 2, "certified": 1}]}),
    ("instruments", {}, {"instruments": [{"id": "urn:x:c", "drawn": 2}]}),
    ("months", {}, {"months": [{"site": MILL, "process": "roll", "month": "2026-01", "within": False}]}),
    ("standing", {}, {"marks": [{"mark": "disputed"}]}),
    ("lag", {"most": 1}, {"steps": [step(late=["2026-05-01T00:00:00.000Z"])]}),
    ("evidence", {}, {"steps": [step()]}),
    ("elements", {}, {"recycled": [{"rule": "own_party", "unknown": {"mg": 1}}]}),
    ("exclusive", {"site": MILL}, {"fates": [{"fate": "lost", "grams": 1}]}),
    ("expression", {"cel": "false"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "members", "shown"), CASES)
def test_the_own_question_is_asked(kind: str, members: dict[str, Any], shown: dict[str, Any]) -> None:
    usual = asked(wanted(kind, **members), **shown)
    own = asked(wanted(kind, **members, ask="Call us."), **shown)
    assert usual.verdict == own.verdict != "pass"
    assert (usual.sentence, usual.events) == (own.sentence, own.events)
    assert own.ask[0].what == "Call us."
    assert "Call us." not in {ask.what for ask in usual.ask}


def test_the_own_question_stands_before_the_month_or_the_field() -> None:
    row = {"site": SMELTER, "month": "2026-02", "source": "coal", "wh": 5}
    found = asked(wanted("renewable", ask="Call us."), power=[row])
    assert found.ask == ((SMELTER, "Call us. (2026-02)"),)
    assert asked(wanted("fields", fields=["material"], ask="Give"))[5][0].what == "Give: material."


def test_the_first_of_several_errors_is_told() -> None:
    with pytest.raises(Malformed) as found:
        load(HEAD + '[[requirement]]\nid = "A"\nkind = "lag"\nmost = -1\ncolour = 1\n')
    assert (found.value.code, found.value.path) == ("policy.value", "$.requirement[0].id")


def test_a_long_reason_is_cut() -> None:
    cel = "grams == " + "(" * (MAX_TEXT - 9)
    sentence = asked(wanted("expression", cel=cel)).sentence
    assert (len(sentence), sentence[-1]) == (len("The expression ") + 200, "…")
