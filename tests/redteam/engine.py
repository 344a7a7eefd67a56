"""The red team: one attack after the other on honest files, and what must never come of it.

A hole is a variant with the verdict "holds" that

- is of a subject whose honest proof does not hold, or
- shows something else of its subject than the honest proof does, or
- makes the check raise anything.

The same is asked for who accepts the register's root (``--accept-root``), beside the honest files that have a
horizon: such a variant holds only if one of these does, and shows what that one shows.

And whatever its verdict: a variant that a buyer's policy passes, where the honest proof does not pass.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations
from random import Random
from typing import NamedTuple

from ledger import strictjson
from ledger.check.report import ACCEPTABLE, Checked, Report
from ledger.check.text import as_text
from ledger.errors import Malformed
from ledger.history import Subject
from ledger.history import build as history
from ledger.policy import Policy
from ledger.proof import SHORT, Horizon, build
from ledger.store import Store
from ledger.trust import Trust
from ledger.verdicts import of_report
from ledger.verify import check
from tests.redteam.known import Held, Ledger, file, taken_apart
from tests.redteam.tricks import MANGLES, SPEAKERS, TRICKS, Stock, moves_of, said_of, spoil

HOLDS = "holds"


class Shown(NamedTuple):
    """What a report tells people of a subject."""

    verdict: str
    material: str
    grams: int
    marks: object
    origins: object
    traces: object
    where: str
    entries: object  # of a history: which


class Hole(NamedTuple):
    """``how``: the tricks, in their order."""

    how: tuple[str, ...]
    what: str
    data: bytes


def shown(found: Checked) -> Shown:
    """What a report's part on one file tells."""
    passed = [finding for finding in found.findings if finding.check in (7, 8) and finding.verdict == "pass"]
    said = [finding for finding in passed if not finding.code]  # without how much rests on the root
    history = found.subject.partition(" ")[2] != ""
    where = " ".join(one.sentence for one in said if one.check == 7)
    where = where[where.find("As ") :] if "As " in where else ""
    entries = tuple(one.entries for one in said if one.check == 8) if history else ()
    alone = found.as_json()["verdict"]
    return Shown(alone, found.material, found.grams, found.marks, found.origins, found.traces, where, entries)


class Judge:
    """Knows the truth: what the honest files say, by subject and checkpoint."""

    def __init__(self, trust: Trust, honest: Sequence[bytes], policies: Sequence[Policy] = ()) -> None:
        self._trust = trust
        self._truth: dict[tuple[str, int], Shown] = {}
        self._accepted: dict[tuple[str, int], list[Shown]] = {}  # what honest files show who accepts the root
        self._policies = policies
        self._passed: set[tuple[str, int, str]] = set()  # subject, size, policy
        for data in honest:
            report = check([data], trust)
            (found,) = report.proofs
            assert found.checkpoint is not None
            size = found.checkpoint.size
            self._passed |= {(found.subject, size, name) for name in self._passes(report)}
            said = shown(found)
            before = self._truth.setdefault((found.subject, found.checkpoint.size), said)
            if said.verdict == HOLDS or before.verdict != HOLDS:  # of a whole proof, not of a part of one
                self._truth[found.subject, found.checkpoint.size] = said
            (accepted,) = check([data], trust, accept_root=True).proofs
            if shown(accepted).verdict == HOLDS:
                self._accepted.setdefault((found.subject, size), []).append(shown(accepted))

    def _passes(self, report: Report) -> list[str]:
        """The policies that pass the report's one subject."""
        rows = [(policy, of_report(report, policy)) for policy in self._policies]
        return [policy.name for policy, found in rows if any(one.verdict == "pass" for one in found)]

    def truth(self, subject: str, size: int) -> Shown | None:
        """What an honest file says of it."""
        return self._truth.get((subject, size))

    def hole(self, data: bytes) -> str:
        """What is wrong with the check's answer to a variant; nothing is ""."""
        try:
            report = check([data], self._trust)
            as_text(report)
            strictjson.dumps(report.as_json())
            passes = self._passes(report)
        except Exception as fault:  # noqa: BLE001  # whatever it is, it is a hole
            return f"the check raised {fault!r}"
        for one in report.proofs:
            size = one.checkpoint.size if one.checkpoint else -1
            better = [name for name in passes if (one.subject, size, name) not in self._passed]
            if better:
                return f"{', '.join(better)} passes, and does not pass the honest proof of {one.subject}"
        if report.verdict != HOLDS:
            return self._accepting(data, report)
        (found,) = report.proofs
        assert found.checkpoint is not None
        truth = self.truth(found.subject, found.checkpoint.size)
        if truth is None:
            return f"nothing is known of {found.subject}, and it holds"
        if truth.verdict != HOLDS:
            return f"the honest proof of {found.subject}: {truth.verdict}"
        said = shown(found)
        if said != truth:
            return f"it shows {said}, the truth is {truth}"
        return ""

    def _accepting(self, data: bytes, report: Report) -> str:
        """What is wrong with the answer to who accepts the root; only where that may change it."""
        doubted = [one for proof in report.proofs for one in proof.findings if one.verdict != "pass"]
        if any(one.verdict == "fail" or one.code not in ACCEPTABLE for one in doubted):
            return ""
        (found,) = check([data], self._trust, accept_root=True).proofs
        assert found.checkpoint is not None
        said, honest = shown(found), self._accepted.get((found.subject, found.checkpoint.size), [])
        if said.verdict == HOLDS and said not in honest:
            return f"with the root accepted it shows {said} of {found.subject}; honest files: {honest}"
        return ""


