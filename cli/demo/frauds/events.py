"""Steps that post: a step of frauds.json becomes an event, the event a statement, twice over.

A step has an honest form and, with ``fraud``, a fraudulent one. Both are signed here.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cli.demo.frauds.spelling import Spelling, put
from cli.demo.frauds.stage import Played
from ledger import b64, statement, strictjson
from ledger.keys import PrivateKey
from ledger.quantity import format_time, parse_time

HOUR = 3_600_000

Row = Mapping[str, Any]


class Posting(NamedTuple):
    """A statement and when the ledger receives it (ms)."""

    text: str | bytes
    received: int


class Writer:
    """Writes the statements of one run. ``events`` knows the event of every step so far by its name."""

    def __init__(self, played: Played) -> None:
        self._played = played
        self.events: dict[str, dict[str, Any]] = {step.id: step.event for step in played.steps}
        self.spelling = Spelling(played.story, played.key, self.events)
        self._count = 0

    def write(self, row: Row, now: int) -> tuple[Posting, Posting]:
        """The honest and the fraudulent statement of a step. ``now``: the last receipt (ms)."""
        self._count += 1
        if "again" in row:
            event, by, received = self.events[row["again"]], self._signer(row["again"]), now + HOUR
        else:
            event, by, received = self._event(row, now)
        honest = self._sign(event, by, received, row)
        fraud = self.spelling.whole(row.get("fraud", {}))
        if "again" in row:
            fraud = {"header": {}, **fraud}
        changed: dict[str, Any] = json.loads(json.dumps(event))
        for path, value in fraud.get("set", {}).items():
            put(changed, path, value)
        if "received" in fraud:
            received = parse_time(fraud["received"]) * 1000
        return honest, self._sign(changed, fraud.get("by", by), received, fraud)

    def _event(self, row: Row, now: int) -> tuple[dict[str, Any], str, int]:
        """The honest event of a step, who signs it, and when it is received."""
        story = self._played.story
        event: dict[str, Any]
        if "step" in row:
            told = self._played.steps[self._played.index(row["step"])]
            event, by, received = json.loads(json.dumps(told.event)), told.by, max(told.received, now)
        else:
            like = row.get("like")
            by = row.get("by") or self._signer(str(like))
            received = parse_time(row["received"]) * 1000 if "received" in row else now + HOUR
            party = self.spelling.whole(row["for"]) if "for" in row else story.party(by)
            scope = party.replace(":party:", ":event:")
            alike = json.loads(json.dumps(self.events[like])) if like else {}
            event = {
                "ledger": story.ledger,
                "type": alike.get("type", ""),
                "id": f"{scope}:{self._name(row)}",
                "time": format_time(received // 1000 - 60),
                "party": party,
            }
            event |= {name: value for name, value in alike.items() if name not in (*event, "from")}
            event |= self.spelling.whole(row.get("post", {}))
        for path, value in self.spelling.whole(row.get("set", {})).items():
            put(event, path, value)
        if "like" in row and "from" in alike and "from" not in row.get("set", {}):  # it lasts as long
            lasted = parse_time(alike["time"]) - parse_time(alike["from"])
            event["from"] = format_time(parse_time(event["time"]) - lasted)
        self.events[row.get("step") or self._name(row)] = event
        return event, by, received

    def _name(self, row: Row) -> str:
        return str(row.get("as", f"step-{self._count}"))

    def _signer(self, step: str) -> str:
        return self._played.steps[self._played.index(step)].by

    def _sign(self, event: Mapping[str, Any], by: str, received: int, how: Row) -> Posting:
        payload = strictjson.dumps(event)
        for old, new in how.get("payload", ()):
            assert old.encode() in payload, old
            payload = payload.replace(old.encode(), new.encode(), 1)
        key = self._played.key(by)
        text = statement.sign(payload, key)
        if "header" in how or "signed_by" in how:
            text = self._respelt(text, key, how)
        return Posting(text, received)

    def _respelt(self, text: str, key: PrivateKey, how: Row) -> str:
        """The statement under a header that is spelt with spaces, holds other words, or is signed by
        someone else than it names."""
        header, payload, _ = text.split(".")
        words = json.loads(b64.decode(header)) | how.get("header", {})
        signed = f"{b64.encode(json.dumps(words).encode())}.{payload}"
        signer = self._played.key(how["signed_by"]) if "signed_by" in how else key
        return f"{signed}.{b64.encode(signer.sign(signed.encode()))}"
