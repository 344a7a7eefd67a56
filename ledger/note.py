"""C2SP signed-note, tlog-checkpoint and tlog-cosignature: text that several keys sign.

    example.com/log                       the text of this note is a checkpoint: the origin,
    20852163                              the number of leaves,
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2M…    the root, base64
                                          (empty line: the text ends above it)
    — example.com/log Az3grlgtzPIC…       a signature line: key name, base64(key id ‖ signature)
    — witness.example/w1 jWbPPwAAAABk…    a witness's: base64(key id ‖ time ‖ signature)

Key id = the first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key). What a type signs:

    1  Ed25519 of a log        the text
    4  Ed25519 cosignature     ``cosignature/v1``, a line with its time, then the text
    6  ML-DSA-44 cosignature   the fields of the checkpoint that the text is, in binary, with the signer's
                               name and its time; a log signs its own checkpoints with it too

Read in these versions: signed-note v1.0.0; tlog-checkpoint and tlog-cosignature as their editors' copies
had them in July 2026, where type 6 came after v1.0.0. A cosignature of type 6 of less than a whole tree
has no place in a note.

A signature of an unknown key (by name *and* key id) is ignored. A signature of a known key that does
not verify refuses the whole note, and so does a note that no known key has signed.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from ledger import b64, mldsa
from ledger.errors import Malformed
from ledger.keys import PrivateKey, PublicKey
from ledger.merkle import HASH_BYTES, MAX_SIZE

ED25519 = 0x01
COSIGNATURE = 0x04
ML_DSA_44 = 0x06
KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: mldsa.PUBLIC_BYTES}
MAX_NOTE = 256 * 1024  # characters
MAX_SIGNATURES = 64  # C2SP asks for at least 16
MAX_TIME = 2**63 - 1

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44}|[A-Za-z0-9+/]{1751}=)", re.A)
_SUBTREE = b"subtree/v1\n\0"
MAX_NAME = 255  # octets of a name or an origin that a cosignature of type 6 can hold
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.A)


class Verifier(NamedTuple):
    """A public key as notes know it: its name, key id (4 bytes), type, and its ``KEY_BYTES`` bytes."""

    name: str
    key_id: bytes
    type: int
    key: bytes


class Signer(NamedTuple):
    """A private key as notes know it: made by ``log_signer`` or ``cosigner``."""

    verifier: Verifier
    private: PrivateKey

    def line(self, text: str, timestamp: int) -> str:
        """Its signature line under a note's text, newline included. ``timestamp``: seconds since the
        epoch, below 2^63; what type 1 signs has none. Type 6 signs checkpoints alone."""
        signature = self.private.sign(_message(self.verifier, text, timestamp))
        if self.verifier.type != ED25519:
            signature = timestamp.to_bytes(8, "big") + signature
        return format_line(self.verifier.name, self.verifier.key_id, signature)


class Signed(NamedTuple):
    """A signature that verified. ``timestamp``: seconds since the epoch; None of type 1, which has none."""

    verifier: Verifier
    timestamp: int | None


class Opened(NamedTuple):
    """A note's text, its last newline included, and the verified signatures in the note's order."""

    text: str
    signatures: tuple[Signed, ...]


class Checkpoint(NamedTuple):
    """The log's name, its number of leaves, its root, and opaque extension lines (ours have none)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


# --- Keys


def verifier(name: str, type: int, key: bytes) -> Verifier:
    """The verifier of a raw public key; the name must be one that notes allow."""
    assert is_name(name), name
    assert len(key) == KEY_BYTES[type], type
    digest = sha256(name.encode() + b"\n" + bytes([type]) + key).digest()
    return Verifier(name, digest[:4], type, key)


def ed25519_vkey(name: str, public: bytes) -> str:
    """The verifier key of a log's raw Ed25519 public key."""
    return format_vkey(verifier(name, ED25519, public))


def format_vkey(key: Verifier) -> str:
    """``name+hash+base64(type ‖ key)``."""
    return f"{key.name}+{key.key_id.hex()}+{b64.encode_std(bytes([key.type]) + key.key)}"


def parse_vkey(text: str) -> Verifier:
    """The verifier of a verifier key; ``Malformed("note.key")``, also for a key id that is not the key's
    and for a public key that is not a sound Ed25519 point."""
    match = _VKEY.fullmatch(text)
    if match and is_name(match[1]):
        data = b64.decode_std(match[3])
        type, key = data[0], data[1:]
        short = type != ML_DSA_44 or len(match[1].encode()) <= MAX_NAME
        if KEY_BYTES.get(type) == len(key) and short:
            found = verifier(match[1], type, key)
            if found.key_id.hex() == match[2]:
                _public_key(key)
                return found
    raise Malformed("note.key")


@lru_cache(maxsize=256)
def _public_key(raw: bytes) -> PublicKey:
    encoded = b64.encode(raw)
    try:
        if len(raw) == mldsa.PUBLIC_BYTES:
            return PublicKey.from_jwk({"kty": "AKP", "alg": mldsa.NAME, "pub": encoded})
        return PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": encoded})
    except Malformed as fault:
        raise Malformed("note.key", detail=fault.detail) from fault


def is_name(name: str) -> bool:
    """Whether keys may bear this name. One of a key of type 6 has at most 255 octets besides."""
    return bool(name) and "+" not in name and not _CONTROL.search(name) and name.split() == [name]


# --- Signing


