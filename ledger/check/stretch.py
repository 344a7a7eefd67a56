"""A stretch of a log at whose end stands an entry that the rules refuse: evidence against its operator.

    {"format":"oreline-evidence/1",
     "kind":"entry",
     "note":"<signed note>",
     "start":<index of the first entry>,
     "entries":["<entry>",…],
     "entry":"<base64>",
     "hashes":"<base64>",
     "register":{"records":[…],"buckets":[…],"hashes":"<base64>"}}

``entries`` are those from ``start`` on without a gap, up to the ``entry`` that cannot stand, whatever its
octets are; with ``hashes`` they are a multiproof to the root that the log signed. ``start`` is 0, and entry
0 the charter; or the first entry is a ``register`` event, whose root
proves, in the form that proofs have (``ledger.prooffile``), what the register was before it: every record
that judging the entries asks for, or that there is none. So they can be judged by whoever has the trust file
as by the writer himself. The evidence shows something if ``entries`` are all right and ``entry`` is not: also
where it is a ``register`` event that states another root than they make (``ledger.check.rerooting``).

The log signed both: what the register was, and that the entry stands. An honest log cannot be accused so.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from ledger import b64, entry, events, prooffile, recordform, registermap, statement, strictjson
from ledger.check.rerooting import contradiction
from ledger.entry import Entry
from ledger.errors import Malformed
from ledger.events import Event, Register
from ledger.evidencefile import FORMAT, Shown
from ledger.keys import PublicKey
from ledger.merkle import HASH_BYTES, leaf_hash, root_from_multiproof
from ledger.prooffile import RegisterPart
from ledger.register import Key, Record
from ledger.rules import Context, Refusal
from ledger.rules.fold import Fold
from ledger.statement import Statement
from ledger.trust import NONE, Trust

KIND = "entry"
MAX_BYTES = prooffile.MAX_BYTES
MAX_ENTRIES = prooffile.MAX_ENTRIES
_MEMBERS = ["format", "kind", "note", "start", "entries", "entry", "hashes"]


class Stretch(NamedTuple):
    """``note``: a signed checkpoint. ``entries``: their texts, the first at index ``start``. ``entry``: the
    octets of the one behind them."""

    note: str
    start: int
    entries: tuple[str, ...]
    entry: bytes
    hashes: tuple[bytes, ...]
    register: RegisterPart | None = None


class Wrong(NamedTuple):
    """Why an entry cannot stand where it does."""

    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}, {self.detail}"


class Row(NamedTuple):
    """An entry with what it says."""

    data: bytes
    entry: Entry
    statement: Statement
    event: Event


def encode(stretch: Stretch) -> bytes:
    """The bytes of the file."""
    value: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "note": stretch.note,
        "start": stretch.start,
        "entries": list(stretch.entries),
        "entry": b64.encode_std(stretch.entry),
        "hashes": b64.encode_hashes(stretch.hashes),
    }
    if stretch.register is not None:
        value["register"] = prooffile.register_value(stretch.register)
    return strictjson.dumps(value) + b"\n"


def is_one(data: bytes) -> bool:
    """Whether an evidence file claims to be of this kind."""
    return data.startswith(strictjson.dumps({"format": FORMAT, "kind": KIND})[:-1])


def decode(data: bytes) -> Stretch:
    """The evidence of the file's bytes; ``Malformed("evidence.form")``."""
    if len(data) > MAX_BYTES:
        raise Malformed("evidence.form", detail=f"The file is larger than {MAX_BYTES:,} octets.")
    try:
        value = orjson.loads(data)  # lenient in places; the comparison below is what is strict
        shown = value.pop("register", None)
        if list(value) != _MEMBERS or value["kind"] != KIND:
            raise Malformed("evidence.form")
        part = None if shown is None else prooffile.register_part(shown)
        hashes = b64.decode_hashes(value["hashes"])
        last = b64.decode_std(value["entry"])
        stretch = Stretch(value["note"], value["start"], tuple(value["entries"]), last, hashes, part)
        texts = all(isinstance(text, str) for text in (stretch.note, *stretch.entries))
        if texts and type(stretch.start) is int and stretch.start >= 0 and encode(stretch) == data:
            return stretch
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise Malformed("evidence.form")


def check(evidence: Stretch, trust: Trust) -> Shown:
    """What the evidence shows. ``Malformed`` where it shows nothing: ``evidence.unproven``, or what is
    wrong with the note (``note.…``, ``checkpoint.…``, ``trust.origin``, ``trust.log``)."""
    trusted = trust._replace(quorum=NONE).check(evidence.note)
    size, root = trusted.checkpoint.size, trusted.checkpoint.root
    rows = [*(text.encode() for text in evidence.entries), evidence.entry]
    leaves = [(index, leaf_hash(data)) for index, data in enumerate(rows, evidence.start)]
    last = leaves[-1][0]
    if last >= size:
        raise _nothing("The entries are not within the checkpoint.")
    try:
        found = root_from_multiproof(leaves, size, evidence.hashes)
    except Malformed as fault:
        raise _nothing(fault.detail) from None
    if found != root:
        raise _nothing("The entries do not lead to the signed root.")
    fetch = _fetch(evidence, trust, leaves[0][1], rows[0])
    written: dict[Key, Record] = {}
    index, wrong = judge_all(rows, evidence.start, fetch, written)
    if index < last:
        raise _nothing(f"Entry {index} is wrong before the last one is: {wrong}")
    wrong = wrong or _wrong_root(trust.charter, evidence, rows, written)
    if wrong is None:
        raise _nothing("The last entry is right, too.")
    log = trusted.checkpoint.origin
    stands = f"signed a history of {size} entries in which entry {last} stands"
    sentence = f"The log {log} {stands}, and it cannot: {wrong}"
    return Shown(KIND, log, sentence, (trusted,))


