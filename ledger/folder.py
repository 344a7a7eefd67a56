"""A ledger's folder: ``ledger.db``, ``trust.policy`` and ``keys/operator.jwk``, and how to open it.
Where there is a ``keys/operator-ml-dsa-44.jwk``, too, that key signs every checkpoint beside the operator's.
Where there is a ``witnesses.policy``, too, checkpoints need its quorum: see ``ledger.witness.collect``.

The guard of the last signed checkpoint is kept elsewhere on purpose: see ``ledger.store.guard``.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ledger import b64, note
from ledger.entry import decode
from ledger.errors import EnvironmentFault, Malformed, StorageError
from ledger.events import parse
from ledger.keyfile import load_private, save_private
from ledger.keys import PrivateKey, PublicKey
from ledger.log import Log, Refused
from ledger.merkle import leaf_hash
from ledger.publisher import Publisher
from ledger.register import Key
from ledger.rooting.aside import Aside, answer
from ledger.statement import parse as parse_statement
from ledger.store.guard import FileGuard, default_directory
from ledger.store.sqlite import SqliteStore
from ledger.trust import NONE, Trust
from ledger.trust import Log as TrustedLog
from ledger.witness.collect import Collector, parse_policy

TRUST = "trust.policy"
WITNESSES = "witnesses.policy"
KEYS = "keys"
OPERATOR = "operator.jwk"
SECOND = "operator-ml-dsa-44.jwk"
CHARTERS = Key("charters", "")


class Ledger:
    """An open ledger. ``charter``: leaf hash of entry 0. ``publish`` signs with the operator's key;
    ``compare`` only asks the guard whether that may be. ``collector`` asks the witnesses, if there are
    any."""

    def __init__(
        self,
        folder: Path,
        log: Log,
        name: str,
        charter: bytes,
        publisher: Publisher,
        collector: Collector | None = None,
    ) -> None:
        self.folder = folder
        self.log = log
        self.store = log.store
        self.name = name
        self.charter = charter
        self.collector = collector
        self.publish = publisher.publish
        self.compare = publisher.compare
        self._publisher = publisher

    def close(self) -> None:
        """Close the publisher, the log and its store."""
        self._publisher.close()
        self.log.close()


def create(
    folder: Path,
    charter: str,
    operator: PrivateKey,
    clock: Callable[[], int],
    guard: Path | None = None,
    passphrase: str | None = None,
    second: PrivateKey | None = None,
) -> Ledger:
    """Make a ledger whose entry 0 is the ``charter`` statement, write its trust file and sign its first
    checkpoint. From the charter on, whatever fails leaves a ledger that ``open_ledger`` opens.

    ``guard``: the guard's directory, by default the user's state directory. ``second``: the log's
    ML-DSA-44 key; the trust file then asks for both signatures. Raises
    ``StorageError("store.exists")`` where there is a ledger, ``Malformed`` with the charter's refusal.
    """
    store = SqliteStore(folder, create=True)
    if store.head().size:
        store.close()
        raise StorageError("store.exists", detail=f"{folder} holds a ledger")
    log = Log(store, clock)
    try:
        (outcome,) = log.post([charter], dry_run=True).outcomes
        if isinstance(outcome, Refused):
            wrong = outcome.problems[0]
            raise Malformed(wrong.code, wrong.path.replace("$[0]", "$"), wrong.detail)
        _named(operator, (PublicKey.from_jwk(_payload(charter).operator_key).kid,))
        _save_operator(folder / KEYS / OPERATOR, operator, passphrase)
        if second is not None:
            _save_operator(folder / KEYS / SECOND, second, passphrase)
        log.post([charter])
        ledger = _ledger(folder, log, operator, guard, clock, second)
        keys = [key for key in (operator, second) if key is not None]
        _write(folder / TRUST, trust_in(ledger.name, keys, ledger.charter).format())
        ledger.publish()
    except BaseException:
        log.close()
        raise
    return ledger


def open_ledger(
    folder: Path, clock: Callable[[], int], guard: Path | None = None, passphrase: str | None = None
) -> Ledger:
    """Open a ledger to post and to publish. Raises ``EnvironmentFault`` (``store.*``, ``key.*``), and
    ``Malformed("trust.…")`` where its ``witnesses.policy`` is wrong."""
    log = Log(open_store(folder), clock)
    try:
        operator = load_private(folder / KEYS / OPERATOR, passphrase)
        path = folder / KEYS / SECOND
        second = load_private(path, passphrase) if path.exists() else None
        ledger = _ledger(folder, log, operator, guard, clock, second)
        _promised(folder / TRUST, ledger.name, second)
        return ledger
    except BaseException:
        log.close()
        raise


def trust_in(name: str, keys: Sequence[PrivateKey], charter: bytes) -> Trust:
    """What a new ledger's trust file says: the log of that name by its keys, and its charter."""
    logs = tuple(TrustedLog(note.log_signer(name, key).verifier) for key in keys)
    return Trust(logs, (), (), NONE, charter)


