"""Restoring: the entries that a ledger's store lacks, brought back from a copy of its log.

What was signed is known from the guard, which keeps the last checkpoint outside the store. A copy is
believed in nothing: its entries must hash into exactly the tree of that checkpoint, and the store must hold
the beginning of it; then each entry is judged by the rules as a witness that replays judges it
(``ledger.witness.replaying``), and committed. Nothing is written that the checkpoint does not cover. Whatever
cuts it short, it goes on from the store.

What no honest log signs is shown with evidence, as a witness does (``ledger.witness.contradiction``).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from ledger import evidencefile, note
from ledger.check import stretch
from ledger.errors import EnvironmentFault, GuardError, Malformed, StorageError
from ledger.merkle import HASH_BYTES, Frontier, ReadHash, check_consistency, consistency_proof, root_of
from ledger.note import Checkpoint, Verifier
from ledger.store import Head, Store
from ledger.tiles import Source, tile_width, tree_of
from ledger.trust import NONE, Trust
from ledger.witness import contradiction
from ledger.witness.client import cosignatures
from ledger.witness.feed import feed
from ledger.witness.replaying import Fault, Replay

Progress = Callable[[int, int], None]  # entries there, entries in all
Signed = tuple[Checkpoint, str]


class Contradiction(Malformed):
    """The log signed what no honest log signs: ``restore.forked`` or ``restore.refused``. ``kind``, ``data``:
    the evidence file; no data where it would be too large, or would show nothing without a replay."""

    def __init__(self, code: str, detail: str, kind: str, data: bytes | None) -> None:
        super().__init__(code, detail=detail)
        self.kind = kind
        self.data = data


def charter_of(source: Source) -> bytes:
    """The leaf hash of the copy's entry 0. ``EnvironmentFault``, ``Malformed`` where it cannot be told."""
    size = note.checkpoint_of(source.checkpoint()).size
    return source.tile(0, 0, max(1, tile_width(0, 0, size)))[:HASH_BYTES]


