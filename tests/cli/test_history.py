"""Histories on the command line, and proofs that rest on the register's root."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import CHAIN, HOOD, TRUST, call, done, failed
from tests.world import LOT, PARTY

COIL = LOT + "roller:coil"


def test_all_entries_about_a_lot(here: Path) -> None:
    text = done("history", COIL, *CHAIN)
    assert text.splitlines()[0].split() == ["entry", "received", "type", "party", "id"]
    assert text.splitlines()[-1] == f"4 entries about lot {COIL}, and no others."
    assert max(map(len, text.splitlines())) <= 80
    found = call("history", COIL, *CHAIN, "--json").json
    assert (found["subject"], len(found["entries"])) == (f"lot {COIL}", 4)
    assert [row["type"] for row in found["entries"]] == ["transform", "ship", "receive", "transform"]
    assert found["entries"][0].keys() == {"entry", "received", "type", "party", "id"}


def test_a_history_is_checked_offline(here: Path) -> None:
    text = done("history", COIL, *CHAIN, "--proof", "coil.history.json")
    assert "check it: oreline verify coil.history.json --trust TRUST_FILE" in text
    report = call("verify", "coil.history.json", *TRUST, "--json")
    assert (report.code, report.json["proofs"][0]["subject"]) == (0, f"lot {COIL}")
    assert [check["check"] for check in report.json["proofs"][0]["checks"]] == [1, 2, 3, 4, 5, 8]
    text = done("verify", "coil.history.json", *TRUST)
    assert f"History of lot {COIL}\n" in text
    assert "These are all 4 entries that bore, moved," in " ".join(text.split())


def test_a_partys_month(here: Path) -> None:
    args = ("--party", PARTY + "roller", "--month", "2026-03")
    found = call("history", *args, *CHAIN, "--proof", "month.json", "--json").json
    assert (found["subject"], found["file"]) == (f"party {PARTY}roller 2026-03", "month.json")
    assert {row["party"] for row in found["entries"]} == {PARTY + "roller"}
    assert call("verify", "month.json", *TRUST).code == 0


def test_an_entry_taken_out_of_a_history(here: Path) -> None:
    done("history", COIL, *CHAIN, "--proof", "coil.json")
    value = json.loads(Path("coil.json").read_text())
    del value["entries"][1]
    Path("coil.json").write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
    assert call("verify", "coil.json", *TRUST).code == 1


@pytest.mark.parametrize(
    "args",
    [
        (),
        (COIL, "--party", PARTY + "roller"),
        (COIL, "--month", "2026-03"),
        ("--party", PARTY + "roller"),
        ("--month", "2026-03"),
        ("--party", PARTY + "roller", "--month", "2026-13"),
        ("--party", PARTY + "roller", "--month", "March"),
        (COIL, "more"),
    ],
)
def test_what_is_no_subject(here: Path, args: tuple[str, ...]) -> None:
    failed("command.usage", "history", *args, *CHAIN)


def test_what_nobody_knows(here: Path) -> None:
    failed("history.unknown", "history", LOT + "nobody:1", *CHAIN)
    failed("history.unknown", "history", "--party", PARTY + "roller", "--month", "1999-12", *CHAIN)
    failed("command.ledger", "history", COIL)
    failed("command.output at no/where", "history", COIL, *CHAIN, "--proof", "no/where")


def test_a_horizon_and_a_short_proof(here: Path) -> None:
    for args in (("--horizon", "2"), ("--horizon", "60%"), ("--horizon", "2027-01-01"), ("--short",)):
        done("prove", HOOD, *CHAIN, *args, "-o", "hood.json")
        report = call("verify", "hood.json", *TRUST, "--json")
        assert (report.code, report.json["verdict"]) == (2, "not provable")
        seventh = report.json["proofs"][0]["checks"][6]["findings"][-1]
        assert (seventh["code"], "the operator's key" in seventh["sentence"]) == ("rests.root", True)
        accepted = call("verify", "hood.json", *TRUST, "--accept-root", "--json")
        eighth = accepted.json["proofs"][0]["checks"][7]["findings"][-1]
        assert (accepted.code, eighth["code"], eighth["verdict"]) == (0, "standing.beyond", "pass")
    assert Path("hood.json").stat().st_size < 6_000
    done("prove", HOOD, *CHAIN, "--horizon", "1970-01-01", "-o", "hood.json")
    assert call("verify", "hood.json", *TRUST).code == 0  # nothing is older


@pytest.mark.parametrize("horizon", ["half", "5%%", "-1", "2026-02-30", "2026-3-1", "100%", "0.00001%", ""])
def test_a_horizon_that_is_none(here: Path, horizon: str) -> None:
    failed("command.usage", "prove", HOOD, *CHAIN, "--horizon", horizon, "-o", "hood.json")


def test_one_way_of_leaving_out_is_enough(here: Path) -> None:
    for args in (("--horizon", "2", "--short"), ("--min-share", "1%", "--short"),
                 ("--min-share", "1%", "--horizon", "2")):  # fmt: skip
        failed("command.usage", "prove", HOOD, *CHAIN, *args, "-o", "hood.json")
