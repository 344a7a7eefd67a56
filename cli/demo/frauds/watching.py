"""Steps of those who watch the operator: a witness is asked to cosign, a monitor looks, someone accuses.

What they do is the product's own: ``ledger.witness``, ``ledger.monitoring``, ``ledger.evidencefile``.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.demo.frauds.events import Row
from cli.demo.frauds.operating import sign
from cli.demo.frauds.stage import OPERATOR, Stage
from ledger import evidencefile, note
from ledger.errors import Malformed, OrelineError
from ledger.merkle import HASH_BYTES, consistency_proof
from ledger.monitoring.follow import follow
from ledger.monitoring.state import State
from ledger.monitoring.watch import Known, Watch
from ledger.note import Checkpoint, checkpoint_of, cosigner, format_checkpoint
from ledger.quantity import parse_time
from ledger.store.guard import MemoryGuard
from ledger.store.memory import MemoryStore
from ledger.tiles import WIDTH, hash_reader
from ledger.trust import Trust
from ledger.witness.client import request_body
from ledger.witness.mirror import MIRROR, Mirror
from ledger.witness.state import FILE, States
from ledger.witness.witness import Conflict, Judge, Witness, plain


def log_key(stage: Stage) -> note.Verifier:
    """The key with which the operator signs checkpoints."""
    return note.verifier(stage.played.story.ledger, note.ED25519, stage.played.key(OPERATOR).public.raw)


class Watchers:
    """The witnesses of one run, by name, each with its folder; their guards lie elsewhere."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._folder = TemporaryDirectory(prefix="oreline-frauds-")
        self._guards: Mapping[str, MemoryGuard] = defaultdict(MemoryGuard)

    def close(self) -> None:
        """Delete what they kept."""
        self._folder.cleanup()

    def take(self, row: Row, trust: Trust) -> str:
        """``cosign``: the operator signs and asks for a cosignature. ``back_up`` and ``restore``: the
        witness's state is copied, and put back. ``at``: when, by the witness's clock. The code of the
        refusal, if there is one."""
        place = self._place(row["name"])
        if row["witness"] == "cosign":
            return self._cosign(row, place, trust)
        copy = place.with_suffix(".copy")
        source, target = (place, copy) if row["witness"] == "back_up" else (copy, place)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        return ""

    def _place(self, name: str) -> Path:
        return Path(self._folder.name, name)

    def _cosign(self, row: Row, place: Path, trust: Trust) -> str:
        place.mkdir(exist_ok=True)
        stage, name = self._stage, row["name"]
        clock = parse_time(row["at"]) if "at" in row else stage.clock.now // 1000
        states = States(place, create=not (place / FILE).exists())
        witness = Witness(
            states,
            [cosigner(name, stage.played.key(name))],
            [log_key(stage)],
            lambda: clock,
            lambda origin: self._guards[name],
            _replaying(stage, place, trust, clock) if row.get("replays") else plain,
        )
        try:
            signed = sign(stage)
            size = checkpoint_of(signed).size
            try:
                witness.add_checkpoint(self._request(0, size, signed))
            except Conflict as known:
                witness.add_checkpoint(self._request(known.size, size, signed))
            return ""
        except OrelineError as refusal:
            return refusal.code
        finally:
            states.close()

    def _request(self, old: int, size: int, signed: str) -> bytes:
        """The body of add-checkpoint (C2SP tlog-witness), as a log makes it."""
        proof = consistency_proof(old, size, self._reader(size)) if old <= size else []
        return request_body(signed, old, proof)

    def _reader(self, size: int) -> Callable[[int, int], bytes]:
        return hash_reader(self._stage.store.tile, size)

    def look(self, trust: Trust, reader: Row) -> str:
        """What a monitor finds that has seen the stage's beginning, and looks at what is signed now."""
        stage = self._stage
        watch = None
        if "party" in reader:
            watch = Watch(reader["party"], Known(ids=frozenset(reader["known"])), alarms=True)
        state = State(stage.seen, stage.clock.now)
        found = follow(_Served(stage, sign(stage)), trust, state, stage.clock.now, watch=watch)
        return found.alarms[0].code if found.alarms else ""

    def accuse(self, row: Row, trust: Trust) -> str:
        """Someone shows the checkpoint of the beginning and one that is signed now, as evidence of a fork.
        ``spoil``: with another hash; ``by``: the second note is invented, and signed by that key."""
        stage = self._stage
        now = sign(stage)
        size = checkpoint_of(now).size
        if "by" in row:
            text = format_checkpoint(Checkpoint(stage.played.story.ledger, size, bytes(HASH_BYTES)))
            now = note.sign_note(text, stage.played.story.ledger, stage.played.key(row["by"]))
        fork = evidencefile.fork((stage.seen, now), self._reader(size))
        if row.get("spoil"):
            fork = fork._replace(hashes=(bytes(HASH_BYTES), *fork.hashes[1:]))
        try:
            evidencefile.check(evidencefile.decode(evidencefile.encode(fork)), trust)
        except Malformed as wrong:
            return wrong.code
        return ""


def _replaying(stage: Stage, place: Path, trust: Trust, clock: int) -> Judge:
    """The judge of a witness that replays the entries before it signs; its refusals bear the code of what
    it found. ``clock``: the time by the witness (s)."""

    def judge(checkpoint: Checkpoint, signed: str, last: Checkpoint | None) -> None:
        (place / MIRROR).mkdir(exist_ok=True)
        mirror = Mirror(place, MemoryStore(), _Served(stage, signed), trust, lambda: clock * 1000)
        try:
            mirror.judge(signed)
        except Malformed:
            found = mirror.reason()
            if found is None:
                raise
            raise Malformed(found.code, "$", found.detail) from None

    return judge


class _Served:
    """The stage's log as a monitor reads it; see ``ledger.tiles.Source``."""

    def __init__(self, stage: Stage, signed: str) -> None:
        self._store = stage.store
        self._signed = signed

    def checkpoint(self) -> str:
        return self._signed

    def tile(self, level: int, number: int, width: int) -> bytes:
        return self._store.tile(level, number) or b""

    def entries(self, number: int, width: int) -> list[bytes]:
        start = number * WIDTH
        return list(self._store.entries(start, min(start + width, self._store.head().size)))
