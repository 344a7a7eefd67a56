"""Countries of smelt and cast: ranked only where nothing unknown could change the rank."""

from typing import Any

import pytest

from ledger.reports import Report, as_text, make
from ledger.reports.report import Row
from tests.reports.samples import WHOLE, claims, place, step


def rows(report: Report) -> dict[str, Row]:
    return {row.key: row for row in report.rows()}


def unknown(mg: int, ppm: int | None = None, trace: bool = False) -> dict[str, Any]:
    share = mg // 8 if ppm is None else ppm
    return {"kind": "unknown", "why": "opening stock", "mg": mg, "ppm": share, "trace": trace}


CA, CA2, NO, US = (
    ("smelter", "smelter", "CA", "CA-QC"),
    ("smelter", "other", "CA", "CA-BC"),
    ("smelter", "third", "NO", ""),
    ("smelter", "fourth", "US", "US-KY"),
)


def smelt(*parts: Any) -> dict[str, Row]:
    smelters = [part if isinstance(part, dict) else place(*part) for part in parts]
    return rows(make("section232", claims(smelters=smelters)))


@pytest.mark.parametrize(
    ("parts", "primary", "secondary"),
    [
        ([(*CA, 8_000_000)], "CA", "none"),
        ([(*CA, 5_000_000), (*NO, 3_000_000)], "CA", "NO"),
        ([(*CA, 3_000_000), (*CA2, 2_000_000), (*NO, 3_000_000)], "CA", "NO"),  # by country, not by smelter
        ([(*CA, 4_000_000), (*NO, 4_000_000)], "", ""),  # a tie
        ([(*CA, 4_000_000), (*NO, 2_000_000), (*US, 2_000_000)], "CA", ""),
        ([(*CA, 7_999_999), unknown(1)], "CA", ""),  # a milligram may be of a second country
        ([(*CA, 4_000_001), unknown(3_999_999)], "CA", ""),
        ([(*CA, 4_000_000), unknown(4_000_000)], "", ""),
        ([(*CA, 5_000_000), (*NO, 2_000_001), unknown(999_999)], "CA", "NO"),
        ([(*CA, 4_000_000), (*NO, 2_500_000), unknown(1_500_000)], "", ""),
        ([(*CA, 5_000_000), (*NO, 1_500_000), unknown(1_500_000)], "CA", ""),
        ([unknown(8_000_000)], "", ""),
        ([("smelter", "lost", "", "", 8_000_000)], "", ""),  # a smelter whose country is not known
    ],
)
def test_a_rank_is_told_only_where_it_cannot_change(parts: list[Any], primary: str, secondary: str) -> None:
    found = smelt(*parts)
    for key, expected in (("primary_smelt", primary), ("secondary_smelt", secondary)):
        assert found[key].value == expected
        assert found[key].missing == (not expected)


def test_recycled_metal_has_no_country_of_smelt() -> None:
    found = smelt(("collected", "yard", "CA", "CA-ON", 8_000_000))
    assert found["primary_smelt"].value == found["secondary_smelt"].value == "not applicable"
    assert found["collected_scrap"].value == "100.00 % (8.000 kg)"
    text = as_text(
        make("section232", claims(smelters=[place("collected", "yard", "CA", "CA-ON", 8_000_000)]))
    )
    assert "CA-ON" not in text


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (unknown(0, 0, trace=True), "trace: under 1 mg (0.000 kg)"),
        (unknown(1, 0), "0.01 % (0.000001 kg)"),
        (unknown(7, 1), "0.01 % (0.000007 kg)"),
        (unknown(800_000, 100_000), "10.00 % (0.800 kg)"),
    ],
)
def test_what_is_unknown_is_never_rounded_away(part: dict[str, Any], shown: str) -> None:
    for key, member in (("unknown_smelt", "smelters"), ("unknown_cast", "casts")):
        kind = "smelter" if member == "smelters" else "cast"
        rest = place(kind, "smelter", "CA", "CA-QC", 8_000_000 - part["mg"])
        report = make("section232", claims(**{member: [rest, part]}))
        row = rows(report)[key]
        assert row.missing
        assert row.value == shown
        assert row.note == "opening stock"
        assert report.outcome == "incomplete"
        if part["trace"]:
            assert "trace: under 1 mg" in as_text(report)