def log_signer(name: str, private: PrivateKey) -> Signer:
    """What a log signs its checkpoints with: type 1 of an Ed25519 key, type 6 of an ML-DSA-44 key."""
    return _signer(name, private, {"Ed25519": ED25519, "ML-DSA-44": ML_DSA_44})


def cosigner(name: str, private: PrivateKey) -> Signer:
    """What a witness cosigns with: type 4 of an Ed25519 key, type 6 of an ML-DSA-44 key."""
    return _signer(name, private, {"Ed25519": COSIGNATURE, "ML-DSA-44": ML_DSA_44})


def _signer(name: str, private: PrivateKey, types: dict[str, int]) -> Signer:
    assert private.public.algorithm in types, "notes are signed with Ed25519 and ML-DSA-44"
    return Signer(verifier(name, types[private.public.algorithm], private.public.raw), private)


def sign_with(text: str, signers: Iterable[Signer], timestamp: int) -> str:
    """The note of a text (which ends with a newline), a signature line of each signer under it."""
    assert text.endswith("\n"), "a note's text ends with a newline"
    assert not _CONTROL.search(text), "a note's text holds no control characters"
    return f"{text}\n" + "".join(signer.line(text, timestamp) for signer in signers)


def sign_note(text: str, name: str, private: PrivateKey) -> str:
    """The note of a text, signed by one Ed25519 key (type 1)."""
    signer = log_signer(name, private)
    assert signer.verifier.type == ED25519
    return sign_with(text, [signer], 0)


def cosign(note: str, name: str, private: PrivateKey, timestamp: int) -> str:
    """The note with a cosignature line added. A cosigner vouches that the checkpoint extends every
    one that it signed before; that it looked is its business. ``timestamp``: seconds since the epoch."""
    return note + cosigner(name, private).line(split(note)[0], timestamp)


def format_line(name: str, key_id: bytes, signature: bytes) -> str:
    """A signature line, newline included."""
    return f"— {name} {b64.encode_std(key_id + signature)}\n"


def _message(key: Verifier, text: str, timestamp: int) -> bytes:
    """What a signature under a text signs; ``Malformed("checkpoint.form")`` where type 6 cannot."""
    if key.type == ED25519:
        return text.encode()
    if key.type == COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    checkpoint = parse_checkpoint(text)
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if len(origin) > MAX_NAME:
        raise Malformed("checkpoint.form")
    return b"".join(
        (
            _SUBTREE,
            len(name).to_bytes(1, "big") + name,
            timestamp.to_bytes(8, "big"),
            len(origin).to_bytes(1, "big") + origin,
            (0).to_bytes(8, "big"),  # the first leaf: a checkpoint is a whole tree
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


# --- Opening


def split(note: str | bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text and the signature lines (name, key id, signature), nothing verified;
    ``Malformed("note.…")``."""
    if len(note) > MAX_NOTE:
        raise Malformed("note.size")
    try:
        note = note.decode() if isinstance(note, bytes) else note
        note.encode()
    except UnicodeError:
        raise Malformed("note.text") from None
    if _CONTROL.search(note):
        raise Malformed("note.text")
    text, empty, rest = note.rpartition("\n\n")
    if not empty or not rest.endswith("\n"):
        raise Malformed("note.form")
    lines = rest[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise Malformed("note.size")
    return text + "\n", [_parse_line(line) for line in lines]


def _parse_line(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        data = b64.decode_std(encoded)
    except ValueError:
        data = b""
    if dash != "—" or not is_name(name) or len(data) < 5:
        raise Malformed("note.line")
    return name, data[:4], data[4:]


def open_note(note: str | bytes, verifiers: Iterable[Verifier]) -> Opened:
    """The text and its verified signatures; ``Malformed("note.…")`` if a known key's signature is bad
    or no known key has signed."""
    text, lines = split(note)
    known = {(key.name, key.key_id): key for key in verifiers}
    found = []
    for name, key_id, signature in lines:
        key = known.get((name, key_id))
        if key:
            found.append(Signed(key, _verify(key, text, signature)))
    if not found:
        raise Malformed("note.unsigned")
    return Opened(text, tuple(found))


def _verify(key: Verifier, text: str, signature: bytes) -> int | None:
    """The time of a good cosignature, None for a good signature; ``Malformed("note.signature")``."""
    timestamp = None
    if key.type != ED25519:
        timestamp, signature = int.from_bytes(signature[:8], "big"), signature[8:]
    public = _public_key(key.key)
    if (timestamp or 0) <= MAX_TIME:
        with suppress(Malformed):  # the text is no checkpoint, so nothing that type 6 could have signed
            if public.verify(signature, _message(key, text, timestamp or 0)):
                return timestamp
    raise Malformed("note.signature", detail=f"The signature of {key.name} does not verify.")


# --- Checkpoints


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text of a checkpoint, to be signed."""
    root = b64.encode_std(checkpoint.root)
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    return "\n".join(lines) + "\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text; ``Malformed("checkpoint.form")``."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise Malformed("checkpoint.form")
    origin, size, encoded, *extensions = lines
    try:
        root = b64.decode_std(encoded)
    except ValueError:
        root = b""
    if len(root) != HASH_BYTES or int(size) > MAX_SIZE:
        raise Malformed("checkpoint.form")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def checkpoint_of(note: str | bytes) -> Checkpoint:
    """The checkpoint of a signed note, of which nothing is verified; ``Malformed``: ``note.…``,
    ``checkpoint.form``."""
    return parse_checkpoint(split(note)[0])
