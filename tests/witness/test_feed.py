"""What a replaying witness holds of a log before it judges it: a few octets more than it may, however long
the entries are."""

from threading import Lock

import pytest

from ledger import tiles
from ledger.merkle import leaf_hash, root
from ledger.note import Checkpoint
from ledger.store import EMPTY
from ledger.witness import feed

LONG = 1_000  # octets of an entry
BUNDLES = 64


class Log:
    """A log of long entries that knows how many of its bundles were asked for."""

    def __init__(self) -> None:
        self.rows = [b"%07d" % n + bytes(LONG - 7) for n in range(256 * BUNDLES)]
        leaves = [leaf_hash(data) for data in self.rows]
        self.tiles = tiles.update(0, leaves, lambda level, number: None)
        self.head = Checkpoint("log.example", len(leaves), root(leaves))
        self.asked = 0
        self._lock = Lock()

    def checkpoint(self) -> str:
        raise NotImplementedError

    def tile(self, level: int, number: int, width: int) -> bytes:
        return self.tiles[level, number]

    def entries(self, number: int, width: int) -> list[bytes]:
        with self._lock:
            self.asked += 1
        return self.rows[number * 256 :][:width]


@pytest.mark.parametrize(("octets", "bundles"), [(4 * 256 * LONG, 4), (1, 1), (feed.OCTETS, 16)])
def test_groups_are_of_few_octets(monkeypatch: pytest.MonkeyPatch, octets: int, bundles: int) -> None:
    monkeypatch.setattr(feed, "OCTETS", octets)
    log, read = Log(), []
    for group in feed.feed(log, EMPTY, log.head):
        read += group
        assert len(group) <= (bundles + 1) * 256
        assert log.asked - len(read) // 256 <= max(2 * bundles, 2), "more than was needed was asked for"
    assert read == log.rows
