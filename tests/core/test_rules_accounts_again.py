"""Mass-balance accounts: what was counted before is not counted again."""

from typing import NamedTuple

import pytest

from ledger import proof
from ledger.proof import Horizon
from ledger.register import Key
from ledger.rules import accounts
from ledger.rules.accounts import DEEP
from ledger.verify import check
from tests.core.books import COLLECTOR, SCRAP, SMELTER, Books, book
from tests.world import SITE


@pytest.fixture
def world() -> Books:
    """Yard and works with an account each."""
    return Books.opened()


def turned(world: Books, lot: str, kg: str) -> str:
    """What is counted of metal that is put into a bin and taken out."""
    before = world.sums()
    world.made({lot: kg}, kg, process="bin")
    return "".join(f"{after - old} " for after, old in zip(world.sums(), before, strict=True)).strip()


def returned(world: Books, lot: str, kg: str, times: int = 1) -> str:
    """A part of it that goes to the works and comes from there, so many times."""
    for _ in range(times):
        part = world.new(SMELTER)
        line = {"lot": lot, "kg": kg, "as": part}
        shipment = {"type": "ship", "party": SMELTER, "site": SITE + "smelter", "to": SMELTER}
        world.post(shipment | {"lines": [line]})
        world.receive(world.last, "smelter", {part: kg})
        lot = part
    return lot


def test_what_was_bought_counts_once(world: Books) -> None:
    lot = world.made({world.bought("100"): "100"}, "98")
    assert world.sums() == (0, 100, 98, 0)
    assert turned(world, lot, "98") == "0 0 0 0"


def test_a_loss_counts_each_time(world: Books) -> None:
    lot = world.made({world.bought("100"): "100"}, "98")
    world.made({lot: "98"}, "95")
    assert world.sums() == (0, 103, 98, 0)
    world.made({world.bought("50"): "50", world.made({world.bought("50"): "50"}, "50"): "50"}, "97")
    assert world.sums() == (0, 103 + 100, 98 + 50 + 47, 0)


def test_what_was_split_off_it_is_the_same_metal(world: Books) -> None:
    lot = world.made({world.bought("100"): "100"}, "100")
    assert turned(world, returned(world, lot, "30", 3), "30") == "0 0 0 0"
    assert turned(world, returned(world, world.bought("40"), "30", 3), "30") == "0 30 30 0", "not counted yet"


def test_what_was_split_very_often_counts_as_made_before(world: Books) -> None:
    assert turned(world, returned(world, world.bought("40"), "30", DEEP - 1), "30") == "0 30 30 0"
    assert turned(world, returned(world, world.bought("40"), "30", DEEP), "30") == "0 0 0 0"


def test_what_was_made_where_no_account_is_kept_was_made_before(world: Books) -> None:
    world.site("depot", "smelter", "warehouse")
    bought = world.source("depot", "bought", "60", "purchase", SCRAP)
    (binned,) = world.transform("depot", "bin", {bought: "60"}, {"binned": (SCRAP, "60")})
    world.hand_over("depot", "smelter", {binned: "60"})
    assert turned(world, binned, "60") == "0 0 0 0"


def test_what_another_has_made_comes_in(world: Books) -> None:
    found = world.source("mill", "s", "60", "gain", SCRAP)
    (lot,) = world.transform("mill", "bale", {found: "60"}, {"b": (SCRAP, "60")})
    world.hand_over("mill", "smelter", {lot: "60"})
    assert turned(world, lot, "60") == "0 60 60 0"


def test_what_is_not_of_the_accounts_class_comes_in(world: Books) -> None:
    world.site("works-2", "smelter", "casthouse")
    works = [SITE + "works-2"]
    account = world.open(account=book(SMELTER, "melt"), sites=works, materials=["remelt_ingot"])
    bought = world.source("works-2", "s", "60", "gain", SCRAP)
    (baled,) = world.transform("works-2", "bale", {bought: "60"}, {"b": (SCRAP, "60")})
    world.transform("works-2", "remelt", {baled: "60"}, {"i": ("remelt_ingot", "54")}, account=account)
    (record,) = world.store.read([Key("account", account)]).values()
    assert (record.value.total_in, record.value.total_out) == (60_000, 54_000)


