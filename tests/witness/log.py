"""A C2SP log for tests, written from the specifications: nothing of Oreline is imported.

Its leaves are named by number; a log with another ``seed`` and the same key tells another history.
"""

import base64
import hashlib
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

EMPTY = hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def half(size: int) -> int:
    """The largest power of two below size."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    left = half(len(leaves))
    return node(root(leaves[:left]), root(leaves[left:]))


def proof(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2: SUBPROOF."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    left = half(len(leaves))
    if old <= left:
        return [*proof(old, leaves[:left], whole), root(leaves[left:])]
    return [*proof(old - left, leaves[left:], False), root(leaves[:left])]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class TestLog:
    """A log of 64 leaves that publishes any of its sizes."""

    __test__ = False

    def __init__(self, origin: str, seed: str = "one") -> None:
        self.origin = origin
        self.leaves = [hashlib.sha256(f"\0{seed} {n}".encode()).digest() for n in range(64)]
        self._secret = hashlib.sha256(origin.encode()).digest()

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._secret)

    @cached_property
    def pq(self) -> MLDSA44PrivateKey:
        return MLDSA44PrivateKey.from_seed_bytes(self._secret)

    @property
    def _public(self) -> bytes:
        return b"\x01" + self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def _public_pq(self) -> bytes:
        return b"\x06" + self.pq.public_key().public_bytes_raw()

    def _id(self, public: bytes) -> bytes:
        return hashlib.sha256(self.origin.encode() + b"\n" + public).digest()[:4]

    def _vkey(self, public: bytes) -> str:
        return f"{self.origin}+{self._id(public).hex()}+{b64(public)}"

    @property
    def vkey(self) -> str:
        """Its Ed25519 key."""
        return self._vkey(self._public)

    @property
    def vkey_pq(self) -> str:
        """Its ML-DSA-44 key."""
        return self._vkey(self._public_pq)

    def root(self, size: int) -> bytes:
        return root(self.leaves[:size])

    def text(self, size: int) -> str:
        """The unsigned checkpoint."""
        return f"{self.origin}\n{size}\n{b64(self.root(size))}\n"

    def sign(self, text: str) -> str:
        """A signature line under any text."""
        return f"— {self.origin} {b64(self._id(self._public) + self.key.sign(text.encode()))}\n"

    def sign_pq(self, size: int, time: int) -> str:
        """The ML-DSA-44 signature line under a checkpoint."""
        name = bytes([len(self.origin)]) + self.origin.encode()
        message = b"subtree/v1\n\0" + name + time.to_bytes(8, "big") + name + bytes(8)
        message += size.to_bytes(8, "big") + self.root(size)
        signature = time.to_bytes(8, "big") + self.pq.sign(message)
        return f"— {self.origin} {b64(self._id(self._public_pq) + signature)}\n"

    def checkpoint(self, size: int) -> str:
        """The signed checkpoint."""
        return f"{self.text(size)}\n{self.sign(self.text(size))}"

    def proof(self, old: int, size: int) -> list[bytes]:
        """The consistency proof."""
        return proof(old, self.leaves[:size]) if 0 < old < size else []

    def request(self, old: int, size: int) -> bytes:
        """The body of add-checkpoint."""
        return body(old, self.proof(old, size), self.checkpoint(size))


def body(old: int | str, hashes: list[bytes], checkpoint: str) -> bytes:
    """Any body of add-checkpoint."""
    return "".join([f"old {old}\n", *(b64(one) + "\n" for one in hashes), "\n", checkpoint]).encode()
