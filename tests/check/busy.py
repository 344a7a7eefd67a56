"""A random but honest ledger: parties do what they please, and the ledger admits what the rules allow."""

from random import Random
from typing import Any

from ledger.quantity import format_kg
from ledger.register import Key
from tests.world import PARTY, REGISTRAR, SITE, World, event_ref, private_key

TRADERS = ("ant", "bee", "cat")
MATERIALS = ("mill_scrap", "press_scrap")


class Busy:
    """``world`` after ``steps`` random attempts. The same seed makes the same ledger."""

    def __init__(self, seed: int, steps: int) -> None:
        self.random = Random(seed)
        self.world = World()
        self.lots: list[tuple[str, int]] = []  # (id, grams as born)
        self._born = 0
        self._keys = 0
        for name in TRADERS:
            self.world.site(f"{name}-yard", name, "scrap_yard", "warehouse")
            self.source(name)
        self.world.party("certifier")
        acts = (
            *[self.source] * 2,
            *[self.blend] * 6,
            *[self.ship] * 4,
            *[self.receive, self.transfer, self.accept, self.correct] * 2,
            *[self.exit, self.count, self.attest, self.revoke_attestation],
            *[self.rotate, self.register, self.amend],
        )
        for _ in range(steps):
            self.random.choice(acts)(self.random.choice(TRADERS))

    def attempt(self, event: dict[str, Any]) -> bool:
        """Post; whether it was admitted."""
        self.world.tick(self.random.choice([0, 30, 3600]))
        before = len(self.world.posted)
        self.world.try_post(event)
        return len(self.world.posted) > before

    def pick(self, type: str) -> dict[str, Any] | None:
        """An event of a type that was admitted, most likely a late one."""
        found = [event for event in self.world.posted if event["type"] == type]
        return self.random.choice(found[-4:]) if found else None

    def _new(self, name: str) -> str:
        self._born += 1
        return self.world.lot(PARTY + name, f"l{self._born}")

    def _some(self) -> tuple[str, int]:
        return self.random.choice(self.lots[-8:])

    def source(self, name: str) -> None:
        kind = self.random.choice(["collection", "collection", "purchase", "opening"])
        material = "post_consumer_scrap" if kind == "collection" else self.random.choice(MATERIALS)
        kg = self.random.randint(1, 9)
        lot = self._new(name)
        line = {"lot": lot, "kg": str(kg), "material": material}
        head = {"type": "source", "party": PARTY + name, "site": f"{SITE}{name}-yard", "kind": kind}
        if self.attempt(head | {"outputs": [line]}):
            self.lots.append((lot, kg * 1000))

    def _here(self, name: str) -> list[tuple[str, str, int]]:
        """Lots that a trader holds, with their material and what is left of them in grams."""
        keys = [Key(kind, lot) for lot, _ in self.lots for kind in ("hold", "lot", "used")]
        found = self.world.store.read(keys)
        here = []
        for lot, grams in self.lots:
            used = found.get(Key("used", lot))
            left = grams - (used.value.grams if used else 0)
            hold = found[Key("hold", lot)].value
            if hold.holder == PARTY + name and not hold.to and left:
                here.append((lot, found[Key("lot", lot)].value.material, left))
        return here

    def blend(self, name: str) -> None:
        """Up to three lots of a material into two."""
        here = self._here(name)
        if not here:
            return
        _, material, _ = self.random.choice(here[-4:])
        fitting = [(lot, left) for lot, of, left in here if of == material][-4:]
        chosen = self.random.sample(fitting, min(len(fitting), self.random.randint(1, 3)))
        taken = [(lot, self.random.randint(1 + left // 2, left)) for lot, left in chosen]
        inputs = [{"lot": lot, "kg": format_kg(grams)} for lot, grams in taken]
        made = sum(grams for _, grams in taken)
        parts = [part for part in (made // 3, made - made // 3) if part]
        outputs = [{"lot": self._new(name), "kg": format_kg(part), "material": material} for part in parts]
        event = {
            "type": "transform",
            "party": PARTY + name,
            "site": f"{SITE}{name}-yard",
            "process": "blend",
            "inputs": inputs,
            "outputs": outputs,
            "model": "segregated",
        }
        if self.attempt(event):
            self.lots += [(line["lot"], part) for line, part in zip(outputs, parts, strict=True)]

    def ship(self, name: str) -> None:
        """One lot or several, whole or in part."""
        here = self._here(name)
        if not here:
            return
        chosen = self.random.sample(here, min(len(here), self.random.choice([1, 1, 2, 3])))
        lines, parts = [], []
        for lot, _, _ in chosen:
            grams = dict(self.lots)[lot]
            line = {"lot": lot, "kg": format_kg(grams)}
            if self.random.random() < 0.4 and grams > 200:
                line = {"lot": lot, "kg": "0.2", "as": self._new(name)}
                parts.append(line["as"])
            lines.append(line)
        event = {"type": "ship", "party": PARTY + name, "site": f"{SITE}{name}-yard", "lines": lines}
        if self.random.random() < 0.3:
            event["title"] = "stays"
        to = self.random.choice([trader for trader in TRADERS if trader != name])
        if not self.attempt(event | {"to": PARTY + to}):
            return
        self.lots += [(part, 200) for part in parts]
        if self.random.random() < 0.8:
            self.receive(name)

    def receive(self, name: str) -> None:
        shipment = self.pick("ship")
        if shipment is None:
            return
        lines = [{"lot": line.get("as", line["lot"]), "kg": line["kg"]} for line in shipment["lines"]]
        if self.random.random() < 0.2:
            self.random.choice(lines)["kg"] = "0.15"
        if self.random.random() < 0.1:
            lines[0]["result"] = "refused"
        to = shipment["to"]
        site = f"{SITE}{to.removeprefix(PARTY)}-yard"
        self.attempt(
            {"type": "receive", "party": to, "of": event_ref(shipment), "site": site, "lines": lines}
        )

    def transfer(self, name: str) -> None:
        lot, _ = self._some()
        to = PARTY + self.random.choice(TRADERS)
        self.attempt(
            {"type": "transfer", "party": PARTY + name, "lines": [{"lot": lot, "kg": "0.1"}], "to": to}
        )

    def accept(self, name: str) -> None:
        passed = self.pick("transfer")
        if passed is not None:
            event = {"type": "receive", "party": passed["to"], "of": event_ref(passed)}
            self.attempt(event | {"lines": passed["lines"]})

    def exit(self, name: str) -> None:
        lot, _ = self._some()
        event = {"type": "exit", "party": PARTY + name, "lines": [{"lot": lot, "kg": "0.1"}]}
        self.attempt(event | {"reason": "sample"})

    def count(self, name: str) -> None:
        lot, _ = self._some()
        event = {"type": "count", "party": PARTY + name, "site": f"{SITE}{name}-yard"}
        self.attempt(event | {"lines": [{"lot": lot, "kg": "0.5"}], "basis": "weighed"})

    def correct(self, name: str) -> None:
        of = self.random.choice(self.world.posted[-12:])
        action = self.random.choice(["withdraw", "withdraw", "dispute", "resolve", "amend"])
        party = of["party"] if action in ("withdraw", "resolve") else PARTY + name
        event = {"type": "correct", "party": party, "of": event_ref(of), "action": action}
        self.attempt(event | {"reason": "a test"})

    def attest(self, name: str) -> None:
        subjects = [PARTY + name, f"{SITE}{name}-yard", self._some()[0], event_ref(self.world.posted[-1])]
        event = {
            "type": "attest",
            "party": PARTY + "certifier",
            "subject": self.random.choice(subjects),
            "scheme": "asi_coc",
            "status": "certified",
            "valid_from": "2026-01-01T00:00:00Z",
            "valid_until": "2027-01-01T00:00:00Z",
        }
        self.attempt(event)

    def revoke_attestation(self, name: str) -> None:
        attested = self.pick("attest")
        if attested is not None:
            event = {"type": "revoke_attestation", "party": attested["party"], "of": event_ref(attested)}
            self.attempt(event | {"status": "suspended", "since": self.world.time, "reason": "a test"})

    def rotate(self, name: str) -> None:
        """A new key by the old one, or, where the old one was revoked, by the registrar."""
        party = PARTY + name
        self._keys += 1
        new = private_key(f"{name} {self._keys}")
        event = self.world.key_event(party, new)
        if self.random.random() < 0.5:
            self.attempt(event | {"party": party})
        elif self.attempt(
            {
                "type": "revoke_key",
                "party": party,
                "kid": self.world.keys[party].public.kid,
                "reason": "a test",
            }
        ):
            self.attempt(event | {"party": REGISTRAR})
            self.world.keys[party] = new

    def register(self, name: str) -> None:
        """The registrar registers the party again, suspends it, or lets it back in."""
        subject = PARTY + name
        latest = [e for e in self.world.posted if e["type"] == "party" and e["subject"] == subject][-1]
        status = (
            "active" if latest.get("status") == "suspended" else self.random.choice(["active", "suspended"])
        )
        kept = {k: v for k, v in latest.items() if k not in ("id", "time", "status", "replaces")}
        if self.attempt(kept | {"status": status, "replaces": event_ref(latest)}) and status == "suspended":
            self.register(name)

    def amend(self, name: str) -> None:
        if self.random.random() < 0.2:
            self.attempt({"type": "amend", "party": REGISTRAR, "rules": 1})
            self.world.tick(self.random.choice([60, 90_000]))
