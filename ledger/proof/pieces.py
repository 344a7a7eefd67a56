"""Entries of a store, read as the pieces that a check makes of them."""

from collections.abc import Iterable

from ledger import entry
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.store import Store


def pieces_at(store: Store, indices: Iterable[int]) -> dict[int, Piece]:
    """These entries, ascending by index."""
    return {
        index: evidence.read(entry.decode(data)) for index, data in sorted(store.entries_at(indices).items())
    }
