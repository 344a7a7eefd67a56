"""The replay: the proof's entries judged again by the rules, over nothing but the proof itself.

Each entry is judged as the ledger judged it: by the charter in force, at its index, at its receipt.
What is refused is not applied, and the rest goes on. A refusal that waits for something is missing
evidence: the proof may have been cut. Any other refusal is a contradiction. An idle entry
(``ledger.check.evidence``) that is refused is passed over in silence.

Where the proof shows records of the register (``ledger.check.proven``), each is known from the entry after
its last writer on, as if that entry had been replayed.

One thing is admitted that no rule knows of. A proof may leave out what went into a transform. Then the
signed event is taken as an *assertion*: its outputs are there as they are stated, but of the origin
``unproven <lot>``, which follows the metal like any other origin and is never provable.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from ledger import events, statement
from ledger.check import evidence
from ledger.check.evidence import Piece
from ledger.check.proven import Proven
from ledger.errors import Malformed
from ledger.events import Event, brought
from ledger.keys import PublicKey
from ledger.register import OF_A_LOT, WRITE_ONCE, Hold, Key, Lot, Owner, Record, Used, event_name
from ledger.register import Event as Done
from ledger.rules import Context, Refusal
from ledger.rules.catalogue import Catalogue
from ledger.rules.composition import MOST_SHARES as MOST_OF_ONE
from ledger.rules.composition import NOTHING, pure
from ledger.rules.fold import Fold, Step

MOST_SHARES = 3_000_000  # that a replay keeps, in some 300 MB
UNPROVEN = "unproven"  # the word before the lot, as an origin

_MISSING = {
    "charter": "missing.charter",
    "charters": "missing.charter",
    "party": "missing.party",
    "site": "missing.site",
    "key": "missing.key",
    "keys": "missing.key",
    "lot": "missing.lot",
    "hold": "missing.lot",
    "owner": "missing.lot",
}
_OF_SIGNING = frozenset({"key", "registrar", "statement", "site"})  # families of codes of check 5


class Fault(NamedTuple):
    """Why an entry was not admitted again. ``check``: 5 (who signed) or 6 (what the rules say).
    ``missing``: evidence is lacking."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    check: int
    code: str
    detail: str
    keys: tuple[Key, ...]
    missing: bool


class Replay(NamedTuple):
    """What the replay came to. ``pieces``: all that was tried, by index. ``judged``: the entries that
    count. Of these, ``applied``: those that the rules admitted; ``asserted``: those whose outputs were
    taken as stated."""

    register: Fold
    pieces: Mapping[int, Piece]
    judged: frozenset[int]
    applied: frozenset[int]
    asserted: frozenset[int]
    faults: tuple[Fault, ...]
    said: Mapping[Key, Sequence[int]]  # of each record, the admitted entries that spoke of it
    moved: Mapping[str, Sequence[int]]  # of each lot, those after its birth that wrote its hold or owner
    own: Set[str]  # lots of which no line is passed over
    proven: Proven | None

    def lot(self, id: str) -> Lot:
        """A lot that the replay knows."""
        record = self.register.read(Key("lot", id))
        assert record is not None, id
        lot: Lot = record.value
        return lot

    def piece(self, event: str) -> Piece | None:
        """The piece of an event's name, if it was applied or asserted."""
        record = self.register.read(Key("event", event))
        return None if record is None else self.pieces[record.at]


def replay(
    pieces: Sequence[Piece],
    subjects: Iterable[str],
    proven: Proven | None = None,
    own: Mapping[int, Set[str]] | None = None,
) -> Replay:
    """Judge the pieces, ascending by index, as evidence for the subjects. ``proven``: what the register
    said; the piece that bears its root is judged too. ``own``: of an entry, the lots of which no line is
    passed over; by default the subjects' ancestry."""
    fold = Fold(lambda key: None)
    keys = _keys(pieces)
    subjects = list(subjects)
    judged = evidence.judged(pieces, subjects)
    if proven is not None and pieces:
        judged |= {proven.size}
    known = _Known(proven, fold, pieces)
    ancestry = evidence.ancestry(pieces, subjects) - known.rested
    applied, asserted = set(), set()
    faults = []
    noted = _Noted(defaultdict(list), defaultdict(list))
    shares = 0
    for piece in pieces:
        known.until(piece.index)
        if shares > MOST_SHARES:
            faults += _given_up(piece.index)
            break
        lots = ancestry if own is None else own[piece.index]
        fault = _unsigned(piece, keys) or _refused(piece, fold, noted, lots)
        shares += _shares(piece, fold) if fault is None else _in_vain(piece, fold)
        if piece.index not in judged:
            continue
        if fault is None:
            applied.add(piece.index)
        elif _assert_birth(fault, piece, fold):
            asserted.add(piece.index)
        if fault is not None:
            faults.append(fault)
    known.until(None)
    by_index = {piece.index: piece for piece in pieces}
    return Replay(
        fold,
        by_index,
        judged,
        frozenset(applied),
        frozenset(asserted),
        tuple(faults + known.faults),
        noted.said,
        noted.moved,
        ancestry,
        proven,
    )


