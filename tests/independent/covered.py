"""Energy certificates: docs/reference/claims.md, "Renewable share" and "Attestations"."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from method import ELECTRICITY, KWH, RENEWABLE
from registered import Turn, outside
from values import in_month, seconds

GIVEN = ("certified", "provisional")


def is_word(source: str, text: str) -> bool:
    """Whether no letter or digit is next to it somewhere, but for "power" behind it."""
    for word in (source, f"{source}power"):
        found = text.find(word)
        while found >= 0:
            before, behind = text[:found][-1:], text[found + len(word) :][:1]
            if not before.isalnum() and not behind.isalnum():
                return True
            found = text.find(word, found + 1)
    return False


def is_alone(source: str, text: str) -> bool:
    """Whether the text names this source, and no other one."""
    known = {source, *ELECTRICITY, *RENEWABLE}
    named = {one for one in known if is_word(one.replace("_", " "), text)}
    others = {one for one in named if one not in source and source not in one}
    return source in named and others <= (RENEWABLE if source == "renewable" else {"renewable"})


class Certificate(NamedTuple):
    """An attestation, and what became of it, of its certifier and of its site, in the ledger's order. Its
    `worker` had the site that it is about when it was given; `taken_over`: sites that its party had not."""

    index: int
    event: dict
    later: list[dict]
    turns: list[Turn]
    sold: list[Turn]
    worker: str = ""
    taken_over: tuple[str, ...] = ()

    @property
    def electricity(self) -> list[dict]:
        return [one for one in self.event.get("measured", []) if one["quantity"] == "electricity"]

    @property
    def grids(self) -> list[str | None]:
        return [one.get("grid") for one in self.electricity]

    @property
    def name(self) -> str:
        number = self.event.get("certificate_no", "")
        named: str = self.event.get("refs", {}).get("instrument", "")
        return named or (number if ":" in number else self.event["id"])

    def held(self) -> list[list[int]]:
        """First time inside and first time outside, by all that is known now."""
        parts = [part for begin, end in self.said() for part in outside(self.turns, begin, end)]
        return [part for begin, end in parts for part in outside(self.sold, begin, end)]

    def said(self) -> list[list[int]]:
        """By what was said of the attestation itself."""
        begin, end = seconds(self.event["valid_from"]), self.end
        line = [(begin, self.event["status"] in GIVEN)]
        for change in self.later:
            since = max(seconds(change["since"]), begin)
            line = [point for point in line if point[0] < since]
            line.append((since, change["status"] == "reinstated"))
        runs: list[list[int]] = []
        for (since, holds), (until, _) in pairwise([*line, (end, False)]):
            if holds and since < min(until, end):
                joins = runs and runs[-1][1] == since
                runs.append([runs.pop()[0] if joins else since, min(until, end)])
        return runs

    @property
    def stands(self) -> bool:
        """Whether it held at its last moment."""
        runs = self.said()
        return bool(runs) and runs[-1][1] == self.end

    @property
    def end(self) -> int:
        """The first second outside; no time after the year 9999 can be told."""
        return min(seconds(self.event["valid_until"]) + 1, seconds("9999-12-31T23:59:59Z"))

    def covers(self, source: str, site: str, party: str, month: str, grids: list[str | None]) -> bool:
        event, scope = self.event, self.event.get("scope", {})
        about = event["subject"] in (site, party)
        on_grid = all(one.get("grid") in (None, *grids) for one in self.electricity)
        words = [f"{one.get('method', '')}\n{scope.get('text', '')}".lower() for one in self.electricity]
        says = bool(source) and all(is_alone(source, text) for text in words)
        in_scope = site in (scope.get("sites") or [site])
        return about and in_scope and self.stands and on_grid and says and self.includes(month, party)

    def includes(self, month: str, party: str) -> bool:
        if month == "0001-01":
            return False
        first = seconds(f"{month}-01T00:00:00Z")
        whole = [[first, in_month(first)[1]]]
        sold = self.sold if party != self.worker else []
        if outside(self.turns, *whole[0]) != whole or outside(sold, *whole[0]) != whole:
            return False
        days = [one["period"].split("/") for one in self.electricity if "period" in one]
        return any(
            seconds(f"{begin}T00:00:00Z") <= first and seconds(f"{end}T23:59:59Z") + 1 >= in_month(first)[1]
            for begin, end in days
        )


def certificates(given: Iterable[Certificate]) -> list[Certificate]:
    """Those of electricity; not what is attested of a certificate number that stands under another name."""
    known: dict[tuple[str, str], str] = {}
    found = []
    for one in sorted(given):
        number = one.event.get("certificate_no")
        if not one.electricity:
            continue
        takes = number is not None and one.stands
        if not takes or known.setdefault((one.event["scheme"], number), one.name) == one.name:
            found.append(one)
    return found


def certified(instrument: str, given: Iterable[Certificate], by: set[str]) -> int | None:
    """Watt hours by the certifiers whose word covers, or else by all; of several by who confirms least."""
    known = certificates(given)
    parties = {one.event["party"] for one in known if one.name == instrument}
    amounts = [
        confirmed(instrument, [one for one in known if one.event["party"] == party])
        for party in (parties & by if by else parties)
    ]
    told = [amount for amount in amounts if amount is not None]
    return None if by and len(told) < len(amounts) else min(told, default=None)


def confirmed(instrument: str, given: Iterable[Certificate]) -> int | None:
    """By one certifier; of what is attested several times of the same days, the most."""
    rows = []
    for one in given:
        counted = [value for value in one.electricity if value["unit"] in KWH]
        if one.name == instrument and one.stands and counted:
            days = [value.get("period", "0001-01-01/9999-12-31").split("/") for value in counted]
            whole = sum(int(Fraction(value["amount"]) * KWH[value["unit"]] * 1000) for value in counted)
            rows.append((min(first for first, _ in days), max(last for _, last in days), whole))
    groups: list[tuple[str, int]] = []  # the last day, and the most
    for first, last, whole in sorted(rows):
        if groups and first <= groups[-1][0]:
            until, most = groups.pop()
            groups.append((max(until, last), max(most, whole)))
        else:
            groups.append((last, whole))
    return sum(most for _, most in groups) if groups else None


Row = tuple[str, str, str, str, str]


def covers(
    given: list[Certificate], row: Row, grids: list[str | None], hidden: bool
) -> tuple[bool | None, Certificate | None]:
    """Whether a row of power is covered (None: that cannot be seen), and the certificate to name."""
    instrument, source, site, party, month = row
    named = [one for one in certificates(given) if one.name == instrument]
    if not instrument:
        return False, None
    for one in named:
        if one.covers(source, site, party, month, grids):
            return True, one
    if hidden:
        return None, None
    return False, named[0] if named else None
