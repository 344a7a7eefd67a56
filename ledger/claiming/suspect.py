"""Entries that were signed with a key which, it was said later, was no longer its party's alone.

A revocation may say since when the key was in other hands. What the key signed from then until the ledger
learned it may be a thief's: a proof with such an entry does not hold, and a ledger says so too. Revocations
of that kind are rare, so that the party's entries of that time are looked through.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.entry import decode
from ledger.register import Key
from ledger.store import Store, scan_all


class Suspect(NamedTuple):
    """The entry ``at``, signed by a key that ``by`` revoked, in other hands since ``since`` (ms)."""

    at: int
    by: str
    since: int


def suspects(store: Store, size: int) -> Iterator[Suspect]:
    """All such entries of a ledger of this size."""
    for key, record in scan_all(store, "status", "key "):
        for _, by, revocation, since in record.value.marks:
            yield from _signed(store, key.id.partition(" ")[2], by, revocation, since, size)


def _signed(store: Store, kid: str, by: str, revocation: str, since: int, size: int) -> Iterator[Suspect]:
    """What the key signed between ``since`` and the entry that revoked it."""
    revoked = Key("event", revocation)
    learned = store.read((revoked,))[revoked].at
    if since >= decode(store.entries_at((learned,))[learned]).received:
        return
    until = min(learned, size)
    for index in signed_by(store, kid, _first_since(store, since, until), until):
        yield Suspect(index, by, since)


def signed_by(store: Store, kid: str, first: int, until: int) -> Iterator[int]:
    """The entries from ``first`` to before ``until`` that the key signed, ascending."""
    key = Key("key", kid)
    posted = scan_all(store, "event", f"{store.read((key,))[key].value.party} ")
    found = (record.at for _, record in posted if record.value.kid == kid)
    yield from sorted(index for index in found if first <= index < until)


def _first_since(store: Store, since: int, until: int) -> int:
    """The first entry that was received at that time or later; receipts never go back."""
    low, high = 0, until
    while low < high:
        middle = (low + high) // 2
        if decode(store.entries_at((middle,))[middle]).received < since:
            low = middle + 1
        else:
            high = middle
    return low
