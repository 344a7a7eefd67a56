"""Keys, parties and sites: the short path of a newcomer, and its missteps."""

import json
from pathlib import Path

import pytest

from ledger import b64
from ledger.keyfile import load_private
from tests.cli.commands import ACME, NAME, WORKS, call, done, failed, opening, signed
from tests.world import LOT, PARTY, REGISTRAR

LEDGER = ("--ledger", "ledger")
PARTY_OF = ("--name", "B", "--country", "CA", "--role", "trader")


def test_lists(here: Path) -> None:
    assert done("party", "list", *LEDGER).splitlines()[1].split() == [ACME, "Acme", "CA", "smelter"]
    assert WORKS in done("site", "list", *LEDGER)
    assert call("party", "list", *LEDGER, "--json").json[0]["id"] == ACME
    (site,) = call("site", "list", "--operator", ACME, *LEDGER, "--json").json
    assert site["kinds"] == ["smelter", "casthouse"]
    done("init", "empty", "--name", "example.com/e", "--registrar", REGISTRAR)
    assert "No party" in done("party", "list", "--ledger", "empty")
    assert "No site" in done("site", "list", "--ledger", "empty")
    told = " ".join(done("show", "catalogue", "--ledger", "empty").split())
    assert "limits 0.94 to 1 kg out per kg in loss at most 0.05 at casthouse" in told


def test_a_party_with_everything(here: Path) -> None:
    made = call("party", "add", PARTY + "b", *PARTY_OF, "--prefix", LOT + "b:", "--prefix", LOT + "bb:",
                "--identifier", "lei=X1", "--id", "evt:b", *LEDGER, "--json").json  # fmt: skip
    assert made["event"]["identifiers"] == {"lei": "X1"}
    assert (made["index"], made["event"]["id"]) == (8, "evt:b")
    failed("party.replaces at $[0].replaces", "party", "add", PARTY + "b", *PARTY_OF, *LEDGER, exit_code=1)
    done(
        "party",
        "add",
        PARTY + "b",
        *PARTY_OF,
        "--status",
        "suspended",
        "--successor",
        ACME,
        "--replace",
        *LEDGER,
    )
    assert "suspended by" in done("show", "party", PARTY + "b", *LEDGER)
    failed("party.unknown", "site", "add", WORKS + "2", "--operator", PARTY + "c", "--kind", "mill",
           "--subdivision", "CA-QC", *LEDGER, exit_code=1)  # fmt: skip


def test_a_site_with_everything(here: Path) -> None:
    place = ("--subdivision", "CA-QC", "--gln", "4000001000005", "--geo", "48.43, -71.06")
    made = call("site", "add", WORKS + "2", "--operator", ACME, "--kind", "mill", *place, *LEDGER, "--json")
    event = made.json["event"]
    assert event["geo"] == {"lat": "48.43", "lon": "-71.06"}
    assert event["country"] == "CA"
    assert made.err == ""
    misprinted = call(
        "site", "add", WORKS + "3", "--operator", ACME, "--kind", "mill", "--subdivision", "XQ-1", *LEDGER
    )
    assert (misprinted.code, "XQ is no country" in misprinted.err) == (0, True)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("--identifier", "lei"), "command.usage"),
        (("--country", "Canada"), "event.value at $.country"),
        (("--prefix", "no uri"), "event.value at $.prefixes[0]"),
        (("--key", "acme.jwk"), "key.other_party"),
        (("--status", "gone"), "command.usage"),
    ],
)
def test_missteps_with_parties(here: Path, wrong: tuple[str, ...], code: str) -> None:
    exit_code = 2 if code.startswith("command") else 1
    failed(code, "party", "add", PARTY + "b", *PARTY_OF, *wrong, *LEDGER, exit_code=exit_code)


def test_a_party_that_is_there_is_said_to_be_there(here: Path) -> None:
    told = failed("party.replaces", "party", "add", ACME, *PARTY_OF, *LEDGER, exit_code=1)
    assert f"{ACME} is registered already, by {REGISTRAR} urn:uuid:" in told
    assert "oreline party add --replace" in told


def test_a_registrars_key_that_cannot_be_looked_for_is_no_failed_output(here: Path) -> None:
    """A folder that may not be entered; here one whose name is too long for the system."""
    failed("key.unreadable", "party", "add", PARTY + "b", *PARTY_OF, "--ledger", "n" * 300)


def test_a_statement_can_be_carried_instead_of_posted(here: Path) -> None:
    statement = done("party", "add", PARTY + "b", *PARTY_OF, *LEDGER, "--no-post")
    assert PARTY + "b" not in done("party", "list", *LEDGER)
    done("post", *LEDGER, stdin=statement)
    assert PARTY + "b" in done("party", "list", *LEDGER)


