"""The report: what the numbered checks found, as values and as JSON.

Each check answers *pass*, *fail* or *not provable*, in one or more findings. The worst finding is the
check's verdict. All checks together:

- ``does not hold`` (exit code 1) if any check fails;
- ``not provable`` (exit code 2) if evidence is missing for any check;
- ``holds`` (exit code 0) otherwise.

The JSON form, its members in this order and stable:

    {"format":"oreline-report/1", "verdict":"holds", "exit_code":0,
     "proofs":[{"subject":"<lot>", "verdict":"holds", "material":"…", "kg":"8",
                "marks":{"serial":"…"},
                "checkpoint":{"origin":"…", "size":37, "root":"<base64>"},
                "received":"<of the last entry>", "entries":30,
                "checks":[{"check":1, "title":"…", "verdict":"pass", "findings":[<finding>,…]},…],
                "origins":[{"origin":"mine <site>", "kg":"5.333", "share":"0.666666"},…],
                "traces":["<origin>",…], "claims":<claims document>},…],
     "together":[<finding>,…], "does_not_prove":["…",…]}

A finding: ``{"verdict", "code", "sentence", "remedy", "entries":[<index>,…], "ids":[…]}``; ``code`` and
``remedy`` are absent where the check passes, unless it does so only because the caller accepts what the
finding says (``ACCEPTABLE``). What could not be learned is absent too: ``material`` and
``kg`` where the subject's birth is not proven, ``checkpoint`` where it could not be read, ``claims``
(``ledger.claims.document``) where there is no lot or too much to recompute. ``together``
holds what only several proofs side by side show; each of its findings also has ``check``. A proof's
``verdict`` is what it has alone, in the same three words.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from ledger import b64
from ledger.claims.document import Claims, Proof
from ledger.claims.shares import Part
from ledger.codes import CODES
from ledger.note import Checkpoint
from ledger.quantity import format_instant, format_kg, format_ratio

FORMAT = "oreline-report/1"

Verdict: TypeAlias = Literal["pass", "fail", "not provable"]
PASS: Verdict = "pass"  # noqa: S105
FAIL: Verdict = "fail"
NOT_PROVABLE: Verdict = "not provable"

Outcome: TypeAlias = Literal["holds", "does not hold", "not provable"]

CHECKS: dict[int, str] = {
    1: "The proof parses, strictly",
    2: "The checkpoint is signed by the trusted log and its quorum; entry 0 is the trusted charter",
    3: "Every entry is in that log",
    4: "Adjacent entries link; indices and times ascend",
    5: "Every statement is signed by a key registered to its party and site, not revoked before",
    6: "Every event passes the rules on replay",
    7: "Unbroken: every lot has its birth, every hand-over both its sides, every path ends in a source",
    8: "Standing as of the checkpoint: nothing withdrawn, disputed, revoked or overdrawn",
    9: "Claims recomputed: origin, recycled content, footprint",
}
PINNED = {  # of a file without entry 0
    2: "The checkpoint is signed by the trusted log and its quorum; of which charter, check 8 tells",
}
TOLD = {  # of a history: nothing is replayed, and what it tells of may be withdrawn or disputed
    5: "Every statement is signed by a key that the register has for its party",
    8: "Complete as of the checkpoint: no entry that the history is of is left out",
}
ACCEPTABLE = frozenset(("rests.root", "standing.beyond"))  # to who takes the register's root behind a horizon
UNREAD = "missing.proof"  # of a check that had nothing to check

DOES_NOT_PROVE = (
    "That the signers told the truth: signatures show who said something, not that it was so.",
    "That the atoms in this part are these: what is stamped on a part and what was posted about it can "
    "be swapped where nobody looks.",
    "Anything after the checkpoint: a dispute, a withdrawal or a second sale may have been posted since.",
)


class Finding(NamedTuple):
    """What a check found. ``code``: of ``ledger.codes``, "" where it passes by itself. ``entries``: the
    indices of the entries that decided it; ``ids``: the lots, keys and events."""

    check: int
    verdict: Verdict
    code: str
    sentence: str
    entries: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this finding, without its check's number."""
        found: dict[str, Any] = {"verdict": self.verdict}
        if self.code:
            found["code"] = self.code
        found["sentence"] = self.sentence
        if self.code:
            found["remedy"] = CODES[self.code].remedy
        return found | {"entries": list(self.entries), "ids": list(self.ids)}


