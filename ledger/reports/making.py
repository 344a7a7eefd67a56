"""The kinds of reports by name."""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.claims.document import Claims
from ledger.errors import Malformed
from ledger.reports.asi_account import asi_account
from ledger.reports.beside import Beside
from ledger.reports.cbam import GIVEN as CBAM_FIELDS
from ledger.reports.cbam import cbam
from ledger.reports.coc_document import GIVEN as COC_FIELDS
from ledger.reports.coc_document import coc_document
from ledger.reports.exclusive import exclusive
from ledger.reports.report import Report
from ledger.reports.section232 import section232
from ledger.reports.uflpa import Listed, uflpa

KINDS: dict[str, str] = {
    "section232": "Countries of smelt and last cast, for a United States customs entry.",
    "uflpa": "The chain tier by tier with document hashes, for a forced-labour review.",
    "cbam": "Emissions, route, scrap and elements, for an importer into the EU.",
    "asi-account": "The statement of a mass-balance account.",
    "coc-document": "The chain-of-custody document of a shipment.",
    "exclusive": "Agreed and delivered, and where all metal went.",
}
"""What each kind is, in a sentence."""

FIELDS: dict[str, tuple[str, ...]] = {"cbam": CBAM_FIELDS, "coc-document": COC_FIELDS}
"""The fields of each kind that may be given with the request."""


def make(
    kind: str,
    claims: Claims,
    *,
    fields: Mapping[str, str] | None = None,
    listed: Listed | None = None,
    plant: str = "",
    document: str = "",
    beside: Beside | None = None,
) -> Report:
    """The report of a kind.

    ``fields``: values for fields that no event says (``FIELDS``). ``listed``: of ``uflpa``. ``plant``: of
    ``exclusive``. ``document``: of ``coc-document``. ``beside``: what only a ledger tells. ``Malformed``:
    ``report.kind``, ``report.field``, ``report.document``, ``report.option`` where something is given that
    the kind does not take.
    """
    name = kind.replace("_", "-")
    if name not in KINDS:
        raise Malformed("report.kind", "$", f"{kind} is none of {', '.join(KINDS)}")
    takes: dict[str, tuple[str, ...]] = {
        "uflpa": ("listed",),
        "cbam": ("fields",),
        "coc-document": ("fields", "document"),
        "exclusive": ("plant",),
    }
    given: dict[str, Any] = {"fields": fields, "listed": listed, "plant": plant, "document": document}
    for option, value in given.items():
        if value and option not in takes.get(name, ()):
            raise Malformed("report.option", f"$.{option}", f"a report of kind {name} takes no {option}")
    more = beside or Beside()
    makers: dict[str, Callable[[], Report]] = {
        "section232": lambda: section232(claims),
        "uflpa": lambda: uflpa(claims, listed or Listed()),
        "cbam": lambda: cbam(claims, fields or {}),
        "asi-account": lambda: asi_account(claims, more.bookings),
        "coc-document": lambda: coc_document(claims, fields or {}, document),
        "exclusive": lambda: exclusive(claims, plant, more.delivered),
    }
    return makers[name]()
