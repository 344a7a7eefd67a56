"""Statements come from any JWS library, and nothing else than what was signed passes."""

import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey, OKPKey
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws

from ledger import b64, statement
from ledger.errors import Malformed
from ledger.keys import PrivateKey

PAYLOAD = b'{"ledger":"ledger.example/ore","type":"exit","lines":[{"lot":"urn:example:1","kg":"8.25"}]}'
ED = PrivateKey.from_seed("Ed25519", bytes(range(32)))
EC = PrivateKey.from_seed("ES256", bytes(range(32)))
KEYS = [(ED, "Ed25519"), (ED, "EdDSA"), (EC, "ES256")]
NAMES = ["Ed25519", "EdDSA", "ES256"]
TEXT = {key.public.algorithm: statement.sign(PAYLOAD, key) for key in (ED, EC)}


def header_of(key, alg, **changes):
    return {"alg": alg, "kid": key.public.kid, "typ": "oreline+jws", **changes}


def spelt(header: str | dict, key: PrivateKey = ED, payload: bytes = PAYLOAD) -> str:
    """A statement with exactly this header, honestly signed."""
    text = header if isinstance(header, str) else json.dumps(header)
    signed = f"{b64.encode(text.encode())}.{b64.encode(payload)}"
    return f"{signed}.{b64.encode(key.sign(signed.encode()))}"


def accepted(text: str | bytes, key: PrivateKey) -> statement.Statement:
    parsed = statement.parse(text)
    statement.check(parsed, key.public)
    return parsed


def refused(text: str | bytes, key: PrivateKey = ED) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        accepted(text, key)
    return caught.value.code, caught.value.path


def by_joserfc(key, alg):
    kind = OKPKey if key is ED else ECKey
    return joserfc_jws.serialize_compact(
        header_of(key, alg), PAYLOAD, kind.import_key(key.to_jwk()), algorithms=[alg]
    )


def by_pyjwt(key, alg):
    return jwt.PyJWS().encode(PAYLOAD, jwt.PyJWK(key.to_jwk(), alg).key, alg, headers=header_of(key, alg))


def by_jwcrypto(key, alg):
    token = jwcrypto_jws.JWS(PAYLOAD)
    token.add_signature(jwcrypto_jwk.JWK(**key.to_jwk()), alg, json.dumps(header_of(key, alg), indent=1))
    return token.serialize(compact=True)


MAKERS = [by_joserfc, by_pyjwt, by_jwcrypto]
# PyJWT knows Ed25519 by its older name only.
MADE = [(make, *pair) for make in MAKERS for pair in KEYS if (make, pair[1]) != (by_pyjwt, "Ed25519")]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("make", "key", "alg"), MADE, ids=lambda value: getattr(value, "__name__", None))
def test_statements_of_other_libraries_are_accepted(make, key, alg):
    text = make(key, alg)
    parsed = accepted(text, key)
    assert parsed == (text, key.public.kid, alg, PAYLOAD, b64.decode(text.rsplit(".", 1)[1]))
    assert accepted(text.encode(), key) == parsed
    assert parsed.signed.decode() == text.rsplit(".", 1)[0]


@pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])
def test_other_libraries_accept_our_statements(key):
    text, alg = TEXT[key.public.algorithm], key.public.algorithm
    kind = OKPKey if key is ED else ECKey
    found = joserfc_jws.deserialize_compact(text, kind.import_key(key.public.jwk), algorithms=[alg])
    assert found.payload == PAYLOAD
    token = jwcrypto_jws.JWS()
    token.deserialize(text, jwcrypto_jwk.JWK(**key.public.jwk))
    assert token.payload == PAYLOAD
    # PyJWT knows Ed25519 by its older name only; the signature is the same.
    old = "EdDSA" if key is ED else alg
    public = jwt.PyJWK(key.public.jwk, old).key
    if key is ED:
        algorithm = jwt.get_algorithm_by_name(old)
        parsed = statement.parse(text)
        assert algorithm.verify(parsed.signed, public, parsed.signature)
    else:
        assert jwt.PyJWS().decode(text, public, algorithms=[alg]) == PAYLOAD