class Caster(NamedTuple):
    """A casthouse of the smelter's, with an account of slabs."""

    world: Books
    account: str

    @classmethod
    def opened(cls, world: Books) -> "Caster":
        world.site("works-2", "smelter", "casthouse")
        sites = [SITE + "works-2"]
        return cls(world, world.open(account=book(SMELTER, "slabs"), sites=sites, materials=["rolling_slab"]))

    def bought(self, id: str, kg: str, material: str = "liquid_aluminium") -> str:
        return self.world.source("works-2", id, kg, "gain", material)

    def cast(self, inputs: dict[str, str], id: str, material: str, kg: str) -> str:
        """Without a loss; slabs are booked."""
        booked = {"account": self.account} if material == "rolling_slab" else {}
        (lot,) = self.world.transform("works-2", "cast", inputs, {id: (material, kg)}, **booked)
        return lot

    def sums(self) -> tuple[int, int]:
        (record,) = self.world.store.read([Key("account", self.account)]).values()
        return record.value.total_in, record.value.total_out


def test_what_was_of_another_class_in_between_counts_once(world: Books) -> None:
    """Else slabs that are cast to billets, and these to slabs, would better the yield each time."""
    caster = Caster.opened(world)
    slab = caster.cast({caster.bought("a", "100"): "100"}, "s0", "rolling_slab", "95")
    assert caster.sums() == (100_000, 95_000)
    for n in range(3):
        billet = caster.cast({slab: "95"}, f"b{n}", "billet", "95")
        rod = caster.cast({billet: "95"}, f"r{n}", "rod", "95")
        slab = caster.cast({rod: "95"}, f"s{n + 1}", "rolling_slab", "95")
        assert caster.sums() == (100_000, 95_000)


def test_of_what_is_joined_its_part_by_mass_was_made_before(world: Books) -> None:
    caster = Caster.opened(world)
    slab = caster.cast({caster.bought("a", "30"): "30"}, "s", "rolling_slab", "30")
    other = caster.bought("o", "10", "rolling_slab")
    billet = caster.cast({slab: "30", caster.bought("b", "60"): "60", other: "10"}, "m", "billet", "100")
    caster.cast({billet: "50"}, "t", "rolling_slab", "50")
    assert caster.sums() == (30_000 + 50_000 - 15_000, 30_000 + 50_000 - 15_000)


def test_what_another_has_made_of_ones_slabs_comes_in(world: Books) -> None:
    caster = Caster.opened(world)
    slab = caster.cast({caster.bought("a", "30"): "30"}, "s", "rolling_slab", "30")
    world.site("mill-2", "roller", "casthouse")
    world.hand_over("works-2", "mill-2", {slab: "30"})
    (billet,) = world.transform("mill-2", "cast", {slab: "30"}, {"b": ("billet", "30")})
    world.hand_over("mill-2", "works-2", {billet: "30"})
    caster.cast({billet: "30"}, "t", "rolling_slab", "30")
    assert caster.sums() == (60_000, 60_000)


def test_what_was_cast_very_often_counts_as_made_before(world: Books) -> None:
    caster = Caster.opened(world)
    lot = caster.bought("a", "100")
    for n in range(DEEP):
        lot = caster.cast({lot: "100"}, f"b{n}", "billet", "100")
        if n == DEEP - 2:
            caster.cast({lot: "40"}, "t", "rolling_slab", "40")
            assert caster.sums() == (40_000, 40_000)
            lot = caster.cast({lot: "60"}, "c", "billet", "60")
            break
    caster.cast({lot: "60"}, "u", "rolling_slab", "60")
    assert caster.sums() == (40_000, 40_000)


def test_and_so_does_what_was_made_of_very_many_lots(world: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "WIDE", 3)
    caster = Caster.opened(world)

    def joined(lots: str) -> str:
        return caster.cast(
            {caster.bought(one, "1"): "1" for one in lots}, f"j{lots}", "billet", str(len(lots))
        )

    caster.cast({joined("abc"): "3"}, "s", "rolling_slab", "3")
    assert caster.sums() == (3_000, 3_000)
    caster.cast({joined("defg"): "4"}, "t", "rolling_slab", "4")
    assert caster.sums() == (3_000, 3_000)
    caster.cast({joined("hi"): "2", joined("jk"): "2"}, "u", "rolling_slab", "4")
    assert caster.sums() == (5_000, 5_000)


def test_what_was_booked_where_it_was_collected_counts_once(world: Books) -> None:
    baled = {"party": COLLECTOR, "site": SITE + "yard", "account": book(COLLECTOR), "process": "bale"}
    for account, sums in ((book(COLLECTOR), (60, 61, 60, 0)), (None, (60, 121, 119, 0))):
        event = world.blend({world.collect("60", account=account): "60"}, "59", **baled)
        event["outputs"][0]["lot"] = world.new(COLLECTOR)
        world.post(event)
        assert world.sums(COLLECTOR) == sums


