"""The evidence of an entry that cannot stand: what it shows, and that nothing else shows anything."""

import json
from typing import Any

import pytest

from cli.demo.frauds.proofs import spelt_out
from ledger.check import stretch
from ledger.check.stretch import Stretch
from ledger.entry import decode as decode_entry
from ledger.errors import Malformed
from ledger.events import Register, in_entry
from ledger.merkle import leaf_hash, multiproof
from ledger.proof.opened import less_said
from ledger.registermap import Opened
from ledger.store.memory import MemoryStore
from ledger.tiles import hash_reader
from ledger.trust import Trust
from ledger.witness import contradiction
from ledger.witness.replaying import Fault, Replay
from tests.monitor.histories import grow
from tests.witness.liar import Liar
from tests.witness.lies import overdrawn, unchained
from tests.world import World


def found(world: World, signed: str, size: int) -> Stretch:
    """The evidence that a replay of the world's first entries leaves."""
    mirror = MemoryStore()
    mirror.publish(signed, size)
    fault = Replay(mirror).run([list(world.store.entries(0, size))], size)
    assert isinstance(fault, Fault)
    read = hash_reader(lambda level, n: world.store.tile(level, n) or b"", size)
    data = contradiction.entry(mirror, fault, signed, size, read)
    assert data is not None
    return stretch.decode(data)


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.hood()
    world.publish()
    grow(world, 3)
    overdrawn(Liar(world))
    grow(world, 2)
    world.publish()
    return world


@pytest.fixture(scope="module")
def evidence(world: World) -> Stretch:
    return found(world, world.store.checkpoint() or "", world.store.head().size)


def nothing(evidence: Stretch, trust: Trust, code: str = "evidence.unproven") -> str:
    with pytest.raises(Malformed) as caught:
        stretch.check(evidence, trust)
    assert caught.value.code == code, caught.value
    return caught.value.detail


def test_what_it_shows(world: World, evidence: Stretch) -> None:
    shown = stretch.check(evidence, world.trust)
    assert (shown.kind, shown.origin) == ("entry", world.name)
    assert "lot.overdrawn" in shown.sentence
    assert len(stretch.encode(evidence)) < 40_000  # most of it the charter's catalogue


def test_from_the_charter_on() -> None:
    world = World()
    grow(world, 4)
    index = unchained(Liar(world))
    signed = Liar(world).publish()
    made = found(world, signed, index + 1)
    assert (made.start, made.register) == (0, None)
    assert f"entry {index} stands, and it cannot: entry.chain" in stretch.check(made, world.trust).sentence
    assert "charter" in nothing(made, world.trust._replace(charter=bytes(32)))


def test_another_note_or_log(world: World, evidence: Stretch) -> None:
    nothing(evidence._replace(note="x"), world.trust, "note.form")
    other = World(name="example.com/other")
    other.publish()
    nothing(evidence._replace(note=other.store.checkpoint() or ""), world.trust, "trust.origin")
    forged = evidence.note.replace(evidence.note[-20:-8], "A" * 12)
    nothing(evidence._replace(note=forged), world.trust, "note.signature")


def test_what_is_right_is_no_evidence(world: World, evidence: Stretch) -> None:
    """Without the last entry, all that is left is right."""
    size = world.store.head().size
    read = hash_reader(lambda level, n: world.store.tile(level, n) or b"", size)
    places = range(evidence.start, evidence.start + len(evidence.entries))
    short = evidence._replace(
        entries=evidence.entries[:-1],
        entry=evidence.entries[-1].encode(),
        hashes=tuple(multiproof(places, size, read)),
    )
    assert nothing(short, world.trust) == "The last entry is right, too."
    longer = evidence._replace(
        entries=(*evidence.entries, evidence.entry.decode()),
        entry=next(world.store.entries(places.stop + 1, size)),
        hashes=tuple(multiproof(range(evidence.start, places.stop + 2), size, read)),
    )
    assert "is wrong before the last one" in nothing(longer, world.trust)


def test_entries_of_other_places(world: World, evidence: Stretch) -> None:
    assert (
        nothing(evidence._replace(start=10_000), world.trust) == "The entries are not within the checkpoint."
    )
    for changed in (
        evidence._replace(start=evidence.start - 1),
        evidence._replace(entry=evidence.entry + b" "),
        evidence._replace(entries=evidence.entries[1:]),
        evidence._replace(hashes=evidence.hashes[1:]),
        evidence._replace(hashes=(*evidence.hashes, bytes(32))),
        evidence._replace(hashes=(b"x", *evidence.hashes[1:])),
    ):
        nothing(changed, world.trust)


def hashed(part: bytes | None) -> bytes | None:
    """What is shown of a bucket, closed."""
    return part if part is None or len(part) == 32 else leaf_hash(part)


def test_the_register_is_the_logs_own_word(world: World, evidence: Stretch) -> None:
    part = evidence.register
    assert part is not None
    assert "begin with the event" in nothing(evidence._replace(register=None), world.trust)
    changed = [part._replace(hashes=()), part._replace(records=part.records[1:])]
    changed.append(part._replace(records=((part.records[0][0], "[]"), *part.records[1:])))
    for other in changed:
        assert "What the file shows" in nothing(evidence._replace(register=other), world.trust)
    event = in_entry(evidence.entries[0].encode())
    assert isinstance(event, Register)
    whole = tuple(spelt_out(part, event.depth))
    hidden = less_said(part._replace(records=part.records[1:], buckets=whole))
    assert "does not hold the record" in nothing(evidence._replace(register=hidden), world.trust)
    closed = tuple(Opened(one.number, tuple(map(hashed, one.parts))) for one in whole)
    assert "does not show the record" in nothing(
        evidence._replace(register=part._replace(buckets=closed)), world.trust
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "fork"}, {"start": -1}, {"start": "3"}, {"start": True}, {"entries": [1]}, {"entries": "x"},
        {"entry": "é"}, {"entry": 3}, {"hashes": ["x"]}, {"note": 3}, {"register": 3}, {"register": {}},
        {"more": 1}, {"format": "oreline-evidence/2"},
    ],
)  # fmt: skip
def test_the_form(evidence: Stretch, changed: dict[str, Any]) -> None:
    value = json.loads(stretch.encode(evidence)) | changed
    data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    with pytest.raises(Malformed):
        stretch.decode(data)


def test_spelling(evidence: Stretch, monkeypatch: pytest.MonkeyPatch) -> None:
    data = stretch.encode(evidence)
    assert stretch.is_one(data)
    for wrong in (data[:-1], b" " + data, data.replace(b",", b", ", 1), b"[]", b"{", b""):
        with pytest.raises(Malformed):
            stretch.decode(wrong)
    monkeypatch.setattr(stretch, "MAX_BYTES", len(data) - 1)
    with pytest.raises(Malformed, match="larger"):
        stretch.decode(data)


def test_what_would_be_too_large(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    size = world.store.head().size
    signed = world.store.checkpoint() or ""
    for name in ("MAX_BYTES", "MAX_ENTRIES"):
        with monkeypatch.context() as patched:
            patched.setattr(stretch, name, 1)
            with pytest.raises(AssertionError):
                found(world, signed, size)


def test_an_entry_names_its_place(evidence: Stretch) -> None:
    assert decode_entry(evidence.entry).index == evidence.start + len(evidence.entries)
