"""The audit: everything that a store holds, compared with what its entries say.

The entries are replayed by the writer's own rules. Compared, in this order: each entry's place in the
chain, its statement and signature, the rules' verdict; each chunk's needs, flows, touches and tiles;
then the register record by record, the head, the kept accounts of lots, and the checkpoints: the
published one and one that the auditor brings, the only evidence that the store's keeper could not have
made anew.

The replay ends at the first entry that could not have been admitted, since nothing after it can be
judged. Of tables that are merely derived the first difference of each is named, and the audit goes on.

Some bookkeeping does not follow from the entries, but from when they were committed, and must only fit: which
register event was the last to end a commit, how many areas the map has had, which of them wait to be deleted.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice, zip_longest
from typing import Any, NamedTuple, TypeVar

from ledger import note
from ledger.audit import accounts
from ledger.audit.derivation import Derivation, uncollected
from ledger.audit.difference import Difference, difference
from ledger.errors import Malformed, StorageError
from ledger.keys import PublicKey
from ledger.merkle import EMPTY_ROOT, HASH_BYTES, Frontier
from ledger.note import Checkpoint, Verifier
from ledger.register import KINDS, Charter, Charters, Key, KeyRecord
from ledger.rules.admission import in_force
from ledger.store import Group, Head, Store
from ledger.tiles import FULL_TILE, tile_path

PUBLISHED = "$.checkpoint"
TRUSTED = "$.trusted"
PAGE = 1_000  # records read at once
Progress = Callable[[int, int], None]  # entries replayed, entries in all
Points = dict[int, tuple[bytes, int]]  # size → the tree's root, the last entry's receipt (ms)
T = TypeVar("T")


class AuditReport(NamedTuple):
    """``entries``: how many were replayed and found right; ``size``: how many the store says it has;
    ``records``: how many records of the register were compared. No difference: the audit is passed."""

    entries: int
    size: int
    records: int
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether the store holds exactly what its entries say."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        found = [found.as_json() for found in self.differences]
        return {**self._asdict(), "ok": self.ok, "differences": found}


def audit(
    store: Store, *, trusted_checkpoint: str | None = None, progress: Progress = lambda done, size: None
) -> AuditReport:
    """Replay the ledger and compare everything. Reads only; nobody may write meanwhile.

    ``trusted_checkpoint``: a checkpoint (a signed note) kept outside the store, such as the guard's.
    Raises ``EnvironmentFault`` where the store cannot be read; what is wrong in it is in the report.
    """
    found = _Findings()
    published = found.of_table("audit.checkpoint", PUBLISHED, store.checkpoint)
    checkpoints = [
        (path, text, checkpoint)
        for path, text in ((PUBLISHED, published), (TRUSTED, trusted_checkpoint))
        if text is not None and (checkpoint := _parse(text, path, found))
    ]
    derivation = Derivation(store, (checkpoint.size for _, _, checkpoint in checkpoints))
    points: Points = {0: (EMPTY_ROOT, 0)}
    records = 0
    with uncollected(), closing(derivation):
        for group in derivation.groups():
            _compare_group(store, group, found)
            head = group.head
            points[head.size] = Frontier.from_hashes(head.size, head.frontier).root(), head.received
            progress(head.size, derivation.size)
        for one in derivation.roots.differences:
            found.add(one)
        if derivation.stopped is None:
            for at, tile in sorted(derivation.tails.items()):
                _compare_tile(store, at, tile, found)
            _compare_head(store.head(), derivation.head, found)
            _compare_map(store, checkpoints, derivation, found)
            strays = found.of_table("audit.stray", "$", store.strays)
            for name in strays or ():
                found.add(difference("audit.stray", f"$.{name}", name, ""))
            records = _compare_register(store, derivation, found)
            # Each is the fold of others, by records and entries that are sound.
            account = None if found.all(derivation) else accounts.compare(store)
            if account is not None:
                found.add(account)
        for path, text, checkpoint in checkpoints:
            _compare_checkpoint(path, text, checkpoint, derivation, points, found)
        return AuditReport(derivation.good, derivation.size, records, found.all(derivation))


class _Findings:
    """The first difference of each code; for checkpoints, of each code and path."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Difference] = {}

    def add(self, found: Difference) -> None:
        place = found.path if found.path in (PUBLISHED, TRUSTED) else ""
        self._found.setdefault((found.code, place), found)

    def all(self, derivation: Derivation) -> tuple[Difference, ...]:
        """What ended the replay comes first; what lies behind it is left out, since nothing there is sure."""
        stop = derivation.stopped
        if stop is None:
            return tuple(self._found.values())
        return (stop, *(d for d in self._found.values() if d.index is None or d.index < derivation.good))

    def of_table(self, code: str, path: str, read: Callable[[], T], index: int | None = None) -> T | None:
        """What is read; None, and a difference, if the table cannot be read as what it should be."""
        try:
            return read()
        except StorageError as fault:
            if fault.code != "store.corrupt":
                raise
            self.add(difference(code, path, "", "", index, fault.detail))
            return None


