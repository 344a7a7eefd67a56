"""The examples do what they say, each as a program of its own against a real server of the demo's ledger."""

import ast
import csv
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.demo.run import run_demo
from ledger import statement
from ledger.keyfile import load_private
from tests import children
from tests.cli.test_surroundings import answering
from tests.house.tree import ROOT

pytestmark = pytest.mark.unmeasured

EXAMPLES = ROOT / "docs" / "examples"
NORTHBAY, LATERRIERE = (f"urn:oreline-demo:party:{name}" for name in ("northbay", "laterriere"))
EVENT, LOT = "urn:oreline-demo:event:northbay", "urn:oreline-demo:lot:northbay"


class Demo(NamedTuple):
    """A demo ledger that may be served at ``url``; ``folder`` holds the ledger ``demo``, which began with so
    many ``entries``."""

    folder: Path
    url: str
    entries: int

    @property
    def env(self) -> dict[str, str]:
        """Where ``oreline`` is the one under test, and nothing is at home."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {
            "HOME": str(self.folder),
            "ORELINE_GUARD": str(self.folder / "guard"),
            "PATH": path,
        }

    def key(self, name: str) -> str:
        """The file of somebody's key."""
        return str(self.folder / "demo" / "keys" / f"{name}.jwk")

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a program in the folder."""
        pipe = subprocess.PIPE
        return children.start(command, cwd=self.folder, env=self.env, stdout=pipe, stderr=pipe, text=True)

    def run(self, *command: str) -> tuple[int, str, str]:
        """Run a program in the folder: its exit code, what it printed, what it complained of."""
        process = self.start(*command)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def cast(self, heat: str, kg_in: str, kg_out: str) -> list[str]:
        """The command line of ``post_with_jws.py``."""
        program = str(EXAMPLES / "post_with_jws.py")
        return [sys.executable, program, self.url, self.key("laterriere-casthouse"), heat, kg_in, kg_out]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo's ledger, and a server that starts only when an example is already asking for it."""
    folder = tmp_path_factory.mktemp("examples")
    entries = run_demo(folder / "demo", lambda line: None, guard=folder / "guard").entries
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Demo(folder, f"http://127.0.0.1:{port}", entries)
    early = made.start(*made.cast("H26-0315", "1000", "985"))
    assert early.stderr is not None
    assert "refused" in early.stderr.readline()  # it found nobody, and will try again
    server = made.start("oreline", "serve", "demo", "--port", str(port))
    try:
        out, _ = early.communicate(timeout=120)
        assert (early.returncode, out) == (0, f"entry {entries}, recorded\n")
        yield made
    finally:
        server.terminate()
        server.communicate()


def test_a_cast_is_recorded_once_and_a_refusal_is_read(demo: Demo) -> None:
    assert demo.run(*demo.cast("H26-0315", "1000", "985")) == (
        0,
        f"entry {demo.entries}, already there\n",
        "",
    )
    assert (demo.folder / "H26-0315.jws").exists()
    code, out, err = demo.run(
        *demo.cast("H26-0315", "1000", "984")
    )  # not what was signed, and may be recorded
    assert (code, out) == (0, f"entry {demo.entries}, already there\n")
    assert err == "H26-0315.jws was signed before with other figures, and is posted as it is\n"
    code, out, _ = demo.run(*demo.cast("H26-0316", "500", "510"))
    assert code == 1
    assert out.splitlines()[0].startswith("mass.created at $[0].outputs: 510 kg out of 500 kg")
    assert out.splitlines()[1].startswith("what to do: ")
    assert not (demo.folder / "H26-0316.jws").exists()
    program, script, url, key, *cast = demo.cast("H26-0316", "500", "490")
    code, out, err = demo.run(program, script, url, "no.jwk", *cast)
    assert (code, out, err.startswith("no key: ")) == (2, "", True)
    code, out, err = demo.run(program, script, f"{url}/", key, *cast)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"entry \d+, recorded\n", out)  # the root of each checkpoint is an entry, too


