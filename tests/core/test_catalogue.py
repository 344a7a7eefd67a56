"""The catalogue: its form, how the rules read it, and the starting values."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import events
from ledger.errors import Malformed
from ledger.events import catalogue as form
from ledger.quantity import MILLION
from ledger.rules.catalogue import Catalogue, Limits, Material, Process
from tests.core.examples import example

TEXT = (Path(__file__).parents[2] / "cli" / "data" / "catalogue.json").read_text("utf-8")
START = Catalogue.parse(TEXT)
DATA: dict[str, Any] = json.loads(TEXT)


def process(per: str = "input", ratio: tuple[str, str] = ("0.94", "1"), **members: Any) -> Process:
    data = copy.deepcopy(DATA)
    data["processes"]["cast"].update(per=per, ratio=list(ratio), **members)
    return Catalogue.parse(json.dumps(data)).processes["cast"]


def test_the_starting_values_are_those_of_the_trade() -> None:
    limits = {
        name: (*one.ratio, *one.monthly, one.tolerance, one.max_loss) for name, one in START.processes.items()
    }
    assert limits == {
        "blend": (0, 1_000_000, 0, 1_000_000, 10_000, 50_000),
        "bin": (0, 1_000_000, 0, 1_000_000, 10_000, 50_000),
        "refine": (1_200_000, 6_000_000, 1_500_000, 4_000_000, 20_000, None),
        "electrolysis": (1_800_000, 2_150_000, 1_889_000, 2_000_000, 20_000, None),
        "electrolysis_inert": (1_800_000, 2_150_000, 1_889_000, 2_000_000, 20_000, None),
        "cast": (940_000, 1_000_000, 970_000, 1_000_000, 10_000, 50_000),
        "remelt": (750_000, 990_000, 750_000, 990_000, 20_000, 150_000),
        "dross_recovery": (250_000, 700_000, 250_000, 700_000, 30_000, 100_000),
        "saw": (900_000, 998_000, 900_000, 998_000, 5_000, 10_000),
        "scalp": (900_000, 990_000, 900_000, 990_000, 5_000, 10_000),
        "roll": (700_000, 980_000, 700_000, 980_000, 5_000, 20_000),
        "slit": (920_000, 995_000, 920_000, 995_000, 5_000, 10_000),
        "blank": (550_000, 980_000, 550_000, 980_000, 20_000, 30_000),
        "stamp": (450_000, 900_000, 450_000, 900_000, 20_000, 30_000),
        "join": (900_000, 1_540_000, 900_000, 1_540_000, 10_000, 20_000),
        "paint": (900_000, 1_540_000, 900_000, 1_540_000, 10_000, 100_000),
        "bale": (800_000, 1_000_000, 800_000, 1_000_000, 30_000, 50_000),
        "shred": (800_000, 1_000_000, 800_000, 1_000_000, 30_000, 50_000),
    }
    assert {name for name, one in START.processes.items() if one.per_output} == {
        "refine",
        "electrolysis",
        "electrolysis_inert",
    }
    assert START.processes["electrolysis"].monthly_tolerance == 0
    assert START.processes["cast"].monthly_tolerance == 10_000
    assert sum(START.processes["join"].additions.values()) == 350_000
    assert sum(START.processes["paint"].additions.values()) == 350_000
    assert START.materials["alumina"] == Material(True, 529_000, MILLION)
    assert {name: one.max_alloy for name, one in START.materials.items() if one.max_alloy < MILLION} == {
        "liquid_aluminium": 300_000,
        "remelt_ingot": 300_000,
        "foundry_ingot": 300_000,
        "rolling_slab": 150_000,
        "billet": 180_000,
        "rod": 150_000,
    }
    assert not START.materials["anode"].origin
    assert all(START.materials[name].origin for name in ("silicon", "magnesium", "dross"))
    assert START.marks == {"heat": False, "bundle": False, "slab": True, "coil": True, "serial": True}
    assert START.receive_tolerance == 5_000
    assert (START.certifier_role, START.max_delay_days) == ("certifier", 45)
    assert {"mine", "press_shop", "warehouse"} <= START.site_kinds
    assert START.certifier_role in START.roles


def test_a_charter_takes_the_starting_values() -> None:
    charter = events.parse(json.dumps(example("charter", catalogue=DATA)).encode())
    assert isinstance(charter, events.Charter)
    assert Catalogue.parse(charter.catalogue.text) == START


def test_the_text_is_stable_and_read_once() -> None:
    read = form.Catalogue.model_validate(DATA)
    assert form.Catalogue.model_validate(json.loads(read.text)).text == read.text
    assert json.loads(read.text) == DATA
    assert len(read.text) < 16_000  # a charter is at most 48 KiB
    assert Catalogue.parse(TEXT) is START


def test_where_and_what() -> None:
    cast, blend = START.processes["cast"], START.processes["blend"]
    assert cast.works_at(["mine", "casthouse"])
    assert not cast.works_at(["smelter"])
    assert not cast.works_at([])
    assert blend.works_at(["mine"])
    assert cast.takes("liquid_aluminium")
    assert not cast.takes("bauxite")
    assert blend.takes("bauxite")
    assert cast.makes("rolling_slab", {"liquid_aluminium"})
    assert not cast.makes("dross", {"liquid_aluminium"})
    assert blend.makes("bauxite", {"bauxite"})
    assert not blend.makes("bauxite", {"bauxite", "alumina"})
    assert not blend.makes("alumina", {"bauxite"})
    assert cast.yields("dross", {"liquid_aluminium"})
    assert not cast.yields("rolling_slab", {"liquid_aluminium"})
    mine, opening = START.sources["mine"], START.sources["opening"]
    assert mine.works_at(["mine"])
    assert not mine.works_at(["smelter"])
    assert mine.brings("bauxite")
    assert not mine.brings("alumina")
    assert opening.works_at(["smelter"])
    assert opening.brings("alumina")


def test_scrap_is_not_renamed() -> None:
    for name in ("bale", "shred"):
        one = START.processes[name]
        assert one.makes("press_scrap", {"press_scrap"})
        assert not one.makes("post_consumer_scrap", {"press_scrap"})


def test_what_is_yet_to_become_metal_weighs_what_can_come_of_it() -> None:
    pots, furnace, saw = (START.processes[name] for name in ("electrolysis", "remelt", "saw"))
    metal, alumina, scrap = "liquid_aluminium", "alumina", "press_scrap"
    assert pots.weights([(alumina, 1_800_000), (metal, 5)], 1_000_005) == [1_000_000, 5]
    assert pots.weights([(metal, 5), (alumina, 1)], 5) == [5, 1]  # nothing that goes in weighs nothing
    assert furnace.weights([(scrap, 100_000), ("remelt_ingot", 100_000), (metal, 7)], 10) == [
        99_000,
        100_000,
        7,
    ]
    # By mass, where there is nothing to compare it with.
    assert pots.weights([(alumina, 1_000), (alumina, 3)], 500) == [1_000, 3]
    assert pots.weights([(metal, 1_000), (metal, 3)], 1_000) == [1_000, 3]
    assert saw.weights([("rolling_slab", 1_000), ("billet", 3)], 1_000) == [1_000, 3]
    assert pots.weights([], 0) == []


def test_what_is_kept_does_not_grow_by_what_falls_off_the_rest() -> None:
    """Of 200 kg that are rolled 200 come out, crops and all: 100 of them are the coil's."""
    roll = START.processes["roll"]
    coil, slab, other = ("coil", 100_000), ("rolling_slab", 99_999), ("rolling_slab", 1)
    assert roll.weights([coil, slab, other], 200_000) == [100_000, 99_999, 1]
    assert roll.weights([coil, slab, other], 199_000) == [100_000, 99_000, 1]
    assert roll.weights([coil, slab, other], 198_000) == [100_000, 98_000, 1]
    assert roll.weights([coil, slab, other], 201_000) == [100_000, 99_999, 1]  # the rest was added


