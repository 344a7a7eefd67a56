"""An entry and the statement in it: docs/reference/formats/log.md and statements.md."""

import re
from hashlib import sha256

from c2sp import Bad, base64url, leaf_hash, unbase64
from events import problems
from judged import keys_brought
from replay import verifies
from values import is_time, milliseconds, strict_json

ENTRY = re.compile(
    r'\{"index":(0|[1-9][0-9]{0,15}),"charter":(0|[1-9][0-9]{0,15}),"prev":"([A-Za-z0-9_-]{43})",'
    r'"received":"([0-9TZ:.-]{24})",'
    r'"statement":"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"\}'
)
Keys = dict[str, tuple[str, list[str], list[bytes]]]


class Entry:
    """`wrong`: the codes of what is wrong with the statement or its event, which is then empty."""

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
        self.wrong: list[str] = []

    def read(self) -> "Entry":
        """Take the statement apart."""
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
            self.wrong = [bad.code]
            return self
        self.wrong = problems(event)
        if not self.wrong and isinstance(event, dict):
            self.event = event
        return self

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

    def unsigned(self, keys: Keys) -> list[str]:
        """What is wrong with the signature, by the keys at hand."""
        if self.kid not in keys:
            return ["missing.key"]
        _, algorithms, octets = keys[self.kid]
        if self.alg not in algorithms:
            return ["statement.alg"]
        return [] if verifies(octets, self.signed, self.signature) else ["statement.signature"]


def keys_of(entries: list[Entry]) -> Keys:
    """All keys that events among the entries bring, by kid."""
    return {key[0]: key for entry in entries for key in keys_brought(entry.event)}
