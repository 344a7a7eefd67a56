"""capacity: what a mine or a collector brought in a month against what somebody attests that it can."""

from typing import Any

import pytest

from tests.policy.asking import (
    BODY,
    CERTIFIER,
    DIGGER,
    MILL,
    MINE,
    SMELTER,
    asked,
    cert,
    step,
    verdict,
    wanted,
)

ANY = wanted("capacity", accredited=False)
YARD = "urn:x:site:yard"


def brought(grams: int, **members: Any) -> dict[str, Any]:
    return {"site": MINE, "kind": "mine", "month": "2026-01", "grams": grams, **members}


def can(
    amount: str = "9", unit: str = "t/month", processes: tuple[str, ...] = ("mine",), **members: Any
) -> Any:
    about, measured = members.pop("about", MINE), members.pop("measured", {})
    value = {"quantity": "capacity", "amount": amount, "unit": unit, **measured}
    return cert(about, "capacity", scope={"processes": processes}, **{"measured": [value], **members})


def of(grams: int, *attested: Any, **members: Any) -> str:
    return verdict(
        ANY, **{"steps": [step()], "brought": [brought(grams)], "attestations": attested, **members}
    )


@pytest.mark.parametrize(("amount", "unit"), [("9", "t/month"), ("9000", "kg/month"), ("9.00", "t/month")])
def test_a_month_is_within_the_capacity_to_the_gram(amount: str, unit: str) -> None:
    assert of(9_000_000, can(amount, unit)) == "pass"
    assert of(9_000_001, can(amount, unit)) == "fail"


def test_what_nobody_attested_is_not_provable() -> None:
    assert of(9_000_000) == "not provable"
    others = [
        can(about=SMELTER),
        can(about=DIGGER),  # of all its sites, or of one: nobody knows
        can(processes=()),
        can(processes=("collection",)),
        can(unit="t/year"),
        can("much"),
        can(measured={"quantity": "electricity"}),
        can(measured={"period": "2026-01-02/2026-12-31"}),
        can(measured={"period": "2025-01-01/2026-01-30"}),
        can(measured={"period": "later"}),
        can() | {"measured": []},
        can(status="suspended"),
        can(certifier=DIGGER),
        can(held=[]),
        can(held=[["2026-01-02T12:00:00Z", "2027-01-01T00:00:00Z"]]),
        can() | {"scheme": "asi_performance"},
    ]
    for one in others:
        assert [of(1, one), of(99_000_000, one)] == ["not provable"] * 2, one
    assert of(9_000_000, *others, can(measured={"period": "2026-01-01/2026-01-31"})) == "pass"


