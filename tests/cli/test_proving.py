"""What is proven, verified and audited."""

import gzip
import json
from base64 import b64encode
from pathlib import Path

from ledger import note
from tests.cli.commands import (
    ACME,
    CHAIN,
    HOOD,
    NAME,
    TRUST,
    call,
    damaged,
    done,
    failed,
)

# --- Prove and verify


def proven(*more: str) -> Path:
    done("prove", HOOD, *CHAIN, "-o", "hood.proof.json", *more)
    return Path("hood.proof.json")


def test_a_proof_holds(here: Path) -> None:
    path = proven()
    assert "check it: oreline verify hood.proof.json" in done("prove", HOOD, *CHAIN, "-o", str(path))
    assert call("prove", HOOD, *CHAIN, "-o", str(path), "--json").json["entries"] == 41
    assert call("prove", HOOD, *CHAIN).out.encode() == path.read_bytes()
    report = call("verify", str(path), *TRUST, "--json")
    assert (report.json["proofs"][0]["file"], report.json["proofs"][0]["verdict"]) == (str(path), "holds")
    assert (report.code, report.json["verdict"], report.json["exit_code"]) == (0, "holds", 0)
    assert max(map(len, done("verify", str(path), *TRUST).splitlines())) <= 80
    smaller = proven("--min-share", "50%")
    assert call("verify", str(smaller), *TRUST).code in (0, 2)


def test_a_changed_proof_does_not_hold(here: Path) -> None:
    path = proven()
    path.write_text(path.read_text().replace("Z", "X", 1))
    assert call("verify", str(path), *TRUST).code == 1
    failed("command.content", "verify", "acme.jwk", *TRUST)
    done("init", "other", "--name", NAME, "--registrar", ACME)
    assert call("verify", str(proven()), "--trust", "other/trust.policy").code == 1


def test_an_old_proof_can_be_refused(here: Path) -> None:
    path = proven()
    assert "chain.stale" in call("verify", str(path), *TRUST, "--max-age", "1s").out
    assert call("verify", str(path), *TRUST, "--max-age", "999999999w").code == 0
    failed("command.usage", "verify", str(path), *TRUST, "--max-age", "1y")


def test_an_age_is_told_in_days(here: Path) -> None:
    for given, said in (("1d", "1 day"), ("4w", "28 days"), ("36h", "36 hours"), ("90s", "90 seconds")):
        text = call("verify", str(proven()), *TRUST, "--max-age", given).out
        assert f"older than the {said} allowed." in " ".join(text.split())


def test_checkpoints_are_compared_and_remembered(here: Path) -> None:
    path = proven()
    done("verify", str(path), *TRUST, "--remember", "newest")
    kept = Path("newest").read_text()
    assert note.checkpoint_of(kept).size == 41
    done("verify", str(path), *TRUST, "--seen", "newest", "--remember", "newest")
    assert Path("newest").read_text() == kept
    Path("newest").write_text(kept.replace("\n41\n", "\n39\n"))
    assert call("verify", str(path), *TRUST, "--seen", "newest").code == 2  # nobody signed that
    assert call("verify", str(path), *TRUST, "--remember", "newest").code == 2
    proven("--seen", "newest")
    failed("command.content at acme.jwk: this is no checkpoint", "prove", HOOD, *CHAIN, "--seen", "acme.jwk")
    for option in ("--seen", "--remember"):  # another file given by mistake says nothing of the proof
        told = failed(
            "command.content at acme.jwk: this is no checkpoint",
            "verify",
            str(path),
            *TRUST,
            option,
            "acme.jwk",
        )
        assert "missing.seen" not in told


def test_verify_says_what_is_wrong_with_its_files(here: Path) -> None:
    path = str(proven())
    failed("command.input at none", "verify", "none", *TRUST)
    failed("command.input at none", "verify", path, "--trust", "none")
    failed("command.input at none", "verify", path, *TRUST, "--seen", "none")
    failed(f"command.content at {path}: this is JSON", "verify", path, "--trust", path)
    failed("command.usage", "verify", path)
    Path("trust").write_text("log nothing\n")
    failed("trust.key at trust line 1", "verify", path, "--trust", "trust")
    Path("trust").write_text("")
    failed("trust.missing at trust: ", "verify", path, "--trust", "trust")
    Path("trust").write_bytes(Path(TRUST[1]).read_bytes().replace(b"\n", b"\r\n"))
    done("verify", path, "--trust", "trust")  # what a mail program made of it says the same
    Path("trust").write_bytes(b"\xff")
    failed("command.content at trust: the file is not UTF-8", "verify", path, "--trust", "trust")
    failed("command.output at no/where", "prove", HOOD, *CHAIN, "-o", "no/where")
    failed("command.input", "verify", "\0", *TRUST)


