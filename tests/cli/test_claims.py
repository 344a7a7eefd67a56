"""``claims`` and ``evidence check``, as a buyer uses them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.claims.document import Claims
from ledger.store.sqlite import SqliteStore
from tests.cli.commands import HOOD, call, done, failed, folder
from tests.cli.shop import PAPER, SHA
from tests.world import LOT, SITE, World


@pytest.fixture
def here(shop: Path) -> Iterator[Path]:
    with folder(shop) as path:
        yield path


def test_claims_for_people_and_programs(here: Path) -> None:
    told = done("claims", HOOD, "--ledger", "ledger", "--fates")
    for words in (
        "66.66 %",
        "mine urn:example:site:pit",
        "segregated at its weakest",
        "Where it went",
        "environmental_management",
    ):
        assert words in told
    found = call("claims", HOOD, "--ledger", "ledger", "--json").json
    assert (found["format"], found["subject"]) == ("oreline-claims/1", HOOD)
    failed("claims.subject", "claims", LOT + "x:no", "--ledger", "ledger")


def test_claims_tell_months_accounts_and_what_was_added(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rolled = {"site": SITE + "mill", "process": "roll", "month": "2026-03", "into": 2_000}
    months = [{**rolled, "out": out, "within": within} for out, within in ((1_900, True), (3_000, False))]
    account = {"id": LOT + "a:1", "scheme": "asi", "period": "2026-01-01/2026-03-31", "overdrawn": 7_000}
    found = Claims.model_validate(
        {
            "origins": [{"kind": "added", "why": "join", "ppm": 1}, {"kind": "mine", "site": SITE + "pit"}],
            "smelters": [{"kind": "added", "why": "join", "ppm": 1}],
            "accounts": [account, {**account, "id": LOT + "a:2", "overdrawn": 0, "closed": True}],
            "months": [*months, {**rolled, "month": "2026-04"}],
            "attestations": [
                {
                    "subject": {"kind": "site", "id": SITE + "pit"},
                    "scheme": "asi_performance",
                    "status": "provisional",
                    "valid_from": "2026-01-01T00:00:00Z",
                    "valid_until": "2026-12-31T00:00:00Z",
                    "certifier": "urn:x:c",
                    "history": [
                        {
                            "status": "suspended",
                            "since": "2026-02-01T00:00:00Z",
                            "learned": "2026-03-01T00:00:00.000Z",
                        }
                    ],
                }
            ],
        }
    )
    monkeypatch.setattr("ledger.claiming.claims", lambda *asked, **how: found)
    told = done("claims", HOOD, "--ledger", "ledger")
    assert max(map(len, told.splitlines())) <= 80
    told = " ".join(told.split())
    assert told.count("added: mass that the process added without a lot, such as steel or paint") == 1
    assert f"open {LOT}a:1, 2026-01-01/2026-03-31, asi, overdrawn by 7 kg" in told
    assert f"closed {LOT}a:2, 2026-01-01/2026-03-31, asi" in told
    assert f"within limits 1 month outside 2026-03, roll at {SITE}mill: 3 kg of 2 kg" in told
    assert "limits unknown 2026-04" in told
    assert (
        "to 2026-12-31T00:00:00Z, provisional; suspended since 2026-02-01T00:00:00Z, "
        "learned 2026-03-01T00:00:00.000Z" in told
    )
    assert "too long" not in told
    found = found.model_copy(update={"unshown": ("months",)})
    assert "too long" in done("claims", HOOD, "--ledger", "ledger")


def test_the_period_of_a_site(here: Path) -> None:
    given = ("claims", SITE + "smelter", "--process", "cast", "--ledger", "ledger")
    told = done(*given, "--period", "2026-03")
    assert "average" in told
    assert "0.000+" in told  # nothing is declared, so data are missing
    assert told.endswith("\n+: data are missing, so it may be more\n")
    found = call(*given, "--period", "2026", "--json").json
    assert (found["grams"], len(found["batches"])) == (980_000, 1)
    assert "Nothing was made" in done(*given, "--period", "2025")
    told = failed("claims.process", *given, "--process", "casting", "--period", "2026")
    assert "no process casting, but blend, bin, refine" in told
    failed("command.usage", *given)
    failed("command.usage", *given, "--period", "2026-13")
    told = failed("command.usage", "claims", SITE + "smelter", "--ledger", "ledger")
    assert "is a site: name what it made, with --process and --period" in told
    failed("claims.subject", "claims", HOOD, "--process", "cast", "--period", "2026", "--ledger", "ledger")


def test_who_named_a_document(here: Path) -> None:
    said = done("evidence", "check", "paper.pdf", "--ledger", "ledger")
    assert "about" in said
    assert SITE + "mill" in said
    found = call("evidence", "check", "paper.pdf", "--ledger", "ledger", "--json").json
    assert (found["sha256"], found["size"], found["named"][0]["differs"]) == (SHA, len(PAPER), [])
    offline = ("--proof", "hood.proof.json", "--proof", "bought.proof.json", "--trust", "trust.policy")
    (named,) = call("evidence", "check", "paper.pdf", *offline, "--json").json["named"]
    assert named == found["named"][0]
    (here / "paper.png").write_bytes(PAPER)
    other = call("evidence", "check", "paper.png", "--ledger", "ledger")
    assert (other.code, "its kind is stated" in " ".join(other.out.split())) == (1, True)
    (here / "other.pdf").write_bytes(PAPER + b".")
    nobody = call("evidence", "check", "other.pdf", "--ledger", "ledger")
    assert (nobody.code, "names it" in nobody.out) == (1, True)
    assert call("evidence", "check", "other.pdf", *offline).code == 1


def test_a_document_is_not_looked_for_in_proofs_that_are_wrong(here: Path) -> None:
    failed("command.usage", "evidence", "check", "paper.pdf", "--proof", "hood.proof.json")
    failed("command.ledger", "evidence", "check", "paper.pdf")
    (here / "cut.proof.json").write_text((here / "hood.proof.json").read_text()[:-20])
    given = ("--proof", "cut.proof.json", "--trust", "trust.policy")
    assert call("evidence", "check", "paper.pdf", *given).code == 1


def test_a_file_of_evidence_is_what_is_meant_by_default(here: Path) -> None:
    (here / "none.json").write_text("{}")
    alone = call("evidence", "none.json", "--trust", "trust.policy")
    assert alone == call("evidence", "show", "none.json", "--trust", "trust.policy")
    assert alone == call("evidence", "--trust", "trust.policy", "none.json")
    assert alone.code == 2


def test_a_document_that_was_stated_with_another_size(tmp_path: Path) -> None:
    with folder(tmp_path):
        world = World(SqliteStore(tmp_path / "ledger", create=True))
        stated = [{"name": "assay", "sha256": SHA, "size": 1}]
        world.source("yard", "s", "100", "collection", "post_consumer_scrap", evidence=stated)
        world.store.close()
        (tmp_path / "paper.pdf").write_bytes(PAPER)
        found = call("evidence", "check", "paper.pdf", "--ledger", "ledger", "--json")
        assert (found.code, found.json["named"][0]["about"]) == (1, SITE + "yard")
        assert "1 bytes" in found.json["named"][0]["differs"][0]
