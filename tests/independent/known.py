"""Proven records in the replay: docs/reference/formats/checks.md, check 6, "Proven records"."""

from records import FIELDS
from replay import Replay

Said = dict[tuple[str, str], list]


class Known:
    """Puts them into the register as the replay goes on. `born`: lots that the proof's entries would bear."""

    def __init__(self, proven: Said, born: set[str], replay: Replay):
        found = [item for item in proven.items() if item[0][0] in ("lot", "hold", "owner", "used")]
        found.sort(key=lambda item: (item[1][0], " ".join(item[0])))
        self.soon = [item for item in found if item[0][1] not in born]
        self.late = [item for item in found if item[0][1] in born]
        self.replay, self.contradicted = replay, False

    def until(self, index: int) -> None:
        while self.soon and self.soon[0][1][0] < index:
            self.put(*self.soon.pop(0))

    def end(self) -> None:
        for item in self.soon + self.late:
            self.put(*item)

    def put(self, key: tuple[str, str], record: list) -> None:
        at, members = record[0], read(key[0], record)
        records, known = self.replay.records, self.replay.at
        if key in records:
            more = key[0] == "used" and records[key]["grams"] > members["grams"]
            other = known[key] != at if key[0] == "lot" else known[key] > at
            self.contradicted |= more or other
            if key[0] == "lot":
                return
        records[key], known[key] = members, at


def read(kind: str, record: list) -> dict:
    """The record as the replay keeps it."""
    members = dict(zip(FIELDS[kind].split(), record[1:], strict=True))
    if kind == "lot":
        rows = [(name, amount) for name, amount in members.pop("composition")]
        members["made"] = (rows, members.pop("traces"))
    return members
