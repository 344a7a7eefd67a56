"""Every fraud of frauds.json: without its fraudulent step nothing is said against it; with it, it is caught
exactly where it says, with that code."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cli.demo import frauds
from cli.demo.frauds import Fraud, Outcome, Played, fraud, run, table
from cli.demo.frauds.fraud import CHECKOUT
from cli.demo.frauds.judging import WORST, Judged, better
from cli.demo.frauds.proofs import VERBS as PROOF_VERBS
from cli.demo.frauds.run import Found, try_out
from cli.demo.frauds.stores import VERBS as STORE_VERBS
from ledger import verify
from ledger.check.report import Report
from ledger.check.text import as_text
from ledger.codes import CODES
from ledger.policy.kinds import KINDS
from tests.cli.commands import call

FRAUDS = frauds.load()
WATCHERS = {run.WITNESS, run.REPLAYING, run.MONITOR, run.EVIDENCE}
BUYERS = {run.POLICY, run.UNPROVEN, run.DOCUMENT}
PLACES = {"admission", "audit", "guard", run.SEEN, run.MAX_AGE, run.IN_VAIN} | WATCHERS | BUYERS
PLACES |= {f"check {n}" for n in range(1, 10)}
POSTS = {"step", "like", "post", "again"}
OTHERS = {"store", "proof", "prove", "witness", "accuse", "judge", "document"}
UNSEEN = {"balance-rolled-back", "stale-root-fresh-checkpoint"}


@pytest.fixture(scope="module")
def played() -> Played:
    return Played()


def needed(tried: Fraud) -> set[str]:
    """What a fraud needs of the engine: where it is looked for, its steps' members and verbs."""
    verbs = [
        f"{name} {row[name]}" for row in tried.steps for name in ("store", "proof", "witness") if name in row
    ]
    return {tried.caught_by, *tried.reader, *verbs}.union(*tried.steps)


def tried_out() -> Iterator[Any]:
    """All frauds; those that need nothing but what others before them needed run without tracing."""
    seen: set[str] = set()
    for tried in FRAUDS:
        new = needed(tried) - seen
        seen |= new
        yield pytest.param(tried, id=tried.name, marks=() if new else pytest.mark.unmeasured)


@pytest.mark.parametrize("tried", list(tried_out()))
def test_it_is_caught_and_its_twin_is_not(played: Played, tried: Fraud) -> None:
    assert try_out(played, tried, honest=True) == Found()
    assert try_out(played, tried, honest=False) == Found(tried.caught_by, tried.code)


def test_the_table_is_in_order() -> None:
    names = [tried.name for tried in FRAUDS]
    assert len(names) == len(set(names)) >= 75
    for tried in FRAUDS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tried.name)
        assert len(tried.name) < 30
        assert tried.caught_by in PLACES
        if tried.caught_by in (run.POLICY, run.UNPROVEN):
            assert tried.code in KINDS
        else:
            assert tried.code in CODES or (tried.caught_by in (run.IN_VAIN, run.DOCUMENT) and not tried.code)
        assert len(re.findall(r"\.(?= |$)", tried.story)) == 2, tried.story


def test_every_way_of_catching_and_every_verb_is_used() -> None:
    """A verb that no fraud uses says nothing; so would a check that no fraud ever meets."""
    assert {tried.caught_by for tried in FRAUDS} == PLACES
    rows = [row for tried in FRAUDS for row in tried.steps]
    assert {row["store"] for row in rows if "store" in row} == STORE_VERBS
    assert {row["proof"] for row in rows if "proof" in row} == PROOF_VERBS
    assert {row["witness"] for row in rows if "witness" in row} == {"cosign", "back_up", "restore"}
    assert all(len((POSTS | OTHERS) & row.keys()) == 1 for row in rows)


def test_each_fraud_has_something_fraudulent() -> None:
    for tried in FRAUDS:
        assert [row for row in tried.steps if {"fraud", "store", "proof", "only", "stuff"} & row.keys()], (
            tried.name
        )


@pytest.mark.parametrize("name", sorted(UNSEEN))
def test_what_only_a_replay_finds_no_proof_alone_shows(played: Played, name: str) -> None:
    """A lie about the register that fits all that is in one proof: that witness is not there for nothing."""
    tried = next(fraud for fraud in FRAUDS if fraud.name == name)
    *steps, ask = tried.steps
    assert ask["replays"]
    alone = tried._replace(caught_by="check 8", steps=tuple(steps))
    assert try_out(played, alone, honest=False) == Found()
    plain = tried._replace(caught_by=run.WITNESS, steps=(*steps, {**ask, "replays": False}))
    assert try_out(played, plain, honest=False) == Found()


def test_a_plain_witness_signs_what_lies_behind_a_horizon(played: Played) -> None:
    tried = next(fraud for fraud in FRAUDS if fraud.name == "replay-behind-the-horizon")
    *steps, ask = tried.steps
    plain = tried._replace(caught_by=run.WITNESS, steps=(*steps, {**ask, "replays": False}))
    assert try_out(played, plain, honest=False) == Found()


