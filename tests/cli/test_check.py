"""``check`` and ``policy``, as a buyer uses them."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from ledger.quantity import parse_time
from ledger.store.memory import MemoryStore
from tests.api.serving import ledger_of, served
from tests.cli.commands import HOOD, call, done, failed, folder
from tests.cli.shop import BOUGHT, COIL, POLICY, SLAB, trade
from tests.world import LOT


@pytest.fixture
def here(shop: Path) -> Iterator[Path]:
    with folder(shop) as path:
        yield path


def test_one_lot_and_the_exit_codes(here: Path) -> None:
    passed = call("check", HOOD, "--policy", "house.toml", "--ledger", "ledger")
    assert (passed.code, passed.out.split(":")[0]) == (0, "pass")
    short = call("check", BOUGHT, "--policy", "house.toml", "--ledger", "ledger")
    assert (short.code, short.out.split(":")[0]) == (1, "FAIL")
    nowhere = call("check", LOT + "x:nowhere", "--policy", "house.toml", "--ledger", "ledger")
    assert nowhere.code == 2
    assert "The ledger has no lot" in nowhere.out


def test_the_worst_of_several_counts_and_all_are_told(here: Path) -> None:
    found = call("check", HOOD, BOUGHT, "--policy", "house.toml", "--ledger", "ledger", "--json")
    assert found.code == 1
    assert [lot["verdict"] for lot in found.json["lots"]] == ["pass", "fail"]
    assert found.json["format"] == "oreline-verdict/1"
    found = call("check", HOOD, LOT + "x:no", "--policy", "house.toml", "--ledger", "ledger", "--json")
    assert (found.code, found.json["verdict"]) == (2, "not provable")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("parts.txt", f"# parts\n{HOOD}\n\n  {COIL}\n{HOOD}\n"),
        ("parts.csv", f"\ufefflot;name\n{HOOD};Hood\n\n{COIL};Coil\n"),
        ("excel.csv", f'\ufeffsep=;\r\n"{HOOD}";"1"\r\n"{COIL}";""\r\n;\r\n'),
        ("parts.CSV", f'"{HOOD}","Hood, front"\n{COIL},Coil\n'),
        ("stamped.txt", f"HOOD-1\n{COIL}\n{HOOD}\n"),
        (
            "second.csv",
            f"Taille d\N{LATIN SMALL LETTER E WITH ACUTE}coupe, Lot\n1,HOOD-1\n2,{COIL}\n",
        ),
        ("tabs.csv", f"{HOOD}\tx\n{COIL}\t\n"),
        ("order.csv", f"Pos;Serial Number\n10;HOOD-1\n20;{COIL}\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_list_of_parts(here: Path, name: str, text: str, encoding: str) -> None:
    (here / name).write_text(text.removeprefix("\ufeff") if encoding != "utf-8" else text, encoding)
    found = call("check", "--list", name, "--policy", "house.toml", "--ledger", "ledger", "--json")
    assert [lot["subject"] for lot in found.json["lots"]] == [HOOD, COIL]


def test_a_long_list_says_how_far_it_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.output.PATIENCE", 0)
    found = call("check", HOOD, COIL, "--policy", "house.toml", "--ledger", "ledger")
    assert "lots judged: 1 of 2 (50 %)" in found.err
    assert "judged" not in found.out


def test_what_is_no_list_of_parts_is_said(here: Path) -> None:
    given = ("--policy", "house.toml", "--ledger", "ledger")
    (here / "bad.txt").write_text(f"{HOOD}\nno lot\n")
    assert "bad.txt, line 2" in failed("command.content", "check", "--list", "bad.txt", *given)
    (here / "bad.txt").write_text("no lot\n" * 25)
    told = failed("command.content", "check", "--list", "bad.txt", *given)
    assert [f"line {n}:" in told for n in (1, 2, 20, 21, 22)] == [True, True, True, True, False]
    assert "line 21: 5 lines are wrong from here on" in told
    (here / "bad.csv").write_text(f"lot\n{HOOD}\nno lot\n")
    assert "bad.csv, line 3" in failed("command.content", "check", "--list", "bad.csv", *given)
    (here / "first.csv").write_text(f"{HOOD.replace('urn:', 'urn :')}\n{COIL}\n")  # no heading: a misprint
    assert "first.csv, line 1" in failed("command.content", "check", "--list", "first.csv", *given)
    (here / "book.csv").write_bytes(b"PK\x03\x04rest")
    assert "save the table as CSV" in failed("command.content", "check", "--list", "book.csv", *given)
    assert "is a file" in failed("command.usage", "check", "hood.proof.json", *given)
    (here / "first.csv").write_text(f"hood-1\n{COIL}\n")
    found = call("check", "--list", "first.csv", *given, "--json")  # of no part: nothing passes over it
    assert [lot["subject"] for lot in found.json["lots"]] == ["hood-1", COIL]
    (here / "second.csv").write_text(f"lot,part\n{HOOD},1\n,{COIL}\n")
    assert "first column" in failed("command.content", "check", "--list", "second.csv", *given)
    (here / "quoted.txt").write_text(f'"{HOOD}"\n')
    assert "named .csv" in failed("command.content", "check", "--list", "quoted.txt", *given)
    (here / "long.csv").write_text(f"{HOOD}\n{'a' * 140_000}\n")
    assert "no table can be read" in failed("command.content", "check", "--list", "long.csv", *given)
    (here / "empty.txt").write_text("\n# nothing\n")
    failed("command.content", "check", "--list", "empty.txt", *given)
    failed("command.usage", "check", *given)
    failed("command.usage", "check", HOOD, "--trust", "trust.policy", *given)
    failed("command.usage", "check", "--proof", "hood.proof.json", *given)
    failed("command.ledger", "check", HOOD, "--policy", "house.toml")


def test_junit_and_sarif_are_written(here: Path) -> None:
    given = ("--policy", "house.toml", "--ledger", "ledger", "--junit", "j.xml", "--sarif", "s.json")
    assert call("check", HOOD, BOUGHT, *given).code == 1
    suites = Xml.fromstring((here / "j.xml").read_text())
    assert [suite.get("name") for suite in suites] == [HOOD, BOUGHT]
    assert json.loads((here / "s.json").read_text())["version"] == "2.1.0"


def _shown(path: Path) -> set[tuple[str, str, int]]:
    """Each lot of a SARIF file, and where it is shown."""
    found = set()
    for result in json.loads(path.read_text())["runs"][0]["results"]:
        (place,) = result["locations"]
        there = place["physicalLocation"]
        lot = place["logicalLocations"][0]["fullyQualifiedName"]
        found.add((lot, there["artifactLocation"]["uri"], there["region"]["startLine"]))
    return found


def test_sarif_shows_a_lot_in_the_list_or_proof_that_names_it(here: Path) -> None:
    given = ("--policy", "house.toml", "--sarif", "s.json")
    (here / "the parts.txt").write_text(f"# parts\nHOOD-1\n{BOUGHT}\n{HOOD}\n{BOUGHT}\n{LOT}x:no\n")
    call("check", "--list", "the parts.txt", "--ledger", "ledger", *given)
    assert _shown(here / "s.json") == {(BOUGHT, "the%20parts.txt", 3), (LOT + "x:no", "the%20parts.txt", 6)}
    (here / "cut.proof.json").write_text((here / "hood.proof.json").read_text()[:-20])
    bought = here / "bought.proof.json"
    proofs = ("--proof", "cut.proof.json", "--proof", str(bought))
    call("check", *proofs, "--trust", "trust.policy", *given)
    assert {place[1:] for place in _shown(here / "s.json")} == {("cut.proof.json", 1), (bought.as_uri(), 1)}


def test_a_proof_is_checked_offline(here: Path) -> None:
    given = ("--policy", "house.toml", "--trust", "trust.policy")
    found = call("check", "--proof", "hood.proof.json", *given, "--json")
    assert (found.code, found.json["lots"][0]["verdict"]) == (0, "pass"), found.json
    assert found.json["lots"][0]["rests_on"] == "proof"
    both = ("--proof", "hood.proof.json", "--proof", "bought.proof.json")
    assert call("check", *both, *given).code == 1
    assert call("check", HOOD, *both, *given).code == 0
    failed("claims.subject", "check", COIL, *both, *given)
    stamped = call("check", "HOOD-1", *both, *given, "--json").json["lots"]
    assert [lot["subject"] for lot in stamped] == [HOOD]
    failed("claims.subject", "check", "HOOD", *both, *given)
    (here / "cut.proof.json").write_text((here / "hood.proof.json").read_text()[:-20])
    cut = call("check", "--proof", "cut.proof.json", *given, "--json")
    assert cut.code == 1
    assert cut.json["lots"][0]["findings"][0]["requirement"] == "proof"


def test_an_old_proof_shows_nothing_of_today(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else who lost his certificate would show the proof from before."""
    given = ("--proof", "hood.proof.json", "--policy", "house.toml", "--trust", "trust.policy")
    monkeypatch.setattr("cli.options.now", lambda: parse_time("2026-06-01T00:00:00Z") * 1000)
    assert call("check", *given, "--max-age", "30w").code == 0
    old = call("check", *given, "--max-age", "30d", "--json")
    assert old.code == 1
    assert "chain.stale" in old.json["lots"][0]["findings"][0]["sentence"]
    failed("command.usage", "check", HOOD, "--policy", "house.toml", "--ledger", "x", "--max-age", "30d")


