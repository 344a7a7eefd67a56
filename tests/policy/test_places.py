"""places: what is forbidden fails at any share, what is unknown fails, what is not shown is not provable."""

from typing import Any

import pytest

from tests.policy.asking import DIGGER, MINE, SMELTER, asked, step, verdict, wanted

XINJIANG = wanted("places", subdivisions=["CN-XJ"])
CANADA = {"country": "CA", "subdivision": "CA-QC", "site": SMELTER, "party": DIGGER, "ppm": 1_000_000}
CHAIN: dict[str, Any] = {
    "origins": [{"kind": "mine", **CANADA}],
    "refineries": [{"kind": "refinery", **CANADA}],
    "smelters": [{"kind": "smelter", **CANADA}],
    "casts": [{"kind": "cast", **CANADA}],
    "steps": [step(SMELTER, "cast", country="CA", subdivision="CA-QC")],
}
LISTS = ["origins", "refineries", "smelters", "casts", "steps"]


def chain(where: str, **members: Any) -> dict[str, Any]:
    """The chain with one more row in a list."""
    row = {"kind": "x", "site": "urn:x:site:other", "party": "urn:x:party:other", **members}
    if where == "steps":
        row = step(**{key: value for key, value in row.items() if key not in ("kind", "trace")})
    return {**CHAIN, where: [*CHAIN[where], row]}


def test_a_chain_elsewhere_passes() -> None:
    found = asked(XINJIANG, **CHAIN)
    assert (found.verdict, found.sentence) == ("pass", "5 places on the way, none of them forbidden.")


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"subdivisions": ["CN-XJ"]}, {"country": "CN", "subdivision": "CN-XJ"}),
        ({"countries": ["RU", "CN"]}, {"country": "CN"}),
        ({"sites": ["urn:x:site:other"]}, {"country": "CA"}),
        ({"parties": ["urn:x:party:other"]}, {"country": "CA"}),
        ({"subdivisions": ["CN-XJ"]}, {"country": "CN", "subdivision": "CN-SD", "also": ["CN-XJ"]}),
        ({"countries": ["CN"]}, {"country": "CA", "subdivision": "CA-QC", "also": ["HK"]}),
        ({"countries": ["RU"]}, {"country": "CA", "also": ["RU", "RU-KYA"]}),
        ({"parties": ["urn:x:party:once"]}, {"country": "CA", "also": ["urn:x:party:once", "warehouse"]}),
    ],
)
def test_what_is_forbidden_fails_wherever_it_stands(where: str, rule: dict[str, Any], place: Any) -> None:
    requirement = wanted("places", **rule)
    assert verdict(requirement, **CHAIN) == "pass"
    found = asked(requirement, **chain(where, trace=True, **place))
    assert found.verdict == "fail"
    assert found.sentence.startswith(f"{where}: urn:x:site:other is ")
    assert found.ask[0].whom == "urn:x:party:other"
    assert verdict(requirement, **chain(where, **place), unshown=["ancestry"]) == "fail"
    others = [one for one in LISTS if one != where]
    assert verdict(wanted("places", **rule, where=others), **chain(where, **place)) == "pass"


def test_the_deciding_step_is_named() -> None:
    found = asked(wanted("places", sites=[MINE]), **{**CHAIN, "steps": [step(country="AU")]})
    assert [event.id for event in found.events] == ["urn:x:event:source:mine"]
    assert (
        asked(wanted("places", sites=[MINE]), **{**CHAIN, "steps": [step(party="", country="AU")]})
        .ask[0]
        .whom
        == "the seller"
    )


@pytest.mark.parametrize("where", LISTS[:4])
def test_unknown_origin_fails_and_never_passes(where: str) -> None:
    found = asked(XINJIANG, holder=DIGGER, **chain(where, kind="unknown", site="", party="", why="purchase"))
    assert found.verdict == "fail"
    assert f"({where}: purchase)" in found.sentence
    assert found.ask[0].whom == DIGGER
    assert "unknown)" in asked(XINJIANG, **chain(where, kind="unknown", site="", party="")).sentence
    lost = chain(where, kind="unknown", site="", party="", why="purchase")
    bought = step(
        "urn:x:site:yard", "source:purchase", party="urn:x:party:yard", country="CA", subdivision="CA-QC"
    )
    found = asked(XINJIANG, holder=DIGGER, **{**lost, "steps": [*lost["steps"], bought]})
    assert [ask.whom for ask in found.ask] == ["urn:x:party:yard"]
    assert [event.id for event in found.events] == ["urn:x:event:source:purchase"]
    booked = chain(where, kind="unknown", site="", party="", why="book_and_claim")
    bought = step("urn:x:site:works", "refine", party="urn:x:party:works", country="CA", subdivision="CA-QC")
    models = [{"process": "refine", "model": "book_and_claim"}, {"process": "mill", "model": "segregated"}]
    found = asked(XINJIANG, **{**booked, "steps": [*booked["steps"], bought], "models": models})
    assert [ask.whom for ask in found.ask] == ["urn:x:party:works"]


