"""The trust file: what a checker believes beforehand, given to it out of band.

C2SP tlog-policy text, plus two lines of ours. ``charter`` must be there and pins the ledger's first
entry; ``replays`` may be there and says which witnesses replay the rules before they sign:

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> any|all|<k> <member>…
    quorum <name>|none
    replays <witness>…
    charter <base64 leaf hash of entry 0>

Take these two out before another C2SP reader sees the file. Lines end with a newline; items are parted
by spaces or tabs; empty lines and ``#`` comments are ignored. A name must be defined above its use, and
is a member of at most one group: so each witness counts in one way only. Names are compared as they are
spelt. No public key stands in two lines, and no witness's key bears the name of another witness's or of
a log's: so nobody is counted twice. All ``log`` lines are keys of one log: the charter is one ledger's, and
another log that is trusted here could show a register of its own under it.

A checkpoint is trusted if the log whose key name is its origin has signed it, and the quorum's witnesses
have cosigned it. Where the file names keys of two kinds for that log (Ed25519 and ML-DSA-44), one of
each kind must have signed: C2SP would take either. Nothing in a proof widens that.

tlog-policy was read as of July 2026 (a draft).
"""

import re
from typing import NamedTuple

from ledger import b64, note
from ledger.errors import Malformed
from ledger.merkle import HASH_BYTES
from ledger.note import COSIGNATURE, ED25519, ML_DSA_44, Checkpoint, Verifier

MAX_TEXT = 1024 * 1024
MAX_NAMES = 1000
NONE = "none"
LOG_TYPES = (ED25519, ML_DSA_44)
WITNESS_TYPES = (COSIGNATURE, ML_DSA_44)

_TEXT = re.compile(r"(?:[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*\n)?")
_ITEM = re.compile(r"[^ \t]+")
_THRESHOLD = re.compile(r"any|all|[1-9][0-9]{0,3}", re.A)


class Log(NamedTuple):
    """A trusted log; its key's name is its origin."""

    key: Verifier
    url: str = ""


class Witness(NamedTuple):
    """A witness under the name that groups and the quorum use."""

    name: str
    key: Verifier
    url: str = ""


class Group(NamedTuple):
    """``threshold``: ``any``, ``all``, or how many of the members in decimal."""

    name: str
    threshold: str
    members: tuple[str, ...]

    def reached(self, signed: set[str]) -> bool:
        """Whether enough members have signed."""
        count = {"any": 1, "all": len(self.members)}.get(self.threshold) or int(self.threshold)
        return len(signed.intersection(self.members)) >= count


class Trusted(NamedTuple):
    """A checkpoint that the trust file vouches for; the name of the log; the witnesses that cosigned
    it, (name in the trust file, seconds since the epoch), in the trust file's order; the names of those
    among them that replay the rules before they sign."""

    checkpoint: Checkpoint
    log: str
    witnesses: tuple[tuple[str, int], ...]
    replaying: tuple[str, ...] = ()


