"""What a lot is made of: sums exact, each origin at its share, the set of origins never smaller."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.quantity import FINE, format_kg
from ledger.rules.composition import NOTHING, Composition, Part, in_grams, pure, share, split
from tests.core.judging import value
from tests.world import LOT, SITE, World

A, B, OLD, NEW = "mine a", "mine b", "unknown opening", "collection c"

origins = st.sampled_from(["a", "b", "c", "d", "e"])
compositions = st.dictionaries(origins, st.integers(1, 10**9), min_size=1).map(
    lambda shares: Composition(tuple(sorted(shares.items())), ())
)


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    found = draw(st.lists(compositions, min_size=1, max_size=5))
    return [Part(FINE * draw(st.integers(1, sum(g for _, g in made.shares))), made) for made in found]


def total(composition: Composition) -> int:
    return sum(milligrams for _, milligrams in composition.shares)


def whole(made: list[Part]) -> dict[str, Fraction]:
    """Each origin's exact share of the parts together."""
    shares: dict[str, Fraction] = {}
    for part in made:
        for origin, grams in part.composition.shares:
            more = Fraction(grams * part.weight, total(part.composition))
            shares[origin] = shares.get(origin, Fraction(0)) + more
    return {origin: grams / sum(part.weight for part in made) for origin, grams in shares.items()}


def test_a_part_has_the_shares_of_its_lot() -> None:
    lot = Composition((("a", 6000), ("b", 3999), ("d", 1)), ("c",))
    assert share(lot, 5000) == Composition((("a", 3000), ("b", 2000)), ("c", "d"))
    assert pure("a", 5) == Composition((("a", 5000),), ())
    assert Composition((), ()) == NOTHING


def test_ties_go_to_the_smaller_id() -> None:
    assert share(Composition((("a", 1), ("b", 1), ("c", 1)), ()), FINE).shares == (
        ("a", 334),
        ("b", 333),
        ("c", 333),
    )


@given(parts(), st.data())
def test_sums_are_exact_and_no_origin_is_lost(made: list[Part], data: st.DataObject) -> None:
    into = sum(part.weight for part in made) // FINE
    outputs = data.draw(st.lists(st.integers(1, into), min_size=1, max_size=6))
    known = {origin for part in made for origin, _ in part.composition.shares}
    for grams, found in zip(outputs, split(made, outputs), strict=True):
        assert total(found) == FINE * grams
        assert {origin for origin, _ in found.shares} | set(found.traces) == known
        assert not {origin for origin, _ in found.shares} & set(found.traces)
        assert list(found.shares) == sorted(found.shares)
        assert all(milligrams > 0 for _, milligrams in found.shares)


