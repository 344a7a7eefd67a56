"""Laws of the fold: masses sum, no way of cutting and joining improves a figure, no order matters."""

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.claims.account import Account, Vector, draw, scale
from ledger.claims.method import DEFAULT
from ledger.quantity import FINE
from tests.claims.making import Works, gas

RENEWABLE = DEFAULT.renewable
MERITS = (("post",), ("post", "pre"))


BY_MERIT = (
    "unproven l:1", "unknown opening", "added join", "alloy", "none", "primary - -", "smelter s:1", "pre - -",
    "post - -",
)  # fmt: skip


@pytest.mark.parametrize(("less", "more"), list(pairwise(BY_MERIT)))
def test_what_rounding_leaves_over_goes_where_there_is_less_merit(less: str, more: str) -> None:
    assert scale({less: 1, more: 2}, 3, 2) == {less: 1, more: 1}
    assert scale({more: 1, less: 2}, 3, 2) == {more: 0, less: 2}


def share(vector: Vector, *words: str) -> int:
    return sum(mg for label, mg in vector.items() if label.split(" ")[0] in words)


def world() -> tuple[Works, list[str]]:
    """A furnace charge of everything that there is."""
    works = Works()
    power = [
        {"carrier": "electricity", "amount": "13.1", "unit": "kWh", "source": "hydro", "instrument": "c:1"},
        {"carrier": "electricity", "amount": "1.7", "unit": "kWh", "source": "coal"},
    ]
    works.source("alumina", "alumina", "2", kind="mine", emissions=gas("1.234567"))
    works.transform("electrolysis", {"alumina": "2"}, {"metal": ("liquid_aluminium", "1")}, energy=power)
    works.source("bought", "remelt_ingot", "0.7", kind="purchase")
    works.source("old", "post_consumer_scrap", "0.501", kind="collection", emissions=gas("0.01"))
    works.source("new", "pre_consumer_scrap", "0.3", kind="collection")
    works.source("si", "silicon", "0.011", kind="addition", emissions=gas("0.5"))
    works.transform(
        "cast", {"metal": "0.5", "old": "0.2"}, {"slab": ("rolling_slab", "0.7")}, site="s:casthouse"
    )
    works.transform(
        "roll",
        {"slab": "0.7"},
        {"coil": ("coil", "0.5"), "crops": ("mill_scrap", "0.2", "by_product")},
        party="mill",
    )
    return works, ["metal", "bought", "old", "new", "si", "crops"]


WORKS, LOTS = world()
charges = st.fixed_dictionaries({lot: st.integers(0, WORKS.lots[f"l:{lot}"].grams) for lot in LOTS}).filter(
    lambda charge: sum(charge.values()) > 1
)


def melted(charge: dict[str, int], outputs: Sequence[int], lost: int = 0) -> list[Account]:
    """The charge cast into so many grams each."""
    inputs: dict[str, int | str] = {lot: grams for lot, grams in charge.items() if grams}
    made = WORKS.transform(
        "cast",
        inputs,
        {f"o{n}": ("rolling_slab", grams) for n, grams in enumerate(outputs)},
        site="s:casthouse",
        party="caster",
        emissions=gas("0.333333"),
    )
    return [made[f"l:o{n}"] for n in range(len(outputs))]


def pieces(grams: int, cuts: list[int]) -> list[int]:
    """The mass cut at these places."""
    at = sorted({cut % grams for cut in cuts} - {0})
    return [end - begin for begin, end in zip([0, *at], [*at, grams], strict=True)]


def whole(vector: Vector) -> int:
    return sum(vector.values())


@given(charges, st.lists(st.integers(1, 2_500), max_size=6), st.integers(0, 99))
def test_vectors_sum_to_the_mass_and_no_origin_is_lost(
    charge: dict[str, int], cuts: list[int], lost: int
) -> None:
    out = max(1, sum(charge.values()) - lost)
    parts = pieces(out, cuts)
    labels = {label for lot, grams in charge.items() if grams for label in WORKS.accounts[f"l:{lot}"].smelter}
    for grams, made in zip(parts, melted(charge, parts), strict=True):
        for vector in (made.refinery, made.smelter, made.content, made.content_party):
            assert whole(vector) == FINE * grams
            assert min(vector.values()) >= 0
        assert bool(made.gaps) == (made.lacking > 0)
        assert made.lacking <= FINE * grams
        assert set(made.smelter) == labels


