"""The numbered checks: is what a proof file says true, as far as one file can show?

Nothing is believed beforehand but the trust file, and nothing is asked: no store, no network, no clock.
The checks, by the numbers that the report, the documentation, the command and the page use:

1. the proof parses, strictly;
2. the checkpoint is signed by the trusted log and the trust file's quorum, and entry 0 is the trusted
   charter; earlier checkpoints that the caller has seen lie on the same history; it is not too old;
3. every entry is in that log: the multiproof gives the checkpoint's root;
4. adjacent entries link by ``prev``; indices and ``received`` ascend;
5. every statement is signed by a key registered to its party, for its site, not revoked before;
6. every event passes the rules on replay (``ledger.check.replay``);
7. unbroken from the subject back to sources (``ledger.check.lineage``);
8. standing as of the checkpoint, by the register's root (``ledger.check.proven``, ``…standing``);
9. the claims, recomputed: shares by origin, recycled content, footprint (``ledger.check.claimed``).

Missing evidence is *not provable*, a contradiction is *fail*. Several files are checked each alone, then
compared, and proofs are replayed together: what two of them do to the same lot shows only side by side.
"""

from collections.abc import Sequence

from ledger import events, note
from ledger.check import anchor, evidence
from ledger.check.anchor import Read, failed
from ledger.check.claimed import claims_of
from ledger.check.evidence import Piece
from ledger.check.history import history
from ledger.check.lineage import recomputed, shares, unbroken
from ledger.check.proven import Proven
from ledger.check.replay import Fault, Replay, replay
from ledger.check.report import (
    CHECKS,
    FAIL,
    NOT_PROVABLE,
    PASS,
    UNREAD,
    Checked,
    Finding,
    Report,
    accepted,
)
from ledger.check.standing import standing
from ledger.check.together import Beside, together
from ledger.errors import Malformed
from ledger.note import Checkpoint
from ledger.prooffile import HISTORY, ProofFile, decode, entries_of, leaves_of
from ledger.quantity import counted
from ledger.register import Key, Lot
from ledger.rules.composition import in_grams
from ledger.trust import Trust


def check(
    files: Sequence[bytes],
    trust: Trust,
    *,
    seen: Sequence[str] = (),
    now: int | None = None,
    max_age: int | None = None,
    accept_root: bool = False,
) -> Report:
    """The report on proof files.

    ``seen``: signed checkpoints that the caller got earlier. ``now`` (seconds since the epoch) and
    ``max_age`` (seconds) belong together: a proof whose last entry is older fails. ``accept_root``: take
    the register's root for what is not replayed here, and do without what it does not tell of that
    (``report.accepted``). Never raises for what a file holds.
    """
    assert files, "nothing to check"
    assert max_age is None or now is not None, "max_age needs now"
    proofs: list[Checked] = []
    beside: list[Beside] = []
    for number, data in enumerate(files, 1):
        read = _parse(data, trust)
        if isinstance(read, Checked):
            proofs.append(read)
            continue
        findings = _anchored(read, trust)
        findings += [anchor.extends(read, text, trust) for text in seen]
        if max_age is not None and now is not None:
            findings += anchor.fresh(read, now, max_age)
        pieces = [evidence.read(entry) for entry in read.entries]
        proven, wrong = _proven(read, pieces[-1], trust.charter)
        findings += wrong
        replayed = None
        if read.proof.format == HISTORY:
            proofs.append(_told(read, findings, pieces, proven, trust))
        else:
            checked, replayed = _replayed(read, findings, pieces, proven, trust, accept_root)
            proofs.append(checked)
        beside.append(Beside(number, read, proven, replayed))
    return Report(tuple(proofs), tuple(together(beside)))


def _parse(data: bytes, trust: Trust) -> Read | Checked:
    """Check 1: the proof of the file's bytes, or the report on why it is none."""
    try:
        proof = decode(data)
    except Malformed as wrong:
        return _stopped(None, None, [failed(1, wrong)])
    try:
        checkpoint = note.checkpoint_of(proof.checkpoint)
    except Malformed as wrong:
        return _stopped(proof, None, [failed(1, wrong)])
    try:
        entries = entries_of(proof, checkpoint.size)
    except Malformed as wrong:
        return _stopped(proof, checkpoint, [failed(1, wrong), anchor.signed(proof, trust)])
    return Read(proof, checkpoint, entries, leaves_of(proof, entries))


def _stopped(proof: ProofFile | None, checkpoint: Checkpoint | None, findings: list[Finding]) -> Checked:
    """The report on a file that could not be read: all that was not checked is not provable."""
    answered = {finding.check for finding in findings}
    sentence = "The proof could not be read, so this was not checked."
    findings += [Finding(check, NOT_PROVABLE, UNREAD, sentence) for check in CHECKS if check not in answered]
    subject = proof.subject if proof else ""
    return Checked(subject, "", 0, (), checkpoint, None, 0, tuple(findings), (), ())


