"""The audit holds a ledger's size against its checkpoints; large ledgers in chunks and processes."""

from pathlib import Path

import pytest

from ledger import audit as auditing
from ledger import signatures
from ledger.audit import audit, derivation
from ledger.audit.scratch import Scratch
from ledger.merkle import Frontier, leaf_hash, root
from ledger.note import Checkpoint, checkpoint_of, cosign, format_checkpoint, sign_note
from ledger.store.sqlite import SqliteStore
from tests.log.tampering import after, audited, found, heavier, rewrite, sql
from tests.world import NAME, PARTY, World, private_key

# --- The head's size, and checkpoints


def test_a_head_that_says_more_misses_an_entry(folder: Path) -> None:
    report = after(folder, sql("UPDATE head SET size = size + 1"))
    assert found(report) == [("audit.missing", f"$.entries[{report.size - 1}]")]


def test_a_head_that_says_less_is_behind_the_checkpoint(folder: Path) -> None:
    codes = {code for code, _ in found(after(folder, sql("UPDATE head SET size = size - 1")))}
    assert {"audit.head", "audit.rolled_back"} <= codes


def _signed(world: World, size: int, at: bytes, name: str = NAME, key: str = "operator") -> str:
    text = format_checkpoint(Checkpoint(name, size, at))
    return sign_note(text, name, private_key(key))


def test_a_checkpoint_of_another_key_is_not_the_operators(folder: Path) -> None:
    store = SqliteStore(folder)
    head = store.head()
    good = Frontier.from_hashes(head.size, head.frontier).root()
    store.close()
    world = World()
    wrong = (
        (_signed(world, head.size, good, key="someone"), "audit.checkpoint"),
        (_signed(world, head.size, good, name="example.com/other"), "audit.checkpoint"),
        (_signed(world, head.size, bytes(32)), "audit.root"),
        (_signed(world, head.size + 1, good), "audit.rolled_back"),
    )
    for note, code in wrong:
        assert found(audited(folder, trusted_checkpoint=note)) == [(code, "$.trusted")]
    for note, code in wrong:
        size = checkpoint_of(note).size
        report = after(folder, sql("UPDATE checkpoint SET note = ?, size = ?", note, size))
        assert found(report) == [(code, "$.checkpoint")]
    assert ("audit.checkpoint", "$.trusted") in found(audited(folder, trusted_checkpoint="no note"))


def test_a_checkpoint_of_any_earlier_size_is_compared(made: Path) -> None:
    store = SqliteStore(made)
    leaves = [leaf_hash(data) for data in store.entries(0, store.head().size)]
    store.close()
    world = World()
    for size in (0, 1, 7, len(leaves) - 1, len(leaves)):
        note = cosign(_signed(world, size, root(leaves[:size])), "w.example", private_key("w"), 1)
        assert found(audited(made, trusted_checkpoint=note)) == []
        wrong = _signed(world, size, bytes(32))
        assert found(audited(made, trusted_checkpoint=wrong)) == [("audit.root", "$.trusted")]


def test_a_checkpoint_behind_what_ended_the_audit_is_not_judged(folder: Path) -> None:
    report = after(folder, sql("DELETE FROM entries WHERE id = 7"))
    assert found(report) == [("audit.missing", "$.entries[7]")]
    assert report.entries == 7


def test_an_amended_operator_signs_from_then_on() -> None:
    world = World()
    charter = world.posted[0]
    new = private_key("operator-2")
    amended = {
        name: charter[name] for name in ("name", "rules", "registrar_keys", "recovery_key", "catalogue")
    }
    event = {"type": "amend", "party": charter["party"], "operator_key": new.public.jwk, **amended}
    world.post(event, world.recovery)
    before = world.checkpoint()
    assert audit(world.store, trusted_checkpoint=before).ok
    text = before.split("\n\n")[0] + "\n"
    assert audit(world.store, trusted_checkpoint=sign_note(text, NAME, new)).ok
    world.tick(86_400)
    world.source("pit", "ore", "1")
    late = world.checkpoint()
    assert found(audit(world.store, trusted_checkpoint=late)) == [("audit.checkpoint", "$.trusted")]
    text = late.split("\n\n")[0] + "\n"
    assert audit(world.store, trusted_checkpoint=sign_note(text, NAME, new)).ok


# --- Size: chunks, processes, the scratch file


def test_chunks_and_full_tiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, create=True)
    world = World(store)
    batch = []
    site = world.site("pit")
    for number in range(600):
        lot = world.lot(PARTY + "miner", f"ore-{number}")
        line = {"lot": lot, "kg": "1", "material": "bauxite"}
        event = {"type": "source", "party": PARTY + "miner", "site": site, "kind": "mine", "outputs": [line]}
        batch.append(world.sign(world.event(event)))
    assert not world.log.post(batch).problems
    world.publish()
    monkeypatch.setattr(derivation, "CHUNK", 256)
    monkeypatch.setattr(auditing, "PAGE", 50)
    assert audit(store).ok
    monkeypatch.setattr(derivation, "Scratch", lambda: Scratch(limit=100))
    assert audit(store).ok
    world.log.close()
    report = after(
        tmp_path,
        sql(
            "UPDATE tiles SET hashes = CAST(substr(hashes, 1, 64) || zeroblob(32) || substr(hashes, 97)"
            " AS BLOB) WHERE level = 0 AND number = 1"
        ),
    )
    assert found(report) == [("audit.tile", "$.tiles[tile/0/001][2]")]


def test_signatures_are_checked_in_other_processes(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(signatures, "SMALL", 1)
    monkeypatch.setattr(derivation, "CHUNK", 16)
    assert audited(folder).ok
    report = after(folder, rewrite(lambda entries: heavier(entries, len(entries) - 2)))
    assert found(report)[0] == ("audit.signature", f"$.entries[{report.size - 2}]")
