"""How the frauds are told: a line each, and in the end what it comes to."""

from collections.abc import Sequence

from cli.demo.frauds import Outcome
from cli.output import paragraph, table

HEADS = ("fraud", "caught by", "code", "caught")


def lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The table, what went wrong, and the sum."""
    rows = [(o.name, o.caught_by, o.code, "yes" if o.caught else "NO") for o in outcomes]
    told = [table(HEADS, rows), ""]
    for outcome in outcomes:
        if not outcome.caught:
            told.append(paragraph(f"{outcome.name}: NOT CAUGHT there; {_said(outcome.found)}."))
        if not outcome.innocent_passes:
            said = _said(outcome.against)
            told.append(paragraph(f"{outcome.name}: its honest twin does not pass; {said}."))
    caught = sum(outcome.caught for outcome in outcomes)
    passed = sum(outcome.innocent_passes for outcome in outcomes)
    told.append(
        f"{len(outcomes)} frauds were tried on the demo's ledger, each beside its honest twin.\n"
        f"{caught} were caught where they must be, {passed} twins passed.\n"
        f"--json tells each story. What no ledger catches: docs/frauds.md."
    )
    return told


def _said(found: tuple[str, str]) -> str:
    place, code = found
    return f"{place} says {code}" if place else "nobody said anything"
