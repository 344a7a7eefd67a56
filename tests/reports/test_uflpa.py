"""The pack for a forced-labour review: any share counts, and what is not told is never clean."""

from typing import Any

import pytest

from ledger.reports import Listed, Report, as_json, as_text, make
from tests.reports.samples import WHOLE, claims, party, place, site, step


def keys(report: Report) -> list[str]:
    return [row.key for row in report.missing()]


@pytest.mark.parametrize(
    "listed",
    [
        Listed(countries=("NO",)),
        Listed(subdivisions=("CA-QC",)),
        Listed(parties=(party("mill"),)),
        Listed(sites=(site("yard"),)),
    ],
)
def test_what_is_listed_is_found_and_named(listed: Listed) -> None:
    report = make("uflpa", claims(), listed=listed)
    assert report.outcome == "disproven"
    assert "touches what is listed" in report.verdict
    text = as_text(report)
    assert "LISTED: " in text
    assert "Touched" in text
    assert listed.text() in text


def test_an_id_that_may_be_a_party_or_a_site_is_printed_once() -> None:
    assert Listed((), ("CN-XJ",), ("urn:x:a",), ("urn:x:a", "urn:x:b")).text() == "CN-XJ, urn:x:a, urn:x:b"
    assert Listed((), ()).text() == "nothing"


@pytest.mark.parametrize("member", ["origins", "refineries", "smelters", "casts"])
def test_a_trace_of_a_listed_place_counts(member: str) -> None:
    trace = {**place("mine", "far", "CN", "CN-XJ", 0), "trace": True}
    report = make("uflpa", claims(**{member: [*WHOLE[member], trace]}))
    assert report.outcome == "disproven"
    assert site("far") in report.verdict


def test_a_place_without_its_subdivision_is_not_told() -> None:
    far = step(95, "far", "cast", "CN", "")
    report = make("uflpa", claims(steps=[*WHOLE["steps"], far]))
    assert report.outcome == "incomplete"
    assert "place" in keys(report)
    lines = as_json(report)["sections"][3]["tables"][0]["lines"]
    assert [line["listed"] for line in lines if line["site"] == site("far")] == ["not told"]
    told = step(95, "far", "cast", "CN", "CN-SD")
    assert make("uflpa", claims(steps=[*WHOLE["steps"], told])).outcome == "complete"
    nowhere = step(95, "far", "cast", "", "")
    assert "place" in keys(make("uflpa", claims(steps=[*WHOLE["steps"], nowhere])))
    only_ids = Listed(subdivisions=(), parties=("urn:x:y",))
    assert make("uflpa", claims(steps=[*WHOLE["steps"], nowhere]), listed=only_ids).outcome == "complete"
    assert Listed(subdivisions=()).text() == "nothing"


@pytest.mark.parametrize("kind", ["unknown", "unproven"])
def test_unknown_origin_is_missing_however_little(kind: str) -> None:
    dark: dict[str, Any] = {"kind": kind, "why": "bought", "mg": 0, "trace": True}
    report = make("uflpa", claims(origins=[*WHOLE["origins"], dark]))
    assert keys(report) == ["unknown_origin"]
    short = make("uflpa", claims(origins=WHOLE["origins"][:1]))
    assert keys(short) == ["rest_origin"]


def test_a_tier_without_documents_is_named_with_whom_to_ask() -> None:
    bare = step(41, "mill", "roll", "US", "US-KY", documents=0, papers=[])
    steps = [bare if one["process"] == "roll" else one for one in WHOLE["steps"]]
    report = make("uflpa", claims(steps=steps))
    (row,) = report.missing()
    assert row.ask is not None
    assert row.ask == (party("mill"), "documents of roll")
    assert row.label == "5. rolling"


