"""A second implementation, written from docs/reference alone, against ours: honest and tampered proofs."""

import json
import random
import re
import subprocess
import sys
from itertools import pairwise

import pytest

from ledger.note import sign_with
from ledger.trust import Trust as OurTrust
from tests.core import test_cosigners as cosigners
from tests.core.refusal import read_or_code
from tests.independent.harness import DEMO, HERE, HOOD, Check, Demo, Trust, ours, same, theirs

from c2sp import Bad, VerifierKey, ed25519_key, ed25519_verifies, p256_verifies  # isort: skip
from values import apportion, grams, strict_json  # isort: skip

pytestmark = pytest.mark.unmeasured

DOCS = HERE.parents[1] / "docs/reference"

# ---- the pages' own examples


def block(page: str, name: str) -> list[str]:
    return re.findall(rf"^```text {name}\n(.*?)^```", (DOCS / "formats" / page).read_text(), re.M | re.S)[
        0
    ].splitlines()


def test_the_pages_vectors_hold_for_a_stranger() -> None:
    for line in block("statements.md", "signatures"):
        verdict, kind, *octets = line.split()
        key, message, signature = (bytes.fromhex(text) if text != "-" else b"" for text in octets)
        if kind == "Ed25519":
            good = ed25519_verifies(key, message, signature) if signature else ed25519_key(key)
        else:
            good = p256_verifies(key[1:33], key[33:], message, signature)
        assert good == (verdict == "ok"), line
    for line in block("values.md", "strict-json"):
        expected, text = line.split("\t")
        try:
            strict_json(text.encode())
            found = "ok"
        except Bad as bad:
            found = bad.code
        assert found == expected, line
    for line in block("values.md", "apportion-examples"):
        total, weights, shares = json.loads(line)
        assert apportion(total, [tuple(row) for row in weights]) == [tuple(row) for row in shares]
    assert [VerifierKey(line).type for line in block("log.md", "vkeys")] == [1, 4]


def test_both_read_the_same_trust_files_and_notes_the_same() -> None:
    """Logs and witnesses of every type of key: what is a trust file, and which checkpoints it trusts."""
    charter = cosigners.CHARTER
    policies = [
        cosigners.WITNESSES + "quorum g\nreplays c a\n" + charter,
        cosigners.log_line(cosigners.LOG) + cosigners.log_line(cosigners.LOG_PQ) + "quorum none\n" + charter,
    ]
    signers = [cosigners.LOG, cosigners.LOG_PQ, cosigners.W1, cosigners.W2, cosigners.W3]
    verdicts = set()
    for policy in policies:
        for some in (signers[:n] + signers[m:] for n in range(6) for m in range(n, 6)):
            if not some:
                continue
            note = sign_with(cosigners.TEXT, some, cosigners.TIME)
            for changed in (note, note.replace("\n7\n", "\n8\n")):
                ours_ = read_or_code(OurTrust.parse(policy).check, changed)
                try:
                    Trust(policy.encode()).trusts(changed, cosigners.ORIGIN)
                    found = "ok"
                except Bad as bad:
                    found = bad.code
                assert found == (ours_ if isinstance(ours_, str) else "ok"), (policy, changed)
                verdicts.add(found)
    assert verdicts == {"ok", "note.unsigned", "note.signature", "trust.log", "trust.quorum"}
    for lines, *_ in cosigners.test_lines_that_are_none.pytestmark[0].args[1]:
        text = lines + "quorum none\n" + charter
        with pytest.raises(Bad) as caught:
            Trust(text.encode())
        assert caught.value.code == read_or_code(OurTrust.parse, text)


def test_the_pages_proof_passes() -> None:
    check = Check(
        (DOCS / "examples/mine.proof.json").read_bytes(), Trust((DOCS / "examples/trust.policy").read_bytes())
    )
    report = json.loads((DOCS / "examples/mine.report.json").read_text())["proofs"][0]
    assert ours(report) == theirs(check)
    assert check.origins == ([("mine urn:example:mine:pit-4", 1500500)], [])


# ---- proofs


def test_the_hoods_proof_passes_as_a_program(demo: Demo) -> None:
    arguments = [sys.executable, HERE / "checker.py", demo.folder / "hood.proof.json", demo.trust]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = re.findall(r"^ *(\d+) g  (.+)$", done.stdout, re.M)
    assert {origin: int(amount) for amount, origin in shown} == {
        row["origin"]: grams(row["kg"]) for row in next(demo.verify([demo.proof]))["origins"]
    }


def test_honest_proofs_are_seen_alike(demo: Demo) -> None:
    """The hood, with less and less of its history, and lots of every stage."""
    proofs = {"hood": demo.proof}
    for share in ("1%", "10%", "60%"):
        proofs[share] = demo.run("prove", HOOD, "--ledger", str(demo.folder), "--min-share", share).encode()
    for lot in ("cardinal:hood-0309-0001", "laterriere:heel-H26-0219", "northbay:salt-slag-0302"):
        proofs[lot] = demo.run("prove", f"{DEMO}lot:{lot}", "--ledger", str(demo.folder)).encode()
    whole, *less, _, _, _ = same(demo, proofs)
    assert [whole.verdict(number) for number in range(1, 10)] == ["pass"] * 9
    assert all(any(origin.startswith("unproven ") for origin, _ in check.origins[0]) for check in less)


def test_copies_tampered_with_are_seen_alike(demo: Demo) -> None:
    """Some 100 places, in each region of the file: a byte is changed, left out or added."""
    chance, data = random.Random(20260302), demo.proof
    signs = b'abcXYZ019+/-_="\\{}:,. \n\x00\xc3'
    marks = [0, data.index(b'"checkpoint"'), data.index(b'"entries"'), data.index(b'"hashes"')]
    marks += [data.index(b'"register"')]
    copies = {}
    for (start, stop), often in zip(pairwise(marks), (12, 23, 50, 18), strict=True):
        for _ in range(often):
            at, sign = chance.randrange(start, stop), bytes([chance.choice(signs)])
            how = chance.choice(("changed", "changed", "changed", "left out", "added"))
            rest = data[at + (how != "added") :]
            copies[f"{at} {how} {sign!r}"] = data[:at] + (b"" if how == "left out" else sign) + rest
    seen = same(demo, copies, 5)
    caught = sum(any(check.verdict(number) != "pass" for number in range(1, 6)) for check in seen)
    assert caught > 95  # the rest name another subject or add a signature of nobody's
