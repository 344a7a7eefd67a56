"""`oreline restore`: a ledger's folder, from an old backup or from nothing, by real servers and folders."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ledger import evidencefile, note
from ledger.note import split
from ledger.store.sqlite import SqliteStore
from ledger.trust import Trust
from tests.cli.commands import (
    ACME,
    SCRIPT,
    call,
    copied,
    done,
    environment,
    failed,
    folder,
    founded,
    signed,
)
from tests.cli.commands import opening as opened
from tests.house.tree import ROOT
from tests.witness import cosigner
from tests.world import LOT, private_key


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("origin")
    founded(path)
    return path


@pytest.fixture
def place(origin: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with ``ledger``, its older copy ``backup``, and what was posted since, also in ``newest``."""
    with folder(copied(origin, tmp_path)):
        shutil.copytree("ledger", "backup")
        Path("open.jws").write_text(signed(opened()))
        done("post", "open.jws", "--ledger", "ledger")
        shutil.copytree("ledger", "newest")
        yield tmp_path


def roll_back() -> None:
    shutil.copy("backup/ledger.db", "ledger/ledger.db")


def size() -> int:
    store = SqliteStore("ledger")
    try:
        return store.head().size
    finally:
        store.close()


def one_more(ledger: str, name: str) -> None:
    """Another party."""
    done("party", "add", f"urn:example:party:{name}", "--name", name, "--country", "CA", "--role", "smelter",
         "--prefix", f"{LOT}{name}:", "--ledger", ledger)  # fmt: skip


def is_well() -> None:
    """The audit passes and posting goes on."""
    found = call("audit", "ledger", "--json").json
    assert (found["ok"], found["compared"]) == (True, True), found
    before = size()
    done("post", "open.jws", "--ledger", "ledger")
    assert size() == before
    one_more("ledger", "later")
    assert call("audit", "ledger").code == 0


@contextmanager
def serving(place: Path, ledger: str) -> Iterator[str]:
    """The URL of a real server."""
    command = [str(SCRIPT), "serve", ledger, "--port", "0", "--json"]
    running = subprocess.Popen(command, cwd=place, env=environment(place), stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            text += running.stdout.readline()
        yield json.loads(text)["url"]
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)


@pytest.mark.usefixtures("place")
def test_a_rolled_back_ledger_from_a_folder() -> None:
    roll_back()
    failed("guard.rolled_back", "post", "open.jws", "--ledger", "ledger")
    had = size()
    said = done("restore", "ledger", "--from", "newest")
    assert "2 entries brought back" in said
    assert size() == had + 2
    assert "nothing was missing" in done("restore", "--ledger", "ledger", "--from", "newest")
    is_well()


def test_from_a_served_ledger(place: Path) -> None:
    with serving(place, "newest") as url:
        roll_back()
        found = json.loads(done("restore", "ledger", "--from", url, "--json"))
    assert found == {"ledger": "ledger", "entries": size(), "restored": 2, "checkpoint": size()}
    is_well()


@pytest.mark.usefixtures("place")
def test_from_a_static_log() -> None:
    done("export", "tiles", "newest", "static")
    roll_back()
    done("restore", "ledger", "--from", "static")
    is_well()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("trust", [True, False])
def test_of_a_lost_folder_only_the_keys_are_there(trust: bool) -> None:
    before = Path("ledger/trust.policy").read_text()
    for path in Path("ledger").iterdir():
        if path.name != "keys" and not (trust and path.name == "trust.policy"):
            path.unlink()
    done("restore", "ledger", "--from", "newest")
    assert Path("ledger/trust.policy").read_text() == before
    assert SqliteStore("ledger").checkpoint() == SqliteStore("newest").checkpoint()
    is_well()


@pytest.mark.usefixtures("place")
def test_a_lost_folder_without_its_key_is_told_of_it() -> None:
    shutil.rmtree("ledger")
    failed("key.unreadable", "restore", "ledger", "--from", "newest")
    Path("ledger").mkdir()
    shutil.copy("newest/trust.policy", "ledger")
    failed("key.unreadable", "restore", "ledger", "--from", "newest")  # brought back; it cannot be published
    shutil.copytree("newest/keys", "ledger/keys")
    assert "nothing was missing" in done("restore", "ledger", "--from", "newest")
    is_well()


@pytest.mark.usefixtures("place")
def test_a_trust_file_that_does_not_know_the_key() -> None:
    """As after an amendment that named a new operator key: the key in the folder counts."""
    other = Trust.parse(Path("ledger/trust.policy").read_text())
    key = other.logs[0].key._replace(key=private_key("other").public.raw)
    vkey = note.verifier(key.name, key.type, key.key)
    stale = other._replace(logs=(other.logs[0]._replace(key=vkey),))
    Path("ledger/trust.policy").write_text(stale.format())
    roll_back()
    done("restore", "ledger", "--from", "newest")
    assert Path("ledger/trust.policy").read_text() == stale.format()
    is_well()


@pytest.mark.usefixtures("place")
def test_mistakes_are_explained() -> None:
    roll_back()
    failed("restore.short", "restore", "ledger", "--from", "backup")
    failed("restore.short", "restore", "ledger", "--from", "ledger")
    failed("restore.missing", "restore", "ledger", "--from", "nowhere")
    failed("restore.missing", "restore", "ledger", "--from", "guard")
    failed("network.unreachable", "restore", "ledger", "--from", "http://127.0.0.1:1")
    failed("command.ledger", "restore", "--from", "newest")
    failed("command.usage", "restore", "ledger")
    done("init", "other", "--name", "example.com/other", "--registrar", ACME)
    failed("restore.other", "restore", "ledger", "--from", "other")
    done("restore", "ledger", "--from", "newest")
    is_well()


