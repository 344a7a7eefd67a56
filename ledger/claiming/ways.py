"""What a lot's way names: the mass-balance accounts that its claims were issued from or booked in, the
agreements under which it was shipped or sold, and the parties and sites that only held or owned it.

Each entry that moved a lot needs the one before, and the event that used it needs the last. So the way of
what went into an event is found from the event back; with the ways of the lots themselves that is all.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from ledger import events
from ledger.claiming import read
from ledger.register import event_name
from ledger.store import Store

K = TypeVar("K")
_MOVES = ("ship", "receive", "transfer")


class Ways(NamedTuple):
    """Ids of accounts, names of agreements, and ids of the parties and sites that the events name which made
    it, moved it or sold it; ascending."""

    accounts: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


NONE = Ways()


def join(several: Iterable[Ways]) -> Ways:
    """All that several name."""
    found = set(several) - {NONE}
    if len(found) < 2:
        return found.pop() if found else NONE
    return Ways(*(tuple(sorted({id for ids in named for id in ids})) for named in zip(*found, strict=True)))


def of_event(event: Any) -> Ways:
    """What one event names: a source, a transform, a shipment, a transfer."""
    members = vars(event)
    coc = members.get("coc")
    accounts = {members.get("account"), coc.account if coc else None} - {None}
    agreement = members.get("agreement")
    places = {event.party, members.get("site"), members.get("to")}
    places |= {output.owner for output in members.get("outputs", ())}
    return Ways(
        tuple(sorted(accounts)), (agreement.name,) if agreement else (), tuple(sorted(places - {None}))
    )


class _Move(NamedTuple):
    """An entry that may have moved lots; a correction names none."""

    lots: frozenset[str]
    ways: Ways
    needs: tuple[int, ...]


Use = tuple[int, frozenset[str]]
"""An entry, and lots that it used."""


def before(store: Store, uses: Iterable[Use]) -> dict[Use, Ways]:
    """For each use, what is named where the lots were moved before it."""
    wanted = set(uses)
    needs = store.needs({index for index, _ in wanted})
    return _back(store, {use: (use[1], needs[use[0]]) for use in wanted})


def since(store: Store, last: Mapping[str, Iterable[int]]) -> dict[str, Ways]:
    """For each lot, what is named where it was moved. ``last``: the entries that moved it last."""
    return _back(store, {lot: (frozenset((lot,)), tuple(entries)) for lot, entries in last.items()})


def _back(store: Store, asked: Mapping[K, tuple[frozenset[str], Iterable[int]]]) -> dict[K, Ways]:
    """For each question, what is named where its lots were moved, by these entries or before them."""
    lots = frozenset(lot for several, _ in asked.values() for lot in several)
    moves = _moves(store, {index for _, first in asked.values() for index in first}, lots)
    found = {}
    for key, (several, first) in asked.items():
        met: set[Ways] = set()
        todo = list(first)
        seen = set(todo)
        while todo:
            move = moves.get(todo.pop())
            if move is None or (move.lots and several.isdisjoint(move.lots)):
                continue
            met.add(move.ways)
            fresh = [need for need in move.needs if need not in seen]
            seen.update(fresh)
            todo += fresh
        found[key] = join(met)
    return found


def _moves(store: Store, todo: set[int], lots: frozenset[str]) -> dict[int, _Move]:
    """The entries that moved any of the lots, found from these back."""
    found: dict[int, _Move] = {}
    seen = set(todo)
    while todo:
        payloads = _payloads(store, todo)
        met = {index: payload for index, payload in payloads.items() if _is_move(payload, lots)}
        needs = store.needs(met)
        found |= {
            index: _Move(_lots(payload), _named(payload), needs[index]) for index, payload in met.items()
        }
        todo = {need for several in needs.values() for need in several} - seen
        seen |= todo
    return found


def _payloads(store: Store, indices: Iterable[int]) -> dict[int, dict[str, Any]]:
    return {
        index: events.plain_in_entry(data)
        for some in read.chunks(sorted(indices))
        for index, data in store.entries_at(some).items()
    }


def _is_move(payload: Mapping[str, Any], lots: frozenset[str]) -> bool:
    """A withdrawal gives back where a lot was without naming it."""
    if payload["type"] == "correct":
        return bool(payload["action"] == "withdraw")
    return payload["type"] in _MOVES and not lots.isdisjoint(_lots(payload))


def _lots(payload: Mapping[str, Any]) -> frozenset[str]:
    lines = payload.get("lines", ())
    return frozenset(lot for line in lines for lot in (line["lot"], line.get("as")) if lot)


def _named(payload: Mapping[str, Any]) -> Ways:
    account = payload.get("coc", {}).get("account")
    agreement = payload.get("agreement")
    return Ways(
        (account,) if account else (),
        (event_name(agreement["party"], agreement["id"]),) if agreement else (),
        tuple(sorted({payload["party"], payload.get("site"), payload.get("to")} - {None})),
    )