def test_of_several_capacities_the_greatest_that_held_counts() -> None:
    last_year = can("50", held=[["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]])
    assert of(9_000_001, can("5"), can("9"), last_year) == "fail"
    assert of(9_000_000, can("5"), can("9"), last_year) == "pass"
    both = can("20") | {"measured": [{"quantity": "capacity", "amount": a, "unit": "t/month"} for a in "73"]}
    assert [of(grams, both) for grams in (3_000_000, 3_000_001)] == ["pass", "fail"]


def test_a_capacity_that_is_renewed_holds_on() -> None:
    halves = (
        [["2025-01-01T00:00:00Z", "2026-01-02T12:00:00Z"]],
        [["2026-01-02T12:00:00Z", "2027-01-01T00:00:00Z"]],
    )
    for more, expected in (("9", "pass"), ("8", "fail")):
        assert of(9_000_000, can("9", held=halves[0]), can(more, held=halves[1])) == expected


def test_each_month_is_asked_about_at_its_own_time() -> None:
    """What was greater once, or will be, says nothing of this month."""
    long = step(runs=[["2025-12-30T00:00:00Z", "2026-01-03T00:00:00Z"]])
    old = can("5", held=[["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]])
    new = can("9", held=[["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]])

    def both(before: int, since: int) -> str:
        rows = [brought(before, month="2025-12"), brought(since)]
        return of(0, old, new, steps=[long], brought=rows)

    assert [both(5_000_000, 9_000_000), both(5_000_001, 0), both(0, 9_000_001)] == ["pass", "fail", "fail"]


def test_the_certifier_is_accredited_unless_that_is_not_asked() -> None:
    strict = wanted("capacity")
    told: dict[str, Any] = {"steps": [step()], "brought": [brought(1)]}
    body = cert(CERTIFIER, "accreditation", certifier=BODY, scope={"schemes": ["capacity"]})
    assert verdict(strict, attestations=[can()], **told) == "not provable"
    assert verdict(strict, attestations=[can(), body], **told) == "pass"
    assert verdict(strict, attestations=[can(), body | {"certifier": CERTIFIER}], **told) == "not provable"
    told["brought"] = [brought(9_000_001)]
    friend = can("99", certifier="urn:x:party:friend")
    assert verdict(strict, attestations=[can(), body, friend], **told) == "fail"


def test_what_is_hidden_never_passes_and_undoes_no_fail() -> None:
    for area, over in (("months", "fail"), ("ancestry", "fail"), ("attestations", "not provable")):
        assert of(9_000_001, can(), unshown=[area]) == over
    for area in ("months", "ancestry"):
        assert of(1, can(), unshown=[area]) == "not provable"
        assert of(1, can(), unshown=[area], brought=[]) == "not provable"
    assert of(1, can(), brought=[]) == "not provable"
    assert of(1, can(), steps=[]) == "not provable"
    assert of(1, can(), steps=[step(runs=[])]) == "not provable"
    assert of(1, can(), steps=[step(runs=[["then", "now"]])]) == "not provable"
    for month in ("2026-13", "soon", "2026-02", "2026-01-01T00"):
        assert of(1, can(), brought=[brought(1, month=month)]) == "not provable"


def test_kinds_of_sources_and_their_sites_are_apart() -> None:
    scrap = step(YARD, "source:collection")
    rows = [brought(1), brought(7_000_001, site=YARD, kind="collection")]
    told: dict[str, Any] = {"steps": [step(), scrap, step(MILL, "roll")], "brought": rows}
    yard = can("7", about=YARD, processes=("collection",))
    assert of(0, can(), yard, **told) == "fail"
    told["attestations"] = [can(), yard]
    mine, none = (wanted("capacity", accredited=False, sources=[kind]) for kind in ("mine", "collection"))
    assert [verdict(mine, **told), verdict(none, **told)] == ["pass", "fail"]
    found = asked(mine, steps=[scrap])
    assert (found.verdict, found.sentence) == ("pass", "Nothing of it claims to come from a mine.")


def test_what_is_found_is_told() -> None:
    told: dict[str, Any] = {"steps": [step()], "brought": [brought(9_000_001)], "attestations": [can()]}
    found = asked(ANY, **told)
    assert (
        found.sentence
        == f"More than the attested capacity: {MINE}, mine in 2026-01: 9,000.001 kg, where 9,000 kg can be."
    )
    assert [event.id for event in found.events] == ["urn:x:event:source:mine", "urn:x:event:cert-capacity"]
    assert [(ask.whom, ask.what[:15]) for ask in found.ask] == [(MINE, "Ask where the r")]
    found = asked(ANY, **told | {"attestations": []})
    assert found.sentence.endswith(f"{MINE}, mine in 2026-01: 9,000.001 kg, no attestation about it.")
    ((whom, what),) = found.ask
    assert (whom, "capacity, t/month" in what) == (MINE, True)
    found = asked(ANY, **told | {"brought": []})
    assert found.sentence == f"Not shown to be within a capacity: {MINE}, mining: by month not shown."
    assert [ask.whom for ask in found.ask] == [DIGGER]
    found = asked(ANY, **told | {"brought": [brought(1)]})
    assert found.sentence == "1 month of sources, all within the attested capacity."