def test_what_was_sold_as_certified_is_a_credit_and_counts(world: Books) -> None:
    lot = world.made({world.sold("40"): "40", world.bought("60"): "60"}, "100")
    assert world.sums() == (40, 100, 100, 0)
    part = world.new(SMELTER)
    shipment = {"type": "ship", "party": SMELTER, "site": SITE + "smelter", "to": SMELTER}
    line = {"lot": lot, "kg": "38", "as": part}
    world.post(shipment | {"lines": [line], "coc": world.document()})
    world.receive(world.last, "smelter", {part: "38"})
    assert turned(world, part, "38") == "38 38 38 0"


def test_a_heel_that_is_left_out_is_not_left_out_twice(world: Books) -> None:
    world.site("works-2", "smelter", "casthouse")
    metal = "liquid_aluminium"
    account = world.open(account=book(SMELTER, "melt"), sites=[SITE + "works-2"], materials=[metal])
    bought = world.source("works-2", "s", "300", "gain", metal)

    def melt(inputs: dict[str, str], heel: str, kg: str) -> tuple[int, int]:
        lots = world.transform(
            "works-2",
            "cast",
            inputs,
            {
                f"heel-{len(inputs)}-{kg}": {"material": metal, "kg": heel, "role": "heel"},
                f"m-{len(inputs)}-{kg}": (metal, kg),
            },
            account=account,
        )
        heels.append(lots[0])
        (record,) = world.store.read([Key("account", account)]).values()
        return record.value.total_in, record.value.total_out

    heels: list[str] = []
    assert melt({bought: "100"}, "40", "60") == (100_000, 100_000)
    assert melt({bought: "100", heels[0]: "40"}, "40", "99") == (200_000, 199_000)
    assert melt({heels[1]: "40"}, "1", "38") == (201_000, 199_000), "drained: all of it was counted"


def test_what_bears_no_origin_was_never_counted(world: Books) -> None:
    """Anodes that are put into a bin and burnt: only the alumina went in."""
    world.site("pots", "smelter", "smelter")
    metal = ["anode", "liquid_aluminium"]
    account = world.open(account=book(SMELTER, "pots"), sites=[SITE + "pots"], materials=metal)
    alumina = world.source("pots", "alumina", "200", "gain", "alumina")
    bought = world.source("pots", "bought", "40", "gain", "anode")
    (anodes,) = world.transform("pots", "bin", {bought: "40"}, {"binned": ("anode", "40")})
    charge = {alumina: "200", anodes: "40"}
    world.transform("pots", "electrolysis", charge, {"m": ("liquid_aluminium", "100")}, account=account)
    (record,) = world.store.read([Key("account", account)]).values()
    assert (record.value.total_in, record.value.total_out) == (200_000, 100_000)


def test_behind_a_horizon_nothing_is_known_to_be_made_before(world: Books) -> None:
    """A proof's own account is the register's, whatever the replay comes to."""
    lot = world.made({world.bought("100"): "100"}, "98")
    again = world.made({lot: "98"}, "98", process="bin")
    world.publish()
    for horizon in (None, Horizon.parse("1")):
        data = proof.build(world.store, again, horizon=horizon)
        (report,) = check([data], world.trust, accept_root=True).proofs
        codes = {one.code for one in report.findings if one.verdict == "fail"}
        assert not codes
        assert report.claims is not None
        assert [one.total_in for one in report.claims.accounts] in ([100_000], [])


def test_a_heel_that_was_booked_counts_once_whatever_its_class(world: Books) -> None:
    """Else a furnace that is drained into itself would better the yield each time."""
    caster = Caster.opened(world)
    lot, kg = caster.bought("a", "100"), 100
    for n in range(3):
        kg -= 1
        heel = {"material": "liquid_aluminium", "kg": str(kg), "role": "heel"}
        outputs = {f"h{n}": heel, f"s{n}": ("rolling_slab", "1")}
        lots = world.transform("works-2", "cast", {lot: str(kg + 1)}, outputs, account=caster.account)
        lot = lots[0]
        assert caster.sums() == (100_000, 100_000)
    caster.cast({lot: str(kg)}, "end", "rolling_slab", "95")
    assert caster.sums() == (102_000, 100_000)


def test_nor_is_what_was_of_another_class_before_it(world: Books) -> None:
    caster = Caster.opened(world)
    lot = caster.cast({caster.bought("a", "30"): "30"}, "s0", "rolling_slab", "30")
    for n in range(3):
        billet = caster.cast({lot: "30"}, f"b{n}", "billet", "30")
        lot = caster.cast({billet: "30"}, f"s{n + 1}", "rolling_slab", "30")
    world.publish()
    for horizon in (None, *map(Horizon.parse, "123")):
        data = proof.build(world.store, lot, horizon=horizon)
        (report,) = check([data], world.trust, accept_root=True).proofs
        assert not {one.code for one in report.findings if one.verdict == "fail"}
        assert report.claims is not None
        assert [one.total_in for one in report.claims.accounts] in ([30_000], [])
