"""C2SP tlog-tiles: the tree as files of up to 256 hashes, and the entries as bundles of up to 256.

A tile at level 0 holds leaf hashes; at level l the roots of *full* tiles of level l-1. So hash i of
tile n at level l is the root of the perfect subtree (level 8·l, index 256·n + i) of ``ledger.merkle``;
what lies between is recomputed. A tree of 70,000 leaves has 273 full tiles and one of width 112 at
level 0, one full and one of width 17 at level 1, one of width 1 at level 2.

Only the last tile of a level may be partial; there are no empty ones; a full one never changes.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES, ReadHash, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
FULL_TILE = WIDTH * HASH_BYTES  # octets
ENTRIES = -1  # the "level" of entry bundles
MAX_NUMBER = 2**55 - 1  # 256 times this is still below 2^63

ReadTile = Callable[[int, int], bytes | None]

_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.A)


class Tile(NamedTuple):
    """Which tile: level 0–63 or ``ENTRIES``, number within the level, width 1–256."""

    level: int
    number: int
    width: int


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where the tile is served, without a leading slash: ``tile/0/x001/x234/067``, ``…/000.p/12``."""
    assert -1 <= level <= 63, level
    assert 0 <= number <= MAX_NUMBER, number
    assert 1 <= width <= WIDTH, width
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03}")
    name = "entries" if level == ENTRIES else str(level)
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{name}/{'/'.join(reversed(groups))}{partial}"


def parse_path(path: str) -> Tile:
    """The tile of a path; ``Malformed("tile.path")`` for any other spelling than ``tile_path``'s."""
    match = _PATH.fullmatch(path)
    if match:
        name, groups, width = match.groups()
        tile = Tile(
            ENTRIES if name == "entries" else int(name),
            int(groups.replace("/", "").replace("x", "")),
            int(width) if width else WIDTH,
        )
        valid = tile.level <= 63 and tile.number <= MAX_NUMBER and tile.width <= WIDTH
        if valid and tile_path(*tile) == path:
            return tile
    raise Malformed("tile.path")


def tile_width(level: int, number: int, size: int) -> int:
    """How many hashes the tile has in a tree of ``size`` leaves; 0 if it does not exist there."""
    return max(0, min(WIDTH, (size >> HEIGHT * max(level, 0)) - number * WIDTH))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry behind its length, two bytes, big-endian."""
    assert 1 <= len(entries) <= WIDTH, len(entries)
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; ``Malformed("tile.bundle")``."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or len(found) == WIDTH:
            raise Malformed("tile.bundle")
        found.append(data[start:at])
    if not found:
        raise Malformed("tile.bundle")
    return found


def read_width(read_tile: ReadTile, level: int, number: int, width: int) -> bytes:
    """The first ``width`` hashes of a tile: a tile may have grown since the tree had that size."""
    data = read_tile(level, number) or b""
    if len(data) < width * HASH_BYTES or len(data) % HASH_BYTES:
        raise Malformed("tile.width", tile_path(level, number, width))
    return data[: width * HASH_BYTES]


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _rows(data: bytes) -> list[list[bytes]]:
    """The perfect subtrees within a tile: row h has those of 2^h of its hashes."""
    rows = [_hashes(data)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        rows.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return rows


def hash_reader(read_tile: ReadTile, size: int) -> ReadHash:
    """``ReadHash`` for the tree of ``size`` leaves from its tiles. Each tile's inner nodes are computed
    once; the last 256 tiles are kept. ``Malformed("tile.width")`` if a tile is missing or too narrow."""

    @lru_cache(maxsize=256)
    def rows(level: int, number: int) -> list[list[bytes]]:
        return _rows(read_width(read_tile, level, number, tile_width(level, number, size)))

    def read(level: int, index: int) -> bytes:
        assert (index + 1) << level <= size, (level, index, size)
        tile_level, height = divmod(level, HEIGHT)
        number, place = divmod(index << height, WIDTH)
        return rows(tile_level, number)[height][place >> height]

    return read


class Source(Protocol):
    """A log as it is served or lies in a copy. What it gives is believed by nobody."""

    def checkpoint(self) -> str:
        """The signed note that is published now; ``Malformed("note.text")``."""
        ...

    def tile(self, level: int, number: int, width: int) -> bytes:
        """At least the first ``width`` hashes of a tile."""
        ...

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first ``width`` entries of a bundle, or fewer; ``Malformed``."""
        ...


def read_bundle(source: Source, number: int, width: int) -> list[bytes]:
    """The first ``width`` entries of a bundle; ``Malformed("tile.bundle")`` if there are not as many."""
    found = source.entries(number, width)
    if len(found) != width:
        detail = f"The bundle holds {len(found)} entries; the signed tree has {width} there."
        raise Malformed("tile.bundle", detail=detail)
    return found


def tree_of(source: Source, size: int) -> ReadHash:
    """The hashes of the tree of ``size`` leaves as the log serves them."""
    return hash_reader(lambda level, n: source.tile(level, n, tile_width(level, n, size)), size)


def update(size: int, leaves: Sequence[bytes], read_tile: ReadTile) -> dict[tuple[int, int], bytes]:
    """The whole new values of all tiles that change when the leaf hashes are appended to a tree of
    ``size`` leaves, keyed (level, number). Reads at most one tile a level: the last, partial one."""
    changed: dict[tuple[int, int], bytes] = {}
    added = list(leaves)
    level = 0
    while added:
        first, width = divmod(size >> HEIGHT * level, WIDTH)
        before = read_width(read_tile, level, first, width) if width else b""
        hashes = before + b"".join(added)
        added = []
        for number, at in enumerate(range(0, len(hashes), FULL_TILE), first):
            tile = hashes[at : at + FULL_TILE]
            changed[level, number] = tile
            if len(tile) == FULL_TILE:
                added.append(_rows(tile)[HEIGHT][0])
        level += 1
    return changed
