"""Accounts and agreements (docs/reference/rules.md): who may book what where, and which lots are sold as
certified. What is added up is not judged: a proof holds few of those who booked."""

from lots import Lots, Refused, name_of
from values import grams, seconds

DAY = 86_400
CERTAIN = ("mine", "collection")


class Books(Lots):
    """Steps of the events that open books, and of those that name one."""

    def named(self, kind: str, key: str, code: str) -> dict:
        if record := self.get(kind, key):
            return record
        raise Refused(code, "event")

    def do_account(self) -> None:
        event, key = self.event, self.event["account"]
        mine = self.need("party", self.poster)["prefixes"]
        self.hold_to(any(key.startswith(prefix) for prefix in mine), "account.prefix")
        self.hold_to(not self.get("book", key), "account.exists")
        for site in event["sites"]:
            self.for_site(site)
        for material in event["materials"]:
            self.origin(material)
        first, last = event["period"].split("/")
        since, until = seconds(f"{first}T00:00:00Z"), seconds(f"{last}T23:59:59Z")
        book = {name: event[name] for name in ("scheme", "sites", "materials")}
        book |= {"party": self.poster, "since": since, "until": until}
        if "before" in event:
            old = self.named("book", event["before"], "account.unknown")
            same = all(old[name] == book[name] for name in ("party", "scheme"))
            same = same and set(old["materials"]) == set(book["materials"])
            self.hold_to(same and old["until"] + 1 == since, "account.before")
            self.hold_to(not self.get("carry", event["before"]), "account.carried")
            self.put("carry", event["before"], {"to": self.name})
        for scope in [f"{site} {material}" for site in event["sites"] for material in event["materials"]]:
            kept = self.get("scope", scope) or {"accounts": [], "unbooked": 0}
            self.hold_to(kept["unbooked"] <= since, "account.begun")
            live = [row for row in kept["accounts"] if self.received <= self.last(row[2]) * 1000]
            for party, begins, ends in live:
                apart = party != self.poster or ends < since or until < begins
                self.hold_to(apart, "account.overlap")
            self.hold_to(sum(row[0] == self.poster for row in live) < 36, "account.limit")
            self.put("scope", scope, kept | {"accounts": [*live, (self.poster, since, until)]})
        self.put("book", key, book)

    def last(self, until: int) -> int:
        return until + DAY * int(self.charter["catalogue"]["max_delay_days"])

    def unbooked(self) -> None:
        """What is made at a place and time for which an account is kept names it."""
        for out in self.event["outputs"]:
            if out.get("role", "product") == "by_product" or not self.origin(out["material"]):
                continue
            scope = f"{self.event['site']} {out['material']}"
            kept = self.get("scope", scope) or {"accounts": [], "unbooked": 0}
            for party, begins, ends in kept["accounts"]:
                bound = party == self.poster and begins <= self.time <= ends
                late = self.received > self.last(ends) * 1000
                self.hold_to(late or not bound, "account.left_out")
            after = self.time - self.time % DAY + DAY
            self.put("scope", scope, kept | {"unbooked": max(after, kept["unbooked"])})

    def do_close(self) -> None:
        key = self.event["account"]
        book = self.named("book", key, "account.unknown")
        self.hold_to(book["party"] == self.poster, "account.other")
        self.hold_to(self.time > book["until"], "account.early")
        self.hold_to(not self.get("closed", key), "account.closed")
        self.put("closed", key, {"by": self.name})

    def booked(self, key: str) -> dict:
        book = self.named("book", key, "account.unknown")
        self.hold_to(book["party"] == self.poster, "account.other")
        self.hold_to(self.event["site"] in book["sites"], "account.site")
        self.hold_to(book["since"] <= self.time <= book["until"], "account.period")
        self.hold_to(self.received <= self.last(book["until"]) * 1000, "account.late")
        self.hold_to(not self.get("closed", key), "account.closed")
        self.wrote["accounts"] = [key]
        return book

    def of_class(self, book: dict, materials: list[str]) -> None:
        self.hold_to(set(materials) <= set(book["materials"]), "account.material")

    def certify(self, lot: str, scheme: str, more: int) -> None:
        """So much more of a lot (or less) is sold as certified and not used up."""
        there = self.get("coc", lot).get("grams", 0)
        self.put("coc", lot, {"scheme": scheme, "grams": there + more})
        self.wrote.setdefault("certified", []).append((lot, more))

    def do_source(self) -> None:
        super().do_source()
        if "account" in self.event:
            book = self.booked(self.event["account"])
            self.hold_to(self.event["kind"] in CERTAIN, "account.origin")
            self.of_class(book, [out["material"] for out in self.event["outputs"]])

    def books(self) -> None:
        if "account" in self.event:
            book = self.booked(self.event["account"])
            outputs = self.event["outputs"]
            products = [out["material"] for out in outputs if out.get("role", "product") == "product"]
            self.of_class(book, products)
            for line in self.event["inputs"]:
                coc = self.get("coc", line["lot"])
                if coc and coc["scheme"] == book["scheme"]:
                    self.certify(line["lot"], coc["scheme"], -min(coc["grams"], grams(line["kg"])))
        elif any(self.origin(out["material"]) for out in self.event["outputs"]):
            self.unbooked()

    def do_ship(self) -> None:
        super().do_ship()
        coc, lines = self.event.get("coc", {}), self.event["lines"]
        book = self.booked(coc["account"]) if "account" in coc else None
        if book:
            self.hold_to(coc["scheme"] == book["scheme"], "account.scheme")
            self.of_class(book, [self.need("lot", line["lot"])["material"] for line in lines])
        for line in lines:
            there, whole = self.get("coc", line["lot"]), grams(line["kg"])
            carried = min(there.get("grams", 0), whole)
            if carried and "as" in line:
                self.certify(line["lot"], there["scheme"], -carried)
                self.certify(line["as"], there["scheme"], carried)
            if book:
                self.hold_to(not carried or there["scheme"] == book["scheme"], "account.scheme")
                self.certify(line.get("as", line["lot"]), book["scheme"], whole - carried)

    def withdraw(self, of: str, event: dict) -> None:
        super().withdraw(of, event)
        for lot, more in event.get("certified", []):
            coc = self.get("coc", lot)
            self.put("coc", lot, coc | {"grams": coc["grams"] - more})
        for key in event.get("accounts", []):
            self.hold_to(not self.get("closed", key), "account.closed")

    # ---- agreements

    def do_agree(self) -> None:
        event, other = self.event, self.event["with"]
        self.need("party", other)
        self.hold_to(other != self.poster, "agreement.self")
        self.others.add(other)
        self.origin(event["terms"]["material"])
        if "destination" in event["terms"]:
            self.need("site", event["terms"]["destination"])
        terms = {"exclusive": False} | event["terms"]
        if "of" not in event:
            offer = {"parties": [self.poster, other], "terms": terms, "accepted": ""}
            self.put("agreement", self.name, offer)
            return
        of = name_of(event["of"])
        offer = self.named("agreement", of, "agreement.unknown")
        self.hold_to(offer["parties"] == [other, self.poster], "agreement.other")
        self.hold_to(not offer["accepted"], "agreement.accepted")
        self.hold_to(offer["terms"] == terms, "agreement.terms")
        self.put("agreement", of, offer | {"accepted": self.name})

    def under(self) -> None:
        if "agreement" in self.event:
            offer = self.named("agreement", name_of(self.event["agreement"]), "agreement.unknown")
            self.hold_to(offer["accepted"], "agreement.open")
            two = {self.poster, self.event["to"]}
            self.hold_to(two == set(offer["parties"]), "agreement.parties")
