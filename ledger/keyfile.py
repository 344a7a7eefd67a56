"""Keys in files: one JSON Web Key a file, private ones for their owner's eyes only.

A private key is saved as its JWK (mode 0600), or, with a passphrase, as a JWE in compact serialisation
(RFC 7516, RFC 7517 section 7): content A256GCM, key from the passphrase by PBES2-HS512+A256KW
(RFC 7518 section 4.8). Both end with a newline. An existing file is never overwritten.

Raises ``EnvironmentFault`` where the file system refuses (``key.unreadable``, ``key.unwritable``,
``key.exists``, ``key.file_mode``) and ``Malformed`` ``key.*`` where the content is wrong.
"""

import contextlib
import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger import durable, strictjson
from ledger.errors import EnvironmentFault, Malformed
from ledger.keys import PrivateKey, PublicKey

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

_LIMIT = 64 * 1024
_ALGORITHM, _CONTENT = "PBES2-HS512+A256KW", "A256GCM"
_ALGORITHMS = [_ALGORITHM, "PBES2-HS256+A128KW", _CONTENT]
# OWASP's figure for PBKDF2 with HMAC-SHA-512; joserfc reads at most 300,000.
_ROUNDS = 210_000


def save_private(path: Path, key: PrivateKey, passphrase: str | None = None) -> None:
    """Write a private key to a new file with mode 0600, durably; with a passphrase, encrypted."""
    data = strictjson.dumps(key.to_jwk())
    if passphrase is not None:
        data = _encrypt(data, passphrase)
    with _refusing("key.unwritable", path):
        try:
            durable.create(path, data + b"\n", durable.OWNER)
        except FileExistsError:
            raise EnvironmentFault("key.exists", detail=f"{path} exists") from None


def load_private(path: Path, passphrase: str | None = None) -> PrivateKey:
    """Read a private key. Refused where group or others have any right to the file."""
    with _refusing("key.unreadable", path), path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise EnvironmentFault("key.file_mode", detail=f"{path} has mode {mode:04o}, not 0600")
        data = file.read(_LIMIT)
    if not data.lstrip().startswith(b"{"):
        data = _decrypt(data.strip(), passphrase)
    return PrivateKey.from_jwk(_object(data))


def load_public(path: Path) -> PublicKey:
    """Read a public key. A file with the secret in it is refused (``key.private``)."""
    with _refusing("key.unreadable", path), path.open("rb") as file:
        data = file.read(_LIMIT)
    return PublicKey.from_jwk(_object(data))


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = strictjson.loads(data)
    except Malformed as error:
        raise Malformed("key.form", error.path, error.detail) from None
    if not isinstance(value, dict):
        raise Malformed("key.form")
    return value


@contextlib.contextmanager
def _refusing(code: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(code, detail=f"{path}: {error.strerror or error}") from error


def _encrypt(data: bytes, passphrase: str) -> bytes:
    from joserfc import jwe  # here and below: only encrypted files need joserfc

    header = {"alg": _ALGORITHM, "enc": _CONTENT, "p2c": _ROUNDS, "cty": "jwk+json"}
    return jwe.encrypt_compact(header, data, _secret(passphrase), algorithms=_ALGORITHMS).encode("ascii")


def _decrypt(data: bytes, passphrase: str | None) -> bytes:
    from joserfc import jwe
    from joserfc.errors import JoseError

    if data.count(b".") != 4:
        raise Malformed("key.form")
    if passphrase is None:
        raise Malformed("key.passphrase", detail="the key file is encrypted; give its passphrase")
    secret = _secret(passphrase)
    try:
        plaintext = jwe.decrypt_compact(data, secret, algorithms=_ALGORITHMS).plaintext
    except (JoseError, ValueError):
        raise Malformed("key.passphrase", detail="wrong passphrase, or the file is damaged") from None
    assert plaintext is not None
    return plaintext


def _secret(passphrase: str) -> "OctKey":
    from joserfc.errors import SecurityWarning
    from joserfc.jwk import OctKey

    with warnings.catch_warnings():
        # How long a passphrase is, is its owner's choice; PBES2 makes each guess slow.
        warnings.simplefilter("ignore", SecurityWarning)
        try:
            return OctKey.import_key(passphrase)
        except ValueError:  # empty, or the text of a public key
            raise Malformed("key.passphrase", detail="this cannot be a passphrase") from None
