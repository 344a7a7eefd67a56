"""Copies that must not be believed, and guards that must not be: each is told, and nothing is written."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import evidencefile
from ledger.audit import audit
from ledger.check import stretch
from ledger.errors import EnvironmentFault, GuardError, Malformed, OrelineError
from ledger.monitoring.copies import StoreCopy
from ledger.monitoring.source import HttpSource
from ledger.restoring import Contradiction, Restoring, charter_of
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.tiles import Source, encode_bundle
from tests.monitor.histories import grow
from tests.restore.ledgers import Told, tiles
from tests.witness.liar import Liar
from tests.witness.lies import REFUSED
from tests.witness.replayer import serving
from tests.world import World


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path)
    yield found
    found.world.log.close()


def copy_of(world: World) -> Source:
    return StoreCopy(world.store, "copy")


def refusal(restoring: Callable[[], Restoring], store: Store) -> OrelineError:
    """What keeps it from restoring; the store is as it was."""
    before = store.head(), store.checkpoint(), store.map()

    def restored() -> None:
        found = restoring()
        found.check()
        found.into(store)

    with pytest.raises(OrelineError) as caught:
        restored()
    assert (store.head(), store.checkpoint(), store.map()) == before
    return caught.value


def history(count: int, letter: str = "q") -> World:
    """Another history under the same key, from the same charter."""
    world = World()
    grow(world, count, letter)
    world.publish()
    return world


@pytest.fixture
def world() -> World:
    return history(8, "p")


def restoring(world: World, source: Source, kept: str = "") -> Restoring:
    return Restoring(source, kept or world.store.checkpoint() or "", world.trust)


# --- Too short, or another ledger


@pytest.mark.parametrize("size", [1, 255, 600])
def test_a_copy_that_ends_too_early(world: World, size: int) -> None:
    short = MemoryStore()
    restoring(world, copy_of(world)).into(short)
    grow(world, size)
    world.publish()
    for source in (StoreCopy(short, "short"), StoreCopy(MemoryStore(), "empty")):
        wrong = refusal(lambda source=source: restoring(world, source), MemoryStore())  # type: ignore[misc]
        assert isinstance(wrong, EnvironmentFault)
        assert wrong.code == "restore.short"
    assert "10" in str(refusal(lambda: restoring(world, StoreCopy(short, "short")), MemoryStore()))


def test_a_served_log_that_ends_too_early(world: World) -> None:
    with serving(history(8, "p")) as proxy:
        grow(world, 300)
        world.publish()
        wrong = refusal(lambda: restoring(world, HttpSource(proxy.url)), MemoryStore())
        assert wrong.code == "restore.short"


def test_a_mirror_that_knows_of_more_than_it_has(world: World) -> None:
    """Its checkpoint covers what its replay has not come to."""
    short = MemoryStore()
    restoring(world, copy_of(world)).into(short)
    grow(world, 300)
    signed = world.publish()
    short.publish(signed, world.store.head().size)
    wrong = refusal(lambda: restoring(world, StoreCopy(short, "short")), MemoryStore())
    assert (wrong.code, wrong.path) == ("restore.missing", "short")


def test_the_copy_of_another_ledger(world: World) -> None:
    other = World(name="example.com/other")
    grow(other, 20)
    other.publish()
    wrong = refusal(lambda: restoring(world, copy_of(other)), MemoryStore())
    assert wrong.code == "restore.other"
    assert "example.com/other" in wrong.detail


@pytest.mark.parametrize("count", [2, 8, 20])
def test_another_ledger_of_the_same_name(world: World, count: int) -> None:
    """Another operator's: nothing in it is signed by this log."""
    other = World(start="2025-05-01T00:00:00Z")
    other.operator = other.recovery
    grow(other, count)
    head = other.store.head().size
    other.store.publish(other.checkpoint(), head)
    wrong = refusal(lambda: restoring(world, copy_of(other)), MemoryStore())
    assert wrong.code == "restore.other"


def test_a_guard_of_another_ledger(world: World) -> None:
    other = World(name="example.com/other")
    wrong = refusal(lambda: Restoring(copy_of(world), other.publish(), world.trust), MemoryStore())
    assert wrong.code == "trust.origin"


