"""POST /events: receipts, refusals, retries; the same through the app and over a connection."""

import asyncio
from collections.abc import Iterator
from threading import Event, Thread, Timer
from typing import Any

import httpx
import pytest

from api import models
from api.app import create_app
from api.checkpoints import Checkpoints
from ledger import b64
from ledger.errors import GuardError, StorageError
from ledger.merkle import leaf_hash
from ledger.note import checkpoint_of
from ledger.store.guard import MemoryGuard
from ledger.store.memory import MemoryStore
from tests.api.serving import App, ledger_of, served
from tests.world import LOT, PARTY, REGISTRAR, World


def party(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "party",
        "party": REGISTRAR,
        "subject": PARTY + name,
        "name": name,
        "country": "CA",
        "roles": ["miner"],
        "prefixes": [f"{LOT}{name}:"],
    } | more


def statements(world: World, *names: str) -> list[str]:
    return [world.sign(world.event(party(name))) for name in names]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def app(world: World) -> App:
    return App(ledger_of(world))


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    with served(ledger_of(world)) as client:
        yield client


def test_receipts_name_the_entries(world: World, client: httpx.Client) -> None:
    answer = client.post("/events", json=statements(world, "a", "b"))
    assert answer.status_code == 200
    found = models.Posted.model_validate_json(answer.content, strict=True)
    assert (found.recorded, found.duplicates, found.refused) == (2, 0, 0)
    entries = world.store.entries_at((2, 3))
    for outcome, index in zip(found.outcomes, (2, 3), strict=True):
        assert isinstance(outcome, models.Receipt)
        assert (outcome.index, outcome.duplicate) == (index, False)
        assert outcome.leaf == b64.encode(leaf_hash(entries[index]))
        assert f'"received":"{outcome.received}"'.encode() in entries[index]


def test_a_retry_gets_the_first_receipts(world: World, client: httpx.Client) -> None:
    batch = statements(world, "a", "b")
    first = client.post("/events", json=batch).json()
    world.tick(60)
    again = client.post("/events", json=batch).json()
    assert again["recorded"] == 0
    assert again["duplicates"] == 2
    assert [o | {"duplicate": False} for o in again["outcomes"]] == first["outcomes"]
    assert world.store.head().size == 4


def test_every_refusal_of_a_batch_at_once_and_nothing_recorded(world: World, app: App) -> None:
    (good,) = statements(world, "a")
    bad = world.sign(world.event(party("b", country="Canada", roles=[])))
    unknown = world.sign(world.event(party("c", party=PARTY + "stranger")), world.registrar)
    answer = app.post([good, "no statement", bad, unknown])
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = models.Problem.model_validate_json(answer.content, strict=True)
    assert {(p.code, p.path) for p in problem.problems} == {
        ("statement.form", "$[1]"),
        ("event.value", "$[2].country"),
        ("event.size", "$[2].roles"),
        ("key.other_party", "$[3].party"),
    }
    top, first = answer.json(), problem.problems[0]
    assert (top["code"], top["path"], top["remedy"]) == (first.code, first.path, first.remedy)
    assert (top["type"], top["status"]) == ("/codes#statement.form", 422)
    assert world.store.head().size == 1


def test_only_conflicts_answer_409(world: World, app: App) -> None:
    event = world.event(party("a"))
    assert app.post([world.sign(event)]).status_code == 200
    answer = app.post([world.sign(event | {"name": "another"})])
    assert (answer.status_code, answer.json()["code"]) == (409, "event.conflict")
    assert app.post([world.sign(event | {"name": "another"}), "x"]).status_code == 422


def test_proceed_lets_each_statement_stand_for_itself(world: World, app: App) -> None:
    later = world.sign(world.event(party("a", type="site", subject=PARTY + "x")))
    (good,) = statements(world, "a")
    answer = app.post([later, good], on_error="proceed")
    assert answer.status_code == 200
    found = models.Posted.model_validate_json(answer.content, strict=True)
    assert (found.recorded, found.refused) == (1, 1)
    assert isinstance(found.outcomes[0], models.Refused)
    assert isinstance(found.outcomes[1], models.Receipt)


