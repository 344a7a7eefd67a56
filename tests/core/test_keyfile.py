"""Key files: private ones stay private, whole and unharmed; encrypted ones open by passphrase only."""

import json
import os
import stat
import warnings

import pytest
from jwcrypto import jwa
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from ledger import keyfile
from ledger.errors import EnvironmentFault, Malformed
from ledger.keys import PrivateKey

ED = PrivateKey.from_seed("Ed25519", bytes(range(32)))
EC = PrivateKey.from_seed("ES256", bytes(range(32)))
KEYS = pytest.mark.parametrize("key", [ED, EC], ids=["Ed25519", "ES256"])


def refused(function, *arguments, kind=Malformed):
    with pytest.raises(kind) as caught:
        function(*arguments)
    return caught.value.code


def written(path, content: str | bytes, mode=0o600):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


@KEYS
def test_a_key_survives_being_saved(tmp_path, key):
    path = tmp_path / "key.json"
    keyfile.save_private(path, key)
    assert keyfile.load_private(path) == key
    assert json.loads(path.read_bytes()) == key.to_jwk()
    assert path.read_bytes().endswith(b"}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@KEYS
def test_an_encrypted_key_opens_with_its_passphrase_only(tmp_path, key):
    path = tmp_path / "key.jwe"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        keyfile.save_private(path, key, "åluminium")
        assert keyfile.load_private(path, "åluminium") == key
    assert key.to_jwk()["d"].encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert refused(keyfile.load_private, path, "aluminium") == "key.passphrase"
    assert refused(keyfile.load_private, path, "") == "key.passphrase"
    assert refused(keyfile.load_private, path) == "key.passphrase"


def test_another_library_opens_an_encrypted_key(tmp_path, monkeypatch):
    # Its own bound is far below what a passphrase needs today.
    monkeypatch.setattr(jwa, "default_max_pbkdf2_iterations", 300_000)
    path = tmp_path / "key.jwe"
    keyfile.save_private(path, ED, "a passphrase")
    token = JWE(algs=["PBES2-HS512+A256KW", "A256GCM"])
    token.deserialize(path.read_text().strip(), JWK.from_password("a passphrase"))
    assert json.loads(token.payload) == ED.to_jwk()
    assert json.loads(token.objects["protected"])["p2c"] >= 210_000


def test_an_encrypted_key_of_another_library_opens(tmp_path):
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 1000}
    token = JWE(json.dumps(EC.to_jwk()), json.dumps(header), algs=[header["alg"], header["enc"]])
    token.add_recipient(JWK.from_password("a passphrase"))
    path = written(tmp_path / "key.jwe", token.serialize(compact=True))
    assert keyfile.load_private(path, "a passphrase") == EC


def test_no_other_encryption_is_obeyed(tmp_path):
    header = {"alg": "dir", "enc": "A256GCM"}
    token = JWE(json.dumps(EC.to_jwk()), json.dumps(header))
    token.add_recipient(JWK(kty="oct", k="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"))
    path = written(tmp_path / "key.jwe", token.serialize(compact=True))
    assert refused(keyfile.load_private, path, "0123456789abcdef0123456789abcdef") == "key.passphrase"


def test_a_changed_encrypted_key_is_refused(tmp_path):
    path = tmp_path / "key.jwe"
    keyfile.save_private(path, ED, "a passphrase")
    parts = path.read_text().strip().split(".")
    for at in range(1, 5):
        changed = [*parts]
        changed[at] = ("B" if parts[at][0] != "B" else "C") + parts[at][1:]
        written(path, ".".join(changed))
        assert refused(keyfile.load_private, path, "a passphrase") == "key.passphrase"


def test_an_empty_passphrase_is_none(tmp_path):
    assert refused(keyfile.save_private, tmp_path / "key", ED, "") == "key.passphrase"
    assert not (tmp_path / "key").exists()


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "key.json"
    keyfile.save_private(path, ED)
    before = path.read_bytes()
    assert refused(keyfile.save_private, path, EC, kind=EnvironmentFault) == "key.exists"
    assert path.read_bytes() == before
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    assert refused(keyfile.save_private, link, EC, kind=EnvironmentFault) == "key.exists"
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_cannot_be_written_leaves_no_half_file(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "key.json"
    with pytest.raises(EnvironmentFault, match="No space left") as caught:
        keyfile.save_private(path, ED)
    assert caught.value.code == "key.unwritable"
    assert not path.exists()


def test_files_that_cannot_be_reached(tmp_path):
    nowhere = tmp_path / "no" / "key.json"
    assert refused(keyfile.save_private, nowhere, ED, kind=EnvironmentFault) == "key.unwritable"
    assert refused(keyfile.load_private, nowhere, kind=EnvironmentFault) == "key.unreadable"
    assert refused(keyfile.load_public, nowhere, kind=EnvironmentFault) == "key.unreadable"
    assert refused(keyfile.load_public, tmp_path, kind=EnvironmentFault) == "key.unreadable"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644, 0o610])
def test_a_private_key_that_others_may_touch_is_refused(tmp_path, mode):
    path = written(tmp_path / "key.json", json.dumps(ED.to_jwk()), mode)
    assert refused(keyfile.load_private, path, kind=EnvironmentFault) == "key.file_mode"


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_key_that_is_ones_own_is_read(tmp_path, mode):
    assert keyfile.load_private(written(tmp_path / "key.json", json.dumps(ED.to_jwk(), indent=2), mode)) == ED


@KEYS
def test_public_keys(tmp_path, key):
    path = written(tmp_path / "key.pub.json", json.dumps(key.public.jwk, indent=2), 0o644)
    assert keyfile.load_public(path) == key.public
    assert refused(keyfile.load_private, written(path, path.read_bytes())) == "key.member"


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path):
    keyfile.save_private(tmp_path / "key.json", ED)
    assert refused(keyfile.load_public, tmp_path / "key.json") == "key.private"


@pytest.mark.parametrize(
    "content", ["", "[]", "null", "x.y", "{", '{"kty":1.5}', b"\xff", "-----BEGIN PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused(tmp_path, content):
    path = written(tmp_path / "key", content)
    assert refused(keyfile.load_private, path) == "key.form"
    assert refused(keyfile.load_public, path) == "key.form"


def test_a_list_is_no_key(tmp_path):
    assert refused(keyfile.load_public, written(tmp_path / "key", "[1]")) == "key.form"


def test_an_encrypted_file_without_a_key_is_refused(tmp_path):
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 1000}
    token = JWE("not json", json.dumps(header), algs=[header["alg"], header["enc"]])
    token.add_recipient(JWK.from_password("a passphrase"))
    path = written(tmp_path / "key.jwe", token.serialize(compact=True))
    assert refused(keyfile.load_private, path, "a passphrase") == "key.form"
