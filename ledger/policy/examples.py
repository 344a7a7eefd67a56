"""A policy's own examples, tried: whoever changes a threshold sees at once what that changes."""

from typing import NamedTuple

from ledger.policy.finding import Word
from ledger.policy.judging import judge
from ledger.policy.reading import ALL, Policy


class Tried(NamedTuple):
    """What an example expected of a requirement (or of ``verdict``, all of them) and what came out."""

    example: str
    requirement: str
    expected: Word
    found: Word
    sentence: str

    @property
    def agrees(self) -> bool:
        """Whether it came out as expected."""
        return self.expected == self.found


def try_examples(policy: Policy) -> list[Tried]:
    """One outcome for each verdict that an example expects, in the file's order."""
    tried: list[Tried] = []
    for example in policy.examples:
        verdict = judge(policy, example.claims)
        found = {one.requirement: (one.verdict, one.sentence) for one in verdict.findings}
        found[ALL] = verdict.verdict, "the verdict in all"
        tried += [Tried(example.name, name, word, *found[name]) for name, word in example.expect.items()]
    return tried
