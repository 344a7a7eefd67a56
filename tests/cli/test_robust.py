"""Whatever is typed and whatever files hold: an exit code and a message, never a traceback."""

import json
import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import collector, files, output
from cli.commands import COMMANDS, oreline
from cli.errors import message
from ledger.errors import problem
from tests.cli.commands import HOOD, call, chain, done, failed, folder, founded, opening, signed

LEAVES = [
    ("demo",), ("init",), ("key", "new"), ("key", "show"), ("key", "public"), ("key", "register"),
    ("key", "revoke"), ("party", "add"), ("party", "list"), ("site", "add"), ("site", "list"), ("sign",),
    ("post",), ("show",), ("trace",), ("uses",), ("prove",), ("verify",), ("report",), ("audit",), ("serve",),
    ("export", "tiles"), ("export", "entries"), ("schema",), ("history",), ("evidence", "show"),
    ("evidence", "check"), ("restore",), ("check",), ("policy", "list"), ("policy", "show"),
    ("policy", "test"), ("claims",), ("monitor",), ("witness", "init"), ("witness", "serve"),
    ("witness", "replay"), ("sample",),
]  # fmt: skip
STAYING = (("serve",), ("demo",), ("monitor",), ("witness", "serve"), ("witness", "replay"))
RUNNING = [leaf for leaf in LEAVES if leaf not in STAYING]


def leaves() -> list[tuple[str, ...]]:
    """Every command that is no group, as it is typed."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = oreline.get_command(None, name)  # type: ignore[arg-type]
        below = getattr(command, "commands", None)
        found += [(name, inner) for inner in below] if below else [(name,)]
    return sorted(found)


def test_the_list_of_commands_is_complete() -> None:
    assert sorted(LEAVES) == leaves()


@pytest.mark.parametrize("leaf", [(), ("key",), ("party",), ("site",), ("export",), *LEAVES], ids=" ".join)
def test_every_command_has_help_of_eighty_columns(leaf: tuple[str, ...], tmp_path: Path) -> None:
    with folder(tmp_path):
        text = done(*leaf, "--help")
        assert text == done(*leaf, "-h")
    assert max(map(len, text.splitlines())) <= 80
    assert "--help" in text


@pytest.mark.parametrize("leaf", LEAVES, ids=" ".join)
def test_every_command_takes_json(leaf: tuple[str, ...], tmp_path: Path) -> None:
    with folder(tmp_path):
        assert "--json" in done(*leaf, "--help")


def test_without_arguments_there_is_help_and_the_version_is_told(tmp_path: Path) -> None:
    with folder(tmp_path):
        assert done() == done("--help")
        assert re.fullmatch(r"oreline \d+\.\d+\.\d+\S*\n", done("--version"))
        failed("command.usage at oreline: No such command 'buy'", "buy")
        failed("command.usage at oreline: No such command 'verfy'. Did you mean verify?", "verfy")
        failed("command.usage at oreline key: No such command 'x'", "key", "x")
        told = failed("command.usage at oreline key: Say which of its commands.", "key")
        assert told.startswith("Usage: oreline key")
        assert "KIND'. Choose from: section232, uflpa" in failed("command.usage at oreline report", "report")
        assert call("x", "--json").json["problems"][0]["code"] == "command.usage"


# --- Anything at all

EXAMPLES = 200

PLAIN = """
    --json --ledger ledger chain nowhere --key acme.jwk none.jwk - --help -o out no/where guard --proceed
    --dry-run --fill --trust chain/trust.policy --seen --remember --max-age 1d --min-share 5% HOOD-1 lot party
    event catalogue attestations --party urn:example:party:acme --site --name example.com/x --registrar
    --country CA --role smelter --prefix --operator --kind --subdivision CA-QC --no-post --rebuild
    --adopt-guard --checkpoint --start 5 --limit --encrypt --p256 --status closed --replace --geo 1,2 --reason
    --since --id ship thing --url http://127.0.0.1:1
"""
WORDS = st.sampled_from([*PLAIN.split(), HOOD, "", "\0", "\x1b[0m", "Ä", "\udcff"])
TEXT = st.text(max_size=20).filter(lambda text: "/" not in text and ".." not in text)
TYPED = st.tuples(st.sampled_from(RUNNING), st.lists(WORDS | TEXT, max_size=8))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples: commands may change it, and go on."""
    path = tmp_path_factory.mktemp("any")
    founded(path)
    chain(path)
    return path


@given(TYPED, st.sampled_from(["", "x", "[]", "{}", opening()]) | st.text(max_size=50))
@settings(max_examples=EXAMPLES)
def test_anything_that_is_typed_ends_well(
    place: Path, typed: tuple[tuple[str, ...], list[str]], stdin: str
) -> None:
    with folder(place):
        found = call(*typed[0], *typed[1], stdin=stdin.encode("utf-8", "replace"))
    assert found.code in (0, 1, 2)
    assert found.code != 0 or "error: " not in found.err
    if found.code == 2 and "Verdict" not in found.out and '"verdict"' not in found.out:
        assert "error: " in found.err
        assert "what to do: " in found.err


