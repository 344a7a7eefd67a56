"""A store whose rows were damaged: every question gets an answer or a code, and an audit names it."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.audit import audit
from ledger.errors import StorageError
from ledger.folder import Ledger
from ledger.log import Log
from ledger.publisher import Publisher
from ledger.store.guard import MemoryGuard
from ledger.store.sqlite import FILE, SqliteStore
from tests.api.serving import App
from tests.log.tampering import filled
from tests.world import NAME, private_key

HOOD = "urn:example:lot:stamper:hood"
DEEDS = {
    "records with too little in them": "UPDATE records SET record = '[5,\"a\"]'",
    "records lost": "DELETE FROM records",
    "one entry lost": "DELETE FROM entries WHERE id = 3",
    "misplaced entries": "UPDATE entries SET entry = (SELECT max(entry) FROM entries) WHERE id < 40",
    "beyond 64 bits": "UPDATE records SET record = replace(CAST(record AS TEXT), '1', '9999999999999999999')",
    "a mass that is none": "UPDATE flows SET grams = 'x'",
    "touched by nothing": "UPDATE OR REPLACE touches SET at = 'x'",
    "touched from beyond the end": "UPDATE OR REPLACE touches SET at = 1 << 61",
    "changes of the last day": "UPDATE OR REPLACE changed SET at = 9223372036854775807",
}
ASKED = (
    "/health", "/entries", "/entries/3/proof", f"/lot?id={HOOD}", f"/trace?lot={HOOD}", "/search?q=urn",
    f"/attestations?subject={HOOD}", "/balances?site=urn:example:site:pit", f"/claims?lot={HOOD}",
    f"/proof?lot={HOOD}", f"/history?lot={HOOD}",
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damaged") / "ledger"
    store = SqliteStore(folder, create=True)
    filled(store)
    store.close()
    return folder


@pytest.fixture
def store(template: Path, tmp_path: Path, deed: str) -> Iterator[SqliteStore]:
    """The ledger after a deed."""
    shutil.copytree(template, tmp_path / "ledger")
    connection = sqlite3.connect(tmp_path / "ledger" / FILE)
    with connection:
        connection.execute(deed)
    connection.close()
    store = SqliteStore(tmp_path / "ledger")
    yield store
    store.close()


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_every_question_gets_an_answer_or_a_code(store: SqliteStore) -> None:
    log = Log(store, lambda: 0)
    publisher = Publisher(log, MemoryGuard(), private_key("operator"), NAME, None)
    app = App(Ledger(Path(), log, NAME, bytes(32), publisher, None))
    answers = {url: app.get(url).status_code for url in ASKED}
    assert [url for url, status in answers.items() if status == 500] == []
    assert not audit(store).ok


@pytest.mark.parametrize("deed", ["UPDATE head SET size = 'x'", "UPDATE head SET received = 1 << 60"])
def test_a_head_that_is_none_is_not_taken(store: SqliteStore) -> None:
    with pytest.raises(StorageError, match=r"store\.corrupt"):
        store.head()
