"""lag, evidence, fields, exclusive: what was posted when, with which papers, and where metal went."""

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.errors import Malformed
from ledger.policy import load
from tests.policy.asking import (
    CERTIFIER,
    DIGGER,
    HEAD,
    MILL,
    MINE,
    SMELTER,
    asked,
    cert,
    step,
    verdict,
    wanted,
)

LAG = wanted("lag", most=30)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        ([], "not provable"),
        (["2026-02-01T00:00:00.000Z"], "pass"),  # 30 days after the first event
        (["2026-02-01T00:00:00.001Z"], "not provable"),  # 29 after the last one
        (["2026-02-02T00:00:00.000Z"], "not provable"),
        (["2026-02-02T00:00:00.001Z"], "fail"),
        (["2026-01-10T00:00:00.000Z", "2026-02-02T00:00:00.001Z"], "fail"),
        (["soon"], "not provable"),
        (["soon", "2026-02-02T00:00:00.001Z"], "fail"),
    ],
)
def test_the_lag_in_days(late: list[str], expected: str) -> None:
    assert verdict(LAG, steps=[step(late=late)]) == expected
    assert verdict(LAG, steps=[step(lag=0), step(MILL, "roll", late=late)]) == expected
    hidden = "fail" if expected == "fail" else "not provable"
    assert verdict(LAG, steps=[step(late=late)], unshown=["ancestry"]) == hidden


def test_a_lag_of_no_known_beginning_is_not_provable() -> None:
    late = ["2026-01-10T00:00:00.000Z"]
    assert verdict(LAG, steps=[step(late=late, runs=[])]) == "not provable"
    assert verdict(LAG, steps=[step(late=late, runs=[["then", "2026-01-03T00:00:00Z"]])]) == "not provable"
    assert verdict(LAG, steps=[step(late=late, runs=[["2026-01-02T00:00:00Z", "then"]])]) == "not provable"
    assert verdict(LAG) == "not provable"
    none = wanted("lag", most=0)
    assert verdict(none, steps=[step(late=["2026-01-03T00:00:00.001Z"])]) == "fail"


def test_several_runs_are_late_by_the_first_and_surely_by_the_last() -> None:
    """In whatever order they are told."""
    runs = [[f"2026-01-0{day}T00:00:00Z", f"2026-01-0{day}T12:00:00Z"] for day in (3, 1, 5, 2)]
    told = [("2026-01-31T00:00:00.000Z", "pass"), ("2026-01-31T00:00:00.001Z", "not provable")]
    told += [("2026-02-04T12:00:00.000Z", "not provable"), ("2026-02-04T12:00:00.001Z", "fail")]
    for late, expected in told:
        assert verdict(LAG, steps=[step(late=[late], runs=runs)]) == expected
        found = verdict(LAG, steps=[step(late=[late], runs=[*runs, ["then", "now"]])])
        assert found == ("fail" if expected == "fail" else "not provable")


def test_the_longest_lag_counts_where_it_is_told() -> None:
    month = 30 * 86_400
    early = ["2026-01-03T00:00:00.000Z"]
    for lag, expected in ((0, "pass"), (month, "pass"), (month + 1, "fail")):
        assert verdict(LAG, steps=[step(lag=lag)]) == expected
        assert verdict(LAG, steps=[step(lag=lag, late=early, runs=[])]) == expected
        assert verdict(LAG, steps=[step(lag=0), step(MILL, "roll", lag=lag)]) == expected
    assert verdict(LAG, steps=[step(lag=0), step(MILL, "roll")]) == "not provable"


def test_the_lag_is_told() -> None:
    found = asked(LAG, steps=[step(late=["2026-03-02T00:00:00.000Z"])])
    assert found.sentence == f"Posted more than 30 days late: mining at {MINE}."
    assert (found.events[0].index, found.ask[0]) == (7, (DIGGER, "Ask why it was posted so late."))
    assert asked(LAG, steps=[step(lag=0)]).sentence == "1 step, nothing posted more than 30 days late."
    assert asked(LAG).sentence == "When all was posted is not shown."
    assert f"shown: mining at {MINE}." in asked(LAG, steps=[step(late=["soon"])]).sentence


