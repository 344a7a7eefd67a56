"""``oreline monitor`` and ``oreline evidence`` as they are typed."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cli import options
from cli.monitor import MAX_STATE
from ledger.monitoring.state import decode
from tests import children
from tests.api.serving import served
from tests.cli import commands
from tests.cli.commands import SCRIPT, call, done, environment, failed
from tests.monitor.histories import grow, other_history, shown, size_of
from tests.monitor.proxy import Proxy
from tests.world import World


@pytest.fixture
def here(tmp_path: Path, world: World) -> Iterator[Path]:
    (tmp_path / "trust.policy").write_text(world.trust.format())
    with commands.folder(tmp_path) as path:
        yield path


ONCE = ("--trust", "trust.policy", "--once")


def test_one_look_and_the_next(here: Path, world: World, proxy: Proxy) -> None:
    state = (*ONCE, "--state", "log.state")
    size = size_of(world)
    assert done("monitor", proxy.url, *state).endswith(f"  {size} entries, {size} new\n")
    kept = Path("log.state").read_bytes()
    assert decode(kept).checkpoint.size == size
    assert done("monitor", proxy.url, *state).endswith(f"  {size} entries, 0 new\n")
    assert Path("log.state").read_bytes() == kept
    grow(world, 2)
    world.publish()
    answer = call("monitor", proxy.url, *state, "--json").json
    added = size_of(world) - size
    assert (answer["kind"], answer["size"], answer["added"]) == ("checkpoint", size + added, added)


def test_a_fork_leaves_evidence_that_anyone_can_check(here: Path, world: World, proxy: Proxy) -> None:
    state = (*ONCE, "--state", "log.state")
    done("monitor", proxy.url, *state)
    kept = Path("log.state").read_bytes()
    other = other_history(11)
    with served(shown(other)) as client:
        proxy.upstream = client
        found = call("monitor", proxy.url, *state)
        assert (found.code, found.out) == (1, "")
        assert "ALARM: monitor.fork at checkpoint: The log example.com/oreline signed two hist" in found.err
        assert "what to do: " in found.err
        unkept = call("monitor", proxy.url, *state, "--evidence", "nowhere")
        assert unkept.code == 1
        assert "ALARM: monitor.fork at checkpoint: " in unkept.err
        assert "command.output at nowhere/fork-" in unkept.err
        as_json = call("monitor", proxy.url, *state, "--json")
    (file,) = Path().glob("*.evidence.json")
    line = json.loads(as_json.out)
    assert (line["kind"], line["code"], line["evidence"]) == ("alarm", "monitor.fork", str(file))
    assert Path("log.state").read_bytes() == kept
    assert "EVIDENCE OF A FORK" in done("evidence", str(file), "--trust", "trust.policy")
    found = call("evidence", str(file), "--trust", "trust.policy", "--json")
    assert [row["size"] for row in found.json["checkpoints"]] == [size_of(world), size_of(other)]

    failed("command.content", "evidence", "trust.policy", "--trust", "trust.policy")
    told = failed("evidence.form", "evidence", "log.state", "--trust", "trust.policy")
    assert "log.state" in told
    value = json.loads(file.read_bytes())
    value["hashes"] = ""
    file.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
    failed("evidence.unproven", "evidence", str(file), "--trust", "trust.policy", exit_code=1)
    failed("command.content", "evidence", str(file), "--trust", str(file))
    Path("bad.policy").write_text("quorum none\nx\n")
    assert "bad.policy line 2" in failed("trust.line", "evidence", str(file), "--trust", "bad.policy")


def test_a_partys_own_events(here: Path, world: World, proxy: Proxy) -> None:
    smelter = world.party("smelter")
    world.site("smelter")
    world.source("smelter", "stock", "1000", kind="opening", material="liquid_aluminium")
    mine = world.last["id"]
    world.publish()
    Path("known.txt").write_text(f"{mine}\n")
    watch = (*ONCE, "--party", smelter, "--known", "known.txt")
    done("monitor", proxy.url, *watch)
    Path("known.txt").write_text("evt:other\n")
    found = call("monitor", proxy.url, *watch)
    assert (found.code, "monitor.event at entry" in found.err) == (1, True)
    assert call("monitor", proxy.url, *ONCE, "--party", smelter, "--keys", "--state", "s").code == 1
    assert decode(Path("s").read_bytes()).kids == (world.keys[smelter].public.kid,)
    assert call("monitor", proxy.url, *ONCE, "--party", smelter, "--keys", "--state", "s").code == 0
    Path("known.txt").write_text("{")
    assert "known.txt" in failed("monitor.known", "monitor", proxy.url, *watch)
    failed("command.usage", "monitor", proxy.url, *ONCE, "--party", smelter)
    failed("command.usage", "monitor", proxy.url, *ONCE, "--keys")


def test_what_cannot_be_reached_is_no_alarm(here: Path, world: World, proxy: Proxy) -> None:
    proxy.alter = lambda path, status, body: (503, b"")
    found = call("monitor", proxy.url, *ONCE)
    assert found.code == 2
    assert f"could not look: network.status at {proxy.url}/log/checkpoint: status 503" in found.err
    assert call("monitor", "http://127.0.0.1:9", *ONCE).code == 2
    failed("network.unreachable", "monitor", "example.com", *ONCE)
    Path("log.state").write_text("{}")
    assert "log.state" in failed("monitor.state", "monitor", proxy.url, *ONCE, "--state", "log.state")
    Path("log.state").write_bytes(b"{}".ljust(MAX_STATE))
    failed("monitor.state", "monitor", proxy.url, *ONCE, "--state", "log.state")
    Path("log.state").write_bytes(b"{}".ljust(MAX_STATE + 1))
    failed("command.content", "monitor", proxy.url, *ONCE, "--state", "log.state")


def test_a_shut_door_is_a_stall_in_the_end(here: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    state = (*ONCE, "--state", "log.state", "--stall", "1h")
    done("monitor", proxy.url, *state)
    since = decode(Path("log.state").read_bytes()).since
    proxy.alter = lambda path, status, body: (503, b"")
    monkeypatch.setattr(options, "now", lambda: since + 3_599_999)
    assert (found := call("monitor", proxy.url, *state)).code == 2
    assert "monitor.stall" not in found.err
    monkeypatch.setattr(options, "now", lambda: since + 3_600_000)
    assert (found := call("monitor", proxy.url, *state)).code == 1
    assert "ALARM: monitor.stall at checkpoint: No new checkpoint has come for 3,600 seconds." in found.err
    assert f"Nor can the log be read: network.status at {proxy.url}" in found.err


class Running:
    """The command in a process of its own, without ``--once``."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def line(self) -> Any:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Its exit code and what it printed last."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def run(here: Path, proxy: Proxy) -> Iterator[Callable[..., Running]]:
    """Starts the command, which is ended with the test."""
    command: list[str | Path] = [SCRIPT, "monitor", proxy.url, "--trust", "trust.policy", "--interval", "1s"]
    pipe = subprocess.PIPE
    given: dict[str, Any] = {"cwd": here, "env": environment(here), "stdout": pipe, "stderr": pipe}
    with ExitStack() as stack:
        yield lambda *more: Running(
            stack.enter_context(children.running([*command, *more], text=True, **given))
        )


