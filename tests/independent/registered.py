"""What the registrar said of sites and certifiers in time: docs/reference/claims.md, "Where a site was" and
"Attestations"."""

from typing import Any, NamedTuple

from entries import Entry
from values import seconds

LAST = seconds("9999-12-31T23:59:59Z")


class Registrations:
    """All that were admitted, by what they register."""

    def __init__(self, entries: list[Entry]):
        self.of: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.event["type"] in ("party", "site"):
                self.of.setdefault(entry.event["subject"], []).append(entry)

    def count(self, site: str, visits: dict[Any, Any]) -> list[Any]:
        """The registrations that count, the last one last."""
        found: list[Any] = []
        there = [visit for (at, *_), visit in visits.items() if at == site]
        index = min((visit.first for visit in there), default=-1)
        begin = min((visit.runs[0][0] for visit in there), default=0)
        for entry in self.of.get(site, []):
            if entry.index < index and entry.received <= 1000 * begin:
                found = []  # it took the place of all before in time
            found.append(entry.event)
        return found

    def also(self, site: str, visits: dict[Any, Any], operators: bool = False) -> list[str]:
        said = self.count(site, visits)
        if not said:
            return []
        codes = [{event["country"], event["subdivision"]} for event in said]
        kinds = [set(event["kinds"]) for event in said]
        others = {event["operator"] for event in said[:-1]} - {said[-1]["operator"]}
        varied = set.union(*kinds) - set.intersection(*kinds)
        return sorted(set.union(*codes) - codes[-1] | varied | (others if operators else set()))

    def grids(self, site: str, visits: dict[Any, Any]) -> list[str]:
        codes = [{event["country"], event["subdivision"]} for event in self.count(site, visits)]
        return sorted(set.intersection(*codes)) if codes else []

    def turns(self, certifier: str, index: int) -> list["Turn"]:
        """Suspended, reinstated, suspended … after an entry."""
        said = [(entry, entry.event.get("status", "active")) for entry in self.of.get(certifier, [])]
        return alternating([(entry, status) for entry, status in said if status != "closed"], index)

    def sold(self, site: str, index: int) -> list["Turn"]:
        """Registered to another operator than when the entry came, to the same again …"""
        operators = [(entry, entry.event.get("operator")) for entry in self.of.get(site, [])]
        then = self.worker(site, index)
        said = [(entry, "active" if one == then else "suspended") for entry, one in operators if then]
        return alternating(said, index)

    def worker(self, site: str, index: int) -> str:
        """Whose the site was when the entry came."""
        then = [entry.event.get("operator", "") for entry in self.of.get(site, []) if entry.index < index]
        return str(then[-1]) if then else ""

    def taken_over(self, party: str, visits: dict[Any, Any], index: int) -> list[str]:
        """The sites at which the party worked that were another's when the entry came, or at first."""
        found = set()
        for site in {site for site, worker, _, _ in visits if worker == party}:
            first = [entry.event["operator"] for entry in self.of.get(site, [])][:1]
            if (self.worker(site, index) or [*first, party][0]) != party:
                found.add(site)
        return sorted(found)


class Turn(NamedTuple):
    index: int
    status: str
    since: int


def alternating(said: list[tuple[Entry, str]], index: int) -> list[Turn]:
    """What changes after an entry, of one that was active then."""
    found: list[Turn] = []
    for entry, status in said:
        if entry.index > index and status == ("active" if len(found) % 2 else "suspended"):
            word = "reinstated" if len(found) % 2 else "suspended"
            found.append(Turn(entry.index, word, entry.received // 1000))
    return found


def outside(turns: list[Turn], begin: int, end: int) -> list[list[int]]:
    """What is left of a time without those from a suspension to its end."""
    found = []
    for number in range(0, len(turns), 2):
        if begin < min(turns[number].since, end):
            found.append([begin, min(turns[number].since, end)])
        begin = max(begin, turns[number + 1].since if number + 1 < len(turns) else LAST)
    return [*found, [begin, end]] if begin < end else found
