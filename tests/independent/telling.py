"""Whether a history is whole: docs/reference/formats/checks.md, "A history"."""

import json
from collections.abc import Iterator
from hashlib import sha256

from c2sp import Bad, base64url
from entries import Entry
from judged import writes
from proven import Proven
from values import jwk


def signed(told: list[Entry], proven: Proven) -> Iterator[str]:
    """Check 5, of the entries but the last."""
    for entry in told:
        found = list(entry.wrong)
        key = proven.records.get(("key", entry.kid))
        if not found:
            try:
                found = entry.unsigned({entry.kid: jwk(json.loads(key[3]))} if key else {})
            except Bad as bad:
                found = [bad.code]
            except (ValueError, AttributeError):  # no JSON, or no object
                found = ["key.type"]
            if key and key[1] != entry.event["party"]:
                found = ["key.other_party"]
        yield from found


def whole(subject: str, told: list[Entry], proven: Proven) -> str:
    """Check 8: the code, empty if it passes."""
    kind, _, key = subject.partition(" ")
    after = told
    if kind == "lot":
        lot = proven.records.get(("lot", key))
        if lot is None:
            return "standing.not_shown"
        birth = [entry for entry in told if entry.index == lot[0] and entry.event]
        if not birth or ("lot", key) not in writes(lot[0], birth[0].event):
            return "history.incomplete"
        after = [entry for entry in told if entry.index != lot[0]]
    name = ("used" if kind == "lot" else "posted", key)
    record = proven.records.get(name)
    if record is None and proven.says(*name, None) is not True:
        return "standing.not_shown"
    chain = b""
    for entry in after:
        chain = sha256(chain + entry.index.to_bytes(8, "big")).digest()
    at = 2 if kind == "lot" else 1
    same = record[at : at + 2] == [len(after), base64url(chain) if after else ""] if record else not after
    return "" if same else "history.incomplete"