@pytest.mark.parametrize(
    "program",
    [["sh", "post_with_curl.sh"], [sys.executable, "post_with_jws.py"], [sys.executable, "weighbridge.py"]],
)
def test_whoever_gives_too_little_learns_what_to_give(program: list[str]) -> None:
    found = subprocess.run(
        [program[0], EXAMPLES / program[1], "http://127.0.0.1:1"], capture_output=True, text=True, check=False
    )
    assert (found.returncode in (1, 2), found.stdout) == (True, "")
    assert f"{program[1]}" in found.stderr
    assert "KEY.jwk" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file or directory"),
        (b"ticket;time;sender;delivery;lot;gross;tare\nW-1;;;;;20;1\n", "KeyError('time')"),
        (b"\xef\xbb\xbfticket,time,sender,delivery,lot,gross,tare\nW-1,,,,,20.5,\n", "'20.5'"),
        (b"\xff", "UnicodeDecodeError"),
    ],
)
def test_the_weighbridge_says_what_is_wrong_with_its_tickets(
    tmp_path: Path, text: bytes | None, said: str
) -> None:
    if text is not None:
        (tmp_path / "tickets.csv").write_bytes(text)
    found = subprocess.run(
        [sys.executable, EXAMPLES / "weighbridge.py", "tickets.csv", "KEY.jwk", "http://127.0.0.1:1"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (1, "")
    assert "tickets.csv KEY.jwk" in found.stderr
    assert "The first line: ``ticket,time," in found.stderr
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_the_jws_example_needs_nothing_of_ours() -> None:
    tree = list(ast.walk(ast.parse((EXAMPLES / "post_with_jws.py").read_text("utf-8"))))
    plain = {
        name.name.partition(".")[0] for node in tree if isinstance(node, ast.Import) for name in node.names
    }
    assert plain - sys.stdlib_module_names == {"jwt"}


def test_the_weighbridge_is_thirty_lines() -> None:
    assert len((EXAMPLES / "weighbridge.py").read_text("utf-8").splitlines()) <= 30


@pytest.mark.parametrize("name", ["laterriere", "tannerybend"])  # Ed25519, P-256
def test_the_jws_example_signs_with_both_kinds_of_key(demo: Demo, name: str) -> None:
    spec = importlib.util.spec_from_file_location("post_with_jws", EXAMPLES / "post_with_jws.py")
    assert spec is not None
    assert spec.loader is not None
    example: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    key = load_private(Path(demo.key(name)))
    signed = statement.parse(example.sign(b"{}", json.loads(Path(demo.key(name)).read_text())))
    statement.check(signed, key.public)
    assert (signed.kid, signed.payload) == (key.public.kid, b"{}")


@pytest.mark.parametrize(("status", "body"), [(404, b"<html>"), (200, b"<html>"), (404, b"{}")])
def test_what_answers_and_is_no_ledger_has_not_refused(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    """A proxy, or another server: whether the cast is in the ledger is not known yet."""
    spec = importlib.util.spec_from_file_location("post_with_jws", EXAMPLES / "post_with_jws.py")
    assert spec is not None
    assert spec.loader is not None
    example: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    monkeypatch.setattr(example, "WAITS", ())
    with answering((status, body)) as url:
        assert example.post(url, ["a.b.c"]) == (0, {})


def truck(number: int, lot: str, kg: str) -> dict[str, Any]:
    """A lorry with scrap that leaves for the casthouse."""
    return {
        "ledger": "oreline.example/demo", "type": "ship", "id": f"{EVENT}:truck-{number}",
        "time": "2026-03-15T08:00:00Z", "party": NORTHBAY, "site": "urn:oreline-demo:site:northbay-yard",
        "lines": [{"lot": f"{LOT}:{lot}", "kg": kg, "as": f"{LOT}:truck-{number}"}], "to": LATERRIERE,
    }  # fmt: skip


def test_curl_posts_and_the_weighbridge_receives(demo: Demo) -> None:
    assert shutil.which("curl"), "this test needs curl: install it"
    trucks = [truck(1, "bales-0114", "6000"), truck(2, "bales-0114", "7000")]
    (demo.folder / "trucks.json").write_text(json.dumps(trucks))
    curl = ["sh", str(EXAMPLES / "post_with_curl.sh"), demo.url, demo.key("northbay"), "trucks.json"]
    for recorded, duplicates in (2, 0), (0, 2):
        code, out, _ = demo.run(*curl)
        answer = json.loads(out)
        assert (code, answer["recorded"], answer["duplicates"]) == (0, recorded, duplicates)
        assert out.endswith("}\n")  # or the prompt stands behind it
    (demo.folder / "trucks.json").write_text(json.dumps([truck(3, "bales-0114", "7000")]))
    code, out, _ = demo.run(*curl)
    assert (code, json.loads(out)["problems"][0]["code"]) == (22, "lot.overdrawn")

    with open(demo.folder / "tickets.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["ticket", "time", "sender", "delivery", "lot", "gross", "tare"])
        for number, gross in (1, 20010), (2, 20990), (9, 21000):
            name = f"truck-{number}"
            ticket = [f"W-{number}", "2026-03-15T11:00:00Z", NORTHBAY, f"{EVENT}:{name}"]
            rows.writerow([*ticket, f"{LOT}:{name}", gross, 14000])
    program, key = str(EXAMPLES / "weighbridge.py"), demo.key("laterriere-casthouse")
    scale = [sys.executable, program, "tickets.csv", key]
    code, out, err = demo.run(*scale, demo.url)
    assert (code, out.splitlines()[0]) == (1, "3 statements: 2 recorded, 1 refused")
    assert "truck-9 is not in the ledger" in err
    code, out, _ = demo.run(*scale, demo.url)
    assert (code, out.splitlines()[0]) == (
        1,
        "1 of 3 statements refused, 2 already there; nothing was recorded",
    )
    code, out, _ = demo.run("oreline", "show", f"{LOT}:truck-2", "--ledger", "demo", "--json")
    assert (code, json.loads(out)["left"]) == (0, "6990")
