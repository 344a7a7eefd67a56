"""Whom to ask: who can answer it. Whoever was told by the ledger is not sent to the ledger again."""

from typing import Any

import pytest

from ledger.policy.finding import Finding
from ledger.policy.requirement import Requirement
from tests.policy.asking import DIGGER, MILL, MINE, SMELTER, asked, cert, step, wanted

ALL = wanted("renewable")
MINES = wanted("attested", of={"stages": ["mining"]}, schemes=["asi_performance"])
XINJIANG = wanted("places", subdivisions=["CN-XJ"], where=["smelters", "steps"])
FOUR = {"method": "by_mass", "boundary": "cradle_to_gate", "year": 2026, "stage": "joined_part"}
BENCHMARK = wanted("benchmark", **FOUR, name="b", value="16.1", reduction="0.7")
FOOTPRINT = wanted("footprint", method="by_mass", most="4", year=2026)
OPENED = step(SMELTER, "source:opening", party=MILL, first={"id": "urn:x:event:opened"})
HYDRO = {"site": SMELTER, "month": "2026-02", "source": "hydro", "wh": 9, "covered": True}
GAP = {
    "site": SMELTER,
    "process": "electrolysis",
    "missing": "electricity",
    "event": {"id": "urn:x:event:pots"},
}
DARK: dict[str, Any] = {"steps": [step(), OPENED], "attestations": [cert()]}


def told(found: Finding) -> tuple[list[str], list[str], str]:
    """The events, whom to ask, and what first."""
    assert found.verdict == "not provable"
    return [one.id for one in found.events], [one.whom for one in found.ask], found.ask[0].what


@pytest.mark.parametrize("rests_on", ["ledger", "proof"])
@pytest.mark.parametrize(
    ("requirement", "members", "start"),
    [
        (MINES, {"origins": [{"kind": "unknown", "why": "opening", "ppm": 9}]}, "Say where the metal"),
        (ALL, {"smelters": [{"kind": "unknown", "why": "opening"}], "power": [HYDRO]}, "Say who smelted"),
        (ALL, {"smelters": [{"kind": "unknown", "why": "opening"}]}, "Say who smelted"),
    ],
)
def test_of_metal_of_unknown_origin_is_asked_who_brought_it(
    requirement: Requirement, members: dict[str, Any], start: str, rests_on: str
) -> None:
    events, whom, what = told(asked(requirement, **DARK, **members, rests_on=rests_on, holder=DIGGER))
    assert (events, whom) == (["urn:x:event:opened"], [MILL])
    assert what.startswith(start)


def test_of_an_origin_in_no_place_is_asked_its_operator() -> None:
    nowhere = {"kind": "mine", "site": MINE, "party": DIGGER, "country": "XQ", "ppm": 9}
    _, whom, what = told(asked(MINES, **DARK, origins=[nowhere]))
    assert whom == [DIGGER]
    assert what.startswith("Have the registrar correct")


def test_who_smelts_is_asked_for_the_electricity_also_where_nobody_told_any() -> None:
    for power in ([], [HYDRO]):
        found = asked(ALL, smelters=[{"kind": "smelter", "site": SMELTER}], power=power, gaps=[GAP])
        assert told(found) == (["urn:x:event:pots"], [SMELTER], "Post the electricity of smelting.")


@pytest.mark.parametrize(
    ("row", "start"),
    [
        ({"kind": "mine", "country": "CN"}, "Have the registrar add"),
        ({"kind": "mine"}, "Have the registrar add"),
        ({"kind": "addition", "country": "CA"}, "Name the plant"),
    ],
)
def test_the_operator_of_a_place_is_asked_where_it_is(row: dict[str, Any], start: str) -> None:
    requirement = wanted("places", subdivisions=["CN-XJ"], where=["origins", "steps"])
    found = asked(requirement, origins=[{"site": SMELTER, "party": MILL, **row}], steps=[step(country="CA")])
    _, whom, what = told(found)
    assert whom == [MILL]
    assert what.startswith(start)


