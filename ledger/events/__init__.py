"""Events: what a party says happened. ``parse`` turns payload octets into one of the models.

Errors name the place as ``$.inputs[0].kg`` and say in a sentence what is wanted there.
"""

from typing import Any, TypeAlias

import orjson
from pydantic import TypeAdapter, ValidationError

from ledger import entry, statement, strictjson
from ledger.errors import Malformed, Problem
from ledger.events.accounts import Account, Close
from ledger.events.agreements import Agree
from ledger.events.assurance import Attest, Correct, RevokeAttestation
from ledger.events.common import Common, Emission, Energy, EventRef, Evidence, Line, Output
from ledger.events.custody import (
    Count,
    Exit,
    Receive,
    ReceiveLine,
    Ship,
    ShipLine,
    Source,
    Transfer,
    Transform,
)
from ledger.events.problems import problems_of, shown
from ledger.events.registry import Amend, Charter, Key, Party, Register, RevokeKey, Site, brought

Event: TypeAlias = (
    Charter | Amend | Party | Site | Key | RevokeKey | Source | Transform | Ship | Receive | Transfer
    | Exit | Count | Correct | Attest | RevokeAttestation | Account | Close | Agree | Register
)  # fmt: skip

EVENT_TYPES: dict[str, type[Event]] = {
    "charter": Charter,
    "amend": Amend,
    "party": Party,
    "site": Site,
    "key": Key,
    "revoke_key": RevokeKey,
    "source": Source,
    "transform": Transform,
    "ship": Ship,
    "receive": Receive,
    "transfer": Transfer,
    "exit": Exit,
    "count": Count,
    "correct": Correct,
    "attest": Attest,
    "revoke_attestation": RevokeAttestation,
    "account": Account,
    "close": Close,
    "agree": Agree,
    "register": Register,
}

_READERS = {name: model.__pydantic_validator__.validate_python for name, model in EVENT_TYPES.items()}


def parse(payload: bytes) -> Event:
    """The event of a statement's payload octets.

    Raises ``Malformed``: ``json.*`` where it is not strict JSON, else ``event.*``, ``value.*``,
    ``key.*`` or ``catalogue.*``, with the first twenty things that are wrong.
    """
    value = strictjson.loads(payload)
    try:
        event: Event = _reader(value)(value)
    except ValidationError as found:
        first, *more = (Malformed(one.code, one.path, one.detail) for one in problems_of(found))
        raise Malformed(first.code, first.path, first.detail, more) from None
    return event


def in_entry(data: bytes) -> Event:
    """The event of an entry's bytes; ``Malformed``."""
    return parse(_payload(data))


def plain_in_entry(data: bytes) -> dict[str, Any]:
    """The same as the JSON object, which was found strict when it was admitted."""
    found: dict[str, Any] = orjson.loads(_payload(data))
    return found


def _payload(data: bytes) -> bytes:
    return statement.parse(entry.decode(data).statement).payload


def errors(payload: bytes) -> list[Problem]:
    """What is wrong with the form of a payload, as ``parse`` says; an empty list where nothing is."""
    try:
        parse(payload)
    except Malformed as found:
        return found.problems
    return []


def json_schema() -> dict[str, Any]:
    """One JSON Schema (draft 2020-12) of all events, with a definition for each type.

    What it cannot say (a lot once per event, check digits, points on curves) ``parse`` still asks.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(Event)
    schema = adapter.json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Oreline events",
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in EVENT_TYPES.values()],
        "$defs": {name: _without_null(definition) for name, definition in schema["$defs"].items()},
    }


def _without_null(schema: Any) -> Any:
    """Members that may be absent have no default: ``null`` is refused."""
    if isinstance(schema, dict):
        return {k: _without_null(v) for k, v in schema.items() if not (k == "default" and v is None)}
    return [_without_null(item) for item in schema] if isinstance(schema, list) else schema


def _reader(value: Any) -> Any:
    """The validator of the event's type. Chosen here, not by a union, so that paths stay plain."""
    if not isinstance(value, dict):
        raise Malformed("event.object", detail=f"an event is a JSON object, not {shown(value)}")
    if "type" not in value:
        raise Malformed("event.missing", "$.type", "is required")
    name = value["type"]
    reader = _READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        raise Malformed(
            "event.type", "$.type", f"must be one of {', '.join(EVENT_TYPES)}; found {shown(name)}"
        )
    return reader


__all__ = [
    "EVENT_TYPES",
    "Account",
    "Agree",
    "Amend",
    "Attest",
    "Charter",
    "Close",
    "Common",
    "Correct",
    "Count",
    "Emission",
    "Energy",
    "Event",
    "EventRef",
    "Evidence",
    "Exit",
    "Key",
    "Line",
    "Output",
    "Party",
    "Receive",
    "ReceiveLine",
    "Register",
    "RevokeAttestation",
    "RevokeKey",
    "Ship",
    "ShipLine",
    "Site",
    "Source",
    "Transfer",
    "Transform",
    "brought",
    "errors",
    "json_schema",
    "parse",
]
