"""Whether steps of the chain lie in times in which fitting attestations held."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from ledger.claims.document import Attestation, Claims, Ref, Step
from ledger.events.common import Status
from ledger.policy import times
from ledger.policy.chain import WHENCE, Of, dark, whence
from ledger.policy.finding import FAIL, NOT_PROVABLE, PASS, Ask, Outcome, Word, failed, passed, unproven
from ledger.policy.requirement import (
    Ids,
    Requirement,
    Tokens,
    called,
    doing,
    hidden,
    show_more,
    some,
    to_begin,
)
from ledger.policy.schemes import Scheme, ask_of, title_of
from ledger.policy.scope import begun, fits, moments
from ledger.quantity import counted

ACCREDITATION = "accreditation"
NOT_BEGUN = "when it began is not told"
NOT_ACCREDITED = "attested, but the certifier was not accredited"


class ByAttestation(Requirement):
    """A demand that steps be attested: the members and the judging that `attested` and `technology` share."""

    schemes: Tokens = Field(description="Schemes, any of which suffices.")
    statuses: Annotated[tuple[Status, ...], Field(min_length=1, strict=False)] | None = Field(
        None, description="Statuses that count; those of the scheme where absent."
    )
    levels: Tokens | None = Field(None, description="Levels of the certificate, any of which suffices.")
    certifiers: Ids | None = Field(None, description="Certifiers that count; any where absent.")
    accredited: bool = Field(
        False,
        description="Whether the certifier must hold an attestation of the scheme `accreditation`, from "
        "someone else than itself and the step's own party, whose scope names the scheme, at the same time.",
    )
    bodies: Ids | None = Field(
        None, description="With `accredited`: accreditation bodies that count; any where absent."
    )
    at: Literal["event", "today"] = Field(
        "event", description="Whether it must have held when it was done, or hold at the checkpoint."
    )
    names_units: ClassVar[bool] = False

    def schemes_named(self) -> tuple[str, ...]:
        return self.schemes

    def judge_of(self, claims: Claims, book: Mapping[str, Scheme], of: Of, none: Word) -> Outcome:
        """The same for these steps; ``none``: the verdict where there is no such step."""
        title = " or ".join(title_of(book, name) for name in self.schemes)
        steps = of.steps(claims)
        if not claims.steps or (not steps and hidden(claims, "ancestry")):
            return unproven("The steps of the chain are not shown.", ask=[show_more(claims, "the chain")])
        if not steps and none != PASS:
            found = failed if none == FAIL else unproven
            return found("The chain has no step that this asks about.", ask=[self._asked(claims, book, "")])
        told = [_Told(step, *self._step(claims, book, step)) for step in steps]
        bad = [one for one in told if one.verdict == FAIL]
        open_ = [one for one in told if one.verdict == NOT_PROVABLE]
        if bad or open_:
            found = failed if bad else unproven
            return found(
                some(
                    [
                        f"{called(claims, one.step.site)}, {doing(one.step.process)}: {one.why}"
                        for one in bad or open_
                    ]
                )
                + f" ({title}).",
                [event for one in bad or open_ for event in (one.step.first, *_events(one.by))],
                [ask for one in bad + open_ for ask in self._next(claims, book, one)],
            )
        lost = dark(claims) if of.begins() else []
        if hidden(claims, "ancestry") or lost:
            events, asks = whence(claims, lost, self.ask, WHENCE)
            return unproven(
                "What is shown is attested, but the origin of a part of the metal is unknown or not shown.",
                events,
                asks or [show_more(claims, "where the rest of the metal comes from")],
            )
        attested = (
            f"{counted(len(steps), 'step')}, all attested" if steps else "There is no such step to attest"
        )
        return passed(f"{attested} ({title}).", [e for one in told for e in _events(one.by)])

    def _next(self, claims: Claims, book: Mapping[str, Scheme], told: "_Told") -> list[Ask]:
        """What to ask whom about a step. A certificate is there where only its certifier's accreditation is
        missing: the site has nothing more to show."""
        if told.why == NOT_BEGUN:
            return [Ask(told.step.party or told.step.site, to_begin(told.step.process))]
        if told.why == NOT_ACCREDITED:
            what = self.ask or ask_of(book, ACCREDITATION)
            return [Ask(whom, what) for whom in dict.fromkeys(one.certifier for one in told.by)]
        return [self._asked(claims, book, told.step.site)]

    def _asked(self, claims: Claims, book: Mapping[str, Scheme], site: str) -> Ask:
        what = self.ask or ask_of(book, self.schemes[0])
        return Ask(site or "the seller", what)

    def _step(
        self, claims: Claims, book: Mapping[str, Scheme], step: Step
    ) -> tuple[Word, str, tuple[Attestation, ...]]:
        """Verdict, reason, and the attestations that decided."""
        unseen = bool(hidden(claims, "attestations"))
        when = self._moments(claims, step)
        about = [(one, fits(claims, step, one, self, book)) for one in claims.attestations]
        near = [(one, fit) for one, fit in about if fit is not None]
        candidates = tuple(one for one, _ in near)
        if when is None:
            return NOT_PROVABLE, "when it was done cannot be read", candidates
        told = [(fit.verdict, one, self._held(claims, one, step.party)) for one, fit in near]
        sure = [(one, held) for word, one, held in told if word == PASS]
        perhaps = [(one, held) for word, one, held in told if word == NOT_PROVABLE]
        if _covered([span for _, held in sure for span in held], when):
            by = tuple(one for one, held in sure if _touches(held, when))
            return (NOT_PROVABLE, NOT_BEGUN, by) if not self._begun(claims, step) else (PASS, "", by)
        if _covered([span for _, held in sure + perhaps for span in held], when):
            return NOT_PROVABLE, next(fit.why for _, fit in near if fit.verdict == NOT_PROVABLE), candidates
        if unseen:
            return NOT_PROVABLE, "not all attestations are shown", candidates
        if not near:
            return FAIL, "no attestation about it", ()
        if not sure:
            return FAIL, near[0][1].why, candidates
        why = self._when(claims, sure, when)
        return FAIL, why, tuple(one for one, _ in sure) if why == NOT_ACCREDITED else candidates

    def _moments(self, claims: Claims, step: Step) -> list[times.Span] | None:
        """The spans, both ends included, in which an attestation must have held; None if not all are told."""
        if self.at == "today":
            return times.closed([(claims.as_of.received, claims.as_of.received)])
        return moments(step)

    def _begun(self, claims: Claims, step: Step) -> bool:
        return self.at == "today" or begun(claims, step)

    def _held(self, claims: Claims, one: Attestation, party: str) -> list[times.Span]:
        held = times.spans(one.held)
        return (
            times.common(held, accreditation(claims, one, (party,), self.bodies)) if self.accredited else held
        )

    def _when(
        self, claims: Claims, sure: list[tuple[Attestation, list[times.Span]]], wanted: list[times.Span]
    ) -> str:
        spans = times.joined(span for _, held in sure for span in held)
        missed = next(moment for moment in wanted if not times.cover(spans, *moment))
        when = times.told(missed[0]) if missed[0] == missed[1] else " to ".join(map(times.told, missed))
        if not spans:
            ever = any(times.spans(one.held) for one, _ in sure)
            return NOT_ACCREDITED if ever else "attested, but it never held"
        held = some([f"{times.told(a)} until {times.told(_end(claims, b))}" for a, b in spans], 2)
        return f"needed at {when}, but it held from {held}"


class _Told(NamedTuple):
    """What was found of a step."""

    step: Step
    verdict: Word
    why: str
    by: tuple[Attestation, ...]


def accreditation(
    claims: Claims, one: Attestation, parties: Iterable[str], bodies: tuple[str, ...] | None = None
) -> list[times.Span]:
    """When the attestation's certifier was accredited for its scheme, by someone else; ``bodies``: who
    counts. ``parties``: whose work is attested. Nobody counts whom the certifier itself or one of these
    accredits, directly or through others: they would accredit each other, or a site its own certifier."""
    own = _accredited_by(claims, (one.certifier, *parties))
    return times.joined(
        span
        for other in claims.attestations
        if other.scheme == ACCREDITATION
        and (other.subject.kind, other.subject.id) == ("party", one.certifier)
        and other.certifier != ""
        and other.certifier not in own
        and (bodies is None or other.certifier in bodies)
        and other.status == "certified"
        and one.scheme in other.scope.schemes
        for span in times.spans(other.held)
    )


def _accredited_by(claims: Claims, parties: Iterable[str]) -> set[str]:
    """The parties, whom they accredit, and whom those accredit, as far as the document tells."""
    found: set[str] = set()
    todo = list(parties)
    while todo:
        body = todo.pop()
        if body not in found:
            found.add(body)
            todo += [
                one.subject.id
                for one in claims.attestations
                if one.scheme == ACCREDITATION and one.certifier == body and one.subject.kind == "party"
            ]
    return found


def _covered(held: list[times.Span], moments: list[times.Span]) -> bool:
    spans = times.joined(held)
    return all(times.cover(spans, *moment) for moment in moments)


def _end(claims: Claims, outside: int) -> int:
    """The end as people read it: of what ran out its `valid_until`, and not the second after it."""
    last = outside - 1000
    return last if any(times.instant(one.valid_until) == last for one in claims.attestations) else outside


def _touches(held: list[times.Span], moments: list[times.Span]) -> bool:
    return any(a <= last and first < b for a, b in held for first, last in moments)


def _events(attestations: tuple[Attestation, ...]) -> list[Ref]:
    return [event for one in attestations for event in (one.event, *(change.event for change in one.history))]
