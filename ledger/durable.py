"""Files that are written whole and durably, and names that are: a file's content may be on the disk, and the
folder not know it yet.

Who reads a file finds it as it was or as it shall be, whenever the power fails. A file has its mode from
its first moment on: one for its owner alone is never open to others. Raises ``OSError``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

ALL = 0o666  # as the umask allows
OWNER = 0o600


def create(path: Path, data: bytes, mode: int = ALL) -> None:
    """Make a new file, durable on return. ``FileExistsError`` if there is one; a failure leaves none."""
    with _new(path, data, mode, sync=True):
        sync_folder(path.parent)


def replace(path: Path, data: bytes, mode: int = ALL, *, sync: bool = True) -> None:
    """Make a file, or another one of its name: after a failure the old one or the new one is there.

    ``sync``: on return the new one survives loss of power.
    """
    temporary = path.parent / f".{token_hex(8)}.new"  # of one's own: others may write here, too
    with _new(temporary, data, mode, sync):
        os.replace(temporary, path)
    if sync:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """On return the names in the folder, new ones and replaced ones, survive loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _new(path: Path, data: bytes, mode: int, sync: bool) -> Iterator[None]:
    """There is this new file; not any more if the block fails."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(handle)
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
