"""The trust file, and whether it trusts a checkpoint: docs/reference/formats/proof.md."""

import re

from c2sp import Bad, VerifierKey, note, signers, unbase64


class Trust:
    """The trust file: C2SP tlog-policy text with a line `charter`, and perhaps some `replays`."""

    def __init__(self, data: bytes):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise Bad("trust.text") from None
        self.need(len(text) <= 1_048_576, "trust.limit")
        self.need(text[-1:] in ("", "\n") and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), "trust.text")
        self.logs: list[VerifierKey] = []
        self.named: dict[str, tuple[VerifierKey | None, int, list[str]]] = {}
        self.quorum = self.charter = ""
        self.replaying: list[str] = []
        members: list[str] = []
        for line in text.split("\n"):
            kind, *items = re.split("[ \t]+", line.strip(" \t"))
            if not kind or kind.startswith("#"):
                continue
            if kind == "log" and 1 <= len(items) <= 2:
                self.logs.append(self.key(items[0], 1))
                self.once()
                self.need(len({key.name for key in self.logs}) == 1, "trust.logs")
            elif kind == "witness" and 2 <= len(items) <= 3:
                self.define(items[0], (self.key(items[1], 4), 1, []))
                self.once()
            elif kind == "group" and len(items) >= 3:
                enough = {"any": "1", "all": str(len(items) - 2)}.get(items[1], items[1])
                self.need(
                    re.fullmatch("[1-9][0-9]{0,3}", enough) and int(enough) <= len(items) - 2, "trust.group"
                )
                self.need(all(name in self.named for name in items[2:]), "trust.name")
                members += items[2:]
                self.define(items[0], (None, int(enough), items[2:]))
            elif kind == "quorum" and len(items) == 1:
                self.need(not self.quorum, "trust.duplicate")
                self.quorum = items[0]
                self.need(self.quorum in {*self.named, "none"}, "trust.name")
            elif kind == "replays" and items:
                self.need(all(name in self.named and self.named[name][0] for name in items), "trust.name")
                self.replaying += items
                self.need(len(set(self.replaying)) == len(self.replaying), "trust.duplicate")
            elif kind == "charter" and len(items) == 1:
                self.need(not self.charter, "trust.duplicate")
                self.charter = items[0]
                unbase64(self.charter, "trust.charter", 32)
            else:
                raise Bad("trust.line", line)
        self.need(len(set(members)) == len(members), "trust.duplicate")
        self.need(len(self.logs) + len(self.named) <= 1000, "trust.limit")
        self.need(self.logs and self.quorum and self.charter, "trust.missing")

    def once(self) -> None:
        """No public key twice, and no witness's key under the name of another witness's or of a log's."""
        witnesses = [key for key, _, _ in self.named.values() if key]
        keys = [key.key for key in self.logs + witnesses]
        names = [key.name for key in witnesses] + list({key.name for key in self.logs})
        self.need(len(set(keys)) == len(keys) and len(set(names)) == len(names), "trust.duplicate")

    @staticmethod
    def need(condition: object, code: str) -> None:
        if not condition:
            raise Bad(code)

    @staticmethod
    def key(text: str, type_: int) -> VerifierKey:
        try:
            key = VerifierKey(text)
        except Bad as bad:
            raise Bad("trust.key", str(bad)) from None
        Trust.need(key.type in (type_, 6), "trust.key")
        return key

    def define(self, name: str, what: tuple[VerifierKey | None, int, list[str]]) -> None:
        self.need(name not in self.named, "trust.duplicate")
        self.need(name != "none", "trust.name")
        self.named[name] = what

    def trusts(self, data: str, origin: str) -> int:
        """Bad, unless the note is signed by a log of that name, and the quorum is reached. The latest time of
        its witnesses, -1 without any."""
        logs = [key for key in self.logs if key.name == origin]
        self.need(logs, "trust.origin")
        signed = signers(data, logs + [key for key, _, _ in self.named.values() if key])
        kinds = {key.type for key in logs}
        self.need({key.type for key in signed if key in logs} == kinds, "trust.log")
        self.need(self.quorum == "none" or self.reached(self.quorum, signed), "trust.quorum")
        witnesses = [(key.name, key.id) for key in signed if key not in logs]
        lines = [line for line in note(data)[1] if line[:2] in witnesses]
        return max((int.from_bytes(line[2][:8], "big") for line in lines), default=-1)

    def reached(self, name: str, signed: list[VerifierKey]) -> bool:
        key, enough, members = self.named[name]
        return key in signed if key else sum(self.reached(member, signed) for member in members) >= enough