class _Noted(NamedTuple):
    """Which admitted entries did what, as ``Replay`` tells it."""

    said: dict[Key, list[int]]
    moved: dict[str, list[int]]

    def step(self, index: int, step: Step) -> None:
        for key in step.about:
            self.said[key].append(index)
        lots = dict.fromkeys([key.id for key in step.records if key.kind in ("hold", "owner")])
        for lot in lots:
            if Key("lot", lot) not in step.records:
                self.moved[lot].append(index)


class _Known:
    """Puts proven records into the register as the replay passes their last writers. Those of a lot whose
    birth is in the proof come last, as what became of it: else they could stand for a hand-over that was
    taken out of the proof together with what was said about it."""

    def __init__(self, proven: Proven | None, fold: Fold, pieces: Iterable[Piece]) -> None:
        self.faults: list[Fault] = []
        self._fold = fold
        born = evidence.births(pieces).keys()
        found = [item for item in (proven.records() if proven else ()) if item[0].kind in OF_A_LOT]
        self._last = [item for item in found if item[0].id in born]
        self._rest = deque(item for item in found if item[0].id not in born)
        self.rested = {key.id for key, _ in self._rest if key.kind == "lot"}

    def until(self, index: int | None) -> None:
        """All that was written before the entry ``index``; None for all."""
        if index is None:
            self._rest.extend(self._last)
        while self._rest and (index is None or self._rest[0][1].at < index):
            key, record = self._rest.popleft()
            before = self._fold.state.get(key)
            if before is not None and _contradicts(before, record):
                detail = f"it wrote the {key.kind} record of {key.id}, of which the register knows nothing"
                self.faults.append(Fault(before.at, 6, "register.contradicted", detail, (key,), False))
            if before is None or key.kind not in WRITE_ONCE:  # a replayed birth is compared: ``standing``
                self._fold.state[key] = record


def _contradicts(replayed: Record, proven: Record) -> bool:
    """Whether a record that was replayed cannot have come before, or be, the last one. What is used up
    only grows, but for withdrawals, which are in the proof."""
    if isinstance(replayed.value, Used) and replayed.value.grams > proven.value.grams:
        return True
    return replayed.at > proven.at or (isinstance(replayed.value, Lot) and replayed.at != proven.at)


def is_unproven(lot: Lot) -> bool:
    """Whether the lot is made, if only in part, of what the proof leaves out."""
    origins = (*(origin for origin, _ in lot.composition), *lot.traces)
    return any(origin.startswith(f"{UNPROVEN} ") for origin in origins)


def _shares(piece: Piece, fold: Fold) -> int:
    """How many shares of origins the lots have that the entry bore."""
    count = 0
    for key in evidence.writes(piece.event, piece.index) if piece.event else ():
        record = fold.read(key) if key.kind == "lot" else None
        if record is not None and record.at == piece.index:
            count += len(record.value.composition) + len(record.value.traces)
    return count


def _in_vain(piece: Piece, fold: Fold) -> int:
    """How many shares judging an event that was refused has gone through at most: else a file of events that
    are refused at their last line would cost far more than it is long."""
    if piece.event is None:
        return 0
    records = [fold.read(Key("lot", lot)) for lot in evidence.reads(piece.event)]
    taken = sum(len(one.value.composition) + len(one.value.traces) for one in records if one is not None)
    return min(taken * (1 + len(vars(piece.event).get("outputs", ()))), MOST_OF_ONE)


def _given_up(index: int) -> list[Fault]:
    """The rest of the proof is not judged: a file is checked before it is known whose it is, and must not
    be able to take all memory."""
    detail = (
        f"From here on nothing was checked: the lots before, and what the entries before took in vain, have "
        f"{MOST_SHARES} shares of origins and more."
    )
    return [Fault(index, check, "missing.work", detail, (), True) for check in (5, 6)]


def _keys(pieces: Iterable[Piece]) -> dict[str, PublicKey]:
    """Every public key that an event among the pieces brings, by kid. A kid is the hash of its key, so
    where it was found does not matter; whether it may speak is for the rules."""
    return {key.kid: key for piece in pieces if piece.event is not None for key in brought(piece.event)}


