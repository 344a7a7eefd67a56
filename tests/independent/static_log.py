"""Reads a log as a stranger who knows C2SP and nothing of Oreline: python static_log.py FOLDER VKEY

FOLDER is what `oreline export tiles` wrote (c2sp.org/tlog-tiles), VKEY the log's verifier key. Everything is
made anew from the entries and compared: every tile, every inclusion proof, the consistency of every earlier
size with the last, the chain by `prev`. What must be there is there, and nothing else but partial tiles of
earlier sizes.
"""

import re
import sys
from pathlib import Path

from c2sp import Bad, VerifierKey, base64url, checkpoint, leaf_hash, node_hash, note, signers, split_at

ENTRY = re.compile(
    r'\{"index":(0|[1-9][0-9]{0,15}),"charter":(0|[1-9][0-9]{0,15}),"prev":"([A-Za-z0-9_-]{43})",'
    r'"received":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)",'
    r'"statement":"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"\}',
    re.ASCII,
)


def grouped(number: int) -> str:
    """A tile's number as its path has it: 1234067 is x001/x234/067."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups)


def tile_paths(level: int | str, count: int) -> list[tuple[str, int]]:
    """Path and width of each tile of a level that has `count` hashes (or entries)."""
    full, rest = divmod(count, 256)
    paths = [(f"tile/{level}/{grouped(number)}", 256) for number in range(full)]
    return paths + ([(f"tile/{level}/{grouped(full)}.p/{rest}", rest)] if rest else [])


def bundle(data: bytes) -> list[bytes]:
    """Entries, each behind its length in two octets."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Bad("tile.bundle", "cut short")
        entries.append(data[at + 2 : end])
        at = end
    return entries


class Tree:
    """Nothing but the hash tiles as they were served: every subtree's root is put together from them."""

    def __init__(self, tiles: dict[tuple[int, int], bytes]):
        self.tiles = tiles
        self.known: dict[tuple[int, int], bytes] = {}

    def stored(self, level: int, index: int) -> bytes:
        tile = self.tiles[level, index // 256]
        return tile[index % 256 * 32 :][:32]

    def range(self, start: int, stop: int) -> bytes:
        """The root of the leaves start to stop; start is a multiple of the power of two that covers them."""
        if (start, stop) not in self.known:
            width, level = stop - start, 0
            while width % 256 == 0:
                width, level = width // 256, level + 1
            if width == 1:
                self.known[start, stop] = self.stored(level, start // 256**level)
            else:
                middle = start + split_at(stop - start)
                self.known[start, stop] = node_hash(self.range(start, middle), self.range(middle, stop))
        return self.known[start, stop]

    def inclusion(self, index: int, start: int, stop: int) -> list[bytes]:
        """RFC 9162 section 2.1.3.1."""
        if stop - start == 1:
            return []
        middle = start + split_at(stop - start)
        if index < middle:
            return [*self.inclusion(index, start, middle), self.range(middle, stop)]
        return [*self.inclusion(index, middle, stop), self.range(start, middle)]

    def consistency(self, old: int, start: int, stop: int, whole: bool = True) -> list[bytes]:
        """RFC 9162 section 2.1.4.1."""
        if old == stop:
            return [] if whole else [self.range(start, stop)]
        middle = start + split_at(stop - start)
        if old <= middle:
            return [*self.consistency(old, start, middle, whole), self.range(middle, stop)]
        return [*self.consistency(old, middle, stop, False), self.range(start, middle)]


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2, step by step."""
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(first: int, second: int, proof: list[bytes], first_root: bytes, second_root: bytes) -> bool:
    """RFC 9162 section 2.1.4.2, step by step, for 0 < first < second."""
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not proof:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def read(folder: Path, vkey: str) -> dict[str, object]:
    """Everything about the log that could be checked; Bad where anything is wrong."""
    key = VerifierKey(vkey)
    if key.type != 1:
        raise Bad("note.key", "not the key of a log")
    data = (folder / "checkpoint").read_bytes().decode()
    signers(data, [key])
    origin, size, root = checkpoint(note(data)[0])
    if origin != key.name:
        raise Bad("trust.origin", origin)

    expected = {"checkpoint"}
    entries: list[bytes] = []
    for path, width in tile_paths("entries", size):
        expected.add(path)
        part = bundle(file(folder, path))
        if len(part) != width:
            raise Bad("tile.bundle", f"{path} has {len(part)} entries")
        entries += part
    chain(entries)

    tiles, level, row = {}, 0, [leaf_hash(entry) for entry in entries]
    leaves = row
    while row:
        for number, (path, width) in enumerate(tile_paths(level, len(row))):
            expected.add(path)
            tiles[level, number] = file(folder, path)
            if tiles[level, number] != b"".join(row[number * 256 :][:width]):
                raise Bad("tile.width", f"{path} is not what the entries give")
        row = [full_root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
        level += 1

    tree = Tree(tiles)
    if size and tree.range(0, size) != root:
        raise Bad("chain.root", "the tiles give another root than the checkpoint's")
    for index, leaf in enumerate(leaves):
        if not included(leaf, index, size, tree.inclusion(index, 0, size), root):
            raise Bad("proof.inclusion", str(index))
    for old in range(1, size):
        if not consistent(old, size, tree.consistency(old, 0, size), full_root(leaves[:old]), root):
            raise Bad("proof.consistency", f"{old} to {size}")

    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for besides in there - expected:
        earlier(folder, besides, expected)
    return {"origin": origin, "size": size, "tiles": len(tiles), "levels": level, "files": len(there)}


def full_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, level by level: a last node without a neighbour moves up as it is."""
    row = leaves
    while len(row) > 1:
        row = [node_hash(*row[at : at + 2]) if at + 1 < len(row) else row[at] for at in range(0, len(row), 2)]
    return row[0]


def earlier(folder: Path, path: str, expected: set[str]) -> None:
    """A partial tile of an earlier size may still be there, if the tile that took its place begins so."""
    match = re.fullmatch(r"(tile/[a-z0-9]+/[x0-9/]+)\.p/([1-9][0-9]{0,2})", path, re.ASCII)
    now = [one for one in expected if match and (one == match[1] or one.startswith(match[1] + ".p/"))]
    if not match or not now:
        raise Bad("tile.path", f"{path} is no file of this log")
    old, new, width = file(folder, path), file(folder, now[0]), int(match[2])
    hashes = not path.startswith("tile/entries/")
    if not new.startswith(old) or width != (len(old) / 32 if hashes else len(bundle(old))):
        raise Bad("tile.width", f"{path} is not how {now[0]} begins")


def file(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except OSError:
        raise Bad("tile.path", f"{path} is missing") from None


def chain(entries: list[bytes]) -> None:
    """Each entry is spelt as one, has its index, and names the leaf hash of the one before."""
    prev, received = bytes(32), ""
    for index, entry in enumerate(entries):
        match = ENTRY.fullmatch(entry.decode("ascii", "replace"))
        if not match or len(entry) > 65_535 or int(match[1]) != index or int(match[2]) > index:
            raise Bad("entry.form", f"entry {index}")
        if match[3] != base64url(prev):
            raise Bad("chain.prev", f"entry {index}")
        if match[4] < received:
            raise Bad("chain.received", f"entry {index}")
        prev, received = leaf_hash(entry), match[4]


if __name__ == "__main__":
    try:
        print(*(f"{name} {value}" for name, value in read(Path(sys.argv[1]), sys.argv[2]).items()), sep="\n")
    except (Bad, OSError, UnicodeDecodeError) as wrong:
        sys.exit(f"refused: {wrong}")