def test_what_is_waited_for_is_named(world: World, app: App) -> None:
    key = world.keys[REGISTRAR] = world.registrar
    site = {"type": "site", "party": REGISTRAR, "subject": "urn:example:site:pit"}
    more = {"operator": PARTY + "a", "kinds": ["mine"], "country": "CA", "subdivision": "CA-QC"}
    answer = app.post([world.sign(world.event(site | more), key)])
    assert answer.json()["problems"][0]["waiting_for"] == PARTY + "a"


def test_a_dry_run_judges_and_records_nothing(world: World, app: App) -> None:
    batch = statements(world, "a")
    answer = app.post(batch, dry_run="true")
    assert answer.json() == {"outcomes": [None], "recorded": 0, "duplicates": 0, "refused": 0}
    assert app.post(["x"], dry_run="true").status_code == 422
    assert world.store.head().size == 1


def test_waiting_for_the_checkpoint_gives_one_that_covers_the_receipts(
    world: World, client: httpx.Client
) -> None:
    answer = client.post("/events", json=statements(world, "a", "b"), params={"wait": "checkpoint"})
    note = answer.json()["checkpoint"]
    assert world.trust.check(note).checkpoint.size == 5
    assert client.get("/log/checkpoint").text == note
    again = client.post("/events", json=statements(world), params={"wait": "checkpoint"})
    assert "checkpoint" not in again.json()


def test_checkpoints_are_signed_by_themselves_and_once_more_at_the_end(world: World) -> None:
    ledger = ledger_of(world)
    with served(ledger) as client:
        assert checkpoint_of(client.get("/log/checkpoint").text).size == 2
        assert client.post("/events", json=statements(world, "a")).status_code == 200
    assert checkpoint_of(ledger.publish()).size == 4
    assert checkpoint_of(world.store.checkpoint() or "").size == 4


