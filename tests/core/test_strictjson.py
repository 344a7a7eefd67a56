"""Strict JSON takes what every reader reads alike, and refuses the rest by name and place."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import b64, strictjson
from ledger.errors import Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT.filter(lambda name: name != "__proto__"), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_valid_text_means_what_the_standard_library_says(value, ascii_only, indent):
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert strictjson.loads(data) == json.loads(data) == value


@given(VALUES)
def test_a_value_survives_being_written(value):
    data = strictjson.dumps(value)
    assert strictjson.loads(data) == value
    assert strictjson.dumps(strictjson.loads(data)) == data
    assert data == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@given(st.binary(max_size=40) | st.text('[]{}",:01-.eE\\u8d \n', max_size=30).map(str.encode))
def test_any_octets_are_read_as_the_standard_library_reads_them_or_refused(data):
    try:
        value = strictjson.loads(data)
    except Malformed:
        return
    assert value == json.loads(data)


def test_text_is_written_as_json_stringify_writes_it():
    value = {"b": 'é"\\/\b\f\n\r\t\x00\x1f\x7f\u2028', "a": [1, -0, True, None, {}]}
    expected = '{"b":"é\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\u2028","a":[1,0,true,null,{}]}'
    assert strictjson.dumps(value) == expected.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), {1, 2}, "\ud800", {1: 2}])
def test_what_strict_json_cannot_carry_is_not_written(value):
    with pytest.raises(TypeError):
        strictjson.dumps(value)


LONG = b"0," * (strictjson.EXPLAINED // 2)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (b"1.5", "json.number"),
        (b"-0", "json.number"),
        (b"9007199254740992", "json.range"),
        (b"9" * 20, "json.range"),
        (b'{"a":1,"a":1}', "json.duplicate"),
        (b'{"__proto__":1}', "json.proto"),
        (b'"\\ud800"', "json.surrogate"),
        (b"x", "json.syntax"),
        (b"0] 1", "json.syntax"),
    ],
)
def test_of_a_long_text_it_is_not_searched_where_it_is_wrong(end, code):
    with pytest.raises(Malformed) as found:
        strictjson.loads(b"[" + LONG + end + b"]")
    assert (found.value.code, found.value.path) == (code, "$")
    assert "too many to say where" in found.value.detail


REFUSED = [
    (b"\xff", "json.utf8", "$"),
    (b'"\xed\xa0\x80"', "json.utf8", "$"),
    (b'"\xc0\xaf"', "json.utf8", "$"),
    ('{"a":1}'.encode("utf-16"), "json.utf8", "$"),
    (b'\xef\xbb\xbf{"a":1}', "json.bom", "$"),
    (b' \xef\xbb\xbf{"a":1}', "json.bom", "$"),
    (b"", "json.syntax", "$"),
    (b" \n", "json.syntax", "$"),
    (b"{} {}", "json.syntax", "$"),
    (b"{}\x00", "json.syntax", "$"),
    (b"{}\xc2\xa0", "json.syntax", "$"),
    (b"[1,]", "json.syntax", "$"),
    (b"[01]", "json.syntax", "$"),
    (b"[+1]", "json.syntax", "$"),
    (b"[1.]", "json.syntax", "$"),
    (b"{'a':1}", "json.syntax", "$"),
    (b'{"a":1,}', "json.syntax", "$"),
    (b'"\n"', "json.syntax", "$"),
    (b'"\\x41"', "json.syntax", "$"),
    (b'["a', "json.syntax", "$"),
    (b"/**/1", "json.syntax", "$"),
    (b'{"a":1.5,', "json.syntax", "$"),  # a bad number does not hide that the text is broken
    (b'{"a":1.5} x', "json.syntax", "$"),
    (b"NaN", "json.number", "$"),
    (b'{"ext":{"x":[0,NaN]}}', "json.number", "$.ext.x[1]"),
    (b"[Infinity]", "json.number", "$[0]"),
    (b"[-Infinity]", "json.number", "$[0]"),
    (b'{"inputs":[{},{"kg":1.0}]}', "json.number", "$.inputs[1].kg"),
    (b"1e3", "json.number", "$"),
    (b"1E3", "json.number", "$"),
    (b"-0", "json.number", "$"),
    (b"-0.0", "json.number", "$"),
    (b'{"a":9007199254740992}', "json.range", "$.a"),
    (b"[0,-9007199254740992]", "json.range", "$[1]"),
    (b"[9007199254740993]", "json.range", "$[0]"),
    (b"1" * 5000, "json.range", "$"),
    (b"-" + b"1" * 5000, "json.range", "$"),
    (b'{"a":1,"a":1}', "json.duplicate", "$.a"),
    (b'{"a":1,"\\u0061":1}', "json.duplicate", "$.a"),
    (b'[{"b":{"c d":1,"c d":2}}]', "json.duplicate", '$[0].b["c d"]'),
    (b'{"__proto__":{}}', "json.proto", "$.__proto__"),
    (b'{"a":{"\\u005f_proto__":1}}', "json.proto", "$.a.__proto__"),
    (b'"\\ud800"', "json.surrogate", "$"),
    (b'"\\udc00\\ud800"', "json.surrogate", "$"),
    (b'{"a":["x\\uD83D"]}', "json.surrogate", "$.a[0]"),
    (b'{"\\udfff":1}', "json.surrogate", '$["\\udfff"]'),
    (b'[{"\xc3\xa9\\u00e9":1.5}]', "json.number", '$[0]["\\u00e9\\u00e9"]'),
    (b"[" * 33 + b"]" * 33, "json.depth", "$"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "json.depth", "$"),
    (b'["]]]]"' + b',["\\"]"' * 32 + b"]" * 33, "json.depth", "$"),
    (
        b"[" + b"[]," * 99 + b"[" * 32 + b"]" * 33,
        "json.depth",
        "$",
    ),  # what was closed counts no more, nor less
    (b"[" * 100_000, "json.depth", "$"),
    (b'{"a":' * 100_000, "json.depth", "$"),
]


@pytest.mark.parametrize(("data", "code", "path"), REFUSED, ids=lambda value: repr(value)[:40])
def test_refusals_have_code_and_place(data, code, path):
    with pytest.raises(Malformed) as caught:
        strictjson.loads(data)
    assert (caught.value.code, caught.value.path) == (code, path)
    assert caught.value.detail.isascii()
    assert len(caught.value.detail) < 200


def test_two_passes_that_disagree_are_our_own_bug():
    with pytest.raises(AssertionError):
        strictjson._explain_text('{"a":[1,{},"\u00e9",null]}')


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"9007199254740991", 2**53 - 1),
        (b"-9007199254740991", 1 - 2**53),
        (b" \t\r\n0 ", 0),
        (b'"\\ud83d\\ude00"', "😀"),
        ('"😀"'.encode(), "😀"),
        (b'"\xef\xbb\xbf"', "\ufeff"),
        (b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 36),
        (b'["\\"[","]"]', ['"[', "]"]),
        (b"[]", []),
        (b"{}", {}),
    ],
)
def test_what_looks_odd_but_is_strict_is_read(data, value):
    assert strictjson.loads(data) == value


def test_the_deepest_allowed_nesting_is_read():
    data = b"[" * 32 + b"]" * 32
    assert json.dumps(strictjson.loads(data)).encode() == data
    assert strictjson.loads(b"[" + b"[]," * 99 + b"[" * 31 + b"]" * 32)
    many = b"[" + b",".join([b"[[]]"] * 100) + b"]"
    assert len(strictjson.loads(many, max_depth=3)) == 100
    with pytest.raises(Malformed, match=r"json\.depth"):
        strictjson.loads(many, max_depth=2)


@pytest.mark.parametrize(
    "data", [b'\\"' * 24_000 + b"[" * 40, b'"' * 48_000 + b"[" * 40, b'"' + b"\\" * 48_000 + b"{" * 40]
)
def test_measuring_the_depth_takes_time_in_proportion(data):
    began = time.process_time()
    with pytest.raises(Malformed):
        strictjson.loads(data)
    assert time.process_time() - began < 1  # quadratic would be far more


@pytest.mark.parametrize(
    ("name", "path"), [("kg", "$.kg"), ("a b", '$["a b"]'), ("é", '$["\\u00e9"]'), ("1", '$["1"]')]
)
def test_paths(name, path):
    assert strictjson.child("$", name) == path


@given(st.binary(max_size=50))
def test_base64_survives_being_written(data):
    assert b64.decode(b64.encode(data)) == data
    assert b64.decode_std(b64.encode_std(data)) == data
    assert b64.encode_std(data).rstrip("=").replace("+", "-").replace("/", "_") == b64.encode(data)


@given(st.text("ABQgwxyz059-_+/= \n\u00e9", max_size=10))
def test_base64_has_one_spelling(text):
    for decode, encode in ((b64.decode, b64.encode), (b64.decode_std, b64.encode_std)):
        try:
            data = decode(text)
        except ValueError:
            continue
        assert encode(data) == text


@pytest.mark.parametrize(
    "text", ["A", "AB", "AAB", "AA==", "AAA=", "A+/A", "AA AA", "AAAA\n", "!!!!", "AAA\u00c1", "=AAA"]
)
def test_other_spellings_of_base64url_are_refused(text):
    with pytest.raises(ValueError):
        b64.decode(text)


@pytest.mark.parametrize(
    "text", ["AA", "AB==", "AAB=", "A-_A", "AAAA\n", "AAAA====", "AA==AA==", "\u00c1AAA", "A==="]
)
def test_other_spellings_of_base64_are_refused(text):
    with pytest.raises(ValueError):
        b64.decode_std(text)
