"""Signed notes, checkpoints and cosignatures: published ones byte for byte, and every change is seen."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import b64, note
from ledger.keys import PrivateKey
from ledger.note import COSIGNATURE, ED25519, Checkpoint, Signed
from tests.core.published_notes import (
    ARCHE,
    ARCHE_LOG,
    ARCHE_WITNESSES,
    ENOCH,
    ENOCH_LINE,
    FOO,
    FOO_NOTE,
    PETER,
    PETER_LINE,
    PETER_SECRET,
    SOFA,
    TEXT,
)
from tests.core.refusal import read_or_code, refusal

KEY = PrivateKey.from_seed("Ed25519", b"k" * 32)
OTHER = PrivateKey.from_seed("Ed25519", b"o" * 32)
LOG = note.verifier("example.com/log", ED25519, KEY.public.raw)
COSIGNER = note.verifier("w1", COSIGNATURE, OTHER.public.raw)
CHECKPOINT = Checkpoint("example.com/log", 7, hashlib.sha256(b"root").digest())
SIGNED = note.sign_note(note.format_checkpoint(CHECKPOINT), "example.com/log", KEY)
COSIGNED = note.cosign(SIGNED, "w1", OTHER, 1_700_000_000)


def open_with(text: str | bytes, *vkeys: str) -> note.Opened:
    return note.open_note(text, map(note.parse_vkey, vkeys))


# --- Published notes


def test_the_notes_of_go() -> None:
    secret = b64.decode_std(PETER_SECRET)
    peter = PrivateKey.from_seed("Ed25519", secret[1:])
    assert note.ed25519_vkey("PeterNeumann", peter.public.raw) == PETER
    assert note.sign_note(TEXT, "PeterNeumann", peter) == f"{TEXT}\n{PETER_LINE}"
    assert open_with(f"{TEXT}\n{PETER_LINE}", PETER) == (TEXT, (Signed(note.parse_vkey(PETER), None),))
    both = open_with(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode(), ENOCH, PETER)
    assert [signed.verifier.name for signed in both.signatures] == ["PeterNeumann", "EnochRoot"]
    one = open_with(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}", ENOCH)
    assert [signed.verifier.name for signed in one.signatures] == ["EnochRoot"]


def test_the_note_of_the_specification() -> None:
    assert open_with(FOO_NOTE, FOO).text == "This is an example message.\n"


def test_a_real_checkpoint_with_its_witnesses() -> None:
    opened = open_with(ARCHE, ARCHE_LOG, *ARCHE_WITNESSES)
    assert [signed.timestamp for signed in opened.signatures] == [None] + [0x6A122120] * 4
    checkpoint = note.parse_checkpoint(opened.text)
    assert checkpoint.origin == "arche2025h1.staging.ct.transparency.dev"
    assert (checkpoint.size, len(checkpoint.root)) == (1432088532, 32)
    changed = ARCHE.replace("1432088532", "1432088533")
    for vkey in (ARCHE_LOG, *ARCHE_WITNESSES):
        assert refusal(open_with, changed, vkey)[0] == "note.signature"


def test_the_cosigned_checkpoint_of_the_specification() -> None:
    text, lines = note.split(SOFA)
    assert note.parse_checkpoint(text)[:2] == ("example.com/behind-the-sofa", 20852163)
    assert note.format_checkpoint(note.parse_checkpoint(text)) == text
    assert [(name, len(signature)) for name, _, signature in lines] == [
        ("example.com/behind-the-sofa", 64),
        ("witness.example.com/w1", 72),
    ]
    assert int.from_bytes(lines[1][2][:8], "big") == 1679315147  # the time that the specification names


def test_what_a_cosignature_signs() -> None:
    signature = note.split(COSIGNED)[1][1][2]
    assert signature[:8] == (1_700_000_000).to_bytes(8, "big")
    text = note.format_checkpoint(CHECKPOINT)
    message = b"cosignature/v1\ntime 1700000000\n" + text.encode()
    assert OTHER.public.verify(signature[8:], message)
    assert note.open_note(COSIGNED, [COSIGNER]).signatures == (Signed(COSIGNER, 1_700_000_000),)


# --- Verifier keys


def test_verifier_keys() -> None:
    for text in (PETER, ENOCH, FOO, ARCHE_LOG, *ARCHE_WITNESSES):
        assert note.format_vkey(note.parse_vkey(text)) == text
    key = note.parse_vkey(PETER)
    assert (key.name, key.key_id.hex(), key.type, len(key.key)) == ("PeterNeumann", "c74f20a3", 1, 32)


def vkey(name: str, data: bytes) -> str:
    """A verifier key whose key id is right, whatever it holds."""
    digest = hashlib.sha256(name.encode() + b"\n" + data).hexdigest()
    return f"{name}+{digest[:8]}+{b64.encode_std(data)}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("PeterNeumann", "PeterNeuman"),
        PETER + "\n",
        " " + PETER,
        PETER + "=",
        PETER[:-1] + "X",
        PETER.replace("/", "_"),
        vkey("Peter Neumann", b"\x01" + KEY.public.raw),
        vkey("Peter\u00a0Neumann", b"\x01" + KEY.public.raw),
        vkey("\u2003Peter", b"\x01" + KEY.public.raw),
        vkey("", b"\x01" + KEY.public.raw),
        vkey("log", b"\x01" + KEY.public.raw[:-1]),
        vkey("log", b"\x02" + KEY.public.raw),
        vkey("log", b"\x06" + KEY.public.raw),
        vkey("log", b"\x01" + bytes(32)),  # a point of small order
        vkey("log", b"\x01" + b"\xff" * 32),  # not canonical
    ],
)
def test_verifier_keys_that_are_none(text: str) -> None:
    assert refusal(note.parse_vkey, text) == ("note.key", "$")


def test_only_ed25519_keys_sign_notes() -> None:
    p256 = PrivateKey.from_seed("ES256", b"k" * 32)
    for call, arguments in [(note.sign_note, ("x\n", "log", p256)), (note.cosign, (SIGNED, "w", p256, 1))]:
        with pytest.raises(AssertionError):
            call(*arguments)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "name"), [("x", "log"), ("x\r\n", "log"), ("x\n", "a b"), ("x\n", "a+b"), ("x\n", "")]
)
def test_a_note_that_could_not_be_opened_is_not_signed(text: str, name: str) -> None:
    with pytest.raises(AssertionError):
        note.sign_note(text, name, KEY)


# --- Which signatures count


def test_unknown_keys_are_ignored_and_known_ones_must_verify() -> None:
    bad = PETER_LINE.replace("x08go/Z", "x08go/Y")
    assert refusal(open_with, f"{TEXT}\n{bad}", PETER)[0] == "note.signature"
    assert refusal(open_with, f"{TEXT}\n{bad}{ENOCH_LINE}", PETER, ENOCH)[0] == "note.signature"
    assert refusal(open_with, f"{TEXT}\n{PETER_LINE}{bad}", PETER)[0] == "note.signature"
    assert open_with(f"{TEXT}\n{bad}{ENOCH_LINE}", ENOCH).text == TEXT
    assert refusal(open_with, f"{TEXT}\n{PETER_LINE}", ENOCH)[0] == "note.unsigned"
    assert refusal(open_with, f"{TEXT}\n{PETER_LINE}")[0] == "note.unsigned"


def test_a_key_is_known_by_its_name_and_its_id_together() -> None:
    renamed = PETER_LINE.replace("PeterNeumann", "PeterNewmann")
    assert refusal(open_with, f"{TEXT}\n{renamed}", PETER)[0] == "note.unsigned"
    other_id = PETER_LINE.replace("x08go", "x08gp")
    assert refusal(open_with, f"{TEXT}\n{other_id}", PETER)[0] == "note.unsigned"


def test_a_signature_of_one_type_does_not_pass_for_the_other() -> None:
    text = note.format_checkpoint(CHECKPOINT)
    plain = note.verifier("w1", ED25519, OTHER.public.raw)
    cosignature = note.split(COSIGNED)[1][1][2]
    for key, signature in [
        (plain, cosignature),
        (plain, cosignature[8:]),
        (COSIGNER, OTHER.sign(text.encode())),
        (COSIGNER, cosignature[8:]),
        (COSIGNER, bytes(8) + cosignature[8:]),
        (COSIGNER, cosignature[:4]),
    ]:
        line = f"— w1 {b64.encode_std(key.key_id + signature)}\n"
        assert refusal(note.open_note, f"{text}\n{line}", [key])[0] == "note.signature"


def test_a_time_beyond_63_bits_is_refused() -> None:
    assert (
        note.open_note(note.cosign(SIGNED, "w1", OTHER, 2**63 - 1), [COSIGNER]).signatures[0].timestamp
        == 2**63 - 1
    )
    assert refusal(note.open_note, note.cosign(SIGNED, "w1", OTHER, 2**63), [COSIGNER])[0] == "note.signature"


# --- Form


def test_the_text_ends_at_the_last_empty_line() -> None:
    for text in ("\n", "a\n\nb\n", "\n\na\n", "ed è subito sera.\n", "— not a signature\n\n— nor this\n"):
        signed = note.sign_note(text, "log", KEY)
        assert note.open_note(signed, [note.verifier("log", ED25519, KEY.public.raw)]).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "note.form"),
        (TEXT, "note.form"),
        (f"{TEXT}\n", "note.form"),
        (f"{TEXT}{PETER_LINE}", "note.form"),
        (f"{TEXT}\n{PETER_LINE[:-1]}", "note.form"),
        (f"{TEXT}\n{PETER_LINE}\n", "note.form"),
        (f"{TEXT}\n{PETER_LINE}\n{ENOCH_LINE}x", "note.form"),
        (f"{TEXT}\n{PETER_LINE}x\n", "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("— ", "- "), "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("— ", "—  "), "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("— ", "—\u00a0"), "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace(" x08", "  x08"), "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("=\n", "= \n"), "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("=\n", "\n"), "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("nAM=", "nAN="), "note.line"),
        (f"{TEXT}\n— a+b AAAAAAA=\n", "note.line"),
        (f"{TEXT}\n— a\u2003 AAAAAAA=\n", "note.line"),
        (f"{TEXT}\n— ab AAAAAA==\n", "note.line"),
        (f"{TEXT}\n— ab\n", "note.line"),
        (f"{TEXT}\n{PETER_LINE}".replace("your", "yo\tur"), "note.text"),
        (f"{TEXT}\n{PETER_LINE}".replace("\n", "\r\n"), "note.text"),
        (f"{TEXT}\n{PETER_LINE}".replace("your", "yo\x00ur"), "note.text"),
        (f"{TEXT}\n{PETER_LINE}".replace("your", "yo\ud800ur"), "note.text"),
        (f"{TEXT}\n{PETER_LINE}".encode() + b"\xff", "note.text"),
        (TEXT + "x" * note.MAX_NOTE + f"\n\n{PETER_LINE}", "note.size"),
    ],
)
def test_notes_that_are_none(text: str | bytes, code: str) -> None:
    assert refusal(open_with, text, PETER)[0] == code


def test_how_long_a_note_may_be() -> None:
    longest = "x" * (note.MAX_NOTE - len(f"\n\n{PETER_LINE}")) + f"\n\n{PETER_LINE}"
    assert len(longest) == note.MAX_NOTE == 262_144
    assert len(note.split(longest)[1]) == 1
    assert refusal(note.split, "x" + longest)[0] == "note.size"


def test_how_many_signatures_are_read() -> None:
    other = "— other AAAAAAA=\n"
    most = f"{TEXT}\n" + other * (note.MAX_SIGNATURES - 1) + PETER_LINE
    assert note.MAX_SIGNATURES == 64
    assert len(open_with(most, PETER).signatures) == 1
    assert refusal(open_with, most + other, PETER)[0] == "note.size"


def test_every_change_of_one_byte_of_a_note_is_refused_or_seen() -> None:
    data = COSIGNED.encode()
    verifiers = [LOG, COSIGNER]
    whole = note.open_note(data, verifiers)
    for at in range(len(data)):
        for other in (data[at] ^ 1, data[at] ^ 0x20, data[at] ^ 0x80, 0x0A, 0x20, 0x41):
            changed = data[:at] + bytes([other]) + data[at + 1 :]
            found = read_or_code(note.open_note, changed, verifiers)
            if isinstance(found, str):
                assert found.startswith("note.")
            else:  # a signature was made an unknown key's; the text is the signed one still
                assert (found == whole) == (changed == data)
                assert found.text == whole.text
                assert changed == data or len(found.signatures) == 1
        for changed in (data[:at], data[:at] + data[at + 1 :], data[:at] + b"\n" + data[at:]):
            assert read_or_code(note.open_note, changed, verifiers) != whole


# --- Checkpoints


@given(
    st.text(st.characters(exclude_categories=["C"]), min_size=1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(exclude_categories=["C"]), min_size=1), max_size=3),
)
def test_checkpoints_round_trip(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert note.parse_checkpoint(note.format_checkpoint(checkpoint)) == checkpoint


ROOT = b64.encode_std(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"log\n7\n{ROOT}",
        f"\n7\n{ROOT}\n",
        f"7\n{ROOT}\n",
        f"log\n\n7\n{ROOT}\n",
        f"log\n7\n{ROOT}\n\n",
        f"log\n7\n{ROOT}\n\nextension\n",
        f"log\n07\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n+7\n{ROOT}\n",
        f"log\n 7\n{ROOT}\n",
        f"log\n٧\n{ROOT}\n",
        f"log\n9223372036854775808\n{ROOT}\n",
        f"log\n10000000000000000000\n{ROOT}\n",
        f"log\n7\n{ROOT[:-1]}\n",
        f"log\n7\n{ROOT[:-2]}B=\n",
        f"log\n7\n{ROOT} \n",
        f"log\n7\n{b64.encode_std(bytes(31))}\n",
        f"log\n7\n{b64.encode_std(bytes(33))}\n",
    ],
)
def test_checkpoints_that_are_none(text: str) -> None:
    assert refusal(note.parse_checkpoint, text) == ("checkpoint.form", "$")


def test_every_change_of_one_byte_of_a_checkpoint_is_refused_or_seen() -> None:
    text = note.format_checkpoint(CHECKPOINT)
    for at in range(len(text)):
        for other in range(128):
            changed = text[:at] + chr(other) + text[at + 1 :]
            found = read_or_code(note.parse_checkpoint, changed)
            assert (found == CHECKPOINT) == (changed == text)
            assert isinstance(found, str) or note.format_checkpoint(found) == changed
