"""Whatever is done to honest files, nobody is told more than the truth. More rounds: ``python -m
tests.redteam``."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.check.standing import _Comparison
from ledger.history import Subject
from ledger.history import build as history
from ledger.proof import SHORT, Horizon, build
from ledger.prooffile import decode
from ledger.register import Key
from ledger.verify import check
from tests.check.busy import Busy
from tests.redteam.engine import Team
from tests.redteam.known import Held, Ledger, file, taken_apart
from tests.redteam.worlds import BAD, OTHERS, Made, good, round_trip, sibling

pytestmark = pytest.mark.unmeasured

ROUNDS = 25


def team(made: Made) -> Team:
    return Team(made.world.trust, made.lot, made.world.store, made.older, 1)


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_never_holds(name: str) -> None:
    made = BAD[name]()
    report = check([build(made.world.store, made.lot)], made.world.trust)
    assert report.verdict != "holds"
    red = team(made)
    assert list(red.holes_by_hand()) == []
    assert list(red.holes(ROUNDS)) == []
    assert red.rounds > ROUNDS + 2 * len(red.stock.claims[0].entries)


@pytest.mark.parametrize("name", OTHERS)
def test_what_rode_on_the_same_truck_changes_nothing(name: str) -> None:
    red = team(OTHERS[name]())
    assert list(red.holes_by_hand()) == []
    assert list(red.holes(ROUNDS)) == []


@pytest.mark.parametrize("make", [good, sibling])
def test_of_what_is_good_nothing_but_the_truth_is_shown(make: Callable[[], Made]) -> None:
    made = make()
    report = check([build(made.world.store, made.lot)], made.world.trust)
    assert report.verdict == "holds"
    red = team(made)
    assert list(red.holes_by_hand()) == []
    assert list(red.holes(3 * ROUNDS)) == []


@pytest.mark.parametrize("seed", range(2))
def test_nor_of_anything_in_a_busy_ledger(seed: int) -> None:
    busy = Busy(seed, 50)
    busy.world.publish()
    for lot, _ in busy.lots[-2:]:
        red = Team(busy.world.trust, lot, busy.world.store, seed=seed)
        assert list(red.holes(ROUNDS)) == []


def test_the_team_finds_a_hole_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the checks that closes one is taken away in turn."""
    made = round_trip()
    monkeypatch.setattr(_Comparison, "_whole_way", lambda self, key: None)
    found = list(team(made).holes_by_hand())
    assert found
    assert {hole.what.partition(":")[0] for hole in found} == {"the honest proof of urn"}
    monkeypatch.undo()
    made = BAD["disputed"]()
    monkeypatch.setattr(_Comparison, "_same", lambda self, key, record, code: None)
    assert list(team(made).holes_by_hand())
    red = team(good()._replace(older=[]))
    assert red.judge.hole(made.older[0]).startswith("nothing is known")
    monkeypatch.setattr("tests.redteam.engine.check", lambda files, trust: 1 / 0)
    assert "ZeroDivisionError" in red.judge.hole(b"")


def test_who_holds_one_file_only_can_take_out_of_it_what_he_likes() -> None:
    made = BAD["disputed"]()
    data = build(made.world.store, made.lot)
    one, whole = Held(data, made.world.trust.charter), Ledger(made.world.store)
    claim = taken_apart(one, data)
    assert file(one, claim) == data == file(whole, taken_apart(whole, data))
    less = claim._replace(entries=claim.entries - {7, 9, 10})
    assert prefix(file(one, less)) == prefix(file(whole, less))
    red = Team(made.world.trust, made.lot, None, [data])
    assert list(red.holes(ROUNDS)) == []


@pytest.mark.parametrize("make", [good, BAD["disputed"]])
def test_any_honest_file_can_be_attacked(make: Callable[[], Made]) -> None:
    """A short proof has no charter, a history no births: a trick that wants them makes do."""
    made = make()
    world, lot = made.world, made.lot
    party = world.store.read([Key("lot", lot)])[Key("lot", lot)].value.party
    files = [build(world.store, lot, horizon=Horizon(depth=depth)) for depth in (0, 2)]
    files += [build(world.store, lot, min_share=500_000), history(world.store, Subject(lot=lot))]
    files.append(history(world.store, Subject(party=party, month="2026-03")))
    for data in files:
        red = Team(world.trust, decode(data).subject, None, [data])
        assert list(red.holes(3 * ROUNDS)) == []


def test_who_accepts_the_root_is_told_no_more_than_honest_files_tell() -> None:
    """The part's own dispute is left to see behind any horizon, that of its metal is not."""
    made = BAD["disputed"]()
    data = build(made.world.store, made.lot, horizon=SHORT)
    red = team(made)
    assert red.judge.hole(data) == ""
    red.judge._accepted.clear()
    assert red.judge.hole(data).startswith("with the root accepted it shows")


def prefix(data: bytes) -> bytes:
    return data[: data.index(b',"register"')]


def test_the_command(tmp_path: Path) -> None:
    made = good()
    (tmp_path / "proof").write_bytes(build(made.world.store, made.lot))
    (tmp_path / "trust").write_text(made.world.trust_text())
    args = [sys.executable, "-m", "tests.redteam", str(tmp_path / "proof"), str(tmp_path / "trust")]
    done = subprocess.run([*args, "--rounds", "20"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "20 variants, 0 holes\n"), done.stderr
