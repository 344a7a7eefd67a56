"""Check 8: docs/reference/formats/checks.md."""

from collections.abc import Iterator

from chains import longer
from entries import Entry
from judged import ancestry, births, reads, writes
from lineage import Lineage, origins
from lots import name_of
from proven import Proven
from records import record
from replay import Replay
from values import seconds

OPEN = {"disputed": "standing.disputed", "difference": "standing.difference"}
THINGS = ("event", "key", "party", "site", "attestation")


class Standing:
    """`counts`: indices of the judged entries. `lineage`: none where the subject's lot is not there."""

    def __init__(self, subject: str, entries: list[Entry], counts: set[int], replay: Replay):
        self.subject, self.replay = subject, replay
        self.now = max((entry.received for entry in entries), default=0)
        self.judged = [entry for entry in entries if entry.index in counts]
        admitted = {made["at"]: made for (kind, _), made in replay.records.items() if kind == "event"}
        self.there = [entry for entry in self.judged if entry.index in admitted]
        self.admitted = {entry.index for entry in self.there if "stated" not in admitted[entry.index]}

    def found(self, lineage: Lineage | None, overdrawn: bool) -> Iterator[str]:
        """What the entries themselves show."""
        for lot in lineage.replayed if lineage else ():
            if self.replay.get("hold", lot)["withdrawn"]:
                yield "standing.withdrawn"
        for entry in self.there:
            name = name_of(entry.event)
            for mark, *_ in self.replay.marks(f"event {name}"):
                if mark in OPEN:
                    yield OPEN[mark]
            for _, _, by, since in self.replay.marks(f"key {entry.kid}"):
                revoked = self.replay.get("event", by)
                if revoked["at"] != entry.index and since <= entry.received and since < revoked["received"]:
                    yield "standing.suspect"
            counts = entry.index in self.admitted and self.counts_still(entry.event)
            if counts and self.replay.marks(f"attestation {name}"):
                yield "standing.attestation"
        if overdrawn:
            yield "standing.overdrawn"

    def counts_still(self, event: dict) -> bool:
        """Of an attestation: whether it has not run out, and who gave it may still speak."""
        if event["type"] != "attest" or 1000 * seconds(event["valid_until"]) < self.now:
            return False
        return all(mark != "suspended" for mark, *_ in self.replay.marks(f"party {event['party']}"))

    def shown(self, proven: Proven) -> Iterator[str]:
        """What the register shows beside them."""
        things = set()
        self.read: dict[str, int] = {}
        for entry in self.judged:
            if entry.event and entry.index != proven.size:
                self.read |= dict.fromkeys(reads(entry.event), entry.index)
                wrote = writes(entry.index, entry.event)
                things |= {key for key in wrote if key[0] in THINGS or key[0] == "charters"}
                if entry.event["type"] == "receive":
                    yield from self.marked(proven, f"event {name_of(entry.event)}")
        born = births([(entry.index, entry.event) for entry in self.judged if entry.index != proven.size])
        for kind, key in things:
            if kind == "charters":
                yield from self.same(proven, kind, key)
            else:
                yield from self.said(proven, f"{kind} {key}")
        self.read[self.subject] = proven.size
        for lot in ancestry(self.subject, born):
            made = self.replay.get("lot", lot)
            if not (made and any(name.startswith("unproven ") for name in origins(made))):
                yield from self.same(proven, "lot", lot)
            yield from self.gone(proven, lot)
            if lot in born:
                yield from self.said(proven, f"lot {lot}")
            else:
                yield from self.rests(proven, lot)
        for kind in ("hold", "owner"):
            left = proven.records.get((kind, self.subject))
            if left is None:
                yield "standing.not_shown"
            elif left[0] in self.admitted:
                continue
            elif self.is_born(self.subject):
                yield "standing.left_out"
            else:
                yield from self.undisputed(proven, left[-1])

    def is_born(self, lot: str) -> bool:
        return self.replay.at.get(("lot", lot), -1) in self.admitted

    def same(self, proven: Proven, kind: str, key: str) -> Iterator[str]:
        at = self.replay.at.get((kind, key), -1)
        if at in self.admitted:
            says = proven.says(kind, key, record(kind, at, self.replay.records[kind, key]))
            if says is not True:
                yield "standing.not_shown" if says is None else "register.contradicted"

    def said(self, proven: Proven, thing: str) -> Iterator[str]:
        chain = self.replay.records.get(("about", thing))
        text = record("about", self.replay.at["about", thing], chain) if chain else None
        says = proven.says("about", thing, text)
        if says is not True:
            yield "standing.not_shown" if says is None else "standing.left_out"

    def gone(self, proven: Proven, lot: str) -> Iterator[str]:
        used = proven.records.get(("used", lot))
        if used is None:
            if proven.says("used", lot, None) is not True:
                yield "standing.not_shown"
            elif self.replay.get("used", lot):
                yield "register.contradicted"
            return
        if self.is_born(lot):
            later, chain = proven.later.get(lot, []), {}
            for index in sorted({*self.replay.moved.get(lot, []), *later}):
                chain = longer(chain, index)
            if chain.get("chain", "") != used[4] or any(index <= self.read[lot] for index in later):
                yield "standing.left_out"
        there = self.replay.get("lot", lot)
        if there and used[1] > there["grams"]:
            yield "standing.overdrawn"

    def rests(self, proven: Proven, lot: str) -> Iterator[str]:
        born, hold = proven.records.get(("lot", lot)), proven.records.get(("hold", lot))
        if born is None:
            return
        yield "standing.beyond"
        if hold is None:
            yield "standing.not_shown"
        elif hold[7]:
            yield "standing.withdrawn"
        yield from self.undisputed(proven, born[8])

    def undisputed(self, proven: Proven, event: str) -> Iterator[str]:
        status = proven.records.get(("status", f"event {event}"))
        if status is None:
            if proven.says("status", f"event {event}", None) is not True:
                yield "standing.not_shown"
        else:
            yield from sorted({OPEN[mark[0]] for mark in status[1] if mark[0] in OPEN})

    def marked(self, proven: Proven, key: str) -> Iterator[str]:
        """The marks of a receipt are those that the register has."""
        marks = self.replay.records.get(("status", key))
        text = record("status", self.replay.at["status", key], marks) if marks else None
        says = proven.says("status", key, text)
        if says is not True:
            yield "standing.not_shown" if says is None else "standing.left_out"