def test_a_served_ledger_says_the_same(here: Path) -> None:
    world = trade(MemoryStore())
    world.publish()
    ledger = ledger_of(world)
    given = ("--policy", "house.toml")
    with served(ledger) as client:
        url = str(client.base_url)
        for lots in ([HOOD], [HOOD, BOUGHT, LOT + "x:no"], ["HOOD-1", HOOD, COIL, "HOOD-2"]):
            remote = call("check", *lots, *given, "--url", url, "--json")
            assert remote == call("check", *lots, *given, "--ledger", "ledger", "--json")
        assert (
            call("check", HOOD, *given, "--url", url).out
            == call("check", HOOD, *given, "--ledger", "ledger").out
        )
        failed("command.usage", "check", HOOD, *given, "--url", url, "--ledger", "ledger")
        failed("policy.name", "check", HOOD, "--policy", "nosuch", "--url", url)
    failed("command.remote", "check", HOOD, "--policy", "asi", "--url", url)


def test_policies_are_listed_shown_and_tried(here: Path) -> None:
    names = [row["name"] for row in call("policy", "list", "--json").json]
    assert {"asi", "low-carbon-hood", "uflpa"} <= set(names)
    assert all(name in done("policy", "list") for name in names)
    for name in names:
        assert done("policy", "show", name).startswith(("format", "#"))
        assert "all as expected" in done("policy", "test", name)
    shown = call("policy", "show", "house.toml", "--json").json
    assert (shown["name"], [one["id"] for one in shown["requirements"]]) == ("house", ["known", "mill"])
    assert call("policy", "test", "house.toml", "--json").json["agree"] is True
    (here / "wrong.toml").write_text(POLICY.replace('known = "not provable"', 'known = "pass"'))
    wrong = call("policy", "test", "wrong.toml")
    assert wrong.code == 1
    assert "known is not provable, expected pass" in " ".join(wrong.out.split())
    (here / "none.toml").write_text(POLICY.partition("[[example]]")[0])
    failed("policy.examples", "policy", "test", "none.toml")


