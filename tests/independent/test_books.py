"""Accounts and agreements that chance makes up: both checkers must admit the same of them."""

import random

import pytest

from tests.independent.harness import DEMO, HOOD, Demo, said, same
from tests.independent.test_forged import forged
from tests.independent.test_records import kept_alike
from tests.independent.trade import kilograms

pytestmark = pytest.mark.unmeasured

SCRAP = "post_consumer_scrap"
SITES = {"northbay": f"{DEMO}site:northbay-yard", "laterriere": f"{DEMO}site:laterriere-casthouse"}


class Booking:
    """Two parties open and close accounts, collect, blend, sell as certified and agree, with slips."""

    def __init__(self, demo: Demo, seed: int, slips: float):
        self.demo, self.chance, self.slips = demo, random.Random(seed), slips
        self.statements: list[str] = []
        self.lots: dict[str, list[tuple[str, int]]] = {party: [] for party in SITES}
        self.accounts: dict[str, list[str]] = {party: [] for party in SITES}
        self.offers: list[tuple[str, str, dict]] = []  # by whom, its id, the terms
        self.posted: list[tuple[str, str]] = []
        self.names = 0

    def slip(self) -> bool:
        return self.chance.random() < self.slips

    def one(self, among: list) -> object:
        return self.chance.choice(among) if among else None

    def name(self, party: str, what: str) -> str:
        self.names += not self.slip()
        party = self.one(list(SITES)) if self.slip() else party
        return f"{DEMO}lot:{party}:{what}-{self.names}"

    def post(self, party: str, type_: str, **members: object) -> str:
        time = {"time": f"2026-03-14T0{self.chance.randrange(6, 8) if self.slip() else 7}:00:00Z"}
        event = said(type_, f"{DEMO}party:{party}", len(self.statements), **members) | time
        self.statements.append(self.demo.key(party).statement(event))
        self.posted.append((party, event["id"]))
        return event["id"]

    def account(self, party: str) -> dict:
        """A member `account`, mostly a fitting one, or none."""
        owner = self.one(list(SITES)) if self.slip() else party
        found = self.one(self.accounts[owner])
        return {"account": found} if found and self.chance.random() < 0.8 else {}

    def open(self, party: str) -> None:
        day = self.chance.choice(("2026-03-14/2026-03-14",) * 4 + ("2026-03-13/2026-03-13",))
        new = {
            "account": self.name(party, "account"),
            "scheme": self.chance.choice(("asi_coc",) * 4 + ("x",)),
        }
        sites = [SITES["northbay"]] if self.slip() else [SITES[party]]
        before = {"before": self.one(self.accounts[party])} if self.chance.random() < 0.3 else {}
        before = before if before.get("before") else {}
        kept = {"materials": ["billet"] if self.slip() else [SCRAP, "billet"], "period": day}
        rates = {"yield": "1", "overdraft": "0.2"} if self.slip() else {"yield": "0.9"}
        self.post(party, "account", sites=sites, **new, **kept, **before, **rates)
        self.accounts[party].append(new["account"])

    def close(self, party: str) -> None:
        if self.accounts[party]:
            self.post(party, "close", account=self.one(self.accounts[party]))

    def collect(self, party: str) -> None:
        lot, amount = self.name("northbay", "made-up"), self.chance.choice((1_000, 77_001))
        kind = "purchase" if self.slip() else "collection"
        out = {"lot": lot, "kg": kilograms(amount), "material": SCRAP}
        booked = self.account("northbay")
        self.post("northbay", "source", site=SITES["northbay"], kind=kind, outputs=[out], **booked)
        self.lots["northbay"].append((lot, amount))

    def blend(self, party: str) -> None:
        found = self.one(self.lots[party])
        if found:
            lot, amount = found
            taken, new = self.chance.randint(1, amount), self.name(party, "made-up")
            out = {"lot": new, "kg": kilograms(taken), "material": SCRAP}
            lines = [{"lot": lot, "kg": kilograms(taken)}]
            way = {"site": SITES[party], "process": "blend", "model": "mass_balance"}
            self.post(party, "transform", inputs=lines, outputs=[out], **way, **self.account(party))
            self.lots[party].append((new, taken))

    def ship(self, party: str) -> None:
        found = self.one(self.lots[party])
        if found:
            lot, amount = found
            to = self.one(list(SITES))
            sent, part = self.chance.randint(1, amount), self.name(party, "part")
            members: dict = {"to": f"{DEMO}party:{to}", "site": SITES[party]}
            if account := self.account(party):
                members["coc"] = {"scheme": "asi_coc", "document": "COC-1"} | account
            if self.offers and self.chance.random() < 0.4:
                by, id_, _ = self.one(self.offers)
                members["agreement"] = {"party": f"{DEMO}party:{by}", "id": id_}
            lines = [{"lot": lot, "kg": kilograms(sent), "as": part}]
            id_ = self.post(party, "ship", lines=lines, **members)
            of = {"party": f"{DEMO}party:{party}", "id": id_}
            self.post(to, "receive", of=of, site=SITES[to], lines=[{"lot": part, "kg": kilograms(sent)}])
            self.lots[to].append((part, sent))

    def agree(self, party: str) -> None:
        other = party if self.slip() else next(one for one in SITES if one != party)
        known = [offer for offer in self.offers if offer[0] == other or self.slip()]
        terms = {"material": SCRAP, "years": [{"year": 2026, "kg": self.chance.choice(("1", "2"))}]}
        accepts = {}
        if known and self.chance.random() < 0.7:
            by, id_, terms = self.one(known)
            terms = terms | {"exclusive": self.slip()}
            accepts = {"of": {"party": f"{DEMO}party:{by}", "id": id_}}
        with_ = {"with": f"{DEMO}party:{other}", "terms": terms}
        id_ = self.post(party, "agree", **with_, **accepts)
        self.offers += [] if accepts else [(party, id_, terms)]

    def withdraw(self, party: str) -> None:
        if self.posted:
            by, id_ = self.one(self.posted[-6:])
            of = {"party": f"{DEMO}party:{by}", "id": id_}
            self.post(by, "correct", of=of, action="withdraw", reason="a test")

    def run(self, steps: int) -> list[str]:
        for party in SITES:
            self.open(party)
        acts = [self.collect, self.blend, self.blend, self.ship, self.ship, self.agree, self.withdraw]
        for _ in range(steps):
            self.chance.choice([*acts, self.open, self.close])(self.one(list(SITES)))
        return self.statements


def test_made_up_books_are_judged_alike(demo: Demo) -> None:
    for seed in range(12):
        kept_alike(demo, Booking(demo, seed, slips=0.0 if seed % 3 == 0 else 0.1).run(60))


def test_proofs_of_what_is_sold_as_certified_are_seen_alike(demo: Demo) -> None:
    proofs = {}
    for seed in range(4):
        booking = Booking(demo, 100 + seed, slips=0.02)
        statements = booking.run(40)
        subject = booking.lots["laterriere"][-1][0] if booking.lots["laterriere"] else HOOD
        proofs[str(seed)] = forged(demo, statements, subject=subject)
    same(demo, proofs, 5)
