"""A ledger's folder: ``ledger.db``, ``trust.policy`` and ``keys/operator.jwk``, and how to open it.

The guard of the last signed checkpoint is kept elsewhere on purpose: see ``ledger.store.guard``.
"""

from collections.abc import Callable
from pathlib import Path

from ledger import b64, note
from ledger.entry import decode
from ledger.errors import EnvironmentFault, Malformed, StorageError
from ledger.events import parse
from ledger.keyfile import load_private, save_private
from ledger.keys import PrivateKey
from ledger.log import Log, Refused
from ledger.merkle import leaf_hash
from ledger.publisher import Publisher
from ledger.statement import parse as parse_statement
from ledger.store.guard import FileGuard, default_directory
from ledger.store.sqlite import SqliteStore
from ledger.trust import NONE, Trust
from ledger.trust import Log as TrustedLog

TRUST = "trust.policy"
KEYS = "keys"
OPERATOR = "operator.jwk"


class Ledger:
    """An open ledger. ``charter``: leaf hash of entry 0. ``publish`` signs with the operator's key."""

    def __init__(self, folder: Path, log: Log, name: str, charter: bytes, publisher: Publisher) -> None:
        self.folder = folder
        self.log = log
        self.store = log.store
        self.name = name
        self.charter = charter
        self.publish = publisher.publish

    def close(self) -> None:
        """Close the log and its store."""
        self.log.close()


def create(
    folder: Path,
    charter: str,
    operator: PrivateKey,
    clock: Callable[[], int],
    guard: Path | None = None,
    passphrase: str | None = None,
) -> Ledger:
    """Make a ledger whose entry 0 is the ``charter`` statement, sign its first checkpoint and write
    its trust file.

    ``guard``: the guard's directory, by default the user's state directory. Raises
    ``StorageError("store.exists")`` where there is a ledger, ``Malformed`` with the charter's refusal.
    """
    path = folder / KEYS / OPERATOR
    store = SqliteStore(folder, create=True)
    if store.head().size:
        store.close()
        raise StorageError("store.exists", detail=f"{folder} holds a ledger")
    log = Log(store, clock)
    try:
        (outcome,) = log.post([charter]).outcomes
        if isinstance(outcome, Refused):
            wrong = outcome.problems[0]
            raise Malformed(wrong.code, wrong.path.removeprefix("$[0]") or "$", wrong.detail)
        _save_operator(path, operator, passphrase)
        ledger = _ledger(folder, log, operator, guard)
        ledger.publish()
        key = note.verifier(ledger.name, note.ED25519, operator.public.raw)
        trust = Trust((TrustedLog(key),), (), (), NONE, ledger.charter)
        _write(folder / TRUST, trust.format())
    except BaseException:
        log.close()
        raise
    return ledger


def open_ledger(
    folder: Path, clock: Callable[[], int], guard: Path | None = None, passphrase: str | None = None
) -> Ledger:
    """Open a ledger to post and to publish. Raises ``EnvironmentFault`` (``store.*``, ``key.*``)."""
    log = Log(open_store(folder), clock)
    try:
        return _ledger(folder, log, load_private(folder / KEYS / OPERATOR, passphrase), guard)
    except BaseException:
        log.close()
        raise


def open_store(folder: Path) -> SqliteStore:
    """Open a ledger's store, to read. ``StorageError("store.empty")`` where it has no charter yet."""
    store = SqliteStore(folder)
    if not store.head().size:
        store.close()
        raise StorageError("store.empty", detail=f"{folder} holds no charter")
    return store


def _ledger(folder: Path, log: Log, operator: PrivateKey, guard: Path | None) -> Ledger:
    first = log.store.entries_at((0,))[0]
    name = parse(parse_statement(decode(first).statement).payload).ledger
    charter = leaf_hash(first)
    keeper = FileGuard(guard or default_directory(), b64.encode(charter))
    return Ledger(folder, log, name, charter, Publisher(log.store, keeper, operator, name))


def _save_operator(path: Path, operator: PrivateKey, passphrase: str | None) -> None:
    """Keep the key, unless a run that was cut short has kept it already."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault("key.unwritable", detail=f"{path}: {error.strerror or error}") from error
    save_private(path, operator, passphrase)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise StorageError("store.unavailable", detail=f"{path}: {error.strerror or error}") from error
