"""Several proofs side by side: what each hides from the other.

Two proofs may each hold and yet draw on the same metal, or come from two histories of one log. So
their entries are put together and replayed once more; what this finds is *fail* for all of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ledger.check import evidence
from ledger.check.anchor import Read
from ledger.check.evidence import Piece
from ledger.check.replay import Fault, Replay, replay
from ledger.check.report import FAIL, Finding
from ledger.check.standing import overdrawn


def together(reads: Sequence[Read], alone: Sequence[Replay]) -> list[Finding]:
    """What only shows when the proofs (read, and replayed alone) are put together."""
    found = _forks(reads)
    if len(reads) < 2 or found:
        return found
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
    holding = [{entry.index for entry in read.entries} for read in reads]
    for fault in new:
        numbers = _concerned(fault, holding, named)
        sentence = f"Proofs {numbers} do not hold together. Entry {fault.index}: {fault.detail}"
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


def _forks(reads: Sequence[Read]) -> list[Finding]:
    """Proofs that show different histories of one log."""
    roots: dict[tuple[str, int], bytes] = {}
    leaves: dict[tuple[str, int], bytes] = {}
    found = []
    for number, read in enumerate(reads, 1):
        origin, size, root, _ = read.checkpoint
        if roots.setdefault((origin, size), root) != root:
            sentence = f"Proof {number} has another root for {size} entries: the log has told two histories."
            found.append(Finding(2, FAIL, "chain.fork", sentence))
        for index, leaf in read.leaves:
            if leaves.setdefault((origin, index), leaf) != leaf:
                sentence = f"Proof {number} has another entry {index}: the log has told two histories."
                found.append(Finding(2, FAIL, "chain.fork", sentence, (index,)))
    return found


def _named(replayed: Replay) -> dict[str, set[int]]:
    """The indices of the entries that name each id."""
    found: dict[str, set[int]] = defaultdict(set)
    for index, piece in replayed.pieces.items():
        for id in _ids(piece):
            found[id].add(index)
    return found


def _concerned(fault: Fault, holding: Sequence[set[int]], named: Mapping[str, set[int]]) -> str:
    """The numbers of the proofs that hold the entry, or another one about the same thing."""
    about = {key.id for key in fault.keys} & named.keys()
    numbers = [
        n
        for n, held in enumerate(holding, 1)
        if fault.index in held or any(not held.isdisjoint(named[id]) for id in about)
    ]
    return " and ".join(map(str, numbers))


def _ids(piece: Piece) -> set[str]:
    """The ids that an event names."""
    if piece.event is None or piece.statement is None:
        return set()
    return {key.id for key in evidence.rests_on(piece.event, piece.statement.kid)}
