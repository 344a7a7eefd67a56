"""Which entries are all: docs/reference/formats/register.md, "Chains", and docs/reference/rules.md."""

from hashlib import sha256
from typing import Any

from c2sp import base64url, unbase64


def extend(replay: Any) -> None:
    """Note the entry as the next of the lots that it is about, of its poster's month, of what it touches."""
    lots = {key for kind, key in replay.draft if kind in ("hold", "owner", "used")}
    lots |= {key for kind, key in replay.touched if kind == "lot"}
    for lot in lots - set(replay.wrote["born"]):
        before = replay.records.get(("used", lot), {})
        chain, moves = longer(before, replay.index), before.get("moves", "")
        if ("hold", lot) in replay.draft or ("owner", lot) in replay.draft:
            moves = longer({"chain": moves} if moves else {}, replay.index)["chain"]
        replay.put("used", lot, {"grams": replay.used(lot)} | chain | {"moves": moves})
    others = [("about", f"{kind} {key}") for kind, key in dict.fromkeys(replay.touched)]
    if replay.event["type"] != "register":
        others.append(("posted", f"{replay.poster} {replay.event['time'][:7]}"))
    for kind, key in others:
        replay.put(kind, key, longer(replay.get(kind, key), replay.index))


def longer(before: dict, index: int) -> dict:
    """The chain with the index appended."""
    so_far = unbase64(before["chain"], "chain", 32, url=True) if before else b""
    chain = base64url(sha256(so_far + index.to_bytes(8, "big")).digest())
    return {"events": before.get("events", 0) + 1, "chain": chain}