@given(
    st.sampled_from(sorted(START.processes)),
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 10**9)), min_size=1, max_size=9),
    st.integers(0, 2 * MILLION),
)
def test_no_part_comes_out_as_more_than_went_in(name: str, rows: list[tuple[int, int]], share: int) -> None:
    one = START.processes[name]
    known = sorted(one.inputs - {"any"}) or ["coil", "blank"]
    parts = [(known[n % len(known)], mass) for n, mass in rows]
    whole = sum(mass for _, mass in parts)
    out = whole * share // MILLION
    weights = one.weights(parts, out)
    for (material, mass), weight in zip(parts, weights, strict=True):
        assert 0 < weight <= mass
        assert weight * min(out, whole) <= mass * sum(weights)
        assert weight == mass or not one.keeps(material)


def test_caps_of_additions() -> None:
    join = START.processes["join"]
    assert join.cap("adhesive", 10_000) == 500
    assert join.cap("adhesive", 19) == 0
    assert join.cap("adhesive", 20) == 1
    assert join.cap("silicon", 10_000) == 0


@pytest.mark.parametrize(
    ("per", "into", "out", "holds"),
    [
        ("input", 1000, 940, True),
        ("input", 1000, 939, False),
        ("input", 1000, 1000, True),
        ("input", 1000, 1001, False),
        ("input", 0, 1, False),
        ("input", 1, 0, False),
        ("input", -1, -1, False),
        ("output", 940, 1000, True),
        ("output", 939, 1000, False),
        ("output", 1000, 1000, True),
        ("output", 1001, 1000, False),
        ("output", 0, 1, False),
        ("output", 1, 0, False),
    ],
)
def test_limits_hold_exactly(per: str, into: int, out: int, holds: bool) -> None:
    one = process(per)
    assert one.in_limits(into, out, one.ratio) is holds


