"""The accounts of a proof's lots, folded over the replay: docs/reference/claims.md, "The fold"."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

from bounds import bounded
from burdens import NONE, chemistry, demanded, own, states
from entries import Entry
from lineage import origins
from lots import name_of
from method import ANODE, KWH, MELTS, REFINES, SMELTS, USED_BEFORE
from replay import Replay
from shares import (
    VECTORS,
    Account,
    Power,
    Vector,
    Visit,
    least,
    relabelled,
    scaled,
    total,
    visited,
    weakest,
    weakness,
)
from values import grams, in_month, millionths, seconds, weights_in

KEPT = ("unknown", "unproven", "added")


class Folding:
    """`accounts`: of the lots of the ancestry, `own`, that admitted entries bore."""

    def __init__(self, replay: Replay, entries: list[Entry], own_: set[str]):
        self.replay, self.accounts, self.own = replay, dict[str, Account](), own_
        for entry in entries:
            birth = replay.get("event", name_of(entry.event)) if entry.event else {}
            if birth.get("at") == entry.index and self.own & set(birth["born"]):
                self.entry, self.event, self.born = entry, entry.event, birth["born"]
                self.catalogue = self.catalogue_of(entry)
                if "stated" not in birth:
                    getattr(self, f"fold_{self.event['type']}", lambda: None)()

    def catalogue_of(self, entry: Entry) -> dict:
        found: dict = self.replay.get("charter", str(entry.charter)).get("catalogue", {})
        return found

    def account(self, lot: str) -> Account:
        return self.accounts.get(lot) or self.unshown(lot)

    def unshown(self, lot: str) -> Account:
        made, at = self.replay.get("lot", lot), self.replay.at["lot", lot]
        mg = 1000 * made["grams"]
        place, class_ = {f"unproven {lot}": mg}, {"unproven - -": mg}
        vectors = dict(zip(VECTORS, (place, place, class_, class_), strict=True)) if made["made"][0] else {}
        return Account(vectors, gaps={("", "", f"the ancestry of {lot}"): at}, lacking=mg)

    def carries(self, out: dict) -> bool:
        return bool(self.catalogue["materials"][out["material"]]["origin"])

    def visit(self, material: str) -> Visit:
        begin, end = seconds(self.event.get("from", self.event["time"])), seconds(self.event["time"])
        received = self.entry.received
        late = received // 1000 - end > 86_400 * self.catalogue["max_delay_days"]
        lag = max(0, ceil(Fraction(received, 1000)) - end)
        documents = len(self.event.get("evidence", []))
        index, carries = self.entry.index, any(map(self.carries, self.event["outputs"]))
        books = self.event.get("model") in ("mass_balance", "book_and_claim") and "account" not in self.event
        return Visit(
            ((begin, end),),
            (received,) if late else (),
            (material,),
            index,
            documents,
            lag,
            (index,) if books and carries else (),
        )

    def where(self, process: str) -> tuple[str, str, str, str]:
        return self.event["site"], self.event["party"], process, self.event.get("unit", "")

    def gaps(self, process: str, missing: list[str]) -> dict[tuple[str, str, str], int]:
        return {(self.event["site"], process, what): self.entry.index for what in missing}

    # ---- births

    def fold_ship(self) -> None:
        for line in self.event["lines"]:
            if line.get("as") in self.own and line["as"] in self.born:
                whole = self.replay.get("lot", line["lot"])["grams"]
                self.accounts[line["as"]] = self.account(line["lot"]).drawn(grams(line["kg"]), whole)

    def fold_source(self) -> None:
        event, process = self.event, f"source:{self.event['kind']}"
        burden, uncounted = own(event)
        missing = [*demanded(event, process), *uncounted]
        whole = sum(grams(out["kg"]) for out in event["outputs"])
        for out in event["outputs"]:
            amount = grams(out["kg"])
            part = burden.drawn(amount, whole)
            self.keep(process, out["lot"], amount, Account(
                self.begun(out["material"], 1000 * amount) if self.carries(out) else {},
                part, part,
                gaps=self.gaps(process, missing),
                lacking=1000 * amount if missing else 0,
                visits={self.where(process): self.visit(out["material"])},
            ))  # fmt: skip

    def begun(self, material: str, mg: int) -> dict[str, Vector]:
        kind = self.event["kind"]
        metal = millionths(self.catalogue["materials"][material]["metal_fraction"])
        if kind == "mine":
            refinery, smelter, class_ = "none", "none", "primary"
        elif kind == "collection":
            refinery = smelter = f"collected {self.event['site']}"
            class_ = "post" if material in USED_BEFORE else "pre"
        elif kind == "addition":
            refinery = smelter = "unknown addition" if metal or "origin" not in self.event else "alloy"
            class_ = "alloy"
        else:
            refinery = "none" if self.before(material, REFINES) else f"unknown {kind}"
            smelter = "none" if self.before(material, REFINES | SMELTS) else f"unknown {kind}"
            class_ = "unknown"
        labels = (refinery, smelter, f"{class_} - -", f"{class_} - -")
        return {name: {label: mg} for name, label in zip(VECTORS, labels, strict=True)}

    def before(self, material: str, processes: set[str]) -> bool:
        """Whether one of these is yet to be done to it."""
        known = [one for name, one in self.catalogue["processes"].items() if name in processes]
        return any(material in one["inputs"] and material not in one["outputs"] for one in known)

    # ---- transforms

    def fold_transform(self) -> None:
        event, process = self.event, self.event["process"]
        lots = [self.replay.get("lot", line["lot"]) for line in event["inputs"]]
        taken = [
            self.account(line["lot"]).drawn(grams(line["kg"]), lot["grams"])
            for line, lot in zip(event["inputs"], lots, strict=True)
        ]
        masses = {n: grams(line["kg"]) for n, line in enumerate(event["inputs"]) if taken[n].vectors}
        raw = sum(one.vectors.get("smelter", {}).get("none", 0) for one in taken)
        before = 1000 * sum(masses.values()) - raw
        made = sum(grams(out["kg"]) for out in event["outputs"] if self.carries(out))
        parts = [(lots[n]["material"], mass) for n, mass in masses.items()]
        weights = weights_in(self.catalogue["processes"][process], parts, made)
        for (n, mass), weight in zip(masses.items(), weights, strict=True):
            taken[n] = taken[n].weighing(weight, 1000 * mass)
        metal = [one for one in taken if one.vectors]
        outputs = event["outputs"]
        bearing = [out for out in outputs if self.carries(out)]
        carry = bool(bearing)
        bearing = bearing or [out for out in outputs if out.get("role") != "by_product"]
        mass = sum(grams(out["kg"]) for out in bearing)
        vectors = {name: total(one.vectors[name] for one in metal) for name in VECTORS}
        burden, uncounted = own(event)
        missing = [*demanded(event, process), *uncounted]
        if event["model"] == "book_and_claim" and metal:
            place, class_ = "unknown book_and_claim", "unknown - -"
            for name, claimed in zip(VECTORS, (place, place, class_, class_), strict=True):
                vectors[name] = relabelled(
                    vectors[name], lambda label, to=claimed: label if label == "none" else to
                )
            missing.append("the metal itself, which was only claimed")
        more = 1000 * (mass * carry - sum(masses.values()))
        if more > 0:
            for name in VECTORS:
                label = f"added {process}" if name in ("refinery", "smelter") else "added - -"
                vectors[name][label] = vectors[name].get(label, 0) + more
            missing += [] if states(event, 3) else ["emissions of what was added (scope 3)"]
        weight = sum(vectors["own_loop"].values())
        power = [one.power for one in taken]
        if process in SMELTS:
            anodes = [one for one, lot in zip(taken, lots, strict=True) if lot["material"] == ANODE]
            brought = sum(min(one.cut_off.total, one.by_mass.total) for one in anodes)
            missing += chemistry(event, brought, raw // 1000, ANODE)
            power.append(used := self.power())
            made = max(0, 1000 * mass * carry - before)
            if used and not 8 * made <= sum(used.values()) <= 25 * made:
                missing.append("electricity that fits the metal made")
        self.pass_(vectors)
        all_ = sum(one.lacking for one in taken if not one.vectors)
        if carried := sum(one.lacking for one in metal):
            all_ += -(-carried * 1000 * mass // weight)
        joined = Account(
            vectors,
            sum((one.cut_off for one in taken), burden),
            sum((one.by_mass for one in taken), burden),
            total(power),
            weakest([*(one.models for one in metal), {process: (self.weakness(lots), self.entry.index)}]),
            least([*(one.gaps for one in taken), self.gaps(process, missing)]),
            1000 * mass if missing else min(all_, 1000 * mass),
            visited(one.visits for one in taken),
        )
        self.share(joined, bearing, mass, weight)
        for out in outputs:
            self.accounts.setdefault(out["lot"], Account())

    def weakness(self, lots: list[dict]) -> int:
        sets = {frozenset(origins(lot)) for lot in lots if lot["made"][0]}
        return max(weakness(self.event["model"]), weakness("segregated") if len(sets) > 1 else 0)

    def power(self) -> Power:
        found: Power = {}
        begin, end = seconds(self.event.get("from", self.event["time"])), seconds(self.event["time"])
        where = self.event["site"], self.event["party"]
        for used in self.event.get("energy", []):
            if used["carrier"] == "electricity" and used["unit"] in KWH:
                mwh = ceil(Fraction(used["amount"]) * KWH[used["unit"]] * 10**6)
                for month, first, last in months(begin, end):
                    key = used.get("instrument", "-"), used.get("source", "-"), *where, month
                    whole = max(1, end - begin)
                    found[key] = found.get(key, 0) + mwh * last // whole - mwh * first // whole
        return found

    def pass_(self, vectors: dict[str, Vector]) -> None:
        """The stages that the process is."""
        site, party, process = self.event["site"], self.event["party"], self.event["process"]
        for name, stages in (("refinery", REFINES), ("smelter", SMELTS)):
            if process in stages and "none" in vectors[name]:
                vectors[name] = relabelled(
                    vectors[name], lambda label, at=f"{name} {site}": at if label == "none" else label
                )

        def melted(label: str, loop: bool) -> str:
            class_, cast, scrap = label.split(" ")
            foreign = cast != site if loop else scrap != party
            return f"{'pre' if scrap != '-' and class_ not in KEPT and foreign else class_} {site} -"

        if process in MELTS:
            vectors["own_loop"] = relabelled(vectors["own_loop"], lambda label: melted(label, True))
            vectors["own_party"] = relabelled(vectors["own_party"], lambda label: melted(label, False))

    def share(self, joined: Account, bearing: list[dict], mass: int, weight: int) -> None:
        products = sum(grams(out["kg"]) for out in bearing if out.get("role") != "by_product")
        process = self.event["process"]
        for out in bearing:
            amount, falls_off = grams(out["kg"]), out.get("role") == "by_product"
            account = joined.spread(amount, mass)
            if products:
                cut_off = NONE if falls_off else joined.cut_off.drawn(amount, products)
                account = replace(account, cut_off=cut_off)
            vectors = {name: self.scaled(out, name, joined, weight) for name in VECTORS if self.carries(out)}
            visits = visited([joined.visits, {self.where(process): self.visit(out["material"])}])
            self.keep(process, out["lot"], amount, replace(account, vectors=vectors, visits=visits))

    def scaled(self, out: dict, name: str, joined: Account, weight: int) -> Vector:
        vector = scaled(joined.vectors[name], 1000 * grams(out["kg"]), weight)
        if out.get("role") != "by_product" or not name.startswith("own_"):
            return vector
        party = self.event["party"]
        return relabelled(vector, lambda label: f"{label[:-1]}{party}" if label.endswith(" -") else label)

    def keep(self, process: str, lot: str, amount: int, account: Account) -> None:
        self.accounts[lot] = bounded(account, 1000 * amount, lambda what: self.gaps(process, what))


def months(begin: int, end: int) -> list[tuple[str, int, int]]:
    """Each with the seconds that had passed at its beginning and its end."""
    if not 0 < end - begin <= 744 * 86_400:
        return [("0001-01", 0, max(1, end - begin))]
    found = []
    at = begin
    while not found or at < end:
        month, next_ = in_month(at)
        until = min(next_, end)
        found.append((month, at - begin, max(1, end - begin) if until == end else until - begin))
        at = until
    return found
