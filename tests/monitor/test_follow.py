"""Following real servers: honest ones, and ones that show another history, other tiles, other entries."""

from functools import cache

import pytest

from ledger import tiles
from ledger.entry import decode, encode
from ledger.errors import EnvironmentFault, Malformed
from ledger.evidencefile import check
from ledger.merkle import EMPTY_ROOT, leaf_hash, node_hash, root
from ledger.monitoring import state as states
from ledger.monitoring.follow import MOST, follow
from ledger.monitoring.source import HttpSource
from ledger.monitoring.state import State
from ledger.note import Checkpoint, format_checkpoint, sign_note
from ledger.trust import Trust
from tests.api.serving import served
from tests.monitor.histories import NOW, Eyes, grow, other_history, shown, size_of
from tests.monitor.proxy import Proxy
from tests.world import World

SIZE = 2**62  # of a log that never ends

# --- An honest log


def test_a_log_that_grows_is_followed(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, world.trust)
    assert (eyes.look(), eyes.size, eyes.last.added) == ([], size_of(world), size_of(world))
    assert (eyes.look(), eyes.size, eyes.last.added) == ([], size_of(world), 0)
    for more in (1, 239, 1, 1, 1, 1, 300):  # beyond the first tile in small steps, then by more than one
        before = eyes.size
        grow(world, more)
        world.publish()
        assert (eyes.look(), eyes.size) == ([], size_of(world))
        assert eyes.last.added == eyes.size - before >= more
    assert eyes.state is not None
    assert states.decode(states.encode(eyes.state)) == eyes.state


def test_only_what_is_new_is_read(world: World, proxy: Proxy) -> None:
    grow(world, 600)
    world.publish()
    eyes = Eyes(proxy, world.trust)
    eyes.look()
    grow(world, 1)
    world.publish()
    del proxy.paths[:]
    eyes.look()
    assert [path for path in proxy.paths if "entries" in path] == [
        f"/log/tile/entries/002.p/{eyes.size - 512}"
    ]
    assert len(proxy.paths) <= 12


def test_a_mirror_that_keeps_full_tiles_only(world: World, proxy: Proxy) -> None:
    """C2SP lets a server drop a partial tile once the full one is there."""
    text, size = world.publish(), size_of(world)
    grow(world, 400)
    world.publish()

    def mirror(path: str, status: int, body: bytes) -> tuple[int, bytes]:
        if path.endswith("checkpoint"):
            return 200, text.encode()
        return (404, b"") if "000.p/" in path else (status, body)

    proxy.alter = mirror
    eyes = Eyes(proxy, world.trust)
    assert (eyes.look(), eyes.size) == ([], size)


# --- A log that is not


@pytest.mark.parametrize("more", [9, 10, 11, 12, 15, 16, 300])
def test_a_fork_is_shown_to_whoever_asks(world: World, proxy: Proxy, more: int) -> None:
    eyes = Eyes(proxy, world.trust)
    eyes.look()
    first = eyes.state
    other = other_history(more)
    with served(shown(other)) as client:
        proxy.upstream = client
        assert eyes.look() == ["monitor.fork"]
        assert eyes.state == first
        assert eyes.last.evidence is not None
        rows = check(eyes.last.evidence, world.trust).checkpoints
        assert [row.checkpoint.size for row in rows] == [size_of(world), size_of(other)]
        assert eyes.look() == ["monitor.fork"]


def test_a_fork_to_fewer_entries_is_shown_if_the_tiles_are_still_there(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, world.trust)
    eyes.look()
    fewer = (other_history(4).store.checkpoint() or "").encode()
    proxy.alter = lambda path, status, body: (200, fewer) if "checkpoint" in path else (status, body)
    assert eyes.look() == ["monitor.fork"]
    assert eyes.last.evidence is not None
    check(eyes.last.evidence, world.trust)
    proxy.alter = lambda path, status, body: (200, fewer) if "checkpoint" in path else (404, b"")
    assert eyes.look() == ["monitor.rollback"]
    assert eyes.last.evidence is None


