"""Histories: all entries about one lot since its birth, or all that a party posted for one month.

The register chains their indices (``Used.chain``, ``Posted.chain``), so a history file proves that it is
complete: its entries, hashed in order, give the chain that the register's root holds.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ledger import events
from ledger.check.evidence import CUSTODY, Piece
from ledger.errors import Malformed
from ledger.merkle import multiproof
from ledger.proof.opened import opened
from ledger.proof.pieces import pieces_at
from ledger.proof.published import from_last
from ledger.prooffile import HISTORY, ProofFile, encode
from ledger.quantity import format_time
from ledger.register import Key, event_name
from ledger.store import Store, scan_all
from ledger.tiles import hash_reader


class Subject(NamedTuple):
    """A lot, or a party's month (``YYYY-MM``)."""

    lot: str = ""
    party: str = ""
    month: str = ""

    @property
    def text(self) -> str:
        """As the history file names it."""
        return f"lot {self.lot}" if self.lot else f"party {self.party} {self.month}"

    @property
    def key(self) -> Key:
        """The record that chains its entries."""
        return Key("used", self.lot) if self.lot else Key("posted", f"{self.party} {self.month}")


def entries_of(store: Store, subject: Subject, size: int) -> list[Piece]:
    """The entries below ``size`` about the subject, ascending; ``Malformed("history.unknown")``."""
    found = _of_lot(store, subject.lot, size) if subject.lot else _of_month(store, subject, size)
    if not found:
        raise Malformed("history.unknown", detail=f"The ledger knows nothing of {subject.text}.")
    return found


def build(store: Store, subject: Subject) -> bytes:
    """The history file of the subject, as of the last published checkpoint. ``Malformed``:
    ``history.unknown``, ``proof.unpublished``, ``proof.size``."""
    return from_last(store, lambda still, checkpoint, size: _build(still, subject, checkpoint, size))


def _build(store: Store, subject: Subject, checkpoint: str, size: int) -> bytes:
    pieces = entries_of(store, subject, size - 1)
    data = store.entries_at({size - 1, *(piece.index for piece in pieces)})
    keys = {subject.key, *(Key("key", piece.statement.kid) for piece in pieces if piece.statement)}
    if subject.lot:
        keys.add(Key("lot", subject.lot))
    records = store.as_of(keys, size - 1)
    part = opened(store, keys, records)
    hashes = multiproof(sorted(data), size, hash_reader(store.tile, size))
    texts = tuple(data[index].decode() for index in sorted(data))
    return encode(ProofFile(subject.text, checkpoint, texts, tuple(hashes), part, HISTORY))


def _of_month(store: Store, subject: Subject, size: int) -> list[Piece]:
    found = [
        record.at
        for _, record in scan_all(store, "event", f"{subject.party} ")
        if record.at < size and format_time(record.value.time)[:7] == subject.month
    ]
    pieces = pieces_at(store, found).values()
    return [piece for piece in pieces if not isinstance(piece.event, events.Register)]


def _of_lot(store: Store, lot: str, size: int) -> list[Piece]:
    """The birth, what its record says moved it (each names the one before among its needs), what drew on
    it, what attests it, and what withdrew any of these."""
    records = store.read(Key(kind, lot) for kind in CUSTODY)
    todo = {record.at for record in records.values()}
    todo |= {index for index, _ in store.flows_out_of([lot])}
    todo |= {index for several in store.touches([Key("lot", lot)]).values() for index in several}
    found: dict[int, Piece] = {}
    while todo:
        fresh = pieces_at(store, todo - found.keys())
        about = {index: piece for index, piece in fresh.items() if _is_about(piece, lot, found)}
        found |= about
        needs = {need for several in store.needs(about).values() for need in several}
        said = store.touches(Key("event", name) for name in _names(about))
        withdrawals = {index for several in said.values() for index in several}
        todo = (needs | withdrawals) - found.keys()
        todo = {index for index, piece in pieces_at(store, todo).items() if _is_about(piece, lot, found)}
    return [found[index] for index in sorted(found) if index < size]


def _is_about(piece: Piece, lot: str, found: dict[int, Piece]) -> bool:
    """Whether the entry bore, moved, used or attested the lot, or withdrew one that did."""
    event = piece.event
    if isinstance(event, events.Correct):
        return event.action == "withdraw" and event.of.name in _names(found)
    if isinstance(event, events.Attest):
        return event.subject == lot
    lines: Iterable[object] = (
        *getattr(event, "inputs", ()),
        *getattr(event, "lines", ()),
        *getattr(event, "outputs", ()),
    )
    return any(lot in (getattr(line, "lot", None), getattr(line, "as_", None)) for line in lines)


def _names(found: dict[int, Piece]) -> set[str]:
    return {event_name(piece.event.party, piece.event.id) for piece in found.values() if piece.event}
