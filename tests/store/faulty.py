"""SQLite connections that fail, or kill their process, at a chosen step of a write."""

import os
import signal
import sqlite3
from typing import Any

from ledger.store.sqlite import SqliteStore

STEPS = ("BEGIN", "INSERT", "UPDATE", "COMMIT", "ROLLBACK")


class FaultyConnection(sqlite3.Connection):
    """Counts the writing steps. At step ``at`` (from 0) it fails instead of doing it, or does it
    and then fails (``persisted``); ``kill``: the failure is the death of the process."""

    at: int | None = None
    persisted = False
    kill = False
    steps: list[str] = []  # noqa: RUF012  one plan for all connections of a test

    def execute(self, question: str, *given: Any) -> sqlite3.Cursor:
        return self._step(question, lambda: super(FaultyConnection, self).execute(question, *given))

    def executemany(self, question: str, *given: Any) -> sqlite3.Cursor:
        return self._step(question, lambda: super(FaultyConnection, self).executemany(question, *given))

    def _step(self, question: str, do: Any) -> Any:
        cls = type(self)
        if not question.lstrip().startswith(STEPS):
            return do()
        cls.steps.append(question)
        if cls.at != len(cls.steps) - 1:
            return do()
        if cls.persisted:
            do()
        if cls.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error


class FaultyStore(SqliteStore):
    """A store whose connections follow ``plan``."""

    connection_class = FaultyConnection


def plan(at: int | None, persisted: bool = False, kill: bool = False) -> None:
    """Say at which writing step, from now on, what happens."""
    FaultyConnection.at, FaultyConnection.persisted, FaultyConnection.kill = at, persisted, kill
    FaultyConnection.steps = []
