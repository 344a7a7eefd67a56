"""ML-DSA-44 (FIPS 204), the signature that a quantum computer is not known to forge.

A public key has 1,312 octets, a signature 2,420, a private key is a seed of 32. The context string is
empty, here and wherever it is used: in JOSE (RFC 9964) and in C2SP cosignatures. Every 1,312 octets are
a public key, and FIPS 204 leaves no freedom in the encoding of a signature, so libraries cannot disagree.

Signing is hedged (FIPS 204 section 3.4): it draws fresh randomness, so that signing twice gives two
signatures, both good. Checking draws none.

Where the installed ``cryptography`` was built without ML-DSA every function here raises
``EnvironmentFault("key.no_ml_dsa")``: that is no verdict on a signature.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from ledger.errors import EnvironmentFault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

NAME = "ML-DSA-44"
PUBLIC_BYTES = 1_312
SIGNATURE_BYTES = 2_420


def public_key(raw: bytes) -> "MLDSA44PublicKey":
    """The public key of 1,312 octets, ready for many checks."""
    with _available():
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        return MLDSA44PublicKey.from_public_bytes(raw)


def verify(key: "MLDSA44PublicKey", signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is the key's over ``message``."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_of(seed: bytes) -> bytes:
    """The public key of a seed."""
    with _available():
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

        return MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """A signature over ``message``, 2,420 octets."""
    with _available():
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

        return MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (ImportError, UnsupportedAlgorithm) as error:
        raise EnvironmentFault("key.no_ml_dsa", detail=str(error)) from error
