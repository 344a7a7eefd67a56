"""One verdict for every library: keys and signatures that libraries could disagree about are refused."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK

from ledger import b64, keys
from ledger.errors import Malformed
from ledger.keys import PrivateKey, PublicKey
from tests.core import ed25519_reference as curve

VECTORS = json.loads(Path(__file__).with_name("data").joinpath("wycheproof_ed25519.json").read_bytes())
# RFC 8037 appendix A: the key, its signature's key and its thumbprint.
RFC8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC8037_SEED = b64.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
RFC8037_KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
# RFC 7515 appendix A.3.
RFC7515_EC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED = PrivateKey.from_seed("Ed25519", RFC8037_SEED)
EC = PrivateKey.from_seed("ES256", bytes(32))


def okp(x: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": b64.encode(x)}


def openssl(raw: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def verdicts(raw: bytes, signature: bytes, message: bytes) -> tuple[bool, bool]:
    """libsodium's and OpenSSL's, both under our rules for keys and signatures."""
    try:
        key = PublicKey.from_jwk(okp(raw))
    except Malformed:
        return False, False
    ours = key.verify(signature, message)
    return ours, keys.ed25519_form(signature) and openssl(raw, signature, message)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case[0]}-{case[1]}")
def test_wycheproof(case):
    _, _, *octets, valid = case
    raw, message, signature = map(bytes.fromhex, octets)
    assert verdicts(raw, signature, message) == (valid, valid)


def test_the_wycheproof_cases_are_all_here():
    assert len(VECTORS["cases"]) == 151
    assert sum(case[-1] for case in VECTORS["cases"]) == 88


TORSION = curve.torsion()
A, R = 0x1234567890ABCDEF << 128 | 77, 0xFEDCBA0987654321 << 120 | 99
A_POINT, R_POINT = curve.multiply(curve.base(), A), curve.multiply(curve.base(), R)


def test_the_reference_agrees_with_the_libraries():
    raw, signature = curve.sign_with(R_POINT, R, A_POINT, A, b"message")
    assert verdicts(raw, signature, b"message") == (True, True)
    assert verdicts(raw, signature, b"massage") == (False, False)


@pytest.mark.parametrize("point", TORSION, ids=range(8))
def test_small_order_keys_are_refused(point):
    with pytest.raises(Malformed, match=r"key\.point"):
        PublicKey.from_jwk(okp(curve.encode(point)))


@pytest.mark.parametrize("point", TORSION[1:], ids=range(1, 8))
def test_mixed_order_keys_are_refused(point):
    mixed = curve.encode(curve.add(A_POINT, point))
    with pytest.raises(Malformed, match=r"key\.point at \$\.x"):
        PublicKey.from_jwk(okp(mixed))


NOT_CANONICAL = [
    *((curve.P + y).to_bytes(32, "little") for y in range(19)),
    *((curve.P + y | 1 << 255).to_bytes(32, "little") for y in range(19)),
    *((y | 1 << 255).to_bytes(32, "little") for y in (1, curve.P - 1)),  # x = 0 with its sign set
]


@pytest.mark.parametrize("data", NOT_CANONICAL, ids=bytes.hex)
def test_keys_and_nonces_that_are_not_canonical_are_refused(data):
    with pytest.raises(Malformed, match=r"key\.point"):
        PublicKey.from_jwk(okp(data))
    assert not keys.ed25519_form(data + bytes(32))


def test_a_key_off_the_curve_is_refused():
    off = next(y for y in range(2, 50) if curve.decode(y.to_bytes(32, "little")) is None)
    with pytest.raises(Malformed, match=r"key\.point"):
        PublicKey.from_jwk(okp(off.to_bytes(32, "little")))


@pytest.mark.parametrize("point", TORSION, ids=range(8))
def test_small_order_nonces_are_refused(point):
    # S = h·a: for the identity, OpenSSL alone would accept, and libsodium would not.
    raw, signature = curve.sign_with(point, 0, A_POINT, A, b"message")
    assert not keys.ed25519_form(signature)
    assert verdicts(raw, signature, b"message") == (False, False)


def test_openssl_alone_accepts_a_nonce_that_we_refuse():
    raw, signature = curve.sign_with(curve.IDENTITY, 0, A_POINT, A, b"message")
    assert openssl(raw, signature, b"message")


@pytest.mark.parametrize("point", TORSION[1:], ids=range(1, 8))
def test_mixed_order_nonces_are_refused(point):
    # Good only by the equation with a cofactor: both libraries must use the one without.
    raw, signature = curve.sign_with(curve.add(R_POINT, point), R, A_POINT, A, b"message")
    assert verdicts(raw, signature, b"message") == (False, False)


@pytest.mark.parametrize("times", [1, 2, 8, 14])
def test_s_at_or_above_the_order_is_refused(times):
    raw, signature = curve.sign_with(R_POINT, R, A_POINT, A, b"message")
    s = int.from_bytes(signature[32:], "little") + times * curve.L
    larger = signature[:32] + s.to_bytes(32, "little")
    assert not keys.ed25519_form(larger)
    assert verdicts(raw, larger, b"message") == (False, False)


def test_the_bound_of_s_is_the_order():
    assert keys.ed25519_form(curve.encode(R_POINT) + (curve.L - 1).to_bytes(32, "little"))
    assert not keys.ed25519_form(curve.encode(R_POINT) + curve.L.to_bytes(32, "little"))


def test_the_bound_of_r_is_the_field():
    greatest = next(y for y in range(curve.P - 2, 0, -1) if curve.decode(y.to_bytes(32, "little")))
    for sign in (0, 1 << 255):
        assert keys.ed25519_form((greatest | sign).to_bytes(32, "little") + bytes(32))


def test_rfc_8037():
    key = PublicKey.from_jwk(RFC8037)
    assert key.kid == RFC8037_KID
    assert key.jwk_text == json.dumps(RFC8037, sort_keys=True, separators=(",", ":"))
    assert key.jwk == RFC8037
    assert key == ED.public == PublicKey.from_text(key.jwk_text)
    for text in ("", "1", "[]", "{"):
        with pytest.raises(Malformed, match="a key is a JSON object"):
            PublicKey.from_text(text)
    assert key.raw == b64.decode(RFC8037["x"])
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert b64.encode(ED.sign(signed)) == signature
    assert key.verify(b64.decode(signature), signed)


def test_rfc_7515_es256():
    key = PublicKey.from_jwk(RFC7515_EC)
    assert key.algorithm == "ES256"
    assert key.raw == b"\x04" + b64.decode(RFC7515_EC["x"]) + b64.decode(RFC7515_EC["y"])
    signed = (
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9p"
        b"c19yb290Ijp0cnVlfQ"
    )
    text = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    signature = b64.decode(text)
    assert key.verify(signature, signed)
    # Either half of s is good.
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    assert key.verify(signature[:32] + s.to_bytes(32, "big"), signed)
    assert not key.verify(signature, signed + b".")


@pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])
def test_thumbprints_agree_with_another_library(key):
    assert JWK(**key.public.jwk).thumbprint() == key.public.kid


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.sampled_from(["Ed25519", "ES256"]))
def test_keys_sign_and_verify_and_survive_being_written(seed, message, algorithm):
    key = PrivateKey.from_seed(algorithm, seed)
    signature = key.sign(message)
    assert len(signature) == 64
    assert signature == key.sign(message)
    assert key.public.verify(signature, message)
    assert not key.public.verify(signature, message + b"\0")
    assert PrivateKey.from_jwk(key.to_jwk()) == key
    assert PublicKey.from_jwk(key.public.jwk) == key.public
    assert PrivateKey.from_seed(algorithm, seed[1:] + bytes([seed[0] ^ 1])) != key


@pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])
def test_no_bit_of_a_signature_may_change(key):
    signature = key.sign(b"message")
    for bit in range(512):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        assert not key.public.verify(bytes(changed), b"message")


@pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])
@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_signatures_of_another_form_are_refused(key, signature):
    assert not key.public.verify(signature, b"message")


@pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])
def test_signatures_with_something_after_them_are_refused(key):
    signature = key.sign(b"message")
    assert not key.public.verify(signature + b"\0", b"message")
    assert not key.public.verify(signature[:-1], signature[-1:] + b"message")


def test_p256_numbers_outside_the_order_are_refused():
    signature = EC.sign(b"message")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    for bad_r, bad_s in ((0, s), (r, 0), (P256_ORDER, s), (r, P256_ORDER), (2**256 - 1, s), (r, 2**256 - 1)):
        assert not EC.public.verify(bad_r.to_bytes(32, "big") + bad_s.to_bytes(32, "big"), b"message")


def test_the_der_form_of_es256_is_refused():
    signature = EC.sign(b"message")
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), EC.public.raw)
    numbers.verify(der, b"message", ec.ECDSA(hashes.SHA256()))
    assert not EC.public.verify(der, b"message")


X, Y = RFC7515_EC["x"], RFC7515_EC["y"]
P256_FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1


@pytest.mark.parametrize(
    ("jwk", "code", "path"),
    [
        ({**RFC8037, "d": "x"}, "key.private", "$.d"),
        ({}, "key.member", "$.kty"),
        ({"kty": "OKP"}, "key.member", "$.crv"),
        ({"kty": 1, "crv": "Ed25519"}, "key.member", "$.kty"),
        ({"kty": "OKP", "crv": "Ed25519"}, "key.member", "$.x"),
        ({**RFC8037, "x": 7}, "key.member", "$.x"),
        ({"kty": "EC", "crv": "P-256", "x": X}, "key.member", "$.y"),
        ({**RFC8037, "y": Y}, "key.member", "$"),
        ({**RFC8037, "x5c": []}, "key.member", "$"),
        ({**RFC8037, "crv": "Ed448"}, "key.type", "$"),
        ({**RFC8037, "crv": "X25519"}, "key.type", "$"),
        ({**RFC8037, "crv": "P-256"}, "key.type", "$"),
        ({**RFC7515_EC, "crv": "secp256k1"}, "key.type", "$"),
        ({"kty": "oct", "crv": "", "k": "AA"}, "key.type", "$"),
        ({"kty": "RSA", "n": X, "e": "AQAB"}, "key.type", "$"),  # as every library makes one: without crv
        ({**RFC8037, "use": "enc"}, "key.use", "$.use"),
        ({**RFC8037, "alg": "ES256"}, "key.use", "$.alg"),
        ({**RFC8037, "alg": ["EdDSA"]}, "key.use", "$.alg"),
        ({**RFC7515_EC, "alg": "EdDSA"}, "key.use", "$.alg"),
        ({**RFC8037, "x": RFC8037["x"] + "="}, "key.encoding", "$.x"),
        ({**RFC8037, "x": RFC8037["x"][:-1]}, "key.encoding", "$.x"),
        ({**RFC8037, "x": RFC8037["x"][:-1] + "p"}, "key.encoding", "$.x"),  # stray bits
        ({**RFC8037, "x": ""}, "key.encoding", "$.x"),
        ({**RFC8037, "x": "\ud800"}, "key.encoding", "$.x"),
        ({**RFC8037, "x": b64.encode(bytes(33))}, "key.encoding", "$.x"),
        ({**RFC7515_EC, "y": b64.encode(bytes(31))}, "key.encoding", "$.y"),
        ({**RFC7515_EC, "y": X}, "key.point", "$"),
        ({**RFC7515_EC, "x": b64.encode(bytes(32)), "y": b64.encode(bytes(32))}, "key.point", "$"),
        ({**RFC7515_EC, "x": b64.encode(P256_FIELD.to_bytes(32, "big"))}, "key.point", "$"),
    ],
    ids=str,
)
def test_public_keys_are_refused(jwk, code, path):
    with pytest.raises(Malformed) as caught:
        PublicKey.from_jwk(jwk)
    assert (caught.value.code, caught.value.path) == (code, path)


def test_refusals_say_where_the_key_stood():
    with pytest.raises(Malformed) as caught:
        PublicKey.from_jwk({**RFC8037, "x": ""}, "$.jwk")
    assert caught.value.path == "$.jwk.x"


@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
def test_members_that_do_not_name_the_key_are_ignored(alg):
    decorated = {"kid": "mine", "use": "sig", "alg": alg, "key_ops": ["verify"], "ext": True, **RFC8037}
    assert PublicKey.from_jwk(decorated) == ED.public


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        (RFC8037, "key.member"),
        ({**RFC8037, "d": "AA"}, "key.encoding"),
        ({**RFC8037, "d": b64.encode(bytes(32))}, "key.mismatch"),
        ({**RFC8037, "d": 1}, "key.member"),
        ({**EC.public.jwk, "d": b64.encode(bytes(32))}, "key.point"),
        ({**EC.public.jwk, "d": b64.encode(P256_ORDER.to_bytes(32, "big"))}, "key.point"),
        ({**EC.public.jwk, "d": b64.encode((1).to_bytes(32, "big"))}, "key.mismatch"),
        ({"kty": "EC", "crv": "P-256", "x": X, "y": X, "d": X}, "key.point"),
    ],
)
def test_private_keys_are_refused(jwk, code):
    with pytest.raises(Malformed) as caught:
        PrivateKey.from_jwk(jwk)
    assert caught.value.code == code


def test_the_extreme_p256_scalars_are_keys():
    for scalar in (1, P256_ORDER - 1):
        jwk = JWK.from_pyca(ec.derive_private_key(scalar, ec.SECP256R1())).export(as_dict=True)
        key = PrivateKey.from_jwk(jwk)
        assert key.secret == scalar.to_bytes(32, "big")
        assert key.public.verify(key.sign(b"x"), b"x")


def test_seeds_keep_making_the_same_keys():
    assert EC.public.kid == "O9gRZ1Xi0LZN7qUaq-K_6K4l63PVLzB8auXqnCc2V8A"
    assert (
        PrivateKey.from_seed("Ed25519", bytes(32)).public.kid == "9ZP03Nu8GrXPAUkbKNxHOKBzxPX83SShgFkRNK-f2lw"
    )
    with pytest.raises(AssertionError):
        PrivateKey.from_seed("Ed25519", bytes(31))


def test_secrets_are_not_printed():
    for key in (ED, EC):
        assert key.to_jwk()["d"] not in repr(key)
        assert repr(key.secret) not in repr(key)


def test_the_possession_message():
    message = keys.possession_message("ledger.example/ore", "urn:example:party:1", "kid")
    assert message == b"oreline-possession/1\nledger.example/ore\nurn:example:party:1\nkid\n"


def ticks_during(work: Callable[[], object]) -> int:
    """How often this thread came to run while another did the work."""
    ticks, seen, done = 0, [], threading.Event()

    def run() -> None:
        seen.append(ticks)
        work()
        seen.append(ticks)
        done.set()

    worker = threading.Thread(target=run)
    worker.start()
    while not done.wait(0.0005):
        ticks += 1
    worker.join()
    return seen[1] - seen[0]


@pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])
def test_verifying_frees_the_interpreter_lock(key):
    # 16 MiB take tens of milliseconds to hash: with the lock held, no other thread could tick meanwhile.
    message = bytes(16 << 20)
    signature = key.sign(message)
    # A busy machine may keep this thread waiting for another reason, so it may try again.
    assert any(ticks_during(lambda: key.public.verify(signature, message)) >= 3 for _ in range(20))