@given(charges, st.lists(st.integers(1, 2_500), min_size=1, max_size=6))
def test_cutting_never_improves_the_sum_of_a_figure(charge: dict[str, int], cuts: list[int]) -> None:
    grams = sum(charge.values())
    (one,) = melted(charge, [grams])
    no_better(one, melted(charge, pieces(grams, cuts)))


def no_better(one: Account, several: Sequence[Account]) -> None:
    """Taken together, several are no better than the one that they are cut from."""
    for words in MERITS:
        assert sum(share(each.content, *words) for each in several) <= share(one.content, *words)
        party = sum(share(each.content_party, *words) for each in several)
        assert party <= share(one.content_party, *words)
    dark = sum(share(each.smelter, "unknown") for each in several)
    assert dark >= share(one.smelter, "unknown")
    for n in (0, 1):
        assert sum(each.footprint[n].total for each in several) >= one.footprint[n].total
        assert sum(each.footprint[n].primary for each in several) <= one.footprint[n].primary
    assert sum(each.lacking for each in several) >= one.lacking
    for label, mwh in one.power.items():
        sums = sum(each.power[label] for each in several)
        assert sums <= mwh if "hydro" in label else sums >= mwh


@given(charges, st.lists(st.integers(1, 2_500), min_size=1, max_size=6))
def test_cutting_and_joining_again_never_improves_a_figure(charge: dict[str, int], cuts: list[int]) -> None:
    grams = sum(charge.values())
    (one,) = melted(charge, [grams])
    works = Works()
    works.has("one", one, grams, "rolling_slab")
    for n, part in enumerate(pieces(grams, cuts)):
        lines = [{"lot": "l:one", "kg": f"{part // 1000}.{part % 1000:03}", "as": f"l:p{n}"}]
        works.post("ship", "x", site="s:x", to="p:y", lines=lines)
    parts: dict[str, int | str] = {f"p{n}": part for n, part in enumerate(pieces(grams, cuts))}
    again = works.transform("blend", parts, {"again": ("rolling_slab", grams)})["l:again"]
    no_better(one, [again])
    assert (again.smelter.keys(), again.content.keys()) == (one.smelter.keys(), one.content.keys())


@settings(max_examples=25)
@given(charges)
def test_the_order_of_inputs_does_not_matter(charge: dict[str, int]) -> None:
    grams = sum(charge.values())
    some = [row for row in charge.items() if row[1]][:4]
    inputs = [dict(order) for order in permutations(some)]
    grams = sum(mass for _, mass in some)
    first, *rest = [_told(melted(one, [grams])[0]) for one in inputs]
    assert all(one == first for one in rest)


def _told(account: Account) -> Any:
    """What an account says, but for the entry's own index, which differs."""
    mine = {where: visit._replace(first=0) for where, visit in account.visits.items()}
    models = {process: strength for process, (strength, _) in account.models.items()}
    return account._replace(visits=mine, models={}, gaps={}), models, set(account.gaps)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10**7), min_size=1), st.integers(1, 10**7))
def test_a_share_is_rounded_down_but_for_what_is_left_over(vector: dict[str, int], part: int) -> None:
    total = sum(vector.values())
    if not part <= total:
        return
    made = scale(vector, total, part)
    assert sum(made.values()) == part
    assert made.keys() == vector.keys()
    down = {label: mg * part // total for label, mg in vector.items()}
    more = {label for label in vector if made[label] != down[label]}
    assert more <= {min(vector)}


@given(st.integers(1, 999), st.integers(1, 999))
def test_a_part_of_a_part_is_no_better_than_a_part(first: int, second: int) -> None:
    (one,) = melted({"metal": 700, "old": 200, "crops": 100}, [1_000])
    once = draw(one, 1_000, min(first, second), RENEWABLE)
    twice = draw(
        draw(one, 1_000, max(first, second), RENEWABLE), max(first, second), min(first, second), RENEWABLE
    )
    no_better(once, [twice])