def open_store(folder: Path) -> SqliteStore:
    """Open a ledger's store, to read. ``StorageError("store.empty")`` where it has no charter yet."""
    store = SqliteStore(folder)
    if not store.head().size:
        store.close()
        raise StorageError("store.empty", detail=f"{folder} holds no charter")
    return store


def _ledger(
    folder: Path,
    log: Log,
    operator: PrivateKey,
    guard: Path | None,
    clock: Callable[[], int],
    second: PrivateKey | None,
) -> Ledger:
    charters = (Key("charter", str(n)) for n, _ in log.store.read((CHARTERS,))[CHARTERS].value.known)
    _named(operator, [record.value.operator for record in log.store.read(charters).values()])
    first = log.store.entries_at((0,))[0]
    name = _payload(decode(first).statement).ledger
    charter = leaf_hash(first)
    keeper = FileGuard(guard or default_directory(folder), b64.encode(charter))
    collector = _collector(
        folder / WITNESSES, log, note.verifier(name, note.ED25519, operator.public.raw), clock
    )
    signers = [note.log_signer(name, second)] if second else []

    def further(text: str) -> str:
        return "".join(signer.line(text, clock() // 1000) for signer in signers)

    maker = Aside(log.store, ("from ledger.folder import make_roots; make_roots()", str(folder)), log.paused)
    publisher = Publisher(log, keeper, operator, name, collector, further, maker)
    return Ledger(folder, log, name, charter, publisher, collector)


def make_roots() -> None:
    """What the process does that ``ledger.rooting.aside`` starts: the folder is its argument."""
    answer(lambda: SqliteStore(sys.argv[1]))


def _collector(path: Path, log: Log, key: note.Verifier, clock: Callable[[], int]) -> Collector | None:
    """Who asks the witnesses of the policy; None where there is no such file."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError("store.unavailable", detail=f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise Malformed("trust.text", str(path)) from None
    try:
        return Collector(parse_policy(text, key), clock, log.store.checkpoint())
    except Malformed as wrong:
        raise Malformed(wrong.code, f"{path} {wrong.path.removeprefix('$')}".strip(), wrong.detail) from None


def _payload(statement: str) -> Any:
    return parse(parse_statement(statement).payload)


def _named(operator: PrivateKey, kids: Sequence[str]) -> None:
    """The key is one that the charter or an amendment names; nobody would trust what another signs."""
    kid = operator.public.kid
    if kid not in kids:
        raise EnvironmentFault("key.not_operator", detail=f"the key is {kid}, the charter names {kids[-1]}")


def _promised(path: Path, name: str, second: PrivateKey | None) -> None:
    """Where the folder's trust file asks for an ML-DSA-44 signature, that key is here: else every reader
    would refuse what is published."""
    try:
        trust = Trust.parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, Malformed):
        return  # for those who check; nothing here rests on it
    asked = [log.key.key for log in trust.logs if (log.key.name, log.key.type) == (name, note.ML_DSA_44)]
    if asked and (second is None or second.public.raw not in asked):
        detail = f"{TRUST} asks for signatures of an ML-DSA-44 key that is not in {KEYS}/{SECOND}"
        raise EnvironmentFault("key.not_operator", detail=detail)


def _save_operator(path: Path, operator: PrivateKey, passphrase: str | None) -> None:
    """Keep the key in a folder of its own, which nobody else may look into."""
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
