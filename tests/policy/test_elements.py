"""elements: a policy passes no sheet that the report calls incomplete."""

from typing import Any

import pytest

from ledger.claims.document import Claims
from ledger.reports.cbam import cbam
from tests.policy.asking import CERTIFIER, DIGGER, asked, cert, verdict, wanted

ELEMENTS = wanted("elements")
LOT = "urn:x:lot:1"
PRIMARY = {"rule": "own_party", "alloy": {"mg": 15_000, "ppm": 15_000}, "primary": {"mg": 985_000}}
MG = {"quantity": "element_mg", "amount": "1.1", "unit": "%"}
ALL = {**MG, "quantity": "alloying_elements", "amount": "1.6"}


def analysis(**members: Any) -> dict[str, Any]:
    return cert(
        LOT, "composition_check", valid_until="2027-01-01T00:00:00Z", **{"measured": [MG, ALL], **members}
    )


def both(**members: Any) -> str:
    """The verdict; the report names the field as missing just where it is no pass."""
    document: dict[str, Any] = {"subject": LOT, "grams": 1000, **members}
    found = verdict(ELEMENTS, **document)
    missing = {row.key for row in cbam(Claims.model_validate(document), {}).missing()}
    assert (found == "pass") == ("elements" not in missing)
    return found


@pytest.mark.parametrize("kind", ["post", "pre", "unknown"])
def test_what_scrap_and_unknown_metal_bring_has_to_be_analysed(kind: str) -> None:
    melted = {**PRIMARY, kind: {"mg": 1}}
    assert both(recycled=[PRIMARY]) == "pass"
    assert both(recycled=[melted]) == "not provable"
    assert both(recycled=[melted], attestations=[analysis()]) == "pass"
    for useless in (
        analysis(held=[]),
        analysis(held=[["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]]),
        analysis(subject={"kind": "lot", "id": "urn:x:lot:2"}),
        analysis(subject={"kind": "site", "id": LOT}),
        analysis(measured=[{**ALL, "quantity": "footprint"}]),
        analysis(measured=[MG]),  # of one element: nothing is told of the others
    ):
        assert both(recycled=[melted], attestations=[useless]) == "not provable"


def test_an_analysis_that_was_suspended_for_a_time_stands_again() -> None:
    spans = [
        ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"],
        ["2026-04-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ]
    melted = {**PRIMARY, "post": {"mg": 1}}
    assert both(recycled=[melted], attestations=[analysis(held=spans)]) == "pass"
    assert both(recycled=[melted], attestations=[analysis(held=spans[::-1])]) == "not provable"


def test_nothing_shown_is_not_provable() -> None:
    assert both() == "not provable"
    assert "chemical analysis" in asked(ELEMENTS).ask[0].what
    assert both(recycled=[{**PRIMARY, "rule": "own_loop"}]) == "not provable"
    assert verdict(ELEMENTS, recycled=[PRIMARY], unshown=["ancestry"]) == "not provable"


def test_the_elements_are_told() -> None:
    found = asked(ELEMENTS, subject=LOT, grams=1000, recycled=[PRIMARY])
    assert found.sentence == "1.50 % was added as alloying metal, and no scrap or unknown metal went in."
    found = asked(ELEMENTS, subject=LOT, recycled=[PRIMARY], attestations=[analysis()])
    assert [event.party for event in found.events] == [CERTIFIER]
    scrap = [{**PRIMARY, "post": {"mg": 1}}]
    found = asked(ELEMENTS, subject=LOT, grams=1000, recycled=scrap, attestations=[analysis(measured=[MG])])
    assert found.sentence.endswith("is not known, and an analysis tells some elements, not all.")
    assert [event.party for event in found.events] == [CERTIFIER]
    found = asked(ELEMENTS, holder=DIGGER, recycled=scrap)
    assert [(one.whom, "chemical analysis" in one.what) for one in found.ask] == [(DIGGER, True)]
