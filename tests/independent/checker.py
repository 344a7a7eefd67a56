"""Checks a proof or a history from the documentation alone: python checker.py FILE TRUST [--accept-root]

The nine checks of docs/reference/formats/checks.md, what the subject is made of, and its claims; of check 6
as far as `replay` judges. Exit code 0: it holds; 1: it does not; 2: something is not provable. Needs the
standard library, `cryptography`, the files beside it, and the tables of docs/reference/claims.md.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from c2sp import Bad, base64url, multiproof_root, unbase64
from claimdoc import Telling
from entries import Entry, keys_of
from files import File
from folding import Folding
from judged import ancestry, births, judged, writes
from known import Known
from lineage import Lineage, claims, open_ends
from lots import Refused
from proven import Proven
from replay import Replay
from standing import Standing
from telling import signed, whole
from trust import Trust
from values import Made, in_whole_grams, jwk

SIGNING = ("key.", "registrar.", "statement.", "site.")
LACKING = ("missing.", "rests.", "standing.unseen", "standing.not_shown", "standing.beyond", "chain.partly")
HISTORY = (1, 2, 3, 4, 5, 8)


class Check:
    """The findings of each check that was made (verdict, code, where), and what the subject is made of."""

    def __init__(self, data: bytes, trust: Trust, accepted: bool = False):
        self.findings: dict[int, list[tuple[str, str, str]]] = {number: [] for number in range(1, 10)}
        self.replay = Replay()
        self.origins: Made = ([], [])
        self.told: dict[str, Any] = {}  # members of the claims document
        self.trust, self.accepted, self.file = trust, accepted, File()
        self.proven: Proven | None = None
        self.counts: set[int] = set()
        if not self.check(1, lambda: self.file.read(data)):
            self.stopped()
            return
        self.entries = [entry.read() for entry in self.file.entries]
        first, part = self.file.entries[0], self.file.register
        self.pinned = part is not None and first.index > 0
        self.leaves = [(entry.index, entry.leaf) for entry in self.entries]
        self.check(2, self.anchor)
        self.check(3, self.tree)
        self.check(4, self.links)
        if part is not None:
            last, charter = self.entries[-1], unbase64(trust.charter, "trust.charter", 32)
            self.check(8, lambda: setattr(self, "proven", Proven(part, last.index, last.event, charter)))
        if self.file.is_history:
            self.findings = {number: self.findings[number] for number in HISTORY}
            self.history()
        else:
            self.proof()

    def stopped(self) -> None:
        known = bool(self.file.origin)
        if known:
            self.check(2, lambda: self.trust.trusts(self.file.checkpoint, self.file.origin))
        for number in range(2 + known, 10):
            self.find(number, "missing.proof")

    def find(self, number: int, code: str, where: object = "") -> None:
        verdict = "not provable" if code.startswith(LACKING) else "fail"
        self.findings[number].append((verdict, code, str(where)))

    def find_all(self, number: int, codes: Iterable[str]) -> None:
        for code in codes:
            self.find(number, code)

    def check(self, number: int, what: Callable[[], object]) -> bool:
        try:
            what()
        except Bad as bad:
            self.find(number, bad.code, bad)
            return False
        return not self.findings[number]

    def verdict(self, number: int) -> str:
        verdicts = [verdict for verdict, _, _ in self.findings[number]]
        return next((worst for worst in ("fail", "not provable") if worst in verdicts), "pass")

    @property
    def exit_code(self) -> int:
        verdicts = {self.verdict(number) for number in self.findings}
        return 1 if "fail" in verdicts else 2 if "not provable" in verdicts else 0

    # ---- checks 2 to 4

    def anchor(self) -> None:
        """Every row is looked at; each that does not hold is a finding."""
        index, leaf = self.leaves[0]
        if index and not self.pinned:
            self.find(2, "missing.charter")
        elif not self.pinned and leaf != unbase64(self.trust.charter, "trust.charter", 32):
            self.find(2, "chain.charter")
        first = self.entries[0].event
        if first.get("type") == "charter" and first["ledger"] != self.file.origin:
            self.find(2, "chain.origin")
        latest = self.trust.trusts(self.file.checkpoint, self.file.origin)
        if latest >= 0 and self.entries[-1].received // 1000 > latest + 300:
            self.find(2, "chain.ahead")

    def tree(self) -> None:
        if multiproof_root(self.leaves, self.file.size, self.file.hashes) != self.file.root:
            raise Bad("chain.root")

    def links(self) -> None:
        for earlier, later in pairwise(self.entries):
            if later.index == earlier.index + 1 and later.prev != base64url(earlier.leaf):
                self.find(4, "chain.prev", later.index)
            if later.received < earlier.received:
                self.find(4, "chain.received", later.index)

    # ---- checks 5 to 9

    def rooted(self) -> None:
        """The last entry is signed by the key that the trust file has for the log."""
        last = self.entries[-1]
        raws = [key.key for key in self.trust.logs if key.type == 1 and key.name == self.file.origin]
        keys = {key[0]: key for key in map(ed25519, raws)}
        if last.wrong or last.kid not in keys:
            self.find(5, "missing.charter")
        else:
            self.find_all(5, last.unsigned(keys))

    def proof(self) -> None:
        born = {key for entry in self.entries for kind, key in wrote(entry) if kind == "lot"}
        subject = self.file.subject
        named = [(entry.index, entry.kid, entry.event) for entry in self.entries]
        short = self.pinned and not judged(subject, named[:-1])
        said = self.proven.records if self.proven else {}
        known = Known(said, set() if short else born, self.replay)
        lots = ancestry(self.file.subject, births([(entry.index, entry.event) for entry in self.entries]))
        self.own = lots - {key for kind, key in said if kind == "lot" and key not in born}
        if short:
            self.rooted()
        else:
            self.counts = judged(subject, named)
            self.statements(known)
        known.end()
        if known.contradicted:
            self.find(6, "register.contradicted")
        lot = self.replay.get("lot", subject)
        if lot:
            self.origins = in_whole_grams(lot["made"], lot["grams"])
            events = {entry.index: entry.event for entry in self.entries}
            lineage = Lineage(subject, self.replay, events)
            self.find_all(7, open_ends(subject, self.replay, lineage, self.accepted))
            self.find_all(9, claims(subject, self.replay))
            self.find_all(9, self.declared())
        else:
            self.find(7, "missing.birth")
            self.find(9, "missing.birth")
        self.standing(lineage if lot else None)

    def statements(self, known: Known) -> None:
        """Check 5, and of check 6 what `replay` judges."""
        if self.proven:
            self.counts.add(self.proven.size)
        keys = keys_of(self.entries)
        for entry in self.entries:
            known.until(entry.index)
            counts = entry.index in self.counts
            codes = entry.wrong or entry.unsigned(keys) or self.rules(entry, counts)
            for code in codes if counts else ():
                signing = code.startswith(SIGNING) or code in ("missing.key", "missing.site")
                self.find(5 if signing else 6, code, f"entry {entry.index}")

    def rules(self, entry: Entry, counts: bool) -> list[str]:
        event, lines = entry.event, entry.event.get("lines", [])
        refused = self.refused(entry, event)
        if refused and len(lines) > 1:
            kept = [line for line in lines if line["lot"] in self.own or self.alone(entry, line)]
            if 0 < len(kept) < len(lines):
                refused = self.refused(entry, event | {"lines": kept})
        if not refused:
            return []
        if refused.missing == "lot" and event["type"] == "transform" and counts:
            self.replay.as_stated()
        self.replay.draft = {}
        return [f"missing.{refused.missing}" if refused.missing else refused.code]

    def refused(self, entry: Entry, event: dict) -> Refused | None:
        try:
            self.replay.judge(entry.index, entry.charter, entry.received, event, entry.kid, entry.digest)
        except Refused as refused:
            return refused
        return None

    def alone(self, entry: Entry, line: dict) -> bool:
        """Whether the event would be admitted with this line only; nothing is kept of it."""
        replay = self.replay
        before = dict(replay.records), dict(replay.at), {lot: [*all_] for lot, all_ in replay.moved.items()}
        stands = self.refused(entry, entry.event | {"lines": [line]}) is None
        replay.records, replay.at, replay.moved = before
        return stands

    def declared(self) -> Iterator[str]:
        """What certifiers measured of the subject is no better than what the entries come to."""
        folding = Folding(self.replay, self.entries, self.own)
        telling = Telling(self.file, self.replay, self.entries, folding, self.counts, self.proven)
        yield from ["claims.contradicted" for _ in telling.contradicted()]
        self.told = telling.document()

    def standing(self, lineage: Lineage | None) -> None:
        overdrawn = any(code == "lot.overdrawn" for _, code, _ in self.findings[6])
        standing = Standing(self.file.subject, self.entries, self.counts, self.replay)
        found = list(standing.found(lineage, overdrawn))
        if self.proven:
            found += standing.shown(self.proven)
        if self.accepted:
            found = [code for code in found if code != "standing.beyond"]
        self.find_all(8, found if self.proven or found else ["standing.unseen"])

    def history(self) -> None:
        self.rooted()
        if not self.proven:
            self.find(8, "standing.unseen")
            return
        told = self.entries[:-1]
        self.find_all(5, signed(told, self.proven))
        if code := whole(self.file.subject, told, self.proven):
            self.find(8, code)


def ed25519(raw: bytes) -> tuple[str, list[str], list[bytes]]:
    return jwk({"kty": "OKP", "crv": "Ed25519", "x": base64url(raw)})


def wrote(entry: Entry) -> set[tuple[str, str]]:
    return writes(entry.index, entry.event) if entry.event else set()


def main(proof: str, trust: str, *options: str) -> int:
    check = Check(Path(proof).read_bytes(), Trust(Path(trust).read_bytes()), "--accept-root" in options)
    for number, findings in check.findings.items():
        print(f"{number}. {check.verdict(number)}")
        for _, code, where in findings:
            print(f"   {code} {where}")
    for origin, amount in check.origins[0]:
        print(f"{amount:>12} g  {origin}")
    return check.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