def test_a_rollback(world: World, proxy: Proxy) -> None:
    old = world.publish()
    eyes = Eyes(proxy, world.trust)
    eyes.look()
    grow(world, 3)
    world.publish()
    eyes.look()
    proxy.alter = lambda path, status, body: (200, old.encode()) if "checkpoint" in path else (status, body)
    assert (eyes.look(), eyes.size) == (["monitor.rollback"], size_of(world))
    proxy.alter = lambda path, status, body: (status, body)
    assert eyes.look() == []


def test_a_stall(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, world.trust, stall=60_000)
    assert eyes.look() == []
    eyes.now += 59_999
    assert eyes.look() == []
    eyes.now += 1
    assert eyes.look() == ["monitor.stall"]
    assert "60 seconds" in eyes.last.alarms[0].detail
    grow(world, 1)
    world.publish()
    assert eyes.look() == []
    eyes.now += 60_000
    proxy.alter = lambda path, status, body: (200, b"<html>")
    assert eyes.look() == ["monitor.stall", "note.form"]


def test_what_is_not_signed_as_it_must_be(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, Trust.parse(world.trust_text(["w.example"])))
    assert (eyes.look(), eyes.state) == (["trust.quorum"], None)
    stranger = World(name="example.com/other")
    assert Eyes(proxy, stranger.trust).look() == ["trust.origin"]
    proxy.alter = lambda path, status, body: (200, b"\xff")
    assert (eyes.look(), eyes.state) == (["note.text"], None)


def test_the_state_of_another_log(world: World, proxy: Proxy) -> None:
    other = World(name="example.com/other")
    eyes = Eyes(proxy, world.trust)
    eyes.state = State(other.checkpoint(), NOW)
    with pytest.raises(Malformed) as caught:
        eyes.look()
    assert caught.value.code == "monitor.state"


def test_another_charter(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, world.trust._replace(charter=bytes(32)))
    assert (eyes.look(), eyes.size) == (["monitor.charter"], 0)


