"""Check 8: how what the subject rests on stands as of the checkpoint.

The entries of a proof can show that something does *not* stand. That all of it stands the register's root
shows (``ledger.check.proven``): for each thing that the entries wrote, a record chains all that was ever
said about it, so that nobody can take a correction, a revocation or a suspension out; each lot has the
birth that was replayed here, and no more of it is gone than there was. Without the root anyone holding a
proof could strip it, and this check is not provable; nor is it for what lies behind a horizon.
"""

from collections.abc import Iterable, Iterator, Sequence

from ledger import events
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.check.lineage import walk
from ledger.check.proven import Proven, chain_of
from ledger.check.replay import Fault, Replay, is_unproven
from ledger.check.report import FAIL, NOT_PROVABLE, PASS, Finding
from ledger.quantity import counted, format_instant, parse_time, shown_kg
from ledger.register import About, Hold, Key, Record, Status, event_name

UNSEEN = (
    "That nothing was withdrawn, disputed, revoked, used twice or handed on is not provable from this file: "
    "without the register's root, anyone holding a proof could strip a correction or a sale out of it. Ask "
    "the ledger for a proof from its last checkpoint."
)
_OPEN = {
    "disputed": ("standing.disputed", "is disputed"),
    "difference": ("standing.difference", "has an open difference in weight"),
}
"""Of each mark that `resolve` lifts the code, and what it says of an event."""


def standing(subject: str, replay: Replay) -> list[Finding]:
    """Check 8."""
    found = [
        *_withdrawn(subject, replay),
        *_open(replay),
        *_suspect(replay),
        *_attestations(replay),
        *overdrawn(replay.faults),
    ]
    if replay.proven is None:
        return found or [Finding(8, NOT_PROVABLE, "standing.unseen", UNSEEN)]
    judged = [replay.pieces[index] for index in sorted(replay.judged - {replay.proven.size})]
    wanted, rested = evidence.standing_of(judged, subject)
    compared = _Comparison(replay, replay.proven, subject, judged)
    for key in sorted(wanted):
        compared.look(key)
    for lot in sorted(rested):
        compared.rests(lot)
    # Once each: holder and owner may be left so by one event.
    found += dict.fromkeys([*compared.found, *_beyond(rested, replay.proven)])
    if found:
        return found
    things, lots = (sum(key.kind == kind for key in wanted) for kind in ("about", "lot"))
    none = "this lot no" if lots == 1 else f"none of these {lots} lots"
    sentence = (
        f"As of entry {replay.proven.size}, nothing that was said about these {counted(things, 'thing')} is "
        f"left out, and of {none} more is gone than there was."
    )
    return [Finding(8, PASS, "", sentence, (replay.proven.size,))]


