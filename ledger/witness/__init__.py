"""Witnesses: the log that asks them for cosignatures, and the service that gives them."""
