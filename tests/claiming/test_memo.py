"""Accounts are folded when asked for, kept, and never differ from a fold of everything."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import events, statement
from ledger.audit import audit
from ledger.audit.rebuild import rebuild
from ledger.claiming import memo, read
from ledger.claiming.memo import Kept, decode, encode, stamp
from ledger.claiming.ways import Ways
from ledger.claims.account import Account
from ledger.claims.fold import Position, born
from ledger.claims.method import DEFAULT
from ledger.entry import decode as entry_of
from ledger.errors import StorageError
from ledger.register import Key, event_name
from ledger.rules.catalogue import Catalogue
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.world import LOT, World

COIL, HOOD, OFFCUT = LOT + "roller:coil", LOT + "stamper:hood", LOT + "stamper:offcut"


def all_accounts(store: Store) -> dict[str, Account]:
    """By a fold of the whole ledger, from its beginning."""
    catalogue = Catalogue.parse(store.read([Key("charter", "0")])[Key("charter", "0")].value.catalogue)
    found: dict[str, Account] = {}

    def lot(id: str) -> object:
        return store.read([Key("lot", id)])[Key("lot", id)].value

    for index, data in enumerate(store.entries(0, store.head().size)):
        entry = entry_of(data)
        event = events.parse(statement.parse(entry.statement).payload)
        position = Position(index, entry.received, event_name(event.party, event.id))
        found |= born(event, position, lot, found.__getitem__, catalogue)  # type: ignore[arg-type]
    return found


class Memo(memo.Memo):
    """Tells the accounts alone."""

    def accounts(self, lots: Iterable[str]) -> dict[str, Account]:
        return {lot: kept.account for lot, kept in self.kept(lots).items()}


class Counting(MemoryStore):
    """Counts the entries that are read."""

    count = 0

    def entries_at(self, indices: Iterable[int]) -> dict[int, bytes]:
        found = super().entries_at(indices)
        self.count += len(found)
        return found


class Locked(MemoryStore):
    """A ledger that may only be read."""

    def keep_accounts(self, kept: object) -> None:
        raise StorageError("store.read_only")


def test_the_account_of_a_lot_is_that_of_a_fold_of_everything() -> None:
    world = World()
    world.hood()
    wanted = all_accounts(world.store)
    assert Memo(world.store).accounts([HOOD, OFFCUT, COIL]) == {
        lot: wanted[lot] for lot in (HOOD, OFFCUT, COIL)
    }
    kept = dict(world.store.scan_accounts())
    assert {lot: decode(data).account for lot, data in kept.items()} == {lot: wanted[lot] for lot in kept}
    assert Memo(world.store).accounts(kept) == {lot: wanted[lot] for lot in kept}


def test_what_was_folded_is_not_read_again() -> None:
    store = Counting()
    world = World(store)
    world.hood()
    store.count = 0
    Memo(store).accounts([COIL])
    births = store.count
    assert births > 0
    store.count = 0
    Memo(store).accounts([COIL])
    assert store.count == 0
    Memo(store).accounts([HOOD])  # its own birth and the blank's, and how the coil came
    assert 4 <= store.count < births


def test_much_is_read_in_chunks_and_little_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.hood()
    wanted = all_accounts(world.store)
    monkeypatch.setattr(memo, "HELD", 1)
    monkeypatch.setattr(read, "CHUNK", 2)
    monkeypatch.setattr(read.chunks, "__defaults__", (2,))
    told: list[tuple[int, int]] = []
    found = Memo(world.store, progress=lambda done, total: told.append((done, total)))
    assert found.accounts([HOOD, OFFCUT]) == {lot: wanted[lot] for lot in (HOOD, OFFCUT)}
    assert told == [(2, 8), (4, 8), (6, 8), (8, 8)]
    assert found.accounts([COIL]) == {COIL: wanted[COIL]}


def test_a_ledger_that_may_only_be_read_is_folded_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Locked())
    world.hood()
    monkeypatch.setattr(memo, "HELD", 1)
    monkeypatch.setattr(read.chunks, "__defaults__", (2,))
    found = Memo(world.store).accounts([HOOD])
    assert found == {HOOD: all_accounts(world.store)[HOOD]}
    assert world.store.scan_accounts() == []


def test_a_part_is_folded_without_what_else_travels() -> None:
    world = World()
    world.hood()
    ingot = world.source("recycler", "bought", "500", "purchase", "remelt_ingot")
    part, other = LOT + "stamper:part", LOT + "stamper:other"
    world.ship("press", "roller", {COIL: "5", OFFCUT: "1"}, {COIL: "part", OFFCUT: "other"})
    wanted = all_accounts(world.store)
    assert Memo(world.store).accounts([part]) == {part: wanted[part]}
    assert OFFCUT not in dict(world.store.scan_accounts())
    assert Memo(world.store).accounts([other, ingot]) == {lot: wanted[lot] for lot in (other, ingot)}


def test_an_account_of_another_method_counts_as_not_there() -> None:
    world = World()
    world.hood()
    other = DEFAULT._replace(grid=1)
    assert stamp(other) != stamp(DEFAULT)
    account = Memo(world.store).accounts([HOOD])[HOOD]
    world.store.keep_accounts({HOOD: encode(Kept(account._replace(power={"x": 1}), Ways()), stamp(other))})
    assert Memo(world.store).accounts([HOOD]) == {HOOD: account}
    assert audit(world.store).ok


def test_the_byte_form_gives_back_the_account() -> None:
    world = World()
    world.hood()
    for account in all_accounts(world.store).values():
        named = Ways(("urn:account",), ("urn:party evt:1",))
        back, ways = decode(encode(Kept(account, named), stamp(DEFAULT)))
        assert (back, ways) == (account, named)
        assert (back.content_party is back.content) == (account.content_party is account.content)
    with pytest.raises(StorageError):
        decode(b"12345678not compressed")
    with pytest.raises(StorageError):
        decode(encode(Kept(account, named), stamp(DEFAULT))[:-3])


# --- The audit


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_the_audit_names_a_tampered_account_and_a_rebuild_drops_it(backend: str, tmp_path: Path) -> None:
    store: Store = MemoryStore() if backend == "memory" else SqliteStore(tmp_path, create=True)
    world = World(store)
    world.hood()
    account = Memo(store).accounts([HOOD, COIL])[COIL]
    assert audit(store).ok
    cleaner = account._replace(footprint=(account.footprint[0]._replace(total=7), account.footprint[1]))
    store.keep_accounts({COIL: encode(Kept(cleaner, Ways()), stamp(DEFAULT))})
    (found,) = audit(store).differences
    assert (found.code, found.path) == ("audit.account", f"$.accounts[{COIL}].footprint")
    assert found.index == store.read([Key("lot", COIL)])[Key("lot", COIL)].at
    fresh = MemoryStore()
    assert rebuild(store, fresh) is None
    assert fresh.scan_accounts() == []
    store.close()


def test_the_audit_names_what_cannot_be_an_account() -> None:
    world = World()
    world.hood()
    Memo(world.store).accounts([HOOD])
    good = dict(world.store.scan_accounts())
    for damage, word in (
        ({HOOD: stamp(DEFAULT) + b"no account"}, "what cannot be read"),
        ({COIL: stamp(DEFAULT) + b"no account"}, "an account"),  # what is made of it has nothing to rest on
        ({LOT + "nobody:none": good[HOOD]}, "an account"),
    ):
        world.store.keep_accounts(good | damage)
        (found,) = audit(world.store).differences
        assert (found.code, found.stored) in (
            ("audit.account", word),
            ("audit.account", "what cannot be read"),
        )
    world.store.keep_accounts({LOT + "nobody:none": b"of another method"} | good)
    assert audit(world.store).ok


@settings(max_examples=20, deadline=None)
@given(
    asked=st.lists(st.sampled_from(["hood", "offcut", "blank", "coil", "slab", "metal", "ore"]), max_size=4)
)
def test_the_order_of_questions_does_not_matter(asked: list[str]) -> None:
    world = World()
    world.hood()
    wanted = all_accounts(world.store)
    by_name = {lot.rpartition(":")[2]: lot for lot in wanted}
    for name in asked:
        assert Memo(world.store).accounts([by_name[name]])[by_name[name]] == wanted[by_name[name]]
    assert audit(world.store).ok
