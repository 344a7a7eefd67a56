"""attested: the times, the scope, the certifier; and what is asked where it fails."""

from typing import Any

import pytest

from ledger.claims.bounded import MORE
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

MINES = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"])


def seen(cert_members: dict[str, Any] | None = None, requirement: Any = MINES, **step_members: Any) -> str:
    return verdict(requirement, steps=[step(**step_members)], attestations=[cert(**(cert_members or {}))])


def test_a_step_within_the_certificates_time_passes_and_names_the_certificate() -> None:
    found = asked(MINES, steps=[step()], attestations=[cert()])
    assert (found.verdict, found.sentence) == ("pass", "1 step, all attested (ASI Performance Standard).")
    assert [event.id for event in found.events] == ["urn:x:event:cert-asi_performance"]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([["2026-01-02T00:00:00Z", "2026-01-03T00:00:01Z"]], "pass"),
        ([["2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.001Z"]], "pass"),
        ([["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]], "fail"),  # ends as the last event happens
        ([["2026-01-02T00:00:01Z", "2026-01-04T00:00:00Z"]], "fail"),
        (
            [
                ["2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"],
                ["2026-01-02T12:00:00Z", "2026-02-01T00:00:00Z"],
            ],
            "pass",
        ),
        (
            [
                ["2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"],
                ["2026-01-02T12:00:01Z", "2026-02-01T00:00:00Z"],
            ],
            "fail",
        ),
        ([["2026-01-01T00:00:00Z", "soon"]], "fail"),
        ([], "fail"),
    ],
)
def test_the_time_first_inside_second_outside(held: list[list[str]], expected: str) -> None:
    assert seen({"held": held}) == expected


def test_every_run_must_lie_inside_and_certificates_may_follow_each_other() -> None:
    runs = [
        ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"],
        ["2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z"],
    ]
    first = cert(held=[["2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"]])
    second = cert(held=[["2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z"]])
    assert verdict(MINES, steps=[step(runs=runs)], attestations=[first, second]) == "pass"
    found = asked(MINES, steps=[step(runs=runs)], attestations=[first])
    assert found.verdict == "fail"
    assert "needed at 2026-06-02T00:00:00Z to 2026-06-03T00:00:00Z" in found.sentence
    assert "it held from 2026-01-01T00:00:00Z until 2026-04-01T00:00:00Z" in found.sentence
    assert [ask.whom for ask in found.ask] == [MINE]


def test_the_end_is_told_as_the_certificate_states_it() -> None:
    """It holds through that second, so the first outside is the next one."""
    ended = [["2025-01-01T00:00:00Z", "2025-12-31T00:00:01Z"]]
    for stated, told in (
        ("2025-12-31T00:00:00Z", "2025-12-31T00:00:00Z"),
        ("2027-12-31T00:00:00Z", "2025-12-31T00:00:01Z"),  # suspended then
        ("", "2025-12-31T00:00:01Z"),
    ):
        found = asked(MINES, steps=[step()], attestations=[cert(held=ended, valid_until=stated)])
        assert f"it held from 2025-01-01T00:00:00Z until {told} (" in found.sentence


def test_a_late_event_must_be_received_while_the_certificate_held() -> None:
    assert seen(late=["2026-12-31T23:59:59.999Z"]) == "pass"
    assert seen(late=["2027-01-01T00:00:00.000Z"]) == "fail"
    found = asked(MINES, steps=[step(late=["2027-01-01T00:00:00.000Z"])], attestations=[cert()])
    assert "needed at 2027-01-01T00:00:00Z, but" in found.sentence


@pytest.mark.parametrize(
    "runs", [[], [["then", "2026-01-03T00:00:00Z"]], [["2026-01-04T00:00:00Z", "2026-01-03T00:00:00Z"]]]
)
def test_a_step_without_a_time_is_not_provable(runs: list[list[str]]) -> None:
    assert seen(runs=runs) == "not provable"


@pytest.mark.parametrize(
    ("members", "expected", "why"),
    [
        ({"subject": {"kind": "party", "id": DIGGER}}, "pass", ""),
        ({"subject": {"kind": "party", "id": "urn:x:party:other"}}, "fail", "no attestation about it"),
        ({"subject": {"kind": "site", "id": SMELTER}}, "fail", "no attestation about it"),
        ({"subject": {"kind": "lot", "id": MINE}}, "fail", "no attestation about it"),
        ({"subject": {"kind": "party", "id": DIGGER}, "scope": {"sites": [MINE]}}, "pass", ""),
        ({"subject": {"kind": "party", "id": DIGGER}, "scope": {"sites": [SMELTER]}}, "fail",
         f"site {MINE} is not in its scope"),
        ({"subject": {"kind": "party", "id": DIGGER}, "taken_over": [MINE]}, "fail",
         "its operator took the site over later"),
        ({"subject": {"kind": "party", "id": DIGGER}, "taken_over": [SMELTER]}, "pass", ""),
        ({"subject": {"kind": "party", "id": DIGGER}, "taken_over": [MINE], "scope": {"sites": [MINE]}},
         "pass", ""),
        ({"scope": {"materials": ["bauxite", "alumina"]}}, "pass", ""),
        ({"scope": {"materials": ["alumina"]}}, "fail", "material bauxite is not in its scope"),
        ({"scope": {"processes": ["mine"]}}, "pass", ""),
        ({"scope": {"processes": ["refine"]}}, "fail", "process mine is not in its scope"),
        ({"scope": {"units": ["pit-1"]}}, "pass", ""),
        ({"scope": {"units": ["pit-2"]}}, "fail", "unit pit-1 is not in its scope"),
        ({"status": "provisional"}, "pass", ""),
        ({"status": "suspended"}, "fail", "its status is suspended"),
        ({"scheme": "asi_chain_of_custody"}, "fail", "no attestation about it"),
        ({"certifier": DIGGER}, "fail", "the site's operator certified itself"),
    ],
)  # fmt: skip
def test_what_an_attestation_covers(members: dict[str, Any], expected: str, why: str) -> None:
    found = asked(MINES, steps=[step(materials=["bauxite"], unit="pit-1")], attestations=[cert(**members)])
    assert found.verdict == expected
    assert why in found.sentence


def test_a_scope_that_cannot_be_compared_is_not_provable() -> None:
    assert seen({"scope": {"materials": ["bauxite"]}}) == "not provable"
    assert seen({"scope": {"units": ["pit-1"]}}) == "not provable"
    found = asked(
        MINES, steps=[step()], attestations=[cert(scope={"units": ["pit-1"], "processes": ["refine"]})]
    )
    assert found.verdict == "fail"  # outside in another way


def test_what_would_not_suffice_if_it_fitted_fails() -> None:
    outside = {"scope": {"units": ["pit-1"]}, "held": [["2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"]]}
    assert seen(outside) == "fail"


def test_a_scope_of_origins_needs_all_origins_of_the_metal_inside() -> None:
    scoped = cert(scope={"origins": [MINE]})
    origins = [{"kind": "mine", "site": MINE, "ppm": 1_000_000}]
    assert verdict(MINES, steps=[step()], attestations=[scoped], origins=origins) == "pass"
    assert verdict(MINES, steps=[step()], attestations=[scoped]) == "not provable"
    other = [*origins, {"kind": "collection", "site": "urn:x:site:yard"}]
    assert verdict(MINES, steps=[step()], attestations=[scoped], origins=other) == "fail"
    dark = [*origins, {"kind": "unknown"}]
    assert verdict(MINES, steps=[step()], attestations=[scoped], origins=dark) == "not provable"


def test_statuses_levels_and_certifiers_may_be_narrowed() -> None:
    of = {"of": {"stages": ["mining"]}, "schemes": ["asi_performance"]}
    strict = wanted("attested", **of, statuses=["certified"])
    assert seen({"status": "certified"}, strict) == "pass"
    assert seen({"status": "provisional"}, strict) == "fail"
    gold = wanted("attested", **of, levels=["gold", "platinum"])
    assert seen({"level": "platinum"}, gold) == "pass"
    assert seen({"level": "silver"}, gold) == "fail"
    assert seen({}, gold) == "fail"
    own = wanted("attested", **of, certifiers=[CERTIFIER])
    assert seen({}, own) == "pass"
    assert seen({"certifier": BODY}, own) == "fail"


def test_a_scheme_says_what_it_may_be_about_and_which_statuses_count() -> None:
    of = {"of": {"stages": ["mining"]}}
    checked = wanted("attested", **of, schemes=["composition_check"])
    assert seen({"scheme": "composition_check"}, checked) == "pass"
    assert seen({"scheme": "composition_check", "status": "provisional"}, checked) == "fail"
    found = asked(checked, steps=[step()], attestations=[cert(DIGGER, "composition_check")])
    assert "the scheme says nothing about a party" in found.sentence
    unknown = wanted("attested", **of, schemes=["nowhere_described"])
    assert seen({"scheme": "nowhere_described"}, unknown) == "pass"
    assert seen({"scheme": "nowhere_described", "status": "provisional"}, unknown) == "fail"
    found = asked(unknown, steps=[step()])
    assert found.ask[0].what == "Ask for an attestation of the scheme nowhere_described."


def test_today_asks_at_the_checkpoint() -> None:
    today = wanted("attested", schemes=["asi_performance"], at="today")
    held = {"held": [["2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"]]}
    for received, expected in [
        ("2026-05-31T23:59:59.999Z", "pass"),
        ("2026-06-01T00:00:00.000Z", "fail"),
        ("at once", "not provable"),
    ]:
        found = verdict(
            today, steps=[step(runs=[])], attestations=[cert(**held)], as_of={"received": received}
        )
        assert found == expected


def test_a_suspension_decides_and_is_named() -> None:
    change = {"status": "suspended", "since": "2026-01-02T12:00:00Z", "learned": "2026-02-01T00:00:00.000Z",
              "event": {"party": CERTIFIER, "id": "urn:x:event:suspension", "index": 9}}  # fmt: skip
    suspended = cert(held=[["2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"]], history=[change])
    found = asked(MINES, steps=[step()], attestations=[suspended])
    assert found.verdict == "fail"
    assert [event.id for event in found.events] == [
        "urn:x:event:source:mine", "urn:x:event:cert-asi_performance", "urn:x:event:suspension"
    ]  # fmt: skip


def test_what_is_not_shown_is_not_provable() -> None:
    assert verdict(MINES) == "not provable"
    assert verdict(MINES, steps=[step()], unshown=["attestations"]) == "not provable"
    assert verdict(MINES, steps=[step()], attestations=[cert()], unshown=["attestations"]) == "pass"
    assert verdict(MINES, steps=[step()], attestations=[cert()], unshown=["ancestry"]) == "not provable"
    assert verdict(MINES, steps=[step(SMELTER, "cast")], unshown=["ancestry"]) == "not provable"


@pytest.mark.parametrize("kind", ["unknown", "unproven"])
@pytest.mark.parametrize("share", [{"mg": 1}, {"ppm": 1}, {"trace": True}])
def test_metal_of_unknown_origin_is_not_shown_to_come_from_an_attested_mine(kind: str, share: Any) -> None:
    dark = [{"kind": kind, **share}]
    assert verdict(MINES, steps=[step()], attestations=[cert()], origins=dark) == "not provable"
    assert verdict(MINES, steps=[step()], origins=dark) == "fail"  # what is shown fails anyway
    assert verdict(MINES, steps=[step()], attestations=[cert()], origins=[{"kind": kind}]) == (
        "pass" if kind == "unknown" else "not provable"
    )
    smelters = wanted("attested", of={"stages": ["smelting"]}, schemes=["asi_performance"])
    shown = {"steps": [step(SMELTER, "electrolysis")], "attestations": [cert(SMELTER)], "origins": dark}
    assert verdict(smelters, **shown) == ("pass" if kind == "unknown" else "not provable")


def test_a_chain_without_such_a_step() -> None:
    for none in ("pass", "fail", "not provable"):
        requirement = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"], none=none)
        assert verdict(requirement, steps=[step(SMELTER, "cast")]) == none
    assert verdict(MINES, steps=[step(SMELTER, "cast")]) == "not provable"


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ({"stages": ["mining"]}, True),
        ({"stages": ["refining", "mining"]}, True),
        ({"stages": ["refining"]}, False),
        ({"processes": ["source:mine"]}, True),
        ({"processes": ["refine"], "stages": ["mining"]}, True),
        ({"processes": ["refine"]}, False),
        ({"kinds": ["mine", "port"]}, True),
        ({"kinds": ["smelter"]}, False),
        ({"kinds": ["terminal"]}, True),
        ({"sites": [MINE]}, True),
        ({"sites": [SMELTER]}, False),
        ({"parties": [DIGGER]}, True),
        ({"parties": [BODY]}, False),
        ({"units": ["pit-1"]}, True),
        ({"units": ["pit-2"]}, False),
        ({"materials": ["bauxite"]}, True),
        ({"materials": ["alumina"]}, False),
        ({"stages": ["mining"], "sites": [SMELTER]}, False),
        ({}, True),
    ],
)
def test_which_steps_are_meant(of: dict[str, Any], expected: bool) -> None:
    requirement = wanted("attested", of=of, schemes=["asi_performance"], none="pass")
    one = step(kinds=["mine"], also=["AU", "terminal"], unit="pit-1", materials=["bauxite"])
    assert verdict(requirement, steps=[one]) == ("fail" if expected else "pass")


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ({}, "not provable"),
        ({"kinds": ["mine"]}, "not provable"),
        ({"kinds": ["port"]}, "pass"),
        ({"sites": [MINE]}, "pass"),
    ],
)
def test_when_unknown_origin_hides_steps_that_are_meant(of: dict[str, Any], expected: str) -> None:
    requirement = wanted("attested", of=of, schemes=["asi_performance"])
    one = step(kinds=["mine", "port"])
    found = verdict(requirement, steps=[one], attestations=[cert()], origins=[{"kind": "unknown", "ppm": 5}])
    assert found == expected


