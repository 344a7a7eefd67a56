"""Building a proof: what goes in, what stays out, and what cannot be built."""

import json

import pytest

from ledger import prooffile, statement
from ledger.check.report import NOT_PROVABLE, PASS
from ledger.entry import decode
from ledger.errors import Malformed
from ledger.note import Checkpoint, format_checkpoint
from ledger.proof import build
from ledger.verify import check
from tests.check.busy import Busy
from tests.world import LOT, PARTY, World


def indices(data: bytes) -> list[int]:
    return [json.loads(text)["index"] for text in json.loads(data)["entries"]]


def types(data: bytes) -> list[str]:
    """What kinds of events a proof holds."""
    found = []
    for text in prooffile.decode(data).entries:
        payload = statement.parse(decode(text.encode()).statement).payload
        found.append(json.loads(payload)["type"])
    return found


def scraps(world: World, count: int) -> list[str]:
    """Single lots of a collector that nobody uses."""
    start = len(world.posted)
    return [world.scrap("yard", f"s{start + n}", "5") for n in range(count)]


def refusal(world: World, lot: str) -> tuple[str, str]:
    with pytest.raises(Malformed) as refused:
        build(world.store, lot)
    return refused.value.code, refused.value.detail


def test_nothing_is_proven_before_it_is_published() -> None:
    world = World()
    (scrap,) = scraps(world, 1)
    assert refusal(world, scrap) == ("proof.unpublished", "The ledger has published no checkpoint yet.")
    world.publish()
    assert indices(build(world.store, scrap))[-1] == world.store.head().size - 1
    (later,) = scraps(world, 1)
    assert refusal(world, later)[0] == "proof.unpublished"
    assert refusal(world, LOT + "nobody:1")[0] == "proof.subject"


def test_a_proof_grows_with_its_lot_and_not_with_the_ledger() -> None:
    world = World()
    hood = world.hood()
    world.publish()
    before = indices(build(world.store, hood))
    scraps(world, 300)
    world.publish()
    assert indices(build(world.store, hood)) == [*before[:-1], world.store.head().size - 1]


def test_what_touches_it_goes_in() -> None:
    world = World()
    hood = world.hood()
    of = {"party": PARTY + "roller", "id": next(e["id"] for e in world.posted if e.get("process") == "roll")}
    scraps(world, 5)
    world.correct(of, "dispute")
    world.attest(hood)
    world.attest(PARTY + "smelter")
    world.attest(world.attest(LOT + "roller:coil"))
    world.revoke_key(PARTY + "refiner")
    world.correct(of, "resolve")
    scraps(world, 5)
    world.publish()
    found = types(build(world.store, hood))
    assert [found.count(type) for type in ("correct", "attest", "revoke_key")] == [2, 4, 1]
    scrap = scraps(world, 1)[0]
    world.publish()
    found = types(build(world.store, scrap))
    assert not {"correct", "attest", "revoke_key", "transform"} & set(found)


def test_what_touches_it_after_the_checkpoint_stays_out() -> None:
    world = World()
    hood = world.hood()
    world.publish()
    before = build(world.store, hood)
    world.attest(hood)
    assert build(world.store, hood) == before


def test_entries_shown_for_earlier_checkpoints() -> None:
    world = World()
    hood = world.hood()
    scraps(world, 9)
    early = world.publish()
    scraps(world, 9)
    world.publish()
    plain = indices(build(world.store, hood))
    size = world.store.head().size
    assert indices(build(world.store, hood, seen=[early])) == sorted({*plain, size - 11})
    newer = format_checkpoint(Checkpoint(world.name, size + 5, bytes(32))) + "\n— x AAAAAAA=\n"
    empty = format_checkpoint(Checkpoint(world.name, 0, bytes(32))) + "\n— x AAAAAAA=\n"
    assert indices(build(world.store, hood, seen=[newer, empty])) == plain
    with pytest.raises(Malformed):
        build(world.store, hood, seen=["no note"])


def test_an_entry_that_only_shows_the_log_comes_with_its_correction() -> None:
    """Used in full, withdrawn, used again: with half of that, the subject would seem overdrawn."""
    world = World()
    (scrap,) = scraps(world, 1)
    world.transform("yard", "bale", {scrap: "5"}, {"wrong": ("post_consumer_scrap", "5")})
    wrong, early = world.last, world.checkpoint()  # not of a publisher: those end with a register event
    world.correct(wrong, "withdraw")
    (bale,) = world.transform("yard", "bale", {scrap: "5"}, {"right": ("post_consumer_scrap", "5")})
    world.publish()
    data = build(world.store, bale, seen=[early])
    assert types(data)[-4:] == ["transform", "correct", "transform", "register"]
    (found,) = check([data], world.trust, seen=[early]).proofs
    assert (found.verdict(2), found.verdict(6), found.verdict(7)) == (PASS, PASS, PASS)


# -- min_share


@pytest.fixture(scope="module")
def pile() -> tuple[World, str]:
    """A pile of 90 % from one bale and 10 % from another, each baled from scrap."""
    world = World()
    large = world.scrap("yard", "large", "90")
    small = world.scrap("yard", "small", "10")
    (main,) = world.transform("yard", "bale", {large: "90"}, {"main": ("post_consumer_scrap", "90")})
    (rest,) = world.transform("yard", "bale", {small: "10"}, {"rest": ("post_consumer_scrap", "10")})
    (pile,) = world.transform(
        "yard", "blend", {main: "90", rest: "10"}, {"pile": ("post_consumer_scrap", "100")}
    )
    world.publish()
    return world, pile


