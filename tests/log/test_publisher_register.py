"""The register event that each published checkpoint ends with: right, one and no more, whatever fails."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger import b64, verify
from ledger.audit import audit
from ledger.entry import decode
from ledger.errors import EnvironmentFault, GuardError, Malformed, StorageError
from ledger.folder import open_ledger
from ledger.log import Log, Receipt
from ledger.note import checkpoint_of
from ledger.proof import build
from ledger.publisher import EVENT, Publisher
from ledger.register import event_name
from ledger.rooting import Rooting, growing, stated
from ledger.statement import parse, sign
from ledger.store import Store
from ledger.store.guard import Guard, MemoryGuard
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.world import NAME, PARTY, REGISTRAR, World, private_key


@pytest.fixture
def world() -> World:
    return World()


def publisher(world: World, guard: Guard, maker: Any = None) -> Publisher:
    return Publisher(world.log, guard, world.operator, NAME, maker=maker)


def registers(store: Store) -> list[int]:
    """The indices of all register events."""
    found = []
    for data in store.entries(0, store.head().size):
        event = json.loads(parse(decode(data).statement).payload)
        if event["type"] == "register":
            assert event["size"] == decode(data).index
            found.append(event["size"])
    return found


def sound(world: World, lot: str = "") -> None:
    """Everything agrees: the published checkpoint, its register event, the kept map, the replay, a proof."""
    store = world.store
    checkpoint = store.checkpoint()
    assert checkpoint is not None
    size = checkpoint_of(checkpoint).size
    assert store.map().size == size - 1 == registers(store)[-1]
    report = audit(store)
    assert report.ok, report.differences
    if lot:
        assert verify.check([build(store, lot)], world.trust).verdict == "holds"


def test_a_published_checkpoint_ends_with_the_register_s_root(world: World) -> None:
    hood = world.hood()
    publish = publisher(world, MemoryGuard()).publish
    before = world.store.head().size
    publish()
    assert registers(world.store) == [before]
    event = stated(world.store, world.store.head())
    assert event is not None
    assert (event.party, event.id, event.time) == (REGISTRAR, f"{EVENT}{before}", world.time)
    sound(world, hood)
    # nothing new, nothing said
    publish()
    publisher(world, MemoryGuard()).close()
    assert registers(world.store) == [before]
    world.party("another")
    publish()
    assert registers(world.store) == [before, before + 3]
    sound(world, hood)


def test_it_writes_its_own_record_alone(world: World) -> None:
    publisher(world, MemoryGuard()).publish()
    size = world.store.head().size
    own = event_name(REGISTRAR, f"{EVENT}{size - 1}")
    assert [key.id for key, data in world.store.changes(size - 1)[1] if data.startswith(b"[1,")] == [own]


class Broken(BaseException):
    """The process ends here."""


@contextmanager
def breaking(owner: Any, name: str, at: int, after: bool) -> Iterator[list[int]]:
    """The ``at``-th call of a method ends the process, before or after it is done."""
    calls: list[int] = []
    whole = getattr(owner, name)

    def broken(*given: Any) -> Any:
        calls.append(1)
        if len(calls) != at:
            return whole(*given)
        if after:
            whole(*given)
        raise Broken

    setattr(owner, name, broken)
    try:
        yield calls
    finally:
        setattr(owner, name, whole)


STEPS: list[Callable[[World, MemoryGuard, Rooting], tuple[Any, str]]] = [
    lambda world, guard, maker: (maker, "fold"),
    lambda world, guard, maker: (maker, "root"),
    lambda world, guard, maker: (world.log, "append"),
    lambda world, guard, maker: (guard, "compare_and_swap"),
    lambda world, guard, maker: (maker, "keep"),
    lambda world, guard, maker: (world.store, "publish"),
    lambda world, guard, maker: (maker, "tidy"),
]


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("posted", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_between_any_two_parts_is_made_good(
    tmp_path: Path, step: Any, after: bool, posted: bool, on_disk: bool
) -> None:
    world = World(SqliteStore(tmp_path / "ledger", create=True)) if on_disk else World()
    guard = MemoryGuard()
    hood = world.hood()
    publisher(world, guard).publish()
    world.party("before")
    maker = Rooting(world.store)
    owner, name = step(world, guard, maker)
    with breaking(owner, name, 1, after), pytest.raises(Broken):
        publisher(world, guard, maker).publish()
    if posted:
        world.party("after")
    publisher(world, guard).publish()  # by another process: nothing is remembered
    sound(world, hood)
    known = registers(world.store)
    assert len(known) <= 3 if posted else len(known) == 2
    publisher(world, guard, maker).publish()
    assert registers(world.store) == known
    world.party("last")
    publisher(world, guard, maker).publish()  # by a maker that knew nothing of it
    sound(world, hood)
    world.log.close()


def test_a_map_that_another_process_kept_meanwhile_is_asked_for_again(world: World) -> None:
    guard = MemoryGuard()
    first, second = publisher(world, guard), publisher(world, guard)
    first.publish()
    world.party("a")
    slow = Rooting(world.store)
    index = first._end().size - 1
    assert slow.root(index)
    world.party("b")
    keep = second._maker.keep

    def late(*given: Any) -> bool:
        # what is kept is older than what this one states, but not what it began with
        assert slow.keep(world.store.checkpoint() or "", index + 1)
        return keep(*given)

    second._maker.keep = late  # type: ignore[method-assign]
    with pytest.raises(GuardError) as caught:
        second.publish()
    assert caught.value.code == "guard.moved"
    second._maker.keep = keep  # type: ignore[method-assign]
    second.publish()
    sound(world)


def test_an_id_that_someone_took_is_left_to_him(world: World) -> None:
    size = world.store.head().size + 1
    taken = {"type": "party", "id": f"{EVENT}{size}", "party": REGISTRAR, "subject": PARTY + "a", "name": "A"}
    world.post(taken | {"country": "CA", "roles": ["miner"], "prefixes": ["urn:a:"]})
    publisher(world, MemoryGuard()).publish()
    event = stated(world.store, world.store.head())
    assert event is not None
    assert event.id == f"{EVENT}{size}:1"


def test_a_key_that_is_no_longer_the_operator_s_states_nothing(world: World) -> None:
    new = private_key("operator-2")
    charter = {**world.posted[0], "type": "amend", "operator_key": new.public.jwk}
    world.post({key: value for key, value in charter.items() if key not in ("id", "time")}, world.recovery)
    guard = MemoryGuard()
    publish = publisher(world, guard).publish
    publish()
    world.tick(25 * 3600)
    world.party("a")
    size = world.store.head().size
    with pytest.raises(EnvironmentFault) as caught:
        publish()
    assert caught.value.code == "key.not_operator"
    assert world.store.head().size == size
    Publisher(world.log, guard, new, NAME).publish()
    assert registers(world.store)[-1] == size


def test_what_the_rules_refuse_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger import publisher as module

    def other(payload: bytes, key: Any) -> str:
        return sign(payload.replace(b'"size":1,', b'"size":2,'), key)

    monkeypatch.setattr(module, "sign", other)
    with pytest.raises(Malformed) as caught:
        publisher(world, MemoryGuard()).publish()
    assert caught.value.code == "register.size"
    assert world.store.head().size == 1


def test_a_kept_map_that_is_not_the_stated_one_is_signed_by_nobody(tmp_path: Path) -> None:
    world = World(SqliteStore(tmp_path / "ledger", create=True))
    guard = MemoryGuard()
    publisher(world, guard).publish()
    world.party("a")
    maker = Rooting(world.store)
    with breaking(maker, "keep", 1, after=False), pytest.raises(Broken):
        publisher(world, guard, maker).publish()
    world.store.prepare(world.store.map().area, {0: b"x" * 64, 1: b"y" * 64, 2: b""}, {})  # type: ignore[attr-defined]
    with pytest.raises(StorageError) as caught:
        publisher(world, guard).publish()
    assert caught.value.code == "store.corrupt"
    world.log.close()


def test_a_map_that_must_become_deeper_is_made_so_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "SMALL", 4)
    guard = MemoryGuard()
    publish = publisher(world, guard).publish
    publish()
    depth = world.store.map().depth
    world.party("new")
    maker = Rooting(world.store)
    fold = maker.fold

    def late() -> int:
        """Others post between the fold and the writer's lock."""
        left = fold()
        calls.append(left)
        if len(calls) == 1:
            for n in range(10):
                world.party(f"p{n}")
        return left

    calls: list[int] = []
    maker.fold = late  # type: ignore[method-assign]
    publisher(world, guard, maker).publish()
    assert len(calls) == 2
    assert world.store.map().depth > depth
    sound(world)