def test_a_report_with_a_horizon_says_what_it_rests_on(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No witness that replays has signed here: the report names the one who did."""
    tried = next(fraud for fraud in FRAUDS if fraud.name == "horizon-above-the-fraud")
    told: list[str] = []
    check = verify.check

    def listen(*given: Any, **options: Any) -> Report:
        report = check(*given, **options)
        told.append(" ".join(as_text(report).split()))
        return report

    monkeypatch.setattr(verify, "check", listen)
    assert try_out(played, tried, honest=False) == Found("check 7", "rests.root")
    (text,) = told
    assert "Verdict: NOT PROVABLE" in text
    assert f"as signed by the operator's key {played.key('operator').public.kid}" in text
    assert "Signed by the log oreline.example/demo: " in text  # nobody cosigned


def test_what_is_done_in_vain_must_be_in_vain(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    stuffed = next(fraud for fraud in FRAUDS if fraud.caught_by == run.IN_VAIN)
    monkeypatch.setattr(run, "MOST_GROWN", 100)
    assert try_out(played, stuffed, honest=False) == Found()


def test_a_fraud_that_is_not_caught_is_said(played: Played) -> None:
    """The engine can fail: an honest step is not caught, and a broken twin does not pass."""
    good = FRAUDS[0]
    missed = frauds.run_fraud(played, good._replace(name="missed", steps=good.steps[:1]))
    assert (missed.caught, missed.innocent_passes, missed.ok) == (False, True, False)
    elsewhere = frauds.run_fraud(played, good._replace(name="elsewhere", code="lot.item"))
    assert (elsewhere.caught, elsewhere.found) == (False, Found("admission", "owner.pending"))
    guilty = (
        {**row, "set": row["fraud"]["set"], "fraud": {}} if "fraud" in row else row for row in good.steps
    )
    broken = frauds.run_fraud(played, good._replace(name="broken", steps=tuple(guilty)))
    assert (broken.caught, broken.innocent_passes) == (True, False)
    text = " ".join(" ".join(table.lines([missed, elsewhere, broken])).split())
    assert "missed: NOT CAUGHT there; nobody said anything." in text
    assert "elsewhere: NOT CAUGHT there; admission says owner.pending." in text
    assert "broken: its honest twin does not pass; admission says owner.pending." in text
    assert "1 were caught where they must be, 2 twins passed." in text


def test_some_can_be_chosen_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    outcomes = frauds.run_frauds(lambda done, total: told.append((done, total)), FRAUDS[:2])
    assert [(outcome.name, outcome.ok) for outcome in outcomes] == [
        (tried.name, True) for tried in FRAUDS[:2]
    ]
    assert told == [(1, 2), (2, 2)]


def test_the_command_tries_what_is_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each way of being caught: all are tried one by one above."""
    some = list({tried.caught_by: tried for tried in FRAUDS}.values())
    monkeypatch.setattr(frauds, "load", lambda: some)
    done = call("demo", "--frauds", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert [row["name"] for row in told] == [tried.name for tried in some]
    assert all(row["caught"] and row["innocent_passes"] for row in told)
    assert {"story", "caught_by", "code", "family"} <= told[0].keys()


def test_the_command_tells_a_table_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for caught, code in ((True, 0), (False, 1)):
        told = [
            Outcome(*tried[:5], caught, True, Found(tried.caught_by, tried.code), Found()) for tried in FRAUDS
        ]
        monkeypatch.setattr(frauds, "run_frauds", lambda progress, told=told: told)
        done = call("demo", "--frauds")
        assert done.code == code
        rows = [line for line in done.out.splitlines() if line.endswith(("yes", "NO"))]
        assert len(rows) == len(FRAUDS)
        assert max(map(len, done.out.splitlines())) <= 80


def test_the_file_is_found_in_the_package_or_in_the_tree(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert frauds.load() == FRAUDS
    packed = tmp_path_factory.mktemp("cli")
    (packed / "demo").mkdir()
    (packed / "demo" / "frauds.json").write_text(json.dumps(json.loads(CHECKOUT.read_text("utf-8"))[:1]))
    monkeypatch.setattr("cli.demo.frauds.fraud.resources.files", lambda name: packed)
    assert fraud.load() == FRAUDS[:1]


def test_each_way_of_asking_is_used() -> None:
    """Requirements of the fraud's own and of a shipped policy; documents of the story and of the fraud."""
    rows = [row for tried in FRAUDS for row in tried.steps]
    judged = [row for row in rows if "judge" in row]
    assert {frozenset(row) & {"asks", "policy", "only"} for row in judged} >= {
        frozenset({"asks"}),
        frozenset({"policy", "only"}),
        frozenset({"policy"}),
    }
    assert {"text" in row for row in rows if "document" in row} == {True, False}
    asked = {tried.code for tried in FRAUDS if tried.caught_by in (run.POLICY, run.UNPROVEN)}
    assert len(asked) >= 12, "kinds of requirements"


def test_a_proof_that_flatters_is_found(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine can fail: a proof that passes what the ledger does not pass, and one that fails a twin."""
    tried = next(fraud for fraud in FRAUDS if fraud.name == "certificate-of-a-sister-site")
    for word, honest, found in (
        ("pass", False, Found(run.OFFLINE, "pass")),
        ("not provable", False, Found(run.OFFLINE, "not provable")),
        ("fail", True, Found(run.OFFLINE, "fail")),
        ("not provable", True, Found()),
    ):
        monkeypatch.setattr(run._Run, "_offline", lambda self, asked, word=word: Judged(word, ""))
        assert try_out(played, tried, honest=honest) == found
    assert [better(word, than) for word in WORST for than in WORST] == [False, True, True, *[False] * 6]
