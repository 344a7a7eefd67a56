"""May we buy this? A policy asked of a claims document. Never raises: whatever is wrong is a finding."""

from ledger.claims import shares
from ledger.claims.document import Claims
from ledger.policy.chain import dark
from ledger.policy.finding import FAIL, NOT_PROVABLE, Ask, Finding, Outcome, Verdict, failed, worst
from ledger.policy.reading import Policy
from ledger.policy.requirement import some

PROOF = "proof"
"""The name of the finding about the proof itself, which no policy needs to ask for."""

SUBJECT = "subject"
"""The name of the finding about a lot that never was, or of which a key's thief may have told."""

SINCE = ("standing.attestation",)
"""All that is against a proof on the way of which a certificate was suspended or withdrawn since. When it
held the document tells, and the requirements ask."""

_NEVER = {
    "withdrawn": "was withdrawn: the lot never was",
    "suspect": "was signed with a key that was in other hands",
}
_ASK_PROOF = Ask(
    "whoever gave you the proof", "See with `oreline verify` why it does not, then ask for a new proof."
)


def judge(policy: Policy, claims: Claims) -> Verdict:
    """A finding for each requirement, in the policy's order, after one about the proof if that does not
    hold (but for ``SINCE``), and one about the lot itself if it never was or may be a thief's work; and the
    worst of them as the verdict in all."""
    findings = [*_of_proof(claims), *_of_subject(claims)]
    for one in policy.requirements:
        found = one.judge(claims, policy.schemes)
        findings.append(Finding(one.id, one.title or _title(one.id), *found))
    return Verdict(
        policy.name,
        policy.version,
        policy.title,
        claims.subject,
        claims.names.get(claims.subject, ""),
        claims.material,
        worst(one.verdict for one in findings),
        tuple(findings),
        claims.as_of,
        claims.rests_on,
        _unknown(claims),
        claims.left,
    )


def _of_proof(claims: Claims) -> list[Finding]:
    title = "The proof holds"
    if claims.rests_on == "proof" and claims.proof is None:
        outcome = Outcome(NOT_PROVABLE, "Nothing says whether the proof holds.", (), (_ASK_PROOF,))
    elif claims.proof is None or claims.proof.verdict == "holds" or claims.proof.codes == SINCE:
        return []
    else:
        verdict = FAIL if claims.proof.verdict == "does not hold" else NOT_PROVABLE
        why = ", ".join(claims.proof.codes) or "no code was given"
        outcome = Outcome(
            verdict, f"The proof that all this rests on: {claims.proof.verdict} ({why}).", (), (_ASK_PROOF,)
        )
    return [Finding(PROOF, title, *outcome)]


def _of_subject(claims: Claims) -> list[Finding]:
    """No policy needs to ask for this: a proof that shows it does not hold."""
    bad = [one for one in claims.marks if one.mark in _NEVER]
    if not bad:
        return []
    said = [f"{one.event.id} {_NEVER[one.mark]}" for one in bad]
    outcome = failed(
        f"{some(said)}.",
        [one.event for one in bad],
        [Ask(one.by or "the seller", "Ask how this came about, and for what replaces it.") for one in bad],
    )
    return [Finding(SUBJECT, "The lot is what its entries say", *outcome)]


def _title(id: str) -> str:
    return id.replace("-", " ").replace("_", " ").capitalize()


def _unknown(claims: Claims) -> int | None:
    if not claims.origins:
        return None
    return min(shares.WHOLE, shares.part(claims, dark(claims), up=True).ppm)
