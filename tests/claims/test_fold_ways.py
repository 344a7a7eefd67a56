"""What the accounts of lots tell of how they were made: with which power, on which model, at which visits."""

from typing import Any

import pytest

from ledger.claims.method import BEGAN
from ledger.quantity import FINE
from tests.claims.making import HYDRO, Works, gas


def test_smelting_power_by_certificate_source_site_and_month() -> None:
    works = Works()
    works.source("alumina", "alumina", "4", kind="purchase")
    energy = [
        HYDRO | {"amount": "13.000001", "instrument": "c:1"},
        HYDRO | {"amount": "0.001", "unit": "MWh"},
        {"carrier": "electricity", "amount": "0.36", "unit": "MJ"},
        {"carrier": "steam", "amount": "1", "unit": "GJ"},
        {"carrier": "electricity", "amount": "1", "unit": "L"},
    ]
    made = works.transform("electrolysis", {"alumina": "2"}, {"m": ("liquid_aluminium", "1")}, energy=energy)[
        "l:m"
    ]
    assert made.power == {
        "c:1 hydro s:works p:maker 2026-03": 13_000_001,
        "- hydro s:works p:maker 2026-03": 1_000_000,
        "- - s:works p:maker 2026-03": 100_000,
    }
    part = works.transform("saw", {"m": "0.999"}, {"p": ("liquid_aluminium", "0.999")})["l:p"]
    assert part.power == {
        "c:1 hydro s:works p:maker 2026-03": 12_987_000,
        "- hydro s:works p:maker 2026-03": 999_000,
        "- - s:works p:maker 2026-03": 99_900,
    }


@pytest.mark.parametrize(("kwh", "fits"), [("7.9", False), ("8", True), ("25", True), ("25.1", False)])
def test_power_that_does_not_fit_the_metal_is_a_gap(kwh: str, fits: bool) -> None:
    works = Works()
    works.source("alumina", "alumina", "2", kind="purchase")
    made = works.transform(
        "electrolysis", {"alumina": "2"}, {"m": ("liquid_aluminium", "1")}, energy=[HYDRO | {"amount": kwh}]
    )["l:m"]
    assert (("s:works", "electrolysis", "electricity that fits the metal made") not in made.gaps) == fits


@pytest.mark.parametrize(("kwh", "fits"), [("7.999", False), ("8", True), ("25", True), ("25.001", False)])
def test_metal_that_was_in_the_pot_before_needs_no_electricity(kwh: str, fits: bool) -> None:
    """A day's tapping of a cell whose pad is ten times as heavy: its electricity has made what is new."""
    works = Works()
    works.source("a", "alumina", "2", kind="purchase")
    works.source("pad", "liquid_aluminium", "10", kind="opening")
    energy = [{"carrier": "electricity", "amount": kwh, "unit": "kWh", "source": "hydro"}]
    tapped = {"m": ("liquid_aluminium", "1"), "p": ("liquid_aluminium", "10", "heel")}
    made = works.transform("electrolysis", {"a": "2", "pad": "10"}, tapped, energy=energy)["l:m"]
    assert (("s:works", "electrolysis", "electricity that fits the metal made") not in made.gaps) == fits


def test_alumina_counts_among_metal_as_the_metal_that_it_gives() -> None:
    """1,800 kg of alumina, of which 1,000 kg of metal can come, and 50 kg that were bought: one in 21."""
    works = Works()
    works.source("a", "alumina", "1800", emissions=gas("1") + gas("1", 3))
    works.source("bought", "liquid_aluminium", "50", kind="purchase")
    energy = [{"carrier": "electricity", "amount": "13000", "unit": "kWh", "source": "hydro"}]
    emissions = gas("1400", 1, "CO2") + gas("1", 1, "CF4") + gas("180", 3)
    made = works.transform(
        "electrolysis",
        {"a": "1800", "bought": "50"},
        {"m": ("liquid_aluminium", "945")},
        energy=energy,
        emissions=emissions,
    )["l:m"]
    assert made.smelter == {"smelter s:works": 900_000 * FINE, "unknown purchase": 45_000 * FINE}
    assert made.content == {"primary - -": 900_000 * FINE, "unknown - -": 45_000 * FINE}
    assert made.content_party is made.content
    assert made.lacking == 45_000 * FINE
    assert made.footprint[1].total > 1400 * 10**9  # what was emitted does not weigh, it is


def test_the_weakest_model_of_each_process_and_who_stated_it_first() -> None:
    works = Works()
    works.source("a", "bauxite", "9")
    works.source("anode", "anode", "9", kind="addition")
    for n, model in enumerate(("segregated", "mass_balance", "mass_balance")):
        works.transform("bin", {"a": "3"}, {f"b{n}": ("bauxite", "3")}, model=model)
    works.transform("bin", {"anode": "9"}, {"c": ("anode", "9")}, model="book_and_claim")
    made = works.transform("blend", {"b0": "3", "b2": "3", "b1": "3", "c": "1"}, {"d": ("bauxite", "9")})[
        "l:d"
    ]
    assert made.models == {"bin": (1, 4), "blend": (3, 7)}, "an anode says nothing of the metal"


