"""Files that commands read and write. What is written is there whole or not at all."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from ledger import durable
from ledger.errors import EnvironmentFault, Malformed, OrelineError

STDIN = "-"


def read(name: str, limit: int = 1 << 30) -> bytes:
    """The content of a file; ``-`` is standard input. ``command.input``, ``command.content``."""
    try:
        if name == STDIN:
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open(name, "rb") as file:
                data = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        detail = getattr(error, "strerror", None) or str(error)
        raise EnvironmentFault("command.input", shown(name), detail) from None
    if len(data) > limit:
        raise OrelineError("command.content", shown(name), f"the file is larger than {limit:,} bytes")
    return data


def read_text(name: str, limit: int = 1 << 20) -> str:
    """The content of a file of UTF-8 text, without the byte-order mark that editors put before it."""
    data = read(name, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OrelineError("command.content", shown(name), "the file is not UTF-8 text") from None


def shipped_catalogue() -> bytes:
    """The catalogue that comes with the program."""
    return (resources.files("cli") / "data" / "catalogue.json").read_bytes()


# What people give for a proof by mistake, by its first octets.
_OTHERS = (
    (b"SQLite format 3\0", "a database, perhaps a ledger's: `oreline prove` makes proofs of its lots"),
    (b"\x1f\x8b", "compressed by gzip: unpack it first"),
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"<", "a web page, perhaps one that asks you to log in"),
    (
        (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"),
        "a text with a byte-order mark, as editors save it: get the file again, as bytes",
    ),
)
# A JSON object in base64 begins so; what is signed has dots between such parts.
_BASE64 = b"eyJ"
# All lines of a trust file, whatever is wrong with them.
_TRUST = re.compile(rb"(?:[ \t]*(?:(?:log|witness|group|replays|quorum|charter)[ \t].*|#.*)?\r?(?:\n|\Z))+")
_PROOF = (b'"oreline-proof/', b'"oreline-history/')


def read_proof(name: str) -> bytes:
    """The content of a proof file. One that is plainly something else could not be checked, rather than
    does not hold: ``command.content``. Whatever says that it is a proof is left to check 1."""
    from ledger.prooffile import MAX_BYTES

    data = read(name, MAX_BYTES + 1)
    if not data:
        raise OrelineError("command.content", shown(name), "the file is empty")
    what = next((what for beginning, what in _OTHERS if data.startswith(beginning)), None)
    if what is None and data.startswith(_BASE64):
        what = (
            "a signed statement" if b"." in data else "base64, as mail programs send files: decode it first"
        )
    if what is None and not any(said in data for said in _PROOF):
        if _TRUST.fullmatch(data):
            what = "a trust file: it goes with --trust"
        elif "\n\n\N{EM DASH} ".encode() in data[:1_000]:
            what = "a checkpoint: it goes with --seen"
        else:
            what = "no proof file: one is JSON, and says that it is `oreline-proof/1`"
    if what:
        raise OrelineError("command.content", shown(name), f"this is {what}")
    return data


def read_policy(name: str) -> str:
    """The text of a policy file. One that is plainly something else is named as what it is, rather than by
    what TOML makes of its first line: ``command.content``."""
    text = read_text(name)
    if _TRUST.fullmatch(text.encode()) and re.search(r"^[ \t]*(?:log|charter)[ \t]", text, re.MULTILINE):
        what = "a trust file: it goes with --trust"
    elif text.startswith("{"):
        proof = any(said.decode() in text for said in _PROOF)
        what = "a proof file: it goes with --proof" if proof else "JSON"
    else:
        octets = text.encode()
        what = next((what for beginning, what in _OTHERS if octets.startswith(beginning)), "")
    if what:
        detail = f"this is {what}; a policy is TOML, and begins with format"
        raise OrelineError("command.content", shown(name), detail)
    return text


def read_checkpoint(name: str) -> str:
    """The checkpoint in a file. Another file is the reader's mistake, and says nothing of a ledger:
    ``command.content``."""
    from ledger import note

    text = read_text(name)
    try:
        note.checkpoint_of(text)
    except Malformed as wrong:
        said = f"this is no checkpoint: {wrong.detail}"
        if "\r" in text:
            said = "its line ends were changed, as editors and mail programs do: get the file again, as bytes"
        raise OrelineError("command.content", shown(name), said) from None
    return text


@contextlib.contextmanager
def named(name: str) -> Iterator[None]:
    """What is malformed here is told with the file's name."""
    try:
        yield
    except Malformed as wrong:
        place = "" if wrong.path == "$" else f" {wrong.path}"
        raise OrelineError(wrong.code, f"{name}{place}", wrong.detail) from None


def shown(name: str) -> str:
    """How a file is called in messages."""
    return "standard input" if name == STDIN else name


@contextlib.contextmanager
def refusing(path: Path, code: str = "command.output") -> Iterator[None]:
    """What the operating system refuses here is that path's problem."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(code, str(path), error.strerror or str(error)) from None


def write(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file: it is there whole, or what was there before still is. ``command.output``.

    ``sync``: on return it survives loss of power.
    """
    with refusing(path):
        if path.exists() and not path.is_file():  # a device or a pipe
            path.write_bytes(data)
        else:
            durable.replace(path, data, sync=sync)


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A folder to fill beside ``folder``, which takes its place at the end, or vanishes.

    ``folder`` must not exist or be empty: else ``command.exists``.
    """
    import shutil
    import tempfile

    target = folder.absolute()
    with refusing(folder):
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise EnvironmentFault("command.exists", str(folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{target.name[:100]}-", dir=target.parent))
    try:
        yield stage
        with refusing(folder):
            mask = os.umask(0o077)  # there is no other way to read it
            os.umask(mask)
            stage.chmod(0o777 & ~mask)
            stage.rename(target)
            durable.sync_folder(target.parent)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
