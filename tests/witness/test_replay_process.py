"""`oreline witness replay` as it is run: killed, interrupted, started twice, out of room."""

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from cli.witness import replaying as replaying_here
from cli.witness import replays
from ledger import note
from ledger.audit import audit
from ledger.codes import CODES
from ledger.proof import build
from ledger.publisher import Publisher
from ledger.store.guard import MemoryGuard
from ledger.store.sqlite import SqliteStore
from ledger.trust import Trust
from ledger.verify import check
from ledger.witness.collect import Collector, parse_policy
from ledger.witness.folder import VKEYS
from ledger.witness.mirror import MIRROR, REFUSED
from tests.cli.commands import HOOD, done, failed, folder
from tests.monitor.histories import grow
from tests.monitor.proxy import Proxy
from tests.witness.liar import Liar, request
from tests.witness.lies import overdrawn
from tests.witness.replayer import Replayer
from tests.witness.serving import add, killed_after, monitoring, process, replaying
from tests.world import World, private_key

pytestmark = pytest.mark.unmeasured


@pytest.fixture
def world() -> World:
    world = World()
    world.hood()
    for _ in range(3):
        grow(world, 400)
        world.publish()
    return world


@pytest.fixture
def place(world: World, tmp_path: Path) -> Path:
    with folder(tmp_path):
        done("witness", "init", "w", "--name", "witness.example/w")
    (tmp_path / "trust").write_text(world.trust_text())
    return tmp_path


def asked(world: World, old: int = 0) -> bytes:
    return request(world, world.store.checkpoint() or "", old)


def test_it_is_killed_after_every_commit_and_goes_on(world: World, proxy: Proxy, place: Path) -> None:
    sizes = []
    for _ in range(20):
        with killed_after(place, proxy.url, 1) as client:
            try:
                answer = add(client, asked(world))
            except Exception:  # noqa: BLE001  # it died in the middle of it
                store = SqliteStore(place / "w" / MIRROR)
                sizes.append(store.head().size)
                store.close()
                continue
        break
    assert answer.status_code == 200
    assert len(sizes) >= 5
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == world.store.head().size
    store = SqliteStore(place / "w" / MIRROR)
    assert audit(store).ok
    store.close()


def test_interrupted_and_started_again(world: World, proxy: Proxy, place: Path) -> None:
    for sent in (signal.SIGINT, signal.SIGTERM):
        with replaying(place, proxy.url) as (client, running):
            size = world.store.head().size
            assert add(client, asked(world, 0 if sent == signal.SIGINT else size)).status_code == 200
            running.send_signal(sent)
            out, err = running.communicate(timeout=60)
            assert (running.returncode, out, err) == (0, "", "")


def test_two_processes_share_a_mirror(world: World, proxy: Proxy, place: Path) -> None:
    with replaying(place, proxy.url) as (one, _), replaying(place, proxy.url) as (two, _):
        assert add(one, asked(world)).status_code == 200
        for client in (two, one, two):
            size = world.store.head().size
            grow(world, 3)
            world.publish()
            assert add(client, asked(world, size)).status_code == 200
        assert one.get("/health").json()["entries"] == world.store.head().size
    store = SqliteStore(place / "w" / MIRROR)
    assert audit(store).ok
    store.close()


def test_what_it_answers_when_it_refuses(world: World, proxy: Proxy, place: Path) -> None:
    with replaying(place, proxy.url) as (client, _):
        assert add(client, asked(world)).status_code == 200
        shown = client.get(monitoring(world.name))
        assert note.checkpoint_of(shown.text).size == world.store.head().size
        health = client.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "following")
    size = world.store.head().size
    index = overdrawn(Liar(world))
    world.publish()
    with replaying(place, proxy.url) as (client, running):
        answer = add(client, asked(world, size))
        assert (answer.status_code, answer.json()["code"]) == (422, "witness.refused")
        name = answer.json()["detail"].rpartition(" ")[2]
        health = client.get("/health").json()
        assert (health["status"], health["refusal"]["code"]) == ("refusing", "lot.overdrawn")
        assert health["refusal"]["evidence"] == name
        running.send_signal(signal.SIGTERM)
        assert "witness.refused: lot.overdrawn: entry" in running.communicate(timeout=60)[1]
    with folder(place):
        told = done("evidence", f"w/evidence/{name}", "--trust", "trust")
        assert "EVIDENCE OF AN ENTRY THAT CANNOT STAND" in told
        assert f"entry {index} stands" in " ".join(told.split())
        found = json.loads(done("evidence", f"w/evidence/{name}", "--trust", "trust", "--json"))
        assert (found["kind"], found["ledger"]) == ("entry", world.name)
    with replaying(place, proxy.url, "--judge-again") as (client, running):
        assert add(client, asked(world, size)).json()["code"] == "witness.refused"
        running.send_signal(signal.SIGTERM)
        assert "the log was refused; it is judged again" in running.communicate(timeout=60)[1]