def test_where_there_is_no_guard(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORELINE_GUARD", str(place / "elsewhere"))
    for path in ("ledger", "nothing"):
        assert "elsewhere" in failed("guard.missing", "restore", path, "--from", "newest")
    assert not Path("nothing").exists()


def test_two_histories_are_shown(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old copy went on under another guard; the file of evidence is what `oreline evidence` checks."""
    monkeypatch.setenv("ORELINE_GUARD", str(place / "other"))
    done("audit", "backup", "--adopt-guard")
    one_more("backup", "more")
    monkeypatch.setenv("ORELINE_GUARD", str(place / "guard"))
    shutil.rmtree("ledger")
    shutil.copytree("newest", "ledger")
    Path("ledger/ledger.db").unlink()
    Path("found").mkdir()
    said = failed(
        "restore.forked", "restore", "ledger", "--from", "backup", "--evidence", "found", exit_code=1
    )
    (file,) = Path("found").iterdir()
    assert str(file) in said
    assert call("evidence", str(file), "--trust", "ledger/trust.policy").code == 0
    assert evidencefile.decode(file.read_bytes())
    done("restore", "ledger", "--from", "newest")
    is_well()


# --- Witnesses


def told(ledger: str, note: str) -> None:
    """Let a copy keep this note as what it was told."""
    with closing(sqlite3.connect(Path(ledger, "ledger.db"))) as db, db:
        db.execute("UPDATE checkpoint SET note = ?", (note,))


def test_what_is_published_has_its_quorum(place: Path) -> None:
    """Also of a lost folder, whether the copy has the cosignatures or not; and with the witness away, what is
    brought back into an old copy waits."""
    with cosigner.serving("w.example/1") as witnesses:
        (witness,) = witnesses
        for path in ("ledger", "newest"):
            Path(path, "witnesses.policy").write_text(cosigner.policy(witnesses))
        one_more("ledger", "more")
        full = SqliteStore("ledger")
        published = full.checkpoint() or ""
        full.close()
        assert "w.example/1" in published
        bare = "\n".join(published.split("\n")[:5]) + "\n"
        shutil.copy("ledger/ledger.db", "newest/ledger.db")
        for way in ("asked", "copied", "away"):
            shutil.rmtree("ledger")
            shutil.copytree("newest", "ledger")
            Path("ledger/ledger.db").unlink()
            copy = SqliteStore("newest")
            if way == "asked":
                with copy._change() as db:
                    db.execute(
                        "UPDATE checkpoint SET note = ?", ("\n".join(published.split("\n")[:5]) + "\n",)
                    )
            else:
                with copy._change() as db:
                    db.execute("UPDATE checkpoint SET note = ?", (published,))
            copy.close()
            witness.behave = (lambda body: (500, b"")) if way != "asked" else None
            done("restore", "ledger", "--from", "newest")
            store = SqliteStore("ledger")
            kept = store.checkpoint() or ""
            store.close()
            assert split(kept)[0] == split(published)[0]
            assert "w.example/1" in kept
        # A lost folder, no cosignature in the copy, and no witness: nothing is begun.
        Path("ledger/ledger.db").unlink()
        told("newest", bare)
        failed("witness.quorum", "restore", "ledger", "--from", "newest")
        # An old copy of the ledger keeps what it published until the witness is back.
        roll_back()
        found = call("restore", "ledger", "--from", "newest")
        assert (found.code, "not published yet" in found.err) == (0, True)
        store = SqliteStore("ledger")
        assert split(store.checkpoint() or "")[0] != split(published)[0]
        store.close()
        witness.behave = None
        done("restore", "ledger", "--from", "newest")
        store = SqliteStore("ledger")
        assert "w.example/1" in (store.checkpoint() or "")
        store.close()
        is_well()


# --- Cut short


CUT = """
import os, sys
from ledger.store.sqlite import _Writing
from ledger.witness import feed
from cli.commands import oreline

feed.GROUP = 256
left = int(sys.argv[1])

def commit(self, group, wrapped=_Writing.commit):
    global left
    wrapped(self, group)
    left -= 1
    if not left:
        os._exit(9)

_Writing.commit = commit
oreline(sys.argv[2:])
"""


def test_a_process_that_dies_is_gone_on_from(place: Path) -> None:
    party = {"type": "party", "country": "CA", "roles": ["smelter"]}
    parties = [
        {**party, "id": f"evt:p{n}", "subject": f"urn:example:party:p{n}", "name": f"P{n}", "prefixes": []}
        for n in range(600)
    ]
    Path("parties.json").write_text(json.dumps(parties))
    key = "ledger/keys/registrar.jwk"
    Path("parties.jws").write_text(done("sign", "parties.json", "--fill", "--ledger", "ledger", "--key", key))
    done("post", "parties.jws", "--ledger", "ledger")
    shutil.rmtree("newest")
    shutil.copytree("ledger", "newest")
    whole = size()
    roll_back()
    sizes = [size()]
    env = environment(place) | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    for commits in (1, 1, 2, 9):
        command = [sys.executable, "-c", CUT, str(commits), "restore", "ledger", "--from", "newest"]
        ran = subprocess.run(
            command, cwd=place, env=env, capture_output=True, text=True, check=False, timeout=120
        )
        sizes.append(size())
        if sizes[-1] < whole:
            assert ran.returncode == 9, ran.stderr
            failed("guard.rolled_back", "post", "open.jws", "--ledger", "ledger")
            assert "audit.rolled_back" in call("audit", "ledger").err
    assert ran.returncode == 0, ran.stderr
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 3
    assert sizes[-1] == whole
    is_well()
