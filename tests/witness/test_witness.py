"""A witness in this process: its judge, its clock, its state and its folder."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import note
from ledger.errors import EnvironmentFault, Malformed, OrelineError, StorageError
from ledger.keyfile import save_private
from ledger.keys import PrivateKey
from ledger.note import Checkpoint
from ledger.store.guard import MemoryGuard
from ledger.witness import folder
from ledger.witness.request import MAX_BODY, Request, decode
from ledger.witness.state import FILE, States
from ledger.witness.witness import Conflict, Judge, Witness, plain
from tests.core.refusal import read_or_code
from tests.witness.log import TestLog, b64, body

LOG = TestLog("log.example")
KEY = note.cosigner("witness.example/w", PrivateKey.from_seed("Ed25519", b"w" * 32))


class Rig:
    """A witness with a clock and a guard to play with."""

    def __init__(self, place: Path, judge: Judge = plain) -> None:
        self.now = 1_700_000_000
        self.guards: dict[str, MemoryGuard] = {}
        self.states = States(place, create=not (place / FILE).exists())
        self.witness = Witness(
            self.states,
            [KEY],
            [note.parse_vkey(LOG.vkey)],
            lambda: self.now,
            lambda origin: self.guards.setdefault(origin, MemoryGuard()),
            judge,
        )

    def time(self, old: int, new: int) -> int:
        """The time of a cosignature."""
        lines = self.witness.add_checkpoint(LOG.request(old, new))
        (found,) = note.open_note(LOG.checkpoint(new) + lines, [KEY.verifier]).signatures
        assert found.timestamp is not None
        return found.timestamp


def code(ask: Callable[[], object]) -> str:
    with pytest.raises(OrelineError) as caught:
        ask()
    return caught.value.code


# --- The judge


def test_a_judge_is_asked_last_and_may_refuse(tmp_path: Path) -> None:
    asked: list[tuple[Checkpoint, Checkpoint | None]] = []
    faults: list[OrelineError] = []

    def judge(checkpoint: Checkpoint, signed: str, last: Checkpoint | None) -> None:
        assert signed == LOG.checkpoint(checkpoint.size)
        asked.append((checkpoint, last))
        if faults:
            raise faults.pop()

    rig = Rig(tmp_path, judge)
    three, five = (Checkpoint(LOG.origin, n, LOG.root(n)) for n in (3, 5))
    assert rig.time(0, 3) == rig.now
    assert asked == [(three, None)]
    with pytest.raises(Conflict):
        rig.witness.add_checkpoint(LOG.request(0, 5))
    assert code(lambda: rig.witness.add_checkpoint(body(3, [], LOG.checkpoint(5)))) == "witness.inconsistent"
    assert len(asked) == 1
    for fault in (Malformed("chain.fork"), EnvironmentFault("network.unreachable")):
        faults.append(fault)
        assert code(lambda: rig.witness.add_checkpoint(LOG.request(3, 5))) == fault.code
        assert asked[-1] == (five, three)
        assert rig.witness.checkpoint(folder_name(LOG.origin)) == rig.guards[LOG.origin].read()
        assert note.checkpoint_of(str(rig.guards[LOG.origin].read())) == three
    assert rig.time(3, 5) == rig.now
    stranger = TestLog("stranger.example").sign(LOG.text(5))
    rig.witness.add_checkpoint(body(5, [], LOG.checkpoint(5) + stranger))  # the judge sees no stranger's line


def folder_name(origin: str) -> str:
    from ledger.witness.state import digest

    return digest(origin)


def test_while_a_judge_thinks_another_request_may_be_faster(tmp_path: Path) -> None:
    def judge(checkpoint: Checkpoint, signed: str, last: Checkpoint | None) -> None:
        if checkpoint.size == 4:
            rig.witness.add_checkpoint(LOG.request(2, 6))

    rig = Rig(tmp_path, judge)
    rig.time(0, 2)
    with pytest.raises(Conflict) as caught:
        rig.witness.add_checkpoint(LOG.request(2, 4))
    assert caught.value.size == 6


# --- The clock


def test_times_never_go_back(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    start = rig.now
    assert rig.time(0, 1) == start
    rig.now = start - 60
    assert rig.time(1, 2) == start
    rig.now = start - 61
    assert code(lambda: rig.witness.add_checkpoint(LOG.request(2, 3))) == "witness.clock"
    rig.now = start + 5
    assert rig.time(2, 3) == start + 5
    assert (rig.witness.keys, rig.witness.origins) == ((KEY.verifier,), (LOG.origin,))


def test_what_it_shows_is_what_it_cosigned_last(tmp_path: Path) -> None:
    """Also where its state was put back to an old copy: the guard knows."""
    rig = Rig(tmp_path)
    place = folder_name(LOG.origin)
    assert rig.witness.checkpoint(place) is None
    rig.time(0, 3)
    old = rig.witness.checkpoint(place)
    rig.time(3, 5)
    last = rig.witness.checkpoint(place)
    with rig.states.advancing(LOG.origin) as slot:
        slot.keep(str(old))
    assert rig.witness.checkpoint(place) == last != old
    rig.guards.clear()
    assert code(lambda: rig.witness.checkpoint(place)) == "witness.unguarded"


def test_a_time_is_never_zero(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.now = 0
    assert rig.time(0, 1) == 1  # C2SP: zero would say nothing about which tree is the largest


def test_with_another_key_the_time_begins_anew(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.time(0, 1)
    other = note.cosigner("witness.example/w", PrivateKey.from_seed("ML-DSA-44", b"w" * 32))
    again = Witness(
        rig.states, [other], [note.parse_vkey(LOG.vkey)], lambda: 7, lambda origin: rig.guards[origin]
    )
    lines = again.add_checkpoint(LOG.request(1, 2))
    assert note.open_note(LOG.checkpoint(2) + lines, [other.verifier]).signatures[0].timestamp == 7


# --- Guard and state


def test_a_guard_that_moved_keeps_the_state_as_it_was(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.time(0, 1)

    class Moved(MemoryGuard):
        def compare_and_swap(self, old: str | None, new: str) -> None:
            super().compare_and_swap("another", new)

    moved = Moved()
    moved._kept = rig.guards[LOG.origin].read()
    rig.guards[LOG.origin] = moved
    assert code(lambda: rig.witness.add_checkpoint(LOG.request(1, 2))) == "guard.moved"
    assert str(rig.states.read(LOG.origin)).startswith(LOG.text(1))
    assert rig.witness.adopt() == []


def test_a_state_ahead_of_its_guard_counts(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.time(0, 1)
    before = rig.guards[LOG.origin].read()
    rig.time(1, 4)
    rig.guards[LOG.origin]._kept = before
    assert code(lambda: rig.witness.add_checkpoint(LOG.request(1, 9))) == "witness.conflict"
    rig.time(4, 9)


def test_a_state_file_of_something_else(tmp_path: Path) -> None:
    assert code(lambda: States(tmp_path)) == "witness.missing"
    sqlite3.connect(tmp_path / FILE).execute("CREATE TABLE t (x)").connection.close()
    assert code(lambda: States(tmp_path)) == "witness.store"
    (tmp_path / FILE).write_bytes(b"no database, whatever its name says" * 100)
    assert code(lambda: States(tmp_path)) == "witness.store"


def test_a_state_that_another_process_holds(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.time(0, 1)
    rig.states.close()
    assert code(lambda: rig.witness.add_checkpoint(LOG.request(1, 2))) == "witness.store"
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    waiting = States(tmp_path, timeout=0.01)
    assert code(lambda: waiting.advancing(LOG.origin).__enter__()) == "witness.store"
    assert list(waiting.all()) == [LOG.origin]
    holder.close()
    with suppress(KeyError), waiting.advancing(LOG.origin) as slot:
        slot.keep("lost")
        raise KeyError
    assert waiting.read(LOG.origin) == waiting.all()[LOG.origin] != "lost"
    waiting.close()


# --- The folder


def test_a_folder_is_made_once_and_its_keys_belong_to_it(tmp_path: Path) -> None:
    place = tmp_path / "w"
    keys = [PrivateKey.from_seed(kind, b"k" * 32) for kind in ("Ed25519", "ML-DSA-44")]  # type: ignore[arg-type]
    made = folder.create(place, "witness.example/w", keys)
    assert folder.load(place) == made
    assert [path.stat().st_mode & 0o777 for path in (place / "keys").iterdir()] == [0o600, 0o600]
    assert (place / "keys").stat().st_mode & 0o777 == 0o700
    assert code(lambda: folder.create(place, "witness.example/w", keys)) == "witness.exists"
    path = place / "keys" / "witness.jwk"
    path.unlink()
    assert code(lambda: folder.load(place)) == "key.unreadable"
    save_private(path, PrivateKey.from_seed("Ed25519", b"x" * 32))
    assert code(lambda: folder.load(place)) == "key.mismatch"
    (place / folder.VKEYS).write_text(LOG.vkey)
    assert code(lambda: folder.load(place)) == "note.key"
    (place / folder.VKEYS).write_text("nonsense")
    assert code(lambda: folder.load(place)) == "note.key"
    (place / folder.VKEYS).write_text("")
    assert code(lambda: folder.load(place)) == "witness.missing"
    (place / folder.VKEYS).unlink()
    assert code(lambda: folder.load(place)) == "witness.missing"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"witness\.store"):
        folder.create(tmp_path / "file" / "w", "w", [KEY.private])
    (tmp_path / "w" / folder.VKEYS).mkdir(parents=True)
    assert code(lambda: folder.create(tmp_path / "w", "w", [KEY.private])) == "witness.exists"


def test_evidence_is_bounded_and_changes_no_answer(tmp_path: Path) -> None:
    last = LOG.checkpoint(3)
    for n in range(folder.MOST_EVIDENCE + 5):
        folder.keep_evidence(tmp_path, TestLog(LOG.origin, str(n)).checkpoint(3), last)
    assert len(list((tmp_path / folder.EVIDENCE).iterdir())) == folder.MOST_EVIDENCE == 100
    (tmp_path / "file").touch()
    folder.keep_evidence(tmp_path / "file", last, last)


# --- The request

PROOFS = st.lists(st.binary(min_size=32, max_size=32), max_size=63)


@given(st.integers(0, 2**63 - 1), PROOFS, st.text(max_size=100))
def test_a_request_round_trips(old: int, hashes: list[bytes], text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert decode(body(old, hashes, text)) == Request(old, tuple(hashes), text)


@given(st.binary(max_size=300))
def test_any_octets_are_a_request_or_refused(data: bytes) -> None:
    for octets in (data, b"old 1\n" + data, b"old 1\n\n" + data):
        found = read_or_code(decode, octets)
        if isinstance(found, str):
            assert found == "witness.request"
        else:
            assert body(found.old, list(found.proof), found.note) == octets


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"old x\n\n", "line 1"),
        (b"old 1\n" + b64(bytes(31)).encode() + b"\n\n", "line 2"),
        (b"old 1\n" + f"{b64(bytes(32))}\n".encode() * 64 + b"\n", "line 65"),
        (b"old 1\n", "$"),
        (b"old 1\n\n\xff", "$"),
        (b"x" * (MAX_BODY + 1), "$"),
    ],
)
def test_where_a_request_is_wrong(data: bytes, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode(data)
    assert (caught.value.code, caught.value.path) == ("witness.request", path)
