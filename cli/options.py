"""Options that several commands share, and what they open."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli import files, output
from ledger.errors import EnvironmentFault, Malformed, OrelineError

if TYPE_CHECKING:
    from ledger.folder import Ledger
    from ledger.keys import PrivateKey
    from ledger.store import Store
    from ledger.store.sqlite import SqliteStore

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

Decorator = Callable[[F], F]

PASSPHRASE = "ORELINE_PASSPHRASE"  # noqa: S105 (the variable's name)

as_json: Decorator[Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
ledger: Decorator[Any] = click.option(
    "--ledger",
    "folder",
    metavar="FOLDER",
    envvar="ORELINE_LEDGER",
    help="The ledger's folder (the one with ledger.db). [env: ORELINE_LEDGER]",
)
url: Decorator[Any] = click.option(
    "--url",
    metavar="URL",
    help="Post to the ledger served there instead of a local one. [env: ORELINE_URL]",
)
public: Decorator[Any] = click.option(
    "--public", is_flag=True, help="Listen on an address that other machines reach."
)
where_as_json: Decorator[Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print where it listens as JSON."
)
trust: Decorator[Any] = click.option(
    "--trust", "trust_file", metavar="FILE", required=True, help="What you trust: the trust file."
)
key: Decorator[Any] = click.option(
    "--key",
    "key_file",
    metavar="FILE",
    envvar="ORELINE_KEY",
    help="The private key that signs. [env: ORELINE_KEY]",
)


class Whole(click.IntRange):
    """A number in its one spelling, within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See click."""
        from ledger.quantity import parse_whole

        try:
            return super().convert(parse_whole(value) if isinstance(value, str) else value, param, ctx)
        except ValueError as wrong:
            self.fail(f"{wrong}.", param, ctx)


def now() -> int:
    """This machine's clock: ms since 1970."""
    return time_ns() // 1_000_000


def ledger_folder(given: str | None) -> Path:
    """The ledger's folder; whoever names its ``ledger.db`` means the folder. ``command.ledger``."""
    if not given:
        raise OrelineError("command.ledger")
    path = Path(given)
    return path.parent if path.name == "ledger.db" and not path.is_dir() else path


@contextmanager
def reading(folder: Path) -> Iterator["Store"]:
    """A ledger's store as it is now, for reading: all of one state, whoever writes meanwhile."""
    with opened(folder) as store, store.snapshot() as still:
        yield still


@contextmanager
def opened(folder: Path) -> Iterator["SqliteStore"]:
    """A ledger's store."""
    from ledger.folder import open_store

    store = open_store(folder)
    try:
        yield store
    finally:
        store.close()


def lot_of(store: "Store", given: str) -> str:
    """The id of the lot that an argument names: by its id, or by the whole of what is stamped on it, which
    is then told."""
    no_blank(given)
    from ledger.lookup.search import meant

    lot = only(given, meant(store, given))
    if lot != given:
        output.note(f"{given} is stamped on {lot}")
    return lot


def no_blank(given: str) -> None:
    """Refuse a lot without a name: a script's variable was not set, and "no such lot" would name nothing."""
    if not given.strip():
        raise click.UsageError("The name of the lot is empty; perhaps a variable is not set.")


def only(given: str, found: Sequence[str]) -> str:
    """The only one of the lots that an argument may mean."""
    if len(found) > 1:
        some = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise click.UsageError(f"{given} is stamped on {len(found)} lots: name one by its id. {some}")
    return found[0]


@contextmanager
def writing(folder: Path) -> Iterator["Ledger"]:
    """A ledger, open to post and to publish; the operator's passphrase is asked for if there is one."""
    from ledger.folder import KEYS, OPERATOR, open_ledger
    from ledger.store.guard import default_directory

    guard = default_directory(folder)
    opened = with_passphrase(
        folder / KEYS / OPERATOR, lambda secret: open_ledger(folder, now, guard, passphrase=secret)
    )
    try:
        yield opened
    finally:
        opened.close()


def private_key(name: str | None) -> "PrivateKey":
    """The private key in a file; its passphrase is asked for if it is encrypted. ``command.key``."""
    from ledger.keyfile import load_private

    if not name:
        raise OrelineError("command.key")
    path = Path(name)
    try:
        return with_passphrase(path, lambda passphrase: load_private(path, passphrase))
    except EnvironmentFault as error:
        if error.code == "key.file_mode" and not _may_be_private(path):
            raise Malformed("key.form", name) from None  # the wrong file, not a key in danger
        raise


def _may_be_private(path: Path) -> bool:
    data = files.read(str(path))
    return b'"d"' in data or b'"priv"' in data or data.count(b".") == 4


def with_passphrase(path: Path, load: Callable[[str | None], T]) -> T:
    """What ``load`` gives with the passphrase of ORELINE_PASSPHRASE, or with the one that is asked for."""
    given = os.environ.get(PASSPHRASE)
    try:
        try:
            return load(given)
        except Malformed as error:
            if error.code != "key.passphrase" or given is not None or not sys.stdin.isatty():
                raise
        return load(click.prompt(f"Passphrase of {path}", hide_input=True, err=True))
    except OrelineError as error:
        if error.code.startswith("key.") and str(path) not in (error.path + error.detail):
            raise type(error)(error.code, f"{path}{error.path.removeprefix('$')}", error.detail) from None
        raise


def new_passphrase(what: str) -> str:
    """A passphrase for new key files: ORELINE_PASSPHRASE, or asked for twice."""
    given = os.environ.get(PASSPHRASE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise EnvironmentFault("key.passphrase", detail=f"{PASSPHRASE} is not set, and there is no terminal")
    asked: str = click.prompt(
        f"New passphrase for {what}", hide_input=True, confirmation_prompt=True, err=True
    )
    return asked
