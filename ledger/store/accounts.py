"""The accounts of lots that were folded already, as rows of the SQLite file.

Nobody needs them: an account is made of the entries alone (``ledger.claims.fold``), and a lot's birth never
changes, so a kept one spares folding again what the lot was made of. See ``schema`` for the table.
"""

import sqlite3
from collections.abc import Iterable, Mapping

from ledger.register import Key
from ledger.store import rows

FAMILY = len("lot ")
READ = """
    SELECT substr(names.name, ?), CAST(accounts.value AS BLOB)
    FROM json_each(?) AS wanted CROSS JOIN names ON names.name = wanted.value
    CROSS JOIN accounts ON accounts.lot = names.id
"""
KEEP = "INSERT OR REPLACE INTO accounts SELECT id, ? FROM names WHERE name = ?"
SCAN = """
    SELECT substr(names.name, ?), CAST(accounts.value AS BLOB)
    FROM accounts CROSS JOIN names ON names.id = accounts.lot
    WHERE accounts.lot > coalesce((SELECT id FROM names WHERE name = ?), -1) ORDER BY accounts.lot LIMIT ?
"""


def read(connection: sqlite3.Connection, lots: Iterable[str]) -> dict[str, bytes]:
    """The kept accounts among those of ``lots``."""
    names = sorted({_name(lot) for lot in lots})
    return dict(connection.execute(READ, (FAMILY + 1, rows.as_json(names))).fetchall())


def keep(connection: sqlite3.Connection, accounts: Mapping[str, bytes]) -> None:
    """Keep these; the caller commits."""
    connection.executemany(KEEP, [(value, _name(lot)) for lot, value in accounts.items()])


def scan(connection: sqlite3.Connection, after: str, limit: int) -> list[tuple[str, bytes]]:
    """Kept accounts in the order in which their lots' names arrived."""
    return connection.execute(SCAN, (FAMILY + 1, _name(after), max(limit, 0))).fetchall()


def _name(lot: str) -> str:
    return rows.name_of(Key("lot", lot))