# --- A guard that is an old copy


def test_the_copy_knows_a_later_checkpoint(world: World) -> None:
    kept = world.store.checkpoint() or ""
    grow(world, 3)
    world.publish()
    old = MemoryStore()
    wrong = refusal(lambda: restoring(world, copy_of(world), kept), old)
    assert isinstance(wrong, GuardError)
    assert wrong.code == "restore.guard"


def test_a_later_checkpoint_of_which_the_copy_has_nothing(world: World) -> None:
    kept = world.store.checkpoint() or ""
    short = MemoryStore()
    restoring(world, copy_of(world)).into(short)
    grow(world, 300)
    short.publish(world.publish(), world.store.head().size)
    wrong = refusal(lambda: restoring(world, StoreCopy(short, "short"), kept), MemoryStore())
    assert wrong.code == "restore.guard"


def test_a_later_checkpoint_that_nobody_signed_is_nothing(world: World) -> None:
    """Whoever writes one into a copy does not stop the restoring."""
    source = copy_of(world)
    forged = (world.store.checkpoint() or "").replace("\n10\n", "\n11\n")
    source.checkpoint = lambda: forged  # type: ignore[method-assign]
    found = restoring(world, source)
    found.check()
    assert found.into(MemoryStore()) == world.store.head().size


# --- Two histories


@pytest.mark.parametrize("count", [4, 8, 300])
def test_the_log_signed_two_histories(world: World, count: int) -> None:
    """The copy is of the other one: shorter, as long, longer."""
    other = history(count)
    wrong = refusal(lambda: restoring(world, copy_of(other)), MemoryStore())
    if count == 4:  # the guard's own tree is nowhere to compare with
        assert wrong.code == "restore.short"
        return
    assert isinstance(wrong, Contradiction)
    assert (wrong.code, wrong.kind) == ("restore.forked", "fork")
    assert wrong.data is not None
    shown = evidencefile.check(evidencefile.decode(wrong.data), world.trust)
    assert {row.checkpoint.root for row in shown.checkpoints} >= {
        Restoring(copy_of(world), world.store.checkpoint() or "", world.trust)._kept[0].root
    }


def test_the_copy_keeps_a_checkpoint_of_another_history(world: World) -> None:
    """Its entries are those that the guard knows; and it was shown another, shorter history."""
    source = copy_of(world)
    shorter = history(4).store.checkpoint() or ""
    source.checkpoint = lambda: shorter  # type: ignore[method-assign]
    wrong = refusal(lambda: restoring(world, source), MemoryStore())
    assert isinstance(wrong, Contradiction)
    assert wrong.data is not None
    assert evidencefile.check(evidencefile.decode(wrong.data), world.trust).kind == "fork"


def test_the_store_published_another_history(world: World) -> None:
    """Somebody went on with the old copy, under another guard, before the entries were brought back."""
    parted = history(4)
    wrong = refusal(lambda: restoring(world, copy_of(world)), parted.store)
    assert isinstance(wrong, Contradiction)
    assert wrong.code == "restore.forked"
    assert wrong.data is not None
    assert evidencefile.check(evidencefile.decode(wrong.data), world.trust).kind == "fork"


def test_something_was_posted_to_the_old_copy(world: World) -> None:
    """And not signed: the guard did not let it."""
    parted = World()
    grow(parted, 4, "q")
    wrong = refusal(lambda: restoring(world, copy_of(world)), parted.store)
    assert isinstance(wrong, GuardError)
    assert wrong.code == "guard.forked"
    parted, world = World(), World()
    assert parted.publish() == world.publish()
    grow(parted, 4, "q")
    grow(world, 8, "p")
    world.publish()
    assert refusal(lambda: restoring(world, copy_of(world)), parted.store).code == "guard.forked"


# --- What is not what was signed


