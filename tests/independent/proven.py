"""What the register shows: docs/reference/formats/map.md, and checks.md under "What the register shows"."""

import json
from hashlib import sha256
from itertools import pairwise
from typing import Any

from c2sp import Bad, leaf_hash, multiproof_root, node_hash, unbase64

RECORDS = """charter charters party site key keys prefix lot hold owner used mark spent said event attestation
status stock transit posted about month book account coc agreement scope"""
KINDS = set(RECORDS.split())
S, N, B = str, int, bool
# The fields of the kinds that a record may stand in a proof of; a list has rows of that form.
FORMS: dict[str, list[Any]] = {
    "lot": [S, N, B, S, S, S, N, S, [(S, N)], [S]],
    "hold": [S, S, N, S, S, B, B, S],
    "owner": [S, S, S, N, S],
    "used": [N, N, S, S],
    "status": [[(S, S, S, N)]],
    "posted": [N, S],
    "month": [N, N],
    "spent": [S, N],
    "account": [S, S, *[N] * 8, S, N, N, N, S],
    "agreement": [S, S, S, S],
    "key": [S, S, S, [S], S, N],
}
LOT = ("lot", "hold", "owner", "used")
SINCE = {"lot": 7, "hold": 3, "owner": 4}  # where a record has its time
COUNTS = {"lot": [2], "used": [1, 2], "posted": [1], "month": [1, 2], "spent": [2]}
COUNTS["account"] = [*range(3, 11), 12, 13, 14]  # where it has grams, or a number of entries


def key_hash(kind: str, key: str) -> bytes:
    name = f"{kind} {key}"
    subject = f"lot {key}" if kind in LOT else key if kind in ("status", "about") else name
    return sha256(subject.encode()).digest()[:16] + sha256(name.encode()).digest()[16:]


def number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def split(name: str) -> tuple[str, str]:
    kind, _, key = name.partition(" ")
    return kind, key


def lies(pair: bytes, bits: int, prefix: int) -> bool:
    return number(pair[:32]) >> 256 - bits == prefix


class Proven:
    """The register as of the proof's last entry; Bad where what is shown is not of that root."""

    def __init__(self, part: dict[str, Any], index: int, event: dict, charter: bytes):
        if event.get("type") != "register" or event["size"] != index:
            raise Bad("register.missing")
        self.size, depth = index, event["depth"]
        self.pairs: dict[bytes, bytes] = {}
        self.shown: set[tuple[int, int]] = set()  # parts: how many bits, and which
        rows = part["records"]
        if any(later[0] <= earlier[0] for earlier, later in pairwise(rows)):
            raise Bad("register.record")
        self.beside = [key_hash(*split(row[0])) + sha256(row[1].encode()).digest() for row in rows]
        if not 0 <= depth <= 40:
            raise Bad("map.depth")
        if any(later <= earlier for (earlier, _), (later, _) in pairwise(part["buckets"])):
            raise Bad("map.order")
        leaves = [(bucket, self.bucket(depth, bucket, parts)) for bucket, parts in part["buckets"]]
        if any(bucket >= 1 << depth for bucket, _ in leaves):
            raise Bad("proof.hashes")
        tree = multiproof_root(leaves, 1 << depth, part["hashes"])
        if node_hash(charter, tree) != unbase64(event["root"], "event.value", 32):
            raise Bad("map.root")
        self.records: dict[tuple[str, str], list] = {}
        self.later: dict[str, list[int]] = {}  # of a lot, the entries that moved it later on
        for name, text, *later in rows:
            kind, key = split(name)
            record = spelt(kind, text)
            if not 0 <= record[0] < self.size or self.says(kind, key, text) is not True:
                raise Bad("register.record", name)
            self.records[kind, key] = record
            if later:
                self.later[key] = later

    def bucket(self, depth: int, which: int, parts: list[bytes | None]) -> bytes:
        rest = list(parts)

        def walk(bits: int, prefix: int) -> bytes:
            part = rest.pop(0) if rest else b"none left"
            if part is None:
                if bits == 128:
                    raise Bad("map.bucket")
                return node_hash(walk(bits + 1, 2 * prefix), walk(bits + 1, 2 * prefix + 1))
            if len(part) == 32:
                return part
            if len(part) % 64:
                raise Bad("map.bucket")
            pairs = [part[start : start + 64] for start in range(0, len(part), 64)]
            if pairs != sorted(pairs) or not all(lies(pair, bits, prefix) for pair in pairs):
                raise Bad("map.bucket")
            pairs = sorted(pairs + [pair for pair in self.beside if lies(pair, bits, prefix)])
            if len({pair[:16] for pair in pairs}) > 1:
                raise Bad("map.bucket")
            if any(later[:32] <= earlier[:32] for earlier, later in pairwise(pairs)):
                raise Bad("map.bucket")
            self.shown.add((bits, prefix))
            self.pairs |= {pair[:32]: pair[32:] for pair in pairs}
            return leaf_hash(b"".join(pairs))

        found = walk(depth, which)
        if rest:
            raise Bad("map.bucket")
        return found

    def says(self, kind: str, key: str, text: str | None) -> bool | None:
        """Whether this is the record (None: that there is none); None where that part is not shown."""
        place = key_hash(kind, key)
        if not any((bits, number(place) >> 256 - bits) in self.shown for bits in range(257)):
            return None
        return self.pairs.get(place) == (None if text is None else sha256(text.encode()).digest())


def spelt(kind: str, text: str) -> list:
    """The index and the fields of a record in its one byte form."""
    try:
        record = json.loads(text)
        again = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Bad("register.record", text[:80]) from None
    if kind not in FORMS or again != text or not fits(record, (N, *FORMS[kind])):
        raise Bad("register.record", text[:80])
    since = record[SINCE[kind]] if kind in SINCE else 0
    if not -62_135_596_800 <= since <= 253_402_300_799 or any(record[n] < 0 for n in COUNTS.get(kind, [])):
        raise Bad("register.record", text[:80])
    if kind == "lot":
        whole(record)
    return record


def fits(value: object, form: Any) -> bool:
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(row, form[0]) for row in value)
    if isinstance(form, tuple):
        same = isinstance(value, list) and len(value) == len(form)
        return same and all(fits(*both) for both in zip(value, form, strict=True))
    return type(value) is form and (form is not int or abs(value) < 2**63)


def whole(lot: list) -> None:
    grams, rows, traces = lot[2], lot[9], lot[10]
    names = [name for name, _ in rows]
    good = sum(amount for _, amount in rows) == 1000 * grams if rows else not traces
    good = good and grams > 0 and all(amount > 0 for _, amount in rows)
    good = good and all(later > earlier for earlier, later in pairwise(names))
    if not good or any(name.startswith("unproven ") for name in [*names, *traces]):
        raise Bad("register.record", "the lot is not whole")
