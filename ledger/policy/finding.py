"""What comes out when a policy is asked about a lot: values, never exceptions.

A verdict is one of three words. ``pass``: shown to be so. ``fail``: shown not to be so. ``not provable``:
what was shown does not suffice; missing data never pass, and never undo a fail.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ledger.claims.document import AsOf, Ref

Word = Literal["pass", "fail", "not provable"]
PASS: Word = "pass"  # noqa: S105  # a verdict
FAIL: Word = "fail"
NOT_PROVABLE: Word = "not provable"
WORDS: tuple[Word, ...] = (PASS, FAIL, NOT_PROVABLE)
EXIT: dict[Word, int] = {PASS: 0, FAIL: 1, NOT_PROVABLE: 2}
"""The exit code of a command for each verdict."""


class Ask(NamedTuple):
    """What to ask next. ``whom``: a party's or site's id, or a few words; ``what``: a sentence."""

    whom: str
    what: str


class Outcome(NamedTuple):
    """What a kind of requirement says of a claims document. ``events``: those that decided."""

    verdict: Word
    sentence: str
    events: tuple[Ref, ...] = ()
    ask: tuple[Ask, ...] = ()


class Finding(NamedTuple):
    """The outcome of one requirement of a policy, under the requirement's id and title."""

    requirement: str
    title: str
    verdict: Word
    sentence: str
    events: tuple[Ref, ...] = ()
    ask: tuple[Ask, ...] = ()


class Verdict(NamedTuple):
    """A policy's answer for one lot. ``unknown_ppm``: share of the lot whose origin is unknown or was not
    shown, millionths, rounded up; None if no origin was shown at all. ``left``: grams of it that are not used
    up, fitted, sold outside or lost; None if that was not shown. ``asked``: by what it was asked for, where
    that is not its id: what is stamped on it."""

    policy: str
    version: str
    title: str
    subject: str
    name: str
    material: str
    verdict: Word
    findings: tuple[Finding, ...]
    as_of: AsOf = AsOf()
    rests_on: str = "ledger"
    unknown_ppm: int | None = None
    left: int | None = None
    asked: str = ""


def worst(words: Iterable[Word]) -> Word:
    """``fail`` if any failed, else ``not provable`` if any is, else ``pass``."""
    found = set(words)
    return FAIL if FAIL in found else NOT_PROVABLE if NOT_PROVABLE in found else PASS


def passed(sentence: str, events: Iterable[Ref] = ()) -> Outcome:
    """It is shown to be so."""
    return Outcome(PASS, sentence, refs(events))


def failed(sentence: str, events: Iterable[Ref] = (), ask: Iterable[Ask] = ()) -> Outcome:
    """It is shown not to be so."""
    return Outcome(FAIL, sentence, refs(events), once(ask))


def unproven(sentence: str, events: Iterable[Ref] = (), ask: Iterable[Ask] = ()) -> Outcome:
    """What was shown does not suffice."""
    return Outcome(NOT_PROVABLE, sentence, refs(events), once(ask))


def refs(events: Iterable[Ref]) -> tuple[Ref, ...]:
    """Each event once, in the order given, without those that name nothing."""
    return tuple(dict.fromkeys(event for event in events if event.id))


def once(ask: Iterable[Ask]) -> tuple[Ask, ...]:
    """Each question once."""
    return tuple(dict.fromkeys(ask))
