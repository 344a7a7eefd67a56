"""Random custody, right and wrong, over two stores at once: mass is conserved, no refused event leaves
a trace, both stores answer alike, the entries alone make the same register again, and its chains are of
all of them."""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.log import Receipt, Refused
from ledger.quantity import FINE, format_kg
from ledger.register import Event, Flow, Key, Lot
from ledger.rules import Refusal
from ledger.store.memory import MemoryStore
from ledger.store.sqlite import SqliteStore
from tests.core import chaining
from tests.core.judging import register
from tests.core.replaying import closure, replay
from tests.world import LOT, PARTY, SITE, World

OPERATORS = {
    SITE + "mill": PARTY + "smelter",
    SITE + "yard-t": PARTY + "trader",
    SITE + "shop": PARTY + "maker",
}
PARTIES = sorted(set(OPERATORS.values()))
METAL = ("liquid_aluminium", "rolling_slab", "press_scrap", "anode")
TAKES = {
    "liquid_aluminium": ("cast", "blend", "remelt"),
    "rolling_slab": ("cast", "blend", "saw"),
    "press_scrap": ("cast", "remelt", "bale"),
    "magnesium": ("cast", "blend"),
    "dross": ("blend",),
    "anode": ("blend",),
}

# Spread out: hypothesis likes small numbers, and here a number's remainders choose what happens.
pick = st.integers(0, 2**16).map(lambda n: n * 2654435761 % 2**32 >> 8)
grams = st.one_of(st.integers(1, 5), st.integers(1, 2_000), st.integers(1, 10**6))


