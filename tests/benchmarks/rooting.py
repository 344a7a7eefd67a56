"""What the register's root costs: microseconds per event, for registers of a given size."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from ledger import b64
from ledger.entry import Entry, encode
from ledger.register import Event, Hold, Key, Lot, Owner, Posted, Record, Stock, Used
from ledger.rooting import Root, Rooting
from ledger.statement import sign
from ledger.store import Group, Head
from ledger.store.sqlite import SqliteStore
from tests.benchmarks.figures import Figure
from tests.benchmarks.network import NAME, OPERATOR

BATCH = 10_000  # events between two checkpoints
ROUNDS = 5
PER_EVENT = 5  # new records of an event: its own, and a lot with hold, owner and what is used of it
LOAD = 20_000  # events of one commit, while the ledger is made
PARTIES = 29
ENTRY = "an entry that is no event: only the last one is ever read here"


def rooting(keys: int) -> list[Figure]:
    """Events that each bear a lot and use up an earlier one, straight into a store of so many records; after
    each batch the map is folded, and kept with a checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder), create=True)
        made = 0
        while made * PER_EVENT < keys:
            count = min(LOAD, (keys + PER_EVENT - 1) // PER_EVENT - made)
            _commit(store, made, count)
            made += count
        maker = Rooting(store)
        begun = time.process_time()
        size, _ = _stated(store, maker)
        first = time.process_time() - begun
        fold = keep = deeper = 0.0
        rounds = 0
        while rounds < ROUNDS:
            depth = store.map().depth
            _commit(store, size, BATCH)
            begun = time.process_time()
            size, kept = _stated(store, maker)
            seconds = time.process_time() - begun
            if store.map().depth != depth:
                deeper = seconds
                continue
            fold, keep, rounds = fold + seconds - kept, keep + kept, rounds + 1
        depth = store.map().depth
        store.close()
        written = os.stat(Path(folder) / "ledger.db").st_size
    events = ROUNDS * BATCH
    title = f"root, {keys:,} keys"
    note = f"depth {depth}; the first map of all {first:.1f} s; file of {written / 1e6:,.0f} MB"
    found = [
        Figure(title, (fold + keep) / events * 1e6, "µs/event", "", note),
        Figure(f"{title}, of it folding", fold / events * 1e6, "µs/event", "", "outside the lock"),
        Figure(f"{title}, of it keeping", keep / events * 1e6, "µs/event", "", "with the checkpoint"),
    ]
    if deeper:
        note = "once each time that the number of keys doubles"
        found.append(Figure(f"{title}, a batch in which the map deepens", deeper, "s", "", note))
    return found


def _stated(store: SqliteStore, maker: Rooting) -> tuple[int, float]:
    """Fold, state the root, keep the map; the size afterwards, and how long keeping took."""
    maker.fold()
    size = store.head().size
    root = maker.root(size)
    assert root is not None
    _commit(store, size, 1, root)
    begun = time.process_time()
    assert maker.keep(f"note {size}", size + 1)
    maker.tidy()
    return size + 1, time.process_time() - begun


def _commit(store: SqliteStore, start: int, count: int, root: Root | None = None) -> None:
    head = store.head()
    rooted = root is not None
    entries = [ENTRY.encode()] * (count - 1) + [_last(start + count - 1, root)]
    leaf = sha256(entries[-1]).digest()
    records = dict(_records(start, count, rooted))
    last = Head(start + count, leaf, head.received, (leaf,) * (start + count).bit_count())
    with store.writing() as writing:
        writing.commit(Group(start, entries, [()] * count, records, [], [], {}, last, rooted))


def _last(index: int, root: Root | None) -> bytes:
    """The register event that states the root; another event where there is none."""
    event: dict[str, object] = {"ledger": NAME, "type": "revoke_key", "id": f"evt:{index}", "party": "urn:a"}
    event["time"] = "2026-03-02T06:00:00Z"
    if root is None:
        event |= {"kid": OPERATOR.public.kid, "reason": "none"}
    else:
        stated = {"size": index, "depth": root.depth, "root": b64.encode_std(root.root)}
        event |= {"type": "register", **stated}
    return encode(Entry(index, 0, bytes(32), 0, sign(json.dumps(event).encode(), OPERATOR)))


def _records(start: int, count: int, rooted: bool) -> Iterator[tuple[Key, Record]]:
    digest = b64.encode(bytes(32))
    for index in range(start, start + count):
        party = f"urn:example:party:{index % PARTIES}"
        name = f"{party} urn:uuid:{index:032x}"
        done = Event("register" if rooted else "transform", digest, index, digest, (), (), (), ())
        yield Key("event", name), Record(index, done)
        if rooted:
            return
        lot = f"urn:example:lot:{index % PARTIES}:{index:012}"
        composition = ((f"mine urn:example:site:{index % 7}", 1_000_000),)
        yield (
            Key("lot", lot),
            Record(index, Lot("coil", 1000, False, "product", party, "urn:s", 1, name, composition, ())),
        )
        yield Key("hold", lot), Record(index, Hold(party, "urn:s", 1, "", "", False, False, name))
        yield Key("owner", lot), Record(index, Owner(party, "", "", 1, name))
        yield Key("used", lot), Record(index, Used(0, 0, ""))
        # an earlier lot, anywhere in the ledger, is used up
        old = int.from_bytes(sha256(b"%d" % index).digest()[:6], "big") % max(index, 1)
        earlier = f"urn:example:lot:{old % PARTIES}:{old:012}"
        yield Key("used", earlier), Record(index, Used(1000, 1, digest))
        yield Key("stock", f"urn:s {party} coil"), Record(index, Stock(index))
        yield Key("posted", f"{party} 2026-03"), Record(index, Posted(index, digest))
