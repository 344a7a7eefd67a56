"""Keys: what a party signs with, and the one verdict that every library must reach.

Three kinds: Ed25519 (RFC 8032), ECDSA on P-256 with SHA-256 (``ES256``, RFC 7518 section 3.4), and
ML-DSA-44 (FIPS 204, as a JWK by RFC 9964). A key is named by its RFC 7638 thumbprint, ``kid``. The
*key's* kind fixes the algorithm, never a header.

Ed25519 libraries differ in corner cases that RFC 8032 leaves open. So that none is left:

1. a public key is the canonical encoding of a point in the prime-order subgroup, not the identity;
2. R of a signature is canonical and not of small order; S is below the group order;
3. the equation is the cofactorless one: R is exactly the encoding of S·B - h·A.

Rule 1 is checked when a ``PublicKey`` is made (by registration and by every checker), rule 2 before the
library is asked, rule 3 is what libsodium, OpenSSL and the browsers compute. For P-256 (cofactor 1): the
coordinates are 32 octets each and on the curve, a signature is 64 octets with 0 < r, s < n, and either
half of s is good. ML-DSA-44 needs no rules of ours: see ``ledger.mldsa``.

Pure: no input, output, clock or randomness. ``PublicKey.verify`` frees the interpreter lock, so threads
verify side by side.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from ledger import b64, mldsa
from ledger.errors import Malformed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

Algorithm: TypeAlias = Literal["Ed25519", "ES256", "ML-DSA-44"]

# What a JWS header may call the key's algorithm; the first is what we write. ``EdDSA`` is the name
# that RFC 9864 replaced by ``Ed25519``.
JWS_NAMES: dict[Algorithm, tuple[str, ...]] = {
    "Ed25519": ("Ed25519", "EdDSA"),
    "ES256": ("ES256",),
    "ML-DSA-44": ("ML-DSA-44",),
}
SIGNATURE_BYTES: dict[Algorithm, int] = {"Ed25519": 64, "ES256": 64, "ML-DSA-44": mldsa.SIGNATURE_BYTES}

_FIELD = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_TOP_BIT = 1 << 255
# y of the five kinds of point of order 1, 2, 4 and 8; canonical, for either sign of x. It includes the
# two encodings of x = 0 with the sign bit set, which are not canonical (RFC 8032 section 5.1.3).
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)

_REQUIRED: dict[Algorithm, tuple[str, ...]] = {
    "Ed25519": ("crv", "kty", "x"),
    "ES256": ("crv", "kty", "x", "y"),
    "ML-DSA-44": ("alg", "kty", "pub"),
}
# The member that, beside ``kty``, says which kind of key it is: of an ``AKP`` it is ``alg`` (RFC 9964).
_SUBTYPE = {"AKP": "alg"}
_ALGORITHMS: dict[tuple[str, str], Algorithm] = {
    ("OKP", "Ed25519"): "Ed25519",
    ("EC", "P-256"): "ES256",
    ("AKP", "ML-DSA-44"): "ML-DSA-44",
}
_FAMILIES = frozenset(kty for kty, _ in _ALGORITHMS)
_SECRETS = ("d", "priv")
# Members of RFC 7517 and of browsers (``ext``) that say nothing about which key it is.
_IGNORED = frozenset({"kid", "use", "key_ops", "alg", "ext"})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that has been checked. ``jwk_text``: its required JWK members, sorted, without white
    space (the input of RFC 7638). ``raw``: 32 octets (Ed25519), 65, uncompressed (P-256), or 1,312
    (ML-DSA-44)."""

    kid: str
    algorithm: Algorithm
    jwk_text: str
    raw: bytes
    _curve_key: ec.EllipticCurvePublicKey | None = field(default=None, compare=False, repr=False)
    _lattice_key: "MLDSA44PublicKey | None" = field(default=None, compare=False, repr=False)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object], path: str = "$") -> "PublicKey":
        """The key of a public JWK (RFC 7517, RFC 8037, RFC 9964).

        Raises ``Malformed``: ``key.private`` (it holds a secret), ``key.type``, ``key.member``,
        ``key.encoding``, ``key.point``, ``key.use`` (its ``use`` or ``alg`` says it is for something else).
        """
        for name in _SECRETS:
            if name in jwk:
                raise Malformed("key.private", f"{path}.{name}")
        kty = _text(jwk, "kty", path)
        if kty not in _FAMILIES:  # asked first: a key of another family, such as RSA, has no curve
            raise Malformed("key.type", path)
        algorithm = _ALGORITHMS.get((kty, _text(jwk, _SUBTYPE.get(kty, "crv"), path)))
        if algorithm is None:
            raise Malformed("key.type", path)
        required = _REQUIRED[algorithm]
        for name in jwk:
            if name not in required and name not in _IGNORED:
                raise Malformed("key.member", path, f"a public key has no member {ascii(name)[:80]}")
        if jwk.get("use", "sig") != "sig":
            raise Malformed("key.use", f"{path}.use")
        if jwk.get("alg", algorithm) not in JWS_NAMES[algorithm]:
            raise Malformed("key.use", f"{path}.alg")
        if algorithm == "ML-DSA-44":
            raw = _octets(jwk, "pub", path, mldsa.PUBLIC_BYTES)
        else:
            raw = _octets(jwk, "x", path)
        if algorithm == "ES256":
            raw = b"\x04" + raw + _octets(jwk, "y", path)
        text = orjson.dumps({name: jwk[name] for name in required}).decode()
        kid = b64.encode(hashlib.sha256(text.encode()).digest())
        if algorithm == "ML-DSA-44":
            return cls(kid, algorithm, text, raw, None, mldsa.public_key(raw))
        if algorithm == "Ed25519":
            if not crypto_core_ed25519_is_valid_point(raw):
                raise Malformed("key.point", f"{path}.x")
            return cls(kid, algorithm, text, raw)
        try:
            curve_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        except ValueError:
            raise Malformed("key.point", path) from None
        return cls(kid, algorithm, text, raw, curve_key)

    @classmethod
    def from_text(cls, jwk_text: str) -> "PublicKey":
        """The key of a ``jwk_text``; remembered, since checking a point costs more than a signature.
        ``Malformed`` as of ``from_jwk``: who signs a false register puts any text there."""
        return _from_text(jwk_text)

    @property
    def jwk(self) -> dict[str, str]:
        """The required JWK members, sorted."""
        members: dict[str, str] = orjson.loads(self.jwk_text)
        return members

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` (64 octets; ML-DSA-44: 2,420) is this key's over ``message``, by the
        rules above."""
        if self._curve_key is not None:
            return _p256_verify(self._curve_key, signature, message)
        if self._lattice_key is not None:
            return mldsa.verify(self._lattice_key, signature, message)
        return ed25519_form(signature) and _ed25519_verify(self.raw, signature, message)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key. ``secret``: 32 octets, the seed (Ed25519, ML-DSA-44) or the P-256 scalar. Never
    printed."""

    public: PublicKey
    secret: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, algorithm: Algorithm, seed: bytes) -> "PrivateKey":
        """The key that 32 random octets make. The same seed makes the same key."""
        assert len(seed) == 32
        if algorithm == "Ed25519":
            return cls(_ed25519_public(seed), seed)
        if algorithm == "ML-DSA-44":
            return cls(_ml_dsa_public(seed), seed)
        # 512 bits reduced modulo n - 1: no scalar is noticeably likelier (FIPS 186-5, A.2.1).
        wide = int.from_bytes(hashlib.sha512(b"oreline-p256/1\n" + seed).digest(), "big")
        secret = (wide % (_P256_ORDER - 1) + 1).to_bytes(32, "big")
        return cls(_p256_public(secret), secret)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object], path: str = "$") -> "PrivateKey":
        """The key of a private JWK.

        Raises ``Malformed`` as ``PublicKey.from_jwk`` does, and ``key.member`` (no ``d``, or ``priv`` of an
        ML-DSA-44 key) or ``key.mismatch`` (the public half is another key's).
        """
        member = _secret_member(jwk.get("kty"))
        public = PublicKey.from_jwk({name: value for name, value in jwk.items() if name != member}, path)
        secret = _octets(jwk, member, path)
        if public.algorithm == "Ed25519":
            found = _ed25519_public(secret)
        elif public.algorithm == "ML-DSA-44":
            found = _ml_dsa_public(secret)
        elif 0 < int.from_bytes(secret, "big") < _P256_ORDER:
            found = _p256_public(secret)
        else:
            raise Malformed("key.point", f"{path}.{member}")
        if found != public:
            raise Malformed("key.mismatch", f"{path}.{member}")
        return cls(public, secret)

    def to_jwk(self) -> dict[str, str]:
        """The private JWK: the public members and ``d``, or ``priv`` of an ML-DSA-44 key."""
        jwk = self.public.jwk
        return {**jwk, _secret_member(jwk["kty"]): b64.encode(self.secret)}

    def sign(self, message: bytes) -> bytes:
        """The signature: 64 octets, deterministic (RFC 8032; RFC 6979), or 2,420 octets of ML-DSA-44,
        which draws randomness of its own."""
        if self.public.algorithm == "Ed25519":
            return crypto_sign(message, self.secret + self.public.raw)[:64]
        if self.public.algorithm == "ML-DSA-44":
            return mldsa.sign(self.secret, message)
        der = _p256_private(self.secret).sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def possession_message(ledger: str, party: str, kid: str) -> bytes:
    """What a new key signs to prove that whoever registers it has it: for this ledger and party."""
    return f"oreline-possession/1\n{ledger}\n{party}\n{kid}\n".encode()


@lru_cache(maxsize=8192)
def _from_text(jwk_text: str) -> PublicKey:
    try:
        jwk = orjson.loads(jwk_text)
    except orjson.JSONDecodeError:
        jwk = None
    if not isinstance(jwk, dict):
        raise Malformed("key.type", "$", "a key is a JSON object")
    return PublicKey.from_jwk(jwk)


def _text(jwk: Mapping[str, object], name: str, path: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise Malformed("key.member", f"{path}.{name}", f"a key needs the member {name}, a string")
    return value


def _secret_member(kty: object) -> str:
    return "priv" if kty == "AKP" else "d"


def _octets(jwk: Mapping[str, object], name: str, path: str, length: int = 32) -> bytes:
    """The octets of a member."""
    text = _text(jwk, name, path)
    try:
        octets = b64.decode(text)
    except ValueError:
        octets = b""
    if len(octets) != length:
        raise Malformed("key.encoding", f"{path}.{name}")
    return octets


def ed25519_form(signature: bytes) -> bool:
    """Rule 2, which no library is trusted with: R canonical and not of small order, S below the order."""
    if len(signature) != 64:
        return False
    y = int.from_bytes(signature[:32], "little") % _TOP_BIT
    s = int.from_bytes(signature[32:], "little")
    return s < _ORDER and y < _FIELD and y not in _SMALL_ORDER_Y


def _ed25519_verify(raw: bytes, signature: bytes, message: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, raw)
    except BadSignatureError:
        return False
    return True


def _ed25519_public(seed: bytes) -> PublicKey:
    x = b64.encode(crypto_sign_seed_keypair(seed)[0])
    return PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})


def _ml_dsa_public(seed: bytes) -> PublicKey:
    pub = b64.encode(mldsa.public_of(seed))
    return PublicKey.from_jwk({"kty": "AKP", "alg": "ML-DSA-44", "pub": pub})


def _p256_verify(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    if len(signature) != 64:
        return False
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _p256_private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())


def _p256_public(secret: bytes) -> PublicKey:
    numbers = _p256_private(secret).public_key().public_numbers()
    x, y = (b64.encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})
