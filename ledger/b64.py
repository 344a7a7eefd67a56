"""Base64, strictly: one spelling for each octet string, so that ``encode(decode(text)) == text``.

``encode``/``decode``: base64url without padding (RFC 4648 section 5, as in RFC 7515 section 2).
``encode_std``/``decode_std``: the standard alphabet with padding (RFC 4648 section 4), as in C2SP notes.

Refused: characters outside the alphabet (white space too), wrong padding, an impossible length, and
*stray bits*: a last character that carries bits which belong to no octet (RFC 4648 section 3.5).
"""

import binascii
from collections.abc import Iterable

_HASH_BYTES = 32  # of SHA-256
_STD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL = _STD[:-2] + b"-_"
_TO_URL = bytes.maketrans(b"+/", b"-_")
# Maps base64url to base64 and every other octet to one that no alphabet holds.
_FROM_URL = bytes(_STD[_URL.index(c)] if c in _URL else 0x21 for c in range(256))
# By length modulo 4: the padding, and the last characters whose unused bits are zero.
_PADDING = {0: b"", 2: b"==", 3: b"="}
_LAST = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The octets of unpadded base64url; ``ValueError`` for any other spelling."""
    remainder = len(text) % 4
    if remainder and (remainder == 1 or text[-1] not in _LAST[remainder]):
        raise ValueError("not base64url: impossible length or stray bits")
    return binascii.a2b_base64(
        text.encode("ascii").translate(_FROM_URL) + _PADDING[remainder], strict_mode=True
    )


def encode_std(data: bytes) -> str:
    """Standard base64 with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_std(text: str) -> bytes:
    """The octets of padded standard base64; ``ValueError`` for any other spelling."""
    data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    if encode_std(data) != text:
        raise ValueError("not base64: stray bits or wrong padding")
    return data


def encode_hashes(hashes: Iterable[bytes]) -> str:
    """Hashes of 32 octets each, joined: standard base64."""
    return encode_std(b"".join(hashes))


def decode_hashes(text: str) -> tuple[bytes, ...]:
    """The hashes of ``encode_hashes``; ``ValueError`` for any other text."""
    data = decode_std(text)
    if len(data) % _HASH_BYTES:
        raise ValueError("not whole hashes")
    return tuple(data[at : at + _HASH_BYTES] for at in range(0, len(data), _HASH_BYTES))
