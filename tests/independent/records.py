"""Records in their one byte form, of the kinds kept whole here: docs/reference/formats/register.md."""

import json

from lots import Lots

FIELDS = {
    "lot": "material grams item role party site since event composition traces",
    "hold": "holder site since to shipment passes withdrawn event",
    "owner": "owner to transfer since event",
    "used": "grams events chain moves",
    "charters": "known",
    "posted": "events chain",
    "about": "events chain",
}

OTHERS = {"status": "marks"}  # of events, keys and attestations alone


def records(replay: Lots) -> dict[str, str]:
    """By name, `<kind> <id>`."""
    return {
        f"{kind} {key}": record(kind, replay.at[kind, key], members)
        for (kind, key), members in replay.records.items()
        if kind in FIELDS
    }


def record(kind: str, at: int, members: dict) -> str:
    if kind == "lot":
        members = members | dict(zip(("composition", "traces"), members["made"], strict=True))
    if kind == "owner":
        members = members | {"transfer": members["event"] if members["to"] else ""}
    fields = [at, *(members[name] for name in (FIELDS | OTHERS)[kind].split())]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
