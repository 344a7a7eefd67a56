"""Every stable code: what it means and what to do. The docs' table is checked against this one.

A code, once released, keeps its meaning for ever; a code is never reused.
The part before the dot says where it comes from. A new code goes into the file of its family; the joining
below needs no change.
"""

from ledger.codes.accounts import ACCOUNTS
from ledger.codes.assurance import ASSURANCE
from ledger.codes.audit import AUDIT
from ledger.codes.check import CHECK
from ledger.codes.claims import CLAIMS
from ledger.codes.code import Code
from ledger.codes.custody import CUSTODY
from ledger.codes.environment import ENVIRONMENT
from ledger.codes.events import EVENTS
from ledger.codes.faces import FACES
from ledger.codes.formats import FORMATS
from ledger.codes.log import LOG
from ledger.codes.monitoring import MONITORING
from ledger.codes.policy import POLICY
from ledger.codes.registry import REGISTRY
from ledger.codes.report import REPORT

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **FORMATS,
    **LOG,
    **EVENTS,
    **REGISTRY,
    **CUSTODY,
    **ASSURANCE,
    **ACCOUNTS,
    **CHECK,
    **CLAIMS,
    **AUDIT,
    **MONITORING,
    **ENVIRONMENT,
    **FACES,
    **POLICY,
    **REPORT,
}
