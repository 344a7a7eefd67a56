"""A log's copies on this machine, read as if they were served: a folder of tiles, and a ledger's store.
Nothing that comes from here is believed until it hashes into a signed root."""

from pathlib import Path

from ledger.errors import EnvironmentFault, Malformed
from ledger.merkle import HASH_BYTES
from ledger.store import Store
from ledger.tiles import ENTRIES, WIDTH, decode_bundle, tile_path

CHECKPOINT = "checkpoint"


def _missing(place: str, detail: str = "") -> EnvironmentFault:
    return EnvironmentFault("restore.missing", place, detail)


class TileFolder:
    """A static log (C2SP tlog-tiles) in a folder. Raises ``EnvironmentFault("restore.missing")`` where a file
    is not there or cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def checkpoint(self) -> str:
        """The signed note; ``Malformed("note.text")`` if it is not UTF-8."""
        try:
            return self._read(self._folder / CHECKPOINT).decode()
        except UnicodeDecodeError:
            raise Malformed("note.text", str(self._folder / CHECKPOINT)) from None

    def tile(self, level: int, number: int, width: int) -> bytes:
        """At least the first ``width`` hashes of a tile."""
        return self._read(self._place(level, number, width))

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first ``width`` entries of a bundle, or fewer if it has no more; ``Malformed``."""
        return decode_bundle(self._read(self._place(ENTRIES, number, width)))[:width]

    def _place(self, level: int, number: int, width: int) -> Path:
        """The tile of that width, or one that it has grown to."""
        full = self._folder / tile_path(level, number)
        if width == WIDTH or full.exists():
            return full
        exact = self._folder / tile_path(level, number, width)
        partial = exact.parent
        names = (path.name for path in partial.iterdir()) if partial.is_dir() else ()
        wide = [int(name) for name in names if name.isascii() and name.isdecimal() and int(name) >= width]
        return partial / str(min(wide)) if wide else exact

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise _missing(str(path), error.strerror or str(error)) from None


class StoreCopy:
    """The log of a ledger's store: another copy of the ledger, or the mirror of a witness that replays.
    Raises ``EnvironmentFault("restore.missing")`` beyond its end, and what the store raises."""

    def __init__(self, store: Store, name: str) -> None:
        """``name``: what it is called in messages."""
        self._store = store
        self._name = name

    def checkpoint(self) -> str:
        """The signed note that it keeps."""
        found = self._store.checkpoint()
        if found is None:
            raise _missing(self._name, "It keeps no checkpoint.")
        return found

    def tile(self, level: int, number: int, width: int) -> bytes:
        """At least the first ``width`` hashes of a tile."""
        found = self._store.tile(level, number) or b""
        if len(found) < width * HASH_BYTES:
            raise _missing(self._name, self._told())
        return found

    def entries(self, number: int, width: int) -> list[bytes]:
        """The first ``width`` entries of a bundle."""
        start = number * WIDTH
        if start + width > self._store.head().size:
            raise _missing(self._name, self._told())
        return list(self._store.entries(start, start + width))

    def _told(self) -> str:
        return f"It has {self._store.head().size} entries."