class _Comparison:
    """Holds what was replayed against what the register's root shows."""

    def __init__(self, replay: Replay, proven: Proven, subject: str, judged: Sequence[Piece]) -> None:
        self.found: list[Finding] = []
        self._replay = replay
        self._proven = proven
        self._read = evidence.last_reads(judged, subject, proven.size)

    def look(self, key: Key) -> None:
        """Compare one record."""
        kind, id = key
        if kind == "about":
            word, _, name = id.partition(" ")
            self._same(key, self._said(Key(word, name)), "standing.left_out")
        elif kind == "used":
            self._gone(key)
            if self._born_here(Key("lot", id)):
                self._whole_way(key)
        elif kind in ("hold", "owner"):
            self._left_so(key)
        elif kind == "status":
            self._same(key, self._replay.register.read(key), "standing.left_out")
        elif self._born_here(key):
            record = self._replay.register.read(key)
            if not (kind == "lot" and record and is_unproven(record.value)):  # check 7 says that it is
                self._same(key, record, "register.contradicted")

    def rests(self, lot: str) -> None:
        """A lot of which only the record is proven: was its birth withdrawn, or is it disputed?"""
        born = self._proven.record(Key("lot", lot))
        if born is None:
            return  # check 7 says that its birth is missing
        hold = self._proven.record(Key("hold", lot))
        if hold is None:
            self._unseen(Key("hold", lot))
        elif hold.value.withdrawn:
            self._fails("standing.withdrawn", f"The birth of {lot} was withdrawn: it never was.", lot)
        self._undisputed(born.value.event)

    def _left_so(self, key: Key) -> None:
        """The subject's holder or owner: the entry that left it so was replayed. Where only the subject's
        records are shown, nothing is open against it."""
        record = self._proven.record(key)
        if record is None:
            self._unseen(key)
        elif record.at in self._replay.applied:
            return
        elif self._born_here(Key("lot", key.id)):
            sentence = f"Entry {record.at}, which left {key.id} where or whose it is, is not in the proof."
            self._fails("standing.left_out", sentence, key.id)
        else:
            self._undisputed(record.value.event)

    def _whole_way(self, key: Key) -> None:
        """Every entry that moved or sold the lot before the last that rests on where it was is here. Else a
        way out and back could be taken out, with what was said about it. Later ones are told by number."""
        used = self._proven.record(key)
        replayed, later = self._replay.moved.get(key.id, ()), self._proven.moves.get(key.id, ())
        if used is None:
            return  # proven to be absent, or not shown: ``_gone``
        chain = chain_of(sorted({*replayed, *later}))
        if chain != used.value.moves or any(index <= self._read[key.id] for index in later):
            sentence = f"The proof leaves out entries that moved or sold {key.id}."
            self._fails("standing.left_out", sentence, key.id)

    def _undisputed(self, event: str) -> None:
        """Nothing is open against an event that is not in the proof."""
        key = Key("status", f"event {event}")
        status = self._proven.record(key)
        if status is None and self._proven.says(key, None) is not True:
            self._unseen(key)
        for mark in sorted({mark for mark, *_ in status.value.marks} & _OPEN.keys() if status else ()):
            code, what = _OPEN[mark]
            self._fails(code, f"The event {event} {what}, and that is not resolved.", event)

    def _born_here(self, key: Key) -> bool:
        """Whether the record comes from an entry that the rules admitted here."""
        record = self._replay.register.read(key)
        return record is not None and record.at in self._replay.applied

    def _said(self, key: Key) -> Record | None:
        """The chain of what the proof's own entries say about something."""
        indices = self._replay.said.get(key, ())
        return Record(indices[-1], About(len(indices), chain_of(indices))) if indices else None

    def _same(self, key: Key, replayed: Record | None, code: str) -> None:
        says = self._proven.says(key, replayed)
        if says is None:
            self._unseen(key)
        elif not says:
            id = key.id.partition(" ")[2] if code == "standing.left_out" else key.id
            sentence = f"The register's record of {id} is not what the proof's entries come to."
            if key.kind == "about":
                sentence = f"The proof leaves out entries that say something about {id}."
            elif key.kind == "status":
                sentence = f"The proof leaves out what made the register mark {id}."
            self._fails(code, sentence, id)

    def _gone(self, key: Key) -> None:
        used = self._proven.record(key)
        if used is None:
            if self._proven.says(key, None) is not True:
                self._unseen(key)
            elif self._replay.register.read(key) is not None:
                sentence = f"The register knows nothing of what the proof's entries did to {key.id}."
                self._fails("register.contradicted", sentence, key.id)
            return
        lot = self._replay.register.read(Key("lot", key.id))
        if lot is not None and used.value.grams > lot.value.grams:
            gone, there = shown_kg(used.value.grams), shown_kg(lot.value.grams)
            self._fails("standing.overdrawn", f"{gone} of {key.id} are gone; it had {there}.", key.id)

    def _unseen(self, key: Key) -> None:
        sentence = f"The proof does not show the register's {key.kind} record of {key.id or 'the ledger'}."
        self.found.append(Finding(8, NOT_PROVABLE, "standing.not_shown", sentence, (), (key.id,)))

    def _fails(self, code: str, sentence: str, id: str) -> None:
        self.found.append(Finding(8, FAIL, code, sentence, (self._proven.size,), (id,)))


