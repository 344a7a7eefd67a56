"""Base64, Ed25519 and P-256, the Merkle tree and signed notes, as docs/reference/formats says them.

Only the standard library and `cryptography`: nothing of Oreline is imported, here or in any file beside this.
"""

import base64
import re
from functools import cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, utils


class Bad(Exception):
    """What is wrong, by its code."""

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}")
        self.code = code


def unbase64(text: str, code: str, octets: int | None = None, url: bool = False) -> bytes:
    """Strict base64 (base64url without padding, if `url`): only what writing it again gives too."""
    try:
        raw = base64.b64decode(
            text + "=" * (-len(text) % 4 if url else 0), b"-_" if url else None, validate=True
        )
    except ValueError as wrong:
        raise Bad(code, str(wrong)) from None
    again = base64.urlsafe_b64encode(raw).rstrip(b"=") if url else base64.b64encode(raw)
    if again.decode() != text or (octets is not None and len(raw) != octets):
        raise Bad(code, text[:100])
    return raw


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


# ---- Ed25519: which points are keys, and which signatures are good

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
SMALL_ORDER_Y = {
    0,
    1,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    P - 1,
}


def add(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """RFC 8032 section 5.1.4, extended coordinates."""
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, d - c, d + c, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


@cache
def ed25519_key(x: bytes) -> bool:
    """Whether this is the canonical encoding of a point of the prime-order subgroup, not the identity."""
    sign, y = x[31] >> 7, int.from_bytes(x, "little") & (1 << 255) - 1
    if len(x) != 32 or y >= P or y in SMALL_ORDER_Y:
        return False
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square:
        root = root * ROOT % P
    if root * root % P != square:
        return False
    root = root if root & 1 == sign else P - root
    multiple, point, left = (0, 1, 1, 0), (root, y, 1, root * y % P), L
    while left:
        if left & 1:
            multiple = add(multiple, point)
        point, left = add(point, point), left >> 1
    return multiple[0] == 0 and multiple[1] == multiple[2]


@cache
def ed25519_verifies(x: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 64 or not ed25519_key(x):
        return False
    r, s = (int.from_bytes(half, "little") for half in (signature[:32], signature[32:]))
    if r & (1 << 255) - 1 >= P or r & (1 << 255) - 1 in SMALL_ORDER_Y or s >= L:
        return False
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(x).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@cache
def p256_verifies(x: bytes, y: bytes, message: bytes, signature: bytes) -> bool:
    """The library itself refuses r and s that are not between 0 and n."""
    if len(signature) != 64:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
        key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


@cache
def ml_dsa_verifies(pub: bytes, message: bytes, signature: bytes) -> bool:
    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(pub).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# ---- The Merkle tree of RFC 9162


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def split_at(n: int) -> int:
    """The largest power of two below n, n > 1."""
    return 1 << ((n - 1).bit_length() - 1)


def multiproof_root(leaves: list[tuple[int, bytes]], size: int, beside: list[bytes]) -> bytes:
    """The root of a tree, from some of its leaves (index, hash; ascending) and the hashes beside them."""
    rest = iter(beside)

    def walk(start: int, stop: int, known: list[tuple[int, bytes]]) -> bytes:
        if not known:
            try:
                return next(rest)
            except StopIteration:
                raise Bad("proof.hashes", "too few") from None
        if stop - start == 1:
            return known[0][1]
        middle = start + split_at(stop - start)
        left = walk(start, middle, [leaf for leaf in known if leaf[0] < middle])
        return node_hash(left, walk(middle, stop, [leaf for leaf in known if leaf[0] >= middle]))

    found = walk(0, size, leaves)
    if next(rest, None) is not None:
        raise Bad("proof.hashes", "too many")
    return found


# ---- Signed notes and checkpoints

SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


def note(data: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text, and of each signature line the key's name, the key's id, and what is behind it."""
    if len(data) > 262_144:
        raise Bad("note.size")
    if re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", data):
        raise Bad("note.text")
    head, gap, tail = data.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise Bad("note.form")
    lines = tail[:-1].split("\n")
    if len(lines) > 64:
        raise Bad("note.size")
    signatures = []
    for line in lines:
        match = SIGNATURE_LINE.fullmatch(line)
        raw = unbase64(match[2], "note.line") if match else b""
        if not match or len(raw) < 5:
            raise Bad("note.line", line)
        signatures.append((match[1], raw[:4], raw[4:]))
    return head + "\n", signatures


def checkpoint(text: str) -> tuple[str, int, bytes]:
    """A checkpoint's origin, size and root."""
    lines = text.split("\n")
    if (
        len(lines) < 4
        or lines.pop()
        or "" in lines
        or not NUMBER.fullmatch(lines[1])
        or int(lines[1]) >= 2**63
    ):
        raise Bad("checkpoint.form", text[:200])
    return lines[0], int(lines[1]), unbase64(lines[2], "checkpoint.form", 32)


class VerifierKey:
    """`<name>+<key id>+<base64 of type and public key>`, of type 1 (the text), 4 or 6 (cosignatures)."""

    def __init__(self, text: str):
        match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text)
        if not match:
            raise Bad("note.key", text)
        raw = unbase64(match[3], "note.key")
        self.name, self.id, self.type, self.key = match[1], bytes.fromhex(match[2]), raw[0], raw[1:]
        if sha256(self.name.encode() + b"\n" + raw).digest()[:4] != self.id:
            raise Bad("note.key", "its id is of another key")
        if self.type == 6:
            good = len(self.key) == 1312 and len(self.name.encode()) <= 255
        else:
            good = self.type in (1, 4) and len(self.key) == 32 and ed25519_key(self.key)
        if not good:
            raise Bad("note.key", text)

    def verifies(self, text: str, signature: bytes) -> bool:
        if self.type == 1:
            return ed25519_verifies(self.key, text.encode(), signature)
        if len(signature) != (72 if self.type == 4 else 2428) or signature[0] >> 7:
            return False
        time = int.from_bytes(signature[:8], "big")
        if self.type == 6:
            try:
                origin, size, root = checkpoint(text)
            except Bad:
                return False
            names = [name.encode() for name in (self.name, origin)]
            if len(names[1]) > 255:
                return False
            message = b"subtree/v1\n\0" + bytes([len(names[0])]) + names[0] + signature[:8]
            message += bytes([len(names[1])]) + names[1] + bytes(8) + size.to_bytes(8, "big") + root
            return ml_dsa_verifies(self.key, message, signature[8:])
        return ed25519_verifies(self.key, f"cosignature/v1\ntime {time}\n{text}".encode(), signature[8:])


def signers(data: str, keys: list[VerifierKey]) -> list[VerifierKey]:
    """Those of the keys that signed the note; a bad signature in the name of one of them spoils it all."""
    text, signatures = note(data)
    found = []
    for name, key_id, signature in signatures:
        for key in keys:
            if (key.name, key.id) == (name, key_id):
                if not key.verifies(text, signature):
                    raise Bad("note.signature", name)
                found.append(key)
    if not found:
        raise Bad("note.unsigned")
    return found
