"""The entries of a served log, some thousand at a time, each time shown to be those of a signed checkpoint.

Nothing that comes from the log is used before it hashes into the checkpoint: the entries of a group give,
together with those before it, the root of so many entries, and a consistency proof (RFC 9162, 2.1.4) from
the log's tiles leads from there to the signed root. Entries are fetched ahead, some bundles at once.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ledger.errors import EnvironmentFault, Malformed
from ledger.merkle import Frontier, ReadHash, check_consistency, consistency_proof, leaf_hash
from ledger.note import Checkpoint
from ledger.store import Head
from ledger.tiles import WIDTH, Source, read_bundle, tree_of

GROUP = 4_096  # entries shown and judged at a time: whole bundles
AT_ONCE = 4  # bundles asked for at a time
AHEAD = 2 * GROUP // WIDTH  # bundles that are here before they are needed
OCTETS = 32 * 1024 * 1024  # of a group, and of what is here before it is needed: entries may be long


def feed(
    source: Source, head: Head, checkpoint: Checkpoint, stopped: Callable[[], bool] = lambda: False
) -> Iterator[list[bytes]]:
    """The entries from ``head`` to the checkpoint's end, group by group.

    Raises ``EnvironmentFault``: ``network.…``, and ``witness.served`` where what is served does not belong
    to the checkpoint: whether the log or something in between is at fault is not known then.
    """
    read = tree_of(source, checkpoint.size)
    frontier = Frontier.from_hashes(head.size, head.frontier)
    group: list[bytes] = []
    octets = 0
    for entries in _bundles(source, head.size, checkpoint.size, stopped):
        for data in entries:
            frontier.append(leaf_hash(data))
        group += entries
        octets += sum(map(len, entries))
        if len(group) > GROUP - WIDTH or octets > OCTETS or frontier.size == checkpoint.size:
            _belongs(frontier, checkpoint, read)
            yield group
            group, octets = [], 0


def _belongs(frontier: Frontier, checkpoint: Checkpoint, read: ReadHash) -> None:
    size, root = frontier.size, frontier.root()
    try:
        proof = consistency_proof(size, checkpoint.size, read)
        check_consistency(size, checkpoint.size, root, checkpoint.root, proof)
    except Malformed as wrong:
        detail = f"Entries before {size} and tiles of {checkpoint.size} entries: {wrong.detail}"
        raise EnvironmentFault("witness.served", detail=detail) from None


def _bundles(source: Source, start: int, stop: int, stopped: Callable[[], bool]) -> Iterator[list[bytes]]:
    """The entries start … stop-1, bundle by bundle."""
    waiting: deque[Future[list[bytes]]] = deque()
    ahead = 1  # until it is known how long they are
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bundles") as threads:
        try:
            for number in range(start // WIDTH, -(-stop // WIDTH)):
                waiting.append(threads.submit(_bundle, source, number, start, stop))
                while len(waiting) > ahead:
                    found = waiting.popleft().result()
                    ahead = min(max(OCTETS // (sum(map(len, found)) or 1), 1), AHEAD)
                    yield found
                if stopped():
                    raise EnvironmentFault("witness.stopped")
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def _bundle(source: Source, number: int, start: int, stop: int) -> list[bytes]:
    width = min(WIDTH, stop - number * WIDTH)
    try:
        return read_bundle(source, number, width)[max(start - number * WIDTH, 0) :]
    except Malformed as wrong:
        raise EnvironmentFault("witness.served", f"bundle {number}", wrong.detail) from None