class Custody(RuleBasedStateMachine):
    """Three parties with a casthouse each, over a store in memory and one in SQLite."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.worlds = [World(MemoryStore()), World(SqliteStore(self.folder / "ledger", create=True))]
        for world in self.worlds:
            for site, operator in OPERATORS.items():
                world.site(site.removeprefix(SITE), operator.removeprefix(PARTY), "casthouse")
            world.party("certifier")
        self.world = self.worlds[0]
        self.random = random.Random(seed)
        self.count = 0
        self.records = register(self.world)

    # -- what there is

    def of_kind(self, kind: str) -> dict[str, Any]:
        return {key.id: record.value for key, record in self.records.items() if key.kind == kind}

    def chosen(self, number: int, among: Any) -> Any:
        found = sorted(among)
        return found[number % len(found)] if found else None

    def lot(self, number: int) -> tuple[str, Lot] | None:
        """A lot; mostly one that its holder can use."""
        lots = self.of_kind("lot")
        free = [id for id in lots if self.usable(id)]
        id = self.chosen(number // 8, free if number % 8 and free else lots)
        return None if id is None else (id, lots[id])

    def usable(self, lot: str) -> bool:
        hold, owner = (self.records[Key(kind, lot)].value for kind in ("hold", "owner"))
        return not (hold.to or hold.withdrawn or owner.to) and self.left(lot) > 0

    def beside(self, lot: str) -> list[str]:
        """Other usable lots at the same place of the same owner."""

        def place(id: str) -> tuple[str, str]:
            return self.records[Key("hold", id)].value.site, self.records[Key("owner", id)].value.owner

        others = self.of_kind("lot").keys() - {lot}
        return [id for id in others if self.usable(id) and place(id) == place(lot)]

    def left(self, lot: str) -> int:
        used = self.records.get(Key("used", lot))
        return int(self.records[Key("lot", lot)].value.grams) - (used.value.grams if used else 0)

    def name(self, party: str) -> str:
        self.count += 1
        return f"{LOT}{party.removeprefix(PARTY)}:n{self.count}"

    def about(self, party: str, kg: int, number: int, lot: str) -> int:
        """Mostly what is left of a lot, else anything."""
        return (self.left(lot) or 1) if number % 3 else kg

    # -- what can be done

    def post(self, event: dict[str, Any]) -> bool:
        """Post to both; they agree. A refused event changes nothing."""
        whole = self.world.event(event)
        outcomes = [world.try_post(whole) for world in self.worlds]
        assert outcomes[0] == outcomes[1]
        if isinstance(outcomes[0], Refused):
            assert register(self.world) == self.records, whole
            self.world.tick(1)
            self.worlds[1].now = self.world.now
            return False
        assert isinstance(outcomes[0], Receipt)
        self.records = register(self.world)
        return True

    @rule(n=pick, kg=grams, m=pick)
    def source(self, n: int, kg: int, m: int) -> None:
        site, party = self.chosen(n, OPERATORS.items())
        kind = ("purchase", "opening", "gain", "addition")[m % 4]
        material = METAL[m // 4 % 4] if kind != "addition" else "magnesium"
        output: dict[str, Any] = {"lot": self.name(party), "kg": format_kg(kg), "material": material}
        if m % 5 == 0:
            output["owner"] = PARTIES[m % 3]
        if m % 7 == 0:
            output["marks"] = {"serial": f"S{m % 4}"}
        if m % 11 == 0:
            output["item"] = True
        self.post({"type": "source", "party": party, "site": site, "kind": kind, "outputs": [output]})

    @rule(n=pick, m=pick, kg=grams, loss=st.integers(-1, 6), parts=st.integers(1, 4))
    def transform(self, n: int, m: int, kg: int, loss: int, parts: int) -> None:
        found = self.lot(n)
        if found is None:
            return
        site = self.records[Key("hold", found[0])].value.site
        party, owner = OPERATORS[site], self.records[Key("owner", found[0])].value.owner
        more = self.beside(found[0]) if m % 9 else list(self.of_kind("lot"))
        process = self.chosen(m // 9, TAKES[found[1].material] if m % 11 else ("cast", "bale"))
        same = process in ("blend", "bale", "saw")
        if same and m % 9:
            more = [id for id in more if self.records[Key("lot", id)].value.material == found[1].material]
        ids = sorted({found[0], *(self.chosen(m + i, more) for i in range(m % 3) if more)})
        masses = {id: self.about(party, kg, m + i, id) for i, id in enumerate(ids)}
        made = sum(masses.values()) * (100 - loss) // 100
        outputs = []
        for i, mass in enumerate([made // parts] * (parts - 1) + [made - made // parts * (parts - 1)]):
            output = {"lot": self.name(party), "kg": format_kg(max(mass, 1)), "owner": owner}
            output["material"] = found[1].material if same else METAL[(m + i) % 2]
            if (m + i) % 4 == 0:
                output |= {"role": "heel", "material": found[1].material if same else METAL[0]}
            elif i and not same and loss > 3:
                output |= {"role": "by_product", "material": "dross"}
            outputs.append(output)
        event = {"type": "transform", "party": party, "site": site, "process": process, "outputs": outputs}
        lines = [{"lot": id, "kg": format_kg(mass)} for id, mass in masses.items()]
        self.post(event | {"inputs": lines, "model": "mass_balance"})

    @rule(n=pick, m=pick, kg=grams)
    def ship(self, n: int, m: int, kg: int) -> None:
        found = self.lot(n)
        if found is None:
            return
        hold = self.records[Key("hold", found[0])].value
        line: dict[str, Any] = {"lot": found[0], "kg": format_kg(found[1].grams)}
        if m % 2:
            mass = self.about(hold.holder, kg, m // 2, found[0])
            line |= {"as": self.name(hold.holder), "kg": format_kg(mass)}
        event = {"type": "ship", "party": hold.holder, "site": hold.site, "to": PARTIES[m // 6 % 3]}
        self.post(event | {"lines": [line]} | ({"title": "stays"} if m % 5 == 0 else {}))

    @rule(n=pick, m=pick, kg=grams)
    def receive(self, n: int, m: int, kg: int) -> None:
        moving = {id: hold for id, hold in self.of_kind("hold").items() if hold.shipment}
        on_way = [id for id, hold in moving.items() if hold.to]
        lot = self.chosen(n, on_way if m % 8 and on_way else moving)
        if lot is None:
            return
        hold = moving[lot]
        party = hold.to if m % 5 and hold.to else PARTIES[n % 3]
        sender, id = hold.shipment.split(" ")
        born = self.records[Key("lot", lot)].value.grams
        line = {"lot": lot, "kg": format_kg(born if m % 3 else kg)}
        line |= {"result": "refused"} if m % 7 == 0 else {}
        site = next(site for site, operator in OPERATORS.items() if operator == party)
        event = {"type": "receive", "party": party, "site": site, "of": {"party": sender, "id": id}}
        self.post(event | {"lines": [line]} | ({"weighing": {"ticket": f"T{n % 9}"}} if m % 2 else {}))

    @rule(n=pick, m=pick)
    def title(self, n: int, m: int) -> None:
        """Offer a lot's title, or take or refuse one that is offered."""
        owners = self.of_kind("owner")
        offered = [id for id, owner in owners.items() if owner.to]
        lot = self.chosen(n, offered if m % 2 and offered else owners)
        if lot is None:
            return
        owner, line = owners[lot], {"lot": lot, "kg": format_kg(self.left(lot) or 1)}
        if not owner.to:
            event = {"type": "transfer", "party": owner.owner, "to": PARTIES[m % 3], "lines": [line]}
        else:
            sender, id = owner.transfer.split(" ")
            line |= {"result": "refused"} if m % 5 == 0 else {}
            party = owner.to if m % 7 else PARTIES[n % 3]
            event = {"type": "receive", "party": party, "of": {"party": sender, "id": id}, "lines": [line]}
        self.post(event)

    @rule(n=pick, m=pick, kg=grams)
    def leave(self, n: int, m: int, kg: int) -> None:
        """Exit or count."""
        found = self.lot(n)
        if found is None:
            return
        hold = self.records[Key("hold", found[0])].value
        mass = self.about(hold.holder, kg, m, found[0])
        event: dict[str, Any] = {"party": hold.holder, "lines": [{"lot": found[0], "kg": format_kg(mass)}]}
        if m % 2:
            self.post(event | {"type": "exit", "reason": ("lost", "sold_outside", "sample")[m // 2 % 3]})
        else:
            self.post(event | {"type": "count", "site": hold.site, "basis": "weighed"})

    @rule(n=pick, m=pick)
    def correct(self, n: int, m: int) -> None:
        """Mostly withdraw one of the last events; else dispute, resolve or amend any."""
        known = self.of_kind("event")
        last = sorted(known, key=lambda id: -self.records[Key("event", id)].at)
        name = last[n % min(len(last), 5)] if m % 3 else self.chosen(n, known)
        party, id = name.split(" ")
        action = ("withdraw", "withdraw", "withdraw", "dispute", "resolve", "amend")[m % 6]
        by = party if m % 5 else self.chosen(m, [*PARTIES, PARTY + "certifier", PARTY + "registrar"])
        event = {"type": "correct", "party": by, "of": {"party": party, "id": id}, "action": action}
        self.post(event | {"reason": "a test"})

    @rule(n=pick)
    def attest(self, n: int) -> None:
        """A certifier speaks of a lot, or of an event."""
        party, _, id = self.chosen(n, self.of_kind("event")).partition(" ")
        subject = self.chosen(n, self.of_kind("lot")) if n % 4 else {"party": party, "id": id}
        if subject is not None:
            event = {"type": "attest", "party": PARTY + "certifier", "subject": subject, "scheme": "asi_coc"}
            valid = {"valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}
            self.post(event | valid | {"status": "certified"})

    # -- what always holds

    @invariant()
    def nothing_is_negative_and_compositions_add_up(self) -> None:
        catalogue = {"anode"}
        for id, lot in self.of_kind("lot").items():
            assert 0 <= self.left(id) <= lot.grams
            carries = lot.material not in catalogue
            assert sum(share for _, share in lot.composition) == (FINE * lot.grams if carries else 0)
            assert not {origin for origin, _ in lot.composition} & set(lot.traces)
        for kind in ("stock", "transit"):
            assert all(found.grams >= 0 for found in self.of_kind(kind).values())

    @invariant()
    def stocks_are_the_sum_over_lots(self) -> None:
        sums: Counter[Key] = Counter()
        for id, lot in self.of_kind("lot").items():
            hold, owner = (self.records[Key(kind, id)].value for kind in ("hold", "owner"))
            if not hold.withdrawn:
                place = f"{hold.site} {owner.owner} {lot.material}"
                sums[Key("transit" if hold.to else "stock", place)] += self.left(id)
        kept = {
            Key(kind, id): s.grams for kind in ("stock", "transit") for id, s in self.of_kind(kind).items()
        }
        assert {key: grams for key, grams in kept.items() if grams} == {k: v for k, v in sums.items() if v}

    @invariant()
    def mass_is_conserved(self) -> None:
        events = self.of_kind("event")
        into, out, lots = Counter[str](), Counter[str](), self.of_kind("lot")
        for flow in self.standing_flows(events):
            out[flow.src] += flow.grams
            into[flow.dst] += flow.grams
        for id, lot in lots.items():
            if not self.records[Key("hold", id)].value.withdrawn:
                assert into[id] == lot.grams
                assert out[id] == lot.grams - self.left(id)
        sources = sum(out[id] for id, event in events.items() if event.type == "source")
        assert all(into[id] == out[id] for id, event in events.items() if event.type == "transform")
        exits = sum(into[id] for id, event in events.items() if event.type == "exit")
        standing = [id for id in lots if not self.records[Key("hold", id)].value.withdrawn]
        assert sources == sum(map(self.left, standing)) + into["loss"] + exits

    def standing_flows(self, events: dict[str, Event]) -> list[Flow]:
        """The flows of events that were not withdrawn."""
        withdrawn = {
            self.records[Key("event", id)].at
            for id in events
            for mark in self.marks(f"event {id}")
            if mark[0] == "withdrawn"
        }
        size = self.world.store.head().size
        return [flow for at, flow in self.world.store.flows_between(0, size) if at not in withdrawn]

    def marks(self, subject: str) -> Any:
        status = self.records.get(Key("status", subject))
        return status.value.marks if status else ()

    # -- what holds in the end

    def teardown(self) -> None:
        if not hasattr(self, "worlds"):
            return
        store, other = (world.store for world in self.worlds)
        try:
            self.both_stores_are_alike()
            self.the_entries_make_it_again()
            chaining.check(store, self.records)
            self.parts_are_judged_alike()
        finally:
            for world in self.worlds:
                world.log.close()
            shutil.rmtree(self.folder)
        assert store is not other

    def both_stores_are_alike(self) -> None:
        one, two = (world.store for world in self.worlds)
        size = one.head().size
        assert one.head() == two.head()
        assert register(self.worlds[0]) == register(self.worlds[1])
        asked: list[Callable[[Any], Any]] = [
            lambda store: list(store.entries(0, size)),
            lambda store: list(store.flows_between(0, size)),
            lambda store: list(store.touches_between(0, size)),
            lambda store: store.needs(range(size)),
        ]
        for question in asked:
            assert question(one) == question(two)

    def the_entries_make_it_again(self) -> None:
        store = self.world.store
        again = replay(dict(enumerate(store.entries(0, store.head().size))))
        assert again.refused == {}
        assert again.register == self.records
        needs = store.needs(range(store.head().size))
        flows = Counter(store.flows_between(0, store.head().size))
        for index, step in again.steps.items():
            assert not isinstance(step, Refusal)
            assert step.needs == needs[index]
            flows.subtract((index, flow) for flow in step.flows)
        assert not any(flows.values())

    def parts_are_judged_alike(self) -> None:
        """Whoever holds only what an entry rests on, and what was said about it, admits all of it."""
        store = self.world.store
        size = store.head().size
        for _ in range(6):
            seeds = self.random.sample(range(size), self.random.randint(1, 3))
            parts = closure(store, seeds, touches=len(seeds) > 1)
            assert replay(store.entries_at(parts)).refused == {}, (seeds, parts)


TestCustody = Custody.TestCase
# What fails is shown as it was drawn: making it smaller, a whole ledger each time, takes minutes.
TestCustody.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
