"""The tree over a map's bucket hashes, changed in place.

The 2^D bucket hashes are kept as tiles, exactly as ``ledger.tiles`` keeps the tree of entries. Here a tile
is held with the nodes between its hashes and its root, so that a changed bucket costs eight hashes a
level instead of all 255 of the tile.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from hashlib import sha256

from ledger.errors import StorageError
from ledger.merkle import HASH_BYTES, node_hash
from ledger.registermap import EMPTY
from ledger.tiles import HEIGHT, WIDTH, ReadTile

MOST_TILES = 20_000  # held in memory, 16 KiB each: all those of ten million keys
IsKept = Callable[[bytes], bool]  # of the root of a tree


class Tree:
    """The tree of a map of this depth. ``read_tile``: its tiles as kept; of one that is not, all buckets
    are empty. ``is_kept``: whether a root is that of what is kept, None where nothing is.

    Each tile that is read must hash to what is above it: of a store that is damaged no root is made.
    """

    def __init__(self, depth: int, read_tile: ReadTile, is_kept: IsKept | None = None) -> None:
        self._read = read_tile
        self._is_kept = is_kept
        self._root: bytes | None = None  # known once the highest tile has been read
        self._widths = [min(WIDTH, 1 << depth - at) for at in range(0, depth + 1, HEIGHT)]  # by level
        self._nodes: OrderedDict[tuple[int, int], bytearray] = OrderedDict()  # the last used is the last
        self._changed: set[tuple[int, int]] = set()
        self._apart: dict[tuple[int, int], bytes] = {}  # hashes of changed tiles that are not held

    def set(self, hashes: Mapping[int, bytes]) -> None:
        """Set the hashes of these buckets, and all above them."""
        for level, width in enumerate(self._widths):
            by_tile: dict[int, list[int]] = defaultdict(list)
            for number in hashes:
                by_tile[number // WIDTH].append(number)
            above = {}
            for tile, numbers in by_tile.items():
                nodes = self._tile(level, tile)
                for number in numbers:
                    at = (width + number % WIDTH) * HASH_BYTES
                    nodes[at : at + HASH_BYTES] = hashes[number]
                _rehash(nodes, {width + number % WIDTH for number in numbers})
                self._changed.add((level, tile))
                above[tile] = _root(nodes)
            hashes = above
        self._root = hashes.get(0, self._root)

    def root(self) -> bytes:
        """The root of all bucket hashes."""
        return _root(self._tile(len(self._widths) - 1, 0))

    def bucket(self, number: int) -> bytes:
        """The hash of a bucket."""
        return _hash(self._tile(0, number // WIDTH), number)

    def forget(self, tile: int) -> None:
        """Hold a tile of bucket hashes, and whether it was changed, no longer."""
        self._nodes.pop((0, tile), None)

    def tile(self, level: int, number: int) -> bytes:
        """A tile, as ``ledger.tiles`` keeps it."""
        nodes = self._tile(level, number)
        return bytes(nodes[len(nodes) // 2 :])

    def changed(self) -> dict[tuple[int, int], bytes]:
        """The tiles, as ``ledger.tiles`` keeps them, that were changed since ``settle``."""
        return {at: self._hashes(at) for at in self._changed}

    def settle(self) -> None:
        """What was changed is kept now where ``read_tile`` reads."""
        self._changed.clear()
        self._apart.clear()

    def _hashes(self, at: tuple[int, int]) -> bytes:
        nodes = self._nodes.get(at)
        return self._apart[at] if nodes is None else bytes(nodes[len(nodes) // 2 :])

    def _tile(self, level: int, number: int) -> bytearray:
        """The nodes of a tile: its root is node 1, the children of node n are 2n and 2n + 1."""
        at = level, number
        nodes = self._nodes.get(at)
        if nodes is not None:
            self._nodes.move_to_end(at)
            return nodes
        width = self._widths[level]
        hashes = self._apart.pop(at, None) or self._read(level, number)
        if hashes is None:
            hashes = _empty(level * HEIGHT) * width
        if len(hashes) != width * HASH_BYTES:
            raise StorageError("store.corrupt", detail="A tile of the register's map is not whole.")
        nodes = bytearray(width * HASH_BYTES) + hashes
        _rehash(nodes, set(range(width, 2 * width)))
        if not self._leads_up(level, number, _root(nodes)):
            raise StorageError("store.corrupt", detail="A tile of the register's map is not the one kept.")
        if len(self._nodes) >= MOST_TILES:
            oldest = next(iter(self._nodes))
            if oldest in self._changed:
                self._apart[oldest] = self._hashes(oldest)
            del self._nodes[oldest]
        self._nodes[at] = nodes
        return nodes

    def _leads_up(self, level: int, number: int, root: bytes) -> bool:
        """Whether it is the root that a tile must have."""
        if level + 1 < len(self._widths):
            return root == _hash(self._tile(level + 1, number // WIDTH), number)
        if self._root is None:
            if self._is_kept is not None and not self._is_kept(root):
                return False
            self._root = root
        return root == self._root


def _root(nodes: bytearray) -> bytes:
    """That of a tile."""
    return bytes(nodes[HASH_BYTES : 2 * HASH_BYTES])


def _hash(nodes: bytearray, number: int) -> bytes:
    """What a tile holds of the one, or the bucket, with this number."""
    at = len(nodes) // 2 + number % WIDTH * HASH_BYTES
    return bytes(nodes[at : at + HASH_BYTES])


def _rehash(nodes: bytearray, touched: set[int]) -> None:
    """Hash everything above these leaves of a tile again."""
    while touched != {1}:
        touched = {node >> 1 for node in touched}
        for node in touched:
            below = node * 2 * HASH_BYTES
            # as ``merkle.node_hash``, of both children at once
            hash = sha256(b"\x01" + nodes[below : below + 2 * HASH_BYTES]).digest()
            nodes[node * HASH_BYTES : (node + 1) * HASH_BYTES] = hash


def _empty(level: int) -> bytes:
    """The hash of a subtree of 2^level empty buckets."""
    hash = EMPTY
    for _ in range(level):
        hash = node_hash(hash, hash)
    return hash
