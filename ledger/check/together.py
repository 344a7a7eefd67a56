"""Several files side by side: what each hides from the other.

Two proofs may each hold and yet draw on the same metal, or come from two histories of one log. So
their entries are put together and replayed once more; what this finds is *fail* for all of them. And two
registers of one log, signed at different times, may contradict each other, whatever the entries say.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.check import evidence
from ledger.check.anchor import Read
from ledger.check.evidence import Piece
from ledger.check.proven import Proven
from ledger.check.replay import Fault, Replay, replay
from ledger.check.report import FAIL, Finding
from ledger.check.standing import overdrawn
from ledger.register import WRITE_ONCE, Key, Record


class Beside(NamedTuple):
    """A file that parses, with its number among all. ``replayed``: alone; None of a history."""

    number: int
    read: Read
    proven: Proven | None
    replayed: Replay | None


def together(files: Sequence[Beside]) -> list[Finding]:
    """What only shows when the files are put together."""
    found = _forks(files)
    if len(files) < 2 or found:
        return found
    proofs = [(file, file.replayed) for file in files if file.replayed is not None]
    return [*_registers(files), *(_replayed(proofs) if len(proofs) > 1 else ())]


def _replayed(proofs: Sequence[tuple[Beside, Replay]]) -> list[Finding]:
    """What the proofs' entries come to, all replayed as one."""
    found = []
    reads, alone = [file.read for file, _ in proofs], [one for _, one in proofs]
    pieces = {entry.index: entry for read in reads for entry in read.entries}
    union = [evidence.read(pieces[index]) for index in sorted(pieces)]
    subjects = [read.proof.subject for read in reads]
    own: dict[int, set[str]] = defaultdict(set)  # what rode along in one proof is the other's to show
    for read, one in zip(reads, alone, strict=True):
        for entry in read.entries:
            own[entry.index] |= one.own
    replayed = replay(union, subjects, own=own)
    known = {(fault.index, fault.code) for one in alone for fault in one.faults}
    rested = {lot for one in alone for lot in _rested(one)}
    new = [
        fault
        for fault in replayed.faults
        if not fault.missing
        and (fault.index, fault.code) not in known
        and (fault.code == "lot.overdrawn" or rested.isdisjoint(key.id for key in fault.keys))
    ]
    named = _named(replayed) if new else {}
    holding = {file.number: {entry.index for entry in file.read.entries} for file, _ in proofs}
    for fault in new:
        numbers = _concerned(fault, holding, named)
        sentence = f"Files {numbers} do not hold together. Entry {fault.index}: {fault.detail}"
        ids = tuple(sorted({key.id for key in fault.keys}))
        found.append(Finding(fault.check, FAIL, fault.code, sentence, (fault.index,), ids))
    return found + list(overdrawn(new))


def _rested(replayed: Replay) -> Iterator[str]:
    """Lots whose record serves a proof in place of their birth. What moved them is left out there, so beside
    another proof's part of their story it would look like a contradiction; what is gone of them, and is
    more than there was, each proof shows by the register."""
    for key, record in replayed.proven.records() if replayed.proven else ():
        if key.kind == "lot" and replayed.piece(record.value.event) is None:
            yield key.id


def _forks(files: Sequence[Beside]) -> list[Finding]:
    """Files that show different histories of one log."""
    roots: dict[tuple[str, int], bytes] = {}
    leaves: dict[tuple[str, int], bytes] = {}
    found = []
    for number, read, *_ in files:
        origin, size, root, _ = read.checkpoint
        if roots.setdefault((origin, size), root) != root:
            sentence = f"File {number} has another root for {size} entries: the log has told two histories."
            found.append(Finding(2, FAIL, "chain.fork", sentence))
        for index, leaf in read.leaves:
            if leaves.setdefault((origin, index), leaf) != leaf:
                sentence = f"File {number} has another entry {index}: the log has told two histories."
                found.append(Finding(2, FAIL, "chain.fork", sentence, (index,)))
    return found


def _registers(files: Sequence[Beside]) -> Iterator[Finding]:
    """Records of one log's register that cannot both have been, each as of its file's last entry."""
    rooted: dict[str, list[tuple[int, int, Proven]]] = defaultdict(list)
    for number, read, proven, _ in files:
        if proven is not None:
            rooted[read.checkpoint.origin].append((proven.size, number, proven))
    for several in rooted.values():
        several.sort(key=lambda one: one[:2])
        for key in sorted({key for _, _, proven in several for key, _ in proven.records()}):
            yield from _one_record(key, several)


def _one_record(key: Key, several: Sequence[tuple[int, int, Proven]]) -> Iterator[Finding]:
    """``several``: registers of one log, the earlier first. Who does not show it is passed over."""
    before: tuple[int, int, Record | None] | None = None
    for size, number, proven in several:
        record = proven.record(key)
        if record is None and not proven.says(key, None):
            continue
        if before is not None and not _follows(key, before[2], before[0], record):
            sentence = (
                f"Files {before[1]} and {number} do not hold together. What the register said of the "
                f"{key.kind} of {key.id} as of entry {before[0]} cannot have become what it says as of "
                f"entry {size}."
            )
            yield Finding(8, FAIL, "register.contradicted", sentence, (before[0], size), (key.id,))
        before = size, number, record


def _follows(key: Key, earlier: Record | None, size: int, later: Record | None) -> bool:
    """Whether a record, or that there is none, can have become the other. ``size``: how many entries the
    earlier register is of. No record is deleted; one that was last written before that is still the same."""
    if later is None or later.at < size:
        return later == earlier
    if earlier is None:
        return True
    told = getattr(earlier.value, "events", 0), getattr(later.value, "events", 1)
    return key.kind not in WRITE_ONCE and told[0] < told[1]


def _named(replayed: Replay) -> dict[str, set[int]]:
    """The indices of the entries that name each id."""
    found: dict[str, set[int]] = defaultdict(set)
    for index, piece in replayed.pieces.items():
        for id in _ids(piece):
            found[id].add(index)
    return found


def _concerned(fault: Fault, holding: Mapping[int, set[int]], named: Mapping[str, set[int]]) -> str:
    """The numbers of the files that hold the entry, or another one about the same thing."""
    about = {key.id for key in fault.keys} & named.keys()
    numbers = [
        n
        for n, held in holding.items()
        if fault.index in held or any(not held.isdisjoint(named[id]) for id in about)
    ]
    return " and ".join(map(str, numbers))


def _ids(piece: Piece) -> set[str]:
    """The ids that an event names."""
    if piece.event is None or piece.statement is None:
        return set()
    return {key.id for key in evidence.rests_on(piece.event, piece.statement.kid)}
