"""The proof file: one spelling, limits, which entries it must hold, and every change is seen."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import b64, entry, merkle, prooffile
from ledger.entry import Entry
from ledger.errors import Malformed
from ledger.merkle import leaf_hash
from ledger.prooffile import MAX_BYTES, MAX_ENTRIES, ProofFile
from tests.core.refusal import read_or_code, refusal

NOTE = 'example.com/log\n3\nAA"\\/é\u2028\x7f\n\n— log AAAA\n'


def chain(count: int) -> list[bytes]:
    """The bytes of a ledger of ``count`` entries."""
    found: list[bytes] = []
    for index in range(count):
        prev = leaf_hash(found[-1]) if found else bytes(32)
        found.append(entry.encode(Entry(index, 0, prev, 1_772_431_200_000 + index, f"eyJ9.eyJ{index}.c2ln")))
    return found


LEDGER = chain(7)
HASHES = [leaf_hash(data) for data in LEDGER]


def read(level: int, index: int) -> bytes:
    return merkle.root(HASHES[index << level : (index + 1) << level])


def proof(*indices: int) -> ProofFile:
    texts = tuple(LEDGER[index].decode() for index in indices)
    return ProofFile("urn:lot:1", NOTE, texts, tuple(merkle.multiproof(sorted(set(indices)), 7, read)))


PLAIN = proof(0, 3, 6)
BYTES = prooffile.encode(PLAIN)


def changed(**members: object) -> bytes:
    """The file with members changed, spelt as JSON.stringify spells; None takes one out."""
    value = {k: v for k, v in (json.loads(BYTES) | members).items() if v is not None}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_it_is_what_json_stringify_gives_and_a_newline() -> None:
    assert changed() == BYTES
    assert BYTES.startswith(
        b'{"format":"oreline-proof/1","subject":"urn:lot:1","checkpoint":"example.com/log\\n3'
    )
    assert prooffile.decode(BYTES) == PLAIN


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4),
    st.lists(st.binary(min_size=32, max_size=32), max_size=4),
)
def test_round_trip(checkpoint: str, entries: list[str], hashes: list[bytes]) -> None:
    value = ProofFile("urn:lot:1", checkpoint, tuple(entries), tuple(hashes))
    data = prooffile.encode(value)
    assert prooffile.decode(data) == value
    assert data == json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_hashes_are_joined() -> None:
    one, two = PLAIN.hashes[:2]
    value = json.loads(prooffile.encode(PLAIN._replace(hashes=(one, two))))
    assert value["hashes"] == b64.encode_std(one + two)
    assert json.loads(prooffile.encode(PLAIN._replace(hashes=())))["hashes"] == ""


def test_the_root_of_its_entries_is_the_root_of_the_tree() -> None:
    entries = prooffile.entries_of(PLAIN, 7)
    assert [found.index for found in entries] == [0, 3, 6]
    leaves = prooffile.leaves_of(PLAIN, entries)
    assert leaves == [(index, HASHES[index]) for index in (0, 3, 6)]
    assert merkle.root_from_multiproof(leaves, 7, PLAIN.hashes) == merkle.root(HASHES)


def test_every_change_of_one_byte_is_refused_or_seen() -> None:
    for at in range(len(BYTES)):
        for other in (BYTES[at] ^ 1, BYTES[at] ^ 0x20, BYTES[at] ^ 0x80, 0x20, 0x22, 0x5C):
            data = BYTES[:at] + bytes([other]) + BYTES[at + 1 :]
            found = read_or_code(prooffile.decode, data)
            if isinstance(found, str):
                assert found.startswith("proof.") or found == "value.id"
            else:
                assert (found == PLAIN) == (data == BYTES)
                assert prooffile.encode(found) == data
        for data in (BYTES[:at], BYTES[:at] + BYTES[at + 1 :], BYTES[:at] + b" " + BYTES[at:]):
            assert read_or_code(prooffile.decode, data) != PLAIN


def test_a_download_cut_short_is_told_from_what_is_no_json() -> None:
    for data, said in (
        (BYTES[:200], "The file ends before the proof does."),
        (BYTES[:200] + b"}\n", "The proof file is not JSON."),
        (b"oreline", "The proof file is not JSON."),
    ):
        with pytest.raises(Malformed) as raised:
            prooffile.decode(data)
        assert (raised.value.code, raised.value.detail) == ("proof.form", said)


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (b"", "proof.form", "$"),
        (b"\n", "proof.form", "$"),
        (b"[]\n", "proof.form", "$"),
        (b"7\n", "proof.form", "$"),
        (b"[" * 100_000, "proof.form", "$"),
        (b"\xff", "proof.form", "$"),
        (b"\xef\xbb\xbf" + BYTES, "proof.form", "$"),
        (BYTES[:-1], "proof.form", "$"),
        (BYTES[:-1] + b"\r\n", "proof.form", "$"),
        (BYTES + b"\n", "proof.form", "$"),
        (BYTES.replace(b'","subject"', b'", "subject"'), "proof.form", "$"),
        (BYTES.replace(b"\xc3\xa9", b"\\u00e9"), "proof.form", "$"),
        (BYTES.replace(b"\\\\/", b"\\\\\\/"), "proof.form", "$"),
        (BYTES.replace(b'{"format"', b'{"subject":"urn:x","format"'), "proof.form", "$"),
        (BYTES.replace(b'{"format"', b'{"format":"oreline-proof/1","format"'), "proof.form", "$"),
        (changed(extra=1), "proof.form", "$"),
        (changed(hashes=None), "proof.form", "$"),
        (changed(subject=None), "proof.form", "$"),
        (changed(subject=1), "proof.form", "$"),
        (changed(checkpoint=1), "proof.form", "$"),
        (changed(entries={}), "proof.form", "$.entries"),
        (changed(entries=[1]), "proof.form", "$.entries"),
        (changed(hashes=[]), "proof.form", "$.hashes"),
        (changed(hashes=False), "proof.form", "$.hashes"),
        (changed(format=None), "proof.format", "$.format"),
        (changed(format="oreline-proof/2"), "proof.format", "$.format"),
        (changed(format=1), "proof.format", "$.format"),
        (changed(register=[]), "proof.register", "$.register"),
        (changed(format=prooffile.HISTORY), "proof.form", "$.subject"),
        (changed(subject="lot 1"), "value.id", "$.subject"),
        (changed(hashes=b64.encode_std(bytes(33))), "proof.hash", "$.hashes"),
        (changed(hashes=b64.encode_std(bytes(32))[:-1]), "proof.hash", "$.hashes"),
        (changed(hashes="A" * 42 + "B="), "proof.hash", "$.hashes"),
        (changed(hashes="é"), "proof.hash", "$.hashes"),
        (changed(entries=[""] * (MAX_ENTRIES + 1)), "proof.size", "$.entries"),
        (b" " * (MAX_BYTES + 1), "proof.size", "$"),
    ],
)
def test_files_that_are_none(data: bytes, code: str, path: str) -> None:
    assert refusal(prooffile.decode, data) == (code, path)


def test_the_limits_themselves_are_allowed() -> None:
    assert (MAX_BYTES, MAX_ENTRIES) == (67_108_864, 100_000)
    most = PLAIN._replace(entries=("",) * MAX_ENTRIES)
    assert prooffile.decode(prooffile.encode(most)) == most
    longest = PLAIN._replace(checkpoint="x" * (MAX_BYTES - len(BYTES)) + PLAIN.checkpoint)
    data = prooffile.encode(longest)
    assert len(data) == MAX_BYTES
    assert prooffile.decode(data) == longest


@pytest.mark.parametrize(
    ("indices", "size", "code", "path"),
    [
        ((3, 0, 6), 7, "proof.order", "$.entries[1].index"),
        ((0, 3, 3, 6), 7, "proof.order", "$.entries[2].index"),
        ((0, 3, 6), 6, "proof.range", "$.entries[2].index"),
        ((0, 6), 0, "proof.range", "$.entries[1].index"),
        ((0, 3, 6), 8, "proof.last", "$.entries"),
        ((0, 3, 6), 2**63 - 1, "proof.last", "$.entries"),
        ((), 7, "proof.last", "$.entries"),
        ((), 0, "proof.last", "$.entries"),
    ],
)
def test_which_entries_it_must_hold(indices: tuple[int, ...], size: int, code: str, path: str) -> None:
    assert refusal(prooffile.entries_of, proof(*indices), size) == (code, path)


def test_an_entry_that_is_none_is_found_at_its_place() -> None:
    bad = [LEDGER[0].decode(), LEDGER[3].decode().replace("2026-", "2O26-"), LEDGER[6].decode()]
    assert refusal(prooffile.entries_of, PLAIN._replace(entries=tuple(bad)), 7) == (
        "entry.form",
        "$.entries[1]",
    )
    late = LEDGER[3].decode().replace('"charter":0', '"charter":4')
    bad[1] = late
    fault = refusal(prooffile.entries_of, PLAIN._replace(entries=tuple(bad)), 7)
    assert fault == ("entry.charter", "$.entries[1].charter")


def test_the_largest_proof_is_read_in_seconds() -> None:
    count = MAX_ENTRIES
    statement = "eyJ9." + "A" * 400 + ".c2ln"
    texts = tuple(entry.encode(Entry(i, 0, bytes(32), i, statement)).decode() for i in range(count))
    value = ProofFile("urn:lot:1", NOTE, texts, ())
    data = prooffile.encode(value)
    assert MAX_BYTES * 0.8 < len(data) < MAX_BYTES
    began = time.process_time()
    found = prooffile.decode(data)
    entries = prooffile.entries_of(found, count)
    merkle.root_from_multiproof(prooffile.leaves_of(found, entries), count, found.hashes)
    assert time.process_time() - began < 10
    assert found == value


@pytest.mark.parametrize("part", [{"records": {}, "buckets": []}, {"records": [], "buckets": ""}])
def test_the_registers_part_is_made_of_arrays(part: dict[str, object]) -> None:
    assert refusal(prooffile.register_part, part | {"hashes": ""}) == ("proof.register", "$.register")


@pytest.mark.parametrize(
    "row",
    [
        [1, "[]"],
        ["lot urn:a:1"],
        ["lot", "[]"],
        ["boat urn:a:1", "[]"],
        ["lot urn:a:1", "[]", 1],  # moves are told of what was used alone
        ["used urn:a:1", "[]", -1],
        ["used urn:a:1", "[]", True],
    ],
)
def test_a_record_of_the_register_is_a_row(row: list[object]) -> None:
    part = {"records": [["used urn:a:2", "[]", 1], row], "buckets": [], "hashes": ""}
    assert refusal(prooffile.register_part, part) == ("proof.register", "$.register.records[1]")


@pytest.mark.parametrize("row", [{}, [1], ["1", None], [True, None], [-1, None], [1, None, 2], [1, "AAA"]])
def test_an_opened_bucket_is_a_row(row: object) -> None:
    part = {"records": [], "buckets": [[0, None], row], "hashes": ""}
    assert refusal(prooffile.register_part, part) == ("proof.register", "$.register.buckets[1]")
