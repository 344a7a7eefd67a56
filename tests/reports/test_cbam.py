"""The emissions sheet: direct and indirect apart, both methods, each missing field named."""

from typing import Any

import pytest

from ledger.claiming import claims as of_ledger
from ledger.claims.footprint import per_kg
from ledger.errors import Malformed
from ledger.reports import Report, as_text, make
from ledger.reports.report import Row
from tests.reports.samples import FIELDS, LOT, WHOLE, claims, ref, site, step
from tests.world import World


def cbam(**changed: Any) -> Report:
    return make("cbam", claims(**changed), fields=FIELDS["cbam"])


def rows(report: Report) -> dict[str, Row]:
    return {row.key: row for row in report.rows()}


def content(**shares: int) -> list[dict[str, Any]]:
    masses = {name: {"mg": ppm * 8, "ppm": ppm} for name, ppm in shares.items()}
    return [{"rule": "own_loop"}, {"rule": "own_party", **masses}]


def test_direct_and_indirect_are_told_apart_and_rounded_up() -> None:
    found = rows(cbam())
    assert found["indirect_cut_off"].value == "0.250 kg CO2e per kg"
    assert found["direct_cut_off"].value == "7.491 kg CO2e per kg"  # 7.4907
    assert found["indirect_by_mass"].value == "0.126 kg CO2e per kg"  # 0.125000000125
    assert [per_kg(1, 1), per_kg(1_000, 1), per_kg(1_001, 1), per_kg(0, 5)] == [1, 1, 2, 0]


def test_a_figure_that_is_not_told_apart_is_missing_though_its_sum_is_shown() -> None:
    whole = {**WHOLE["footprint"][0], "indirect_ug": None}
    report = cbam(footprint=[whole])
    assert [row.key for row in report.missing()] == ["direct_cut_off", "indirect_cut_off"]
    assert "7.741" in as_text(report)
    assert "not told apart" in as_text(report)


def test_each_gap_names_event_and_operator() -> None:
    gap = {"site": site("smelter"), "process": "electrolysis", "missing": "CF4", "event": ref(21)}
    report = cbam(gaps=[gap], footprint=[{**WHOLE["footprint"][0], "complete": False}])
    (row,) = report.missing()
    assert row.source is not None
    assert row.source.id == "evt:21"
    assert row.ask == ("urn:example:party:smelter", f"CF4 of electrolysis at {site('smelter')}")
    assert "data is missing" in rows(report)["direct_cut_off"].note


def test_scrap_per_tonne_and_its_pre_consumer_share() -> None:
    found = rows(cbam(recycled=content(post=100_000, pre=50_000, primary=850_000)))
    assert found["scrap"].value == "0.150000"
    assert found["pre_consumer"].value == "33.34 %"  # a third, rounded up
    assert rows(cbam())["pre_consumer"].value == "not applicable"


@pytest.mark.parametrize(
    ("ppm", "note"), [(10_000, "not above 1 %"), (10_001, "above 1 %: to be stated"), (0, "not above 1 %")]
)
def test_other_elements_are_stated_above_one_per_cent(ppm: int, note: str) -> None:
    row = rows(cbam(recycled=content(alloy=ppm, primary=1_000_000 - ppm)))["elements"]
    assert row.note.startswith(note)
    assert not row.missing


