"""The kept accounts, each compared with the fold of what its lot was made of.

One after the other: where each account is the fold of the kept accounts of its inputs, back to the sources
that have none, all of them are those of the entries. The register must have been compared before.
"""

from collections import defaultdict
from collections.abc import Iterable

from ledger.audit.difference import Difference, difference
from ledger.claiming import memo, read, ways
from ledger.claims.method import DEFAULT, Method
from ledger.errors import StorageError
from ledger.register import Key, Lot, Record
from ledger.store import Store

PAGE = 500  # accounts read at once


def compare(store: Store, method: Method = DEFAULT) -> Difference | None:
    """The first account that is not what the entries make it. One made by another method, which nobody reads,
    is passed over."""
    stamp = memo.stamp(method)
    page = store.scan_accounts(limit=PAGE)
    while page:
        kept = {lot: data for lot, data in page if data[: memo.STAMP] == stamp}
        found = _compare(store, kept, stamp, method)
        if found is not None:
            return found
        page = store.scan_accounts(page[-1][0], PAGE)
    return None


def _compare(store: Store, kept: dict[str, bytes], stamp: bytes, method: Method) -> Difference | None:
    born = _lots(store, kept)
    births: dict[int, set[str]] = defaultdict(set)
    for lot, record in born.items():
        births[record.at].add(lot)
    entries = read.entries(store, births)
    uses = {lot: memo.use_of(entries[record.at], lot) for lot, record in born.items()}
    moved = ways.before(store, uses.values())
    taken = {lot for _, several in uses.values() for lot in several}
    lots: dict[str, Lot] = {lot: record.value for lot, record in _lots(store, taken).items()}
    inputs = {lot: data for lot, data in store.accounts(taken).items() if data[: memo.STAMP] == stamp}
    accounts: dict[str, memo.Kept | None] = {lot: _read(data) for lot, data in inputs.items()}
    for lot, data in kept.items():
        index = born[lot].at if lot in born else None
        path = f"$.accounts[{lot}]"
        if index is None:
            return difference("audit.account", path, "an account", "", None, f"There is no lot {lot}.")
        one = entries[index]
        held = {}
        for taken_lot in sorted(uses[lot][1]):
            account = accounts.get(taken_lot)
            if account is None:
                detail = f"It is made of that of {taken_lot}, of which none is kept that can be read."
                return difference("audit.account", path, "an account", "", index, detail)
            held[taken_lot] = account
        derived = memo.fold(store, one, {lot}, lots, held, moved, method)[lot]
        stored = _read(data)
        if stored != derived:
            return _named(path, stored, derived, index)
    return None


def _lots(store: Store, ids: Iterable[str]) -> dict[str, Record]:
    return {key.id: record for key, record in store.read(Key("lot", lot) for lot in ids).items()}


def _read(data: bytes) -> memo.Kept | None:
    try:
        return memo.decode(data)
    except StorageError:
        return None


def _named(path: str, stored: memo.Kept | None, derived: memo.Kept, index: int) -> Difference:
    """The member in which they part."""
    if stored is None:
        return difference("audit.account", path, "what cannot be read", "", index)
    sides = [{**kept.account._asdict(), **kept.ways._asdict()} for kept in (stored, derived)]
    name = next(name for name in sides[0] if sides[0][name] != sides[1][name])
    one, other = (str(side[name]) for side in sides)
    return difference("audit.account", f"{path}.{name}", one, other, index)
