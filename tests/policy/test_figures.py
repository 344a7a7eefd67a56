"""footprint and benchmark: exact limits, and like compared with like only."""

from typing import Any

import pytest

from ledger.claims.method import DEFAULT
from tests.policy.asking import DIGGER, MILL, MINE, SMELTER, asked, step, verdict, wanted

SLAB = {"method": "by_mass", "boundary": "cradle_to_gate", "year": 2026, "stage": "rolling_slab"}
MOST = wanted("footprint", method="by_mass", most="4.0")
BENCHMARK = wanted("benchmark", **SLAB, name="the world", value="16.1", reduction="0.7")
GAP = {
    "site": SMELTER,
    "process": "electrolysis",
    "missing": "CF4",
    "event": {"party": DIGGER, "id": "urn:x:event:pot"},
}


def figure(**members: Any) -> dict[str, Any]:
    return {"footprint": [{**SLAB, "grams": 1000, **members}]}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"ug": 4_000_000_000}, "pass"),  # 4 kg for a kg
        ({"ug": 4_000_000_001}, "fail"),
        ({"ug": 4_000_000_001, "g_per_kg": 4000}, "fail"),  # the exact figure decides
        ({"ug": 3_999_999_999, "g_per_kg": 4001}, "pass"),
        ({"g_per_kg": 4000}, "pass"),
        ({"g_per_kg": 4001}, "fail"),
        ({"ug": 208_243_000_000_000, "grams": 59_400_000}, "pass"),
        ({"ug": 237_600_000_000_000, "grams": 59_400_000}, "pass"),
        ({"ug": 237_600_000_000_001, "grams": 59_400_000}, "fail"),
        ({"ug": 1, "grams": 0}, "not provable"),
        ({"ug": 1, "grams": -5}, "not provable"),
    ],
)
def test_the_limit_is_exact(members: dict[str, Any], expected: str) -> None:
    assert verdict(MOST, **figure(**members)) == expected


def test_a_figure_is_told_with_all_that_it_means() -> None:
    told = "3.506 kg CO2e/kg (by mass, cradle to gate, 2026, rolling slab); at most 4.0 is asked."
    assert asked(MOST, **figure(ug=208_243_000_000_000, grams=59_400_000)).sentence == told
    found = asked(MOST, holder=DIGGER, **figure(g_per_kg=4001))
    assert found.sentence.startswith("4.001 kg CO2e/kg (by mass")
    assert [ask.whom for ask in found.ask] == [DIGGER]
    assert asked(MOST, **figure(g_per_kg=4001)).ask[0].whom == "the seller"


@pytest.mark.parametrize(
    ("smelters", "cited"),
    [
        ([("smelter", SMELTER, 3), ("collected", MINE, 9), ("smelter", MILL, 4)], ["pots of the mill"]),
        ([("smelter", SMELTER, 4), ("unknown", "", 3)], ["pots", "inert pots"]),
        ([("smelter", SMELTER, 3), ("unknown", "", 4)], ["bought"]),
        ([("collected", MINE, 9), ("alloy", "", 1)], ["scrap"]),
        ([("unproven", "", 9)], []),
        ([], []),
    ],
)
def test_what_is_of_the_whole_lot_cites_where_most_of_the_metal_was_smelted(
    smelters: list[tuple[str, str, int]], cited: list[str]
) -> None:
    made = [(SMELTER, "electrolysis", "pots"), (SMELTER, "electrolysis_inert", "inert pots"),
            (SMELTER, "cast", "cast"), (MILL, "electrolysis", "pots of the mill"),
            (MINE, "source:collection", "scrap"), (MILL, "source:purchase", "bought")]  # fmt: skip
    members = {
        "smelters": [
            {"kind": kind, "site": site, "why": "purchase" if kind == "unknown" else "", "ppm": ppm}
            for kind, site, ppm in smelters
        ],
        "steps": [step(site, process, first={"id": id}) for site, process, id in made],
        "recycled": [{"rule": "own_loop"}],
        **figure(g_per_kg=6_000),
    }
    primary = wanted("footprint", method="by_mass", primary_data="0.5")
    recycled = wanted("recycled", rule="own_loop", post="0.1")
    for requirement in (MOST, BENCHMARK, primary, recycled):
        found = asked(requirement, **members)
        assert (found.verdict, [event.id for event in found.events]) == ("fail", cited)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"source": "hydro", "covered": True}, "pass"),
        ({"source": "hydro", "covered": False}, "not provable"),
        ({"source": "nuclear", "covered": None}, "not provable"),
        ({"source": "coal", "covered": False}, "pass"),
        ({"source": "", "covered": False}, "pass"),  # counted as the grid's
        ({"source": "hydro", "covered": False, "wh": 0}, "pass"),
    ],
)
def test_a_word_does_not_make_electricity_clean(row: dict[str, Any], expected: str) -> None:
    power = {"power": [{"site": SMELTER, "month": "2026-03", "wh": 14_000, **row}]}
    certified = wanted("footprint", method="by_mass", most="4.0", certified=True)
    assert verdict(certified, **figure(g_per_kg=3000), **power) == expected
    assert verdict(MOST, **figure(g_per_kg=3000), **power) == "pass"
    assert verdict(certified, **figure(g_per_kg=4001), **power) == "fail"


