"""The form of a proof file or a history, check 1: docs/reference/formats/proof.md."""

import json
import re
from itertools import pairwise
from typing import Any

from c2sp import Bad, checkpoint, note, unbase64
from entries import Entry
from proven import KINDS
from values import is_id

MEMBERS = ["format", "subject", "checkpoint", "entries", "hashes"]
HISTORY = re.compile(r"lot ([!-~]+)|party ([!-~]+) [0-9]{4}-(?:0[1-9]|1[0-2])")


class File:
    """What stands in it, as far as it could be read: `origin` is empty before the checkpoint."""

    def __init__(self) -> None:
        self.subject, self.checkpoint, self.origin = "", "", ""
        self.size, self.root = 0, b""
        self.entries: list[Entry] = []
        self.hashes: list[bytes] = []
        self.register: dict[str, Any] | None = None
        self.is_history = False

    def read(self, data: bytes) -> None:
        self.members(data)
        self.origin, self.size, self.root = checkpoint(note(self.checkpoint)[0])
        self.entries = [Entry(text) for text in self.texts]
        indices = [entry.index for entry in self.entries]
        if any(later <= earlier for earlier, later in pairwise(indices)):
            raise Bad("proof.order")
        if indices and indices[-1] >= self.size:
            raise Bad("proof.range")
        if not indices or indices[-1] != self.size - 1:
            raise Bad("proof.last")

    def members(self, data: bytes) -> None:
        if len(data) > 67_108_864:
            raise Bad("proof.size")
        try:
            proof = json.loads(data)
            again = json.dumps(proof, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        except (ValueError, RecursionError):
            raise Bad("proof.form") from None
        if not isinstance(proof, dict):
            raise Bad("proof.form")
        if proof.get("format") not in ("oreline-proof/1", "oreline-history/1"):
            raise Bad("proof.format")
        self.is_history = proof["format"] == "oreline-history/1"
        if [name for name in proof if name != "register"] != MEMBERS:
            raise Bad("proof.form")
        self.texts = strings(proof["entries"])
        if len(self.texts) > 100_000:
            raise Bad("proof.size")
        self.hashes = octets(proof["hashes"])
        strings([proof["subject"], proof["checkpoint"]])
        self.named(proof["subject"])
        if proof.get("register") is not None:
            self.register = opened(proof["register"])
        if again != data or list(proof) not in (MEMBERS, [*MEMBERS, "register"]):
            raise Bad("proof.form")
        if "register" in proof and self.register is None:
            raise Bad("proof.form")
        self.subject, self.checkpoint = proof["subject"], proof["checkpoint"]

    def named(self, subject: str) -> None:
        id_ = subject
        if self.is_history:
            match = HISTORY.fullmatch(subject)
            if not match:
                raise Bad("proof.form", subject)
            id_ = match[1] or match[2]
        if not is_id(id_):
            raise Bad("value.id", subject)


def strings(found: object) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise Bad("proof.form")
    return found


def octets(found: object) -> list[bytes]:
    """Hashes, joined."""
    (text,) = strings([found])
    joined = unbase64(text, "proof.hash")
    if len(joined) % 32:
        raise Bad("proof.hash")
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]


def opened(part: object) -> dict[str, Any]:
    """The member `register`: records, buckets with the octets of their parts, hashes."""
    if not isinstance(part, dict) or list(part) != ["records", "buckets", "hashes"]:
        raise Bad("proof.register")
    if not isinstance(part["records"], list) or not isinstance(part["buckets"], list):
        raise Bad("proof.register")
    for row in part["records"]:
        good = isinstance(row, list) and len(row) > 1 and all(isinstance(text, str) for text in row[:2])
        good = good and " " in row[0] and row[0].split(" ")[0] in KINDS
        good = good and all(type(index) is int and 0 <= index < 2**53 for index in row[2:])
        if not good or (row[2:] and not row[0].startswith("used ")):
            raise Bad("proof.register", str(row)[:80])
    buckets = []
    for row in part["buckets"]:
        if not isinstance(row, list) or len(row) < 2 or type(row[0]) is not int or not 0 <= row[0] < 2**53:
            raise Bad("proof.register", str(row)[:80])
        if not all(one is None or isinstance(one, str) for one in row[1:]):
            raise Bad("proof.register")
        parts = [one if one is None else unbase64(one, "proof.register") for one in row[1:]]
        buckets.append((row[0], parts))
    return {"records": part["records"], "buckets": buckets, "hashes": octets(part["hashes"])}
