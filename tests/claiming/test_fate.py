"""Where metal went: every gram that began has one fate."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.claiming import fate
from ledger.claiming.fate import LOTS, fates
from ledger.claims.document import Fate
from ledger.errors import Malformed
from ledger.reports.exclusive import ALL
from tests.world import LOT, PARTY, SITE, World

PRESS, MILL, PLANT = SITE + "press", SITE + "mill", SITE + "plant"


def by_kind(found: tuple[Fate, ...]) -> dict[str, int]:
    """Grams of each kind of fate."""
    sums: dict[str, int] = defaultdict(int)
    for one in found:
        sums[one.fate] += one.grams
    return dict(sums)


def fitted(world: World, hood: str, vehicle: str, plant: str = "plant") -> dict[str, str]:
    """A hood goes to a plant and into a vehicle."""
    world.hand_over("press", plant, {hood: "8"})
    maker = world.operators[SITE + plant]
    lines = [{"lot": hood, "kg": "8"}]
    world.post({"type": "exit", "party": maker, "lines": lines, "reason": "installed", "into": vehicle})
    return world.last


def test_a_coil_is_followed_into_the_vehicle() -> None:
    world = World()
    hood = world.hood()
    fitted(world, hood, "urn:example:vehicle:1")
    coil = LOT + "roller:coil"
    found = {(one.fate, one.site, one.party, one.into): one.grams for one in fates(world.store, coil)}
    assert found == {
        ("stock", PRESS, PARTY + "stamper", ""): 850_000 - 15_000 + 4_000,  # the coil's rest, the offcut
        ("loss", PRESS, PARTY + "stamper", ""): 3_000,
        ("installed", PLANT, PARTY + "maker", "urn:example:vehicle:1"): 8_000,
    }
    assert sum(found.values()) == 850_000
    assert fates(world.store, hood)[0] == Fate(
        fate="installed",
        site=PLANT,
        party=PARTY + "maker",
        into="urn:example:vehicle:1",
        grams=8_000,
        lots=(hood,),
    )


def test_of_so_many_lots_one_more_than_a_report_names_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    for n in range(4):
        world.source("pit", f"o{n}", "1")
    pit = world.site("pit")
    assert LOTS == ALL + 1
    for most in (3, 4):
        monkeypatch.setattr(fate, "LOTS", most)
        (found,) = fates(world.store, pit)
        assert found.lots == tuple(f"{LOT}miner:o{n}" for n in range(most))
        assert found.grams == 4_000


def test_process_scrap_is_followed_into_what_is_made_of_it() -> None:
    world = World()
    world.hood()
    coil, offcut = LOT + "roller:coil", LOT + "stamper:offcut"
    world.hand_over("press", "recycler", {offcut: "4"})
    world.transform("recycler", "remelt", {offcut: "4"}, {"ingot": ("remelt_ingot", "3.9")})
    followed = fates(world.store, coil)
    assert by_kind(followed) == {"stock": 835_000 + 8_000 + 3_900, "loss": 3_100}
    assert SITE + "recycler" in {fate.site for fate in followed}


def test_what_is_under_way_sold_and_short_on_arrival_is_told() -> None:
    world = World()
    world.hood()
    coil = LOT + "roller:coil"
    stamper = world.party("stamper")
    lines = [{"lot": coil, "kg": "100"}]
    world.post({"type": "exit", "party": stamper, "lines": lines, "reason": "sold_outside"})
    shipped = world.ship("press", "trader", {coil: "200"}, {coil: "part"})
    part = LOT + "stamper:part"
    assert by_kind(fates(world.store, coil))["transit"] == 200_000
    world.receive(shipped, "depot", {part: "199"})
    found = fates(world.store, coil)
    assert by_kind(found) == {"stock": 535_000 + 12_000 + 199_000, "sold_outside": 100_000, "loss": 4_000}
    assert sum(one.grams for one in found) == 850_000


def test_what_was_withdrawn_never_was() -> None:
    world = World()
    hood = world.hood()
    installed = fitted(world, hood, "urn:example:vehicle:1")
    assert by_kind(fates(world.store, hood)) == {"installed": 8_000}
    world.correct(installed, "withdraw")
    assert by_kind(fates(world.store, hood)) == {"stock": 8_000}
    assert sum(one.grams for one in fates(world.store, LOT + "roller:coil")) == 850_000
    ore = world.source("pit", "more", "10")
    world.correct(world.last, "withdraw")
    assert fates(world.store, ore) == ()


def test_a_site_is_followed_from_what_entered_it() -> None:
    world = World()
    hood = world.hood()
    fitted(world, hood, "urn:example:vehicle:1")
    found = fates(world.store, PRESS)
    assert by_kind(found) == {"stock": 839_000, "loss": 3_000, "installed": 8_000}
    pit = fates(world.store, SITE + "pit")
    assert sum(one.grams for one in pit) == 3_000_000
    assert {one.into for one in fates(world.store, PRESS, into=False)} == {""}


def test_what_comes_back_is_not_counted_twice() -> None:
    world = World()
    world.hood()
    coil = LOT + "roller:coil"
    part = LOT + "stamper:back"
    world.receive(world.ship("press", "roller", {coil: "300"}, {coil: "back"}), "mill", {part: "300"})
    found = fates(world.store, MILL)  # the slab, of which a part of the coil came back
    assert sum(one.grams for one in found) == 980_000
    assert {(one.fate, one.site): one.grams for one in found if one.site == MILL} == {
        ("stock", MILL): 300_000,
        ("loss", MILL): 130_000,
    }


def test_what_nobody_limits_is_lost_and_no_loss() -> None:
    """Else who finds no more than two fifths at a stocktake would have used all of it."""
    world = World()
    for name, arrived, what in (("a", "99.5", "loss"), ("b", "99.499", "lost"), ("c", "40", "lost")):
        scrap = world.source("yard", name, "100", kind="collection", material="post_consumer_scrap")
        world.receive(world.ship("yard", "remelter", {scrap: "100"}), "recycler", {scrap: arrived})
        short = 100_000 - round(float(arrived) * 1000)
        assert by_kind(fates(world.store, scrap)) == {"stock": 100_000 - short, what: short}
    found = {"lot": scrap, "kg": "10"}
    count = {"type": "count", "party": PARTY + "remelter", "site": SITE + "recycler", "basis": "weighed"}
    world.post(count | {"lines": [found]})
    assert by_kind(fates(world.store, scrap)) == {"stock": 10_000, "lost": 90_000}


def test_there_must_be_such_a_lot_or_site() -> None:
    world = World()
    with pytest.raises(Malformed) as wrong:
        fates(world.store, LOT + "nobody:none")
    assert wrong.value.code == "claims.subject"


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_fates_sum_to_what_began(data: st.DataObject) -> None:
    world = World()
    world.hood()
    lots = {LOT + "roller:coil": 835_000, LOT + "stamper:offcut": 4_000}
    for n in range(data.draw(st.integers(1, 6))):
        coil = LOT + "roller:coil"
        grams = data.draw(st.integers(100, lots[coil] // 8))
        lots[coil] -= grams
        kg = f"{grams // 1000}.{grams % 1000:03}"
        made = grams * 4 // 5
        made_kg = f"{made // 1000}.{made % 1000:03}"
        (blank,) = world.transform("press", "blank", {coil: kg}, {f"b{n}": ("blank", made_kg)})
        if data.draw(st.booleans()):
            lines = [{"lot": blank, "kg": made_kg}]
            reason = data.draw(st.sampled_from(["sample", "lost", "disposed", "sold_outside"]))
            world.post({"type": "exit", "party": world.party("stamper"), "lines": lines, "reason": reason})
    for subject, grams in ((LOT + "roller:coil", 850_000), (LOT + "smelter:slab", 980_000), (PRESS, 850_000)):
        assert sum(one.grams for one in fates(world.store, subject)) == grams
