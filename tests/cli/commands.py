"""The command line as tests use it: the real console script, or the same in this process."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from cli.commands import oreline
from ledger.folder import open_ledger
from ledger.keyfile import save_private
from ledger.store.sqlite import SqliteStore
from tests.world import LOT, PARTY, REGISTRAR, SITE, World, private_key

SCRIPT = Path(sys.executable).with_name("oreline")
NAME = "example.com/ledger"
ACME = PARTY + "acme"
WORKS = SITE + "acme"
METAL = LOT + "acme:1"
HOOD = LOT + "stamper:hood"
CHAIN = ("--ledger", "chain")
TRUST = ("--trust", "chain/trust.policy")
UNSET = ("ORELINE_LEDGER", "ORELINE_URL", "ORELINE_KEY", "ORELINE_PASSPHRASE", "ORELINE_DEBUG", "COLUMNS")


class Done(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON value."""
        return json.loads(self.out)


def script(*args: str, cwd: Path, stdin: str = "", **env: str) -> Done:
    """The real console script, in a process of its own."""
    done = subprocess.run(
        [SCRIPT, *args],
        cwd=cwd,
        env=environment(cwd, **env),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def environment(cwd: Path, **env: str) -> dict[str, str]:
    """A clean environment, its guard in the test's folder."""
    clean = {name: value for name, value in os.environ.items() if name not in UNSET}
    return clean | {"ORELINE_GUARD": str(cwd / "guard")} | env


def call(*args: str, stdin: str | bytes = "") -> Done:
    """The command in this process and folder. What is our mistake is raised."""
    result = CliRunner().invoke(oreline, args, input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.stderr
    return Done(result.exit_code, result.stdout, result.stderr)


def done(*args: str, stdin: str | bytes = "") -> str:
    """The output of a command that must succeed."""
    found = call(*args, stdin=stdin)
    assert found.code == 0, found
    return found.out


def failed(code: str, *args: str, exit_code: int = 2, stdin: str | bytes = "") -> str:
    """What a command says on standard error that must fail so; it says what to do about it."""
    found = call(*args, stdin=stdin)
    assert found.code == exit_code, found
    assert f"error: {code}" in found.err, found
    assert "what to do: " in found.err
    return found.err


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Commands called here find themselves in this folder, with nothing set but the guard."""
    with pytest.MonkeyPatch.context() as patch:
        for name in UNSET:
            patch.delenv(name, raising=False)
        patch.setenv("ORELINE_GUARD", str(path / "guard"))
        patch.setenv("ORELINE_DEBUG", "1")
        patch.setenv("COLUMNS", "80")
        patch.chdir(path)
        yield path


def founded(path: Path) -> None:
    """A ledger in ``path/ledger`` with one party, one site and the party's key, all by commands."""
    with folder(path):
        done("init", "ledger", "--name", NAME, "--registrar", REGISTRAR)
        done("party", "add", ACME, "--name", "Acme", "--country", "CA", "--role", "smelter",
             "--prefix", LOT + "acme:", "--ledger", "ledger")  # fmt: skip
        done("site", "add", WORKS, "--operator", ACME, "--kind", "smelter", "--kind", "casthouse",
             "--subdivision", "CA-QC", "--ledger", "ledger")  # fmt: skip
        done("key", "new", "acme.jwk")
        done("key", "register", "acme.jwk", "--party", ACME, "--ledger", "ledger")


def opening(**more: Any) -> str:
    """Metal enters the works: an event without ledger, party and time."""
    outputs = [{"lot": METAL, "kg": "1000", "material": "liquid_aluminium"}]
    event = {"type": "source", "id": "evt:open", "site": WORKS, "kind": "opening", "outputs": outputs}
    return json.dumps(event | more)


def casting(**more: Any) -> str:
    """A slab is cast of it."""
    outputs = [{"lot": LOT + "acme:slab", "kg": "980", "material": "rolling_slab", "marks": {"heat": "H-1"}}]
    event = {"type": "transform", "id": "evt:cast", "site": WORKS, "process": "cast", "model": "segregated"}
    return json.dumps(event | {"inputs": [{"lot": METAL, "kg": "1000"}], "outputs": outputs} | more)


def signed(event: str) -> str:
    """The statement of an event, completed."""
    return done("sign", "--fill", "--ledger", "ledger", "--key", "acme.jwk", stdin=event)


def chain(path: Path) -> None:
    """A ledger in ``path/chain`` in which a hood is made from two mines, published, its trust file beside."""
    place = path / "chain"
    world = World(SqliteStore(place, create=True))
    world.hood()
    world.attest(HOOD)
    (place / "trust.policy").write_text(world.trust.format())
    world.log.close()
    (place / "keys").mkdir(mode=0o700)
    save_private(place / "keys" / "operator.jwk", private_key("operator"))
    ledger = open_ledger(place, lambda: world.now, path / "guard")
    ledger.publish()
    ledger.close()


def copied(origin: Path, to: Path) -> Path:
    """A copy of a folder of ledgers, with its guard."""
    shutil.copytree(origin, to, dirs_exist_ok=True)
    return to


def damaged(statement: str) -> None:
    """Do something to the database of ``chain``."""
    db = sqlite3.connect("chain/ledger.db")
    db.execute(statement)
    db.commit()
    db.close()
