"""The Merkle tree of RFC 9162, section 2.1 (the same tree as RFC 6962's): hashes, proofs, checks.

This docstring is the specification; the tests run its example.

    leaf_hash(d)      = SHA-256(0x00 ‖ d)
    node_hash(l, r)   = SHA-256(0x01 ‖ l ‖ r)
    root of no leaf   = SHA-256("")
    root of one leaf  = its leaf hash
    root of n leaves  = node_hash(root of the first k, root of the rest),
                        k = the largest power of two below n

The two prefixes keep a leaf from being passed off as a node. A tree of five leaves, and its names:

    root ── x ── a ── leaf 0        a = (level 1, index 0)
         │    │    └─ leaf 1
         │    └─ b ── leaf 2        b = (level 1, index 1)
         │         └─ leaf 3        x = (level 2, index 0)
         └─ leaf 4

``ReadHash(level, index)`` gives the root of the ``index``-th perfect subtree of 2^level leaves; every
hash that a proof ever needs is made of those, so one function is the whole tie to a store.

>>> hashes = [leaf_hash(bytes([i])) for i in range(5)]
>>> def read(level: int, index: int) -> bytes:
...     return root(hashes[index << level : (index + 1) << level])
>>> a, b, x = read(1, 0), read(1, 1), read(2, 0)
>>> inclusion_proof(2, 5, read) == [hashes[3], a, hashes[4]]
True
>>> root_from_inclusion(2, 5, hashes[2], [hashes[3], a, hashes[4]]) == root(hashes)
True
>>> consistency_proof(3, 5, read) == [hashes[2], hashes[3], a, hashes[4]]
True
>>> multiproof([2, 4], 5, read) == [a, hashes[3]]
True
>>> root_from_multiproof([(2, hashes[2]), (4, hashes[4])], 5, [a, hashes[3]]) == root(hashes)
True
>>> root_at(3, [(2, hashes[2]), (4, hashes[4])], 5, [a, hashes[3]]) == root(hashes[:3])
True

Each ``…proof`` function stands beside the function that checks what it makes. Sizes come from
untrusted input and may be as large as 2^63 - 1: nothing here loops over a size, only over its bits.
A leaf or a proof that cannot be right is ``Malformed("proof.…")``; a wrong call is an assertion.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import pairwise

from ledger.errors import Malformed

EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32
MAX_SIZE = 2**63 - 1  # C2SP tlog-checkpoint readers take sizes as int64

ReadHash = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry, RFC 9162 2.1.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, RFC 9162 2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of these leaf hashes; ``EMPTY_ROOT`` of none."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(start: int, stop: int) -> int:
    """Where the range of at least two leaves is cut: after the largest power of two below its length."""
    return start + (1 << (stop - start - 1).bit_length() - 1)


def subtree_hash(start: int, stop: int, read: ReadHash) -> bytes:
    """The root of leaves start … stop-1, a range that splitting the tree from its root arrives at
    (so ``start`` is a multiple of the power of two that covers the range)."""
    assert 0 <= start < stop, (start, stop)
    size = stop - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        assert start % size == 0, (start, stop)
        return read(level, start >> level)
    middle = _split(start, stop)
    return node_hash(subtree_hash(start, middle, read), subtree_hash(middle, stop, read))


def root_of(size: int, read: ReadHash) -> bytes:
    """The root of the first ``size`` leaves."""
    return subtree_hash(0, size, read) if size else EMPTY_ROOT


# --- One leaf is in the tree: RFC 9162 2.1.3


def inclusion_proof(index: int, size: int, read: ReadHash) -> list[bytes]:
    """The siblings on the way from leaf ``index`` up to the root of ``size`` leaves, RFC 9162 2.1.3.1."""
    assert 0 <= index < size, (index, size)
    found = []
    start, stop = 0, size
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            found.append(subtree_hash(middle, stop, read))
            stop = middle
        else:
            found.append(subtree_hash(start, middle, read))
            start = middle
    return found[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that the proof leads to, RFC 9162 2.1.3.2. The caller compares it."""
    if not 0 <= index < size <= MAX_SIZE:
        raise Malformed("proof.inclusion", detail=f"There is no leaf {index} in a tree of {size} leaves.")
    sides = []
    start, stop = 0, size
    while stop - start > 1:
        middle = _split(start, stop)
        goes_left = index < middle
        sides.append(goes_left)
        start, stop = (start, middle) if goes_left else (middle, stop)
    if len(proof) != len(sides) or not _are_hashes([leaf, *proof]):
        raise Malformed("proof.inclusion", detail=f"{len(sides)} hashes of 32 bytes are needed here.")
    found = leaf
    for goes_left, sibling in zip(reversed(sides), proof, strict=True):
        found = node_hash(found, sibling) if goes_left else node_hash(sibling, found)
    return found