@pytest.mark.parametrize(
    ("origins", "model", "strength"),
    [
        ((("mine s:a", 1),), "identity_preserved", 4),
        ((("mine s:b", 1),), "identity_preserved", 3),
        ((("mine s:a", 1), ("mine s:b", 1)), "identity_preserved", 3),
        ((), "identity_preserved", 4),
        ((("mine s:b", 1),), "segregated", 3),
        ((("mine s:b", 1),), "mass_balance", 1),
    ],
)
def test_lots_of_several_origins_have_no_one_identity(origins: Any, model: str, strength: int) -> None:
    works = Works()
    for lot, of in (("flux", ()), ("a", (("mine s:a", 1),)), ("b", origins)):
        works.source(lot, "bauxite", "1")
        works.lots[f"l:{lot}"] = works.lots[f"l:{lot}"]._replace(composition=of)
    made = works.transform("bin", {"flux": "1", "a": "1", "b": "1"}, {"c": ("bauxite", "3")}, model=model)
    assert made["l:c"].models["bin"][0] == strength
    alone = works.transform("bin", {"b": "1"}, {"d": ("bauxite", "1")}, model="identity_preserved")
    assert alone["l:d"].models["bin"][0] == 4
    works.lots["l:b"] = works.lots["l:b"]._replace(composition=(("mine s:a", 1),), traces=("mine s:b",))
    traced = works.transform("bin", {"a": "1", "b": "1"}, {"e": ("bauxite", "2")}, model="identity_preserved")
    assert traced["l:e"].models["bin"][0] == 3, "a trace is an origin too"


def test_what_is_only_claimed_is_known_of_no_place_and_no_class() -> None:
    works = Works()
    works.source("o", "bauxite", "6")
    works.transform("refine", {"o": "6"}, {"a": ("alumina", "2")})
    made = works.transform("bin", {"a": "2"}, {"b": ("alumina", "2")}, model="book_and_claim")["l:b"]
    whole = 2000 * FINE
    assert made.refinery == {"unknown book_and_claim": whole}
    assert made.smelter == {"none": whole}, "it is smelted later"
    assert made.content == made.content_party == {"unknown - -": whole}
    assert ("s:works", "bin", "the metal itself, which was only claimed") in made.gaps
    assert made.lacking == whole
    works.source("anode", "anode", "9", kind="addition")
    bare = works.transform("bin", {"anode": "9"}, {"c": ("anode", "9")}, model="book_and_claim")["l:c"]
    assert not [gap for gap in bare.gaps if "only claimed" in gap[2]], "an anode says nothing of the metal"


def test_visits_are_joined_to_runs() -> None:
    works = Works()
    for n, date in enumerate(("02", "03", "05", "02")):
        works.time = f"2026-03-{date}T06:00:00Z"
        works.late = 401 * 86_400 if n == 2 else 0
        more: Any = {"evidence": [{"name": "x", "sha256": "0" * 64}]} if n else {}
        works.source(f"o{n}", "bauxite", "1", **more)
    made = works.transform(
        "bin", {f"o{n}": "1" for n in range(4)}, {"b": ("bauxite", "4")}, unit="b-1", from_=None
    )
    visits = made["l:b"].visits
    (mine,) = [visit for where, visit in visits.items() if where == ("s:mine", "p:miner", "source:mine", "")]
    first, day = mine.runs[0][0], 86_400
    assert mine.runs == ((first, first + day), (first + 3 * day, first + 3 * day))
    assert (len(mine.late), mine.first, mine.documents, mine.materials) == (1, 1, 0, ("bauxite",))
    assert mine.lag == 401 * 86_400
    works.late = 5
    assert [visit.lag for visit in works.source("p", "bauxite", "1").visits.values()] == [5]
    assert ("s:works", "p:maker", "bin", "b-1") in visits