# --- What a chunk of entries derives


def _compare_group(store: Store, group: Group, found: _Findings) -> None:
    start, stop = group.start, group.head.size
    span = range(start, stop)
    needs = found.of_table("audit.needs", f"$.needs[{start}]", lambda: store.needs(span), start)
    if needs is not None:
        _compare_rows(
            "audit.needs", "$.needs", sorted(needs.items()), [*zip(span, group.needs, strict=True)], found
        )
    flows = found.of_table(
        "audit.flow", f"$.flows[{start}]", lambda: [*store.flows_between(start, stop)], start
    )
    if flows is not None:
        _compare_rows("audit.flow", "$.flows", flows, group.flows, found)
    touches = found.of_table(
        "audit.touch", f"$.touches[{start}]", lambda: [*store.touches_between(start, stop)], start
    )
    if touches is not None:
        derived = sorted({(index, key) for key, index in group.touches})
        _compare_rows("audit.touch", "$.touches", [(index, key) for key, index in touches], derived, found)
    for at, tile in group.tiles.items():
        if len(tile) == FULL_TILE:
            _compare_tile(store, at, tile, found)


def _compare_rows(
    code: str,
    table: str,
    stored: Sequence[tuple[int, Any]],
    derived: Sequence[tuple[int, Any]],
    found: _Findings,
) -> None:
    """Name the first place at which two lists of (index, row) part."""
    if stored == derived:
        return
    pair = next(pair for pair in zip_longest(stored, derived) if pair[0] != pair[1])
    index = min(row[0] for row in pair if row is not None)
    one, other = (row[1] if row is not None and row[0] == index else "" for row in pair)
    found.add(difference(code, f"{table}[{index}]", one, other, index))


def _compare_tile(store: Store, at: tuple[int, int], tile: bytes, found: _Findings) -> None:
    level, number = at
    path = f"$.tiles[{tile_path(level, number, len(tile) // HASH_BYTES)}]"
    stored = found.of_table("audit.tile", path, lambda: store.tile(level, number) or b"")
    if stored is not None and stored != tile:
        places = range(0, max(len(stored), len(tile)), HASH_BYTES)
        place = next(at for at in places if stored[at : at + HASH_BYTES] != tile[at : at + HASH_BYTES])
        one, other = (side[place : place + HASH_BYTES] for side in (stored, tile))
        found.add(difference("audit.tile", f"{path}[{place // HASH_BYTES}]", one, other))


# --- What the whole ledger derives


def _compare_map(
    store: Store, checkpoints: Sequence[tuple[str, str, Checkpoint]], derivation: Derivation, found: _Findings
) -> None:
    """The kept map is the one that the published checkpoint ends with, if it ends with one. What is in it has
    been compared when its register event was replayed."""
    published = next((checkpoint.size for path, _, checkpoint in checkpoints if path == PUBLISHED), 0)
    kept = found.of_table("audit.map", "$.map", lambda: store.map().size)
    stated = derivation.roots.stated
    ends = published - 1
    if kept is not None and (kept != ends if ends in stated else kept and kept not in stated):
        found.add(difference("audit.map", "$.map.size", kept, ends if ends in stated else ""))
    # Which of them ended groups no replay knows; but that of the kept map did.
    rooted = found.of_table("audit.head", "$.head.rooted", store.rooted)
    if rooted is not None and (rooted not in stated | {-1} or (kept in stated and rooted < kept)):
        found.add(difference("audit.head", "$.head.rooted", rooted, max(stated, default=-1)))
    for one in found.of_table("audit.map", "$.changed", lambda: [*derivation.roots.finish()]) or ():
        found.add(one)


