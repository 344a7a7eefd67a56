"""What surrounds the commands: terminals, servers that are none, stores that are read only, long graphs."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from cli import remote, way
from ledger.errors import StorageError
from ledger.keyfile import load_private, save_private
from ledger.store.sqlite import SqliteStore
from tests.cli.commands import HOOD, NAME, SCRIPT, call, done, environment, failed, opening, signed
from tests.world import REGISTRAR

# A session of its own whose controlling terminal is standard input.
TERMINAL = (
    "import os\nos.setsid()\nos.close(os.open(os.ttyname(0), os.O_RDWR))\nfrom cli.main import main\nmain()"
)


def on_terminal(path: Path, *args: str, typed: str = "") -> tuple[int, str]:
    """Exit code and screen of a command on a terminal of 70 columns, into which something is typed."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TERMINAL, *args],
        cwd=path,
        env=environment(path, COLUMNS="70"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    screen = b""
    todo = typed.splitlines(keepends=True)
    while True:
        try:
            screen += os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if todo and screen.endswith(b": "):  # the space comes when the terminal no longer echoes
            os.write(ours, todo.pop(0).encode())
            screen += b"\n"
    os.close(ours)
    return process.wait(), screen.decode().replace("\r\n", "\n")


def test_a_passphrase_is_asked_for(here: Path) -> None:
    typed = "correct horse\ncorrect horse\n"
    code, screen = on_terminal(here, "key", "new", "s.jwk", "--encrypt", typed=typed)
    assert code == 0, screen
    assert "New passphrase for s.jwk:" in screen
    assert "correct horse" not in screen
    code, screen = on_terminal(here, "key", "show", "s.jwk", typed="correct horse\n")
    assert (code, "algorithm" in screen) == (0, True)
    code, screen = on_terminal(here, "key", "show", "s.jwk", typed="wrong\n")
    assert (code, "error: key.passphrase at s.jwk" in screen) == (2, True)


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_whoever_leaves_at_a_question_is_not_told_of_a_fault(here: Path, key: str) -> None:
    """ctrl-C, or ctrl-D, where a passphrase is asked for."""
    code, screen = on_terminal(here, "key", "new", "s.jwk", "--encrypt", typed=key)
    assert code == 130, screen
    assert (screen.splitlines()[-1], "error" in screen) == ("interrupted", False)
    assert not (here / "s.jwk").exists()


def test_errors_are_wrapped_for_people_and_not_for_programs(here: Path) -> None:
    code, screen = on_terminal(here, "show", "nothing", "--ledger", "ledger")
    assert code == 2
    assert max(map(len, screen.splitlines())) <= 70
    plain = call("show", "nothing", "--ledger", "ledger").err
    assert screen.split() == plain.split()
    assert len(plain.splitlines()) == 2
    assert max(map(len, plain.splitlines())) > 70


def test_an_encrypted_key_of_the_operator_is_asked_for(here: Path) -> None:
    operator = Path("ledger/keys/operator.jwk")
    key = load_private(operator)
    operator.unlink()
    save_private(operator, key, "correct horse")
    code, screen = on_terminal(here, "party", "list", "--ledger", "ledger")
    assert (code, "Passphrase" in screen) == (0, False)
    Path("one.jws").write_text(signed(opening()))
    code, screen = on_terminal(here, "post", "one.jws", "--ledger", "ledger", typed="correct horse\n")
    assert (code, "1 recorded" in screen) == (0, True), screen


def test_a_terminal_is_no_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    code, screen = on_terminal(here, "prove", HOOD, "--ledger", "chain")
    assert (code, "error: command.usage at oreline prove" in screen) == (2, True)
    code, screen = on_terminal(here, "post", "--ledger", "ledger")
    assert (code, "Give a FILE" in screen) == (2, True)
    code, screen = on_terminal(here, "demo", "--dir", "d")
    assert (code, "\x1b[1m" in screen) == (0, True)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_declined(here: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    code, screen = on_terminal(here, "demo", "--dir", "d")
    assert (code, "\x1b[" in screen) == (0, False)


def test_streams_that_are_closed_end_well(here: Path) -> None:
    def shell(redirection: str) -> "subprocess.CompletedProcess[str]":
        line = f'"{SCRIPT}" party list --ledger ledger {redirection}'
        return subprocess.run(
            ["sh", "-c", line], cwd=here, env=environment(here), capture_output=True, text=True, timeout=60
        )

    nowhere = shell(">&-")
    assert (nowhere.returncode, "error: command.output at standard output" in nowhere.stderr) == (2, True)
    assert "Traceback" not in nowhere.stderr
    silent = shell("2>&-")
    assert (silent.returncode, "urn:" in silent.stdout) == (0, True)
    assert shell("<&- >&- 2>&-").returncode == 2


# --- Servers


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """The URL of a server that gives these answers, one after the other."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = left.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"\xff"),
        (200, b'{"outcomes": []}'),
        (500, b'{"code": "unheard.of"}'),
        (422, b'{"problems": [{"path": "$"}]}'),
        (422, b'{"problems": [{"path": "$[1]"}]}'),
        (422, b'{"problems": 1}'),
        (200, b'{"outcomes": [1]}'),
        (200, b'{"outcomes": [{"index": 1}]}'),
        (200, b"[" * 100_000),
    ],
)
def test_an_answer_that_is_no_ledgers(here: Path, status: int, body: bytes) -> None:
    with answering((status, body)) as url:
        failed("command.remote", "post", "--url", url, stdin=signed(opening()))


def test_all_that_a_server_objects_to_is_told(here: Path) -> None:
    body = b"""{"code": "request.parameter", "problems": [
        {"code": "request.parameter", "detail": "H-1 is stamped on 2 lots"}, 1, {"code": "new.code"},
        {"code": "request.parameter", "detail": "H-2 is stamped on 3 lots"}]}"""
    with answering((422, body)) as url:
        err = failed("request.parameter", "check", "H-1", "H-2", "--policy", "asi", "--url", url)
    assert [line.rpartition(": ")[2] for line in err.splitlines() if "stamped" in line] == [
        "H-1 is stamped on 2 lots",
        "H-2 is stamped on 3 lots",
    ]


def test_other_servers_and_the_registry(here: Path) -> None:
    members = ("--name", "P", "--country", "CA", "--role", "trader")
    add = ("party", "add", "urn:x:p", *members, "--key", "acme.jwk")
    with answering((200, b"{}")) as url:
        failed("command.remote", *add, "--url", url)
    charter = done("export", "entries", "ledger", "--limit", "1").encode().rstrip(b"\n")
    with answering((200, charter), (200, b'{"items": 1}')) as url:
        failed("command.remote", *add, "--replace", "--url", url)
    with answering((200, charter), (200, b'{"items": [], "next": null}')) as url:
        assert call(*add, "--replace", "--no-post", "--url", url).code == 0


def test_a_list_is_not_followed_for_ever_nor_elsewhere(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = ("--name", "P", "--country", "CA", "--role", "trader")
    replace = ("party", "add", "urn:x:p", *members, "--key", "acme.jwk", "--replace", "--url")
    charter = (200, done("export", "entries", "ledger", "--limit", "1").encode().rstrip(b"\n"))
    for away in ("@elsewhere.example/parties?", "/sites?", "/parties.example"):
        with answering(charter, (200, b'{"items": [], "next": "%s"}' % away.encode())) as url:
            assert "next page is none of this list" in failed("command.remote", *replace, url)
    monkeypatch.setattr(remote, "monotonic", count(0, remote.LIST_SECONDS // 2 - 1).__next__)
    more = (200, b'{"items": [], "next": "/parties?cursor=x"}')
    with answering(charter, more, more) as url:
        assert "a list had no end" in failed("command.remote", *replace, url)


def test_a_code_that_only_the_server_knows_is_told(here: Path) -> None:
    body = b'{"problems": [{"path": "$[0]", "code": "new.code", "detail": "D.", "remedy": "R."}]}'
    with answering((422, body)) as url:
        err = failed("new.code at $[0]: D.", "post", "--url", url, stdin=signed(opening()), exit_code=1)
    assert "what to do: R." in err


def test_an_address_is_not_taken_lightly(here: Path) -> None:
    failed("command.public", "serve", "ledger", "--host", "0.0.0.0")
    failed("request.address", "serve", "ledger", "--host", "no such host")
    failed("command.ledger", "serve")
    failed("store.missing", "serve", "nowhere")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        failed("request.address", "serve", "ledger", "--port", str(taken.getsockname()[1]))


# --- Stores and graphs


def test_a_store_that_nobody_can_write_to_is_audited(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = StorageError("store.read_only")

    def writing(store: SqliteStore) -> NoReturn:
        raise fault

    monkeypatch.setattr(SqliteStore, "writing", writing)
    assert "41 entries replayed" in done("audit", "chain")
    fault = StorageError("store.busy")
    assert "a server that runs" in failed("store.busy", "audit", "chain")


def test_long_graphs_are_cut_for_people(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "MOST", 2)
    assert "and 6 more steps (--json lists all)" in done("trace", HOOD, "--ledger", "chain")


def test_a_lot_with_traces_shows_them(here: Path) -> None:
    from ledger.claims.shares import Part
    from ledger.lookup.trace import Origin, Shares

    shares = Shares(
        "urn:x:l", "coil", 1000, (Origin("mine", "urn:x:s", 1000, Part(1, 1)),), (("mine", "urn:x:t"),)
    )
    assert way.shares_text(shares).splitlines()[-1].split() == ["trace", "<", "1", "g", "mine", "urn:x:t"]


def test_the_demo_as_a_command(here: Path) -> None:
    made = call("demo", "--dir", "d", "--json").json
    assert made["verdict"] == "holds"
    assert call("verify", made["proof"], "--trust", made["trust"]).code == 0
    assert call("demo", "--dir", "d", "--json").json["created"] is False
    failed("store.exists", "demo", "--dir", "ledger")


def test_init_over_a_folder_that_appears_meanwhile(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger import folder

    kept = folder.create

    def create(*args: object, **more: object) -> object:
        Path("late").mkdir()
        Path("late/file").touch()
        return kept(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(folder, "create", create)
    failed("command.output at late", "init", "late", "--name", NAME, "--registrar", REGISTRAR)
    assert sorted(os.listdir("late")) == ["file"]
    assert not [name for name in os.listdir(".") if name.startswith(".late")]
