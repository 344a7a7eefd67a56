"""Claims as a ledger tells them."""

from collections.abc import Iterable

import pytest

from ledger import claiming
from ledger.claiming import Claiming, claims, known
from ledger.claims.document import Claims, Document
from ledger.errors import Malformed
from ledger.register import Key, Record
from ledger.store.memory import MemoryStore
from tests.world import LOT, PARTY, SITE, World, event_ref

SHA = "ab" * 32


class Counting(MemoryStore):
    """Counts the questions about records and entries."""

    count = 0

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        self.count += 1
        return super().read(keys)

    def entries_at(self, indices: Iterable[int]) -> dict[int, bytes]:
        self.count += 1
        return super().entries_at(indices)


def test_the_claims_of_a_hood() -> None:
    world = World()
    hood = world.hood()
    found = claims(world.store, hood)
    assert (found.subject, found.material, found.grams) == (hood, "stamped_part", 8_000)
    assert (found.holder, found.owner) == (PARTY + "stamper", PARTY + "stamper")
    assert (found.rests_on, found.proof) == ("ledger", None)
    assert found.as_of.size == world.store.head().size
    assert found.as_of.ledger == world.name
    assert found.marks_on_it == {"serial": "HOOD-1"}
    assert {place.site for place in found.origins} == {SITE + "pit", SITE + "pit-2"}
    assert [place.site for place in found.smelters] == [SITE + "smelter"]
    assert [step.process for step in found.steps][-1] == "stamp"
    assert found.weakest == "segregated"
    assert found.unshown == ("fates",)
    assert {month.process for month in found.months} >= {"refine", "electrolysis", "cast", "roll"}
    assert {(one.site, one.kind) for one in found.brought} == {
        (SITE + "pit", "mine"),
        (SITE + "pit-2", "mine"),
    }
    assert Claims.model_validate(found.as_json()) == found


def test_there_must_be_such_a_lot() -> None:
    world = World()
    for lot in (LOT + "nobody:none", ""):
        with pytest.raises(Malformed) as wrong:
            claims(world.store, lot)
        assert wrong.value.code == "claims.subject"
    with pytest.raises(Malformed) as wrong:
        claims(MemoryStore(), LOT + "nobody:none")
    assert wrong.value.code == "claims.subject"


def test_many_at_once_say_the_same_and_ask_less() -> None:
    store = Counting()
    world = World(store)
    world.hood()
    lots = [LOT + f"stamper:{name}" for name in ("hood", "offcut", "blank")] + [LOT + "roller:coil"]
    one_by_one = [claims(store, lot) for lot in lots]
    store.count = 0
    for lot in lots:
        claims(store, lot)
    alone, store.count = store.count, 0
    assert list(Claiming(store).all(lots)) == one_by_one
    assert store.count < alone // 2
    assert list(Claiming(store).all([])) == []


def test_what_lots_have_in_common_is_let_go_of_when_it_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.hood()
    lots = [LOT + f"stamper:{name}" for name in ("hood", "offcut", "blank")] + [LOT + "roller:coil"]
    expected = list(Claiming(world.store).all(lots))
    monkeypatch.setattr(known, "MOST", 1)
    monkeypatch.setattr(claiming, "AT_ONCE", 1)
    assert list(Claiming(world.store).all(lots)) == expected


def test_what_was_read_serves_the_next_lot() -> None:
    store = Counting()
    world = World(store)
    hood = world.hood()
    telling = Claiming(store)
    first = list(telling.all([hood]))
    store.count = 0
    assert list(telling.all([hood])) == first
    assert store.count <= 3  # its own records, its marks
    assert telling.size == store.head().size


def test_where_it_went_is_told_to_whoever_asks() -> None:
    world = World()
    hood = world.hood()
    found = claims(world.store, hood, fates=True)
    assert [(fate.fate, fate.grams) for fate in found.fates] == [("stock", 8_000)]
    assert "fates" not in found.unshown


