"""What a store lacks, brought back from a copy of its log."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit import audit
from ledger.errors import EnvironmentFault, GuardError, Malformed, StorageError
from ledger.log import Log
from ledger.merkle import check_consistency, root_of
from ledger.monitoring.copies import StoreCopy, TileFolder
from ledger.note import open_note
from ledger.publisher import Publisher
from ledger.restoring import Restoring, charter_of
from ledger.store import Store, sqlite
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from ledger.tiles import Source, hash_reader
from ledger.trust import Trust
from ledger.witness import feed
from tests.monitor.histories import grow
from tests.restore.ledgers import KINDS, Told, guard_of, same
from tests.world import World


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path)
    yield found
    found.world.log.close()


def is_whole(told: Told, store: Store) -> None:
    """The guard's checkpoint is published again, the audit passes against it, and posting goes on."""
    world, guard = told.world, guard_of(told.kept)
    grown = World.__new__(World)
    grown.__dict__.update(world.__dict__, store=store, log=Log(store, lambda: world.now))
    publisher = Publisher(grown.log, guard, world.operator, world.name)
    assert publisher.publish() == told.kept  # nothing new is signed
    report = audit(store, trusted_checkpoint=told.kept)
    assert report.ok, report.differences
    assert (report.entries, report.size) == (told.size, told.size)
    grow(grown, 2, "after")
    publisher.publish()
    report = audit(store, trusted_checkpoint=guard.read())
    assert report.ok, report.differences
    assert report.size == told.size + 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(2,), (300, 1), (1, 255, 600)])
def test_from_every_kind_of_copy(told: Told, kind: str, sizes: tuple[int, ...]) -> None:
    with closing(told.copy("old")) as old:
        had = old.head().size
        told.go_on(*sizes)
        with KINDS[kind](told) as source:
            restoring = told.restoring(source)
            restoring.check()
            assert restoring.into(old) == told.size - had
            assert restoring.into(old) == 0
        assert same(old, told.world.store)
        is_whole(told, old)


@pytest.mark.parametrize("kind", KINDS)
def test_into_an_empty_store(told: Told, kind: str, tmp_path: Path) -> None:
    told.go_on(300, 2)
    for store in (MemoryStore(), SqliteStore(tmp_path / "lost", create=True)):
        with KINDS[kind](told) as source:
            assert charter_of(source) == told.world.charter_leaf
            restoring = told.restoring(source)
            restoring.check()
            assert restoring.into(store) == told.size
        assert same(store, told.world.store)
        assert store.checkpoint() == told.kept
        is_whole(told, store)
        store.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_signed_is_not_brought_back(told: Told, kind: str) -> None:
    """Neither what was posted after the checkpoint, nor what follows an older one."""
    with closing(told.copy("old")) as old:
        told.go_on(5)
        size = told.size
        with KINDS[kind](told) as source:
            grow(told.world, 7)
            restoring = told.restoring(source)
            restoring.check()
            assert restoring.into(old) == restoring.size - (size - 6)
            assert old.head().size == size
        assert audit(old, trusted_checkpoint=told.kept).entries == size


def test_a_store_that_lacks_nothing(told: Told) -> None:
    with KINDS["stored"](told) as source:
        grow(told.world, 3)
        restoring = told.restoring(source)
        restoring.check()
        assert restoring.into(told.world.store) == 0


def test_what_was_posted_and_not_published_stays(told: Told) -> None:
    """The old copy ends behind its own checkpoint, in the midst of what was published next."""
    grow(told.world, 3)
    with closing(told.copy("old")) as old:
        told.go_on(4)
        with KINDS["stored"](told) as source:
            restoring = told.restoring(source)
            restoring.check()
            assert restoring.into(old) == 5
        assert same(old, told.world.store)
        is_whole(told, old)


def test_progress_is_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "GROUP", 256)
    with closing(told.copy("old")) as old:
        had = old.head().size
        told.go_on(700)
        seen: list[tuple[int, int]] = []
        with KINDS["stored"](told) as source:
            told.restoring(source).into(old, lambda *progress: seen.append(progress))
        assert seen[0] == (had, told.size)
        assert seen == sorted(set(seen))
        assert len(seen) == 3 + (had + 700) // 1024


# --- Cut short


class Cut(Exception):
    """The process died."""


@pytest.mark.parametrize("empty", [False, True])
def test_cut_short_anywhere_it_goes_on(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: bool
) -> None:
    """After each single write to the store."""
    monkeypatch.setattr(feed, "GROUP", 256)
    old = SqliteStore(tmp_path / "lost", create=True) if empty else told.copy("old")
    told.go_on(300, 1, 400, 2)
    sizes = [old.head().size]
    with closing(old), KINDS["stored"](told) as source:
        for _ in range(100):
            restoring = told.restoring(source)
            restoring.check()
            with monkeypatch.context() as patch:
                dying(patch, old)
                try:
                    restoring.into(old)
                    break
                except Cut:
                    sizes.append(old.head().size)
                    if old.head().size < told.size:  # it does not pass for whole
                        guard = guard_of(told.kept)
                        publisher = Publisher(
                            Log(old, lambda: 0), guard, told.world.operator, told.world.name
                        )
                        with pytest.raises(GuardError, match=r"guard\.rolled_back"):
                            publisher.compare()
        assert sizes == sorted(sizes)
        assert len(set(sizes)) > 4
        assert list(old.entries(0, told.size)) == list(told.world.store.entries(0, told.size))
        is_whole(told, old)
        assert old.map().depth == told.world.store.map().depth


