"""A wrong root in the log: the file that shows it to whoever has the trust file, made by an audit."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.check import stretch
from ledger.check.rerooting import contradiction
from ledger.errors import Malformed
from ledger.events import Register
from ledger.note import checkpoint_of
from ledger.register import Key
from ledger.registermap import Opened, bucket_hash, bucket_of, pair, prove, root_of, root_with
from ledger.rooting import Root
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.witness.accusing import accuse
from tests.core.mapping import CHARTER
from tests.log.test_audit_map import lying
from tests.world import World


def pairs_of(ids: set[int], salt: bytes) -> dict[bytes, bytes]:
    rows = (pair(Key("lot", f"urn:x:{id}"), salt + b"%d" % id) for id in ids)
    return {row[:32]: row[32:] for row in rows}


def opened_of(
    before: dict[bytes, bytes], wanted: dict[bytes, bytes]
) -> tuple[int, list[Opened], list[bytes]]:
    """The opened buckets of these keys in a map."""
    rows = sorted(key + record for key, record in before.items())
    depth, _ = root_of(CHARTER, rows)
    buckets: dict[int, bytes] = {}
    for row in rows:
        number = bucket_of(row, depth)
        buckets[number] = buckets.get(number, b"") + row
    hashes = [bucket_hash(buckets.get(number, b""), depth) for number in range(1 << depth)]

    def read(level: int, index: int) -> bytes:
        return merkle.root(hashes[index << level : (index + 1) << level])

    opened, rest = prove(wanted, depth, lambda numbers: {n: buckets.get(n, b"") for n in numbers}, read)
    return depth, opened, rest


@settings(max_examples=100, deadline=None)
@given(
    before=st.sets(st.integers(0, 400), max_size=200),
    more=st.sets(st.integers(0, 500), min_size=1, max_size=60),
)
def test_opened_buckets_give_the_next_root(before: set[int], more: set[int]) -> None:
    old, new = pairs_of(before, b"a"), pairs_of(more, b"b")
    depth, opened, rest = opened_of(old, new)
    after = {**old, **new}
    expected = root_of(CHARTER, (key + record for key, record in after.items()))
    if expected[0] == depth:
        assert root_with(CHARTER, depth, opened, rest, new) == expected[1]
    else:  # it is still the root that the map would have at this depth
        assert len(root_with(CHARTER, depth, opened, rest, new)) == 32
    assert (
        root_with(CHARTER, depth, opened, rest, {})
        == root_of(CHARTER, (key + record for key, record in old.items()))[1]
    )


def test_a_stuffed_bucket_is_hashed_again_where_it_is_opened() -> None:
    old = {b"\0" * 8 + bytes([n]) * 24: bytes([n]) * 32 for n in range(40)}
    old |= pairs_of(set(range(20)), b"a")
    new = {next(iter(old)): b"x" * 32}
    depth, opened, rest = opened_of(old, new)
    assert any(part is None for part in opened[0].parts)
    assert (
        root_with(CHARTER, depth, opened, rest, new)
        == root_of(CHARTER, (k + r for k, r in {**old, **new}.items()))[1]
    )
    beside = {b"\0" * 8 + b"\xff" * 24: b"y" * 32}  # where nothing is yet, and that is shown
    assert (
        root_with(CHARTER, depth, opened, rest, beside)
        == root_of(CHARTER, (k + r for k, r in {**old, **beside}.items()))[1]
    )
    closed = {b"\0" * 8 + bytes([39]) * 24: b"y" * 32}
    with pytest.raises(KeyError):
        root_with(CHARTER, depth, opened, rest, closed)


def test_a_bucket_that_is_not_opened_is_missed() -> None:
    old = pairs_of(set(range(100)), b"a")
    depth, opened, rest = opened_of(old, pairs_of({1}, b"a"))
    new = pairs_of(set(range(50)), b"b")
    elsewhere = {hash: new[hash] for hash in new if bucket_of(hash, depth) != opened[0].number}
    assert elsewhere
    with pytest.raises(KeyError):
        root_with(CHARTER, depth, opened, rest, elsewhere)


def accused(world: World) -> bytes | None:
    published = world.store.checkpoint()
    assert published is not None
    return accuse(world.store, MemoryStore(), checkpoint_of(published), published)


@pytest.mark.parametrize("first", [False, True])
def test_a_wrong_root_is_shown_to_anyone(first: bool) -> None:
    world = World()
    world.hood()
    if not first:
        world.publish()
        world.party("late")
    index = world.store.head().size
    depth = world.store.map().depth
    lying(world, Root(depth, bytes(32)))
    world.party("later")
    data = accused(world)
    assert data is not None
    evidence = stretch.decode(data)
    assert stretch.encode(evidence) == data
    assert len(evidence.entries) == (index if first else 3)
    shown = stretch.check(evidence, world.trust)
    assert f"entry {index} stands" in shown.sentence
    assert "register.contradicted" in shown.sentence
    assert len(data) < 120_000


def test_a_shallower_map_is_shown_and_a_deeper_one_only_named() -> None:
    for depth, shows in ((0, True), (9, False)):
        world = World()
        world.hood()
        world.publish()
        world.party("late")
        lying(world, Root(depth, bytes(32)))
        data = accused(world)
        assert data is not None
        if shows:
            assert "never becomes shallower" in stretch.check(stretch.decode(data), world.trust).sentence
        else:
            with pytest.raises(Malformed) as caught:
                stretch.check(stretch.decode(data), world.trust)
            assert caught.value.code == "evidence.unproven"


def test_an_honest_root_is_not_accused() -> None:
    world = World()
    world.hood()
    world.publish()
    world.party("late")
    world.publish()
    assert accused(world) is None
    # nor by whoever makes the file himself
    size = world.store.head().size
    evidence = _claimed(world.store, world)
    with pytest.raises(Malformed) as caught:
        stretch.check(evidence, world.trust)
    assert caught.value.code == "evidence.unproven"
    assert "The last entry is right, too." in caught.value.detail
    assert size


def _claimed(store: Store, world: World) -> stretch.Stretch:
    note = world.store.checkpoint()
    assert note is not None
    entries = [data.decode() for data in store.entries(0, store.head().size)]
    return stretch.Stretch(note, 0, tuple(entries[:-1]), entries[-1].encode(), ())


def test_buckets_that_are_left_out_show_nothing() -> None:
    world = World()
    world.hood()
    world.publish()
    world.party("late")
    lying(world, Root(world.store.map().depth, bytes(32)))
    data = accused(world)
    assert data is not None
    evidence = stretch.decode(data)
    assert evidence.register is not None
    before = json.loads(_payload(evidence.entries[0]))
    event = Register.model_validate(before)
    (record,) = world.store.read([Key("charters", "")]).values()
    many = {Key("lot", f"urn:{n}"): record for n in range(200)}
    with pytest.raises(KeyError):
        contradiction(CHARTER, event, many, event, evidence.register)
    assert contradiction(CHARTER, event, {}, event, None) is None


def _payload(entry: str) -> bytes:
    from ledger.entry import decode
    from ledger.statement import parse

    return parse(decode(entry.encode()).statement).payload


def test_the_command_writes_it_and_the_other_checks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.store.sqlite import SqliteStore
    from tests.cli.commands import call

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORELINE_GUARD", str(tmp_path / "guard"))
    world = World(SqliteStore(tmp_path / "liar", create=True))
    world.hood()
    world.publish()
    world.party("late")
    lying(world, Root(world.store.map().depth, bytes(32)))
    world.log.close()
    (tmp_path / "trust.policy").write_text(_trust(world, tmp_path))
    found = call("audit", "liar", "--json")
    assert found.code == 1
    assert [one["code"] for one in found.json["differences"]] == ["audit.register"]
    path = found.json["evidence"]
    told = call("evidence", path, "--trust", "trust.policy")
    assert (told.code, "AN ENTRY THAT CANNOT STAND" in told.out) == (0, True)
    again = call("audit", "liar", "--evidence", str(tmp_path))
    assert "evidence against the operator" in again.out + again.err
    for how in ((), ("--json",)):  # what was found is told all the same
        nowhere = call("audit", "liar", "--evidence", str(tmp_path / "nowhere"), *how)
        assert nowhere.code == 2
        assert "audit.register" in nowhere.out + nowhere.err
        assert "command.output" in nowhere.err


def _trust(world: World, tmp_path: Path) -> str:
    from ledger.store.sqlite import SqliteStore

    world.store = SqliteStore(tmp_path / "liar")
    text = world.trust_text()
    world.store.close()
    return text