@pytest.mark.parametrize("kind", ["post", "pre", "unknown"])
def test_what_scrap_brings_has_to_be_measured(kind: str) -> None:
    report = cbam(recycled=content(alloy=20_000, primary=979_999, **{kind: 1}))
    assert "elements" in [row.key for row in report.missing()]
    measured = {"quantity": "element_mg", "amount": "4.5", "unit": "%"}
    said = {
        "scheme": "analysis",
        "subject": {"kind": "lot", "id": LOT},
        "event": ref(70),
        "measured": [measured],
        "valid_until": "2026-12-31T23:59:59Z",
        "held": [["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]],
    }
    row = rows(cbam(recycled=content(**{kind: 1}), attestations=[said]))["element_mg"]
    assert row.value == "4.5 %"
    assert row.source is not None
    again = {**said, "held": [["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"], said["held"][0]]}
    assert "element_mg" in rows(cbam(recycled=content(**{kind: 1}), attestations=[again]))
    other = {**said, "subject": {"kind": "lot", "id": "urn:x:y"}}
    gone = {**said, "held": [["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]]}
    for useless in (other, gone, {**said, "held": []}):
        assert "elements" in rows(cbam(recycled=content(**{kind: 1}), attestations=[useless]))


def test_a_withdrawn_analysis_does_not_come_back_with_its_certifier() -> None:
    world = World()
    lot = world.hood()
    measured = [{"quantity": "element_mg", "amount": "4.5", "unit": "%"}]
    given = world.attest(lot, scheme="analysis", measured=measured)
    assert "element_mg" in rows(make("cbam", of_ledger(world.store, lot)))
    back = {"type": "revoke_attestation", "party": given["party"], "of": given, "reason": "a test"}
    world.post(back | {"status": "withdrawn", "since": world.time})
    for status in ("suspended", "active"):
        world.anew(given["party"], status=status)
    found = of_ledger(world.store, lot)
    (told,) = found.attestations
    assert [change.status for change in told.history] == ["withdrawn", "suspended", "reinstated"]
    assert "element_mg" not in rows(make("cbam", found))


def test_the_route_is_told_from_the_processes() -> None:
    inert = step(23, "smelter", "electrolysis_inert", "CA", "CA-QC")
    melt = step(30, "casthouse", "remelt", "CA", "CA-QC")
    value = rows(cbam(steps=[*WHOLE["steps"], inert, melt]))["route"].value
    assert (
        value == "primary: electrolysis; primary: electrolysis with inert anodes; remelt; melting and casting"
    )
    assert rows(cbam(steps=[step(1, "mine", "source:mine", "AU", "")]))["route"].missing


def test_the_country_may_be_missing_where_the_installation_is_known() -> None:
    found = rows(cbam(steps=[step(51, "stamper", "stamp", "", "")]))
    assert found["country"].missing
    assert found["installation"].value == site("stamper")


@pytest.mark.parametrize("process", ["source:purchase", "blend", "bale"])
def test_who_buys_or_blends_did_not_make_it(process: str) -> None:
    """Else metal from anywhere is of the country of the last warehouse."""
    handled = step(99, "depot", process, "CH", "", runs=[["2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"]])
    assert rows(cbam(steps=[*WHOLE["steps"], handled]))["country"] == rows(cbam())["country"]
    bought = rows(cbam(steps=[handled]))
    assert bought["country"].missing
    assert bought["installation"].missing


def test_fields_that_no_event_says_can_be_given_and_are_marked() -> None:
    assert [row.key for row in make("cbam", claims()).missing()] == ["cn_code", "carbon_price"]
    row = rows(cbam())["cn_code"]
    assert (row.value, row.note, row.stated) == ("8708 29 90", "stated with the request", True)


@pytest.mark.parametrize(
    "given", [{"route": "x"}, {"cn_code": ""}, {"cn_code": " "}, {"cn_code": "a\nb"}, {"cn_code": "x" * 501}]
)
def test_other_fields_or_empty_ones_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(Malformed) as caught:
        make("cbam", claims(), fields=given)
    assert caught.value.code == "report.field"


def test_a_code_of_no_place_is_no_country_of_production() -> None:
    last = WHOLE["steps"][-1]
    (row,) = cbam(steps=[*WHOLE["steps"][:-1], {**last, "country": "XQ", "subdivision": "XQ-1"}]).missing()
    assert (row.key, row.note) == ("country", "XQ is no country")
    assert row.ask is not None
    assert last["party"] in row.ask.whom
    assert row.ask.what == f"the country of {last['site']}"


def test_of_two_countries_none_is_that_of_production() -> None:
    last = WHOLE["steps"][-1]
    moved = {**last, "country": "CA", "subdivision": "CA-QC", "also": ["RU", "RU-KYA"]}
    (row,) = cbam(steps=[*WHOLE["steps"][:-1], moved]).missing()
    assert (row.key, row.note) == ("country", "it was registered in RU and RU-KYA before")
