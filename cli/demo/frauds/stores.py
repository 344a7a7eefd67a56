"""Steps that change the store behind the ledger's back: what someone can do who has the database, or, for
``rewrite``, everybody's keys as well.

A changed store is a new one that is given one group in which something is not as the writer left it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cli.demo.frauds.events import Row
from cli.demo.frauds.operating import sign
from cli.demo.frauds.spelling import Spelling, put
from cli.demo.frauds.stage import Stage, committed, summed
from ledger import b64, entry, note, statement, strictjson
from ledger.entry import Entry
from ledger.merkle import Frontier, leaf_hash
from ledger.register import Flow, Key
from ledger.registermap import PAIR_BYTES, bucket_of, key_hash
from ledger.store import Group, Head
from ledger.store.guard import MemoryGuard
from ledger.tiles import update


def change(stage: Stage, row: Row, spelling: Spelling) -> None:
    """Do to the stage's store what the step says."""
    _VERBS[row["store"]](stage, row, spelling)


def _at(stage: Stage, row: Row, member: str = "entry") -> int:
    return stage.played.index(row[member])


def _entries(stage: Stage, entries: Sequence[Entry], group: Group | None = None) -> None:
    """These entries stand in the store, numbered and chained anew; tiles and head fit them."""
    group = group or stage.group
    chain: list[bytes] = []
    frontier = Frontier()
    last = bytes(32)
    for index, found in enumerate(entries):
        chain.append(entry.encode(found._replace(index=index, prev=last)))
        last = leaf_hash(chain[-1])
        frontier.append(last)
    tiles = update(0, [leaf_hash(data) for data in chain], lambda level, number: None)
    head = Head(len(chain), last, entries[-1].received, frontier.hashes)
    needs = (*group.needs, ())[: len(chain)]
    flows = [(index, flow) for index, flow in group.flows if index < len(chain)]
    touches = [(key, index) for key, index in group.touches if index < len(chain)]
    changed = group._replace(entries=chain, needs=needs, flows=flows, touches=touches, tiles=tiles, head=head)
    stage.replace(stage.seen, changed)


def reworded(text: str, changes: Sequence[Sequence[str]]) -> str:
    """A statement with words of its payload changed, under the old signature."""
    header, payload, signature = text.split(".")
    octets = b64.decode(payload)
    for old, new in changes:
        assert old.encode() in octets, old
        octets = octets.replace(old.encode(), new.encode(), 1)
    return f"{header}.{b64.encode(octets)}.{signature}"


def _edit(stage: Stage, row: Row, spelling: Spelling) -> None:
    """``entry``: words of its event are changed (``payload``), or its receipt by ``seconds``."""
    entries = _decoded(stage.group)
    at = _at(stage, row)
    found = entries[at]
    entries[at] = found._replace(
        statement=reworded(found.statement, row.get("payload", ())),
        received=found.received + 1000 * row.get("seconds", 0),
    )
    _entries(stage, entries)


def _decoded(group: Group) -> list[Entry]:
    return [entry.decode(data) for data in group.entries]


def _remove(stage: Stage, row: Row, spelling: Spelling) -> None:
    """``entry`` is taken out, and the rest closes up."""
    entries = _decoded(stage.group)
    del entries[_at(stage, row)]
    _entries(stage, entries)


def _insert(stage: Stage, row: Row, spelling: Spelling) -> None:
    """``entry`` stands at the end once more."""
    entries = _decoded(stage.group)
    copy = entries[_at(stage, row)]._replace(received=entries[-1].received, charter=entries[-1].charter)
    _entries(stage, [*entries, copy])


