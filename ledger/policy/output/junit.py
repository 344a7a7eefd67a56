"""JUnit XML, as continuous-integration servers read it: a suite for each lot, a case for each requirement.
A fail is a failure; what is not provable is an error, so that it never looks green."""

import re
from xml.etree import ElementTree as Xml

from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Finding, Verdict
from ledger.policy.output.many import Verdicts, called, counts, many

_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no place for."""


def junit(verdicts: Verdicts) -> str:
    """The XML text, in UTF-8 with its declaration."""
    lots = many(verdicts)
    cases = [found for one in lots for found in one.findings]
    root = Xml.Element("testsuites", {"name": "oreline check", **_sums(cases)})
    for one in lots:
        root.append(_suite(one))
    Xml.indent(root)
    written = _UNFIT.sub("\ufffd", Xml.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _suite(one: Verdict) -> Xml.Element:
    suite = Xml.Element("testsuite", {"name": called(one), **_sums(list(one.findings))})
    for found in one.findings:
        case = Xml.SubElement(
            suite, "testcase", {"name": found.requirement, "classname": f"{one.policy}.{one.subject}"}
        )
        if found.verdict == PASS:
            Xml.SubElement(case, "system-out").text = found.sentence
            continue
        tag = "failure" if found.verdict == FAIL else "error"
        Xml.SubElement(case, tag, {"message": found.sentence, "type": found.verdict}).text = _told(found)
    return suite


def _told(found: Finding) -> str:
    lines = [found.sentence, *(f"event {event.id}" for event in found.events)]
    asked = [f"- {ask.whom}: {ask.what}" for ask in found.ask]
    return "\n".join([*lines, *(["What to ask next", *asked] if asked else [])])


def _sums(cases: list[Finding]) -> dict[str, str]:
    found = counts([case.verdict for case in cases])
    return {
        "tests": str(len(cases)),
        "failures": str(found[FAIL]),
        "errors": str(found[NOT_PROVABLE]),
        "skipped": "0",
    }
