"""Worlds to attack: in each, something about the subject is bad, and an honest proof says so.

Each is a ledger, published, and the lot whose proof somebody would like to have hold.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.proof import build
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, event_ref, private_key


class Made(NamedTuple):
    """``older``: honest proofs of the lot from earlier checkpoints."""

    world: World
    lot: str
    older: list[bytes]


def _scrap(world: World, name: str, kg: str = "100") -> str:
    return world.scrap("yard", name, kg)


def _posted(world: World, member: str, value: object) -> dict[str, str]:
    return event_ref(next(event for event in world.posted if event.get(member) == value))


def _end(world: World, lot: str, *older: bytes) -> Made:
    """Others go on; the last checkpoint comes after that."""
    world.scrap("yard", "end", "5")
    world.publish()
    return Made(world, lot, list(older))


def _hood(spoil: Callable[[World, str], Any]) -> Made:
    world = World()
    lot = world.hood()
    world.publish()
    older = build(world.store, lot)
    spoil(world, lot)
    return _end(world, lot, older)


def disputed() -> Made:
    """The rolling of the coil is disputed."""
    return _hood(lambda world, lot: world.correct(_posted(world, "process", "roll"), "dispute"))


def disputed_twice() -> Made:
    """Of two disputes the first alone is resolved."""

    def spoil(world: World, lot: str) -> None:
        of = _posted(world, "process", "cast")
        world.correct(of, "dispute")
        world.correct(of, "resolve")
        world.correct(of, "dispute")

    return _hood(spoil)


def disputed_registration() -> Made:
    """The smelter's site is disputed."""
    return _hood(
        lambda world, lot: world.correct(_posted(world, "subject", SITE + "smelter"), "dispute", REGISTRAR)
    )


def withdrawn() -> Made:
    """The part's own birth is withdrawn."""
    return _hood(lambda world, lot: world.correct(_posted(world, "process", "stamp"), "withdraw"))


def revoked() -> Made:
    """The mill's key was stolen before it signed."""
    world = World()
    since = world.time
    world.tick(3_600)
    lot = world.hood()
    world.publish()
    world.revoke_key(PARTY + "roller", since=since)
    return _end(world, lot)


def revoked_child() -> Made:
    """The mill's key was added by one that had been stolen."""
    world = World()
    party = world.party("roller")
    world.site("mill")
    since = world.time
    world.tick(3_600)
    first, second = world.keys[party], private_key("roller 2")
    world.post(world.key_event(party, second) | {"party": party})
    world.keys[party] = second
    lot = world.hood()
    world.keys[party] = first
    world.revoke_key(party, since=since)
    return _end(world, lot)


def _suspended(subject: Callable[[World, str], Any]) -> Made:
    def spoil(world: World, lot: str) -> None:
        certificate = world.attest(subject(world, lot))
        event = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": certificate}
        world.post(event | {"status": "suspended", "since": world.time, "reason": "no audit"})

    return _hood(spoil)


def suspended_site() -> Made:
    """The smelter's certificate is suspended."""
    return _suspended(lambda world, lot: SITE + "smelter")


def suspended_ancestor() -> Made:
    """The slab's certificate is suspended."""
    return _suspended(lambda world, lot: LOT + "smelter:slab")


def suspended_event() -> Made:
    """The certificate on the refining is suspended."""
    return _suspended(lambda world, lot: _posted(world, "process", "refine"))


def lapsed() -> Made:
    """A certificate that was suspended from the first."""
    return _hood(lambda world, lot: world.attest(PARTY + "miner", status="suspended"))


def difference() -> Made:
    """A tenth of the scrap was missing on arrival; nobody has said why."""
    world = World()
    scrap = _scrap(world, "scrap")
    world.site("recycler")
    world.receive(world.ship("yard", "remelter", {scrap: "100"}), "recycler", {scrap: "90"})
    (ingot,) = world.transform("recycler", "remelt", {scrap: "90"}, {"ingot": ("remelt_ingot", "85")})
    return _end(world, ingot)


