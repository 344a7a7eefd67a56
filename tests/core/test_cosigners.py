"""ML-DSA-44 in notes and trust files, witnesses that replay, and nobody who counts twice."""

import hashlib
from pathlib import Path

import pytest

from ledger import b64, note
from ledger.check import anchor
from ledger.keys import PrivateKey
from ledger.note import COSIGNATURE, ED25519, ML_DSA_44, Checkpoint, Signed
from ledger.prooffile import ProofFile
from ledger.trust import Trust
from tests.core.refusal import read_or_code, refusal

ORIGIN = "example.com/log"
CHECKPOINT = Checkpoint(ORIGIN, 7, hashlib.sha256(b"root").digest())
TEXT = note.format_checkpoint(CHECKPOINT)
LOG = note.log_signer(ORIGIN, PrivateKey.from_seed("Ed25519", b"l" * 32))
LOG_PQ = note.log_signer(ORIGIN, PrivateKey.from_seed("ML-DSA-44", b"l" * 32))
W1, W2, W3 = (
    note.cosigner(f"w{n}.example", PrivateKey.from_seed(kind, bytes([n]) * 32))
    for n, kind in ((1, "Ed25519"), (2, "ML-DSA-44"), (3, "ML-DSA-44"))
)
TIME = 1_700_000_000
CHARTER = f"charter {b64.encode_std(bytes(32))}\n"


def vkey(signer: note.Signer) -> str:
    return note.format_vkey(signer.verifier)


def log_line(signer: note.Signer) -> str:
    return f"log {vkey(signer)}\n"


def witness_line(name: str, signer: note.Signer) -> str:
    return f"witness {name} {vkey(signer)}\n"


# --- Notes


def test_what_an_ml_dsa_cosignature_signs() -> None:
    """The structure of tlog-cosignature, put together here from its text."""
    (_, key_id, signature), *more = note.split(note.sign_with(TEXT, [W2], TIME))[1]
    assert not more
    public = W2.private.public
    assert key_id == hashlib.sha256(b"w2.example\n\x06" + public.raw).digest()[:4]
    assert (len(public.raw), len(signature)) == (1312, 8 + 2420)
    assert signature[:8] == TIME.to_bytes(8, "big")
    message = b"subtree/v1\n\x00" + b"\x0aw2.example" + TIME.to_bytes(8, "big")
    message += b"\x0f" + ORIGIN.encode() + bytes(8) + (7).to_bytes(8, "big") + CHECKPOINT.root
    assert len(message) == 12 + 1 + 10 + 8 + 1 + 15 + 8 + 8 + 32
    assert public.verify(signature[8:], message)


def test_a_note_with_signatures_of_every_type() -> None:
    signers = [LOG, LOG_PQ, W1, W2]
    opened = note.open_note(note.sign_with(TEXT, signers, TIME), [signer.verifier for signer in signers])
    assert opened.signatures == tuple(
        Signed(signer.verifier, None if signer is LOG else TIME) for signer in signers
    )
    assert [signer.verifier.type for signer in signers] == [ED25519, ML_DSA_44, COSIGNATURE, ML_DSA_44]
    assert note.cosign(note.sign_with(TEXT, [LOG], 0), "w1.example", W1.private, TIME) == note.sign_with(
        TEXT, [LOG, W1], TIME
    )


@pytest.mark.parametrize("signer", [LOG_PQ, W2])
def test_verifier_keys_of_ml_dsa(signer: note.Signer) -> None:
    text = vkey(signer)
    assert note.parse_vkey(text) == signer.verifier
    assert note.format_vkey(note.parse_vkey(text)) == text
    for wrong in (text[:-1], text + "=", text.replace("=", "A"), text.replace("+", "+0", 1)):
        assert refusal(note.parse_vkey, wrong)[0] == "note.key"


def test_a_type_fits_its_length_and_a_name_its_field() -> None:
    def made(name: str, data: bytes) -> str:
        digest = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()
        return f"{name}+{digest[:8]}+{b64.encode_std(data)}"

    pq, ed = W2.private.public.raw, W1.private.public.raw
    assert note.parse_vkey(made("w", b"\x06" + pq)).type == ML_DSA_44
    assert note.parse_vkey(made("é" * 127, b"\x06" + pq)).name == "é" * 127
    for name, data in [
        ("w", b"\x06" + ed),
        ("w", b"\x01" + pq),
        ("w", b"\x04" + pq),
        ("w", b"\x05" + pq),
        ("w", b"\x06" + pq[:-1]),
        ("é" * 128, b"\x06" + pq),  # 256 octets
    ]:
        assert refusal(note.parse_vkey, made(name, data)) == ("note.key", "$")