def _beyond(rested: Iterable[str], proven: Proven) -> Iterator[Finding]:
    """Lots of which only the record is proven. Whoever made the file chose where its horizon lies, and a root
    that is right says nothing of a dispute behind it."""
    lots = tuple(lot for lot in sorted(rested) if proven.record(Key("lot", lot)) is not None)
    if lots:
        they, theirs = ("it was", "it") if len(lots) == 1 else ("they were", "theirs")
        sentence = (
            f"{counted(len(lots), 'lot lies', 'lots lie')} at the horizon. Whether what {they} made of, "
            f"or a hand-over of {theirs}, is disputed or was signed with a stolen key is not shown; the root "
            "does not tell."
        )
        yield Finding(8, NOT_PROVABLE, "standing.beyond", sentence, (proven.size,), lots)


def _marks(replay: Replay, subject: str) -> tuple[tuple[str, str, str, int], ...]:
    record = replay.register.read(Key("status", subject))
    if record is None:
        return ()
    status: Status = record.value
    return status.marks


def _entries(replay: Replay, index: int, by: str) -> tuple[int, ...]:
    """The entry that is spoken of, and the one that speaks."""
    speaks = replay.piece(by)
    return tuple(sorted({index} | ({speaks.index} if speaks else set())))


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
        name = event_name(event.party, event.id)
        for mark, party, by, _ in _marks(replay, f"event {name}"):
            if mark in _OPEN:
                code, what = _OPEN[mark]
                sentence = f"The event {name} {what}; {party} says so, and it is not resolved."
                entries = _entries(replay, index, by)
                yield Finding(8, FAIL, code, sentence, entries, (name,))


def _suspect(replay: Replay) -> Iterator[Finding]:
    """Entries that were signed with a key which, it was said later, was no longer its party's alone."""
    for index in sorted(replay.applied | replay.asserted):
        piece = replay.pieces[index]
        assert piece.statement is not None
        kid = piece.statement.kid
        for _, _, by, since in _marks(replay, f"key {kid}"):
            revoked = replay.piece(by)
            assert revoked is not None
            if index != revoked.index and since <= piece.entry.received and since < revoked.entry.received:
                sentence = (
                    f"Entry {index} is suspect: its key {kid} was revoked since {format_instant(since)}."
                )
                yield Finding(8, FAIL, "standing.suspect", sentence, (index, revoked.index), (kid,))


def _attestations(replay: Replay) -> Iterator[Finding]:
    """Attestations that their certifier has suspended or withdrawn, and that had not run out since. The word
    of a certifier whom the registrar has suspended is none: anyone who certifies may attest something of any
    site, and take it back, and a withdrawal is for good."""
    now = max((piece.entry.received for piece in replay.pieces.values()), default=0)
    for index in sorted(replay.applied):
        event = replay.pieces[index].event
        if not isinstance(event, events.Attest) or parse_time(event.valid_until) * 1000 < now:
            continue
        if any(mark == "suspended" for mark, *_ in _marks(replay, f"party {event.party}")):
            continue
        name = event_name(event.party, event.id)
        for mark, _, by, _ in _marks(replay, f"attestation {name}"):
            sentence = f"The attestation {name} is {mark}."
            entries = _entries(replay, index, by)
            yield Finding(8, FAIL, "standing.attestation", sentence, entries, (name,))


def overdrawn(faults: Iterable[Fault]) -> Iterator[Finding]:
    """Entries that take more of a lot than there is."""
    for fault in faults:
        if fault.code == "lot.overdrawn":
            lots = tuple(sorted({key.id for key in fault.keys}))
            sentence = f"Entry {fault.index} takes more than was left. {fault.detail}"
            yield Finding(8, FAIL, "standing.overdrawn", sentence, (fault.index,), lots)