@pytest.mark.parametrize("source", [*sorted(DEFAULT.renewable), "tidal", "nuclear"])
def test_whatever_would_make_electricity_clean_needs_a_certificate(source: str) -> None:
    power = {"site": SMELTER, "month": "2026-03", "wh": 14_000, "source": source}
    certified = wanted("footprint", method="by_mass", most="4.0", certified=True)
    for covered, expected in ((True, "pass"), (False, "not provable")):
        found = verdict(certified, **figure(g_per_kg=3000), power=[{**power, "covered": covered}])
        assert found == expected


@pytest.mark.parametrize(
    "other",
    [{"method": "cut_off"}, {"boundary": "gate_to_gate"}, {"stage": "coil"}, {"year": 2025}],
)
def test_only_a_figure_of_the_same_kind_is_compared(other: dict[str, Any]) -> None:
    strict = wanted("footprint", **SLAB, most="4.0")
    assert verdict(strict, **figure(g_per_kg=4000)) == "pass"
    assert verdict(strict, **figure(g_per_kg=9000, **other)) == "not provable"
    assert verdict(strict, **figure(g_per_kg=1, **other)) == "not provable"
    both = {"footprint": [{**SLAB, **other, "g_per_kg": 1}, {**SLAB, "g_per_kg": 4001}]}
    assert verdict(strict, **both) == "fail"
    assert verdict(BENCHMARK, **figure(g_per_kg=1, **other)) == "not provable"
    assert verdict(BENCHMARK, **both) == "pass"


def test_all_stages_and_years_are_meant_where_none_is_named() -> None:
    two = [{**SLAB, "g_per_kg": 3000}, {**SLAB, "stage": "coil", "g_per_kg": 4001}]
    assert verdict(MOST, footprint=two) == "fail"
    assert verdict(MOST, footprint=two[:1]) == "pass"
    assert verdict(MOST) == "not provable"


@pytest.mark.parametrize("requirement", [MOST, BENCHMARK])
def test_missing_data_leave_a_lower_bound(requirement: Any) -> None:
    for members in ({"gaps": [GAP]}, {"unshown": ["ancestry"]}, {"origins": [{"kind": "unproven", "mg": 1}]}):
        assert verdict(requirement, **figure(g_per_kg=10), **members) == "not provable"
        assert verdict(requirement, **figure(g_per_kg=9000), **members) == "fail"
    assert verdict(requirement, **figure(g_per_kg=10, complete=False)) == "not provable"
    assert verdict(requirement, **figure(g_per_kg=9000, complete=False)) == "fail"


@pytest.mark.parametrize("requirement", [MOST, BENCHMARK])
def test_who_lacks_data_is_asked_for_them(requirement: Any) -> None:
    found = asked(requirement, names={SMELTER: "The smelter"}, **figure(g_per_kg=10), gaps=[GAP])
    assert f"It lacks CF4 of electrolysis at The smelter ({SMELTER})." in found.sentence
    assert [tuple(ask) for ask in found.ask] == [(DIGGER, "Post CF4 of electrolysis.")]
    assert [event.id for event in found.events] == ["urn:x:event:pot"]
    nobody = asked(requirement, **figure(g_per_kg=10), gaps=[{**GAP, "event": {}}])
    assert [ask.whom for ask in nobody.ask] == [SMELTER]
    stock = {**GAP, "process": "source:opening", "missing": "emissions"}
    opened = asked(requirement, **figure(g_per_kg=10), gaps=[stock])
    assert "It lacks emissions of opening stock at" in opened.sentence
    said = "No emissions of opening stock can be posted: ask for metal without it."
    assert [ask.what for ask in opened.ask] == [said]
    unbegun = asked(requirement, **figure(g_per_kg=10), gaps=[{**GAP, "missing": "when it began"}])
    assert f"It lacks when electrolysis at {SMELTER} began." in unbegun.sentence
    assert [ask.what for ask in unbegun.ask] == ["Post when electrolysis began (`from`)."]
    unnamed = asked(requirement, **figure(g_per_kg=10, complete=False))
    assert "lacks data that the method demands" in unnamed.sentence
    assert unnamed.ask[0].whom == "the seller"