def test_it_signs_checkpoints_alone() -> None:
    for text in ("no checkpoint\n", note.format_checkpoint(CHECKPOINT._replace(origin="o" * 256))):
        assert refusal(note.sign_with, text, [W2], TIME)[0] == "checkpoint.form"
        honest = note.split(note.sign_with(TEXT, [W2], TIME))[1][0]
        forged = f"{text}\n{note.format_line(*honest)}"
        assert refusal(note.open_note, forged, [W2.verifier])[0] == "note.signature"
    longest = note.format_checkpoint(CHECKPOINT._replace(origin="o" * 255))
    assert note.open_note(note.sign_with(longest, [W2], TIME), [W2.verifier]).text == longest


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n7\n", "\n8\n"),
        lambda text: text.replace(ORIGIN, "example.com/lug"),
        lambda text: text.replace(b64.encode_std(CHECKPOINT.root), b64.encode_std(bytes(32))),
    ],
)
def test_every_field_of_the_checkpoint_is_signed(change) -> None:
    changed = change(note.sign_with(TEXT, [W2], TIME))
    assert refusal(note.open_note, changed, [W2.verifier])[0] == "note.signature"


def test_name_and_time_are_signed_and_the_extensions_are_not() -> None:
    _, key_id, signature = note.split(note.sign_with(TEXT, [W2], TIME))[1][0]
    late = note.format_line("w2.example", key_id, (TIME + 1).to_bytes(8, "big") + signature[8:])
    assert refusal(note.open_note, f"{TEXT}\n{late}", [W2.verifier])[0] == "note.signature"
    renamed = note.verifier("w9.example", ML_DSA_44, W2.private.public.raw)
    line = note.format_line("w9.example", renamed.key_id, signature)
    assert refusal(note.open_note, f"{TEXT}\n{line}", [renamed])[0] == "note.signature"
    extended = f"{TEXT}extension\n\n" + note.format_line("w2.example", key_id, signature)
    assert note.open_note(extended, [W2.verifier]).text == f"{TEXT}extension\n"  # as C2SP says


def test_times_have_63_bits() -> None:
    last = note.sign_with(TEXT, [W2], 2**63 - 1)
    assert note.open_note(last, [W2.verifier]).signatures[0].timestamp == 2**63 - 1
    beyond = note.sign_with(TEXT, [W2], 2**63)
    assert refusal(note.open_note, beyond, [W2.verifier])[0] == "note.signature"


def test_keys_that_sign_no_notes() -> None:
    p256 = PrivateKey.from_seed("ES256", b"k" * 32)
    for make in (note.log_signer, note.cosigner):
        with pytest.raises(AssertionError):
            make("log", p256)
    with pytest.raises(AssertionError):
        note.sign_note("x\n", "log", LOG_PQ.private)


# --- The log's two keys


def test_a_log_with_two_kinds_of_key_must_sign_with_both() -> None:
    trust = Trust.parse(log_line(LOG) + log_line(LOG_PQ) + "quorum none\n" + CHARTER)
    assert trust.check(note.sign_with(TEXT, [LOG, LOG_PQ], TIME)).log == ORIGIN
    assert trust.check(note.sign_with(TEXT, [LOG_PQ, LOG], TIME)).log == ORIGIN
    for alone in ([LOG], [LOG_PQ]):
        assert refusal(trust.check, note.sign_with(TEXT, alone, TIME))[0] == "trust.log"


def test_one_key_of_each_kind_is_enough() -> None:
    other = note.log_signer(ORIGIN, PrivateKey.from_seed("Ed25519", b"m" * 32))
    lines = log_line(LOG) + log_line(other) + log_line(LOG_PQ)
    trust = Trust.parse(lines + "quorum none\n" + CHARTER)
    assert trust.check(note.sign_with(TEXT, [other, LOG_PQ], TIME)).log == ORIGIN
    assert refusal(trust.check, note.sign_with(TEXT, [LOG, other], TIME))[0] == "trust.log"


def test_a_log_with_an_ml_dsa_key_alone() -> None:
    trust = Trust.parse(log_line(LOG_PQ) + "quorum none\n" + CHARTER)
    assert trust.check(note.sign_with(TEXT, [LOG_PQ], TIME)).log == ORIGIN
    assert Trust.parse(trust.format()) == trust


# --- Witnesses of both types, and those that replay

WITNESSES = (
    log_line(LOG)
    + witness_line("a", W1)
    + witness_line("b", W2)
    + witness_line("c", W3)
    + "group g 2 a b c\n"
)


def test_witnesses_of_both_types_and_which_replay() -> None:
    trust = Trust.parse(WITNESSES + "quorum g\nreplays c\nreplays a\n" + CHARTER)
    assert trust.replaying == ("c", "a")
    assert "\nreplays c a\n" in trust.format()
    assert Trust.parse(trust.format()) == trust
    found = trust.check(note.sign_with(TEXT, [LOG, W1, W2], TIME))
    assert (found.witnesses, found.replaying) == ((("a", TIME), ("b", TIME)), ("a",))
    assert trust.check(note.sign_with(TEXT, [LOG, W3, W2, W1], TIME)).replaying == ("c", "a")
    assert refusal(trust.check, note.sign_with(TEXT, [LOG, W2], TIME))[0] == "trust.quorum"