@pytest.mark.parametrize(
    ("model", "account", "material", "bare"),
    [
        ("mass_balance", None, "bauxite", True),
        ("book_and_claim", None, "bauxite", True),
        ("mass_balance", "l:account", "bauxite", False),
        ("controlled_blending", None, "bauxite", False),
        ("mass_balance", None, "anode", False),  # carries no origin, so nothing is attributed
    ],
)
def test_what_books_attribute_without_an_account_is_remembered(
    model: str, account: str | None, material: str, bare: bool
) -> None:
    works = Works()
    works.source("o", material, "6", kind="mine" if material == "bauxite" else "addition")
    made = works.transform("bin", {"o": "4"}, {"a": (material, "4")}, model=model, account=account)["l:a"]
    (where,) = [where for where in made.visits if where[2] == "bin"]
    first = 2 if bare else -1
    assert [visit.unbooked for place, visit in made.visits.items() if place != where] == [-1]
    assert made.visits[where].unbooked == first
    works.transform("bin", {"o": "2"}, {"b": (material, "2")})
    both = works.transform("blend", {"b": "2", "a": "4"}, {"c": (material, "6")})["l:c"]
    assert both.visits[where].unbooked == first
    again = works.transform("bin", {"c": "6"}, {"d": (material, "6")}, model="mass_balance")["l:d"]
    carries = material == "bauxite"
    assert again.visits[where].unbooked == (first if bare else works.index if carries else -1)


def test_the_same_visit_twice_is_one() -> None:
    works = Works()
    works.source("o", "bauxite", "4")
    works.transform("bin", {"o": "4"}, {"a": ("bauxite", "2"), "b": ("bauxite", "2")})
    made = works.transform("blend", {"a": "2", "b": "2"}, {"c": ("bauxite", "4")})["l:c"]
    assert [visit.runs for visit in made.visits.values()] == [
        ((made.visits[w].runs[0]),) for w in made.visits
    ]
    works.source("p", "alumina", "4", kind="mine")
    both = works.transform("blend", {"c": "4", "p": "4"}, {"d": ("bauxite", "8")})["l:d"]
    assert both.visits["s:mine", "p:miner", "source:mine", ""].materials == ("alumina", "bauxite")


def test_equal_outputs_have_one_account() -> None:
    works = Works()
    works.source("o", "coil", "9", kind="purchase")
    made = works.transform("blank", {"o": "9"}, {f"b{n}": ("blank", "3") for n in range(3)})
    assert made["l:b0"] is made["l:b1"] is made["l:b2"]


def test_what_is_refined_twice_stays_of_the_first_refinery() -> None:
    works = Works()
    works.source("ore", "bauxite", "4")
    works.transform("refine", {"ore": "4"}, {"a": ("alumina", "2")}, site="s:first")
    made = works.transform("refine", {"a": "2"}, {"b": ("alumina", "2")}, site="s:second")
    assert made["l:b"].refinery == {"refinery s:first": 2_000_000}


def test_the_power_of_a_quarter_is_not_that_of_its_last_month() -> None:
    """Else a certificate of March would cover what January and February used."""
    works = Works()
    works.source("ore", "alumina", "1900", kind="opening")
    works.time = "2026-03-31T00:00:00Z"
    used = [{"carrier": "electricity", "amount": "10000", "unit": "kWh", "source": "hydro"}]
    line = {"m": ("liquid_aluminium", "500")}
    more: Any = {"energy": used, "from": "2025-12-21T00:00:00Z"}
    made = works.transform("electrolysis", {"ore": "950"}, line, **more)["l:m"]
    days = {"2025-12": 11, "2026-01": 31, "2026-02": 28, "2026-03": 30}
    assert made.power == {f"- hydro s:works p:maker {month}": 100_000_000 * n for month, n in days.items()}
    more["from"] = "2023-03-30T00:00:00Z"
    made = works.transform("electrolysis", {"ore": "950"}, {"n": line["m"]}, **more)["l:n"]
    assert made.power == {"- hydro s:works p:maker 0001-01": 10_000_000_000}


@pytest.mark.parametrize("begun", [None, "2026-03-02T06:00:00Z"])
def test_what_is_smelted_in_a_second_is_of_no_month(begun: str | None) -> None:
    """Else a certificate that begins with that second would cover weeks of smelting before it."""
    works = Works()
    works.source("ore", "bauxite", "4")
    made = works.transform("refine", {"ore": "4"}, {"a": ("alumina", "2")}, **{"from": begun})
    assert ("s:works", "refine", BEGAN) in made["l:a"].gaps
    used = [{"carrier": "electricity", "amount": "14", "unit": "kWh", "source": "hydro"}]
    line = {"m": ("liquid_aluminium", "1")}
    made = works.transform("electrolysis", {"a": "2"}, line, energy=used, **{"from": begun})
    assert ("s:works", "electrolysis", BEGAN) in made["l:m"].gaps
    assert made["l:m"].power == {"- hydro s:works p:maker 0001-01": 14_000_000}
    works.source("b", "alumina", "2", kind="opening")
    made = works.transform(
        "electrolysis", {"b": "2"}, {"n": line["m"]}, energy=used, **{"from": "2026-03-02T05:59:59Z"}
    )
    assert ("s:works", "electrolysis", BEGAN) not in made["l:n"].gaps
    assert made["l:n"].power == {"- hydro s:works p:maker 2026-03": 14_000_000}
