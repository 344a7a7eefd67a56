"""technology: a process is claimed only where an inspector saw it run."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from ledger.claims.document import Claims
from ledger.policy.attesting import ByAttestation
from ledger.policy.chain import Of
from ledger.policy.finding import FAIL, PASS, Outcome
from ledger.policy.requirement import Processes, Tokens
from ledger.policy.schemes import Scheme


class Technology(ByAttestation):
    """Every run of the ``processes``, such as inert-anode electrolysis, lies in times in which an attestation
    of the scheme `technology` held that names the very unit: not before its commissioning, and not on
    another line. Metal of a chain without these processes makes no such claim and passes, unless the
    technology is ``required``."""

    kind: Literal["technology"]
    schemes: Tokens = Field(("technology",), description="Schemes, any of which suffices.")
    processes: Processes = Field(description="The processes that make the claim.")
    required: bool = Field(False, description="Whether the chain must have one of these processes.")
    names_units: ClassVar[bool] = True

    def judge(self, claims: Claims, book: Mapping[str, Scheme]) -> Outcome:
        of = Of(processes=self.processes)
        return self.judge_of(claims, book, of, FAIL if self.required else PASS)
