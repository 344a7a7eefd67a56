"""The guard: the last signed checkpoint, kept outside the store.

A store can be restored from a copy or rolled back; then signing on would give two histories under
one key. So before a checkpoint is released, the guard must hold it, and the guard moves only from
the checkpoint that the signer believes to be the last. All replicas of a ledger share one guard.

1. ``compare_and_swap`` is serialisable over all threads and processes that share the guard.
2. It is durable on return (``ledger.durable``).
3. When it raises ``guard.moved`` nothing has changed. After another ``GuardError`` the guard holds
   ``old`` or ``new``, never less; repeating the call is safe and settles it.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ledger import durable
from ledger.errors import GuardError
from ledger.store import Guard

__all__ = ["FileGuard", "Guard", "MemoryGuard", "default_directory"]

FORMAT = "oreline-guard/1"


class MemoryGuard:
    """A guard that lasts as long as the process: for tests and throw-away ledgers."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: str | None = None

    def __str__(self) -> str:
        return "memory"

    def read(self) -> str | None:
        """See ``Guard``."""
        return self._kept

    def compare_and_swap(self, old: str | None, new: str) -> None:
        """See ``Guard``."""
        with self._lock:
            if self._kept not in (old, new):
                raise GuardError("guard.moved")
            self._kept = new


class FileGuard:
    """A guard in one small file of ``directory``, named after the ledger's ``identity``.

    The file: the line ``oreline-guard/1``, the identity, the hex SHA-256 of the checkpoint, and the
    checkpoint. Beside it an empty ``.lock`` file, which is never removed. ``timeout``: seconds to
    wait for the lock.
    """

    def __init__(self, directory: Path | str, identity: str, *, timeout: float = 10.0) -> None:
        assert identity.splitlines() == [identity], identity
        self._identity = identity
        self._timeout = timeout
        self._directory = Path(directory)
        self._path = self._directory / f"{hashlib.sha256(identity.encode()).hexdigest()}.guard"

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> str | None:
        """See ``Guard``. ``guard.corrupt``, ``guard.unavailable``."""
        with self._faults():
            return self._read()

    def compare_and_swap(self, old: str | None, new: str) -> None:
        """See ``Guard``. Also ``guard.busy``, ``guard.corrupt``, ``guard.unavailable``."""
        with self._faults():
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                if self._read() not in (old, new):
                    raise GuardError("guard.moved", str(self._path))
                durable.replace(self._path, b"\n".join(self._form(new.encode())), durable.OWNER)

    def _read(self) -> str | None:
        try:
            lines = self._path.read_bytes().split(b"\n", 3)
        except FileNotFoundError:
            return None
        if lines != self._form(lines[-1]):
            raise GuardError("guard.corrupt", str(self._path))
        try:
            return lines[-1].decode()
        except UnicodeDecodeError:
            raise GuardError("guard.corrupt", str(self._path)) from None

    def _form(self, checkpoint: bytes) -> list[bytes]:
        digest = hashlib.sha256(checkpoint).hexdigest()
        return [FORMAT.encode(), self._identity.encode(), digest.encode(), checkpoint]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        deadline = time.monotonic() + self._timeout
        handle = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, durable.OWNER)
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise GuardError("guard.busy", str(self._path)) from None
                    time.sleep(0.005)  # flock has no time limit of its own
            yield
        finally:
            os.close(handle)  # lets go of the lock

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise GuardError("guard.unavailable", str(self._path), str(error)) from error


def default_directory(ledger: Path | str | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where guards are kept on this machine: $ORELINE_GUARD, else $XDG_STATE_HOME/oreline, else
    ~/.local/state/oreline. ``guard.inside`` if that lies in the folder ``ledger``."""
    if environ.get("ORELINE_GUARD"):
        directory = Path(environ["ORELINE_GUARD"])
    elif environ.get("XDG_STATE_HOME"):
        directory = Path(environ["XDG_STATE_HOME"], "oreline")
    else:
        directory = Path(environ.get("HOME") or Path.home(), ".local", "state", "oreline")
    if ledger is not None and directory.resolve().is_relative_to(Path(ledger).resolve()):
        raise GuardError("guard.inside", str(directory))
    return directory
