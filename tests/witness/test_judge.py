"""A judge that needs longer than a request waits, is asked by too many, is stopped, or is not alone."""

import fcntl
import os
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from ledger.audit import audit
from ledger.errors import OrelineError, WitnessError
from ledger.witness import mirror, replaying
from ledger.witness.judge import MOST
from tests.monitor.histories import grow
from tests.monitor.proxy import Proxy
from tests.witness.liar import Liar, checkpoint_of
from tests.witness.lies import overdrawn
from tests.witness.replayer import replaying as witness
from tests.world import World


def held(proxy: Proxy) -> threading.Event:
    """The log's entries come when this is set."""
    gate = threading.Event()

    def alter(path: str, status: int, body: bytes) -> tuple[int, bytes]:
        if "/entries/" in path:
            gate.wait(30)
        return status, body

    proxy.alter = alter
    return gate


def test_who_is_behind_says_so_and_goes_on(world: World, proxy: Proxy, tmp_path: Path) -> None:
    signed = world.store.checkpoint() or ""
    with witness(tmp_path / "w", proxy, world.trust, seconds=0.05) as found:
        gate = held(proxy)
        assert found.ask(world, signed) == "witness.behind"
        assert found.ask(world, signed) == "witness.behind"
        gate.set()
        found.judge.look()  # behind what was asked
        assert found.mirror.size == world.store.head().size
        assert found.ask(world, signed) == ""


def test_no_more_than_some_wait(
    world: World, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with witness(tmp_path / "w", proxy, world.trust, seconds=0.01) as found:
        gate, asked = threading.Event(), list[str]()

        def judge(signed: str) -> NoReturn:
            asked.append(signed)
            gate.wait(30)
            raise WitnessError("witness.stopped")

        monkeypatch.setattr(found.mirror, "judge", judge)
        sent = [checkpoint_of(world, size, bytes([size] * 32)) for size in range(1, MOST + 3)]
        for signed in sent:
            assert found.ask(world, signed) == "witness.behind"
        gate.set()
        found.judge.look()  # behind what was asked, and at the log's own checkpoint
        assert asked == [*sent[:MOST], world.store.checkpoint()]


def test_stopped_while_it_replays(world: World, proxy: Proxy, tmp_path: Path) -> None:
    signed = world.store.checkpoint() or ""
    with witness(tmp_path / "w", proxy, world.trust) as found:
        found.mirror.stop()
        assert found.ask(world, signed) == "witness.stopped"
        assert found.told == []
    with witness(tmp_path / "w", proxy, world.trust) as found:
        assert found.ask(world, signed) == ""


def test_another_process_replays(
    world: World, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "SECONDS", 0.05)
    with witness(tmp_path / "w", proxy, world.trust) as found:
        handle = os.open(tmp_path / "w" / "mirror" / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert found.look() == "witness.behind"
        os.close(handle)
        assert found.ask(world, world.store.checkpoint() or "") == ""


def test_an_unforeseen_fault_is_no_cosignature(
    world: World, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with witness(tmp_path / "w", proxy, world.trust) as found:
        with monkeypatch.context() as patched:
            patched.setattr(found.mirror, "judge", lambda signed: 1 // 0)
            with pytest.raises(ZeroDivisionError):
                found.ask(world, world.store.checkpoint() or "")
        assert "ZeroDivisionError" in found.judge.state()["problem"]["detail"]


def test_evidence_that_cannot_be_written(world: World, proxy: Proxy, tmp_path: Path) -> None:
    overdrawn(Liar(world))
    signed = world.publish()
    with witness(tmp_path / "w", proxy, world.trust) as found:
        (tmp_path / "w" / "evidence").write_text("")
        assert found.ask(world, signed) == "witness.store"
        (tmp_path / "w" / "evidence").unlink()
        assert found.ask(world, signed) == "witness.refused"
    refused = pytest.raises(OrelineError, match=r"witness\.refused")
    with witness(tmp_path / "w", proxy, world.trust) as found, refused:
        found.mirror.look()


def test_little_is_remembered(
    world: World, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: what is forgotten is read from the mirror."""
    monkeypatch.setattr("ledger.witness.feed.GROUP", 256)
    for name in ("MAX_KNOWN", "MAX_KEYS", "AT_ONCE"):
        monkeypatch.setattr(replaying, name, 1)
    for n in range(3):
        world.party(f"late-{n}")
        grow(world, 300)
    signed = world.publish()
    with witness(tmp_path / "w", proxy, world.trust) as found:
        assert found.ask(world, signed) == ""
        assert audit(found.store).ok