def _compare_head(stored: Head, derived: Head, found: _Findings) -> None:
    for name, one, other in zip(Head._fields, stored, derived, strict=True):
        if one != other:
            found.add(difference("audit.head", f"$.head.{name}", _shown(one), _shown(other)))


def _shown(value: Any) -> Any:
    return [node.hex() for node in value] if isinstance(value, tuple) else value


def _compare_register(store: Store, derivation: Derivation, found: _Findings) -> int:
    """All records of each kind, as two ordered streams side by side; how many there are."""
    count = 0
    for kind in KINDS:
        ours = derivation.register.scan(kind)
        for stored in _pages(store, kind):
            derived = list(islice(ours, len(stored) or 1))
            if stored != derived:
                found.add(_of_records(kind, stored, derived))
                return count
            count += len(stored)
    return count


def _pages(store: Store, kind: str) -> Iterator[list[tuple[str, bytes]]]:
    """The records of a kind, page by page, up to an empty page."""
    page = store.scan_bytes(kind, limit=PAGE)
    while page:
        yield page
        page = store.scan_bytes(kind, page[-1][0], PAGE) if len(page) == PAGE else []
    yield page


def _of_records(
    kind: str, stored: Sequence[tuple[str, bytes]], derived: Sequence[tuple[str, bytes]]
) -> Difference:
    """The first place at which two pages of records part."""
    pair = next(pair for pair in zip_longest(stored, derived) if pair[0] != pair[1])
    id = min(row[0] for row in pair if row is not None)
    one, other = (row[1].decode(errors="replace") if row is not None and row[0] == id else "" for row in pair)
    return difference("audit.record", f"$.records[{kind} {id}]", one, other)


# --- Checkpoints


def _parse(text: str, path: str, found: _Findings) -> Checkpoint | None:
    try:
        return note.checkpoint_of(text)
    except Malformed as wrong:
        found.add(difference("audit.checkpoint", path, text, "", None, str(wrong)))
        return None


def _compare_checkpoint(
    path: str, text: str, checkpoint: Checkpoint, derivation: Derivation, points: Points, found: _Findings
) -> None:
    """The ledger has all the entries that the checkpoint covers, with its root; the operator signed it."""
    size = checkpoint.size
    if size > derivation.size:
        found.add(difference("audit.rolled_back", path, derivation.size, size))
        return
    if size not in points or size > derivation.good:
        return  # the replay ended before it
    root, received = points[size]
    if root != checkpoint.root:
        found.add(difference("audit.root", path, checkpoint.root, root))
    verifiers = _operators(derivation, size, received)
    try:
        note.open_note(text, verifiers)
        wrong = "" if checkpoint.origin == verifiers[0].name else f"Its origin is {checkpoint.origin}."
    except Malformed as fault:
        wrong = str(fault)
    if wrong:
        found.add(difference("audit.checkpoint", path, text, "", None, wrong))


def _operators(derivation: Derivation, size: int, received: int) -> list[Verifier]:
    """Whose signature is good under a checkpoint of ``size`` entries, the last received then: the
    operator of the charter then in force, or, since it may have been signed any time later, of an
    amendment among those entries that was yet to come into force."""
    known = _value(derivation, "charters", "", Charters).known
    first = in_force(Charters(tuple(row for row in known if row[0] < max(size, 1))), received) if size else 0
    later = [index for index, effective in known if index < size and effective > received]
    found = []
    for index in (first, *later):
        charter = _value(derivation, "charter", str(index), Charter)
        key = PublicKey.from_text(_value(derivation, "key", charter.operator, KeyRecord).jwk)
        found.append(note.verifier(charter.name, note.ED25519, key.raw))
    return found


def _value(derivation: Derivation, kind: str, id: str, expected: type[T]) -> T:
    record = derivation.read(Key(kind, id))
    assert record is not None
    assert isinstance(record.value, expected)
    return record.value