def test_a_policy_that_is_none_is_said(here: Path) -> None:
    assert "asi" in failed("policy.name", "policy", "show", "nosuch")
    failed("command.input", "policy", "show", "nosuch.toml")
    (here / "bad.toml").write_text(POLICY.replace('kind = "known_origin"', 'kind = "guess"'))
    assert "bad.toml" in failed("policy.kind", "check", HOOD, "--policy", "bad.toml", "--ledger", "ledger")
    assert call("policy", "test", "-", stdin=POLICY).code == 0
    for octets, code in ((1 << 20, "policy.size"), ((1 << 20) + 1, "command.content")):
        (here / "long.toml").write_bytes(b"#" * octets)
        failed(code, "policy", "show", "long.toml")
    (here / "notepad.toml").write_bytes(b"\xef\xbb\xbf" + POLICY.replace("\n", "\r\n").encode())
    assert call("policy", "test", "notepad.toml").code == 0


@pytest.mark.parametrize("command", [("claims",), ("report", "uflpa")])
def test_a_part_is_asked_about_by_what_is_stamped_on_it(here: Path, command: tuple[str, ...]) -> None:
    by_mark = call(*command, "HOOD-1", "--ledger", "ledger")
    assert by_mark.err.startswith(f"HOOD-1 is stamped on {HOOD}\n")
    assert by_mark.out == call(*command, HOOD, "--ledger", "ledger").out