def dying(patch: pytest.MonkeyPatch, store: SqliteStore) -> None:
    """The process dies after its next write."""
    publish = store.publish

    def published(*given: object) -> bool:
        publish(*given)  # type: ignore[arg-type]
        raise Cut

    commit = sqlite._Writing.commit

    def committed(self: object, group: object) -> None:
        commit(self, group)  # type: ignore[arg-type]
        raise Cut

    patch.setattr(store, "publish", published)
    patch.setattr(sqlite._Writing, "commit", committed)


def test_another_process_writes_meanwhile(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two restore the same ledger: one of them ends, and says so."""
    monkeypatch.setattr(feed, "GROUP", 256)
    with closing(told.copy("old")) as old:
        told.go_on(600)
        with KINDS["stored"](told) as source:

            def meanwhile(done: int, size: int) -> None:
                told.restoring(source).into(old)

            with pytest.raises(StorageError) as caught:
                told.restoring(source).into(old, meanwhile)
            assert caught.value.code == "store.busy"
        assert same(old, told.world.store)
        is_whole(told, old)


# --- Cosignatures


def test_cosignatures_of_the_copy_are_taken_over(told: Told) -> None:
    """Those of known witnesses under the same checkpoint, and no other line."""
    world = told.world
    grow(world, 1)
    told.kept = world.checkpoint()
    trust = Trust.parse(world.trust_text(["w.example/1", "w.example/2"]))
    keys = tuple(witness.key for witness in trust.witnesses)
    grow(world, 2)
    cosigned = world.publish("w.example/1", "w.example/2", "w.example/3")
    told.kept = "\n".join(cosigned.split("\n")[:5]) + "\n"
    lines = cosigned.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("— w.example/2"))
    broken = f"{lines[at][:-8]}AAAAAAA="
    for note, names in (
        (cosigned, {"w.example/1", "w.example/2"}),
        ("\n".join([*lines[:at], broken, *lines[at + 1 :]]), {"w.example/1"}),
        (told.kept, set()),
    ):
        with KINDS["stored"](told) as source:
            source.checkpoint = lambda note=note: note  # type: ignore[method-assign, misc]
            restoring = Restoring(source, told.kept, trust, keys)
            restoring.check()
        known = (*(log.key for log in trust.logs), *keys)
        signed = {signature.verifier.name for signature in open_note(restoring.note, known).signatures}
        assert signed == names | {world.name}
        assert "w.example/3" not in restoring.note


# --- Copies on this machine


def test_a_static_log_that_grew_keeps_what_it_had(told: Told) -> None:
    """Partial tiles of earlier exports lie beside; a wider one serves for a narrower."""
    with KINDS["tiles"](told):
        pass
    first = told.kept
    told.go_on(3)
    with KINDS["tiles"](told) as source:
        size = told.size
        assert source.tile(0, 0, size - 1)[: 32 * (size - 1)] == source.tile(0, 0, size)[: 32 * (size - 1)]
        assert len(source.entries(0, size - 2)) == size - 2
        Restoring(source, told.kept, told.world.trust).check()
        with pytest.raises(GuardError, match=r"restore\.guard"):
            Restoring(source, first, told.world.trust).check()


@pytest.mark.parametrize("width", [1, 255, 256])
def test_what_a_copy_lacks(told: Told, tmp_path: Path, width: int) -> None:
    copies: list[Source] = [TileFolder(tmp_path / "nothing"), StoreCopy(MemoryStore(), "empty")]
    for source in copies:
        for ask in (
            source.checkpoint,
            lambda s=source: s.tile(0, 0, width),
            lambda s=source: s.entries(0, width),
        ):
            with pytest.raises(EnvironmentFault) as caught:
                ask()
            assert caught.value.code == "restore.missing"


def test_a_checkpoint_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(b"\xff")
    with pytest.raises(Malformed, match=r"note\.text"):
        TileFolder(tmp_path).checkpoint()


def test_proofs_are_made_of_the_copy(told: Told) -> None:
    """For witnesses, before anything is restored."""
    old = told.size
    told.go_on(300)
    size = told.size
    with KINDS["tiles"](told) as source:
        restoring = told.restoring(source)
        tree = hash_reader(lambda level, n: told.world.store.tile(level, n) or b"", size)
        proof = restoring.prove(old, size)
        check_consistency(old, size, root_of(old, tree), root_of(size, tree), proof)
