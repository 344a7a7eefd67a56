"""What a proof shows to be bad, the ledger itself does not pass either."""

import pytest

from ledger.policy import load
from ledger.proof import build
from ledger.verdicts import of_lots, of_report
from ledger.verify import check
from tests.redteam.worlds import BAD, Made, good
from tests.world import PARTY

pytestmark = pytest.mark.unmeasured

POLICY = """
format = "oreline-policy/1"
name = "least"
title = "Nothing but what every lot must be"
version = "1"
[[requirement]]
id = "undisputed"
kind = "standing"
"""
# A certificate that was suspended is judged by when it held, by those who ask for it: from a proof too, whose
# own report says that it does not hold. Metal of unknown origin makes a proof not provable; a ledger tells
# who asks.
SUSPENDED = {"suspended_site", "suspended_ancestor", "suspended_event", "lapsed"}
ASKED_FOR = SUSPENDED | {"bought"}


def ledger_says(made: Made) -> str:
    (found,) = of_lots(made.world.store, [made.lot], load(POLICY))
    return found.verdict


def proof_says(made: Made) -> str:
    report = check([build(made.world.store, made.lot)], made.world.trust)
    (found,) = of_report(report, load(POLICY))
    return found.verdict


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_passes_nowhere(name: str) -> None:
    made = BAD[name]()
    assert check([build(made.world.store, made.lot)], made.world.trust).verdict != "holds"
    assert (proof_says(made) == "pass") == (name in SUSPENDED)
    assert ledger_says(made) == ("pass" if name in ASKED_FOR else "fail")


def test_what_is_good_passes_in_both() -> None:
    assert proof_says(good()) == ledger_says(good()) == "pass"


def test_a_key_that_is_given_up_spoils_nothing() -> None:
    """Only what was signed while it was in other hands: without a time before its end there is nothing."""
    made = good()
    made.world.revoke_key(PARTY + "roller")
    made.world.publish()
    assert proof_says(made) == ledger_says(made) == "pass"


def test_the_subject_is_named_whatever_the_policy_asks() -> None:
    for name, why in (("withdrawn", "never was"), ("revoked", "in other hands")):
        made = BAD[name]()
        (found,) = of_lots(made.world.store, [made.lot], load(POLICY))
        assert found.findings[0].requirement == "subject"
        assert why in found.findings[0].sentence
