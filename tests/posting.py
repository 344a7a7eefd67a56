"""A ledger over any store with everyone's keys at hand: its clock, its posters, its registry.

Parties, sites, keys and prefixes are registered when first named. Everything is a function of what was
called in which order: keys come from their names, the clock stands still but for one second a post,
events are numbered. Names are short here (``pit``); ids are made of them: ``PARTY + "acme"``.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger import b64
from ledger.keys import Algorithm, PrivateKey, possession_message
from ledger.log import Log, Receipt, Refused
from ledger.quantity import format_time, parse_time
from ledger.statement import sign
from ledger.store import Store
from ledger.store.memory import MemoryStore

NAME = "example.com/oreline"
START = "2026-03-02T06:00:00Z"
PARTY = "urn:example:party:"
SITE = "urn:example:site:"
LOT = "urn:example:lot:"
REGISTRAR = PARTY + "registrar"
CATALOGUE = Path(__file__).parent.parent / "cli" / "data" / "catalogue.json"

# What the helpers use unasked: site → (its operator, its kinds).
SITES: dict[str, tuple[str, tuple[str, ...]]] = {
    "pit": ("miner", ("mine",)),
    "pit-2": ("miner-2", ("mine",)),
    "refinery": ("refiner", ("refinery",)),
    "smelter": ("smelter", ("smelter", "casthouse")),
    "mill": ("roller", ("mill",)),
    "press": ("stamper", ("press_shop",)),
    "yard": ("collector", ("scrap_yard",)),
    "recycler": ("remelter", ("recycler", "casthouse")),
    "plant": ("maker", ("assembly_plant",)),
}
ROLES = {
    "miner": "miner",
    "miner-2": "miner",
    "refiner": "refiner",
    "smelter": "smelter",
    "roller": "roller",
    "stamper": "stamper",
    "collector": "collector",
    "remelter": "recycler",
    "maker": "maker",
    "certifier": "certifier",
}


def private_key(name: str, algorithm: Algorithm = "Ed25519") -> PrivateKey:
    """The key that a name makes."""
    return PrivateKey.from_seed(algorithm, hashlib.sha256(name.encode()).digest())


def roomy() -> dict[str, Any]:
    """The starting catalogue, but that losses are held to yields alone: small worlds book no crops."""
    found: dict[str, Any] = json.loads(CATALOGUE.read_text())
    for process in found["processes"].values():
        process.pop("max_loss", None)
    return found


def event_ref(event: Mapping[str, Any]) -> dict[str, str]:
    """How another event names this one."""
    return {"party": event["party"], "id": event["id"]}


class Posting:
    """Whoever is named may post."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        name: str = NAME,
        start: str = START,
        catalogue: Mapping[str, Any] | None = None,
    ) -> None:
        self.store = store if store is not None else MemoryStore()
        self.name = name
        self.now = parse_time(start) * 1000
        self.log = Log(self.store, lambda: self.now)
        self.registrar = private_key("registrar")
        self.recovery = private_key("recovery")
        self.operator = private_key("operator")
        self.keys: dict[str, PrivateKey] = {REGISTRAR: self.registrar}
        self.operators: dict[str, str] = {}  # site id → party id
        self.posted: list[dict[str, Any]] = []  # what was admitted, in order
        self._number = 0
        self._last: dict[str, Any] = {}
        self.charter = self.post(
            {
                "type": "charter",
                "party": REGISTRAR,
                "name": name,
                "rules": 1,
                "registrar_keys": [self.registrar.public.jwk],
                "recovery_key": self.recovery.public.jwk,
                "operator_key": self.operator.public.jwk,
                "catalogue": dict(catalogue) if catalogue else roomy(),
            }
        )

    # -- time

    @property
    def time(self) -> str:
        """The clock, as events spell it."""
        return format_time(self.now // 1000)

    def tick(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds * 1000

    # -- posting

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event with what every event has: ledger, id (numbered), time (now)."""
        self._number += 1
        common = {"ledger": self.name, "id": f"evt:{self._number}", "time": self.time}
        return {"ledger": "", "type": "", "id": "", "time": ""} | common | dict(event)

    def sign(self, event: Mapping[str, Any], by: PrivateKey | None = None) -> str:
        """The statement of a whole event, by its party's key unless another is given."""
        return sign(json.dumps(event, separators=(",", ":")).encode(), by or self.keys[event["party"]])

    def try_post(self, event: Mapping[str, Any], by: PrivateKey | None = None) -> Receipt | Refused:
        """Complete, sign and post one event; what the ledger says."""
        whole = self.event(event)
        signed = self.sign(whole, by)
        outcome = self._state(signed) if whole["type"] == "register" else self.log.post([signed]).outcomes[0]
        assert outcome is not None
        if isinstance(outcome, Receipt):
            self.tick(1)
            self.posted.append(whole)
            self._last = whole
        return outcome

    def _state(self, signed: str) -> Receipt | Refused:
        """Record what the ledger alone may say."""
        head, wrong = self.log.append(lambda *_: signed)
        if wrong is not None:
            return Refused((wrong,))
        return Receipt(head.size - 1, head.last, head.received, duplicate=False)

    def post(self, event: Mapping[str, Any], by: PrivateKey | None = None) -> Receipt:
        """Complete, sign and post one event, which must be admitted."""
        outcome = self.try_post(event, by)
        assert isinstance(outcome, Receipt), outcome.problems
        return outcome

    def refused(self, event: Mapping[str, Any], by: PrivateKey | None = None) -> str:
        """The code with which an event is refused; it must be."""
        outcome = self.try_post(event, by)
        assert isinstance(outcome, Refused), "the event was admitted"
        return outcome.problems[0].code

    @property
    def last(self) -> dict[str, str]:
        """A reference to the event admitted last."""
        return event_ref(self._last)

    # -- the registry

    def party(self, name: str, *, roles: Sequence[str] | None = None) -> str:
        """The id of a party, registered with a key and a prefix when first named."""
        id = PARTY + name
        if id not in self.keys:
            self.post(
                {
                    "type": "party",
                    "party": REGISTRAR,
                    "subject": id,
                    "name": name.replace("-", " ").title(),
                    "country": "CA",
                    "roles": list(roles or [ROLES.get(name, "trader")]),
                    "prefixes": [f"{LOT}{name}:"],
                }
            )
            self.keys[id] = private_key(name)
            self.post(self.key_event(id, self.keys[id]))
        return id

    def key_event(self, party: str, key: PrivateKey, sites: Sequence[str] = ()) -> dict[str, Any]:
        """The registrar's ``key`` event for a party's key, possession proven."""
        proof = key.sign(possession_message(self.name, party, key.public.kid))
        event = {
            "type": "key",
            "party": REGISTRAR,
            "subject": party,
            "jwk": key.public.jwk,
            "proof": b64.encode(proof),
        }
        return event | ({"sites": list(sites)} if sites else {})

    def site(self, name: str, operator: str | None = None, *kinds: str) -> str:
        """The id of a site, registered with its operator when first named (see ``SITES``)."""
        id = SITE + name
        if id not in self.operators:
            known = SITES.get(name, ("trader", ("warehouse",)))
            party = self.party(operator or known[0])
            self.post(
                {
                    "type": "site",
                    "party": REGISTRAR,
                    "subject": id,
                    "operator": party,
                    "kinds": list(kinds or known[1]),
                    "country": "CA",
                    "subdivision": "CA-QC",
                }
            )
            self.operators[id] = party
        return id

    def anew(self, subject: str, **members: Any) -> None:
        """The registrar registers a party or a site anew, with other members."""
        said = [event for event in self.posted if event["type"] in ("party", "site")]
        last = next(event for event in reversed(said) if event["subject"] == subject)
        kept = {name: value for name, value in last.items() if name not in ("id", "time")}
        self.post(kept | {"replaces": event_ref(last)} | members)
