"""A ledger's folder: made once, opened again, and what it says when something is in the way."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import EnvironmentFault, GuardError, Malformed, OrelineError, StorageError
from ledger.folder import KEYS, OPERATOR, TRUST, create, open_ledger, open_store
from ledger.keyfile import save_private
from ledger.log import Receipt
from ledger.note import checkpoint_of
from ledger.trust import Trust
from tests.world import NAME, REGISTRAR, World, private_key


@pytest.fixture
def world() -> World:
    return World()


def charter(world: World, **more: object) -> str:
    return world.sign(world.posted[0] | more)


def made(world: World, path: Path, **more: object) -> Path:
    folder = path / "ledger"
    ledger = create(folder, charter(world), world.operator, lambda: world.now, path / "guard", **more)  # type: ignore[arg-type]
    ledger.close()
    return folder


def code_of(error: type[OrelineError], ask: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(error) as caught:
        ask()
    return caught.value.code, caught.value.path


def test_a_new_ledger_has_charter_checkpoint_key_and_trust_file(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    ledger = create(folder, charter(world), world.operator, lambda: world.now, tmp_path / "guard")
    assert (ledger.name, ledger.folder, ledger.store.head().size) == (NAME, folder, 2)
    note = ledger.store.checkpoint()
    assert note is not None
    trust = Trust.parse((folder / TRUST).read_text())
    trusted = trust.check(note)
    assert (trusted.checkpoint.size, trust.charter) == (2, ledger.charter)
    key = folder / KEYS / OPERATOR
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.suffix for path in (tmp_path / "guard").iterdir()].count(".guard") == 1
    ledger.close()


def test_it_is_opened_again_posted_to_and_signed(world: World, tmp_path: Path) -> None:
    folder = made(world, tmp_path)
    ledger = open_ledger(folder, lambda: world.now, tmp_path / "guard")
    party: dict[str, object] = {
        "type": "party",
        "party": REGISTRAR,
        "subject": "urn:example:party:a",
        "name": "A",
    }
    party |= {"country": "CA", "roles": ["trader"], "prefixes": []}
    (receipt,) = ledger.log.post([world.sign(world.event(party))]).outcomes
    assert isinstance(receipt, Receipt)
    assert checkpoint_of(ledger.publish()).size == 4
    ledger.close()
    store = open_store(folder)
    assert store.head().size == 4
    store.close()


def test_a_ledger_is_never_made_anew_in_place(world: World, tmp_path: Path) -> None:
    folder = made(world, tmp_path)
    before = (folder / TRUST).read_text()
    assert code_of(StorageError, lambda: made(world, tmp_path)) == ("store.exists", "$")
    assert (folder / TRUST).read_text() == before


def test_a_charter_that_is_refused_leaves_no_ledger_and_no_key(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "ledger"

    def bad(**more: object) -> Callable[[], object]:
        return lambda: create(folder, charter(world, **more), world.operator, lambda: world.now, tmp_path)

    assert code_of(Malformed, bad(rules=2)) == ("charter.rules", "$.rules")
    assert code_of(Malformed, bad(name="")) == ("event.value", "$.name")
    assert not (folder / KEYS).exists()
    assert code_of(StorageError, lambda: open_store(folder)) == ("store.empty", "$")
    made(world, tmp_path)


def test_where_there_is_no_ledger(world: World, tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert code_of(StorageError, lambda: open_store(none))[0] == "store.missing"
    assert code_of(StorageError, lambda: open_ledger(none, lambda: 0, tmp_path))[0] == "store.missing"
    assert not none.exists()


def test_a_key_is_never_overwritten(world: World, tmp_path: Path) -> None:
    keys = tmp_path / "ledger" / KEYS
    keys.mkdir(parents=True)
    (keys / OPERATOR).write_text("someone's")
    assert code_of(EnvironmentFault, lambda: made(world, tmp_path))[0] == "key.exists"
    assert (keys / OPERATOR).read_text() == "someone's"
    (keys / OPERATOR).unlink()
    made(world, tmp_path)  # nothing was recorded, so it can be made now


def test_a_folder_for_keys_that_cannot_be_made(world: World, tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / KEYS).write_text("a file")
    assert code_of(EnvironmentFault, lambda: made(world, tmp_path))[0] == "key.unwritable"


def test_what_fails_after_the_charter_leaves_a_ledger(world: World, tmp_path: Path) -> None:
    """The guard's folder cannot be made: nothing is signed, but the ledger is there to be opened."""
    (tmp_path / "guard").write_text("a file")
    assert code_of(GuardError, lambda: made(world, tmp_path))[0] == "guard.unavailable"
    (tmp_path / "guard").unlink()
    ledger = open_ledger(tmp_path / "ledger", lambda: world.now, tmp_path / "guard")
    note = ledger.publish()
    Trust.parse((tmp_path / "ledger" / TRUST).read_text()).check(note)
    ledger.close()