def _round_trip(spoil: Callable[[World, str, dict[str, str], dict[str, str]], Any]) -> Made:
    """Scrap goes to the recycler and comes back before it is baled."""
    world = World()
    scrap = _scrap(world, "scrap")
    world.site("recycler")
    out = world.ship("yard", "remelter", {scrap: "100"})
    there = world.receive(out, "recycler", {scrap: "100"})
    back = world.ship("recycler", "collector", {scrap: "100"})
    world.receive(back, "yard", {scrap: "100"})
    (bale,) = world.transform("yard", "bale", {scrap: "100"}, {"bale": ("post_consumer_scrap", "99")})
    world.publish()
    older = build(world.store, bale)
    spoil(world, bale, out, there)
    return _end(world, bale, older)


def round_trip() -> Made:
    """The receipt of a way out and back is disputed."""
    return _round_trip(lambda world, bale, out, there: world.correct(there, "dispute"))


def round_trip_then_on() -> Made:
    """The same, and then it goes to the recycler again, who makes it ingots."""
    world = World()
    scrap = _scrap(world, "scrap")
    world.site("recycler")
    out = world.ship("yard", "remelter", {scrap: "100"})
    world.receive(out, "recycler", {scrap: "100"})
    back = world.ship("recycler", "collector", {scrap: "100"})
    world.receive(back, "yard", {scrap: "100"})
    world.hand_over("yard", "recycler", {scrap: "100"})
    (ingot,) = world.transform("recycler", "remelt", {scrap: "100"}, {"ingot": ("remelt_ingot", "90")})
    world.correct(back, "dispute")
    return _end(world, ingot)


def refused() -> Made:
    """A delivery was refused, and the refusal is disputed."""
    world = World()
    scrap = _scrap(world, "scrap")
    world.site("recycler")
    of = world.ship("yard", "remelter", {scrap: "100"})
    line = {"lot": scrap, "kg": "100", "result": "refused"}
    receipt = {"type": "receive", "party": PARTY + "remelter", "of": of, "site": SITE + "recycler"}
    world.post(receipt | {"lines": [line]})
    world.correct(world.last, "dispute", PARTY + "collector")
    (bale,) = world.transform("yard", "bale", {scrap: "100"}, {"bale": ("post_consumer_scrap", "99")})
    return _end(world, bale)


def title_round_trip() -> Made:
    """Title went to a trader and back; the first sale is disputed."""
    world = World()
    scrap = _scrap(world, "scrap")
    trader = world.party("trader")
    line = {"lot": scrap, "kg": "100"}
    sale = {"type": "transfer", "party": PARTY + "collector", "lines": [line], "to": trader}
    world.post(sale)
    first = world.last
    world.post({"type": "receive", "party": trader, "of": first, "lines": [line]})
    world.post(sale | {"party": trader, "to": PARTY + "collector"})
    world.post({"type": "receive", "party": PARTY + "collector", "of": world.last, "lines": [line]})
    (bale,) = world.transform("yard", "bale", {scrap: "100"}, {"bale": ("post_consumer_scrap", "99")})
    world.correct(first, "dispute")
    return _end(world, bale)


def sold_on() -> Made:
    """The first hand-over of the part itself is disputed; it has been sold on since."""
    world = World()
    lot = world.hood()
    world.site("plant")
    shipment = world.ship("press", "maker", {lot: "8"})
    world.receive(shipment, "plant", {lot: "8"})
    world.site("dealer", "dealer", "warehouse")
    world.hand_over("plant", "dealer", {lot: "8"})
    world.correct(shipment, "dispute")
    return _end(world, lot)


def companion() -> Made:
    """What rode on the same truck had come from a disputed collection."""
    world = World()
    scrap, other = _scrap(world, "scrap"), _scrap(world, "other")
    of = world.last
    world.hand_over("yard", "recycler", {scrap: "100", other: "100"})
    (ingot,) = world.transform("recycler", "remelt", {scrap: "100"}, {"ingot": ("remelt_ingot", "90")})
    world.correct(of, "dispute")
    return _end(world, ingot)


