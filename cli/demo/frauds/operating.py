"""What an operator signs: a checkpoint that ends with the register's root, or a lie about it.

Every row of frauds.json that signs may say how it lies (``Lie``). The log itself stays as it is: a lie
about the register stands in the last entry alone, and whoever recomputes the register finds it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

from cli.demo.frauds.events import Row
from cli.demo.frauds.spelling import Spelling
from cli.demo.frauds.stage import OPERATOR, Stage
from ledger import b64, statement, strictjson
from ledger.merkle import Frontier
from ledger.note import Checkpoint, cosign, format_checkpoint, sign_note
from ledger.quantity import format_time
from ledger.register import Key, Record, encode
from ledger.rooting import Root, Rooting, kept_root, stated
from ledger.store import Group, MapChange, Store


class Lie(NamedTuple):
    """``records``: what the operator says that these are, in place of the true ones. ``stale``: the register
    is that of the stage's beginning. ``states``: members of the register event that are others."""

    records: Mapping[Key, Record]
    stale: bool
    states: Mapping[str, Any]

    @staticmethod
    def of(stage: Stage, how: Row, spelling: Spelling) -> "Lie":
        """The lie that a row tells: ``records`` [[kind, id, {member: value}], …], ``stale``, ``states``."""
        records = {}
        for kind, id, members in how.get("records", ()):
            key = Key(kind, spelling.whole(id))
            found = stage.store.read([key])[key]
            records[key] = found._replace(value=found.value._replace(**spelling.whole(members)))
        return Lie(records, how.get("stale", False), spelling.whole(how.get("states", {})))


TRUTH = Lie({}, False, {})


class _Pretended:
    """The store with another register, as the operator shows it in roots and proofs."""

    def __init__(self, store: Store, begun: Group, lie: Lie) -> None:
        self._store = store
        self._begun = begun
        self._lie = lie

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def snapshot(self) -> Iterator["_Pretended"]:
        with self._store.snapshot() as still:
            yield _Pretended(still, self._begun, self._lie)

    def changes(self, start: int) -> tuple[int, Iterator[tuple[Key, bytes]]]:
        size, rows = self._store.changes(start)
        return size, ((key, self._said(key, data)) for key, data in rows)

    def as_of(self, keys: Iterable[Key], size: int) -> dict[Key, bytes]:
        if self._lie.stale:
            before = self._begun.head.size - 1
            known = self._begun.records
            return {key: encode(known[key]) for key in keys if key in known and known[key].at < before}
        found = self._store.as_of(keys, size)
        return {key: self._said(key, data) for key, data in found.items()}

    def _said(self, key: Key, data: bytes) -> bytes:
        lied = self._lie.records.get(key)
        return data if lied is None else encode(lied)


class _Stale:
    """A maker of roots that states the kept one again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def fold(self) -> int:
        """See ``ledger.rooting.Maker``."""
        return 0

    def root(self, size: int) -> Root:
        """See ``ledger.rooting.Maker``."""
        kept = self._store.map()
        root = kept_root(self._store, kept)
        assert root is not None, "the stage begins with a published ledger"
        return Root(kept.depth, root)

    def keep(self, checkpoint: str, size: int) -> bool:
        """See ``ledger.rooting.Maker``."""
        kept = self._store.map()
        return self._store.publish(checkpoint, size, MapChange(kept, kept._replace(size=size - 1), {}, {}))


def shown(stage: Stage, lie: Lie = TRUTH) -> Store:
    """The stage's store as the operator shows it."""
    return stage.store if lie == TRUTH else cast(Store, _Pretended(stage.store, stage.begun, lie))


def sign(stage: Stage, witnesses: Iterable[str] = (), lie: Lie = TRUTH, at: int | None = None) -> str:
    """What the operator signs without asking the guard, published if it is newer; cosigned by these
    witnesses, each a second after the one before. ``at``: when by their clocks (s), if not at the receipt."""
    store, name = shown(stage, lie), stage.played.story.ledger
    maker = _Stale(store) if lie.stale else Rooting(store)
    while maker.fold():
        pass
    head = store.head()
    if stated(store, head) is None or lie != TRUTH:
        _end(stage, maker, lie)
        head = store.head()
    else:
        maker.root(head.size - 1)
    root = Frontier.from_hashes(head.size, head.frontier).root()
    text = format_checkpoint(Checkpoint(name, head.size, root))
    note = sign_note(text, name, stage.played.key(OPERATOR))
    for later, witness in enumerate(witnesses):
        time = (head.received // 1000 if at is None else at) + later
        note = cosign(note, witness, stage.played.key(witness), time)
    maker.keep(note, head.size)
    return note


def _end(stage: Stage, maker: Rooting | _Stale, lie: Lie) -> None:
    """The register event goes in: by the rules, or past them if it says what no rule admits."""
    story, received = stage.played.story, stage.clock.now
    size = stage.store.head().size
    root = maker.root(size)
    assert root is not None, "a small map grows where it stands"
    event = {
        "ledger": story.ledger,
        "type": "register",
        "id": f"urn:oreline:register:{size}",
        "time": format_time(received // 1000),
        "party": story.party(OPERATOR),
        "size": size,
        "depth": root.depth,
        "root": b64.encode_std(root.root),
    }
    key = stage.played.key(OPERATOR)
    honest, said = (statement.sign(strictjson.dumps(event | dict(also)), key) for also in ({}, lie.states))
    stage.force(honest, said, received)
