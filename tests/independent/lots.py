"""What happens to lots: births, hand-overs, what is used of them, withdrawals (docs/reference/rules.md)."""

from fractions import Fraction

from chains import extend
from values import (
    Made,
    grams,
    keeps,
    mass_of,
    millionths,
    pure,
    seconds,
    share,
    split,
    there_was,
    weights_in,
)

MISSING = {"charters": "charter", "keys": "key", "hold": "lot", "owner": "lot", "attestation": "event"}


class Refused(Exception):
    def __init__(self, code: str, missing: str = ""):
        self.code, self.missing = code, missing


def name_of(reference: dict) -> str:
    return f"{reference['party']} {reference['id']}"


class Lots:
    """The register (kind and id to a record) after the entries that were judged so far."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], dict] = {}
        self.at: dict[tuple[str, str], int] = {}  # the entry that wrote each of them last
        self.moved: dict[str, list[int]] = {}  # of each lot, the entries that moved or sold it
        self.draft: dict[tuple[str, str], dict] = {}  # what the event in hand writes

    def steps(self) -> None:
        raise NotImplementedError

    def for_site(self, site: str) -> None:
        raise NotImplementedError

    def mark(self, about: str, mark: str, since: int = -1) -> None:
        raise NotImplementedError

    def marks(self, about: str) -> list:
        raise NotImplementedError

    def books(self) -> None:
        raise NotImplementedError

    def under(self) -> None:
        raise NotImplementedError

    def judge(self, index: int, charter: int, received: int, event: dict, kid: str, digest: str) -> None:
        """Admit an event whose form and signature are good, or raise Refused."""
        self.index, self.charter_index, self.received, self.event, self.kid = (
            index,
            charter,
            received,
            event,
            kid,
        )
        self.draft = {}
        self.touched: list[tuple[str, str]] = []
        self.name, self.poster, self.time = name_of(event), event["party"], seconds(event["time"])
        self.start = seconds(event.get("from", event["time"]))
        self.wrote = {
            "type": event["type"],
            "digest": digest,
            "at": index,
            "born": [],
            "used": {},
            "undo": [],
        }
        self.wrote |= {"poster": self.poster, "kid": kid, "received": received}
        self.others: set[str] = set()
        self.steps()
        extend(self)
        self.admit()

    def admit(self) -> None:
        replaced = {key for kind, key, _ in self.wrote["undo"] if kind in ("hold", "owner")}
        self.wrote["gone"] = {lot: self.used(lot) for lot in replaced}
        self.wrote["others"] = self.others - {self.poster}
        self.put("event", self.name, self.wrote)
        self.records |= self.draft
        for lot in {key for kind, key in self.draft if kind in ("hold", "owner")}:
            if ("lot", lot) not in self.draft:
                self.moved.setdefault(lot, []).append(self.index)
        self.at |= dict.fromkeys(self.draft, self.index)
        self.draft = {}

    def get(self, kind: str, key: str) -> dict:
        return self.draft.get((kind, key)) or self.records.get((kind, key), {})

    def put(self, kind: str, key: str, record: dict) -> None:
        self.draft[kind, key] = record

    def need(self, kind: str, key: str) -> dict:
        if record := self.get(kind, key):
            return record
        raise Refused(f"{kind}.unknown", MISSING.get(kind, kind))

    def replace(self, kind: str, key: str, record: dict) -> None:
        self.wrote["undo"].append((kind, key, self.get(kind, key)))
        self.put(kind, key, record)

    @staticmethod
    def hold_to(condition: object, code: str) -> None:
        if not condition:
            raise Refused(code)

    def held(self, lot: str, site: str = "") -> dict:
        there, hold = self.need("lot", lot), self.need("hold", lot)
        self.hold_to(not hold["withdrawn"], "lot.withdrawn")
        self.hold_to(not hold["to"], "lot.in_transit")
        self.hold_to(hold["holder"] == self.poster, "lot.holder")
        if site:
            self.hold_to(hold["site"] == site, "lot.site")
        else:
            self.for_site(hold["site"])
        self.hold_to(self.time >= max(there["since"], hold["since"]), "time.before")
        self.owned(lot)
        return there

    def owned(self, lot: str) -> dict:
        owner = self.need("owner", lot)
        self.hold_to(not owner["to"], "owner.pending")
        self.hold_to(self.time >= owner["since"], "time.before")
        return owner

    def used(self, lot: str) -> int:
        return self.get("used", lot).get("grams", 0)

    def take(self, lot: str, amount: int) -> None:
        there = self.need("lot", lot)
        self.hold_to(not there["item"] or amount == there["grams"], "lot.item")
        self.hold_to(self.used(lot) + amount <= there["grams"], "lot.overdrawn")
        self.spend(lot, amount)

    def spend(self, lot: str, amount: int) -> None:
        if amount:
            self.put("used", lot, self.get("used", lot) | {"grams": self.used(lot) + amount})
            self.wrote["used"][lot] = self.wrote["used"].get(lot, 0) + amount

    def bear(self, out: dict, role: str, made: Made, since: int, owner: str) -> None:
        lot = out["lot"]
        self.others.add(out.get("owner", self.poster))
        mine = self.need("party", self.poster)["prefixes"]
        self.hold_to(any(lot.startswith(prefix) for prefix in mine), "lot.prefix")
        self.hold_to(not any(self.get(kind, lot) for kind in ("lot", "party", "site")), "lot.exists")
        self.state(out, role, made, since, owner)

    def state(self, out: dict, role: str, made: Made, since: int, owner: str) -> None:
        lot, site = out["lot"], self.event["site"]
        born = {
            "material": out["material"],
            "grams": grams(out["kg"]),
            "item": out.get("item", False),
            "role": role,
            "party": self.poster,
            "site": site,
        }
        self.put("lot", lot, born | {"since": since, "event": self.name, "made": made})
        self.put("hold", lot, self.hold(self.poster, site, since))
        self.put("owner", lot, {"owner": owner, "to": "", "since": since, "event": self.name})
        self.wrote["born"].append(lot)

    def hold(
        self, holder: str, site: str, since: int, to: str = "", shipment: str = "", passes: bool = False
    ) -> dict:
        where = {"holder": holder, "site": site, "since": since, "to": to, "shipment": shipment}
        return where | {"passes": passes, "withdrawn": False, "event": self.name}

    def origin(self, material: str) -> bool:
        materials = self.charter["catalogue"]["materials"]
        self.hold_to(material in materials, "material.unknown")
        return materials[material]["origin"]

    def do_source(self) -> None:
        event = self.event
        for out in event["outputs"]:
            carries = self.origin(out["material"])
            made = pure(self.began(out["material"]), grams(out["kg"])) if carries else ([], [])
            self.alloyed(out, made)
            self.bear(out, "source", made, self.start, out.get("owner", self.poster))

    def began(self, material: str) -> str:
        event = self.event
        if event["kind"] in ("mine", "collection"):
            return f"{event['kind']} {event['site']}"
        metal = millionths(self.charter["catalogue"]["materials"][material]["metal_fraction"])
        named = event["kind"] == "addition" and "origin" in event and not metal
        return f"addition {event['origin']}" if named else f"unknown {event['kind']}"

    def alloyed(self, out: dict, made: Made) -> None:
        """Of a declared origin no more is alloying metal than its material may hold."""
        limit = self.charter["catalogue"]["materials"][out["material"]].get("max_alloy", "1")
        alloy = sum(amount for origin, amount in made[0] if origin.split(" ")[0] == "addition")
        whole = 1000 * grams(out["kg"])
        self.hold_to(Fraction(alloy, whole) <= Fraction(millionths(limit), 10**6), "material.alloy")

    def lost(self, process: dict, missing: int) -> None:
        """Of what goes in beside heels, or of heels alone, no more is missing than the process may lose."""
        lines = [(self.get("lot", line["lot"]), grams(line["kg"])) for line in self.event["inputs"]]
        beside = [
            amount for lot, amount in lines if lot["role"] != "heel" or not keeps(process, lot["material"])
        ]
        into = sum(beside or [amount for _, amount in lines]) + mass_of(self.event.get("additions", []))
        limit = Fraction(millionths(process.get("max_loss", "1")), 10**6)
        self.hold_to("max_loss" not in process or missing <= limit * into, "mass.lost")

    def do_transform(self) -> None:
        event, taken, since = self.event, [], []
        self.hold_to(event["process"] in self.charter["catalogue"]["processes"], "process.unknown")
        for line in event["inputs"]:
            lot, amount = self.held(line["lot"], event["site"]), grams(line["kg"])
            self.take(line["lot"], amount)
            self.others.add(self.need("owner", line["lot"])["owner"])
            taken += [(lot, amount)] if lot["made"][0] else []
            there = max(lot["since"], self.need("hold", line["lot"])["since"])
            since.append((there, lot, amount))
        missing = mass_of([*event["inputs"], *event.get("additions", [])]) - mass_of(event["outputs"])
        self.hold_to(missing >= 0, "mass.created")
        carrying = [out for out in event["outputs"] if self.origin(out["material"])]
        self.hold_to(taken or not carrying, "process.ratio")
        amounts = [grams(out["kg"]) for out in carrying]
        process = self.charter["catalogue"]["processes"][event["process"]]
        self.lost(process, missing)
        weights = weights_in(process, [(lot["material"], amount) for lot, amount in taken], sum(amounts))
        only_claimed = event["model"] == "book_and_claim"
        parts = [
            (pure("unknown book_and_claim", lot["grams"]) if only_claimed else lot["made"], weight)
            for (lot, _), weight in zip(taken, weights, strict=True)
        ]
        more = sum(amounts) - sum(amount for _, amount in taken)
        if more > 0:
            parts.append((pure(f"added {event['process']}", more), 1000 * more))
        self.books()
        made = iter(split(parts, amounts) if carrying else [])
        metal = [row for row in since if row[1]["made"][0] or not carrying]
        counted, ahead = carrying or event["outputs"], []
        for out in event["outputs"]:
            ahead += [out] if out in counted else []
            enough = max(self.start, there_was(process, metal, counted, ahead))
            is_made = next(made) if self.origin(out["material"]) else ([], [])
            self.alloyed(out, is_made)
            self.bear(out, out.get("role", "product"), is_made, enough, out.get("owner", self.poster))

    def as_stated(self) -> None:
        """A transform whose inputs the proof leaves out: its outputs are taken as they are stated."""
        if any(self.get("lot", out["lot"]) for out in self.event["outputs"]):
            return
        self.draft = {}
        self.wrote |= {"born": [], "used": {}, "undo": []}
        for out in self.event["outputs"]:
            unproven = pure(f"unproven {out['lot']}", grams(out["kg"]))
            made = unproven if self.origin(out["material"]) else ([], [])
            self.state(out, out.get("role", "product"), made, self.start, out.get("owner", self.poster))
        self.wrote["stated"] = True
        self.others.clear()
        self.admit()

    def do_ship(self) -> None:
        event = self.event
        self.need("party", event["to"])
        self.others.add(event["to"])
        self.under()
        for line in event["lines"]:
            lot, amount = self.held(line["lot"], event["site"]), grams(line["kg"])
            owner = self.need("owner", line["lot"])["owner"]
            self.others.add(owner)
            since = max(self.start, lot["since"], self.need("hold", line["lot"])["since"])
            self.hold_to(event.get("title") != "passes" or owner == self.poster, "owner.title")
            passes = owner == self.poster and event.get("title") != "stays"
            leaving = self.hold(self.poster, event["site"], since, event["to"], self.name, passes)
            if "as" in line:
                self.hold_to(not lot["item"], "lot.item")
                self.take(line["lot"], amount)
                part = {"lot": line["as"], "kg": line["kg"], "material": lot["material"]}
                made = share(lot["made"], 1000 * amount) if lot["made"][0] else ([], [])
                self.bear(part, "part", made, since, owner)
                self.put("hold", line["as"], leaving)
            else:
                self.hold_to(amount == lot["grams"] and not self.used(line["lot"]), "lot.not_whole")
                self.replace("hold", line["lot"], leaving)

    def do_receive(self) -> None:
        event, of = self.event, name_of(self.event["of"])
        type_ = self.need("event", of)["type"]
        self.hold_to(type_ in ("ship", "transfer"), "receive.of")
        self.hold_to(("site" in event) == (type_ == "ship"), "receive.site")
        self.others.add(self.event["of"]["party"])
        for line in event["lines"]:
            refused = line.get("result") == "refused"
            self.arrive(line, of, refused) if type_ == "ship" else self.take_title(line["lot"], of, refused)

    def arrive(self, line: dict, of: str, refused: bool) -> None:
        lot, hold = self.need("lot", line["lot"]), self.need("hold", line["lot"])
        self.hold_to(hold["to"] == self.poster, "lot.receiver")
        self.hold_to(hold["shipment"] == of, "lot.shipment")
        self.hold_to(self.time >= hold["since"], "time.before")
        if refused:
            self.replace("hold", line["lot"], self.hold(hold["holder"], hold["site"], self.time, "", of))
            return
        missing = lot["grams"] - grams(line["kg"])
        self.hold_to(not lot["item"] or not missing, "lot.item")
        self.spend(line["lot"], max(missing, 0))
        allowed = millionths(self.charter["catalogue"]["tolerances"]["receive"]) * lot["grams"]
        if abs(missing) * 10**6 > allowed and not self.marks(f"event {self.name}"):
            self.mark(f"event {self.name}", "difference")
        self.replace("hold", line["lot"], self.hold(self.poster, self.event["site"], self.time, "", of))
        self.others.add(self.need("owner", line["lot"])["owner"])
        if hold["passes"]:
            self.new_owner(line["lot"], self.poster)

    def take_title(self, lot: str, of: str, refused: bool) -> None:
        owner = self.need("owner", lot)
        self.hold_to(owner["to"] == self.poster and owner["event"] == of, "owner.receiver")
        self.hold_to(self.time >= owner["since"], "time.before")
        self.new_owner(lot, owner["owner"] if refused else self.poster)

    def new_owner(self, lot: str, owner: str, to: str = "") -> None:
        self.replace("owner", lot, {"owner": owner, "to": to, "since": self.time, "event": self.name})

    def do_transfer(self) -> None:
        self.need("party", self.event["to"])
        self.others.add(self.event["to"])
        self.under()
        for line in self.event["lines"]:
            lot, hold = self.need("lot", line["lot"]), self.need("hold", line["lot"])
            self.hold_to(not hold["withdrawn"], "lot.withdrawn")
            self.hold_to(not (hold["to"] and hold["passes"]), "owner.pending")
            self.hold_to(self.owned(line["lot"])["owner"] == self.poster, "owner.other")
            self.hold_to(self.used(line["lot"]) + grams(line["kg"]) <= lot["grams"], "lot.overdrawn")
            self.others.add(hold["holder"])
            self.new_owner(line["lot"], self.poster, self.event["to"])

    def do_exit(self) -> None:
        for line in self.event["lines"]:
            self.held(line["lot"])
            if self.event["reason"] in ("installed", "sold_outside"):
                self.hold_to(self.need("owner", line["lot"])["owner"] == self.poster, "owner.other")
            self.others.add(self.need("owner", line["lot"])["owner"])
            self.take(line["lot"], grams(line["kg"]))

    def do_count(self) -> None:
        for line in self.event["lines"]:
            lot = self.held(line["lot"], self.event["site"])
            gone = lot["grams"] - self.used(line["lot"]) - grams(line["kg"])
            self.hold_to(gone >= 0, "count.excess")
            self.hold_to(not lot["item"] or grams(line["kg"]) == lot["grams"], "lot.item")
            self.others.add(self.need("owner", line["lot"])["owner"])
            self.spend(line["lot"], gone)

    # ---- withdrawals

    def withdraw(self, of: str, event: dict) -> None:
        kinds = ("source", "transform", "ship", "receive", "transfer", "exit", "count")
        self.hold_to(event["poster"] == self.poster, "correct.poster")
        self.hold_to(event["type"] in kinds, "correct.kept")
        for lot in event["born"]:
            hold = self.need("hold", lot)
            self.untouched(lot, of, hold, self.need("owner", lot))
            self.put("hold", lot, hold | {"to": "", "withdrawn": True, "event": self.name})
        for kind, lot, before in event["undo"]:
            self.untouched(lot, of, self.need(kind, lot))
            self.put(kind, lot, before)
        for lot, amount in event["used"].items():
            left_by = self.need("event", self.need("owner", lot)["event"])
            self.hold_to(left_by["at"] <= event["at"], "correct.built_on")
            self.put("used", lot, self.get("used", lot) | {"grams": self.used(lot) - amount})
        self.put("withdrawn", of, {"by": self.name})

    def untouched(self, lot: str, of: str, *records: dict) -> None:
        gone = self.need("event", of)["gone"].get(lot, 0)
        same = all(record["event"] == of for record in records)
        self.hold_to(same and self.used(lot) <= gone, "correct.built_on")
