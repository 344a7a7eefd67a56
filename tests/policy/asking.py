"""Policies and claims documents in a few words, for the tests."""

from typing import Any

from ledger.claims.document import Claims
from ledger.policy import judge, load
from ledger.policy.finding import Finding
from ledger.policy.kinds import KINDS
from ledger.policy.requirement import Requirement
from ledger.policy.shipped import schemes

MINE, SMELTER, MILL = "urn:x:site:mine", "urn:x:site:smelter", "urn:x:site:mill"
DIGGER, CERTIFIER, BODY = "urn:x:party:digger", "urn:x:party:certifier", "urn:x:party:body"

HEAD = 'format = "oreline-policy/1"\nname = "t"\ntitle = "A test"\nversion = "1"\n'
ONE = '[[requirement]]\nid = "one"\nkind = "standing"\n'


def wanted(kind: str, **members: Any) -> Requirement:
    """A requirement of a kind, called ``r``."""
    return KINDS[kind].model_validate({"id": "r", "kind": kind, **members})


def asked(requirement: Requirement, **members: Any) -> Finding:
    """What it says of a claims document with these members."""
    outcome = requirement.judge(Claims.model_validate(members), schemes())
    return Finding("r", "", *outcome)


def verdict(requirement: Requirement, **members: Any) -> str:
    """The same, the verdict only."""
    return asked(requirement, **members).verdict


def judged(text: str, **members: Any) -> Any:
    """The whole verdict of a policy's text."""
    return judge(load(HEAD + text), Claims.model_validate(members))


def step(site: str = MINE, process: str = "source:mine", **members: Any) -> dict[str, Any]:
    """A step on 2026-01-02 and 03."""
    return {
        "site": site,
        "party": DIGGER,
        "process": process,
        "runs": [["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]],
        "first": {"party": DIGGER, "id": f"urn:x:event:{process}", "index": 7},
        **members,
    }


def cert(about: str = MINE, scheme: str = "asi_performance", **members: Any) -> dict[str, Any]:
    """An attestation that held in 2026."""
    return {
        "event": {"party": CERTIFIER, "id": f"urn:x:event:cert-{scheme}", "index": 3},
        "subject": {"kind": about.split(":")[2], "id": about},
        "scheme": scheme,
        "certifier": CERTIFIER,
        "held": [["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]],
        **members,
    }
