"""How fast the ledger is, beside what the machine allows: ``python -m tests.benchmarks``."""