@pytest.mark.parametrize(
    ("lines", "code", "path"),
    [
        (WITNESSES + "replays\n", "trust.line", "line 6"),
        (WITNESSES + "replays d\n", "trust.name", "line 6"),
        (WITNESSES + "replays g\n", "trust.name", "line 6"),  # a group signs nothing
        (WITNESSES + "replays none\n", "trust.name", "line 6"),
        (log_line(LOG) + "replays a\n" + witness_line("a", W1), "trust.name", "line 2"),
        (WITNESSES + "replays a b a\n", "trust.duplicate", "line 6"),
        (WITNESSES + "replays a\nreplays a\n", "trust.duplicate", "line 7"),
        (log_line(W1), "trust.key", "line 1"),
        (witness_line("a", LOG), "trust.key", "line 1"),
    ],
)
def test_lines_that_are_none(lines: str, code: str, path: str) -> None:
    assert refusal(Trust.parse, lines + "quorum none\n" + CHARTER) == (code, path)


def test_a_quorum_is_not_met_by_the_same_key_twice() -> None:
    """Whoever writes the trust file is told; it does not depend on how a checkpoint is signed."""
    again = note.cosigner("w9.example", W1.private)
    as_log = note.log_signer("w9.example", W1.private)
    itself = note.cosigner("w9.example", LOG.private)
    both = note.cosigner("w1.example", W3.private)  # a witness's second key, under the witness's name
    itself_too = note.cosigner(ORIGIN, W3.private)  # the log as its own witness, under its name
    for lines in (
        witness_line("a", W1) + witness_line("b", W1),
        witness_line("a", W1) + witness_line("b", again),
        witness_line("a", W1) + log_line(as_log),
        log_line(LOG) + witness_line("a", itself),
        log_line(LOG) + witness_line("a", LOG_PQ),
        witness_line("a", W1) + witness_line("b", both),
        log_line(LOG) + witness_line("a", itself_too),
        witness_line("a", itself_too) + log_line(LOG),
        witness_line("a", W1) + witness_line("a", W2),
    ):
        assert refusal(Trust.parse, lines + "quorum none\n" + CHARTER) == ("trust.duplicate", "line 2"), lines


def test_one_witness_that_signs_twice_counts_once() -> None:
    trust = Trust.parse(WITNESSES + "quorum g\n" + CHARTER)
    text = note.sign_with(TEXT, [LOG, W2, W2], TIME) + W2.line(TEXT, TIME + 1)
    assert refusal(trust.check, text)[0] == "trust.quorum"


@pytest.mark.parametrize(
    ("signers", "told"),
    [
        ([LOG], ": 7 entries."),
        ([LOG, W2], ", cosigned by 1 witness (b): 7 entries."),
        ([LOG, W3], ", cosigned by 1 witness that replays the rules (c): 7 entries."),
        (
            [LOG, W1, W2, W3],
            ", cosigned by 1 witness (b) and 2 witnesses that replay the rules (c, a): 7 entries.",
        ),
    ],
)
def test_check_2_says_how_many_of_each_kind(signers: list[note.Signer], told: str) -> None:
    trust = Trust.parse(WITNESSES + "quorum none\nreplays c a\n" + CHARTER)
    proof = ProofFile("urn:example:lot:1", note.sign_with(TEXT, signers, TIME), (), ())
    assert anchor.signed(proof, trust).sentence == f"Signed by the log {ORIGIN}{told}"


def test_a_note_that_another_implementation_cosigned() -> None:
    """Made with proofbundle 6.3.1, which also verified notes made here."""
    data = Path(__file__).with_name("data").joinpath("cosigned_ml_dsa_44.txt").read_text()
    keys, _, signed = data.partition("\n\n")
    verifiers = [note.parse_vkey(line) for line in keys.splitlines()]
    opened = note.open_note(signed, verifiers)
    assert [(one.verifier.type, one.timestamp) for one in opened.signatures] == [
        (ED25519, None),
        (ML_DSA_44, 1_700_000_123),
    ]
    assert opened.text == TEXT
    key = PrivateKey.from_seed("ML-DSA-44", bytes(range(32)))
    assert note.cosigner("witness.example/pb", key).verifier == verifiers[1]
    for at in range(signed.index("—", signed.index("—") + 1), len(signed), 97):
        changed = signed[:at] + ("A" if signed[at] != "A" else "B") + signed[at + 1 :]
        found = read_or_code(note.open_note, changed, verifiers)
        assert found.startswith("note.") if isinstance(found, str) else len(found.signatures) == 1