class Team:
    """Attacks on one lot's proofs. ``store``: of the whole ledger, if the team has it. ``files``: honest
    files, such as those of earlier checkpoints. ``policies``: what buyers ask of each variant. ``others``:
    the lots whose proofs are at hand; all of the ledger's unless they are named."""

    def __init__(
        self,
        trust: Trust,
        subject: str,
        store: Store | None,
        files: Sequence[bytes] = (),
        seed: int = 0,
        policies: Sequence[Policy] = (),
        others: Sequence[str] | None = None,
    ) -> None:
        self.chance = Random(seed)
        self.rounds = 0
        self._subject = subject
        honest = list(files)
        if store is None:
            self.known: Ledger | Held = Held(files[0], trust.charter)
            subjects = [id for kind, id in self.known.keys if kind == "lot"] or [subject]
        else:
            self.known = Ledger(store)
            subjects = [id for kind, id in self.known.keys if kind == "lot"]
            if others is not None:
                subjects = [subject, *others]
            for lot in subjects:
                honest += [build(store, lot), history(store, Subject(lot=lot))]
                honest.append(build(store, lot, horizon=SHORT))
            months = [key.id.split(" ") for key in self.known.keys if key.kind == "posted"]
            months = months if others is None else []
            for party, month in months:
                try:
                    honest.append(history(store, Subject(party=party, month=month)))
                except Malformed:  # its only entries are register events
                    continue
            honest += [build(store, subject, horizon=Horizon(depth=depth)) for depth in range(1, 4)]
        self.judge = Judge(trust, honest, policies)
        self._bases = [data for data in honest if self._is_mine(data)]  # its proofs, its history
        if store is not None:
            self._bases += [build(store, subject, min_share=share) for share in (1, 500_000)]
        size = self.known.size
        of_now = [data for data in [*honest, *self._bases] if _size(data) == size]
        self._bases = [data for data in self._bases if _size(data) == size]
        claims = [taken_apart(self.known, data) for data in of_now]
        self.stock = Stock(self.known, claims, honest, subjects)

    def _is_mine(self, data: bytes) -> bool:
        value = json.loads(data)
        return value["subject"] in (self._subject, f"lot {self._subject}")

    def variant(self) -> tuple[tuple[str, ...], bytes]:
        """One attack: its tricks, and its file."""
        chance = self.chance
        claim = taken_apart(self.known, chance.choice(self._bases))
        how = []
        for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3])):
            trick = chance.choice(TRICKS)
            claim = claim._replace(entries=claim.entries | {self.known.size - 1})
            claim = trick(claim, self.stock, chance)
            how.append(trick.__name__)
        data = file(self.known, claim)
        if chance.random() < (0.25 if how else 1):
            value = json.loads(data)
            for _ in range(chance.randint(1, 2)):
                mangle = chance.choice(MANGLES)
                with suppress(LookupError, TypeError, ValueError, AttributeError):  # after nonsense
                    mangle(value, self.stock, chance)
                how.append(mangle.__name__)
            data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        if chance.random() < (0.05 if how else 1):
            data = spoil(data, chance)
            how.append(spoil.__name__)
        return tuple(how), data

    def stripped(self) -> Iterator[tuple[tuple[str, ...], bytes]]:
        """From the honest proof, one by one: each entry, each with all that was said of it, each stretch of
        what moved a lot with all that was said of that; all that was said at all."""
        claim = taken_apart(self.known, self._bases[0])
        gone = [{index} for index in claim.entries]
        gone += [said_of(self.stock, claim, {index}) for index in claim.entries]
        for lot in self.stock.subjects:
            moves = moves_of(self.stock, claim, lot)
            for start, stop in combinations(range(len(moves) + 1), 2):
                gone.append(said_of(self.stock, claim, set(moves[start:stop])))
        gone.append({index for index in claim.entries if self._speaks(index)})
        for indices in gone:
            how = f"without {', '.join(map(str, sorted(indices)))}"
            yield (how,), file(self.known, claim._replace(entries=claim.entries - indices))

    def _speaks(self, index: int) -> bool:
        event = self.known.pieces[index].event
        return event is not None and event.type in SPEAKERS

    def holes_by_hand(self) -> Iterator[Hole]:
        """All that is found by ``stripped``."""
        for how, data in self.stripped():
            self.rounds += 1
            if what := self.judge.hole(data):
                yield Hole(how, what, data)

    def holes(self, rounds: int) -> Iterator[Hole]:
        """All that is found in so many attacks."""
        for _ in range(rounds):
            how, data = self.variant()
            self.rounds += 1
            if what := self.judge.hole(data):
                yield Hole(how, what, data)


def _size(data: bytes) -> int:
    return int(json.loads(data)["checkpoint"].split("\n")[1])
