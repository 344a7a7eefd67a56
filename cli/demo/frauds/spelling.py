"""How frauds.json is spelt: short ids, words that stand for keys and events, paths into an event.

- ``lot:…``, ``site:…``, ``party:…``, ``event:…`` and the like are ids of the demo without their beginning;
- ``$kid:NAME``, ``$jwk:NAME``: the key of that name, by its id and whole;
- ``$proof:NAME:PARTY``: its proof of possession for the party;
- ``$sha256:TEXT``: the hash of a document that says so;
- ``$ref:STEP``: the event of a step, as other events name it; ``$catalogue``: the charter's catalogue;
- a path such as ``outputs[0].kg`` is set to a value; ``null`` takes the member away, and the index after the
  last adds to a list.
"""

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from cli.demo.story import REGISTRAR, Story
from ledger import b64
from ledger.keys import PrivateKey, possession_message

_SHORT = re.compile(r"(?:lot|site|party|event|certificate|vehicle):")
_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Spelling:
    """Reads what frauds.json says about one run. ``key``: the private key of a name. ``events``: the event
    of each step so far, by the step's name."""

    def __init__(
        self, story: Story, key: Callable[[str], PrivateKey], events: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._story = story
        self._key = key
        self.events = events
        self.beginning = story.party(REGISTRAR).partition("party:")[0]

    def whole(self, value: Any) -> Any:
        """The value with every short id and every word in it spelt out."""
        if isinstance(value, dict):
            return {name: self.whole(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.whole(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value.startswith("$"):
            return self._word(value[1:])
        return self.beginning + value if _SHORT.match(value) else value

    def _word(self, word: str) -> Any:
        kind, _, rest = word.partition(":")
        if kind == "catalogue":
            return json.loads(self._story.catalogue)
        if kind == "ref":
            return {name: self.events[rest][name] for name in ("party", "id")}
        if kind == "sha256":
            return sha256(rest.encode()).hexdigest()
        name, _, party = rest.partition(":")
        key = self._key(name)
        if kind == "proof":
            message = possession_message(self._story.ledger, f"{self.beginning}party:{party}", key.public.kid)
            return b64.encode(key.sign(message))
        return {"kid": key.public.kid, "jwk": key.public.jwk}[kind]


def put(event: dict[str, Any], path: str, value: Any) -> None:
    """Set, add or take away one member, where the path says."""
    *way, last = [int(number) if number else name for number, name in _PART.findall(path)]
    place: Any = event
    for part in way:
        place = place[part]
    if value is None and isinstance(place, dict):
        place.pop(last, None)
    elif value is None:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
