"""What the claims document gathers beside the fold: docs/reference/claims.md, "What is gathered"."""

from collections.abc import Callable
from typing import Any

from covered import Certificate, certified
from entries import Entry
from lots import name_of
from proven import Proven
from replay import Replay
from shares import Account
from values import grams, in_month, millionths, seconds, spelt

MILLION = 10**6
SCOPE = ("sites", "materials", "origins", "processes", "units", "schemes")
MEASURE = ("method", "period", "boundary", "grid")
OPTIONAL = ("issuer_no", "customer_no", "responsible", "statement", "account", "force_majeure")
PAPER: dict[str, Any] = {"media_type": "", "size": None, "uri": ""}


def instant(ms: int) -> str:
    return f"{spelt(ms // 1000)[:-1]}.{ms % 1000:03}Z"


def worked(event: dict) -> str:
    """Of which process, or source that is a mine or a collection, a month sums it up; "" if none does."""
    kind = event.get("kind") if event["type"] == "source" else None
    return f"source:{kind}" if kind in ("mine", "collection") else event.get("process", "")


class Gathered:
    """Of one subject. `counts`: the judged entries; `own`: the lots of its ancestry."""

    def __init__(
        self,
        subject: str,
        replay: Replay,
        entries: dict[int, Entry],
        counts: set[int],
        own: set[str],
        proven: Proven | None,
    ):
        self.subject, self.replay, self.own, self.proven = subject, replay, own, proven
        self.entries = {
            index: entry
            for index, entry in entries.items()
            if index in counts and entry.event and self.applied(entry)
        }

    def applied(self, entry: Entry) -> bool:
        return bool(self.replay.get("event", name_of(entry.event)).get("at") == entry.index)

    def ref(self, index: int) -> dict[str, Any]:
        event = self.entries[index].event
        return {"party": event["party"], "id": event["id"], "index": index}

    def record(self, kind: str, key: str) -> list | None:
        return self.proven.records.get((kind, key)) if self.proven else None

    # ---- what was said

    def attestations(self, given: list[Certificate]) -> list[dict[str, Any]]:
        return [self.attestation(one) for one in sorted(given)]

    def attestation(self, one: Certificate) -> dict[str, Any]:
        event, subject = one.event, one.event["subject"]
        kinds = [kind for kind in ("party", "site", "lot") if self.replay.get(kind, subject)]
        scope = event.get("scope", {})
        return {
            "event": self.ref(one.index),
            "learned": instant(self.entries[one.index].received),
            "subject": {"kind": kinds[0], "id": subject},
            "scheme": event["scheme"],
            **{name: event.get(name, "") for name in ("version", "level", "certificate_no")},
            **{name: event[name] for name in ("status", "valid_from", "valid_until")},
            "certifier": event["party"],
            "scope": {name: scope.get(name, []) for name in SCOPE} | {"text": scope.get("text", "")},
            "measured": [dict.fromkeys(MEASURE, "") | value for value in event.get("measured", [])],
            "evidence": [PAPER | paper for paper in event.get("evidence", [])],
            "history": [
                {
                    "status": status,
                    "since": since,
                    "learned": instant(self.entries[index].received),
                    "event": self.ref(index),
                }
                for index, status, since in self.changes(one)
            ],
            "held": [[spelt(begin), spelt(end)] for begin, end in one.held()],
            "taken_over": list(one.taken_over),
        }

    def changes(self, one: Certificate) -> list[tuple[int, str, str]]:
        found = [(index, status, spelt(since)) for index, status, since in one.turns + one.sold]
        for index, event in ((index, entry.event) for index, entry in self.entries.items()):
            if event["type"] == "revoke_attestation" and name_of(event["of"]) == name_of(one.event):
                found.append((index, event["status"], event["since"]))
        return sorted(found)

    def marks(self) -> list[dict[str, Any]]:
        return [
            {"mark": mark, "event": self.ref(index), "by": by, "since": instant(since)}
            for index, entry in sorted(self.entries.items())
            for mark, by, _, since in self.replay.marks(f"event {name_of(entry.event)}")
            if mark in ("disputed", "difference")
        ]

    # ---- what the register shows

    def on_the_way(self) -> list[tuple[int, dict]]:
        """The entries that bore, used or moved what the subject is made of."""
        found = []
        for index, entry in sorted(self.entries.items()):
            lines = [*entry.event.get("outputs", []), *entry.event.get("lines", [])]
            if {lot for line in lines for lot in (line["lot"], line.get("as"))} & self.own:
                found.append((index, entry.event))
        return found

    def accounts(self) -> tuple[list[dict[str, Any]], bool]:
        """Those that are shown, and whether one is not."""
        named = {event.get("account") for _, event in self.on_the_way()}
        named |= {event.get("coc", {}).get("account") for _, event in self.on_the_way()}
        found, hidden = [], False
        for key in sorted(name for name in named if name):
            book, state = self.replay.get("book", key), self.record("account", key)
            if not book or not state:
                hidden = True
                continue
            members = "party scheme yields overdraft brought certified_in total_in total_out issued"
            members += " majeure state entitled overdrawn carry"
            known = dict(zip(members.split(), state[1:], strict=False))
            sums = ("brought", "certified_in", "total_in", "total_out", "issued", "overdrawn", "carry")
            found.append({
                "id": key,
                "period": f"{spelt(book['since'])[:10]}/{spelt(book['until'])[:10]}",
                "closed": known["state"] == "closed",
                **{name: known[name] for name in ("scheme", "party", *sums)},
            })  # fmt: skip
        return found, hidden

    def instruments(self, power: list[dict[str, Any]], given: list[Certificate]) -> tuple[list[dict], bool]:
        """At the smelters that name it, and by all who smelted there: the greater of the two."""
        ids = sorted({row["instrument"] for row in power} - {""})
        smelters = {id_: {row["site"] for row in power if row["instrument"] == id_} for id_ in ids}
        spent: dict[tuple[str, str], list | None] = {}
        workers: dict[str, set[str]] = {}
        for id_, sites in smelters.items():
            workers[id_] = {row["party"] for row in power if row["instrument"] == id_}
            for one in sites | workers[id_]:
                spent[id_, one] = self.record("spent", f"instrument {id_} {one}")
        hidden = not all(spent.values())
        told = []
        for id_ in ids:
            serves, drawn = sorted(smelters[id_])[0], None
            if not hidden:
                amounts = {one: (record or [])[2] for (of, one), record in spent.items() if of == id_}
                drawn = sum(amounts[site] for site in smelters[id_])
                drawn = max(drawn, sum(amounts[party] for party in workers[id_]))
            covers = [row["certificate"] for row in power if row["instrument"] == id_ and row["covered"]]
            by = {one["party"] for one in covers}
            told.append({"id": id_, "serves": serves, "drawn": drawn, "certified": certified(id_, given, by)})
        return told, hidden

    def months(
        self, account: Account, catalogue: Callable[[int], dict]
    ) -> tuple[list[dict], list[dict], bool]:
        """Of the months in which a process of the way ran, or a mine or collection brought, those in which an
        event of the proof did."""
        wanted = set()
        for (site, _, process, _), visit in account.visits.items():
            for begin, end in visit.runs:
                at = begin
                while at <= end:
                    month, at = in_month(at)
                    wanted.add((site, process, month))
        happened = set()
        for event in (entry.event for entry in self.entries.values()):
            at, end = seconds(event.get("from", event["time"])), seconds(event["time"])
            if wanted and worked(event) and end - at > 24 * 31 * 86_400:
                return [], [], True
            while worked(event) and at <= end:
                month, at = in_month(at)
                happened.add((event["site"], worked(event), month))
        found, brought = [], []
        for site, process, month in sorted(wanted & happened):
            record = self.record("month", f"{site} {process} {month}")
            if record is None:
                if self.proven and self.proven.says("month", f"{site} {process} {month}", None):
                    continue
                return [], [], True
            into, out = record[1:]
            if process.startswith("source:"):
                brought.append({"site": site, "kind": process[7:], "month": month, "grams": out})
                continue
            end = in_month(seconds(f"{month}-01T00:00:00Z"))[1]
            within = self.within(catalogue(1000 * end - 1)["processes"].get(process), into, out)
            row = {"site": site, "process": process, "month": month}
            found.append(row | {"into": into, "out": out, "within": within})
        return found, brought, False

    def within(self, process: dict | None, into: int, out: int) -> bool | None:
        if process is None:
            return None
        low, high = map(millionths, process["monthly"])
        slack = millionths(process.get("monthly_tolerance", process["tolerance"]))
        low, high = low * (MILLION - slack) // MILLION, -(-high * (MILLION + slack) // MILLION)
        share, whole = (into, out) if process.get("per") == "output" else (out, into)
        return into > 0 and out > 0 and low * whole <= share * MILLION <= high * whole

    # ---- what was agreed and shipped

    def agreements(self) -> list[dict[str, Any]]:
        names = {name_of(event["agreement"]) for _, event in self.on_the_way() if "agreement" in event}
        offers = {name_of(entry.event): index for index, entry in self.entries.items()}
        found = []
        for index, name in sorted((offers[name], name) for name in names if name in offers):
            known, terms = self.replay.get("agreement", name), self.entries[index].event["terms"]
            years = [{"year": one["year"], "agreed": grams(one["kg"])} for one in terms["years"]]
            found.append({
                "event": self.ref(index),
                "party": known["parties"][0],
                "other": known["parties"][1],
                "accepted": bool(known["accepted"]),
                "exclusive_to": terms.get("destination", "") if terms.get("exclusive") else "",
                "material": terms["material"],
                "years": years,
                "footprint": terms.get("footprint", {}),
                "until": terms.get("until", ""),
            })  # fmt: skip
        return found

    def documents(self) -> list[dict[str, Any]]:
        lot, hold = self.replay.get("lot", self.subject), self.replay.get("hold", self.subject)
        moved = {lot["event"], hold.get("shipment", "")}
        found = []
        for index, entry in sorted(self.entries.items()):
            event = entry.event
            lines = event.get("lines", [])
            own = [line for line in lines if self.subject == line.get("as", line.get("lot"))]
            if event["type"] == "ship" and name_of(event) in moved and "coc" in event and own:
                coc, total = event["coc"], sum(grams(line["kg"]) for line in lines)
                found.append({
                    "event": self.ref(index),
                    "time": event["time"],
                    "scheme": coc["scheme"],
                    "document": coc["document"],
                    "issuer": event["party"],
                    "customer": event["to"],
                    **{name: coc.get(name, "") for name in OPTIONAL},
                    "material": lot["material"],
                    "grams": sum(grams(line["kg"]) for line in own),
                    "total": total,
                })  # fmt: skip
        return found
