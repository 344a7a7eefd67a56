"""One verdict or many, in the same way."""

from collections import Counter
from collections.abc import Sequence

from ledger.policy.finding import WORDS, Verdict

Verdicts = Verdict | Sequence[Verdict]


def many(verdicts: Verdicts) -> list[Verdict]:
    """A list, also of one. (A verdict is a tuple itself.)"""
    return [verdicts] if isinstance(verdicts, Verdict) else list(verdicts)


def called(one: Verdict) -> str:
    """The lot's id, behind what is stamped on it if it was asked for by that, and its name if it has one."""
    told = ", ".join(filter(None, (one.asked, one.name)))
    return f"{told} ({one.subject})" if told else one.subject


def counts(words: list[str]) -> dict[str, int]:
    """How often each verdict came out; all three are named."""
    found = Counter(words)
    return {word: found[word] for word in WORDS}
