"""Checks 7 and 9: docs/reference/formats/checks.md."""

from collections.abc import Iterator

from replay import Replay


class Lineage:
    """From the subject back. `replayed`: the entry of each lot's birth; `stated`, `rested`: lots."""

    def __init__(self, subject: str, replay: Replay, events: dict[int, dict]):
        self.replayed: dict[str, int] = {}
        self.stated: list[str] = []
        self.rested: set[str] = set()
        todo = [subject]
        while todo:
            lot = todo.pop()
            if lot in self.replayed or lot in self.rested:
                continue
            birth = replay.get("event", replay.get("lot", lot)["event"])
            if not birth:
                self.rested.add(lot)
                continue
            self.replayed[lot] = birth["at"]
            if "stated" in birth:
                self.stated.append(lot)
            else:
                todo += parents(events[birth["at"]], lot)


def parents(event: dict, lot: str) -> list[str]:
    if event["type"] == "transform":
        return [line["lot"] for line in event["inputs"]]
    lines = event["lines"] if event["type"] == "ship" else []
    return [line["lot"] for line in lines if line.get("as") == lot]


def origins(lot: dict) -> list[str]:
    return [name for name, _ in lot["made"][0]] + list(lot["made"][1])


def open_ends(subject: str, replay: Replay, lineage: Lineage, accepted: bool) -> Iterator[str]:
    """Check 7: the codes; none if it passes."""
    lot = replay.get("lot", subject)
    words = {name.split(" ")[0] for name in origins(lot)}
    stated_only = not lot["made"][0] and bool(lineage.stated)
    if words & {"unknown", "unproven"} or stated_only:
        yield "chain.partly"
    if "unproven" in words or stated_only:
        yield "missing.ancestor"
    if "unknown" in words:
        yield "missing.origin"
    if lineage.rested and not accepted:
        yield "rests.root"


def claims(subject: str, replay: Replay) -> Iterator[str]:
    """Check 9."""
    if any(name.startswith("unproven ") for name in origins(replay.get("lot", subject))):
        yield "missing.ancestor"
