"""The demo's folder: whether the demo is there already, and how it gets there, whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.demo import story as demo
from cli.demo.outcome import DOCUMENTS, EXAMPLE, PROOF
from cli.demo.story import Story
from ledger import events, folder
from ledger.errors import StorageError
from ledger.keyfile import save_private
from ledger.keys import PrivateKey
from ledger.store.sqlite import FILE

# Moved in this order: the ledger comes last.
LEFT = (folder.KEYS, folder.TRUST, PROOF, EXAMPLE, DOCUMENTS, FILE)


def stands(directory: Path, story: Story) -> bool:
    """Whether the demo's ledger is in ``directory``. ``StorageError("store.exists")`` where another is,
    or anything else under one of the names that the demo would write."""
    if (directory / FILE).exists():
        if _name(directory) == story.ledger:
            return True
        raise StorageError("store.exists", detail=f"{directory} holds another ledger than the demo's")
    for name in LEFT:
        if (directory / name).exists():
            raise StorageError("store.exists", detail=f"{directory} holds {name} already")
    return False


def _name(directory: Path) -> str:
    """The name of the ledger in a folder."""
    store = folder.open_store(directory)
    try:
        return events.in_entry(store.entries_at((0,))[0]).ledger
    finally:
        store.close()


@contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """A folder inside ``directory`` to work in. What the demo leaves is moved up when the block ends;
    when it is cut short, nothing remains."""
    with _faults(directory):
        fresh = not directory.exists()
        directory.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".demo-", dir=directory))
    try:
        yield stage
        with _faults(directory):
            for name in LEFT:
                (stage / name).rename(directory / name)
            fresh = False
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if fresh:
            directory.rmdir()


@contextmanager
def _faults(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError("store.unavailable", detail=f"{directory}: {error.strerror}") from error


def write_keys(stage: Path, keys: Mapping[str, PrivateKey]) -> None:
    """The private keys of the demo's parties; the operator's is there with the ledger."""
    for name, key in keys.items():
        if name != Path(folder.OPERATOR).stem:
            save_private(stage / folder.KEYS / f"{name}.jwk", key)


def write_example(stage: Path, story: Story) -> None:
    """An event for the smelter to sign and to post."""
    text = json.dumps(demo.example(story), ensure_ascii=False, indent=1)
    (stage / EXAMPLE).write_text(text + "\n", "utf-8")


def write_documents(stage: Path, story: Story) -> None:
    """What the certifiers' evidence names by its hash, so that anyone can compare."""
    at = stage / DOCUMENTS
    at.mkdir()
    for document in story.documents:
        (at / document["name"]).write_bytes(document["text"].encode())