def test_a_verdict_says_what_was_asked_for(here: Path) -> None:
    given = ("--policy", "house.toml", "--ledger", "ledger")
    by_mark = call("check", "HOOD-1", *given)
    assert (by_mark.err, by_mark.out.splitlines()[1]) == ("", f"  HOOD-1 ({HOOD}), stamped_part")
    assert [lot["asked"] for lot in call("check", "HOOD-1", COIL, *given, "--json").json["lots"]] == [
        "HOOD-1",
        COIL,
    ]


def test_what_is_no_proof_is_said(here: Path) -> None:
    for command in (
        ("check", "--policy", "house.toml"),
        ("report", "uflpa"),
        ("evidence", "check", "paper.pdf"),
    ):
        failed("command.content", *command, "--proof", "trust.policy", "--trust", "trust.policy")


def test_a_lot_that_is_used_up_is_told_so(here: Path) -> None:
    told = [call("check", lot, "--policy", "house.toml", "--ledger", "ledger").out for lot in (HOOD, SLAB)]
    assert ["nothing of it is left" in one for one in told] == [False, True]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("trust.policy", "this is a trust file: it goes with --trust"),
        ("hood.proof.json", "this is a proof file: it goes with --proof"),
        ("verdict.json", "this is JSON"),
        ("page.toml", "this is a web page"),
    ],
)
def test_another_file_given_for_a_policy_is_named_as_what_it_is(here: Path, given: str, what: str) -> None:
    (here / "verdict.json").write_text(json.dumps({"format": "oreline-verdict/1"}, indent=1))
    (here / "page.toml").write_text("<!doctype html>")
    assert what in failed("command.content", "check", HOOD, "--policy", given, "--ledger", "ledger")
    assert what in failed("command.content", "policy", "test", given)


def test_a_file_of_remarks_alone_is_an_empty_policy_and_no_trust_file(here: Path) -> None:
    (here / "remarks.toml").write_text("# log of what we changed\n# charter of our works\n")
    failed("policy.format", "policy", "show", "remarks.toml")


@pytest.mark.parametrize("given", ["", " "])
def test_a_lot_without_a_name_is_refused_as_a_mistake_of_the_script(here: Path, given: str) -> None:
    for command in (("check", "--policy", "house.toml"), ("claims",), ("trace",), ("prove", "-o", "x")):
        said = failed("command.usage", command[0], given, *command[1:], "--ledger", "ledger")
        assert "perhaps a variable is not set" in said


def test_a_process_that_the_catalogue_does_not_have_is_pointed_out(here: Path) -> None:
    asked = '[[requirement]]\nid = "inert"\nkind = "technology"\nprocesses = ["electrolysis_inrt"]\n'
    of = '[[requirement]]\nid = "mill"\nkind = "evidence"\nof = { processes = ["roll", "rol"] }\n'
    (here / "misspelt.toml").write_text(POLICY.partition("[[requirement]]")[0] + asked + of)
    told = call("check", HOOD, "--policy", "misspelt.toml", "--ledger", "ledger").err
    assert "inert names the process electrolysis_inrt, which the catalogue" in told
    assert "mill names the process rol, which" in told
    assert "process roll," not in told
    assert "names the process" not in call("check", HOOD, "--policy", "house.toml", "--ledger", "ledger").err