class Origin(NamedTuple):
    """A part of the subject's mass."""

    origin: str
    grams: int
    part: Part


class Checked(NamedTuple):
    """One proof and what the checks found in it. ``material`` is "" where no birth is proven."""

    subject: str
    material: str
    grams: int
    marks: tuple[tuple[str, str], ...]
    checkpoint: Checkpoint | None
    received: int | None
    entries: int
    findings: tuple[Finding, ...]
    origins: tuple[Origin, ...]
    traces: tuple[str, ...]
    claims: Claims | None = None
    pinned: bool = False  # entry 0 is not in the file

    def verdict(self, check: int) -> Verdict:
        """The verdict of one check: that of its worst finding."""
        return _worst([finding.verdict for finding in self.findings if finding.check == check])

    def asked(self) -> list[tuple[int, str]]:
        """The checks that were made, by number and title: no title says more than was looked at."""
        made = sorted({finding.check for finding in self.findings})
        titles = CHECKS | (PINNED if self.pinned else {}) | ({} if 6 in made else TOLD)
        return [(check, titles[check]) for check in made]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of this proof's part of the report."""
        found: dict[str, Any] = {"subject": self.subject, "verdict": outcome(self.findings)}
        if self.material:
            found |= {"material": self.material, "kg": format_kg(self.grams), "marks": dict(self.marks)}
        if self.checkpoint is not None:
            origin, size, root, _ = self.checkpoint
            found["checkpoint"] = {"origin": origin, "size": size, "root": b64.encode_std(root)}
        if self.received is not None:
            found["received"] = format_instant(self.received)
        found["entries"] = self.entries
        found["checks"] = [
            {
                "check": check,
                "title": title,
                "verdict": self.verdict(check),
                "findings": [finding.as_json() for finding in self.findings if finding.check == check],
            }
            for check, title in self.asked()
        ]
        found["origins"] = [
            {"origin": origin, "kg": format_kg(grams), "share": format_ratio(part.ppm)}
            for origin, grams, part in self.origins
        ]
        found["traces"] = list(self.traces)
        return found if self.claims is None else found | {"claims": self.claims.as_json()}


class Report(NamedTuple):
    """The outcome of the numbered checks. ``together``: what only several proofs side by side show."""

    proofs: tuple[Checked, ...]
    together: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Outcome:
        """All checks of all proofs in one word."""
        alone = [finding for proof in self.proofs for finding in proof.findings]
        return outcome([*alone, *self.together])

    @property
    def exit_code(self) -> int:
        """0 holds, 1 does not hold, 2 could not be checked."""
        return {"holds": 0, "does not hold": 1, "not provable": 2}[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """The JSON form, described above."""
        return {
            "format": FORMAT,
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "proofs": [proof.as_json() for proof in self.proofs],
            "together": [{"check": finding.check, **finding.as_json()} for finding in self.together],
            "does_not_prove": list(DOES_NOT_PROVE),
        }


def _worst(verdicts: list[Verdict]) -> Verdict:
    return next((verdict for verdict in (FAIL, NOT_PROVABLE) if verdict in verdicts), PASS)


def accepted(finding: Finding) -> Finding:
    """The finding for a caller who takes the register's root, as signed, for what is not replayed."""
    return finding._replace(verdict=PASS) if finding.code in ACCEPTABLE else finding


def proof_of(findings: Sequence[Finding]) -> Proof:
    """What claims tell of the proof they rest on: the outcome, and the codes of all that does not pass."""
    codes = {finding.code for finding in findings if finding.verdict != PASS}
    return Proof(verdict=outcome(findings), codes=tuple(sorted(codes)))


def outcome(findings: Sequence[Finding]) -> Outcome:
    """All findings in one word."""
    if any(finding.verdict == FAIL for finding in findings):
        return "does not hold"
    if any(finding.verdict == NOT_PROVABLE for finding in findings):
        return "not provable"
    return "holds"
