"""A witness's folder: its state, its keys, its verifier keys to hand out, and what contradicted it.

    witness.db                     of each log the checkpoint cosigned last
    keys/witness.jwk               its Ed25519 key, 0600
    keys/witness-ml-dsa-44.jwk     its ML-DSA-44 key, 0600, if it has one
    vkeys.txt                      the verifier keys, a line each: the public part
    plain                          there once it was served without replaying
    evidence/                      two checkpoints of one size and two roots, as evidence of a fork

The logs that it knows are named when it is started, in files of verifier keys or C2SP policies.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger import durable, evidencefile, note
from ledger.errors import EnvironmentFault, Malformed, StorageError
from ledger.keyfile import load_private, save_private
from ledger.keys import PrivateKey
from ledger.note import Signer, Verifier
from ledger.trust import LOG_TYPES
from ledger.witness.state import FILE, States

VKEYS = "vkeys.txt"
PLAIN = "plain"
KEYS = "keys"
EVIDENCE = "evidence"  # beside the mirror, if there is one
MOST_EVIDENCE = 100  # files; the first contradiction is enough, and nobody fills the disk
_OTHERS = {"witness", "group", "quorum", "replays", "charter"}
_FILES = {note.COSIGNATURE: "witness.jwk", note.ML_DSA_44: "witness-ml-dsa-44.jwk"}


def create(folder: Path, name: str, keys: Sequence[PrivateKey]) -> tuple[Signer, ...]:
    """Make a witness that cosigns with each of the keys (one of a kind), under one name.

    Raises ``StorageError`` ``witness.exists``, ``witness.store``; ``EnvironmentFault`` ``key.…``.
    """
    if (folder / FILE).exists() or (folder / VKEYS).exists():
        raise StorageError("witness.exists", detail=f"{folder} holds a witness")
    signers = tuple(note.cosigner(name, key) for key in keys)
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / KEYS).mkdir(mode=0o700, exist_ok=True)
    for signer in signers:
        save_private(folder / KEYS / _FILES[signer.verifier.type], signer.private)
    States(folder, create=True).close()
    text = "".join(note.format_vkey(signer.verifier) + "\n" for signer in signers)
    with storing(folder / VKEYS):
        durable.replace(folder / VKEYS, text.encode())
    return signers


def load(folder: Path) -> tuple[Signer, ...]:
    """What the witness cosigns with: the private halves of its verifier keys.

    Raises ``StorageError("witness.missing")``, ``Malformed`` ``note.key``, ``key.…``, and
    ``EnvironmentFault`` ``key.…``.
    """
    try:
        lines = (folder / VKEYS).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise StorageError("witness.missing", detail=f"{folder} holds no {VKEYS}") from None
    signers = []
    for line in lines:
        key = note.parse_vkey(line)
        if key.type not in _FILES:
            raise Malformed("note.key", detail=f"{VKEYS} has a key of type {key.type}")
        path = folder / KEYS / _FILES[key.type]
        private = load_private(path)
        if private.public.raw != key.key:
            raise EnvironmentFault("key.mismatch", detail=f"{path} is not the key of {VKEYS}")
        signers.append(Signer(key, private))
    if not signers:
        raise StorageError("witness.missing", detail=f"{folder / VKEYS} names no key")
    return tuple(signers)


def serve_plainly(folder: Path) -> None:
    """Note that from now on its keys cosign what nobody has replayed. ``StorageError("witness.store")``."""
    with storing(folder / PLAIN):
        durable.replace(folder / PLAIN, b"")


def is_plain(folder: Path) -> bool:
    """Whether its keys may have cosigned what nobody had replayed: no trust file should say ``replays``."""
    return (folder / PLAIN).exists()


def parse_logs(text: str) -> list[Verifier]:
    """The log keys of a text: verifier keys alone on their lines, or the ``log`` lines of a C2SP policy,
    whose other lines are not looked at. Comments begin with ``#``.

    Raises ``Malformed("witness.logs")`` with the path ``line <n>``.
    """
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        items = line.split()
        if not items or items[0].startswith("#"):
            continue
        if len(items) > 1 and items[0] in _OTHERS:
            continue
        if len(items) > 1 and items[0] != "log":
            raise Malformed("witness.logs", f"line {number}", "This is neither a key nor a line of a policy.")
        vkey = items[1] if len(items) > 1 else items[0]
        try:
            key = note.parse_vkey(vkey)
        except Malformed as wrong:
            raise Malformed("witness.logs", f"line {number}", wrong.detail) from wrong
        if key.type not in LOG_TYPES:
            raise Malformed(
                "witness.logs", f"line {number}", f"This is no log's key: it has type {key.type}."
            )
        if key not in found:
            found.append(key)
    if not found:
        raise Malformed("witness.logs")
    return found


def keep_evidence(folder: Path, signed: str, last: str) -> None:
    """Keep the one that was cosigned and a checkpoint of its size with another root, as evidence of a fork
    (``ledger.evidencefile``): both bear the log's signature. That it cannot be kept changes no answer."""
    place = folder / EVIDENCE
    data = evidencefile.encode(evidencefile.fork((last, signed)))
    name = evidencefile.file_name(evidencefile.FORK, data)
    with suppress(OSError):
        place.mkdir(exist_ok=True)
        if len(list(place.iterdir())) < MOST_EVIDENCE:
            durable.replace(place / name, data)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """What the operating system refuses here is ``StorageError("witness.store")`` at that path."""
    try:
        yield
    except OSError as error:
        raise StorageError("witness.store", str(path), error.strerror or str(error)) from error
