"""Checks 7 and 9: from the subject back to the sources, and what it is made of.

The rules admit no use without a birth, no use in transit and no receipt without a shipment. So where
the replay admitted everything on the way, the way is unbroken; what is left to find is where it ends:
in a source, in a source of unknown origin, where the proof leaves off, or in a lot whose record is proven
by the register's root. That one is not replayed here: it rests on whoever signed the root.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger import events
from ledger.check import evidence
from ledger.check.replay import UNPROVEN, Replay, is_unproven
from ledger.check.report import NOT_PROVABLE, PASS, Finding, Origin
from ledger.claims.shares import Part, of_origin
from ledger.quantity import FINE, counted, format_time, shown_kg
from ledger.register import Hold, Key, Lot, Owner
from ledger.rules.composition import in_grams

UNKNOWN = "unknown"  # the word before the kind of source, as an origin


class Lineage(NamedTuple):
    """The way back. ``births``: index of the entry of each lot's birth, as far as it is in the proof.
    ``sources``: entries where it ends. ``left_off``: lots that the proof takes as stated. ``rested``: lots
    of which only the record is proven."""

    births: dict[str, int]
    sources: tuple[int, ...]
    left_off: tuple[str, ...]
    rested: tuple[str, ...]


def walk(subject: str, replay: Replay) -> Lineage:
    """From the subject, whose birth must be in the replay, back to where every path ends."""
    births: dict[str, int] = {}
    sources: set[int] = set()
    left_off: set[str] = set()
    rested: set[str] = set()
    todo = [subject]
    while todo:
        lot = todo.pop()
        if lot in births or lot in rested:
            continue
        piece = replay.piece(replay.lot(lot).event)
        if piece is None:
            rested.add(lot)
            continue
        births[lot] = piece.index
        if piece.index in replay.asserted:
            left_off.add(lot)
        elif isinstance(piece.event, events.Source):
            sources.add(piece.index)
        else:
            todo += evidence.parents(piece.event, lot)
    return Lineage(births, tuple(sorted(sources)), tuple(sorted(left_off)), tuple(sorted(rested)))


def unbroken(subject: str, replay: Replay, replaying: Sequence[str]) -> list[Finding]:
    """Check 7. ``replaying``: the witnesses that replayed all entries before they cosigned the checkpoint."""
    record = replay.register.read(Key("lot", subject))
    if record is None:
        sentence = f"The proof holds no birth of {subject} that stands."
        return [Finding(7, NOT_PROVABLE, "missing.birth", sentence, (), (subject,))]
    lot: Lot = record.value
    lineage = walk(subject, replay)
    entries = tuple(sorted(set(lineage.births.values())))
    open_ends = [*_unproven(lot, lineage), *_unknown(lot, lineage, replay)]
    aside = [*_without_origin(lot, lineage), *_rested(lineage, replay, replaying)]
    if open_ends:
        known = sum(share for origin, share in lot.composition if not _open(origin))
        share = Part(known, FINE * lot.grams).percent()
        sentence = f"Unbroken for {share} of the mass; the rest is not provable."
        return [Finding(7, NOT_PROVABLE, "chain.partly", sentence, entries, (subject,)), *open_ends, *aside]
    moves = sum(
        isinstance(replay.pieces[index].event, events.Receive) and _moves(replay, index, lineage)
        for index in replay.applied
    )
    ends = [counted(len(lineage.sources), "source")] if lineage.sources or not lineage.rested else []
    ends += [counted(len(lineage.rested), "proven record")] if lineage.rested else []
    several = "one of " if len(lineage.sources) + len(lineage.rested) > 1 else ""
    births = counted(len(lineage.births), "lot has its birth", "lots have their births")
    shown = f"{births}, {counted(moves, 'hand-over')} both sides, and " if lineage.births else ""
    sentence = (
        f"From {subject} back, {shown}every path ends in {several}{' and '.join(ends)}. "
        + _whereabouts(subject, replay)
    )
    return [Finding(7, PASS, "", sentence, entries), *aside]


def _rested(lineage: Lineage, replay: Replay, replaying: Sequence[str]) -> list[Finding]:
    """What rests on the register's root, and on whom: the lots whose birth nobody replayed here."""
    if not lineage.rested or replay.proven is None:
        return []
    they = "it was" if len(lineage.rested) == 1 else "they were"
    whom = "alone: no witness that replays the rules, by the trust file, has cosigned it"
    if replaying:
        whom = f"and cosigned by {' and '.join(replaying)}, having replayed all entries"
    sentence = (
        f"Replayed here: {counted(len(lineage.births), 'lot')}. "
        f"{counted(len(lineage.rested), 'lot rests', 'lots rest')} on the register's root, as signed by the "
        f"operator's key {replay.proven.signer} {whom}. "
        f"What {they} made of, and what was said about that, is not in the proof."
    )
    return [Finding(7, NOT_PROVABLE, "rests.root", sentence, (replay.proven.size,), lineage.rested)]


def _open(origin: str) -> bool:
    return origin.partition(" ")[0] in (UNKNOWN, UNPROVEN)