@given(parts(), st.data())
def test_all_outputs_together_keep_the_shares(made: list[Part], data: st.DataObject) -> None:
    """However finely it is divided, each origin's sum stays within a milligram for each part taken, and
    one."""
    into = sum(part.weight for part in made) // FINE
    outputs = data.draw(st.lists(st.integers(1, max(1, into // 6)), min_size=1, max_size=6))
    found = split(made, outputs)
    for origin, exact in whole(made).items():
        got = sum(dict(one.shares).get(origin, 0) for one in found)
        slack = max(Fraction(1), Fraction(sum(outputs), into)) * (len(made) + 1)
        assert abs(got - exact * FINE * sum(outputs)) < slack


def test_dividing_finely_makes_no_origin_out_of_another() -> None:
    """51 to 49 in a thousand lots of a gram is 510 to 490, and so is each of them: nobody sorts them."""
    lot = Composition((("clean", 510_000), ("dirty", 490_000)), ())
    found = split([Part(FINE * 1000, lot)], [1] * 1000)
    assert set(found) == {Composition((("clean", 510), ("dirty", 490)), ())}
    assert {share(lot, FINE) for _ in range(10)} == {Composition((("clean", 510), ("dirty", 490)), ())}


def test_what_rounding_gives_one_output_the_next_does_without() -> None:
    thirds = (("a", 333_334), ("b", 333_333), ("c", 333_333))
    found = split([Part(FINE * 1000, Composition(thirds, ()))], [1] * 1000)
    sums = {origin: sum(dict(one.shares)[origin] for one in found) for origin, _ in thirds}
    assert sums == dict(thirds)


def test_what_a_process_adds_is_nobodys_metal() -> None:
    """A hood joined with steel again and again weighs more each time, and stays the 8 kg of its mines."""
    world = World()
    lot, kg = world.hood(), 8_000
    world.hand_over("press", "plant", {lot: "8"})
    for n in range(10):
        more = {"steel_parts": kg * 28 // 100, "adhesive": kg * 5 // 100}
        additions = [{"material": name, "kg": format_kg(grams)} for name, grams in more.items()]
        joined = kg + sum(more.values())
        outputs = {f"door-{n}": ("joined_part", format_kg(joined))}
        (lot,) = world.transform("plant", "join", {lot: format_kg(kg)}, outputs, additions=additions)
        kg = joined
    made_of = dict(in_grams(value(world, "lot", lot)).shares)
    assert kg > 130_000
    assert made_of == {
        "added join": kg - 8_000,
        f"mine {SITE}pit": 5_333,
        f"mine {SITE}pit-2": 2_667,
    }


def test_alumina_counts_among_metal_as_the_metal_that_it_gives() -> None:
    """In a pot with 1,800 kg of alumina, of which 1,000 kg can come, 50 kg of metal are one in 21."""
    world = World()
    ore = world.source("pit", "ore", "4000")
    world.hand_over("pit", "refinery", {ore: "4000"})
    (alumina,) = world.transform("refinery", "refine", {ore: "4000"}, {"al": ("alumina", "1800")})
    world.hand_over("refinery", "smelter", {alumina: "1800"})
    bought = world.source("smelter", "bought", "50", kind="purchase", material="liquid_aluminium")
    (metal,) = world.transform(
        "smelter", "electrolysis", {alumina: "1800", bought: "50"}, {"m": ("liquid_aluminium", "945")}
    )
    shares = value(world, "lot", metal).composition
    assert shares == ((f"mine {SITE}pit", 900_000 * FINE), ("unknown purchase", 45_000 * FINE))


def test_traces_follow_the_metal() -> None:
    tainted = Composition((("a", 100_000),), ("listed",))
    (found,) = split([Part(FINE, tainted), Part(FINE * 99, pure("b", 99))], [100])
    assert found == Composition((("a", 1_000), ("b", 99_000)), ("listed",))
    # A trace of one part and grams of another are grams.
    (found,) = split([Part(FINE, tainted), Part(FINE * 9_999, pure("listed", 9_999))], [1])
    assert found == Composition((("listed", 1_000),), ("a",))


def test_origin_through_a_furnace_heel() -> None:
    """Worked numbers: three heats, each with 8,000 kg left of the one before, pile metal A:B = 7:9."""
    pile = Composition(((A, 7_000), (B, 9_000)), ())
    kilo = 1000

    def heat(*charge: tuple[int, Composition]) -> Composition:
        (found,) = split([Part(FINE * kg * kilo, made) for kg, made in charge], [60_000 * kilo])
        return found

    one = heat((8_000, pure(OLD, 8_000)), (40_000, pile), (12_000, pure(NEW, 12_000 * kilo)))
    two = heat((8_000, one), (50_000, pure(B, 50_000 * kilo)), (2_000, one))
    three = heat((8_000, two), (52_000, pure(B, 52_000 * kilo)))
    exact = [
        {OLD: Fraction(2, 15), A: Fraction(7, 24), B: Fraction(3, 8), NEW: Fraction(1, 5)},
        {OLD: Fraction(1, 45), A: Fraction(7, 144), B: Fraction(43, 48), NEW: Fraction(1, 30)},
        {OLD: Fraction(2, 675), A: Fraction(7, 1080), B: Fraction(71, 72), NEW: Fraction(1, 225)},
    ]
    for found, shares in zip((one, two, three), exact, strict=True):
        assert total(found) == FINE * 60_000 * kilo
        for origin, milligrams in found.shares:
            assert abs(milligrams - shares[origin] * FINE * 60_000 * kilo) <= 3
    slab = share(three, FINE * 17_400 * kilo)
    assert total(slab) == FINE * 17_400_000
    worked = {OLD: 51_556, A: 112_778, B: 17_158_333, NEW: 77_333}
    assert {origin: round(milligrams / FINE) for origin, milligrams in slab.shares} == worked


def test_the_ledger_folds_the_same_heats() -> None:
    """The three heats as events, heels and scrap and all."""
    world = World()
    a = world.source("pit", "a", "30000")
    b = world.source("pit-2", "b", "300000")
    world.hand_over("pit", "refinery", {a: "30000"})
    world.hand_over("pit-2", "refinery", {b: "300000"})

    def bring(name: str, inputs: dict[str, str], ore: int) -> str:
        (alumina,) = world.transform("refinery", "refine", inputs, {f"al-{name}": ("alumina", str(ore // 2))})
        world.hand_over("refinery", "smelter", {alumina: str(ore // 2)})
        kg = str(ore // 4)
        (metal,) = world.transform(
            "smelter", "electrolysis", {alumina: str(ore // 2)}, {name: ("liquid_aluminium", kg)}
        )
        return metal

    pile = bring("pile", {a: "28000", b: "36000"}, 64_000)
    pure_b = bring("pure-b", {b: "208000"}, 208_000)
    shares = value(world, "lot", pile).composition
    assert shares == ((f"mine {SITE}pit", 7_000_000 * FINE), (f"mine {SITE}pit-2", 9_000_000 * FINE))
    old = world.source("smelter", "old", "8000", kind="opening", material="liquid_aluminium")
    post = world.scrap("recycler", "post", "12000")
    world.hand_over("recycler", "smelter", {post: "12000"})
    # 16,000 kg of pile metal here, so everything is a fifth of the worked heat.
    one = world.transform(
        "smelter",
        "cast",
        {old: "1600", pile: "8000", post: "2400"},
        {
            "slab-1": ("rolling_slab", "10000"),
            "ends-1": {"material": "cast_ends", "kg": "400", "role": "by_product"},
            "heel-1": {"material": "liquid_aluminium", "kg": "1600", "role": "heel"},
        },
    )
    world.transform(
        "smelter",
        "cast",
        {one[2]: "1600", pure_b: "10000", one[1]: "400"},
        {
            "slab-2": ("rolling_slab", "10400"),
            "heel-2": {"material": "liquid_aluminium", "kg": "1600", "role": "heel"},
        },
    )
    third = world.transform(
        "smelter",
        "cast",
        {LOT + "smelter:heel-2": "1600", pure_b: "10400"},
        {"slab-3": ("rolling_slab", "3480")} | {"slab-4": ("rolling_slab", "8520")},
    )
    found = dict(value(world, "lot", third[0]).composition)
    worked = {
        "unknown opening": 51_556,
        f"mine {SITE}pit": 112_778,
        f"mine {SITE}pit-2": 17_158_333,
        f"collection {SITE}recycler": 77_333,
    }
    assert sum(found.values()) == 3_480_000 * FINE
    assert {origin: round(5 * found[origin] / FINE) for origin in worked} == worked


def test_what_is_only_claimed_brings_no_origin_along() -> None:
    """The model says that the metal itself is other metal."""
    world = World()
    world.site("smelter")
    ore = world.source("smelter", "ore", "6", kind="opening", material="bauxite")
    for name, model in (("a", "mass_balance"), ("b", "book_and_claim")):
        made = world.transform("smelter", "bin", {ore: "3"}, {name: ("bauxite", "3")}, model=model)
        origins = [origin for origin, _ in value(world, "lot", made[0]).composition]
        assert origins == ["unknown opening" if name == "a" else "unknown book_and_claim"]
