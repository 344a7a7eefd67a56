"""accounts: what was attributed in books was booked on accounts, which are closed and not overdrawn."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims.coc import drawn_on_none
from ledger.claims.document import Claims
from ledger.policy.finding import FAIL, NOT_PROVABLE, Ask, Outcome, Word, failed, passed, unproven
from ledger.policy.requirement import Requirement, Tokens, called, hidden, show_more, some
from ledger.policy.schemes import Scheme
from ledger.quantity import counted, shown_kg

DRAW = "Say which account this document was drawn on."
SCHEME = "Ask for metal that is booked by the scheme that is asked for, or accept this one."


class Accounts(Requirement):
    """Each mass-balance account that the lot's claims were issued from is closed, and was not overdrawn.
    Before the close the percentage is not judged, and the claims are provisional: ``provisional`` is
    the verdict on those. A process that stated mass balance or book and claim and names no account is judged
    by none: not provable. So is a document of who attributed metal in books that names no account, for
    nothing was drawn on any, and with ``schemes`` what was booked on an account of another scheme. A lot that
    rests on no account, and was nowhere attributed in books, passes."""

    kind: Literal["accounts"]
    schemes: Tokens | None = Field(None, description="Accounts of these schemes only; all where absent.")
    provisional: Word = Field(
        "not provable", description="The verdict on claims from an account that is still open."
    )

    def schemes_named(self) -> tuple[str, ...]:
        return self.schemes or ()

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        meant = [one for one in claims.accounts if self.schemes is None or one.scheme in (*self.schemes, "")]
        over = [one for one in meant if one.overdrawn > 0]
        if over:
            said = [f"account {one.id} is overdrawn by {shown_kg(one.overdrawn)}" for one in over]
            what = self.ask or "Ask how the overdrawn claims are made good."
            return failed(f"{some(said)}.", ask=[Ask(one.party or "the seller", what) for one in over])
        open_ = [one for one in meant if not one.closed]
        bare = [step for step in claims.steps if step.unbooked is not None]
        undrawn = [one for one in claims.coc if drawn_on_none(claims, one)]
        others = [one for one in claims.accounts if one not in meant]
        waits = open_ if self.provisional in (FAIL, NOT_PROVABLE) else []
        if waits or bare or undrawn or others:
            found = failed if waits and self.provisional == FAIL else unproven
            sentences = []
            if waits:
                said = [f"account {one.id} ({one.period or 'period not stated'})" for one in waits]
                sentences.append(f"The claims are provisional until the close: {some(said)}.")
            if bare:
                said = [f"{step.process} at {called(claims, step.site)}" for step in bare]
                sentences.append(f"Attributed in books, and booked on no account: {some(said)}.")
            if undrawn:
                said = [f"{one.document or 'a document'} of {called(claims, one.issuer)}" for one in undrawn]
                sentences.append(f"Sold as certified, and drawn on no account: {some(said)}.")
            if others:
                said = [f"account {one.id} ({one.scheme})" for one in others]
                sentences.append(f"Booked by another scheme: {some(said)}.")
            close = self.ask or "Ask for the close of the account, when its period has ended."
            keep = self.ask or "Book what is attributed by mass balance on an account, from now on."
            return found(
                " ".join(sentences),
                [*(step.unbooked for step in bare if step.unbooked), *(one.event for one in undrawn)],
                [
                    *(Ask(one.party or "the seller", close) for one in waits),
                    *(Ask(step.party or step.site, keep) for step in bare),
                    *(Ask(one.issuer or "the seller", self.ask or DRAW) for one in undrawn),
                    *(Ask(one.party or "the seller", self.ask or SCHEME) for one in others),
                ],
            )
        if hidden(claims, "accounts", "ancestry"):
            return unproven(
                "The mass-balance accounts are not shown.",
                ask=[show_more(claims, "the mass-balance accounts")],
            )
        if not meant:
            return passed("The lot rests on no mass-balance account.")
        state = "not overdrawn" if open_ else "closed and not overdrawn"
        return passed(f"{counted(len(meant), 'mass-balance account')}: {state}.")
