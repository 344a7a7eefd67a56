"""The accounts and agreements that a lot's way names: all of them, and no others."""

from typing import Any

from ledger import proof, verify
from ledger.audit import audit
from ledger.claiming import Claiming, claims
from ledger.claiming.memo import Kept, encode, stamp
from ledger.claiming.ways import NONE, Ways, join
from ledger.claims.document import Claims
from ledger.claims.method import DEFAULT
from tests.claiming.test_proof import same
from tests.core.books import COLLECTOR, MILL, ROLLER, SMELTER, Books, book
from tests.world import PARTY, SITE, World

TERMS: dict[str, Any] = {
    "material": "rolling_slab",
    "years": [{"year": 2026, "kg": "5000"}],
    "destination": MILL,
    "exclusive": True,
}


def of_proof(world: World, lot: str) -> Claims:
    (checked,) = verify.check([proof.build(world.store, lot)], world.trust).proofs
    assert checked.claims is not None
    return checked.claims


def test_ways_are_joined() -> None:
    one, other = Ways(("b",), ("x y",)), Ways(("a", "b"), ())
    assert join([]) == join([NONE, NONE]) == NONE
    assert join([one, NONE]) == one
    assert join([one, other]) == Ways(("a", "b"), ("x y",))


def test_accounts_on_the_way_of_a_part_that_was_sold_as_certified() -> None:
    books = Books()
    books.open(COLLECTOR)
    books.open()
    bought = books.bought("10")
    made = books.made({books.sold("300"): "300"}, "290")
    shipment = books.ship("smelter", "roller", {made: "100"}, {made: "part"}, coc=books.document())
    part = books.lot(SMELTER, "part")
    books.receive(shipment, "mill", {part: "100"})
    books.publish()
    found = claims(books.store, part)
    assert [one.id for one in found.accounts] == [book(COLLECTOR), book(SMELTER)]
    assert [(one.certified_in, one.issued) for one in found.accounts] == [
        (300_000, 300_000),
        (300_000, 100_000),
    ]
    assert [paper.document for paper in found.coc] == ["COC-1"]
    assert claims(books.store, bought).accounts == ()
    for lot in (part, made, bought):
        same(of_proof(books, lot), claims(books.store, lot))
    assert audit(books.store).ok


def test_an_agreement_follows_the_metal_and_not_what_travels_beside_it() -> None:
    world = World()
    for party in ("smelter", "roller"):
        world.party(party)
    world.site("mill")
    slab = world.source("smelter", "slab", "1000", "purchase", "rolling_slab")
    other = world.source("smelter", "other", "500", "purchase", "rolling_slab")
    world.post({"type": "agree", "party": SMELTER, "with": ROLLER, "terms": TERMS})
    offer = world.last
    world.post({"type": "agree", "party": ROLLER, "with": SMELTER, "terms": TERMS, "of": offer})
    mistaken = world.ship("smelter", "roller", {slab: "1000"})
    world.correct(mistaken, "withdraw")
    world.receive(world.ship("smelter", "roller", {slab: "1000"}, agreement=offer), "mill", {slab: "1000"})
    world.receive(world.ship("smelter", "roller", {other: "500"}), "mill", {other: "500"})
    (coil,) = world.transform("mill", "roll", {slab: "1000"}, {"coil": ("coil", "900")})
    (plain,) = world.transform("mill", "roll", {other: "500"}, {"plain": ("coil", "450")})
    world.site("press")
    world.hand_over("mill", "press", {coil: "900"})
    (blank,) = world.transform("press", "blank", {coil: "90"}, {"blank": ("blank", "70")})
    world.publish()
    for lot in (slab, coil, blank):
        (found,) = claims(world.store, lot).agreements
        assert (found.event.id, found.party, found.other) == (offer["id"], SMELTER, ROLLER)
        assert (found.accepted, found.exclusive_to, found.material) == (True, SITE + "mill", "rolling_slab")
        same(of_proof(world, lot), claims(world.store, lot))
    for lot in (other, plain):
        assert claims(world.store, lot).agreements == ()
    assert audit(world.store).ok
    kept = Claiming(world.store)._memo.kept([blank])[blank]
    world.store.keep_accounts({blank: encode(Kept(kept.account, NONE), stamp(DEFAULT))})
    (difference,) = audit(world.store).differences
    assert (difference.code, difference.path) == ("audit.account", f"$.accounts[{blank}].agreements")


def test_a_sale_of_the_lot_itself_under_an_agreement() -> None:
    world = World()
    for party in ("smelter", "roller"):
        world.party(party)
    world.site("mill")
    slab = world.source("smelter", "slab", "1000", "purchase", "rolling_slab")
    world.post({"type": "agree", "party": SMELTER, "with": ROLLER, "terms": TERMS})
    offer = world.last
    world.post({"type": "agree", "party": ROLLER, "with": SMELTER, "terms": TERMS, "of": offer})
    lines = [{"lot": slab, "kg": "1000"}]
    world.post(
        {"type": "transfer", "party": SMELTER, "to": PARTY + "roller", "lines": lines, "agreement": offer}
    )
    assert [one.event.id for one in claims(world.store, slab).agreements] == [offer["id"]]