@pytest.mark.parametrize("where", LISTS[:4])
@pytest.mark.parametrize(
    ("rule", "place", "expected"),
    [
        ({"subdivisions": ["CN-XJ"]}, {"country": "CN"}, "not provable"),
        ({"subdivisions": ["CN-XJ"]}, {"country": "CN", "subdivision": "CN-SD"}, "pass"),
        ({"subdivisions": ["CN-XJ"]}, {"country": "CA"}, "pass"),
        ({"subdivisions": ["CN-XJ"]}, {}, "not provable"),
        ({"countries": ["CN"]}, {}, "not provable"),
        ({"countries": ["CN"]}, {"country": "CA"}, "pass"),
        ({"sites": [MINE]}, {"site": ""}, "not provable"),
        ({"sites": [MINE]}, {}, "pass"),
        ({"parties": [DIGGER + "2"]}, {"party": ""}, "not provable"),
        ({"parties": [DIGGER + "2"]}, {}, "pass"),
        ({"countries": ["CN"]}, {"kind": "unproven", "country": "CA"}, "not provable"),
        ({"countries": ["CN"]}, {"country": "CA", "also": ["AU", "XQ"]}, "pass"),
        ({"countries": ["CN"]}, {"country": "CA", "also": ["urn:x:party:once", "warehouse"]}, "pass"),
        ({"countries": ["CN"]}, {"kind": "added"}, "pass"),
        ({"countries": ["CN"]}, {"kind": "added", "country": "CN"}, "fail"),
    ],
)
def test_what_is_shown_of_a_place_must_suffice(where: str, rule: Any, place: Any, expected: str) -> None:
    assert verdict(wanted("places", **rule), **chain(where, **place)) == expected


@pytest.mark.parametrize("kind", ["none", "collected", "collection", "alloy", "addition"])
def test_scrap_and_alloy_were_not_smelted_here(kind: str) -> None:
    nowhere = {"kind": kind, "site": "", "party": ""}
    for where in ("refineries", "smelters", "casts"):
        assert verdict(XINJIANG, **chain(where, **nowhere)) == "pass"
        assert verdict(XINJIANG, **chain(where, **nowhere, country="CN", subdivision="CN-XJ")) == "fail"
    assert verdict(XINJIANG, **chain("origins", **nowhere)) == "not provable"


def test_alloying_metal_of_a_listed_region_is_not_from_a_clean_warehouse() -> None:
    """Its source names the origin itself, and that may be any site that is registered."""
    store = {"kind": "addition", "country": "NO"}
    assert verdict(XINJIANG, **chain("origins", **store, kinds=["alloy_plant"])) == "pass"
    assert verdict(XINJIANG, **chain("origins", **store)) == "not provable"
    found = asked(XINJIANG, **chain("origins", **store, kinds=["warehouse"]))
    assert found.verdict == "fail"
    assert "urn:x:site:other: no alloying metal is made at a warehouse" in found.sentence
    assert found.ask[0].whom == "urn:x:party:other"
    assert found.ask[0].what.startswith("Name the plant")
    plant = ["warehouse", "alloy_plant"]
    assert verdict(XINJIANG, **chain("origins", **store, kinds=plant, also=["warehouse"])) == "pass"
    found = asked(XINJIANG, **chain("origins", **store, kinds=plant, also=["alloy_plant"]))
    assert found.verdict == "fail"
    assert "urn:x:site:other: it was no alloy_plant before" in found.sentence


@pytest.mark.parametrize("where", LISTS)
def test_an_empty_list_shows_nothing(where: str) -> None:
    found = asked(XINJIANG, **{**CHAIN, where: []})
    assert found.verdict == "not provable"
    assert f"({where}: none)" in found.sentence
    assert asked(XINJIANG, **CHAIN, unshown=["ancestry"]).sentence == "Not every place on the way is shown."


def test_a_place_is_called_by_its_name() -> None:
    found = asked(XINJIANG, **chain("casts", kind="unproven"), names={"urn:x:site:other": "Other"})
    assert "casts: Other (urn:x:site:other)" in found.sentence
    nameless = asked(XINJIANG, **chain("casts", kind="unproven", site="", why="beyond the horizon"))
    assert "casts: beyond the horizon" in nameless.sentence
    assert "casts: unproven" in asked(XINJIANG, **chain("casts", kind="unproven", site="")).sentence
