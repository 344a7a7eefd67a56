"""Evidence files: one spelling, and nothing is shown but what the signatures and hashes show."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import b64, evidencefile
from ledger.errors import Malformed
from ledger.evidencefile import Fork, check, decode, encode, fork
from ledger.merkle import EMPTY_ROOT, ReadHash, leaf_hash, root
from ledger.note import ED25519, Checkpoint, cosign, format_checkpoint, format_vkey, sign_note, verifier
from ledger.trust import Log, Trust
from tests.witness.cosigner import Cosigner
from tests.world import private_key

NAME = "example.com/log"
OPERATOR = private_key("operator")
LEAVES = [leaf_hash(bytes([n])) for n in range(40)]
OTHERS = [leaf_hash(bytes([n, n])) for n in range(40)]


def trust(*more: str) -> Trust:
    key = format_vkey(verifier(NAME, ED25519, OPERATOR.public.raw))
    witness = f"witness w {Cosigner('w.example').vkey}"
    return Trust.parse("\n".join([f"log {key}", *more, witness, "quorum w", f"charter {'A' * 43}=", ""]))


def signed(leaves: list[bytes], name: str = NAME, by: str = "operator") -> str:
    text = format_checkpoint(Checkpoint(name, len(leaves), root(leaves)))
    return sign_note(text, name, private_key(by))


def reader(leaves: list[bytes]) -> ReadHash:
    return lambda level, n: root(leaves[n << level : (n + 1) << level])


def code_of(evidence: Fork, trusted: Trust | None = None) -> str:
    with pytest.raises(Malformed) as caught:
        check(evidence, trusted or trust())
    return caught.value.code


@given(st.integers(1, 40), st.integers(0, 39), st.integers(1, 40))
def test_histories_that_part_are_shown_and_others_never(size: int, parting: int, more: int) -> None:
    """Two logs that agree on the first ``parting`` entries: a fork if both go beyond."""
    one, other = LEAVES[:size], LEAVES[:parting] + OTHERS[: more - parting]
    small, large = sorted((one, other), key=len)
    evidence = fork([signed(one), signed(other)], reader(large) if len(small) < len(large) else None)
    assert decode(encode(evidence)) == evidence
    if small == large[: len(small)]:
        assert code_of(evidence) == "evidence.unproven"
    else:
        shown = check(evidence, trust())
        assert (shown.kind, shown.origin) == ("fork", NAME)
        assert [row.checkpoint.size for row in shown.checkpoints] == [len(small), len(large)]
        assert str(len(small)) in shown.sentence


@given(st.integers(1, 12), st.integers(1, 12))
def test_no_hashes_make_an_honest_log_guilty(old: int, new: int) -> None:
    """Whatever is put in place of the hashes, two checkpoints of one history contradict each other never."""
    old, new = sorted((old, new))
    honest = list(fork([signed(LEAVES[:old]), signed(LEAVES[:new])], reader(LEAVES[:new])).hashes)
    for n in range(len(honest)):
        forged = [*honest[:n], bytes(32), *honest[n + 1 :]]
        assert (
            code_of(Fork((signed(LEAVES[:old]), signed(LEAVES[:new])), tuple(forged))) == "evidence.unproven"
        )
    for forged in (
        [],
        honest[1:],
        [*honest, bytes(32)],
        [b"x", *honest[1:]],
        honest[::-1] if old < new else [b""],
    ):
        notes = (signed(LEAVES[:old]), signed(LEAVES[:new]))
        if forged != honest:
            assert code_of(Fork(notes, tuple(forged))) == "evidence.unproven"


def test_the_spoilt_proof_of_a_fork_shows_nothing() -> None:
    one, other = signed(LEAVES[:5]), signed(OTHERS[:9])
    good = fork([other, one], reader(OTHERS[:9]))
    assert good.notes == (one, other)
    check(good, trust())
    assert code_of(Fork((other, one), good.hashes)) == "evidence.unproven"
    assert code_of(Fork((one, other), ())) == "evidence.unproven"
    assert code_of(Fork((one, other), (*good.hashes[:-1], bytes(32)))) == "evidence.unproven"


def test_empty_histories() -> None:
    text = format_checkpoint(Checkpoint(NAME, 0, bytes(32)))
    strange = sign_note(text, NAME, OPERATOR)
    assert "2 entries" not in check(fork([strange, signed([])]), trust()).sentence
    assert check(fork([strange, signed(LEAVES[:3])]), trust()).checkpoints[0].checkpoint.root == bytes(32)
    assert code_of(fork([signed([]), signed(LEAVES[:3])])) == "evidence.unproven"
    assert root([]) == EMPTY_ROOT


def test_it_is_the_log_that_must_have_signed_both() -> None:
    one = signed(LEAVES[:5])
    assert code_of(fork([one, signed(OTHERS[:5], by="stranger")])) == "note.unsigned"
    assert code_of(fork([one, signed(OTHERS[:5], "example.com/other")])) == "trust.origin"
    other = Log(verifier("example.com/other", ED25519, private_key("other").public.raw))
    two = trust()._replace(logs=(*trust().logs, other))  # no trust file says so
    assert code_of(fork([one, signed(OTHERS[:5], "example.com/other", "other")]), two) == "evidence.unproven"


def test_who_cosigned_is_told_and_nobody_needs_to_have() -> None:
    cosigned = cosign(signed(OTHERS[:5]), "w.example", private_key("w.example"), 1_772_430_000)
    shown = check(fork([signed(LEAVES[:5]), cosigned]), trust()).as_json()
    assert [row["witnesses"] for row in shown["checkpoints"]] == [[], ["w"]]
    assert shown["checkpoints"][0]["root"] == b64.encode_std(root(LEAVES[:5]))
    assert (shown["kind"], shown["ledger"]) == ("fork", NAME)


GOOD = {
    "format": "oreline-evidence/1",
    "kind": "fork",
    "notes": [signed(LEAVES[:5]), signed(OTHERS[:5])],
    "hashes": "A" * 43 + "=",
}


def spelt(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_the_form() -> None:
    assert encode(decode(spelt(GOOD))) == spelt(GOOD)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "evidence.form"),
        (b"[]\n", "evidence.form"),
        (b" " * (evidencefile.MAX_BYTES + 1), "evidence.form"),
        (spelt(GOOD)[:-1], "evidence.form"),
        (b" " + spelt(GOOD), "evidence.form"),
        (spelt(GOOD | {"format": "oreline-evidence/2"}), "evidence.form"),
        (spelt(GOOD | {"kind": "register"})[:-1] + b" ", "evidence.kind"),
        (spelt(GOOD | {"more": 1}), "evidence.form"),
        (spelt(GOOD | {"notes": GOOD["notes"] * 2}), "evidence.form"),  # type: ignore[operator]
        (spelt(GOOD | {"notes": [1, 2]}), "evidence.form"),
        (spelt(GOOD | {"notes": "ab"}), "evidence.form"),
        (spelt(GOOD | {"hashes": "A"}), "evidence.form"),
        (spelt(GOOD | {"hashes": [GOOD["hashes"]]}), "evidence.form"),
        (spelt(GOOD | {"hashes": {}}), "evidence.form"),
    ],
)
def test_other_forms_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode(data)
    assert caught.value.code == code