def companion_returned() -> Made:
    """What rode on the same truck had been out and back before, and that is disputed."""
    world = World()
    scrap, other = _scrap(world, "scrap"), _scrap(world, "other")
    world.site("recycler")
    out = world.ship("yard", "remelter", {other: "100"})
    world.receive(out, "recycler", {other: "100"})
    world.hand_over("recycler", "yard", {other: "100"})
    world.hand_over("yard", "recycler", {scrap: "100", other: "100"})
    (ingot,) = world.transform("recycler", "remelt", {scrap: "100"}, {"ingot": ("remelt_ingot", "90")})
    world.correct(out, "dispute")
    return _end(world, ingot)


def companion_short() -> Made:
    """A tenth of what rode on the same truck was missing on arrival."""
    world = World()
    scrap, other = _scrap(world, "scrap"), _scrap(world, "other")
    world.site("recycler")
    of = world.ship("yard", "remelter", {scrap: "100", other: "100"})
    world.receive(of, "recycler", {scrap: "100", other: "90"})
    (ingot,) = world.transform("recycler", "remelt", {scrap: "100"}, {"ingot": ("remelt_ingot", "90")})
    return _end(world, ingot)


def bought() -> Made:
    """A tenth was bought from outside: its origin is unknown."""
    world = World()
    scrap = _scrap(world, "scrap", "90")
    other = world.source("yard", "bought", "10", kind="purchase", material="post_consumer_scrap")
    (pile,) = world.transform(
        "yard", "blend", {scrap: "90", other: "10"}, {"pile": ("post_consumer_scrap", "100")}
    )
    return _end(world, pile)


def pile() -> Made:
    """A pile that many draw on: one of the deliveries into it is disputed."""
    world = World()
    lots = [_scrap(world, f"s{n}", "50") for n in range(4)]
    of = _posted(world, "type", "source")
    (heap,) = world.transform(
        "yard", "blend", dict.fromkeys(lots, "50"), {"heap": ("post_consumer_scrap", "200")}
    )
    for n in range(6):
        (bale,) = world.transform("yard", "bale", {heap: "30"}, {f"bale-{n}": ("post_consumer_scrap", "29")})
        world.hand_over("yard", "recycler", {bale: "29"})
    world.correct(of, "dispute")
    return _end(world, bale)


def amended() -> Made:
    """The charter was amended, and the amendment is disputed."""
    world = World()
    world.post({"type": "amend", "party": REGISTRAR, "rules": 1})
    of = world.last
    world.tick(90_000)
    lot = world.hood()
    world.correct(of, "dispute", REGISTRAR)
    return _end(world, lot)


BAD: dict[str, Callable[[], Made]] = {
    make.__name__: make
    for make in (
        disputed,
        disputed_twice,
        disputed_registration,
        withdrawn,
        revoked,
        revoked_child,
        suspended_site,
        suspended_ancestor,
        suspended_event,
        lapsed,
        difference,
        companion_short,
        round_trip,
        round_trip_then_on,
        refused,
        title_round_trip,
        sold_on,
        bought,
        pile,
        amended,
    )
}


def sibling() -> Made:
    """Only the offcut's certificate is suspended: that is nothing to the hood."""
    return _suspended(lambda world, lot: LOT + "stamper:offcut")


OTHERS: dict[str, Callable[[], Made]] = {make.__name__: make for make in (companion, companion_returned)}
"""What is bad is not the subject's: whatever the honest proof says, nothing shows it better."""


def good() -> Made:
    """Nothing is wrong."""
    world = World()
    lot = world.hood()
    world.publish()
    older = build(world.store, lot)
    world.hand_over("press", "plant", {lot: "8"})
    return _end(world, lot, older)