def test_a_lower_limit_of_zero_lets_nothing_become_of_something_all_the_same() -> None:
    one = process("input", ("0", "1"))
    assert one.in_limits(1, 1, one.ratio)
    assert not one.in_limits(1, 0, one.ratio)


def test_additions_end_up_in_the_products_of_joining_and_not_of_smelting_or_casting() -> None:
    adds = {name: START.processes[name].adds for name in ("join", "electrolysis", "cast")}
    assert adds == {"join": True, "electrolysis": False, "cast": False}


def test_the_stoichiometric_floor() -> None:
    pot = START.processes["electrolysis"]
    assert pot.in_limits(1_889, 1_000, pot.monthly)
    assert not pot.in_limits(1_888_999, 1_000_000, pot.monthly)
    assert pot.in_limits(1_888_999, 1_000_000, pot.ratio)


MASS = st.integers(1, 10**15)


@given(MASS, st.integers(1, 3 * MILLION), st.sampled_from(["input", "output"]))
def test_the_most_is_the_most(into: int, limit: int, per: str) -> None:
    low, high = (1, limit) if per == "input" else (limit, 3 * MILLION)
    one = START.processes["cast"]._replace(per_output=per == "output", ratio=Limits(low, high))
    most = one.most(into)
    assert 0 <= most <= into
    if most:
        exact = (most * MILLION, into * limit) if per == "input" else (most * limit, into * MILLION)
        assert exact[0] <= exact[1]
    if most < into:  # then one gram more is beyond the limit
        assert not one.in_limits(into, most + 1, one.ratio)


def test_a_limit_of_zero_per_output_is_no_limit() -> None:
    assert process("output", ("0", "1")).most(7) == 7