EVIDENCE = wanted("evidence", of={"stages": ["mining"]})
PAPER = {"evidence": [{"sha256": "00"}]}


def test_each_step_has_its_document() -> None:
    assert verdict(EVIDENCE, steps=[step(documents=1)]) == "pass"
    assert verdict(EVIDENCE, steps=[step(documents=0)]) == "fail"
    assert verdict(EVIDENCE, steps=[step(documents=1), step(MILL, "roll")]) == "pass"
    assert verdict(EVIDENCE, steps=[step(documents=1), step(MILL)]) == "fail"
    assert verdict(EVIDENCE, steps=[step(documents=1)], unshown=["ancestry"]) == "not provable"
    assert verdict(EVIDENCE, steps=[step(MILL, "roll")]) == "not provable"


def test_documents_of_an_attestation_that_held_count() -> None:
    assert verdict(EVIDENCE, steps=[step()], attestations=[cert(**PAPER)]) == "pass"
    assert verdict(EVIDENCE, steps=[step()], attestations=[cert(DIGGER, **PAPER)]) == "pass"
    assert verdict(EVIDENCE, steps=[step()], attestations=[cert(SMELTER, **PAPER)]) == "fail"
    assert verdict(EVIDENCE, steps=[step()], attestations=[cert()]) == "fail"
    short = cert(**PAPER, held=[["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"]])
    assert verdict(EVIDENCE, steps=[step()], attestations=[short]) == "fail"
    sister = cert(DIGGER, **PAPER, scope={"sites": [MILL]})
    assert verdict(EVIDENCE, steps=[step()], attestations=[sister]) == "fail"
    ours = cert(DIGGER, **PAPER, scope={"sites": [MINE], "units": ["pit-4"]})
    assert verdict(EVIDENCE, steps=[step(unit="pit-4")], attestations=[ours]) == "pass"
    assert (
        verdict(EVIDENCE, steps=[step()], attestations=[ours]) == "not provable"
    )  # of which unit is not told
    assert verdict(EVIDENCE, steps=[step(unit="pit-5")], attestations=[ours]) == "fail"
    own = wanted("evidence", attested=False)
    assert verdict(own, steps=[step()], attestations=[cert(**PAPER)]) == "fail"
    assert verdict(own, steps=[step()], unshown=["attestations"]) == "fail"
    assert verdict(EVIDENCE, steps=[step()], unshown=["attestations"]) == "not provable"


def test_a_step_without_a_time_may_be_documented() -> None:
    assert verdict(EVIDENCE, steps=[step(runs=[])], attestations=[cert(**PAPER)]) == "not provable"
    assert verdict(EVIDENCE, steps=[step(runs=[])], attestations=[cert(SMELTER, **PAPER)]) == "fail"
    assert verdict(EVIDENCE, steps=[step(runs=[])], attestations=[cert()]) == "fail"


def test_a_step_that_does_not_say_when_it_began_may_be_documented() -> None:
    gap = {"site": SMELTER, "process": "refine", "missing": "when it began"}
    papers = wanted("evidence")
    shown: dict[str, Any] = {"steps": [step(SMELTER, "refine")], "attestations": [cert(SMELTER, **PAPER)]}
    assert verdict(papers, **shown) == "pass"
    assert verdict(papers, **shown, gaps=[gap]) == "not provable"
    short = cert(SMELTER, **PAPER, held=[["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"]])
    assert verdict(papers, **shown | {"attestations": [short]}, gaps=[gap]) == "fail"


def test_the_documents_are_told() -> None:
    found = asked(EVIDENCE, steps=[step()], attestations=[cert(**PAPER)])
    assert found.sentence == "1 step, documents bound behind all."
    assert [event.id for event in found.events] == ["urn:x:event:cert-asi_performance"]
    found = asked(EVIDENCE, steps=[step(), step(MILL, party="")])
    assert found.sentence == f"No document is bound behind mining at {MINE}; mining at {MILL}."
    assert [ask.whom for ask in found.ask] == [DIGGER, MILL]


