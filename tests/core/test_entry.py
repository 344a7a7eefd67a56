"""Entries: one spelling, and every change is refused or seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import entry
from ledger.entry import Entry
from tests.core.refusal import read_or_code, refusal

JWS = "eyJhIjoxfQ.eyJiIjoyfQ.c2ln-_"
PLAIN = Entry(12, 0, bytes(range(32)), 1772431201123, JWS)
BYTES = (
    b'{"index":12,"charter":0,"prev":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",'
    b'"received":"2026-03-02T06:00:01.123Z","statement":"eyJhIjoxfQ.eyJiIjoyfQ.c2ln-_"}'
)
PART = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=40)


def refused(code: str, data: bytes, path: str = "$") -> None:
    assert refusal(entry.decode, data) == (code, path)


def changed(old: bytes, new: bytes) -> bytes:
    assert BYTES.count(old) == 1
    return BYTES.replace(old, new)


def test_the_one_spelling() -> None:
    assert entry.encode(PLAIN) == BYTES
    assert entry.decode(BYTES) == PLAIN


@given(
    st.integers(0, entry.MAX_INDEX),
    st.data(),
    st.binary(min_size=32, max_size=32),
    st.integers(-62_135_596_800_000, 253_402_300_799_999),  # years 0001 to 9999
    st.tuples(PART, PART, PART).map(".".join),
)
def test_round_trip(index: int, data: st.DataObject, prev: bytes, received: int, statement: str) -> None:
    charter = data.draw(st.integers(0, index))
    value = Entry(index, charter, prev if index else bytes(32), received, statement)
    assert entry.decode(entry.encode(value)) == value


def test_every_change_of_one_byte_is_refused_or_seen() -> None:
    for at in range(len(BYTES)):
        for other in (*range(32, 127), 0, 9, 10, 128, 255):
            data = BYTES[:at] + bytes([other]) + BYTES[at + 1 :]
            value = read_or_code(entry.decode, data)
            if isinstance(value, str):
                assert value.startswith("entry.")
            else:
                assert entry.encode(value) == data
                assert (value == PLAIN) == (data == BYTES)
    for at in range(len(BYTES) + 1):
        for data in (BYTES[:at] + b" " + BYTES[at:], BYTES[:at] + b"\n" + BYTES[at:]):
            refused("entry.form", data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        BYTES + b"\n",
        BYTES * 2,
        b"\xef\xbb\xbf" + BYTES,
        changed(b":12,", b":012,"),
        changed(b":12,", b":-1,"),
        changed(b":12,", b":1.2e1,"),
        changed(b":12,", ":१२,".encode()),
        changed(b'"charter":0,', b""),
        changed(b'"charter":0,', b'"charter":0,"charter":0,'),
        changed(b'"index":12,"charter":0,', b'"charter":0,"index":12,'),
        changed(b"eyJhIjoxfQ.", b""),
        changed(b"eyJhIjoxfQ.", b"."),
        changed(b"eyJhIjoxfQ.", b"eyJhIjoxfQ=."),
        changed(b"eyJhIjoxfQ.", b"\\u0065yJhIjoxfQ."),
    ],
)
def test_other_spellings_are_refused(data: bytes) -> None:
    refused("entry.form", data)


def test_what_an_entry_alone_can_show() -> None:
    assert entry.decode(changed(b":12,", b":9007199254740991,")).index == 2**53 - 1 == entry.MAX_INDEX
    refused("entry.form", changed(b":12,", b":9007199254740992,"), "$.index")
    refused("entry.form", changed(b"GxwdHh8", b"GxwdHh9"), "$.prev")
    refused("entry.charter", changed(b'"charter":0', b'"charter":13'), "$.charter")
    refused("entry.prev", changed(b":12,", b":0,"), "$.prev")
    refused("entry.received", changed(b"03-02T", b"02-30T"), "$.received")
    refused("entry.received", changed(b":01.123Z", b":60.123Z"), "$.received")
    assert entry.decode(changed(b'"charter":0', b'"charter":12')).charter == 12


def test_an_entry_fits_into_a_bundle() -> None:
    longest = PLAIN._replace(statement=JWS + "A" * (entry.MAX_ENTRY - len(BYTES)))
    data = entry.encode(longest)
    assert len(data) == entry.MAX_ENTRY == 65535
    assert entry.decode(data) == longest
    too_long = longest._replace(statement=longest.statement + "A")
    with pytest.raises(AssertionError):
        entry.encode(too_long)
    refused("entry.size", data.replace(b"AAAA", b"AAAAA", 1))
