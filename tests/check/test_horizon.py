"""Proofs that rest on the register's root beyond a horizon: by share, depth and date."""

import pytest

from ledger.check.report import CHECKS, FAIL, NOT_PROVABLE, PASS
from ledger.check.text import as_text
from ledger.errors import Malformed
from ledger.proof import SHORT, Horizon, build
from ledger.prooffile import decode
from ledger.quantity import parse_time
from ledger.trust import Trust
from ledger.verify import check
from tests.check.busy import Busy
from tests.check.resting import BEYOND, ROOT, bad, checked, rested
from tests.redteam.worlds import BAD
from tests.world import PARTY, World


@pytest.fixture(scope="module")
def hood() -> tuple[World, str]:
    world = World()
    lot = world.hood()
    world.publish()
    return world, lot


@pytest.mark.parametrize(
    ("text", "horizon"),
    [
        ("5%", Horizon(share=50_000)),
        ("0.5%", Horizon(share=5_000)),
        ("0.0001%", Horizon(share=1)),
        ("0%", Horizon(share=0)),
        ("99.9999%", Horizon(share=999_999)),
        ("0.05", Horizon(share=50_000)),
        ("0.000001", Horizon(share=1)),
        ("0", SHORT),
        ("4", Horizon(depth=4)),
        ("2026-03-01", Horizon(date=parse_time("2026-03-01T00:00:00Z"))),
    ],
)
def test_horizons_are_shares_depths_and_dates(text: str, horizon: Horizon) -> None:
    assert Horizon.parse(text) == horizon


