"""Check 8: how what the subject rests on stood, as far as the proof's own entries tell.

The entries of a proof can show that something does *not* stand. That all of it stands they cannot
show: whoever holds a proof could take a correction out of it, and without the register's root nobody
would see. So this check never passes offline.
"""

from collections.abc import Iterable, Iterator

from ledger.check.lineage import walk
from ledger.check.replay import Fault, Replay
from ledger.check.report import FAIL, NOT_PROVABLE, Finding
from ledger.quantity import format_instant
from ledger.register import Hold, Key, Status

UNSEEN = (
    "That nothing was withdrawn, disputed, revoked, used twice or handed on is not provable from one file: "
    "without the register's root, anyone holding a proof could strip a correction or a sale out of it. Ask "
    "the ledger, or for a proof from someone with other interests."
)
_OPEN = {"disputed": "standing.disputed", "difference": "standing.difference"}


def standing(subject: str, replay: Replay) -> list[Finding]:
    """Check 8."""
    found = [
        *_withdrawn(subject, replay),
        *_open(replay),
        *_suspect(replay),
        *_attestations(replay),
        *overdrawn(replay.faults),
    ]
    return found or [Finding(8, NOT_PROVABLE, "standing.unseen", UNSEEN)]


def _marks(replay: Replay, subject: str) -> tuple[tuple[str, str, str, int], ...]:
    record = replay.register.read(Key("status", subject))
    if record is None:
        return ()
    status: Status = record.value
    return status.marks


def _withdrawn(subject: str, replay: Replay) -> Iterator[Finding]:
    """The birth of the subject, or of what it is made of, was withdrawn. A hand-over that was withdrawn
    is undone, and says nothing against the subject."""
    if replay.register.read(Key("lot", subject)) is None:
        return
    for lot, index in sorted(walk(subject, replay).births.items()):
        record = replay.register.read(Key("hold", lot))
        assert record is not None
        hold: Hold = record.value
        if hold.withdrawn:
            sentence = f"The birth of {lot} was withdrawn: it never was."
            yield Finding(8, FAIL, "standing.withdrawn", sentence, (index, record.at), (lot,))


def _open(replay: Replay) -> Iterator[Finding]:
    """Disputes, and differences in weight, that nobody has resolved."""
    for index in sorted(replay.applied | replay.asserted):
        event = replay.pieces[index].event
        assert event is not None
        name = f"{event.party} {event.id}"
        for mark, party, by, _ in _marks(replay, f"event {name}"):
            code = _OPEN.get(mark)
            if code is not None:
                what = "is disputed" if mark == "disputed" else "has an open difference in weight"
                sentence = f"The event {name} {what}; {party} says so, and it is not resolved."
                entries = tuple(sorted({index, replay.piece(by).index}))
                yield Finding(8, FAIL, code, sentence, entries, (name,))


def _suspect(replay: Replay) -> Iterator[Finding]:
    """Entries that were signed with a key which, it was said later, was no longer its party's alone."""
    for index in sorted(replay.applied | replay.asserted):
        piece = replay.pieces[index]
        assert piece.statement is not None
        kid = piece.statement.kid
        for _, _, by, since in _marks(replay, f"key {kid}"):
            revoked = replay.piece(by)
            if index != revoked.index and since <= piece.entry.received and since < revoked.entry.received:
                sentence = (
                    f"Entry {index} is suspect: its key {kid} was revoked since {format_instant(since)}."
                )
                yield Finding(8, FAIL, "standing.suspect", sentence, (index, revoked.index), (kid,))


def _attestations(replay: Replay) -> Iterator[Finding]:
    """Attestations that their certifier has suspended or withdrawn."""
    for index in sorted(replay.applied):
        event = replay.pieces[index].event
        assert event is not None
        name = f"{event.party} {event.id}"
        for mark, _, by, _ in _marks(replay, f"attestation {name}"):
            sentence = f"The attestation {name} is {mark}."
            entries = tuple(sorted({index, replay.piece(by).index}))
            yield Finding(8, FAIL, "standing.attestation", sentence, entries, (name,))


def overdrawn(faults: Iterable[Fault]) -> Iterator[Finding]:
    """Entries that take more of a lot than there is."""
    for fault in faults:
        if fault.code == "lot.overdrawn":
            lots = tuple(sorted({key.id for key in fault.keys}))
            sentence = f"Entry {fault.index} takes more than was left. {fault.detail}"
            yield Finding(8, FAIL, "standing.overdrawn", sentence, (fault.index,), lots)