def test_an_own_question_is_asked() -> None:
    requirement = wanted("attested", schemes=["asi_performance"], ask="Call the mine.")
    assert asked(requirement, steps=[step()]).ask[0].what == "Call the mine."


def test_technology_needs_the_very_unit_and_its_time() -> None:
    inert = wanted("technology", processes=["electrolysis_inert"])
    one = step(SMELTER, "electrolysis_inert", unit="line-1")

    def seen(**members: Any) -> str:
        return verdict(inert, steps=[one], attestations=[cert(SMELTER, "technology", **members)])

    assert seen(scope={"units": ["line-1"]}) == "pass"
    assert seen(scope={"units": ["line-2"]}) == "fail"
    assert seen() == "fail"
    commissioned = [["2026-01-02T00:00:01Z", "2027-01-01T00:00:00Z"]]
    assert seen(scope={"units": ["line-1"]}, held=commissioned) == "fail"
    assert verdict(inert, steps=[step(SMELTER, "electrolysis")]) == "pass"
    assert verdict(inert) == "not provable"
    needed = wanted("technology", processes=["electrolysis_inert"], required=True)
    assert verdict(needed, steps=[step(SMELTER, "electrolysis")]) == "fail"
    assert verdict(needed, steps=[step(SMELTER, "electrolysis")], unshown=["ancestry"]) == "not provable"
    nowhere = step(SMELTER, "electrolysis_inert")
    scoped = cert(SMELTER, "technology", scope={"units": ["line-1"]})
    assert verdict(inert, steps=[nowhere], attestations=[scoped]) == "not provable"


