"""Checks a proof from the documentation alone: python checker.py PROOF TRUST

Checks 1 to 5 of docs/reference/formats/checks.md, and what the subject is made of. Exit code 0: they pass;
1: one fails; 2: one is not provable. Needs the standard library, `cryptography`, and the files beside it.
"""

import json
import re
import sys
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from c2sp import Bad, base64url, checkpoint, leaf_hash, multiproof_root, note, unbase64
from events import problems
from judged import judged
from lots import Refused
from replay import Replay, verifies
from trust import Trust
from values import Made, in_whole_grams, is_id, is_time, jwk, milliseconds, strict_json

ENTRY = re.compile(
    r'\{"index":(0|[1-9][0-9]{0,15}),"charter":(0|[1-9][0-9]{0,15}),"prev":"([A-Za-z0-9_-]{43})",'
    r'"received":"([0-9TZ:.-]{24})",'
    r'"statement":"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"\}'
)
MEMBERS = ["format", "subject", "checkpoint", "entries", "hashes"]
SIGNING = ("key.", "registrar.", "statement.", "site.")


class Entry:
    def __init__(self, text: str):
        match = ENTRY.fullmatch(text)
        if len(text) > 65_535:
            raise Bad("entry.size")
        if not match or max(int(match[1]), int(match[2])) >= 2**53:
            raise Bad("entry.form", text[:200])
        self.index, self.charter, self.prev, self.statement = int(match[1]), int(match[2]), match[3], match[5]
        if not is_time(match[4][:19] + "Z") or not re.fullmatch(r"\.[0-9]{3}Z", match[4][19:]):
            raise Bad("entry.received", match[4])
        self.received, self.leaf = milliseconds(match[4]), leaf_hash(text.encode())
        if self.charter > self.index:
            raise Bad("entry.charter")
        unbase64(self.prev, "entry.form", 32, url=True)
        if self.index == 0 and self.prev != base64url(bytes(32)):
            raise Bad("entry.prev")
        self.event: dict = {}
        self.kid = self.alg = ""

    def read(self) -> list[str]:
        """Take the statement apart; the codes of what is wrong with it or with its event."""
        try:
            if len(self.statement) > 49_152:
                raise Bad("statement.size")
            parts = self.statement.split(".")
            header, payload, self.signature = (unbase64(part, "statement.base64", url=True) for part in parts)
            self.header(header)
            if len(self.signature) != (2420 if self.alg == "ML-DSA-44" else 64):
                raise Bad("statement.signature")
            self.signed, self.digest = ".".join(parts[:2]).encode(), base64url(sha256(payload).digest())
            event = strict_json(payload)
        except Bad as bad:
            return [bad.code]
        found = problems(event)
        if not found and isinstance(event, dict):
            self.event = event
        return found

    def header(self, data: bytes) -> None:
        try:
            header = strict_json(data, 1)
        except Bad:
            raise Bad("statement.header") from None
        if not isinstance(header, dict) or sorted(header) != ["alg", "kid", "typ"]:
            raise Bad("statement.header")
        if header["typ"] != "oreline+jws":
            raise Bad("statement.typ")
        if header["alg"] not in ("Ed25519", "EdDSA", "ES256", "ML-DSA-44"):
            raise Bad("statement.alg")
        self.alg, self.kid = header["alg"], str(header["kid"])
        unbase64(self.kid, "statement.kid", 32, url=True)