def judge_all(
    rows: Sequence[bytes],
    start: int,
    fetch: Callable[[Key], Record | None],
    written: dict[Key, Record] | None = None,
) -> tuple[int, Wrong | None]:
    """Judge entries from ``start`` on, one after the other: the index of the first that is wrong, and why;
    or the last one's, and None. ``fetch``: the register before them. ``written`` learns the records that
    all but the last one wrote."""
    fold = Fold(fetch)
    last: bytes | None = None if start else bytes(HASH_BYTES)
    received = 0
    for index, data in enumerate(rows, start):
        found = _judge(fold, data, index, last, received)
        if isinstance(found, Wrong):
            return index, found
        row, records = found
        if written is not None and index < start + len(rows) - 1:
            written.update(records)
        last, received = leaf_hash(data), row.entry.received
    return start + len(rows) - 1, None


def _judge(
    fold: Fold, data: bytes, index: int, last: bytes | None, received: int
) -> tuple[Row, Mapping[Key, Record]] | Wrong:
    """Judge an entry wholly, signature included; what it writes. ``last``: the hash of the one before, None
    where that is not known."""
    try:
        row = follow_on(data, index, last, received)
        jwk = _jwk(fold, row)
        if jwk is not None:  # else the rules refuse the key
            statement.check(row.statement, PublicKey.from_text(jwk))
    except Malformed as wrong:
        return Wrong(wrong.code, wrong.detail)
    step = fold.step(row.event, context_of(row))
    if isinstance(step, Refusal):
        return Wrong(step.code, f"at {step.path}: {step.detail}")
    return row, step.records


def context_of(row: Row) -> Context:
    """Where and when the rules judge the entry."""
    found = row.entry
    return Context(found.index, found.received, row.statement.kid, found.charter, row.statement.digest)


def follow_on(data: bytes, index: int, last: bytes | None, received: int) -> Row:
    """The entry in its place in the chain; ``Malformed`` if it is none that a writer makes there."""
    found = entry.decode(data)
    if found.index != index or last not in (None, found.prev) or found.received < received:
        raise Malformed("entry.chain")
    signed = statement.parse(found.statement)
    return Row(data, found, signed, events.parse(signed.payload))


def _jwk(fold: Fold, row: Row) -> str | None:
    for key in events.brought(row.event):
        if key.kid == row.statement.kid:
            return key.jwk_text
    record = fold.read(Key("key", row.statement.kid))
    return None if record is None else str(record.value.jwk)


def _wrong_root(
    charter: bytes, evidence: Stretch, rows: Sequence[bytes], written: Mapping[Key, Record]
) -> Wrong | None:
    """Why the last entry, if it is a register event, states what cannot be."""
    first, last = (_stated(data) for data in (rows[0], rows[-1]))
    if last is None:
        return None
    try:
        before = first if evidence.start else None
        why = contradiction(charter, last, written, before, evidence.register)
    except KeyError:
        raise _nothing("The file does not open the buckets of all records that were written.") from None
    return Wrong("register.contradicted", why) if why else None


def _stated(data: bytes) -> Register | None:
    event = events.in_entry(data)
    return event if isinstance(event, Register) else None


def _nothing(detail: str) -> Malformed:
    return Malformed("evidence.unproven", detail=detail)


# --- The register before the stretch


def _fetch(evidence: Stretch, trust: Trust, leaf: bytes, data: bytes) -> Callable[[Key], Record | None]:
    if evidence.start == 0:
        if leaf != trust.charter or evidence.register is not None:
            raise _nothing("The stretch begins with entry 0, and that is not the trust file's charter.")
        return lambda key: None
    try:
        event = follow_on(data, evidence.start, None, 0).event
    except Malformed:
        event = None
    if not isinstance(event, Register) or event.size != evidence.start or evidence.register is None:
        raise _nothing("The stretch does not begin with the event that states the register.")
    part = evidence.register
    try:
        root = b64.decode_std(event.root)
        shown = registermap.OpenedMap(trust.charter, root, event.depth, part.buckets, part.hashes, part.pairs)
    except Malformed as wrong:
        raise _nothing(f"What the file shows of the register: {wrong.detail}") from None
    texts = dict(part.records)

    def fetch(key: Key) -> Record | None:
        hash = registermap.key_hash(key)
        if not shown.shows(hash):
            raise _nothing(f"The file does not show the record {key.kind} {key.id}.")
        digest = shown.digest(hash)
        if digest is None:
            return None
        text = texts.get(key, "")
        if sha256(text.encode()).digest() != digest:
            raise _nothing(f"The file does not hold the record {key.kind} {key.id}.")
        try:
            return recordform.read(key, text)
        except ValueError:
            raise _nothing(f"The record {key.kind} {key.id} is none, or is not spelt exactly.") from None

    return fetch
