"""What the named fences of docs/reference hold: the log, trust and proof files, the register; and the files
in docs/reference/examples."""

import hashlib
import json
from typing import Any

from ledger import b64, entry, merkle, note, prooffile, register, tiles, tlogproof
from ledger.merkle import leaf_hash
from ledger.tiles import ENTRIES, HEIGHT, WIDTH
from tests.docs import example as ex
from tests.docs.blocks import REFERENCE, block, lines
from tests.docs.example import example, private_key

EXAMPLES = REFERENCE / "examples"


def leaf_hashes() -> list[bytes]:
    """Those of the example's entries."""
    return [leaf_hash(data) for data in example().entries]


def read(level: int, index: int) -> bytes:
    """Roots of the example's perfect subtrees."""
    return merkle.root(leaf_hashes()[index << level : (index + 1) << level])


# -- the log


@block
def entry_() -> str:
    return lines(example().entries[4].decode())


@block
def leaves() -> str:
    entries = [entry.decode(data) for data in example().entries]
    rows = [f"{found.index} prev {b64.encode(found.prev)} {found.prev.hex()}" for found in entries]
    return lines(
        *(
            f"{n} leaf {leaf.hex()}" + (f"\n{rows[n + 1]}" if n + 1 < len(rows) else "")
            for n, leaf in enumerate(leaf_hashes())
        )
    )


@block
def tree_nodes() -> str:
    found = leaf_hashes()
    spans = [(0, 1), (2, 3), (4, 5), (6, 7), (0, 3), (4, 7), (0, 7), (4, 6), (0, 6)]
    return lines(*(f"{low}-{high} {merkle.root(found[low : high + 1]).hex()}" for low, high in spans))


@block
def multiproof_walk() -> str:
    proof = prooffile.decode(example().proof)
    assert proof.hashes == tuple(leaf_hashes()[5:7])
    return lines(
        "0-7  split after 4",
        "  0-3  split after 2",
        "    0-1  split: leaf 0, leaf 1",
        "    2-3  split: leaf 2, leaf 3",
        "  4-7  split after 2",
        "    4-5  split: leaf 4; 5 has no wanted leaf, so it takes the next hash",
        f"           {proof.hashes[0].hex()}",
        "    6-7  split: 6 takes the next hash",
        f"           {proof.hashes[1].hex()}",
        "         leaf 7",
        f"root {note.checkpoint_of(proof.checkpoint).root.hex()}",
    )


@block
def vkeys() -> str:
    return lines(
        *(line.split()[n] for line, n in zip(example().trust.splitlines()[1:3], (1, 2), strict=True))
    )


@block
def key_id() -> str:
    raw = private_key("operator").public.raw
    data = ex.LEDGER.encode() + b"\n\x01" + raw
    return lines(f"SHA-256 of {data.hex()}", f"     is    {hashlib.sha256(data).hexdigest()}")


@block
def checkpoint() -> str:
    return example().checkpoint


@block
def cosigned() -> str:
    witness = note.verifier(ex.WITNESS, note.COSIGNATURE, private_key("witness").public.raw)
    return note._message(witness, note.split(example().checkpoint)[0], ex.COSIGNED).decode()


def paths(size: int, level: int) -> list[str]:
    """The tiles that a level of a log has: the first, the last full one and the partial one."""
    count = size >> HEIGHT * max(level, 0)
    full, width = divmod(count, WIDTH)
    numbers = [0, full - 1] if full > 1 else [0] * full
    found = [tiles.tile_path(level, number) for number in numbers]
    return found + ([tiles.tile_path(level, full, width)] if width else [])


@block
def tile_paths() -> str:
    rows = []
    for size in (8, 256, 70_000):
        names = [" … ".join(paths(size, 0)), " … ".join(paths(size, ENTRIES))]
        names += [name for level in (1, 2) for name in paths(size, level)]
        rows.append(f"{size}: " + ", ".join(names))
    return lines(*rows)


@block
def tile_hashes() -> str:
    tile = example().store.tile(0, 0)
    assert tile == b"".join(leaf_hashes())
    bundle = tiles.encode_bundle(example().entries)
    return lines(
        f"tile/0/000.p/8        {len(tile):4} octets  {hashlib.sha256(tile).hexdigest()}",
        f"tile/entries/000.p/8  {len(bundle):4} octets  {hashlib.sha256(bundle).hexdigest()}",
    )


@block
def tlog_proof() -> str:
    hashes = tuple(merkle.inclusion_proof(5, 8, read))
    return tlogproof.encode(tlogproof.TlogProof(5, hashes, example().checkpoint))


# -- trust and proof


@block
def trust() -> str:
    return example().trust


@block
def proof_outline() -> str:
    value = json.loads(example().proof)
    value["entries"] = [text[:60] + "…" for text in value["entries"]]
    return json.dumps(_cut(value), ensure_ascii=False, indent=1) + "\n"


@block
def history_outline() -> str:
    value = json.loads(example().history)
    del value["checkpoint"]
    value["entries"] = [text[:60] + "…" for text in value["entries"]]
    return json.dumps(_cut(value), ensure_ascii=False, indent=1) + "\n"


def _cut(value: dict[str, Any]) -> dict[str, Any]:
    """With the opened buckets cut to their beginnings."""
    buckets = [
        [number, *(part and part[:60] + "…" for part in parts)]
        for number, *parts in value["register"]["buckets"]
    ]
    return value | {"register": value["register"] | {"buckets": buckets}}


# -- the register


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@block
def records() -> str:
    """The records that entries 4 and 5 wrote, by key."""
    store = example().store
    found = []
    for kind in register.KINDS:
        for key, record in store.scan(kind):
            if record.at in (4, 5) or kind in ("prefix", "stock", "posted"):
                found.append(f"{kind} {_shown(key.id)}\n  {register.encode(record).decode()}")
    return lines(*found)


@block
def needs() -> str:
    return lines(*(f"{n}: {list(needs)}" for n, needs in sorted(example().store.needs(range(8)).items())))


@block
def flows() -> str:
    return lines(*(f"{at} {_shown(list(flow))}" for at, flow in example().store.flows_between(0, 8)))


def files() -> dict[str, bytes]:
    """Name → content of docs/reference/examples."""
    report = json.dumps(example().report.as_json(), ensure_ascii=False, indent=2) + "\n"
    return {
        "entries.jsonl": b"".join(data + b"\n" for data in example().entries),
        "mine.proof.json": example().proof,
        "mine.history.json": example().history,
        "trust.policy": example().trust.encode(),
        "mine.report.json": report.encode(),
    }
