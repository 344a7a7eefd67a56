"""The publisher: it signs what lies on the signed history, and never a second one."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.errors import GuardError, StorageError
from ledger.log import Log
from ledger.merkle import Frontier
from ledger.note import ED25519, Checkpoint, checkpoint_of, open_note, parse_checkpoint, verifier
from ledger.publisher import Publisher
from ledger.store import Store
from ledger.store.guard import FileGuard, Guard, MemoryGuard
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.world import NAME, World, private_key


@pytest.fixture
def world() -> World:
    return World()


def publisher(world: World, guard: Guard, store: Store | None = None) -> Publisher:
    log = world.log if store is None else Log(store, lambda: world.now)
    return Publisher(log, guard, world.operator, NAME)


def size_of(note: str | None) -> int:
    assert note is not None
    return checkpoint_of(note).size


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises(GuardError) as caught:
        ask()
    return caught.value.code


def test_a_checkpoint_covers_the_head_and_is_signed_by_the_operator(world: World) -> None:
    guard = MemoryGuard()
    note = publisher(world, guard).publish()
    key = verifier(NAME, ED25519, world.operator.public.raw)
    checkpoint = parse_checkpoint(open_note(note, [key]).text)
    head = world.store.head()
    root = Frontier.from_hashes(head.size, head.frontier).root()
    assert checkpoint == Checkpoint(NAME, head.size, root)
    assert guard.read() == world.store.checkpoint() == note


def test_without_new_entries_there_is_no_new_checkpoint(world: World) -> None:
    publish = publisher(world, MemoryGuard()).publish
    first = publish()
    assert publish() == first
    world.party("miner")
    assert size_of(publish()) == world.store.head().size > size_of(first)


def test_of_an_empty_store_the_empty_tree_is_signed() -> None:
    store = MemoryStore()
    note = Publisher(Log(store, lambda: 0), MemoryGuard(), private_key("operator"), NAME).publish()
    assert size_of(note) == 0


def test_a_checkpoint_is_in_the_guard_before_anyone_sees_it(world: World) -> None:
    class Full(MemoryGuard):
        def compare_and_swap(self, old: str | None, new: str) -> None:
            assert world.store.checkpoint() is None
            raise GuardError("guard.unavailable")

    assert code_of(publisher(world, Full()).publish) == "guard.unavailable"
    assert world.store.checkpoint() is None


def test_a_crash_between_guard_and_store_is_repaired(world: World) -> None:
    guard = MemoryGuard()
    publish = publisher(world, guard).publish
    publish()
    world.party("miner")

    class Crashing(MemoryGuard):
        def read(self) -> str | None:
            return guard.read()

        def compare_and_swap(self, old: str | None, new: str) -> None:
            guard.compare_and_swap(old, new)
            raise KeyboardInterrupt  # the process ends here

    with pytest.raises(KeyboardInterrupt):
        publisher(world, Crashing()).publish()
    kept = guard.read()
    assert size_of(kept) > size_of(world.store.checkpoint())
    assert publish() == kept == world.store.checkpoint()


def test_a_guard_that_forgot_gets_no_second_start(world: World) -> None:
    publisher(world, MemoryGuard()).publish()
    assert code_of(publisher(world, MemoryGuard()).publish) == "guard.missing"
    assert code_of(publisher(world, MemoryGuard()).compare) == "guard.missing"


def test_comparing_signs_nothing(world: World) -> None:
    guard = MemoryGuard()
    publisher(world, guard).compare()
    assert (guard.read(), world.store.checkpoint()) == (None, None)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[tuple[World, Path]]:
    world = World(SqliteStore(tmp_path / "ledger", create=True))
    yield world, tmp_path
    world.log.close()


def test_a_store_restored_from_an_old_copy_is_not_signed(folder: tuple[World, Path]) -> None:
    world, path = folder
    guard = FileGuard(path / "guard", "x")
    publisher(world, guard).publish()
    with SqliteCopy(path) as old:
        world.party("miner")
        publisher(world, guard).publish()
        assert code_of(publisher(world, guard, old).publish) == "guard.rolled_back"
        assert code_of(publisher(world, guard, old).compare) == "guard.rolled_back"
        # Even when it has grown beyond what was signed, it is another history.
        again = World.__new__(World)
        again.__dict__.update(world.__dict__)
        again.store = old
        again.log = Log(old, lambda: again.now)
        again.keys, again.operators = dict(list(world.keys.items())[:1]), {}
        for name in ("roller", "stamper", "maker"):
            again.party(name)
        assert old.head().size > world.store.head().size
        assert code_of(publisher(world, guard, old).publish) == "guard.forked"
    assert size_of(guard.read()) == world.store.head().size


class SqliteCopy:
    """A copy of the ledger's folder, opened."""

    def __init__(self, path: Path) -> None:
        self.target = path / "old"
        with SqliteStore(path / "ledger").writing():
            shutil.copytree(path / "ledger", self.target)

    def __enter__(self) -> SqliteStore:
        self.store = SqliteStore(self.target)
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


