"""Mass-balance accounts: what was counted before is not counted again."""

import pytest

from ledger import proof
from ledger.proof import Horizon
from ledger.register import Key
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
