"""model, accounts, instruments, months, standing: the chain's custody and its accounts."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.policy.chain import STAGES
from tests.policy.asking import CERTIFIER, DIGGER, MILL, MINE, SMELTER, asked, step, verdict, wanted

SEGREGATED = wanted("model", weakest="segregated")
STRENGTH = ["book_and_claim", "mass_balance", "controlled_blending", "segregated", "identity_preserved"]


def test_every_process_has_a_stage() -> None:
    catalogue = json.loads((Path(__file__).parents[2] / "cli/data/catalogue.json").read_text())
    made = {*catalogue["processes"], *(f"source:{kind}" for kind in catalogue["sources"])}
    assert made == {step for steps in STAGES.values() for step in steps}


def models(**stated: str) -> dict[str, Any]:
    """Steps of these processes, with the models they stated."""
    rows = [
        {"process": process, "model": model, "event": {"party": DIGGER, "id": f"urn:x:event:{process}"}}
        for process, model in stated.items()
    ]
    return {"models": rows, "steps": [step(), *(step(MILL, process) for process in stated)]}


@pytest.mark.parametrize("weakest", STRENGTH)
@pytest.mark.parametrize("model", STRENGTH)
def test_a_model_is_as_strong_as_asked_or_not(weakest: str, model: str) -> None:
    expected = "pass" if STRENGTH.index(model) >= STRENGTH.index(weakest) else "fail"
    assert verdict(wanted("model", weakest=weakest), **models(roll=model)) == expected


def test_the_weakest_process_decides() -> None:
    found = asked(SEGREGATED, **models(roll="identity_preserved", cast="mass_balance", slit="segregated"))
    assert (found.verdict, found.sentence) == (
        "fail",
        "cast by mass_balance; segregated or stronger is asked.",
    )
    assert [event.id for event in found.events] == ["urn:x:event:cast"]
    assert found.ask[0].whom == DIGGER
    found = asked(SEGREGATED, **models(roll="identity_preserved", slit="segregated"))
    assert found.sentence == "The weakest model is segregated, by slit."
    assert [event.id for event in found.events] == ["urn:x:event:slit"]


def test_a_process_that_states_no_model_is_not_provable() -> None:
    silent = models(roll="segregated")
    silent["steps"].append(step(SMELTER, "electrolysis", party=""))
    found = asked(SEGREGATED, **silent)
    assert found.verdict == "not provable"
    assert found.sentence == "No chain-of-custody model is stated for electrolysis."
    assert found.ask == ((SMELTER, "State the ISO 22095 model of electrolysis."),)
    assert verdict(SEGREGATED, **models()) == "not provable"
    assert verdict(SEGREGATED, **models(roll="segregated"), unshown=["ancestry"]) == "not provable"
    assert verdict(SEGREGATED, **models(roll="mass_balance"), unshown=["ancestry"]) == "fail"


@pytest.mark.parametrize(
    ("members", "process", "meant"),
    [
        ({"first": "smelting", "last": "rolling"}, "refine", False),
        ({"first": "smelting", "last": "rolling"}, "electrolysis", True),
        ({"first": "smelting", "last": "rolling"}, "slit", True),
        ({"first": "smelting", "last": "rolling"}, "blank", False),
        ({}, "refine", True),
        ({}, "paint", True),
        ({}, "blend", True),
        ({"first": "assembly"}, "some_new_process", True),
        ({"except": ["blend"]}, "blend", False),
        ({"except": ["blend"]}, "bin", True),
    ],
)
def test_which_processes_are_on_the_way(members: dict[str, Any], process: str, meant: bool) -> None:
    requirement = wanted("model", weakest="segregated", **members)
    shown = models(join="segregated", roll="segregated", **{process: "book_and_claim"})
    assert verdict(requirement, **shown) == ("fail" if meant else "pass")


@pytest.mark.parametrize(
    ("first", "bauxite_at", "blended", "expected"),
    [
        ("smelting", "source:mine", ["bauxite"], "pass"),
        ("mining", "source:mine", ["bauxite"], "fail"),
        ("smelting", "source:mine", ["bauxite", "liquid_aluminium"], "fail"),
        ("smelting", "source:mine", [], "fail"),  # not told
        ("smelting", "electrolysis", ["bauxite"], "fail"),  # made on the way, whatever it is called
        ("smelting", "source:purchase", ["bauxite"], "fail"),
    ],
)
def test_what_is_blended_before_the_first_stage_is_not_on_the_way(
    first: str, bauxite_at: str, blended: list[str], expected: str
) -> None:
    shown = models(blend="controlled_blending", electrolysis="segregated")
    steps = [step(MILL, "blend", materials=blended), step(MINE, bauxite_at, materials=["bauxite"])]
    steps += [
        step(SMELTER, "electrolysis", materials=["liquid_aluminium"]),
        step(MILL, "blend", materials=blended),
    ]
    requirement = wanted("model", weakest="segregated", first=first)
    assert verdict(requirement, models=shown["models"], steps=steps) == expected


def test_stages_are_named_from_the_ground_on() -> None:
    with pytest.raises(ValidationError, match="assembly comes after mining"):  # nothing would be asked
        wanted("model", weakest="segregated", first="assembly", last="mining")
    assert wanted("model", weakest="segregated", first="casting", last="casting")


ACCOUNT = {"id": "urn:x:account:1", "scheme": "asi_chain_of_custody", "party": DIGGER, "closed": True}
ACCOUNTS = wanted("accounts")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "pass"),
        ({"overdrawn": 1}, "fail"),
        ({"overdrawn": 1, "closed": False}, "fail"),
        ({"closed": False}, "not provable"),
    ],
)
def test_accounts(members: dict[str, Any], expected: str) -> None:
    assert verdict(ACCOUNTS, accounts=[ACCOUNT, {**ACCOUNT, **members}]) == expected
    hidden = "not provable" if expected == "pass" else expected
    for area in ("accounts", "ancestry"):
        assert verdict(ACCOUNTS, accounts=[ACCOUNT, {**ACCOUNT, **members}], unshown=[area]) == hidden


def test_provisional_claims_are_a_parameter() -> None:
    for provisional in ("pass", "fail", "not provable"):
        requirement = wanted("accounts", provisional=provisional)
        assert verdict(requirement, accounts=[{**ACCOUNT, "closed": False}]) == provisional
        assert verdict(requirement, accounts=[{**ACCOUNT, "closed": False, "overdrawn": 1}]) == "fail"
    found = asked(wanted("accounts", provisional="pass"), accounts=[{**ACCOUNT, "closed": False}])
    assert found.sentence == "1 mass-balance account: not overdrawn."
    assert asked(ACCOUNTS, accounts=[ACCOUNT]).sentence == "1 mass-balance account: closed and not overdrawn."


def test_accounts_are_told() -> None:
    found = asked(ACCOUNTS, accounts=[{**ACCOUNT, "overdrawn": 1500}])
    assert found.sentence == "account urn:x:account:1 is overdrawn by 1.5 kg."
    assert found.ask[0].whom == DIGGER
    found = asked(ACCOUNTS, accounts=[{**ACCOUNT, "closed": False, "period": "2026-01-01/2026-12-31"}])
    assert "urn:x:account:1 (2026-01-01/2026-12-31)" in found.sentence
    assert "(period not stated)" in asked(ACCOUNTS, accounts=[{**ACCOUNT, "closed": False}]).sentence
    assert asked(ACCOUNTS).sentence == "The lot rests on no mass-balance account."


BARE = step(SMELTER, "cast", unbooked={"party": DIGGER, "id": "urn:x:event:heat"})


def test_what_books_attribute_without_an_account_is_not_provable() -> None:
    """Nobody can close what was never kept, nor find it overdrawn."""
    assert verdict(ACCOUNTS, steps=[step(SMELTER, "cast")]) == "pass"
    found = asked(ACCOUNTS, accounts=[ACCOUNT], steps=[step(), BARE])
    assert found.verdict == "not provable"
    assert found.sentence == f"Attributed in books, and booked on no account: cast at {SMELTER}."
    assert [event.id for event in found.events] == ["urn:x:event:heat"]
    assert [one.whom for one in found.ask] == [DIGGER]
    assert asked(ACCOUNTS, steps=[{**BARE, "party": ""}]).ask[0].whom == SMELTER
    assert verdict(ACCOUNTS, accounts=[{**ACCOUNT, "overdrawn": 1}], steps=[BARE]) == "fail"
    assert verdict(wanted("accounts", schemes=["recycled_content"]), steps=[BARE]) == "not provable"


@pytest.mark.parametrize(("provisional", "expected"), [("pass", "not provable"), ("fail", "fail")])
def test_it_is_said_beside_what_is_provisional(provisional: str, expected: str) -> None:
    open_ = [{**ACCOUNT, "closed": False, "party": MINE}]
    found = asked(wanted("accounts", provisional=provisional), accounts=open_, steps=[BARE])
    assert found.verdict == expected
    assert ("provisional" in found.sentence) == (expected == "fail")
    assert "booked on no account" in found.sentence
    assert verdict(wanted("accounts", provisional=provisional), steps=[BARE]) == "not provable"
    both = asked(ACCOUNTS, accounts=open_, steps=[BARE])
    assert both.verdict == "not provable"
    assert [one.whom for one in both.ask] == [MINE, DIGGER]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "not provable"),
        ({"account": "urn:x:account:1"}, "pass"),
        ({"issuer": MINE}, "pass"),  # which attributed nothing
    ],
)
def test_a_document_of_who_attributed_in_books_names_its_account(
    members: dict[str, Any], expected: str
) -> None:
    coc = {"document": "D-1", "issuer": DIGGER, "event": {"party": DIGGER, "id": "urn:x:event:ship"}}
    models = [{"process": "cast", "model": "mass_balance"}]
    steps = [step(SMELTER, "cast", party=DIGGER)]
    found = asked(ACCOUNTS, accounts=[ACCOUNT], coc=[coc | members], models=models, steps=steps)
    assert found.verdict == expected
    if expected != "pass":
        assert found.sentence == f"Sold as certified, and drawn on no account: D-1 of {DIGGER}."
        assert ([one.id for one in found.events], found.ask[0].whom) == (["urn:x:event:ship"], DIGGER)


def test_accounts_of_some_schemes() -> None:
    other = wanted("accounts", schemes=["recycled_content"])
    assert verdict(other, accounts=[]) == "pass"
    found = asked(other, accounts=[{**ACCOUNT, "overdrawn": 1}])
    assert found.verdict == "not provable"
    assert found.sentence == "Booked by another scheme: account urn:x:account:1 (asi_chain_of_custody)."
    assert found.ask[0].whom == DIGGER
    assert verdict(other, accounts=[{**ACCOUNT, "scheme": "recycled_content", "overdrawn": 1}]) == "fail"
    assert verdict(other, accounts=[{**ACCOUNT, "scheme": "", "overdrawn": 1}]) == "fail"
    assert other.schemes_named() == ("recycled_content",)
    assert ACCOUNTS.schemes_named() == ()


INSTRUMENTS = wanted("instruments")
CERTIFICATE = {"id": "urn:x:certificate:1", "serves": SMELTER, "drawn": 1000, "certified": 1000}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "pass"),
        ({"drawn": 1001}, "fail"),
        ({"drawn": None}, "not provable"),
        ({"certified": None}, "not provable"),
        ({"drawn": 0, "certified": 0}, "pass"),
    ],
)
def test_instruments(members: dict[str, Any], expected: str) -> None:
    rows = [CERTIFICATE, {**CERTIFICATE, **members}]
    assert verdict(INSTRUMENTS, instruments=rows) == expected
    hidden = "not provable" if expected == "pass" else expected
    assert verdict(INSTRUMENTS, instruments=rows, unshown=["instruments"]) == hidden
    assert verdict(INSTRUMENTS, instruments=rows, unshown=["ancestry"]) == hidden


def test_an_instrument_that_smelting_names_must_be_told() -> None:
    rows = [{"site": SMELTER, "month": "2026-02", "instrument": name} for name in ("urn:x:certificate:1", "")]
    assert verdict(INSTRUMENTS, power=rows) == "not provable"
    assert verdict(INSTRUMENTS, power=rows, instruments=[CERTIFICATE]) == "pass"
    assert asked(INSTRUMENTS, power=rows).sentence.endswith("certified: urn:x:certificate:1.")


def test_instruments_are_told_and_asked_for() -> None:
    found = asked(INSTRUMENTS, instruments=[{**CERTIFICATE, "drawn": 1001}])
    assert found.sentence == "urn:x:certificate:1: 1001 Wh used, 1000 Wh certified."
    assert found.ask[0].whom == SMELTER
    found = asked(
        INSTRUMENTS, instruments=[{**CERTIFICATE, "certified": None}, {**CERTIFICATE, "drawn": None}]
    )
    assert f"urn:x:certificate:1 ({SMELTER})" in found.sentence
    assert [ask.whom for ask in found.ask] == [SMELTER, "the seller"]
    found = asked(INSTRUMENTS, instruments=[{**CERTIFICATE, "certified": None}])
    assert [ask.whom for ask in found.ask] == [SMELTER]  # how much is used is told
    found = asked(INSTRUMENTS, instruments=[{**CERTIFICATE, "drawn": None}])
    assert [ask.whom for ask in found.ask] == ["the seller"]  # how much is certified is told
    assert "(site not shown)" in asked(INSTRUMENTS, instruments=[{"id": "urn:x:c"}]).sentence
    assert asked(INSTRUMENTS).sentence == "The lot names no energy certificate."
    assert asked(INSTRUMENTS, instruments=[CERTIFICATE]).sentence == "1 energy certificate, each spent once."
    assert asked(INSTRUMENTS, unshown=["instruments"]).sentence.endswith("used and certified.")


def test_the_events_behind_an_instrument_are_named() -> None:
    go = {"id": "urn:x:event:go"}
    power = {"site": SMELTER, "month": "2026-02", "instrument": "urn:x:certificate:1", "certificate": go}
    shown = {"power": [power], "steps": [step(SMELTER, "electrolysis"), step(SMELTER, "cast"), step()]}
    for members in ({"drawn": 1001}, {"certified": None}):
        found = asked(INSTRUMENTS, instruments=[{**CERTIFICATE, **members}], **shown)
        assert [event.id for event in found.events] == ["urn:x:event:go", "urn:x:event:electrolysis"]


MONTHS = wanted("months")
MONTH = {"site": MILL, "process": "roll", "month": "2026-01", "into": 100, "out": 90, "within": True}


@pytest.mark.parametrize(("within", "expected"), [(True, "pass"), (False, "fail"), (None, "not provable")])
def test_months(within: bool | None, expected: str) -> None:
    rows = [MONTH, {**MONTH, "month": "2026-02", "within": within}]
    steps = [step(), step(MILL, "roll")]
    assert verdict(MONTHS, months=rows, steps=steps) == expected
    hidden = "not provable" if expected == "pass" else expected
    for area in ("months", "ancestry"):
        assert verdict(MONTHS, months=rows, steps=steps, unshown=[area]) == hidden


def test_every_process_needs_its_months() -> None:
    silent = asked(MONTHS, months=[MONTH], steps=[step(MILL, "roll"), step(MILL, "slit")])
    assert (silent.verdict, silent.sentence) == (
        "not provable",
        f"The monthly sums are not all shown: slit at {MILL}.",
    )
    assert (
        verdict(MONTHS, months=[MONTH], steps=[step(MILL, "roll"), step(SMELTER, "roll")]) == "not provable"
    )
    assert verdict(MONTHS, steps=[step()]) == "pass"  # a source is no process
    assert verdict(MONTHS) == "not provable"
    assert asked(MONTHS).sentence == "The monthly sums are not all shown."


def test_months_are_told() -> None:
    found = asked(MONTHS, months=[{**MONTH, "within": False}])
    assert found.sentence == f"Outside the monthly limits: roll at {MILL} in 2026-01: 0.09 kg of 0.1 kg."
    assert found.ask[0].whom == MILL
    worked = [step(MILL, "roll"), step(MILL, "slit"), step(SMELTER, "roll", first={"id": "urn:x:other"})]
    found = asked(MONTHS, months=[{**MONTH, "within": False}], steps=worked)
    assert [event.id for event in found.events] == ["urn:x:event:roll"]
    assert (
        asked(MONTHS, months=[MONTH], steps=[step(MILL, "roll")]).sentence
        == "1 month of work, all within the limits."
    )


STANDING = wanted("standing")
MARK = {
    "mark": "disputed",
    "event": {"party": DIGGER, "id": "urn:x:event:dig"},
    "by": CERTIFIER,
    "since": "2026-03-01",
}


def test_standing() -> None:
    assert verdict(STANDING) == "pass"
    assert verdict(STANDING, unshown=["standing"]) == "not provable"
    assert verdict(STANDING, unshown=["ancestry"]) == "not provable"
    assert verdict(STANDING, unshown=["months"]) == "pass"
    for mark, expected in (("disputed", "fail"), ("difference", "fail"), ("amended", "pass")):
        assert verdict(STANDING, marks=[{**MARK, "mark": mark}]) == expected
        hidden = "fail" if expected == "fail" else "not provable"
        assert verdict(STANDING, marks=[{**MARK, "mark": mark}], unshown=["standing"]) == hidden
    assert verdict(wanted("standing", marks=["difference"]), marks=[MARK]) == "pass"


def test_a_mark_that_there_is_not_is_no_demand() -> None:
    with pytest.raises(ValidationError):  # misspelt, it would pass whatever is open
        wanted("standing", marks=["dispute"])
    with pytest.raises(ValidationError):
        wanted("standing", marks=[])


def test_a_doubt_is_told() -> None:
    found = asked(STANDING, marks=[MARK])
    assert found.sentence == "Open doubts: disputed urn:x:event:dig since 2026-03-01."
    assert ([event.id for event in found.events], found.ask[0].whom) == (["urn:x:event:dig"], CERTIFIER)
    assert asked(STANDING, marks=[{**MARK, "by": "", "since": ""}]).ask[0].whom == DIGGER
    assert asked(STANDING, marks=[{"mark": "disputed"}]).ask[0].whom == "the seller"
    assert "posted" in found.ask[0].what
    assert "to be withdrawn" in asked(STANDING, marks=[{**MARK, "mark": "contradicted"}]).ask[0].what
    assert MINE