def _anchored(read: Read, trust: Trust) -> list[Finding]:
    """Checks 1 to 4."""
    proof = read.proof
    entries = counted(len(proof.entries), "entry", "entries")
    sentence = f"A proof of {proof.subject}: {entries}, {counted(len(proof.hashes), 'hash', 'hashes')}."
    return [
        Finding(1, PASS, "", sentence),
        anchor.signed(proof, trust),
        *anchor.dated(read, trust),
        *anchor.charter(read, trust),
        anchor.in_tree(read),
        *anchor.linked(read),
    ]


def _replayed(
    read: Read,
    findings: list[Finding],
    pieces: list[Piece],
    proven: Proven | None,
    trust: Trust,
    accept_root: bool,
) -> tuple[Checked, Replay]:
    """Checks 5 to 9, and all that was found of one proof."""
    subject = read.proof.subject
    # A short proof. What is beside its last entry only lets it be compared with what was seen.
    if read.pinned and not evidence.judged(pieces[:-1], [subject]):
        replayed = replay([], [subject], proven)
        # What rests on the root, check 7 says.
        nothing = Finding(6, PASS, "", "No event is replayed here.")
        judged = [*anchor.rooted(read, pieces[-1], trust), nothing]
    else:
        replayed = replay(pieces, [subject], proven)
        judged = _faults(replayed)
    findings = [
        *findings,
        *_origin(pieces[0], read.checkpoint),
        *judged,
        *unbroken(subject, replayed, anchor.replaying(read, trust)),
        *standing(subject, replayed),
        *recomputed(subject, replayed),
    ]
    lot, marks = _subject(subject, replayed)
    received = read.entries[-1].received
    claimed = claims_of(subject, replayed, read.checkpoint, received, dict(marks))
    findings += claimed.findings() if claimed else []
    if accept_root:
        findings = [accepted(finding) for finding in findings]
    checked = Checked(
        subject,
        lot.material if lot else "",
        lot.grams if lot else 0,
        marks,
        read.checkpoint,
        received,
        len(read.entries),
        tuple(findings),
        shares(lot) if lot else (),
        in_grams(lot).traces if lot else (),
        claimed.tell(findings) if claimed else None,
        read.pinned,
    )
    return checked, replayed


def _told(
    read: Read, findings: list[Finding], pieces: list[Piece], proven: Proven | None, trust: Trust
) -> Checked:
    """Checks 5 and 8 of a history file, and all that was found of it."""
    findings = [
        *findings,
        *_origin(pieces[0], read.checkpoint),
        *anchor.rooted(read, pieces[-1], trust),
        *history(read.proof.subject, pieces, proven),
    ]
    received, count = read.entries[-1].received, len(read.entries)
    subject, found = read.proof.subject, tuple(findings)
    return Checked(subject, "", 0, (), read.checkpoint, received, count, found, (), (), pinned=read.pinned)


def _proven(read: Read, last: Piece, charter: bytes) -> tuple[Proven | None, list[Finding]]:
    """What the register's root proves, if the proof shows it; what is wrong with that goes to check 8."""
    if read.proof.register is None:
        return None, []
    try:
        return Proven(read.proof.register, last, charter), []
    except Malformed as wrong:
        return None, [failed(8, wrong)]


def _origin(first: Piece, checkpoint: Checkpoint) -> list[Finding]:
    """Check 2: the checkpoint is one of the ledger that the charter names."""
    charter = first.event
    if not isinstance(charter, events.Charter) or charter.ledger == checkpoint.origin:
        return []
    sentence = f"The charter is of {charter.ledger}, the checkpoint of {checkpoint.origin}."
    return [Finding(2, FAIL, "chain.origin", sentence, (first.index,))]


def _subject(subject: str, replayed: Replay) -> tuple[Lot | None, tuple[tuple[str, str], ...]]:
    """The subject as it was born, with its marks; None where its birth is not in the proof."""
    record = replayed.register.read(Key("lot", subject))
    if record is None:
        return None, ()
    birth = replayed.pieces.get(record.at)
    outputs = vars(birth.event).get("outputs", ()) if birth and birth.event else ()
    return record.value, tuple(mark for line in outputs if line.lot == subject for mark in line.marks.items())


def _faults(replayed: Replay) -> list[Finding]:
    """Checks 5 and 6."""
    found = [_fault(fault) for fault in replayed.faults]
    checks = {finding.check for finding in found}
    count, idle = len(replayed.judged), len(replayed.pieces) - len(replayed.judged)
    if 5 not in checks:
        pieces = [replayed.pieces[index] for index in replayed.judged]
        signers = {piece.statement.kid for piece in pieces if piece.statement}
        sentence = (
            f"{counted(count, 'statement')} signed by {counted(len(signers), 'key')}, registered and live."
        )
        found.append(Finding(5, PASS, "", sentence))
    if 6 not in checks:
        sentence = f"{counted(count, 'event passes', 'events pass')} the rules."
        if idle:
            shown = counted(idle, "entry only shows", "entries only show")
            sentence += f" {shown} the log: the subject does not rest on it."
        found.append(Finding(6, PASS, "", sentence))
    return found


def _fault(fault: Fault) -> Finding:
    ids = tuple(sorted({key.id for key in fault.keys} - {""}))
    verdict = NOT_PROVABLE if fault.missing else FAIL
    return Finding(
        fault.check, verdict, fault.code, f"Entry {fault.index}: {fault.detail}", (fault.index,), ids
    )