def test_it_goes_on_until_ctrl_c(here: Path, world: World, proxy: Proxy, run: Callable[..., Running]) -> None:
    running = run("--json", "--state", "log.state")
    assert running.line()["size"] == size_of(world)
    proxy.alter = lambda path, status, body: (503, b"")
    assert (fault := running.line())["kind"] == "fault", fault
    proxy.alter = lambda path, status, body: (status, body)
    assert running.line()["added"] == 0  # it is well again
    grow(world, 1)
    world.publish()
    while (size := running.line()["size"]) != size_of(world):  # it may look between entry and event
        assert size < size_of(world)
    assert running.stop() == (0, "", "")
    assert decode(Path("log.state").read_bytes()).checkpoint.size == size_of(world)


def test_an_alarm_is_told_once_and_remembered(
    world: World, proxy: Proxy, run: Callable[..., Running]
) -> None:
    running = run("--json")
    assert running.line()["size"] == size_of(world)
    fewer = (other_history(4).store.checkpoint() or "").encode()
    proxy.alter = lambda path, status, body: (200, fewer) if "checkpoint" in path else (404, b"")
    assert running.line()["code"] == "monitor.rollback"
    proxy.alter = lambda path, status, body: (status, body)
    assert running.line()["kind"] == "checkpoint"
    assert running.stop(signal.SIGTERM) == (1, "", "")


@pytest.mark.parametrize("command", ["monitor", "replay"])
def test_nobody_looks_all_the_time(here: Path, proxy: Proxy, command: str) -> None:
    """A log that is gone would cost whoever follows it a processor."""
    trust = ("--trust", "trust.policy", "--interval", "0s")
    if command == "monitor":
        told = failed("command.usage", "monitor", proxy.url, *trust)
    else:
        done("witness", "init", "w", "--name", "witness.example/w")
        told = failed("command.usage", "witness", "replay", "w", "--log", proxy.url, *trust)
    assert "at least 1s" in told
    assert proxy.paths == []


def test_people_are_told_when_it_ends(here: Path, world: World, run: Callable[..., Running]) -> None:
    running = run()
    assert running.process.stdout is not None
    assert running.process.stdout.readline().endswith(f"{size_of(world)} entries, {size_of(world)} new\n")
    code, out, _ = running.stop()
    assert (code, out.strip()) == (0, "stopped")
    assert os.listdir(here) == ["trust.policy"]
