"""``oreline monitor``: follow a log, and be loud when something is wrong with it."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import orjson

from cli import files, options, output
from cli.errors import DOES_NOT_HOLD, NOT_CHECKED, Terminated
from cli.trustfile import trust_of
from cli.verify import duration
from cli.verify import interval as every
from ledger import evidencefile
from ledger.errors import EnvironmentFault, Problem, problem
from ledger.evidencefile import Fork
from ledger.monitoring.follow import follow, stalled
from ledger.monitoring.source import HttpSource
from ledger.monitoring.state import State, decode, encode
from ledger.monitoring.watch import Watch, parse_known
from ledger.quantity import counted, format_instant
from ledger.trust import Trust, Trusted

MAX_STATE = 1 << 20
Told = tuple[str, tuple[tuple[str, str], ...]]  # kind; code and path of each
BEGIN: Told = ("begin", ())
NOTHING: Told = ("", ())


@click.command("monitor")
@click.argument("url")
@options.trust
@click.option("--state", "state_file", metavar="FILE", help="Remember the last checkpoint there.")
@click.option("--party", metavar="ID", help="Watch what is recorded under this party's name.")
@click.option(
    "--known",
    metavar="FILE",
    help="The party's own events: an id on each line, or what `oreline post --json` printed. Others alarm.",
)
@click.option("--keys", is_flag=True, help="Alarm when a key of the party is registered or revoked.")
@click.option("--once", is_flag=True, help="Look once and leave, with an exit code.")
@click.option(
    "--interval", metavar="DURATION", default="60s", show_default=True, callback=every,
    help="How long to wait between two looks.",
)  # fmt: skip
@click.option(
    "--stall", metavar="DURATION", callback=duration, help="Alarm without a new checkpoint for so long."
)
@click.option(
    "--evidence",
    "folder",
    metavar="FOLDER",
    default=".",
    show_default=True,
    help="Write evidence files there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on each line.")
@click.pass_context
def command(
    context: click.Context,
    url: str,
    trust_file: str,
    state_file: str | None,
    party: str | None,
    known: str | None,
    keys: bool,
    once: bool,
    interval: int,
    stall: int | None,
    folder: str,
    as_json: bool,
) -> None:
    """Follow the log of the ledger that is served at URL, from outside.

    Each new checkpoint must be signed as the trust file wants it, extend the one before, and cover the
    entries that are served: all of them are read once. Alarms: a fork (with a file of evidence), a
    rollback, a stall, an entry or tile that does not belong there, a quorum that is missed, and what is
    recorded in the party's name without its knowledge.

    What cannot be reached is told and tried again, and is a stall in the end. Ends with ctrl-C.

    Exit code 0: all is well; 1: there were alarms; 2 (with --once): it could not be checked.
    """
    if (known or keys) and not party:
        raise click.UsageError("--known and --keys need --party.", context)
    if party and not known and not keys:
        raise click.UsageError("--party needs --known FILE, --keys or both.", context)
    monitor = Monitor(HttpSource(url), trust_of(trust_file), Path(folder), as_json)
    monitor.state_file = Path(state_file) if state_file else None
    monitor.party, monitor.known, monitor.keys = party, known, keys
    monitor.stall = stall * 1000 if stall is not None else None
    monitor.recall()
    with suppress(KeyboardInterrupt, Terminated):
        monitor.run(1 if once else None, lambda: time.sleep(interval))
    if not once and not as_json:
        output.say("stopped")
    context.exit(DOES_NOT_HOLD if monitor.alarmed else NOT_CHECKED if once and monitor.failed else 0)


class Monitor:
    """A log that is followed, and what was told of it."""

    def __init__(self, source: HttpSource, trust: Trust, folder: Path, as_json: bool) -> None:
        self.alarmed = False
        self.failed = False
        self.state: State | None = None
        self.state_file: Path | None = None
        self.party: str | None = None
        self.known: str | None = None
        self.keys = False
        self.stall: int | None = None
        self._source = source
        self._trust = trust
        self._folder = folder
        self._as_json = as_json
        self._told: Told = BEGIN

    def recall(self) -> None:
        """Begin where the state file ends."""
        if self.state_file is not None and self.state_file.exists():
            with files.named(str(self.state_file)):
                self.state = decode(files.read(str(self.state_file), MAX_STATE))

    def run(self, rounds: int | None, pause: Callable[[], None]) -> None:
        """So many looks (None: for ever), with a pause between two."""
        while True:
            self.look()
            if rounds is not None and (rounds := rounds - 1) == 0:
                return
            pause()

    def look(self) -> None:
        """One round. What is wrong is told once, until something else is."""
        now = options.now()
        self.failed = False
        try:
            with output.Progress("reading entries") as progress:
                found = follow(
                    self._source, self._trust, self.state, now,
                    watch=self._watch(), stall=self.stall, progress=progress,
                )  # fmt: skip
        except EnvironmentFault as fault:
            self.failed = True
            self._unread(problem(fault.code, fault.path, fault.detail), now)
            return
        told, fresh = self._told, found.state is not self.state
        alarms, evidence = list(found.alarms), None
        try:
            evidence = self._kept(found.evidence) if found.evidence is not None else None
        except EnvironmentFault as fault:  # a full disk keeps no alarm quiet; the next look tries again
            alarms.append(problem(fault.code, fault.path, fault.detail))
        self.alarmed |= bool(alarms)
        self._tell("alarm", alarms, now, evidence)
        if fresh and found.state is not None and self.state_file is not None:
            files.write(self.state_file, encode(found.state))
        self.state = found.state
        if found.trusted is not None and (fresh or (told != NOTHING and not alarms)):
            self._good(found.trusted, found.added, now)

    def _unread(self, fault: Problem, now: int) -> None:
        """The log could not be read. Who shuts the door must not keep a stall quiet."""
        late = stalled(self.state, now, self.stall)
        self.alarmed |= bool(late)
        why = f" Nor can the log be read: {fault.code} at {fault.path}: {fault.detail}"
        alarms = [one._replace(detail=one.detail + why) for one in late]
        self._tell("alarm" if late else "fault", alarms or [fault], now)

    def _watch(self) -> Watch | None:
        """What is watched for; the list is read anew each time, for it grows."""
        if not self.party:
            return None
        known = None
        if self.known:
            with files.named(self.known):
                known = parse_known(files.read_text(self.known, 1 << 28))
        return Watch(self.party, known, self.keys, frozenset(self.state.kids if self.state else ()))

    def _kept(self, evidence: Fork) -> Path:
        """The evidence file; one that is there already is the same."""
        data = evidencefile.encode(evidence)
        path = self._folder / evidencefile.file_name(evidencefile.FORK, data)
        if not path.exists():
            files.write(path, data)
        return path

    def _tell(self, kind: str, problems: Iterable[Problem], now: int, evidence: Path | None = None) -> None:
        rows = list(problems)
        told = kind, tuple((row.code, row.path) for row in rows)
        if not rows:
            self._told = NOTHING
        elif told != self._told:
            self._told = told
            for row in rows:
                more = {"evidence": str(evidence)} if evidence is not None else {}
                self._say({"kind": kind, **row.as_json(), **more}, now)
                if not self._as_json:
                    loud = "ALARM" if kind == "alarm" else "could not look"
                    output.note(f"{format_instant(now)}  {loud}: {row.code} at {row.path}: {row.detail}")
                    output.note(f"what to do: {row.remedy}")
                    if evidence is not None:
                        output.note(f"evidence: {evidence}")

    def _good(self, trusted: Trusted, added: int, now: int) -> None:
        names = [name for name, _ in trusted.witnesses]
        size = trusted.checkpoint.size
        self._say({"kind": "checkpoint", "size": size, "added": added, "witnesses": names}, now)
        if not self._as_json:
            cosigned = f"; cosigned by {', '.join(names)}" if names else ""
            output.say(f"{format_instant(now)}  {counted(size, 'entry', 'entries')}, {added:,} new{cosigned}")

    def _say(self, value: dict[str, Any], now: int) -> None:
        if self._as_json:
            click.echo(orjson.dumps({"time": format_instant(now), **value}))