def test_attestations_of_places_and_who_accredited_their_certifiers() -> None:
    world = World()
    hood = world.hood()
    evidence = [{"name": "certificate", "sha256": SHA, "media_type": "application/pdf", "size": 5}]
    of_site = world.attest(SITE + "smelter", scheme="asi_ps", evidence=evidence)
    of_party = world.attest(PARTY + "roller", scheme="iso_14001")
    of_lot = world.attest(hood, scheme="recycled")
    world.attest(SITE + "yard" if world.site("yard") else "", scheme="not_on_the_way")
    accredited = world.attest(PARTY + "certifier", scheme="accreditation")
    since = world.time
    revoked = {"type": "revoke_attestation", "party": PARTY + "certifier", "of": of_site}
    world.post(revoked | {"status": "suspended", "since": since, "reason": "a test"})
    found = claims(world.store, hood)
    told = {one.event.id: one for one in found.attestations}
    assert set(told) == {ref["id"] for ref in (of_site, of_party, of_lot, accredited)}
    suspended = told[of_site["id"]]
    assert suspended.subject.kind == "site"
    assert [(change.status, change.since) for change in suspended.history] == [("suspended", since)]
    assert suspended.held[-1][1] == since
    assert suspended.evidence == (
        Document(name="certificate", sha256=SHA, media_type="application/pdf", size=5),
    )
    assert told[of_lot["id"]].subject.kind == "lot"


def test_documents_of_sources_are_listed() -> None:
    world = World()
    evidence = [{"name": "assay", "sha256": SHA}]
    scrap = world.source("yard", "s", "100", "collection", "post_consumer_scrap", evidence=evidence)
    (step,) = claims(world.store, scrap).steps
    assert (step.documents, [paper.name for paper in step.papers]) == (1, ["assay"])


def test_open_marks_of_what_it_rests_on() -> None:
    world = World()
    hood = world.hood()
    events = {event.get("process", event["type"]): event for event in world.posted}
    assert claims(world.store, hood).marks == ()
    other = world.source("pit", "elsewhere", "10")
    world.correct(world.last, "dispute")
    assert claims(world.store, hood).marks == ()
    assert [mark.mark for mark in claims(world.store, other).marks] == ["disputed"]
    world.correct(event_ref(events["cast"]), "dispute")
    (mark,) = claims(world.store, hood).marks
    assert (mark.mark, mark.event.id, mark.by) == ("disputed", events["cast"]["id"], PARTY + "smelter")
    assert [mark.event.id for mark in claims(world.store, LOT + "roller:coil").marks] == [mark.event.id]
    assert claims(world.store, LOT + "refiner:alumina").marks == ()
    world.correct(event_ref(events["cast"]), "resolve")
    assert claims(world.store, hood).marks == ()


def test_a_difference_on_the_way_counts_for_what_travelled() -> None:
    world = World()
    world.hood()
    coil, offcut = LOT + "roller:coil", LOT + "stamper:offcut"
    shipped = world.ship("press", "roller", {coil: "300", offcut: "4"}, {coil: "back"})
    back = LOT + "stamper:back"
    world.receive(shipped, "mill", {back: "200", offcut: "4"})
    for lot, marks in ((back, 1), (offcut, 1), (coil, 0), (LOT + "stamper:hood", 0)):
        assert len(claims(world.store, lot).marks) == marks, lot


def test_what_moved_a_lot_after_its_use_does_not_count() -> None:
    world = World()
    hood = world.hood()
    coil = LOT + "roller:coil"
    received = next(e for e in world.posted if e["type"] == "receive" and e["lines"][0]["lot"] == coil)
    world.correct(event_ref(received), "dispute")
    assert [mark.event.id for mark in claims(world.store, hood).marks] == [received["id"]]
    world.correct(event_ref(received), "resolve")
    lines = [{"lot": coil, "kg": "800"}]
    world.post({"type": "transfer", "party": PARTY + "stamper", "to": PARTY + "roller", "lines": lines})
    world.correct(world.last, "dispute")
    assert claims(world.store, hood).marks == ()
    assert len(claims(world.store, coil).marks) == 1


def test_a_disputed_registration_or_attestation_counts_on_the_way() -> None:
    world = World()
    hood = world.hood()
    site = next(e for e in world.posted if e["type"] == "site" and e["subject"] == SITE + "smelter")
    elsewhere = world.attest(SITE + "yard" if world.site("yard") else "")
    attested = world.attest(SITE + "mill")
    for ref in (event_ref(site), elsewhere, attested):
        world.correct(ref, "dispute", PARTY + "certifier")
    assert {mark.event.id for mark in claims(world.store, hood).marks} == {site["id"], attested["id"]}