class SlowStore(MemoryStore):
    """Waits before it gives the writer's lock, until it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = Event(), Event()
        self.go.set()
        self.groups = 0

    def writing(self) -> Any:
        self.asked.set()
        assert self.go.wait(30)
        self.groups += 1
        return super().writing()


def test_concurrent_posters_share_a_commit() -> None:
    store = SlowStore()
    world = World(store)
    batches = [statements(world, f"p{n}") for n in range(5)]
    with served(ledger_of(world)) as client:
        assert client.get("/health").is_success  # a server that starts publishes first, and that waits below
        store.groups = 0
        answers: list[dict[str, Any]] = []
        threads = [
            Thread(target=lambda b=batch: answers.append(client.post("/events", json=b).json()))
            for batch in batches
        ]
        with world.log.paused():
            for thread in threads:
                thread.start()
            while len(world.log._waiting) < 5:
                assert all(thread.is_alive() for thread in threads), answers
                threads[0].join(0.001)
        for thread in threads:
            thread.join()
        assert store.groups == 1
    assert sorted(answer["outcomes"][0]["index"] for answer in answers) == [2, 3, 4, 5, 6]


def test_a_graceful_stop_finishes_a_running_post() -> None:
    store = SlowStore()
    world = World(store)
    batch = statements(world, "a")
    answers: list[httpx.Response] = []
    with served(ledger_of(world)) as client:
        store.asked.clear()
        store.go.clear()
        url = f"{client.base_url}/events"
        poster = Thread(target=lambda: answers.append(httpx.post(url, json=batch, timeout=30)))
        poster.start()
        assert store.asked.wait(30)
        Timer(0.3, store.go.set).start()  # while the server stops
    poster.join()
    assert answers[0].json()["recorded"] == 1
    assert checkpoint_of(store.checkpoint() or "").size == 4


def test_a_clock_behind_stops_admission(world: World, app: App) -> None:
    batch = statements(world, "a")
    world.tick(-120)
    answer = app.post(batch)
    assert (answer.status_code, answer.json()["code"]) == (503, "clock.behind")
    assert int(answer.headers["retry-after"]) > 0
    assert 'oreline_posts_total{outcome="fault"} 1' in app.get("/metrics").text


@pytest.mark.parametrize(("code", "status"), [("store.busy", 503), ("store.full", 507)])
def test_a_store_that_fails_is_named_without_its_files(code: str, status: int) -> None:
    class Failing(MemoryStore):
        fails = False

        def writing(self) -> Any:
            if self.fails:
                raise StorageError(code, "/secret/ledger.db", "at /secret/ledger.db")
            return super().writing()

    store = Failing()
    world = World(store)
    store.fails = True
    answer = App(ledger_of(world)).post(statements(world, "a"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text


def test_a_store_that_was_rolled_back_is_neither_signed_nor_written() -> None:
    guard = MemoryGuard()
    newer = World()
    newer.party("miner")
    ledger_of(newer, guard).publish()
    older = World()  # the same ledger, as a copy from before
    with served(ledger_of(older, guard)) as client:
        answer = client.post("/events", json=statements(older, "a"))
        assert (answer.status_code, answer.json()["code"]) == (503, "guard.rolled_back")
        assert client.get("/health").json()["code"] == "guard.rolled_back"
        assert client.get("/entries/0").status_code == 200
        assert "oreline_checkpoint_fault 1" in client.get("/metrics").text
    assert older.store.head().size == 1
    assert older.store.checkpoint() is None


class MovingGuard(MemoryGuard):
    """Another replica signs in between, so many times."""

    moves = 0

    def compare_and_swap(self, old: str | None, new: str) -> None:
        if self.moves:
            self.moves -= 1
            raise GuardError("guard.moved")
        super().compare_and_swap(old, new)


def test_another_replica_may_sign_in_between(world: World) -> None:
    guard = MovingGuard()
    app = App(ledger_of(world, guard))
    guard.moves = 4
    assert app.post(statements(world, "a"), wait="checkpoint").json()["checkpoint"]
    guard.moves = 5
    answer = app.post(statements(world, "b"), wait="checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (503, "guard.moved")
    assert app.get("/health").status_code == 503
    assert app.post(statements(world, "c")).status_code == 200  # no second history, so posting goes on
    assert app.post(statements(world, "d"), wait="checkpoint").status_code == 200
    assert app.get("/health").status_code == 200


def test_all_who_wait_share_one_signature(world: World) -> None:
    ledger = ledger_of(world)
    publish = ledger.publish
    notes: list[str] = []

    def counted() -> str:
        notes.append(publish())
        return notes[-1]

    ledger.publish = counted
    checkpoints = Checkpoints(ledger)

    async def wait() -> list[str]:
        return await asyncio.gather(*(checkpoints.covering(1) for _ in range(5)))

    assert asyncio.run(wait()) == notes * 5
    assert len(notes) == 1


def test_the_guard_is_asked_before_the_first_post() -> None:
    guard = MemoryGuard()
    newer = World()
    newer.party("miner")
    ledger_of(newer, guard).publish()
    app = create_app(ledger_of(World(), guard), 3600)

    async def start() -> str:
        async with app.router.lifespan_context(app):
            with pytest.raises(GuardError) as refusal:
                app.state.service.checkpoints.halted()
            return refusal.value.code

    assert asyncio.run(start()) == "guard.rolled_back"


def test_what_is_added_is_signed_by_and_by(world: World) -> None:
    with served(ledger_of(world), 0.001) as client:
        assert client.post("/events", json=statements(world, "a")).status_code == 200
        while client.get("/health").json()["checkpoint_size"] < 2:
            continue