def test_the_header_we_write():
    header = b64.decode(TEXT["Ed25519"].split(".")[0])
    assert header == b'{"alg":"Ed25519","kid":"%s","typ":"oreline+jws"}' % ED.public.kid.encode()
    assert json.loads(b64.decode(TEXT["ES256"].split(".")[0]))["alg"] == "ES256"


@given(
    st.permutations(["alg", "kid", "typ"]),
    st.lists(st.text(" \t\r\n", max_size=400), min_size=8, max_size=8),
    st.sampled_from(KEYS),
)
def test_the_header_may_have_any_order_and_white_space(order, spaces, pair):
    key, alg = pair
    header = header_of(key, alg)
    a, b, c, d, e, f, g, h = spaces
    members = [f"{b}{json.dumps(name)}{c}:{d}{json.dumps(header[name])}{e}" for name in order]
    accepted(spelt(f"{a}{{{f}{','.join(members)}{g}}}{h}", key), key)


def test_the_header_may_be_escaped():
    accepted(
        spelt(json.dumps(header_of(ED, "EdDSA")).replace("alg", "\\u0061lg").replace("+", "\\u002b")), ED
    )


@given(st.binary(max_size=300), st.sampled_from([ED, EC]))
def test_a_payload_stays_as_it_was_spelt(payload, key):
    parsed = accepted(statement.sign(payload, key), key)
    assert parsed.payload == payload
    assert parsed.kid == key.public.kid


@given(st.data(), st.sampled_from(["Ed25519", "ES256"]))
def test_any_changed_octet_is_refused(data, algorithm):
    text = TEXT[algorithm].encode()
    at = data.draw(st.integers(0, len(text) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda octet: octet != text[at]))
    changed = text[:at] + bytes([octet]) + text[at + 1 :]
    assert refused(changed, ED if algorithm == "Ed25519" else EC)[0].startswith("statement.")


@given(st.data())
def test_any_octet_more_or_less_is_refused(data):
    text = TEXT["Ed25519"]
    at = data.draw(st.integers(0, len(text)))
    extra = data.draw(st.characters(max_codepoint=127) | st.just(""))
    changed = text[:at] + extra + text[at + (not extra) :]
    if changed != text:
        assert refused(changed)[0].startswith("statement.")


def test_each_character_changed_to_each_neighbour_is_refused():
    # One character of base64url is six bits: flip each, so that no bit of a statement is free.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = TEXT["Ed25519"]
    for at, character in enumerate(text):
        if character != ".":
            for bit in range(6):
                other = alphabet[alphabet.index(character) ^ 1 << bit]
                refused(text[:at] + other + text[at + 1 :])


