"""The tricks: what can be done to a claim, or to the file of one.

Each takes the attack at hand and a source of chance. Those on a claim keep all hashes right; those on a
file's JSON keep its spelling right; the last break whatever they hit.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from ledger import b64
from ledger.check import evidence
from ledger.check.evidence import CUSTODY
from ledger.merkle import HASH_BYTES
from ledger.prooffile import FORMAT, HISTORY
from ledger.register import Key, event_name
from tests.redteam.known import ABOUT_LOTS, Claim, Known

SPEAKERS = ("correct", "revoke_key", "revoke_attestation", "attest", "amend", "party", "site")


class Stock(NamedTuple):
    """What the tricks draw on. ``claims``: honest ones of the same checkpoint; ``files``: honest files, of
    this checkpoint and of earlier ones."""

    known: Known
    claims: list[Claim]
    files: list[bytes]
    subjects: list[str]


Trick = Callable[[Claim, Stock, Random], Claim]
Mangle = Callable[[dict[str, Any], Stock, Random], None]


def _some(chance: Random, things: Any, most: int = 4) -> set[Any]:
    found = sorted(things)
    return set(chance.sample(found, min(len(found), chance.randint(1, most))))


def _event(stock: Stock, index: int) -> Any:
    event = stock.known.pieces[index].event
    assert event is not None
    return event


def _name(stock: Stock, index: int) -> str:
    event = _event(stock, index)
    return event_name(event.party, event.id)


def _of(stock: Stock, index: int) -> str:
    of = vars(_event(stock, index)).get("of")
    return of.name if of is not None else ""


def said_of(stock: Stock, claim: Claim, gone: set[int]) -> set[int]:
    """These, and whatever of the claim speaks of them, and of that."""
    gone = set(gone)
    while True:
        names = {_name(stock, index) for index in gone}
        keys = {key for index in gone for key in evidence.writes(_event(stock, index), index)}
        keys = {key for key in keys if key.kind in ("event", "key", "attestation")}
        more = {
            index
            for index in claim.entries - gone
            if _of(stock, index) in names or keys & set(evidence.about(_event(stock, index)))
        }
        if not more:
            return gone
        gone |= more


# -- entries taken out


def strip(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Some entries are gone."""
    return claim._replace(entries=claim.entries - _some(chance, claim.entries))


