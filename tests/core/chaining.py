"""The chains of a history, by their definition: which entries each lot, month and thing has seen."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from ledger import b64
from ledger.register import Key, Record
from ledger.rules.fold import Fold
from ledger.store import Store
from tests.core.replaying import admitted

CHAINS = ("used", "posted", "about")


def chain(indices: Iterable[int]) -> str:
    """The hash over the indices, in their order."""
    found = b""
    for index in indices:
        found = sha256(found + index.to_bytes(8, "big")).digest()
    return b64.encode(found)


def seen(entries: Sequence[bytes]) -> dict[Key, list[int]]:
    """The indices that each record with a chain should have, by a replay of all entries."""
    found: dict[Key, list[int]] = defaultdict(list)
    fold = Fold(lambda key: None)
    for index, data in enumerate(entries):
        before = dict(fold.state)
        event, step = admitted(fold, data)
        for lot in concerned(event, step.records, before):
            found[Key("used", lot)].append(index)
        if event.type != "register":
            found[Key("posted", f"{event.party} {event.time[:7]}")].append(index)
        for kind, id in set(step.about):
            found[Key("about", f"{kind} {id}")].append(index)
    return dict(found)


def concerned(event: Any, written: Mapping[Key, Record], before: Mapping[Key, Record | None]) -> set[str]:
    """The lots, born by others, whose hold, owner or grams the event wrote, or that it attests."""
    lots = {key.id for key in written if key.kind in ("hold", "owner")}
    for key, record in written.items():
        if key.kind == "used":
            old = before.get(key)
            if record.value.grams != (old.value.grams if old else 0):
                lots.add(key.id)
    if event.type == "attest" and isinstance(event.subject, str) and before.get(Key("lot", event.subject)):
        lots.add(event.subject)
    return {lot for lot in lots if Key("lot", lot) not in written}


def moved(entries: Sequence[bytes]) -> dict[str, list[int]]:
    """Of each lot, the entries after its birth that wrote its hold or owner."""
    found: dict[str, list[int]] = defaultdict(list)
    fold = Fold(lambda key: None)
    for index, data in enumerate(entries):
        _, step = admitted(fold, data)
        written = {key.id for key in step.records if key.kind in ("hold", "owner")}
        for lot in written - {key.id for key in step.records if key.kind == "lot"}:
            found[lot].append(index)
    return dict(found)


def check(store: Store, records: Mapping[Key, Record]) -> None:
    """Each chain of the register is that of all entries that belong to it, and there is no other."""
    entries = list(store.entries(0, store.head().size))
    wanted, moves = seen(entries), moved(entries)
    kept = {key: record for key, record in records.items() if key.kind in CHAINS}
    assert kept.keys() == wanted.keys()
    for key, indices in wanted.items():
        at, value = kept[key]
        assert (at, value.events, value.chain) == (indices[-1], len(indices), chain(indices)), key
        assert key.kind != "used" or value.moves == chain(moves.get(key.id, [])), key
