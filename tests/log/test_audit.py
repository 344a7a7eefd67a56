"""The audit finds everything that is done to a store, and names it and its place."""

import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings

from ledger import audit as auditing
from ledger import signatures
from ledger.audit import AuditReport, audit, derivation
from ledger.audit.scratch import Scratch
from ledger.entry import Entry, decode, encode
from ledger.errors import StorageError
from ledger.merkle import Frontier, leaf_hash, root
from ledger.note import Checkpoint, cosign, format_checkpoint, sign_note
from ledger.register import KINDS
from ledger.register import encode as encode_record
from ledger.store import Store
from ledger.store.memory import MemoryStore
from ledger.store.rows import name_of
from ledger.store.schema import CODES
from ledger.store.sqlite import FILE, SqliteStore
from tests.log.histories import History, histories
from tests.world import NAME, PARTY, World, private_key

Tamper = Callable[[sqlite3.Connection], object]


def filled(store: Store) -> World:
    """A hood, a part-shipment, a correction and an attestation; published. The last entry is a source."""
    world = World(store)
    hood = world.hood()
    ore = world.source("pit", "more", "100")
    world.receive(
        world.ship("pit", "refiner", {ore: "40"}, {ore: "part"}),
        "refinery",
        {"urn:example:lot:miner:part": "40"},
    )
    world.correct(world.last, "dispute")
    world.ship("pit", "refiner", {ore: "1"}, {ore: "under-way"})
    world.attest(hood)
    world.source("pit", "opened", "1", "opening")
    _books(world)
    world.source("pit", "last", "1")
    world.publish()
    return world


