"""Exclusive use: proven, disproven by the deciding lots, or not provable, and never a step too far."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.claims.document import Claims, Fate
from ledger.reports import Beside, Report, as_text, make
from ledger.reports.exclusive import ALL, judge
from tests.reports.samples import BESIDE, LOT, PLANT, WHOLE, claims, party, site


def fate(fate: str, grams: int = 8_000, at: str = PLANT, **more: Any) -> dict[str, Any]:
    return {"fate": fate, "site": at, "grams": grams, "lots": [f"urn:x:{fate}"], **more}


def answer(report: Report) -> str:
    (row,) = [row for row in report.rows() if row.key == "exclusive"]
    return row.value


@pytest.mark.parametrize(
    ("fates", "expected", "outcome"),
    [
        ([fate("installed")], "proven", "complete"),
        ([fate("installed", 7_000), fate("loss", 500), fate("scrap", 500)], "proven", "complete"),
        ([fate("installed", 7_999), fate("lost", 1)], "not provable", "incomplete"),
        ([fate("installed", 3_200), fate("disposed", 4_800)], "not provable", "incomplete"),
        ([fate("installed", 7_999), fate("sample", 1)], "not provable", "incomplete"),
        ([fate("installed", 7_999), fate("installed", 1, site("other"))], "disproven", "disproven"),
        ([fate("installed", 7_999), fate("sold_outside", 1)], "disproven", "disproven"),
        ([fate("stock", 7_999), fate("sold_outside", 1)], "disproven", "disproven"),  # whatever comes
        ([fate("installed", 7_999), fate("stock", 1)], "not provable", "incomplete"),
        ([fate("installed", 7_999), fate("transit", 1)], "not provable", "incomplete"),
        ([fate("installed", 7_999)], "not provable", "incomplete"),  # a gram is not accounted for
        ([fate("installed", 8_001)], "not provable", "incomplete"),
        ([fate("loss", 8_000)], "not provable", "incomplete"),  # nothing was built
        ([], "not provable", "incomplete"),
    ],
)
def test_the_answer(fates: list[dict[str, Any]], expected: str, outcome: str) -> None:
    report = make("exclusive", claims(fates=fates), beside=BESIDE)
    assert answer(report) == expected
    assert report.outcome == outcome
    assert f"is {expected}" in report.verdict


def test_what_was_lost_is_told_with_its_share() -> None:
    fates = [fate("installed", 7_000), fate("loss", 500), fate("scrap", 500)]
    proven = make("exclusive", claims(fates=fates), beside=BESIDE).verdict
    assert proven.endswith(
        "7 kg (87.50 %) was installed there, and none elsewhere; 1 kg (12.50 %) was lost within limits."
    )
    gone = make("exclusive", claims(fates=[fate("installed", 3_200), fate("disposed", 4_800)]), beside=BESIDE)
    assert "4.8 kg (60.00 %) left without being used (disposed: urn:x:disposed)" in gone.verdict


def test_the_deciding_lots_are_named() -> None:
    report = make(
        "exclusive", claims(fates=[fate("installed", 7_000), fate("sold_outside", 1_000)]), beside=BESIDE
    )
    assert "1 kg went elsewhere (urn:x:sold_outside)" in report.verdict
    many = fate("sold_outside", lots=[f"urn:x:{n}" for n in range(25)])
    assert "urn:x:19 and 5 more" in make("exclusive", claims(fates=[many]), beside=BESIDE).verdict
    most = [f"urn:x:{n}" for n in range(ALL + 1)]
    full = make("exclusive", claims(fates=[fate("sold_outside", lots=most[:-1])]), beside=BESIDE)
    assert "urn:x:19 and 980 more" in full.verdict
    assert "urn:x:999 and" not in (text := as_text(full))
    assert "urn:x:999" in text
    over = make("exclusive", claims(fates=[fate("sold_outside", lots=most)]), beside=BESIDE)
    assert "urn:x:19 and more" in over.verdict
    assert "urn:x:999 and more" in " ".join(as_text(over).split())
    bare = fate("sold_outside", at=site("far"), lots=[])
    assert f"({site('far')})" in make("exclusive", claims(fates=[bare]), beside=BESIDE).verdict
    assert "sold outside: elsewhere" in as_text(make("exclusive", claims(fates=[bare]), beside=BESIDE))


def test_a_proof_alone_shows_a_past_and_proves_no_exclusive_use() -> None:
    report = make("exclusive", claims(unshown=["fates"]), beside=BESIDE)
    assert answer(report) == "not provable"
    (row,) = report.missing()
    assert row.ask is not None
    assert row.ask.whom == "the ledger's operator"
    against = make("exclusive", claims(unshown=["fates"], fates=[fate("sold_outside", 1)]), beside=BESIDE)
    assert answer(against) == "disproven"


def test_who_has_what_is_not_used_up_is_asked() -> None:
    report = make("exclusive", claims(fates=[fate("stock", party=party("stamper"))]), beside=BESIDE)
    (row,) = report.missing()
    assert row.ask is not None
    assert row.ask == (f"Palmetto Stamping ({party('stamper')})", "what became of it")


def test_the_plant_is_given_or_named_by_the_agreements() -> None:
    assert answer(make("exclusive", claims(), plant=site("other"))) == "disproven"
    agreement = WHOLE["agreements"][0]
    two = make(
        "exclusive", claims(agreements=[agreement, {**agreement, "exclusive_to": site("b")}]), beside=BESIDE
    )
    assert [row.key for row in two.missing()] == ["plant"]
    none = make("exclusive", claims(agreements=[]), beside=BESIDE)
    assert [row.key for row in none.missing()] == ["plant"]
    assert "Which plant is meant is not said." in none.verdict
    assert "No agreement names this metal." in as_text(make("exclusive", claims(agreements=[]), plant=PLANT))


def test_a_site_is_judged_by_all_that_was_there() -> None:
    fates = (Fate(fate="installed", site=PLANT, grams=10**9),)
    report = make("exclusive", Claims(subject=site("stamper"), fates=fates), plant=PLANT)
    assert report.sections[0].rows[0][:3] == ("subject", "Site", site("stamper"))
    assert answer(report) == "proven"
    assert report.outcome == "complete"
    assert "100.00 %" in as_text(report)


def test_agreed_and_delivered_by_year() -> None:
    flat = " ".join(as_text(make("exclusive", claims(), beside=BESIDE)).split())
    assert "2025 1,000 kg 1,000 kg 0 kg" in flat
    assert "2026 2,000 kg 1,900 kg -100 kg" in flat
    assert "2027 3,000 kg 3,000.5 kg +0.5 kg" in flat


def test_what_is_not_accepted_or_not_shown_is_missing() -> None:
    agreement = {**WHOLE["agreements"][0], "accepted": False, "years": [{"year": 2026, "agreed": 5}]}
    report = make("exclusive", claims(agreements=[agreement]))
    assert [row.key for row in report.missing()] == ["accepted", "delivered"]
    assert "not shown: 2026" in as_text(report)
    none = make("exclusive", claims(agreements=[{**agreement, "accepted": True, "years": []}]))
    assert [row.key for row in none.missing()] == ["delivered"]
    accepted = claims(agreements=[{**agreement, "accepted": True}])
    assert make("exclusive", accepted, beside=BESIDE).outcome == "complete"
    other = make("exclusive", accepted, beside=Beside(delivered={}))
    assert [row.key for row in other.missing()] == ["delivered"]


FATES = st.lists(
    st.builds(
        fate,
        st.sampled_from(["installed", "sold_outside", "loss", "scrap", "stock", "transit", "disposed"]),
        st.integers(0, 4_000),
        st.sampled_from([PLANT, site("other")]),
    ),
    max_size=5,
)


@given(FATES)
def test_proven_means_that_no_gram_was_used_elsewhere_or_is_left(fates: list[dict[str, Any]]) -> None:
    total = sum(one["grams"] for one in fates)
    found, sentence = judge(claims(grams=total, fates=fates), [PLANT])
    elsewhere = [
        one for one in fates
        if one["grams"] and (
            one["fate"] == "sold_outside" or (one["fate"] == "installed" and one["site"] != PLANT)
        )
    ]  # fmt: skip
    assert (found == "disproven") == bool(elsewhere)
    if found == "proven":
        assert not [one for one in fates if one["fate"] in ("stock", "transit") and one["grams"]]
    assert sentence.endswith(".")
    assert LOT not in sentence


def test_an_agreement_tells_only_what_its_terms_say() -> None:
    agreement = {**WHOLE["agreements"][0], "material": "", "exclusive_to": ""}
    report = make("exclusive", claims(agreements=[agreement]), plant=PLANT)
    assert {row.key for row in report.rows()}.isdisjoint({"agreed_material", "exclusive_to"})
