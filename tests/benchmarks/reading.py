"""How long questions about a late hood take: its origins, its proof, the proof's check."""

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ledger import entry, proof, prooffile, statement, verify
from ledger.errors import Malformed
from ledger.events import brought, parse
from ledger.lookup.trace import ancestry, shares
from ledger.proof import SHORT, Horizon
from ledger.quantity import MILLION
from ledger.store.sqlite import SqliteStore
from tests.benchmarks.figures import Figure, milliseconds, percentile, spread
from tests.benchmarks.ledgers import Built, trust
from tests.benchmarks.trade import Shape

BUDGET = 60.0  # seconds that one question may be repeated for
LEAST = 3  # times that it is asked all the same
HUNDREDTH = MILLION // 100
BEYOND = "5%"  # the horizon that is measured
Answer = TypeVar("Answer")


def reading(built: Built, hoods: int) -> list[Figure]:
    """All figures of one ledger, of as many late hoods."""
    store = SqliteStore(built.folder)
    random.seed(1)
    late = random.sample(built.late, min(hoods, len(built.late)))
    of = built.title
    wanted = "< 5 ms"
    figures = spread(f"shares of a hood, {of}", _times(late, lambda hood: shares(store, hood)), "ms", wanted)
    traced = _asked(late, lambda hood: _traced(store, hood))
    figures += spread(f"trace of a hood, all its way, {of}", [took for took, _ in traced], "ms")
    sizes = [float(lots) for _, lots in traced]
    figures += spread(f"ancestors of a hood, {of}", sizes, "lots", "", f"{len(sizes)} hoods")
    figures += _proofs(store, late, of, built.shape)
    ratio = built.stored / built.stated
    figures.append(Figure(f"stored per byte of statement, {of}", ratio, "bytes", "", _size(built)))
    store.close()
    return figures


def _size(built: Built) -> str:
    return f"{built.stored / 1e6:,.0f} MB, statements of {built.stated // built.events} bytes"


def _asked(late: Sequence[str], ask: Callable[[str], Answer]) -> list[Answer]:
    """Answers for as many hoods as the time allows."""
    found: list[Answer] = []
    until = time.monotonic() + BUDGET
    for hood in late:
        found.append(ask(hood))
        if len(found) >= LEAST and time.monotonic() > until:
            break
    return found


def _times(late: Sequence[str], ask: Callable[[str], object]) -> list[float]:
    return _asked(late, lambda hood: milliseconds(lambda: ask(hood)))


def _traced(store: SqliteStore, hood: str) -> tuple[float, int]:
    """How long all of a hood's way takes, as `oreline trace` walks it, and how many lots it was made of."""
    start = time.perf_counter()
    found = ancestry(store, hood, limit=None)
    took = (time.perf_counter() - start) * 1000
    assert found is not None
    return took, sum(node.kind == "lot" for node in found.nodes) - 1


def _proofs(store: SqliteStore, late: Sequence[str], of: str, shape: Shape) -> list[Figure]:
    wanted = "< 50 ms" if shape == "shallow" else ""
    times, made, refused = _built(store, late)
    figures = []
    if made:
        figures += spread(f"proof of a hood, {of}", times, "ms", wanted, f"{len(made)} hoods")
        figures += _about_proofs(store, made, f"{of}")
    if refused:
        name = f"hoods whose proof would be too large, {of}"
        share = refused / (refused + len(made))
        figures.append(Figure(name, share, "of all", "", "over 100,000 entries or 64 MiB"))
    if refused or shape == "returns":
        times, made, refused = _built(store, late, min_share=HUNDREDTH)
        assert not refused
        figures += spread(f"proof down to 1 %, {of}", times, "ms", "", f"{len(made)} hoods")
        figures += _about_proofs(store, made, f"down to 1 %, {of}")
        times, made, _ = _built(store, late, horizon=Horizon.parse(BEYOND))
        figures += spread(f"proof, horizon {BEYOND}, {of}", times, "ms", "< 60 ms", f"{len(made)} hoods")
        figures += _about_proofs(store, made, f"horizon {BEYOND}, {of}", "< 400 kB")
    times, made, _ = _built(store, late, horizon=SHORT)
    figures += spread(f"short proof, {of}", times, "ms", "< 5 ms", f"{len(made)} hoods")
    size = max(map(len, made)) / 1000
    return [*figures, Figure(f"size of the largest short proof, {of}", size, "kB", "< 6 kB")]


def _built(
    store: SqliteStore, late: Sequence[str], *, min_share: int = 0, horizon: Horizon | None = None
) -> tuple[list[float], list[bytes], int]:
    """Times of proofs that could be built, some of the proofs, and how many could not."""
    times, made, refused = [], [], 0
    until = time.monotonic() + BUDGET
    for number, hood in enumerate(late, 1):
        start = time.perf_counter()
        try:
            made.append(proof.build(store, hood, min_share=min_share, horizon=horizon))
            times.append((time.perf_counter() - start) * 1000)
        except Malformed as wrong:
            if wrong.code != "proof.size":
                raise
            refused += 1
        if number >= LEAST and time.monotonic() > until:
            break
    return times, made, refused


def _about_proofs(store: SqliteStore, made: Sequence[bytes], of: str, most: str = "") -> list[Figure]:
    sizes = [float(len(prooffile.decode(data).entries)) for data in made]
    ranked = sorted(made, key=len)
    middle = ranked[len(ranked) // 2]
    believed = trust(store)
    checks = _times([of] * 10, lambda _: verify.check([middle], believed))
    pure = _signatures(middle)
    took = percentile(checks, 50)
    return [
        *spread(f"entries of the proof, {of}", sizes, ""),
        Figure(f"size of the proof, {of}", len(middle) / 1000, "kB", most),
        Figure(f"check of the proof, {of}", took, "ms"),
        Figure(f"of it signatures alone, {of}", pure, "ms", "", f"{took / pure:.1f} times that"),
    ]


def _signatures(data: bytes) -> float:
    """How long the signatures in a proof take, and nothing else."""
    texts = [entry.decode(text.encode()).statement for text in prooffile.decode(data).entries]
    found = [statement.parse(text) for text in texts]
    keys = {key.kid: key for one in found for key in brought(parse(one.payload))}
    signed = [(keys[one.kid], one.signature, one.signed) for one in found if one.kid in keys]

    def check() -> None:
        assert all(key.verify(signature, message) for key, signature, message in signed)

    return percentile([milliseconds(check) for _ in range(10)], 50)