CONSUMERS = [
    ("sign", "thing", "--key", "acme.jwk"),
    ("sign", "thing", "--key", "acme.jwk", "--fill", "--ledger", "ledger"),
    ("sign", "event", "--key", "thing"),
    ("post", "thing", "--ledger", "ledger", "--dry-run"),
    ("verify", "thing", "--trust", "chain/trust.policy"),
    ("verify", "proof", "--trust", "thing"),
    ("verify", "proof", "--trust", "chain/trust.policy", "--seen", "thing"),
    ("verify", "proof", "--trust", "chain/trust.policy", "--remember", "thing"),
    ("prove", HOOD, "--ledger", "chain", "--seen", "thing"),
    ("report", "uflpa", "--proof", "thing", "--trust", "chain/trust.policy"),
    ("report", "cbam", "--proof", "proof", "--trust", "thing"),
    ("key", "show", "thing"),
    ("key", "public", "thing"),
    ("key", "register", "thing", "--ledger", "ledger", "--no-post"),
    ("key", "register", "thing", "--party", "urn:example:party:acme", "--ledger", "ledger", "--no-post"),
    ("audit", "chain", "--checkpoint", "thing"),
    ("init", "made", "--name", "example.com/x", "--registrar", "urn:example:party:r", "--catalogue", "thing"),
]


def samples() -> list[bytes]:
    """Files that some command takes."""
    done("prove", HOOD, "--ledger", "chain", "-o", "proof")
    Path("event").write_text(opening())
    request = ("key", "public", "acme.jwk", "--party", "urn:example:party:acme", "--ledger", "ledger")
    proof = Path("proof").read_bytes()
    checkpoint = json.loads(proof)["checkpoint"].encode()
    texts = [opening(), signed(opening()), done(*request), done("key", "public", "acme.jwk")]
    files = [Path(name).read_bytes() for name in ("acme.jwk", "chain/trust.policy", "chain/ledger.db")]
    return [text.encode() for text in texts] + files + [proof, checkpoint]


def spoilt(data: bytes, draw: random.Random) -> bytes:
    """The bytes with something changed, cut, doubled or put in."""
    at, to = sorted(draw.randrange(len(data) + 1) for _ in range(2))
    return draw.choice(
        [
            data,
            data[:at],
            data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :],
            data[:at] + data[to:],
            data[:at] + data[at:to] + data[at:],
            draw.randbytes(40),
            b"",
        ]
    )


@given(st.sampled_from(CONSUMERS), st.integers(0, 8), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_any_file_in_any_place_ends_well(
    place: Path, consumer: tuple[str, ...], which: int, draw: random.Random
) -> None:
    with folder(place):
        if not hasattr(test_any_file_in_any_place_ends_well, "samples"):
            test_any_file_in_any_place_ends_well.samples = samples()  # type: ignore[attr-defined]
        data = test_any_file_in_any_place_ends_well.samples[which]  # type: ignore[attr-defined]
        Path("thing").write_bytes(spoilt(data, draw))
        Path("thing").chmod(0o600)
        found = call(*consumer)
    assert found.code in (0, 1, 2)
    assert found.code == 0 or "error: " in found.err or "erdict" in found.out


# --- The parts that all commands share


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def broken(handle: int) -> None:
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", broken)
        with pytest.raises(RuntimeError):
            files.write(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    files.write(path, b"after")
    assert path.read_bytes() == b"after"
    files.write(Path("/dev/null"), b"gone")


def test_a_file_may_be_too_large(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert files.read(str(path), 5) == b"12345"
    with pytest.raises(Exception, match="larger than 4 bytes"):
        files.read(str(path), 4)


def test_a_table_fits_or_becomes_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert output.table(("a", "b", "c"), [("x", 1, ""), ("long", 22, "")], right=(1,)) == (
        "a      b\nx      1\nlong  22"
    )
    wide = "urn:" + "x" * 90
    assert output.table(("a", "b", "c"), [(wide, "y", "z")]) == f"{wide}\n  b  y\n  c  z"
    assert output.table(("n", "", "c"), [(1, "done", wide)], right=(0,)) == f"n 1  done\n  c  {wide}"
    assert output.fields({"one": "x " * 50, "seven": []}).splitlines()[1:] == [
        "       " + ("x " * 13).rstrip(),
        "seven  -",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_told_of_long_work_only(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(output, "monotonic", lambda: now[0])
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    with output.Progress("counting") as progress:
        progress(1, 4)
        now[0] = 2.0
        progress(2, 4)
        progress(3, 4)
        now[0] = 20.0
        progress(4, 0)
    told = capsys.readouterr().err
    assert "1 of 4" not in told
    assert "3 of 4" not in told
    assert "counting: 2 of 4 (50 %)" in told
    assert told.endswith("\r\x1b[K" if terminal else "counting: 4 of 0\n")


def test_a_message_names_code_place_and_what_is_waited_for() -> None:
    found = problem("lot.unknown", "$[0].lot", "it is not here", "urn:x")
    assert message(found) == "error: lot.unknown at $[0].lot: it is not here\nwaiting for: urn:x"
    assert message(problem("lot.unknown", "$")).startswith("error: lot.unknown: ")


def test_long_work_searches_for_garbage_rarely_and_takes_turns_often() -> None:
    import gc

    before, turn = gc.get_threshold(), sys.getswitchinterval()
    try:
        collector.settle()
        assert gc.get_threshold() == collector.THRESHOLDS
        assert gc.get_freeze_count() > 0
        assert sys.getswitchinterval() == pytest.approx(collector.TURN)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
        sys.setswitchinterval(turn)