def test_posting_goes_on_while_the_map_is_kept(world: World) -> None:
    """A log that is paused takes its posts afterwards."""
    from threading import Thread

    with world.log.paused():
        thread = Thread(target=world.party, args=("a",))
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
    thread.join(30)
    assert world.store.head().size == 3


def test_an_open_folder_states_and_closes(tmp_path: Path) -> None:
    from tests.log.test_folder import made

    world = World()
    folder = made(world, tmp_path)
    ledger = open_ledger(folder, lambda: world.now, tmp_path / "guard")
    assert registers(ledger.store) == [1]
    event = stated(ledger.store, ledger.store.head())
    assert event is not None
    assert len(b64.decode_std(event.root)) == 32
    ledger.close()


def test_an_entry_that_nobody_can_read_is_told() -> None:
    store = MemoryStore()
    assert stated(store, store.head()) is None
    from tests.store.contract import plain

    with store.writing() as writing:
        writing.commit(plain(0))
    with pytest.raises(StorageError) as caught:
        stated(store, store.head())
    assert caught.value.code == "store.corrupt"
    Log(store, lambda: 0).close()


@pytest.mark.parametrize("proceed", [False, True])
def test_nobody_posts_a_root_not_even_with_the_operator_s_key(world: World, proceed: bool) -> None:
    """Whether it is right no rule can tell, and a wrong one would stop all publishing."""
    publish = publisher(world, MemoryGuard()).publish
    publish()
    size = world.store.head().size
    event = {
        "type": "register",
        "party": REGISTRAR,
        "size": size,
        "depth": 0,
        "root": b64.encode_std(bytes(32)),
    }
    signed = world.sign(world.event(event), world.operator)
    made = world.event({"type": "party", "party": REGISTRAR, "subject": PARTY + "a", "name": "A"})
    party = world.sign(made | {"country": "CA", "roles": ["miner"], "prefixes": ["urn:a:"]})
    for dry_run in (True, False):
        posted = world.log.post([signed, party], proceed=proceed, dry_run=dry_run)
        assert [(p.code, p.path) for p in posted.problems] == [("register.posted", "$[0]")]
    assert world.store.head().size == size + proceed
    publish()
    sound(world)
    honest = decode(world.store.entries_at((size - 1,))[size - 1]).statement
    (again,) = world.log.post([honest]).outcomes  # the same once more does no harm
    assert isinstance(again, Receipt)
    assert again.duplicate
