"""attested: what was done, was done under a certificate that held."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from ledger.claims.document import Claims
from ledger.policy.attesting import ByAttestation
from ledger.policy.chain import Of
from ledger.policy.finding import Outcome, Word
from ledger.policy.schemes import Scheme


class Attested(ByAttestation):
    """Every run of every step that ``of`` means lies in times in which a fitting attestation held: of one of
    the ``schemes``, by someone else than the step's own party, about the site (or about its operator, with a
    scope that names the site, or no sites if the site was not another's then), with the step's materials,
    process and unit in its scope. An event that was posted late must lie in them with its receipt too, so
    that nobody back-dates into an expired certificate. What refines or smelts and does not say when it began
    is not shown to have been done under a certificate that held when it ended; nor is metal of unknown origin
    shown to come from an attested mine: not provable."""

    kind: Literal["attested"]
    of: Of = Field(default_factory=Of, description="Which steps; every step where absent.")
    none: Word = Field("not provable", description="The verdict where the chain has no such step.")

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        return self.judge_of(claims, book, self.of, self.none)
