"""The SQLite file when the disk, the process or someone's hand fails it."""

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from ledger.errors import StorageError
from ledger.register import KINDS, Key
from ledger.store import Group, Store, schema
from ledger.store.sqlite import FILE, SqliteStore
from tests.store.contract import COUNTER, Model, assert_alike, counted, plain
from tests.store.faulty import FaultyConnection, FaultyStore, plan

FORK = get_context("fork")
FIRST, SECOND = plain(0, 2), plain(2, 2)
WRITES = 10  # BEGIN, entries, names, changed, records, flows, touches, tiles, head, COMMIT


@pytest.fixture(autouse=True)
def no_plan() -> Iterator[None]:
    plan(None)
    yield
    plan(None)


def commit(store: Store, group: Group) -> None:
    with store.writing() as writing:
        writing.commit(group)


def ledger(folder: Path, *groups: Group) -> Path:
    store = SqliteStore(folder, create=True)
    for group in groups:
        commit(store, group)
    store.close()
    return folder


def whole(folder: Path) -> int:
    """The size of the ledger, after a look that every group in it is there to the last row."""
    store = SqliteStore(folder)
    size = store.head().size
    model = Model()
    model.groups = [group for group in (FIRST, SECOND) if group.start < size]
    assert_alike(store, model)
    store.close()
    return size


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as raised:
        ask()
    return raised.value.code


def test_the_steps_of_a_write_are_the_ones_counted_here(tmp_path: Path) -> None:
    store = FaultyStore(ledger(tmp_path, FIRST))
    plan(None)
    commit(store, SECOND)
    assert len(FaultyConnection.steps) == WRITES
    store.close()


@pytest.mark.parametrize("persisted", [False, True])
@pytest.mark.parametrize("step", range(WRITES))
def test_a_failed_step_leaves_all_or_nothing(tmp_path: Path, step: int, persisted: bool) -> None:
    store = FaultyStore(ledger(tmp_path, FIRST))
    plan(step, persisted)
    code = code_of(lambda: commit(store, SECOND))
    at_the_end = step == WRITES - 1 and persisted
    assert code == ("store.unknown_outcome" if at_the_end else "store.unavailable")
    assert whole(tmp_path) == (4 if at_the_end else 2)
    plan(None)
    assert store.head().size == (4 if at_the_end else 2)  # the store itself goes on
    if not at_the_end:
        commit(store, SECOND)
    store.close()
    assert whole(tmp_path) == 4


@pytest.mark.parametrize("persisted", [False, True])
def test_a_failed_rollback_leaves_nothing_and_lets_go(tmp_path: Path, persisted: bool) -> None:
    store = FaultyStore(ledger(tmp_path, FIRST))
    plan(1, persisted)

    def leave() -> None:
        with store.writing():
            pass

    assert code_of(leave) == "store.unavailable"
    plan(None)
    commit(store, SECOND)
    store.close()
    assert whole(tmp_path) == 4


@pytest.mark.parametrize("persisted", [False, True])
@pytest.mark.parametrize("step", range(WRITES))
def test_a_process_killed_at_a_step_leaves_all_or_nothing(tmp_path: Path, step: int, persisted: bool) -> None:
    ledger(tmp_path, FIRST)
    plan(step, persisted, kill=True)
    process = FORK.Process(target=lambda: commit(FaultyStore(tmp_path), SECOND))
    process.start()
    process.join()
    assert process.exitcode == -9
    assert whole(tmp_path) == (4 if step == WRITES - 1 and persisted else 2)


@pytest.mark.parametrize("acknowledged", [1, 3, 10])
def test_a_process_killed_at_any_moment_keeps_what_it_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    ledger(tmp_path)
    read, write = FORK.Pipe(duplex=False)

    def run() -> None:
        store = SqliteStore(tmp_path)
        while True:
            counted(store, 1)
            write.send_bytes(b"%d" % store.head().size)

    process = FORK.Process(target=run)
    process.start()
    said = [int(read.recv_bytes()) for _ in range(acknowledged)][-1]
    process.kill()
    process.join()
    store = SqliteStore(tmp_path)
    size = store.head().size
    assert size >= said
    assert len([*store.entries(0, size)]) == size
    assert store.read([COUNTER])[COUNTER].at == size - 1
    assert len([*store.flows_between(0, size)]) == size
    store.close()