# --- Keys


def test_new_and_show(here: Path) -> None:
    made = call("key", "new", "p.jwk", "--p256", "--json").json
    assert made["algorithm"] == "ES256"
    assert Path("p.jwk").stat().st_mode & 0o777 == 0o600
    failed("key.exists", "key", "new", "p.jwk")
    failed("key.exists", "key", "new", "p.jwk", "--encrypt")  # before any passphrase is asked for
    failed("key.unwritable", "key", "new", "no/where.jwk")
    shown = call("key", "show", "p.jwk", *LEDGER, "--json").json
    assert (shown["kid"], shown["private"], shown["registered_to"]) == (made["kid"], True, None)
    done("key", "public", "p.jwk", "-o", "p.pub")
    assert call("key", "show", "p.pub", "--json").json["private"] is False
    assert "private" in done("key", "show", "p.pub")
    assert json.loads(done("key", "public", "p.jwk")) == json.loads(Path("p.pub").read_text())
    mine = call("key", "show", "acme.jwk", *LEDGER, "--json").json
    assert (mine["registered_to"], mine["use"], mine["live"]) == (ACME, "party", True)
    operator = call("key", "show", "ledger/keys/operator.jwk", *LEDGER, "--json").json
    assert f"log {operator['verifier_key']}\n" in Path("ledger/trust.policy").read_text()
    Path("p.jwk").chmod(0o644)
    assert "chmod 600" in failed("key.file_mode", "key", "show", "p.jwk")