# --- One tree is the beginning of another: RFC 9162 2.1.4


def consistency_proof(old: int, new: int, read: ReadHash) -> list[bytes]:
    """The hashes that give both roots from the same subtrees, RFC 9162 2.1.4.1; none if ``old`` is 0 or
    ``new``."""
    assert 0 <= old <= new, (old, new)
    if old in (0, new):
        return []
    found = []
    start, stop = 0, new
    while old != stop:
        middle = _split(start, stop)
        if old <= middle:
            found.append(subtree_hash(middle, stop, read))
            stop = middle
        else:
            found.append(subtree_hash(start, middle, read))
            start = middle
    if start:  # else the whole old tree is one subtree, and its root is known to the checker
        found.append(subtree_hash(start, stop, read))
    return found[::-1]


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ``Malformed("proof.consistency")`` unless the first ``old`` leaves of the tree with
    ``new_root`` are the tree with ``old_root``, RFC 9162 2.1.4.2. Anything extends the empty tree."""
    if not 0 <= old <= new <= MAX_SIZE:
        raise Malformed("proof.consistency", detail=f"A tree of {new} leaves cannot extend one of {old}.")
    sides = []
    start, stop = 0, new
    while 0 < old != stop:
        middle = _split(start, stop)
        goes_left = old <= middle
        sides.append(goes_left)
        start, stop = (start, middle) if goes_left else (middle, stop)
    hashes = list(proof)
    if len(hashes) != len(sides) + (start > 0) or not _are_hashes([old_root, new_root, *hashes]):
        raise Malformed("proof.consistency", detail="The number or the length of the hashes is wrong.")
    if old == 0:
        if old_root != EMPTY_ROOT:
            raise Malformed("proof.consistency", detail="The root of an empty tree is SHA-256 of nothing.")
        return
    seen_old = seen_new = hashes.pop(0) if start else old_root
    for goes_left, sibling in zip(reversed(sides), hashes, strict=True):
        if goes_left:
            seen_new = node_hash(seen_new, sibling)
        else:
            seen_old, seen_new = node_hash(sibling, seen_old), node_hash(sibling, seen_new)
    if seen_old != old_root or seen_new != new_root:
        raise Malformed("proof.consistency")


# --- Many leaves are in the tree, with every shared hash given once


def multiproof(wanted: Sequence[int], size: int, read: ReadHash) -> list[bytes]:
    """The hashes that, with the wanted leaves (ascending), give the root of ``size`` leaves: walk from
    the root, left first; a subtree without a wanted leaf gives its hash."""
    assert all(a < b for a, b in pairwise(wanted)), "wanted must ascend"
    assert not wanted or 0 <= wanted[0] <= wanted[-1] < size, "wanted must be below size"
    found: list[bytes] = []

    def walk(start: int, stop: int, low: int, high: int) -> None:  # wanted[low:high] are in the range
        if low == high:
            found.append(subtree_hash(start, stop, read))
        elif stop - start > 1:
            middle = _split(start, stop)
            cut = bisect_left(wanted, middle, low, high)
            walk(start, middle, low, cut)
            walk(middle, stop, cut, high)

    if size:
        walk(0, size, 0, len(wanted))
    return found


def root_from_multiproof(leaves: Sequence[tuple[int, bytes]], size: int, hashes: Sequence[bytes]) -> bytes:
    """The root of ``size`` leaves from some leaves (index, leaf hash; ascending) and their multiproof,
    which must be used up exactly: ``Malformed("proof.hashes")``. The caller compares the root."""
    return _walk_multiproof(size, leaves, size, hashes)[0]


def root_at(
    old: int, leaves: Sequence[tuple[int, bytes]], size: int, hashes: Sequence[bytes]
) -> bytes | None:
    """The root of the first ``old`` leaves, from a multiproof for ``size`` leaves; None where it does
    not hold what that takes. It always suffices when leaf ``old - 1`` is among the leaves: every left
    sibling on that leaf's way up is then known. Worth as much as the root of the whole: check it first."""
    return _walk_multiproof(old, leaves, size, hashes)[1]


