"""Whatever is done to the proof of a hood, no buyer's policy passes it that does not pass the honest one."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import pytest

from cli.demo import story
from cli.demo.run import run_demo
from ledger import folder
from ledger.policy import load
from ledger.proof import build
from ledger.store import Store
from ledger.trust import Trust
from ledger.verdicts import of_report
from ledger.verify import check
from tests.redteam.engine import Team
from tests.redteam.worlds import BAD

pytestmark = pytest.mark.unmeasured

POLICIES = [load(name) for name in ("low-carbon-hood", "asi", "uflpa")]
HONEST = {"subject": "pass", "fails": "fail", "not_provable": "not provable"}  # by low-carbon-hood
ROUNDS = 12
EVERY = 24  # of the variants made by hand, one in so many
LEAST = load("""
format = "oreline-policy/1"
name = "least"
title = "Nothing is doubted"
version = "1"
[[requirement]]
id = "undisputed"
kind = "standing"
""")


class Made(NamedTuple):
    store: Store
    trust: Trust


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    base = tmp_path_factory.mktemp("demo")
    run_demo(base / "ledger", lambda line: None, guard=base / "guard")
    store = folder.open_store(base / "ledger")
    yield Made(store, Trust.parse((base / "ledger" / "trust.policy").read_text()))
    store.close()


@pytest.mark.parametrize("name", HONEST)
def test_no_variant_of_a_hoods_proof_is_bought_that_the_honest_one_is_not(demo: Made, name: str) -> None:
    hoods = [getattr(story.load(), one) for one in HONEST]
    hood = getattr(story.load(), name)
    (honest,) = of_report(check([build(demo.store, hood)], demo.trust), POLICIES[0])
    assert honest.verdict == HONEST[name]
    red = Team(demo.trust, hood, demo.store, seed=len(name), policies=POLICIES, others=hoods)
    assert list(red.holes(ROUNDS)) == []
    for how, data in islice(red.stripped(), len(name), None, EVERY):
        assert red.judge.hole(data) == "", how


def test_the_judge_knows_a_verdict_that_is_too_good() -> None:
    """Of the older proof a policy passes, which does not pass the honest one of today."""
    made = BAD["disputed"]()
    red = Team(made.world.trust, made.lot, made.world.store, policies=[LEAST], others=[])
    (older,) = made.older
    assert red.judge.hole(older).startswith(f"least passes, and does not pass the honest proof of {made.lot}")
    assert red.judge.hole(build(made.world.store, made.lot)) == ""
