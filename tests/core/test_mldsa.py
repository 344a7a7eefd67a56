"""ML-DSA-44: the published key, thumbprint and signature of RFC 9964, strict JWKs, statements, and a
machine whose library lacks it."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import b64, mldsa, statement
from ledger.errors import EnvironmentFault, Malformed
from ledger.keyfile import load_private, load_public, save_private
from ledger.keys import PrivateKey, PublicKey, possession_message
from tests.house.tree import ROOT

# RFC 9964 appendix A.1: the seed is 32 zeros; the key's thumbprint; a JWS that it signed.
RFC9964 = PrivateKey.from_seed("ML-DSA-44", bytes(32))
RFC9964_KID = "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"
RFC9964_JWS = Path(__file__).with_name("data").joinpath("rfc9964_ml_dsa_44.jws").read_text().strip()
KEY = PrivateKey.from_seed("ML-DSA-44", bytes(range(32)))
JWK = KEY.public.jwk


def test_the_published_example() -> None:
    assert RFC9964.public.kid == RFC9964_KID
    signed, _, signature = RFC9964_JWS.rpartition(".")
    assert len(b64.decode(signature)) == mldsa.SIGNATURE_BYTES == 2420
    assert RFC9964.public.verify(b64.decode(signature), signed.encode())
    assert not RFC9964.public.verify(b64.decode(signature), signed.encode() + b"x")
    assert not KEY.public.verify(b64.decode(signature), signed.encode())


def test_the_jwk_has_three_members_in_order_and_the_private_one_four() -> None:
    assert list(JWK) == ["alg", "kty", "pub"]
    assert (JWK["kty"], JWK["alg"], len(b64.decode(JWK["pub"]))) == ("AKP", "ML-DSA-44", 1312)
    assert KEY.to_jwk() == {**JWK, "priv": b64.encode(bytes(range(32)))}
    assert PrivateKey.from_jwk(KEY.to_jwk()) == KEY
    assert PublicKey.from_text(KEY.public.jwk_text) == KEY.public
    assert PublicKey.from_jwk({**JWK, "kid": "mine", "use": "sig", "key_ops": ["verify"], "ext": True}) == (
        KEY.public
    )
    assert "priv" not in repr(KEY)


@pytest.mark.parametrize(
    ("jwk", "code", "path"),
    [
        ({**JWK, "priv": "x"}, "key.private", "$.priv"),
        ({**JWK, "d": "x"}, "key.private", "$.d"),
        ({**JWK, "alg": "ML-DSA-65"}, "key.type", "$"),
        ({**JWK, "kty": "OKP"}, "key.member", "$.crv"),
        ({"kty": "AKP", "pub": JWK["pub"]}, "key.member", "$.alg"),
        ({"kty": "AKP", "alg": "ML-DSA-44"}, "key.member", "$.pub"),
        ({**JWK, "crv": "ML-DSA-44"}, "key.member", "$"),
        ({**JWK, "x": JWK["pub"]}, "key.member", "$"),
        ({**JWK, "use": "enc"}, "key.use", "$.use"),
        ({**JWK, "pub": JWK["pub"][:-4]}, "key.encoding", "$.pub"),
        ({**JWK, "pub": JWK["pub"] + "AAAA"}, "key.encoding", "$.pub"),
        ({**JWK, "pub": b64.encode(bytes(32))}, "key.encoding", "$.pub"),
        ({**JWK, "pub": JWK["pub"] + "="}, "key.encoding", "$.pub"),
    ],
)
def test_public_keys_that_are_refused(jwk: dict[str, object], code: str, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        PublicKey.from_jwk(jwk)
    assert (caught.value.code, caught.value.path) == (code, path)


@pytest.mark.parametrize(
    ("jwk", "code", "path"),
    [
        (JWK, "key.member", "$.priv"),
        ({**JWK, "d": b64.encode(bytes(32))}, "key.private", "$.d"),
        ({**JWK, "priv": b64.encode(bytes(32))}, "key.mismatch", "$.priv"),
        ({**JWK, "priv": b64.encode(bytes(33))}, "key.encoding", "$.priv"),
    ],
)
def test_private_keys_that_are_refused(jwk: dict[str, object], code: str, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        PrivateKey.from_jwk(jwk)
    assert (caught.value.code, caught.value.path) == (code, path)


@given(st.binary(max_size=100), st.integers(0, 2419), st.integers(1, 255))
@settings(max_examples=50)
def test_every_changed_octet_of_a_signature_is_seen(message: bytes, at: int, by: int) -> None:
    signature = KEY.sign(message)
    assert KEY.public.verify(signature, message)
    changed = bytearray(signature)
    changed[at] ^= by
    assert not KEY.public.verify(bytes(changed), message)
    assert not KEY.public.verify(signature + b"\0", message)
    assert not KEY.public.verify(signature[:-1], message)


def test_a_statement_signed_with_it() -> None:
    text = statement.sign(b"{}", KEY)
    parsed = statement.parse(text)
    assert (parsed.alg, parsed.kid, len(parsed.signature)) == ("ML-DSA-44", KEY.public.kid, 2420)
    statement.check(parsed, KEY.public)
    head, _, signature = text.rpartition(".")
    for short in (b64.encode(bytes(64)), b64.encode(b64.decode(signature)[:-1])):
        with pytest.raises(Malformed, match=r"statement\.signature at \$\.signature: .* 2420 octets"):
            statement.parse(f"{head}.{short}")
    with pytest.raises(Malformed, match=r"statement\.signature"):
        statement.check(statement.parse(f"{head}.{b64.encode(bytes(2420))}"), KEY.public)


def test_the_header_cannot_choose_another_algorithm() -> None:
    ed25519 = PrivateKey.from_seed("Ed25519", bytes(32))
    text = statement.sign(b"{}", KEY).split(".")
    for alg in ("Ed25519", "ES256"):
        header = b64.decode(text[0]).replace(b"ML-DSA-44", alg.encode())
        with pytest.raises(Malformed, match=r"statement\.signature .*64 octets"):
            statement.parse(".".join([b64.encode(header), *text[1:]]))
        short = ".".join([b64.encode(header), text[1], b64.encode(bytes(64))])
        with pytest.raises(Malformed, match=r"statement\.alg"):
            statement.check(statement.parse(short), KEY.public)
    header = b64.decode(text[0]).replace(KEY.public.kid.encode(), ed25519.public.kid.encode())
    with pytest.raises(Malformed, match=r"statement\.alg"):
        statement.check(statement.parse(".".join([b64.encode(header), *text[1:]])), ed25519.public)


def test_a_key_file(tmp_path: Path) -> None:
    save_private(tmp_path / "plain.jwk", KEY)
    save_private(tmp_path / "secret.jwk", KEY, "correct horse")
    assert (
        load_private(tmp_path / "plain.jwk") == KEY == load_private(tmp_path / "secret.jwk", "correct horse")
    )
    with pytest.raises(Malformed, match=r"key\.private"):
        load_public(tmp_path / "plain.jwk")


def test_the_proof_of_possession_fits_its_pattern() -> None:
    from ledger.events.registry import Key

    message = possession_message("example.com/ledger", "urn:example:party:a", KEY.public.kid)
    proof = b64.encode(KEY.sign(message))
    members = {
        "ledger": "example.com/ledger",
        "type": "key",
        "id": "urn:example:event:1",
        "time": "2026-03-02T06:00:00Z",
        "party": "urn:example:party:a",
        "subject": "urn:example:party:a",
        "jwk": JWK,
    }
    assert Key.model_validate({**members, "proof": proof}).proof == proof
    for wrong in (proof[:-1], proof + "A", proof[:-1] + "B"):
        with pytest.raises(ValueError, match="base64url, of ML-DSA-44"):
            Key.model_validate({**members, "proof": wrong})


# Each line is tried on a machine whose library has no ML-DSA: first without the module, then with one
# that refuses, as a build against an old OpenSSL does.
LACKING = """
import sys
from cryptography.exceptions import UnsupportedAlgorithm
name = "cryptography.hazmat.primitives.asymmetric.mldsa"
class Refusing:
    def __getattr__(self, name):
        raise UnsupportedAlgorithm("ML-DSA is not supported by this backend")
sys.modules[name] = None if sys.argv[1] == "absent" else Refusing()
from ledger import mldsa, verify
from ledger.errors import EnvironmentFault
from ledger.keys import PrivateKey
PrivateKey.from_seed("Ed25519", bytes(32)).sign(b"")
for call in (mldsa.public_of, mldsa.public_key, lambda seed: mldsa.sign(seed, b"")):
    try:
        call(bytes(32))
    except EnvironmentFault as fault:
        print(fault.code)
"""


@pytest.mark.parametrize("how", ["absent", "refusing"])
def test_a_library_without_it_is_no_verdict(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LACKING, how], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["key.no_ml_dsa"] * 3
    assert issubclass(EnvironmentFault, Exception)
    assert not issubclass(EnvironmentFault, Malformed)
