"""Tiles and bundles: the paths of C2SP tlog-tiles, growth in steps, and trees read back from tiles."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle, tiles
from ledger.merkle import Frontier, leaf_hash
from ledger.tiles import ENTRIES, Tile
from tests.core.refusal import refusal

PATHS = [
    (Tile(0, 0, 256), "tile/0/000"),
    (Tile(0, 0, 1), "tile/0/000.p/1"),
    (Tile(63, 999, 255), "tile/63/999.p/255"),
    (Tile(0, 1000, 256), "tile/0/x001/000"),
    (Tile(3, 1234067, 256), "tile/3/x001/x234/067"),  # the specification's example
    (Tile(ENTRIES, 1234067, 12), "tile/entries/x001/x234/067.p/12"),
    (Tile(0, tiles.MAX_NUMBER, 256), "tile/0/x036/x028/x797/x018/x963/967"),
]

BAD_PATHS = """tile tile/ tile/0 tile/0/ tile/0/0 tile/0/00 tile/0/0000 tile/00/000 tile/01/000 tile/64/000
    tile/100/000
    tile/-1/000 /tile/0/000 tile/0/000/ tile/0/x000/000 tile/0/001/000 tile/0/x001/x000 tile/0/X001/000
    tile/0/000.p/0 tile/0/000.p/01 tile/0/000.p/256 tile/0/000.p/ tile/0/000.p tile/0/000.P/1 tile/0/000.p/999
    tile/Entries/000 tile/entries tile/0/x036/x028/x797/x018/x963/968 tile/0/x001/x036/x028/x797/x018/x963/967
    tile/0/٠٠٠ tile/0/000.p/1٠ tile/0/../000 entries/000 checkpoint"""


class Kept(dict[tuple[int, int], bytes]):
    """A store of tiles that counts what is read."""

    reads = 0

    def read(self, level: int, number: int) -> bytes | None:
        self.reads += 1
        return self.get((level, number))


def grown(leaves: list[bytes], steps: list[int]) -> Kept:
    kept, size = Kept(), 0
    for step in steps:
        kept.reads = 0
        kept.update(tiles.update(size, leaves[size : size + step], kept.read))
        size = min(size + step, len(leaves))
        assert kept.reads <= 3
    assert size == len(leaves)
    return kept


@pytest.mark.parametrize(("tile", "path"), PATHS)
def test_paths(tile: Tile, path: str) -> None:
    assert tiles.tile_path(*tile) == path
    assert tiles.parse_path(path) == tile


@pytest.mark.parametrize("path", BAD_PATHS.split())
def test_other_paths_are_refused(path: str) -> None:
    assert refusal(tiles.parse_path, path) == ("tile.path", "$")


@given(st.integers(-1, 63), st.integers(0, tiles.MAX_NUMBER), st.integers(1, 256))
def test_paths_round_trip(level: int, number: int, width: int) -> None:
    assert tiles.parse_path(tiles.tile_path(level, number, width)) == (level, number, width)


@pytest.mark.parametrize("tile", [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**55, 1), (0, 0, 0), (0, 0, 257)])
def test_tiles_that_are_none_have_no_path(tile: tuple[int, int, int]) -> None:
    with pytest.raises(AssertionError):
        tiles.tile_path(*tile)


def test_widths_as_the_specification_counts_them() -> None:
    """ "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial …"""
    width = tiles.tile_width
    assert [width(0, 272, 70_000), width(0, 273, 70_000), width(0, 274, 70_000)] == [256, 112, 0]
    assert [width(1, 0, 70_000), width(1, 1, 70_000), width(1, 2, 70_000)] == [256, 17, 0]
    assert [width(2, 0, 70_000), width(2, 1, 70_000), width(3, 0, 70_000)] == [1, 0, 0]
    assert [width(ENTRIES, 273, 70_000), width(0, 0, 256), width(1, 0, 256)] == [112, 256, 1]
    assert width(0, 0, 0) == 0


def test_update_writes_the_tiles_that_the_size_asks_for_whatever_the_steps() -> None:
    leaves = [leaf_hash(b"%d" % i) for i in range(70_000)]
    source = random.Random(3)
    steps: list[int] = [1, 254, 1, 1, 0, 255, 1000, 65_535 - 1512, 1]
    while sum(steps) < len(leaves):
        steps.append(source.randrange(2000))
    kept = grown(leaves, steps)
    assert kept == grown(leaves, [70_000])
    widths = {place: len(data) // 32 for place, data in kept.items()}
    assert widths == {
        (level, number): tiles.tile_width(level, number, 70_000)
        for level, count in [(0, 274), (1, 2), (2, 1)]
        for number in range(count)
    }
    assert kept[0, 1] == b"".join(leaves[256:512])
    assert kept[1, 0][:32] == merkle.root(leaves[:256])
    assert kept[2, 0] == merkle.root(leaves[:65536])
    read = tiles.hash_reader(kept.read, 70_000)
    assert merkle.root_of(70_000, read) == merkle.root(leaves)
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = merkle.inclusion_proof(index, 70_000, read)
        assert merkle.root_from_inclusion(index, 70_000, leaves[index], proof) == merkle.root(leaves)


def test_trees_are_read_back_at_every_earlier_size() -> None:
    """Tiles grow: the tiles of a larger tree answer for a smaller one."""
    leaves = [leaf_hash(b"%d" % i) for i in range(600)]
    kept = grown(leaves, [600])
    frontier = Frontier()
    for size, leaf in enumerate(leaves, 1):
        frontier.append(leaf)
        kept.reads = 0
        read = tiles.hash_reader(kept.read, size)
        assert merkle.root_of(size, read) == frontier.root()
        assert merkle.root_of(size, read) == frontier.root()
        assert kept.reads <= 3  # each tile is read once


def test_the_reader_never_looks_beyond_its_size() -> None:
    leaves = [leaf_hash(b"%d" % i) for i in range(300)]
    read = tiles.hash_reader(grown(leaves, [300]).read, 299)
    assert read(0, 298) == leaves[298]
    assert read(8, 0) == merkle.root(leaves[:256])
    for level, index in [(0, 299), (8, 1), (1, 149)]:
        with pytest.raises(AssertionError):
            read(level, index)


@pytest.mark.parametrize("bad", [None, b"", bytes(31), bytes(9 * 32), bytes(10 * 32 + 1)])
def test_a_tile_that_is_missing_or_too_narrow_is_refused(bad: bytes | None) -> None:
    read = tiles.hash_reader(lambda level, number: bad, 10)
    assert refusal(read, 0, 0) == ("tile.width", "tile/0/000.p/10")
    assert refusal(tiles.update, 10, [bytes(32)], lambda level, number: bad)[0] == "tile.width"


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=256))
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert tiles.decode_bundle(tiles.encode_bundle(entries)) == entries


def test_bundles() -> None:
    assert tiles.encode_bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    longest = [b"x" * 65_535]
    assert tiles.decode_bundle(tiles.encode_bundle(longest)) == longest
    full = [b""] * 256
    assert tiles.decode_bundle(tiles.encode_bundle(full)) == full
    for bad in (b"", b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x01ab", b"\x00\x00" * 257):
        assert refusal(tiles.decode_bundle, bad)[0] == "tile.bundle"
    for entries in ([], [b""] * 257):
        with pytest.raises(AssertionError):
            tiles.encode_bundle(entries)
