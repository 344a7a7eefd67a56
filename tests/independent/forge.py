"""Writes what the checkers read: statements, entries, signed checkpoints and proofs, with any keys at hand.

The other half of the formats, from the same pages of the documentation: signed by the ledger's operator, a
proof can only be caught by what stands in its entries.
"""

import base64
import json
from hashlib import sha256
from pathlib import Path

from c2sp import base64url, leaf_hash, node_hash, split_at
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, utils
from values import jwk


class Signer:
    """A private key: a JWK file's, or a new one."""

    def __init__(self, key: dict[str, str]):
        self.public = {name: value for name, value in key.items() if name not in ("d", "priv")}
        self.kid, algorithms, _ = jwk(self.public)
        self.alg = algorithms[0]
        secret = base64.urlsafe_b64decode(key.get("d", key.get("priv", "")) + "=")
        self.private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | mldsa.MLDSA44PrivateKey
        if self.alg == "ML-DSA-44":
            self.private = mldsa.MLDSA44PrivateKey.from_seed_bytes(secret)
        elif self.alg == "ES256":
            self.private = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        else:
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(secret)

    @classmethod
    def load(cls, path: Path) -> "Signer":
        return cls(json.loads(path.read_text()))

    @classmethod
    def seeded(cls, seed: str, p256: bool = False, ml_dsa: bool = False) -> "Signer":
        secret = sha256(seed.encode()).digest()
        if ml_dsa:
            pub = base64url(mldsa.MLDSA44PrivateKey.from_seed_bytes(secret).public_key().public_bytes_raw())
            return cls({"kty": "AKP", "alg": "ML-DSA-44", "pub": pub, "priv": base64url(secret)})
        if p256:
            point = (
                ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
                .public_key()
                .public_numbers()
            )
            x, y = (base64url(number.to_bytes(32, "big")) for number in (point.x, point.y))
            return cls({"crv": "P-256", "kty": "EC", "x": x, "y": y, "d": base64url(secret)})
        x = base64url(ed25519.Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())
        return cls({"crv": "Ed25519", "kty": "OKP", "x": x, "d": base64url(secret)})

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, ed25519.Ed25519PrivateKey | mldsa.MLDSA44PrivateKey):
            return self.private.sign(message)
        r, s = utils.decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def statement(self, event: dict | bytes, **header: str) -> str:
        """An event signed by this key; `header` overrides what the header says."""
        fields = {"alg": self.alg, "kid": self.kid, "typ": "oreline+jws"} | header
        payload = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
        signed = f"{base64url(json.dumps(fields).encode())}.{base64url(payload)}"
        return f"{signed}.{base64url(self.sign(signed.encode()))}"

    def possession(self, ledger: str, party: str) -> str:
        return base64url(self.sign(f"oreline-possession/1\n{ledger}\n{party}\n{self.kid}\n".encode()))


def entry(index: int, prev: bytes, received: str, statement: str, charter: int = 0) -> str:
    return (
        f'{{"index":{index},"charter":{charter},"prev":"{base64url(prev)}",'
        f'"received":"{received}","statement":"{statement}"}}'
    )


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    middle = split_at(len(leaves))
    return node_hash(root(leaves[:middle]), root(leaves[middle:]))


def beside(wanted: set[int], leaves: list[bytes], start: int, stop: int) -> list[bytes]:
    """The multiproof's hashes."""
    if not any(start <= index < stop for index in wanted):
        return [root(leaves[start:stop])]
    if stop - start == 1:
        return []
    middle = start + split_at(stop - start)
    return beside(wanted, leaves, start, middle) + beside(wanted, leaves, middle, stop)


def note(text: str, name: str, operator: Signer) -> str:
    typed = b"\x01" + base64.urlsafe_b64decode(operator.public["x"] + "=")
    key_id = sha256(name.encode() + b"\n" + typed).digest()[:4]
    return f"{text}\n— {name} {base64.b64encode(key_id + operator.sign(text.encode())).decode()}\n"


def proof(
    subject: str, origin: str, operator: Signer, entries: list[str], left_out: set[int] = frozenset()
) -> bytes:
    """A proof that holds all entries but those left out, under a checkpoint signed for it."""
    leaves = [leaf_hash(one.encode()) for one in entries]
    kept = set(range(len(entries))) - left_out
    text = f"{origin}\n{len(entries)}\n{base64.b64encode(root(leaves)).decode()}\n"
    parts = {
        "format": "oreline-proof/1",
        "subject": subject,
        "checkpoint": note(text, origin, operator),
        "entries": [entries[index] for index in sorted(kept)],
        "hashes": base64.b64encode(b"".join(beside(kept, leaves, 0, len(leaves)))).decode(),
    }
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