@pytest.mark.parametrize(
    ("min_share", "left_out", "rows"),
    [
        (1, set[str](), [("collection", 10_000)]),
        (100_000, set[str](), [("collection", 10_000)]),
        (100_001, {"small"}, [("collection", 9_000), ("unproven", 1_000)]),
        (900_001, {"small", "large"}, [("unproven", 9_000), ("unproven", 1_000)]),
    ],
)
def test_small_shares_may_be_left_out(
    pile: tuple[World, str], min_share: int, left_out: set[str], rows: list[tuple[str, int]]
) -> None:
    world, lot = pile
    whole, data = build(world.store, lot), build(world.store, lot, min_share=min_share)
    assert len(indices(whole)) - len(indices(data)) == len(left_out)
    (found,) = check([data], world.trust).proofs
    assert [(origin.split()[0], part.ppm // 100) for origin, _, part in found.origins] == rows
    verdict = NOT_PROVABLE if left_out else PASS
    assert [found.verdict(number) for number in (5, 6, 7, 9)] == [PASS, verdict, verdict, verdict]
    said = [finding for finding in found.findings if (finding.check, finding.code) == (7, "missing.ancestor")]
    assert len(said) == len(left_out)
    if left_out == {"small"}:
        assert "10.00 % of the mass" in said[0].sentence
        assert said[0].ids == (LOT + "collector:rest",)


def test_a_share_is_followed_through_parts() -> None:
    world = World()
    (scrap,) = [world.scrap("yard", "x", "100")]
    (bale,) = world.transform("yard", "bale", {scrap: "100"}, {"bale": ("post_consumer_scrap", "100")})
    world.site("recycler")
    parts = [world.lot(PARTY + "collector", f"p{n}") for n in range(2)]
    for part in parts:
        shipment = world.ship("yard", "remelter", {bale: "50"}, {bale: part.rpartition(":")[2]})
        world.receive(shipment, "recycler", {part: "50"})
    (both,) = world.transform(
        "recycler", "blend", dict.fromkeys(parts, "50"), {"both": ("post_consumer_scrap", "100")}
    )
    world.publish()
    assert indices(build(world.store, both, min_share=1_000_000)) == indices(build(world.store, both))


def test_inputs_without_origin_have_no_share() -> None:
    world = World()
    alumina = world.source("smelter", "alumina", "1930", kind="purchase", material="alumina")
    anode = world.source("smelter", "anode", "400", kind="addition", material="anode")
    (old,) = world.transform("smelter", "blend", {anode: "400"}, {"old": ("anode", "400")})
    (metal,) = world.transform(
        "smelter", "electrolysis", {alumina: "1930", old: "400"}, {"metal": ("liquid_aluminium", "1000")}
    )
    world.publish()
    data = build(world.store, metal, min_share=1)
    (found,) = check([data], world.trust).proofs
    assert len(indices(build(world.store, metal))) == len(indices(data)) + 1
    assert [origin for origin, _, _ in found.origins] == ["unknown purchase"]
    (of_anodes,) = [finding for finding in found.findings if LOT + "smelter:old" in finding.ids]
    assert (of_anodes.check, of_anodes.verdict) == (7, PASS)
    anodes = build(world.store, old, min_share=1_000_000)
    assert indices(anodes) == indices(build(world.store, old))


def test_a_cut_transform_is_followed_if_its_input_belongs_already() -> None:
    """The same pile gives the main share and, through a small heel, a little more: half a replay of the
    small one could contradict it."""
    world = World()
    pile = world.scrap("yard", "pile", "100")
    other = world.scrap("yard", "other", "100")
    (little,) = world.transform(
        "yard", "blend", {pile: "1", other: "1"}, {"little": ("post_consumer_scrap", "2")}
    )
    (main,) = world.transform(
        "yard", "blend", {pile: "98", little: "2"}, {"main": ("post_consumer_scrap", "100")}
    )
    world.publish()
    data = build(world.store, main, min_share=500_000)
    assert indices(data) == indices(build(world.store, main))


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(3))
def test_less_is_never_more(seed: int) -> None:
    """With ancestors left out nothing fails, and no known origin gains."""
    busy = Busy(seed, 60)
    world = busy.world
    world.publish()
    for lot, _ in busy.lots:
        (whole,) = check([build(world.store, lot)], world.trust).proofs
        shares = {origin: grams for origin, grams, _ in whole.origins}
        for min_share in (200_000, 1_000_000):
            (less,) = check([build(world.store, lot, min_share=min_share)], world.trust).proofs
            assert all(less.verdict(number) != "fail" for number in (1, 2, 3, 4, 5, 6, 7, 9))
            assert less.entries <= whole.entries
            for origin, grams, _ in less.origins:
                if not origin.startswith("unproven "):
                    assert grams <= shares[origin] + len(shares)


# -- limits


def test_a_proof_that_would_be_too_large_is_refused(
    pile: tuple[World, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, lot = pile
    monkeypatch.setattr("ledger.proof.closure.MAX_ENTRIES", 5)
    assert refusal(world, lot)[0] == "proof.size"
    monkeypatch.undo()
    monkeypatch.setattr("ledger.proof.published.MAX_BYTES", 5_000)
    assert refusal(world, lot)[0] == "proof.size"
    monkeypatch.undo()
    monkeypatch.setattr("ledger.proof.closure.MAX_BYTES", 5_000)  # before anything of it is made
    assert refusal(world, lot)[0] == "proof.size"