def _walk_multiproof(
    old: int, leaves: Sequence[tuple[int, bytes]], size: int, hashes: Sequence[bytes]
) -> tuple[bytes, bytes | None]:
    """The root of ``size`` leaves, and of the first ``old`` if known. The mirror of ``multiproof``."""
    wanted = [index for index, _ in leaves]
    if any(a >= b for a, b in pairwise(wanted)):
        raise Malformed("proof.hashes", detail="The indices of the leaves do not strictly ascend.")
    if not 0 <= size <= MAX_SIZE or (wanted and not 0 <= wanted[0] <= wanted[-1] < size):
        raise Malformed("proof.hashes", detail=f"A leaf lies outside the tree of {size} leaves.")
    if not _are_hashes(hashes) or not _are_hashes([leaf for _, leaf in leaves]):
        raise Malformed("proof.hashes", detail="Each hash must be 32 bytes.")
    rest = iter(hashes)
    part: bytes | None = EMPTY_ROOT if old == 0 else None  # root of start … old-1 of the last cut range

    def walk(start: int, stop: int, low: int, high: int) -> bytes:
        nonlocal part
        if low == high:
            whole = next(rest, b"")
            if not whole:
                raise Malformed("proof.hashes", detail="There are too few hashes.")
        elif stop - start == 1:
            whole = leaves[low][1]
        else:
            middle = _split(start, stop)
            cut = bisect_left(wanted, middle, low, high)
            left = walk(start, middle, low, cut)
            right = walk(middle, stop, cut, high)
            whole = node_hash(left, right)
            if middle < old < stop and part is not None:
                part = node_hash(left, part)  # the first ``old`` leaves split at the same place
        if old == stop:
            part = whole
        return whole

    found = walk(0, size, 0, len(wanted)) if size else EMPTY_ROOT
    if next(rest, None) is not None:
        raise Malformed("proof.hashes", detail="There are more hashes than the tree has room for.")
    return found, part


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


# --- The growing tree


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, left to right, one for each
    one-bit of ``size``. Enough to append for ever and to know the root at each size."""

    def __init__(self) -> None:
        self.size = 0
        self._hashes: list[bytes] = []

    @classmethod
    def from_hashes(cls, size: int, hashes: Sequence[bytes]) -> "Frontier":
        """The frontier kept earlier as ``size`` and ``hashes``."""
        assert len(hashes) == size.bit_count(), (size, len(hashes))
        found = cls()
        found.size = size
        found._hashes = list(hashes)
        return found

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the perfect subtrees, largest (leftmost) first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash at the right."""
        size = self.size
        while size & 1:  # each subtree of equal size to the left is completed
            leaf = node_hash(self._hashes.pop(), leaf)
            size >>= 1
        self._hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root of all leaves so far; ``EMPTY_ROOT`` of none."""
        if not self._hashes:
            return EMPTY_ROOT
        *rest, found = self._hashes
        for left in reversed(rest):
            found = node_hash(left, found)
        return found