def test_an_encrypted_key(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed("key.passphrase", "key", "new", "s.jwk", "--encrypt")
    monkeypatch.setenv("ORELINE_PASSPHRASE", "correct horse")
    done("key", "new", "s.jwk", "--encrypt")
    assert load_private(Path("s.jwk"), "correct horse").public.kid in done("key", "show", "s.jwk")
    monkeypatch.setenv("ORELINE_PASSPHRASE", "wrong")
    failed("key.passphrase at s.jwk", "key", "show", "s.jwk")
    monkeypatch.delenv("ORELINE_PASSPHRASE")
    failed("key.passphrase", "key", "show", "s.jwk")


def test_a_request_carries_a_key_to_the_registrar(here: Path) -> None:
    done("party", "add", PARTY + "b", *PARTY_OF, *LEDGER)
    done("key", "new", "b.jwk")
    request = ("key", "public", "b.jwk", "--party", PARTY + "b")
    done(*request, "--ledger-name", NAME, "-o", "b.request")
    assert json.loads(done(*request, *LEDGER)) == json.loads(Path("b.request").read_text())
    assert '"d"' not in Path("b.request").read_text()
    failed("command.usage", "key", "register", "b.request", "--party", ACME, *LEDGER)
    told = done("key", "register", "b.request", *LEDGER)
    assert f"is registered to {PARTY}b (entry 10)" in " ".join(told.split())
    failed("key.registered", "key", "register", "b.request", *LEDGER, exit_code=1)
    failed("command.ledger", *request)
    done(*request, "--ledger-name", "other.org", "-o", "other.request")
    failed(
        "command.content at other.request: the request is for other.org",
        "key",
        "register",
        "other.request",
        *LEDGER,
    )


def test_a_request_that_is_none(here: Path) -> None:
    failed("command.usage", "key", "register", "acme.jwk", *LEDGER)
    done("key", "public", "acme.jwk", "-o", "acme.pub")
    failed("command.content at acme.pub", "key", "register", "acme.pub", "--party", ACME, *LEDGER)
    Path("x.request").write_text('{"format":"x"}')
    failed("command.content at x.request", "key", "register", "x.request", *LEDGER)
    Path("x.request").write_text("{")
    failed("command.content at x.request", "key", "register", "x.request", *LEDGER)
    whole = {"format": "oreline-key-request/1", "ledger": NAME, "subject": ACME, "jwk": 1, "proof": "x"}
    Path("x.request").write_text(json.dumps(whole))
    failed("key.member at x.request $.jwk.kty", "key", "register", "x.request", *LEDGER)


def test_a_party_adds_and_revokes_its_own_keys(here: Path) -> None:
    done("key", "new", "b.jwk")
    failed("key.live", "key", "register", "b.jwk", "--party", ACME, *LEDGER, exit_code=1)
    done("key", "register", "b.jwk", "--party", ACME, "--key", "acme.jwk", *LEDGER)
    done("key", "new", "c.jwk")
    done("key", "register", "c.jwk", "--party", ACME, "--site", WORKS, "--key", "b.jwk", *LEDGER)
    assert call("key", "show", "c.jwk", *LEDGER, "--json").json["sites"] == [WORKS]
    assert "live           yes" in done("key", "show", "c.jwk", *LEDGER)
    done("key", "new", "d.jwk")
    assert "registered to  nobody in that ledger" in done("key", "show", "d.jwk", *LEDGER)
    kid = load_private(Path("acme.jwk")).public.kid
    done(
        "key",
        "revoke",
        kid,
        "--reason",
        "stolen",
        "--since",
        "2026-01-01T00:00:00Z",
        "--key",
        "b.jwk",
        *LEDGER,
    )
    assert "(revoked)" in done("show", "party", ACME, *LEDGER)
    failed("key.revoked", "post", *LEDGER, stdin=signed(opening()), exit_code=1)
    failed("key.revoked", "key", "revoke", "b.jwk", "--reason", "x", "--key", "b.jwk", *LEDGER, exit_code=1)


def test_a_kid_may_begin_with_a_hyphen(here: Path) -> None:
    kid = "-" + "h" * 41 + "A"
    options = ("--reason", "x", *LEDGER)
    failed("key.unknown", "key", "revoke", kid, *options, exit_code=1)
    failed("key.unknown", "key", "revoke", *options, "--", kid, exit_code=1)


# --- A new ledger


def test_a_registrar_is_named_by_an_id(here: Path) -> None:
    said = failed(
        "command.usage at oreline init: --registrar", "init", "n", "--name", NAME, "--registrar", "me"
    )
    assert "'me' is not an id, such as urn:" in said
    assert not Path("n").exists()


def test_the_name_of_a_ledger_has_no_scheme(here: Path) -> None:
    url = "https://example.com/l"
    failed("command.usage at oreline init: The name", "init", "l", "--name", url, "--registrar", REGISTRAR)
    assert not Path("l").exists()


def test_a_key_that_nobody_registered_fills_in_no_party(here: Path) -> None:
    done("key", "new", "d.jwk")
    said = failed(
        "event.missing at $.party", "sign", "--key", "d.jwk", "--fill", *LEDGER, stdin=opening(), exit_code=1
    )
    assert "the key is not registered in that ledger" in said
    assert done("sign", "--key", "d.jwk", stdin="[]") == ""
    assert done("sign", "--key", "d.jwk", "--json", stdin="[]") == "[]\n"


def test_init_in_json_and_encrypted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORELINE_PASSPHRASE", "correct horse")
    made = call(
        "init", "new", "--name", "example.com/n", "--registrar", REGISTRAR, "--encrypt", "--json"
    ).json
    assert (
        load_private(Path(made["keys"]["registrar"]), "correct horse").public.kid == made["kids"]["registrar"]
    )
    assert load_private(Path(made["keys"]["operator"])).public.kid == made["kids"]["operator"]
    assert len(b64.decode_std(made["charter"])) == 32
    done("party", "add", ACME, *PARTY_OF, "--ledger", "new")


def test_init_with_a_catalogue(here: Path) -> None:
    catalogue = call("show", "catalogue", *LEDGER, "--json").json
    catalogue["materials"]["mithril"] = {"origin": True, "metal_fraction": "1"}
    Path("catalogue.json").write_text(json.dumps(catalogue))
    new = ("--name", "example.com/n", "--registrar", REGISTRAR, "--catalogue", "catalogue.json")
    done("init", "new", *new)
    assert "mithril" in done("show", "catalogue", "--ledger", "new/ledger.db")
    Path("catalogue.json").write_text("{")
    failed("json.syntax at catalogue.json $", "init", "newer", *new)
    Path("catalogue.json").write_text("{}")
    failed("event.missing at $.catalogue", "init", "newer", *new, exit_code=1)
    assert not Path("newer").exists()


def test_init_leaves_alone_what_is_there(here: Path) -> None:
    new = ("--name", "example.com/n", "--registrar", REGISTRAR)
    failed("store.exists", "init", "ledger", *new)
    failed("guard.inside", "init", ".", *new)
    failed("command.exists at ledger/keys", "init", "ledger/keys", *new)
    failed("command.exists at acme.jwk", "init", "acme.jwk", *new)
    failed("command.output at /proc/oreline", "init", "/proc/oreline", *new)
    failed("event.value at $.ledger", "init", "n", "--name", "a name", "--registrar", REGISTRAR, exit_code=1)
    Path("hollow").mkdir()
    done("init", "hollow", *new)
