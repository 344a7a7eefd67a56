"""Steps that judge: a buyer asks for something of a lot, of the ledger and of a proof alone.

What a proof cannot show it leaves open. It never passes what the ledger does not pass: that is found, too.
"""

import re
from typing import NamedTuple

from cli.demo.frauds.events import Row
from cli.demo.frauds.spelling import Spelling
from cli.demo.frauds.stage import Stage
from cli.demo.story import Story
from ledger import policy
from ledger.claiming import claims
from ledger.claims.document import Claims
from ledger.policy import Policy, Word
from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS

WORST: tuple[Word, ...] = (PASS, NOT_PROVABLE, FAIL)
_HEAD = 'format = "oreline-policy/1"\nname = "buyer"\ntitle = "A buyer"\nversion = "1"\n'
_SHORT = re.compile(r"(?<=')(?=(?:lot|site|party|event|certificate):)")


class Judged(NamedTuple):
    """The worst of the findings: its word, and the kind of requirement that it is about; "" if all pass."""

    word: Word
    kind: str


class Asked(NamedTuple):
    """A lot, and what a buyer asks of it. ``only``: the requirements of a shipped policy that count."""

    lot: str
    policy: Policy
    only: frozenset[str]

    @staticmethod
    def of(how: Row, spelling: Spelling) -> "Asked":
        """What a step asks: ``asks``, requirements as members of TOML tables; or ``policy``, one that is
        shipped, and of that the requirements ``only``."""
        lot = spelling.whole(how["judge"])
        if "policy" in how:
            shipped = policy.load(how["policy"])
            return Asked(lot, shipped, frozenset(how.get("only", [one.id for one in shipped.requirements])))
        tables = ", ".join(f"{{id = 'demand-{n}', {text}}}" for n, text in enumerate(how["asks"], 1))
        text = _SHORT.sub(spelling.beginning, f"{_HEAD}requirement = [{tables}]\n")
        asked = policy.load(text)
        return Asked(lot, asked, frozenset(one.id for one in asked.requirements))

    def of_ledger(self, stage: Stage) -> Judged:
        """What the ledger's claims come to."""
        followed = any(self._kind(one.id) == "exclusive" for one in self.policy.requirements)
        return self.of_claims(claims(stage.store, self.lot, fates=followed))

    def of_claims(self, told: Claims) -> Judged:
        """What a claims document comes to."""
        found = [one for one in policy.judge(self.policy, told).findings if self._counts(one.requirement)]
        worst = max(found, key=lambda one: WORST.index(one.verdict))
        return Judged(worst.verdict, "" if worst.verdict == PASS else self._kind(worst.requirement))

    def _counts(self, requirement: str) -> bool:
        return requirement in self.only or requirement == "proof"

    def _kind(self, requirement: str) -> str:
        kinds: dict[str, str] = {one.id: vars(one)["kind"] for one in self.policy.requirements}
        return kinds.get(requirement, requirement)


def document(story: Story, row: Row, honest: bool) -> bytes:
    """What is shown as the document of a row: the story's of that name, or ``text``; with the fraud's
    words in place of others."""
    texts = {one["name"]: one["text"] for one in story.documents}
    text: str = row.get("text") or texts[row["document"]]
    for old, new in () if honest else row.get("fraud", {}).get("text", ()):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def better(word: Word, than: Word) -> bool:
    """Whether a verdict flatters: it passes what another does not pass."""
    return word == PASS != than