def strip_story(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Some entries are gone, and all that was said of them."""
    gone = said_of(stock, claim, _some(chance, claim.entries, 2))
    return claim._replace(entries=claim.entries - gone)


def strip_speakers(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """All that was said afterwards is gone, or half of it."""
    said = {index for index in claim.entries if _event(stock, index).type in SPEAKERS}
    gone = said if chance.random() < 0.5 else {index for index in said if chance.random() < 0.5}
    return claim._replace(entries=claim.entries - gone)


def strip_type(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """No event of some type is left."""
    type = chance.choice(sorted({_event(stock, index).type for index in claim.entries}))
    return claim._replace(entries=frozenset(n for n in claim.entries if _event(stock, n).type != type))


def moves_of(stock: Stock, claim: Claim, lot: str) -> list[int]:
    """The claim's entries that move or sell a lot after its birth."""
    found = []
    for index in sorted(claim.entries):
        event = _event(stock, index)
        written = {key.kind for key in evidence.writes(event, index) if key.id == lot}
        if written and "lot" not in written:
            found.append(index)
    return found


def strip_moves(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """A stretch of what moved one lot is gone, with all that was said of it."""
    lots = sorted({key.id for key in stock.known.keys if key.kind == "lot"})
    moved = {lot: found for lot in lots if (found := moves_of(stock, claim, lot))}
    if not moved:
        return claim
    found = moved[chance.choice(sorted(moved))]
    start = chance.randrange(len(found))
    stop = chance.randint(start + 1, len(found))
    return claim._replace(entries=claim.entries - said_of(stock, claim, set(found[start:stop])))


def strip_all_moves(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """All that moved the subject is gone."""
    gone = said_of(stock, claim, set(moves_of(stock, claim, claim.subject)))
    return claim._replace(entries=claim.entries - gone)


def strip_lot(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Every entry that names one lot is gone; its records may stand for it, as beyond a horizon."""
    lots = sorted({key.id for key in stock.known.keys if key.kind == "lot"})
    if not lots:
        return claim
    lot = chance.choice(lots)
    gone = {
        index
        for index in claim.entries
        if any(key.id == lot for key in evidence.writes(_event(stock, index), index))
    }
    claim = claim._replace(entries=claim.entries - gone)
    return claim if chance.random() < 0.3 else _standing_for(claim, {lot})


def _standing_for(claim: Claim, lots: set[str]) -> Claim:
    keys = {Key(kind, lot) for lot in lots for kind in ABOUT_LOTS}
    return claim._replace(buckets=claim.buckets | keys, records=claim.records | keys)


# -- things put in


def add(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Entries that do not belong there."""
    return claim._replace(entries=claim.entries | _some(chance, stock.known.pieces, 12))


def add_all(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Every entry."""
    return claim._replace(entries=frozenset(stock.known.pieces))


def join(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """With another proof's entries, or its buckets and records."""
    other = chance.choice(stock.claims)
    if chance.random() < 0.5:
        claim = claim._replace(entries=claim.entries | other.entries)
    return claim._replace(buckets=claim.buckets | other.buckets, records=claim.records | other.records)


def swap_part(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Another proof's entries under this one's records, or the other way about."""
    other = chance.choice(stock.claims)
    if chance.random() < 0.5:
        return claim._replace(entries=other.entries)
    return claim._replace(buckets=other.buckets, records=other.records)


def open_more(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """More buckets are opened, and more records stand there."""
    more = _some(chance, stock.known.keys, 30)
    return claim._replace(buckets=claim.buckets | more, records=claim.records | more)


def stand_for(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """The records of some lots stand there, whether their births do or not."""
    lots = {key.id for key in stock.known.keys if key.kind == "lot"}
    return _standing_for(claim, _some(chance, lots, 5))


# -- the register's part


def close_some(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Some buckets stay closed."""
    kept = frozenset(key for key in claim.buckets if chance.random() < 0.9)
    return claim._replace(buckets=kept)


def hide_records(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """Some records are left out."""
    return claim._replace(records=claim.records - _some(chance, claim.records, 6))


def hide_of_kind(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """All records of a kind are left out, and their buckets stay closed where no other key needs them."""
    kind = chance.choice(sorted({key.kind for key in claim.buckets} | {"about"}))
    return claim._replace(
        records=frozenset(key for key in claim.records if key.kind != kind),
        buckets=frozenset(key for key in claim.buckets if key.kind != kind),
    )


def told_later(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """What moved some lots is told by number, and taken out of the proof."""
    lots = sorted({key.id for key in stock.known.keys if key.kind == "lot"})
    moves = dict(claim.moves)
    gone: set[int] = set()
    for lot in chance.sample(lots, min(len(lots), 2)):
        found = moves_of(stock, claim, lot)
        moves[lot] = tuple(sorted({*moves.get(lot, ()), *found}))
        gone |= set(found)
    return claim._replace(entries=claim.entries - said_of(stock, claim, gone), moves=moves)


def bare(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """No register's part."""
    return claim._replace(shown=False)


def short(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """No entry but the last, or the charter besides."""
    entries = frozenset({0} & stock.known.pieces.keys() if chance.random() < 0.3 else ())
    return _standing_for(claim._replace(entries=entries), {claim.subject})


# -- names


def rename(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """The proof of something else."""
    return claim._replace(subject=chance.choice(stock.subjects))


def as_history(claim: Claim, stock: Stock, chance: Random) -> Claim:
    """A proof as a history, a history as a proof."""
    if claim.format == HISTORY:
        return claim._replace(format=FORMAT, subject=chance.choice(stock.subjects))
    lot = chance.choice([claim.subject, chance.choice(stock.subjects)])
    entries = {
        index
        for index in stock.known.pieces
        if any(key.id == lot for key in evidence.rests_on(_event(stock, index), ""))
    }
    keys = {Key(kind, lot) for kind in (*CUSTODY, "used")}
    keys |= {key for key in stock.known.keys if key.kind == "key"}
    claim = claim._replace(
        format=HISTORY, subject=f"lot {lot}", buckets=frozenset(keys), records=frozenset(keys)
    )
    return claim if chance.random() < 0.3 else claim._replace(entries=frozenset(entries))


TRICKS: tuple[Trick, ...] = (
    strip, strip_story, strip_story, strip_speakers, strip_speakers, strip_type, strip_moves, strip_moves,
    strip_all_moves, strip_lot, add, add_all, join, swap_part, open_more, stand_for, close_some,
    hide_records, hide_of_kind, told_later, told_later, bare, short, rename, as_history,
)  # fmt: skip


# -- the file: its JSON, with the spelling kept


def _list(value: dict[str, Any], chance: Random) -> list[Any]:
    lists = [value["entries"]]
    if "register" in value:
        lists += [value["register"]["records"], value["register"]["buckets"]]
    lists += [row for found in lists[1:] for row in found if isinstance(row, list)]
    return chance.choice([found for found in lists if found] or [[0]])


def double(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """Something stands there twice."""
    found = _list(value, chance)
    found.insert(chance.randrange(len(found) + 1), chance.choice(found))


def reorder(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """Two things have changed places."""
    found = _list(value, chance)
    a, b = chance.randrange(len(found)), chance.randrange(len(found))
    found[a], found[b] = found[b], found[a]


def drop(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """One thing is gone."""
    found = _list(value, chance)
    del found[chance.randrange(len(found))]


def transplant(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """A member is another file's, perhaps an earlier checkpoint's."""
    other = json.loads(chance.choice(stock.files))
    names = ["subject", "checkpoint", "entries", "hashes", "register"]
    for name in _some(chance, names, 2):
        if name in other:
            value[name] = other[name]
    if chance.random() < 0.3 and "register" in value and "register" in other:
        name = chance.choice(["records", "buckets", "hashes"])
        value["register"][name] = other["register"][name]


def number(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """A number in a record, an entry or a bucket is another."""
    rows = value.get("register", {}).get("records") or [["", "[0]"]]
    row = chance.choice(rows)
    digits = [at for at, sign in enumerate(row[1]) if sign.isdigit()]
    at = chance.choice(digits or [0])
    row[1] = (
        row[1][:at]
        + chance.choice(["0", "9", "18", "-1", str(10 ** chance.randint(2, 40))])
        + row[1][at + 1 :]
    )


def rehash(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """Of some joined hashes one is gone, stands twice or stands elsewhere."""
    holder = chance.choice([value, value.get("register", value)])
    data = b64.decode_std(holder["hashes"])
    hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)] or [bytes(HASH_BYTES)]
    one = hashes.pop(chance.randrange(len(hashes)))
    for _ in range(chance.randrange(3)):
        hashes.insert(chance.randrange(len(hashes) + 1), one)
    holder["hashes"] = b64.encode_hashes(hashes)


def nonsense(value: dict[str, Any], stock: Stock, chance: Random) -> None:
    """Something is of no sense at all."""
    found = _list(value, chance)
    found[chance.randrange(len(found))] = chance.choice(
        [None, True, 0, -1, 2**70, 1.5, "", "A", "lot x", [], [0], ["lot a:b", "[]"], {}, "\x00", "é" * 9]
    )


MANGLES: tuple[Mangle, ...] = (double, reorder, drop, transplant, transplant, number, rehash, nonsense)


def spoil(data: bytes, chance: Random) -> bytes:
    """Bytes are changed, lost, doubled or put in."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        stop = min(at + chance.choice([1, 1, 2, 50]), len(data))
        put = chance.choice([b"", bytes([chance.randrange(256)]), data[at:stop] * 2, b"0", b'","'])
        data = data[:at] + put + data[stop:]
    return data
