"""A draw that nobody chooses: it follows from the checkpoint's root and the seed, over a complete list."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger import note, prooffile
from tests.cli.commands import CHAIN, HOOD, TRUST, call, done, failed
from tests.world import LOT, PARTY, SITE

COIL = LOT + "roller:coil"


@pytest.fixture
def month(here: Path) -> list[dict[str, Any]]:
    """All events of the roller's month, in month.json."""
    given = ("history", "--party", PARTY + "roller", "--month", "2026-03", *CHAIN)
    found: list[dict[str, Any]] = call(*given, "--proof", "month.json", "--json").json["entries"]
    return found


def draw(*names: str, count: int = 99, seed: str = "s", **more: str) -> Any:
    options = [text for name, value in more.items() for text in (f"--{name}", value)]
    return call("sample", *names, *TRUST, "--count", str(count), "--seed", seed, *options, "--json").json


def root(name: str) -> str:
    text = prooffile.decode(Path(name).read_bytes()).checkpoint
    return b64encode(note.checkpoint_of(text).root).decode()


def ranked(entries: list[dict[str, Any]], root: str, seed: str) -> list[int]:
    """As the certifier's guide says."""
    ranks = {
        one["entry"]: sha256(f"oreline-sample/1\n{root}\n{seed}\n{one['entry']}".encode()) for one in entries
    }
    return sorted(ranks, key=lambda entry: ranks[entry].hexdigest())


@pytest.mark.parametrize("seed", ["s", "another seed, with ü"])
def test_the_draw_follows_from_root_and_seed(month: list[dict[str, Any]], seed: str) -> None:
    drawn = draw("month.json", seed=seed)
    order = ranked(month, root("month.json"), seed)
    assert [one["entry"] for one in drawn["events"]] == order
    assert (drawn["rule"], drawn["seed"], drawn["of"]) == ("oreline-sample/1", seed, len(month))
    assert drawn["lists"] == [
        {
            "subject": f"party {PARTY}roller 2026-03",
            "size": drawn["lists"][0]["size"],
            "root": root("month.json"),
        }
    ]
    for count in (1, 2, len(month)):
        fewer = draw("month.json", count=count, seed=seed)
        assert fewer["events"] == drawn["events"][:count]
        assert fewer["of"] == len(month)


def test_seeds_and_roots_draw_differently(month: list[dict[str, Any]]) -> None:
    orders = {tuple(one["entry"] for one in draw("month.json", seed=str(n))["events"]) for n in range(5)}
    assert len(orders) > 1
    roots = [root("month.json"), *(f"another root, {n}" for n in range(5))]
    assert len({tuple(ranked(month, one, "s")) for one in roots}) > 1


def test_each_event_is_told_as_it_is(month: list[dict[str, Any]]) -> None:
    told = {one["entry"]: one for one in draw("month.json")["events"]}
    for one in month:
        assert {name: told[one["entry"]][name] for name in ("type", "party", "id")} == {
            name: one[name] for name in ("type", "party", "id")
        }
    text = done("sample", "month.json", *TRUST, "--count", "2", "--seed", "s")
    assert f"party {PARTY}roller 2026-03\n  checkpoint of " in text
    assert f"\n2 of {len(month)} events, by the seed s\n" in text
    first = draw("month.json", count=1)["events"][0]
    assert f"   {first['entry']}  {first['time']}  {first['type']}" in text


def test_a_site_and_several_lists(month: list[dict[str, Any]]) -> None:
    assert draw("month.json", site=SITE + "elsewhere")["of"] == 0
    done("history", COIL, *CHAIN, "--proof", "coil.json")
    coil = call("history", COIL, *CHAIN, "--json").json["entries"]
    both = draw("month.json", "coil.json")
    assert both["of"] == len({one["id"] for one in (*month, *coil)}) < len(month) + len(coil)
    assert both["events"] == draw("coil.json", "month.json")["events"]
    there = draw("month.json", "coil.json", site=SITE + "mill")
    assert {one["party"] for one in there["events"]} == {PARTY + "roller"}
    assert 0 < there["of"] < both["of"]


def test_only_a_complete_list_is_drawn_from(month: list[dict[str, Any]]) -> None:
    value = json.loads(Path("month.json").read_text())
    del value["entries"][1]
    Path("cut.json").write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
    cut = call("sample", "cut.json", *TRUST, "--count", "1", "--seed", "s")
    assert (cut.code, cut.out) == (1, "")
    assert "not shown to be complete" in cut.err
    told = call("sample", "cut.json", *TRUST, "--count", "1", "--seed", "s", "--json")
    assert (told.code, told.json["verdict"]) == (1, "does not hold")
    done("prove", HOOD, *CHAIN, "-o", "hood.json")
    failed("command.content", "sample", "hood.json", *TRUST, "--count", "1", "--seed", "s")
    for seed in ("", " ", "a\nb", "x" * 201):
        failed("command.usage", "sample", "month.json", *TRUST, "--count", "1", "--seed", seed)
    failed("command.usage", "sample", "month.json", *TRUST, "--count", "0", "--seed", "s")