def _swap(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The statements of ``entry`` and ``other`` change places."""
    entries = _decoded(stage.group)
    one, other = _at(stage, row), _at(stage, row, "other")
    first, second = entries[one].statement, entries[other].statement
    entries[one] = entries[one]._replace(statement=second)
    entries[other] = entries[other]._replace(statement=first)
    _entries(stage, entries)


def _record(stage: Stage, row: Row, spelling: Spelling) -> None:
    """A record of the register says something else: ``record`` [kind, id], ``set`` {member: value}."""
    kind, id = row["record"]
    key = Key(kind, spelling.whole(id))
    groups = [*stage.groups]
    last = max(n for n, group in enumerate(groups) if key in group.records)
    found = groups[last].records[key]
    value = found.value._replace(**spelling.whole(row["set"]))
    records = {**groups[last].records, key: found._replace(value=value)}
    groups[last] = groups[last]._replace(records=records)
    stage.replace(stage.seen, *groups)


def _flow(stage: Stage, row: Row, spelling: Spelling) -> None:
    """What went into ``dst`` has another mass: ``grams``."""
    dst = spelling.whole(row["dst"])
    flows = [
        (index, Flow(flow.src, flow.dst, row["grams"]) if flow.dst == dst else flow)
        for index, flow in stage.group.flows
    ]
    stage.replace(stage.seen, stage.group._replace(flows=flows))


def _need(stage: Stage, row: Row, spelling: Spelling) -> None:
    """``entry`` forgets what it rests on, so that proofs leave it out."""
    needs = list(stage.group.needs)
    needs[_at(stage, row)] = ()
    stage.replace(stage.seen, stage.group._replace(needs=needs))


def _touch(stage: Stage, row: Row, spelling: Spelling) -> None:
    """Nothing knows any more of what ``entry`` corrects, so that proofs leave the correction out."""
    at = _at(stage, row)
    touches = [(key, index) for key, index in stage.group.touches if index != at]
    stage.replace(stage.seen, stage.group._replace(touches=touches))


def _tile(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The tree's tile of leaf hashes has another hash for ``entry``."""
    at = 32 * _at(stage, row)
    tile = stage.group.tiles[0, 0]
    tiles = {**stage.group.tiles, (0, 0): tile[:at] + bytes(32) + tile[at + 32 :]}
    stage.replace(stage.seen, stage.group._replace(tiles=tiles))


def _bucket(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The register's map does not have the ``record`` [kind, id] any more."""
    kind, id = row["record"]
    hash = key_hash(Key(kind, spelling.whole(id)))
    number = bucket_of(hash, stage.store.map().depth)
    pairs = stage.store.buckets([number])[number]
    rows = [pairs[at : at + PAIR_BYTES] for at in range(0, len(pairs), PAIR_BYTES)]
    left = b"".join(pair for pair in rows if not pair.startswith(hash))
    assert left != pairs, "the map does not have it"
    stage.replace(stage.seen, *stage.groups, buckets={number: left})


def _head(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The head was received later than its entry says: ``seconds``."""
    head = stage.group.head
    later = head._replace(received=head.received + 1000 * row["seconds"])
    stage.replace(stage.seen, stage.group._replace(head=later))


def _rollback(stage: Stage, row: Row, spelling: Spelling) -> None:
    """A copy from before ``entry`` is put in the store's place; without one, the copy of the beginning."""
    groups = stage.played.groups
    stage.replace(stage.seen, summed(groups[: _at(stage, row)]) if "entry" in row else stage.begun)


def _rewrite(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The whole story is told again with ``entry`` changed (``set``) and signed by its own key: every hash
    fits, every rule is obeyed, the operator signs, the register's root too."""
    played, at = stage.played, _at(stage, row)
    step = played.steps[at]
    event: dict[str, Any] = strictjson.loads(strictjson.dumps(step.event))
    for path, value in spelling.whole(row["set"]).items():
        put(event, path, value)
    statements = [*played.statements]
    statements[at] = statement.sign(strictjson.dumps(event), played.key(step.by))
    told = stage.told
    stage.replace(stage.seen, summed(committed(played.steps[:told], statements[:told])))
    sign(stage)


def _checkpoint(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The published checkpoint is signed by another key: ``by``."""
    text = note.split(stage.seen)[0]
    name = stage.played.story.ledger
    stage.replace(note.sign_note(text, name, stage.played.key(row["by"])), stage.group)


def _forget(stage: Stage, row: Row, spelling: Spelling) -> None:
    """The guard's file is deleted."""
    stage.guard = MemoryGuard()


_VERBS: Mapping[str, Callable[[Stage, Row, Spelling], None]] = {
    "edit": _edit,
    "remove": _remove,
    "insert": _insert,
    "swap": _swap,
    "record": _record,
    "flow": _flow,
    "need": _need,
    "touch": _touch,
    "tile": _tile,
    "bucket": _bucket,
    "head": _head,
    "rollback": _rollback,
    "rewrite": _rewrite,
    "checkpoint": _checkpoint,
    "forget_guard": _forget,
}
VERBS = frozenset(_VERBS)
