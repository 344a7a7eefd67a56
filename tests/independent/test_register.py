"""What a proof shows of the register, judged by both: honest proofs of every form, histories, mutations."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from itertools import combinations

import pytest

from ledger import b64, history, merkle, proof, verify
from ledger.errors import Malformed
from ledger.merkle import leaf_hash
from ledger.proof import SHORT, Horizon
from ledger.register import Key
from ledger.registermap import key_hash
from ledger.trust import Trust as OurTrust
from tests.check.busy import TRADERS, Busy
from tests.independent.harness import Check, Trust, ours, theirs
from tests.world import PARTY

pytestmark = pytest.mark.unmeasured

SEEDS = range(2)
Value = dict
FORMS = {"short": SHORT, "half": Horizon.parse("50%"), "near": Horizon.parse("1"), "all": None}


@cache
def busy(seed: int) -> Busy:
    """Trade with corrections, disputes, revocations and attestations; its last checkpoint is published."""
    found = Busy(seed, 70)
    found.world.publish()
    return found


@cache
def files(seed: int) -> dict[str, bytes]:
    """Proofs of some lots in every form, and histories."""
    found, store, chance = {}, busy(seed).world.store, random.Random(seed)
    for lot, _ in chance.sample(busy(seed).lots, 4):
        for name, horizon in FORMS.items():
            found[f"{lot} {name}"] = proof.build(store, lot, horizon=horizon)
        found[f"{lot} share"] = proof.build(store, lot, min_share=900_000)
        found[f"{lot} history"] = history.build(store, history.Subject(lot=lot))
    for name in (*TRADERS, "registrar", "certifier"):
        try:
            found[f"{name} month"] = history.build(
                store, history.Subject(party=PARTY + name, month="2026-03")
            )
        except Malformed as wrong:
            assert wrong.code == "history.unknown"  # noqa: PT017
    return found


def apart(seed: int, data: bytes, accepted: bool = False) -> object:
    """Both findings, where they differ; None where they do not."""
    text = busy(seed).world.trust_text()
    report = verify.check([data], OurTrust.parse(text), accept_root=accepted)
    check = Check(data, Trust(text.encode()), accepted)
    both = ours(report.as_json()["proofs"][0]), theirs(check)
    return None if both[0] == both[1] and report.exit_code == check.exit_code else both


@pytest.mark.parametrize("seed", SEEDS)
def test_honest_files_are_seen_alike(seed: int) -> None:
    for name, data in files(seed).items():
        assert not (found := apart(seed, data)), (name, found)
        assert not (found := apart(seed, data, accepted=True)), (name, found)


def test_the_trade_is_eventful() -> None:
    """Each kind of answer is given somewhere, so that agreeing on it means something."""
    codes = set()
    for seed in range(8):
        for data in files(seed).values():
            check = Check(data, Trust(busy(seed).world.trust_text().encode()))
            codes |= {code for findings in check.findings.values() for _, code, _ in findings} or {"holds"}
    wanted = {"holds", "rests.root", "missing.ancestor", "missing.origin"}
    wanted |= {f"standing.{word}" for word in ("withdrawn", "disputed", "attestation")}
    assert wanted - codes == set()


# ---- mutations


def spelt(value: Value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def changed(text: str, chance: random.Random) -> str:
    """A character changed, left out or doubled."""
    at = chance.randrange(len(text)) if text else 0
    return text[:at] + chance.choice(('1"', "", "0", "]", text[at : at + 1] * 2)) + text[at + 1 :]


def octet(text: str, chance: random.Random) -> str:
    """An octet of base64 changed."""
    raw = bytearray(base64.b64decode(text)) or bytearray(32)
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return base64.b64encode(raw).decode()


def mutations(value: Value, chance: random.Random) -> Iterator[Callable[[], object]]:
    """Each makes one change in the member `register`, or leaves out entries."""
    register = value["register"]
    records, buckets, hashes = register["records"], register["buckets"], register["hashes"]

    def one(rows: list) -> int:
        return chance.randrange(len(rows))

    def field(row: list) -> None:
        fields = json.loads(row[1])
        at = one(fields)
        new = {
            int: (fields[at] if isinstance(fields[at], int) else 0) + chance.choice((1, -1, 2**64)),
            str: "",
        }
        fields[at] = chance.choice([new[int], new[str], True, None, [], [["x", 1]], 1.5])
        row[1] = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))

    if records:
        yield lambda: records.pop(one(records))
        yield lambda: records.insert(one(records), records[one(records)])
        yield lambda: records.reverse()
        yield lambda: field(records[one(records)])
        yield lambda: records[one(records)].__setitem__(1, changed(records[-1][1], chance))
        yield lambda: records[one(records)].__setitem__(0, changed(records[0][0], chance))
        yield lambda: records[one(records)].append(chance.choice(("more", 0, 3, 2**60, -1)))
        yield lambda: moved(records).append(chance.randrange(200))
        yield lambda: moved(records).pop()
        yield lambda: records.append(["mark urn:x:1", '[1,"urn:x:2"]'])
    if buckets:
        bucket = buckets[one(buckets)]
        yield lambda: buckets.remove(bucket)
        yield lambda: buckets.append(bucket)
        yield lambda: bucket.__setitem__(0, chance.choice((bucket[0] + 1, -1, 2**53, 2**60, True, 1.0)))
        yield lambda: bucket.__setitem__(1, octet(bucket[1] or "", chance))
        yield lambda: bucket.__setitem__(1, chance.choice((None, "", "AA==", "x", hashes[:43] + "=")))
        yield lambda: bucket.__setitem__(1, twice(records, bucket[1] or ""))
        yield lambda: bucket.append(chance.choice((None, "", bucket[1])))
        yield lambda: bucket.__setitem__(slice(1, None), closed(bucket[1]))
    if hashes:
        yield lambda: register.__setitem__("hashes", hashes[:-4])
        yield lambda: register.__setitem__("hashes", base64.b64encode(base64.b64decode(hashes)[32:]).decode())
        yield lambda: register.__setitem__("hashes", octet(hashes, chance))
        yield lambda: register.__setitem__("hashes", chance.choice(([hashes], None, hashes + hashes)))
    yield lambda: value.pop("register")
    yield lambda: register.pop(chance.choice(("records", "buckets", "hashes")))
    yield lambda: value.__setitem__("register", chance.choice((None, [], {}, "x")))
    yield lambda: value.__setitem__("format", chance.choice(("oreline-proof/1", "oreline-history/1")))
    yield lambda: value.__setitem__("subject", changed(value["subject"], chance))


def twice(records: list, part: str) -> str:
    """The part with the pair of a record that stands beside."""
    (kind, _, key), text = records[0][0].partition(" "), records[0][1]
    pair = key_hash(Key(kind, key)) + sha256(text.encode()).digest()
    octets = base64.b64decode(part) + pair
    pairs = sorted(octets[at : at + 64] for at in range(0, len(octets), 64))
    return base64.b64encode(b"".join(pairs)).decode()


def moved(records: list) -> list:
    """The record of a lot that was moved later on, if there is one."""
    return next((row for row in records if len(row) > 2), records[-1])


def closed(part: str | None) -> list:
    """The part's hash in its place: what it held is not shown."""
    return [base64.b64encode(leaf_hash(base64.b64decode(part or ""))).decode()]


