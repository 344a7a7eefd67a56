"""Policies asked of many lots, and of proofs that were checked."""

from ledger import policy, proof, verify
from ledger.check.report import Finding
from ledger.verdicts import AT_ONCE, asks_for_fates, of_lots, of_report
from tests.world import LOT, PARTY, SITE, World

HOOD = LOT + "stamper:hood"
HEAD = (
    'format = "oreline-policy/1"\nname = "house"\ntitle = "House"\nversion = "1"\n[[requirement]]\nid = "a"\n'
)
KNOWN = policy.load(HEAD + 'kind = "known_origin"\n')


def test_all_are_answered_in_order_however_many() -> None:
    world = World()
    world.hood()
    lots = [HOOD, LOT + "x:no"] * AT_ONCE
    found = [(one.subject, one.verdict) for one in of_lots(world.store, lots, KNOWN)]
    assert found == [(HOOD, "pass"), (LOT + "x:no", "not provable")] * AT_ONCE
    assert list(of_lots(world.store, [], KNOWN)) == []


def test_metal_is_followed_where_the_policy_asks_for_it() -> None:
    assert not asks_for_fates(KNOWN)
    world = World()
    hood = world.hood()
    world.hand_over("press", "plant", {hood: "8"})
    lines = [{"lot": hood, "kg": "8"}]
    exit_ = {"type": "exit", "party": PARTY + "maker", "lines": lines, "reason": "installed"}
    world.post(exit_ | {"into": "urn:example:vehicle:1"})
    for site, verdict in (("plant", "pass"), ("press", "fail")):
        exclusive = policy.load(f'{HEAD}kind = "exclusive"\nsite = "{SITE}{site}"\nagreed = false\n')
        assert asks_for_fates(exclusive)
        assert [one.verdict for one in of_lots(world.store, [hood], exclusive)] == [verdict]


def test_what_only_several_proofs_show_counts_against_each() -> None:
    world = World()
    world.hood()
    world.publish()
    report = verify.check([proof.build(world.store, HOOD)], world.trust)
    assert [one.verdict for one in of_report(report, KNOWN)] == ["pass"]
    wrong = Finding(8, "fail", "standing.disputed", "Two proofs contradict each other.")
    (found,) = of_report(report._replace(together=(wrong,)), KNOWN)
    assert found.verdict == "fail"
    assert "standing.disputed" in found.findings[0].sentence


def test_a_file_that_tells_no_claims_is_never_a_pass() -> None:
    world = World()
    report = verify.check([b"{}"], world.trust)
    assert [one.verdict for one in of_report(report, KNOWN)] == ["fail"]
    checked = report.proofs[0]._replace(findings=())
    (found,) = of_report(report._replace(proofs=(checked,)), KNOWN)
    assert found.verdict == "not provable"
