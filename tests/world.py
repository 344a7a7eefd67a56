"""A small, honest, reproducible ledger to test against.

    world = World()
    ore = world.source("pit", "ore-1", "3000")                       # the lot's id
    alumina, = world.transform("refinery", "refine", {ore: "3000"}, {"a-1": ("alumina", "1000")})

Whoever and whatever is named is registered first (see ``tests.posting``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger import b64
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
from ledger.quantity import format_time
from ledger.store.guard import MemoryGuard
from ledger.trust import Trust
from tests.posting import (
    CATALOGUE,
    LOT,
    NAME,
    PARTY,
    REGISTRAR,
    SITE,
    START,
    Posting,
    event_ref,
    private_key,
)

__all__ = [
    "CATALOGUE",
    "LASTING",
    "LOT",
    "NAME",
    "PARTY",
    "REGISTRAR",
    "SITE",
    "START",
    "World",
    "event_ref",
    "private_key",
]

LASTING = ("refine", "electrolysis", "electrolysis_inert")


class World(Posting):
    """What the parties do, and what the operator publishes of it."""

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