def test_attestations_about_a_site_or_its_party_are_documents_of_the_tier() -> None:
    bare = step(41, "mill", "roll", "US", "US-KY", documents=0, papers=[])
    steps = [bare if one["process"] == "roll" else one for one in WHOLE["steps"]]

    def missing(kind: str, id: str, *scope: str, **more: Any) -> list[str]:
        said = {
            "scheme": "audit",
            "subject": {"kind": kind, "id": id},
            "scope": {"sites": scope},
            "evidence": [{"name": "report", "sha256": "d" * 64}],
            "held": [["2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]],
            **more,
        }
        report = make("uflpa", claims(steps=steps, attestations=[said]))
        assert ("d" * 64 in as_text(report)) == (not keys(report))
        return keys(report)

    assert missing("site", site("mill")) == []
    assert missing("party", party("mill")) == []
    assert missing("party", party("mill"), site("mill")) == []
    assert missing("party", party("mill"), site("elsewhere")) == ["documents_5"]
    assert missing("site", site("elsewhere")) == ["documents_5"]
    assert missing("lot", site("mill")) == ["documents_5"]
    withdrawn = [["2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z"]]
    assert missing("site", site("mill"), held=withdrawn) == ["documents_5"]
    assert missing("site", site("mill"), held=[]) == ["documents_5"]
    assert missing("site", site("mill"), scope={"processes": ["slit"]}) == ["documents_5"]


def test_the_tiers_begin_with_raw_materials_and_go_on_in_time() -> None:
    flow = as_json(make("uflpa", claims()))["sections"][2]["flow"]
    titles = [stage["title"] for stage in flow]
    assert titles == [
        "1. raw materials", "2. refining", "3. smelting", "4. casting", "5. rolling", "6. forming",
    ]  # fmt: skip
    assert [len(stage["items"]) for stage in flow] == [2, 1, 2, 1, 1, 1]
    more = [step(2, "pier", "blend", "CA", ""), step(3, "lab", "anneal", "CA", "")]
    more += [step(60, "mill", "slit", "US", "US-KY")]
    flow = as_json(make("uflpa", claims(steps=[*WHOLE["steps"], *more])))["sections"][2]["flow"]
    assert [stage["title"] for stage in flow][1::6] == ["2. handling", "8. anneal"]
    (item,) = flow[5]["items"]
    assert item.startswith("roll, slit: ")


def test_every_hash_stands_there_whole() -> None:
    text = as_text(make("uflpa", claims()))
    for one in WHOLE["steps"]:
        assert one["papers"][0]["sha256"] in text


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        (place("addition", "store", "NO", "", 80_000) | {"kinds": ["warehouse"]}, "at a warehouse"),
        (place("addition", "", "", "", 80_000) | {"why": "urn:nobody"}, "urn:nobody"),
    ],
)
def test_alloying_metal_of_no_plant_is_of_unknown_origin(origin: dict[str, Any], why: str) -> None:
    report = make("uflpa", claims(origins=[*WHOLE["origins"][:2], origin]))
    (row,) = report.missing()
    assert row.key == "unknown_origin"
    assert why in row.note


@pytest.mark.parametrize(
    ("country", "subdivision", "why"),
    [("XQ", "XQ-1", "XQ is no country"), ("AU", "CA-QC", "CA-QC is no subdivision of AU")],
)
@pytest.mark.parametrize("kind", ["mine", "collection"])
def test_a_code_of_no_place_is_unknown_origin(country: str, subdivision: str, why: str, kind: str) -> None:
    lost = place(kind, "far", country, subdivision, 6_000_000)
    far = step(95, "far", f"source:{kind}", country, subdivision)
    given: dict[str, Any] = {"origins": [lost, *WHOLE["origins"][1:]], "steps": [*WHOLE["steps"], far]}
    report = make("uflpa", claims(**given))
    assert report.outcome == "incomplete"
    assert keys(report) == ["place", "unknown_origin"]
    for row in report.missing():
        assert row.note == f"{site('far')}: {why}"
        assert row.ask is not None
        assert row.ask.whom == party("far")
    only_ids = Listed(subdivisions=(), parties=("urn:x:y",))
    assert keys(make("uflpa", claims(**given), listed=only_ids)) == ["unknown_origin"]


def test_a_territory_is_listed_under_each_of_its_codes() -> None:
    far = step(95, "far", "cast", "HK", "CN-HK")
    for code in ("HK", "CN"):
        assert make("uflpa", claims(steps=[*WHOLE["steps"], far]), listed=Listed((code,), ())).verdict
    assert make("uflpa", claims(steps=[*WHOLE["steps"], far])).outcome == "complete"


def test_a_site_that_was_registered_in_a_listed_place_is_listed() -> None:
    far = {**step(95, "far", "cast", "CA", "CA-QC"), "also": ["CN", "CN-XJ"]}
    report = make("uflpa", claims(steps=[*WHOLE["steps"], far]))
    assert report.verdict
    assert "CA (CA-QC), before in CN and CN-XJ" in " ".join(as_text(report).split())
    assert not make("uflpa", claims(steps=[*WHOLE["steps"], {**far, "also": ["CN-SD"]}])).verdict
