"""A map of the register that grows: what is kept somewhere, and what has been put into it since.

A deeper map has other buckets, all of them. A small one is made in memory, a large one part by part where
the rows are kept, in an area that nobody reads before the map is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from ledger.errors import StorageError
from ledger.merkle import HASH_BYTES, node_hash
from ledger.registermap import PAIR_BYTES, bucket_hash, bucket_of, depth_of
from ledger.rooting.tree import IsKept, Tree
from ledger.store import MapChange, MapHead
from ledger.tiles import WIDTH

SMALL = 1 << 16  # pairs of a map that is made anew in memory
PART = 2_048  # buckets moved at a time
MOST_CHANGED = 1 << 27  # octets of changed buckets held in memory


class Root(NamedTuple):
    """What a register event states of a map."""

    depth: int
    root: bytes


class Rows(Protocol):
    """Where a map's rows are kept: the part of ``ledger.store.Store`` that is about them."""

    def buckets(self, numbers: Iterable[int], area: int | None = None) -> dict[int, bytes]: ...

    def map_tile(self, level: int, number: int, area: int | None = None) -> bytes | None: ...

    def new_area(self) -> int: ...

    def prepare(
        self, area: int, buckets: Mapping[int, bytes], tiles: Mapping[tuple[int, int], bytes]
    ) -> bool: ...


class Overtaken(Exception):
    """Another map has been kept meanwhile, so this one leads nowhere."""


class Growing:
    """The map that is kept in ``rows`` as ``base`` says, with what is put into it. ``is_kept``: whether a
    root is that of its tree: whatever is read must lead there, else ``StorageError("store.corrupt")``."""

    def __init__(self, rows: Rows, base: MapHead, is_kept: IsKept | None = None) -> None:
        if base.depth != depth_of(base.count):
            raise StorageError("store.corrupt", detail="The head of the register's map is none.")
        self._rows = rows
        self._base = base
        self._area = base.area  # where the rows are that are not in memory; 0: there are none
        self._depth = base.depth
        self._count = base.count
        self._buckets: dict[int, bytes] = {}  # changed
        self._held = 0  # octets of them
        self._tree = self._new_tree(base.area, is_kept)

    def put(self, hashes: Mapping[bytes, bytes]) -> None:
        """Put pairs: key hash → record hash."""
        added: dict[int, dict[bytes, bytes]] = defaultdict(dict)
        for key, record in hashes.items():
            added[bucket_of(key, self._depth)][key] = key + record
        # part by part along the tree, so that each of its tiles is read once, however few are held
        ordered = sorted(added)
        for start in range(0, len(ordered), PART):
            self._put({number: added[number] for number in ordered[start : start + PART]})

    def _put(self, added: Mapping[int, Mapping[bytes, bytes]]) -> None:
        """Put pairs into these buckets."""
        before = self._read(added)
        changed = {}
        for number, pairs in added.items():
            old = before.get(number, b"")
            merged = {
                old[at : at + HASH_BYTES]: old[at : at + PAIR_BYTES] for at in range(0, len(old), PAIR_BYTES)
            }
            merged.update(pairs)
            new = b"".join(sorted(merged.values()))
            if new != old:
                self._held += len(new) - len(self._buckets.get(number, b""))
                self._buckets[number] = new
                self._count += (len(new) - len(old)) // PAIR_BYTES
                changed[number] = bucket_hash(new, self._depth)
        self._tree.set(changed)

    def fit(self, writing: bool) -> None:
        """Give the map the depth that its count asks for, if that needs no writing or is done ``writing``;
        and memory no more than it may have. May raise ``Overtaken``."""
        depth = depth_of(self._count)
        if depth != self._depth:
            if writing or self._count <= SMALL:
                self._move(depth)
        elif writing and self._held > MOST_CHANGED:
            self._give_back()

    def root(self, charter: bytes) -> Root | None:
        """Of what the map holds now; None if it does not have its depth yet. ``charter``: entry 0's leaf
        hash."""
        if depth_of(self._count) != self._depth:
            return None
        return Root(self._depth, node_hash(charter, self._tree.root()))

    def change(self, size: int) -> MapChange:
        """What leads from the kept map to this one, as that of ``size`` entries."""
        head = MapHead(size, self._depth, self._count, self._area)
        return MapChange(self._base, head, self._buckets, self._tree.changed())

    def kept(self, head: MapHead) -> None:
        """The change has been kept."""
        self._base = head
        self._area = head.area
        self._settle()

    def buckets(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """The joined pairs of these buckets; none of an empty one."""
        return self._read(numbers)

    def tile(self, level: int, number: int) -> bytes:
        """A tile of the tree of bucket hashes."""
        return self._tree.tile(level, number)

    def _settle(self) -> None:
        self._buckets = {}
        self._held = 0
        self._tree.settle()

    def _new_tree(self, area: int, is_kept: IsKept | None = None) -> Tree:
        return Tree(self._depth, lambda level, number: self._rows.map_tile(level, number, area), is_kept)

    def _read(self, numbers: Iterable[int], tree: Tree | None = None, depth: int = -1) -> dict[int, bytes]:
        """The buckets; in the tree and of the depth of before, while a map is moved."""
        here, elsewhere = {}, []
        for number in numbers:
            pairs = self._buckets.get(number)
            if pairs is None:
                elsewhere.append(number)
            else:
                here[number] = pairs
        if not elsewhere or not self._area:
            return here
        found = self._rows.buckets(elsewhere, self._area)
        tree, depth = (self._tree, self._depth) if tree is None else (tree, depth)
        for number in elsewhere:
            if bucket_hash(found.get(number, b""), depth) != tree.bucket(number):
                raise StorageError(
                    "store.corrupt", detail="A bucket of the register's map is not the one kept."
                )
        return here | found

    def _give_back(self) -> None:
        """Make room in memory: put what has changed where nobody reads it yet."""
        if self._area in (0, self._base.area):
            self._move(self._depth)  # what is kept may not change before its checkpoint is published
        else:
            self._prepare(self._area, self._buckets)
            self._settle()

    def _move(self, depth: int) -> None:
        """Make the map anew: deeper, or in another area."""
        small = self._count <= SMALL
        area = 0 if small else self._rows.new_area()
        old_depth, self._depth = self._depth, depth
        old_tree, self._tree = self._tree, self._new_tree(area)
        moved: dict[int, bytes] = {}
        for start in range(0, 1 << old_depth, PART):
            stop = min(start + PART, 1 << old_depth)
            part = _split(self._read(range(start, stop), old_tree, old_depth), depth)
            for tile in range(start // WIDTH, stop // WIDTH):
                old_tree.forget(tile)
            more = depth - old_depth
            wanted = range(start << more, stop << more)
            self._tree.set({number: bucket_hash(part.get(number, b""), depth) for number in wanted})
            if small:
                moved.update(part)
            else:
                self._prepare(area, part)
                self._tree.settle()
        self._area, self._buckets = area, moved
        self._held = sum(map(len, moved.values()))

    def _prepare(self, area: int, buckets: Mapping[int, bytes]) -> None:
        if not self._rows.prepare(area, buckets, self._tree.changed()):
            raise Overtaken


def _split(buckets: Mapping[int, bytes], depth: int) -> dict[int, bytes]:
    """The buckets of a deeper map that these fall into."""
    found: dict[int, list[bytes]] = defaultdict(list)
    for pairs in buckets.values():
        for at in range(0, len(pairs), PAIR_BYTES):
            pair = pairs[at : at + PAIR_BYTES]
            found[bucket_of(pair, depth)].append(pair)
    return {number: b"".join(rows) for number, rows in found.items()}
