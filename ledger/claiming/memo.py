"""Accounts of lots, folded when they are first asked for, and kept; with each what the lot's way names.

A lot's account is made of the accounts of what it was made of, and none of them ever changes. So only the
ancestors without a kept one are read and folded, in the ledger's order. How many there are does not matter:
they are read in chunks, and what was folded goes to the store.

A kept account says by which method it was made (``STAMP``); what another one made counts as not there.
"""

import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from ledger import events
from ledger.check import evidence
from ledger.claiming import read, ways
from ledger.claiming.ways import Ways
from ledger.claims.account import Account, Burden, Visit
from ledger.claims.fold import Position, born
from ledger.claims.method import DEFAULT, Method
from ledger.errors import StorageError
from ledger.events import Event
from ledger.register import Key, Lot
from ledger.store import Store

FOLD = 15  # to be raised whenever ``ledger.claims.fold`` gives other accounts than before
HELD = 4_096  # accounts in memory
STAMP = 8  # octets
Progress = Callable[[int, int], None]  # births folded, births in all


class Kept(NamedTuple):
    """What is kept of a lot. ``ways``: what is named on the way up to its birth."""

    account: Account
    ways: Ways


class Memo:
    """The accounts of a store's lots. ``progress`` is told how far a long fold has come."""

    def __init__(
        self, store: Store, method: Method = DEFAULT, progress: Progress = lambda done, total: None
    ) -> None:
        self.method = method
        self._store = store
        self._stamp = stamp(method)
        self._progress = progress
        self._held: OrderedDict[str, Kept] = OrderedDict()
        self._keeps = True  # else the store takes none, and nothing is let go of

    def kept(self, lots: Iterable[str]) -> dict[str, Kept]:
        """Of these lots, which must be in the ledger."""
        wanted = list(dict.fromkeys(lots))
        found = self._there(wanted)
        missing = [lot for lot in wanted if lot not in found]
        if missing:
            births = self._births(missing)
            found |= self._fold(births, frozenset(missing))
        return found

    def _there(self, lots: Iterable[str]) -> dict[str, Kept]:
        """Those that are held or kept."""
        found: dict[str, Kept] = {}
        missing = []
        for lot in lots:
            account = self._held.get(lot)
            if account is None:
                missing.append(lot)
            else:
                found[lot] = account
        for some in read.chunks(missing):
            for lot, data in self._store.accounts(some).items():
                if data[:STAMP] == self._stamp:
                    found[lot] = decode(data)
                    self._hold(lot, found[lot])
        return found

    def _hold(self, lot: str, kept: Kept) -> None:
        self._held[lot] = kept
        while self._keeps and len(self._held) > HELD:
            self._held.popitem(last=False)

    def _births(self, lots: list[str]) -> dict[int, set[str]]:
        """The lots to fold, by the entries that bore them: these and their ancestors, back to lots whose
        accounts are there."""
        births: dict[int, set[str]] = defaultdict(set)
        seen = set(lots)
        todo = lots
        while todo:
            parents: dict[str, None] = {}
            for some in read.chunks(todo):
                at: dict[int, list[str]] = defaultdict(list)
                for key, record in self._store.read(Key("lot", lot) for lot in some).items():
                    at[record.at].append(key.id)
                for index, one in read.entries(self._store, at).items():
                    births[index].update(at[index])
                    parents.update(
                        dict.fromkeys(
                            lot for child in at[index] for lot in evidence.parents(one.event, child)
                        )
                    )
            fresh = [lot for lot in parents if lot not in seen]
            seen.update(fresh)
            todo = []
            for some in read.chunks(fresh):
                known = self._there(some)
                todo += [lot for lot in some if lot not in known]
        return births

    def _fold(self, births: dict[int, set[str]], wanted: frozenset[str]) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        done = 0
        for some in read.chunks(sorted(births)):
            fresh: dict[str, Kept] = {}
            entries = read.entries(self._store, some)
            taken = {lot for one in entries.values() for lot in evidence.reads(one.event)}
            lots = {
                key.id: record.value
                for key, record in self._store.read(Key("lot", lot) for lot in taken).items()
            }
            inputs = self._there(taken - {lot for index in some for lot in births[index]})
            uses = {use_of(entries[index], lot) for index in some for lot in births[index]}
            moved = ways.before(self._store, uses)
            for index in some:
                one = entries[index]
                made = fold(self._store, one, births[index], lots, inputs | fresh, moved, self.method)
                fresh |= made
            self._keep(fresh)
            found |= {lot: account for lot, account in fresh.items() if lot in wanted}
            done += len(some)
            self._progress(done, len(births))
        return found

    def _keep(self, fresh: dict[str, Kept]) -> None:
        if self._keeps:
            try:
                self._store.keep_accounts(encoded(fresh, self._stamp))
            except StorageError:  # a ledger that may only be read: then nothing is remembered
                self._keeps = False
        for lot, account in fresh.items():
            self._hold(lot, account)


