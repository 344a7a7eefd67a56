"""What a run of the demo leaves behind and what was seen in it, as values and as JSON."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ledger import folder
from ledger.check.report import FAIL, PASS, Finding, Report
from ledger.policy import Verdict, output

PROOF = "hood.proof.json"
EXAMPLE = "next-cast.json"
DOCUMENTS = "documents"
POLICY = "low-carbon-hood"
SMELTER = "laterriere-casthouse"  # the key that signs the example


class Caught(NamedTuple):
    """A tampered copy, and what the checks made of it: the number, verdict, code and sentence of the
    first one that fails, or else of the first that is not provable."""

    what: str
    caught: bool
    check: int
    verdict: str
    code: str
    sentence: str


class Demo(NamedTuple):
    """What the demo left in ``ledger``, the folder. ``created``: whether this run made it. The rest is
    empty where it did not: ``verdict`` of the honest proof, ``origins`` (origin, grams), ``caught``,
    ``judged`` (what the buyer's policy says of three hoods)."""

    subject: str
    ledger: Path
    created: bool
    entries: int = 0
    verdict: str = ""
    origins: tuple[tuple[str, int], ...] = ()
    caught: tuple[Caught, ...] = ()
    judged: tuple[Verdict, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The JSON form: ``subject``, ``ledger``, ``trust``, ``proof``, ``keys`` and what was seen."""
        found: dict[str, Any] = {
            "subject": self.subject,
            "ledger": str(self.ledger),
            "trust": str(self.ledger / folder.TRUST),
            "proof": str(self.ledger / PROOF),
            "keys": str(self.ledger / folder.KEYS),
            "created": self.created,
            "next": [{"for": who, "command": command} for who, command in next_commands(self)],
        }
        if self.created:
            found |= {
                "entries": self.entries,
                "verdict": self.verdict,
                "origins": [{"origin": origin, "grams": grams} for origin, grams in self.origins],
                "tampered": [caught._asdict() for caught in self.caught],
                "policy": output.as_json(self.judged),
            }
        return found


def next_commands(made: Demo) -> list[tuple[str, str]]:
    """One command for each of the three users."""
    at, key = made.ledger, made.ledger / folder.KEYS / f"{SMELTER}.jwk"
    proof, trust, example, key_file, ledger = (
        shlex.quote(str(path)) for path in (at / PROOF, at / folder.TRUST, at / EXAMPLE, key, at)
    )
    return [
        ("the auditor", f"oreline verify {proof} --trust {trust}"),
        (
            "the smelter's system",
            f"oreline sign {example} --key {key_file} | oreline post --ledger {ledger} --dry-run -",
        ),
        ("the buyer's script", f"oreline check {made.subject} --policy {POLICY} --ledger {ledger}"),
    ]


def decisive(findings: Sequence[Finding]) -> Finding | None:
    """The first, by the checks' numbers, that fails; else that is not provable; None if all pass."""
    against = [finding for finding in findings if finding.verdict != PASS]
    return min(against, key=lambda finding: (finding.verdict != FAIL, finding.check), default=None)


def judge(what: str, report: Report) -> Caught:
    """How a tampered copy fared."""
    first = decisive([finding for checked in report.proofs for finding in checked.findings])
    if first is None:
        return Caught(what, False, 0, "", "", "")
    return Caught(what, True, first.check, first.verdict, first.code, first.sentence)
