"""All benchmarks in one run: ``uv run python -m tests.benchmarks [--quick | --million] [--json]``."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cli.collector import settle
from ledger.store.sqlite import SqliteStore
from tests.benchmarks import machine
from tests.benchmarks.admission import admission, audited, rooted, signed
from tests.benchmarks.checking import checking
from tests.benchmarks.figures import Figure, as_json, markdown, milliseconds, percentile, text
from tests.benchmarks.ledgers import ledger
from tests.benchmarks.over_http import over_http
from tests.benchmarks.reading import reading
from tests.benchmarks.replaying import replaying
from tests.benchmarks.rooting import rooting
from tests.benchmarks.trade import Shape

SMALL = 10_000
LARGE = 1_000_000
REPLAYED = 20_000
# Whose lanes depend on each other have one poster.
STREAMS: tuple[tuple[Shape, int], ...] = (
    ("chains", 2),
    ("chains", 1),
    ("shallow", 2),
    ("shallow", 1),
    ("returns", 1),
)
SERVED: tuple[Shape, ...] = ("chains", "shallow")
SHAPES: tuple[Shape, ...] = ("shallow", "returns")


def main() -> None:
    """Measure, and print each part as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer events: two minutes, rough figures")
    parser.add_argument("--million", action="store_true", help="also ledgers of a million events")
    parser.add_argument("--ten-million", action="store_true", help="also the root of ten million keys")
    parser.add_argument("--cache", type=Path, help="where built ledgers are kept from run to run")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print tables for docs/performance.md")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be repeated")
    asked = parser.parse_args()
    settle()
    about = machine.about()
    if not asked.json:
        print(", ".join(about.values()))
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as temporary:
        asked.cache = asked.cache or Path(temporary)
        for name in asked.only or PARTS:
            figures = list(PARTS[name](asked))
            found += figures
            if not asked.json:
                table = markdown if asked.markdown else text
                print(f"\n{name}\n\n{table(figures)}", flush=True)
    if asked.json:
        print(as_json(found, about))


def _limit(asked: argparse.Namespace) -> Iterable[Figure]:
    rate = machine.limit(1 if asked.quick else 5)
    return [Figure("Ed25519 checks in two threads", rate, "/s", "", f"messages of {machine.MESSAGE} bytes")]


def _admission(asked: argparse.Namespace) -> Iterable[Figure]:
    count = 10_000 if asked.quick else 80_000
    for shape, posters in STREAMS:
        yield from admission(signed(count, shape), posters, shape)
    for shape, posters in STREAMS[::2]:
        yield from rooted(signed(count, shape), posters, shape)


def _http(asked: argparse.Namespace) -> Iterable[Figure]:
    count = 10_000 if asked.quick else 60_000
    for shape in SERVED:
        yield from over_http(signed(count, shape), shape)


def _reading(asked: argparse.Namespace) -> Iterable[Figure]:
    for events in (SMALL, LARGE) if asked.million else (SMALL,):
        for shape in SHAPES:
            built = ledger(asked.cache, events, shape)
            yield from reading(built, 20 if asked.quick else 200)
            if events == LARGE and shape == "shallow":
                store = SqliteStore(built.folder)
                yield from audited(store, built.title)
                store.close()


def _checking(asked: argparse.Namespace) -> Iterable[Figure]:
    for events in (SMALL, LARGE) if asked.million else (SMALL,):
        for shape in SHAPES:
            yield from checking(ledger(asked.cache, events, shape))


def _witness(asked: argparse.Namespace) -> Iterable[Figure]:
    built = ledger(asked.cache, 10_000 if asked.quick else REPLAYED, "shallow")
    yield from replaying(built)


def _root(asked: argparse.Namespace) -> Iterable[Figure]:
    sizes = [SMALL] if asked.quick else [SMALL, LARGE]
    for keys in [*sizes, 10 * LARGE] if asked.ten_million else sizes:
        yield from rooting(keys)


def _start(asked: argparse.Namespace) -> Iterable[Figure]:
    command = [str(Path(sys.executable).parent / "oreline"), "--help"]
    times = [
        milliseconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        for _ in range(10)
    ]
    return [Figure("oreline --help, median of 10", percentile(times, 50) / 1000, "s", "< 0.3 s")]


PARTS = {
    "limit": _limit,
    "admission": _admission,
    "http": _http,
    "reading": _reading,
    "checking": _checking,
    "witness": _witness,
    "root": _root,
    "start": _start,
}


if __name__ == "__main__":
    main()