class Restoring:
    """From a copy up to the checkpoint ``kept`` by the guard. ``trust``: the log's keys and charter; nobody's
    quorum is asked for. ``witnesses``: whose cosignatures of that checkpoint are taken over from the copy.

    Making one raises ``Malformed`` where the kept checkpoint is not the log's.
    """

    def __init__(self, source: Source, kept: str, trust: Trust, witnesses: tuple[Verifier, ...] = ()) -> None:
        self._source = source
        self.trust = trust
        self._trust = Trust(trust.logs, (), (), NONE, trust.charter)
        self._kept = self._trust.check(kept).checkpoint, kept
        self._witnesses = witnesses
        self._tree = tree_of(source, self.size)
        self.note = kept

    @property
    def size(self) -> int:
        """How many entries the ledger will have."""
        return self._kept[0].size

    def prove(self, old: int, new: int) -> list[bytes]:
        """The consistency proof (RFC 9162, 2.1.4) between two sizes, from the copy's tiles."""
        return consistency_proof(old, new, tree_of(self._source, new))

    # --- The copy

    def check(self) -> None:
        """Compare the copy with what the guard keeps; before anything is written.

        Raises ``EnvironmentFault``: ``restore.short``, ``restore.other``, ``restore.served``,
        ``restore.missing``, ``network.…``; ``GuardError("restore.guard")``; ``Contradiction``.
        """
        served = ""
        with suppress(Malformed, EnvironmentFault):  # a copy without it may be good
            served = self._source.checkpoint()
        said = self._signed(served)
        stated = self._said(served)
        if said is not None and said[0].size > self.size:
            with suppress(
                EnvironmentFault
            ):  # whether the two contradict each other, or not: it goes no further
                self._compare(said, tree_of(self._source, said[0].size))
            detail = (
                f"The copy has a signed checkpoint of {said[0].size} entries, the guard one of {self.size}."
            )
            raise GuardError("restore.guard", detail=detail)
        if said is not None and said[0].size == self.size:
            self._compare(said, self._tree)
        self._check_tree(stated)
        if said is not None:
            self._compare(said, self._tree)
            found = cosignatures(self.note, served.encode(), self._witnesses)
            if note.split(served)[0] == note.split(self.note)[0]:
                self.note += "".join(line for line in found.values() if line not in self.note)

    def _check_tree(self, stated: int | None) -> None:
        """The copy's tree of as many entries has the signed root."""
        try:
            root = root_of(self.size, self._tree)
        except (Malformed, EnvironmentFault) as fault:
            self._check_charter()
            lacking = fault.code == "restore.missing" or (
                fault.code == "network.status" and stated is not None
            )
            if lacking and (stated is None or stated < self.size):
                has = "" if stated is None else f" The copy's own has {stated}."
                detail = f"The guard keeps a checkpoint of {self.size} entries.{has}"
                raise EnvironmentFault("restore.short", fault.path, detail) from None
            if isinstance(fault, EnvironmentFault):
                raise
            raise _served(fault.detail) from None
        if root != self._kept[0].root:
            self._check_charter()
            raise _served(f"Its first {self.size} entries have another root.")

    def _check_charter(self) -> None:
        """Where the copy says what its entry 0 is, it is this ledger's charter."""
        charter = self._trust.charter
        with suppress(Malformed, EnvironmentFault):
            charter = charter_of(self._source)
        if charter != self._trust.charter:
            raise _other("Its entry 0 is another one.")

    def _said(self, served: str) -> int | None:
        """The size of the copy's own checkpoint, whoever signed it; None where it has none."""
        try:
            checkpoint = note.checkpoint_of(served)
        except Malformed:
            return None
        if checkpoint.origin != self._kept[0].origin:
            raise _other(f"Its log is {checkpoint.origin}, this one is {self._kept[0].origin}.")
        return checkpoint.size

    def _signed(self, text: str) -> Signed | None:
        """The checkpoint of a note, if this log has signed it."""
        try:
            return self._trust.check(text).checkpoint, text
        except Malformed:
            return None

    def _compare(self, other: Signed, tree: ReadHash) -> None:
        """Another checkpoint of this log and the kept one are of one history. ``tree``: the larger one's."""
        try:
            fork = evidencefile.forked((self._kept[1], other[1]), tree)
        except Malformed as wrong:
            raise _served(wrong.detail) from None
        if fork is not None:
            shown = evidencefile.check(fork, self._trust)
            data = evidencefile.encode(fork)
            raise Contradiction("restore.forked", shown.sentence, evidencefile.FORK, data)

    # --- The store

    def into(self, store: Store, progress: Progress = lambda done, size: None) -> int:
        """Bring back what the store lacks; how many entries that were. After ``check``.

        A store without a checkpoint gets ``note``; any other keeps its own for the publisher to replace.
        Raises ``GuardError("guard.forked")`` where the store holds another history, ``Contradiction``, and
        ``EnvironmentFault``: ``restore.served``, ``restore.missing``, ``network.…``, ``store.…``.
        """
        head = store.head()
        if head.size >= self.size:
            return 0
        if head.size:
            self._check_store(store, head)
        if store.checkpoint() is None:
            store.publish(self.note, self.size)
        try:
            fault = Replay(store).run(self._groups(head, progress), self.size)
        except EnvironmentFault as wrong:
            if wrong.code != "witness.served":
                raise
            raise _served(f"{wrong.path}: {wrong.detail}") from None
        if fault is not None:
            self._check_alone(store, fault)
            detail = f"entry {fault.index}: {fault.code}: {fault.detail}"
            raise Contradiction("restore.refused", detail, stretch.KIND, self._evidence(store, fault))
        return self.size - head.size

    def _check_store(self, store: Store, head: Head) -> None:
        """What the store holds is the beginning of the signed history."""
        try:
            root = root_of(head.size, self._tree)
            proof = consistency_proof(head.size, self.size, self._tree)
            check_consistency(head.size, self.size, root, self._kept[0].root, proof)
        except Malformed as wrong:
            raise _served(wrong.detail) from None
        if Frontier.from_hashes(head.size, head.frontier).root() == root:
            return
        before = self._signed(store.checkpoint() or "")
        if before is not None:
            self._compare(before, self._tree)
        raise GuardError("guard.forked", detail=f"The store's {head.size} entries have another root.")

    def _check_alone(self, store: Store, fault: Fault) -> None:
        """The store holds all that is before the fault and nothing else: else it was judged by what another
        process wrote meanwhile."""
        head = store.head()
        root = Frontier.from_hashes(head.size, head.frontier).root()
        if head.size != fault.index or root != root_of(head.size, self._tree):
            raise StorageError("store.busy", detail="Another process writes into this store.")

    def _evidence(self, store: Store, fault: Fault) -> bytes | None:
        data = contradiction.entry(store, fault, self._kept[1], self.size, self._tree)
        with suppress(Malformed):  # else it takes a replay to see it
            return data if data is not None and stretch.check(stretch.decode(data), self._trust) else None
        return None

    def _groups(self, head: Head, progress: Progress) -> Iterator[list[bytes]]:
        done = head.size
        for group in feed(self._source, head, self._kept[0]):
            progress(done, self.size)
            yield group
            done += len(group)


def _served(detail: str) -> EnvironmentFault:
    return EnvironmentFault("restore.served", detail=detail)


def _other(detail: str) -> EnvironmentFault:
    return EnvironmentFault("restore.other", detail=detail)