@pytest.mark.parametrize("missing", ["when it began", MORE])
def test_what_does_not_say_when_it_began_is_not_shown_to_be_attested(missing: str) -> None:
    """A certificate that held when the tap was posted says nothing of the weeks before."""
    smelting = wanted("attested", of={"stages": ["smelting"]}, schemes=["asi_performance"])
    gap = {"site": SMELTER, "process": "electrolysis", "missing": missing}
    shown: dict[str, Any] = {"steps": [step(SMELTER, "electrolysis")], "attestations": [cert(SMELTER)]}
    assert verdict(smelting, **shown) == "pass"
    found = asked(smelting, **shown, gaps=[gap])
    assert found.verdict == "not provable"
    assert found.sentence == f"{SMELTER}, electrolysis: when it began is not told (ASI Performance Standard)."
    assert found.ask == ((DIGGER, "Post when electrolysis began (`from`)."),)
    assert verdict(smelting, **shown, gaps=[gap | {"process": "cast"}]) == "pass"
    assert verdict(smelting, **shown, gaps=[gap | {"site": MILL}]) == "pass"
    assert verdict(smelting, **shown, gaps=[gap | {"missing": "CF4"}]) == "pass"
    late = cert(SMELTER, held=[["2026-01-02T00:00:01Z", "2027-01-01T00:00:00Z"]])
    assert verdict(smelting, **shown | {"attestations": [late]}, gaps=[gap]) == "fail"
    today = wanted("attested", of={"stages": ["smelting"]}, schemes=["asi_performance"], at="today")
    now = {"as_of": {"received": "2026-06-01T00:00:00.000Z"}}
    assert verdict(today, **shown, **now, gaps=[gap]) == "pass"
