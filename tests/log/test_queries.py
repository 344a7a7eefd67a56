"""What can be asked in lists: parties, sites, attestations, balances, search; page by page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from ledger.errors import Malformed
from ledger.lookup import paging, queries
from ledger.lookup.paging import Page
from ledger.lookup.search import search
from ledger.lookup.views import Hit
from ledger.register import Lot
from ledger.store.sqlite import SqliteStore
from tests.log.histories import History, histories
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, event_ref

HOOD = LOT + "stamper:hood"


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    return world


def everything(ask: Callable[..., Page[Any]], *asked: Any, limit: int, **more: Any) -> list[Any]:
    """All items, page by page; every page but the last is full."""
    items: list[Any] = []
    cursor = None
    while True:
        page = ask(*asked, limit=limit, cursor=cursor, **more)
        items += page.items
        if page.next is None:
            return items
        assert len(page.items) == limit
        cursor = page.next


# --- Lists


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_parties_and_sites_by_id(world: World, limit: int) -> None:
    found = everything(queries.parties, world.store, limit=limit)
    ids = [view.id for view in found]
    assert ids == sorted(id for id in world.keys if id != REGISTRAR)
    assert found[0].as_json() == {
        "id": PARTY + "miner",
        "name": "Miner",
        "country": "CA",
        "roles": ("miner",),
        "prefixes": (LOT + "miner:",),
        "successor": "",
        "event": {"party": REGISTRAR, "id": found[0].value.event.split(" ")[1]},
        "open": [],
    }
    sites = everything(queries.sites, world.store, limit=limit)
    assert [view.id for view in sites] == sorted(world.operators)
    assert sites[0].as_json()["operator"] == world.operators[sites[0].id]
    (mill,) = everything(queries.sites, world.store, PARTY + "roller", limit=limit)
    assert mill.id == SITE + "mill"
    assert queries.sites(world.store, "urn:example:none").items == ()


def test_a_suspended_party_says_so() -> None:
    world = World()
    miner = world.party("miner")
    first = next(event for event in world.posted if event["type"] == "party")
    more = {name: first[name] for name in ("party", "subject", "name", "country", "roles", "prefixes")}
    world.post({"type": "party", "status": "suspended", "replaces": event_ref(first), **more})
    (view,) = queries.parties(world.store).items
    assert (view.id, [mark.mark for mark in view.open]) == (miner, ["suspended"])


def test_an_attestation_says_that_its_certifier_is_suspended() -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    world.attest(ore)
    first = next(event for event in world.posted if event.get("subject") == PARTY + "certifier")
    (before,) = queries.attestations(world.store, ore).items
    more = {name: first[name] for name in ("party", "subject", "name", "country", "roles", "prefixes")}
    world.post({"type": "party", "status": "suspended", "replaces": event_ref(first), **more})
    (view,) = queries.attestations(world.store, ore).items
    assert (before.certifier_open, view.open) == ((), ())
    assert [mark["mark"] for mark in view.as_json()["certifier_open"]] == ["suspended"]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_attestations_of_a_subject_and_of_all(limit: int) -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    source = world.last
    subjects: list[Any] = [ore, SITE + "pit", ore, PARTY + "miner", source, ore]
    names = [" ".join(world.attest(subject).values()) for subject in subjects]
    found = everything(queries.attestations, world.store, limit=limit)
    assert sorted(view.event for view in found) == sorted(names)
    for subject in (ore, SITE + "pit", PARTY + "miner"):
        expected = [name for name, of in zip(names, subjects, strict=True) if of == subject]
        found = everything(queries.attestations, world.store, subject, limit=limit)
        assert [view.event for view in found] == expected
    found = everything(queries.attestations, world.store, " ".join(source.values()), limit=limit)
    assert [view.event for view in found] == [names[4]]
    assert queries.attestations(world.store, "urn:example:none").items == ()


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_balances_of_a_site(limit: int) -> None:
    world = World()
    ore = world.source("pit", "ore", "100")
    world.source(
        "pit",
        "owned",
        "7",
        outputs=[
            {"lot": LOT + "miner:owned", "kg": "7", "material": "bauxite", "owner": world.party("trader")}
        ],
    )
    world.source("pit", "alumina", "5", "opening", "alumina")
    gone = world.source("pit", "gone", "3", "purchase", "billet")
    world.post(
        {"type": "exit", "party": PARTY + "miner", "lines": [{"lot": gone, "kg": "3"}], "reason": "lost"}
    )
    world.ship("pit", "refiner", {ore: "30"}, {ore: "part"})
    found = everything(queries.balances, world.store, SITE + "pit", limit=limit)
    rows = [(row.owner.removeprefix(PARTY), row.material, row.stock, row.transit) for row in found]
    assert rows == [
        ("miner", "alumina", 5_000, 0),
        ("miner", "bauxite", 70_000, 30_000),
        ("trader", "bauxite", 7_000, 0),
    ]
    assert found[1].as_json() == {
        "site": SITE + "pit",
        "owner": PARTY + "miner",
        "material": "bauxite",
        "stock": "70",
        "transit": "30",
    }
    of = everything(queries.balances, world.store, SITE + "pit", owner=PARTY + "trader", limit=limit)
    assert of == [found[2]]
    of = everything(queries.balances, world.store, SITE + "pit", material="bauxite", limit=limit)
    assert of == found[1:]
    assert queries.balances(world.store, SITE + "none").items == ()


@settings(max_examples=20)
@given(histories())
def test_balances_sum_up_what_is_left_of_all_lots(history: History) -> None:
    store = history.world.store
    left: dict[tuple[str, str, str], int] = {}
    for lot in history.lots:
        view = queries.lot(store, lot)
        assert view is not None
        place = view.hold.site, view.owner.owner, view.lot.material
        left[place] = left.get(place, 0) + view.left
    found = [
        row for site in history.world.operators for row in everything(queries.balances, store, site, limit=2)
    ]
    assert {row[:3]: row.stock + row.transit for row in found} == {at: sum for at, sum in left.items() if sum}


# --- Search


def hits(found: Page[Hit]) -> list[tuple[str, str, str]]:
    return [(hit.kind, hit.id, hit.by) for hit in found.items]


def test_search_by_id_mark_and_name(world: World) -> None:
    assert hits(search(world.store, HOOD)) == [("lot", HOOD, "id")]
    assert hits(search(world.store, LOT + "miner")) == [
        ("lot", LOT + "miner-2:ore", "id"),
        ("lot", LOT + "miner:ore", "id"),
    ]
    assert hits(search(world.store, "HOOD-1")) == [("lot", HOOD, "mark")]
    assert search(world.store, "HOOD").items[0].as_json() == {
        "kind": "lot",
        "id": HOOD,
        "by": "mark",
        "text": "serial HOOD-1",
    }
    assert hits(search(world.store, "rOLL")) == [
        ("party", PARTY + "roller", "name"),
        ("site", SITE + "mill", "name"),
    ]
    assert hits(search(world.store, SITE + "pit")) == [
        ("site", SITE + "pit", "id"),
        ("site", SITE + "pit-2", "id"),
    ]
    assert hits(search(world.store, "")) == []
    assert hits(search(world.store, "nothing")) == []


def test_search_for_an_event_by_its_own_id_or_its_name(world: World) -> None:
    name = " ".join(world.last.values())
    assert hits(search(world.store, world.last["id"])) == [("event", name, "id")]
    assert hits(search(world.store, name[:-1])) != []
    assert ("event", name, "id") in hits(search(world.store, name))
    assert search(world.store, name).items[-1].as_json()["id"] == world.last
    assert hits(search(world.store, "evt:1")) == [("event", f"{REGISTRAR} evt:1", "id")]


def test_a_mark_that_was_withdrawn_is_not_found() -> None:
    world = World()
    world.source(
        "pit",
        "ore",
        "1",
        outputs=[{"lot": LOT + "miner:ore", "kg": "1", "material": "bauxite", "marks": {"heat": "H-9"}}],
    )
    assert hits(search(world.store, "H-9")) == [("lot", LOT + "miner:ore", "mark")]
    world.correct(world.last, "withdraw")
    assert hits(search(world.store, "H-9")) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize("text", ["urn:example:", "urn:example:party:", "miner", "urn:example:lot:", "r"])
def test_search_in_pages(world: World, text: str, limit: int) -> None:
    whole = search(world.store, text, limit=10_000)
    assert whole.next is None
    assert everything(search, world.store, text, limit=limit) == list(whole.items)
    assert len(set(whole.items)) == len(whole.items) > 0


def test_search_in_an_empty_store() -> None:
    from ledger.store.memory import MemoryStore

    assert search(MemoryStore(), "x") == Page((), None)


# --- Cursors


def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    page = queries.parties(world.store, limit=1)
    assert page.as_json()["next"] == page.next
    for ask in (
        lambda cursor: queries.sites(world.store, cursor=cursor),
        lambda cursor: queries.attestations(world.store, HOOD, cursor=cursor),
        lambda cursor: queries.balances(world.store, SITE + "pit", cursor=cursor),
        lambda cursor: search(world.store, "x", cursor=cursor),
    ):
        for cursor in (
            page.next,
            "",
            "?",
            paging.encode("sites", "", 7),
            paging.encode("search", "x", "party", 1),
        ):
            with pytest.raises(Malformed) as refused:
                ask(cursor)
            assert refused.value.code == "request.cursor"
    assert search(world.store, "x", cursor=paging.encode("search", "x", "nowhere", "")).items == ()


def test_a_limit_is_kept_within_bounds(world: World) -> None:
    assert len(queries.parties(world.store, limit=0).items) == 1
    assert paging.clamp(10**9) == paging.MOST


def test_sqlite_gives_the_same_answers(world: World, tmp_path: Path) -> None:
    other = World(SqliteStore(tmp_path, create=True))
    other.hood()
    assert queries.lot(other.store, HOOD) == queries.lot(world.store, HOOD)
    assert queries.event(other.store, **world.last) == queries.event(world.store, **world.last)
    assert queries.parties(other.store) == queries.parties(world.store)
    assert queries.sites(other.store) == queries.sites(world.store)
    for text in ("urn:example:", "HOOD", "miner", world.last["id"]):
        assert search(other.store, text) == search(world.store, text)
    site = SITE + "press"
    assert queries.balances(other.store, site) == queries.balances(world.store, site)
    view = queries.lot(other.store, HOOD)
    assert view is not None
    assert isinstance(view.lot, Lot)
    other.log.close()