def test_absent_members() -> None:
    data = copy.deepcopy(DATA)
    data["processes"]["cast"] = {
        name: data["processes"]["cast"][name]
        for name in ("site_kinds", "inputs", "outputs", "ratio", "monthly", "tolerance")
    }
    one = Catalogue.parse(json.dumps(data)).processes["cast"]
    assert (one.by_products, one.additions, one.per_output, one.monthly_tolerance, one.max_loss) == (
        frozenset(),
        {},
        False,
        10_000,
        None,
    )


@pytest.mark.parametrize(
    ("path", "value", "code", "at"),
    [
        (["processes", "cast", "ratio"], ["1", "0.94"], "catalogue.limits", "$.processes.cast.ratio"),
        (["processes", "cast", "ratio"], ["1"], "event.missing", "$.processes.cast.ratio[1]"),
        (["processes", "cast", "ratio"], ["1", "1", "1"], "event.size", "$.processes.cast.ratio"),
        (["processes", "cast", "ratio"], ["1", "-1"], "event.value", "$.processes.cast.ratio[1]"),
        (["processes", "cast", "ratio"], ["0.94", 1], "event.value", "$.processes.cast.ratio[1]"),
        (["processes", "cast", "inputs"], ["tin"], "catalogue.material", "$.processes.cast.inputs"),
        (["processes", "cast", "inputs"], ["any", "rod"], "catalogue.material", "$.processes.cast.inputs"),
        (["processes", "cast", "inputs"], ["same"], "catalogue.material", "$.processes.cast.inputs"),
        (["processes", "cast", "inputs"], [], "catalogue.process", "$.processes.cast"),
        (["processes", "cast", "outputs"], [], "catalogue.process", "$.processes.cast"),
        (["processes", "cast", "outputs"], ["any"], "catalogue.material", "$.processes.cast.outputs"),
        (["processes", "cast", "by_products"], ["any"], "catalogue.material", "$.processes.cast.by_products"),
        (
            ["processes", "cast", "additions"],
            {"tin": "1"},
            "catalogue.material",
            "$.processes.cast.additions",
        ),
        (
            ["processes", "cast", "additions"],
            {"flux": "1", "silicon": "0.1"},
            "catalogue.addition",
            "$.processes.cast.additions.silicon",
        ),
        (
            ["processes", "cast", "site_kinds"],
            ["casthouse", "moon"],
            "catalogue.site_kind",
            "$.processes.cast.site_kinds[1]",
        ),
        (
            ["processes", "cast", "site_kinds"],
            ["any", "casthouse"],
            "catalogue.site_kind",
            "$.processes.cast.site_kinds[0]",
        ),
        (["sources", "mine", "site_kinds"], ["moon"], "catalogue.site_kind", "$.sources.mine.site_kinds[0]"),
        (["sources", "mine", "materials"], ["tin"], "catalogue.material", "$.sources.mine.materials"),
        (["certifier_role"], "priest", "catalogue.role", "$.certifier_role"),
        (["max_delay_days"], 0, "event.value", "$.max_delay_days"),
        (["tolerances", "receive"], "1.5", "event.value", "$.tolerances.receive"),
        (["extra"], 1, "event.unknown", "$.extra"),
    ],
)
def test_a_catalogue_that_does_not_hang_together(path: list[str], value: Any, code: str, at: str) -> None:
    data = copy.deepcopy(DATA)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(Malformed) as raised:
        Catalogue.parse(json.dumps(data))
    assert (raised.value.code, raised.value.path) == (code, at)
    with pytest.raises(Malformed) as raised:
        events.parse(json.dumps(example("charter", catalogue=data)).encode())
    assert (raised.value.code, raised.value.path) == (code, at.replace("$", "$.catalogue"))


def test_a_catalogue_is_strict_json() -> None:
    with pytest.raises(Malformed) as raised:
        Catalogue.parse('{"materials":{},"materials":{}}')
    assert raised.value.code.startswith("json.")
