"""Reports that people hand in: a claims document made into fields and tables, each missing field named."""

from ledger.reports.beside import Beside
from ledger.reports.data import as_json
from ledger.reports.making import FIELDS, KINDS, make
from ledger.reports.page import as_html
from ledger.reports.report import Report
from ledger.reports.text import as_text, ending
from ledger.reports.uflpa import Listed

__all__ = ["FIELDS", "KINDS", "Beside", "Listed", "Report", "as_html", "as_json", "as_text", "ending", "make"]
