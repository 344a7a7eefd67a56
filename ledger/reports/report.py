"""A report as a neutral value: what the three renderers print, and nothing else.

A report never decides anything that its claims document does not say. A field that could not be filled is
a ``Row`` with ``missing`` set, and says whom to ask for what: it is never left out, and never guessed.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ledger.claims.document import AsOf, Proof, Ref
from ledger.policy.finding import Ask

COMPLETE: Literal["complete"] = "complete"
INCOMPLETE: Literal["incomplete"] = "incomplete"
DISPROVEN: Literal["disproven"] = "disproven"

Outcome = Literal["complete", "incomplete", "disproven"]


class Row(NamedTuple):
    """One field. ``key``: its name for programs, stable. ``source``: the event that the value rests on.
    ``stated``: the value was given with the request, and no event says it."""

    key: str
    label: str
    value: str = ""
    source: Ref | None = None
    note: str = ""
    missing: bool = False
    ask: Ask | None = None
    stated: bool = False


class Column(NamedTuple):
    """A column of a table. ``key``: its name for programs. ``number``: aligned right. ``code``: hashes.
    ``below``: on a page it stands in the cell of the column before."""

    key: str
    label: str
    number: bool = False
    code: bool = False
    below: bool = False


class Line(NamedTuple):
    """A line of a table: a cell per column, and the event that it rests on."""

    cells: tuple[str, ...]
    source: Ref | None = None


class Table(NamedTuple):
    """A table; without lines it says ``empty``."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    empty: str = "none"


class Stage(NamedTuple):
    """A box of a flow chart, with the stage after it below."""

    title: str
    items: tuple[str, ...]
    alarm: bool = False


class Section(NamedTuple):
    """Rows, then a flow chart, then tables, under a heading."""

    title: str
    rows: tuple[Row, ...] = ()
    tables: tuple[Table, ...] = ()
    flow: tuple[Stage, ...] = ()
    text: str = ""


class Report(NamedTuple):
    """``verdict``: the sentence that answers the report's question, where it has one. ``limits``: what the
    report does not prove."""

    kind: str
    title: str
    subject: str
    outcome: Outcome
    verdict: str
    as_of: AsOf
    rests_on: str
    proof: Proof | None
    sections: tuple[Section, ...]
    limits: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """All rows of all sections."""
        for section in self.sections:
            yield from section.rows

    def missing(self) -> tuple[Row, ...]:
        """The fields that could not be filled."""
        return tuple(row for row in self.rows() if row.missing)

    def basis(self) -> str:
        """In a sentence: what it was computed from."""
        state = f"{self.as_of.ledger}, {self.as_of.size:,} entries, the last received {self.as_of.received}"
        if self.rests_on == "ledger":
            return f"Computed from the ledger {state}."
        verdict = self.proof.verdict if self.proof else "was not checked"
        said = {"holds": "holds", "does not hold": "DOES NOT HOLD", "not provable": "is not provable"}
        return f"Computed from a proof file, which {said.get(verdict, verdict)}; ledger {state}."


def absent(key: str, label: str, whom: str, what: str, note: str = "", source: Ref | None = None) -> Row:
    """A field that could not be filled."""
    return Row(key, label, "", source, note, missing=True, ask=Ask(whom, what))
