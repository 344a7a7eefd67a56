"""Every stable code: what it means and what to do. The docs' table is checked against this one.

A code, once released, keeps its meaning for ever; a code is never reused.
The part before the dot says where it comes from.
"""

from typing import NamedTuple


class Code(NamedTuple):
    """``meaning``: what is wrong. ``remedy``: what the reader should do next."""

    meaning: str
    remedy: str


CODES: dict[str, Code] = {
    # -- json: strict JSON (ledger.strictjson)
    # -- value: times, masses, ids, decimals (ledger.quantity)
    # -- key, statement: keys and JWS (ledger.keys, ledger.keyfile, ledger.statement)
    # -- entry, note, checkpoint, tile, trust: log formats
    # -- event: the event models (ledger.events)
    # -- charter, registrar, party, site: the registry's rules
    # -- lot, mass, process, time, owner, hold, mark: custody's rules
    # -- correct, attest: assurance's rules
    # -- store, guard, clock: the environment
    # -- request: what a caller asked of a face (API, CLI)
    # -- proof, chain, missing, standing: the offline check
    # -- audit: the replay
}