@pytest.mark.parametrize("seed", SEEDS)
def test_mutations_of_the_register_are_seen_alike(seed: int) -> None:
    """Some thousands in all."""
    chance = random.Random(seed)
    for name, data in files(seed).items():
        for number in range(len(list(mutations(json.loads(data), chance)))):
            value = json.loads(data)
            list(mutations(value, chance))[number]()
            found = apart(seed, spelt(value))
            assert not found, (name, number, found, spelt(value)[-3000:])


# ---- entries taken out


@cache
def leaves(seed: int) -> list[bytes]:
    store = busy(seed).world.store
    return [leaf_hash(entry) for entry in store.entries(0, store.head().size)]


def indices_of(value: Value) -> list[int]:
    return [json.loads(text)["index"] for text in value["entries"]]


def of_entries(seed: int, value: Value, indices: set[int]) -> Value:
    """The file with these entries in place of its own, and with hashes that fit."""

    def read(level: int, index: int) -> bytes:
        return merkle.root(leaves(seed)[index << level : (index + 1) << level])

    entries = busy(seed).world.store.entries_at(indices)
    hashes = merkle.multiproof(sorted(indices), len(leaves(seed)), read)
    texts = [entries[index].decode() for index in sorted(indices)]
    return value | {"entries": texts, "hashes": b64.encode_hashes(hashes)}


@pytest.mark.parametrize("seed", SEEDS)
def test_files_that_leave_out_entries_are_seen_alike(seed: int) -> None:
    chance = random.Random(seed)
    for name, data in files(seed).items():
        value = json.loads(data)
        *indices, last = indices_of(value)
        for index in chance.sample(indices, min(len(indices), 8)):
            out = {index, *chance.sample(indices, min(chance.choice((0, 0, 3)), len(indices)))}
            less = of_entries(seed, value, {*indices, last} - out)
            assert not (found := apart(seed, spelt(less))), (name, out, found)


@pytest.mark.parametrize("seed", SEEDS)
def test_short_proofs_with_other_entries_are_seen_alike(seed: int) -> None:
    """An entry that the lot does not rest on leaves a proof short, one that it rests on does not."""
    chance = random.Random(seed)
    for name, data in files(seed).items():
        if name.endswith(" short"):
            value = json.loads(data)
            (last,) = indices_of(value)
            for _ in range(8):
                more = {last, *chance.sample(range(last), chance.choice((1, 3)))}
                found = spelt(of_entries(seed, value, more))
                assert not (both := apart(seed, found, accepted=True)), (name, more, both)


# ---- side by side


def test_honest_proofs_hold_side_by_side() -> None:
    """Whatever they leave out: what one rests on the register for, another may replay in part."""
    for seed in range(2):
        trust = OurTrust.parse(busy(seed).world.trust_text())
        proofs = [data for name, data in files(seed).items() if name.rpartition(" ")[2] in {*FORMS, "share"}]
        for pair in combinations(proofs, 2):
            assert verify.check(pair, trust).together == ()
