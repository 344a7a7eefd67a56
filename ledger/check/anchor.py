"""Checks 2, 3 and 4: is this proof anchored in the log that the trust file names?

Check 2 looks at the checkpoint, 3 at the tree below it, 4 at the chain between the entries. What the
entries *say* is not looked at here; but where the charter is not among them, check 5 asks here, too,
whether the register's root is the trusted log's.
"""

from itertools import pairwise
from typing import NamedTuple

from ledger import b64, merkle, note, statement
from ledger.check.evidence import Piece
from ledger.check.report import FAIL, NOT_PROVABLE, PASS, Finding
from ledger.entry import Entry
from ledger.errors import Malformed
from ledger.keys import PublicKey
from ledger.note import Checkpoint
from ledger.prooffile import ProofFile
from ledger.quantity import DAY, counted, format_instant, format_time
from ledger.trust import Trust, Trusted

AHEAD = 5 * 60  # seconds by which the reader's clock may be behind the ledger's
_UNITS = ((DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Read(NamedTuple):
    """A proof that parses, with what its checkpoint says. Nothing of it is believed yet."""

    proof: ProofFile
    checkpoint: Checkpoint
    entries: list[Entry]
    leaves: list[tuple[int, bytes]]

    @property
    def pinned(self) -> bool:
        """Whether the proof does without entry 0: the register's root, which is made with the charter, says
        which it is."""
        return self.proof.register is not None and self.entries[0].index != 0


def failed(check: int, wrong: Malformed) -> Finding:
    """The finding of something malformed."""
    sentence = wrong.detail if wrong.path == "$" else f"{wrong.path}: {wrong.detail}"
    return Finding(check, FAIL, wrong.code, sentence)


# --- Check 2


def signed(proof: ProofFile, trust: Trust) -> Finding:
    """The checkpoint is signed by the trusted log and the quorum."""
    try:
        trusted = trust.check(proof.checkpoint)
    except Malformed as wrong:
        return failed(2, wrong)
    sentence = f"Signed by the log {trusted.log}{_cosigners(trusted)}: {trusted.checkpoint.size} entries."
    return Finding(2, PASS, "", sentence)


def _cosigners(trusted: Trusted) -> str:
    """How many witnesses of each kind cosigned, and which: those that compare checkpoints, and those
    that replay the rules before they sign."""
    replaying = trusted.replaying
    plain = [name for name, _ in trusted.witnesses if name not in replaying]
    kinds = []
    if plain:
        kinds.append(f"{counted(len(plain), 'witness', 'witnesses')} ({', '.join(plain)})")
    if replaying:
        told = counted(len(replaying), "witness that replays", "witnesses that replay")
        kinds.append(f"{told} the rules ({', '.join(replaying)})")
    return f", cosigned by {' and '.join(kinds)}" if kinds else ""


def replaying(read: Read, trust: Trust) -> tuple[str, ...]:
    """The trust file's witnesses that replayed all entries before they cosigned the checkpoint."""
    try:
        return trust.check(read.proof.checkpoint).replaying
    except Malformed:
        return ()  # ``signed`` says so


def dated(read: Read, trust: Trust) -> list[Finding]:
    """No entry was received after all witnesses cosigned it: else the log's clock ran ahead of everyone's,
    and the day for which an amendment has to lie in the open would last a minute."""
    try:
        times = [time for _, time in trust.check(read.proof.checkpoint).witnesses]
    except Malformed:
        return []  # ``signed`` says so
    last = read.entries[-1]
    if not times or last.received // 1000 <= max(times) + AHEAD:
        return []
    said, cosigned = format_instant(last.received), format_time(max(times))
    sentence = f"The last entry says that it was received at {said}, and was cosigned by {cosigned}."
    return [Finding(2, FAIL, "chain.ahead", sentence, (last.index,))]


def charter(read: Read, trust: Trust) -> list[Finding]:
    """Entry 0 is the trusted charter."""
    if read.pinned:
        return []  # check 8 looks at the root
    index, leaf = read.leaves[0]
    if index != 0:
        sentence = "Entry 0, the ledger's charter, is not in the proof."
        return [Finding(2, NOT_PROVABLE, "missing.charter", sentence)]
    if leaf != trust.charter:
        sentence = "Entry 0 is not the charter that the trust file names: this is another ledger."
        return [Finding(2, FAIL, "chain.charter", sentence, (0,))]
    return []


def extends(read: Read, text: str, trust: Trust) -> Finding:
    """A checkpoint that the caller saw earlier lies on the same history."""
    try:
        keys = [log.key for log in trust.logs if log.key.name == read.checkpoint.origin]
        earlier = note.parse_checkpoint(note.open_note(text, keys).text)
    except Malformed as wrong:
        sentence = f"A checkpoint seen earlier is not this log's, and was not compared: {wrong.detail}"
        return Finding(2, NOT_PROVABLE, "missing.seen", sentence)
    if earlier.origin != read.checkpoint.origin:
        sentence = f"A checkpoint seen earlier is of {earlier.origin}, and was not compared."
        return Finding(2, NOT_PROVABLE, "missing.seen", sentence)
    if earlier.size > read.checkpoint.size:
        sentence = (
            f"A checkpoint of {earlier.size} entries was seen; this proof is older, with "
            f"{read.checkpoint.size}. Whether both are of one history is not provable: ask for a newer proof."
        )
        return Finding(2, NOT_PROVABLE, "missing.seen", sentence)
    root = _root_at(earlier.size, read)
    if root is None:
        sentence = (
            f"The checkpoint of {earlier.size} entries seen earlier is not comparable: ask for a proof made "
            f"with --seen."
        )
        return Finding(2, NOT_PROVABLE, "missing.seen", sentence)
    if root != earlier.root:
        sentence = (
            f"The first {earlier.size} entries had another root before: the log has told two histories."
        )
        return Finding(2, FAIL, "chain.fork", sentence)
    return Finding(2, PASS, "", f"It extends the checkpoint of {earlier.size} entries that was seen earlier.")


def _root_at(size: int, read: Read) -> bytes | None:
    """The root of the first ``size`` entries, from the proof itself; None where it does not say."""
    whole = read.checkpoint
    if size == whole.size:
        return whole.root
    try:
        if merkle.root_from_multiproof(read.leaves, whole.size, read.proof.hashes) == whole.root:
            return merkle.root_at(size, read.leaves, whole.size, read.proof.hashes)
    except Malformed:
        pass  # check 3 says so
    return None


def fresh(read: Read, now: int, max_age: int) -> list[Finding]:
    """The last entry is not older than the caller allows (seconds), and not of a time to come: else a
    log whose clock runs ahead would never grow old."""
    last = read.entries[-1]
    if last.received // 1000 > now + AHEAD:
        sentence = f"The last entry is of {format_instant(last.received)}: that is yet to come."
        return [Finding(2, FAIL, "chain.future", sentence, (last.index,))]
    if now - last.received // 1000 <= max_age:
        return []
    seconds, unit = next(one for one in _UNITS if max_age % one[0] == 0)
    allowed = counted(max_age // seconds, unit)
    sentence = f"The last entry is of {format_instant(last.received)}: older than the {allowed} allowed."
    return [Finding(2, FAIL, "chain.stale", sentence, (last.index,))]


# --- Check 3


def in_tree(read: Read) -> Finding:
    """The entries and hashes give the checkpoint's root."""
    try:
        root = merkle.root_from_multiproof(read.leaves, read.checkpoint.size, read.proof.hashes)
    except Malformed as wrong:
        return failed(3, wrong)
    if root != read.checkpoint.root:
        sentence = "The entries and hashes give another root than the checkpoint's: something was changed."
        return Finding(3, FAIL, "chain.root", sentence)
    shown = counted(len(read.entries), "entry is", "entries are")
    return Finding(3, PASS, "", f"{shown} in the log of {read.checkpoint.size}.")


# --- Check 4


def linked(read: Read) -> list[Finding]:
    """``prev`` is right where both entries are there; ``received`` never decreases. That indices ascend
    is part of the file's form."""
    found, links = [], 0
    for (before, after), (_, leaf) in zip(pairwise(read.entries), read.leaves, strict=False):
        pair = (before.index, after.index)
        if before.index + 1 == after.index:
            links += 1
            if after.prev != leaf:
                sentence = f"Entry {after.index} does not link to entry {before.index}, which precedes it."
                found.append(Finding(4, FAIL, "chain.prev", sentence, pair))
        if before.received > after.received:
            sentence = f"Entry {after.index} was received before entry {before.index}."
            found.append(Finding(4, FAIL, "chain.received", sentence, pair))
    if found:
        return found
    first, last = (format_instant(read.entries[n].received) for n in (0, -1))
    sentence = (
        f"{counted(links, 'entry links', 'entries link')} to the one before; received {first} to {last}."
    )
    return [Finding(4, PASS, "", sentence)]


# --- Check 5, without the charter


def rooted(read: Read, last: Piece, trust: Trust) -> list[Finding]:
    """The register's root is signed by the key with which the trusted log signs its checkpoints, for that is
    the operator's."""
    signed = last.statement
    own = [log.key for log in trust.logs if log.key.name == read.checkpoint.origin]
    raws = [key.key for key in own if key.type == note.ED25519]
    jwks = [{"kty": "OKP", "crv": "Ed25519", "x": b64.encode(raw)} for raw in raws]
    keys = [key for key in map(PublicKey.from_jwk, jwks) if signed is not None and key.kid == signed.kid]
    if signed is None or last.event is None or not keys:
        sentence = "The register's root is not signed by the key of the trusted log, and no charter is here."
        return [Finding(5, NOT_PROVABLE, "missing.charter", sentence, (last.index,))]
    try:
        statement.check(signed, keys[0])
    except Malformed as wrong:
        return [failed(5, wrong)]
    return [Finding(5, PASS, "", "The register's root is signed by the key of the trusted log.")]