def fold(
    store: Store,
    one: read.Read,
    wanted: set[str],
    lots: dict[str, Lot],
    inputs: dict[str, Kept],
    moved: dict[ways.Use, Ways],
    method: Method,
) -> dict[str, Kept]:
    """Of the wanted ones among the lots that an entry bears. ``lots``, ``inputs``: of what these were made
    of; ``moved``: what is named where that was moved before."""
    event = _only(one.event, wanted)
    made = born(
        event,
        Position(one.index, one.received, one.name),
        lots.__getitem__,
        lambda lot: inputs[lot].account,
        read.catalogue(store, one.charter),
        method,
    )
    own = ways.of_event(event)
    found = {}
    for lot in sorted(wanted):
        before = [inputs[parent].ways for parent in evidence.parents(event, lot)]
        found[lot] = Kept(made[lot], ways.join([own, moved[use_of(one, lot)], *before]))
    return found


def use_of(one: read.Read, lot: str) -> ways.Use:
    """The use of what a lot was made of, by the entry that bore it."""
    return one.index, frozenset(evidence.parents(one.event, lot))


def _only(event: Event, wanted: set[str]) -> Event:
    """Of a shipment only the lines that split off a wanted part: of others nothing is known."""
    if isinstance(event, events.Ship):
        lines = [line for line in event.lines if line.as_ in wanted]
        return event.model_copy(update={"lines": lines})
    return event


# --- The byte form: the stamp, then compressed JSON


@lru_cache(maxsize=8)
def _stamped(text: bytes) -> bytes:
    return sha256(text).digest()[:STAMP]


def stamp(method: Method) -> bytes:
    """What tells the accounts of this method, and of this fold, from others."""
    return _stamped(orjson.dumps([FOLD, *map(_plain, method)], option=orjson.OPT_SORT_KEYS))


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def encoded(several: dict[str, Kept], by: bytes) -> dict[str, bytes]:
    """The byte forms of several, of which many may be one and the same."""
    known: dict[tuple[int, Ways], bytes] = {}
    for kept in several.values():
        key = id(kept.account), kept.ways
        if key not in known:
            known[key] = encode(kept, by)
    return {lot: known[id(kept.account), kept.ways] for lot, kept in several.items()}


def encode(kept: Kept, by: bytes) -> bytes:
    """The byte form of what is kept of a lot."""
    account = kept.account
    same = account.content_party is account.content
    rows = [
        account.refinery,
        account.smelter,
        account.content,
        None if same else account.content_party,
        [list(burden) for burden in account.footprint],
        account.power,
        account.models,
        [(where, list(visit)) for where, visit in sorted(account.visits.items())],
        sorted(account.gaps.items()),
        account.lacking,
        list(kept.ways),
    ]
    return by + zlib.compress(orjson.dumps(rows, option=orjson.OPT_SORT_KEYS), 1)


def decode(data: bytes) -> Kept:
    """What a byte form says; ``StorageError`` if it is none."""
    try:
        rows = orjson.loads(zlib.decompress(data[STAMP:]))
        refinery, smelter, content, party, footprint, power, models, visits, gaps, lacking, named = rows
        cut_off, by_mass = footprint
        account = Account(
            refinery,
            smelter,
            content,
            content if party is None else party,
            (Burden(*cut_off), Burden(*by_mass)),
            power,
            {process: (strength, first) for process, (strength, first) in models.items()},
            {tuple(where): _visit(*visit) for where, visit in visits},
            {tuple(what): first for what, first in gaps},
            lacking,
        )
        return Kept(account, Ways(*map(tuple, named)))
    except (ValueError, TypeError, AttributeError, zlib.error) as error:
        raise StorageError("store.corrupt", detail=f"An account cannot be read: {error}") from error


def _visit(runs: Any, late: Any, materials: Any, *rest: int) -> Visit:
    return Visit(tuple(map(tuple, runs)), tuple(late), tuple(materials), *rest)