def _unsigned(piece: Piece, keys: Mapping[str, PublicKey]) -> Fault | None:
    """What is wrong with the entry before any rule is asked: its form and its signature."""
    wrong = piece.wrong
    if piece.statement is not None and wrong is None:
        key = keys.get(piece.statement.kid)
        if key is None:
            detail = f"The event that registers the key {piece.statement.kid} is not in the proof."
            return Fault(piece.index, 5, "missing.key", detail, (Key("key", piece.statement.kid),), True)
        try:
            statement.check(piece.statement, key)
            return None
        except Malformed as found:
            wrong = found
    assert wrong is not None
    return Fault(piece.index, _check(wrong.code), wrong.code, f"{wrong.path}: {wrong.detail}", (), False)


def _refused(piece: Piece, fold: Fold, noted: _Noted, ancestry: Set[str]) -> Fault | None:
    """What the rules say against the entry; None if they admit it, and then it is noted what of.
    ``ancestry``: lots of which no line is passed over."""
    entry, signed, event = piece.entry, piece.statement, piece.event
    assert signed is not None
    assert event is not None
    if event.type != "charter" and fold.read(Key("charter", str(entry.charter))) is None:
        detail = (
            f"The charter or amendment by which it was judged, entry {entry.charter}, is not in the proof."
        )
        key = Key("charter", str(entry.charter))
        return Fault(entry.index, 6, "missing.charter", detail, (key,), True)
    context = Context(entry.index, entry.received, signed.kid, entry.charter, signed.digest, whole=False)
    step = _step(event, context, fold, ancestry)
    if not isinstance(step, Refusal):
        noted.step(entry.index, step)
        return None
    if step.waiting_for is None:
        detail = f"{step.path}: {step.detail}"
        return Fault(entry.index, _check(step.code), step.code, detail, step.keys, False)
    detail = f"{step.path}: {step.waiting_for} is not in the proof"
    kind = step.keys[0].kind if step.keys else ""
    code = _MISSING.get(kind, "missing.event")
    return Fault(entry.index, _check_missing(code), code, detail, step.keys, True)


def _step(event: Event, context: Context, fold: Fold, ancestry: Set[str]) -> Step | Refusal:
    """The fold's step. A shipment may carry lots that have nothing to do with the subject, and what they rest
    on need not be in the proof. Each line stands for itself, so lines of others that are refused are passed
    over, and of lots whose record is proven; a lot whose line is passed over has not moved, so whatever
    rests on that move lacks evidence."""
    step = fold.step(event, context)
    lines = vars(event).get("lines", ())
    if not isinstance(step, Refusal) or not step.path.startswith("$.lines") or len(lines) < 2:
        return step
    kept = [line for line in lines if line.lot in ancestry or _stands(event, line, context, fold)]
    if not kept or len(kept) == len(lines):
        return step
    return fold.step(event.model_copy(update={"lines": tuple(kept)}), context)


def _stands(event: Event, line: object, context: Context, fold: Fold) -> bool:
    """Whether the event is admitted with this line alone."""
    mark = fold.mark()
    stands = not isinstance(fold.step(event.model_copy(update={"lines": (line,)}), context), Refusal)
    fold.undo(mark)
    return stands


def _check(code: str) -> int:
    return 5 if code.partition(".")[0] in _OF_SIGNING else 6


def _check_missing(code: str) -> int:
    return 5 if code in ("missing.key", "missing.site") else 6


def _assert_birth(fault: Fault, piece: Piece, fold: Fold) -> bool:
    """Take the outputs of a transform as stated, if only its inputs are missing and none of its outputs
    is born already; whether it was done."""
    entry, signed, event = piece.entry, piece.statement, piece.event
    if fault.code != "missing.lot" or not isinstance(event, events.Transform) or signed is None:
        return False
    if any(fold.read(Key("lot", output.lot)) for output in event.outputs):
        return False
    charter = fold.read(Key("charter", str(entry.charter)))
    assert charter is not None
    materials = Catalogue.parse(charter.value.catalogue).materials
    name = event_name(event.party, event.id)

    def put(kind: str, id: str, value: Lot | Hold | Owner | Done) -> None:
        fold.state[Key(kind, id)] = Record(entry.index, value)

    for output in event.outputs:
        material = materials.get(output.material)
        carries = material is None or material.origin
        lot = Lot(
            output.material,
            output.grams,
            output.item,
            output.role,
            event.party,
            event.site,
            event.start,
            name,
            *(pure(f"{UNPROVEN} {output.lot}", output.grams) if carries else NOTHING),
        )
        put("lot", output.lot, lot)
        put("hold", output.lot, Hold(event.party, event.site, event.start, "", "", False, False, name))
        put("owner", output.lot, Owner(output.owner or event.party, "", "", event.start, name))
    born = tuple(output.lot for output in event.outputs)
    put("event", name, Done(event.type, signed.digest, event.at, signed.kid, born, (), (), ()))
    return True
