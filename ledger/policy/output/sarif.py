"""SARIF 2.1.0 (OASIS): a run for each policy, a rule for each requirement, a result for each finding that is
no pass. Passes are left out: code scanning shows every result as an alert, whatever its kind."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Finding, Verdict
from ledger.policy.output.many import Verdicts, many

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# Section 3.27.9 (kind) and 3.27.10 (level): level is "none" unless kind is "fail".
_KIND = {FAIL: ("fail", "error"), NOT_PROVABLE: ("open", "none")}


class Location(NamedTuple):
    """Where somebody asked for a lot: a file, as a URI or relative reference, and its line, from 1."""

    uri: str
    line: int = 1


def sarif(verdicts: Verdicts, locations: Mapping[str, Location] | None = None) -> str:
    """The SARIF log as JSON text. What is not provable is a result of kind ``open``. ``locations``: by lot,
    where its results are shown; one that has none is shown at a path made of its id."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for one in many(verdicts):
        groups.setdefault((one.policy, one.version), []).append(one)
    runs = [_run(lots, locations or {}) for lots in groups.values()]
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(lots: list[Verdict], locations: Mapping[str, Location]) -> dict[str, Any]:
    titles = {found.requirement: found.title for one in lots for found in one.findings}
    indices = {rule: index for index, rule in enumerate(titles)}
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
        "results": [
            _result(one, found, indices[found.requirement], locations.get(one.subject) or _path(one.subject))
            for one in lots
            for found in one.findings
            if found.verdict != PASS
        ],
    }


def _result(one: Verdict, found: Finding, index: int, location: Location) -> dict[str, Any]:
    kind, level = _KIND[found.verdict]
    where = {
        "logicalLocations": [{"fullyQualifiedName": one.subject, "kind": "resource"}],
        "physicalLocation": {
            "artifactLocation": {"uri": location.uri},
            "region": {"startLine": location.line},
        },
    }
    asked = [f"What to ask {ask.whom}: {ask.what}" for ask in found.ask]
    return {
        "ruleId": found.requirement,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": {"text": " ".join([found.sentence, *asked])},
        "locations": [where],
        "relatedLocations": [
            {"id": number, "logicalLocations": [{"fullyQualifiedName": event.id, "kind": "resource"}]}
            for number, event in enumerate(found.events)
        ],
        "properties": {"verdict": found.verdict, "material": one.material, "asked": one.asked or one.subject},
    }


def _path(lot: str) -> Location:
    """A relative reference of a lot's id. Code scanning takes no result without a file, and of a URI with
    another scheme than ``file`` it refuses all that was sent along."""
    return Location(quote(lot.removeprefix("urn:").rpartition("://")[2].replace(":", "/")))