def _books(world: World) -> None:
    """An account with what is sold from it, and an agreement."""
    miner, account = PARTY + "miner", "urn:example:lot:miner:account"
    kept = {"sites": ["urn:example:site:pit"], "materials": ["bauxite"], "period": "2026-01-01/2026-12-31"}
    event = {"type": "account", "party": miner, "account": account, "scheme": "asi_coc", "yield": "1"}
    world.post(event | kept)
    ore = world.source("pit", "booked", "5", account=account)
    coc = {"scheme": "asi_coc", "document": "COC-1", "account": account}
    world.ship("pit", "refiner", {ore: "5"}, coc=coc)
    terms = {"material": "bauxite", "years": [{"year": 2026, "kg": "1"}]}
    world.post({"type": "agree", "party": miner, "with": PARTY + "refiner", "terms": terms})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    world = filled(SqliteStore(folder, create=True))
    world.log.close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy to do things to."""
    return copytree(made, tmp_path / "ledger")


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / FILE)
    with connection:
        yield connection
    connection.close()


def audited(folder: Path, **more: Any) -> AuditReport:
    store = SqliteStore(folder)
    try:
        return audit(store, **more)
    finally:
        store.close()


def after(folder: Path, tamper: Tamper) -> AuditReport:
    with opened(folder) as connection:
        tamper(connection)
    return audited(folder)


def found(report: AuditReport) -> list[tuple[str, str]]:
    assert report.ok == (not report.differences)
    return [(difference.code, difference.path) for difference in report.differences]


def sql(statement: str, *given: Any) -> Tamper:
    def tamper(connection: sqlite3.Connection) -> None:
        assert connection.execute(statement, given).rowcount > 0, "nothing was changed"

    return tamper


def size_of(connection: sqlite3.Connection) -> int:
    (size,) = connection.execute("SELECT size FROM head").fetchone()
    return int(size)


def entries_of(connection: sqlite3.Connection) -> list[Entry]:
    return [decode(data) for (data,) in connection.execute("SELECT entry FROM entries ORDER BY id")]


def rewrite(change: Callable[[list[Entry]], list[Entry]]) -> Tamper:
    """Change the entries, then number and chain them anew and make tiles and head fit: all that someone
    can do who has the database but no keys."""

    def tamper(connection: sqlite3.Connection) -> None:
        entries, last, leaves = change(entries_of(connection)), bytes(32), []
        connection.execute("DELETE FROM entries WHERE id >= ?", (len(entries),))
        for index, entry in enumerate(entries):
            data = encode(entry._replace(index=index, prev=last))
            last = leaf_hash(data)
            leaves.append(last)
            connection.execute(
                "INSERT INTO entries (id, needs, entry) VALUES (?, x'', ?)"
                " ON CONFLICT (id) DO UPDATE SET entry = excluded.entry",
                (index, data),
            )
        frontier = Frontier()
        for leaf in leaves:
            frontier.append(leaf)
        connection.execute("UPDATE tiles SET hashes = ?", (b"".join(leaves),))
        connection.execute(
            "UPDATE head SET size = ?, last = ?, frontier = ?",
            (len(leaves), last, b"".join(frontier.hashes)),
        )

    return tamper


def test_an_honest_ledger_passes(made: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = audited(made, progress=lambda done, size: seen.append((done, size)))
    assert found(report) == []
    assert report.entries == report.size == seen[-1][0] == seen[-1][1] > 40
    assert report.records > report.entries
    assert report.as_json() == {
        "entries": report.entries,
        "size": report.size,
        "records": report.records,
        "ok": True,
        "differences": [],
    }


def test_an_empty_store_passes() -> None:
    assert audit(MemoryStore()) == AuditReport(0, 0, 0, ())


# What is done with SQL to one table, the code, and the path (None: any).
TABLES: dict[str, tuple[Tamper, str, str | None]] = {
    "an entry is gone": (sql("DELETE FROM entries WHERE id = 7"), "audit.missing", "$.entries[7]"),
    "the first is gone": (sql("DELETE FROM entries WHERE id = 0"), "audit.missing", "$.entries[0]"),
    "an entry is not one": (
        sql("UPDATE entries SET entry = x'7b7d' WHERE id = 7"),
        "audit.entry",
        "$.entries[7]",
    ),
    "a time is edited": (
        sql(
            "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), '.000Z', '.001Z') AS BLOB)"
            " WHERE id = 7"
        ),
        "audit.chain",
        "$.entries[8].prev",
    ),
    "needs": (sql("UPDATE entries SET needs = x'01' WHERE id = 20"), "audit.needs", "$.needs[20]"),
    "needs that are none": (sql("UPDATE entries SET needs = x'80' WHERE id = 20"), "audit.needs", None),
    "a mass that flowed": (
        sql("UPDATE flows SET grams = grams + 1 WHERE id = (SELECT max(id) FROM flows)"),
        "audit.flow",
        None,
    ),
    "where it flowed": (
        sql("UPDATE flows SET src = dst WHERE id = (SELECT min(id) FROM flows)"),
        "audit.flow",
        None,
    ),
    "a flow is gone": (
        sql("DELETE FROM flows WHERE id = (SELECT max(id) FROM flows)"),
        "audit.flow",
        None,
    ),
    "a touch is gone": (sql("DELETE FROM touches"), "audit.touch", None),
    "a touch too many": (
        sql("INSERT INTO touches SELECT 9, max(id) FROM records"),
        "audit.touch",
        "$.touches[9]",
    ),
    "a hash of a tile": (
        sql("UPDATE tiles SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB)"),
        "audit.tile",
        None,
    ),
    "a tile is gone": (sql("DELETE FROM tiles"), "audit.tile", None),
    "a record is gone": (
        sql("DELETE FROM records WHERE id = (SELECT max(id) FROM records)"),
        "audit.record",
        None,
    ),
    "the head's hash": (sql("UPDATE head SET last = zeroblob(32)"), "audit.head", "$.head.last"),
    "the head's time": (sql("UPDATE head SET received = received + 1"), "audit.head", "$.head.received"),
    "the frontier": (
        sql("UPDATE head SET frontier = zeroblob(length(frontier))"),
        "audit.head",
        "$.head.frontier",
    ),
    "a note that is none": (sql("UPDATE checkpoint SET note = 'hello'"), "audit.checkpoint", "$.checkpoint"),
}


@pytest.mark.parametrize("what", TABLES)
def test_one_change_in_one_table_is_named(folder: Path, what: str) -> None:
    tamper, code, path = TABLES[what]
    report = after(folder, tamper)
    assert report.differences[0].code == code
    assert [difference.code for difference in report.differences] == [code]
    assert path in (None, report.differences[0].path)


def test_both_sides_of_a_difference_are_shown(folder: Path) -> None:
    with opened(folder) as connection:
        (id, grams) = connection.execute("SELECT max(id), grams FROM flows").fetchone()
        connection.execute("UPDATE flows SET grams = grams + 1 WHERE id = ?", (id,))
        size = size_of(connection)
    (difference,) = audited(folder).differences
    assert difference.index == id >> 20 == size - 2  # behind it only the register's root
    assert difference.path == f"$.flows[{size - 2}]"
    assert (str(grams + 1) in difference.stored, str(grams) in difference.derived) == (True, True)
    assert difference.as_json()["remedy"] == difference.remedy


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_record_of_any_kind_is_compared(folder: Path, kind: str) -> None:
    store = SqliteStore(folder)
    page = store.scan(kind, limit=1)
    store.close()
    ((key, record),) = page

    def tamper(connection: sqlite3.Connection) -> None:
        ((number,),) = connection.execute("SELECT id FROM names WHERE name = ?", (name_of(key),)).fetchall()
        later = encode_record(record._replace(at=record.at + 1))
        sql("UPDATE records SET record = ? WHERE id = ?", later, CODES[kind] + number)(connection)

    report = after(folder, tamper)
    assert found(report) == [("audit.record", f"$.records[{kind} {key.id}]")]
    assert report.differences[0].stored.startswith(f"[{record.at + 1},")
    assert report.differences[0].derived.startswith(f"[{record.at},")


def test_a_record_too_many_is_named(folder: Path) -> None:
    def tamper(connection: sqlite3.Connection) -> None:
        (lot,) = connection.execute(
            "SELECT id FROM names WHERE name = 'lot urn:example:lot:miner:last'"
        ).fetchone()
        (name,) = connection.execute("SELECT max(id) + 1 FROM names").fetchone()
        connection.execute("INSERT INTO names VALUES (?, 'lot urn:example:lot:zzz')", (name,))
        connection.execute(
            "INSERT INTO records SELECT id - ? + ?, record FROM records WHERE id & ((1 << 48) - 1) = ?",
            (lot, name, lot),
        )

    report = after(folder, tamper)
    (difference,) = report.differences
    assert (difference.code, difference.path) == ("audit.record", "$.records[lot urn:example:lot:zzz]")
    assert difference.derived == ""


STRAYS = {
    "entries": "INSERT INTO entries SELECT size, x'', x'7b7d' FROM head",
    "flows": "INSERT INTO flows SELECT size * 1048576, 1, 2, 5 FROM head",
    "touches": "INSERT INTO touches SELECT size + 5, (SELECT min(id) FROM records) FROM head",
    "records": "INSERT INTO records VALUES (60 * 281474976710656 + 1, x'5b315d')",
    "tiles": "INSERT INTO tiles VALUES (0, 7, zeroblob(32))",
    "sly": "CREATE TRIGGER sly AFTER INSERT ON entries BEGIN UPDATE head SET received = received + 1; END",
}


@pytest.mark.parametrize("name", STRAYS)
def test_what_waits_behind_the_ledgers_end_is_named(folder: Path, name: str) -> None:
    """Rows of entries that are yet to come: the audit would find them only once they had done harm."""
    report = after(folder, lambda connection: connection.execute(STRAYS[name]))
    assert [(found.code, found.path) for found in report.differences] == [("audit.stray", f"$.{name}")]


def test_two_things_at_once_are_both_named(folder: Path) -> None:
    with opened(folder) as connection:
        sql("UPDATE flows SET grams = grams + 1 WHERE id = (SELECT max(id) FROM flows)")(connection)
        sql("UPDATE head SET received = received + 1")(connection)
    assert [code for code, _ in found(audited(folder))] == ["audit.flow", "audit.head"]


# --- Entries rewritten, with every hash made to fit


def _edited(entries: list[Entry], index: int) -> list[Entry]:
    """One letter of a payload is another."""
    header, payload, signature = entries[index].statement.split(".")
    at = len(payload) // 2
    changed = payload[:at] + ("A" if payload[at] != "A" else "B") + payload[at + 1 :]
    entries[index] = entries[index]._replace(statement=f"{header}.{changed}.{signature}")
    return entries


def _mass(entries: list[Entry], index: int) -> list[Entry]:
    """A mass in a payload is another, the payload still an event."""
    from ledger import b64

    header, payload, signature = entries[index].statement.split(".")
    text = b64.decode(payload)
    assert b'"kg":"1"' in text
    changed = b64.encode(text.replace(b'"kg":"1"', b'"kg":"2"'))
    entries[index] = entries[index]._replace(statement=f"{header}.{changed}.{signature}")
    return entries


def _swapped(entries: list[Entry], one: int, other: int) -> list[Entry]:
    first, second = entries[one].statement, entries[other].statement
    entries[one] = entries[one]._replace(statement=second)
    entries[other] = entries[other]._replace(statement=first)
    return entries


def test_an_edited_event_has_no_good_signature(folder: Path) -> None:
    report = after(folder, rewrite(lambda entries: _mass(entries, len(entries) - 2)))
    last = report.size - 2
    assert found(report)[0] == ("audit.signature", f"$.entries[{last}]")
    assert report.entries == last


def test_an_edited_event_may_be_no_event(folder: Path) -> None:
    report = after(folder, rewrite(lambda entries: _edited(entries, 9)))
    assert found(report)[0][0] in ("audit.statement", "audit.signature")
    assert (report.differences[0].path, report.entries) == ("$.entries[9]", 9)


def test_a_removed_entry_is_missed_by_the_rules_or_by_the_root(folder: Path) -> None:
    report = after(folder, rewrite(lambda entries: entries[:5] + entries[6:]))
    assert found(report)[0] == ("audit.rule", "$.entries[5]") or found(report)[0][0] == "audit.rule"


def test_a_removed_end_is_missed_by_the_checkpoint(folder: Path) -> None:
    def shorten(entries: list[Entry]) -> list[Entry]:
        return entries[:-1]

    report = after(folder, rewrite(shorten))
    assert ("audit.rolled_back", "$.checkpoint") in found(report)


def test_an_entry_twice_is_refused_by_the_rules(folder: Path) -> None:
    report = after(folder, rewrite(lambda entries: [*entries, entries[-1]]))
    assert found(report)[0] == ("audit.rule", f"$.entries[{report.size - 1}]")
    assert "event.duplicate" in report.differences[0].detail


def test_entries_that_change_places_are_refused_or_have_another_root(folder: Path) -> None:
    report = after(folder, rewrite(lambda entries: _swapped(entries, 5, 6)))
    assert found(report)[0][0] in ("audit.rule", "audit.needs")
    report = after(folder, rewrite(lambda entries: _swapped(entries, len(entries) - 2, len(entries) - 1)))
    assert not report.ok


def test_swapped_rows_are_not_in_their_place(folder: Path) -> None:
    def swap(connection: sqlite3.Connection) -> None:
        (one,), (other,) = connection.execute("SELECT entry FROM entries WHERE id IN (5, 6)").fetchall()
        connection.execute("UPDATE entries SET entry = ? WHERE id = 5", (other,))
        connection.execute("UPDATE entries SET entry = ? WHERE id = 6", (one,))

    assert found(after(folder, swap))[0] == ("audit.entry", "$.entries[5].index")


def test_a_receipt_moved_with_all_hashes_has_another_root(folder: Path) -> None:
    def earlier(entries: list[Entry]) -> list[Entry]:
        entries[3] = entries[3]._replace(received=entries[3].received + 1)
        return entries

    codes = [code for code, _ in found(after(folder, rewrite(earlier)))]
    assert "audit.root" in codes


def test_time_never_runs_back(folder: Path) -> None:
    def back(entries: list[Entry]) -> list[Entry]:
        entries[9] = entries[9]._replace(received=entries[8].received - 1)
        return entries

    report = after(folder, rewrite(back))
    assert found(report)[0] == ("audit.received", "$.entries[9].received")
    assert report.differences[0].stored < report.differences[0].derived


def test_another_charter_than_the_one_in_force_is_refused(folder: Path) -> None:
    def other(entries: list[Entry]) -> list[Entry]:
        entries[9] = entries[9]._replace(charter=3)
        return entries

    report = after(folder, rewrite(other))
    assert found(report)[0] == ("audit.rule", "$.entries[9]")
    assert "charter.not_in_force" in report.differences[0].detail


def test_a_signature_wrong_before_a_refusal_is_named_first(folder: Path) -> None:
    def both(entries: list[Entry]) -> list[Entry]:
        return [*_mass(entries, len(entries) - 2), entries[3]]

    report = after(folder, rewrite(both))
    assert found(report)[0] == ("audit.signature", f"$.entries[{report.size - 3}]")


def test_a_statement_by_a_key_that_nobody_registered_is_refused(folder: Path) -> None:
    world = World()
    event = world.event({"type": "exit", "party": PARTY + "miner", "reason": "lost", "lines": []})
    event["lines"] = [{"lot": "urn:example:lot:miner:last", "kg": "1"}]
    foreign = world.sign(event, private_key("stranger"))
    report = after(folder, rewrite(lambda entries: [*entries, entries[-1]._replace(statement=foreign)]))
    assert found(report)[0] == ("audit.rule", f"$.entries[{report.size - 1}]")
    assert "key.unknown" in report.differences[0].detail


def test_an_environment_that_fails_is_no_finding(monkeypatch: pytest.MonkeyPatch, made: Path) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StorageError("store.busy")

    for name in ("entries", "needs", "tile", "checkpoint", "scan_bytes"):
        with monkeypatch.context() as patch:
            patch.setattr(SqliteStore, name, busy)
            with pytest.raises(StorageError) as fault:
                audited(made)
        assert fault.value.code == "store.busy"


def test_the_collector_is_left_as_it_was(made: Path) -> None:
    assert gc.isenabled()
    assert audited(made).ok
    assert gc.isenabled()
    gc.disable()
    try:
        assert audited(made).ok
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("table", ["needs", "flows", "touches"])
def test_a_table_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, made: Path, table: str
) -> None:
    def corrupt(*_: object) -> None:
        raise StorageError("store.corrupt")

    names = {"needs": "needs", "flows": "flows_between", "touches": "touches_between"}
    codes = {"needs": "audit.needs", "flows": "audit.flow", "touches": "audit.touch"}
    monkeypatch.setattr(SqliteStore, names[table], corrupt)
    assert found(audited(made)) == [(codes[table], f"$.{table}[0]")]


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
        report = after(folder, sql("UPDATE checkpoint SET note = ?", note))
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
    report = after(folder, rewrite(lambda entries: _mass(entries, len(entries) - 2)))
    assert found(report)[0] == ("audit.signature", f"$.entries[{report.size - 2}]")


# --- Laws


@settings(max_examples=30)
@given(histories())
def test_nothing_is_found_in_what_the_writer_wrote(history: History) -> None:
    history.world.publish()
    assert audit(history.world.store).differences == ()
