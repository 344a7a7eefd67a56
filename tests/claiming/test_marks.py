"""What was said of what a lot rests on: the ledger doubts a lot wherever its proof does."""

from collections.abc import Mapping

import pytest

from ledger.check.report import FAIL
from ledger.claiming import ancestry, claims, known
from ledger.claims import bounded
from ledger.proof import build
from ledger.verify import check
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, event_ref

HOOD, COIL = LOT + "stamper:hood", LOT + "roller:coil"
STAMPER, CERTIFIER = PARTY + "stamper", PARTY + "certifier"
EARLY = "2026-01-01T00:00:00Z"


def doubted(world: World, lot: str) -> set[str]:
    """The ledger's open marks on a lot, and by what the events are called; none if its proof holds."""
    world.publish()
    told = {f"{one.mark} {one.event.id}" for one in claims(world.store, lot).marks}
    (found,) = check([build(world.store, lot)], world.trust).proofs
    assert (found.verdict(8) == FAIL) == bool(told)
    return told


def stolen(world: World, party: str, since: str) -> None:
    world.tick(60)
    world.revoke_key(party, since=since)


def test_a_dispute_that_a_thief_has_lifted() -> None:
    """Spoken of the coil's way to the press shop; and one of a way that the hood does not come from."""
    world = World()
    world.hood()
    shipped = [event_ref(e) for e in world.posted if e["type"] == "ship"][-1]
    elsewhere = world.ship("press", "roller", {COIL: "5"}, {COIL: "back"})
    world.site("mill")
    world.receive(elsewhere, "mill", {LOT + "stamper:back": "5"})
    for of in (shipped, elsewhere):
        world.correct(of, "dispute", STAMPER)
    world.tick(60)
    since = world.time
    lifted = [world.correct(of, "resolve", STAMPER)["id"] for of in (shipped, elsewhere)]
    assert doubted(world, HOOD) == set()
    stolen(world, STAMPER, since)
    assert doubted(world, HOOD) == {f"suspect {lifted[0]}"}
    assert doubted(world, LOT + "stamper:back") == {f"suspect {one}" for one in lifted}
    assert doubted(world, LOT + "smelter:slab") == set()


@pytest.mark.parametrize("site", ["mill", "yard"])
def test_a_certificate_that_a_thief_has_reinstated(site: str) -> None:
    """Of a site on the way, and of another one."""
    world = World()
    world.hood()
    attested = world.attest(world.site(site), valid_from=EARLY)
    of = {"type": "revoke_attestation", "party": CERTIFIER, "of": attested, "reason": "a test"}
    world.post(of | {"status": "suspended", "since": EARLY})
    world.tick(60)
    since = world.time
    world.post(of | {"status": "reinstated", "since": EARLY})
    last = world.last["id"]
    assert doubted(world, HOOD) == set()
    stolen(world, CERTIFIER, since)
    assert doubted(world, HOOD) == ({f"suspect {last}"} if site == "mill" else set())


