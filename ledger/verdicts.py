"""May we buy these? A policy asked of lots of a ledger, or of what proofs show of their subjects.

The verdicts come out of ``ledger.policy`` and of claims documents alone; this joins the two. What is not
there to be asked about is *not provable*: one wrong number in a list of parts does not cost the others.
"""

from collections.abc import Iterator, Sequence

from ledger.check.report import FAIL, Checked, Report, proof_of
from ledger.claiming import Claiming
from ledger.claiming.memo import Progress
from ledger.claims.document import ALL_UNSHOWN, Claims, Proof
from ledger.policy import Ask, Finding, Policy, Verdict, judge
from ledger.policy.finding import NOT_PROVABLE
from ledger.register import Key
from ledger.store import Store

AT_ONCE = 200  # lots


def of_lots(
    store: Store, lots: Sequence[str], policy: Policy, progress: Progress = lambda done, total: None
) -> Iterator[Verdict]:
    """The verdicts on these lots, in their order, all as of one state of the ledger. ``progress``: of folding
    what nobody has asked for before."""
    claiming = Claiming(store, progress)
    followed = asks_for_fates(policy)
    same: dict[Finding, Finding] = {}  # of a hundred thousand parts most are found alike
    for start in range(0, len(lots), AT_ONCE):
        some = lots[start : start + AT_ONCE]
        born = store.read(Key("lot", lot) for lot in some)
        there = [lot for lot in some if (record := born.get(Key("lot", lot))) and record.at < claiming.size]
        told = {claims.subject: claims for claims in claiming.all(there, fates=followed)}
        for lot in some:
            one = judge(policy, told[lot]) if lot in told else _absent(policy, lot, claiming)
            yield one._replace(findings=tuple(same.setdefault(found, found) for found in one.findings))


def asks_for_fates(policy: Policy) -> bool:
    """Whether the policy asks where the metal went: that takes a walk of its own for each lot."""
    return "fates" in policy.text or any(vars(one).get("kind") == "exclusive" for one in policy.requirements)


def _absent(policy: Policy, lot: str, claiming: Claiming) -> Verdict:
    """Of a lot that the ledger does not have there is nothing to say."""
    ask = Ask("whoever gave you the number", "Ask for the lot's id as it stands in the ledger.")
    sentence = f"The ledger has no lot {lot}."
    finding = Finding("subject", "The lot is in the ledger", NOT_PROVABLE, sentence, (), (ask,))
    verdict = judge(policy, Claims(subject=lot, as_of=claiming.as_of, unshown=ALL_UNSHOWN))
    return verdict._replace(verdict=NOT_PROVABLE, findings=(finding,))


def of_report(report: Report, policy: Policy) -> list[Verdict]:
    """The verdicts on the subjects of proofs that were checked. What only several proofs side by side show to
    be wrong counts against each of them."""
    wrong = sorted({finding.code for finding in report.together if finding.verdict == FAIL})
    return [judge(policy, _claims(checked, wrong)) for checked in report.proofs]


def _claims(checked: Checked, wrong: Sequence[str]) -> Claims:
    claims = checked.claims
    if claims is None or claims.proof is None:
        proof = proof_of(checked.findings)
        if proof.verdict == "holds":  # a history: it shows nothing of what policies ask
            proof = proof.model_copy(update={"verdict": "not provable"})
        claims = Claims(subject=checked.subject, rests_on="proof", proof=proof, unshown=ALL_UNSHOWN)
    assert claims.proof is not None
    if not wrong:
        return claims
    codes = sorted({*claims.proof.codes, *wrong})
    return claims.model_copy(update={"proof": Proof(verdict="does not hold", codes=tuple(codes))})
