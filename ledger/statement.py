"""Statements: signed events, as JWS in compact serialisation (RFC 7515 section 7.1).

    base64url(header) "." base64url(payload) "." base64url(signature)

Any JWS library can make one. The header holds exactly ``alg``, ``kid`` (the key's RFC 7638 thumbprint)
and ``typ`` = ``oreline+jws``, in any order and with any white space; the payload is one strict JSON
object. Both stay spelt as the signer spelt them: the octets signed are the octets stored, hashed and
proven, and nothing is ever re-serialised. Base64url without padding, stray bits refused, so that one
signing has one spelling. At most 48 KiB.

``parse`` learns the form, ``check`` the signature; the payload is for ``ledger.events``.
"""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from ledger import b64, strictjson
from ledger.errors import Malformed
from ledger.keys import JWS_NAMES, SIGNATURE_BYTES, PrivateKey, PublicKey

MAX = 48 * 1024
TYP = "oreline+jws"
# Octets of a signature, by what the header may call its algorithm.
_ALGS = {alg: SIGNATURE_BYTES[algorithm] for algorithm, names in JWS_NAMES.items() for alg in names}
_KID_LENGTH = 43
# Longer headers (white space, mostly) are parsed each time, so that the cache stays small.
_CACHED = 512


class Statement(NamedTuple):
    """A statement taken apart. ``text`` is all of it; the other members are read out of it."""

    text: str
    kid: str
    alg: str
    payload: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The octets under the signature: header, dot, payload, as spelt."""
        return self.text[: self.text.rindex(".")].encode("ascii")

    @property
    def digest(self) -> str:
        """Base64url SHA-256 of the payload's octets: what makes two statements the same event."""
        return b64.encode(hashlib.sha256(self.payload).digest())


def parse(text: str | bytes) -> Statement:
    """Take a statement apart. No signature is checked, and the payload is not looked at.

    Raises ``Malformed``: ``statement.size``, ``.form``, ``.base64``, ``.header``, ``.typ``, ``.alg``,
    ``.kid``; paths ``$.header``, ``$.payload``, ``$.signature`` and members of the header.
    """
    _fits(text)
    if isinstance(text, bytes):
        try:
            text = text.decode("ascii")
        except UnicodeDecodeError:
            raise Malformed("statement.form") from None
    parts = text.split(".")
    if len(parts) != 3:
        raise Malformed("statement.form")
    header, payload, signature = parts
    alg, kid = (_header if len(header) <= _CACHED else _read_header)(header)
    octets = _decode(signature, "$.signature")
    if len(octets) != _ALGS[alg]:
        raise Malformed("statement.signature", "$.signature", f"a signature has {_ALGS[alg]} octets")
    return Statement(text, kid, alg, _decode(payload, "$.payload"), octets)


def check(statement: Statement, key: PublicKey) -> None:
    """Check that ``key`` made the statement's signature, by the algorithm that the key fixes.

    Raises ``Malformed``: ``statement.kid`` (another key's), ``statement.alg``, ``statement.signature``.
    """
    if statement.kid != key.kid:
        raise Malformed("statement.kid", "$.header.kid", "the statement names another key")
    if statement.alg not in JWS_NAMES[key.algorithm]:
        raise Malformed(
            "statement.alg",
            "$.header.alg",
            f"the key is for {key.algorithm}, the header says {statement.alg}",
        )
    if not key.verify(statement.signature, statement.signed):
        raise Malformed("statement.signature", "$.signature")


def sign(payload: bytes, key: PrivateKey) -> str:
    """The statement of a payload. Raises ``Malformed`` ``statement.size`` if it would be too long."""
    header = strictjson.dumps({"alg": JWS_NAMES[key.public.algorithm][0], "kid": key.public.kid, "typ": TYP})
    signed = f"{b64.encode(header)}.{b64.encode(payload)}"
    text = f"{signed}.{b64.encode(key.sign(signed.encode('ascii')))}"
    _fits(text)
    return text


def _fits(text: str | bytes) -> None:
    if len(text) > MAX:
        raise Malformed("statement.size", detail=f"the statement has {len(text)} octets; {MAX} may be")


def _read_header(text: str) -> tuple[str, str]:
    """``alg`` and ``kid`` of a protected header."""
    try:
        header = strictjson.loads(_decode(text, "$.header"), max_depth=1)
    except Malformed as error:
        if error.code.startswith("statement."):
            raise
        raise Malformed("statement.header", "$.header", f"the header is not strict JSON: {error}") from None
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
        raise Malformed("statement.header", "$.header")
    alg, kid, typ = header["alg"], header["kid"], header["typ"]
    if typ != TYP:
        raise Malformed("statement.typ", "$.header.typ")
    if alg not in _ALGS:  # nothing is nested, so all that may stand here can be looked up
        raise Malformed("statement.alg", "$.header.alg")
    if not isinstance(kid, str) or len(kid) != _KID_LENGTH:
        raise Malformed("statement.kid", "$.header.kid")
    try:
        b64.decode(kid)
    except ValueError:
        raise Malformed("statement.kid", "$.header.kid") from None
    return alg, kid


_header = lru_cache(maxsize=4096)(_read_header)


def _decode(text: str, path: str) -> bytes:
    try:
        return b64.decode(text)
    except ValueError:
        raise Malformed("statement.base64", path) from None
