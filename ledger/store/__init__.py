"""The store: where a ledger is kept. One contract, several backends, one test suite for all.

The contract, in words. Every backend promises:

1. **Serialisable.** From the start of a ``writing()`` block to its commit, or its end, nobody else
   commits, in this process or another; what ``Writing`` reads is the latest committed state.
2. **Read after write.** Once ``commit`` has returned, every read of every process sees it.
3. **Durable on return.** When ``commit`` or ``publish`` returns, the data survives loss of power.
4. **All or nothing.** A group is wholly there or wholly not, whatever fails or is killed between.
   When ``commit`` raises, nothing of the group is there, or (where the outcome could not be
   learned) ``StorageError("store.unknown_outcome")`` says so and a fresh ``head()`` tells.

Everything but the entries can be derived from them (``ledger.audit`` does).

The map of the register (``ledger.registermap``) is kept together with the checkpoint that states its
root, and is therefore older than the register. So the store also keeps which records each group wrote,
and what records were when the last register event was admitted, until a newer map is kept.

Accounts of lots (``ledger.claims``) are kept as whoever folded them gives them: any of them may be missing.
Backends raise ``StorageError`` and nothing else; an index outside the ledger is our bug, or was read in a row
that someone altered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol, TypeVar

from ledger.errors import Malformed, StorageError
from ledger.note import Checkpoint, checkpoint_of
from ledger.recordform import decode
from ledger.register import Flow, Key, Record

T = TypeVar("T")


class Found(dict[Key, T]):
    """The records that were found. To index one that was not is ``StorageError("store.corrupt")``: whoever
    does not ask by ``get`` or ``in`` knows from another row that it must be there."""

    def __missing__(self, key: Key) -> T:
        raise StorageError("store.corrupt", detail=f"The record of {key.kind} {key.id} is missing.")


def record_of(kind: str, data: bytes) -> Record:
    """A record as ``as_of`` gives it; ``StorageError("store.corrupt")``."""
    try:
        return decode(kind, data)
    except ValueError as error:
        raise StorageError("store.corrupt", detail=f"A record of kind {kind} cannot be read.") from error


class Head(NamedTuple):
    """The end of the ledger. ``last``: leaf hash of the last entry (32 zero bytes if none);
    ``received``: its ms; ``frontier``: roots of the perfect subtrees, left to right (RFC 9162)."""

    size: int
    last: bytes
    received: int
    frontier: tuple[bytes, ...]


EMPTY = Head(0, bytes(32), 0, ())


class MapHead(NamedTuple):
    """Which map is kept. ``size``: of the entries before it, so also the index of the register event that
    states its root; ``depth`` and ``count`` as of ``ledger.registermap``. ``area``: under which number its
    rows are kept; a deeper map has other rows, made ready in an area of their own."""

    size: int
    depth: int
    count: int  # type: ignore[assignment]  # tuple.count is not missed
    area: int


NO_MAP = MapHead(0, 0, 0, 0)  # of a store that keeps none yet; there is no such area


class MapChange(NamedTuple):
    """What leads from one kept map to the next. ``buckets``: joined pairs, by number; ``tiles``: of the tree
    of bucket hashes, by (level, number): whole new values of all that differ. ``head.area`` is that of
    ``base``, one made ready with ``prepare``, or 0: a new one, of which these are all the rows."""

    base: MapHead
    head: MapHead
    buckets: Mapping[int, bytes]
    tiles: Mapping[tuple[int, int], bytes]


class Group(NamedTuple):
    """All that one commit adds. ``entries[i]`` has index ``start + i`` and needs ``needs[i]``
    (ascending indices). ``tiles`` are whole new values of hash tiles, partial ones included,
    keyed (level, number): 1–256 hashes of 32 bytes. ``touches``: (key, index of the entry that
    corrects, revokes or attests what the key names); the same one twice counts once. Strings hold
    neither NUL nor lone surrogates; a kind is one of ``ledger.register.KINDS``. Write-once records are
    written once. ``rooted``: the last entry is a register event."""

    start: int
    entries: Sequence[bytes]
    needs: Sequence[tuple[int, ...]]
    records: Mapping[Key, Record]
    flows: Sequence[tuple[int, Flow]]
    touches: Sequence[tuple[Key, int]]
    tiles: Mapping[tuple[int, int], bytes]
    head: Head
    rooted: bool = False


class Reads(Protocol):
    """What can be asked of a store, inside ``writing()`` or outside."""

    def head(self) -> Head:
        """The end of the ledger; ``EMPTY`` for a new store."""
        ...

    def read(self, keys: Iterable[Key]) -> dict[Key, Record]:
        """The records that exist among ``keys``; one bulk query."""
        ...


class Writing(Reads, Protocol):
    """The writer's exclusive hold on the store."""

    def commit(self, group: Group) -> None:
        """Add the group, durably, all or nothing. ``group.start`` must be the head's size. At most
        one commit in a ``writing()`` block; leaving the block without one changes nothing."""
        ...