def test_a_store_without_its_tiles_is_named_so(world: World) -> None:
    guard = MemoryGuard()
    publisher(world, guard).publish()
    world.party("miner")

    class Bare(MemoryStore):
        def tile(self, level: int, number: int) -> bytes | None:
            return None

    bare = Bare()
    bare.__dict__.update(world.store.__dict__)
    with pytest.raises(StorageError) as caught:
        publisher(world, guard, bare).publish()
    assert caught.value.code == "store.corrupt"


def test_what_others_sign_meanwhile_is_no_rollback(world: World) -> None:
    """Two replicas: whatever the other posts and signs between two reads of this one is no fault."""
    shared = MemoryGuard()
    publisher(world, shared).publish()

    for moment in ("checkpoint", "read", "head"):
        done: list[str] = []

        def meanwhile(moment: str = moment, done: list[str] = done) -> None:
            if not done:
                done.append(moment)
                world.party(f"p-{moment}")
                publisher(world, shared).publish()

        guard = Between(shared, meanwhile) if moment == "read" else shared
        store = BetweenStore(world.store, moment, meanwhile)
        note = publisher(world, guard, store).publish()  # type: ignore[arg-type]
        assert done == [moment]
        assert size_of(note) == size_of(shared.read()) == world.store.head().size
        assert shared.read() == world.store.checkpoint()


class Between(MemoryGuard):
    """Another guard; something happens right after it was read."""

    def __init__(self, guard: Guard, then: Callable[[], None]) -> None:
        super().__init__()
        self._guard, self._then = guard, then

    def read(self) -> str | None:
        found = self._guard.read()
        self._then()
        return found

    def compare_and_swap(self, old: str | None, new: str) -> None:
        self._guard.compare_and_swap(old, new)


class BetweenStore:
    """Another store; something happens right after ``moment`` was asked of it."""

    def __init__(self, store: Store, moment: str, then: Callable[[], None]) -> None:
        self._store, self._moment, self._then = store, moment, then

    def __getattr__(self, name: str) -> object:
        found = getattr(self._store, name)
        if name != self._moment:
            return found

        def asked(*given: object) -> object:
            answer = found(*given)
            self._then()
            return answer

        return asked


def test_another_signer_of_more_is_told_and_asking_again_is_safe(world: World) -> None:
    shared = MemoryGuard()
    publish = publisher(world, shared).publish
    publish()
    world.party("miner")

    class Late(MemoryGuard):
        """The other signs more after this one has looked."""

        def read(self) -> str | None:
            return shared.read()

        def compare_and_swap(self, old: str | None, new: str) -> None:
            world.party("roller")
            publish()
            shared.compare_and_swap(old, new)

    assert code_of(publisher(world, Late()).publish) == "guard.moved"
    assert publish() == shared.read() == world.store.checkpoint()


def test_many_threads_sign_one_history(world: World) -> None:
    guard = MemoryGuard()
    publish = publisher(world, guard).publish
    notes: list[str] = []
    for n in range(3):
        world.party(f"p{n}")
        threads = [threading.Thread(target=lambda: notes.append(publish())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(notes)) == 3