def test_primary_data() -> None:
    half = wanted("footprint", method="by_mass", primary_data="0.5")
    assert verdict(half, **figure(g_per_kg=99_000, primary_data_ppm=500_000)) == "pass"
    found = asked(half, **figure(g_per_kg=99_000, primary_data_ppm=499_999))
    assert found.verdict == "fail"
    assert "49.99 % of it from primary data, at least 50 % is asked" in found.sentence
    assert verdict(half, **figure(g_per_kg=1, primary_data_ppm=499_999), gaps=[GAP]) == "not provable"
    assert (
        verdict(half, footprint=[{**SLAB, "primary_data_ppm": 900_000}, {**SLAB, "primary_data_ppm": 1}])
        == "fail"
    )
    assert "primary" not in asked(MOST, **figure(g_per_kg=1)).sentence


@pytest.mark.parametrize(
    ("value", "reduction", "ug", "expected"),
    [
        ("16.1", "0.7", 4_830_000_000, "pass"),
        ("16.1", "0.7", 4_830_000_001, "fail"),
        ("16.1", "0", 16_100_000_000, "pass"),
        ("16.1", "0", 16_100_000_001, "fail"),
        ("16.1", "1", 1, "fail"),
        ("0.000001", "0", 1000, "pass"),
        ("0.000001", "0", 1001, "fail"),
    ],
)
def test_the_reduction_is_exact(value: str, reduction: str, ug: int, expected: str) -> None:
    requirement = wanted("benchmark", **SLAB, name="b", value=value, reduction=reduction)
    assert verdict(requirement, **figure(ug=ug)) == expected


def test_a_reduction_is_told_rounded_down() -> None:
    found = asked(BENCHMARK, **figure(ug=208_243_000_000_000, grams=59_400_000))
    assert found.sentence == (
        "3.506 kg CO2e/kg is 78.22 % below the world (by mass, "
        "cradle to gate, 2026, rolling slab); at least 70 % below is asked."
    )
    assert "is above the world" in asked(BENCHMARK, **figure(ug=16_100_000_001)).sentence
    assert "is 0.00 % below the world" in asked(BENCHMARK, **figure(ug=16_100_000_000)).sentence


def test_the_worst_of_several_figures_decides() -> None:
    two = [{**SLAB, "ug": 4_000_000_000, "grams": 1000}, {**SLAB, "ug": 4_830_000_001, "grams": 1000}]
    assert verdict(BENCHMARK, footprint=two) == verdict(BENCHMARK, footprint=two[::-1]) == "fail"
    assert verdict(BENCHMARK, footprint=[{**two[0], "complete": False}, two[0]]) == "not provable"


@pytest.mark.parametrize("requirement", [MOST, BENCHMARK])
@pytest.mark.parametrize(
    ("members", "low", "high"),
    [
        ({"lacking_ppm": 10_000}, "pass", "fail"),
        ({"lacking_ppm": 10_001}, "not provable", "fail"),
        ({"lacking_ppm": 1, "complete": True}, "pass", "fail"),
        ({"lacking_ppm": 0}, "not provable", "fail"),  # it is not told how much
        ({"lacking_ppm": -1}, "not provable", "fail"),
    ],
)
def test_data_may_be_missing_behind_a_share_of_the_mass(
    requirement: Any, members: dict[str, Any], low: str, high: str
) -> None:
    lenient = requirement.model_copy(update={"lacking": "0.01"})
    one = {"complete": False, **members}
    assert verdict(lenient, **figure(g_per_kg=10, **one)) == low
    assert verdict(lenient, **figure(g_per_kg=9000, **one)) == high
    assert verdict(lenient, **figure(g_per_kg=10, **one), unshown=["ancestry"]) == "not provable"
    assert verdict(requirement, **figure(g_per_kg=10, **one)) == "not provable"


@pytest.mark.parametrize("requirement", [MOST, BENCHMARK])
def test_the_share_without_data_is_told(requirement: Any) -> None:
    lenient = requirement.model_copy(update={"lacking": "0.01"})
    part = figure(g_per_kg=10, complete=False, lacking_ppm=1)
    said = "0.01 % of the mass is without data, at most 1 % may be."
    assert asked(lenient, **part, gaps=[GAP]).sentence.endswith(said)
    much = asked(lenient, **figure(g_per_kg=10, complete=False, lacking_ppm=20_000), gaps=[GAP])
    assert "; 2.00 % of the mass is without data, at most 1 % may be. It lacks CF4" in much.sentence
    none = asked(requirement, **part, gaps=[GAP]).sentence
    assert "; 0.01 % of the mass is without data, and none may be. It lacks CF4" in none
    for whole in ({"lacking_ppm": 1_000_000}, {"lacking_ppm": 0}):
        assert "of the mass" not in asked(lenient, **figure(g_per_kg=10, complete=False, **whole)).sentence
    assert verdict(lenient, **figure(g_per_kg=10), gaps=[GAP]) == "not provable"
    assert "of the mass" not in asked(lenient, **figure(g_per_kg=10)).sentence
    both = [*part["footprint"], *figure(g_per_kg=10, complete=False, lacking_ppm=10_001)["footprint"]]
    assert verdict(lenient, footprint=both) == verdict(lenient, footprint=both[::-1]) == "not provable"