def _unproven(lot: Lot, lineage: Lineage) -> list[Finding]:
    """A finding for each lot that the proof takes as stated, with its share of the subject."""
    found = []
    for origin, share in _rows(lot):
        word, _, id = origin.partition(" ")
        if word == UNPROVEN:
            sentence = f"What {id} was made of is not in the proof: {share} of the mass."
            found.append(Finding(7, NOT_PROVABLE, "missing.ancestor", sentence, (lineage.births[id],), (id,)))
    if not lot.composition and lineage.left_off:
        sentence = "What went into these lots is not in the proof."
        found.append(Finding(7, NOT_PROVABLE, "missing.ancestor", sentence, (), lineage.left_off))
    return found


def _unknown(lot: Lot, lineage: Lineage, replay: Replay) -> list[Finding]:
    """A finding for each kind of unknown origin, with its share and where it came in."""
    came_in: dict[str, set[int]] = {}
    for id, index in lineage.births.items():
        if index in lineage.sources:
            for origin, _ in replay.lot(id).composition:
                came_in.setdefault(origin, set()).add(index)
    found = []
    for origin, share in _rows(lot):
        word, _, why = origin.partition(" ")
        if word == UNKNOWN:
            sentence = f"The origin of {share} of the mass is unknown ({why})."
            entries = tuple(sorted(came_in.get(origin, ())))
            found.append(Finding(7, NOT_PROVABLE, "missing.origin", sentence, entries))
    return found


def _without_origin(lot: Lot, lineage: Lineage) -> list[Finding]:
    """Lots taken as stated that give the subject no share of its metal: anodes."""
    origins = {origin for origin, _ in _rows(lot)}
    ids = tuple(id for id in lineage.left_off if f"{UNPROVEN} {id}" not in origins)
    if not ids or not lot.composition:
        return []
    sentence = "What went into these lots is not in the proof; no metal of the subject comes from them."
    return [Finding(7, PASS, "", sentence, (), ids)]


def _rows(lot: Lot) -> list[tuple[str, str]]:
    """(origin, its share in words), traces included."""
    rows = [(one.origin, one.part.percent()) for one in shares(lot)]
    return rows + [(origin, "less than a gram") for origin in in_grams(lot).traces]


def _moves(replay: Replay, index: int, lineage: Lineage) -> bool:
    """Whether a receipt is about a lot on the way."""
    event = replay.pieces[index].event
    return isinstance(event, events.Receive) and any(line.lot in lineage.births for line in event.lines)


def _whereabouts(subject: str, replay: Replay) -> str:
    """Who holds and who owns the subject, and how much of it is left; its own last hand-over may be open.
    Without the register a later one may have been taken out of the proof: whoever has sold a part could
    show it as theirs."""
    held, owned = (replay.register.read(Key(kind, subject)) for kind in ("hold", "owner"))
    if held is None or owned is None:
        return ""
    hold: Hold = held.value
    owner: Owner = owned.value
    known = replay.proven is not None and None not in (
        replay.proven.record(Key(kind, subject)) for kind in ("hold", "owner")
    )
    where = "As of the checkpoint" if known else "As far as the proof shows"
    if hold.to:
        where += f", it has been on its way to {hold.to} since {format_time(hold.since)}, not received"
    else:
        where += f", it is held by {hold.holder} at {hold.site}"
    title = f"owned by {owner.owner}"
    if owner.to:
        title += f", whose transfer of title to {owner.to} is open"
    return f"{where}, {title}.{_left(subject, replay)}"


def _left(subject: str, replay: Replay) -> str:
    """How much of the subject is left, if not all is: a coil that is used up, or a hood that was sold
    outside, still has its holder and its owner."""
    key = Key("used", subject)
    used = replay.register.read(key)
    if used is None or not used.value.grams:
        return ""
    grams = replay.lot(subject).grams - used.value.grams
    if grams <= 0:
        return " Nothing of it is left: it was used up, fitted, sold outside or lost."
    known = replay.proven is not None and replay.proven.record(key) is not None
    return f" {shown_kg(grams)} of it are left." if known else f" At most {shown_kg(grams)} are left."


def shares(lot: Lot) -> tuple[Origin, ...]:
    """The lot's origins with their shares. Those of which there is no whole gram are left out."""
    exact = dict(lot.composition)
    shown = in_grams(lot).shares
    return tuple(
        Origin(origin, grams, of_origin(origin, exact[origin], lot.grams)) for origin, grams in shown
    )


def recomputed(subject: str, replay: Replay) -> list[Finding]:
    """Check 9, of the shares by origin; the other claims: ``ledger.check.claimed``."""
    record = replay.register.read(Key("lot", subject))
    if record is None:
        sentence = "Without the subject's birth nothing can be recomputed."
        return [Finding(9, NOT_PROVABLE, "missing.birth", sentence, (), (subject,))]
    lot: Lot = record.value
    if not lot.composition:
        return [Finding(9, PASS, "", f"{lot.material} carries no origin: there is no share to recompute.")]
    if is_unproven(lot):
        sentence = "The shares of what the proof leaves out cannot be recomputed."
        return [Finding(9, NOT_PROVABLE, "missing.ancestor", sentence, (), (subject,))]
    sentence = f"{shown_kg(lot.grams)} come from {counted(len(lot.composition) + len(lot.traces), 'origin')}."
    return [Finding(9, PASS, "", sentence, (record.at,))]
