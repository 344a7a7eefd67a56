"""``oreline-verdict/1``: verdicts as JSON. One shape, for one lot or for many."""

from typing import Any

from ledger.policy.finding import Finding, Verdict, worst
from ledger.policy.output.many import Verdicts, counts, many

FORMAT = "oreline-verdict/1"


def as_json(verdicts: Verdicts) -> dict[str, Any]:
    """The JSON object: the verdict in all, how many lots got which, and each lot with its findings.

    ``unknown_ppm``: share of the lot of unknown or unshown origin, millionths, rounded up; null if no origin
    is shown. ``asked``: by what it was asked for, its id or what is stamped on it. ``left``: grams that are
    left of it; null if that is not shown. ``events``: those that decided, ``index`` -1 where it is not known.
    ``ask``: whom, and what.
    """
    lots = many(verdicts)
    return {
        "format": FORMAT,
        "verdict": worst(one.verdict for one in lots),
        "counts": counts([one.verdict for one in lots]),
        "lots": [_lot(one) for one in lots],
    }


def _lot(one: Verdict) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "asked": one.asked or one.subject,
        "name": one.name,
        "material": one.material,
        "policy": {"name": one.policy, "version": one.version, "title": one.title},
        "verdict": one.verdict,
        "rests_on": one.rests_on,
        "as_of": one.as_of.model_dump(mode="json"),
        "unknown_ppm": one.unknown_ppm,
        "left": one.left,
        "findings": [_finding(found) for found in one.findings],
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "requirement": found.requirement,
        "title": found.title,
        "verdict": found.verdict,
        "sentence": found.sentence,
        "events": [event.model_dump(mode="json") for event in found.events],
        "ask": [ask._asdict() for ask in found.ask],
    }