@pytest.mark.parametrize(
    ("path", "there", "missing"),
    [
        ("material", {"material": "coil"}, {}),
        ("grams", {"grams": 1}, {"grams": 0}),
        ("year", {"year": 2026}, {}),
        (
            "footprint.year",
            {"footprint": [{"method": "by_mass", "year": 1}]},
            {"footprint": [{"method": "by_mass"}]},
        ),
        ("footprint.g_per_kg", {"footprint": [{"method": "by_mass"}]}, {}),
        (
            "footprint.indirect_ug",
            {"footprint": [{"method": "by_mass", "indirect_ug": 0}]},
            {"footprint": [{"method": "by_mass"}]},
        ),
        (
            "footprint.complete",
            {"footprint": [{"method": "by_mass"}]},
            {"footprint": [{"method": "by_mass", "complete": False}]},
        ),
        ("renewable_ppm", {"renewable_ppm": 0}, {}),
        ("recycled.pre.mg", {"recycled": [{"rule": "own_loop"}]}, {}),
        ("recycled.pre", {"recycled": [{"rule": "own_loop"}]}, {}),
        ("proof.verdict", {"proof": {}}, {}),
        ("holder", {"holder": DIGGER}, {"holder": DIGGER, "unshown": ["standing"]}),
        ("months.into", {"months": [{"site": MILL, "process": "roll", "month": "2026-01"}]}, {}),
        (
            "origins.country",
            {"origins": [{"kind": "mine", "country": "AU"}]},
            {"origins": [{"kind": "mine", "country": "AU"}, {"kind": "unknown"}]},
        ),
        (
            "origins.country",
            {"origins": [{"kind": "mine", "country": "AU"}, {"kind": "added"}]},
            {"origins": [{"kind": "added"}]},
        ),
        (
            "smelters.country",
            {"smelters": [{"kind": "smelter", "country": "CA"}, {"kind": "alloy"}]},
            {"smelters": [{"kind": "alloy"}]},
        ),
        (
            "casts.site",
            {"casts": [{"kind": "cast", "site": MILL}, {"kind": "none"}]},
            {"origins": [{"kind": "unproven"}], "casts": [{"kind": "cast", "site": MILL}]},
        ),
    ],
)
def test_a_field_is_there_or_not(path: str, there: dict[str, Any], missing: dict[str, Any]) -> None:
    requirement = wanted("fields", fields=[path])
    assert verdict(requirement, **there) == "pass"
    found = asked(requirement, **missing)
    assert (found.verdict, found.sentence) == ("not provable", f"Missing: {path}.")


def test_fields_name_gaps_too() -> None:
    gap = {
        "site": SMELTER,
        "process": "electrolysis",
        "missing": "CO2",
        "event": {"party": DIGGER, "id": "urn:x:e"},
    }
    plain = wanted("fields", fields=["material"])
    whole = wanted("fields", fields=["material"], complete=True)
    assert verdict(plain, material="coil", gaps=[gap]) == "pass"
    found = asked(whole, material="coil", gaps=[gap])
    assert (found.verdict, found.sentence) == ("not provable", f"Missing: CO2 of electrolysis at {SMELTER}.")
    assert (found.ask, found.events[0].id) == (((DIGGER, "Post CO2 of electrolysis."),), "urn:x:e")
    assert asked(whole, gaps=[{**gap, "event": {}}]).ask == (
        ("the seller", "Provide the field: material."), (SMELTER, "Post CO2 of electrolysis.")
    )  # fmt: skip
    assert asked(whole, material="coil").sentence == "1 field, all there."


@pytest.mark.parametrize(
    "path", ["colour", "material.colour", "smelters.colour", "marks_on_it.heat", "Material", "a..b"]
)
def test_a_path_that_is_not_there_is_refused(path: str) -> None:
    with pytest.raises(Malformed) as found:
        load(HEAD + f'[[requirement]]\nid = "f"\nkind = "fields"\nfields = ["material", "{path}"]\n')
    assert (found.value.code, found.value.path) == ("policy.value", "$.requirement[0].fields[1]")


PLANT, OTHER = "urn:x:site:plant", "urn:x:site:other-plant"
EXCLUSIVE = wanted("exclusive", site=PLANT)
AGREED = {
    "agreements": [
        {"accepted": True, "exclusive_to": PLANT, "event": {"party": DIGGER, "id": "urn:x:event:deal"}}
    ]
}