def test_what_is_plainly_another_file_is_no_forged_proof(here: Path) -> None:
    done("prove", HOOD, *CHAIN, "-o", "hood.json")
    proof = Path("hood.json").read_bytes()
    checkpoint = json.loads(proof)["checkpoint"].encode()
    for data, said in (
        (b"", "the file is empty"),
        (gzip.compress(proof), "this is compressed by gzip"),
        (b"PK\x03\x04", "this is a zip archive"),
        (Path("chain/ledger.db").read_bytes(), "this is a database, perhaps a ledger's"),
        (Path("chain/trust.policy").read_bytes(), "this is a trust file"),
        (b"# ours\r\n\r\nquorum none", "this is a trust file"),
        (b"# Oreline\n\nA provenance ledger.\n", "this is no proof file"),
        (b'{"type": "transform"}', "this is no proof file"),
        (checkpoint, "this is a checkpoint"),
        (b"<!doctype html>", "this is a web page"),
        (b"eyJhbGciOiJFZERTQSJ9.e30.AA", "this is a signed statement"),
        (b64encode(proof), "this is base64, as mail programs send files: decode it first"),
        (b"\xef\xbb\xbf" + proof, "this is a text with a byte-order mark"),
    ):
        Path("other").write_bytes(data)
        assert said in failed("command.content", "verify", "other", *TRUST), said
    Path("other").write_bytes(checkpoint.replace(b"\n", b"\r\n"))
    assert "its line ends were changed" in failed(
        "command.content", "verify", "hood.json", *TRUST, "--seen", "other"
    )
    cut = call("verify", "hood.json", "-", *TRUST, stdin=proof[:2_000])
    assert cut.code == 1
    assert "This is no proof: standard input\n" in cut.out
    assert "The file ends before the proof does. [proof.form]" in cut.out
    assert "What this does not prove" in cut.out  # of the other
    assert "not prove" not in call("verify", "-", *TRUST, stdin=proof[:2_000]).out


def test_errors_come_as_json_too(here: Path) -> None:
    found = call("verify", "none", *TRUST, "--json")
    assert found.code == 2
    (problem,) = found.json["problems"]
    assert problem.keys() == {"code", "path", "detail", "remedy"}
    assert "error: command.input at none" in found.err


def test_nothing_that_a_terminal_would_obey_is_printed(here: Path) -> None:
    err = failed("command.input", "verify", "\x1b[31mred\u202e", *TRUST)
    assert "\x1b" not in err
    assert "\u202e" not in err


# --- Audit


def test_an_audit_passes(here: Path) -> None:
    assert "41 entries replayed" in done("audit", "chain")
    found = call("audit", *CHAIN, "--json").json
    assert (found["ok"], found["entries"], found["compared"]) == (True, 41, True)
    found = call("audit", "chain", "--rebuild", "--json").json
    assert (found["ok"], found["rebuilt"]) == (True, True)
    done("verify", str(proven()), *TRUST)


def test_an_audit_finds_what_was_changed_and_rebuilds_it(here: Path) -> None:
    damaged("DELETE FROM flows WHERE rowid = (SELECT min(rowid) FROM flows)")
    found = call("audit", "chain")
    assert found.code == 1
    assert "error: audit.flow at $.flows[" in found.err
    assert call("audit", "chain", "--json").json["ok"] is False
    done("audit", "chain", "--rebuild")
    damaged("DELETE FROM head")
    assert "--rebuild" in failed("store.corrupt", "audit", "chain")
    done("audit", "chain", "--rebuild")
    done("audit", "chain")


def test_entries_that_do_not_replay_are_not_rebuilt(here: Path) -> None:
    damaged("UPDATE entries SET entry = replace(entry, '\"charter\":0', '\"charter\":1') WHERE id = 9")
    found = call("audit", "chain", "--rebuild", "--json")
    assert (found.code, found.json["rebuilt"]) == (1, False)
    assert call("audit", "chain", "--rebuild").code == 1


def test_an_auditor_brings_a_checkpoint(here: Path) -> None:
    done("export", "tiles", "chain", "out")
    done("audit", "chain", "--checkpoint", "out/checkpoint")
    Path("out/checkpoint").write_text(Path("out/checkpoint").read_text().replace("\n41\n", "\n42\n"))
    found = call("audit", "chain", "--checkpoint", "out/checkpoint")
    assert (found.code, "audit.rolled_back" in found.err) == (1, True)
    done("prove", HOOD, *CHAIN, "-o", "p.json")
    assert "no checkpoint" in failed("command.content", "audit", "chain", "--checkpoint", "p.json")
    failed("store.missing", "audit", "nowhere")
    failed("store.missing", "audit", "nowhere", "--rebuild")
    failed("command.ledger", "audit")
    assert not Path("nowhere").exists()