class Check:
    """The verdicts of checks 1 to 5 (each the worst of its findings), and what the subject is made of."""

    def __init__(self, data: bytes, trust: Trust):
        self.findings: dict[int, list[tuple[str, str, str]]] = {number: [] for number in range(1, 7)}
        self.replay = Replay()
        self.origins: Made = ([], [])
        self.entries: list[Entry] = []
        self.data, self.trust, self.origin = data, trust, ""
        if self.check(1, self.form):
            self.check(2, self.anchor)
            self.check(3, self.tree)
            self.check(4, self.links)
            self.check(5, self.statements)
            if lot := self.replay.get("lot", self.subject):
                self.origins = in_whole_grams(lot["made"], lot["grams"])
        else:
            if self.origin:
                self.check(2, lambda: trust.trusts(self.checkpoint, self.origin))
            for number in range(2 + bool(self.origin), 7):
                self.find(number, "missing.proof")

    def find(self, number: int, code: str, where: object = "") -> None:
        unproven = code.startswith("missing.")
        self.findings[number].append(("not provable" if unproven else "fail", code, str(where)))

    def check(self, number: int, what: object) -> bool:
        try:
            what()
        except Bad as bad:
            self.find(number, bad.code, bad)
            return False
        return not self.findings[number]

    def verdict(self, number: int) -> str:
        verdicts = [verdict for verdict, _, _ in self.findings[number]]
        return next((worst for worst in ("fail", "not provable") if worst in verdicts), "pass")

    def form(self) -> None:
        if len(self.data) > 67_108_864:
            raise Bad("proof.size")
        try:
            proof = json.loads(self.data)
            again = json.dumps(proof, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        except (ValueError, RecursionError):
            raise Bad("proof.form") from None
        if not isinstance(proof, dict):
            raise Bad("proof.form")
        if proof.get("format") != "oreline-proof/1":
            raise Bad("proof.format")
        if "register" in proof:
            raise Bad("proof.register")
        if list(proof) != MEMBERS:
            raise Bad("proof.form")
        lists = [proof["entries"], proof["hashes"]]
        if not all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists):
            raise Bad("proof.form")
        if len(proof["entries"]) > 100_000:
            raise Bad("proof.size")
        self.hashes = [unbase64(text, "proof.hash", 32) for text in proof["hashes"]]
        self.subject, self.checkpoint = proof["subject"], proof["checkpoint"]
        if not isinstance(self.subject, str) or not isinstance(self.checkpoint, str):
            raise Bad("proof.form")
        if not is_id(self.subject):
            raise Bad("value.id", self.subject)
        if again != self.data:
            raise Bad("proof.form")
        self.origin, self.size, self.root = checkpoint(note(self.checkpoint)[0])
        self.entries = [Entry(text) for text in proof["entries"]]
        indices = [entry.index for entry in self.entries]
        if any(later <= earlier for earlier, later in pairwise(indices)):
            raise Bad("proof.order")
        if indices and indices[-1] >= self.size:
            raise Bad("proof.range")
        if not indices or indices[-1] != self.size - 1:
            raise Bad("proof.last")

    def anchor(self) -> None:
        """Every row is looked at; each that does not hold is a finding."""
        first = self.entries[0]
        if first.index:
            self.find(2, "missing.charter")
        else:
            if first.leaf != unbase64(self.trust.charter, "trust.charter", 32):
                self.find(2, "chain.charter")
            first.read()
            if first.event.get("type") == "charter" and first.event["ledger"] != self.origin:
                self.find(2, "chain.origin")
        self.trust.trusts(self.checkpoint, self.origin)

    def tree(self) -> None:
        leaves = [(entry.index, entry.leaf) for entry in self.entries]
        if multiproof_root(leaves, self.size, self.hashes) != self.root:
            raise Bad("chain.root")

    def links(self) -> None:
        for earlier, later in pairwise(self.entries):
            if later.index == earlier.index + 1 and later.prev != base64url(earlier.leaf):
                self.find(4, "chain.prev", later.index)
            if later.received < earlier.received:
                self.find(4, "chain.received", later.index)

    def statements(self) -> None:
        """Check 5, and of check 6 what `replay` judges."""
        wrong = {entry.index: entry.read() for entry in self.entries}
        counts = judged(self.subject, [(entry.index, entry.kid, entry.event) for entry in self.entries])
        keys: dict[str, tuple[str, list[str], list[bytes]]] = {}
        for event in (entry.event for entry in self.entries):
            for member in ("registrar_keys", "recovery_key", "operator_key", "jwk"):
                given = event.get(member, [])
                for key in given if isinstance(given, list) else [given]:
                    keys[jwk(key)[0]] = jwk(key)
        for entry in self.entries:
            codes = (
                wrong[entry.index] or self.signature(entry, keys) or self.rules(entry, entry.index in counts)
            )
            if entry.index in counts:
                for code in codes:
                    signing = code.startswith(SIGNING) or code in ("missing.key", "missing.site")
                    self.find(5 if signing else 6, code, f"entry {entry.index}")

    def signature(self, entry: Entry, keys: dict[str, tuple[str, list[str], list[bytes]]]) -> list[str]:
        if entry.kid not in keys:
            return ["missing.key"]
        _, algorithms, octets = keys[entry.kid]
        if entry.alg not in algorithms:
            return ["statement.alg"]
        return [] if verifies(octets, entry.signed, entry.signature) else ["statement.signature"]

    def rules(self, entry: Entry, counts: bool) -> list[str]:
        try:
            self.replay.judge(
                entry.index, entry.charter, entry.received, entry.event, entry.kid, entry.digest
            )
        except Refused as refused:
            if refused.missing == "lot" and entry.event["type"] == "transform" and counts:
                self.replay.as_stated()
            return [f"missing.{refused.missing}" if refused.missing else refused.code]
        return []


def main(proof: str, trust: str) -> int:
    check = Check(Path(proof).read_bytes(), Trust(Path(trust).read_bytes()))
    for number in range(1, 7):
        print(f"{number}. {check.verdict(number)}{' (births, hand-overs, mass)' if number == 6 else ''}")
        for _, code, where in check.findings[number]:
            print(f"   {code} {where}")
    for origin, amount in check.origins[0]:
        print(f"{amount:>12} g  {origin}")
    verdicts = [check.verdict(number) for number in range(1, 6)]
    return 1 if "fail" in verdicts else 2 if "not provable" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
