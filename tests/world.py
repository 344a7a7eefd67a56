"""A small, honest, reproducible ledger to test against.

    world = World()
    ore = world.source("pit", "ore-1", "3000")                       # the lot's id
    alumina, = world.transform("refinery", "refine", {ore: "3000"}, {"a-1": ("alumina", "1000")})

Parties, sites, keys and prefixes are registered when first used. Everything is a function of what was
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
from ledger.merkle import Frontier, leaf_hash
from ledger.note import (
    COSIGNATURE,
    Checkpoint,
    cosign,
    ed25519_vkey,
    format_checkpoint,
    format_vkey,
    sign_note,
    verifier,
)
from ledger.publisher import Publisher
from ledger.quantity import format_time, parse_time
from ledger.statement import sign
from ledger.store import Store
from ledger.store.guard import MemoryGuard
from ledger.store.memory import MemoryStore
from ledger.trust import Trust

NAME = "example.com/oreline"
START = "2026-03-02T06:00:00Z"
PARTY = "urn:example:party:"
SITE = "urn:example:site:"
LOT = "urn:example:lot:"
REGISTRAR = PARTY + "registrar"
LASTING = ("refine", "electrolysis", "electrolysis_inert")
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


def event_ref(event: Mapping[str, Any]) -> dict[str, str]:
    """How another event names this one."""
    return {"party": event["party"], "id": event["id"]}


class World:
    """A ledger over any store, with everyone's keys at hand."""

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
                "catalogue": dict(catalogue) if catalogue else json.loads(CATALOGUE.read_text()),
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

    # -- custody: sites by name, lots by id, new lots by name; masses as text in kg

    def lot(self, party: str, name: str) -> str:
        """The id of a party's lot. ``party``: its id."""
        return f"{LOT}{party.removeprefix(PARTY)}:{name}"

    def _at(self, site: str) -> tuple[str, str]:
        id = self.site(site)
        return id, self.operators[id]

    def source(
        self, site: str, lot: str, kg: str, kind: str = "mine", material: str = "bauxite", **more: Any
    ) -> str:
        """Metal enters; the new lot's id. ``more``: further members of the event."""
        id, party = self._at(site)
        new = self.lot(party, lot)
        outputs = [{"lot": new, "kg": kg, "material": material}]
        self.post({"type": "source", "party": party, "site": id, "kind": kind, "outputs": outputs} | more)
        return new

    def scrap(self, site: str, lot: str, kg: str) -> str:
        """Post-consumer scrap is collected; the new lot's id."""
        return self.source(site, lot, kg, kind="collection", material="post_consumer_scrap")

    def transform(
        self,
        site: str,
        process: str,
        inputs: Mapping[str, str],
        outputs: Mapping[str, tuple[str, str] | Mapping[str, Any]],
        **more: Any,
    ) -> list[str]:
        """A process; the new lots' ids. An output is (material, kg), or the members of its line. What lasts
        weeks is told to have begun a second before, unless ``from`` is given; None: it is not told."""
        id, party = self._at(site)
        made = []
        for name, what in outputs.items():
            line = dict(what) if isinstance(what, Mapping) else {"material": what[0], "kg": what[1]}
            made.append({"lot": self.lot(party, name), **line})
        event = {
            "type": "transform",
            "party": party,
            "site": id,
            "process": process,
            "inputs": [{"lot": lot, "kg": kg} for lot, kg in inputs.items()],
            "outputs": made,
            "model": "segregated",
        }
        if process in LASTING:
            event["from"] = format_time(self.now // 1000 - 1)
        self.post({name: value for name, value in (event | more).items() if value is not None})
        return [line["lot"] for line in made]

    def ship(
        self,
        site: str,
        to: str,
        lines: Mapping[str, str],
        parts: Mapping[str, str] | None = None,
        **more: Any,
    ) -> dict[str, str]:
        """Lots leave for a party (by name); the shipment. ``parts``: lot → name of the part that goes."""
        id, party = self._at(site)
        named = {lot: self.lot(party, part) for lot, part in (parts or {}).items()}
        rows = [
            {"lot": lot, "kg": kg} | ({"as": named[lot]} if lot in named else {}) for lot, kg in lines.items()
        ]
        event = {"type": "ship", "party": party, "site": id, "to": self.party(to), "lines": rows}
        self.post(event | more)
        return self.last

    def receive(
        self, of: Mapping[str, str], site: str, lines: Mapping[str, str], **more: Any
    ) -> dict[str, str]:
        """A shipment arrives; the receipt's event."""
        id, party = self._at(site)
        rows = [{"lot": lot, "kg": kg} for lot, kg in lines.items()]
        self.post({"type": "receive", "party": party, "of": dict(of), "site": id, "lines": rows} | more)
        return self.last

    def hand_over(self, site: str, to: str, lines: Mapping[str, str]) -> None:
        """Whole lots go from a site to a site of another party, and arrive."""
        receiver = self.operators[self.site(to)]
        self.receive(self.ship(site, receiver.removeprefix(PARTY), lines), to, lines)

    # -- assurance

    def correct(
        self, of: Mapping[str, str], action: str, party: str | None = None, **more: Any
    ) -> dict[str, str]:
        """Withdraw, dispute, resolve or amend; by the event's poster unless another party (id) is given."""
        event = {"type": "correct", "party": party or of["party"], "of": dict(of), "action": action}
        self.post(event | {"reason": "a test"} | more)
        return self.last

    def attest(self, subject: Any, **more: Any) -> dict[str, str]:
        """A certifier's statement, valid for a year from now."""
        event = {
            "type": "attest",
            "party": self.party("certifier"),
            "subject": subject,
            "scheme": "asi_coc",
            "status": "certified",
            "valid_from": self.time,
            "valid_until": format_time(self.now // 1000 + 365 * 86_400),
        }
        self.post(event | more)
        return self.last

    def revoke_key(self, party: str, **more: Any) -> dict[str, str]:
        """A party (id) ends its key."""
        kid = self.keys[party].public.kid
        self.post({"type": "revoke_key", "party": party, "kid": kid, "reason": "a test"} | more)
        return self.last

    # -- a whole chain

    def hood(self) -> str:
        """From two mines to a stamped hood of 8 kg, through five hand-overs; the hood's lot."""
        ore = self.source("pit", "ore", "3000")
        ore_2 = self.source("pit-2", "ore", "1500")
        self.hand_over("pit", "refinery", {ore: "3000"})
        self.hand_over("pit-2", "refinery", {ore_2: "1500"})
        (alumina,) = self.transform(
            "refinery", "refine", {ore: "3000", ore_2: "1500"}, {"alumina": ("alumina", "1930")}
        )
        self.hand_over("refinery", "smelter", {alumina: "1930"})
        (metal,) = self.transform(
            "smelter", "electrolysis", {alumina: "1930"}, {"metal": ("liquid_aluminium", "1000")}
        )
        (slab,) = self.transform("smelter", "cast", {metal: "1000"}, {"slab": ("rolling_slab", "980")})
        self.hand_over("smelter", "mill", {slab: "980"})
        (coil,) = self.transform("mill", "roll", {slab: "980"}, {"coil": ("coil", "850")})
        self.hand_over("mill", "press", {coil: "850"})
        (blank,) = self.transform("press", "blank", {coil: "15"}, {"blank": ("blank", "12")})
        hood, _ = self.transform(
            "press",
            "stamp",
            {blank: "12"},
            {
                "hood": {"material": "stamped_part", "kg": "8", "item": True, "marks": {"serial": "HOOD-1"}},
                "offcut": {"material": "press_scrap", "kg": "4", "role": "by_product"},
            },
        )
        return hood

    # -- checkpoints and trust

    def checkpoint(self) -> str:
        """The signed checkpoint of all entries so far; nothing is published."""
        head = self.store.head()
        root = Frontier.from_hashes(head.size, head.frontier).root()
        return sign_note(format_checkpoint(Checkpoint(self.name, head.size, root)), self.name, self.operator)

    def publish(self, *witnesses: str) -> str:
        """Publish a checkpoint of all entries so far, which ends with the register's root, cosigned by these
        witnesses."""
        guard = MemoryGuard()
        if before := self.store.checkpoint():
            guard.compare_and_swap(None, before)
        return Publisher(self.log, guard, self.operator, self.name, _Witnesses(self, witnesses)).publish()

    @property
    def charter_leaf(self) -> bytes:
        """The leaf hash that trust files pin."""
        return leaf_hash(self.store.entries_at([0])[0])

    @property
    def trust(self) -> Trust:
        """A trust file for this ledger: its log, its charter, no witnesses."""
        return Trust.parse(self.trust_text())

    def trust_text(self, witnesses: Sequence[str] = ()) -> str:
        """A trust file's text; with witnesses (by name), a quorum of them."""
        lines = [f"log {ed25519_vkey(self.name, self.operator.public.raw)}"]
        for n, witness in enumerate(witnesses):
            key = verifier(witness, COSIGNATURE, private_key(witness).public.raw)
            lines.append(f"witness w{n} {format_vkey(key)}")
        if witnesses:
            names = " ".join(f"w{n}" for n in range(len(witnesses)))
            lines += [f"group g all {names}", "quorum g"]
        else:
            lines.append("quorum none")
        lines.append(f"charter {b64.encode_std(self.charter_leaf)}")
        return "".join(f"{line}\n" for line in lines)


class _Witnesses:
    """Witnesses that sign whatever they are shown."""

    def __init__(self, world: World, names: Sequence[str]) -> None:
        self._world = world
        self._names = names

    def collect(self, checkpoint: str, prove: Any) -> str:
        """See ``ledger.publisher.Collecting``."""
        for name in self._names:
            checkpoint = cosign(checkpoint, name, private_key(name), self._world.now // 1000)
        return checkpoint
