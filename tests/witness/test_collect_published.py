"""What is published: never a checkpoint that misses its quorum, and nothing posted is lost by that."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api import models
from ledger.errors import StorageError, WitnessError
from ledger.folder import WITNESSES, open_ledger
from ledger.note import ED25519, checkpoint_of, verifier
from ledger.publisher import Publisher
from ledger.store.guard import Guard, MemoryGuard
from ledger.witness.collect import Collector, parse_policy
from tests.api.serving import App, ledger_of, served
from tests.cli import commands
from tests.cli.commands import call, done, failed
from tests.witness.cosigner import Answer, Cosigner, policy, serving
from tests.world import NAME, PARTY, REGISTRAR, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def two() -> Iterator[list[Cosigner]]:
    with serving("one.example", "two.example") as witnesses:
        yield witnesses


def collector(world: World, witnesses: list[Cosigner]) -> Collector:
    key = verifier(NAME, ED25519, world.operator.public.raw)
    text = parse_policy(policy(witnesses, "all"), key)
    return Collector(text, lambda: world.now, world.store.checkpoint(), 10)


def publisher(world: World, guard: Guard, asked: Collector) -> Publisher:
    return Publisher(world.log, guard, world.operator, NAME, asked)


def size_of(note: str | None) -> int:
    assert note is not None
    return checkpoint_of(note).size


def down(body: bytes) -> Answer:
    return 503, b"down"


def test_what_is_published_has_its_quorum(world: World, two: list[Cosigner]) -> None:
    asked = collector(world, two)
    guard = MemoryGuard()
    published = publisher(world, guard, asked).publish()
    assert published == world.store.checkpoint()
    assert [name for name, _ in asked.policy.check(published).witnesses] == ["w0", "w1"]
    kept = guard.read()
    assert kept is not None
    assert published.startswith(kept)  # the log's own signature, before anyone was asked
    assert (kept.count("\n— "), published.count("\n— ")) == (1, 3)


def test_without_its_quorum_the_old_one_stays_and_the_next_attempt_goes_on(
    world: World, two: list[Cosigner]
) -> None:
    guard = MemoryGuard()
    asked = collector(world, two)
    publish = publisher(world, guard, asked).publish
    first = publish()
    world.party("miner")
    two[1].behave = down
    with pytest.raises(WitnessError):
        publish()
    assert world.store.checkpoint() == first
    assert size_of(guard.read()) == world.store.head().size

    # Restarted, with more posted meanwhile; one witness has cosigned what was never published.
    world.party("roller")
    two[1].behave = None
    again = collector(world, two)
    published = publisher(world, guard, again).publish()
    assert size_of(published) == size_of(guard.read()) == world.store.head().size
    assert world.store.checkpoint() == published
    assert [len(witness.requests) for witness in two] == [4, 3]
    assert publisher(world, guard, again).publish() == published
    assert [len(witness.requests) for witness in two] == [4, 3]


def test_a_crash_after_the_guard_is_made_good(world: World, two: list[Cosigner]) -> None:
    guard = MemoryGuard()

    class Dying(Collector):
        def collect(self, checkpoint: str, prove: Callable[[int, int], list[bytes]]) -> str:
            super().collect(checkpoint, prove)
            raise KeyboardInterrupt  # the process ends here

    key = verifier(NAME, ED25519, world.operator.public.raw)
    dying = Dying(parse_policy(policy(two), key), lambda: world.now)
    with pytest.raises(KeyboardInterrupt):
        publisher(world, guard, dying).publish()
    assert world.store.checkpoint() is None
    published = publisher(world, guard, collector(world, two)).publish()
    assert published == world.store.checkpoint()


def test_another_process_may_have_published_meanwhile(world: World, two: list[Cosigner]) -> None:
    guard = MemoryGuard()
    other = publisher(world, guard, collector(world, two))
    other.publish()
    world.party("miner")

    class Overtaken(Collector):
        def collect(self, checkpoint: str, prove: Callable[[int, int], list[bytes]]) -> str:
            world.party("roller")
            other.publish()
            return super().collect(checkpoint, prove)

    key = verifier(NAME, ED25519, world.operator.public.raw)
    overtaken = Overtaken(parse_policy(policy(two), key), lambda: world.now, world.store.checkpoint())
    published = publisher(world, guard, overtaken).publish()
    assert published == world.store.checkpoint()
    assert size_of(published) == world.store.head().size


def test_a_policy_that_came_later_publishes_nothing_less(world: World, two: list[Cosigner]) -> None:
    guard = MemoryGuard()
    first = Publisher(world.log, guard, world.operator, NAME).publish()
    two[0].behave = down
    with pytest.raises(WitnessError):
        publisher(world, guard, collector(world, two)).publish()
    assert world.store.checkpoint() == first


# --- Over HTTP


def party(world: World, name: str) -> str:
    event = {"type": "party", "party": REGISTRAR, "subject": PARTY + name, "name": name, "country": "CA"}
    return world.sign(world.event(event | {"roles": ["miner"], "prefixes": [f"urn:{name}:"]}))


def test_who_waits_for_a_checkpoint_is_told_and_what_was_posted_is_there(
    world: World, two: list[Cosigner]
) -> None:
    asked = collector(world, two)
    ledger = ledger_of(world, asked=asked)
    with served(ledger) as client:
        health = client.get("/health").json()
        assert (health["unpublished"], health["checkpoint_size"]) == (None, health["size"])
        first = health["size"]
        two[1].behave = down
        answer = client.post("/events", params={"wait": "checkpoint"}, json=[party(world, "a")])
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["code"], "w1" in answer.text) == ("witness.quorum", False)
        assert size_of(client.get("/log/checkpoint").text) == first
        assert client.get(f"/entries/{first}").status_code == 200

        signed = world.store.head().size
        answer = client.post("/events", json=[party(world, "b")])
        assert (answer.status_code, answer.json()["recorded"]) == (200, 1)
        health = client.get("/health")
        found = models.Health.model_validate_json(health.content, strict=True)
        assert (health.status_code, found.size, found.checkpoint_size) == (200, signed + 1, first)
        assert found.unpublished == "witness.quorum"
        one, other = found.witnesses
        assert (one.name, one.size, one.error, one.behind_seconds) == ("w0", signed, "", 0)
        assert (other.size, other.error) == (first, "it does not cosign (status 503: down)")
        assert other.contact == world.time.replace("Z", ".000Z")
        world.tick(90)
        lines = client.get("/metrics").text.splitlines()
        assert set(lines) >= {
            "oreline_checkpoint_fault 1",
            f"oreline_checkpoint_lag_entries {signed + 1 - first}",
            f'oreline_witness_entries{{witness="w0"}} {signed}',
            'oreline_witness_lag_entries{witness="w0"} 1',
            f'oreline_witness_lag_entries{{witness="w1"}} {signed + 1 - first}',
            'oreline_witness_lag_seconds{witness="w0"} 0',
            'oreline_witness_lag_seconds{witness="w1"} 90',
            'oreline_witness_fault{witness="w0"} 0',
            'oreline_witness_fault{witness="w1"} 1',
        }

        two[1].behave = None
        answer = client.post("/events", params={"wait": "checkpoint"}, json=[party(world, "c")])
        assert answer.status_code == 200
        note = answer.json()["checkpoint"]
        size = world.store.head().size
        assert (size_of(note), len(asked.policy.check(note).witnesses)) == (size, 2)
        assert client.get("/log/checkpoint").text == note
        found = models.Health.model_validate_json(client.get("/health").content, strict=True)
        assert (found.unpublished, found.checkpoint_size) == (None, size)


def test_those_who_wait_share_one_failure(world: World, two: list[Cosigner]) -> None:
    asked = collector(world, two)
    entered, gate = threading.Event(), threading.Event()
    with served(ledger_of(world, asked=asked)) as client:
        before = len(two[1].requests)

        def hanging(body: bytes) -> Answer:
            entered.set()
            gate.wait(30)
            return down(body)

        two[1].behave = hanging
        codes: list[str] = []

        def post(name: str) -> None:
            answer = client.post("/events", params={"wait": "checkpoint"}, json=[party(world, name)])
            codes.append(answer.json()["code"])

        threads = [threading.Thread(target=post, args=(f"p{n}",)) for n in range(6)]
        threads[0].start()
        entered.wait(30)
        for thread in threads[1:]:
            thread.start()
        while 'oreline_statements_total{outcome="recorded"} 6' not in client.get("/metrics").text:
            pass
        # Give the last one time to queue: a request that runs after it is answered.
        assert client.get("/health").status_code == 200
        gate.set()
        for thread in threads:
            thread.join()
        assert codes == ["witness.quorum"] * 6
        assert len(two[1].requests) - before <= 2  # the first, and at most one that came too late to share


def test_the_task_that_signs_tells_when_it_is_published_again(world: World, two: list[Cosigner]) -> None:
    two[0].behave = down
    guard = MemoryGuard()
    with served(ledger_of(world, guard, collector(world, two)), interval=0.02) as client:
        world.party("miner")
        while client.get("/health").json()["unpublished"] is None:
            pass
        two[0].behave = None
        publisher(world, guard, collector(world, two)).publish()  # another process was faster
        while client.get("/health").json()["unpublished"] is not None:
            pass
        health = client.get("/health").json()
        assert health["checkpoint_size"] == world.store.head().size
        assert [(row["size"], row["error"]) for row in health["witnesses"]] == [(health["size"], "")] * 2


def test_names_of_witnesses_are_quoted_in_metrics(world: World) -> None:
    text = policy([Cosigner("one.example", "http://127.0.0.1:9")]).replace("w0", 'a"b\\c')
    asked = Collector(
        parse_policy(text, verifier(NAME, ED25519, world.operator.public.raw)), lambda: world.now
    )
    found = App(ledger_of(world, asked=asked)).get("/metrics").text
    assert 'oreline_witness_entries{witness="a\\"b\\\\c"} 0\n' in found


# --- From a folder


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    commands.founded(tmp_path)
    with commands.folder(tmp_path) as path:
        yield path


def test_the_folders_policy_is_used_by_the_commands(here: Path, two: list[Cosigner]) -> None:
    for one in two:
        one.clock = int(time.time())  # the commands have no other clock
    Path("ledger", WITNESSES).write_text(policy(two))
    first = commands.signed(commands.opening())
    answer = json.loads(done("post", "--ledger", "ledger", "--json", stdin=first))
    assert answer["checkpoint"].count("\n— ") == 3
    two[0].behave = down
    posted = call("post", "--ledger", "ledger", "--json", stdin=commands.signed(commands.casting()))
    assert (posted.code, posted.json["recorded"], "checkpoint" in posted.json) == (0, 1, False)
    assert "recorded, and not published yet: witness.quorum: w0: it does not cosign" in posted.err
    two[0].behave = None
    text = (here / "ledger" / "trust.policy").read_text()
    witnessed = text.replace("quorum none\n", "") + policy(two)
    Path("witnessed.policy").write_text(witnessed)
    again = call("post", "--ledger", "ledger", "--json", stdin=first)
    assert (again.code, again.json["duplicates"], again.err) == (0, 1, "")
    done("prove", commands.METAL, "--ledger", "ledger", "-o", "metal.proof.json")
    report = call("verify", "metal.proof.json", "--trust", "witnessed.policy", "--json").json
    (signed,) = [row for row in report["proofs"][0]["checks"] if row["check"] == 2]
    assert signed["verdict"] == "pass"


def test_a_served_ledger_acknowledges_without_its_witnesses(here: Path, two: list[Cosigner]) -> None:
    Path("ledger", WITNESSES).write_text(policy(two))
    two[1].behave = down
    statement = commands.signed(commands.opening())
    ledger = open_ledger(here / "ledger", lambda: 1_900_000_000_000, here / "guard")
    with served(ledger) as client:
        posted = call("post", "--url", str(client.base_url), "--json", stdin=statement)
    ledger.close()
    assert (posted.code, posted.json["refused"], "index" in posted.json["outcomes"][0]) == (0, 0, True)
    assert "recorded, so it counts as already there, and not published yet: " in posted.err


def test_a_policy_that_is_wrong_opens_nothing(here: Path) -> None:
    path = Path("ledger", WITNESSES)
    path.write_text("witness w1 nonsense\nquorum w1\n")
    told = failed("trust.key", "post", "--ledger", "ledger", stdin=commands.signed(commands.opening()))
    assert "ledger/witnesses.policy line 1" in told
    path.write_bytes(b"\xff")
    failed("trust.text", "post", "--ledger", "ledger", stdin=commands.signed(commands.opening()))
    path.unlink()
    path.mkdir()
    with pytest.raises(StorageError) as caught:
        open_ledger(here / "ledger", lambda: 0, here / "guard")
    assert caught.value.code == "store.unavailable"