class Trust(NamedTuple):
    """A trust file. ``charter``: the leaf hash of entry 0. ``replaying``: names of witnesses. Order is
    the file's."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str
    charter: bytes
    replaying: tuple[str, ...] = ()

    @staticmethod
    def parse(text: str) -> "Trust":
        """The trust file of its text; ``Malformed("trust.…")`` with the path ``line <n>``."""
        return _Parser().parse(text)

    def format(self) -> str:
        """The plainest text that parses to the same: no comments, single spaces."""
        lines = [_join("log", note.format_vkey(log.key), log.url) for log in self.logs]
        lines += [_join("witness", w.name, note.format_vkey(w.key), w.url) for w in self.witnesses]
        lines += [_join("group", group.name, group.threshold, *group.members) for group in self.groups]
        lines.append(_join("quorum", self.quorum))
        if self.replaying:
            lines.append(_join("replays", *self.replaying))
        lines.append(_join("charter", b64.encode_std(self.charter)))
        return "".join(line + "\n" for line in lines)

    def check(self, text: str) -> Trusted:
        """The checkpoint of a signed note, if it is to be trusted; ``Malformed`` ``note.…``,
        ``checkpoint.…``, ``trust.origin``, ``trust.log`` or ``trust.quorum``."""
        checkpoint = note.checkpoint_of(text)  # nothing of it is believed yet
        logs = [log.key for log in self.logs if log.key.name == checkpoint.origin]
        if not logs:
            own = ", ".join(sorted({log.key.name for log in self.logs}))
            detail = f"The checkpoint is of the log {checkpoint.origin}, the trust file of {own}."
            raise Malformed("trust.origin", detail=detail)
        known = [*logs, *(witness.key for witness in self.witnesses)]
        times: dict[Verifier, int] = {}
        for key, timestamp in note.open_note(text, known).signatures:
            times[key] = max(times.get(key, 0), timestamp or 0)
        if {key.type for key in logs} != {key.type for key in logs if key in times}:
            raise Malformed("trust.log")
        witnesses = tuple((w.name, times[w.key]) for w in self.witnesses if w.key in times)
        signed = {name for name, _ in witnesses}
        replaying = tuple(name for name in self.replaying if name in signed)
        if not self._quorum_reached(signed):
            raise Malformed("trust.quorum")
        return Trusted(checkpoint, checkpoint.origin, witnesses, replaying)

    def _quorum_reached(self, signed: set[str]) -> bool:
        for group in self.groups:  # members are defined above their group
            if group.reached(signed):
                signed.add(group.name)
        return self.quorum == NONE or self.quorum in signed


def _join(*items: str) -> str:
    return " ".join(filter(None, items))


class _Parser:
    """The file, line by line."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.names: set[str] = set()
        self.members: set[str] = set()
        self.quorum: str | None = None
        self.replaying: list[str] = []
        self.charter: bytes | None = None
        self.path = "$"

    def parse(self, text: str) -> Trust:
        if len(text) > MAX_TEXT:
            raise self._fault("trust.limit")
        if not _TEXT.fullmatch(text):
            raise self._fault("trust.text")
        for number, line in enumerate(text.split("\n"), 1):
            self.path = f"line {number}"
            items = _ITEM.findall(line)
            if items and not items[0].startswith("#"):
                self._line(items)
            if len(self.logs) + len(self.names) > MAX_NAMES:  # each is compared with all before it
                raise self._fault("trust.limit")
        self.path = "$"
        if not self.logs or self.quorum is None or self.charter is None:
            lacking = "log" if not self.logs else "quorum" if self.quorum is None else "charter"
            raise self._fault("trust.missing", f"The trust file has no {lacking} line.")
        return Trust(
            tuple(self.logs),
            tuple(self.witnesses),
            tuple(self.groups),
            self.quorum,
            self.charter,
            tuple(self.replaying),
        )

    def _fault(self, code: str, detail: str = "") -> Malformed:
        return Malformed(code, self.path, detail)

    def _line(self, items: list[str]) -> None:
        match items:
            case ["log", vkey, *url] if len(url) < 2:
                key = self._key(vkey, LOG_TYPES)
                if key.name in [witness.key.name for witness in self.witnesses]:
                    raise self._fault("trust.duplicate")
                if self.logs and key.name != self.logs[0].key.name:
                    raise self._fault(
                        "trust.logs", f"This log is {key.name}, and the first is {self.logs[0].key.name}."
                    )
                self.logs.append(Log(key, *url))
            case ["witness", name, vkey, *url] if len(url) < 2:
                self._define(name)
                key = self._key(vkey, WITNESS_TYPES)
                if key.name in [known.name for known in self._keys()]:
                    raise self._fault("trust.duplicate")
                self.witnesses.append(Witness(name, key, *url))
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise self._fault("trust.duplicate")
                if name != NONE and name not in self.names:
                    raise self._fault("trust.name")
                self.quorum = name
            case ["replays", *names] if names:
                for name in names:
                    if name not in [witness.name for witness in self.witnesses]:
                        raise self._fault("trust.name")
                    if name in self.replaying:
                        raise self._fault("trust.duplicate")
                    self.replaying.append(name)
            case ["charter", encoded]:
                if self.charter is not None:
                    raise self._fault("trust.duplicate")
                self.charter = self._charter(encoded)
            case _:
                raise self._fault("trust.line")

    def _keys(self) -> list[Verifier]:
        return [log.key for log in self.logs] + [witness.key for witness in self.witnesses]

    def _key(self, vkey: str, types: tuple[int, ...]) -> Verifier:
        try:
            key = note.parse_vkey(vkey)
        except Malformed as fault:
            raise self._fault("trust.key", fault.detail) from fault
        if key.type not in types:
            wanted = " or ".join(map(str, types))
            raise self._fault("trust.key", f"The key has type {key.type}; this line needs type {wanted}.")
        if key.key in [known.key for known in self._keys()]:
            raise self._fault("trust.duplicate")
        return key

    def _define(self, name: str) -> None:
        if name == NONE:
            raise self._fault("trust.name")
        if name in self.names:
            raise self._fault("trust.duplicate")
        self.names.add(name)

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        for member in members:
            if member not in self.names:
                raise self._fault("trust.name")
            if member in self.members:
                raise self._fault("trust.duplicate")
            self.members.add(member)
        if not _THRESHOLD.fullmatch(threshold) or (threshold.isdigit() and int(threshold) > len(members)):
            raise self._fault("trust.group")
        self._define(name)
        self.groups.append(Group(name, threshold, tuple(members)))

    def _charter(self, encoded: str) -> bytes:
        try:
            found = b64.decode_std(encoded)
        except ValueError:
            found = b""
        if len(found) != HASH_BYTES:
            raise self._fault("trust.charter")
        return found
