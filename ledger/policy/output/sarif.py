"""SARIF 2.1.0 (OASIS): a run for each policy, a rule for each requirement, a result for each finding."""

import json
from typing import Any

from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Finding, Verdict
from ledger.policy.output.many import Verdicts, many

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# Section 3.27.9 (kind) and 3.27.10 (level): level is "none" unless kind is "fail".
_KIND = {PASS: ("pass", "none"), FAIL: ("fail", "error"), NOT_PROVABLE: ("open", "none")}


def sarif(verdicts: Verdicts) -> str:
    """The SARIF log as JSON text. What is not provable is a result of kind ``open``."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for one in many(verdicts):
        groups.setdefault((one.policy, one.version), []).append(one)
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(lots) for lots in groups.values()]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(lots: list[Verdict]) -> dict[str, Any]:
    titles = {found.requirement: found.title for one in lots for found in one.findings}
    places = {rule: index for index, rule in enumerate(titles)}
    first = lots[0]
    return {
        "tool": {
            "driver": {
                "name": f"oreline policy {first.policy}",
                "version": first.version,
                "fullName": first.title,
                "rules": [
                    {"id": rule, "shortDescription": {"text": title}} for rule, title in titles.items()
                ],
            }
        },
        "results": [_result(one, found, places[found.requirement]) for one in lots for found in one.findings],
    }


def _result(one: Verdict, found: Finding, place: int) -> dict[str, Any]:
    kind, level = _KIND[found.verdict]
    asked = [f"Ask {ask.whom}: {ask.what}" for ask in found.ask]
    return {
        "ruleId": found.requirement,
        "ruleIndex": place,
        "kind": kind,
        "level": level,
        "message": {"text": " ".join([found.sentence, *asked])},
        "locations": [
            {"logicalLocations": [{"fullyQualifiedName": one.subject, "kind": "resource"}]},
        ],
        "relatedLocations": [
            {"id": number, "logicalLocations": [{"fullyQualifiedName": event.id, "kind": "resource"}]}
            for number, event in enumerate(found.events)
        ],
        "properties": {"verdict": found.verdict, "material": one.material},
    }
