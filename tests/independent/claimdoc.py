"""The claims document of a proof, told from its accounts: docs/reference/claims.md, "The document"."""

from typing import Any

from covered import Certificate, covers
from declared import contradicted
from entries import Entry
from files import File
from folding import Folding
from gathered import Gathered, instant
from lineage import Lineage
from lots import name_of
from method import MODELS, RENEWABLE
from proven import Proven
from registered import Registrations
from replay import Replay
from shares import Account, Vector, relabelled
from values import spelt

MILLION = 10**6
DARK = ("unknown", "unproven")
ROLES = ("party", "other", "certifier", "by", "issuer", "customer")


class Telling:
    """As far as the document follows from what was folded, and from attestations about it."""

    def __init__(
        self,
        file: File,
        replay: Replay,
        entries: list[Entry],
        folding: Folding,
        counts: set[int],
        proven: Proven | None,
    ):
        self.proven, self.folding = proven, folding
        self.file, self.replay, self.subject = file, replay, file.subject
        self.events = {entry.index: entry.event for entry in entries}
        self.entries = {entry.index: entry for entry in entries}
        self.lot: dict = replay.get("lot", self.subject)
        self.account: Account = folding.account(self.subject)
        lineage = Lineage(self.subject, replay, self.events)
        self.cut = bool(lineage.stated or lineage.rested)
        self.hidden = self.cut or proven is None
        applied = [one for _, one in sorted(self.entries.items()) if self.applied(one)]
        self.registrations = Registrations(applied)
        self.certificates = self.attested()
        self.gathered = Gathered(self.subject, replay, self.entries, counts, folding.own, proven)

    def document(self) -> dict[str, Any]:
        """Every member but `proof`."""
        found = self.folded()
        gathered, last = self.gathered, max(self.entries)
        accounts, hidden = gathered.accounts()
        unshown = {"fates"} | ({"accounts"} if hidden else set())
        instruments, hidden = gathered.instruments(found["power"], self.certificates)
        unshown |= {"instruments"} if hidden else set()
        months, brought, hidden = gathered.months(self.account, self.catalogue)
        unshown |= {"months"} if hidden else set()
        unshown |= {"ancestry", "accounts", "instruments", "months"} if self.cut else set()
        unshown |= {"standing", "attestations"} if self.hidden else set()
        found |= {
            "as_of": {
                "ledger": self.file.origin,
                "size": self.file.size,
                "received": instant(self.entries[last].received),
            },
            "rests_on": "proof",
            "attestations": gathered.attestations(self.certificates),
            "marks": gathered.marks() + list(map(self.worse, dict.fromkeys(self.contradicted()))),
            "accounts": accounts,
            "instruments": instruments,
            "months": months,
            "brought": brought,
            "agreements": gathered.agreements(),
            "fates": [],
            "coc": gathered.documents(),
            "unshown": sorted(unshown),
        }
        return found | {"names": self.names(found)}

    def names(self, told: dict[str, Any]) -> dict[str, str]:
        rows = [
            row
            for member in told.values()
            if isinstance(member, list)
            for row in member
            if isinstance(row, dict)
        ]
        ids = {row.get(role, "") for row in rows for role in ROLES} | {told["holder"], told["owner"]}
        return {
            id_: self.replay.get("party", id_)["name"] for id_ in sorted(ids) if self.replay.get("party", id_)
        }

    def folded(self) -> dict[str, Any]:
        """What follows from the account."""
        lot, account, grams = self.lot, self.account, self.lot["grams"]
        born = spelt(lot["since"])
        origins = dict(lot["made"][0]) | dict.fromkeys(lot["made"][1], 0)
        vectors = account.vectors
        stamped = self.events.get(self.replay.at["lot", self.subject], {}).get("outputs", [])
        power = [self.power(key, mwh) for key, mwh in sorted(account.power.items(), key=by_site)]
        return {
            "subject": self.subject,
            "material": lot["material"],
            "grams": grams,
            "left": self.left(grams),
            "year": int(born[:4]),
            "born": born,
            "marks_on_it": next((out.get("marks", {}) for out in stamped if out["lot"] == self.subject), {}),
            "holder": self.replay.get("hold", self.subject).get("holder", ""),
            "owner": self.replay.get("owner", self.subject).get("owner", ""),
            "origins": self.places(origins),
            "refineries": self.places(vectors.get("refinery", {})),
            "smelters": self.places(vectors.get("smelter", {})),
            "casts": self.places(relabelled(vectors.get("own_loop", {}), last_cast)),
            "recycled": [self.recycled(rule) for rule in ("own_loop", "own_party") if vectors],
            "footprint": [self.footprint(method, born[:4]) for method in ("cut_off", "by_mass")],
            "gaps": [
                {"site": site, "process": process, "missing": what, "event": self.ref(index)}
                for (site, process, what), index in sorted(account.gaps.items())
            ],
            "power": power,
            "renewable_ppm": self.renewable(power),
            "renewable_lacking_ppm": self.lacking(),
            "models": self.models(),
            "weakest": MODELS[max(weak for weak, _ in account.models.values())] if account.models else None,
            "steps": self.steps(),
        }

    def ref(self, index: int) -> dict[str, Any]:
        event = self.events.get(index)
        return (
            {"party": event["party"], "id": event["id"], "index": index}
            if event
            else {"party": "", "id": "", "index": index}
        )

    def catalogue(self, until: int) -> dict:
        """That of a time (ms), or of the last entry's receipt if that was before."""
        until = min(until, self.entries[max(self.entries)].received)
        known = self.replay.get("charters", "").get("known", [])
        in_force = max((index for index, effective in known if effective <= until), default=0)
        return self.replay.get("charter", str(in_force)).get("catalogue", {"processes": {}})

    # ---- shares

    def places(self, vector: Vector) -> list[dict[str, Any]]:
        rows = sorted(vector.items(), key=lambda row: (-row[1], row[0]))
        return [self.place(label, mg) for label, mg in rows]

    def place(self, label: str, mg: int) -> dict[str, Any]:
        kind, _, behind = label.partition(" ")
        site = self.replay.get("site", behind)
        at_site = bool(site) or kind in ("mine", "collection", "collected", "refinery", "smelter", "cast")
        return self.ppm(mg, kind in DARK) | {
            "kind": kind,
            "site": behind if at_site else "",
            "party": site.get("operator", ""),
            "country": site.get("country", ""),
            "subdivision": site.get("subdivision", ""),
            "also": self.registrations.also(behind, self.account.visits, operators=True),
            "kinds": site.get("kinds", []),
            "why": "" if at_site else behind,
            "trace": mg == 0,
        }

    def ppm(self, mg: int, up: bool) -> dict[str, int]:
        whole = 1000 * self.lot["grams"]
        return {"mg": mg, "ppm": -(-mg * MILLION // whole) if up else mg * MILLION // whole}

    def recycled(self, rule: str) -> dict[str, Any]:
        classes = relabelled(self.account.vectors[rule], lambda label: label.split(" ")[0])
        unknown = sum(classes.get(word, 0) for word in DARK)
        told = {word: classes.get(word, 0) for word in ("post", "pre", "primary", "alloy", "added")}
        told["unknown"] = unknown
        return {"rule": rule} | {word: self.ppm(mg, word not in ("post", "pre")) for word, mg in told.items()}

    def footprint(self, method: str, year: str) -> dict[str, Any]:
        burden, grams = getattr(self.account, method), self.lot["grams"]
        return {
            "method": method,
            "boundary": "cradle_to_gate",
            "year": int(year),
            "stage": self.lot["material"],
            "g_per_kg": -(-burden.total // (1000 * grams)),
            "ug": burden.total,
            "grams": grams,
            "primary_data_ppm": burden.primary * MILLION // burden.total if burden.total else 0,
            "complete": not self.account.gaps,
            "lacking_ppm": -(-self.account.lacking * MILLION // (1000 * grams)),
            "indirect_ug": burden.indirect,
        }

    # ---- smelting

    def left(self, grams: int) -> int | None:
        """By the register's record, or that there is none."""
        if self.proven is None:
            return None
        used = self.proven.records.get(("used", self.subject))
        if used is None:
            return grams if self.proven.says("used", self.subject, None) else None
        return int(grams - used[1])

    def power(self, key: tuple[str, str, str, str, str], mwh: int) -> dict[str, Any]:
        instrument, source, site, party, month = ("" if part == "-" else part for part in key)
        grids = self.registrations.grids(site, self.account.visits)
        row = (instrument, source, site, party, month)
        covered, by = covers(self.certificates, row, grids, self.hidden)
        named = by.grids if by and covered else [None]
        grid = named[0] if all(one is not None and one in grids for one in named) else ""
        return {
            "site": site,
            "party": party,
            "month": month,
            "source": source,
            "instrument": instrument,
            "wh": -(-mwh // 1000),
            "certificate": self.ref(by.index) if by else None,
            "grid": grid,
            "covered": covered,
        }

    def smelted(self) -> tuple[int, int, bool]:
        """Milligrams whose smelting is shown, and not shown; whether there is any of the second."""
        sites = {site for site, _, what in self.account.gaps if "electricity" in what}
        shown, dark = 0, []
        for label, mg in self.account.vectors.get("smelter", {}).items():
            kind, _, site = label.partition(" ")
            if kind == "smelter" and site not in sites:
                shown += mg
            elif kind in ("smelter", *DARK):
                dark.append(mg)
        return shown, sum(dark), bool(dark)

    def lacking(self) -> int:
        shown, dark, any_ = self.smelted()
        dark = max(1, dark)
        return -(-dark * MILLION // (shown + dark)) if any_ else 0

    def renewable(self, power: list[dict[str, Any]]) -> int | None:
        sites = {site for site, _, what in self.account.gaps if "electricity" in what}
        rows = list(
            zip(power, (mwh for _, mwh in sorted(self.account.power.items(), key=by_site)), strict=True)
        )
        good = [(row, mwh) for row, mwh in rows if row["source"] in RENEWABLE]
        shown, dark, _ = self.smelted()
        all_ = sum(mwh for _, mwh in rows) * (shown + dark)
        if not all_ or any(row["covered"] is None for row, _ in good):
            return None
        merit = sum(mwh for row, mwh in good if row["covered"] and row["site"] not in sites)
        return MILLION * merit * shown // all_

    def contradicted(self) -> list[int]:
        """The entry of each value that was measured of the subject and is better than its account."""
        return [
            one.index
            for one in self.certificates
            if one.event["subject"] == self.subject
            and all(change["status"] != "withdrawn" for change in one.later)
            for value in one.event.get("measured", [])
            if contradicted(value, self.account, self.lot["grams"])
        ]

    def worse(self, index: int) -> dict[str, Any]:
        event, since = self.ref(index), instant(self.entries[index].received)
        return {"mark": "contradicted", "event": event, "by": event["party"], "since": since}

    def attested(self) -> list[Certificate]:
        """About the lot, the sites and parties on its way, and those who attested these."""
        things = {self.subject}
        for site, party, _, _ in self.account.visits:
            things |= {site, party}
        applied = [entry for entry in self.entries.values() if self.applied(entry)]
        attests = [entry for entry in applied if entry.event["type"] == "attest"]
        attests = [entry for entry in attests if isinstance(entry.event["subject"], str)]
        certifiers = {one.event["party"] for one in attests if one.event["subject"] in things}
        later = [entry.event for entry in applied if entry.event["type"] == "revoke_attestation"]
        found = []
        for entry in attests:
            if entry.event["subject"] in things | certifiers:
                mine = [one for one in later if name_of(one["of"]) == name_of(entry.event)]
                turns = self.registrations.turns(entry.event["party"], entry.index)
                sold = self.registrations.sold(entry.event["subject"], entry.index)
                worker = self.registrations.worker(entry.event["subject"], entry.index)
                over = self.registrations.taken_over(entry.event["subject"], self.account.visits, entry.index)
                found.append(Certificate(entry.index, entry.event, mine, turns, sold, worker, tuple(over)))
        return found

    def applied(self, entry: Entry) -> bool:
        there = self.replay.get("event", name_of(entry.event)) if entry.event else {}
        return there.get("at") == entry.index and "stated" not in there

    # ---- the way

    def models(self) -> list[dict[str, Any]]:
        rows = sorted(self.account.models.items(), key=lambda row: (row[1][1], row[0]))
        return [
            {"process": process, "model": MODELS[weak], "event": self.ref(index)}
            for process, (weak, index) in rows
        ]

    def steps(self) -> list[dict[str, Any]]:
        rows = sorted(self.account.visits.items(), key=lambda row: (row[1].runs[0], row[1].first, row[0]))
        return [self.step(where, visit) for where, visit in rows]

    def step(self, where: tuple[str, str, str, str], visit: Any) -> dict[str, Any]:
        site, party, process, unit = where
        place = self.replay.get("site", site)
        evidence = self.events[visit.first].get("evidence", [])
        defaults = {"media_type": "", "size": None, "uri": ""}
        return {
            "site": site,
            "party": party,
            "country": place["country"],
            "subdivision": place["subdivision"],
            "also": self.registrations.also(site, self.account.visits),
            "kinds": place["kinds"],
            "process": process,
            "unit": unit,
            "materials": [*visit.materials],
            "runs": [[spelt(begin), spelt(end)] for begin, end in visit.runs],
            "late": [f"{spelt(ms // 1000)[:-1]}.{ms % 1000:03}Z" for ms in visit.late],
            "lag": visit.lag,
            "events": len(visit.runs),
            "first": self.ref(visit.first),
            "documents": max(visit.documents, len(evidence)) if visit.documents else 0,
            "papers": [defaults | one for one in evidence],
            "unbooked": self.ref(visit.unbooked[0]) if visit.unbooked else None,
        }


def by_site(row: tuple[tuple[str, str, str, str, str], int]) -> tuple[str, str, str, str, str]:
    instrument, source, site, party, month = row[0]
    return site, month, source.removeprefix("-"), instrument.removeprefix("-"), party


def last_cast(label: str) -> str:
    class_, cast, _ = label.split(" ")
    return f"cast {cast}" if cast != "-" else class_ if class_ in DARK else "none"
