"""The audit of entries that were rewritten, with every hash made to fit."""

import sqlite3
from pathlib import Path

from ledger.entry import Entry
from tests.log.tampering import after, found, heavier, rewrite
from tests.world import PARTY, World, private_key


def _edited(entries: list[Entry], index: int) -> list[Entry]:
    """One letter of a payload is another."""
    header, payload, signature = entries[index].statement.split(".")
    at = len(payload) // 2
    changed = payload[:at] + ("A" if payload[at] != "A" else "B") + payload[at + 1 :]
    entries[index] = entries[index]._replace(statement=f"{header}.{changed}.{signature}")
    return entries


def _swapped(entries: list[Entry], one: int, other: int) -> list[Entry]:
    first, second = entries[one].statement, entries[other].statement
    entries[one] = entries[one]._replace(statement=second)
    entries[other] = entries[other]._replace(statement=first)
    return entries


def test_an_edited_event_has_no_good_signature(folder: Path) -> None:
    report = after(folder, rewrite(lambda entries: heavier(entries, len(entries) - 2)))
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
        return [*heavier(entries, len(entries) - 2), entries[3]]

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