def test_the_event_of_a_step_whose_place_is_not_told_is_named() -> None:
    smelters = [{"kind": "smelter", "site": SMELTER, "country": "CA"}]
    events, whom, _ = told(asked(XINJIANG, smelters=smelters, steps=[step(country="CN", party="")]))
    assert (events, whom) == (["urn:x:event:source:mine"], [MINE])
    unproven = [{"kind": "unproven", "site": SMELTER}]
    _, whom, _ = told(asked(XINJIANG, smelters=unproven, steps=[step(country="CA")], rests_on="proof"))
    assert whom == ["whoever gave you the proof"]


@pytest.mark.parametrize("requirement", [BENCHMARK, FOOTPRINT])
def test_a_figure_of_another_kind_is_the_policys_to_change(requirement: Requirement) -> None:
    has = {"method": "by_mass", "year": 2027, "stage": "coil", "g_per_kg": 9, "grams": 1}
    _, whom, what = told(asked(requirement, footprint=[has]))
    assert whom == ["whoever wrote the policy"]
    assert what.endswith("own kind: (by mass, cradle to gate, 2027, coil).")
    _, whom, what = told(asked(requirement, holder=DIGGER))
    assert whom == [DIGGER]
    assert what.endswith("the ledger itself does not tell.")
    _, whom, what = told(asked(requirement, rests_on="proof"))
    assert whom == ["whoever gave you the proof"]
    assert what.endswith("ask the ledger itself, or for a proof that holds it.")


@pytest.mark.parametrize(("kind", "members"), [("lag", {"most": 45}), ("evidence", {})])
def test_a_chain_that_is_shown_hides_no_step(kind: str, members: dict[str, Any]) -> None:
    requirement = wanted(kind, of={"stages": ["collecting"]}, **members)
    shown = asked(requirement, steps=[step()], holder=DIGGER)
    assert shown.sentence == "The chain has no step that this asks about."
    assert told(shown)[1] == [DIGGER]
    hidden = asked(requirement, steps=[step()], unshown=["ancestry"])
    assert told(hidden)[1] == [DIGGER]
    assert hidden.sentence.endswith(" shown.")
    assert asked(requirement).sentence == hidden.sentence


def test_who_made_it_is_asked_and_not_the_buyer_who_holds_it() -> None:
    heavy = {"method": "by_mass", "year": 2026, "stage": "coil", "g_per_kg": 9000, "grams": 1}
    rolled = step(
        MILL, "roll", party="urn:x:party:mill", runs=[["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"]]
    )
    found = asked(FOOTPRINT, footprint=[heavy], steps=[rolled, step()], holder="urn:x:party:buyer")
    assert [one.whom for one in found.ask] == ["urn:x:party:mill"]


@pytest.mark.parametrize(
    ("members", "whom"),
    [
        ({"gaps": [GAP]}, SMELTER),
        ({**DARK, "smelters": [{"kind": "unknown", "why": "opening"}]}, MILL),
        ({"smelters": [{"kind": "unknown", "country": "XQ", "party": DIGGER}], "holder": MINE}, DIGGER),
    ],
)
def test_where_the_policy_has_words_of_its_own_those_are_asked(members: dict[str, Any], whom: str) -> None:
    found = asked(wanted("renewable", ask="Call us."), power=[HYDRO], **members)
    assert (found.ask[0].whom, found.ask[0].what) == (whom, "Call us.")


def test_of_a_place_that_is_none_is_asked_what_mends_it_and_not_who_smelted() -> None:
    nowhere = {"kind": "unknown", "why": "opening", "site": SMELTER, "party": DIGGER, "country": "XQ"}
    found = asked(ALL, **DARK, smelters=[nowhere], power=[HYDRO])
    whats = [(one.whom, one.what[:22]) for one in found.ask]
    assert whats == [(DIGGER, "Have the registrar cor"), (MILL, "Say who smelted the me")]


def test_where_no_electricity_is_told_and_nobody_left_it_untold_the_holder_is_asked_for_it() -> None:
    found = asked(ALL, rests_on="proof")
    assert [one.whom for one in found.ask] == ["whoever gave you the proof"]
    assert "the electricity of smelting, by source" in found.ask[0].what
