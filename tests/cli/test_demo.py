"""``oreline demo``: what it leaves, what it shows, and that it never harms what is there."""

import hashlib
import json
import re
import stat
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.demo import place, story
from cli.demo.outcome import Caught, Demo, judge
from cli.demo.run import run_demo
from cli.demo.tell import Teller
from ledger import claiming, folder, policy, proof, statement, strictjson, verify
from ledger.claims.shares import ADDED
from ledger.errors import StorageError
from ledger.keyfile import load_private
from ledger.policy import Verdict
from ledger.trust import Trust
from tests.cli.commands import done

ANSI = re.compile(r"\x1b\[\d+m")


class Ran(NamedTuple):
    made: Demo
    lines: list[str]
    directory: Path
    guard: Path


def fixed_random() -> Any:
    """The same octets in the same order for every run."""
    numbers = count()
    return lambda size: hashlib.sha256(str(next(numbers)).encode()).digest()[:size]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    base = tmp_path_factory.mktemp("demo")
    lines: list[str] = []
    directory = base / "oreline-demo"
    made = run_demo(directory, lines.append, guard=base / "guard", random=fixed_random())
    return Ran(made, lines, directory, base / "guard")


def content(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_it_leaves_the_ledger_the_trust_file_the_proof_and_the_keys(ran: Ran) -> None:
    names = {path.name for path in ran.directory.iterdir()}
    assert names == {"ledger.db", "trust.policy", "hood.proof.json", "next-cast.json", "documents", "keys"}
    keys = {path.name for path in (ran.directory / "keys").iterdir()}
    assert {"operator.jwk", "registrar.jwk", "recovery.jwk", "laterriere.jwk", "cardinal.jwk"} <= keys
    assert len(keys) == 19
    for path in (ran.directory / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        load_private(path)


def test_the_hoods_proof_passes_every_check(ran: Ran) -> None:
    trust = Trust.parse((ran.directory / "trust.policy").read_text())
    (checked,) = verify.check([(ran.directory / "hood.proof.json").read_bytes()], trust).proofs
    assert checked.subject == ran.made.subject
    assert [checked.verdict(n) for n in range(1, 10)] == ["pass"] * 9
    assert ran.made.verdict == "holds"
    assert sorted(ran.made.origins) == sorted((origin.origin, origin.grams) for origin in checked.origins)
    assert sum(grams for _, grams in ran.made.origins) == 8000


def test_every_tampered_copy_is_caught_by_the_check_that_is_there_for_it(ran: Ran) -> None:
    assert [(caught.check, caught.verdict, caught.code) for caught in ran.made.caught] == [
        (3, "fail", "chain.root"),
        (5, "fail", "statement.signature"),
        (6, "fail", "mass.created"),
        (6, "not provable", "missing.lot"),
        (7, "not provable", "missing.birth"),
        (2, "fail", "note.unsigned"),
        (2, "fail", "note.unsigned"),
    ]
    assert all(caught.caught for caught in ran.made.caught)


def test_an_honest_proof_is_not_caught_and_the_demo_would_say_so(ran: Ran) -> None:
    trust = Trust.parse((ran.directory / "trust.policy").read_text())
    honest = judge("Nothing.", verify.check([(ran.directory / "hood.proof.json").read_bytes()], trust))
    assert honest == Caught("Nothing.", False, 0, "", "", "")
    lines: list[str] = []
    Teller(lines.append, colour=False).caught(honest)
    assert lines[1].strip().startswith("NOT CAUGHT")


def test_it_speaks_in_chapters_of_80_columns_without_colour(ran: Ran) -> None:
    told = "\n".join(ran.lines)
    assert not ANSI.search(told)
    assert [line for line in ran.lines if len(line) > 80 and str(ran.directory) not in line] == []
    chapters = [line for line in ran.lines if re.match(r"\d\. ", line)]
    assert [int(line[0]) for line in chapters] == list(range(1, 9))
    assert "287 signed events were admitted" in told
    assert re.search(r"53\.67 %\s+4\.294 kg\s+mine\s+sangaredi-mine", told)
    assert re.search(r"100\.00 %\s+8 kg\s+in all", told)
    assert re.search(r"2026-02-10 +2\.12 % +bale +cardinal:press-scrap-0210", told)
    days = [line.split()[0] for line in ran.lines if re.match(r" {3}2026-\d\d-\d\d +\d+\.\d\d %", line)]
    assert len(days) > 20
    assert days == sorted(days, reverse=True)
    assert "   7. PASS: Unbroken" in told
    assert "check 7, not provable [chain.partly]. Unbroken for 92.93 %" in told
    assert told.count("CAUGHT: check") == 7


def failed(verdict: Verdict) -> dict[str, str]:
    return {found.requirement: found.verdict for found in verdict.findings if found.verdict != "pass"}


def test_one_hood_may_be_bought_one_may_not_for_three_reasons_and_one_lacks_data(ran: Ran) -> None:
    told = story.load()
    passes, fails, unproven = ran.made.judged
    assert [verdict.subject for verdict in ran.made.judged] == [told.subject, told.fails, told.not_provable]
    assert {verdict.policy for verdict in ran.made.judged} == {"low-carbon-hood"}

    assert (passes.verdict, failed(passes)) == ("pass", {})
    assert len(passes.findings) == 8

    assert fails.verdict == "fail"
    assert failed(fails) == dict.fromkeys(("seventy-percent", "secondary", "mines-asi"), "fail")
    assert len({found.sentence for found in fails.findings if found.verdict == "fail"}) == 3
    deciding = {event.id for found in fails.findings for event in found.events if found.verdict == "fail"}
    assert {
        "urn:oreline-demo:event:amrun:gove-mine-01",
        "urn:oreline-demo:event:meridian:suspend-gove",
    } <= deciding

    assert unproven.verdict == "not provable"
    assert failed(unproven) == dict.fromkeys(("seventy-percent", "renewable"), "not provable")
    said = " ".join(found.sentence for found in unproven.findings)
    assert "CF4 of electrolysis" in said
    assert "grandebaie-smelter" in said
    asked = {ask for found in unproven.findings for ask in found.ask}
    assert ("urn:oreline-demo:party:laterriere", "Post CF4 of electrolysis.") in asked


def test_what_the_policy_says_is_told_with_what_to_ask_whom(ran: Ran) -> None:
    told = " ".join(line.strip() for line in ran.lines)
    assert "PASS: 8 of 8 requirements hold" in told
    assert "FAIL: 5 of 8 requirements hold." in told
    assert "- mines-asi: fail. urn:oreline-demo:site:gove-mine, mining: needed at" in told
    assert "NOT PROVABLE: 6 of 8 requirements hold." in told
    assert "- laterriere: Post CF4 of electrolysis." in told
    assert "Asked of the first one's proof alone, without the ledger: pass." in told


def test_what_a_process_added_is_explained_where_origins_are_told(ran: Ran) -> None:
    at = ("--ledger", str(ran.directory))
    proof = ("verify", str(ran.directory / "hood.proof.json"), "--trust", str(ran.directory / "trust.policy"))
    traced, verified = done("trace", ran.made.subject, *at), done(*proof)
    for told in ("\n".join(ran.lines), traced, verified, done("show", ran.made.subject, *at)):
        assert ADDED in " ".join(told.split())
    assert ADDED not in done("trace", "urn:oreline-demo:lot:tannerybend:coil-70455", *at)


def test_the_hood_passes_the_shipped_policies_for_such_a_hood(ran: Ran) -> None:
    store = folder.open_store(ran.directory)
    try:
        found = {
            name: policy.judge(policy.load(name), claiming.claims(store, ran.made.subject)).verdict
            for name in ("asi", "low-carbon-4", "low-carbon-hood", "uflpa", "recycled-75")
        }
    finally:
        store.close()
    # Its casthouse attributes by mass balance and keeps no account: whether it sold more is not shown.
    assert found == dict.fromkeys(found, "pass") | {"recycled-75": "fail", "asi": "not provable"}


def test_its_figures_lie_where_the_worked_example_has_them(ran: Ran) -> None:
    store = folder.open_store(ran.directory)
    try:
        claims = claiming.claims(store, ran.made.subject)
    finally:
        store.close()
    figures = {figure.method: figure for figure in claims.footprint}
    assert 3_500 < figures["by_mass"].g_per_kg < 4_000
    assert 7_500 < figures["cut_off"].g_per_kg < 9_000
    assert all(figure.complete for figure in claims.footprint)
    assert claims.renewable_ppm == 1_000_000
    assert {instrument.drawn for instrument in claims.instruments} == {23_880_000_000}  # Wh, of 24 GWh


def test_commands_are_broken_where_a_line_is_full_and_at_a_pipe() -> None:
    lines: list[str] = []
    Teller(lines.append, colour=False).ending(
        [("you", f"oreline sign {'a' * 60} --key k.jwk | oreline post --dry-run -")]
    )
    assert lines[-3:] == [
        f"     oreline sign {'a' * 60} \\",
        "       --key k.jwk \\",
        "       | oreline post --dry-run -",
    ]


def test_it_ends_with_a_command_for_each_of_the_three_users(ran: Ran) -> None:
    end = ran.lines[next(n for n, line in enumerate(ran.lines) if line.endswith(". Now you")) :]
    assert "uv run oreline" in end[1]
    text = "\n".join(line for line in end if line.startswith("     "))
    commands = [line.strip() for line in re.sub(r" \\\n +", " ", text).splitlines()]
    assert commands == [
        f"oreline verify {ran.directory}/hood.proof.json --trust {ran.directory}/trust.policy",
        f"oreline sign {ran.directory}/next-cast.json --key {ran.directory}/keys/laterriere-casthouse.jwk"
        f" | oreline post --ledger {ran.directory} --dry-run -",
        f"oreline check {ran.made.subject} --policy low-carbon-hood --ledger {ran.directory}",
    ]


def test_the_smelters_example_would_be_admitted(ran: Ran) -> None:
    event = json.loads((ran.directory / "next-cast.json").read_text())
    key = load_private(ran.directory / "keys" / "laterriere-casthouse.jwk")
    ledger = folder.open_ledger(ran.directory, lambda: 1_800_000_000_000, ran.guard)
    try:
        posted = ledger.log.post([statement.sign(strictjson.dumps(event), key)], dry_run=True)
        assert posted.problems == []
    finally:
        ledger.close()


def test_run_again_it_says_so_and_changes_nothing(ran: Ran) -> None:
    before = content(ran.directory)
    lines: list[str] = []
    again = run_demo(ran.directory, lines.append, guard=ran.guard)
    assert again == Demo(ran.made.subject, ran.directory, created=False)
    assert "already; nothing was changed" in " ".join(line.strip() for line in lines)
    assert any("oreline verify" in line for line in lines)
    assert content(ran.directory) == before


def test_as_json_it_prints_one_object(ran: Ran, tmp_path: Path) -> None:
    lines: list[str] = []
    made = run_demo(tmp_path, lines.append, json=True, guard=ran.guard)
    (line,) = lines
    found = json.loads(line)
    assert found == made.as_json()
    assert found["subject"] == ran.made.subject
    assert found["created"] is True
    paths = {name: Path(found[name]) for name in ("ledger", "trust", "proof", "keys")}
    assert paths["ledger"] == tmp_path
    assert paths["keys"].is_dir()
    assert paths["proof"].is_file()
    assert Trust.parse(paths["trust"].read_text())
    assert [entry["for"] for entry in found["next"]] == [
        "the auditor",
        "the smelter's system",
        "the buyer's script",
    ]
    assert len(found["tampered"]) == 7
    assert [lot["verdict"] for lot in found["policy"]["lots"]] == ["pass", "fail", "not provable"]
    assert found["policy"]["verdict"] == "fail"
    run_demo(tmp_path, lines.append, json=True, guard=ran.guard)
    again = json.loads(lines[1])
    assert again["created"] is False
    assert "verdict" not in again


def test_two_runs_have_different_keys(ran: Ran, tmp_path: Path) -> None:
    run_demo(tmp_path / "a", lambda line: None, guard=ran.guard)
    assert (tmp_path / "a" / "trust.policy").read_text() != (ran.directory / "trust.policy").read_text()


def test_colours_change_nothing_but_colours(ran: Ran, tmp_path: Path) -> None:
    lines: list[str] = []
    directory = tmp_path / "oreline-demo"
    run_demo(directory, lines.append, colour=True, guard=tmp_path / "guard", random=fixed_random())
    assert any("\x1b[32mPASS\x1b[0m" in line for line in lines)
    plain = [ANSI.sub("", line).replace(str(directory), str(ran.directory)) for line in lines]
    assert plain == ran.lines


def test_what_is_cut_short_leaves_nothing_behind(
    ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*given: Any, **named: Any) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(proof, "build", stopped)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "letter.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        run_demo(tmp_path / "new", lambda line: None, guard=ran.guard)
    with pytest.raises(KeyboardInterrupt):
        run_demo(tmp_path / "there", lambda line: None, guard=ran.guard)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert content(tmp_path) == {"there/letter.txt": b"mine"}


@pytest.mark.parametrize("name", ["hood.proof.json", "keys", "trust.policy"])
def test_it_does_not_overwrite_a_file_of_one_of_its_names(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(StorageError, match=name) as error:
        run_demo(tmp_path, lambda line: None, guard=tmp_path / "guard")
    assert error.value.code == "store.exists"
    assert content(tmp_path) == {name: b"mine"}


def test_it_does_not_touch_another_ledger(ran: Ran) -> None:
    other = story.load()._replace(ledger="example.com/other")
    with pytest.raises(StorageError, match="another ledger"):
        place.stands(ran.directory, other)


def test_a_place_that_cannot_be_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError) as error:
        run_demo(tmp_path / "file", lambda line: None, guard=tmp_path / "guard")
    assert error.value.code == "store.unavailable"


def test_paths_with_spaces_are_quoted_in_the_commands(tmp_path: Path) -> None:
    made = Demo("urn:x:1", tmp_path / "my demo", created=False)
    commands = [entry["command"] for entry in made.as_json()["next"]]
    assert all(f"'{tmp_path}/my demo" in command for command in commands)