def test_what_the_places_do_not_add_up_to_is_missing() -> None:
    for mg, shown in ((7_000_000, "1.000 kg"), (9_000_000, "-1.000 kg")):
        report = make(
            "section232",
            claims(smelters=[place(*CA, mg)], casts=[place("cast", "casthouse", "CA", "CA-QC", mg)]),
        )
        assert rows(report)["rest_smelt"].value == rows(report)["rest_cast"].value == shown
        assert rows(report)["rest_smelt"].missing


def test_the_last_cast_may_be_in_several_countries() -> None:
    casts = [place("cast", "casthouse", "CA", "CA-QC", 5_000_000), place("cast", "b", "NO", "", 3_000_000)]
    row = rows(make("section232", claims(casts=casts)))["cast"]
    assert row.value == "CA"
    assert "NO" in row.note
    casts[1] = place("cast", "b", "NO", "", 5_000_000)
    row = rows(make("section232", claims(grams=10_000, casts=casts)))["cast"]
    assert row.missing
    assert "same mass" in row.note


def test_metal_that_was_never_cast_has_no_country_of_cast() -> None:
    row = rows(make("section232", claims(casts=[{"kind": "none", "mg": 8_000_000, "ppm": 10**6}])))["cast"]
    assert (row.value, row.missing) == ("not applicable", False)


def test_a_place_refers_to_the_first_event_there() -> None:
    found = rows(make("section232", claims()))
    assert found["primary_smelt"].source is not None
    assert found["primary_smelt"].source.id == "evt:21"
    assert found["cast"].source is not None
    assert found["cast"].source.id == "evt:31"
    bought = step(12, "smelter", "source:purchase", "CA", "CA-QC")  # anodes, say
    found = rows(make("section232", claims(steps=[bought, *WHOLE["steps"]])))
    assert found["primary_smelt"].source is not None
    assert found["primary_smelt"].source.id == "evt:21"


def test_whom_to_ask_is_the_operator_of_the_place_that_is_not_known() -> None:
    lost = {**place("smelter", "smelter", "", "", 8_000_000), "party": ""}
    ask = smelt(lost)["unknown_smelt"].ask
    assert ask is not None
    assert ask.whom == "urn:example:party:smelter"


def test_whom_to_ask_is_who_brought_metal_of_unknown_origin() -> None:
    stock = [step(n, name, "source:opening", "CA", "CA-QC") for n, name in ((12, "smelter"), (11, "yard"))]
    dark = {**unknown(3_000_000), "why": "opening"}
    smelters = [place(*CA, 5_000_000), dark]
    steps = [*WHOLE["steps"], *stock]
    found = rows(make("section232", claims(steps=steps, smelters=smelters, casts=[dark])))
    for key in ("secondary_smelt", "unknown_smelt", "cast"):
        ask = found[key].ask
        assert ask is not None
        assert ask.whom == "urn:example:party:yard and urn:example:party:smelter"
    assert found["unknown_smelt"].source is not None
    assert found["unknown_smelt"].source.id == "evt:11"


@pytest.mark.parametrize(
    ("country", "subdivision", "why"),
    [("XQ", "XQ-1", "XQ is no country"), ("AU", "CN-XJ", "CN-XJ is no subdivision of AU")],
)
def test_a_code_of_no_place_is_an_unknown_country(country: str, subdivision: str, why: str) -> None:
    found = smelt((*CA, 5_000_000), ("smelter", "third", country, subdivision, 3_000_000))
    assert found["primary_smelt"].value == "CA"
    assert found["secondary_smelt"].missing
    unknown_row = found["unknown_smelt"]
    assert unknown_row.missing
    assert unknown_row.note == f"urn:example:site:third: {why}"
    assert unknown_row.ask is not None
    assert unknown_row.ask.whom == "urn:example:party:third"
    assert why in unknown_row.ask.what
    lost = place("smelter", "third", country, subdivision, 3_000_000)
    moved = place(*CA, 5_000_000) | {"also": ["RU"]}
    row = make("section232", claims(smelters=[moved, lost])).missing()[0]
    assert (row.key, row.missing) == ("primary_smelt", True), "which of two countries nobody knows"
    text = as_text(make("section232", claims(smelters=[place(*CA, 5_000_000), lost])))
    assert f"unknown ({country})" in text
