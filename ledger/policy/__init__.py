"""A buyer's requirements and the verdicts on them: pass, fail or not provable.

    load("asi") or load(text)     -> Policy      Malformed "policy.…" where the file is wrong
    judge(policy, claims)         -> Verdict     never raises
    try_examples(policy)          -> [Tried]     a policy's own examples
    output.text / as_json / junit / sarif        of one verdict, or of many

A policy reads the claims document (``ledger.claims``) and nothing else: no ledger, no clock, no network.
The same document gives the same verdict, online and offline. Three laws hold for every kind:

1. missing data are never a pass;
2. a figure is compared only with one that means the same;
3. what is forbidden and shown fails, whatever else is hidden.
"""

from ledger.policy import output
from ledger.policy.examples import Tried, try_examples
from ledger.policy.finding import EXIT, Ask, Finding, Verdict, Word
from ledger.policy.judging import judge
from ledger.policy.reading import Policy
from ledger.policy.requirement import Requirement
from ledger.policy.shipped import load, names

__all__ = [
    "EXIT",
    "Ask",
    "Finding",
    "Policy",
    "Requirement",
    "Tried",
    "Verdict",
    "Word",
    "judge",
    "load",
    "names",
    "output",
    "try_examples",
]