def changed(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def rebundled(body: bytes, index: int, entry: bytes) -> bytes:
    found = tiles.decode_bundle(body)
    found[index] = entry
    return tiles.encode_bundle(found)


def test_an_entry_that_is_not_in_the_tree(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, world.trust)
    proxy.alter = lambda path, status, body: (
        status,
        rebundled(body, 4, b"{}") if "entries" in path else body,
    )
    assert (eyes.look(), eyes.size) == (["monitor.entry"], 0)
    assert eyes.last.alarms[0].path == "entry 4"
    for altered in (b"", b"\x00", b"\x00\x01a"):
        proxy.alter = lambda path, status, body, altered=altered: (  # type: ignore[misc]
            status,
            altered if "entries" in path else body,
        )
        assert eyes.look() == ["monitor.entry"]
    proxy.alter = lambda path, status, body: (status, body)
    assert eyes.look() == []


def test_tiles_that_are_not_those_of_the_root(world: World, proxy: Proxy) -> None:
    grow(world, 600)
    world.publish()
    eyes = Eyes(proxy, world.trust)
    for part in ("/0/", "/1/"):
        proxy.alter = lambda path, status, body, part=part: (  # type: ignore[misc]
            status,
            changed(body, 3) if f"tile{part}" in path else body,
        )
        # Without a state only entries and their own tiles are read.
        assert eyes.look() == (["monitor.entry"] if part == "/0/" else [])
    grow(world, 300)
    world.publish()
    before = eyes.state
    for part in ("/0/002", "/1/"):
        proxy.alter = lambda path, status, body, part=part: (  # type: ignore[misc]
            status,
            changed(body, 3) if f"tile{part}" in path else body,
        )
        assert (eyes.look(), eyes.state) == (["monitor.tile"], before)
    proxy.alter = lambda path, status, body: (status, body[:-32] if "tile/0/" in path else body)
    assert (eyes.look(), eyes.state) == (["monitor.tile"], before)
    proxy.alter = lambda path, status, body: (status, body)
    assert eyes.look() == []


def test_a_root_that_its_entries_do_not_have(world: World, proxy: Proxy) -> None:
    """The operator signs a root that is not that of the tiles and entries which it serves."""
    text = format_checkpoint(Checkpoint(world.name, 10, EMPTY_ROOT))
    lie = sign_note(text, world.name, world.operator).encode()
    proxy.alter = lambda path, status, body: (200, lie) if "checkpoint" in path else (status, body)
    eyes = Eyes(proxy, world.trust)
    assert (eyes.look(), eyes.state) == (["monitor.tile"], None)


def test_what_is_missing_is_no_verdict(world: World, proxy: Proxy) -> None:
    eyes = Eyes(proxy, world.trust)
    eyes.look()
    grow(world, 300)
    world.publish()
    for path_part in ("checkpoint", "tile/0", "tile/entries"):
        proxy.alter = lambda path, status, body, part=path_part: (  # type: ignore[misc]
            (503, b"") if part in path else (status, body)
        )
        with pytest.raises(EnvironmentFault) as caught:
            eyes.look()
        assert (caught.value.code, path_part in caught.value.path) == ("network.status", True)
    with pytest.raises(EnvironmentFault):
        HttpSource("ftp://example.com")


# --- Entries that are in the tree, and that no honest ledger makes


def test_entries_of_an_operator_who_cheats(world: World) -> None:
    """The tree holds them, so the log is followed; but they are told."""
    store = world.store
    honest = list(store.entries(0, 10))
    bad = [*honest[:3], b'{"no":"entry"}', *honest[4:]]
    found = follow(Forged(bad).sign(world), world.trust, None, NOW)
    assert [(alarm.code, alarm.path) for alarm in found.alarms] == [
        ("monitor.entry", "entry 3"),
        ("monitor.entry", "entry 4"),  # its link to the one before
    ]
    assert found.state is not None
    assert found.state.checkpoint.size == 10
    many = Forged([honest[0], *[b"x"] * (MOST + 50)]).sign(world)
    assert len(follow(many, world.trust, None, NOW).alarms) == MOST


class Forged:
    """A log of these entries, signed by the world's operator."""

    def __init__(self, entries: list[bytes]) -> None:
        self.bundles = entries
        self.leaves = [leaf_hash(data) for data in entries]
        self.tiles = tiles.update(0, self.leaves, lambda level, number: None)
        self.note = ""

    def sign(self, world: World) -> "Forged":
        """Publish it."""
        text = format_checkpoint(Checkpoint(world.name, len(self.leaves), root(self.leaves)))
        self.note = sign_note(text, world.name, world.operator)
        return self

    def checkpoint(self) -> str:
        return self.note

    def tile(self, level: int, number: int, width: int) -> bytes:
        return self.tiles[level, number]

    def entries(self, number: int, width: int) -> list[bytes]:
        return self.bundles[number * 256 :][:width]


class Endless:
    """A log that signs any size, and serves entries as long as anybody reads them: all the same ones, whose
    tree is easy to make, or (``chained``) ones that follow on each other, under tiles of its own."""

    def __init__(self, world: World, chained: bool) -> None:
        self.first, self.chained = next(world.store.entries(0, 1)), chained
        self.asked = 0
        hash = leaf_hash(self.first)
        self.levels: list[bytes] = []
        for _ in range(SIZE.bit_length()):
            self.levels.append(hash)
            hash = node_hash(hash, hash)
        text = format_checkpoint(Checkpoint(world.name, SIZE, self.levels[-1]))
        self.note = sign_note(text, world.name, world.operator)

    def checkpoint(self) -> str:
        return self.note

    def tile(self, level: int, number: int, width: int) -> bytes:
        if self.chained and level == 0:
            return b"".join(leaf_hash(self.entry(number * 256 + n)) for n in range(width))
        return self.levels[8 * level] * width

    def entries(self, number: int, width: int) -> list[bytes]:
        self.asked += 1
        assert self.asked < 40, "it is still read"
        return [self.entry(number * 256 + n) for n in range(width)]

    def entry(self, index: int) -> bytes:
        if not self.chained or index == 0:
            return self.first
        return encode(decode(self.first)._replace(index=index, prev=leaf_hash(self.entry(index - 1))))


@pytest.mark.parametrize(("chained", "code"), [(False, "monitor.entry"), (True, "monitor.tile")])
def test_a_log_without_end_is_not_read_to_its_end(world: World, chained: bool, code: str) -> None:
    endless = Endless(world, chained)
    endless.entry = cache(endless.entry)  # type: ignore[method-assign]
    found = follow(endless, world.trust, None, NOW)
    assert ({alarm.code for alarm in found.alarms}, found.state) == ({code}, None)
    assert len(found.alarms) <= MOST