def test_a_trust_file_that_cannot_be_written(world: World, tmp_path: Path) -> None:
    (tmp_path / "ledger" / TRUST).mkdir(parents=True)
    assert code_of(StorageError, lambda: made(world, tmp_path))[0] == "store.unavailable"


def test_the_operators_key_may_be_encrypted(world: World, tmp_path: Path) -> None:
    folder = made(world, tmp_path, passphrase="correct horse")
    text = (folder / KEYS / OPERATOR).read_text()
    secret = json.dumps(world.operator.to_jwk()["d"])
    assert secret not in text
    opened = code_of(Malformed, lambda: open_ledger(folder, lambda: world.now, tmp_path / "guard"))
    assert opened[0] == "key.passphrase"
    ledger = open_ledger(folder, lambda: world.now, tmp_path / "guard", "correct horse")
    assert ledger.publish() == ledger.store.checkpoint()
    ledger.close()


def test_a_key_that_is_not_the_charters_signs_no_checkpoint(world: World, tmp_path: Path) -> None:
    folder = made(world, tmp_path)
    (folder / KEYS / OPERATOR).unlink()
    save_private(folder / KEYS / OPERATOR, private_key("other"))
    wrong = "key.not_operator"
    found = code_of(EnvironmentFault, lambda: open_ledger(folder, lambda: world.now, tmp_path / "guard"))
    assert found[0] == wrong
    new = (tmp_path / "new", charter(world), private_key("other"), lambda: world.now, tmp_path / "guard")
    assert code_of(EnvironmentFault, lambda: create(*new))[0] == wrong
    assert code_of(StorageError, lambda: open_store(tmp_path / "new"))[0] == "store.empty"


def test_an_amended_operators_key_opens_the_ledger(world: World, tmp_path: Path) -> None:
    folder, new = made(world, tmp_path), private_key("operator-2")
    ledger = open_ledger(folder, lambda: world.now, tmp_path / "guard")
    amendment = world.event({"type": "amend", "party": REGISTRAR, "operator_key": new.public.jwk})
    assert ledger.log.post([world.sign(amendment, world.recovery)]).problems == []
    ledger.close()
    (folder / KEYS / OPERATOR).unlink()
    save_private(folder / KEYS / OPERATOR, new)
    open_ledger(folder, lambda: world.now, tmp_path / "guard").close()


def test_the_guard_is_kept_outside_the_ledgers_folder(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORELINE_GUARD", str(tmp_path / "state"))
    ledger = create(tmp_path / "ledger", charter(world), world.operator, lambda: world.now)
    ledger.close()
    assert any((tmp_path / "state").iterdir())
    monkeypatch.setenv("ORELINE_GUARD", str(tmp_path / "ledger" / "guard"))
    found = code_of(GuardError, lambda: open_ledger(tmp_path / "ledger", lambda: world.now))
    assert found[0] == "guard.inside"
