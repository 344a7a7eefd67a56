"""Verdicts for people and programs: text, JSON, JUnit XML, SARIF; of one lot or of many."""

from ledger.policy.output.junit import junit
from ledger.policy.output.plain import as_json
from ledger.policy.output.sarif import Location, sarif
from ledger.policy.output.text import WIDTH, text

__all__ = ["WIDTH", "Location", "as_json", "junit", "sarif", "text"]
