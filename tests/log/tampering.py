"""A ledger to do things to, and what one may do to it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledger import b64
from ledger.audit import AuditReport, audit
from ledger.entry import Entry, decode, encode
from ledger.merkle import Frontier, leaf_hash
from ledger.store import Store
from ledger.store.sqlite import FILE, SqliteStore
from tests.world import PARTY, World

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


def heavier(entries: list[Entry], index: int) -> list[Entry]:
    """A mass in a payload is another, the payload still an event."""

    header, payload, signature = entries[index].statement.split(".")
    text = b64.decode(payload)
    assert b'"kg":"1"' in text
    changed = b64.encode(text.replace(b'"kg":"1"', b'"kg":"2"'))
    entries[index] = entries[index]._replace(statement=f"{header}.{changed}.{signature}")
    return entries