def fate(fate: str, site: str = "", **members: Any) -> dict[str, Any]:
    return {
        "fates": [
            {"fate": "installed", "site": PLANT, "grams": 1},
            {"fate": fate, "site": site, "grams": 1500, **members},
        ]
    }


@pytest.mark.parametrize(
    ("what", "site", "expected"),
    [
        ("installed", PLANT, "pass"),
        ("installed", OTHER, "fail"),
        ("installed", "", "fail"),
        ("sold_outside", "", "fail"),
        ("lost", "", "fail"),
        ("something_new", "", "fail"),
        ("scrap", "", "fail"),  # no fate: scrap is followed into what is made of it
        ("loss", "", "pass"),
        ("sample", "", "fail"),
        ("disposed", "", "fail"),
        ("stock", PLANT, "not provable"),
        ("transit", "", "not provable"),
    ],
)
def test_where_the_metal_went(what: str, site: str, expected: str) -> None:
    assert verdict(EXCLUSIVE, **fate(what, site), **AGREED) == expected
    hidden = "fail" if expected == "fail" else "not provable"
    assert verdict(EXCLUSIVE, **fate(what, site), **AGREED, unshown=["fates"]) == hidden
    assert verdict(EXCLUSIVE, **fate(what, site), **AGREED, unshown=["ancestry"]) == hidden


def test_allowed_fates_are_a_parameter() -> None:
    strict = wanted("exclusive", site=PLANT, allowed=["lost"])
    assert verdict(strict, **fate("lost"), **AGREED) == "pass"
    assert verdict(strict, **fate("loss"), **AGREED) == "fail"
    with pytest.raises(ValidationError, match="literal_error"):
        wanted("exclusive", site=PLANT, allowed=["scrap"])
    found = asked(strict, **fate("lost"), **AGREED)
    assert found.sentence == f"0.06 % of the metal was fitted at {PLANT}, the rest is lost."
    for side in ("loss", "sample", "disposed", "lost"):
        assert verdict(wanted("exclusive", site=PLANT, allowed=[side]), **fate(side), **AGREED) == "pass"


def test_metal_that_is_all_lost_in_working_went_nowhere() -> None:
    """Else it would have been fitted where it was promised."""
    only = {"fates": [{"fate": "loss", "grams": 1500}]}
    found = asked(EXCLUSIVE, **only, **AGREED, holder=DIGGER)
    assert [one.whom for one in found.ask] == [DIGGER]
    assert (found.verdict, found.sentence) == (
        "not provable",
        f"None of it was fitted at {PLANT}: it is all loss.",
    )


@pytest.mark.parametrize("wrong", [{"accepted": False}, {"exclusive_to": OTHER}])
def test_both_sides_must_have_promised_it(wrong: dict[str, Any]) -> None:
    agreed = {"agreements": [{**AGREED["agreements"][0], **wrong}]}
    assert verdict(EXCLUSIVE, **fate("loss"), **agreed) == "not provable"
    assert verdict(EXCLUSIVE, **fate("loss")) == "not provable"
    assert verdict(wanted("exclusive", site=PLANT, agreed=False), **fate("loss")) == "pass"


def test_the_fates_are_told() -> None:
    names = {PLANT: "The plant"}
    found = asked(EXCLUSIVE, **fate("installed", OTHER, party=CERTIFIER), **AGREED, names=names)
    assert found.sentence == f"Not only for The plant ({PLANT}): 1.5 kg installed at {OTHER}."
    assert found.ask[0].whom == CERTIFIER
    assert asked(EXCLUSIVE, **fate("lost")).sentence.endswith("1.5 kg lost.")
    found = asked(EXCLUSIVE, **fate("transit"), **AGREED)
    assert (found.sentence, found.ask[0].whom) == (
        f"Not all is fitted at {PLANT} yet: 1.5 kg transit.",
        "the holder",
    )
    for ending in ("loss", "transit", "lost"):  # pass, not provable, fail
        found = asked(EXCLUSIVE, **fate(ending, lots=["urn:x:lot:1"]), **AGREED)
        assert [event.id for event in found.events] == ["urn:x:event:deal"]
        assert ending == "loss" or f"{ending} (urn:x:lot:1)." in found.sentence
    assert verdict(EXCLUSIVE, **AGREED) == "not provable"
