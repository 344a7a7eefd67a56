"""Energy certificates: docs/reference/claims.md, "Renewable share" and "Attestations"."""

from typing import NamedTuple

from values import in_month, seconds

GIVEN = ("certified", "provisional")


class Certificate(NamedTuple):
    """An attestation, and what became of it, in the ledger's order."""

    index: int
    event: dict
    later: list[dict]

    @property
    def electricity(self) -> list[dict]:
        return [one for one in self.event.get("measured", []) if one["quantity"] == "electricity"]

    @property
    def grids(self) -> list[str | None]:
        return [one.get("grid") for one in self.event["measured"]]

    @property
    def name(self) -> str:
        number = self.event.get("certificate_no", "")
        named: str = self.event.get("refs", {}).get("instrument", "")
        return named or (number if ":" in number else self.event["id"])

    @property
    def stands(self) -> bool:
        """Whether it held at its last moment, by all that is known now."""
        begin, end = seconds(self.event["valid_from"]), seconds(self.event["valid_until"])
        line = [(begin, self.event["status"] in GIVEN)]
        for change in self.later:
            since = max(seconds(change["since"]), begin)
            line = [point for point in line if point[0] < since]
            line.append((since, change["status"] == "reinstated"))
        return [holds for since, holds in line if since < end][-1]

    def covers(self, source: str, site: str, month: str, workers: set[str], grids: list[str | None]) -> bool:
        event, scope = self.event, self.event.get("scope", {})
        about = event["subject"] == site or event["subject"] in workers
        on_grid = all(one.get("grid") in (None, *grids) for one in self.electricity)
        words = [one.get("method", "") for one in self.electricity] + [scope.get("text", "")]
        says = bool(source) and any(source.replace("_", " ") in text.lower() for text in words)
        in_scope = site in (scope.get("sites") or [site])
        return about and in_scope and self.stands and on_grid and says and self.includes(month)

    def includes(self, month: str) -> bool:
        first = seconds(f"{month}-01T00:00:00Z")
        days = [one["period"].split("/") for one in self.electricity if "period" in one]
        return any(
            seconds(f"{begin}T00:00:00Z") <= first and seconds(f"{end}T23:59:59Z") + 1 >= in_month(first)[1]
            for begin, end in days
        )


Row = tuple[str, str, str, str]


def covers(
    given: list[Certificate], row: Row, workers: set[str], grids: list[str | None], hidden: bool
) -> tuple[bool | None, Certificate | None]:
    """Whether a row of power is covered (None: that cannot be seen), and the certificate to name."""
    instrument, source, site, month = row
    known: dict[tuple[str, str], str] = {}
    named = []
    for one in given:
        number = one.event.get("certificate_no")
        again = one.electricity and number is not None
        first = known.setdefault((one.event["scheme"], number), one.name) if again else one.name
        if one.electricity and first == one.name == instrument:
            named.append(one)
    if not instrument:
        return False, None
    for one in named:
        if one.covers(source, site, month, workers, grids):
            return True, one
    if hidden:
        return None, None
    return False, named[0] if named else None