HEADER, BODY, SIGNATURE = TEXT["Ed25519"].split(".")
GOOD = header_of(ED, "Ed25519")


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("", "form", "$"),
        (b"", "form", "$"),
        ("..", "header", "$.header"),
        (f"{HEADER}.{BODY}", "form", "$"),
        (f"{HEADER}.{BODY}.{SIGNATURE}.", "form", "$"),
        (f"{HEADER}.{BODY}.{SIGNATURE}".encode() + b"\xff", "form", "$"),
        (f"{HEADER}.{BODY}.{SIGNATURE}\u00e9", "base64", "$.signature"),
        (f"{HEADER}.{BODY}.{SIGNATURE}\n", "base64", "$.signature"),
        (f" {HEADER}.{BODY}.{SIGNATURE}", "base64", "$.header"),
        (f"{HEADER}.{BODY}=.{SIGNATURE}", "base64", "$.payload"),
        (f"{HEADER}.{BODY}.{SIGNATURE}==", "base64", "$.signature"),
        (f"{HEADER}.{BODY}.{SIGNATURE[:-1]}{chr(ord(SIGNATURE[-1]) + 1)}", "base64", "$.signature"),
        (f"{HEADER}.{BODY}.", "signature", "$.signature"),
        (f"{HEADER}.{BODY}.{b64.encode(bytes(63))}", "signature", "$.signature"),
        (f"{HEADER}.{BODY}.{b64.encode(bytes(64))}", "signature", "$.signature"),
        (f"{HEADER}..{SIGNATURE}", "signature", "$.signature"),
        (f"{HEADER}.{BODY}.{TEXT['ES256'].split('.')[2]}", "signature", "$.signature"),
        (spelt("x"), "header", "$.header"),
        (spelt("[]"), "header", "$.header"),
        (spelt('"alg kid typ"'), "header", "$.header"),
        (spelt("{}"), "header", "$.header"),
        (spelt("\ufeff" + json.dumps(GOOD)), "header", "$.header"),
        (spelt(json.dumps(GOOD)[:-1] + ',"alg":"Ed25519"}'), "header", "$.header"),
        (spelt(json.dumps(GOOD) + "x"), "header", "$.header"),
        (spelt({**GOOD, "crit": []}), "header", "$.header"),
        (spelt({**GOOD, "b64": False}), "header", "$.header"),
        (spelt({**GOOD, "jwk": ED.public.jwk}), "header", "$.header"),
        (spelt({"alg": "Ed25519", "kid": ED.public.kid}), "header", "$.header"),
        (spelt({**GOOD, "typ": "JWT"}), "typ", "$.header.typ"),
        (spelt({**GOOD, "typ": "application/oreline+jws"}), "typ", "$.header.typ"),
        (spelt({**GOOD, "typ": None}), "typ", "$.header.typ"),
        (spelt({**GOOD, "alg": "none"}), "alg", "$.header.alg"),
        (spelt({**GOOD, "alg": "HS256"}), "alg", "$.header.alg"),
        (spelt({**GOOD, "alg": "ed25519"}), "alg", "$.header.alg"),
        (spelt({**GOOD, "alg": 1}), "alg", "$.header.alg"),
        (spelt({**GOOD, "alg": ["Ed25519"]}), "header", "$.header"),
        (spelt({**GOOD, "alg": []}), "header", "$.header"),
        (spelt({**GOOD, "alg": {}}), "header", "$.header"),
        (spelt({**GOOD, "alg": "ES256"}), "alg", "$.header.alg"),
        (spelt({**GOOD, "kid": 1}), "kid", "$.header.kid"),
        (spelt({**GOOD, "kid": ""}), "kid", "$.header.kid"),
        (spelt({**GOOD, "kid": ED.public.kid + "="}), "kid", "$.header.kid"),
        (spelt({**GOOD, "kid": "+" * 43}), "kid", "$.header.kid"),
        (spelt({**GOOD, "kid": "A" * 42 + "B"}), "kid", "$.header.kid"),  # stray bits
        (spelt({**GOOD, "kid": EC.public.kid}), "kid", "$.header.kid"),
    ],
)
def test_refusals(text, code, path):
    assert refused(text) == (f"statement.{code}", path)
    assert refused(text) == (f"statement.{code}", path)  # also when the header is remembered


@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
def test_the_key_fixes_the_algorithm(alg):
    assert refused(spelt(header_of(EC, alg), EC), EC) == ("statement.alg", "$.header.alg")


def test_another_keys_signature_is_refused():
    other = PrivateKey.from_seed("Ed25519", bytes(32))
    assert refused(spelt(GOOD, other)) == ("statement.signature", "$.signature")
    assert refused(spelt(GOOD), other) == ("statement.kid", "$.header.kid")


def test_the_greatest_statement():
    room = statement.MAX - len(statement.sign(b"", EC))
    payload = b"x" * (room * 3 // 4)
    text = statement.sign(payload, EC)
    assert len(text) == statement.MAX == 49152
    assert accepted(text, EC).payload == payload
    with pytest.raises(Malformed, match=r"statement\.size"):
        statement.sign(payload + b"x", EC)
    assert refused(text + "A", EC) == ("statement.size", "$")
    assert refused(b"\xff" * (statement.MAX + 1)) == ("statement.size", "$")


def test_the_digest_is_of_the_payload_alone():
    ours, theirs = statement.parse(TEXT["Ed25519"]), statement.parse(TEXT["ES256"])
    assert ours.digest == theirs.digest == "-CvtoD2BekUYNX_-jdU1Wte08AZL-JsBLziU6VjaMf0"
    assert statement.parse(statement.sign(PAYLOAD + b" ", ED)).digest != ours.digest


@given(st.text(max_size=60) | st.text("eyJ.A-_=", max_size=60) | st.binary(max_size=60))
def test_garbage_is_refused_and_nothing_else_happens(text):
    with pytest.raises(Malformed):
        statement.parse(text)