@pytest.mark.parametrize("deep", [1, 3])
def test_doubts_about_doubts(deep: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who disputes a resolution opens the matter again; so it goes on, as far as anyone follows it."""
    monkeypatch.setattr(known, "DEEP", 2)
    world = World()
    world.hood()
    of = [event_ref(e) for e in world.posted if e["type"] == "ship"][-1]
    for _ in range(deep):
        of = world.correct(of, "amend", of["party"])
    assert doubted(world, HOOD) == set()
    world.correct(of, "dispute", of["party"])
    if deep == 1:
        assert doubted(world, HOOD) == {f"disputed {of['id']}"}
    else:
        assert claims(world.store, HOOD).marks == ()


def test_what_is_attested_of_an_event() -> None:
    world = World()
    world.hood()
    roll = next(e for e in world.posted if e.get("process") == "roll")
    attested = world.attest(event_ref(roll))
    world.correct(attested, "dispute", CERTIFIER)
    assert doubted(world, HOOD) == {f"disputed {attested['id']}"}
    assert doubted(world, LOT + "smelter:slab") == set()


def test_agreements_and_accounts_that_the_way_names() -> None:
    world = World()
    scrap = world.scrap("yard", "scrap", "100")
    yard, seller, buyer = world.site("yard"), PARTY + "collector", world.party("remelter")
    world.site("recycler")
    account = {"account": world.lot(seller, "account"), "sites": [yard], "materials": ["post_consumer_scrap"]}
    world.post(
        {"type": "account", "party": seller, "scheme": "asi_coc", "period": "2026-03-01/2026-03-31"}
        | account
        | {"yield": "1"}
    )
    opened = world.last
    terms = {"material": "post_consumer_scrap", "years": [{"year": 2026, "kg": "100"}]}
    world.post({"type": "agree", "party": seller, "with": buyer, "terms": terms})
    offer = world.last
    world.post({"type": "agree", "party": buyer, "with": seller, "terms": terms, "of": offer})
    accepted = world.last
    (bale,) = world.transform(
        "yard", "bale", {scrap: "60"}, {"bale": ("post_consumer_scrap", "60")}, account=account["account"]
    )
    world.receive(world.ship("yard", "remelter", {bale: "60"}, agreement=offer), "recycler", {bale: "60"})
    assert doubted(world, bale) == set()
    for of in (opened, offer, accepted):
        world.correct(of, "dispute", of["party"])
        assert doubted(world, bale) == {f"disputed {of['id']}"}
        assert doubted(world, scrap) == set()
        world.correct(of, "resolve", of["party"])


def test_registrations_of_all_who_only_held_or_owned_what_it_is_made_of() -> None:
    """Each is disputed in its turn: of a trader, an owner whose metal was worked, a depot; of a stranger."""
    world = World()
    world.site("depot", "keeper")
    world.site("mill")
    owner, stranger = world.party("owner"), world.party("stranger")
    slabs = {name: {"material": "rolling_slab", "kg": "10", "owner": owner} for name in ("a", "b")}
    world.post(
        {"type": "source", "party": world.operators[world.site("smelter")], "site": SITE + "smelter"}
        | {"kind": "purchase", "outputs": [{"lot": LOT + f"smelter:{n}", **row} for n, row in slabs.items()]}
    )
    slab, other = LOT + "smelter:a", LOT + "smelter:b"
    trader, lines = world.party("seller"), [{"lot": slab, "kg": "10"}]
    world.post({"type": "transfer", "party": owner, "to": trader, "lines": lines})
    world.post({"type": "receive", "party": trader, "of": world.last, "lines": lines})
    world.hand_over("smelter", "depot", {slab: "10"})
    world.hand_over("depot", "mill", {slab: "10"})
    made = {"coil": {"material": "coil", "kg": "9", "owner": trader}}
    (coil,) = world.transform("mill", "roll", {slab: "10"}, made)
    world.site("yard", "stranger")
    told = set()
    for event in [dict(e) for e in world.posted if e["type"] in ("party", "site", "key")]:
        world.correct(event_ref(event), "dispute", REGISTRAR)
        for lot in (coil, slab, other):
            if doubted(world, lot):
                told.add((lot.rpartition(":")[2], event["subject"].rpartition(":")[2]))
        world.correct(event_ref(event), "resolve", REGISTRAR)
    assert {name for lot, name in told if lot == "coil"} >= {"owner", "seller", "keeper", "depot", "smelter"}
    assert {name for lot, name in told if lot == "b"} == {"owner", "smelter"}
    assert stranger.rpartition(":")[2] not in {name for _, name in told}


def test_more_units_than_are_kept_hide_no_dispute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units are free text: so many of them are kept as any unit, and each is looked for there."""
    monkeypatch.setattr(bounded, "ROWS", 3)
    world = World()
    pile = world.scrap("yard", "pile", "100")
    bales = []
    for n in range(5):
        made = {f"bale-{n}": ("post_consumer_scrap", "9")}
        bales += world.transform("yard", "bale", {pile: "9"}, made, unit=f"U{n}")
    doubtful = world.last
    world.tick(90 * 86_400)
    late = world.transform("yard", "bale", {pile: "9"}, {"late": ("post_consumer_scrap", "9")}, unit="U9")
    later = world.last
    (blend,) = world.transform(
        "yard", "blend", dict.fromkeys(bales, "9"), {"blend": ("post_consumer_scrap", "45")}
    )
    assert "*" in {step.unit for step in claims(world.store, blend).steps}
    assert doubted(world, blend) == set()
    world.correct(later, "dispute")
    assert doubted(world, blend) == set()
    assert len(doubted(world, late[0])) == 1
    world.correct(doubtful, "dispute")
    assert doubted(world, blend) == {f"disputed {doubtful['id']}"}


def test_marks_of_lots_that_were_born_elsewhere_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's old dispute makes nobody follow a long chain back."""
    followed: list[str] = []
    real = ancestry._last_uses

    def last_uses(of: known.Known, subject: str, least: int) -> Mapping[str, int]:
        followed.append(subject)
        return real(of, subject, least)

    monkeypatch.setattr(ancestry, "_last_uses", last_uses)
    world = World()
    ore = world.source("pit-2", "other", "20")
    shipped = world.ship("pit-2", "refiner", {ore: "10"}, {ore: "part"})
    part = LOT + "miner-2:part"
    world.site("refinery")
    received = world.receive(shipped, "refinery", {part: "10"})
    again = world.ship("refinery", "smelter", {part: "4"}, {part: "part-of-part"})
    for of in (shipped, received):
        world.correct(of, "dispute", of["party"])
    scrap = world.scrap("yard", "scrap", "10")
    (bale,) = world.transform("yard", "bale", {scrap: "9"}, {"bale": ("post_consumer_scrap", "9")})
    assert doubted(world, bale) == set()
    assert followed == []
    assert len(doubted(world, part)) == 2
    assert len(doubted(world, LOT + "refiner:part-of-part")) == 2
    followed.clear()
    world.correct(again, "dispute", again["party"])
    assert doubted(world, bale) == set()
    assert followed == []
    made = world.transform(
        "yard",
        "shred",
        {scrap: "1"},
        {
            "dusty": ("post_consumer_scrap", "0.9"),
            "dust": {"material": "dust", "kg": "0.1", "role": "by_product"},
        },
    )
    world.correct(world.last, "dispute", world.last["party"])
    for lot in made:  # dust has no account of where it was
        assert len(doubted(world, lot)) == 1


@pytest.mark.parametrize("way", ["key", "revoke_key"])
def test_a_disputed_key_counts_against_what_it_signed(way: str) -> None:
    """The mill's coil, and the hood that is made of it; not the slab that the mill was given."""
    world = World()
    world.hood()
    roller = PARTY + "roller"
    if way == "revoke_key":
        world.revoke_key(roller)
    of = [event_ref(e) for e in world.posted if e["type"] == way and roller in (e["party"], e.get("subject"))]
    world.correct(of[0], "dispute", REGISTRAR)
    told = {f"disputed {of[0]['id']}"}
    assert doubted(world, HOOD) == told
    assert doubted(world, LOT + "miner:ore") == set()


def test_a_dispute_of_who_accredited_a_certifier() -> None:
    """Whom a certifier's accreditation body was accredited by, and not who has nothing to do with it."""
    world = World()
    world.hood()
    world.attest(SITE + "mill")
    of = PARTY + "certifier"
    for body in ("body", "body-of-bodies"):
        world.attest(of, party=world.party(body, roles=["certifier"]), scheme="accreditation")
        of = PARTY + body
    for party, counts in (("body", True), ("body-of-bodies", True), ("trader", False)):
        id = world.party(party)
        registered = next(event_ref(e) for e in world.posted if e.get("subject") == id)
        world.correct(registered, "dispute", REGISTRAR)
        assert doubted(world, HOOD) == ({f"disputed {registered['id']}"} if counts else set())
        world.correct(registered, "resolve", REGISTRAR)