def test_an_altered_entry_or_tile(told: Told) -> None:
    """In whatever place; what hashes into the signed tree before it was written, and nothing else."""
    with closing(told.copy("old")) as old, serving(told.world) as proxy:
        told.go_on(5)
        genuine = proxy.alter
        for part in ("tile/entries", "tile/0"):

            def alter(path: str, status: int, body: bytes, part: str = part) -> tuple[int, bytes]:
                return status, body.replace(
                    body[-40:-30], body[-40:-30].swapcase()[::-1]
                ) if part in path else body

            proxy.alter = alter
            wrong = refusal(lambda: told.restoring(HttpSource(proxy.url)), old)
            assert wrong.code == "restore.served"
        proxy.alter = genuine
        found = told.restoring(HttpSource(proxy.url))
        found.check()
        assert found.into(old) == 6


def test_bundles_that_are_none_or_too_few(told: Told) -> None:
    with closing(told.copy("old")) as old, serving(told.world) as proxy:
        told.go_on(5)
        for body in (b"", b"\0", encode_bundle([b"x"])):
            proxy.alter = lambda path, status, data, body=body: (  # type: ignore[misc]
                status,
                body if "tile/entries" in path else data,
            )
            assert refusal(lambda: told.restoring(HttpSource(proxy.url)), old).code == "restore.served"


def test_a_server_that_fails(told: Told) -> None:
    with closing(told.copy("old")) as old, serving(told.world) as proxy:
        told.go_on(5)
        for part in ("/log/tile/0", "/log/tile/entries", "/log"):
            proxy.alter = lambda path, status, data, part=part: (  # type: ignore[misc]
                (503, b"") if path.startswith(part) else (status, data)
            )
            assert refusal(lambda: told.restoring(HttpSource(proxy.url)), old).code == "network.status"


def test_narrow_tiles(told: Told) -> None:
    with closing(told.copy("old")) as old, serving(told.world) as proxy:
        told.go_on(5)
        proxy.alter = lambda path, status, data: (status, data[:-32] if "tile/0" in path else data)
        assert refusal(lambda: told.restoring(HttpSource(proxy.url)), old).code == "restore.served"


def test_a_static_log_with_a_file_missing(told: Told) -> None:
    with closing(told.copy("old")) as old:
        told.go_on(5)
        with tiles(told) as source:
            for path in (told.place / "tiles" / "tile" / "entries").rglob("*"):
                if path.is_file():
                    path.unlink()
            wrong = refusal(lambda: told.restoring(source), old)
        assert wrong.code == "restore.missing"


# --- What was signed and cannot stand


@pytest.mark.parametrize("lie", REFUSED, ids=lambda lie: lie.__name__)
def test_an_entry_that_the_rules_refuse(lie: Callable[[Liar], int]) -> None:
    """It was signed by this very log: what is before it is restored, and the rest is shown."""
    world = World()
    world.hood()
    world.publish()
    liar = Liar(world)
    grow(world, 2)
    index = lie(liar)
    signed = liar.publish()
    store = MemoryStore()
    found = restoring(world, copy_of(world), signed)
    found.check()
    with pytest.raises(Contradiction) as caught:
        found.into(store)
    wrong = caught.value
    assert (wrong.code, wrong.kind) == ("restore.refused", "entry")
    assert f"entry {index}: {REFUSED[lie]}" in wrong.detail
    assert store.head().size == index
    assert wrong.data is not None
    shown = stretch.check(stretch.decode(wrong.data), world.trust)
    assert f"entry {index}" in shown.sentence
    with pytest.raises(Contradiction):  # and again, from there
        found.into(store)
    assert store.head().size == index
    assert not audit(store, trusted_checkpoint=signed).ok


def test_evidence_that_shows_nothing_without_a_replay(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    liar = Liar(world)
    liar.put({"type": "nonsense", "party": next(iter(world.keys))})
    signed = liar.publish()

    def unproven(*_: object) -> None:
        raise Malformed("evidence.unproven")

    monkeypatch.setattr(stretch, "check", unproven)
    with pytest.raises(Contradiction) as caught:
        restoring(world, copy_of(world), signed).into(MemoryStore())
    assert caught.value.data is None


def test_the_charter_of_a_copy(world: World) -> None:
    assert charter_of(copy_of(world)) == world.charter_leaf
    grow(world, 300)
    world.publish()
    assert charter_of(copy_of(world)) == world.charter_leaf
    with pytest.raises(EnvironmentFault):
        charter_of(StoreCopy(MemoryStore(), "empty"))
