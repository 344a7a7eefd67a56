"""A history file: are these all entries about a lot since its birth, or all that a party posted for a month?

The register chains the indices of those entries in one record, and its root shows that record. The checks
bear the same numbers as a proof's; those that ask for a replay (6, 7 and 9) are not made.
"""

from collections.abc import Sequence

from ledger import statement
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.check.proven import Proven, chain_of
from ledger.check.report import FAIL, NOT_PROVABLE, PASS, Finding
from ledger.errors import Malformed
from ledger.keys import PublicKey
from ledger.quantity import counted
from ledger.register import Key


def history(subject: str, pieces: Sequence[Piece], proven: Proven | None) -> list[Finding]:
    """Checks 5 and 8 of a history file. ``subject``: ``lot <id>`` or ``party <id> <YYYY-MM>``."""
    if proven is None:
        sentence = "Without the register's root nobody can tell whether something was left out."
        return [Finding(8, NOT_PROVABLE, "standing.unseen", sentence)]
    kind, _, id = subject.partition(" ")
    told = [piece for piece in pieces if piece.index != proven.size]
    key = Key("used" if kind == "lot" else "posted", id)
    return [*_signed(told, proven), *_complete(key, told, proven)]


def _signed(pieces: Sequence[Piece], proven: Proven) -> list[Finding]:
    """Check 5: each entry is signed by a key that the register has for its party."""
    found = []
    for piece in pieces:
        wrong = piece.wrong
        if piece.statement is not None and piece.event is not None:
            kid = piece.statement.kid
            record = proven.record(Key("key", kid))  # what an event here brings may never have been admitted
            if record is None:
                sentence = f"Entry {piece.index}: the file does not show the key {kid}."
                found.append(Finding(5, NOT_PROVABLE, "missing.key", sentence, (piece.index,), (kid,)))
                continue
            try:
                statement.check(piece.statement, PublicKey.from_text(record.value.jwk))
            except Malformed as fault:
                wrong = fault
            if record.value.party != piece.event.party:
                wrong = Malformed("key.other_party", detail=f"{kid} is registered to {record.value.party}")
        if wrong is not None:
            sentence = f"Entry {piece.index}: {wrong.detail}"
            found.append(Finding(5, FAIL, wrong.code, sentence, (piece.index,)))
    count = counted(len(pieces), "statement")
    return found or [Finding(5, PASS, "", f"{count} signed by keys that the register has for their parties.")]


def _complete(key: Key, told: Sequence[Piece], proven: Proven) -> list[Finding]:
    """Check 8: the chain of what is told is the chain that the register has."""
    after = list(told)
    if key.kind == "used":
        lot = proven.record(Key("lot", key.id))
        if lot is None:
            sentence = f"The file does not show the register's record of {key.id}."
            return [Finding(8, NOT_PROVABLE, "standing.not_shown", sentence, (), (key.id,))]
        after = [piece for piece in told if piece.index != lot.at]
        if not _bears(told, lot.at, key.id):
            sentence = f"The birth of {key.id}, entry {lot.at}, is not in the file."
            return [Finding(8, FAIL, "history.incomplete", sentence, (lot.at,), (key.id,))]
    record = proven.record(key)
    chain = chain_of(piece.index for piece in after)
    events, said = (record.value.events, record.value.chain) if record else (0, "")
    if record is None and proven.says(key, None) is not True:
        sentence = f"The file does not show the register's record of {key.id}."
        return [Finding(8, NOT_PROVABLE, "standing.not_shown", sentence, (), (key.id,))]
    indices = tuple(piece.index for piece in told)
    if (events, said) != (len(after), chain):
        sentence = f"The register knows of {counted(events, 'entry', 'entries')}, the file of {len(after)}."
        if events == len(after):
            sentence = f"The register knows of {counted(events, 'entry', 'entries')}; the file has others."
        return [Finding(8, FAIL, "history.incomplete", sentence, indices, (key.id,))]
    what = f"of {key.id}"
    if key.kind == "used":
        what = f"that bore, moved, sold, used, weighed, counted or attested {key.id}"
    sentence = (
        f"These are all {counted(len(told), 'entry', 'entries')} {what}, as of entry {proven.size}. What "
        "others said of these entries, such as disputes, is not among them: a proof shows that."
    )
    return [Finding(8, PASS, "", sentence, indices)]


def _bears(told: Sequence[Piece], index: int, lot: str) -> bool:
    births = (piece.event for piece in told if piece.index == index)
    return any(event is not None and Key("lot", lot) in evidence.writes(event, index) for event in births)
