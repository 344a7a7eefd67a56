"""A witness that replays: what an honest ledger gets cosigned, and what no operator does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.audit import audit
from ledger.check import stretch
from ledger.errors import OrelineError
from ledger.merkle import root as root_of
from ledger.note import log_signer
from ledger.trust import Log as TrustedLog
from ledger.trust import Trust
from ledger.witness import feed
from tests.monitor.histories import grow
from tests.monitor.proxy import Proxy
from tests.witness.liar import Liar, checkpoint_of
from tests.witness.lies import REFUSED, overdrawn
from tests.witness.replayer import Replayer, replaying, serving
from tests.world import World, private_key


@pytest.fixture
def replayer(world: World, proxy: Proxy, tmp_path: Path) -> Iterator[Replayer]:
    with replaying(tmp_path / "w", proxy, world.trust) as found:
        yield found


def size_of(world: World) -> int:
    return world.store.head().size


# --- The honest ledger


def test_what_was_replayed_is_cosigned(world: World, replayer: Replayer) -> None:
    signed = world.store.checkpoint() or ""
    assert replayer.ask(world, signed) == ""
    sizes = [size_of(world)]
    for _ in range(3):
        grow(world, 3)
        assert replayer.ask(world, world.publish(), sizes[-1]) == ""
        sizes.append(size_of(world))
    assert replayer.ask(world, world.store.checkpoint() or "", sizes[-1]) == ""
    assert replayer.ask(world, world.store.checkpoint() or "", sizes[-2]) == "witness.conflict"
    assert (replayer.told, replayer.evidence) == ([], [])


def test_the_mirror_is_a_ledger_that_passes_the_audit(world: World, replayer: Replayer) -> None:
    replayer.look()
    grow(world, 700)
    world.publish()
    grow(world, 2)
    world.publish()
    assert replayer.look() == ""
    assert list(replayer.store.entries(0, size_of(world))) == list(world.store.entries(0, size_of(world)))
    report = audit(replayer.store)
    assert (report.ok, report.entries) == (True, size_of(world)), report.differences
    assert replayer.store.map()[:3] == world.store.map()[:3]


def test_groups_of_every_cut(
    world: World, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "GROUP", 256)
    monkeypatch.setattr(feed, "AHEAD", 1)
    for n in (100, 300, 1, 513):
        grow(world, n)
        world.publish()
    grow(world, 3)
    signed = world.publish()
    with replaying(tmp_path / "w", proxy, world.trust) as found:
        assert found.ask(world, signed) == ""
        assert audit(found.store).ok


def test_what_is_signed_and_not_published_yet(world: World, replayer: Replayer) -> None:
    """The quorum may need this witness: the log asks before it publishes."""
    replayer.look()
    grow(world, 300)
    published = world.store.checkpoint()
    world.store.publish = lambda *_: True  # type: ignore[method-assign]
    signed = world.publish()
    assert world.store.checkpoint() == published
    assert replayer.ask(world, signed) == ""


def test_it_looks_by_itself_and_tells_how_it_stands(world: World, replayer: Replayer) -> None:
    state = replayer.judge.state()
    assert (state["status"], state["entries"], state["judged"]) == ("starting", 0, None)
    replayer.judge.follow(3600)
    world_size = size_of(world)
    replayer.judge.look()
    state = replayer.judge.state()
    assert (state["status"], state["entries"], state["refusal"], state["problem"]) == (
        "following", world_size, None, None,
    )  # fmt: skip


def test_an_older_checkpoint_is_judged_by_what_is_there(world: World, replayer: Replayer) -> None:
    first, size = world.store.checkpoint() or "", size_of(world)
    grow(world, 3)
    world.publish()
    replayer.look()
    assert replayer.ask(world, first) == ""
    assert replayer.ask(world, world.store.checkpoint() or "", size) == ""


# --- What is not known


def test_what_was_received_in_a_time_to_come(world: World, replayer: Replayer) -> None:
    """Nobody could tell afterwards that a day in the open lasted a minute."""
    signed = world.store.checkpoint() or ""
    last = world.store.head().received
    replayer.now = last - 300_001
    assert replayer.look() == "witness.ahead"
    assert replayer.ask(world, signed) == "witness.ahead"
    assert replayer.judge.state()["status"] == "behind"
    assert replayer.evidence == []
    replayer.now = last - 300_000
    assert replayer.ask(world, signed) == ""


def test_a_log_that_is_not_there_and_comes_back(world: World, replayer: Replayer, proxy: Proxy) -> None:
    proxy.alter = lambda path, status, body: (503, b"")
    assert replayer.look() == "network.status"
    assert replayer.look() == ""  # told once
    assert replayer.judge.state()["status"] == "behind"
    assert replayer.ask(world, world.store.checkpoint() or "") == "network.status"
    proxy.alter = lambda path, status, body: (status, body)
    assert replayer.ask(world, world.store.checkpoint() or "") == ""
    assert (replayer.judge.state()["status"], replayer.evidence) == ("following", [])


def test_a_log_that_is_behind_what_it_signed(world: World, replayer: Replayer, proxy: Proxy) -> None:
    size = size_of(world)
    grow(world, 3)
    signed = world.publish()
    ahead = size_of(world)
    proxy.alter = lambda path, status, body: (404, b"") if f"p/{ahead}" in path else (status, body)
    assert replayer.ask(world, signed) == "network.status"
    assert replayer.mirror.size == 0
    proxy.alter = lambda path, status, body: (status, body)
    assert replayer.ask(world, signed) == ""
    assert size < replayer.mirror.size == ahead


def flipped(body: bytes) -> bytes:
    return body[:-3] + bytes([body[-3] ^ 1]) + body[-2:]


@pytest.mark.parametrize(
    "alter",
    [
        lambda path, status, body: (status, flipped(body) if "/entries/" in path else body),
        lambda path, status, body: (status, body[:40] if "/entries/" in path else body),
        lambda path, status, body: (status, body + b"\0\1x" if "/entries/" in path else body),
        lambda path, status, body: (status, b"" if "/entries/" in path else body),
    ],
)
def test_wrong_bundles_are_nobodys_fault_yet(
    world: World, replayer: Replayer, proxy: Proxy, alter: Callable[[str, int, bytes], tuple[int, bytes]]
) -> None:
    proxy.alter = alter
    signed = world.store.checkpoint() or ""
    found = replayer.ask(world, signed)
    assert found == "witness.served" or (found == "" and alter("/entries/", 200, b"x" * 9)[1][-1:] == b"x")
    assert (replayer.evidence, replayer.mirror.reason()) == ([], None)
    proxy.alter = lambda path, status, body: (status, body)
    assert replayer.ask(world, signed, 0 if found else size_of(world)) == ""


def test_wrong_tiles_are_nobodys_fault_yet(world: World, replayer: Replayer, proxy: Proxy) -> None:
    replayer.look()
    grow(world, 4)
    signed = world.publish()
    proxy.alter = lambda path, status, body: (
        status,
        body if "entries" in path or "tile" not in path else flipped(body),
    )
    assert replayer.ask(world, signed) == "witness.served"
    proxy.alter = lambda path, status, body: (status, body)
    assert replayer.ask(world, signed) == ""


# --- What no honest operator signs


@pytest.mark.parametrize("lie", REFUSED, ids=lambda lie: lie.__name__)
@pytest.mark.parametrize("begun", [False, True], ids=["from nothing", "after a checkpoint"])
def test_an_entry_that_the_rules_refuse(
    world: World, replayer: Replayer, lie: Callable[[Liar], int], begun: bool
) -> None:
    code = REFUSED[lie]
    if begun:
        assert replayer.look() == ""
    liar = Liar(world)
    grow(world, 2)
    index = lie(liar)
    grow(world, 1)
    signed = world.publish()
    assert replayer.ask(world, signed) == "witness.refused"
    found = replayer.mirror.reason()
    assert found is not None
    assert found.code == code, found
    assert f"entry {index}" in found.detail
    assert replayer.mirror.size == index
    (file,) = replayer.evidence
    assert file.name == found.evidence
    evidence = stretch.decode(file.read_bytes())
    assert (stretch.encode(evidence), evidence.start > 0) == (file.read_bytes(), True)
    assert f"entry {index} stands, and it cannot: {code}" in stretch.check(evidence, world.trust).sentence
    assert replayer.told == [("witness.refused", replayer.told[0][1])]
    state = replayer.judge.state()
    assert (state["status"], state["refusal"]["code"]) == ("refusing", code)
    # and it goes on refusing, whatever comes
    grow(world, 1)
    assert replayer.ask(world, world.publish()) == "witness.refused"
    assert replayer.witness.checkpoint("x") is None


def test_the_last_word_is_the_operators_of_the_witness(world: World, replayer: Replayer) -> None:
    overdrawn(Liar(world))
    signed = world.publish()
    assert replayer.ask(world, signed) == "witness.refused"
    assert replayer.mirror.judge_again()
    assert not replayer.mirror.judge_again()
    assert replayer.ask(world, signed) == "witness.refused"
    assert len(replayer.evidence) == 1
    (replayer.place / "mirror" / "refused.json").write_text("{")
    assert replayer.ask(world, signed) == "witness.store"


def test_the_lie_is_taken_back(world: World, replayer: Replayer, proxy: Proxy) -> None:
    """The log goes on as if it had signed nothing more. What it signed is not forgotten."""
    size = size_of(world)
    overdrawn(Liar(world))
    assert replayer.ask(world, world.publish()) == "witness.refused"
    signed = size_of(world)
    assert replayer.mirror.judge_again()
    honest = World()
    honest.hood()
    honest.publish()
    with serving(honest) as elsewhere:
        proxy.upstream = elsewhere.upstream
        assert replayer.look() == "witness.served"
    told = f"It signed {signed} entries before, shows {size} now, and no tiles of the others."
    assert told in replayer.told[-1][1]


def test_a_wrong_root(world: World, replayer: Replayer) -> None:
    replayer.look()
    grow(world, 3)
    liar = Liar(world)
    index = liar.state()
    signed = liar.publish()
    assert replayer.ask(world, signed) == "witness.refused"
    found = replayer.mirror.reason()
    assert found is not None
    assert (found.code, replayer.mirror.size) == ("register.contradicted", index)
    (file,) = replayer.evidence
    shown = stretch.check(stretch.decode(file.read_bytes()), world.trust).sentence
    assert f"entry {index} stands, and it cannot: register.contradicted" in shown


def test_a_wrong_root_that_a_right_one_follows(world: World, replayer: Replayer) -> None:
    index = Liar(world).state(depth=3)
    grow(world, 3)
    assert replayer.ask(world, world.publish()) == "witness.refused"
    found = replayer.mirror.reason()
    assert found is not None
    assert (found.code, replayer.mirror.size) == ("register.contradicted", index)


def test_a_checkpoint_without_the_registers_root(world: World, replayer: Replayer) -> None:
    grow(world, 2)
    signed = Liar(world).publish()
    assert replayer.ask(world, signed) == "witness.unrooted"
    assert (replayer.mirror.reason(), replayer.evidence) == (None, [])
    assert replayer.ask(world, world.publish()) == ""


def test_another_charter(world: World, proxy: Proxy, tmp_path: Path) -> None:
    trust = world.trust._replace(charter=bytes(32))
    with replaying(tmp_path / "w", proxy, trust) as found:
        assert found.ask(world, world.store.checkpoint() or "") == "witness.charter"
        assert (found.mirror.size, found.store.checkpoint(), found.evidence) == (0, None, [])
    with replaying(tmp_path / "v", proxy, world.trust) as found:
        assert found.look() == ""
    with pytest.raises(OrelineError, match=r"witness\.charter"):
        Replayer(tmp_path / "v", proxy.url, trust)


def other_history(more: int) -> World:
    """The same keys and charter; other entries from some point on."""
    other = World()
    grow(other, more, "q")
    other.publish()
    return other


@pytest.mark.parametrize("more", [0, 2])
@pytest.mark.parametrize("asked", [True, False], ids=["asked", "seen"])
def test_a_past_entry_that_was_changed(
    world: World, replayer: Replayer, proxy: Proxy, more: int, asked: bool
) -> None:
    size = size_of(world)
    assert replayer.ask(world, world.store.checkpoint() or "") == ""
    other = other_history(size - 2 + more)
    assert size_of(other) == size + more
    with serving(other) as elsewhere:
        proxy.upstream = elsewhere.upstream
        if asked:
            assert replayer.ask(other, other.store.checkpoint() or "", size) == "witness.refused"
        else:
            assert replayer.look() == "witness.refused"
    found = replayer.mirror.reason()
    assert found is not None
    assert (found.code, found.evidence[:5]) == ("monitor.fork", "fork-")
    assert [file.name for file in replayer.evidence] == [found.evidence]


def test_one_history_was_seen_and_another_is_to_be_cosigned(
    world: World, replayer: Replayer, proxy: Proxy
) -> None:
    """The fork is behind what was cosigned, and not behind what was replayed."""
    first, size = world.store.checkpoint() or "", size_of(world)
    assert replayer.ask(world, first) == ""
    twin = World()
    twin.hood()
    twin.publish()
    assert twin.store.checkpoint() == first
    grow(world, 5)
    world.publish()
    assert replayer.look() == ""
    grow(twin, 2, "q")
    signed = twin.publish()
    assert replayer.ask(twin, signed, size) == "witness.refused"
    assert replayer.evidence[0].name.startswith("fork-")


def test_whose_signatures_are_asked_for(
    world: World, replayer: Replayer, proxy: Proxy, tmp_path: Path
) -> None:
    signed = checkpoint_of(world, 3, root_of([]))
    assert replayer.ask(world, signed.replace(world.name, "example.com/other")) == "witness.origin"
    second = private_key("operator-2", "ML-DSA-44")
    both = Trust((*world.trust.logs, TrustedLog(log_signer(world.name, second).verifier)), *world.trust[1:])
    with replaying(tmp_path / "two", proxy, both) as found:
        assert found.ask(world, world.store.checkpoint() or "") == "trust.log"
