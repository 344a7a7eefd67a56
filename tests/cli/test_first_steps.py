"""From nothing to a checked proof, typed as ``oreline init`` says; and how commands are cut short."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.commands import oreline
from tests import children
from tests.cli.commands import HOOD, NAME, SCRIPT, Done, chain, copied, environment, founded, script
from tests.house.tree import python
from tests.world import REGISTRAR


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ready")
    founded(path)
    chain(path)
    return path


def test_what_init_says_comes_next_works_as_it_stands(tmp_path: Path) -> None:
    made = script("init", "my ledger", "--name", NAME, "--registrar", REGISTRAR, cwd=tmp_path)
    assert made.code == 0, made
    assert max(map(len, made.out.splitlines())) <= 80
    steps = re.findall(r"^  +(.*)$", made.out.partition("What comes next")[2], re.M)
    env = environment(tmp_path)
    done = subprocess.run(
        ["bash", "-uc", "\n".join(["set -o pipefail", *steps])],
        cwd=tmp_path,
        env=env | {"PATH": f"{SCRIPT.parent}:{env['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr  # as init says: opening stock is of unknown origin
    assert "error" not in done.stderr
    assert "Verdict: NOT PROVABLE" in done.stdout
    assert "unknown" in done.stdout
    again = script("init", "my ledger", "--name", NAME, "--registrar", REGISTRAR, cwd=tmp_path)
    assert again.code == 2
    assert again.err.startswith("error: store.exists: my ledger holds a ledger\nwhat to do: ")


def test_no_list_of_commands_cuts_a_sentence_short() -> None:
    def lists(group: click.Group, path: str) -> Iterator[str]:
        with click.Context(group, info_name=path, terminal_width=80) as context:
            yield group.get_help(context)
            commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
        for name, command in commands.items():
            if isinstance(command, click.Group):
                yield from lists(command, f"{path} {name}")

    found = list(lists(oreline, "oreline"))
    assert len(found) > 5
    said = [line for text in found for line in text.splitlines() if not line.startswith("Usage: ")]
    assert [line for line in said if line.endswith("...")] == []


def test_a_chain_is_proven_and_checked_by_the_script(ready: Path, tmp_path: Path) -> None:
    copied(ready, tmp_path)
    proof = script("prove", HOOD, cwd=tmp_path, ORELINE_LEDGER="chain")
    assert proof.code == 0, proof
    (tmp_path / "hood.proof.json").write_text(proof.out)
    checked = script("verify", "hood.proof.json", "--trust", "chain/trust.policy", cwd=tmp_path)
    assert checked.code == 0, checked
    (tmp_path / "hood.proof.json").write_text(proof.out.replace(HOOD, HOOD + "2"))
    assert script("verify", "hood.proof.json", "--trust", "chain/trust.policy", cwd=tmp_path).code != 0


def test_help_loads_none_of_the_ledger_and_no_command() -> None:
    program = (
        "import sys, cli.main\n"
        "sys.argv = ['oreline', '--help']\n"
        "try: cli.main.main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'pydantic', 'nacl', 'cryptography', 'sqlite3', 'fastapi'} & sys.modules.keys()))"
    )
    assert python("-c", program).splitlines()[-1] == "[]"


def test_verify_loads_no_storage_no_network_and_no_web_code(ready: Path) -> None:
    program = (
        "import sys, cli.verify, ledger.verify\n"
        "never = {'sqlite3', 'fastapi', 'urllib.request', 'ledger.store', 'ledger.log'}\n"
        "print(sorted(never & sys.modules.keys()))"
    )
    assert python("-c", program).splitlines()[-1] == "[]"


# --- Cut short


def waiting(ready: Path, *args: str) -> subprocess.Popen[str]:
    """A command that waits for its standard input, its start behind it."""
    process = children.start(
        [SCRIPT, *args],
        cwd=ready,
        env=environment(ready),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    status = Path(f"/proc/{process.pid}/wchan")
    while "pipe" not in status.read_text():  # until it sleeps on the pipe
        assert process.poll() is None
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_without_a_traceback(ready: Path, number: signal.Signals, code: int) -> None:
    process = waiting(ready, "post", "--ledger", "ledger", "-")
    process.send_signal(number)
    out, err = process.communicate()
    assert (process.returncode, out) == (code, "")
    assert err == ("interrupted\n" if code == 130 else "")


def test_a_closed_pipe_ends_a_command_quietly(ready: Path) -> None:
    process = subprocess.Popen(
        [SCRIPT, "prove", HOOD, "--ledger", "chain"],
        cwd=ready,
        env=environment(ready),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_output_that_cannot_be_written_is_told(ready: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [SCRIPT, "schema"],
            cwd=ready,
            env=environment(ready),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: command.output at standard output: No space left on device\n")


def limited(octets: int, *args: str, cwd: Path) -> Done:
    """The script where no file may grow beyond so many octets: how a full disk looks. It keeps no bytecode:
    what is cut short there would be read by whoever imports it next."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", LIMITED, str(octets), *args],
        cwd=cwd,
        env=environment(cwd) | {"COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


LIMITED = (
    "import resource, sys\n"
    "limit = int(sys.argv.pop(1)); resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
    "from cli.main import main\n"
    "main()"
)


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs limits on files")
def test_a_full_disk_leaves_nothing_half_written(ready: Path, tmp_path: Path) -> None:
    copied(ready, tmp_path)
    before = sorted(os.listdir(tmp_path))
    for args in (
        ("init", "new", "--name", NAME, "--registrar", REGISTRAR),
        ("prove", HOOD, "--ledger", "chain", "-o", "hood.proof.json"),
        ("export", "tiles", "chain", "out"),
    ):
        done = limited(2_000, *args, cwd=tmp_path)
        assert done.code == 2, done
        assert done.err.startswith("error: ")
        assert "Traceback" not in done.err
        assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs limits on files")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_result_is_never_cut_short_without_a_word(tmp_path: Path, unbuffered: str) -> None:
    """Also where Python does not buffer, as in many containers: it then writes once, what fits."""
    with open(tmp_path / "schema.json", "wb") as file:
        done = subprocess.run(
            [sys.executable, "-B", "-c", LIMITED, "2000", "schema"],
            env=environment(tmp_path) | {"COVERAGE_PROCESS_START": "", "PYTHONUNBUFFERED": unbuffered},
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: command.output at standard output: File too large\n")


def test_our_own_mistake_is_told_as_such(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from cli import output, schema\n"
        "def broken(value): raise ValueError('a bug')\n"
        "output.print_json, kept = broken, output.print_json\n"
        "from cli.main import main\n"
        "sys.argv = ['oreline', 'schema']\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: command.internal: ValueError: a bug\n")
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(tmp_path, ORELINE_DEBUG="1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" in done.stderr


def test_a_shell_can_complete_commands(tmp_path: Path) -> None:
    env = {"_ORELINE_COMPLETE": "bash_complete", "COMP_WORDS": "oreline pa", "COMP_CWORD": "1"}
    assert script(cwd=tmp_path, **env).out == "plain,party\n"


def test_serve_answers_until_it_is_stopped(ready: Path, tmp_path: Path) -> None:
    copied(ready, tmp_path)
    pipe = subprocess.PIPE
    given = {"cwd": tmp_path, "env": environment(tmp_path), "stdout": pipe, "stderr": pipe, "text": True}
    with children.running([SCRIPT, "serve", "ledger", "--port", "0", "--json"], **given) as process:
        assert process.stdout is not None
        told = "".join(iter(process.stdout.readline, "}\n")) + "}"
        url = json.loads(told)["url"]
        new = ("urn:example:party:new", "--name", "New", "--country", "CA", "--role", "trader")
        key = ("--key", "ledger/keys/registrar.jwk")
        posted = script("party", "add", *new, *key, "--url", url, cwd=tmp_path)
        second = script("serve", "ledger", "--port", "0", cwd=tmp_path)
        assert (second.code, second.err.splitlines()[0][:30]) == (2, "error: command.served at ledge")
        assert posted.out == "urn:example:party:new is registered (entry 8)\n", posted
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "", "")
    assert "New" in script("party", "list", "--ledger", "ledger", cwd=tmp_path).out