def test_a_file_that_may_not_grow_is_reported_and_stays_whole(tmp_path: Path) -> None:
    ledger(tmp_path, FIRST)
    read, write = FORK.Pipe(duplex=False)

    def run() -> None:
        store = SqliteStore(tmp_path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
        write.send_bytes(code_of(lambda: commit(store, SECOND)).encode())

    process = FORK.Process(target=run)
    process.start()
    assert read.recv_bytes() == b"store.unknown_outcome"
    process.join()
    assert whole(tmp_path) == 2


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    class Full(sqlite3.Connection):
        def execute(self, question: str, *given: object) -> sqlite3.Cursor:
            if question == "BEGIN IMMEDIATE":
                super().execute("PRAGMA max_page_count = 1")  # SQLite raises it to the file's size
            return super().execute(question, *given)

    class FullStore(SqliteStore):
        connection_class = Full

    store = FullStore(ledger(tmp_path, FIRST))
    assert code_of(lambda: commit(store, plain(2, 500))) == "store.full"
    store.close()
    assert whole(tmp_path) == 2


def test_a_file_that_may_not_be_written_is_told_as_such(tmp_path: Path) -> None:
    class Locked(sqlite3.Connection):
        def execute(self, question: str, *given: object) -> sqlite3.Cursor:
            if question == "BEGIN IMMEDIATE":
                super().execute("PRAGMA query_only = ON")
            return super().execute(question, *given)

    class LockedStore(SqliteStore):
        connection_class = Locked

    store = LockedStore(ledger(tmp_path, FIRST))
    assert code_of(lambda: commit(store, SECOND)) == "store.read_only"
    store.close()
    assert whole(tmp_path) == 2


def test_a_folder_that_may_not_be_written_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even who only reads makes files beside the ledger's."""
    folder = ledger(tmp_path, FIRST)
    (folder / f"{FILE}-wal").mkdir()
    assert code_of(lambda: SqliteStore(folder).head()) == "store.unavailable"
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder)
    assert code_of(lambda: SqliteStore(folder).head()) == "store.read_only"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert code_of(lambda: SqliteStore(tmp_path / "file" / "ledger", create=True)) == "store.unavailable"


def test_a_damaged_file_is_told_as_such(tmp_path: Path) -> None:
    file = ledger(tmp_path, plain(0, 2_000)) / FILE
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)
    store = SqliteStore(tmp_path)
    for ask in (
        store.head,
        store.checkpoint,
        lambda: store.read([COUNTER]),
        lambda: [*store.entries(0, 1)],
        lambda: commit(store, SECOND),
    ):
        assert code_of(ask) == "store.corrupt"
    store.close()


@pytest.mark.parametrize(
    ("deed", "question"),
    [
        ("DELETE FROM head", lambda store: store.head()),
        ("DELETE FROM entries WHERE id = 1", lambda store: [*store.entries(0, 4)]),
        ("DELETE FROM entries WHERE id = 1", lambda store: store.entries_at([1, 2])),
        ("DELETE FROM entries WHERE id = 1", lambda store: store.needs([1])),
        ("UPDATE entries SET needs = x'80'", lambda store: store.needs([1])),
        ("UPDATE entries SET needs = x'00'", lambda store: store.needs([1])),
        ("UPDATE entries SET needs = x'7f'", lambda store: store.needs([1])),
        ("UPDATE records SET record = x'5b'", lambda store: store.read([Key("mark", "m1")])),
        ("UPDATE records SET record = '[0]'", lambda store: store.read([Key("mark", "m1")])),
        ("UPDATE records SET record = 'null'", lambda store: store.scan("mark")),
        ("UPDATE names SET name = CAST(x'ff' AS TEXT) || id", lambda store: [*store.flows_between(0, 4)]),
        ("DROP TABLE flows", lambda store: store.flows_into(["a"])),
        ("INSERT INTO entries VALUES (4, x'', x'')", lambda store: commit(store, plain(4))),
        ("UPDATE changed SET ids = x'00'", lambda store: [*store.changes(0)[1]]),
        ("UPDATE records SET record = 'null'", lambda store: store.as_of([Key("mark", "m1")], 9)),
        ("DELETE FROM map", lambda store: store.map()),
    ],
)
def test_an_altered_file_is_told(tmp_path: Path, deed: str, question: Callable[[Store], object]) -> None:
    with sqlite3.connect(ledger(tmp_path, FIRST, SECOND) / FILE) as hand:
        hand.execute(deed)
    hand.close()
    store = SqliteStore(tmp_path)
    assert code_of(lambda: question(store)) == "store.corrupt"
    store.close()


def test_an_entry_that_was_edited_is_handed_out_as_bytes_for_the_audit_to_judge(tmp_path: Path) -> None:
    with sqlite3.connect(ledger(tmp_path, FIRST) / FILE) as hand:
        hand.execute("UPDATE entries SET entry = replace(entry, 'entry', 'ENTRY')")
    hand.close()
    store = SqliteStore(tmp_path)
    assert [*store.entries(0, 2)] == [b"ENTRY 0", b"ENTRY 1"]
    assert store.entries_at([1]) == {1: b"ENTRY 1"}
    store.close()


def test_a_wrong_use_of_the_driver_is_our_bug(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError), schema.faults(tmp_path):
        sqlite3.connect(":memory:").execute("SELECT ?")


def test_every_kind_has_its_own_code_in_the_file() -> None:
    assert sorted(schema.KINDS) == sorted(KINDS)  # a new kind is appended, with a migration
    assert len(set(schema.CODES.values())) == len(KINDS)