class Full(sqlite3.Connection):
    """A connection to a disk without room, from some commit on."""

    room = 2

    def execute(self, sql: str, *given: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql == "COMMIT":
            Full.room -= 1
            if Full.room < 0:
                raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *given)  # type: ignore[arg-type]


class FullStore(SqliteStore):
    connection_class = Full


@pytest.mark.parametrize("room", range(6))
def test_a_full_disk(
    world: World, proxy: Proxy, tmp_path: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.witness.feed.GROUP", 512)
    signed = world.store.checkpoint() or ""
    (tmp_path / "w" / MIRROR).mkdir(parents=True)
    SqliteStore(tmp_path / "w" / MIRROR, create=True).close()
    Full.room = room
    found = Replayer(
        tmp_path / "w", proxy.url, world.trust, private_key("w"), store=FullStore(tmp_path / "w" / MIRROR)
    )
    assert found.ask(world, signed).startswith("store.")
    Full.room = 1_000
    assert found.ask(world, signed) == ""
    assert audit(found.store).ok
    found.close()


def test_what_the_command_refuses(world: World, proxy: Proxy, place: Path) -> None:
    with folder(place):
        given = ("--log", proxy.url, "--trust", "trust")
        failed("witness.missing", "witness", "replay", "nowhere", *given)
        assert not Path("nowhere").exists()
        failed("command.public", "witness", "replay", "w", *given, "--listen", "192.0.2.1:8118")
        failed("network.unreachable", "witness", "replay", "w", "--log", "ledger.example", "--trust", "trust")
        other = world.trust_text().replace(world.name, "example.com/other").splitlines()[0]
        Path("two").write_text(f"{other.replace('+', '+')}\n{world.trust_text()}")
        failed("trust.key", "witness", "replay", "w", "--log", proxy.url, "--trust", "two")
        second = note.format_vkey(
            note.verifier("example.com/other", note.ED25519, private_key("other").public.raw)
        )
        Path("two").write_text(f"log {second}\n{world.trust_text()}")
        failed("trust.logs", "witness", "replay", "w", "--log", proxy.url, "--trust", "two")
    with replaying(place, proxy.url) as (client, _):
        assert add(client, asked(world)).status_code == 200
    (place / "logs").write_text("".join(f"log {note.format_vkey(log.key)}\n" for log in world.trust.logs))
    with folder(place):
        failed("witness.replays", "witness", "serve", "w", "--log", "logs")


def test_a_plain_witness_never_replays(world: World, proxy: Proxy, place: Path) -> None:
    """Or what it has cosigned before would count, in trust files, as replayed."""
    (place / "logs").write_text("".join(f"log {note.format_vkey(log.key)}\n" for log in world.trust.logs))
    with process(place):
        pass
    with folder(place):
        failed("witness.plain", "witness", "replay", "w", "--log", proxy.url, "--trust", "trust")
        assert not (Path("w") / MIRROR).exists()


def test_what_keeps_it_from_judging_is_told_with_what_to_do(
    world: World, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "http://127.0.0.1:1"
    with folder(place), replaying_here(Path("w"), url, "trust", False) as (_, judge):
        judge.look()
        judge.look()  # told once
        assert not replays(Path("w"))  # nothing yet, so its key vouches for nothing yet
        (Path("w") / MIRROR / REFUSED).write_text("{}")
        assert replays(Path("w"))
    told = capsys.readouterr().err.splitlines()
    assert [line.split("Z  ")[-1] for line in told] == [
        f"network.unreachable at {url}: Connection refused",
        f"what to do: {CODES['network.unreachable'].remedy}",
    ]


def test_a_report_tells_how_many_of_each_kind_signed(world: World, proxy: Proxy, place: Path) -> None:
    """One plain witness and one that replays, asked by the log before it publishes."""
    plain = place / "plain"
    plain.mkdir()
    with folder(plain):
        done("witness", "init", "w", "--name", "witness.example/plain")
    (plain / "logs").write_text(world.trust_text())
    with process(plain) as (one, _), replaying(place, proxy.url) as (two, _):
        lines = [
            f"witness {name} {(at / 'w' / VKEYS).read_text().strip()} {client.base_url}"
            for name, at, client in (("one", plain, one), ("two", place, two))
        ]
        quorum = [*lines, "group both all one two", "quorum both"]
        policy = parse_policy("".join(f"{line}\n" for line in quorum), world.trust.logs[0].key)
        guard = MemoryGuard()
        guard.compare_and_swap(None, world.store.checkpoint() or "")
        collector = Collector(policy, lambda: world.now, seconds=60)
        grow(world, 300)
        signed = Publisher(world.log, guard, world.operator, world.name, collector).publish()
    assert world.store.checkpoint() == signed
    text = world.trust_text().replace(
        "quorum none\n", "".join(f"{line}\n" for line in quorum) + "replays two\n"
    )
    report = check([build(world.store, HOOD)], Trust.parse(text))
    assert report.exit_code == 0
    (told,) = [found.sentence for found in report.proofs[0].findings if found.check == 2]
    assert "cosigned by 1 witness (one) and 1 witness that replays the rules (two)" in told
