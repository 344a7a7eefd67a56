"""``oreline export``: a ledger's log as files."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cli import files, options, output
from ledger import note, tiles
from ledger.errors import EnvironmentFault, Malformed, OrelineError
from ledger.merkle import root_of
from ledger.monitoring.copies import CHECKPOINT
from ledger.note import Checkpoint
from ledger.quantity import counted
from ledger.store import Store
from ledger.tiles import ENTRIES, HEIGHT, WIDTH, tile_path, tile_width


@click.group("export")
def command() -> None:
    """Write a ledger's log as files."""


@command.command("tiles", short_help="A complete static log (C2SP tlog-tiles).")
@click.argument("places", metavar="[LEDGER] OUT", nargs=-1, required=True)
@options.ledger
@options.as_json
@click.pass_context
def tiles_(context: click.Context, places: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    """Write the log of LEDGER to the folder OUT as static files: a complete C2SP tlog-tiles log.

    Any web server can serve OUT, and any monitor of transparency logs can follow it. OUT is new, or
    holds an earlier export of the same log, which is brought up to date: the checkpoint is replaced
    last, so that readers always see a whole log.
    """
    if len(places) > 2:
        raise click.UsageError("Give LEDGER and OUT.", context)
    out = Path(places[-1])
    path = options.ledger_folder(places[0] if len(places) == 2 else folder)
    with options.reading(path) as store, output.Progress("writing") as progress:
        published = store.checkpoint()
        if published is None:
            raise Malformed("proof.unpublished", detail="the ledger has published no checkpoint yet")
        checkpoint = note.checkpoint_of(published)
        fresh = not (out / CHECKPOINT).is_file()
        if fresh:
            with files.staged(out) as stage:
                written = _write(store, checkpoint, stage, progress, sync=False)
                files.write(stage / CHECKPOINT, published.encode())
                os.sync()  # at once, not file by file, and before the folder gets its name
        else:
            _same_log(store, checkpoint, out)
            written = _write(store, checkpoint, out, progress, sync=True)
            files.write(out / CHECKPOINT, published.encode())
    if as_json:
        output.print_json(
            {"origin": checkpoint.origin, "size": checkpoint.size, "out": str(out), "files": written + 1}
        )
    else:
        entries, new = counted(checkpoint.size, "entry", "entries"), counted(written + 1, "file")
        output.say(f"{out}: the log {checkpoint.origin}, {entries}; {new} written")


def _same_log(store: Store, checkpoint: Checkpoint, out: Path) -> None:
    """What was exported there before must be the beginning of this log; else ``command.exists``."""
    try:
        text = (out / CHECKPOINT).read_text()
        before = note.checkpoint_of(text)
    except (OSError, ValueError, OrelineError):
        raise EnvironmentFault(
            "command.exists", str(out), "there is a checkpoint that cannot be read"
        ) from None
    reader = tiles.hash_reader(store.tile, checkpoint.size)
    if (
        before.origin != checkpoint.origin
        or before.size > checkpoint.size
        or root_of(before.size, reader) != before.root
    ):
        raise EnvironmentFault("command.exists", str(out), "there is another log, or a newer one")


def _write(store: Store, checkpoint: Checkpoint, out: Path, progress: output.Progress, sync: bool) -> int:
    """Write what is not there yet; how many files that were. A tile of a name never changes."""
    written = 0
    names = list(_tiles(checkpoint.size))
    for n, (level, number, width) in enumerate(names):
        path = out / tile_path(level, number, width)
        progress(n, len(names))
        if path.exists():
            continue
        with files.refusing(out):
            path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, _content(store, level, number, width), sync=sync)
        written += 1
    return written


def _tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile and entry bundle of a log."""
    for level in (ENTRIES, *range(64)):
        number = 0
        while width := tile_width(level, number, size):
            yield level, number, width
            number += 1
        if level >= 0 and not size >> HEIGHT * (level + 1):
            return


def _content(store: Store, level: int, number: int, width: int) -> bytes:
    if level == ENTRIES:
        start = number * WIDTH
        return tiles.encode_bundle(list(store.entries(start, start + width)))
    return tiles.read_width(store.tile, level, number, width)


@command.command("entries", short_help="The entries, one on each line.")
@click.argument("place", metavar="[LEDGER]", required=False)
@options.ledger
@click.option("--start", default=0, type=options.Whole(0), show_default=True, help="The first entry's index.")
@click.option("--limit", type=options.Whole(1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of one entry on each line.")
def entries(place: str | None, folder: str | None, start: int, limit: int | None, as_json: bool) -> None:
    """Print the entries of LEDGER, byte for byte as they are hashed, one on each line."""
    with options.reading(options.ledger_folder(place or folder)) as store:
        size = store.head().size
        stop = size if limit is None else min(size, start + limit)
        out = sys.stdout.buffer
        out.write(b"[\n" if as_json else b"")
        for n, entry in enumerate(store.entries(min(start, stop), stop)):
            out.write((b",\n" if as_json and n else b"") + entry + (b"" if as_json else b"\n"))
        out.write(b"\n]\n" if as_json else b"")