class Store(Reads, Protocol):
    """A ledger's storage. Safe for use by several threads."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Wait for, and hold, the one writer's lock. ``StorageError("store.busy")`` after a limit."""
        ...

    def snapshot(self) -> AbstractContextManager["Store"]:
        """The ledger as it is now, whoever writes while the block lasts: all answers are of one state, its
        checkpoint and its map among them. Only accounts of lots are the latest. For one thread at a time; to
        be asked, and to keep accounts in, not to write to."""
        ...

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes of entries start … stop-1, streamed."""
        ...

    def entries_at(self, indices: Iterable[int]) -> dict[int, bytes]:
        """The bytes of these entries; bulk."""
        ...

    def needs(self, indices: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """The needs of these entries; bulk."""
        ...

    def touches(self, keys: Iterable[Key]) -> dict[Key, tuple[int, ...]]:
        """For each key that has any, the indices of entries that touch it, ascending."""
        ...

    def flows_into(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        """All flows whose ``dst`` is one of the nodes, ordered by (index, src, dst)."""
        ...

    def flows_out_of(self, nodes: Iterable[str]) -> list[tuple[int, Flow]]:
        """All flows whose ``src`` is one of the nodes, ordered by (index, src, dst)."""
        ...

    def flows_between(self, start: int, stop: int) -> Iterator[tuple[int, Flow]]:
        """All flows of entries start … stop-1, ordered by (index, src, dst)."""
        ...

    def touches_between(self, start: int, stop: int) -> Iterator[tuple[Key, int]]:
        """All touches by entries start … stop-1, ordered by (index, kind, id)."""
        ...

    def tile(self, level: int, number: int) -> bytes | None:
        """The hash tile as last written: up to 256 hashes. Level 0 holds leaf hashes, level l the
        roots of full tiles of level l-1 (C2SP tlog-tiles)."""
        ...

    def scan(
        self, kind: str, prefix: str = "", after: str = "", limit: int = 1000
    ) -> list[tuple[Key, Record]]:
        """Records of a kind whose id starts with ``prefix`` and is greater than ``after``, in id
        (code point) order, at most ``limit``. Paging: pass the last id as ``after`` ("": from the
        first, the id "" included)."""
        ...

    def scan_bytes(self, kind: str, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        """As ``scan``, but ids with records in their byte form (``register.encode``), not looked into."""
        ...

    def strays(self) -> list[str]:
        """The names of what is kept beside the ledger: rows of entries that it does not have, counts that do
        not fit their rows, or what acts by itself. For an audit; empty unless someone else wrote."""
        ...

    def rooted(self) -> int:
        """Index of the last register event that ended a group; -1 before the first. Of what was written by
        then and is written again, ``as_of`` remembers what it was."""
        ...

    def checkpoint(self) -> str | None:
        """The last published checkpoint (a signed note), or None."""
        ...

    def changes(self, start: int) -> tuple[int, Iterator[tuple[Key, bytes]]]:
        """The ledger's size, and the records, in their byte form, that entries from ``start`` on have
        written, streamed. Each is as some time from now on leaves it; of entries before ``start`` some may
        be among them. ``start``: not before the kept map's size."""
        ...

    def as_of(self, keys: Iterable[Key], size: int) -> dict[Key, bytes]:
        """The records that existed among ``keys`` when the ledger had ``size`` entries, in their byte form.
        ``size``: the kept map's, or the index of a later register event that ended a group."""
        ...

    def map(self) -> MapHead:
        """Which map is kept; ``NO_MAP`` before the first."""
        ...

    def buckets(self, numbers: Iterable[int], area: int | None = None) -> dict[int, bytes]:
        """The joined pairs of these buckets of the kept map, or of another area; none of an empty one."""
        ...

    def map_tile(self, level: int, number: int, area: int | None = None) -> bytes | None:
        """A tile of the tree of bucket hashes, as ``tile``."""
        ...

    def new_area(self) -> int:
        """The number of a new area, never given out before."""
        ...

    def prepare(
        self, area: int, buckets: Mapping[int, bytes], tiles: Mapping[tuple[int, int], bytes]
    ) -> bool:
        """Write rows of a map that is not kept yet. False: another map has been kept meanwhile, the area is
        no more."""
        ...

    def tidy(self) -> bool:
        """Delete some rows of areas that are no more; whether there may be others."""
        ...

    def publish(self, checkpoint: str, size: int, change: MapChange | None = None) -> bool:
        """Keep a signed checkpoint as the latest, and the map that its last entry states, in one
        transaction. Older or equal sizes than the kept ones are ignored, each for itself. False, and
        nothing is kept: the kept map is not ``change.base`` (nor newer than the change)."""
        ...

    def accounts(self, lots: Iterable[str]) -> dict[str, bytes]:
        """The kept accounts among those of these lots, in their byte form; bulk."""
        ...

    def keep_accounts(self, kept: Mapping[str, bytes]) -> None:
        """Keep accounts of lots that the ledger has, all or none; of a lot that has one, this one from now
        on."""
        ...

    def scan_accounts(self, after: str = "", limit: int = 1000) -> list[tuple[str, bytes]]:
        """Kept accounts, at most ``limit``, in an order of the backend's own. Paging: pass the last lot as
        ``after``."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


class Guard(Protocol):
    """Where the last signed checkpoint of one ledger or witness is kept, outside the store: see
    ``ledger.store.guard``."""

    def read(self) -> str | None:
        """The checkpoint (a signed note), or None if none was ever kept."""
        ...

    def compare_and_swap(self, old: str | None, new: str) -> None:
        """Replace ``old`` by ``new``, durably; ``guard.moved`` if it holds neither of the two."""
        ...


PAGE = 1_000  # records read at once


def published(store: Store) -> tuple[str, Checkpoint] | None:
    """The last published checkpoint, as it was signed and as it reads. ``StorageError("store.corrupt")`` if
    what is kept is none, which is no mistake of whoever asks."""
    note = store.checkpoint()
    try:
        return None if note is None else (note, checkpoint_of(note))
    except Malformed as wrong:
        raise StorageError("store.corrupt", detail=f"The published checkpoint: {wrong.detail}") from wrong


def scan_all(store: Store, kind: str, prefix: str = "", after: str = "") -> Iterator[tuple[Key, Record]]:
    """All the records that ``scan`` has, page by page."""
    while page := store.scan(kind, prefix, after, PAGE):
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1][0].id