@pytest.mark.parametrize(
    "text", ["", "5 %", "100%", "5.00001%", "1.0", "0.0000001", "-1", "04", "2026-02-30", "2026-3-1", "½"]
)
def test_anything_else_is_no_horizon(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        Horizon.parse(text)
    assert refused.value.code == "horizon.form"


@pytest.mark.parametrize("depth", range(9))
def test_a_horizon_by_depth(hood: tuple[World, str], depth: int) -> None:
    """The chain has seven births; what lies beyond rests on the root, and the verdict says so."""
    world, lot = hood
    full = checked(world, build(world.store, lot))
    data = build(world.store, lot, horizon=Horizon(depth=depth))
    found = checked(world, data)
    assert {number: found.verdict(number) for number in CHECKS} == dict.fromkeys(CHECKS, PASS)
    assert (found.origins, found.traces, found.grams) == (full.origins, full.traces, full.grams)
    names = ["hood", "blank", "coil", "slab", "metal", "alumina"]
    expected = {names[depth]} if depth < 6 else {"ore"} if depth == 6 else set()
    assert rested(found) == expected
    strict = check([data], world.trust)
    assert strict.verdict == ("not provable" if expected else "holds")
    assert bad(strict.proofs[0]) == ({(7, ROOT), BEYOND} if expected else set())
    report = check([data], world.trust, accept_root=True)
    assert report.verdict == "holds"
    accepted = "  check 7: rests.root accepted\n  check 8: standing.beyond accepted\n"
    assert (accepted in as_text(report)) == bool(expected)
    assert len(decode(data).entries) <= len(decode(build(world.store, lot)).entries)


@pytest.mark.parametrize(
    ("replays", "told"),
    [
        ("", "alone: no witness that replays the rules, by the trust file, has cosigned it."),
        ("replays w1\n", "and cosigned by w1, having replayed all entries."),
        ("replays w0 w1\n", "and cosigned by w0 and w1, having replayed all entries."),
    ],
)
def test_it_says_on_whom_the_root_rests(replays: str, told: str) -> None:
    world = World()
    lot = world.scrap("yard", "scrap", "9")
    names = ("one.example", "two.example")
    world.publish(*names)
    trust = Trust.parse(world.trust_text(names) + replays)
    (found,) = check([build(world.store, lot, horizon=SHORT)], trust).proofs
    (sentence,) = [finding.sentence for finding in found.findings if finding.code == ROOT]
    assert told in sentence


def test_a_horizon_by_share() -> None:
    world = World()
    large = world.scrap("yard", "large", "90")
    small = world.scrap("yard", "small", "10")
    (pile,) = world.transform(
        "yard", "blend", {large: "90", small: "10"}, {"pile": ("post_consumer_scrap", "100")}
    )
    world.publish()
    for share, expected in ((100_000, set()), (100_001, {"small"}), (900_001, {"small", "large"})):
        found = checked(world, build(world.store, pile, horizon=Horizon(share=share)))
        assert rested(found) == expected
        assert not bad(found)


def test_a_horizon_by_date() -> None:
    world = World()
    old = world.scrap("yard", "old", "50")
    world.tick(86_400)
    new = world.scrap("yard", "new", "50")
    (pile,) = world.transform(
        "yard", "blend", {old: "50", new: "50"}, {"pile": ("post_consumer_scrap", "100")}
    )
    world.publish()
    found = checked(world, build(world.store, pile, horizon=Horizon.parse("2026-03-03")))
    assert rested(found) == {"old"}
    assert not bad(found)


def test_a_cut_lot_that_was_sold_after_its_use_is_followed_after_all() -> None:
    """Its records are of later on: they cannot stand for what the use rests on."""
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    (bale,) = world.transform("yard", "bale", {scrap: "50"}, {"bale": ("post_consumer_scrap", "49")})
    line = {"lot": scrap, "kg": "50"}
    world.post(
        {"type": "transfer", "party": PARTY + "collector", "lines": [line], "to": world.party("trader")}
    )
    world.publish()
    data = build(world.store, bale, horizon=Horizon(depth=1))
    found = checked(world, data, accept_root=False)
    assert rested(found) == set()
    assert not bad(found)
    assert decode(data).register is not None
    # The sale came after the use: it is told by its number only.
    assert decode(data).register.moves == {scrap: (world.store.head().size - 2,)}  # type: ignore[union-attr]


def test_so_is_one_that_was_sold_after_a_part_was_split_from_it() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    shipment = world.ship("yard", "remelter", {scrap: "40"}, {scrap: "part"})
    part = world.lot(PARTY + "collector", "part")
    line = {"lot": scrap, "kg": "60"}
    world.post(
        {"type": "transfer", "party": PARTY + "collector", "lines": [line], "to": world.party("trader")}
    )
    world.site("recycler")
    world.receive(shipment, "recycler", {part: "40"})
    (ingot,) = world.transform("recycler", "remelt", {part: "40"}, {"ingot": ("remelt_ingot", "36")})
    world.publish()
    for lot, depth in ((part, 1), (ingot, 2)):
        found = checked(world, build(world.store, lot, horizon=Horizon(depth=depth)))
        assert not bad(found)
        assert rested(found) == set()
    assert rested(checked(world, build(world.store, ingot, horizon=Horizon(depth=1)))) == {"part"}


def test_so_is_one_whose_birth_is_there_all_the_same() -> None:
    """Two parts on one truck: one is an input of the last step, the other of the step before."""
    world = World()
    one, two = (world.scrap("yard", name, "100") for name in ("one", "two"))
    shipment = world.ship("yard", "remelter", {one: "40", two: "40"}, {one: "p1", two: "p2"})
    first, second = (world.lot(PARTY + "collector", name) for name in ("p1", "p2"))
    world.site("recycler")
    world.receive(shipment, "recycler", {first: "40", second: "40"})
    (bale,) = world.transform("recycler", "bale", {first: "40"}, {"bale": ("post_consumer_scrap", "39")})
    (ingot,) = world.transform(
        "recycler", "remelt", {bale: "39", second: "40"}, {"ingot": ("remelt_ingot", "75")}
    )
    world.publish()
    found = checked(world, build(world.store, ingot, horizon=Horizon(depth=2)))
    assert not bad(found)
    assert rested(found) == {"two"}


def test_a_cut_ancestor_on_the_same_truck_as_a_part_that_is_followed() -> None:
    """Its line is passed over: its record stands for it, from the end of that journey on."""
    world = World()
    one, two = (world.scrap("yard", name, "100") for name in ("one", "two"))
    shipment = world.ship("yard", "remelter", {one: "100", two: "40"}, {two: "part"})
    part = world.lot(PARTY + "collector", "part")
    world.site("recycler")
    world.receive(shipment, "recycler", {one: "100", part: "40"})
    (bale,) = world.transform("recycler", "bale", {one: "100"}, {"bale": ("post_consumer_scrap", "99")})
    (ingot,) = world.transform(
        "recycler", "remelt", {bale: "99", part: "40"}, {"ingot": ("remelt_ingot", "130")}
    )
    world.publish()
    found = checked(world, build(world.store, ingot, horizon=Horizon(depth=2)))
    assert not bad(found)
    assert rested(found) == {"one", "two"}


def test_what_moved_an_ancestor_later_on_is_told_by_number() -> None:
    """Sold, sold back by a withdrawal, sold again: of all that the proof of the bale holds nothing."""
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    (bale,) = world.transform("yard", "bale", {scrap: "50"}, {"bale": ("post_consumer_scrap", "49")})
    trader, size = world.party("trader"), world.store.head().size
    line = {"lot": scrap, "kg": "50"}
    sale = {"type": "transfer", "party": PARTY + "collector", "lines": [line], "to": trader}
    world.post(sale)
    world.correct(world.last, "withdraw")
    world.post(sale)
    world.post({"type": "receive", "party": trader, "of": world.last, "lines": [line]})
    world.correct(world.last, "dispute")
    world.publish()
    data = build(world.store, bale)
    assert decode(data).register.moves == {scrap: tuple(range(size, size + 4))}  # type: ignore[union-attr]
    assert not bad(checked(world, data, accept_root=False))
    part = world.lot(PARTY + "collector", "scrap")
    assert decode(build(world.store, part)).register.moves == {}  # type: ignore[union-attr]


def test_what_moved_another_lot_that_was_sold_with_it_is_not_told() -> None:
    """The sale of all three rests on where the other two were: on a withdrawal and on a way out and back."""
    world = World()
    scrap, second, third = (world.scrap("yard", name, "100") for name in ("scrap", "second", "third"))
    (bale,) = world.transform("yard", "bale", {scrap: "50"}, {"bale": ("post_consumer_scrap", "49")})
    trader, rows = world.party("trader"), {scrap: "50", second: "100", third: "100"}
    lines = [{"lot": lot, "kg": kg} for lot, kg in rows.items()]
    sale = {"type": "transfer", "party": PARTY + "collector", "to": trader}
    world.post(sale | {"lines": lines[1:2]})
    world.correct(world.last, "withdraw")
    world.hand_over("yard", "yard", {third: "100"})
    size = world.store.head().size
    world.post(sale | {"lines": lines})
    world.publish()
    data = build(world.store, bale)
    assert decode(data).register.moves == {scrap: (size,)}  # type: ignore[union-attr]
    assert not bad(checked(world, data, accept_root=False))


def test_the_shortest_way_to_an_ancestor_is_its_depth() -> None:
    world = World()
    scrap = world.scrap("recycler", "scrap", "100")
    (bale,) = world.transform("recycler", "bale", {scrap: "50"}, {"bale": ("post_consumer_scrap", "49")})
    (ingot,) = world.transform("recycler", "remelt", {bale: "49", scrap: "50"}, {"i": ("remelt_ingot", "90")})
    world.publish()
    for depth, names in ((1, {"scrap", "bale"}), (2, set())):
        found = checked(world, build(world.store, ingot, horizon=Horizon(depth=depth)))
        assert not bad(found)
        assert rested(found) == names


def test_a_whole_lot_that_is_shipped_beyond_the_horizon() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    world.hand_over("yard", "recycler", {scrap: "100"})
    (ingot,) = world.transform("recycler", "remelt", {scrap: "100"}, {"ingot": ("remelt_ingot", "90")})
    world.hand_over("recycler", "mill", {ingot: "90"})
    world.publish()
    found = checked(world, build(world.store, ingot, horizon=Horizon(depth=1)))
    assert rested(found) == {"scrap"}
    assert not bad(found)
    assert "1 hand-over both sides" in " ".join(f.sentence for f in found.findings if f.check == 7)


def test_all_of_a_receipt_that_marked_itself_is_followed_beyond_the_horizon() -> None:
    """Which of its lots was short, and whether that is resolved, only all of its lines can say."""
    world = World()
    lots = [world.scrap("yard", name, "100") for name in ("scrap", "other")]
    world.site("recycler")
    shipment = world.ship("yard", "remelter", dict.fromkeys(lots, "100"))
    receipt = world.receive(shipment, "recycler", {lots[0]: "100", lots[1]: "90"})
    world.publish()
    assert bad(checked(world, build(world.store, lots[0]))) == {(8, "standing.difference")}
    (ingot,) = world.transform(
        "recycler", "remelt", {lots[0]: "100", lots[1]: "1"}, {"ingot": ("remelt_ingot", "90")}
    )
    world.publish()
    proofs = [None, Horizon(share=100_000), Horizon(share=999_999)]
    for horizon in proofs:
        found = checked(world, build(world.store, ingot, horizon=horizon))
        expected = set() if horizon == proofs[-1] else {(8, "standing.difference")}
        assert bad(found) == expected
    world.correct(receipt, "resolve", PARTY + "collector")
    world.publish()
    for horizon in proofs:
        assert not bad(checked(world, build(world.store, ingot, horizon=horizon)))


def test_a_correction_beyond_the_horizon_is_its_limit() -> None:
    """Said of what is not replayed, it does not show, unless of the birth of what is cut."""
    made = BAD["disputed"]()
    verdicts = {}
    for depth in range(5):
        found = checked(made.world, build(made.world.store, made.lot, horizon=Horizon(depth=depth)))
        verdicts[depth] = found.verdict(8)
    assert verdicts == {0: PASS, 1: PASS, 2: FAIL, 3: FAIL, 4: FAIL}


def test_the_holder_chooses_the_horizon_and_who_accepts_it_is_told() -> None:
    """An earlier hand-over of the subject is disputed, or its key was stolen: behind a short proof."""
    world = World()
    lot = world.hood()
    world.hand_over("press", "plant", {lot: "8"})
    receipt = world.last
    world.hand_over("plant", "yard", {lot: "8"})
    world.correct(receipt, "dispute")
    stolen = World()
    stolen.hood()
    stolen.revoke_key(PARTY + "stamper", since="2026-03-02T06:00:00Z")
    for made, code in ((world, "standing.disputed"), (stolen, "standing.suspect")):
        made.publish()
        assert (8, code) in bad(checked(made, build(made.store, lot)))
        short = build(made.store, lot, horizon=SHORT)
        assert bad(checked(made, short, accept_root=False)) == {(7, ROOT), BEYOND}
        found = checked(made, short)
        assert found.claims is not None
        assert "standing" in found.claims.unshown, "no policy that asks for disputes passes"


@pytest.mark.parametrize("action", ["dispute", "amend"])
def test_only_what_is_open_against_a_cut_lots_birth_counts(action: str) -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    world.correct(world.last, action)
    world.publish()
    found = checked(world, build(world.store, scrap, horizon=SHORT))
    assert bad(found) == ({(8, "standing.disputed")} if action == "dispute" else set())


def test_an_attestation_of_what_is_cut_is_not_missed() -> None:
    made = BAD["suspended_ancestor"]()
    found = checked(made.world, build(made.world.store, made.lot, horizon=Horizon(depth=2)))
    assert not bad(found)


def test_a_part_and_its_pile() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    shipment = world.ship("yard", "remelter", {scrap: "40"}, {scrap: "part"})
    part = world.lot(PARTY + "collector", "part")
    world.site("recycler")
    world.receive(shipment, "recycler", {part: "40"})
    world.publish()
    for depth in range(3):
        data = build(world.store, part, horizon=Horizon(depth=depth))
        found = checked(world, data)
        assert not bad(found)
        assert rested(found) == [{"part"}, {"scrap"}, set()][depth]


def test_what_carries_no_origin_is_cut_too() -> None:
    world = World()
    alumina = world.source("smelter", "alumina", "1930", kind="purchase", material="alumina")
    anode = world.source("smelter", "anode", "400", kind="addition", material="anode")
    (metal,) = world.transform(
        "smelter", "electrolysis", {alumina: "1930", anode: "400"}, {"metal": ("liquid_aluminium", "1000")}
    )
    world.publish()
    found = checked(world, build(world.store, metal, horizon=Horizon(share=500_000)))
    assert rested(found) == {"anode"}
    assert bad(found) == {(7, "chain.partly"), (7, "missing.origin")}


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(4))
def test_a_horizon_shows_of_a_busy_ledger_nothing_but_the_truth(seed: int) -> None:
    """Whatever is cut: what is shown is what the whole proof shows, and nothing honest contradicts itself."""
    busy = Busy(seed, 60)
    world = busy.world
    world.publish()
    for lot, _ in busy.lots:
        full = checked(world, build(world.store, lot))
        for horizon in (Horizon(depth=1), Horizon(depth=3), Horizon(share=300_000), SHORT):
            for min_share in (0, 300_000) if horizon is not SHORT else (0,):
                data = build(world.store, lot, horizon=horizon, min_share=min_share)
                found = checked(world, data)
                assert found.grams == full.grams
                assert FAIL not in {found.verdict(number) for number in CHECKS if number != 8}, bad(found)
                assert not {code for _, code in bad(found)} & {"register.contradicted", "standing.not_shown"}
                if not min_share:
                    assert (found.origins, found.traces) == (full.origins, full.traces)
                if full.verdict(8) == PASS:
                    assert found.verdict(8) == PASS, bad(found)
                strict = checked(world, data, accept_root=False)
                if rested(found):
                    assert strict.verdict(7) == NOT_PROVABLE


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(3))
def test_proofs_with_and_without_a_horizon_hold_together(seed: int) -> None:
    busy = Busy(seed, 50)
    world = busy.world
    world.publish()
    lots = [lot for lot, _ in busy.lots]
    for one, two in zip(lots[-6:], lots[-5:], strict=False):
        for horizon in (Horizon(depth=1), SHORT):
            for other in (None, horizon):
                files = [build(world.store, one, horizon=horizon), build(world.store, two, horizon=other)]
                assert check(files, world.trust).together == ()
