"""One verdict or many, in the same way."""

from collections import Counter
from collections.abc import Sequence

from ledger.policy.finding import WORDS, Verdict

Verdicts = Verdict | Sequence[Verdict]


def many(verdicts: Verdicts) -> list[Verdict]:
    """A list, also of one. (A verdict is a tuple itself.)"""
    return [verdicts] if isinstance(verdicts, Verdict) else list(verdicts)


def counts(words: list[str]) -> dict[str, int]:
    """How often each verdict came out; all three are named."""
    found = Counter(words)
    return {word: found[word] for word in WORDS}
