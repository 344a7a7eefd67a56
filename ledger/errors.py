"""What can go wrong, in three kinds that never mix.

- our bug: an ``AssertionError``, never caught;
- bad evidence: ``Malformed`` (raised by a parser) or ``Refusal`` (a value, returned by a rule);
- the environment: ``StorageError``, ``GuardError``, ``WitnessError``, ``ClockError``.

    OrelineError
    ├── Malformed          the input is not what its format says
    └── EnvironmentFault   the input may be fine; this machine is not
        ├── StorageError
        ├── GuardError
        ├── WitnessError
        └── ClockError

Every code stands in ``ledger.codes`` with its meaning and what to do about it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ledger.codes import CODES


class OrelineError(Exception):
    """A problem with a stable code, a place in the input (JSONPath-like) and a sentence. ``more``: what else
    is wrong, where everything is told at once."""

    def __init__(
        self, code: str, path: str = "$", detail: str = "", more: "Sequence[OrelineError]" = ()
    ) -> None:
        assert code in CODES, code
        super().__init__(code, path, detail)
        self.code = code
        self.path = path
        self.detail = detail or CODES[code].meaning
        self.more = tuple(more)

    def __str__(self) -> str:
        place = "" if self.path == "$" else f" at {self.path}"
        return f"{self.code}{place}: {self.detail}"

    @property
    def problems(self) -> "list[Problem]":
        """This and what else is wrong, as faces print it."""
        return [problem(one.code, one.path, one.detail) for one in (self, *self.more)]


class Malformed(OrelineError):
    """The bytes are not what their format says. Raised by parsers, before any rule is asked."""


class EnvironmentFault(OrelineError):
    """The evidence may be good, but this machine cannot answer now."""


class StorageError(EnvironmentFault):
    """The store is missing, locked, full, corrupt or of a format this version does not know."""


class GuardError(EnvironmentFault):
    """The guard of the last signed checkpoint refuses: signing now could make a second history."""


class WitnessError(EnvironmentFault):
    """Too few witnesses cosigned: the new checkpoint is signed, and not published."""


class ClockError(EnvironmentFault):
    """This machine's clock is behind the ledger's last entry."""


class Problem(NamedTuple):
    """One thing that is wrong, in the form that every face prints: API, CLI and report alike."""

    code: str
    path: str
    detail: str
    remedy: str
    waiting_for: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this problem; ``waiting_for`` only where something is waited for."""
        found = self._asdict()
        if self.waiting_for is None:
            del found["waiting_for"]
        return found


def problem(code: str, path: str, detail: str = "", waiting_for: str | None = None) -> Problem:
    """The ``Problem`` of a code, its remedy looked up."""
    meaning = CODES[code]
    return Problem(code, path, detail or meaning.meaning, meaning.remedy, waiting_for)
