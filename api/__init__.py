"""The HTTP face of a ledger: FastAPI, problem+json, OpenAPI."""
