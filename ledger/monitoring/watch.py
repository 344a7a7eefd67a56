"""What a party watches for: events under its own name that it did not make, and keys in its name."""

import json
from collections.abc import Iterator, Set
from typing import Any, NamedTuple

import orjson

from ledger import b64
from ledger.errors import Malformed, Problem, problem
from ledger.keys import PublicKey


class Known(NamedTuple):
    """A party's own list: ids of its events, and leaf hashes of entries (base64url), as receipts have them.
    An id says nothing of another party's event: whoever likes may give one the same."""

    ids: Set[str] = frozenset()
    leaves: Set[str] = frozenset()


def parse_known(text: str) -> Known:
    """The list in a file: an event's id on each line, or what ``oreline post --json`` printed, as often as
    it did. ``Malformed("monitor.known")``."""
    if not text.lstrip().startswith("{"):
        return Known(ids={line.strip() for line in text.splitlines()} - {""})
    try:
        rows = [row for answer in _values(text) for row in answer["outcomes"]]
        return Known(leaves={row["leaf"] for row in rows if row and "leaf" in row})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Malformed("monitor.known") from None


def _values(text: str) -> Iterator[Any]:
    """JSON values, one after the other."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:]


class Watch:
    """``known``: the party's list, None if its events are not watched. ``alarms``: whether keys are.
    ``kids``: the keys registered to the party so far."""

    def __init__(self, party: str, known: Known | None, alarms: bool, kids: Set[str] = frozenset()) -> None:
        self.party = party
        self.known = known
        self.kids = set(kids)
        self._alarms = alarms

    def look(self, index: int, leaf: bytes, payload: bytes) -> list[Problem]:
        """What is strange about an entry's event. ``Malformed("monitor.entry")`` if it is none."""
        try:
            event = orjson.loads(payload)
            party, kind, id = event["party"], event["type"], event["id"]
        except (ValueError, TypeError, KeyError):
            raise Malformed("monitor.entry", detail="Its statement holds no event.") from None
        strange = []
        if party == self.party and self.known is not None:
            strange.append(
                ("monitor.event", f"{kind} {id}, signed in the name of {party}, is not on its list.")
            )
        change = self._key(event)
        if change and self._alarms:
            strange.append(("monitor.key", f"By {kind} {id}, {party} {change} {self.party}."))
        known = self.known or Known()
        if (party == self.party and id in known.ids) or b64.encode(leaf) in known.leaves:
            return []
        return [problem(code, f"entry {index}", detail) for code, detail in strange]

    def _key(self, event: dict[str, Any]) -> str:
        """What an event does to the party's keys, "" for nothing."""
        if event["type"] == "key" and event.get("subject") == self.party:
            try:
                kid = PublicKey.from_jwk(event["jwk"]).kid
            except (Malformed, TypeError, KeyError, AttributeError):
                kid = "?"  # whatever it is, it is registered in the party's name
            self.kids.add(kid)
            return f"registers the key {kid} to"
        if event["type"] == "revoke_key" and event.get("kid") in self.kids:
            return f"revokes the key {event['kid']} of"
        return ""
